"""The over-commitment report: what all rules together would sell and spend, beside what is there. Worked by hand."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig import HYNIX, MAIN, SAMSUNG, Rig, leg, legs, price, rule, statement

from autotrader.domain.rule import Above, Action, AtPrice, Percent, ProfitRate, Rule, RuleId, Side, Spend, Stop, Target, Trail
from autotrader.engine.commitments import commitments
from autotrader.engine.events import Pause

STOP = Stop(price(65_000))


def found(*rules: Rule, tape: str = "70000", shares: int = 100) -> dict[str, Any]:
    rig = Rig(says=statement(shares=shares, cost=shares * 70_000))
    rig.add(*rules)
    rig.prints(tape)
    return commitments(rig.world, rig.engine.book)


def samsung(*rules: Rule, tape: str = "70000") -> tuple[str, ...]:
    """Return what is held, sold, behind stops, worth, bare and over."""
    (held,) = [one for one in found(*rules, tape=tape)["holdings"] if (one["account"], one["instrument"]) == (MAIN, SAMSUNG)]
    return tuple(held[key] for key in ("held", "sells", "stops", "worth", "bare", "over"))


def sell(name: str, quantity: int | None, trigger: Any = STOP, **changes: Any) -> Rule:
    return rule(name, trigger, quantity=None if quantity is None else Decimal(quantity), **changes)


@pytest.mark.parametrize(
    ("rules", "row"),
    [
        pytest.param([], ("100", "0", "0", "0", "100", "0"), id="no rule"),
        pytest.param([sell("a", 80)], ("100", "80", "80", "5200000", "20", "0"), id="80 behind 65,000"),
        pytest.param([sell("a", None)], ("100", "100", "100", "6500000", "0", "0"), id="all"),
        pytest.param([sell("a", 80), sell("b", 50)], ("100", "130", "100", "6500000", "0", "30"), id="130 of 100: 30 too many"),
        pytest.param([sell("a", 60, Target(price(80_000)))], ("100", "60", "0", "0", "100", "0"), id="a target is no stop"),
        pytest.param(
            [sell("a", 60, Trail(Percent(Decimal(5)), AtPrice(Decimal(80_000))))],
            ("100", "60", "0", "0", "100", "0"),
            id="a trail that sleeps",
        ),
        pytest.param(
            [sell("a", 60, Trail(Percent(Decimal(5))))],
            ("100", "60", "60", "3990000", "40", "0"),
            id="a trail from 70,000 stands at 66,500",
        ),
        pytest.param(
            [sell("a", 60, Stop(ProfitRate(Decimal(-10))))], ("100", "60", "60", "3780000", "40", "0"), id="-10 % of 70,000 is 63,000"
        ),
        pytest.param(
            [sell("a", 60, action=Action.ALERT), sell("b", 60, shadow=True)], ("100", "0", "0", "0", "100", "0"), id="what sends nothing"
        ),
        pytest.param(
            [legs(leg(STOP), leg(Target(price(80_000))), quantity=Decimal(60))],
            ("100", "60", "60", "3900000", "40", "0"),
            id="legs count once",
        ),
    ],
)
def test_what_is_sold_if_all_stops_fire(rules: list[Rule], row: tuple[str, ...]) -> None:
    assert samsung(*rules) == row


def test_a_paused_stop_still_promises_shares_and_protects_none() -> None:
    rig = Rig()
    rig.add(sell("a", 80))
    rig.prints("70000")
    rig.do(Pause(RuleId("a")))
    (held,) = [one for one in commitments(rig.world, rig.engine.book)["holdings"] if (one["account"], one["instrument"]) == (MAIN, SAMSUNG)]
    assert (held["sells"], held["stops"], held["bare"]) == ("80", "0", "100")


def test_a_rule_that_fired_promises_nothing_more() -> None:
    assert samsung(sell("a", 80), tape="70000 65000")[1:3] == ("0", "0")


def test_buys_are_added_up_by_limit_level_or_amount() -> None:
    by_level = rule("level", Above(price(71_000)), quantity=Decimal(10), side=Side.BUY)
    by_amount = rule("amount", Above(price(72_000)), quantity=Spend(Decimal(300_000)), side=Side.BUY)
    (purse,) = found(by_level, by_amount)["cash"]
    assert (purse["buys"], purse["unknown"], purse["rules"]) == ("1010000", [], ["level", "amount"])
    there = Decimal(purse["there"])
    assert Decimal(purse["over"]) == max(Decimal(0), Decimal(1_010_000) - there)


def test_what_nobody_holds_and_rules_sell_is_wholly_over() -> None:
    held = found(sell("h", 5, instrument=HYNIX), tape="")["holdings"]
    (row,) = [one for one in held if one["instrument"] == HYNIX]
    assert (row["account"], row["held"], row["over"]) == (MAIN, "0", "5")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 120), max_size=6))
def test_stops_and_bare_make_up_what_is_held(quantities: list[int]) -> None:
    rules = [sell(f"r{number}", quantity) for number, quantity in enumerate(quantities)]
    held, sells, stops, worth, bare, over = (Decimal(value) for value in samsung(*rules))
    assert sells == sum(quantities)
    assert stops + bare == held
    assert stops == min(held, sells)
    assert over == max(Decimal(0), sells - held)
    assert worth == stops * 65_000


def test_status_and_plan_carry_it() -> None:
    rig = Rig()
    planned = rig.plan(sell("a", 130), dry=True)["result"]["commitments"]["holdings"]
    assert [(one["sells"], one["over"]) for one in planned if (one["account"], one["instrument"]) == (MAIN, SAMSUNG)] == [("130", "30")]
    rig.add(sell("b", 10))
    told = rig.engine.status()["commitments"]["holdings"]
    assert [one["sells"] for one in told if (one["account"], one["instrument"]) == (MAIN, SAMSUNG)] == ["10"]


def test_of_an_account_that_nothing_is_known_of_nothing_is_guessed() -> None:
    rig = Rig(armed=False)
    rig.add(sell("a", 80))
    (row,) = commitments(rig.world, rig.engine.book)["holdings"]
    assert (row["sells"], row["held"], row["bare"], row["over"]) == ("80", None, None, None)
