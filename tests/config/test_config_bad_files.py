"""Every wrong file is refused in exactly the words of the table, all mistakes at once and in the order of the file."""

import pytest
from bad_files import BAD_FILES, TODAY
from bad_language import BAD_LANGUAGE

from autotrader.config.load import load_text
from autotrader.messages import ENGLISH

BAD = [*BAD_FILES, *BAD_LANGUAGE]


@pytest.mark.parametrize(("text", "sentences"), [pytest.param(text, sentences, id=cause) for cause, text, sentences in BAD])
def test_a_wrong_file_is_refused_in_these_words(text: str, sentences: list[str]) -> None:
    loaded = load_text(text, "config.yaml", TODAY)
    assert [mistake.sentence() for mistake in loaded.mistakes] == sentences
    assert loaded.settings is None


def test_the_table_has_many_files_of_many_causes() -> None:
    codes = {mistake.code for _, text, _ in BAD for mistake in load_text(text, "config.yaml", TODAY).mistakes}
    assert len(BAD) >= 100
    assert len(codes) >= 70


ELSEWHERE = {
    *("config.mistakes", "config.too_many", "config.no_file", "config.directory", "config.not_a_file", "config.unreadable"),
    *(
        "config.too_big",
        "config.not_utf8",
        "config.too_deep",
        "config.too_many_nodes",
        "config.too_many_entries",
        "config.child_timeout",
        "config.child_died",
    ),
    *("config.changed_meanwhile", "config.no_such_rule", "config.edit_invalid", "config.edit_strays"),
    *(
        "config.trail_may_lose",
        "config.template_elsewhere",
        "config.limit_off_tick",
        "config.leg_level_off_tick",
        "config.note_too_long",
        "config.order_substituted",
    ),
    *(
        "config.unverified_hours",
        "config.unverified_hours_on",
        "config.unverified_kind",
        "config.unverified_step",
        "config.unverified_cost",
    ),
    *("config.uncertain_closed", "config.uncertain_open", "config.uncertain_special", "config.calendar_ends"),
    "config.option_net_idle",
}
"""Codes that other tests of this directory provoke: a file of this table cannot show them, or shows them no better."""


def test_every_sentence_about_a_file_has_a_file_that_provokes_it() -> None:
    codes = {mistake.code for _, text, _ in BAD for mistake in load_text(text, "config.yaml", TODAY).mistakes}
    assert {code for code in ENGLISH if code.startswith("config.")} == {code for code in codes | ELSEWHERE if code.startswith("config.")}
    assert not codes & ELSEWHERE
