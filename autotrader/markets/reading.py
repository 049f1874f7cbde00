"""From the tables of a market file to profiles: one reader for our own files and the owner's, who may replace any row of ours.

Files and their format are the caller's: this takes the mappings that a TOML parser makes. Every mistake is collected with
its place, and whoever finds one takes nothing of the reading.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import fields, replace

from autotrader.domain.rule import Percent, Ticks
from autotrader.markets.fact_checks import faults
from autotrader.markets.fact_values import shown, value_of, wanted
from autotrader.markets.facts import (
    AcceptanceRow,
    Calendar,
    ClosedDay,
    ContractRow,
    CostRow,
    CutoffRow,
    Dated,
    Grade,
    InstrumentRow,
    InterruptionRow,
    LadderRow,
    LimitRow,
    SessionRow,
    SettlementRow,
    SpecialDay,
)
from autotrader.markets.overlay import laid_over, meet
from autotrader.markets.profile import MarketProfile, Markets

S = TypeVar("S", bound=Struct)
Place = tuple[str | int, ...]
Tables = Mapping[str, Any]

STATES = frozenset({"vi", "restart"})
"""States of trading that take orders like a session."""
ORDINARY = "ordinary"
"""The kind that an owner gives to a special day of ours that keeps the usual hours after all."""
MARKET = re.compile(r"[A-Z][A-Z0-9]{0,15}")


class FactMistake(NamedTuple):
    """A mistake in a file of facts. `place` is the way to it: market, table, number of the row from 0, key."""

    place: Place
    code: str
    params: dict[str, str]


class Owner(NamedTuple):
    """What rows need not say because the owner's file says it: they hold always, and their source is the owner."""

    source: str

    def defaults(self) -> dict[str, object]:
        """Return the values of the keys that every row has."""
        return {"effective_from": date.min, "source": self.source, "grade": Grade.V}


class ClosedRow(ClosedDay, frozen=True, kw_only=True):
    """A closed day as written. `open`: a day that counts as open; not `certain` as well: some source says closed."""

    open: bool = False


class Head(Struct, frozen=True, kw_only=True):
    """What a market says once. `days_of` names the market whose days it keeps."""

    zone: str
    validity_cap: int
    lot: Decimal
    currencies: tuple[tuple[str, str], ...]
    venues: tuple[str, ...] = ()
    session_words: tuple[str, ...] = ("regular", "continuous")
    slip: Percent | Ticks = Ticks(3)
    always_open: bool = False
    days_of: str = ""
    days_source: str = ""
    first: date | None = None
    last: date | None = None


class MarketFacts(Struct, frozen=True):
    """One market as its files have it; the calendar of a market that keeps another's days is still that market's affair."""

    head: Head
    rows: dict[str, tuple[Any, ...]]


class Table(NamedTuple):
    """A table of a market: its rows' type, and what makes two rows the same fact (one replaces the other)."""

    row: type[Dated]
    key: Callable[[Any], object]


TABLES: dict[str, Table] = {
    "sessions": Table(SessionRow, lambda row: (row.id, row.day)),
    "acceptance": Table(AcceptanceRow, lambda row: row.session),
    "ladders": Table(LadderRow, lambda row: (row.codes, row.kind)),
    "limits": Table(LimitRow, lambda row: row.kind),
    "costs": Table(CostRow, lambda row: row.kind),
    "settlement": Table(SettlementRow, lambda row: ()),
    "cutoffs": Table(CutoffRow, lambda row: (row.of, row.kinds)),
    "interruptions": Table(InterruptionRow, lambda row: (row.rule, row.session, row.kind)),
    "instruments": Table(InstrumentRow, lambda row: row.codes),
}
DAYS: dict[str, type[Struct]] = {"closed": ClosedRow, "special": SpecialDay}
CONTRACTS = "contracts"
"""The one table of a file that belongs to no market."""
ADDING = "acceptance"
"""The table whose rows of one key add up within a file."""
KEYS = {"effective_from": "from", "effective_to": "to"}


class Reader:
    """Reads the tables of one file and collects what is wrong with them."""

    def __init__(self, owner: Owner | None = None) -> None:
        self.owner = owner
        self.mistakes: list[FactMistake] = []

    def note(self, place: Place, code: str, **params: object) -> None:
        """Note a mistake and carry on."""
        where = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
        self.mistakes.append(FactMistake(place, code, {"where": where or "the file", **{name: str(text) for name, text in params.items()}}))

    def wrong(self, place: Place, value: object, remedy: str) -> None:
        """Note a value that is not what it should be."""
        self.note(place, "market.fact_value", value=shown(value), wanted=remedy)

    def struct(self, kind: type[S], raw: object, place: Place, given: Mapping[str, object], more: Iterable[str] = ()) -> S | None:
        """Return a table as a struct; `given` are values for keys that are not written, `more` the keys that others read."""
        if not isinstance(raw, dict):
            self.note(place, "market.fact_table")
            return None
        known = {KEYS.get(field.name, field.name): field for field in fields(kind)}
        for key in raw.keys() - known.keys() - set(more):
            self.note((*place, key), "market.fact_unknown", key=key[:60], known=", ".join(sorted({*known, *more})))
        values: dict[str, Any] = dict(given)
        good = True
        for key, field in known.items():
            if key in raw:
                try:
                    values[field.name] = value_of(field.type, raw[key])
                except ValueError:
                    good = False
                    self.wrong((*place, key), raw[key], wanted(field.type))
            elif field.required and field.name not in values:
                good = False
                self.note(place, "market.fact_missing", key=key)
        return kind(**values) if good else None

    def rows(self, kind: type[S], raw: object, place: Place, given: Mapping[str, object]) -> list[tuple[Place, S]]:
        """Return the good rows of a table with their places."""
        if not isinstance(raw, list):
            self.note(place, "market.fact_rows")
            return []
        good = []
        for number, written in enumerate(raw):
            row = self.struct(kind, written, (*place, number), given)
            if row is not None and self._sound((*place, number), row, written):
                good.append(((*place, number), row))
        return good

    def _sound(self, place: Place, row: Struct, written: Tables) -> bool:
        """Note what a row says that cannot be; the types are right by now."""
        before = len(self.mistakes)
        for field, remedy in faults(row):
            key = KEYS.get(field, field)
            self.wrong((*place, key), written.get(key, ""), remedy)
        return len(self.mistakes) == before

    def all_markets(self, tables: Tables, facts: dict[str, MarketFacts]) -> None:
        """Add the markets of a file to what is known."""
        for name, raw in tables.items():
            if name != CONTRACTS and (market := self.market(name, raw, facts.get(name))) is not None:
                facts[name] = market

    def market(self, name: str, raw: object, base: MarketFacts | None) -> MarketFacts | None:
        """Return a market as its table says, on top of what is known of it."""
        given: dict[str, object] = {} if base is None else {field: getattr(base.head, field) for field in base.head.__struct_fields__}
        head = self.struct(Head, raw, (name,), given, more=(*TABLES, *DAYS))
        if head is None or not isinstance(raw, dict) or not self._head_is_sound(name, head):
            return None
        rows: dict[str, tuple[Any, ...]] = {}
        common = self.owner.defaults() if self.owner else {}
        source = self.owner.source if self.owner else head.days_source
        for key, table in TABLES.items():
            placed: list[tuple[Place, Any]] = [*self.rows(table.row, raw.get(key, []), (name, key), common)]
            if key == "cutoffs":  # each kind is a fact of its own, so that one of them can be replaced
                placed = [(spot, replace(row, kinds=(kind,))) for spot, row in placed for kind in row.kinds]
            if key != ADDING:
                self._twice(placed, table)
            rows[key] = laid_over(base.rows[key] if base else (), tuple(row for _, row in placed), table.key)
        for key, kind in DAYS.items():
            rows[key] = tuple(row for _, row in self.rows(kind, raw.get(key, []), (name, key), {"source": source}))
        if base is not None:
            head = self._widened(head, raw, base.head)
            rows.update(_days_over(base.rows, rows))
        return MarketFacts(head, rows)

    def _widened(self, head: Head, raw: Tables, base: Head) -> Head:
        """Return the head with our code patterns after the owner's."""
        return replace(head, currencies=(*head.currencies, *base.currencies)) if "currencies" in raw else head

    def _head_is_sound(self, name: str, head: Head) -> bool:
        before = len(self.mistakes)
        if not MARKET.fullmatch(name):
            self.note((name,), "market.fact_market", market=name[:60])
        try:
            ZoneInfo(head.zone)
        except (ValueError, OSError, KeyError):
            self.wrong((name, "zone"), head.zone, "a time zone such as Asia/Seoul")
        if head.validity_cap < 1:
            self.wrong((name, "validity_cap"), head.validity_cap, "a number of days above zero")
        if head.lot <= 0:
            self.wrong((name, "lot"), head.lot, "above zero")
        return len(self.mistakes) == before

    def _twice(self, placed: list[tuple[Place, Any]], table: Table) -> None:
        """Note rows that say two things of one fact on one day."""
        seen: dict[object, list[Dated]] = {}
        for place, row in placed:
            if any(meet(row, other) for other in seen.get(table.key(row), ())):
                self.note(place, "market.fact_twice")
            seen.setdefault(table.key(row), []).append(row)

    def whole(self, facts: Mapping[str, MarketFacts]) -> None:
        """Note what does not fit together over tables and markets."""
        for name, market in facts.items():
            self._fits(name, market)
            if market.head.days_of and (market.head.days_of not in facts or facts[market.head.days_of].head.days_of):
                self.wrong((name, "days_of"), market.head.days_of, "a market with days of its own")

    def _fits(self, name: str, market: MarketFacts) -> None:
        """Note tables that a market cannot do without, sessions and kinds of days that it does not have."""
        for table in ("sessions", "costs"):
            if not market.rows[table]:
                self.note((name,), "market.fact_missing", key=table)
        sessions: tuple[SessionRow, ...] = market.rows["sessions"]
        known = {row.id for row in sessions} | STATES
        for key in ("acceptance", "interruptions"):
            for unknown in sorted({row.session for row in market.rows[key]} - known):
                self.wrong((name, key), unknown, f"a session of {name}: {', '.join(sorted(known))}")
        kinds = {row.day for row in sessions} - {""} | {ORDINARY}
        for unknown in sorted({row.kind for row in market.rows["special"]} - kinds):
            self.wrong((name, "special"), unknown, f"a kind of day with sessions: {', '.join(sorted(kinds))}")


def _days_over(ours: Tables, theirs: Tables) -> dict[str, tuple[Any, ...]]:
    """Return closed and special days: of one day the owner says all there is to say."""
    claimed = {row.day for key in DAYS for row in theirs[key]}
    return {key: (*(row for row in ours[key] if row.day not in claimed), *theirs[key]) for key in DAYS}


def _calendar(head: Head, rows: Tables) -> Calendar:
    by_day: Callable[[Any], date] = lambda row: row.day  # noqa: E731  # the one key of both sorts
    closed = [row for row in rows["closed"] if not row.open]
    doubtful = [row for row in rows["closed"] if row.open and not row.certain]
    return Calendar(
        first=head.first or date.min,
        last=head.last or date.max,
        closed=tuple(ClosedDay(day=row.day, name=row.name, source=row.source, certain=row.certain) for row in sorted(closed, key=by_day)),
        special=tuple(sorted((row for row in rows["special"] if row.kind != ORDINARY), key=by_day)),
        doubtful=tuple(ClosedDay(day=row.day, name=row.name, source=row.source, certain=False) for row in sorted(doubtful, key=by_day)),
    )


def _profile(name: str, facts: Mapping[str, MarketFacts]) -> MarketProfile:
    head, rows = facts[name].head, facts[name].rows
    days_head, days = head, {key: rows[key] for key in DAYS}
    if head.days_of:
        days_head, days = facts[head.days_of].head, _days_over(facts[head.days_of].rows, days)
    return MarketProfile(
        id=name,
        zone=head.zone,
        validity_cap=head.validity_cap,
        lot=head.lot,
        currencies=head.currencies,
        venues=head.venues,
        session_words=frozenset(head.session_words),
        slip=head.slip,
        always_open=head.always_open,
        calendar=_calendar(days_head, days),
        **{key: rows[key] for key in TABLES},
    )


def joined(files: Iterable[Tables]) -> dict[str, Any]:
    """Return the tables of files that do not contradict each other as if they were one file."""
    whole: dict[str, Any] = {}
    for file in files:
        for name, table in file.items():
            whole[name] = {**whole.get(name, {}), **table} if isinstance(table, dict) else table
    return whole


def read_markets(ours: Tables, theirs: Tables | None = None, source: str = "") -> tuple[Markets, list[FactMistake]]:
    """Return the markets of our tables with the owner's over them, and every mistake in the owner's (in ours without any).

    `source` names the owner's file: it becomes the source of its rows. With mistakes there are no markets.
    """
    reader = Reader()
    facts: dict[str, MarketFacts] = {}
    reader.all_markets(ours, facts)
    if theirs is not None:
        reader = Reader(Owner(source))
        reader.all_markets(theirs, facts)
    if not reader.mistakes:
        reader.whole(facts)
    return ({}, reader.mistakes) if reader.mistakes else ({name: _profile(name, facts) for name in facts}, [])


def read_contracts(ours: Tables, theirs: Tables | None = None, source: str = "") -> tuple[tuple[ContractRow, ...], list[FactMistake]]:
    """Return the futures contracts of our table with the owner's over them, and every mistake, as `read_markets` does."""
    reader = Reader()
    rows = tuple(row for _, row in reader.rows(ContractRow, ours.get(CONTRACTS, []), (CONTRACTS,), {}))
    if theirs is not None:
        reader = Reader(Owner(source))
        own = reader.rows(ContractRow, theirs.get(CONTRACTS, []), (CONTRACTS,), Owner(source).defaults())
        rows = laid_over(rows, tuple(row for _, row in own), lambda row: row.symbol)
    return rows, reader.mistakes
