"""Faults that a hostile reading of the engine has found, each named after what went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from fakes import SECOND
from msgspec.structs import replace
from rig import FRIDAY, MAIN, PLAIN, Day, Rig, fill, leg, legs, ns, ordered, price, rule, statement, world

from autotrader.domain.order import IntentId, OrderStatus, OutcomeKind
from autotrader.domain.rule import (
    Above,
    Action,
    Amount,
    At,
    Confirm,
    OnRecovery,
    OrderSpec,
    OrderType,
    Percent,
    ProfitRate,
    Rearm,
    Rule,
    RuleId,
    Side,
    Spend,
    Stop,
    Target,
    Template,
    TimeExit,
    TimeInForce,
    Trail,
    Unfilled,
    UnfilledAction,
    Volume,
    When,
)
from autotrader.domain.settings import Guards
from autotrader.engine.events import Adjust, Cancel, Decision, Edit, LinkState, Outcome, Pause, Resolve, Resume, Withdrawn
from autotrader.engine.records import TradingState

STOP, TARGET = Stop(price(68_000)), Target(price(72_000))
HALF = Decimal(50)
AT_73 = OrderSpec(OrderType.LIMIT, Decimal(73_000))


def started(text: Rule, says: Any = None) -> Rig:
    """Return a rig whose rule watches at 70,000."""
    rig = Rig(says=says)
    rig.tick(70_000)
    rig.add(text)
    rig.tick(70_000)
    return rig


def states(rig: Rig) -> dict[str, str]:
    return {kept.leg: kept.status.value for kept in rig.engine.book.legs_of(rig.record("r").rule.id)}


def sent(rig: Rig) -> list[tuple[str, int]]:
    return [(request.intent, int(request.quantity)) for request in rig.places]


class TestTwoTargetsWithShares:
    def text(self, **first: Any) -> Rule:
        second = Target(price(73_000))
        return legs(leg(TARGET, "near", share=HALF, **first), leg(second, "far", share=HALF), leg(STOP))

    def test_a_print_beyond_both_sells_both_shares_in_the_order_of_the_text(self) -> None:
        rig = started(self.text())
        rig.tick(73_000)
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5)), says=statement(95))
        assert sent(rig) == [("r/near/1/1", 5), ("r/far/1/1", 5)]
        assert not rig.withdrawals

    def test_the_second_leaves_the_resting_order_of_the_first_alone_and_the_stop_guards_it(self) -> None:
        rig = started(self.text(order=AT_73))
        rig.tick(72_000)
        rig.accept()
        rig.tick(73_000)
        assert not rig.withdrawals
        assert sent(rig) == [("r/near/1/1", 5), ("r/far/1/1", 5)]
        rig.accept()
        rig.report(ordered(rig.places[1], OrderStatus.FILLED, fill(1, 5)), says=statement(95))
        assert states(rig) == {"near": "fired", "far": "done", "stop": "watching"}
        rig.tick(68_000)
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED, fill(2, 2)), says=statement(93))
        assert sent(rig)[2:] == [("r/stop/1/1", 3)]

    @pytest.mark.parametrize("end", [OutcomeKind.REFUSED, OutcomeKind.ACCEPTED])
    def test_what_the_first_did_not_sell_stays_guarded_while_the_second_works(self, end: OutcomeKind) -> None:
        text = legs(leg(TARGET, "near", share=HALF), leg(Target(price(73_000)), "far", share=Decimal(30)), leg(STOP))
        rig = started(text)
        rig.tick(73_000)
        rig.outcome(end)
        assert states(rig)["stop"] == "watching"


class TestAStopThatWaitsForItsSiblingsOrder:
    """The target's order is on its way or in doubt, the stop has fired: what ends the order must let the stop sell."""

    def waiting(self, order: OrderSpec = AT_73) -> Rig:
        rig = started(legs(leg(TARGET, order=order), leg(STOP)))
        rig.tick(72_000)
        rig.tick(68_000)
        return rig

    def resting_then(self, **changes: Any) -> Rig:
        """Return a rig whose stop waits while a half of the target is on its way."""
        rig = started(legs(leg(TARGET, share=HALF, **changes), leg(STOP)))
        rig.tick(72_000)
        rig.tick(68_000)
        return rig

    def test_it_is_not_forgotten_when_a_person_says_that_the_order_never_existed(self) -> None:
        rig = self.waiting()
        rig.outcome(OutcomeKind.UNKNOWN)
        assert states(rig) == {"target": "held", "stop": "fired"}
        rig.do(Resolve("r/target/1/1", Decision.ABSENT))
        rig.later(1)
        assert sent(rig)[1:] == [("r/stop/1/1", 10)]

    def test_an_order_that_never_left_is_not_sent_again_before_it(self) -> None:
        rig = self.waiting()
        rig.outcome(OutcomeKind.NOT_SENT)
        rig.later(20)
        assert sent(rig)[1:] == [("r/stop/1/1", 10)]
        assert states(rig) == {"target": "superseded", "stop": "fired"}

    def test_an_order_that_died_with_the_process_is_not_sent_again_before_it(self) -> None:
        rig = self.waiting()
        rig.crash()
        rig.recover()
        rig.later(20)
        assert sent(rig)[1:] == [("r/stop/1/1", 10)]

    def test_the_rest_of_an_order_that_may_not_rest_is_left_to_it(self) -> None:
        rig = self.resting_then(order=OrderSpec(OrderType.LIMIT, Decimal(72_000), tif=TimeInForce.IOC))
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED, fill(1, 2)), says=statement(98))
        assert sent(rig)[1:] == [("r/stop/1/1", 8)]

    def test_what_the_venue_refused_for_its_type_is_left_to_it(self) -> None:
        rig = self.resting_then(order=OrderSpec(OrderType.BEST))
        request = rig.places[0]
        rig.tell(Outcome(request.intent, request.attempt, OutcomeKind.REFUSED, "", "not now", inadmissible=True))
        assert sent(rig)[1:] == [("r/stop/1/1", 10)]

    def test_it_sends_nothing_after_its_owner_has_cancelled_the_rule(self) -> None:
        rig = self.waiting()
        rig.accept()
        assert rig.do(Cancel(RuleId("r")))["ok"]
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED))
        rig.later(20)
        assert len(rig.places) == 1
        assert states(rig) == {"target": "superseded", "stop": "failed"}

    def test_nothing_leaves_before_the_account_is_recovered(self) -> None:
        rig = started(legs(leg(TARGET, order=AT_73), leg(STOP)))
        rig.tick(72_000)
        rig.accept()
        rig.tick(68_000)
        rig.crash()
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED))
        assert len(rig.places) == 1
        rig.recover(MAIN, ordered(rig.places[0], OrderStatus.CANCELLED))
        assert sent(rig)[1:] == [("r/stop/1/1", 10)]


class TestOrdersThatFollow:
    def test_a_held_order_that_the_ledger_shows_ended_goes_on_and_may_be_held_again(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, account=PLAIN, order=OrderSpec(tif=TimeInForce.IOC)))
        rig.prints("70000 68000")
        rig.outcome(OutcomeKind.UNKNOWN)
        rig.recover(PLAIN, ordered(rig.places[0], OrderStatus.CANCELLED, fill(1, 4)))
        assert (rig.state("r"), sent(rig)[1:]) == ("fired", [("r/stop/1/2", 6)])
        rig.outcome(OutcomeKind.UNKNOWN)
        assert rig.state("r") == "held"

    def test_the_rest_of_a_legs_own_limit_keeps_that_limit(self) -> None:
        rig = Rig()
        rig.add(legs(leg(STOP, order=OrderSpec(OrderType.LIMIT, Decimal(67_900), tif=TimeInForce.IOC)), leg(TARGET)))
        rig.prints("70000 68000")
        rig.accept()
        rig.tick(60_000)
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED, fill(1, 4)))
        assert (rig.places[1].price, rig.places[1].quantity) == (Decimal(67_900), Decimal(6))


AT_THREE = legs(leg(TimeExit("15:00")), leg(STOP))


class TestExitsByTheClock:
    def test_one_that_is_added_while_the_price_is_known_waits_for_its_time(self) -> None:
        day = Day("10:00:00")
        day.add(rule("other", STOP))
        day.at("10:00:05", 70_000)
        day.add(AT_THREE)
        day.at("10:00:06", 70_000)
        day.later(1)
        assert day.fires == []
        assert day.leg("r", "time_exit").not_before == ns(FRIDAY, "15:00:00")

    def test_a_reserved_order_that_is_added_while_the_price_is_known_waits_for_its_time(self) -> None:
        day = Day("10:00:00")
        day.at("10:00:05", 70_000)
        day.add(rule("other", STOP))
        day.at("10:00:06", 70_000)
        day.add(rule("r", At("open")))
        day.later(1)
        assert not day.places

    @pytest.mark.parametrize(("time", "moment"), [("11:00", "11:00:00"), ("15:10", "15:10:00")])
    def test_an_edit_of_the_time_moves_the_moment(self, time: str, moment: str) -> None:
        day = self.armed()
        assert day.do(Edit(legs(leg(TimeExit(time)), leg(STOP)), 1))["ok"]
        day.later(1)
        assert day.leg("r", "time_exit").not_before == ns(FRIDAY, moment)

    def test_a_stop_in_the_place_of_a_time_watches_from_the_next_price_on(self) -> None:
        day = self.armed()
        day.link(LinkState.DOWN)
        assert day.do(Edit(legs(leg(Stop(price(67_000)), "time_exit"), leg(STOP)), 1))["ok"]
        day.at("10:00:10", 70_000)
        assert day.state("r", "time_exit") == "watching"

    def test_one_that_was_held_for_a_split_still_fires_today(self) -> None:
        day = self.armed()
        day.stated(statement(500, cost=7_000_000))
        for name in ("time_exit", "stop"):
            assert day.do(Resolve(f"r/{name}", Decision.WATCH))["ok"]
        day.later(1)
        day.clock("15:00:00")
        day.later(0)
        assert [name for name, _ in day.fires] == ["r"]

    def test_its_order_outlives_a_halt(self) -> None:
        day = self.armed()
        day.clock("15:00:00")
        day.later(0)
        day.outcome(OutcomeKind.NOT_SENT)
        day.trading(TradingState.HALT)
        day.later(10)
        day.trading(TradingState.OPEN)
        day.at("15:00:20", 70_500)
        assert (len(day.places), states(day)["time_exit"]) == (2, "fired")

    def armed(self) -> Day:
        """Return a day on which the exit of three o'clock is armed."""
        day = Day("10:00:00")
        day.add(AT_THREE)
        day.at("10:00:05", 70_000)
        day.later(1)
        assert day.leg("r", "time_exit").not_before == ns(FRIDAY, "15:00:00")
        return day


class TestSplits:
    def test_an_order_that_has_not_left_is_held_and_never_sent(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP))
        rig.prints("70000 68000")
        rig.outcome(OutcomeKind.NOT_SENT)
        rig.stated(statement(500, cost=7_000_000))
        rig.later(30)
        assert (len(rig.places), rig.state("r"), rig.intent("r").status.value) == (1, "held", "held")
        assert "held.corporate_order" in rig.alert_codes()
        assert rig.do(Adjust(RuleId("r"), 5, 1))["code"] == "adjust.in_flight"
        assert rig.do(Resolve("r/stop/1/1", Decision.ABSENT))["ok"]
        assert rig.state("r") == "failed"

    def test_a_paused_rule_that_is_to_watch_again_stays_paused(self) -> None:
        rig = started(rule("r", STOP))
        rig.do(Pause(RuleId("r")))
        rig.stated(statement(500, cost=7_000_000))
        assert rig.do(Resolve("r/stop", Decision.WATCH))["ok"]
        assert rig.prints("70000 67000") == []
        assert rig.state("r") == "paused"

    def test_an_adjusted_mark_that_was_shared_survives_a_crash(self) -> None:
        rig = Rig()
        rig.add(rule("one", Trail(Percent(Decimal(5)))), rule("two", Trail(Percent(Decimal(5)))))
        rig.prints("100000 110000")
        rig.later(1)
        assert rig.do(Adjust(RuleId("one"), 5, 1))["ok"]
        rig.crash()
        assert (rig.mark("one"), rig.mark("two")) == (Decimal(22_000), Decimal(110_000))


def test_a_print_that_two_views_see_is_traded_once() -> None:
    day = Day("10:00:00")
    when = When((Volume(Decimal(30)),))
    day.add(rule("one", STOP, when=when), rule("two", STOP, when=when, watch="ALL"))
    day.at("10:00:05", 70_000)
    assert day.at("10:00:06", 68_000) == []  # twenty were traded
    assert {name for name, _ in day.at("10:00:07", 68_000)} == {"one", "two"}


class TestWhatTheCloseLeft:
    def rests(self, text: Rule, at: object = 68_000) -> Rig:
        rig = started(replace(text, rearm_next_session=True))
        rig.tick(at)
        rig.accept()
        return rig

    def test_a_stop_that_is_still_met_sells_the_rest(self) -> None:
        rig = self.rests(legs(leg(STOP), order=OrderSpec(OrderType.LIMIT, Decimal(68_000))))
        rig.report(ordered(rig.places[0], OrderStatus.EXPIRED, fill(1, 4)), says=statement(96))
        rig.prints("67000 66900")
        assert sent(rig)[1:] == [("r/stop/2/1", 6)]

    def test_the_stop_goes_on_guarding_all_that_was_not_sold(self) -> None:
        rig = self.rests(legs(leg(TARGET, share=HALF, order=AT_73), leg(STOP)), at=72_000)
        rig.report(ordered(rig.places[0], OrderStatus.EXPIRED))
        assert states(rig) == {"target": "waiting", "stop": "watching"}
        rig.prints("70000 68000")
        assert sent(rig)[1:] == [("r/stop/2/1", 10)]

    def test_a_trail_beside_it_keeps_its_mark(self) -> None:
        rig = self.rests(legs(leg(TARGET, share=HALF, order=AT_73), leg(Trail(Amount(Decimal(5000))))), at=72_000)
        rig.report(ordered(rig.places[0], OrderStatus.EXPIRED))
        rig.tick(70_000)
        assert rig.mark("r", "trail") == 72_000
        rig.crash()
        rig.recover()
        rig.tick(67_000)
        assert sent(rig)[1:] == [("r/trail/2/1", 10)]

    def test_two_orders_that_expire_one_after_the_other_are_both_watched_again(self) -> None:
        second = leg(Target(price(72_500)), "two", share=HALF, order=OrderSpec(OrderType.LIMIT, Decimal(74_000)))
        rig = self.rests(legs(leg(TARGET, "one", share=HALF, order=AT_73), second, leg(STOP)), at=72_500)
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.EXPIRED, fill(1, 1)), says=statement(99))
        rig.report(ordered(rig.places[1], OrderStatus.EXPIRED, fill(2, 2)), says=statement(97))
        assert states(rig) == {"one": "waiting", "two": "waiting", "stop": "watching"}
        assert rig.record("r").left == 7
        rig.prints("70000 68000")
        assert sent(rig)[2:] == [("r/stop/2/1", 7)]

    def test_what_has_sold_its_part_does_not_sell_again(self) -> None:
        second = leg(Target(price(72_500)), "two", share=HALF, order=OrderSpec(OrderType.LIMIT, Decimal(74_000)))
        rig = self.rests(legs(leg(TARGET, "one", share=HALF, order=AT_73), second, leg(STOP)), at=72_500)
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5)), says=statement(95))
        rig.report(ordered(rig.places[1], OrderStatus.EXPIRED), says=statement(95))
        assert states(rig) == {"one": "done", "two": "waiting", "stop": "watching"}
        rig.prints("72500")
        assert sent(rig)[2:] == [("r/two/2/1", 5)]

    def test_a_cancelled_rule_does_not_come_back(self) -> None:
        rig = self.rests(legs(leg(STOP), order=OrderSpec(OrderType.LIMIT, Decimal(68_000))))
        rig.do(Cancel(RuleId("r")))
        rig.report(ordered(rig.places[0], OrderStatus.EXPIRED, fill(1, 4)))
        assert rig.state("r") == "failed"

    def test_an_amount_of_money_is_spent_once(self) -> None:
        at_72 = OrderSpec(OrderType.LIMIT, Decimal(72_000))
        text = legs(leg(Above(price(72_000))), side=Side.BUY, quantity=Spend(Decimal(1_440_000)), order=at_72)
        rig = self.rests(text, at=72_000)
        rig.report(ordered(rig.places[0], OrderStatus.EXPIRED, fill(1, 15, 72_000)))
        rig.prints("70000 72000")
        assert sent(rig) == [("r/above/1/1", 20), ("r/above/2/1", 5)]


class TestARuleThatRepeats:
    AGAIN = Rearm(2, SECOND, Percent(Decimal(1)))

    def test_it_does_not_sell_the_next_holding_after_it_has_sold_all_of_its_own(self) -> None:
        rig = Rig(says=statement(10))
        rig.add(rule("r", STOP, rearm=self.AGAIN))
        rig.prints("70000 68000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)), says=statement(0))
        rig.stated(statement(50))
        rig.prints("70000 68000")
        assert (len(rig.places), rig.state("r")) == (1, "done")

    def test_it_ends_with_a_holding_that_its_owner_sells_while_it_cools_down(self) -> None:
        rig = Rig(says=statement(30))
        rig.add(rule("r", STOP, rearm=self.AGAIN))
        rig.prints("70000 68000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)), says=statement(20))
        rig.stated(statement(0))
        assert rig.state("r") == "superseded"


class TestAStopThatFiresWhileASiblingsOrderIsInDoubt:
    def doubtful(self) -> Rig:
        rig = started(legs(leg(TARGET, order=AT_73), leg(STOP)))
        rig.tick(72_000)
        rig.outcome(OutcomeKind.UNKNOWN)
        rig.tick(68_000)
        return rig

    def test_the_doubt_stays_a_persons_matter(self) -> None:
        assert states(self.doubtful()) == {"target": "held", "stop": "fired"}

    @pytest.mark.parametrize(("status", "stop", "orders"), [(OrderStatus.FILLED, "superseded", 1), (OrderStatus.CANCELLED, "fired", 2)])
    def test_what_the_broker_tells_of_the_order_lets_the_stop_go_on(self, status: OrderStatus, stop: str, orders: int) -> None:
        rig = self.doubtful()
        fills = [fill(1, 10)] if status is OrderStatus.FILLED else []
        rig.report(ordered(rig.places[0], status, *fills))
        assert (states(rig)["stop"], len(rig.places)) == (stop, orders)


def test_a_stop_that_can_sell_less_than_its_group_has_left_says_so() -> None:
    rig = started(legs(leg(TARGET, share=HALF), leg(STOP)), says=statement(10))
    rig.tick(72_000)
    rig.accept()
    rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5)), says=statement(5, sellable=2))
    rig.tick(68_000)
    assert sent(rig)[1:] == [("r/stop/1/1", 2)]
    assert "intent.shrunk" in rig.alert_codes()


class TestTemplatesThatAskHowItWasBought:
    def begun(self, **asks: Any) -> Rig:
        """Return a rig whose entry of ten shares works, and a template that asks for something."""
        rig = Rig(says=statement(0))
        rig.plan(templates=(Template(rule=rule("guard", Stop(ProfitRate(Decimal(-5))), instrument="", quantity=None), **asks),))
        rig.add(rule("entry", Above(price(70_000)), tags=("swing",)))
        rig.prints("69000 70000")
        rig.accept()
        return rig

    def guarded(self, rig: Rig) -> bool:
        return RuleId("guard-main-005930-1") in rig.engine.book.rules

    def test_a_first_part_that_is_worth_too_little_does_not_leave_the_whole_bare(self) -> None:
        rig = self.begun(least_value=Decimal(500_000))
        rig.report(ordered(rig.places[0], OrderStatus.PARTIAL, fill(1, 1)), says=statement(1))
        assert not self.guarded(rig)
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 1), fill(2, 9)), says=statement(10))
        assert self.guarded(rig)

    def test_a_balance_that_overtakes_the_fill_does_not_hide_who_bought(self) -> None:
        rig = self.begun(bought_by="swing")
        rig.stated(statement(10))
        assert not self.guarded(rig)
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)), says=statement(10))
        assert self.guarded(rig)

    def test_more_of_what_was_held_before_is_not_newly_bought(self) -> None:
        rig = Rig(says=statement(5))
        text = rule("guard", Stop(ProfitRate(Decimal(-5))), instrument="", quantity=None)
        rig.plan(templates=(Template(rule=text, bought_by="swing"),))
        rig.add(rule("entry", Above(price(70_000)), tags=("swing",)))
        rig.prints("69000 70000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)), says=statement(15))
        assert not self.guarded(rig)


def test_a_sell_that_was_never_armed_ends_with_the_holding_that_it_was_written_for() -> None:
    rig = Rig(says=statement(10))
    rig.add(rule("r", STOP))
    rig.stated(statement(0))
    assert rig.state("r") == "superseded"


class TestARuleThatHasSoldAPart:
    def half_sold(self, **changes: Any) -> Rig:
        rig = Rig()
        rig.plan(self.text(), rule("other", Stop(price(60_000))))
        rig.prints("70000 72000")
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5)), says=statement(95))
        return rig

    def text(self, stop: int = 68_000) -> Rule:
        return legs(leg(TARGET, share=HALF), leg(Stop(price(stop))))

    def test_its_stop_can_be_paused_and_resumed(self) -> None:
        rig = self.half_sold()
        assert rig.do(Pause(RuleId("r")))["ok"]
        assert (states(rig), rig.prints("67000")) == ({"target": "done", "stop": "paused"}, [])
        rig.tick(70_000)
        assert rig.do(Resume(RuleId("r")))["ok"]
        assert rig.prints("68000") == [("r", "68000")]

    def test_a_changed_text_of_it_does_not_keep_the_file_from_being_read(self) -> None:
        rig = self.half_sold()
        body = rig.plan(self.text(69_000), rule("other", Stop(price(61_000))), confirmed=True)
        assert (body["ok"], body["result"]["in_flight"], rig.level("other")) == (True, 1, "61000")
        assert (rig.level("r", "stop"), "plan.left_alone" in rig.alert_codes()) == ("68000", True)


def test_a_rejected_leg_can_be_written_anew_beside_one_that_watches() -> None:
    rig = Rig()
    rig.plan(legs(leg(Stop(price(71_000))), leg(TARGET)))
    rig.tick(70_000)
    assert states(rig) == {"stop": "rejected", "target": "watching"}
    assert rig.plan(legs(leg(STOP), leg(TARGET)))["ok"]
    rig.tick(70_000)
    assert rig.prints("68000") == [("r", "68000")]


class TestFillsThatComeAfterAnEnd:
    def expired(self) -> Rig:
        rig = started(legs(leg(STOP), order=OrderSpec(OrderType.LIMIT, Decimal(68_000)), rearm_next_session=True))
        rig.tick(68_000)
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.EXPIRED, fill(1, 4)), says=statement(96))
        return rig

    def test_they_are_taken_from_the_rest_that_is_watched_again(self) -> None:
        rig = self.expired()
        rig.report(ordered(rig.places[0], OrderStatus.EXPIRED, fill(1, 4), fill(2, 3)), says=statement(93))
        rig.tick(67_000)
        assert sent(rig)[1:] == [("r/stop/2/1", 3)]

    def test_a_new_quantity_counts_for_the_rest_too(self) -> None:
        rig = self.expired()
        rig.tick(70_000)
        text = rig.record("r").rule
        assert rig.do(Edit(replace(text, quantity=Decimal(50)), 1))["ok"]
        rig.tick(68_000)
        assert sent(rig)[1:] == [("r/stop/2/1", 50)]

    def test_they_are_told_when_the_rest_has_gone_again(self) -> None:
        minute = Unfilled(5 * SECOND, UnfilledAction.MARKET)
        rig = started(legs(leg(STOP), order=OrderSpec(OrderType.LIMIT, Decimal(68_000)), unfilled=minute))
        rig.tick(68_000)
        rig.accept()
        rig.later(6)
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED))
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED, fill(1, 4)), says=statement(96))
        assert "order.filled_late" in rig.alert_codes()


def test_a_condition_that_holds_for_minutes_without_a_print_fires() -> None:
    rig = Rig(world(guards=Guards(collar=None)))
    rig.add(rule("r", STOP, confirm=Confirm(span=90 * SECOND)))
    rig.prints("70000 68000")
    for _ in range(91):
        rig.later(1)
    assert rig.fires == [("r", "68000")]


def test_a_market_order_at_the_end_of_a_chase_may_go_again_as_often_as_any_other() -> None:
    reprice = Unfilled(5 * SECOND, UnfilledAction.REPRICE, step_ticks=1, most=5, final=UnfilledAction.MARKET)
    rig = started(legs(leg(STOP), order=OrderSpec(OrderType.LIMIT, Decimal(68_000)), unfilled=reprice))
    rig.tick(68_000)
    rig.accept()
    for at in range(67_900, 67_400, -100):
        rig.tick(at - 500)
        rig.later(6)
        rig.report(ordered(rig.places[-1], OrderStatus.CANCELLED))
        rig.accept()
    rig.later(6)
    rig.report(ordered(rig.places[-1], OrderStatus.CANCELLED))
    assert (len(rig.places), rig.places[-1].type) == (7, OrderType.MARKET)
    request = rig.places[-1]
    rig.tell(Outcome(request.intent, request.attempt, OutcomeKind.REFUSED, "", "a call", inadmissible=True))
    rig.later(2)
    assert (len(rig.places), rig.places[-1].type, rig.state("r")) == (8, OrderType.LIMIT, "fired")


def test_what_is_bought_after_the_stop_has_failed_gets_a_stop_of_its_own() -> None:
    rig = Rig(says=statement(0))
    rig.add(rule("entry", Above(price(70_000)), exits=(leg(Stop(price(66_000))), leg(Target(price(75_000)), share=HALF))))
    rig.prints("69000 70000")
    rig.accept()
    rig.report(ordered(rig.places[0], OrderStatus.PARTIAL, fill(1, 3)), says=statement(3, sellable=0))
    rig.tick(66_000)
    assert rig.state("entry-exits", "stop") == "failed"
    rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 3), fill(2, 7)), says=statement(10))
    assert rig.record("entry-exits-2").rule.quantity == 7


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_rule_whose_holding_is_gone_without_an_order_of_ours_says_so(by_hand: bool) -> None:
    rig = started(rule("r", STOP), says=statement(10))
    if not by_hand:
        rig.add(rule("other", Stop(price(69_000))))
        rig.tick(69_000)
        rig.accept()
    rig.stated(statement(0))
    assert rig.state("r") == "superseded"
    assert ("superseded.position_closed" in rig.alert_codes()) is by_hand


def test_a_split_scales_the_hysteresis_of_a_rule_that_repeats() -> None:
    rig = started(rule("r", STOP, rearm=Rearm(2, SECOND, Amount(Decimal(500)))))
    assert rig.do(Adjust(RuleId("r"), 5, 1))["ok"]
    again = rig.record("r").rule.rearm
    assert again is not None
    assert again.hysteresis == Amount(Decimal(100))


def test_a_cancel_that_fails_again_and_again_is_said_once_and_that_it_is_stuck_once() -> None:
    rig = started(legs(leg(TARGET, order=AT_73), leg(STOP)))
    rig.tick(72_000)
    rig.accept()
    rig.tick(68_000)
    for _ in range(40):
        rig.tell(Withdrawn(IntentId("r/target/1/1"), OutcomeKind.UNKNOWN))
        rig.later(6)
    assert [rig.alert_codes().count(code) for code in ("withdrawn.unknown", "unfilled.stuck")] == [1, 1]
    assert len(rig.withdrawals) > 30


class TestAnOrderThatTheLedgerHasForgotten:
    """The broker lists the orders of a day, and the daemon was down when this one ended."""

    def forgotten(self) -> Rig:
        rig = started(legs(leg(TARGET, order=AT_73), leg(STOP)))
        rig.tick(72_000)
        rig.accept()
        rig.tick(68_000)
        rig.crash()
        rig.recover()
        return rig

    def test_a_person_can_end_it_and_the_stop_goes_on(self) -> None:
        rig = self.forgotten()
        assert "order.missing" in rig.alert_codes()
        for _ in range(30):
            rig.tell(Withdrawn(IntentId("r/target/1/1"), OutcomeKind.REFUSED))
            rig.later(6)
        assert rig.do(Resolve("r/target/1/1", Decision.ABSENT))["ok"]
        rig.later(1)
        assert sent(rig)[1:] == [("r/stop/1/1", 10)]
        assert states(rig) == {"target": "failed", "stop": "fired"}

    def test_one_that_the_ledger_shows_cannot_be_talked_away(self) -> None:
        rig = started(legs(leg(TARGET, order=AT_73), leg(STOP)))
        rig.tick(72_000)
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.WORKING))
        rig.crash()
        rig.recover()
        assert "order.missing" in rig.alert_codes()
        rig.recover(MAIN, ordered(rig.places[0], OrderStatus.WORKING))
        assert rig.do(Resolve("r/target/1/1", Decision.ABSENT))["code"] == "resolve.unknown"


def test_a_stop_that_waits_for_an_order_in_doubt_says_that_it_waits() -> None:
    rig = started(legs(leg(TARGET, share=HALF), leg(STOP)))
    rig.tick(72_000)
    rig.outcome(OutcomeKind.UNKNOWN)
    assert "intent.wanted_in_doubt" not in rig.alert_codes()
    rig.prints("68000 67000")
    assert rig.alert_codes().count("intent.wanted_in_doubt") == 1


def test_an_exit_by_the_clock_of_what_has_never_had_a_price_says_so_once_and_goes_with_the_first_one() -> None:
    day = Day("10:00:00")
    day.add(legs(leg(TimeExit("15:00"))))
    day.later(1)
    day.clock("15:00:00")
    for _ in range(3):
        day.later(1)
    assert (day.fires, day.alert_codes().count("blocked.no_price")) == ([], 1)
    day.at("15:00:10", 70_000)
    day.later(1)
    assert [name for name, _ in day.fires] == ["r"]


class TestAPartThatIsOnlyToldOfOrRecorded:
    """A share leg with `action: alert`, or of a shadow rule, takes nothing away from its siblings' turn."""

    @pytest.mark.parametrize("changes", [{"action": Action.ALERT}, {"shadow": True}], ids=["alert", "shadow"])
    def test_the_other_target_and_the_stop_go_on(self, changes: dict[str, Any]) -> None:
        far = Target(price(73_000))
        rig = started(legs(leg(TARGET, "near", share=HALF), leg(far, "far", share=HALF), leg(STOP), **changes))
        rig.tick(72_000)
        assert states(rig) == {"near": "done", "far": "watching", "stop": "watching"}
        rig.tick(68_000)
        assert states(rig) == {"near": "done", "far": "superseded", "stop": "done"}
        assert not rig.places

    def test_a_shadow_stop_records_what_the_target_has_left(self) -> None:
        rig = started(legs(leg(TARGET, share=HALF), leg(STOP), shadow=True))
        rig.prints("72000 68000")
        assert [int(rig.intent("r", name).quantity) for name in ("target", "stop")] == [5, 5]


class TestARuleThatIsHeldBeforeItFired:
    def held(self, *others: Any, **changes: Any) -> Rig:
        rig = started(legs(leg(STOP), *others, recovery=OnRecovery.HOLD, **changes))
        rig.crash()
        rig.recover()
        rig.tick(67_000)
        assert states(rig)["stop"] == "held"
        return rig

    def test_cancelling_it_decides_what_its_hold_asked(self) -> None:
        rig = self.held()
        rig.do(Cancel(RuleId("r")))
        assert states(rig) == {"stop": "cancelled"}
        assert rig.prints("66000") == []

    def test_cancelling_it_beside_a_working_order_asks_that_back_and_ends_the_held_leg(self) -> None:
        rig = self.held(leg(TARGET, share=HALF, order=AT_73))
        rig.tick(72_000)
        rig.accept()
        rig.do(Cancel(RuleId("r")))
        assert states(rig)["stop"] == "cancelled"
        assert [withdraw.intent for withdraw in rig.withdrawals] == ["r/target/1/1"]
