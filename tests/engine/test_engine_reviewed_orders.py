"""Faults of orders and of what follows them that a hostile reading of the engine has found, each named after what went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from fakes import SECOND
from msgspec.structs import replace
from rig import FRIDAY, MAIN, MONDAY, SAMSUNG, Day, Rig, fill, leg, legs, ordered, price, rule, statement

from autotrader.domain.order import OrderStatus
from autotrader.domain.rule import (
    Above,
    Amount,
    Leg,
    OrderSpec,
    OrderType,
    Peg,
    PegTo,
    Percent,
    Rule,
    Side,
    Stop,
    Target,
    Then,
    TimeInForce,
    Trail,
    Unfilled,
    UnfilledAction,
)
from autotrader.domain.tick import Quote
from autotrader.engine.events import Cancel
from autotrader.engine.records import TradingState

HALF = Decimal(50)
AT_78 = OrderSpec(OrderType.LIMIT, Decimal(78_000))
TARGET = leg(Target(price(77_000)), order=AT_78)
NO_OFFSET = Amount(Decimal(0))


def states(rig: Rig) -> dict[str, str]:
    return {kept.leg: kept.status.value for kept in rig.engine.book.legs_of(rig.record("r").rule.id)}


def sent(rig: Rig) -> list[tuple[str, int]]:
    return [(request.intent, int(request.quantity)) for request in rig.places]


class TestTwoStopsBesideARestingTarget:
    """The target's order holds everything when the stop of a part fires: what comes back must stay watched."""

    def met(self, second: Leg, at: int) -> Rig:
        rig = Rig()
        rig.add(legs(leg(Stop(price(66_000)), "near", share=HALF), second, TARGET))
        rig.prints("70000 77000")
        rig.accept()
        rig.tick(at)
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED), says=statement(10))
        return rig

    def test_the_stop_of_the_rest_goes_on(self) -> None:
        rig = self.met(leg(Stop(price(64_000)), "far"), 66_000)
        assert sent(rig) == [("r/target/1/1", 10), ("r/near/1/1", 5)]
        assert states(rig) == {"near": "fired", "far": "watching", "target": "superseded"}
        rig.accept()
        rig.report(ordered(rig.places[1], OrderStatus.FILLED, fill(1, 5)), says=statement(5))
        rig.tick(64_000)
        assert sent(rig)[2:] == [("r/far/1/1", 5)]

    def test_a_fall_through_both_sells_both_shares(self) -> None:
        rig = self.met(leg(Stop(price(64_000)), "far", share=HALF), 60_000)
        rig.accept()
        rig.report(ordered(rig.places[1], OrderStatus.FILLED, fill(1, 5)), says=statement(5))
        rig.later(1)
        assert sorted(sent(rig)[1:]) == [("r/far/1/1", 5), ("r/near/1/1", 5)]

    def test_they_end_when_the_target_has_sold_all_meanwhile(self) -> None:
        rig = Rig()
        rig.add(legs(leg(Stop(price(66_000)), "near", share=HALF), leg(Stop(price(64_000)), "far"), TARGET))
        rig.prints("70000 77000")
        rig.accept()
        rig.tick(66_000)
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)), says=statement(0))
        assert states(rig) == {"near": "superseded", "far": "superseded", "target": "done"}
        assert len(rig.places) == 1


class TestAnOrderThatStandsWhereItWouldGo:
    """Without quotes the last price stands for them, and an order that rests at it has no better place to go."""

    def resting(self, unfilled: Unfilled | None) -> Rig:
        rig = Rig()
        rig.add(legs(leg(Stop(price(66_000)), limit_offset=Amount(Decimal(100))), unfilled=unfilled))
        rig.prints("70000 66000")
        rig.accept()
        rig.tick(65_900)
        return rig

    @pytest.mark.parametrize(
        ("unfilled", "quiet", "due"),
        [
            pytest.param(None, 235, 245, id="the default: three steps of a minute, then the market"),
            pytest.param(Unfilled(30 * SECOND, UnfilledAction.REPRICE, 1, 3, UnfilledAction.MARKET), 115, 125, id="the owner's"),
        ],
    )
    def test_it_becomes_a_market_order_when_its_steps_have_passed(self, unfilled: Unfilled | None, quiet: int, due: int) -> None:
        rig = self.resting(unfilled)
        rig.later(quiet)
        assert not rig.withdrawals
        rig.later(due - quiet)
        assert len(rig.withdrawals) == 1
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED))
        rig.later(1)
        assert [(request.type.value, request.price) for request in rig.places] == [("limit", 65_900), ("market", None)]

    def test_a_last_step_that_keeps_it_is_told_once(self) -> None:
        rig = self.resting(Unfilled(30 * SECOND, UnfilledAction.REPRICE, 1, 1, UnfilledAction.KEEP))
        for _ in range(10):
            rig.later(30)
        assert (rig.alert_codes().count("unfilled.kept"), rig.withdrawals) == (1, [])


class TestWhatTheCloseLeaves:
    def left(self, day: Day, *fills: Any) -> None:
        """Let the close leave the newest order."""
        day.clock("15:31:00")
        day.report(ordered(day.places[-1], OrderStatus.EXPIRED, *fills))

    def test_a_stop_at_the_break_even_stays_there(self) -> None:
        day = Day("10:00:00")
        target = leg(Target(price(77_000)), share=HALF, then=Then.STOP_TO_BREAKEVEN)
        day.add(legs(target, leg(Stop(price(66_000)), limit_offset=NO_OFFSET), rearm_next_session=True))
        day.at("10:00:01", 74_000)
        day.at("10:00:05", 77_000)
        day.accept()
        day.report(ordered(day.places[-1], OrderStatus.FILLED, fill(1, 5, 77_000)), says=statement(95))
        level = day.level("r", "stop")
        assert level is not None and Decimal(level) > 70_000
        day.at("15:00:00", 70_000)
        day.accept()
        self.left(day)
        assert day.level("r", "stop") == level
        day.clock("09:00:05", MONDAY)
        assert day.at("09:00:05", 69_000) == [("r", "69000")]

    def test_a_trail_keeps_its_mark_and_sells_on_the_first_price_that_still_meets_it(self) -> None:
        day = Day("10:00:00")
        day.add(legs(leg(Trail(Percent(Decimal(3))), limit_offset=NO_OFFSET), rearm_next_session=True))
        day.at("10:00:01", 70_000)
        day.at("10:00:05", 80_000)
        day.at("15:18:00", 77_600)
        day.accept()
        self.left(day)
        assert day.mark("r") == 80_000
        day.crash()
        day.recover(MAIN)
        day.clock("09:00:05", MONDAY)
        assert day.at("09:00:05", 75_000) == [("r", "75000")]

    def test_a_target_of_a_part_sells_the_rest_of_its_part_and_no_more(self) -> None:
        day = Day("10:00:00")
        day.add(legs(leg(Target(price(77_000)), share=HALF, order=AT_78), leg(Stop(price(66_000))), rearm_next_session=True))
        day.at("10:00:01", 70_000)
        day.at("10:00:05", 77_000)
        day.accept()
        self.left(day, fill(1, 4, 78_000))
        day.clock("09:00:05", MONDAY)
        day.at("09:00:05", 77_000)
        assert sent(day)[1:] == [("r/target/2/1", 1)]

    def entry(self, monday: int, **changes: Any) -> Day:
        day = Day("10:00:00", FRIDAY)
        text = legs(leg(Above(price(71_000))), side=Side.BUY, order=OrderSpec(OrderType.LIMIT, Decimal(71_000)), **changes)
        day.add(replace(text, rearm_next_session=True))
        day.at("10:00:01", 70_000)
        day.at("10:00:05", 71_000)
        day.accept()
        self.left(day, fill(1, 4, 71_000))
        day.clock("09:00:05", MONDAY)
        day.at("09:00:05", monday)
        return day

    def test_an_entry_buys_the_rest_though_it_is_met_as_it_is_armed(self) -> None:
        day = self.entry(71_500)
        assert sent(day)[1:] == [("r/above/2/1", 6)]

    def test_an_entry_that_has_gapped_over_night_asks_first(self) -> None:
        day = self.entry(80_000)
        assert (sent(day)[1:], day.state("r"), day.reason("r")) == ([], "held", "held.gap")


class TestAStopAtTheBreakEven:
    def text(self) -> Rule:
        target = leg(Target(price(77_000)), share=HALF, then=Then.STOP_TO_BREAKEVEN, order=AT_78)
        return legs(target, leg(Stop(price(66_000))))

    def test_it_moves_when_the_target_fills_after_its_cancel_too(self) -> None:
        rig = Rig()
        rig.add(self.text())
        rig.prints("70000 77000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED))
        assert rig.level("r", "stop") == "66000"
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5, 78_000)), says=statement(95))
        level = rig.level("r", "stop")
        assert level is not None and Decimal(level) > 70_000

    def test_it_follows_the_average_cost_though_it_was_written_as_a_price(self) -> None:
        rig = Rig()
        rig.add(self.text())
        rig.prints("70000 77000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5, 78_000)), says=statement(95))
        rig.stated(statement(95, cost=95 * 74_000))
        assert rig.prints("74100") == [("r", "74100")]


class TestAnOrderDecidedWhileTradingStands:
    """What is decided in a halt leaves only when the first print after it still wants it."""

    def claimed(self) -> Day:
        day = Day("10:00:00")
        day.add(legs(TARGET, leg(Stop(price(66_000)))))
        day.at("10:00:01", 70_000)
        day.at("10:00:05", 77_000)
        day.accept()
        day.at("10:00:10", 66_000)
        day.trading(TradingState.HALT)
        day.report(ordered(day.places[0], OrderStatus.CANCELLED))
        day.trading(TradingState.OPEN)
        day.later(1)
        assert len(day.places) == 1
        return day

    @pytest.mark.parametrize(("first", "orders"), [(65_000, 2), (70_000, 1)])
    def test_a_stop_that_waited_for_its_siblings_order(self, first: int, orders: int) -> None:
        day = self.claimed()
        day.at("10:00:20", first)
        day.later(1)
        assert len(day.places) == orders

    def test_the_rest_of_an_order_that_may_not_rest(self) -> None:
        day = Day("10:00:00")
        day.add(legs(leg(Stop(price(66_000))), order=OrderSpec(OrderType.MARKET, tif=TimeInForce.IOC)))
        day.at("10:00:01", 70_000)
        day.at("10:00:05", 66_000)
        day.accept()
        day.trading(TradingState.HALT)
        day.report(ordered(day.places[0], OrderStatus.CANCELLED, fill(1, 4)), says=statement(96))
        day.trading(TradingState.OPEN)
        day.later(5)
        assert len(day.places) == 1
        day.at("10:00:20", 65_000)
        day.later(1)
        assert sent(day) == [("r/stop/1/1", 10), ("r/stop/1/2", 6)]


class TestABuyOfWhichOnlyTheQuantityIsTold:
    """Not every broker tells each execution: what is filled only grows, and the exits grow with it (safety U8)."""

    def bought(self, filled: int, status: OrderStatus = OrderStatus.PARTIAL) -> Rig:
        rig = Rig(says=statement(0))
        rig.add(self.text())
        rig.prints("70000 71000")
        rig.accept()
        rig.report(replace(ordered(rig.places[0], status), filled=Decimal(filled)), says=statement(filled))
        return rig

    def text(self) -> Rule:
        return rule("e", Above(price(71_000)), exits=(leg(Stop(price(66_000))),))

    def test_its_exits_begin(self) -> None:
        rig = self.bought(4)
        assert rig.record("e-exits").rule.quantity == 4

    def test_its_exits_grow_once(self) -> None:
        rig = self.bought(4)
        for _ in range(2):
            rig.report(replace(ordered(rig.places[0], OrderStatus.FILLED), filled=Decimal(10)), says=statement(10))
        assert rig.record("e-exits").rule.quantity == 10

    def test_what_is_filled_after_a_cancel_is_protected_too(self) -> None:
        rig = self.bought(4)
        rig.do(Cancel(rig.record("e").rule.id))
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED, fill(1, 4)))
        rig.report(replace(ordered(rig.places[0], OrderStatus.FILLED), filled=Decimal(10)), says=statement(10))
        assert rig.record("e-exits").rule.quantity == 10


def test_a_mark_that_moved_is_kept_though_a_sibling_fired_on_the_same_print() -> None:
    rig = Rig()
    rig.add(legs(leg(Target(price(51_000)), share=HALF), leg(Trail(Amount(Decimal(1_000)), activate=price(50_500)))))
    rig.prints("50000 50500 51000")
    rig.later(0.2)
    assert rig.mark("r", "trail") == 51_000
    rig.crash()
    assert rig.mark("r", "trail") == 51_000


class TestAPriceBesideABestOne:
    def bought(self, quoted_at: int, *, first: str = "70000") -> Decimal | None:
        """Return the limit of a buy at the best ask, which a print has left behind, or not."""
        rig = Rig()
        rig.add(rule("r", Above(price(72_000)), gap_guard=Decimal(0), order=OrderSpec(OrderType.LIMIT, peg=Peg(PegTo.ASK, 1))))
        rig.tick(first)
        at = quoted_at and rig.now + quoted_at
        rig.tell(Quote(SAMSUNG, Decimal(70_000), Decimal(1), Decimal(70_100), Decimal(1), at))
        rig.tick(74_000)
        return rig.places[0].price

    @pytest.mark.parametrize("quoted_at", [0, -1])
    def test_one_that_the_print_has_traded_through_is_not_believed(self, quoted_at: int) -> None:
        assert self.bought(quoted_at) == 74_100

    def test_one_that_is_newer_than_the_print_is(self) -> None:
        assert self.bought(5 * SECOND) == 70_200


class TestCancelSaysWhatItEnded:
    def notes(self, rig: Rig) -> list[str]:
        return [note["code"] for note in rig.do(Cancel(rig.record("r").rule.id))["result"]["notes"]]

    def half_sold(self, status: OrderStatus) -> Rig:
        rig = Rig()
        rig.add(legs(leg(Target(price(77_000)), share=HALF, order=AT_78), leg(Stop(price(66_000)))))
        rig.prints("70000 77000")
        rig.accept()
        if status is OrderStatus.FILLED:
            rig.report(ordered(rig.places[0], status, fill(1, 5, 78_000)), says=statement(95))
        return rig

    def test_beside_an_order_that_works(self) -> None:
        rig = self.half_sold(OrderStatus.WORKING)
        assert self.notes(rig) == ["rule.order_cancel_asked", "rule.legs_cancelled"]
        assert states(rig) == {"target": "fired", "stop": "cancelled"}

    def test_after_a_part_was_sold(self) -> None:
        rig = self.half_sold(OrderStatus.FILLED)
        assert self.notes(rig) == ["rule.cancelled", "rule.legs_cancelled"]

    def test_of_a_rule_that_only_watched_the_state_says_all(self) -> None:
        rig = Rig()
        rig.add(legs(TARGET, leg(Stop(price(66_000)))))
        rig.tick(70_000)
        assert self.notes(rig) == ["rule.cancelled"]


def test_exits_begin_with_executions_that_the_brokers_sum_lags_behind() -> None:
    rig = Rig(says=statement(0))
    rig.add(rule("e", Above(price(71_000)), exits=(leg(Stop(price(66_000))),)))
    rig.prints("70000 71000")
    rig.accept()
    rig.report(replace(ordered(rig.places[0], OrderStatus.PARTIAL, fill(1, 4)), filled=Decimal(0)), says=statement(4))
    assert rig.record("e-exits").rule.quantity == 4
    rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 4), fill(2, 6)), says=statement(10))
    assert rig.record("e-exits").rule.quantity == 10
