"""Which order kinds a session takes, and what is sent in the place of one that it does not take.

A kind is an order type with its time in force as one word: `limit`, `limit_ioc`, `best_fok`.
"""

from datetime import date

from autotrader.domain.rule import OrderType, TimeInForce
from autotrader.markets.calendar import SECOND
from autotrader.markets.facts import Matching
from autotrader.markets.memo import Remembered
from autotrader.markets.profile import MarketProfile, in_force
from autotrader.markets.sessions import Session, regular_hours, sessions_at, trading_day

NONE: frozenset[str] = frozenset()
OPEN, CLOSE = "open", "close"

IN_CALLS: dict[str, tuple[str, ...]] = {
    "market_ioc": ("market", "limit"),
    "market_fok": ("market", "limit"),
    "market": ("limit",),
    "limit_ioc": ("limit",),
    "limit_fok": ("limit",),
    "best": ("limit",),
    "best_ioc": ("limit",),
    "best_fok": ("limit",),
    "priority": ("limit",),
    "conditional": ("limit",),
    "midpoint": ("limit",),
    "midpoint_ioc": ("limit",),
    "midpoint_fok": ("limit",),
    "stop_limit": ("limit",),
}
"""What goes into a call instead, the first that is taken (semantics 2.7): nothing can be immediate before the match."""

IN_TRADING: dict[str, tuple[str, ...]] = {
    "market": ("market_ioc", "best", "limit"),
    "market_ioc": ("best_ioc", "limit_ioc"),
    "market_fok": ("best_fok", "limit_fok"),
    "best": ("limit",),
    "best_ioc": ("limit_ioc",),
    "best_fok": ("limit_fok",),
    "priority": ("limit",),
    "conditional": ("limit",),
    "midpoint": ("limit",),
    "midpoint_ioc": ("limit_ioc",),
    "midpoint_fok": ("limit_fok",),
    # The daemon has watched the stop already, so what is left of it is the limit order.
    "stop_limit": ("limit",),
}
"""What goes into any other session instead. What is to be done at once or not at all never becomes an order that rests."""

IN_AUCTION: dict[str, dict[str, tuple[str, ...]]] = {
    OPEN: {"moo": ("market",), "loo": ("limit",)},
    CLOSE: {"moc": ("market",), "loc": ("limit",)},
}
"""Where the open or the close is a call of its own, an ordinary order in that call is what the US types are elsewhere."""


def kind_of(order_type: OrderType, tif: TimeInForce) -> str:
    """Return the kind as one word: `best` and `ioc` are `best_ioc`."""
    return order_type.value if tif is TimeInForce.DAY else f"{order_type.value}_{tif.value}"


def type_and_tif(kind: str) -> tuple[OrderType, TimeInForce]:
    """Return the type and time in force of a kind; ValueError when it is none."""
    name, _, last = kind.rpartition("_")
    if last in (TimeInForce.IOC.value, TimeInForce.FOK.value):
        return OrderType(name), TimeInForce(last)
    return OrderType(kind), TimeInForce.DAY


def accepted(profile: MarketProfile, session: str, day: date | None) -> frozenset[str]:
    """Return the kinds that a session, or a state of trading (`vi`, `restart`), takes on a day, else as last known.

    A halt takes nothing.
    """
    return _ACCEPTED.of(profile, (session, day))


def accepted_at(profile: MarketProfile, at: int) -> frozenset[str]:
    """Return the kinds that one of the open sessions takes at a moment, those for an auction only until their cut-off."""
    kinds = NONE
    for session in sessions_at(profile, at):
        day = trading_day(profile, session)
        kinds |= accepted(profile, session.id, day) - _cut_off(profile, day, at)
    return kinds


def auction_of(profile: MarketProfile, session: Session) -> str:
    """Return which of the day's auctions a call is: `open` or `close` of the regular market, '' for any other session."""
    hours = regular_hours(profile, trading_day(profile, session))
    if session.matching is not Matching.CALL or hours is None:
        return ""
    return {hours[0]: OPEN, hours[1]: CLOSE}.get(session.close, "")


def substitute(kind: str, takes: frozenset[str], *, call: bool, auction: str = "") -> str | None:
    """Return the kind to send instead among those that are taken, None when it has to wait.

    `call`: the session is a call; `auction`: which one (see `auction_of`), without it on-open and on-close orders wait.
    """
    if kind in takes:
        return kind
    wishes = IN_AUCTION.get(auction, {}).get(kind) or (IN_CALLS if call else IN_TRADING).get(kind, ())
    return next((wish for wish in wishes if wish in takes), None)


def _accepted(profile: MarketProfile, key: tuple[str, date | None]) -> frozenset[str]:
    session, day = key
    return frozenset(kind for row in in_force(profile.acceptance, day) if row.session == session for kind in row.kinds)


def _cut_off(profile: MarketProfile, day: date, at: int) -> frozenset[str]:
    """Return the kinds that are no longer taken, the day's actual open and close being what counts."""
    hours = regular_hours(profile, day) if profile.cutoffs else None
    if hours is None:
        return NONE
    ends = {OPEN: hours[0], CLOSE: hours[1]}
    return frozenset(kind for row in in_force(profile.cutoffs, day) if at >= ends[row.of] - row.seconds * SECOND for kind in row.kinds)


_ACCEPTED = Remembered(_accepted)
