"""Record types and their tables: how a record becomes a row, and how a row becomes the same record again.

One entry a type. What happens when a key is there already is part of the entry, because it is a promise: a shot is
inserted or fails, a fill or the answer to a request stays as it was first told, everything else is replaced.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar, get_args, get_type_hints

import msgspec

from autotrader.engine import records
from autotrader.errors import CorruptState

R = TypeVar("R", bound=msgspec.Struct)
Cell = str | int | None


class Again(Enum):
    """What a record does whose key is already in its table."""

    REPLACES = "replaces"
    IS_IGNORED = "is_ignored"
    FAILS = "fails"


class Table(NamedTuple, Generic[R]):
    """A record type, the name of its table, its columns and key, and the functions between the two."""

    record: type[R]
    name: str
    columns: tuple[str, ...]
    insert: str
    row: Callable[[R], tuple[Cell, ...]]
    spelled: tuple[tuple[int, Callable[[Any], Any]], ...]
    """The columns whose cells are not the values themselves (the schema is strict, so all others are), and how they are read."""

    def read(self, connection: sqlite3.Connection, rest: str = "", values: Sequence[Cell] = ()) -> list[R]:
        """Return the records that `rest` (joins, conditions, order) selects."""
        names = ", ".join(f't."{column}"' for column in self.columns)
        rows = connection.execute(f'SELECT {names} FROM "{self.name}" AS t {rest}', values)
        return [self.record_of(row) for row in rows]

    def record_of(self, row: Sequence[Any]) -> R:
        """Return the record that a row spells, or say that it cannot be one."""
        cells = list(row)
        try:
            for place, understand in self.spelled:
                if cells[place] is not None:
                    cells[place] = understand(cells[place])
            return self.record(*cells)
        except (msgspec.MsgspecError, ArithmeticError, LookupError, ValueError, TypeError) as error:
            raise CorruptState("store.unreadable_row", table=self.name, row=str(tuple(row)), finding=str(error)) from error


def _plain(value: Decimal) -> str:
    """Return the exact text of a finite number, without an exponent: people read these columns."""
    if not value.is_finite():
        raise ValueError(f"{value} is not a number that can be kept")
    return format(value, "f")


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _value(word: Enum) -> str:
    return str(word.value)


_SPELLED: dict[type, Callable[[Any], Cell]] = {Decimal: _plain, bool: int}
"""Types that SQLite does not keep as they are; enums are kept by their values and structs as JSON."""


def _spelling(hint: object) -> Callable[[Any], Cell] | None:
    """Return how values of a field are spelled, None for one that is kept as it is (str, int, None)."""
    for part in get_args(hint) or (hint,):
        if not isinstance(part, type):
            continue
        if issubclass(part, msgspec.Struct):
            return _json
        if issubclass(part, Enum):
            return _value
        if part in _SPELLED:
            return _SPELLED[part]
    return None


def _row_of(record: type[msgspec.Struct]) -> Callable[[Any], tuple[Cell, ...]]:
    """Return the function that makes a row of a record. Which fields are spelled is found out once, not row by row."""
    hints = get_type_hints(record)
    spellings = [(place, spell) for place, name in enumerate(record.__struct_fields__) if (spell := _spelling(hints[name])) is not None]

    def row(value: msgspec.Struct) -> tuple[Cell, ...]:
        cells: list[Any] = list(msgspec.structs.astuple(value))
        for place, spell in spellings:
            cell = cells[place]
            if cell is not None:
                cells[place] = spell(cell)
        return tuple(cells)

    return row


def _number(cell: str) -> Decimal:
    number = Decimal(cell)
    if not number.is_finite():
        raise ValueError(f"{cell} is not a number that can be kept")
    return number


def _understanding(hint: object) -> Callable[[Any], Any] | None:
    """Return how a field is read that is not kept as it is: the way back of `_spelling`."""
    for part in get_args(hint) or (hint,):
        if not isinstance(part, type):
            continue
        if issubclass(part, msgspec.Struct):
            return msgspec.json.Decoder(part).decode
        if issubclass(part, Enum):
            return {word.value: word for word in part}.__getitem__
        if part is Decimal:
            return _number
        if part is bool:
            return bool
    return None


def _spelled(record: type[msgspec.Struct]) -> Iterator[tuple[int, Callable[[Any], Any]]]:
    """Yield the fields that are not kept as they are, by their places, each with how it is read."""
    hints = get_type_hints(record)
    for place, name in enumerate(record.__struct_fields__):
        understand = _understanding(hints[name])
        if understand is not None:
            yield place, understand


def _insert(name: str, columns: Sequence[str], key: Sequence[str], again: Again) -> str:
    quoted = [f'"{column}"' for column in columns]
    statement = f'INSERT INTO "{name}" ({", ".join(quoted)}) VALUES ({", ".join("?" * len(columns))})'
    if again is Again.FAILS:
        return statement
    if again is Again.IS_IGNORED:
        return f"{statement} ON CONFLICT ({', '.join(key)}) DO NOTHING"
    changes = ", ".join(f"{column} = excluded.{column}" for column in quoted if column.strip('"') not in key)
    return f"{statement} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changes}"


def _table(record: type[R], name: str, key: tuple[str, ...] = (), again: Again = Again.REPLACES) -> Table[R]:
    columns = record.__struct_fields__
    insert = _insert(name, columns, key, again)
    return Table(record, name, columns, insert, _row_of(record), tuple(_spelled(record)))


def _rules() -> Table[records.RuleRecord]:
    """Return the one table whose key lies inside a nested value: the id has a column of its own."""
    plain = _table(records.RuleRecord, "rules")
    insert = _insert("rules", ("id", *plain.columns), ("id",), Again.REPLACES)
    return plain._replace(insert=insert, row=lambda record: (record.rule.id, *plain.row(record)))


RULES = _rules()
LEGS = _table(records.LegRecord, "legs", ("rule", "leg"))
MARKS = _table(records.MarkRecord, "marks", ("rule", "leg"))
PEAKS = _table(records.PeakRecord, "peaks", ("name",))
SHOTS = _table(records.ShotRecord, "shots", again=Again.FAILS)
INTENTS = _table(records.IntentRecord, "intents", ("id",))
ATTEMPTS = _table(records.AttemptRecord, "attempts", ("intent", "number"))
FILLS = _table(records.FillRecord, "fills", ("account", "execution_id"), Again.IS_IGNORED)
POSITIONS = _table(records.PositionRecord, "positions", ("account", "instrument"))
CASH = _table(records.CashRecord, "cash", ("account", "currency"))
PRICES = _table(records.PriceRecord, "prices", ("instrument",))
TRADING = _table(records.TradingRecord, "trading", ("venue", "instrument"))
TEMPLATES = _table(records.TemplateRecord, "templates", ("id",))
ACCOUNTS = _table(records.AccountRecord, "accounts", ("account",), Again.IS_IGNORED)
REQUESTS = _table(records.RequestRecord, "requests", ("id",), Again.IS_IGNORED)
JOURNAL = _table(records.JournalRow, "journal", again=Again.FAILS)
ALERTS = _table(records.AlertRecord, "alerts", again=Again.FAILS)

TABLES: tuple[Table[Any], ...] = (
    RULES, LEGS, MARKS, PEAKS, SHOTS, INTENTS, ATTEMPTS, FILLS, POSITIONS, CASH, PRICES, TRADING, TEMPLATES, ACCOUNTS, REQUESTS,
    JOURNAL, ALERTS,
)  # fmt: skip

Statement = tuple[str, Callable[[Any], tuple[Cell, ...]]]
STATEMENTS: dict[type, Statement] = {table.record: (table.insert, table.row) for table in TABLES}
ORDER: dict[type, int] = {table.record: place for place, table in enumerate(TABLES)}
"""In which order the tables of one transaction are written, so that rows of one table are written together."""
ORDER[records.Forget] = ORDER[records.MarkRecord]
STATEMENTS[records.Forget] = ("DELETE FROM marks WHERE rule = ? AND leg = ?", _row_of(records.Forget))
