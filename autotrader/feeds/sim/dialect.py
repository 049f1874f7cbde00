"""The sim's language: a hello with the previous closes, then prints; a client says which instruments it wants. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

import msgspec

from autotrader.domain.money import ZERO
from autotrader.domain.tick import FeedName, InstrumentId, Tick
from autotrader.engine.events import Dropped, FeedEvent, Reference
from autotrader.feeds.dialects import VenueDialect


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """The first frame after a subscription."""

    previous_close: dict[str, Decimal]


class Trade(msgspec.Struct, frozen=True, tag="trade"):
    """One print. `time` is ns of the sim's market clock, `sequence` the step, from 1."""

    instrument: str
    price: Decimal
    size: Decimal
    time: int
    sequence: int


class Asked(msgspec.Struct, frozen=True):
    """What a client says: the whole list of instruments."""

    subscribe: tuple[str, ...]


_FRAMES = msgspec.json.Decoder(Hello | Trade)
_ASKED = msgspec.json.Decoder(Asked)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def write(frame: Hello | Trade) -> str:
    """Return a server's frame as text."""
    return msgspec.json.encode(frame).decode()


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
        """Return the print, or the previous closes of a hello."""
        try:
            said = _FRAMES.decode(frame)
        except _UNREADABLE:
            return (Dropped(self._feed, "unreadable"),)
        return self._closes(said.previous_close) if isinstance(said, Hello) else (self._print(said),)

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
        return Tick(wanted[0], price, size, trade.time, trade.sequence, venue=wanted[1])


def open_dialect(feed: FeedName) -> VenueDialect:
    """Make the dialect (entry point `autotrader.dialects`)."""
    return SimDialect(feed)
