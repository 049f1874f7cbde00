"""What is protected now: the owner's first question at nine in the morning."""

from decimal import Decimal
from typing import Any

import pytest
from rig import SAMSUNG, Rig, fill, leg, legs, ordered, price, rule, statement

from autotrader.domain.order import OrderStatus
from autotrader.domain.rule import Action, AtPrice, Percent, Preserve, ProfitRate, Rule, RuleId, Stop, Target, Trail
from autotrader.engine.events import Pause, Resume


def samsung(rig: Rig) -> dict[str, Any]:
    """Return what status says of the holding."""
    return next(held for held in rig.engine.status()["positions"] if held["instrument"] == SAMSUNG)


STOP, TRAIL = Stop(price(65000)), Trail(Percent(Decimal(5)))


@pytest.mark.parametrize(
    ("rules", "protected"),
    [
        pytest.param([rule("a", STOP, quantity=Decimal(10))], "10", id="a stop for a part"),
        pytest.param([rule("a", STOP, quantity=Decimal(10)), rule("b", TRAIL, quantity=Decimal(20))], "30", id="two parts"),
        pytest.param([rule("a", STOP, quantity=Decimal(80)), rule("b", TRAIL, quantity=Decimal(80))], "100", id="never more than is held"),
        pytest.param([rule("a", STOP, quantity=None)], "100", id="all"),
        pytest.param([rule("a", Target(price(80000)), quantity=None)], "0", id="a target protects nothing"),
        pytest.param([rule("a", Trail(Percent(Decimal(5)), AtPrice(Decimal(80000))))], "0", id="a trail that has not begun"),
        pytest.param(
            [rule("a", Preserve(ProfitRate(Decimal(-1)), ProfitRate(Decimal(-5))), quantity=None)], "100", id="a kept profit that has begun"
        ),
    ],
)
def test_how_much_of_a_holding_stands_behind_a_watching_stop_or_trail(rules: list[Rule], protected: str) -> None:
    rig = Rig()
    rig.add(*rules)
    rig.prints("70000")
    held = samsung(rig)
    assert (held["quantity"], held["protected"], held["rules"]) == ("100", protected, [one.id for one in rules])


def test_a_paused_stop_protects_nothing_until_it_is_resumed() -> None:
    rig = Rig()
    rig.add(rule("a", STOP, quantity=None))
    rig.prints("70000")
    rig.do(Pause(RuleId("a")))
    assert samsung(rig)["protected"] == "0"
    rig.do(Resume(RuleId("a")))
    assert samsung(rig)["protected"] == "100"


@pytest.mark.parametrize("nothing", [{"action": Action.ALERT}, {"shadow": True}])
def test_a_rule_that_sends_nothing_protects_nothing(nothing: dict[str, Any]) -> None:
    rig = Rig()
    rig.add(rule("a", STOP, quantity=None, **nothing))
    rig.prints("70000")
    assert (samsung(rig)["protected"], samsung(rig)["rules"]) == ("0", [])


def test_what_a_target_has_sold_is_no_longer_counted() -> None:
    rig = Rig(says=statement(100, cost=7_000_000))
    rig.add(legs(leg(Target(price(72000)), share=Decimal(50)), leg(STOP), quantity=Decimal(40)))
    rig.prints("70000 72000")
    order = rig.places[-1]
    rig.report(ordered(order, OrderStatus.FILLED, fill(1, 20, 72000)), says=statement(80, cost=5_600_000))
    assert (samsung(rig)["quantity"], samsung(rig)["protected"]) == ("80", "20")
