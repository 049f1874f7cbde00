"""Faults that a second hostile reading has found, each named after what went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from fakes import SECOND
from msgspec.structs import replace
from rig import MAIN, MONDAY, Day, Rig, fill, leg, legs, ordered, price, rule, statement

from autotrader.domain.order import OrderStatus
from autotrader.domain.rule import (
    Action,
    AlreadyMet,
    Amount,
    Confirm,
    OnPositionChange,
    OrderSpec,
    OrderType,
    Percent,
    ProfitRate,
    Rearm,
    Rule,
    RuleId,
    Stop,
    Target,
    Trail,
)
from autotrader.engine.events import Adjust, Cancel, Decision, Edit, Pause, Resolve, Resume
from autotrader.engine.records import TradingState

R = RuleId("r")
HALF = Decimal(50)
TRAIL = Trail(Amount(Decimal(500)))


class TestAMarkAfterARefusal:
    """What is refused changes nothing: the mark that had moved before it is on disk with the next flush all the same."""

    @pytest.mark.parametrize(
        "ask",
        [
            pytest.param(lambda rig: rig.do(Edit(rule("r", Stop(price(80_000))), 1)), id="an edit"),
            pytest.param(lambda rig: rig.do(Adjust(R, 1, 5)), id="an adjust"),
            pytest.param(lambda rig: rig.plan(rule("r", TRAIL), replace(rule("u", TRAIL), account="nobody")), id="a file"),
        ],
    )
    @pytest.mark.parametrize("flushed_before", [True, False])
    def test_is_kept(self, ask: Any, flushed_before: bool) -> None:
        rig = Rig()
        rig.add(rule("r", TRAIL))
        rig.tick(70_000)
        if flushed_before:
            rig.later(0.3)
        rig.tick(72_000)
        rig.tick(71_900)
        assert not ask(rig)["ok"]
        rig.later(0.3)
        rig.crash()
        rig.recover()
        assert (rig.mark("r"), rig.level("r")) == (72_000, "71500")


class TestAConfirmationAfterAnEdit:
    """What was confirmed of the old words is not confirmed of the new ones."""

    def begun(self, prints: str, trigger: Any, confirm: Confirm) -> Rig:
        rig = Rig()
        rig.add(rule("r", trigger, confirm=confirm))
        rig.prints(prints)
        return rig

    def test_of_another_level(self) -> None:
        rig = self.begun("70000 71000 72000", Target(price(71_000)), Confirm(prints=3))
        assert rig.do(Edit(rule("r", Target(price(72_500)), confirm=Confirm(prints=3)), 1))["ok"]
        assert rig.prints("72500 72500") == []
        assert rig.prints("72500") == [("r", "72500")]

    def test_from_prints_to_a_while(self) -> None:
        rig = self.begun("70000 69000", Stop(price(69_000)), Confirm(prints=3))
        assert rig.do(Edit(rule("r", Stop(price(69_000)), confirm=Confirm(span=60 * SECOND)), 1))["ok"]
        rig.later(0.2)
        assert rig.fires == []

    def test_after_a_split(self) -> None:
        rig = self.begun("70000 71600", Trail(Percent(Decimal(2))), Confirm(span=2 * SECOND))
        assert rig.do(Adjust(R, 2, 1))["ok"]
        rig.later(2.5)
        assert (rig.mark("r"), rig.fires) == (35_000, [])


class TestARuleThatBeginsAgainOnAPrint:
    """Its legs that had ended are known by rule as all others are: what ends the rule ends them."""

    def again(self, *parts: Any, **changes: Any) -> Rig:
        rig = Rig()
        rig.add(self.text(*parts, **changes))
        rig.tick(70_000)
        return rig

    def text(self, *parts: Any, **changes: Any) -> Rule:
        return legs(*parts, rearm=Rearm(5, 0, Percent(Decimal("0.1"))), **changes)

    @pytest.mark.parametrize("changes", [{"action": Action.ALERT}, {"shadow": True}])
    def test_a_cancel_ends_them_all(self, changes: dict[str, Any]) -> None:
        near, far = leg(Target(price(71_000)), "near", share=HALF), leg(Target(price(72_000)), "far", share=HALF)
        rig = self.again(near, far, leg(Stop(price(69_000))), **changes)
        rig.tick(71_000)
        rig.do(Pause(R))
        rig.do(Resume(R))
        rig.prints("68900 70000")
        assert rig.leg("r", "near").generation == 2
        rig.do(Cancel(R))
        fired = len(rig.fires)
        assert (rig.prints("71000 72000 68000"), len(rig.fires)) == ([], fired)
        assert {kept.status.value for kept in rig.engine.book.legs_of(R)} == {"cancelled"}

    def test_an_edit_that_drops_one_ends_it(self) -> None:
        far, stop = leg(Target(price(72_000)), "far", share=HALF), leg(Stop(price(69_000)))
        rig = self.again(leg(TRAIL, share=HALF), far, stop, action=Action.ALERT)
        rig.tick(69_500)
        rig.do(Pause(R))
        rig.do(Resume(R))
        rig.prints("69000 70500")
        assert rig.do(Edit(self.text(far, stop, action=Action.ALERT), rig.record("r").version))["ok"]
        assert rig.prints("69900 69000") == [("r", "69000")]


def test_a_cost_that_is_frozen_while_nobody_knows_it_is_frozen_as_it_becomes_known() -> None:
    rig = Rig(says=statement(10, cost=700_000))
    rig.add(rule("r", Stop(ProfitRate(Decimal(-5)))))
    rig.tick(70_000)
    rig.stated(statement(10, cost=0))
    assert rig.do(Edit(rule("r", Stop(ProfitRate(Decimal(-5))), on_position_change=OnPositionChange.FREEZE), 1))["ok"]
    rig.stated(statement(10, cost=700_000))
    assert rig.level("r") == "66500"
    rig.stated(statement(20, cost=1_200_000))
    assert rig.level("r") == "66500"
    assert rig.prints("66500") == [("r", "66500")]


class TestWhatALegHasTakenOfItsShare:
    """A target of a half, of which the close has left a part: 4 of 5 are sold."""

    def left(self) -> Day:
        day = Day("10:00:00")
        order = OrderSpec(OrderType.LIMIT, Decimal(78_000))
        day.add(legs(leg(Target(price(77_000)), share=HALF, order=order), leg(Stop(price(66_000))), rearm_next_session=True))
        day.at("10:00:01", 70_000)
        day.at("10:00:05", 77_000)
        day.accept()
        day.clock("15:31:00")
        day.report(ordered(day.places[-1], OrderStatus.EXPIRED, fill(1, 4, 78_000)), says=statement(96))
        return day

    def sold_on(self, day: Day, at: int) -> int:
        day.clock("09:00:05", MONDAY)
        day.at("09:00:05", at - 100)
        day.at("09:00:06", at)
        return int(day.places[-1].quantity)

    def test_follows_a_split(self) -> None:
        day = self.left()
        day.stated(statement(192, cost=96 * 70_000))
        assert day.do(Adjust(R, 2, 1))["ok"]
        assert self.sold_on(day, 38_500) == 2

    def test_begins_anew_with_another_quantity(self) -> None:
        day = self.left()
        text = day.record("r").rule
        assert day.do(Edit(replace(text, quantity=Decimal(16)), day.record("r").version))["ok"]
        assert self.sold_on(day, 77_000) == 8

    def test_is_known_after_a_restart(self) -> None:
        day = self.left()
        day.crash()
        day.recover(MAIN, says=statement(96))
        assert self.sold_on(day, 77_000) == 1


def test_the_print_that_crosses_moves_no_mark_that_wants_a_confirmation() -> None:
    rig = Rig()
    trail = Trail(Amount(Decimal(500)), start=Decimal(72_000))
    rig.plan(rule("r", trail, confirm=Confirm(prints=3), already_met=AlreadyMet.WAIT_CROSS))
    rig.prints("70000 90000")
    assert (rig.state("r"), rig.mark("r")) == ("watching", 72_000)


def test_a_halt_of_another_market_breaks_off_no_confirmation() -> None:
    day = Day("10:00:00")
    day.add(rule("r", Stop(price(69_000)), confirm=Confirm(span=10 * SECOND)))
    day.at("10:00:01", 70_000)
    day.at("10:00:05", 68_900)
    day.trading(TradingState.HALT, venue="US", instrument="")
    day.clock("10:00:16")
    day.later(0)
    assert day.fires == [("r", "68900")]


class TestAConsentToFireHoweverFar:
    def given(self, trigger: Any, **changes: Any) -> Rig:
        rig = Rig(says=statement(10, cost=700_000))
        rig.add(rule("r", trigger, gap_guard=Decimal(1), **changes))
        rig.prints("72000 60000")
        assert rig.state("r") == "held"
        assert rig.do(Resolve("r/stop", Decision.FIRE))["ok"]
        return rig

    def test_is_not_one_for_the_level_of_an_edit(self) -> None:
        rig = self.given(Stop(price(70_000)))
        assert rig.do(Edit(rule("r", Stop(price(59_000)), gap_guard=Decimal(1)), 1))["ok"]
        assert (rig.prints("50000"), rig.state("r"), rig.reason("r")) == ([], "held", "held.gap")

    def test_stays_while_nobody_knows_the_level(self) -> None:
        rig = self.given(Stop(ProfitRate(Decimal(-5))))
        rig.stated(statement(10, cost=0))
        rig.tick(60_000)
        rig.stated(statement(10, cost=700_000))
        assert rig.prints("60000") == [("r", "60000")]
