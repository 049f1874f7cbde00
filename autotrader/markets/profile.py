"""What the program must know of a market: currency, tick ladders, lot, costs, caps, sessions. The facts are data."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import TypeVar

from msgspec import Struct

from autotrader.domain.rule import Percent, Ticks
from autotrader.domain.tick import InstrumentId
from autotrader.errors import UnknownThing
from autotrader.markets.facts import (
    AcceptanceRow,
    Calendar,
    CostRow,
    CutoffRow,
    Dated,
    InstrumentRow,
    InterruptionRow,
    Ladder,
    LadderRow,
    LimitRow,
    SessionRow,
    SettlementRow,
)

STOCK = "stock"
ONE = Decimal(1)

D = TypeVar("D", bound=Dated)


class MarketProfile(Struct, frozen=True):
    """One market or venue. Code patterns map an instrument's code to its currency, first match wins.

    `validity_cap` is in calendar days, `always_open` marks 24-hour markets. `venues` are the other venues that trade or
    route this market's instruments (KRX: NXT, SOR); prints of theirs do not count unless a rule asks. `session_words` are
    what feeds may call the regular sessions (`regular`, `continuous`). `slip` is how far through the opposite best price a
    limit order is put that stands in for a market order (semantics 2.7).
    """

    id: str
    zone: str
    validity_cap: int
    lot: Decimal
    currencies: tuple[tuple[str, str], ...]
    ladders: tuple[LadderRow, ...]
    costs: tuple[CostRow, ...]
    sessions: tuple[SessionRow, ...] = ()
    calendar: Calendar = Calendar()
    acceptance: tuple[AcceptanceRow, ...] = ()
    limits: tuple[LimitRow, ...] = ()
    settlement: tuple[SettlementRow, ...] = ()
    cutoffs: tuple[CutoffRow, ...] = ()
    interruptions: tuple[InterruptionRow, ...] = ()
    instruments: tuple[InstrumentRow, ...] = ()
    venues: tuple[str, ...] = ()
    session_words: frozenset[str] = frozenset({"regular", "continuous"})
    slip: Percent | Ticks = Ticks(3)
    always_open: bool = False


class Instrument(Struct, frozen=True):
    """One tradable thing with what sending an order for it needs, as of one day."""

    id: InstrumentId
    market: str
    code: str
    currency: str
    ladder: Ladder
    lot: Decimal
    kind: str = STOCK
    limit_multiple: Decimal = ONE


Markets = dict[str, MarketProfile]


def matches(pattern: str, code: str) -> bool:
    """Match a code against `*`, `PREFIX*`, `*SUFFIX` or the code itself."""
    if pattern.endswith("*"):
        return code.startswith(pattern[:-1])
    if pattern.startswith("*"):
        return code.endswith(pattern[1:])
    return code == pattern


def in_force(rows: Iterable[D], day: date | None) -> list[D]:
    """Return the rows that hold on a day; without a day those whose end is not known."""
    return [row for row in rows if (row.effective_to is None if day is None else row.holds(day))]


def profile_of(markets: Markets, instrument: InstrumentId) -> MarketProfile:
    """Return the instrument's market, or raise UnknownThing naming the markets there are."""
    market, colon, code = instrument.partition(":")
    if not colon or not code or market not in markets:
        raise UnknownThing("market.unknown", instrument=instrument, markets=", ".join(sorted(markets)))
    return markets[market]


def find_instrument(markets: Markets, instrument: InstrumentId, day: date | None = None) -> Instrument:
    """Return the instrument with its currency, ladder and lot on a market-local day (else as last known), or raise UnknownThing."""
    profile = profile_of(markets, instrument)
    key = (id(profile), instrument, day)
    kept = _FOUND.get(key)
    if kept is None:
        if len(_FOUND) >= MOST_FOUND:
            _FOUND.clear()
        kept = _FOUND[key] = (profile, _look_up(profile, instrument, day))
    return kept[1]


MOST_FOUND = 4096
_FOUND: dict[tuple[int, InstrumentId, date | None], tuple[MarketProfile, Instrument]] = {}
"""By the identity of the profile, which is kept with what was found so that it stays its own: hashing its facts takes longer."""


def _look_up(profile: MarketProfile, instrument: InstrumentId, day: date | None) -> Instrument:
    code = instrument.partition(":")[2]
    currency = next((name for pattern, name in profile.currencies if matches(pattern, code)), None)
    if currency is None:
        raise UnknownThing("market.no_currency", instrument=instrument, known=", ".join(p for p, _ in profile.currencies))
    special = next((row for row in in_force(profile.instruments, day) if matches(row.codes, code)), None)
    kind = special.kind if special else STOCK
    lot = special.lot if special and special.lot is not None else profile.lot
    multiple = special.limit_multiple if special else ONE
    return Instrument(instrument, profile.id, code, currency, ladder_of(profile, code, kind, day), lot, kind, multiple)


def ladder_of(profile: MarketProfile, code: str, kind: str, day: date | None = None) -> Ladder:
    """Return the price steps of a code: a row for this very code goes first, then one for its kind, then any that matches."""
    fitting = [row for row in in_force(profile.ladders, day) if matches(row.codes, code) and row.kind in ("", kind)]
    # Rows for one code, then for a kind, then the rest; within that the order of the file.
    fitting.sort(key=lambda row: (row.codes != code, row.kind != kind))
    return fitting[0].bands if fitting else ()


def cost_on(profile: MarketProfile, day: date, kind: str = STOCK) -> CostRow:
    """Return the rates in force on a day, of the kind before those of any; before the first rates, the earliest."""
    fitting = [row for row in profile.costs if row.kind in ("", kind)]
    started = [row for row in fitting if row.effective_from <= day]
    if not started:
        return min(fitting, key=lambda row: (row.effective_from, row.kind != kind))
    return max(started, key=lambda row: (row.kind == kind, row.effective_from))
