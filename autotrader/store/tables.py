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

from autotrader.domain.order import Cost
from autotrader.domain.rule import Rule, Template
from autotrader.engine import records
from autotrader.engine.records import Note, Print
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
    nested: tuple[tuple[str, msgspec.json.Decoder[Any]], ...]

    def read(self, connection: sqlite3.Connection, rest: str = "", values: Sequence[Cell] = ()) -> list[R]:
        """Return the records that `rest` (joins, conditions, order) selects."""
        names = ", ".join(f't."{column}"' for column in self.columns)
        rows = connection.execute(f'SELECT {names} FROM "{self.name}" AS t {rest}', values)
        return [self.record_of(row) for row in rows]

    def record_of(self, row: Sequence[Any]) -> R:
        """Return the record that a row spells, or say that it cannot be one."""
        cells: dict[str, Any] = dict(zip(self.columns, row, strict=True))
        try:
            for column, decoder in self.nested:
                if cells[column] is not None:
                    cells[column] = decoder.decode(cells[column])
            # Not strict: SQLite has no booleans, they come back as 0 and 1.
            return msgspec.convert(cells, self.record, strict=False)
        except msgspec.MsgspecError as error:
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


_CELLS: dict[type, Callable[[Any], Cell]] = {
    Decimal: _plain,
    Rule: _json,
    Template: _json,
    Note: _json,
    Print: _json,
    Cost: _json,
    bool: int,
}


_KEPT_AS_THEY_ARE = frozenset({str, int, type(None)})


def cell(value: object) -> Cell:
    """Return what SQLite keeps of a field's value."""
    kind = type(value)
    if kind not in _CELLS and isinstance(value, Enum):
        _CELLS[kind] = _value
    spell = _CELLS.get(kind)
    return spell(value) if spell else value  # type: ignore[return-value]  # str, int and None are kept as they are


def _row(record: msgspec.Struct) -> tuple[Cell, ...]:
    return tuple([value if type(value) in _KEPT_AS_THEY_ARE else cell(value) for value in msgspec.structs.astuple(record)])


def _rule_row(record: records.RuleRecord) -> tuple[Cell, ...]:
    return (record.rule.id, *_row(record))


def _nested(record: type[msgspec.Struct]) -> Iterator[tuple[str, msgspec.json.Decoder[Any]]]:
    """Yield the fields that are kept as JSON, each with its decoder."""
    for name, hint in get_type_hints(record).items():
        for part in get_args(hint) or (hint,):
            if isinstance(part, type) and issubclass(part, msgspec.Struct):
                yield name, msgspec.json.Decoder(part)


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
    return Table(record, name, columns, insert, _row, tuple(_nested(record)))


def _rules() -> Table[records.RuleRecord]:
    """Return the one table whose key lies inside a nested value: the id has a column of its own."""
    plain = _table(records.RuleRecord, "rules")
    insert = _insert("rules", ("id", *plain.columns), ("id",), Again.REPLACES)
    return plain._replace(insert=insert, row=_rule_row)


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
STATEMENTS[records.Forget] = ("DELETE FROM marks WHERE rule = ? AND leg = ?", _row)
