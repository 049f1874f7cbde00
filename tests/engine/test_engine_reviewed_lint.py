"""Faults that a hostile reading of the linter, the last door and the scaling of rules has found, each named after what went wrong."""

from decimal import Decimal

import pytest
from rig import SAMSUNG, Day, Rig, leg, legs, price, rule, statement

from autotrader.domain.rule import (
    Above,
    Action,
    Amount,
    AtPrice,
    Below,
    OffBase,
    OnPositionChange,
    OrderSpec,
    OrderType,
    Part,
    Percent,
    Preserve,
    ProfitRate,
    Quantity,
    Rule,
    RuleId,
    Stop,
    Target,
    Trail,
)
from autotrader.engine.adjusting import Ratio, Scaling, scaled_rule
from autotrader.engine.events import Adjust, Reference

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


def told(rig: Rig, text: Rule) -> dict[str, dict[str, str]]:
    body = rig.add(text)
    assert body["ok"], body
    return {note["code"]: note["params"] for note in body["result"]["warnings"]}


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [
        pytest.param(None, None, "200", id="all and all"),
        pytest.param(Part(D(80)), Part(D(80)), "160", id="80 % and 80 %"),
        pytest.param(None, D(10), "110", id="all and ten"),
        pytest.param(Part(D(50)), D(51), "101", id="half and one more"),
        pytest.param(Part(D(50)), Part(D(50)), "", id="two halves"),
        pytest.param(Part(D(60)), D(40), "", id="all between them"),
    ],
)
def test_rules_that_promise_all_or_a_part_were_not_told_of_each_other(first: Quantity, second: Quantity, total: str) -> None:
    rig = Rig()
    rig.tick(70_000)
    told(rig, rule("a", Stop(price(60_000)), quantity=first))
    found = told(rig, rule("b", Target(price(80_000)), quantity=second))
    said = {"lint.overlaps": {"rules": "a", "total": total, "held": "100", "instrument": SAMSUNG}} if total else {}
    assert found == said


def test_one_all_rule_and_one_that_only_tells_promise_no_more_than_there_is() -> None:
    rig = Rig()
    rig.tick(70_000)
    assert told(rig, rule("a", Stop(price(60_000)), quantity=None)) == {}
    assert told(rig, rule("b", Target(price(80_000)), quantity=None, action=Action.ALERT)) == {}
    assert told(rig, rule("c", Target(price(80_000)), quantity=None, shadow=True)) == {}


def test_a_limit_outside_the_limits_of_the_day_was_not_told() -> None:
    for text, expected in (
        (rule("r", Stop(price(50_000)), order=OrderSpec(OrderType.LIMIT, D(40_000))), {"limit": "40000", "sent": "49000"}),
        (rule("r", Stop(price(50_000)), order=OrderSpec(OrderType.LIMIT, D(49_000))), {}),
        (legs(leg(Stop(price(50_000)), limit_offset=Amount(D(5_000)))), {"limit": "45000", "sent": "49000"}),
        (legs(leg(Stop(price(50_000)), limit_offset=Amount(D(1_000)))), {}),
        (legs(leg(Trail(Percent(D(25))), limit_offset=Percent(D(10)))), {"limit": "47250", "sent": "49000"}),
        (rule("r", Above(price(90_000)), quantity=D(1), order=OrderSpec(OrderType.LIMIT, D(91_100))), {"limit": "91100", "sent": "91000"}),
        (rule("r", Above(price(90_000)), quantity=D(1), order=OrderSpec(OrderType.LIMIT, D(91_000))), {}),
    ):
        day = Day("10:00:00")
        day.add(rule("first", Below(price(50_000)), quantity=D(1)))
        day.tell(Reference(SAMSUNG, D(70_000)))
        day.at("10:00:05", 70_000)
        found = told(day, text).get("lint.limit_beyond")
        between = {"leg": text.legs[0].name, "lower": "49000", "upper": "91000"}
        assert found == ({**between, **expected} if expected else None)
