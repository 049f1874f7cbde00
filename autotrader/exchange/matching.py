"""Continuous trading: an incoming order meets what waits, at the best price first and there by time of receipt.

A trade is at the price of the order that waited. Midpoint orders wait at the mean of the quotes: they come before ordinary
orders at a worse price, and take their turn by time with those at the same price. Prices are keys of the scale.
"""

from decimal import Decimal
from typing import Protocol

from autotrader.domain.money import ZERO
from autotrader.domain.rule import OrderType, Side
from autotrader.domain.tick import Flag
from autotrader.exchange import deemed
from autotrader.exchange.book import Book, Level
from autotrader.exchange.events import Event, Trade
from autotrader.exchange.midpoints import Midpoints
from autotrader.exchange.orders import Live
from autotrader.exchange.queues import Queue
from autotrader.exchange.scale import Scale
from autotrader.exchange.tape import Tape
from autotrader.markets.facts import InterruptionRow

MARKET = OrderType.MARKET
BUY = Side.BUY
SELL = Side.SELL
MIDPOINT_PRINT = int(Flag.MIDPOINT)
make = tuple.__new__
"""Making a named tuple this way costs half of calling its class; trades are what the book makes most."""


class Guard(Protocol):
    """Who says whether a price may trade, or begins a volatility interruption."""

    def refer(self) -> None:
        """Take the present last price as what an order that comes now is measured from."""

    def judge(self, key: int) -> InterruptionRow | None:
        """Return the interruption that a trade at this price would begin."""


class Matching:
    """The book, the midpoint orders and the tape of one issue, and the orders that live."""

    __slots__ = ("book", "guard", "mids", "orders", "scale", "stopped_at", "tape")

    def __init__(self, scale: Scale, base: Decimal | None) -> None:
        self.scale = scale
        self.book = Book(scale)
        self.mids = Midpoints()
        self.tape = Tape(scale, base)
        self.orders: dict[str, Live | None] = {}
        """Every order of the day by its id; None when it is over."""
        self.guard: Guard | None = None
        self.stopped_at = 0
        """The price that began the newest interruption."""

    def take(self, taker: Live, at: int, events: list[Event]) -> InterruptionRow | None:
        """Match an order until nothing that waits reaches its price; return the interruption that stopped it, if one did.

        Midpoint orders stand at the mean of the quotes that the order found.
        """
        buys, bound, tape, orders = taker.buys, -taker.rank, self.tape, self.orders
        side = self.book.asks if buys else self.book.bids
        mids = self.mids.asks if buys else self.mids.bids
        mid = self._reachable_mid(bound, buys=buys) if mids.waiting else None
        while taker.open:
            level = side.top()
            if mid is not None and mids.waiting and _midpoint_first(mids, mid, level):
                self._trade_midpoint(taker, mids.waiting[0], mid, at, events)
                continue
            if level is None or level.rank > bound:
                break
            maker = level.waiting[0]
            key, price = level.key, level.price
            if maker.type is MARKET:
                found = self._market_price(taker, maker)
                if found is None:
                    break
                key, price = found, self.scale.price(found)
            if self.guard is not None and key != tape.key and (row := self.guard.judge(key)):
                self.stopped_at = key
                return row
            quantity = maker.open
            if quantity > taker.open:
                quantity = taker.open
            tape.number += 1
            tape.key = key
            if buys:
                events.append(make(Trade, (taker.id, maker.id, price, quantity, at, tape.number, BUY, 0)))
            else:
                events.append(make(Trade, (maker.id, taker.id, price, quantity, at, tape.number, SELL, 0)))
            taker.open -= quantity
            maker.open -= quantity
            if not maker.open:
                level.pop()
                side.left(maker)
                orders[maker.id] = None
        return None

    def fillable(self, taker: Live) -> bool:
        """Tell whether `take` would fill an order whole (fill or kill)."""
        bound, wanted = -taker.rank, taker.open
        mids = self.mids.side(buys=not taker.buys)
        if mids and self._reachable_mid(bound, buys=taker.buys) is not None:
            wanted -= sum((order.open for order in mids.living()), ZERO)
        for level in self.book.side(buys=not taker.buys).levels():
            if wanted <= 0 or level.rank > bound:
                break
            for maker in level.living():
                key = self._market_price(taker, maker) if maker.type is MARKET else level.key
                if key is None or (self.guard is not None and key != self.tape.key and self.guard.judge(key)):
                    return wanted <= 0
                wanted -= maker.open
        return wanted <= 0

    def fillable_midpoint(self, taker: Live) -> bool:
        """Tell whether `follow` would fill a midpoint order whole."""
        mid = deemed.midpoint(self.book, self.scale.unit)
        if mid is None:
            return False
        there = sum((order.open for order in self.mids.side(buys=not taker.buys).living()), ZERO)
        level = None if taker.buys else self.book.bids.top()
        if level is not None and level.key == mid:
            there += sum((order.open for order in level.living()), ZERO)
        return there >= taker.open

    def follow(self, at: int, events: list[Event]) -> bool:
        """Match midpoint orders with each other, and sells with the bids where the mean is the best bid; tell whether any traded."""
        traded = False
        while self.mids.asks and (mid := deemed.midpoint(self.book, self.scale.unit)) is not None and self._meet(mid, at, events):
            traded = True
        return traded

    def _meet(self, mid: int, at: int, events: list[Event]) -> bool:
        """Match what can be matched at one mean of the quotes."""
        traded = False
        while self.mids.asks:
            seller = self.mids.asks.waiting[0]
            level = self.book.bids.top()
            ordinary = level.waiting[0] if level is not None and level.key == mid else None
            middle = self.mids.bids.waiting[0] if self.mids.bids else None
            buyer = min((order for order in (ordinary, middle) if order is not None), key=lambda order: order.seq, default=None)
            if buyer is None:
                break
            taker, maker = (buyer, seller) if buyer.seq > seller.seq else (seller, buyer)
            self._trade_midpoint(taker, maker, mid, at, events)
            traded = True
        return traded

    def _reachable_mid(self, bound: int, *, buys: bool) -> int | None:
        """Return the mean of the quotes if a buyer (or seller) of this bound may trade at it."""
        mid = deemed.midpoint(self.book, self.scale.unit)
        return mid if mid is not None and (mid if buys else -mid) <= bound else None

    def _trade_midpoint(self, taker: Live, maker: Live, mid: int, at: int, events: list[Event]) -> None:
        quantity = min(taker.open, maker.open)
        tape = self.tape
        tape.number += 1
        tape.key = mid
        buyer, seller, aggressor = (taker, maker, BUY) if taker.buys else (maker, taker, SELL)
        events.append(Trade(buyer.id, seller.id, self.scale.price(mid), quantity, at, tape.number, aggressor, MIDPOINT_PRINT))
        self.fill(maker, quantity)
        self.fill(taker, quantity)

    def fill(self, order: Live, quantity: Decimal) -> None:
        """Note that so much of an order is filled; one that is filled whole leaves its place."""
        if order.open > quantity:
            order.open -= quantity
            return
        if order.home is not None:
            order.home.remove(order)
        order.open = ZERO
        self.orders[order.id] = None

    def _market_price(self, taker: Live, maker: Live) -> int | None:
        """Return the price between an incoming order and a market order that waits, None while nothing says one."""
        against = None if taker.type is MARKET else abs(taker.rank)
        return deemed.market(self.book, self.tape, self.scale, buys=maker.buys, against=against)


def _midpoint_first(mids: Queue, mid: int, level: Level | None) -> bool:
    """Tell whether a midpoint order is next: it has the better price, or the same and came earlier."""
    if level is None or (better := abs(level.rank) - mid) == 0:
        return level is None or mids.waiting[0].seq < level.waiting[0].seq
    return better > 0 if level.rank > 0 else better < 0
