"""Fees of a trade and the price that pays for them (market rules 7)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrader.config.markets import load_markets
from autotrader.domain.rule import Side
from autotrader.domain.tick import InstrumentId
from autotrader.markets.costs import break_even, fees_of, net_cost
from autotrader.markets.facts import CostRow, Grade, Ladder
from autotrader.markets.profile import find_instrument
from autotrader.markets.ticks import tick_down


def row(commission: str, tax: str, per_share: str = "0", cap: str | None = None) -> CostRow:
    return CostRow(
        commission=Decimal(commission), tax=Decimal(tax), per_share=Decimal(per_share),
        per_share_cap=None if cap is None else Decimal(cap), effective_from=date(2026, 1, 1), source="the test", grade=Grade.V,
    )  # fmt: skip


def ladder(instrument: str) -> Ladder:
    return find_instrument(load_markets(), InstrumentId(instrument), date(2026, 11, 20)).ladder


KRX, US = ladder("KRX:005930"), ladder("US:AAPL")


@pytest.mark.parametrize(
    ("cost", "rates", "steps", "price", "tick"),
    [
        ("10000", row("0.015", "0.20"), KRX, "10023.05", "10030"),
        ("10000", row("0", "0"), KRX, "10000.00", "10010"),  # at the cost itself nothing is won
        ("9980", row("0", "0"), KRX, "9980.00", "9990"),
        ("10000", row("0", "0.20"), KRX, "10020.04", "10030"),
        ("9980", row("0", "0.2"), KRX, "10000.00", "10010"),  # exactly 10,000: 9,980 is what is left of it
        ("100", row("0", "0.00206", "0.000195"), US, "100.00", "100.01"),
        ("0.5", row("0", "0"), US, "0.50", "0.5001"),
        ("10000.3333", row("0.015", "0.20"), KRX, "10023.38", "10030"),
    ],
)
def test_break_even_and_the_first_profitable_tick(cost: str, rates: CostRow, steps: Ladder, price: str, tick: str) -> None:
    found = break_even(Decimal(cost), rates, steps)
    assert (found.price.quantize(Decimal("0.01")), found.tick) == (Decimal(price), Decimal(tick))


def test_without_known_steps_there_is_a_price_and_no_tick() -> None:
    found = break_even(Decimal(10000), row("0.015", "0.20"), ())
    assert (found.price.quantize(Decimal("0.00001")), found.tick) == (Decimal("10023.04956"), None)


@given(st.integers(1, 3_000_000), st.integers(0, 500), st.integers(0, 300), st.sampled_from([KRX, US]))
def test_the_first_profitable_tick_wins_and_the_one_under_it_does_not(cost: int, commission: int, tax: int, steps: Ladder) -> None:
    rates = row(str(Decimal(commission) / 1000), str(Decimal(tax) / 1000))
    tick = break_even(Decimal(cost), rates, steps).tick
    assert tick is not None

    def won(price: Decimal) -> Decimal:
        paid = fees_of(rates, Side.BUY, Decimal(cost), Decimal(1)).total + fees_of(rates, Side.SELL, price, Decimal(1)).total
        return price - cost - paid

    assert won(tick) > 0 >= won(tick_down(steps, tick))


@pytest.mark.parametrize(
    ("rates", "side", "price", "quantity", "unit", "parts"),
    [
        (row("0.015", "0.20"), Side.BUY, "10000", "10", None, ("15", "0", "0")),
        (row("0.015", "0.20"), Side.SELL, "10000", "10", None, ("15", "200", "0")),
        (row("0.015", "0.20"), Side.SELL, "10030", "1", None, ("1.5045", "20.06", "0")),
        (row("0.015", "0.20"), Side.SELL, "10030", "1", "1", ("1", "20", "0")),  # the fraction of a won is dropped, part by part
        (row("0", "0.00206", "0.000195", "9.79"), Side.SELL, "100", "1000", None, ("0", "2.06", "0.195")),
        (row("0", "0.00206", "0.000195", "9.79"), Side.SELL, "1", "100000", None, ("0", "2.06", "9.79")),
        (row("0", "0.00206", "0.000195", "9.79"), Side.BUY, "100", "1000", "0.01", ("0", "0", "0")),
    ],
)
def test_fees_of_a_trade(rates: CostRow, side: Side, price: str, quantity: str, unit: str | None, parts: tuple[str, str, str]) -> None:
    fees = fees_of(rates, side, Decimal(price), Decimal(quantity), unit=None if unit is None else Decimal(unit))
    assert fees == tuple(Decimal(part) for part in parts)
    assert fees.total == sum(fees)


def test_the_net_cost_of_a_share_is_exact() -> None:
    assert net_cost(Decimal(10000), row("0.015", "0.20")) == Decimal("10001.5")
