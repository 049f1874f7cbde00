"""Faults that a hostile reading of the engine has found, each named after what went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from rig import MAIN, PLAIN, Rig, fill, leg, legs, ordered, price, rule, statement

from autotrader.domain.order import OrderStatus, OutcomeKind
from autotrader.domain.rule import OrderSpec, OrderType, Rule, Stop, Target

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


def sent(rig: Rig) -> list[tuple[str, Decimal]]:
    return [(request.intent, request.quantity) for request in rig.places]


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
