"""The sim's language of prices: a hello with the base prices, then what the market tells; a client says what it wants. Pure.

Fields at their defaults are left out, so that a plain print is as short as it can be. How orders are spoken is in `entry.py`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from autotrader.domain.money import ZERO
from autotrader.domain.tick import FeedName, InstrumentId, Quote, Tick
from autotrader.engine.events import Dropped, FeedEvent, MarketTime, Reference, Trading
from autotrader.engine.records import TradingState
from autotrader.feeds.dialects import VenueDialect


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first frame after a subscription, and one at the beginning of every day: base prices, which most days are the closes."""

    previous_close: dict[str, Decimal]


class Trade(msgspec.Struct, frozen=True, tag="trade", omit_defaults=True):
    """One print. `time` is ns of the sim's market clock; `sequence` counts the instrument's prints, from 1.

    `venue` is empty for the instrument's own market, `session` in a market without hours; `flags` are `domain.tick.Flag`.
    """

    instrument: str
    price: Decimal
    size: Decimal
    time: int
    sequence: int
    venue: str = ""
    session: str = ""
    flags: int = 0


class BestQuotes(msgspec.Struct, frozen=True, tag="quote", omit_defaults=True):
    """The best bid and ask changed. A side that is left out has nobody."""

    instrument: str
    time: int
    bid: Decimal | None = None
    bid_size: Decimal | None = None
    ask: Decimal | None = None
    ask_size: Decimal | None = None
    venue: str = ""


class State(msgspec.Struct, frozen=True, tag="state", omit_defaults=True):
    """Trading stopped, changed or goes on at a venue: of one issue, or of all when `instrument` is empty."""

    venue: str
    state: TradingState
    time: int
    instrument: str = ""
    until: int = 0
    reason: str = ""


class Now(msgspec.Struct, frozen=True, tag="time"):
    """The sim's market clock."""

    time: int


Frame = Hello | Trade | BestQuotes | State | Now


class Asked(msgspec.Struct, frozen=True):
    """What a client says: the whole list of instruments."""

    subscribe: tuple[str, ...]


_FRAMES = msgspec.json.Decoder(Frame)
_ASKED = msgspec.json.Decoder(Asked)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


_ENCODER = msgspec.json.Encoder()


def write(frame: Frame) -> str:
    """Return a server's frame as text."""
    return _ENCODER.encode(frame).decode()


def read_asked(message: bytes) -> frozenset[str]:
    """Return the instruments that a client wants; nothing when it cannot be understood."""
    try:
        return frozenset(_ASKED.decode(message).subscribe)
    except msgspec.DecodeError:
        return frozenset()


class SimDialect:
    """The client's side (`ports.Dialect`)."""

    patterns: tuple[str, ...] = ("KRX:*", "NXT:*", "US:*", "UPBIT:*", "BINANCE:*")
    binary = False

    def __init__(self, feed: FeedName) -> None:
        self._feed = feed
        self._wanted: dict[str, tuple[InstrumentId, str]] = {}

    def subscribe(self, instruments: Sequence[InstrumentId]) -> list[str]:
        """Return the frame that asks for these and no others."""
        self._wanted = {instrument: (instrument, instrument.partition(":")[0]) for instrument in instruments}
        return [msgspec.json.encode(Asked(tuple(instruments))).decode()]

    def decode(self, frame: bytes) -> Sequence[FeedEvent]:
        """Return what the frame tells; a hello's base prices are references."""
        try:
            said = _FRAMES.decode(frame)
        except _UNREADABLE:
            return (Dropped(self._feed, "unreadable"),)
        if type(said) is Trade:  # nearly every frame is one
            return (self._print(said),)
        match said:
            case Hello(closes):
                return self._closes(closes)
            case BestQuotes():
                return (self._quote(said),)
            case State(venue, state, time, instrument, until, reason):
                return (Trading(self._feed, venue, state, time, instrument, until, reason),)
            case Now(time):
                return (MarketTime(self._feed, time),)
            case _:
                return ()

    def is_sign_of_life(self, frame: bytes) -> bool:
        """Return whether the frame is one of ours."""
        try:
            _FRAMES.decode(frame)
        except _UNREADABLE:
            return False
        return True

    def _closes(self, closes: Mapping[str, Decimal]) -> list[FeedEvent]:
        known = ((self._wanted[code][0], close) for code, close in closes.items() if code in self._wanted)
        return [Reference(instrument, close) for instrument, close in known if close.is_finite() and close > ZERO]

    def _print(self, trade: Trade) -> Tick | Dropped:
        wanted = self._wanted.get(trade.instrument)
        if wanted is None:
            return Dropped(self._feed, "unknown_symbol", trade.instrument)
        price, size = trade.price, trade.size
        if not (price.is_finite() and size.is_finite() and price > ZERO and size > ZERO):
            return Dropped(self._feed, "wrong_price", wanted[0])
        return Tick(wanted[0], price, size, trade.time, trade.sequence, 0, trade.venue or wanted[1], trade.session, trade.flags)

    def _quote(self, said: BestQuotes) -> Quote | Dropped:
        wanted = self._wanted.get(said.instrument)
        if wanted is None:
            return Dropped(self._feed, "unknown_symbol", said.instrument)
        sides = (said.bid, said.bid_size, said.ask, said.ask_size)
        if any(number is not None and not (number.is_finite() and number > ZERO) for number in sides):
            return Dropped(self._feed, "wrong_price", wanted[0])
        return Quote(wanted[0], *sides, said.time, said.venue or wanted[1])


def open_dialect(feed: FeedName) -> VenueDialect:
    """Make the dialect (entry point `autotrader.dialects`)."""
    return SimDialect(feed)
