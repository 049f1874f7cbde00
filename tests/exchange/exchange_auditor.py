"""Watches an exchange from outside: keeps its own account of every order from the events alone, and says what cannot be.

It knows the rules of price, time and quantity, and nothing of how the exchange keeps its books.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from autotrader.domain.rule import PRICED, OrderType, Side, TimeInForce
from autotrader.domain.tick import Flag
from autotrader.exchange.events import (
    Accepted,
    Activated,
    Amended,
    Auction,
    Cancelled,
    Converted,
    Event,
    Rest,
    Trade,
)
from autotrader.exchange.exchange import Exchange
from autotrader.exchange.orders import Order
from autotrader.exchange.phases import TRADING

DEEP = 1 << 20
FLYING, BOOK, MIDDLE, WINDOW, ASLEEP, GONE = "flying", "book", "middle", "window", "asleep", "gone"
"""Where an order is: just now being matched, in the book, among the midpoint or the fixed-price orders, a dormant stop, over."""
PLACES = {OrderType.MIDPOINT: MIDDLE, OrderType.CLOSE_PRICE: WINDOW}


@dataclass
class Account:
    """What is known of one order. `price` None is a market order's (or a suspended midpoint order's)."""

    order: Order
    type: OrderType
    price: Decimal | None
    seq: int
    entered: Decimal
    place: str = FLYING
    filled: Decimal = Decimal(0)
    cancelled: Decimal = Decimal(0)

    @property
    def open(self) -> Decimal:
        return self.entered - self.filled - self.cancelled

    @property
    def buys(self) -> bool:
        return self.order.side is Side.BUY

    @property
    def priority(self) -> tuple[Decimal, int]:
        """Return what orders it among those of its side, the smaller the better."""
        if self.price is None:
            return Decimal("-Infinity"), self.seq
        return (-self.price if self.buys else self.price), self.seq


class Called(NamedTuple):
    """An auction that was announced, with who waited for it and what the previous price was."""

    auction: Auction
    buys: list[Account]
    sells: list[Account]
    previous: Decimal | None


class Auditor:
    """Follows one exchange, whose prices are between 1 and 5,000 won. `limits` and `base` as the exchange has them."""

    def __init__(self, exchange: Exchange, limits: tuple[Decimal, Decimal] | None, base: Decimal | None) -> None:
        self.exchange = exchange
        self.limits = limits
        self.previous = base
        self.accounts: dict[str, Account] = {}
        self.trades = 0
        self._seq = 0
        self._sent: Order | None = None
        self._type: OrderType | None = None
        self._means: set[int] = set()
        self._called: Called | None = None
        self._got: dict[str, Decimal] = {}

    def saw(self, events: Sequence[Event], sent: Order | None = None, type: OrderType | None = None) -> None:
        """Take what one operation made happen, or raise AssertionError. `sent` is a new order, `type` what an order shall become."""
        self._sent, self._type = sent, type
        self._means = {mean} if (mean := self.mean()) is not None else set()
        known, there = set(self.accounts), self._there_for(sent)
        for event in events:
            if not isinstance(event, Trade):
                self._settle_auction()
            self._take(event)
            if (mean := self.mean()) is not None:
                self._means.add(mean)
        self._settle_auction()
        self._fall_asleep()
        self._check_conservation()
        self._check_book()
        if sent is not None and sent.id in self.accounts.keys() - known:
            self._check_immediacy(self.accounts[sent.id], there)

    def _take(self, event: Event) -> None:
        match event:
            case Accepted(id=name):
                assert self._sent is not None and self._sent.id == name and name not in self.accounts
                new = self._sent
                self.accounts[name] = Account(new, new.type, new.price if new.type in PRICED else None, self._next(), new.quantity)
            case Rest(id=name, price=price, quantity=quantity):
                account = self.accounts[name]
                assert account.open == quantity > 0, f"{name} rests with {quantity}, {account.open} are open"
                account.price = price
                account.place = PLACES.get(account.type, BOOK)
            case Trade():
                self._trade(event)
            case Cancelled(id=name, quantity=quantity):
                account = self.accounts[name]
                account.cancelled += quantity
                self._over(account)
            case Amended(id=name, price=price, quantity=quantity, kept=kept):
                self._amended(self.accounts[name], price, quantity, kept=kept)
            case Activated(id=name, price=price):
                self._activated(self.accounts[name], price)
            case Converted(id=name):
                account = self.accounts[name]
                account.type, account.price, account.seq = OrderType.MARKET, None, self._next()
            case Auction():
                buys, sells = self.waiting(buys=True), self.waiting(buys=False)
                self._called = Called(event, [replace(a) for a in buys], [replace(a) for a in sells], self.previous)
                self._got = {}

    def _next(self) -> int:
        self._seq += 1
        return self._seq

    def _over(self, account: Account) -> None:
        assert account.open >= 0, f"{account.order.id} ended more than it had"
        if not account.open:
            account.place = GONE

    def _amended(self, account: Account, price: Decimal | None, quantity: Decimal, *, kept: bool) -> None:
        account.entered = account.filled + account.cancelled + quantity
        account.type = self._type or account.type
        if account.place == ASLEEP and account.type is OrderType.STOP_LIMIT:
            account.price = price
            return
        if kept:
            assert account.place != BOOK or price == account.price, "another price cannot keep its place"
        else:
            account.seq, account.place, account.price = self._next(), FLYING, price

    def _activated(self, account: Account, price: Decimal) -> None:
        stop = account.order.stop
        assert stop is not None and account.type is OrderType.STOP_LIMIT
        assert price >= stop if account.buys else price <= stop, f"{account.order.id} woke too early"
        account.type, account.place = OrderType.LIMIT, FLYING

    def _fall_asleep(self) -> None:
        """Note the stop orders that came and neither traded nor rest."""
        for account in self.accounts.values():
            if account.place == FLYING and account.open and account.type is OrderType.STOP_LIMIT:
                account.place = ASLEEP
            assert account.place != FLYING or not account.open, f"nothing was said of {account.open} of {account.order.id}"

    def _trade(self, trade: Trade) -> None:
        buyer, seller = self.accounts[trade.buy], self.accounts[trade.sell]
        self.trades += 1
        assert (buyer.buys, seller.buys, trade.number) == (True, False, self.trades)
        assert 0 < trade.quantity <= min(buyer.open, seller.open), "a trade of more than there is"
        assert ASLEEP not in (buyer.place, seller.place), "a dormant stop traded"
        self._check_price(trade, buyer, seller)
        if trade.flags & Flag.AUCTION:
            self._check_called(trade)
        elif trade.flags & Flag.OFF_HOURS:
            self._check_off_hours(buyer, seller)
        elif trade.flags & Flag.MIDPOINT:
            assert Decimal(int(trade.price)) == trade.price and int(trade.price) in self._means, "a midpoint trade beside the mean"
        else:
            self._check_maker(trade, *((seller, buyer) if trade.aggressor is Side.BUY else (buyer, seller)))
        for account in (buyer, seller):
            account.filled += trade.quantity
            self._over(account)
        if not trade.flags & Flag.OFF_HOURS:
            self.previous = trade.price

    def _check_price(self, trade: Trade, buyer: Account, seller: Account) -> None:
        if self.limits is not None:
            assert self.limits[0] <= trade.price <= self.limits[1], "a trade outside the limits"
        for account in (buyer, seller):
            if account.price is not None and account.type is not OrderType.MIDPOINT:
                better = account.price - trade.price if account.buys else trade.price - account.price
                assert better >= 0, f"{account.order.id} got {trade.price}, worse than its limit {account.price}"

    def _check_maker(self, trade: Trade, maker: Account, taker: Account) -> None:
        """In continuous trading the one that waited is the best of its side, and gets its own price."""
        assert maker.place == BOOK, "who made the price was not in the book"
        assert maker.seq < taker.seq or taker.place == FLYING
        best = min(self.waiting(buys=maker.buys), key=lambda account: account.priority)
        assert self._equal_or_before(maker, best), f"{best.order.id} was before {maker.order.id}"
        if maker.price is not None:
            assert trade.price == maker.price, "not at the price of who waited"

    def _check_off_hours(self, *both: Account) -> None:
        """At a fixed price time alone decides."""
        for account in both:
            assert account.type is OrderType.CLOSE_PRICE
            waiting = [a.seq for a in self.accounts.values() if a.place == WINDOW and a.buys is account.buys]
            assert account.seq <= min(waiting, default=account.seq), "a later order traded first at the fixed price"

    def _equal_or_before(self, maker: Account, best: Account) -> bool:
        """A market order is equal to a limit order at the daily limit in its own favour: between them time decides."""
        return maker is best or (self._rank(maker), maker.seq) <= (self._rank(best), best.seq)

    def _rank(self, account: Account) -> Decimal:
        if self.limits is not None and account.price is None:
            return -self.limits[1] if account.buys else self.limits[0]
        return account.priority[0]

    def _check_called(self, trade: Trade) -> None:
        assert self._called is not None, "an auction's trade without the auction"
        assert trade.price == self._called.auction.price and trade.aggressor is None
        for name in (trade.buy, trade.sell):
            self._got[name] = self._got.get(name, Decimal(0)) + trade.quantity

    def _settle_auction(self) -> None:
        """Once the trades of an auction are all there: the price was right, and everybody got what was theirs."""
        if self._called is None:
            return
        (auction, buys, sells, previous), self._called = self._called, None
        check_auction(auction, _quoted(buys), _quoted(sells), previous)
        if auction.price is None:
            assert not self._got
            return
        at_limit = self.limits is not None and auction.price in self.limits
        for side in (buys, sells):
            assert sum((self._got.get(a.order.id, Decimal(0)) for a in side), Decimal(0)) == auction.volume
            if not at_limit:
                self._check_allocation(sorted(side, key=lambda a: (self._rank(a), a.seq)), auction.volume)

    def _check_allocation(self, side: list[Account], volume: Decimal) -> None:
        for account in side:
            due = min(account.open, volume)
            assert self._got.get(account.order.id, Decimal(0)) == due, f"{account.order.id} was not given {due} in its turn"
            volume -= due

    def waiting(self, *, buys: bool) -> list[Account]:
        """Return who is in the book on a side."""
        return [account for account in self.accounts.values() if account.place == BOOK and account.buys is buys]

    def quotes(self, *, buys: bool) -> list[Account]:
        """Return the ordinary orders of a side: those that make a quote."""
        return [account for account in self.waiting(buys=buys) if account.price is not None]

    def mean(self) -> int | None:
        """Return the floor of the mean of the best quotes."""
        bids, asks = ([account.price for account in self.quotes(buys=buys) if account.price is not None] for buys in (True, False))
        return int(Fraction(max(bids) + min(asks)) / 2 // 1) if bids and asks else None

    def _check_conservation(self) -> None:
        for name, account in self.accounts.items():
            left = self.exchange.open_quantity(name) or Decimal(0)
            assert account.entered == account.filled + account.cancelled + left, f"{name}: units were lost or made"

    def _check_book(self) -> None:
        bids, asks = self.exchange.depth(DEEP)
        assert list(bids) == self._depth(buys=True) and list(asks) == self._depth(buys=False), "the book is not what was said of it"
        if self.exchange.phase_now in TRADING and bids and asks:
            assert bids[0][0] < asks[0][0], "orders that could trade rest"
        if self.exchange.phase_now in TRADING and self.previous is not None:
            for account in self.accounts.values():
                stop = account.order.stop
                if account.place == ASLEEP and stop is not None:
                    assert self.previous < stop if account.buys else self.previous > stop, f"{account.order.id} sleeps on"

    def _depth(self, *, buys: bool) -> list[tuple[Decimal, Decimal]]:
        levels: dict[Decimal, Decimal] = {}
        for account in self.quotes(buys=buys):
            assert account.price is not None
            levels[account.price] = levels.get(account.price, Decimal(0)) + account.open
        return sorted(levels.items(), reverse=buys)

    def _there_for(self, sent: Order | None) -> Decimal:
        """Return how much an order to come could buy or sell from ordinary orders."""
        if sent is None or sent.price is None:
            return Decimal(0)
        buys, price = sent.side is Side.BUY, sent.price
        opposite = self.quotes(buys=not buys)
        good = (a.open for a in opposite if a.price is not None and (a.price <= price if buys else a.price >= price))
        return sum(good, Decimal(0))

    def _check_immediacy(self, account: Account, there: Decimal) -> None:
        tif = account.order.tif
        if tif is not TimeInForce.DAY:
            assert account.place == GONE, f"{tif.value} rests"
        if tif is TimeInForce.FOK:
            assert account.filled in (0, account.entered), "all or nothing was a part"
            assert account.filled or account.type is not OrderType.LIMIT or there < account.entered, "it could have been filled whole"
        if tif is TimeInForce.IOC and account.type is OrderType.LIMIT:
            assert account.filled >= min(there, account.entered), "more could have been filled at once"


Quoted = list[tuple[Decimal | None, Decimal]]


def _quoted(accounts: list[Account]) -> Quoted:
    return [(account.price, account.open) for account in accounts]


def check_auction(auction: Auction, buys: Quoted, sells: Quoted, previous: Decimal | None) -> None:
    """Compare an auction's price with all prices that there are (market-rules 6)."""
    grid = grid_between([price for price, _ in (*buys, *sells, (previous, 0)) if price is not None])
    good = dict(candidates(buys, sells, grid))
    if auction.price is None:
        assert not good and not auction.volume, "something could have traded"
    elif good:
        assert auction.volume == max(good.values()) and auction.price in nearest(good, previous), f"{auction} of {good}"
    else:
        # Market orders beyond the whole other side: no price fills them all, so only the volume is certain.
        assert auction.volume == min(total(buys), total(sells)) and any(price is None for price, _ in (*buys, *sells))


def grid_between(prices: Collection[Decimal]) -> list[Decimal]:
    """Return all prices of the ladder from the lowest to the highest of these: steps of 1 under 2,000, of 5 from there."""
    found = [min(prices)] if prices else []
    while found and found[-1] < max(prices):
        found.append(found[-1] + (1 if found[-1] < 2_000 else 5))
    return found


def total(quotes: Quoted) -> Decimal:
    """Return the quantity of all."""
    return sum((quantity for _, quantity in quotes), Decimal(0))


def candidates(buys: Quoted, sells: Quoted, grid: Sequence[Decimal]) -> Iterator[tuple[Decimal, Decimal]]:
    """Yield the prices that satisfy both conditions, with what trades there."""
    fair = []
    for p in grid:
        bought, bought_over = (total([q for q in buys if q[0] is None or better(q[0])]) for better in (p.__le__, p.__lt__))
        sold, sold_under = (total([q for q in sells if q[0] is None or better(q[0])]) for better in (p.__ge__, p.__gt__))
        if bought >= sold_under and sold >= bought_over and min(bought, sold):
            fair.append((p, min(bought, sold)))
    most = max((volume for _, volume in fair), default=None)
    yield from (pair for pair in fair if pair[1] == most)


def nearest(prices: Collection[Decimal], previous: Decimal | None) -> set[Decimal]:
    """Return which of the prices the previous one may choose."""
    if previous is None:
        return set(prices)
    distance = min(abs(price - previous) for price in prices)
    return {price for price in prices if abs(price - previous) == distance}
