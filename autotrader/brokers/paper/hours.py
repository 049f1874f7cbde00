"""What the market's hours say of an order that fills from the tape: whether it is taken now, and when it turns and ends.

Sessions are judged only by a market time that is known: ours where the market never closes, else that of prints which
name a session that the calendar has then. A feed that trades without a pause has none.
"""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from autotrader.brokers.paper.checks import said
from autotrader.brokers.paper.tape import AUCTIONS
from autotrader.domain.money import text
from autotrader.domain.order import OrderRequest
from autotrader.domain.rule import PRICED, OrderType
from autotrader.domain.tick import InstrumentId, Tick
from autotrader.markets.calendar import SECOND, local_date
from autotrader.markets.facts import Matching
from autotrader.markets.limits import daily_limits
from autotrader.markets.orders import accepted_at, kind_of
from autotrader.markets.profile import MarketProfile, Markets, find_instrument, profile_of
from autotrader.markets.sessions import regular_hours, session_of_print, sessions_at, sessions_on

REPORTING = 30 * SECOND
"""So long after a call's last possible match its print may still come."""
LIVES_ON = frozenset({"NXT", "SOR"})
"""Venues where a limit order lives through all sessions of its day (market-rules 1.2)."""
OPENINGS = frozenset({OrderType.MOO, OrderType.LOO})


class Term(NamedTuple):
    """When an order turns (conditional: into a market order; on-open, on-close: its auction) and ends; 0: not known."""

    turn: int = 0
    ends: int = 0


class Hours:
    """Asked when an order comes. `base` tells what the day's price limits are around."""

    def __init__(self, markets: Markets) -> None:
        self._markets = markets
        self._bases: dict[InstrumentId, Decimal] = {}
        self._times: dict[InstrumentId, int] = {}

    def saw(self, tick: Tick) -> None:
        """Take the market's time from a print that names its session, if the calendar agrees with it."""
        profile = self._markets.get(tick.venue) or self._markets.get(tick.instrument.partition(":")[0])
        if profile is not None and tick.session in (session_of_print(profile, tick.time), *_words(profile, tick.time)):
            self._times[tick.instrument] = tick.time

    def time(self, request: OrderRequest, now: int) -> int:
        """Return the market's time as an order comes, 0 where it is not known."""
        return now if self.venue(request).always_open else self._times.get(request.instrument, 0)

    def base(self, instrument: InstrumentId, price: Decimal) -> None:
        """Take the base price of an instrument's day."""
        self._bases[instrument] = price

    def venue(self, request: OrderRequest) -> MarketProfile:
        """Return the venue that an order goes to."""
        return self._markets.get(request.venue) or profile_of(self._markets, request.instrument)

    def refusal(self, request: OrderRequest, at: int) -> tuple[str, bool] | None:
        """Return why the venue would not take the order at a market time (0: not known), and whether it is its kind."""
        venue, kind = self.venue(request), kind_of(request.type, request.tif)
        if request.type is OrderType.CLOSE_PRICE:  # its prints are not shown: they move no price
            return said("paper.not_on_the_tape", kind=kind), False
        if not at and request.type in AUCTIONS:
            return said("paper.hours_not_known", kind=kind), False
        if not at:
            return None
        takes = accepted_at(venue, at)
        if kind not in takes:
            return said("paper.not_taken_now", kind=kind, venue=venue.id, taken=", ".join(sorted(takes)) or "-"), True
        return self._beyond_limits(request, local_date(venue, at))

    def term(self, request: OrderRequest, at: int) -> Term:
        """Return when an order that is taken at a market time turns and ends."""
        venue = self.venue(request)
        if not at or venue.always_open:
            return Term()
        return Term(_turn(venue, request.type, at), _end(venue, at, auction=request.type in AUCTIONS))

    def _beyond_limits(self, request: OrderRequest, day: date) -> tuple[str, bool] | None:
        base = self._bases.get(request.instrument)
        if base is None or request.price is None or request.type not in PRICED:
            return None
        profile = profile_of(self._markets, request.instrument)
        limits = daily_limits(profile, find_instrument(self._markets, request.instrument, day), base, day)
        if limits is None or limits.lower <= request.price <= limits.upper:
            return None
        bounds = {"lower": text(limits.lower), "upper": text(limits.upper)}
        return said("paper.beyond_limits", price=text(request.price), instrument=request.instrument, **bounds), False


def _words(profile: MarketProfile, at: int) -> frozenset[str]:
    """Return what feeds may call the regular session, while it is open."""
    return profile.session_words if any(session.regular for session in sessions_at(profile, at)) else frozenset()


def _turn(venue: MarketProfile, kind: OrderType, at: int) -> int:
    day = local_date(venue, at)
    regular = regular_hours(venue, day)
    if regular is None:
        return 0
    if kind is OrderType.CONDITIONAL:
        calls = [session for session in sessions_on(venue, day) if session.regular and session.matching is Matching.CALL]
        return max((session.open for session in calls if session.close == regular[1]), default=0)
    if kind in AUCTIONS:
        return regular[0] if kind in OPENINGS else regular[1]
    return 0


def _end(venue: MarketProfile, at: int, *, auction: bool) -> int:
    """Return when a day order ends: with the regular market if it came in it, else with the day's last session.

    An order for an auction ends with that, whose print may come after the close.
    """
    sessions = sessions_on(venue, local_date(venue, at))
    came_in_regular = any(session.regular for session in sessions_at(venue, at))
    if came_in_regular and not auction and venue.id not in LIVES_ON:
        sessions = tuple(session for session in sessions if session.regular)
    return max((_last_print(s.close, s.matching, s.random_end) for s in sessions), default=0)


def _last_print(close: int, matching: Matching, random_end: int) -> int:
    return close + random_end + REPORTING if matching is Matching.CALL else close
