"""The file against what is kept: taken whole or not at all, asked about when it changes much, names used again (Y1, Y6, 2.15)."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from rig import SAMSUNG, Rig, fill, ordered, price, rule

from autotrader.domain.order import OrderStatus
from autotrader.domain.rule import Above, Percent, Rule, RuleId, Stop, Trail
from autotrader.domain.tick import InstrumentId
from autotrader.engine.events import Cancel, Edit, Pause, PlanRefused
from autotrader.engine.records import RequestId


def stop(name: str, at: int = 68000) -> Rule:
    return rule(name, Stop(price(at)), quantity=Decimal(1))


def counts(answer: dict[str, object]) -> dict[str, object]:
    result = answer["result"]
    assert isinstance(result, dict)
    return {key: value for key, value in result.items() if key != "templates" and value}


def loaded(*names: str) -> Rig:
    rig = Rig()
    assert rig.plan(*[stop(name) for name in names])["ok"]
    rig.prints("70000")
    return rig


def test_a_file_says_what_it_changed() -> None:
    rig = loaded("a", "b", "c")
    answer = rig.plan(stop("a"), stop("b", 67000), stop("d"))
    assert counts(answer) == {"added": 1, "changed": 1, "removed": 1, "unchanged": 1}
    assert [rig.state(name) for name in "abcd"] == ["watching", "watching", "cancelled", "watching"]
    assert (rig.level("b"), rig.engine.book.rules[RuleId("b")].version) == ("67000", 2)


def test_the_same_file_again_changes_nothing() -> None:
    rig = loaded("a", "b")
    rows = len(rig.store.journal)
    assert counts(rig.plan(stop("a"), stop("b"))) == {"unchanged": 2}
    assert len(rig.store.journal) == rows


def test_an_ended_rule_whose_text_is_unchanged_stays_ended() -> None:
    rig = loaded("a")
    rig.do(Cancel(RuleId("a")))
    assert counts(rig.plan(stop("a"))) == {"unchanged": 1}
    rig.crash()
    rig.recover()
    rig.plan(stop("a"))
    assert rig.prints("60000") == []


def test_an_ended_rule_whose_text_changed_is_a_new_generation_and_fires_again() -> None:
    rig = loaded("a")
    rig.prints("68000")
    rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 1)))
    rig.prints("70000")
    assert counts(rig.plan(stop("a", 67000))) == {"returning": 1}
    rig.prints("67000")
    assert [(shot.generation, shot.version) for shot in rig.shots] == [(1, 1), (2, 2)]


def test_a_name_removed_and_written_again_is_a_new_generation() -> None:
    rig = loaded("a", "b")
    rig.plan(stop("b"))
    assert counts(rig.plan(stop("a"), stop("b"))) == {"added": 1, "unchanged": 1}
    assert (rig.leg("a").generation, rig.state("a")) == (2, "watching")


def test_a_new_generation_starts_without_the_old_mark() -> None:
    rig = Rig()
    trail = rule("t", Trail(Percent(Decimal(3)), price(72000)))
    rig.plan(trail)
    rig.prints("70000 72000 80000")
    rig.plan(rule("other", Above(price(99999))))
    rig.prints("71000")
    rig.plan(trail)
    rig.later(0.25)
    rig.crash()
    rig.recover()
    assert (rig.mark("t"), rig.prints("70000")) == (None, [])


def test_a_pause_is_no_text_and_outlives_a_reload() -> None:
    rig = loaded("a")
    rig.do(Pause(RuleId("a")))
    rig.plan(stop("a"))
    assert rig.state("a") == "paused"
    rig.plan(stop("a", 67000))
    assert rig.state("a") == "paused"
    assert rig.prints("60000") == []


@pytest.mark.parametrize(
    ("before", "after", "pending"),
    [
        pytest.param("abc", "", False, id="all of three goes through"),
        pytest.param("abcd", "ab", False, id="half of four goes through"),
        pytest.param("abcd", "a", True, id="three of four are asked about"),
        pytest.param("abcde", "ab", True, id="three of five are asked about"),
        pytest.param("abcdef", "ABCdef", False, id="half of six changed goes through"),
        pytest.param("abcdef", "ABCDef", True, id="four of six changed are asked about"),
        pytest.param("abcdef", "abcdefgh", False, id="additions are never asked about"),
    ],
)
def test_a_change_of_more_than_half_waits_for_a_person(before: str, after: str, pending: bool) -> None:
    rig = loaded(*before)
    file = [stop(name.lower(), 68000 if name.islower() else 67000) for name in after]
    answer = rig.plan(*file)
    assert (answer.get("code") == "plan.pending") is pending
    assert rig.alert_codes().count("plan.pending") == int(pending)
    assert all(rig.state(name) == "watching" for name in before) if pending else answer["ok"]
    rig.plan(*file)
    assert rig.alert_codes().count("plan.pending") == int(pending)
    assert rig.plan(*file, confirmed=True)["ok"]
    alive = {name for name in {*before, *after.lower()} if rig.state(name) == "watching"}
    assert alive == set(after.lower())


def test_a_rule_in_flight_is_asked_about_and_keeps_the_text_it_fired_with() -> None:
    rig = loaded("a", "b")
    rig.prints("70000")
    rig.do(Cancel(RuleId("b")))
    rig.prints("68000")
    assert rig.plan(stop("a", 60000))["code"] == "plan.pending"
    assert rig.plan(stop("a", 60000), confirmed=True)["ok"]
    assert (rig.state("a"), rig.engine.book.rules[RuleId("a")].rule) == ("fired", stop("a"))
    assert "plan.left_alone" in rig.alert_codes()


@pytest.mark.parametrize(
    "bad",
    [
        pytest.param(replace(stop("x"), account="nobody"), id="unknown account"),
        pytest.param(replace(stop("x"), feed="nothing"), id="unknown feed"),
        pytest.param(replace(stop("x"), instrument=InstrumentId("MOON:1")), id="unknown market"),
        pytest.param(replace(stop("x"), until="91d"), id="beyond the cap"),
        pytest.param(replace(stop("x"), until="2099-01-01"), id="beyond the cap by date"),
    ],
)
def test_one_bad_rule_keeps_the_whole_last_good_set(bad: Rule) -> None:
    rig = loaded("a", "b", "c")
    before = dict(rig.engine.book.rules)
    answer = rig.plan(stop("a", 60000), stop("d"), bad)
    assert not answer["ok"]
    assert rig.engine.book.rules == before
    assert answer["code"] in rig.alert_codes()
    assert rig.prints("68000") == [("a", "68000"), ("b", "68000"), ("c", "68000")]


def test_mistakes_of_the_file_are_alerted_and_nothing_changes() -> None:
    rig = loaded("a")
    rig.tell(PlanRefused(("rules.yaml:3:1: no",), RequestId("q")))
    assert (rig.replies[RequestId("q")]["exit"], rig.state("a"), rig.alert_codes()) == (2, "watching", ["plan.refused"])


def test_a_live_rule_of_the_command_line_keeps_its_name_and_an_ended_one_gives_it_away() -> None:
    rig = Rig()
    rig.add(stop("a"))
    assert rig.plan(stop("a", 60000))["code"] == "plan.id_taken"
    rig.do(Cancel(RuleId("a")))
    assert counts(rig.plan(stop("a", 60000))) == {"added": 1}
    assert rig.leg("a").generation == 2


def test_a_rule_of_the_file_is_edited_in_the_file() -> None:
    rig = loaded("a")
    assert rig.do(Edit(stop("a", 60000), 1))["code"] == "rule.edit_in_file"
    assert rig.add(stop("a"))["code"] == "rule.exists"


def test_the_feed_is_told_the_whole_list_of_instruments() -> None:
    rig = loaded("a")
    hynix = InstrumentId("KRX:000660")
    assert rig.subscribed == {SAMSUNG}
    rig.plan(stop("a"), replace(stop("h"), instrument=hynix))
    assert rig.subscribed == {SAMSUNG, hynix}
    rig.plan(replace(stop("h"), instrument=hynix))
    assert rig.subscribed == {hynix}
