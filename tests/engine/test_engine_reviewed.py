"""Faults that a hostile reading of the engine has found, each named after what went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from rig import MAIN, PLAIN, Rig, fill, leg, legs, ordered, price, rule, statement

from autotrader.domain.order import OrderStatus, OutcomeKind
from autotrader.domain.rule import OrderSpec, OrderType, Rule, RuleId, Stop, Target, TimeInForce
from autotrader.engine.events import Cancel, Decision, Outcome, Resolve

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
        return legs(leg(TARGET, "one", share=HALF, **first), leg(second, "two", share=HALF), leg(STOP))

    def test_a_print_beyond_both_sells_both_shares_in_the_order_of_the_text(self) -> None:
        rig = started(self.text())
        rig.tick(73_000)
        rig.accept()
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 5)), says=statement(95))
        assert sent(rig) == [("r/one/1/1", 5), ("r/two/1/1", 5)]
        assert not rig.withdrawals

    def test_the_second_leaves_the_resting_order_of_the_first_alone_and_the_stop_guards_it(self) -> None:
        rig = started(self.text(order=AT_73))
        rig.tick(72_000)
        rig.accept()
        rig.tick(73_000)
        assert not rig.withdrawals
        assert sent(rig) == [("r/one/1/1", 5), ("r/two/1/1", 5)]
        rig.accept()
        rig.report(ordered(rig.places[1], OrderStatus.FILLED, fill(1, 5)), says=statement(95))
        assert states(rig) == {"one": "fired", "two": "done", "stop": "watching"}
        rig.tick(68_000)
        rig.report(ordered(rig.places[0], OrderStatus.CANCELLED, fill(2, 2)), says=statement(93))
        assert sent(rig)[2:] == [("r/stop/1/1", 3)]

    @pytest.mark.parametrize("end", [OutcomeKind.REFUSED, OutcomeKind.ACCEPTED])
    def test_what_the_first_did_not_sell_stays_guarded_while_the_second_works(self, end: OutcomeKind) -> None:
        text = legs(leg(TARGET, "one", share=HALF), leg(Target(price(73_000)), "two", share=Decimal(30)), leg(STOP))
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
