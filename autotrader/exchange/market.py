"""A whole simulated market in one pure object: instruments, venues, crowds, hours. One turn of one instrument at a time.

Without hours every instrument trades without a pause, and what it prints is its walk or its script. With hours each venue
opens and closes as its market does, closed hours pass at once, and a scenario may script the day. The same instruments,
dice and start give the same events in every process; orders from outside are the only other thing that goes in.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.money import HUNDRED, ZERO
from autotrader.domain.tick import InstrumentId, Quote, Tick
from autotrader.exchange.breaker import Breaker, Step
from autotrader.exchange.events import Rejected
from autotrader.exchange.orders import Order
from autotrader.exchange.place import Based, Issue, Place, RollDice, trades_at
from autotrader.exchange.scenarios import ORDINARY, Scenario
from autotrader.exchange.stall import Ended, Filled, Stall, Turned
from autotrader.markets.calendar import local_date
from autotrader.markets.profile import MarketProfile
from autotrader.markets.sessions import next_change, regular_hours

WITH_BREAKER = frozenset({"KRX"})
"""Markets whose circuit breaker is known (market-rules 3.3)."""
BREAKER = "circuit_breaker"


class Clock(NamedTuple):
    """The market's clock reached a change of sessions, or went over closed hours."""

    at: int


Told = Tick | Quote | Based | Clock | Turned | Filled | Ended


class SimMarket:
    """Instruments that trade in turn. `every` is the time of one step in ns, in which each has one turn."""

    def __init__(
        self, issues: Sequence[Issue], dice: RollDice, *, start: int, every: int, hours: bool = False, scenario: Scenario | None = None
    ) -> None:
        self.now = start
        """The moment of the last turn, in ns since the epoch."""
        self._start = start
        self._every = every
        self._hours = hours
        self._turns = 0
        self._next_change = start
        self._profiles = tuple({venue.id: venue for issue in issues for venue in issue.venues}.values())
        script = scenario or ORDINARY
        self._places = [
            Place(issue, dice, start, script if script.whole_market or place == 0 else ORDINARY, hours=hours)
            for place, issue in enumerate(issues)
        ]
        self._fuses = [_Fuse(home, self._places) for home in self._profiles if hours and home.id in WITH_BREAKER]
        self._by_instrument = {place.issue.instrument.id: place for place in self._places}

    def bases(self) -> dict[InstrumentId, Decimal]:
        """Return the base prices of the day."""
        return {name: place.base for name, place in self._by_instrument.items()}

    def stalls(self, instrument: InstrumentId) -> Sequence[Stall]:
        """Return where an instrument trades, its own market first; none before its first day has begun."""
        return self._by_instrument[instrument].stalls

    def due(self) -> int:
        """Return the moment of the next turn, as far as no closed hours are skipped."""
        step, place = divmod(self._turns, len(self._places))
        return self._start + step * self._every + place * self._every // len(self._places)

    def turn(self) -> list[Told]:
        """Let the next instrument trade once, and return what the world hears of it."""
        place = self._places[self._turns % len(self._places)]
        told: list[Told] = []
        if self._hours and place is self._places[0]:
            told += self._skip_closed_hours()
        self.now = self.due()
        if place is self._places[0]:
            for fuse in self._fuses:
                told += fuse.watch(self.now)
        self._turns += 1
        if self._hours and self.now >= self._next_change:
            self._next_change = min(next_change(profile, self.now) for profile in self._profiles)
            told.append(Clock(self.now))
        for fuse in self._fuses:
            told += fuse.hold(self.now)
        told += place.turn(self.now)
        return told

    def enter(self, instrument: InstrumentId, order: Order, venue: str = "") -> tuple[Rejected | None, Sequence[Told]]:
        """Take an order from outside; return its refusal or None, and what the world hears."""
        place = self._by_instrument.get(instrument)
        stall = place.stall(venue, order.side) if place is not None else None
        if place is None or stall is None:
            return Rejected(order.id, "exchange.not_here", {"instrument": instrument, "venue": venue or instrument.partition(":")[0]}), []
        passed = place.pass_time(self.now)  # the clock may have changed the hours since the instrument's last turn
        events = stall.exchange.order(order, self.now)
        refused = events[0] if isinstance(events[0], Rejected) else None
        return refused, place.numbered([*passed, *stall.hear(events, self.now), *stall.quote(self.now)])

    def cancel(self, instrument: InstrumentId, order_id: str) -> tuple[Rejected | None, Sequence[Told]]:
        """Take what is left of an order from outside back."""
        place = self._by_instrument[instrument]
        stall = next((stall for stall in place.stalls if stall.exchange.open_quantity(order_id) is not None), place.stalls[0])
        events = stall.exchange.cancel(order_id, at=self.now)
        refused = events[0] if isinstance(events[0], Rejected) else None
        return refused, place.numbered([*stall.hear(events, self.now), *stall.quote(self.now)])

    def _skip_closed_hours(self) -> list[Told]:
        """Let closed hours pass at once: the step begins when something opens."""
        due = self.due()
        begins = due
        while not any(trades_at(profile, begins) for profile in self._profiles):
            begins = min(next_change(profile, begins) for profile in self._profiles)
        if begins == due:
            return []
        self._start += begins - due
        return [Clock(due)]


class _Fuse:
    """The circuit breaker of one market: its index is the mean of its instruments in percent of their base prices.

    It stops every venue that trades them; what the hours make of the halt afterwards is told once of each venue.
    """

    def __init__(self, home: MarketProfile, places: Sequence[Place]) -> None:
        self._home = home
        self._places = [place for place in places if place.issue.venues[0].id == home.id]
        self._day: date | None = None
        self._breaker: Breaker | None = None
        self._states: dict[str, str] = {}
        """How each venue is that it stopped, until trading is open again."""
        self._ends: dict[str, int] = {}

    def watch(self, at: int) -> list[Told]:
        """Look at the index; stop the market when a level is reached."""
        today = local_date(self._home, at)
        if today != self._day:
            self._day, self._states = today, {}
            hours = regular_hours(self._home, today)
            self._breaker = Breaker(HUNDRED, *hours) if hours and self._places else None
        if self._breaker is None or not any(place.open for place in self._places):
            return []
        index = sum((place.percent_of_base() for place in self._places), ZERO) / len(self._places)
        level = self._breaker.show(index, at)
        return [] if level is None else self._trip(level, at)

    def hold(self, at: int) -> list[Told]:
        """While a halt or the call after it lasts, let time go by for all issues at once; say once what becomes of a venue."""
        told: list[Told] = []
        if self._states:
            for place in self._places:
                told += place.pass_time(at)
        turns = {event.venue: event for event in told if isinstance(event, Turned) and event.state != self._states.get(event.venue)}
        for venue, event in turns.items():
            self._states[venue] = event.state
            if event.state == "open":
                del self._states[venue]
        spoken = [event._replace(instrument="", until=self._ends.get(event.state, 0), reason=BREAKER) for event in turns.values()]
        return [*spoken, *(event for event in told if not isinstance(event, Turned))]

    def _trip(self, level: Step, at: int) -> list[Told]:
        state = "halt" if level.halt else "closed"
        self._ends = {"halt": at + level.halt, "restart": at + level.halt + level.call} if level.halt else {}
        told: list[Told] = []
        for place in self._places:
            told += place.halt(at, BREAKER, halted=level.halt, call=level.call)
        venues = dict.fromkeys(stall.venue for place in self._places for stall in place.stalls)
        self._states = dict.fromkeys(venues, state) if level.halt else {}
        stopped: list[Told] = [Turned(venue, state, at, until=self._ends.get(state, 0), reason=BREAKER) for venue in venues]
        return stopped + [event for event in told if not isinstance(event, Turned)]
