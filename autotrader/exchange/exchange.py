"""One issue at one venue: orders in, events out. Deterministic: time and chance are handed in."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from autotrader.domain.money import text
from autotrader.domain.rule import PRICED, OrderType, TimeInForce
from autotrader.exchange import calls, checks, deemed
from autotrader.exchange.events import Accepted, Amended, Cancelled, Event, Halted, Rejected
from autotrader.exchange.floor import Floor
from autotrader.exchange.matching import make
from autotrader.exchange.orders import BUY, Live, Order
from autotrader.exchange.phases import CALLS, Phase
from autotrader.exchange.scale import Scale
from autotrader.exchange.turning import Turning
from autotrader.markets.limits import Limits
from autotrader.markets.profile import Instrument, MarketProfile

Level = tuple[Decimal, Decimal]
"""A price and the quantity of the ordinary orders that wait there."""

DAY = TimeInForce.DAY
LIMIT = OrderType.LIMIT
MARKET = OrderType.MARKET
BEST = OrderType.BEST
PRIORITY = OrderType.PRIORITY
MIDPOINT = OrderType.MIDPOINT
STOP_LIMIT = OrderType.STOP_LIMIT
WITHOUT_RANK = frozenset({MIDPOINT, OrderType.CLOSE_PRICE, OrderType.MOO, OrderType.MOC})
"""Types whose orders do not wait at a price of their own."""
MOST_SIZES = 1 << 12


def on_time(most: int) -> int:
    """Let every call end on time."""
    return 0


class Exchange:
    """The order book of one issue with the rules of its venue. Every method returns what happened, in order.

    `previous` is the base price (the previous close), which stands for the last price until the first trade. `limits` None:
    no daily limits. `interruptions`: volatility interruptions (VI) happen; off, so that a script drives every phase itself.
    `lateness` answers, given the most seconds by which a call may end late, how many it is (VI calls draw from it).
    The phase at first is `continuous`. Moments `at` are ns since the epoch UTC and never go back.
    """

    def __init__(
        self,
        profile: MarketProfile,
        instrument: Instrument,
        *,
        day: date,
        previous: Decimal | None = None,
        limits: Limits | None = None,
        interruptions: bool = False,
        lateness: Callable[[int], int] = on_time,
    ) -> None:
        self._instrument = instrument
        self._scale = Scale(instrument.ladder, limits)
        self._floor = Floor(self._scale, previous, instrument.lot, lateness)
        self._turning = Turning(profile, instrument, day, self._floor, interruptions=interruptions)
        self._orders = self._floor.matching.orders
        self._sizes: set[Decimal] = set()
        """Quantities that were found tradable."""

    @property
    def last(self) -> Decimal | None:
        """Return the price of the newest trade, None before the first."""
        return self._floor.matching.tape.last

    @property
    def base(self) -> Decimal | None:
        """Return the base price."""
        base = self._floor.matching.tape.base
        return None if base is None else self._scale.price(base)

    @property
    def phase_now(self) -> Phase:
        """Return the phase."""
        return self._floor.phase

    @property
    def session(self) -> str:
        """Return the session id that the phase belongs to, or the state row (`vi`, `restart`); '' when none."""
        return self._turning.session

    @property
    def until(self) -> int:
        """Return when a call that a VI began or prolonged is matched by `advance` (ns), 0 when there is none."""
        return self._floor.until

    def order(self, new: Order, at: int) -> list[Event]:
        """Take an order: Rejected; or Accepted and then its trades, its Rest, or what was Cancelled, and what followed."""
        order_id, side, type, quantity, price, _, tif, _ = new
        floor, turning = self._floor, self._turning
        key: int | None = None
        rank = 0
        if tif is DAY:  # the plain orders, of which there are most, without a detour
            if type is LIMIT and turning.limits:
                key = self._scale.known.get(price)  # type: ignore[arg-type]  # without a price nothing is found
                rank = -(key or 0) if side is BUY else key or 0
            elif type is MARKET and turning.markets:
                book = floor.matching.book
                key = rank = book.bids.market_rank if side is BUY else book.asks.market_rank
                price = None
        if key is None or quantity not in self._sizes or order_id in self._orders:
            live = self._admit(new)
            if isinstance(live, Rejected):
                return [live]
        else:
            floor.seq += 1
            live = Live(new, type, floor.seq, rank, price)
        self._orders[order_id] = live
        events: list[Event] = [make(Accepted, (order_id, at))]
        floor.receive(live, tif, at, events)
        if floor.stopped:
            turning.interrupt(at, events)
        return events

    def amend(
        self,
        order_id: str,
        *,
        at: int,
        price: Decimal | None = None,
        quantity: Decimal | None = None,
        type: OrderType | None = None,
        stop: Decimal | None = None,
    ) -> list[Event]:
        """Change an order that waits. `quantity` is the unfilled quantity that it shall have.

        Fewer keeps its place in the queue; another price or type, or more, is as if it came now.
        """
        live = self._waiting(order_id, cancels=False)
        if isinstance(live, Rejected):
            return [live]
        own_stop = live.sent.stop if live.type is STOP_LIMIT else None
        new = live.sent._replace(
            type=type or live.type,
            quantity=live.open if quantity is None else quantity,
            price=_new_price(live, type, price),
            stop=own_stop if stop is None else stop,
        )
        fault = self._amend_fault(live, new)
        if fault is not None:
            return [Rejected(order_id, fault[0], {"order": order_id, **fault[1]}, fault[0] == "exchange.inadmissible")]
        if (new.type, new.price, new.stop) == (live.type, live.price, own_stop) and new.quantity < live.open:
            live.open = new.quantity
            self._floor.matched = False
            return [Amended(order_id, live.price, live.open, kept=True)]
        return self._enter_anew(live, new, at)

    def cancel(self, order_id: str, *, at: int, quantity: Decimal | None = None) -> list[Event]:
        """Take an order back, or a part of it (which keeps its place in the queue)."""
        live = self._waiting(order_id, cancels=True)
        if isinstance(live, Rejected):
            return [live]
        if quantity is not None:
            fault = checks.size_fault(quantity, self._instrument.lot)
            if fault is None and quantity > live.open:
                fault = "exchange.too_much", {"quantity": text(quantity), "rest": text(live.open)}
            if fault is not None:
                return [Rejected(order_id, fault[0], {"order": order_id, **fault[1]})]
        events: list[Event] = []
        if quantity is None or quantity == live.open:
            self._floor.end(live, "exchange.by_owner", events)
            self._floor.matched = False
            self._follow(at, events)
        else:
            live.open -= quantity
            self._floor.matched = False
            events.append(Cancelled(order_id, quantity, "exchange.by_owner"))
        return events

    def phase(self, name: Phase, at: int, *, session: str | None = None) -> list[Event]:
        """Go to a phase. A call that is left and was not matched is matched first; what the new one does not carry ends.

        `session` is the market's session id where the phase alone does not say it (NXT's `nxt.after_call`). A halt matches
        no call, and a VI's call that the closing call begins in is part of that.
        """
        events: list[Event] = []
        self._turning.turn(Phase(name), at, events, session)
        if self._floor.stopped:
            self._turning.interrupt(at, events)
        return events

    def uncross(self, at: int) -> list[Event]:
        """Match the call once: an Auction and its trades. Outside a call nothing happens.

        With interruptions a price too far away prolongs an opening or closing call once: Interrupted, and `until` says to when.
        """
        if self._floor.phase not in CALLS:
            return []
        return self._turning.uncross(at)

    def expected(self) -> tuple[Decimal, Decimal] | None:
        """Return price and volume at which a call would be matched now, None outside a call or when nothing crosses."""
        result = calls.result_of(self._floor.matching) if self._floor.phase in CALLS else None
        return None if result is None else (result.price, result.volume)

    def reference(self, price: Decimal) -> None:
        """Set the base price: it stands for the last price until the next trade."""
        self._floor.matching.tape.rebase(price)

    def advance(self, at: int) -> list[Event]:
        """Let time go by: a VI call whose time is over is matched, and its session goes on."""
        events: list[Event] = []
        if 0 < self._floor.until <= at:
            self._turning.end_interruption(self._floor.until, events)
        return events

    def halt(self, at: int, reason: str = "") -> list[Event]:
        """Stop trading (a circuit breaker ends a running VI). Go on with `phase(Phase.RESTART)` and then the phase that follows."""
        return [Halted(reason, at), *self.phase(Phase.HALT, at)]

    def cut_off(self, kinds: frozenset[str]) -> None:
        """Say which kinds (on-open and on-close orders) are neither taken nor changed nor cancelled any more."""
        self._turning.cut_off = kinds

    def end_session(self, at: int) -> list[Event]:
        """End all that waits, except in the off-hours window and for auctions: nothing of it is carried on."""
        events: list[Event] = []
        self._turning.end_all("exchange.session_over", events)
        return events

    def best(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the best bid and ask of ordinary orders (neither midpoint nor market orders nor dormant stops)."""
        book = self._floor.matching.book
        bid, ask = book.bids.quote(), book.asks.quote()
        return (None if bid is None else self._scale.price(bid), None if ask is None else self._scale.price(ask))

    def depth(self, levels: int) -> tuple[list[Level], list[Level]]:
        """Return up to so many bids and asks, best first."""
        book = self._floor.matching.book
        return book.bids.depth(levels), book.asks.depth(levels)

    def open_quantity(self, order_id: str) -> Decimal | None:
        """Return what of an order still waits (dormant stops too), None when it is over or never was."""
        live = self._orders.get(order_id)
        return None if live is None else live.open

    @property
    def remembered(self) -> int:
        """Return how many orders are known, those that are over included."""
        return len(self._orders)

    def forget(self, order_id: str) -> None:
        """Forget an order that is over: its id may come again. A market that never closes would remember ever more of them."""
        if self._orders.get(order_id, order_id) is None:
            del self._orders[order_id]

    def open_window(self, price: Decimal | None, at: int, *, session: str, matching: bool = True) -> list[Event]:
        """Begin off-hours trading at one fixed price (`close_price` orders), beside what the book does.

        `matching` False: orders are only collected, until it is opened again with True.
        """
        return self._turning.open_window(price, at, session, matching=matching)

    def close_window(self, at: int) -> list[Event]:
        """End it: what waits there is cancelled."""
        return self._turning.close_window()

    def _admit(self, new: Order) -> Live | Rejected:
        """Return the order as the exchange keeps it, or why it is refused."""
        fault = self._fault(new)
        if fault is not None:
            return Rejected(new.id, *fault, inadmissible=fault[0].startswith("exchange.inadmissible"))
        live = self._priced(new)
        return live if live is not None else Rejected(new.id, "exchange.no_quote", {"kind": new.type.value})

    def _fault(self, new: Order) -> checks.Fault | None:
        """Return what is wrong with a new order."""
        if new.id in self._orders:
            return "exchange.duplicate", {"order": new.id}
        return self._shape_fault(new)

    def _shape_fault(self, new: Order) -> checks.Fault | None:
        fault = checks.size_fault(new.quantity, self._instrument.lot)
        if fault is not None:
            return fault
        if len(self._sizes) >= MOST_SIZES:
            self._sizes.clear()
        self._sizes.add(new.quantity)
        turning = self._turning
        return turning.fault(new) or checks.prices_fault(new, self._scale)

    def _priced(self, new: Order) -> Live | None:
        """Give an order its place and its price: its own, or the one that it is deemed to have (None when nothing says one)."""
        matching, buys = self._floor.matching, new.side is BUY
        type, price = new.type, new.price
        if type is MARKET:
            rank, price = matching.book.side(buys=buys).market_rank, None
        elif type in WITHOUT_RANK:
            rank, price = 0, None
        else:
            if type is BEST:
                key = deemed.best_limit(matching.book, matching.tape, self._scale, buys=buys)
            elif type is PRIORITY:
                key = deemed.priority_limit(matching.book, matching.tape, self._scale, buys=buys)
            else:
                assert price is not None, "an order that needs a price was taken without one"
                key = self._scale.key(price)
            if key is None:
                return None
            # The price of a best or priority order is fixed at receipt: from here on it is an ordinary limit order.
            type = LIMIT if type in (BEST, PRIORITY) else type
            rank, price = -key if buys else key, self._scale.price(key)
        self._floor.seq += 1
        return Live(new, type, self._floor.seq, rank, price)

    def _waiting(self, order_id: str, *, cancels: bool) -> Live | Rejected:
        """Return an order that may be cancelled (or changed) now."""
        live = self._orders.get(order_id)
        if live is None:
            return Rejected(order_id, "exchange.over" if order_id in self._orders else "exchange.unknown", {"order": order_id})
        fault = self._turning.state_fault(live, cancels=cancels)
        return live if fault is None else Rejected(order_id, *fault)

    def _amend_fault(self, live: Live, new: Order) -> checks.Fault | None:
        if new.type is not live.type and MIDPOINT in (new.type, live.type):
            return "exchange.midpoint_type", {}
        if live.type is STOP_LIMIT:
            same = (new.type, new.price, new.stop) == (live.type, live.price, live.sent.stop)
            return ("exchange.stop_needs_change", {}) if same else self._shape_fault(new)
        if new.stop is not None:
            return "exchange.no_stop_to_change", {}
        if (new.type, new.price, new.quantity) == (live.type, live.price, live.open):
            return "exchange.nothing", {}
        return self._shape_fault(new)

    def _enter_anew(self, live: Live, new: Order, at: int) -> list[Event]:
        """Let a changed order in as if it came now, under the id that it has."""
        changed = self._priced(new)
        if changed is None:
            return [Rejected(new.id, "exchange.no_quote", {"kind": new.type.value})]
        if live.home is not None:
            live.home.remove(live)
        self._orders[new.id] = changed
        events: list[Event] = [Amended(new.id, changed.price, changed.open, kept=False)]
        self._floor.receive(changed, new.tif, at, events)
        self._follow(at, events)
        return events

    def _follow(self, at: int, events: list[Event]) -> None:
        """Let those move who follow the book, after a change that was no new order."""
        if self._floor.trading:
            self._floor.settle(at, events)
        if self._floor.stopped:
            self._turning.interrupt(at, events)


def _new_price(live: Live, type: OrderType | None, price: Decimal | None) -> Decimal | None:
    """Return the price that a changed order has: a new one or its own, where its type carries one."""
    if (type or live.type) not in PRICED:
        return None
    return live.price if price is None else price
