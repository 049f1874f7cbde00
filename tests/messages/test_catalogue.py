"""The catalogue: every code once, every sentence with parameters that it can be given, Korean where people need it most."""

from string import Formatter

import pytest

from autotrader.engine.lifecycle import LEG_LIFE
from autotrader.engine.records import LegStatus
from autotrader.errors import UserMistake
from autotrader.messages import _AREAS, ENGLISH, KOREAN, say


def names(pattern: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(pattern) if name is not None}


def test_no_code_is_said_in_two_areas() -> None:
    assert sum(len(area.ENGLISH) for area in _AREAS) == len(ENGLISH)


@pytest.mark.parametrize("code", sorted(ENGLISH))
def test_a_sentence_has_named_parameters_only_and_some_words(code: str) -> None:
    found = names(ENGLISH[code])
    assert "" not in found and all(name.isidentifier() for name in found)
    assert ENGLISH[code].strip()


@pytest.mark.parametrize("code", sorted(KOREAN))
def test_a_korean_sentence_says_nothing_that_the_english_one_is_not_told(code: str) -> None:
    assert names(KOREAN[code]) <= names(ENGLISH[code])
    assert KOREAN[code] != ENGLISH[code]


@pytest.mark.parametrize("status", LegStatus)
def test_every_state_has_its_word_in_both_languages(status: LegStatus) -> None:
    assert f"state.{status.value}" in ENGLISH
    assert f"state.{status.value}" in KOREAN


@pytest.mark.parametrize("late", ["", ".late"])
@pytest.mark.parametrize("kind", ["stop", "target", "trail", "above", "below", "rebound"])
def test_every_fire_is_told_in_both_languages(kind: str, late: str) -> None:
    params = dict.fromkeys(names(ENGLISH[f"fired.{kind}{late}"]), "7")
    assert say(f"fired.{kind}{late}", params) != say(f"fired.{kind}{late}", params, "ko")


def test_a_code_without_korean_is_said_in_english() -> None:
    code = next(code for code in ENGLISH if code not in KOREAN and not names(ENGLISH[code]))
    assert say(code, {}, "ko") == ENGLISH[code]


def test_an_error_reads_as_its_sentence_and_keeps_its_code() -> None:
    error = UserMistake("rule.unknown", rule="x")
    assert (error.code, error.params, "'x'" in str(error)) == ("rule.unknown", {"rule": "x"}, True)


def test_a_signal_of_every_move_can_be_put_into_words() -> None:
    for status, signal in LEG_LIFE:
        assert signal.value.replace("_", " ") in say(
            "leg.illegal", {"signal": signal.value.replace("_", " "), "subject": "r/stop", "status": status.value}
        )
