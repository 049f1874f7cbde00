"""The book: for each side its price levels, each a queue by time of receipt.

A level that becomes empty stays until it surfaces as the best one, so that adding, cancelling and finding the best cost next
to nothing with thousands of levels.
"""

from collections.abc import Iterator
from decimal import Decimal
from heapq import heappop, heappush

from autotrader.domain.money import ZERO
from autotrader.domain.rule import OrderType
from autotrader.exchange.orders import Live
from autotrader.exchange.queues import Queue
from autotrader.exchange.scale import Scale

MARKET = OrderType.MARKET


class Level(Queue):
    """The orders at one price."""

    __slots__ = ("key", "price", "rank")

    def __init__(self, rank: int, key: int, price: Decimal) -> None:
        super().__init__()
        self.rank = rank
        self.key = key
        self.price = price


class BookSide:
    """All bids or all asks. A market order waits at the daily limit in its favour, with which it is equal (market-rules 2.1)."""

    __slots__ = ("_heap", "_levels", "buys", "market_rank", "markets", "scale")

    def __init__(self, scale: Scale, *, buys: bool) -> None:
        self.scale = scale
        self.buys = buys
        self.market_rank = -scale.upper if buys else scale.lower
        self.markets = 0
        """How many market orders wait."""
        self._levels: dict[int, Level] = {}
        self._heap: list[int] = []

    def add(self, order: Live) -> None:
        """Put an order into the queue of its price."""
        rank = order.rank
        level = self._levels.get(rank)
        if level is None:
            key = -rank if self.buys else rank
            level = self._levels[rank] = Level(rank, key, self.scale.price(key))
            heappush(self._heap, rank)
        level.add(order)
        order.home = self
        if order.type is MARKET:
            self.markets += 1

    def remove(self, order: Live) -> None:
        """Take an order out, wherever it stands. Its open quantity is zero afterwards."""
        self._levels[order.rank].remove(order)
        self.left(order)

    def left(self, order: Live) -> None:
        """Note that an order is no longer here."""
        order.home = None
        if order.type is MARKET:
            self.markets -= 1

    def top(self) -> Level | None:
        """Return the best level that has orders."""
        heap, levels = self._heap, self._levels
        while heap:
            level = levels[heap[0]]
            if level.waiting:
                return level
            del levels[heappop(heap)]
        return None

    def levels(self) -> Iterator[Level]:
        """Yield the levels that have orders, best first."""
        return (level for rank in sorted(self._heap) if (level := self._levels[rank]).waiting)

    def quote(self) -> int | None:
        """Return the key of the best ordinary price: that of an order that is no market order."""
        level = self.top()
        if level is None or not self.markets:
            return level.key if level else None
        return next((level.key for level in self.levels() if any(order.type is not MARKET for order in level.living())), None)

    def depth(self, most: int) -> list[tuple[Decimal, Decimal]]:
        """Return up to so many prices with the quantity of ordinary orders, best first."""
        found: list[tuple[Decimal, Decimal]] = []
        for level in self.levels():
            quantity = sum((order.open for order in level.living() if order.type is not MARKET), ZERO)
            if quantity and len(found) < most:
                found.append((level.price, quantity))
            if len(found) >= most:
                break
        return found

    def orders(self) -> list[Live]:
        """Return all orders, best first and then oldest first."""
        return [order for level in self.levels() for order in level.living()]


class Book:
    """Both sides."""

    __slots__ = ("asks", "bids")

    def __init__(self, scale: Scale) -> None:
        self.bids = BookSide(scale, buys=True)
        self.asks = BookSide(scale, buys=False)

    def side(self, *, buys: bool) -> BookSide:
        """Return the bids or the asks."""
        return self.bids if buys else self.asks
