"""Price steps of every ladder that the package knows, at both edges of every band."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrader.config.markets import load_markets
from autotrader.domain.rule import Side
from autotrader.domain.tick import InstrumentId
from autotrader.markets.facts import Ladder
from autotrader.markets.profile import find_instrument, ladder_of
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick, midpoint, move_ticks, round_to_send, step_at, tick_down, tick_up

KNOWN = ["KRX:005930", "NXT:005930", "US:AAPL", "UPBIT:KRW-BTC", "UPBIT:BTC-ETH", "UPBIT:USDT-BTC", "BINANCE:BTCUSDT"]


def ladder(instrument: str) -> Ladder:
    return find_instrument(load_markets(), InstrumentId(instrument)).ladder


KRX = ladder("KRX:005930")


@pytest.mark.parametrize(
    ("price", "step"),
    [
        (1, 1), (1999, 1), (2000, 5), (4995, 5), (5000, 10), (19990, 10), (20000, 50), (49950, 50), (50000, 100),
        (199900, 100), (200000, 500), (499500, 500), (500000, 1000), (1_000_000, 1000),
    ],
)  # fmt: skip
def test_a_krx_price_moves_by_the_step_of_its_band(price: int, step: int) -> None:
    assert step_at(KRX, Decimal(price)) == step


@pytest.mark.parametrize(
    ("walk", "count"),
    [
        ([20050, 20000, 19990, 19980], -1),
        ([1998, 1999, 2000, 2005], 1),
        ([50000, 49950], -1),
        ([200000, 199900], -1),
        ([500000, 499500], -1),
        ([5000, 4995], -1),
        ([2000, 1999], -1),
        ([4995, 5000, 5010], 1),
        ([49950, 50000, 50100], 1),
        ([499500, 500000, 501000], 1),
        ([2, 1, 0, 0], -1),
    ],
)
def test_ticks_cross_bands_one_at_a_time(walk: list[int], count: int) -> None:
    for before, after in pairwise(walk):
        assert move_ticks(KRX, Decimal(before), count) == after
    assert move_ticks(KRX, Decimal(walk[0]), count * (len(walk) - 1)) == walk[-1]


@pytest.mark.parametrize(("price", "down", "up"), [("69161", 69100, 69200), ("1999.5", 1999, 2000), ("0.5", 0, 1), ("70000", 70000, 70000)])
def test_what_we_send_is_rounded_down_to_sell_and_up_to_buy(price: str, down: int, up: int) -> None:
    assert round_to_send(KRX, Decimal(price), Side.SELL) == down
    assert round_to_send(KRX, Decimal(price), Side.BUY) == up


@pytest.mark.parametrize(
    ("instrument", "price", "under", "over"),
    [
        ("UPBIT:KRW-BTC", "1000000", "999500", "1001000"),
        ("UPBIT:KRW-BTC", "500000", "499900", "500500"),
        ("UPBIT:KRW-BTC", "100", "99.9", "101"),
        ("UPBIT:KRW-BTC", "0.00001", "0.00000999", "0.0000101"),
        ("UPBIT:USDT-BTC", "10", "9.999", "10.01"),
        ("US:AAPL", "1", "0.9999", "1.01"),
        ("US:AAPL", "187.45", "187.44", "187.46"),
    ],
)
def test_other_venues_step_by_their_own_ladders(instrument: str, price: str, under: str, over: str) -> None:
    known = ladder(instrument)
    assert (tick_down(known, Decimal(price)), tick_up(known, Decimal(price))) == (Decimal(under), Decimal(over))


@pytest.mark.parametrize(
    ("instrument", "price", "under", "over"),
    [
        ("KRX:069500", "2000", "1999", "2005"),  # an ETF
        ("KRX:069500", "35005", "35000", "35010"),
        ("KRX:069500", "1500", "1499", "1501"),
        ("NXT:005930", "20000", "19990", "20050"),
        ("SOR:005930", "500000", "499500", "501000"),
    ],
)
def test_funds_and_other_venues_of_korea(instrument: str, price: str, under: str, over: str) -> None:
    market, _, code = instrument.partition(":")
    known = ladder_of(load_markets()[market], code, "etf" if code == "069500" else "stock", date(2026, 11, 20))
    assert (tick_down(known, Decimal(price)), tick_up(known, Decimal(price))) == (Decimal(under), Decimal(over))


def test_a_warrant_moves_by_fives_at_any_price() -> None:
    known = ladder_of(load_markets()["KRX"], "57KJ12", "elw", date(2026, 11, 20))
    assert [step_at(known, Decimal(price)) for price in (5, 1995, 20000)] == [5, 5, 5]


@pytest.mark.parametrize(
    ("bid", "ask", "mid", "on_tick"),
    [
        (10000, 10020, 10010, True),
        (10000, 10010, 10005, False),
        (1501, 1502, 1501, True),
        (2000, 2005, 2002, False),
    ],
)
def test_the_midpoint_is_cut_to_the_won_and_may_be_off_the_ladder(bid: int, ask: int, mid: int, on_tick: bool) -> None:
    found = midpoint(Decimal(bid), Decimal(ask))
    assert (found, floor_to_tick(KRX, found) == found) == (mid, on_tick)


def test_a_midpoint_of_cents_is_cut_to_the_cent() -> None:
    assert midpoint(Decimal("10.01"), Decimal("10.04"), Decimal("0.01")) == Decimal("10.02")


@pytest.mark.parametrize(
    ("price", "floor", "ceiling"),
    [("10001", "10000", "10010"), ("10009", "10000", "10010"), ("10010", "10010", "10010"), ("19995", "19990", "20000"), ("0.5", "0", "1")],
)
def test_the_ceiling_is_no_truncation(price: str, floor: str, ceiling: str) -> None:
    """Decimal division truncates toward zero, so that -(-p // t) * t is the floor again."""
    value = Decimal(price)
    assert (floor_to_tick(KRX, value), ceil_to_tick(KRX, value)) == (Decimal(floor), Decimal(ceiling))
    trap = -(-value // step_at(KRX, value)) * step_at(KRX, value)
    assert trap == Decimal(floor), "the trap is there: a ceiling written that way would be this one"


@given(st.sampled_from(KNOWN), st.decimals(min_value=Decimal("0.01"), max_value=Decimal(3_000_000), places=4))
def test_up_undoes_down_and_down_undoes_up_on_the_ladder(instrument: str, price: Decimal) -> None:
    known = ladder(instrument)
    start = ceil_to_tick(known, price)
    assert tick_down(known, tick_up(known, start)) == start
    below = tick_down(known, start)
    assert tick_up(known, below) == start and below < start


@pytest.mark.parametrize("instrument", KNOWN)
def test_every_ladder_rises_and_its_bands_start_on_the_ladder_below(instrument: str) -> None:
    bands = ladder(instrument)
    assert bands[0].start == 0
    for below, above in pairwise(bands):
        assert below.start < above.start and below.step <= above.step
        assert above.start % below.step == 0 and above.start % above.step == 0


prices = st.decimals(min_value=Decimal("0.00000001"), max_value=Decimal(3_000_000), places=10).filter(lambda price: price > 0)


@given(st.sampled_from(KNOWN), prices)
def test_floor_and_ceiling_embrace_a_price_with_no_step_between(instrument: str, price: Decimal) -> None:
    known = ladder(instrument)
    floor, ceiling = floor_to_tick(known, price), ceil_to_tick(known, price)
    assert floor <= price <= ceiling
    assert floor_to_tick(known, ceiling) == ceil_to_tick(known, ceiling) == ceiling
    if floor > 0:
        assert floor_to_tick(known, floor) == ceil_to_tick(known, floor) == floor
    assert (floor == ceiling) == (price % step_at(known, price) == 0)
    assert ceiling == floor or tick_up(known, floor) == ceiling if floor > 0 else True


@given(st.sampled_from(KNOWN), prices, st.integers(1, 30))
def test_ticks_up_and_down_again_lead_back(instrument: str, price: Decimal, count: int) -> None:
    known = ladder(instrument)
    start = ceil_to_tick(known, price)
    assert move_ticks(known, move_ticks(known, start, count), -count) == start


@given(st.sampled_from(KNOWN), prices, st.integers(-400, 400))
def test_a_leap_through_a_band_is_the_same_as_its_single_steps(instrument: str, price: Decimal, count: int) -> None:
    known = ladder(instrument)
    step, at = (tick_up if count > 0 else tick_down), price
    for _ in range(abs(count)):
        at = step(known, at) if at > 0 else Decimal(0)
    assert move_ticks(known, price, count) == at


def test_a_very_deep_distance_is_a_few_leaps() -> None:
    assert move_ticks(ladder("UPBIT:BTC-ETH"), Decimal("0.05"), 10**12) == Decimal("10000.05")
    assert move_ticks(ladder("UPBIT:KRW-BTC"), Decimal(10**8), -(10**15)) == 0


def test_an_unknown_ladder_sends_as_written() -> None:
    assert round_to_send((), Decimal("1.23456"), Side.BUY) == Decimal("1.23456")
