"""One issue at one venue with those who trade it: a turn of theirs goes in, what the world hears of it comes out."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.tick import Flag, InstrumentId, Quote, Tick
from autotrader.exchange.desk import OWN, Desk
from autotrader.exchange.events import Auction, Cancelled, Event, Halted, Interrupted, PhaseChanged, Trade
from autotrader.exchange.exchange import Exchange
from autotrader.exchange.phases import CALLS, STATES, TRADING, Phase
from autotrader.exchange.population import Crowd
from autotrader.exchange.walk import Move

WORDS = {Phase.VI: "vi", Phase.HALT: "halt", Phase.RESTART: "restart"}
"""Phases in which trading is not as the hours say; in every other it is `open`."""


class Turned(NamedTuple):
    """Trading stopped, changed or goes on: of one issue, or of the whole venue when `instrument` is empty.

    `state` is one of the words of WORDS, `open`, or `closed` (the venue is over for the day).
    """

    venue: str
    state: str
    at: int
    instrument: str = ""
    until: int = 0
    reason: str = ""


class Filled(NamedTuple):
    """So much of an order from outside was filled at a price."""

    id: str
    price: Decimal
    quantity: Decimal
    at: int


class Ended(NamedTuple):
    """What was left of an order from outside ended; `reason` is a sentence."""

    id: str
    at: int
    reason: str


Told = Tick | Quote | Turned | Filled | Ended


class Stall:
    """An exchange, the crowd that trades there, and how both are told. `venue` is what prints bear."""

    def __init__(
        self, venue: str, instrument: InstrumentId, crowd: Crowd, exchange: Exchange, *, session: str = "", hours: bool = False
    ) -> None:
        self.venue = venue
        self.instrument = instrument
        self.crowd = crowd
        self.exchange = exchange
        self.session = session
        """The session that prints belong to; in a market with hours the clock changes it."""
        self.window = session
        """The session of off-hours trading, which may go on beside it."""
        self.state = "open"
        self._hours = hours
        self._desk = Desk(exchange)
        self._quote: tuple[object, ...] = (None, None, None, None)
        self._expected: tuple[Decimal, Decimal] | None = None

    def turn(self, move: Move, at: int) -> list[Told]:
        """Let the crowd act once, as the phase allows."""
        phase = self.exchange.phase_now
        if phase in TRADING:
            told = self._tell(self._desk.act(self.crowd.plan(move), at), at)
        elif phase in CALLS:
            told = self._tell(self._desk.collect(self.crowd.collect(move), at), at)
            told += self._expectation(at)
        else:
            return []
        told += self.quote(at)
        return told

    def fixed(self, at: int) -> list[Told]:
        """Let those trade who trade at the close price."""
        return self._tell(self._desk.at_close_price(self.crowd.at_close_price(), at), at)

    def hear(self, events: Sequence[Event], at: int) -> list[Told]:
        """Take what happened at the exchange by the clock or by orders from outside."""
        self._desk.note(events)
        return self._tell(events, at)

    def quote(self, at: int) -> list[Quote]:
        """Return the best quotes if they are not what was told last; in a call there are none."""
        best: tuple[Decimal | None, ...] = (None, None, None, None)
        if self.exchange.phase_now in TRADING:
            bids, asks = self.exchange.depth(1)
            best = (*(bids[0] if bids else (None, None)), *(asks[0] if asks else (None, None)))
        if best == self._quote:
            return []
        self._quote = best
        return [Quote(self.instrument, best[0], best[1], best[2], best[3], at, self.venue)]

    def _tell(self, events: Sequence[Event], at: int) -> list[Told]:
        told: list[Told] = []
        for event in events:
            match event:
                case Trade(buy, sell, price, quantity, _, _, _, flags):
                    if not flags & Flag.AUCTION:  # those of a call are one print together
                        told.append(self._print(price, quantity, at, flags))
                    told += (Filled(order, price, quantity, at) for order in (buy, sell) if not order.startswith(OWN))
                case Cancelled(order, _, _):
                    if not order.startswith(OWN):
                        told.append(Ended(order, at, event.reason))
                case Auction(price, volume, _):
                    if price is not None:
                        told.append(self._print(price, volume, at, Flag.AUCTION))
                case PhaseChanged(phase, session, _):
                    told += self._phase(Phase(phase), session, at)
                case Interrupted(rule, _, _, until):
                    told += self._turned("vi", at, until=until, reason=rule)
                case Halted(reason, _):
                    told += self._turned("halt", at, reason=reason)
        return told

    def _print(self, price: Decimal, quantity: Decimal, at: int, flags: int) -> Tick:
        """Return a print; the market numbers it."""
        session = self.window if flags & Flag.OFF_HOURS else self.session
        return Tick(self.instrument, price, quantity, at, 0, 0, self.venue, session, int(flags))

    def _phase(self, phase: Phase, session: str, at: int) -> list[Told]:
        """Begin a phase: what the crowd had standing for the one before goes, and the state is told if it is another."""
        if self._hours and phase not in STATES:  # a state is within a session
            self.session = session
        self._expected = None
        told = self._tell(self._desk.clear(at), at)
        return told + self._turned(WORDS.get(phase, "open"), at, until=self.exchange.until)

    def _turned(self, state: str, at: int, *, until: int = 0, reason: str = "") -> list[Turned]:
        if state == self.state:
            return []
        self.state = state
        return [Turned(self.venue, state, at, self.instrument, until, reason)]

    def _expectation(self, at: int) -> list[Tick]:
        """Return what a call would be matched at now, if it is not what was told last."""
        expected = self.exchange.expected()
        if expected is None or expected == self._expected:
            return []
        self._expected = expected
        return [self._print(*expected, at, Flag.EXPECTED)]
