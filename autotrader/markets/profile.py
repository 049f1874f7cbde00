"""What the program must know of a market: currency, tick ladders, lot, costs, caps, sessions. The facts are data."""

from datetime import date
from decimal import Decimal

from msgspec import Struct

from autotrader.domain.tick import InstrumentId
from autotrader.errors import UnknownThing


class Band(Struct, frozen=True):
    """Prices at or above `start` move in steps of `step`."""

    start: Decimal
    step: Decimal


Ladder = tuple[Band, ...]
"""Bands in ascending order of start; the first starts at 0. An empty ladder means that the step is not known."""


class DatedCost(Struct, frozen=True):
    """Rates in percent of traded value from a date on. `tax` is taken from sells only."""

    effective_from: date
    commission: Decimal
    tax: Decimal


class MarketProfile(Struct, frozen=True):
    """One market. Code patterns map an instrument's code to its currency and ladder, first match wins.

    `validity_cap` is in calendar days, `always_open` marks 24-hour markets, `sessions` are those in which a rule
    watches unless it says otherwise, `foreign_venues` other venues' names for prints of the same code, which do not count.
    """

    id: str
    zone: str
    validity_cap: int
    lot: Decimal
    currencies: tuple[tuple[str, str], ...]
    ladders: tuple[tuple[str, Ladder], ...]
    costs: tuple[DatedCost, ...]
    sessions: frozenset[str]
    always_open: bool = False
    foreign_venues: frozenset[str] = frozenset()


class Instrument(Struct, frozen=True):
    """One tradable thing with what sending an order for it needs."""

    id: InstrumentId
    market: str
    code: str
    currency: str
    ladder: Ladder
    lot: Decimal


Markets = dict[str, MarketProfile]


def _matches(pattern: str, code: str) -> bool:
    """Match a code against `*`, `PREFIX*`, `*SUFFIX` or the code itself."""
    if pattern.endswith("*"):
        return code.startswith(pattern[:-1])
    if pattern.startswith("*"):
        return code.endswith(pattern[1:])
    return code == pattern


def profile_of(markets: Markets, instrument: InstrumentId) -> MarketProfile:
    """Return the instrument's market, or raise UnknownThing naming the markets there are."""
    market, colon, code = instrument.partition(":")
    if not colon or not code or market not in markets:
        raise UnknownThing("market.unknown", instrument=instrument, markets=", ".join(sorted(markets)))
    return markets[market]


def find_instrument(markets: Markets, instrument: InstrumentId) -> Instrument:
    """Return the instrument with its currency, ladder and lot, or raise UnknownThing."""
    profile = profile_of(markets, instrument)
    code = instrument.partition(":")[2]
    currency = next((name for pattern, name in profile.currencies if _matches(pattern, code)), None)
    if currency is None:
        raise UnknownThing("market.no_currency", instrument=instrument, known=", ".join(p for p, _ in profile.currencies))
    ladder = next((ladder for pattern, ladder in profile.ladders if _matches(pattern, code)), ())
    return Instrument(instrument, profile.id, code, currency, ladder, profile.lot)


def cost_on(profile: MarketProfile, day: date) -> DatedCost:
    """Return the rates in force on a day: the latest that started on or before it, else the earliest."""
    started = [cost for cost in profile.costs if cost.effective_from <= day]
    return max(started, key=lambda cost: cost.effective_from) if started else profile.costs[0]
