"""The turns from phase to phase: which orders each takes, which rests it carries on, and what happens between them."""

from datetime import date
from decimal import Decimal

from autotrader.domain.rule import OrderType
from autotrader.exchange import calls, checks
from autotrader.exchange.events import Event, PhaseChanged
from autotrader.exchange.fixed import FixedPrice
from autotrader.exchange.floor import Floor
from autotrader.exchange.interruptions import guard_for
from autotrader.exchange.orders import Home, Live, Order
from autotrader.exchange.phases import CALLS, FIXED, STATES, TRADING, Phase, life_of, session_of
from autotrader.markets.orders import accepted, kind_of
from autotrader.markets.profile import Instrument, MarketProfile

CLOSE_PRICE = OrderType.CLOSE_PRICE
CLOSED = Phase.CLOSED
HALT = Phase.HALT
NONE: frozenset[str] = frozenset()
CALLABLE = frozenset({"limit", "market", "conditional", "moo", "loo", "moc", "loc"})
"""What can wait for a match. Nothing else goes into a call, whatever a market of one's own says."""
NOT_CARRIED = {OrderType.MIDPOINT: "midpoint", OrderType.STOP_LIMIT: "stop_limit"}
"""Orders that only sessions which take their kind carry on; those of other types wait as ordinary limit orders."""


class Turning:
    """The phase of one exchange. `session` is the session id or state row whose kinds it takes."""

    def __init__(self, profile: MarketProfile, instrument: Instrument, day: date, floor: Floor, *, interruptions: bool) -> None:
        self._profile = profile
        self._instrument = instrument
        self._day = day
        self._floor = floor
        self._interruptions = interruptions
        self._under = Phase.CONTINUOUS, session_of(profile, Phase.CONTINUOUS)
        """The phase and session that a VI, a halt or a restart is within."""
        self._life = ""
        self._window_takes = NONE
        self.cut_off = NONE
        self.session = ""
        self.takes = NONE
        self.limits = False
        """Plain limit orders are taken."""
        self.markets = False
        """Plain market orders are taken."""
        self._begin(*self._under)

    def turn(self, phase: Phase, at: int, events: list[Event], session: str | None = None) -> None:
        """Leave the present phase and begin another."""
        floor, before = self._floor, self._floor.phase
        if before in CALLS and _is_matched_before(before, phase) and not floor.matched:
            events += floor.uncross(at, judge=False)
        floor.until, floor.stopped = 0, False
        if before in FIXED:
            events += self.close_window()
        if before in CALLS and phase not in STATES:
            floor.leave_auction(events)
        name = session_of(self._profile, phase) if session is None else session
        if phase is CLOSED:
            self.end_all("exchange.day_over", events)
            events += self.close_window("exchange.day_over")
        elif phase not in STATES and phase is not Phase.PAUSE and life_of(name) != self._life:
            self.end_all("exchange.session_over", events, held=False)
        self._begin(phase, name)
        events.append(PhaseChanged(phase.value, self.session, at))
        self._begun(phase, at, events)

    def interrupt(self, at: int, events: list[Event]) -> None:
        """Turn to the call of an interruption that stopped trading."""
        until = self._floor.until
        self.turn(Phase.VI, at, events)
        self._floor.until = until

    def end_interruption(self, at: int, events: list[Event]) -> None:
        """Match the call whose time is over. A VI's session goes on; a call that was prolonged waits to be left."""
        if self._floor.phase is Phase.VI:
            self.turn(self._under[0], at, events, self._under[1])
            if self._floor.stopped:
                self.interrupt(at, events)
        else:
            events += self._floor.uncross(at, judge=False)

    def uncross(self, at: int) -> list[Event]:
        """Match the call; the first time an opening or closing call may be prolonged instead."""
        judge = self._floor.phase in {Phase.OPEN_CALL, Phase.CLOSE_CALL} and not self._floor.until
        return self._floor.uncross(at, judge=judge)

    def end_all(self, code: str, events: list[Event], *, held: bool = True) -> None:
        """End what waits in the book and beside it; with `held` the on-open and on-close orders too."""
        matching = self._floor.matching
        homes: list[Home] = [
            matching.book.bids,
            matching.book.asks,
            matching.mids,
            self._floor.stops,
            *([self._floor.held] if held else []),
        ]
        for home in homes:
            for order in home.orders():
                self._floor.end(order, code, events)

    def open_window(self, price: Decimal | None, at: int, session: str, *, matching: bool) -> list[Event]:
        """Begin trading at a fixed price, or let what was collected trade."""
        floor = self._floor
        if floor.window is None or floor.window.session != session:
            floor.window = FixedPrice(price, session)
        floor.window.price = price
        floor.window_matches = matching
        self._window_takes = accepted(self._profile, session, self._day)
        return floor.window.match(floor.matching, at) if matching else []

    def close_window(self, code: str = "exchange.window_over") -> list[Event]:
        """End trading at a fixed price."""
        events: list[Event] = []
        if self._floor.window is not None:
            for order in self._floor.window.orders():
                self._floor.end(order, code, events)
        self._floor.window, self._window_takes = None, NONE
        return events

    def fault(self, new: Order) -> checks.Fault | None:
        """Return why the present phase does not take an order."""
        state = self._state_fault()
        if state is not None:
            return state
        if new.type is CLOSE_PRICE:
            if self._floor.window is None:
                return "exchange.no_window", {"kind": kind_of(new.type, new.tif)}
            return checks.kind_fault(new.type, new.tif, self._window_takes, self._floor.window.session, self._instrument)
        if self._floor.phase is Phase.PAUSE:
            return "exchange.between", {}
        if kind_of(new.type, new.tif) in self.cut_off:
            return "exchange.cut_off", {"kind": kind_of(new.type, new.tif)}
        return checks.kind_fault(new.type, new.tif, self.takes, self.session, self._instrument)

    def state_fault(self, live: Live, *, cancels: bool) -> checks.Fault | None:
        """Return why an order may not be cancelled (or changed) now. A halt takes cancels, the end of the day nothing."""
        if not cancels or self._floor.phase is CLOSED:
            state = self._state_fault()
            if state is not None:
                return state
        kind = kind_of(live.sent.type, live.sent.tif) if self.cut_off else ""
        return ("exchange.cut_off", {"kind": kind}) if kind in self.cut_off else None

    def _state_fault(self) -> checks.Fault | None:
        if self._floor.phase is CLOSED:
            return "exchange.closed", {}
        return ("exchange.halted", {}) if self._floor.phase is HALT else None

    def _begin(self, phase: Phase, session: str) -> None:
        floor = self._floor
        floor.phase, floor.trading, floor.matched = phase, phase in TRADING, False
        if phase not in STATES:
            self._under = phase, session
            if phase is not Phase.PAUSE:
                self._life = life_of(session)
        self.session = session
        self.takes = self._kinds(phase, session)
        issue = checks.NARROWED.get(self._instrument.kind, self.takes)
        self.limits, self.markets = ("limit" in self.takes and "limit" in issue), ("market" in self.takes and "market" in issue)
        judged = self._interruptions and phase not in STATES and bool(session)
        floor.matching.guard = (
            guard_for(self._profile, self._instrument, self._day, session, floor.scale, floor.matching.tape) if judged else None
        )

    def _kinds(self, phase: Phase, session: str) -> frozenset[str]:
        if phase in {HALT, CLOSED, Phase.PAUSE}:
            return NONE
        kinds = accepted(self._profile, session, self._day)
        if phase in STATES and not kinds:
            kinds = accepted(self._profile, self._under[1], self._day)  # a market whose facts have no row for the state
        return kinds & CALLABLE if phase in CALLS else kinds

    def _begun(self, phase: Phase, at: int, events: list[Event]) -> None:
        floor = self._floor
        if phase in FIXED:
            tape = floor.matching.tape
            close = tape.base if phase is Phase.PRE_CLOSE else tape.previous
            events += self.open_window(None if close is None else floor.scale.price(close), at, self.session, matching=True)
        elif phase in CALLS and phase not in STATES:
            floor.join_auction(phase, events)
        elif phase in TRADING:
            self._end_not_carried(events)
            if calls.crossed(floor.matching):
                events += floor.uncross(at, judge=False)
            floor.wake_by_last(at, events)

    def _end_not_carried(self, events: list[Event]) -> None:
        homes: tuple[Home, ...] = (self._floor.matching.mids, self._floor.stops)
        for home in homes:
            for order in home.orders():
                if NOT_CARRIED[order.type] not in self.takes:
                    self._floor.end(order, "exchange.not_carried", events)


def _is_matched_before(call: Phase, following: Phase) -> bool:
    """Tell whether a call is matched when it is left: not by a halt, and a VI's call goes on as the closing call."""
    return following is not HALT and not (call is Phase.VI and following is Phase.CLOSE_CALL)
