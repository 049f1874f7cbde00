"""Binance's spot trade streams in our words and back. Pure, except that it remembers which streams it asked for.

The best prices come as `bookTicker`: an event for each change, without a time. Reads the combined envelope
`{"stream":…,"data":{…}}` and bare trade events. Other streams are skipped by a look at their bytes; whatever is not plainly such
a frame is decoded, so that no refusal is overlooked.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import msgspec

from autotrader.domain.money import ZERO
from autotrader.domain.tick import FeedName, InstrumentId, Quote, Tick
from autotrader.engine.events import Dropped, FeedEvent
from autotrader.errors import FeedBroken
from autotrader.feeds.dialects import VenueDialect
from autotrader.feeds.quotes import checked_quote

VENUE = "BINANCE"
MILLISECOND = 1_000_000
MICROSECOND = 1_000
MICROSECONDS_FROM = 10**14
"""A time above this is in microseconds (`timeUnit=MICROSECOND` in the URL): as milliseconds it would be the year 5138."""
STREAM_WITHIN = 96
"""A combined frame names its stream within so many bytes; one that does not is decoded whole."""
AT_ONCE = 200
"""Streams in one request; five requests a second are allowed, 1,024 streams on a connection."""


class _Trade(msgspec.Struct, gc=False):
    """A `trade` event as far as we read it."""

    e: str = ""
    s: str = ""
    p: Decimal | None = None
    q: Decimal | None = None
    t: int = 0
    T: int = 0


class _Book(msgspec.Struct, gc=False):
    """A `bookTicker` event: the best prices with their sizes. It has no time."""

    s: str = ""
    b: Decimal | None = None
    B: Decimal | None = None
    a: Decimal | None = None
    A: Decimal | None = None


class _BookEnvelope(msgspec.Struct, gc=False):
    data: _Book | None = None


class _Refusal(msgspec.Struct):
    code: int = 0
    msg: str = ""


class _Other(_Trade):
    """Any frame: a bare event, an envelope, the answer to a request or a refusal (`{"code":…,"msg":…}`, also under `error`)."""

    data: _Trade | None = None
    id: int | str | None = None
    code: int | None = None
    msg: str = ""
    error: _Refusal | None = None


class _Envelope(msgspec.Struct, gc=False):
    data: _Trade | None = None


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_BOOK = msgspec.json.Decoder(_BookEnvelope)
_OTHER = msgspec.json.Decoder(_Other)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _request(method: str, codes: Sequence[str], kinds: Sequence[str]) -> Iterator[str]:
    """Yield the requests for these codes, some at a time."""
    streams = [f"{code.lower()}@{kind}" for code in codes for kind in kinds]
    for number, start in enumerate(range(0, len(streams), AT_ONCE), start=1):
        yield msgspec.json.encode({"method": method, "params": streams[start : start + AT_ONCE], "id": number}).decode()


class BinanceDialect:
    """The language of `wss://stream.binance.com:9443/stream` (`ports.Dialect`)."""

    patterns: tuple[str, ...] = ("BINANCE:*",)
    binary = False

    def __init__(self, feed: FeedName, *, quotes: bool = True) -> None:
        self._feed = feed
        self._kinds = ("trade", "bookTicker") if quotes else ("trade",)
        self._wanted: dict[str, InstrumentId] = {}

    def subscribe(self, instruments: Sequence[InstrumentId]) -> list[str]:
        """Return the requests that make the list whole: Binance adds, so what is no longer wanted is taken back first."""
        before, self._wanted = self._wanted, {instrument.partition(":")[2]: instrument for instrument in instruments}
        gone = [code for code in before if code not in self._wanted]
        return [*_request("UNSUBSCRIBE", gone, self._kinds), *_request("SUBSCRIBE", list(self._wanted), self._kinds)]

    def decode(self, frame: bytes) -> Sequence[FeedEvent]:
        """Return a trade's print or the best prices; other streams and the answers to our requests say nothing to us."""
        try:
            if frame.find(b'@trade"', 0, STREAM_WITHIN) >= 0 and (event := _ENVELOPE.decode(frame).data):
                return self._event(event)
            if frame.find(b'@bookTicker"', 0, STREAM_WITHIN) >= 0 and (book := _BOOK.decode(frame).data):
                return self._quote(book)
            if frame.startswith(b'{"stream":"') and b'"serverShutdown"' not in frame:
                return ()
            return self._other(_OTHER.decode(frame))
        except _UNREADABLE:
            return (Dropped(self._feed, "unreadable"),)

    def is_sign_of_life(self, frame: bytes) -> bool:
        """Return whether the venue serves us: an event of any stream, or the yes to a request."""
        try:
            said = _OTHER.decode(frame)
        except _UNREADABLE:
            return False
        return said.error is None and said.code is None and (said.data is not None or bool(said.e) or said.id is not None)

    def _other(self, said: _Other) -> Sequence[FeedEvent]:
        """Return what a frame without the usual envelope says; raise FeedBroken on a refusal."""
        if said.error is not None or said.code is not None:
            refusal = said.error or _Refusal(said.code or 0, said.msg)
            raise FeedBroken("feed.refused", name=refusal.code, why=refusal.msg)
        return self._event(said.data or said)

    def _event(self, said: _Trade) -> Sequence[FeedEvent]:
        if said.e == "trade":
            return (self._trade(said),)
        if said.e == "serverShutdown":
            raise FeedBroken("feed.shutdown")
        return ()

    def _quote(self, said: _Book) -> Sequence[FeedEvent]:
        instrument = self._wanted.get(said.s)
        if instrument is None:
            return ()
        return (checked_quote(self._feed, Quote(instrument, said.b, said.B, said.a, said.A, 0, VENUE)),)

    def _trade(self, said: _Trade) -> Tick | Dropped:
        instrument = self._wanted.get(said.s)
        if instrument is None:
            return Dropped(self._feed, "unknown_symbol", said.s)
        price, size = said.p, said.q
        if price is None or size is None:
            return Dropped(self._feed, "unreadable", instrument)
        if not (price.is_finite() and size.is_finite() and price > ZERO and size > ZERO):
            return Dropped(self._feed, "wrong_price", instrument)
        time = said.T * (MICROSECOND if said.T > MICROSECONDS_FROM else MILLISECOND)
        return Tick(instrument, price, size, time, said.t, said.t, VENUE)


def open_dialect(feed: FeedName) -> VenueDialect:
    """Make the dialect (entry point `autotrader.dialects`)."""
    return BinanceDialect(feed)
