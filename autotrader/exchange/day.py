"""One trading day of an exchange by its market's hours: phases begin and end on time, calls a little late as the dice say.

The driver asks `next_change` and calls `advance`; halts come from outside and end by the clock.
"""

from collections import deque
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from autotrader.exchange.events import Event
from autotrader.exchange.exchange import Exchange, on_time
from autotrader.exchange.phases import CALLS, STATES, Phase, life_of, phase_of
from autotrader.markets.facts import Matching
from autotrader.markets.orders import accepted
from autotrader.markets.profile import MarketProfile, in_force
from autotrader.markets.sessions import Session, regular_hours, sessions_on

SECOND = 1_000_000_000
FOREVER = 1 << 62
SINGLE_EVERY = 600 * SECOND
"""The periodic calls after the close were matched every ten minutes (market-rules 1.1)."""
ON_OPEN = frozenset({"moo", "loo"})
ON_CLOSE = frozenset({"moc", "loc"})


class Step(NamedTuple):
    """Something due at a moment (ns)."""

    at: int
    do: Callable[[int], list[Event]]


class Day:
    """Drives one exchange through a day. Before the first session, and between two, it is in a pause; at last it is closed.

    `close_price` answers at what the off-hours sessions after the close trade, None while that is not known: another
    venue's close for an ATS; its own, where it is not given. `lateness` as the exchange's.
    """

    def __init__(
        self,
        profile: MarketProfile,
        exchange: Exchange,
        day: date,
        *,
        close_price: Callable[[], Decimal | None] | None = None,
        lateness: Callable[[int], int] = on_time,
    ) -> None:
        self.exchange = exchange
        self.session = ""
        """The id of the session that the clock says, also while a VI or a halt is in it; '' between two."""
        self.close: Decimal | None = None
        """The official close, once the regular market is over."""
        self.over = False
        self._profile = profile
        self._day = day
        self._lateness = lateness
        self._close_price = close_price or (lambda: self.close)
        sessions = [session for session in sessions_on(profile, day) if not session.broker_only]
        self._hours = regular_hours(profile, day)
        self._coming = deque(session for session in sessions if session.matching is not Matching.FIXED)
        self._now: Session | None = None
        self._ends = FOREVER
        self._prolonged = False
        windows = [step for session in sessions if session.matching is Matching.FIXED for step in self._window(session)]
        self._timed = deque(sorted([*windows, *self._cut_offs()], key=lambda step: step.at))
        self._unpriced: Session | None = None
        """An off-hours session whose price is not known yet."""
        self._goes_on: Step | None = None
        """What ends the present halt, or the call after it."""
        self._at = 0
        exchange.phase(Phase.PAUSE, 0)

    @property
    def next_change(self) -> int:
        """Return when something is due next (ns); far in the future when the day is over."""
        return FOREVER if self.over else self._next().at

    def advance(self, at: int) -> list[Event]:
        """Let time go by up to a moment: do what is due, in order."""
        events: list[Event] = []
        while not self.over and (step := self._next()).at <= at:
            self._at = step.at
            events += step.do(step.at)
        if self._unpriced is not None:
            events += self._price(self._unpriced, at)
        return events

    def halt(self, at: int, reason: str = "", *, halted: int = 0, call: int = 0) -> list[Event]:
        """Stop trading. After `halted` ns (0: until `restart` is called) a call of `call` ns begins, then the hours hold again."""
        self._goes_on = Step(at + halted, lambda then: self.restart(then, call)) if halted else None
        return self.exchange.halt(at, reason)

    def restart(self, at: int, call: int) -> list[Event]:
        """End a halt by a call of so many ns."""
        self._goes_on = Step(at + call, self._resume)
        return self.exchange.phase(Phase.RESTART, at)

    def shut(self, at: int, reason: str = "") -> list[Event]:
        """Close for the day at once (circuit breaker 3)."""
        return [*self.exchange.halt(at, reason), *self._finish(at)]

    def _next(self) -> Step:
        """Return what is due first. Of what is due together: interruptions and halts end, then the hours change, then the rest."""
        due = [
            Step(self.exchange.until or FOREVER, self.exchange.advance),
            self._goes_on or Step(FOREVER, self._resume),
            Step(self._ends, self._leave) if self._now else Step(self._coming[0].open if self._coming else FOREVER, self._enter),
            Step(self._timed[0].at if self._timed else FOREVER, self._do_timed),
        ]
        if not self._coming and self._now is None and not self._timed:
            due.append(Step(self._at, self._finish))
        return min(due, key=lambda step: step.at)

    def _enter(self, at: int) -> list[Event]:
        """Begin the next session of the book."""
        session = self._now = self._coming.popleft()
        self.session, self._ends, self._prolonged = session.id, self._end_of(session), False
        if self._halted:
            return []
        events: list[Event] = []
        if self._has_auction(session, ON_OPEN):
            events += self.exchange.phase(Phase.OPEN_CALL, at, session=session.id)
        return events + self.exchange.phase(phase_of(session.id), at, session=session.id)

    def _leave(self, at: int) -> list[Event]:
        """End the present session of the book; a call is matched, or prolonged once."""
        session, events = self._now, list[Event]()
        assert session is not None, "no session to leave"
        if self.exchange.phase_now in CALLS - STATES and not self._prolonged:
            events += self.exchange.uncross(at)
            if self.exchange.until > at:
                self._ends, self._prolonged = self.exchange.until, True
                return events
            if phase_of(session.id) is Phase.SINGLE and at < session.close:
                self._ends = min(at + SINGLE_EVERY, session.close)
                return events
        elif self._has_auction(session, ON_CLOSE) and not self._halted:
            events += self.exchange.phase(Phase.CLOSE_CALL, at, session=session.id)
            events += self.exchange.uncross(at)
        if self._hours is not None and session.regular and session.close == self._hours[1]:
            self.close = self.exchange.last or self.exchange.base
        return events + self._between(session, at)

    def _between(self, session: Session, at: int) -> list[Event]:
        """Go on to the next session, or into the pause before it."""
        self._now, self._ends, self.session = None, FOREVER, ""
        after = self._coming[0] if self._coming else None
        if after is not None and after.open <= at:
            return self._enter(at)
        if after is None and not self._timed:
            return []  # the day ends, and with it all that waits
        events = [] if self._halted else self.exchange.phase(Phase.PAUSE, at)
        if after is None or life_of(after.id) != life_of(session.id):
            events += self.exchange.end_session(at)
        return events

    def _resume(self, at: int) -> list[Event]:
        """Go on, after a halt, with what the clock says."""
        self._goes_on = None
        if self._now is None:
            return self.exchange.phase(Phase.PAUSE, at)
        return self.exchange.phase(phase_of(self._now.id), at, session=self._now.id)

    def _finish(self, at: int) -> list[Event]:
        self.over, self.session, self._now = True, "", None
        return self.exchange.phase(Phase.CLOSED, at)

    def _do_timed(self, at: int) -> list[Event]:
        return self._timed.popleft().do(at)

    def _window(self, session: Session) -> Iterator[Step]:
        """Yield what an off-hours session at a fixed price does when."""
        if session.matches_from > session.open:
            yield Step(session.open, lambda at: self.exchange.open_window(None, at, session=session.id, matching=False))
        yield Step(session.matches_from, lambda at: self._price(session, at))
        yield Step(session.close, self._end_window)

    def _price(self, session: Session, at: int) -> list[Event]:
        """Let an off-hours session trade if its price is known; else its orders are collected until it is."""
        price = self.exchange.base if phase_of(session.id) is Phase.PRE_CLOSE else self._close_price()
        self._unpriced = session if price is None else None
        return self.exchange.open_window(price, at, session=session.id, matching=price is not None)

    def _end_window(self, at: int) -> list[Event]:
        self._unpriced = None
        return self.exchange.close_window(at)

    def _cut_offs(self) -> Iterator[Step]:
        """Yield when which kinds are no longer taken: counted back from the day's actual open and close."""
        rows = in_force(self._profile.cutoffs, self._day) if self._hours is not None else []
        ends = dict(zip(("open", "close"), self._hours or (0, 0), strict=True))
        moments = {row: ends[row.of] - row.seconds * SECOND for row in rows}
        for moment in sorted(set(moments.values())):
            kinds = frozenset(kind for row in rows if moments[row] <= moment for kind in row.kinds)
            yield Step(moment, partial(self._cut_off, kinds))

    def _cut_off(self, kinds: frozenset[str], at: int) -> list[Event]:
        self.exchange.cut_off(kinds)
        return []

    @property
    def _halted(self) -> bool:
        return self.exchange.phase_now in {Phase.HALT, Phase.RESTART}

    def _has_auction(self, session: Session, kinds: frozenset[str]) -> bool:
        """Tell whether the regular session opens (closes) by an auction of its own, without a call that the hours name."""
        takes = accepted(self._profile, session.id, self._day)
        return session.matching is Matching.CONTINUOUS and session.regular and bool(kinds & takes)

    def _end_of(self, session: Session) -> int:
        if phase_of(session.id) is Phase.SINGLE:
            return session.open + SINGLE_EVERY
        late = self._lateness(session.random_end // SECOND) if session.random_end else 0
        return session.close + late * SECOND
