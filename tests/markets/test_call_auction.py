"""The price of a call auction and the allocation at a daily limit (market rules 6), against the text's cases and brute force."""

from decimal import Decimal
from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotrader.config.markets import load_markets
from autotrader.domain.tick import InstrumentId
from autotrader.markets.auction import AuctionResult, allocate, auction_price
from autotrader.markets.limits import Limits
from autotrader.markets.profile import find_instrument
from autotrader.markets.ticks import tick_up

LADDER = find_instrument(load_markets(), InstrumentId("KRX:005930")).ladder
Side = list[tuple[Decimal | None, Decimal]]


def side(text: str) -> Side:
    """Read `300@9800 100@market`."""
    parts = [part.split("@") for part in text.split()]
    return [(None if price == "market" else Decimal(price), Decimal(quantity)) for quantity, price in parts]


def found(sells: str, buys: str, previous: str | None = "10000", limits: Limits | None = None) -> tuple[int, ...] | None:
    result = auction_price(side(sells), side(buys), None if previous is None else Decimal(previous), LADDER, limits=limits)
    return None if result is None else tuple(int(value) for value in result)


A = ("150@7810 200@7820 150@7830 200@7830 50@7830", "100@7850 150@7840 200@7830 150@7830")
B = ("300@9800", "300@10100")
C = ("300@9800", "300@10100 100@10000")
D = ("300@9800 100@9900", "300@10100")


@pytest.mark.parametrize(
    ("book", "previous", "price", "volume", "low", "high"),
    [
        pytest.param(A, "7000", 7830, 600, 7830, 7830, id="A from below"),
        pytest.param(A, "7830", 7830, 600, 7830, 7830, id="A"),
        pytest.param(A, "9000", 7830, 600, 7830, 7830, id="A from above"),
        pytest.param(B, "10000", 10000, 300, 9800, 10100, id="B inside"),
        pytest.param(B, "10500", 10100, 300, 9800, 10100, id="B over"),
        pytest.param(B, "9000", 9800, 300, 9800, 10100, id="B under"),
        pytest.param(C, "9500", 10000, 300, 10000, 10100, id="C: a better buyer is not left out"),
        pytest.param(C, "10050", 10050, 300, 10000, 10100, id="C inside"),
        pytest.param(D, "10600", 9900, 300, 9800, 9900, id="D: a better seller is not left out"),
        pytest.param(B, None, 9800, 300, 9800, 10100, id="no previous price"),
    ],
)
def test_cases_of_the_rules(book: tuple[str, str], previous: str | None, price: int, volume: int, low: int, high: int) -> None:
    assert found(*book, previous) == (price, volume, low, high)


@pytest.mark.parametrize(
    ("previous", "price"),
    [
        ("9994", 9990),  # a step of 10 over 5,000: the nearer tick
        ("9996", 10000),
        ("10004", 10000),
        ("10006", 10010),
        ("10005", 10000),  # as near to both: the lower
        ("10099", 10100),
        ("9801", 9800),
    ],
)
def test_a_previous_price_between_two_ticks_chooses_the_nearer(previous: str, price: int) -> None:
    assert found(*B, previous) == (price, 300, 9800, 10100)


@pytest.mark.parametrize(
    ("sells", "buys"), [("", ""), ("300@9800", ""), ("", "300@9800"), ("300@9800", "300@9790"), ("5@market", ""), ("", "5@market")]
)
def test_nothing_trades_where_nobody_meets(sells: str, buys: str) -> None:
    assert found(sells, buys) is None


@pytest.mark.parametrize(
    ("sells", "buys", "previous", "expected"),
    [
        # Market orders count at every price.
        ("100@10000", "100@market", "10000", (10000, 100, 10000, 10000)),
        ("100@10000", "100@market", "10500", (10500, 100, 10000, 10500)),
        ("100@10000", "100@market", "9500", (10000, 100, 10000, 10000)),
        ("100@market", "100@10000", "9500", (9500, 100, 9500, 10000)),
        ("100@market 100@10050", "200@10100", "10000", (10050, 200, 10050, 10100)),
        ("100@market", "60@10000 60@9900", "10000", (9900, 100, 9900, 9900)),
        ("50@market 100@10000", "50@market 100@10000", "9000", (10000, 150, 10000, 10000)),
        # More than the other side has: the price that the rules deem them to have (2.1).
        ("300@9800", "500@market", "9500", (9800, 300, 9800, 9800)),
        ("300@9800", "500@market", "10500", (10500, 300, 10500, 10500)),
        ("300@9800", "500@market 100@10100", "9500", (10110, 300, 10110, 10110)),
        ("500@market", "300@9800", "10000", (9800, 300, 9800, 9800)),
        ("500@market 10@9700", "300@9800", "10000", (9690, 300, 9690, 9690)),
        ("500@market", "300@9800", "9000", (9000, 300, 9000, 9000)),
        # Only market orders: the previous price.
        ("500@market", "300@market", "9000", (9000, 300, 9000, 9000)),
    ],
)
def test_market_orders_in_a_call(sells: str, buys: str, previous: str, expected: tuple[int, ...]) -> None:
    assert found(sells, buys, previous) == expected


def test_market_orders_alone_without_a_previous_price_make_none() -> None:
    assert found("500@market", "300@market", None) is None


def test_a_deemed_price_stays_inside_the_daily_limits() -> None:
    assert found("300@9800", "300@market", "13500", Limits(Decimal(7000), Decimal(13000))) == (13000, 300, 9800, 13000)
    assert found("300@9800", "500@market 100@13000", "10000", Limits(Decimal(7000), Decimal(13000))) == (13000, 300, 13000, 13000)
    assert found("500@market 10@7000", "300@7000", "10000", Limits(Decimal(7000), Decimal(13000))) == (7000, 300, 7000, 7000)


GRID = [Decimal(4985)]
while len(GRID) < 14:
    GRID.append(tick_up(LADDER, GRID[-1]))
"""Ticks of 5 under and of 10 over 5,000."""

WIDE = [Decimal(4900)]
while len(WIDE) < 40:
    WIDE.append(tick_up(LADDER, WIDE[-1]))
"""Ticks beyond these on both sides, where a previous price may be."""

quantities = st.integers(1, 12).map(Decimal)
limited = st.lists(st.tuples(st.sampled_from(GRID), quantities), min_size=1, max_size=7)
with_market = st.lists(st.tuples(st.one_of(st.none(), st.sampled_from(GRID)), quantities), max_size=7)
previous_prices = st.one_of(st.none(), st.integers(4950, 5150).map(Decimal))


def sold(sells: Side, price: Decimal, *, strictly: bool = False) -> Decimal:
    return sum((q for p, q in sells if p is None or p < price or (p == price and not strictly)), Decimal(0))


def bought(buys: Side, price: Decimal, *, strictly: bool = False) -> Decimal:
    return sum((q for p, q in buys if p is None or p > price or (p == price and not strictly)), Decimal(0))


def volume(sells: Side, buys: Side, price: Decimal) -> Decimal:
    return min(sold(sells, price), bought(buys, price))


def brute(sells: Side, buys: Side, previous: Decimal | None) -> list[Decimal]:
    """Return every tick between the limit prices and the previous price that satisfies both conditions, as the rules state them."""
    limits = sorted(price for price, _ in (*sells, *buys, (previous, None)) if price is not None)
    ticks = [price for price in WIDE if limits and limits[0] <= price <= limits[-1]]
    fair = [
        p for p in ticks
        if bought(buys, p) >= sold(sells, p, strictly=True) and sold(sells, p) >= bought(buys, p, strictly=True)
    ]  # fmt: skip
    most = max((volume(sells, buys, p) for p in ticks), default=Decimal(0))
    return [p for p in fair if volume(sells, buys, p) == most > 0]


def check(sells: Side, buys: Side, previous: Decimal | None, result: AuctionResult | None) -> None:
    right = brute(sells, buys, previous)
    if not right:
        assert result is None
        return
    assert result is not None
    assert (result.low, result.high, result.volume) == (right[0], right[-1], volume(sells, buys, right[0]))
    assert result.price in right
    if previous is None:
        assert result.price == right[0]
    else:
        assert abs(result.price - previous) == min(abs(price - previous) for price in right)
        assert result.price == min(price for price in right if abs(price - previous) == abs(result.price - previous))


@settings(max_examples=400)
@given(limited, limited, previous_prices)
def test_the_price_is_that_of_brute_force_over_every_tick(sells: Side, buys: Side, previous: Decimal | None) -> None:
    check(sells, buys, previous, auction_price(sells, buys, previous, LADDER))


@settings(max_examples=400)
@given(with_market, with_market, previous_prices)
def test_market_orders_that_can_be_filled_do_not_change_that(sells: Side, buys: Side, previous: Decimal | None) -> None:
    result = auction_price(sells, buys, previous, LADDER)
    all_sold, all_bought = (sum((q for _, q in orders), Decimal(0)) for orders in (sells, buys))
    market_sold, market_bought = (sum((q for p, q in orders if p is None), Decimal(0)) for orders in (sells, buys))
    if any(p is not None for p, _ in (*sells, *buys)) and market_bought <= all_sold and market_sold <= all_bought:
        check(sells, buys, previous, result)
    elif result is not None:
        assert result.volume == min(all_sold, all_bought) > 0


def test_a_planted_fault_is_found_by_the_check() -> None:
    """A price of the largest volume that leaves a better buyer unfilled, as in case C, does not pass."""
    sells, buys = side("3@4985"), side("3@5020 1@5010")
    check(sells, buys, Decimal(4950), AuctionResult(Decimal(5010), Decimal(3), Decimal(5010), Decimal(5020)))
    assert volume(sells, buys, Decimal(4985)) == 3
    with pytest.raises(AssertionError):
        check(sells, buys, Decimal(4950), AuctionResult(Decimal(4985), Decimal(3), Decimal(4985), Decimal(5020)))


def test_thousands_of_orders_take_milliseconds() -> None:
    sells: Side = [(Decimal(10000 + 10 * (number % 400)), Decimal(1 + number % 7)) for number in range(4000)]
    buys: Side = [(Decimal(13000 - 10 * (number % 400)), Decimal(1 + number % 5)) for number in range(4000)]
    began = perf_counter()
    assert auction_price(sells, buys, Decimal(11000), LADDER) is not None
    assert perf_counter() - began < 0.5


def decimals(*numbers: int) -> tuple[Decimal, ...]:
    return tuple(Decimal(number) for number in numbers)


@pytest.mark.parametrize(
    ("wanted", "available", "lot", "given_out"),
    [
        # The example of the rules: 100 each, then halves 450, 50, 4,950, 2,450, then 4,800 to the largest rest.
        (decimals(1000, 200, 10000, 5000), 13100, 1, decimals(550, 150, 9850, 2550)),
        (decimals(50, 80), 1000, 1, decimals(50, 80)),
        (decimals(500, 900), 150, 1, decimals(50, 100)),  # too little for all: the larger first
        (decimals(500, 500), 150, 1, decimals(100, 50)),  # of equal ones the earlier
        (decimals(103, 103), 202, 1, decimals(102, 100)),  # half of 3 is 2 lots, rounded half up
        (decimals(3000, 3000), 2500, 10, decimals(1500, 1000)),  # 100 lots of 10
        ((), 10, 1, ()),
        (decimals(10), 0, 1, decimals(0)),
    ],
)
def test_allocation_at_a_daily_limit(wanted: tuple[Decimal, ...], available: int, lot: int, given_out: tuple[Decimal, ...]) -> None:
    assert allocate(wanted, Decimal(available), Decimal(lot)) == given_out


@given(st.lists(st.integers(1, 5000), max_size=12), st.integers(0, 20000), st.sampled_from([1, 10]))
def test_allocation_gives_out_all_there_is_and_nobody_more_than_was_wanted(lots: list[int], available: int, lot: int) -> None:
    wanted = tuple(Decimal(count * lot) for count in lots)
    shares = allocate(wanted, Decimal(available * lot), Decimal(lot))
    assert sum(shares) == min(sum(wanted), Decimal(available * lot))
    assert all(0 <= share <= asked and share % lot == 0 for share, asked in zip(shares, wanted, strict=True))
    by_size = sorted(zip(wanted, shares, strict=True), key=lambda pair: pair[0])
    assert all(less[1] <= more[1] for less, more in pairwise(by_size) if less[0] < more[0])
