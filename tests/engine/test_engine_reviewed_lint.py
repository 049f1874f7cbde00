"""Faults that a hostile reading of the linter, the last door and the scaling of rules has found, each named after what went wrong."""

from decimal import Decimal

import pytest
from rig import Rig, price, rule, statement

from autotrader.domain.rule import AtPrice, OffBase, OnPositionChange, Percent, Preserve, ProfitRate, RuleId, Stop
from autotrader.engine.adjusting import Ratio, Scaling, scaled_rule
from autotrader.engine.events import Adjust

R = RuleId("r")
D = Decimal


@pytest.mark.parametrize(
    ("held", "ratio", "level"),
    [
        pytest.param(15, (1, 10), "665000", id="15 become one and a half"),
        pytest.param(7, (3, 2), "44333.333333333333", id="7 become ten and a half"),
        pytest.param(7, (1, 3), "199500", id="7 become two and a third"),
    ],
)
def test_a_frozen_cost_was_scaled_as_if_the_holding_were_whole_shares(held: int, ratio: tuple[int, int], level: str) -> None:
    rig = Rig(says=statement(held))
    rig.tick(70_000)
    rig.add(rule("r", Stop(ProfitRate(D(-5))), quantity=None, on_position_change=OnPositionChange.FREEZE))
    rig.tick(70_000)
    assert rig.level("r") == "66500"
    assert rig.do(Adjust(R, *ratio))["ok"]
    assert rig.level("r") == level
    basis, (new, old) = rig.leg("r").basis, ratio
    assert basis is not None
    assert basis.total * new == D(70_000) * old * basis.quantity  # exactly


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(Preserve(price(101), price(100)), Preserve(price(34), price(33)), id="a step apart"),
        pytest.param(Preserve(price(303), price(300)), Preserve(price(101), price(100)), id="both on a step"),
        pytest.param(
            Preserve(OffBase(Percent(D(7)), AtPrice(D(100))), OffBase(Percent(D(5)), AtPrice(D(100)))),
            Preserve(OffBase(Percent(D(7)), AtPrice(D(34))), OffBase(Percent(D(5)), AtPrice(D(34)))),
            id="both go by one base",
        ),
    ],
)
def test_a_split_put_the_floor_of_a_kept_profit_over_its_arm(before: Preserve, after: Preserve) -> None:
    rig = Rig()
    rig.tick(90)
    rig.add(rule("r", before))
    assert rig.do(Adjust(R, 3, 1))["ok"]
    assert rig.record("r").rule.legs[0].trigger == after


def test_without_price_steps_too_the_floor_stays_under_the_arm() -> None:
    near = rule("r", Preserve(price("0.00000008"), price("0.00000007")))
    assert scaled_rule(near, Scaling(Ratio(3, 1), ()), D(1)).legs[0].trigger == Preserve(price("0.00000003"), price("0.00000002"))
