"""The worked examples of the manual, print by print: comparators, trails, profit rates, bases, ticks."""

from decimal import Decimal

import pytest
from rig import BITCOIN, Rig, price, rule, statement

from autotrader.domain.rule import (
    Above,
    Amount,
    AtPrice,
    Base,
    Below,
    OffBase,
    Percent,
    ProfitRate,
    Rebound,
    Stop,
    Target,
    Ticks,
    Trail,
    Trigger,
)
from autotrader.engine.events import Reference


def percent(value: object) -> Percent:
    return Percent(Decimal(str(value)))


def amount(value: object) -> Amount:
    return Amount(Decimal(str(value)))


STORIES = [
    pytest.param(Stop(price(68000)), "70000 68001 68000", "68000", id="a stop fires at its level"),
    pytest.param(Stop(price(68000)), "70000 67000", "67000", id="a stop fires on the print beyond a gap, never on the level"),
    pytest.param(Stop(price(68000)), "70000 68000.5 68000.00", "68000.00", id="a stop compares exactly between two ticks"),
    pytest.param(Target(price(75000)), "70000 74999 75000", "75000", id="a target fires at its level"),
    pytest.param(Target(price(75000)), "70000 76000", "76000", id="a target fires beyond a gap"),
    pytest.param(Above(price(71000)), "70000 70999 71000", "71000", id="a breakout buys at its level"),
    pytest.param(Below(price(69000)), "70000 69001 69000", "69000", id="a dip buys at its level"),
    pytest.param(Trail(amount(1000)), "10000 11000 10500 10010 10000", "10000", id="an amount trail fires at equality"),
    pytest.param(Trail(amount(1000)), "10000 11000 12000 11001", "", id="an amount trail moves its stop to 11,000"),
    pytest.param(Trail(amount(1000)), "10000 11000 12000 11000", "11000", id="an amount trail fires at the moved stop"),
    pytest.param(Trail(percent(2), price(52500)), "51000 52400 52600 54000 53000 52900", "52900", id="a percent trail with an activation"),
    pytest.param(Trail(percent(2), price(52500)), "60000 58801 58800", "58800", id="a trail whose activation is met at arm starts there"),
    pytest.param(Trail(percent(3)), "68500 71300 70000 69200 69161.01", "", id="a percent trail keeps still above 69,161"),
    pytest.param(Trail(percent(3)), "68500 71300 70000 69200 69100", "69100", id="a percent trail fires under 69,161"),
    pytest.param(Trail(percent(3)), "68500 71300 69200 69161", "69161", id="a percent trail fires exactly at 69,161"),
    pytest.param(Trail(percent(3)), "68500 71300 69150", "69150", id="a midpoint print fires, although 69,100 is shown"),
    pytest.param(Trail(percent(3)), "68500 66445", "66445", id="a drop before the first rise counts from the arm price"),
    pytest.param(Rebound(amount(1000)), "10000 9000 9500 9990 10000", "10000", id="a rebound is the mirror of an amount trail"),
    pytest.param(Rebound(percent(2), price(47500)), "49000 47600 47400 46000 46900 46920", "46920", id="a rebound with an activation"),
    pytest.param(Rebound(percent(3)), "71500 68700 70760.99 70761", "70761", id="a rebound compares exactly"),
    pytest.param(Rebound(percent(3)), "70000 72100", "72100", id="a rise before the first fall counts from the arm price"),
    pytest.param(Trail(Ticks(3)), "20050 19990", "", id="a ticks trail of three stands at 19,980 across the band"),
    pytest.param(Trail(Ticks(3)), "20050 19990 19980", "19980", id="a ticks trail crosses bands step by step"),
    pytest.param(Rebound(Ticks(3)), "1998 2004", "", id="a ticks rebound of three stands at 2,005 across the band"),
    pytest.param(Rebound(Ticks(3)), "1998 2004 2005", "2005", id="a ticks rebound crosses bands step by step"),
    pytest.param(Stop(OffBase(percent(-5), Base.ARM)), "70000 66501 66500", "66500", id="a stop 5 % under the arm price"),
    pytest.param(Above(OffBase(percent(3), Base.ARM)), "70000 72099 72100", "72100", id="a breakout 3 % over the arm price"),
    pytest.param(Below(OffBase(percent(-3), price(80000))), "79000 77601 77600", "77600", id="a dip 3 % under a price as base"),
    pytest.param(Stop(OffBase(Ticks(-2), price(50100))), "50100 49951 49950", "49950", id="a stop two ticks under a price"),
    pytest.param(
        Trail(amount(1000), OffBase(percent(2), Base.ARM)), "10000 10199 10200 10900 9900", "9900", id="an activation off the arm price"
    ),
]


@pytest.mark.parametrize(("trigger", "tape", "fired"), STORIES)
def test_a_rule_fires_on_the_print_that_the_manual_says(trigger: Trigger, tape: str, fired: str) -> None:
    rig = Rig()
    rig.add(rule("r", trigger, quantity=Decimal(1)))
    assert rig.prints(tape) == ([("r", fired)] if fired else [])


def test_every_step_of_the_activated_trail_is_as_the_table_says() -> None:
    rig = Rig(says=statement(shares=10, cost=500_000))
    rig.add(rule("r", Trail(percent(2), ProfitRate(Decimal(5)))))
    seen = []
    for at in ("51000", "52400", "52600", "54000", "53000", "52900"):
        rig.prints(at)
        seen.append((rig.state("r"), rig.mark("r"), rig.level("r") if rig.state("r") == "watching" else None))
    assert seen == [
        ("waiting", None, None),
        ("waiting", None, None),
        ("watching", Decimal(52600), "51548"),
        ("watching", Decimal(54000), "52920"),
        ("watching", Decimal(54000), "52920"),
        ("fired", Decimal(54000), None),
    ]


@pytest.mark.parametrize(
    ("cost", "quantity", "trigger", "tape", "fired"),
    [
        pytest.param(500_000, 10, Stop(ProfitRate(Decimal(-7))), "50000 46501 46500", "46500", id="-7 % of 50,000 is 46,500"),
        pytest.param(500_000, 10, Target(ProfitRate(Decimal(7))), "50000 53499 53500", "53500", id="+7 % of 50,000 is 53,500"),
        # 100,000 / 3 does not end; -10 % of it is exactly 30,000, which a rounded average would miss.
        pytest.param(100_000, 3, Stop(ProfitRate(Decimal(-10))), "33000 30000.0000000000001 30000", "30000", id="-10 % of 33,333.3…"),
        pytest.param(100_000, 3, Target(ProfitRate(Decimal(20))), "33000 39999.9999999999999 40000", "40000", id="+20 % of 33,333.3…"),
        pytest.param(100_000, 7, Stop(ProfitRate(Decimal(-1))), "14285 14142.857142857143", "", id="just over a level that does not end"),
        pytest.param(100_000, 7, Stop(ProfitRate(Decimal(-1))), "14285 14142.857142857142", "14142.857142857142", id="just under one"),
    ],
)
def test_a_profit_rate_compares_with_the_total_cost(cost: int, quantity: int, trigger: Trigger, tape: str, fired: str) -> None:
    rig = Rig(says=statement(shares=quantity, cost=cost))
    rig.add(rule("r", trigger, quantity=Decimal(1)))
    assert rig.prints(tape) == ([("r", fired)] if fired else [])


def test_a_base_that_is_the_previous_close_waits_for_it() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(OffBase(percent(-5), Base.PREVIOUS_CLOSE))))
    rig.prints("70000")
    assert (rig.state("r"), rig.reason("r")) == ("waiting", "waiting.previous_close")
    rig.tell(Reference(rule("r", Stop(price(1))).instrument, Decimal(72000)))
    assert rig.prints("70000 68401 68400") == [("r", "68400")]


def test_an_instrument_without_holdings_waits_for_its_cost() -> None:
    rig = Rig(says=statement(shares=0))
    rig.add(rule("r", Stop(ProfitRate(Decimal(-5)))))
    rig.prints("70000")
    assert (rig.state("r"), rig.reason("r")) == ("waiting", "waiting.position")
    rig.stated(statement(shares=10, cost=700_000))
    assert rig.prints("70000 66500") == [("r", "66500")]


def test_an_unknown_cost_is_never_an_infinite_profit() -> None:
    rig = Rig(says=statement(shares=10, cost=0))
    rig.add(rule("r", Target(ProfitRate(Decimal(5)))))
    assert rig.prints("70000 99999999") == []
    assert rig.reason("r") == "waiting.cost"


def test_more_shares_bought_move_a_profit_rate_level_and_keep_the_mark() -> None:
    rig = Rig(says=statement(shares=10, cost=500_000))
    rig.add(rule("stop", Stop(ProfitRate(Decimal(-10)))), rule("trail", Trail(percent(20), ProfitRate(Decimal(5)))))
    rig.prints("50000 53000")
    rig.stated(statement(shares=20, cost=1_100_000))
    assert rig.mark("trail") == Decimal(53000)
    assert rig.prints("49501 49500") == [("stop", "49500")]


def test_a_crypto_pair_of_another_currency_is_watched_the_same_way() -> None:
    rig = Rig()
    rig.add(rule("btc", Rebound(percent(2), AtPrice(Decimal(55000))), instrument=BITCOIN, quantity=Decimal("0.01")))
    assert rig.prints("60000 55000 54000.10 55080.10 55080.102", BITCOIN) == [("btc", "55080.102")]
