"""Daily limits (market rules 3.2) and volatility interruptions (3.3)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markets_local import market

from autotrader.config.markets import load_markets
from autotrader.domain.tick import InstrumentId
from autotrader.markets.limits import Limits, clamp, daily_limits, interruption
from autotrader.markets.profile import Instrument, find_instrument
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick

DAY = date(2026, 11, 20)


def instrument(name: str) -> Instrument:
    return find_instrument(load_markets(), InstrumentId(name), DAY)


def of(name: str, base: str) -> Limits | None:
    return daily_limits(market(name.partition(":")[0]), instrument(name), Decimal(base), DAY)


@pytest.mark.parametrize(
    ("base", "upper", "lower"),
    [
        ("9980", "12970", "6990"),
        ("15450", "20050", "10820"),
        ("1803", "2340", "1263"),
        ("2105", "2735", "1475"),
        ("49950", "64900", "35000"),
        ("71300", "92600", "50000"),
        ("199900", "259500", "140000"),
        ("205000", "266500", "143500"),
        ("10000", "13000", "7000"),
        ("1", "1", "1"),
    ],
)
@pytest.mark.parametrize("venue", ["KRX", "NXT", "SOR"])
def test_limits_of_the_table(venue: str, base: str, upper: str, lower: str) -> None:
    profile = market(venue)
    listed = instrument("KRX:005930")
    assert daily_limits(profile, listed, Decimal(base), DAY) == Limits(Decimal(lower), Decimal(upper))


@pytest.mark.parametrize(
    ("name", "base", "lower", "upper"),
    [
        ("KRX:069500", "35000", "24500", "45500"),  # an ETF: ticks of 5
        ("KRX:122630", "20000", "8000", "32000"),  # twice the band
        ("KRX:252670", "1999", "800", "3195"),  # 1,199.4 cut to 1,199; 3,198 is off the ticks of 5
    ],
)
def test_a_leveraged_fund_goes_further(name: str, base: str, lower: str, upper: str) -> None:
    assert of(name, base) == Limits(Decimal(lower), Decimal(upper))


def of_kind(kind: str, base: str, multiple: str = "1") -> Limits | None:
    listed = instrument("KRX:005930")
    special = Instrument(listed.id, "KRX", "0", "KRW", listed.ladder, Decimal(1), kind, Decimal(multiple))
    return daily_limits(market("KRX"), special, Decimal(base), DAY)


def test_konex_goes_half_as_far() -> None:
    assert of_kind("konex", "10000") == Limits(Decimal(8500), Decimal(11500))


def test_no_multiple_reaches_zero() -> None:
    assert of_kind("etf", "1000", "4") == Limits(Decimal(1), Decimal(2200))


@pytest.mark.parametrize("name", ["US:AAPL", "UPBIT:KRW-BTC", "BINANCE:BTCUSDT"])
def test_other_markets_have_none(name: str) -> None:
    assert of(name, "100") is None


def test_before_limits_are_on_file_there_are_none() -> None:
    assert daily_limits(market("KRX"), instrument("KRX:005930"), Decimal(10000), date(2015, 6, 14)) is None


@pytest.mark.parametrize(
    ("price", "clamped"), [("6999", "7000"), ("7000", "7000"), ("9000", "9000"), ("13000", "13000"), ("13010", "13000")]
)
def test_a_price_beyond_a_limit_is_the_limit(price: str, clamped: str) -> None:
    assert clamp(Decimal(price), Limits(Decimal(7000), Decimal(13000))) == Decimal(clamped)


@given(st.integers(1, 3_000_000), st.integers(1, 5_000_000))
def test_limits_are_on_the_ladder_around_the_base_and_hold_what_is_clamped(base: int, price: int) -> None:
    listed = instrument("KRX:005930")
    start = floor_to_tick(listed.ladder, Decimal(base))
    limits = daily_limits(market("KRX"), listed, start, DAY)
    assert limits is not None and limits.lower <= start <= limits.upper
    assert 7 * start <= 10 * limits.lower and 10 * limits.upper <= 13 * start
    for limit in limits:
        assert floor_to_tick(listed.ladder, limit) == ceil_to_tick(listed.ladder, limit) == limit
    clamped = clamp(Decimal(price), limits)
    assert limits.lower <= clamped <= limits.upper and (clamped == price or clamped in limits)


VI = [
    # kind, session, last trade, static reference, tentative price, the rule that breaks
    ("stock", "krx.continuous", "10000", "10000", "10590", ""),
    ("stock", "krx.continuous", "10000", "10000", "10600", "dynamic"),  # reached counts
    ("stock", "krx.continuous", "10000", "10000", "9400", "dynamic"),
    ("stock", "krx.continuous", "10000", "10000", "9410", ""),
    ("kospi200", "krx.continuous", "10000", "10000", "10290", ""),
    ("kospi200", "krx.continuous", "10000", "10000", "10300", "dynamic"),
    ("stock", "krx.close_call", "10000", "10000", "10390", ""),
    ("stock", "krx.close_call", "10000", "10000", "10400", "dynamic"),
    ("kospi200", "krx.close_call", "10000", "10000", "10200", "dynamic"),
    ("stock", "krx.continuous", "10900", "10000", "11000", "static"),
    ("stock", "krx.continuous", "10900", "10000", "10990", ""),
    ("stock", "krx.continuous", "9100", "10000", "9000", "static"),
    ("stock", "krx.continuous", "10000", "10000", "11000", "dynamic"),  # both: the dynamic one is named
    ("stock", "krx.open_call", "10000", "10000", "11000", "static"),
    ("stock", "krx.open_call", None, "10000", "10900", ""),
    ("stock", "krx.continuous", None, None, "99999", ""),
    # Under 1,000 won three ticks are no jump, whatever they are in percent.
    ("stock", "krx.continuous", "40", "40", "43", ""),
    ("stock", "krx.continuous", "40", "40", "44", "dynamic"),
    ("stock", "krx.continuous", "40", "40", "37", ""),
    ("stock", "krx.continuous", "40", "40", "36", "dynamic"),
    ("stock", "krx.post_close_price", "10000", "10000", "13000", ""),
]


@pytest.mark.parametrize(("kind", "session", "last", "static", "price", "rule"), VI)
def test_a_jump_interrupts_trading(kind: str, session: str, last: str | None, static: str | None, price: str, rule: str) -> None:
    references = [None if text is None else Decimal(text) for text in (last, static)]
    found = interruption(market("KRX"), kind, session, DAY, references[0], references[1], Decimal(price))
    assert ("" if found is None else found.rule) == rule
    assert found is None or (found.seconds, found.random_end) == (120, 30)
