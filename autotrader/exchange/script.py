"""Scripts for the exchange: JSON lines in, JSON lines out. For teaching, for trying an order type, for tests.

A line is one operation (`op`); what it makes happen are lines with a `type`. Numbers go in as JSON numbers or as text and come
out as text; none is ever a float. A line that cannot be read is an `error` line, and the next one goes on.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from autotrader.domain.money import text
from autotrader.domain.rule import OrderType, Side, TimeInForce
from autotrader.domain.tick import InstrumentId
from autotrader.errors import AutotraderError, UserMistake
from autotrader.exchange import events
from autotrader.exchange.exchange import Exchange, Level
from autotrader.exchange.orders import Order
from autotrader.exchange.phases import Phase, phase_of
from autotrader.markets.facts import Band, Ladder
from autotrader.markets.limits import Limits, daily_limits
from autotrader.markets.profile import Instrument, MarketProfile, Markets, find_instrument, ladder_of

View = dict[str, Any]
"""One line of output."""
DIGITS = 18
"""A number has at most so many digits before the point, and as many after it."""
WHOLE_BOOK = 1 << 30
DEFAULT_MARKET = "KRX"


class Bounds(Struct, forbid_unknown_fields=True):
    """Daily limits."""

    lower: Decimal
    upper: Decimal


class Operation(Struct, tag_field="op", tag=str.lower, forbid_unknown_fields=True, kw_only=True):
    """A line of a script. `note` is for the reader of the script."""

    note: str | None = None


class Market(Operation):
    """Choose the market, on the first line only. `base` is the previous close: it sets daily limits and the reference.

    `limits` and `ladder` ([[from, step], ...] upwards from 0) replace those of the market, `code` names an instrument that the
    market's facts may know, `kind` says what it is, `on` the day whose facts hold. `interruptions`: trades that would go too
    far begin a volatility interruption.
    """

    market: str = DEFAULT_MARKET
    base: Decimal | None = None
    limits: Bounds | None = None
    ladder: list[tuple[Decimal, Decimal]] | None = None
    code: str | None = None
    kind: str | None = None
    lot: Decimal | None = None
    on: date | None = None
    interruptions: bool = False


class PhaseLine(Operation, tag="phase"):
    """Go to a phase, or to a session of the market by its id or the part after the point. A call that is left is matched."""

    phase: str


class Reference(Operation):
    """Set the previous price: the base price before the first trade."""

    price: Decimal


class OrderLine(Operation, tag="order"):
    """Send an order."""

    id: str | int
    side: Side
    quantity: Decimal
    type: OrderType = OrderType.LIMIT
    price: Decimal | None = None
    stop: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY


class Amend(Operation):
    """Change an order. `quantity` is the unfilled quantity that it shall have."""

    id: str | int
    price: Decimal | None = None
    quantity: Decimal | None = None
    type: OrderType | None = None
    stop: Decimal | None = None


class Cancel(Operation):
    """Take an order back, or so much of it."""

    id: str | int
    quantity: Decimal | None = None


class Uncross(Operation):
    """Match the call now."""


class Book(Operation):
    """Show the book: all prices with their quantity, best first, and the last price."""


_DECODER = msgspec.json.Decoder(Market | PhaseLine | Reference | OrderLine | Amend | Cancel | Uncross | Book)


class Script:
    """Plays the lines of a script on an exchange, one after another."""

    def __init__(self, markets: Markets) -> None:
        self._markets = markets
        self._exchange: Exchange | None = None
        self._profile = markets[DEFAULT_MARKET]
        self._line = 0

    def play(self, line: str | bytes) -> list[View]:
        """Return what a line makes happen. An empty line and one that begins with # make nothing happen."""
        self._line += 1
        stripped = line.strip()
        if not stripped or stripped[:1] in ("#", b"#"):
            return []
        try:
            return self._perform(_read(stripped))
        except AutotraderError as mistake:
            return [{"type": "error", "line": self._line, "code": mistake.code, "reason": str(mistake)}]

    def _perform(self, operation: Any) -> list[View]:
        if isinstance(operation, Market):
            return self._open(operation)
        if self._exchange is None:
            self._open(Market())
        assert self._exchange is not None
        if isinstance(operation, Book):
            return [book_view(self._exchange)]
        return [event_view(event) for event in self._happens(self._exchange, operation)]

    def _open(self, chosen: Market) -> list[View]:
        if self._exchange is not None:
            raise UserMistake("script.market_late")
        self._profile, self._exchange = exchange_for(self._markets, chosen)
        return []

    def _happens(self, exchange: Exchange, operation: Any) -> list[events.Event]:
        # A script has no clock: its lines are its moments.
        at = self._line
        match operation:
            case OrderLine(id=name, side=side, type=type, quantity=quantity, price=price, stop=stop, tif=tif):
                return exchange.order(Order(str(name), side, type, quantity, price, stop, tif), at)
            case Amend(id=name, price=price, quantity=quantity, type=type, stop=stop):
                return exchange.amend(str(name), at=at, price=price, quantity=quantity, type=type, stop=stop)
            case Cancel(id=name, quantity=quantity):
                return exchange.cancel(str(name), at=at, quantity=quantity)
            case PhaseLine(phase=name):
                phase, session = phase_named(self._profile, name)
                return exchange.phase(phase, at, session=session)
            case Reference(price=price):
                exchange.reference(price)
                return []
            case _:
                return exchange.uncross(at)


def play(lines: Iterable[str | bytes], markets: Markets) -> Iterator[View]:
    """Yield what a whole script makes happen, line by line as it is read."""
    script = Script(markets)
    for line in lines:
        yield from script.play(line)


def _read(line: str | bytes) -> Any:
    """Return the operation of a line, or raise what is wrong with it."""
    try:
        operation = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise UserMistake("script.bad_line", what=str(error)) from None
    _check_numbers(operation)
    return operation


def _check_numbers(value: Any) -> None:
    """Raise unless every number can be reckoned with exactly and shown in full."""
    if isinstance(value, Struct):
        for name in value.__struct_fields__:
            _check_numbers(getattr(value, name))
    elif isinstance(value, list | tuple):
        for part in value:
            _check_numbers(part)
    elif isinstance(value, Decimal) and not _reasonable(value):
        raise UserMistake("script.bad_number", value=value, digits=DIGITS)


def _reasonable(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -DIGITS and value.adjusted() < DIGITS


def exchange_for(markets: Markets, chosen: Market) -> tuple[MarketProfile, Exchange]:
    """Return the market and an exchange for one of its instruments."""
    profile = markets.get(chosen.market)
    if profile is None:
        raise UserMistake("script.bad_market", market=chosen.market, known=", ".join(sorted(markets)))
    day = chosen.on or newest_day(profile)
    instrument = _instrument(markets, profile, chosen, day)
    limits = _limits(profile, instrument, chosen, day)
    return profile, Exchange(profile, instrument, day=day, previous=chosen.base, limits=limits, interruptions=chosen.interruptions)


def newest_day(profile: MarketProfile) -> date:
    """Return the first day on which all that is known of a market's sessions and orders is in force.

    A script says nothing of days, and must mean the same tomorrow.
    """
    return max(row.effective_from for row in (*profile.sessions, *profile.acceptance))


def _instrument(markets: Markets, profile: MarketProfile, chosen: Market, day: date) -> Instrument:
    # Without a code any that the market could have will do: `KRW-*` makes KRW-X.
    code = chosen.code or profile.currencies[0][0].replace("*", "X")
    found = find_instrument(markets, InstrumentId(f"{profile.id}:{code}"), day)
    kind = chosen.kind or found.kind
    ladder = ladder_of(profile, code, kind, day) if chosen.ladder is None else _ladder(chosen.ladder)
    return replace(found, ladder=ladder, lot=chosen.lot or found.lot, kind=kind)


def _ladder(bands: list[tuple[Decimal, Decimal]]) -> Ladder:
    starts = [start for start, _ in bands]
    if not bands or starts[0] != 0 or starts != sorted(set(starts)) or any(step <= 0 for _, step in bands):
        raise UserMistake("script.bad_ladder")
    return tuple(Band(start, step) for start, step in bands)


def _limits(profile: MarketProfile, instrument: Instrument, chosen: Market, day: date) -> Limits | None:
    if chosen.limits is not None:
        lower, upper = chosen.limits.lower, chosen.limits.upper
        if not 0 <= lower < upper:
            raise UserMistake("script.bad_limits", lower=lower, upper=upper)
        return Limits(lower, upper)
    return None if chosen.base is None else daily_limits(profile, instrument, chosen.base, day)


def phase_named(profile: MarketProfile, name: str) -> tuple[Phase, str | None]:
    """Return the phase that a script means, and the session where it named one: `after_call`, `nxt.after_call`."""
    phases = {phase.value: phase for phase in Phase}
    if name in phases:
        return phases[name], None
    sessions = sorted({row.id for row in profile.sessions})
    found = next((session for session in sessions if name in (session, session.partition(".")[2])), None)
    if found is None:
        raise UserMistake("script.bad_phase", phase=name, market=profile.id, known=", ".join([*phases, *sessions]))
    return phase_of(found), found


SHOWN: dict[type[events.Event], tuple[str, tuple[str, ...]]] = {
    events.Accepted: ("accepted", ("id",)),
    events.Rejected: ("rejected", ("id", "code", "reason")),
    events.Trade: ("trade", ("buy", "sell", "price", "quantity")),
    events.Cancelled: ("cancelled", ("id", "quantity", "code", "reason")),
    events.Rest: ("rest", ("id", "price", "quantity")),
    events.Amended: ("amended", ("id", "price", "quantity", "kept")),
    events.Activated: ("activated", ("id", "price")),
    events.Converted: ("converted", ("id", "quantity")),
    events.Auction: ("auction", ("price", "volume")),
    events.PhaseChanged: ("phase", ("phase", "session")),
    events.Interrupted: ("interrupted", ("rule", "price")),
    events.Halted: ("halted", ("reason",)),
}
"""For each event its word and what is shown of it."""


def event_view(event: events.Event) -> View:
    """Return an event as a line of output."""
    word, fields = SHOWN[type(event)]
    return {"type": word, **{field: _plain(getattr(event, field)) for field in fields}}


def book_view(exchange: Exchange) -> View:
    """Return the book as a line of output."""
    bids, asks = exchange.depth(WHOLE_BOOK)
    return {"type": "book", "bids": _levels(bids), "asks": _levels(asks), "last": _plain(exchange.last)}


def _levels(levels: list[Level]) -> list[list[str]]:
    return [[text(price), text(quantity)] for price, quantity in levels]


def _plain(value: Any) -> Any:
    """Return a number as its exact text, anything else as it is."""
    return text(value) if isinstance(value, Decimal) else value
