"""Upbit's public trade stream in our words and back. Pure, except for a small memory per subscription: the previous
closes already told.

We ask for the snapshot too: it gives the previous close at once and shows that a code exists, for Upbit takes a wrong one
in silence. A snapshot may be hours old, so it is flagged and neither fires nor moves a mark.
"""

from collections.abc import Sequence
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

import msgspec

from autotrader.domain.money import ZERO
from autotrader.domain.tick import FeedName, Flag, InstrumentId, Quote, Tick
from autotrader.engine.events import Dropped, FeedEvent, Reference
from autotrader.errors import FeedBroken
from autotrader.feeds.dialects import VenueDialect
from autotrader.feeds.quotes import checked_quote

VENUE = "UPBIT"
MILLISECOND = 1_000_000


class _Unit(msgspec.Struct, gc=False, rename={"ask_size": "as"}):
    """One level of a SIMPLE order book."""

    ap: Decimal | None = None
    bp: Decimal | None = None
    ask_size: Decimal | None = None
    bs: Decimal | None = None


class _DefaultUnit(msgspec.Struct):
    """The same in the format DEFAULT."""

    ask_price: Decimal | None = None
    bid_price: Decimal | None = None
    ask_size: Decimal | None = None
    bid_size: Decimal | None = None


class _Simple(msgspec.Struct, gc=False):
    """A frame in the format SIMPLE, as far as we read it. Numbers are decoded from their text: 1.16539E8 stays exact."""

    ty: str = ""
    cd: str = ""
    tp: Decimal | None = None
    tv: Decimal | None = None
    ttms: int = 0
    sid: int = 0
    st: str = ""
    pcp: Decimal | None = None
    obu: list[_Unit] | None = None
    tms: int = 0


class _Default(msgspec.Struct):
    """The same in the format DEFAULT, with the frames that have no type at all."""

    type: str = ""
    code: str = ""
    trade_price: Decimal | None = None
    trade_volume: Decimal | None = None
    trade_timestamp: int = 0
    sequential_id: int = 0
    stream_type: str = ""
    prev_closing_price: Decimal | None = None
    orderbook_units: list[_DefaultUnit] | None = None
    timestamp: int = 0
    status: str = ""
    error: dict[str, str] | None = None


_SIMPLE = msgspec.json.Decoder(_Simple)
_DEFAULT = msgspec.json.Decoder(_Default)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def _simplified(frame: _Default) -> _Simple:
    """Return a DEFAULT frame in the SIMPLE words."""
    return _Simple(
        frame.type,
        frame.code,
        frame.trade_price,
        frame.trade_volume,
        frame.trade_timestamp,
        frame.sequential_id,
        frame.stream_type,
        frame.prev_closing_price,
        [_Unit(unit.ask_price, unit.bid_price, unit.ask_size, unit.bid_size) for unit in (frame.orderbook_units or [])[:1]],
        frame.timestamp,
    )


class UpbitDialect:
    """The language of `wss://api.upbit.com/websocket/v1` (`ports.Dialect`)."""

    patterns: tuple[str, ...] = ("UPBIT:*",)
    binary = True

    def __init__(self, feed: FeedName, *, quotes: bool = True) -> None:
        self._feed = feed
        self._quotes = quotes
        self._ticket = str(uuid5(NAMESPACE_URL, f"autotrader:{feed}"))
        self._wanted: dict[str, InstrumentId] = {}
        self._closes: dict[str, Decimal] = {}

    def subscribe(self, instruments: Sequence[InstrumentId]) -> list[str]:
        """Return the one frame that replaces whatever was subscribed before."""
        self._wanted = {instrument.partition(":")[2]: instrument for instrument in instruments}
        self._closes = {}
        streams: list[dict[str, object]] = [{"type": "trade", "codes": list(self._wanted)}]
        if self._quotes:  # one level of each book; a code's suffix says how many
            streams.append({"type": "orderbook", "codes": [f"{code}.1" for code in self._wanted]})
        return [msgspec.json.encode([{"ticket": self._ticket}, *streams, {"format": "SIMPLE"}]).decode()]

    def decode(self, frame: bytes) -> Sequence[FeedEvent]:
        """Return a trade's print, with the previous close when that is new, or the best prices; other types say nothing to us."""
        try:
            said = _SIMPLE.decode(frame)
            if not said.ty:
                said = self._without_simple_type(frame)
        except _UNREADABLE:
            return (Dropped(self._feed, "unreadable"),)
        if said.ty == "trade":
            return self._trade(said)
        return self._quote(said) if said.ty == "orderbook" else ()

    def is_sign_of_life(self, frame: bytes) -> bool:
        """Return whether the venue serves us: data of any type, or its `{"status":"UP"}`."""
        try:
            said = _DEFAULT.decode(frame)
            return bool(said.type or said.status == "UP" or _SIMPLE.decode(frame).ty)
        except _UNREADABLE:
            return False

    def _without_simple_type(self, frame: bytes) -> _Simple:
        """Return a DEFAULT frame in SIMPLE words; raise FeedBroken on an error, which Upbit follows with a close."""
        said = _DEFAULT.decode(frame)
        if said.error is not None:
            raise FeedBroken("feed.refused", name=said.error.get("name", ""), why=said.error.get("message", ""))
        return _simplified(said)

    def _trade(self, said: _Simple) -> Sequence[FeedEvent]:
        instrument = self._wanted.get(said.cd)
        if instrument is None:
            return (Dropped(self._feed, "unknown_symbol", said.cd),)
        price, size = said.tp, said.tv
        if price is None or size is None:
            return (Dropped(self._feed, "unreadable", instrument),)
        if not (price.is_finite() and size.is_finite() and price > ZERO and size > ZERO):
            return (Dropped(self._feed, "wrong_price", instrument),)
        flags = int(Flag.SNAPSHOT) if said.st == "SNAPSHOT" else 0
        # sequential_id is unique but not ordered (trap 7): it names the print and says nothing of time.
        tick = Tick(instrument, price, size, said.ttms * MILLISECOND, 0, said.sid, VENUE, "", flags)
        return (tick,) if said.pcp is None or self._closes.get(said.cd) == said.pcp else self._with_close(said.cd, said.pcp, tick)

    def _quote(self, said: _Simple) -> Sequence[FeedEvent]:
        """Return the best prices. A side without orders is padded with zeros; the time of a quiet book may be minutes old."""
        instrument = self._wanted.get(said.cd.partition(".")[0])
        if instrument is None:
            return ()
        best = said.obu[0] if said.obu else _Unit()
        return (checked_quote(self._feed, Quote(instrument, best.bp, best.bs, best.ap, best.ask_size, said.tms * MILLISECOND, VENUE)),)

    def _with_close(self, code: str, close: Decimal, tick: Tick) -> Sequence[FeedEvent]:
        """Return the print after the previous close that came with it; the close rolls at 09:00 in Seoul."""
        if not (close.is_finite() and close > ZERO):
            return (tick,)
        self._closes[code] = close
        return (Reference(tick.instrument, close), tick)


def open_dialect(feed: FeedName) -> VenueDialect:
    """Make the dialect (entry point `autotrader.dialects`)."""
    return UpbitDialect(feed)
