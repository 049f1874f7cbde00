"""The price of a call auction, and who gets how much of a price at the daily limit (market-rules 6).

At the price p all that is better can be filled: buys at p or over suffice for the sells under p, and sells at p or under
for the buys over p. Such prices form a range, and none outside it trades more; the previous price chooses in the range.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from typing import NamedTuple

from autotrader.domain.money import ZERO, exact
from autotrader.markets.facts import Ladder
from autotrader.markets.limits import Limits, clamp
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick, tick_down, tick_up

Quotes = Iterable[tuple[Decimal | None, Decimal]]
"""Price, None for a market order, and quantity."""

_Side = dict[Decimal | None, Decimal]

FIRST_PASS = 100
"""Lots that each order gets at first in an allocation by quantity."""


class AuctionResult(NamedTuple):
    """The price, what trades at it, and the lowest and highest price that would have done."""

    price: Decimal
    volume: Decimal
    low: Decimal
    high: Decimal


class _Book(NamedTuple):
    """Both sides by limit price, ascending: what would be sold at each price or under, bought at it or over."""

    prices: list[Decimal]
    sold: list[Decimal]
    bought: list[Decimal]
    market_sells: Decimal
    market_buys: Decimal


def auction_price(
    sells: Quotes, buys: Quotes, previous: Decimal | None, ladder: Ladder, *, limits: Limits | None = None
) -> AuctionResult | None:
    """Return the price that a call makes of its orders, None when nothing trades.

    Prices of the tick grid from the lowest to the highest limit price are considered; market orders count at each of them.
    Where those of one side are as many as the whole other side, so is every price on to the previous one, inside `limits`.
    A previous price between two ticks chooses the nearer, of two as near the lower; without one the lowest price is taken.
    Where market orders of one side are more than the whole other side, no limit price can fill them: the price is then the
    one that they are deemed to have (market-rules 2.1), inside `limits`.
    """
    asked, bid = _by_price(sells), _by_price(buys)
    with exact():
        book, all_sells, all_buys = _book(asked, bid), sum(asked.values(), ZERO), sum(bid.values(), ZERO)
    if not all_sells or not all_buys:
        return None
    if book.prices and book.market_buys <= all_sells and book.market_sells <= all_buys:
        return _in_range(book, previous, ladder, limits)
    price = _deemed(asked, bid, previous, ladder, buying=book.market_buys > all_sells)
    if price is None:
        return None
    price = price if limits is None else clamp(price, limits)
    return AuctionResult(price, min(all_sells, all_buys), price, price)


def allocate(quantities: Sequence[Decimal], available: Decimal, lot: Decimal) -> tuple[Decimal, ...]:
    """Share out what is available at a daily limit among orders whose time does not count, listed in order of receipt.

    Each gets up to 100 lots, then half of its rest (rounded half up to the lot), then the largest rest all it wants and so
    on. In every pass a larger rest goes first, of equal ones the earlier received.
    """
    given = [ZERO] * len(quantities)
    with exact():
        for step in (_hundred_lots, _half, _all):
            rests = [quantity - got for quantity, got in zip(quantities, given, strict=True)]
            for index in sorted(range(len(rests)), key=lambda index: -rests[index]):
                part = min(step(rests[index], lot), rests[index], available)
                given[index] += part
                available -= part
    return tuple(given)


def _hundred_lots(rest: Decimal, lot: Decimal) -> Decimal:
    return FIRST_PASS * lot


def _half(rest: Decimal, lot: Decimal) -> Decimal:
    return (rest / (2 * lot)).to_integral_value(ROUND_HALF_UP) * lot


def _all(rest: Decimal, lot: Decimal) -> Decimal:
    return rest


def _by_price(quotes: Quotes) -> _Side:
    total: _Side = {}
    with exact():
        for price, quantity in quotes:
            total[price] = total.get(price, ZERO) + quantity
    return total


def _book(sells: _Side, buys: _Side) -> _Book:
    prices = sorted({price for price in (*sells, *buys) if price is not None})
    market_sells, market_buys = sells.get(None, ZERO), buys.get(None, ZERO)
    sold = list(accumulate((sells.get(price, ZERO) for price in prices), initial=market_sells))[1:]
    bought = list(accumulate((buys.get(price, ZERO) for price in reversed(prices)), initial=market_buys))[:0:-1]
    return _Book(prices, sold, bought, market_sells, market_buys)


def _in_range(book: _Book, previous: Decimal | None, ladder: Ladder, limits: Limits | None) -> AuctionResult | None:
    """Return the price in the range of those that fill all that is better.

    The first condition, that the buys over p can be filled, holds from some price on upward, the second up to some price;
    between two limit prices neither changes. So both ends are limit prices, and inside the range all ticks are as good.
    """
    count = len(book.prices)
    over = [*book.bought[1:], book.market_buys]
    under = [book.market_sells, *book.sold[:-1]]
    first = next(index for index in range(count) if book.sold[index] >= over[index])
    last = next(index for index in reversed(range(count)) if book.bought[index] >= under[index])
    low, high = book.prices[first], book.prices[last]
    volume = min(book.sold[first], book.bought[first])
    if previous is not None:
        inside = previous if limits is None else clamp(previous, limits)
        if book.market_buys == book.sold[-1]:
            high = max(high, floor_to_tick(ladder, inside))
        if book.market_sells == book.bought[0]:
            low = min(low, ceil_to_tick(ladder, inside))
    return AuctionResult(_nearest(low, high, previous, ladder), volume, low, high) if volume else None


def _nearest(low: Decimal, high: Decimal, previous: Decimal | None, ladder: Ladder) -> Decimal:
    if previous is None or previous <= low:
        return low
    if previous >= high:
        return high
    under, over = floor_to_tick(ladder, previous), ceil_to_tick(ladder, previous)
    with exact():
        nearer = under if previous - under <= over - previous else over
    return min(max(nearer, low), high)


def _deemed(sells: _Side, buys: _Side, previous: Decimal | None, ladder: Ladder, *, buying: bool) -> Decimal | None:
    """Return the price that market orders in a call are deemed to have; None when nothing says any."""
    asks, bids = [price for price in sells if price is not None], [price for price in buys if price is not None]
    known = [] if previous is None else [previous]
    if buying:
        better = [_step(ladder, max(bids), tick_up)] if bids else []
        return max([*better, *asks, *known], default=None)
    better = [_step(ladder, min(asks), tick_down)] if asks else []
    return min([*better, *bids, *known], default=None)


def _step(ladder: Ladder, price: Decimal, step: Callable[[Ladder, Decimal], Decimal]) -> Decimal:
    """Return the next price, the same where steps are not known or it would be none."""
    return (step(ladder, price) or price) if ladder else price
