"""One instrument of the simulated market: its value, the venues where it trades, their days, and the count of its prints."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from autotrader.domain.money import HUNDRED, INFINITY
from autotrader.domain.rule import Side
from autotrader.domain.settings import SimInstrument
from autotrader.domain.tick import InstrumentId, Quote, Tick
from autotrader.exchange.day import Day
from autotrader.exchange.exchange import Exchange
from autotrader.exchange.phases import CALLS, TRADING, Phase
from autotrader.exchange.population import FOLLOWING, LIVELY, Crowd, Temper
from autotrader.exchange.scenarios import Bend, Scenario
from autotrader.exchange.stall import Ended, Filled, Stall, Turned
from autotrader.exchange.walk import Dice, Move, Walk, unit_of
from autotrader.markets.calendar import end_of_day, local_date
from autotrader.markets.facts import Band, Ladder, Matching
from autotrader.markets.limits import daily_limits
from autotrader.markets.profile import Instrument, MarketProfile
from autotrader.markets.sessions import sessions_at, sessions_on
from autotrader.markets.ticks import floor_to_tick

SMART = "SOR"
"""The venue word for a broker's own choice among the venues that trade an issue."""

RollDice = Callable[[str], Dice]
"""Return the dice of somebody by name: the same for the same name."""


class Issue(NamedTuple):
    """One instrument of the market: how its value moves, and where it trades, its own market first."""

    spec: SimInstrument
    instrument: Instrument
    venues: tuple[MarketProfile, ...]


class Based(NamedTuple):
    """An instrument has a new base price: a day begins."""

    instrument: InstrumentId
    price: Decimal
    at: int


Told = Tick | Quote | Based | Turned | Filled | Ended


class Place:
    """An instrument and everybody who trades it."""

    def __init__(self, issue: Issue, dice: RollDice, start: int, script: Scenario, *, hours: bool) -> None:
        self.issue = issue
        self.stalls: list[Stall] = []
        self.base = issue.spec.start
        home = issue.venues[0]
        self._hours = hours
        self._keeps_days = hours and not home.always_open
        self._script = script
        self._dice = dice
        self._ladder = ladder_of(issue)
        self._walk = Walk(issue.spec, self._ladder, issue.instrument.lot, dice(issue.instrument.id))
        self._first_day = self._today = local_date(home, start)
        self._bend = Bend(script.points if hours else (), self._first_day, home.zone)
        self._crowds = [self._crowd(venue) for venue in issue.venues]
        self._days: list[Day] = []
        self._day_ends = 0
        self._prints = 0
        self._traded = False
        """A trading day has begun."""
        self._divided = False
        """The split has happened."""
        if not self._keeps_days:
            self._open_for_good()

    def turn(self, at: int) -> list[Told]:
        """Trade once at every venue that is open."""
        told: list[Told] = self._begin_day(at) if self._keeps_days and at >= self._day_ends else []
        told += self.pass_time(at)
        if self.open:
            move = self._move(at)
            for stall in self.stalls:
                stall.crowd.temper = self._temper(stall.exchange.phase_now)
                told += stall.turn(move, at)
        if self._keeps_days:
            told += self._off_hours(at)
        return self.numbered(told)

    def pass_time(self, at: int) -> list[Told]:
        """Let the hours go on to a moment: sessions begin and end, calls are matched."""
        return [told for stall, day in zip(self.stalls, self._days, strict=False) for told in stall.hear(day.advance(at), at)]

    @property
    def open(self) -> bool:
        """Tell whether anybody can trade now."""
        return any(_active(stall) for stall in self.stalls)

    def stall(self, venue: str, side: Side) -> Stall | None:
        """Return where an order goes, None when nobody trades there. A smart order goes to the better quote, home first."""
        if venue == SMART:
            return min((stall for stall in self.stalls if _active(stall)), key=lambda stall: _quoted(stall, side), default=self.stalls[0])
        wanted = venue or self.issue.venues[0].id
        return next((stall for stall in self.stalls if stall.venue == wanted), None)

    def numbered(self, told: Sequence[Told]) -> list[Told]:
        """Return the same with the instrument's prints counted."""
        counted: list[Told] = []
        for event in told:
            if isinstance(event, Tick):
                self._prints += 1
                counted.append(event._replace(sequence=self._prints))
            else:
                counted.append(event)
        return counted

    def percent_of_base(self) -> Decimal:
        """Return the last price of the home market in percent of the base price."""
        last = self.stalls[0].exchange.last if self.stalls else None
        return HUNDRED if last is None else last / self.base * HUNDRED

    def halt(self, at: int, reason: str, *, halted: int, call: int) -> list[Told]:
        """Stop trading at every venue for `halted` ns, with a call of `call` ns after it; 0: for the rest of the day."""
        told: list[Told] = []
        for stall, day in zip(self.stalls, self._days, strict=True):
            events = day.halt(at, reason, halted=halted, call=call) if halted else day.shut(at, reason)
            told += stall.hear(events, at)
        return told

    def _crowd(self, venue: MarketProfile) -> Crowd:
        return Crowd(self._ladder, unit_of(self.issue.instrument.lot), self._dice(f"{self.issue.instrument.id}/{venue.id}"))

    def _open_for_good(self) -> None:
        """Open the instrument's own market in continuous trading, without limits, interruptions or an end."""
        home = self.issue.venues[0]
        instrument = replace(self.issue.instrument, ladder=self._ladder)
        exchange = Exchange(home, instrument, day=self._first_day, previous=self.base)
        session = next((row.id for row in home.sessions if row.regular), "") if self._hours else ""
        self.stalls = [Stall(home.id, instrument.id, self._crowds[0], exchange, session=session)]

    def _begin_day(self, at: int) -> list[Told]:
        """Open fresh exchanges for the market's date, with the base price that the last one left."""
        home, name = self.issue.venues[0], self.issue.instrument.id
        self._today = local_date(home, at)
        self._day_ends = end_of_day(home, self._today)
        told: list[Told] = []
        if self.stalls:
            self._settle()
            told.append(Based(name, self.base, at))
        self._traded = self._traded or bool(sessions_on(home, self._today))
        self.stalls, self._days = [], []
        for venue, crowd in zip(self.issue.venues, self._crowds, strict=True):
            self._open_venue(venue, crowd)
        return told

    def _open_venue(self, venue: MarketProfile, crowd: Crowd) -> None:
        """Open a venue for the day. Limits are those of the home market, everywhere (market-rules 1.2)."""
        day = self._today
        instrument = replace(self.issue.instrument, ladder=self._ladder)
        limits = daily_limits(self.issue.venues[0], instrument, self.base, day)
        crowd.begin(limits)
        dice = self._dice(f"{instrument.id}/{venue.id}/{day}")

        def lateness(most: int) -> int:
            return dice.randint(0, most)

        exchange = Exchange(venue, instrument, day=day, previous=self.base, limits=limits, interruptions=True, lateness=lateness)
        home = self._days[0] if self._days else None
        close = (lambda: home.close) if home is not None else None
        self.stalls.append(Stall(venue.id, instrument.id, crowd, exchange, hours=True))
        self._days.append(Day(venue, exchange, day, close_price=close, lateness=lateness))

    def _settle(self) -> None:
        """Make the day's close the next base price; the day after the first of a split begins at a part of it."""
        self.base = self._days[0].close or self.base
        if self._traded and not self._divided:
            self._divided = True
            self.base = floor_to_tick(self._ladder, self.base / self._script.split)

    def _move(self, at: int) -> Move:
        """Return the next step of the value, as the script has it."""
        value, size = self._walk.move()
        bent = self._bend.at(value, at)
        return Move(bent / self._script.split if self._divided else bent, size)

    def _temper(self, phase: Phase) -> Temper:
        if not self._hours:
            return FOLLOWING
        return self._script.after if phase in (Phase.PRE, Phase.AFTER) else LIVELY

    def _off_hours(self, at: int) -> list[Told]:
        """Let those trade who trade at a close price, where a session for that is open."""
        told: list[Told] = []
        for stall, venue in zip(self.stalls, self.issue.venues, strict=True):
            fixed = (s for s in sessions_at(venue, at) if s.matching is Matching.FIXED and s.matches_from <= at)
            if window := next(fixed, None):
                stall.window = window.id
                told += stall.fixed(at)
        return told


def ladder_of(issue: Issue) -> Ladder:
    """Return the price steps to trade in: the market's, or finer ones where a script has prices between them."""
    ladder = issue.instrument.ladder or (Band(Decimal(0), Decimal(1).scaleb(issue.spec.start.adjusted() - 4)),)
    if all(floor_to_tick(ladder, price) == price for price in issue.spec.path):
        return ladder
    finest = min(int(price.normalize().as_tuple().exponent) for price in issue.spec.path)
    return (Band(Decimal(0), Decimal(1).scaleb(min(finest, 0))),)


def trades_at(venue: MarketProfile, at: int) -> bool:
    """Tell whether a venue has a session of its own open."""
    return any(not session.broker_only for session in sessions_at(venue, at))


def _active(stall: Stall) -> bool:
    return stall.exchange.phase_now in TRADING or stall.exchange.phase_now in CALLS


def _quoted(stall: Stall, side: Side) -> Decimal:
    """Return how dear an order would be at a venue, the less the better."""
    bid, ask = stall.exchange.best()
    if side is Side.BUY:
        return ask if ask is not None else INFINITY
    return -bid if bid is not None else INFINITY
