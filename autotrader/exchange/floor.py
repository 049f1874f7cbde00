"""What becomes of an order that was taken: it trades, waits or ends, and wakes others. One method for each kind of order."""

from collections.abc import Callable
from decimal import Decimal

from autotrader.domain.money import ZERO
from autotrader.domain.rule import OrderType, TimeInForce
from autotrader.exchange import calls, deemed
from autotrader.exchange.events import Activated, Auction, Cancelled, Converted, Event, Interrupted, Rest, Trade
from autotrader.exchange.fixed import OFF_HOURS_PRINT, FixedPrice
from autotrader.exchange.held import IN_AUCTION, ON_CLOSE, ON_OPEN, Held
from autotrader.exchange.matching import Matching, make
from autotrader.exchange.orders import Live
from autotrader.exchange.phases import Phase
from autotrader.exchange.scale import Scale
from autotrader.exchange.stops import Stops
from autotrader.markets.facts import InterruptionRow

SECOND = 1_000_000_000
DAY = TimeInForce.DAY
FOK = TimeInForce.FOK
LIMIT = OrderType.LIMIT
MARKET = OrderType.MARKET
CONDITIONAL = OrderType.CONDITIONAL
MIDPOINT = OrderType.MIDPOINT
STOP_LIMIT = OrderType.STOP_LIMIT
CLOSE_PRICE = OrderType.CLOSE_PRICE


class Floor:
    """All places where the orders of one issue trade and wait.

    `stopped`: a volatility interruption began, and the exchange has not yet turned to its call. `lot` and `lateness` as the
    exchange's.
    """

    def __init__(self, scale: Scale, base: Decimal | None, lot: Decimal, lateness: Callable[[int], int]) -> None:
        self.scale = scale
        self.matching = Matching(scale, base)
        self.stops = Stops(scale)
        self.held = Held()
        self.window: FixedPrice | None = None
        self.window_matches = False
        self.phase = Phase.CONTINUOUS
        self.trading = True
        """Orders are matched when they come."""
        self.stopped = False
        self.until = 0
        """When the call of an interruption is matched (ns), 0 when there is none."""
        self.seq = 0
        """The place by time of receipt of the order that came last."""
        self.matched = False
        """The present call was matched, and nothing came since."""
        self._lot = lot
        self._lateness = lateness
        self._in_auction: list[Live] = []

    def receive(self, order: Live, tif: TimeInForce, at: int, events: list[Event]) -> None:
        """Do with an order what its type says."""
        type = order.type
        if (type is LIMIT or type is MARKET) and self.trading:
            self.trade(order, tif, at, events)
        elif type is CLOSE_PRICE:
            self._at_fixed_price(order, at, events)
        elif type is STOP_LIMIT:
            self._sleep(order, at, events)
        elif type in IN_AUCTION:
            self._hold(order, events)
        elif not self.trading:
            self.rest(order, events)
        elif type is MIDPOINT:
            self._at_midpoint(order, tif, at, events)
        else:
            self.trade(order, tif, at, events)
        if self.stops.count or self.matching.mids.count:
            self.settle(at, events)

    def trade(self, order: Live, tif: TimeInForce, at: int, events: list[Event]) -> None:
        """Match an order with what waits; its rest waits, or ends (IOC). FOK: all or nothing."""
        matching = self.matching
        guard = matching.guard
        if guard is not None:
            guard.refer()
        if tif is FOK and not matching.fillable(order):
            self.end(order, "exchange.fok", events)
            return
        row = matching.take(order, at, events)
        if not order.open:
            matching.orders[order.id] = None
        elif tif is DAY:
            self.rest(order, events)
        else:
            self.end(order, "exchange.ioc", events)
        if row is not None:
            self._interrupt(row, at, events)

    def rest(self, order: Live, events: list[Event]) -> None:
        """Let an order wait: a midpoint order beside the book, any other in it."""
        matching = self.matching
        if order.type is MIDPOINT:
            matching.mids.add(order)
        elif order.buys:
            matching.book.bids.add(order)
        else:
            matching.book.asks.add(order)
        self.matched = False
        events.append(make(Rest, (order.id, order.price, order.open)))

    def end(self, order: Live, code: str, events: list[Event]) -> None:
        """End what is left of an order."""
        left = order.open
        if order.home is not None:
            order.home.remove(order)
        order.open = ZERO
        self.matching.orders[order.id] = None
        events.append(make(Cancelled, (order.id, left, code)))

    def settle(self, at: int, events: list[Event], since: int = 0) -> None:
        """Wake the stops that the trades of `events` hit, and let midpoint orders follow the quotes, until all is quiet."""
        while self.trading and (self.stops.count or self.matching.mids.count):
            if self.stops.count:
                since = self._wake(at, events, since)
            before = len(events)
            if not (self.trading and self.matching.mids.count and self.matching.follow(at, events)):
                break
            since = min(since, before)

    def wake_by_last(self, at: int, events: list[Event]) -> None:
        """Wake the stops that the last price (or the base price) has reached already: continuous trading begins."""
        last = self.matching.tape.previous
        since = len(events)
        if self.stops.count and last is not None:
            self._activate(self.stops.hit(last), last, at, events)
        self.settle(at, events, since)

    def uncross(self, at: int, *, judge: bool) -> list[Event]:
        """Match the call. `judge`: a price too far away prolongs it once instead (VI); `until` says to when."""
        result = calls.result_of(self.matching)
        guard = self.matching.guard
        if result is not None and judge and guard is not None:
            guard.refer()
            row = guard.judge(self.scale.key(result.price))
            if row is not None:
                self.until = self._end_of(row, at)
                return [Interrupted(row.rule, result.price, at, self.until)]
        self.until = 0
        events: list[Event] = []
        simultaneous = self.phase in {Phase.OPEN_CALL, Phase.RESTART}
        if result is None:
            events.append(Auction(None, ZERO, at))
        else:
            events += calls.match(self.matching, result, self._lot, at, simultaneous=simultaneous)
        self.matched = True
        return events

    def join_auction(self, phase: Phase, events: list[Event]) -> None:
        """A call begins: on-open or on-close orders join it, and at the closing call conditional orders become market orders."""
        if phase is Phase.CLOSE_CALL:
            self._convert(events)
        for order in self.held.release(ON_OPEN if phase is Phase.OPEN_CALL else ON_CLOSE):
            self._join(order, events)

    def leave_auction(self, events: list[Event]) -> None:
        """A call is over: what is left of its on-open and on-close orders ends."""
        for order in self._in_auction:
            if order.open:
                self.end(order, "exchange.auction_over", events)
        self._in_auction.clear()

    def _interrupt(self, row: InterruptionRow, at: int, events: list[Event]) -> None:
        """Trading stops for a call. The exchange turns the phase when it sees `until`."""
        self.trading, self.stopped = False, True
        self.until = self._end_of(row, at)
        events.append(Interrupted(row.rule, self.scale.price(self.matching.stopped_at), at, self.until))

    def _end_of(self, row: InterruptionRow, at: int) -> int:
        return at + (row.seconds + self._lateness(row.random_end)) * SECOND

    def _at_fixed_price(self, order: Live, at: int, events: list[Event]) -> None:
        assert self.window is not None, "an order at the close price was taken without a window"
        self.window.add(order)
        if self.window_matches:
            events += self.window.match(self.matching, at)
        if order.open:
            events.append(Rest(order.id, self.window.price, order.open))

    def _sleep(self, order: Live, at: int, events: list[Event]) -> None:
        """A stop-limit order sleeps; one whose stop the last price has reached already wakes at once."""
        self.stops.add(order)
        last = self.matching.tape.previous
        if last is not None:
            self._activate(self.stops.hit(last), last, at, events)

    def _hold(self, order: Live, events: list[Event]) -> None:
        """An on-open or on-close order waits for its auction, or joins the one that goes on."""
        if self.phase is (Phase.OPEN_CALL if order.type in ON_OPEN else Phase.CLOSE_CALL):
            self._join(order, events)
        else:
            self.held.add(order)

    def _at_midpoint(self, order: Live, tif: TimeInForce, at: int, events: list[Event]) -> None:
        """A midpoint order meets others of its kind (a sell also the bids, where the mean is the best bid)."""
        matching = self.matching
        if tif is FOK and not matching.fillable_midpoint(order):
            self.end(order, "exchange.fok", events)
            return
        matching.mids.add(order)
        matching.follow(at, events)
        if order.open and tif is not DAY:
            self.end(order, "exchange.ioc", events)
        elif order.open:
            mid = deemed.midpoint(matching.book, self.scale.unit)
            events.append(Rest(order.id, None if mid is None else self.scale.price(mid), order.open))

    def _wake(self, at: int, events: list[Event], since: int) -> int:
        """Wake what the trades from `since` on hit, and then what the trades of those hit. Return how far was looked."""
        while since < len(events) and self.trading:
            event = events[since]
            since += 1
            if type(event) is Trade and not event.flags & OFF_HOURS_PRINT:
                key = self.scale.key(event.price)
                self._activate(self.stops.hit(key), key, at, events)
        return since

    def _activate(self, woken: list[Live], last: int, at: int, events: list[Event]) -> None:
        price = self.scale.price(last)
        events.extend(Activated(order.id, price) for order in woken)
        for order in woken:
            if self.trading:
                self.trade(order, DAY, at, events)
            else:  # an interruption came of one before it
                self.rest(order, events)

    def _join(self, order: Live, events: list[Event]) -> None:
        order.type = IN_AUCTION[order.type]
        if order.type is MARKET:
            order.rank = self.matching.book.side(buys=order.buys).market_rank
        self._in_auction.append(order)
        self.rest(order, events)

    def _convert(self, events: list[Event]) -> None:
        """Make market orders of conditional limit orders. All are received when the closing call begins, in their order (2)."""
        book = self.matching.book
        waiting = [order for side in (book.bids, book.asks) for order in side.orders() if order.type is CONDITIONAL]
        for order in sorted(waiting, key=lambda order: order.seq):
            rest = order.open
            side = book.side(buys=order.buys)
            side.remove(order)
            self.seq += 1
            # Another order in its stead: what is taken from a queue may lie there dead for a while, and must stay so.
            market = Live(order.sent, MARKET, self.seq, side.market_rank, None)
            market.open = rest
            self.matching.orders[order.id] = market
            side.add(market)
            events.append(Converted(order.id, rest))
