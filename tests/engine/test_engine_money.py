"""Which money: a rule watches and pays in the currency of its listing (semantics 1 row 9, 3.1 row 16)."""

from decimal import Decimal
from typing import Any

import pytest
from rig import BITCOIN, Rig, price, rule, statement

from autotrader.domain.order import Balance, Holding, Statement
from autotrader.domain.rule import Above, ProfitRate, Spend, Stop
from autotrader.domain.tick import InstrumentId

APPLE = InstrumentId("US:AAPL")


def says(dollars: object, won: object = 100_000_000, *holdings: Holding) -> Statement:
    """Return what an account holds: dollars and won."""
    money = [Balance("USD", Decimal(str(dollars)), Decimal(str(dollars))), Balance("KRW", Decimal(str(won)), Decimal(str(won)))]
    return Statement((*statement(0).holdings, *holdings), tuple(money))


def buying(dollars: object, **changes: Any) -> Rig:
    rig = Rig(says=says(dollars))
    rig.add(rule("r", Above(price(200)), **{"instrument": APPLE, "quantity": Decimal(10), **changes}))
    rig.prints("199 200", APPLE)
    return rig


def test_a_buy_of_a_us_stock_never_counts_on_won() -> None:
    rig = buying(1_000)
    assert (rig.places, rig.state("r")) == ([], "failed")
    (note,) = [note for note in rig.alerts() if note.code == "failed.no_cash"]
    assert (note.params["currency"], note.params["available"]) == ("USD", "1000")


def test_with_dollars_it_reserves_dollars() -> None:
    rig = buying(5_000)
    assert len(rig.places) == 1
    assert 2_000 <= rig.intent("r").reserved <= 2_010


def test_an_amount_is_in_the_currency_of_the_listing() -> None:
    assert [request.quantity for request in buying(5_000, quantity=Spend(Decimal(1_000))).places] == [5]


def test_a_rate_of_profit_is_on_the_cost_in_the_currency_of_the_listing() -> None:
    rig = Rig(says=says(0, 0, Holding(APPLE, Decimal(10), Decimal(10), Decimal(2_000))))
    rig.add(rule("r", Stop(ProfitRate(Decimal(-5))), instrument=APPLE))
    assert rig.prints("200 190.01 190", APPLE) == [("r", "190")]


@pytest.mark.parametrize(
    ("amount", "bought"),
    [("50", "0.00083333"), ("95000", "1.58333333"), ("0.0006", "0.00000001"), ("0.0005", None)],
)
def test_an_amount_buys_parts_where_the_market_does(amount: str, bought: str | None) -> None:
    rig = Rig()
    rig.add(rule("r", Above(price(60_000)), instrument=BITCOIN, quantity=Spend(Decimal(amount))))
    rig.prints("59000 60000", BITCOIN)
    assert [request.quantity for request in rig.places] == ([Decimal(bought)] if bought else [])
    assert ("failed.amount_too_small" in rig.alert_codes()) is (bought is None)
