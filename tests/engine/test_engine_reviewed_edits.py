"""Faults of arming, resuming and editing that a hostile reading of the engine has found, each named after what went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from rig import FRIDAY, MONDAY, Day, Rig, fill, ordered, price, rule

from autotrader.domain.order import OrderStatus
from autotrader.domain.rule import AlreadyMet, Amount, Preserve, Rearm, Rebound, Rule, RuleId, Stop, TimeExit, Trail
from autotrader.engine.events import Pause, Resume

RULE = RuleId("r")
THOUSAND = Amount(Decimal(1000))
FROM_72 = Trail(THOUSAND, start=Decimal(72_000))


def at_70(*texts: Rule) -> Rig:
    """Return a rig whose rules are added on the command line at 70,000."""
    rig = Rig()
    rig.add(rule("other", Stop(price(1))))
    rig.tick(70_000)
    for text in texts:
        assert rig.add(text)["ok"]
    return rig


class TestATrailWithAStartThatIsMetAsItIsArmed:
    def test_with_wait_cross_it_follows_from_the_print_that_is_over_its_level(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72, already_met=AlreadyMet.WAIT_CROSS))
        assert rig.prints("70000 70999 71000") == []
        assert (rig.state("r"), rig.reason("r"), rig.level("r")) == ("waiting", "waiting.cross", "71000")
        assert rig.prints("71001") == []
        assert (rig.state("r"), rig.mark("r")) == ("watching", Decimal(72_000))
        assert rig.prints("73000 72001 72000") == [("r", "72000")]

    def test_a_print_that_crosses_far_over_the_mark_moves_it_and_that_is_kept_at_once(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72, already_met=AlreadyMet.WAIT_CROSS))
        rig.prints("70000 75000")
        assert rig.mark("r") == Decimal(75_000)
        rig.crash()
        rig.recover()
        assert rig.prints("74000") == [("r", "74000")]

    def test_a_restart_before_it_has_crossed_loses_nothing(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72, already_met=AlreadyMet.WAIT_CROSS))
        rig.prints("70000")
        rig.crash()
        rig.recover()
        assert rig.prints("70500 71500 71000") == [("r", "71000")]

    def test_a_rebound_is_its_mirror(self) -> None:
        rig = Rig()
        rig.plan(rule("r", Rebound(THOUSAND, start=Decimal(69_000)), already_met=AlreadyMet.WAIT_CROSS))
        assert rig.prints("70500 70000 69500 68000 68999 69000") == [("r", "69000")]

    def test_paused_before_its_first_price_it_watches_once_it_is_resumed(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72))
        rig.do(Pause(RULE))
        rig.prints("70000")
        assert rig.mark("r") == Decimal(72_000)
        assert rig.do(Resume(RULE))["code"] == "already_met"
        rig.prints("71500")
        assert rig.do(Resume(RULE))["ok"]
        assert rig.prints("73000 72000") == [("r", "72000")]

    def test_paused_and_with_wait_cross_it_crosses_while_it_is_paused(self) -> None:
        rig = Rig()
        rig.plan(rule("r", FROM_72, already_met=AlreadyMet.WAIT_CROSS))
        rig.do(Pause(RULE))
        rig.prints("70000 71500")
        assert rig.do(Resume(RULE))["ok"]
        assert rig.prints("71000") == [("r", "71000")]

    def test_a_resumed_one_that_is_over_its_mark_as_it_crosses_takes_that_price(self) -> None:
        rig = at_70(rule("r", Trail(THOUSAND), already_met=AlreadyMet.WAIT_CROSS))
        rig.do(Pause(RULE))
        rig.prints("68000")
        rig.do(Resume(RULE))
        rig.prints("72000")
        assert rig.mark("r") == Decimal(72_000)

    def test_one_that_begins_again_waits_until_the_price_is_the_hysteresis_over_its_level(self) -> None:
        rig = at_70()
        rig.prints("73000")
        rig.add(rule("r", FROM_72, quantity=Decimal(1), rearm=Rearm(3, 0, Amount(Decimal(100)))))
        assert rig.prints("72000") == [("r", "72000")]
        rig.accept()
        rig.report(ordered(rig.places[-1], OrderStatus.FILLED, fill(1, 1, 72_000)))
        assert rig.prints("70900 71050 71000") == []
        assert (rig.state("r"), rig.mark("r")) == ("waiting", Decimal(72_000))
        assert rig.prints("71100 71000") == [("r", "71000")]


@pytest.mark.parametrize("over", [True, False])
def test_a_preserve_that_has_begun_again_and_is_resumed_under_its_floor_crosses_upwards(over: bool) -> None:
    text = rule("r", Preserve(price(75_000), price(73_000)), quantity=Decimal(1), rearm=Rearm(3, 0, Amount(Decimal(100))))
    rig = at_70(text)
    assert rig.prints("75000 73000") == [("r", "73000")]
    rig.accept()
    rig.report(ordered(rig.places[-1], OrderStatus.FILLED, fill(1, 1, 73_000)))
    rig.prints("74000 75000")
    rig.do(Pause(RULE))
    rig.prints("72000")
    assert rig.do(Resume(RULE))["ok"]
    rig.prints("73100" if over else "73050")
    assert rig.prints("73000") == ([("r", "73000")] if over else [])


NOON = "12:00"


class TestATimeThatHasPassedWhileItsRuleWasPaused:
    def paused(self, **changes: Any) -> Day:
        """Return a day on which an exit at noon was paused before and is looked at again after it."""
        day = Day("11:00:00")
        day.tick(70_000)
        assert day.add(rule("r", TimeExit(NOON), **changes))["ok"]
        day.later(1)
        day.do(Pause(RULE))
        day.at("12:30:00", 70_000)
        return day

    def test_does_not_fire_as_it_is_resumed_but_is_refused_and_says_why(self) -> None:
        day = self.paused()
        answer = day.do(Resume(RULE))
        assert (answer["code"], answer["exit"], answer["params"]["due"]) == ("already_due", 5, f"{FRIDAY} 12:00:00")
        day.later(1)
        assert (day.state("r"), day.fires) == ("paused", [])

    def test_fires_late_where_the_rule_says_so(self) -> None:
        day = self.paused(already_met=AlreadyMet.FIRE)
        assert day.do(Resume(RULE))["ok"]
        day.later(1)
        assert [shot.late for shot in day.shots] == [True]

    def test_waits_for_its_next_time_with_wait_cross(self) -> None:
        day = self.paused(already_met=AlreadyMet.WAIT_CROSS)
        assert day.do(Resume(RULE))["ok"]
        day.later(1)
        assert (day.state("r"), day.fires) == ("watching", [])
        day.clock("11:59:59", MONDAY)
        day.at("11:59:59", 70_000)
        day.later(2)
        assert [fired for fired, _ in day.fires] == ["r"]

    def test_one_whose_time_is_still_to_come_is_resumed(self) -> None:
        day = Day("11:00:00")
        day.tick(70_000)
        day.add(rule("r", TimeExit(NOON)))
        day.later(1)
        day.do(Pause(RULE))
        assert day.do(Resume(RULE))["ok"]
        assert day.state("r") == "watching"
