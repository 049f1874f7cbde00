"""What is protected now: the owner's first question at nine in the morning."""

from decimal import Decimal
from typing import Any

import pytest
from rig import SAMSUNG, Rig, price, rule

from autotrader.domain.rule import AtPrice, Percent, Rule, RuleId, Stop, Target, Trail
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
