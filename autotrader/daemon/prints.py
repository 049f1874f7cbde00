"""Prints from a csv or csv.gz file, row by row, with the place of whatever cannot be read.

Columns `time,price,size` and perhaps `symbol,venue,session,sequence,flags`, in any order. A time is ISO-8601 (UTC when it
names no zone) or whole ns since the epoch.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO, cast

from autotrader.domain.money import parse
from autotrader.domain.tick import Flag, InstrumentId, Tick
from autotrader.errors import UserMistake
from autotrader.markets.calendar import SECOND

LATEST = 2**63
"""The year 2262: what comes after it was not written in nanoseconds."""

NEEDED = ("time", "price", "size")


class Row(NamedTuple):
    """A print with its row (1 is the first under the header) and its time as the file writes it."""

    number: int
    written_time: str
    tick: Tick


class Columns(NamedTuple):
    """Where each column stands; -1 for one that is not there."""

    time: int
    price: int
    size: int
    symbol: int
    venue: int
    session: int
    sequence: int
    flags: int


@contextmanager
def _text(path: Path) -> Iterator[TextIO]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as raw:
            yield TextIOWrapper(cast(BinaryIO, raw), encoding="utf-8-sig", newline="")
    except FileNotFoundError:
        raise UserMistake("replay.no_file", file=path) from None
    except UnicodeDecodeError:
        raise UserMistake("replay.not_text", file=path) from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise UserMistake("replay.broken_gzip", file=path) from None
    except csv.Error as error:
        raise UserMistake("replay.no_table", file=path, why=error) from None
    except OSError as error:
        raise UserMistake("replay.unreadable", file=path, why=error.strerror or type(error).__name__) from None


def _columns(path: Path, header: Sequence[str]) -> Columns:
    names = [name.strip().lower() for name in header]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise UserMistake("replay.columns", file=path, missing=", ".join(missing))
    return Columns(*(names.index(name) if name in names else -1 for name in Columns._fields))


def read_prints(path: Path, instruments: Sequence[InstrumentId]) -> Iterator[Row]:
    """Yield the prints of a file; those of a symbol that is not wanted keep their number and are passed over.

    Without a `symbol` column every print belongs to the one instrument; several are then a mistake.
    """
    with _text(path) as lines:
        rows = csv.reader(lines)
        columns = _columns(path, next(rows, []))
        find = _finder(path, columns, instruments)
        for number, row in enumerate((row for row in rows if row), start=1):
            instrument = find(row, rows.line_num)
            if instrument is not None:
                tick = _tick(path, rows.line_num, columns, row, instrument)
                yield Row(number, row[columns.time], tick)


def count_rows(path: Path) -> int:
    """Return how many prints a file has, of any symbol."""
    with _text(path) as lines:
        return max(0, sum(1 for row in csv.reader(lines) if row) - 1)


def _finder(path: Path, columns: Columns, instruments: Sequence[InstrumentId]) -> Callable[[list[str], int], InstrumentId | None]:
    """Return how a row tells its instrument: by the whole id, or by its code alone where only one market has it."""
    if columns.symbol < 0:
        if len(instruments) > 1:
            raise UserMistake("replay.no_symbol", file=path, instruments=", ".join(instruments))
        only = instruments[0]
        return lambda row, line: only
    codes = [instrument.partition(":")[2] for instrument in instruments]
    known: dict[str, InstrumentId] = dict(zip(codes, instruments, strict=True)) | {str(i): i for i in instruments}
    shared = {code for code in codes if codes.count(code) > 1}

    def find(row: list[str], line: int) -> InstrumentId | None:
        symbol = row[columns.symbol].strip() if columns.symbol < len(row) else ""
        if not symbol or symbol in shared:
            raise UserMistake("replay.row", file=path, line=line, column="symbol", value=symbol, remedy=REMEDIES["symbol"])
        return known.get(symbol)

    return find


def _tick(path: Path, line: int, columns: Columns, row: list[str], instrument: InstrumentId) -> Tick:
    def cell(column: int) -> str:
        return row[column] if 0 <= column < len(row) else ""

    try:
        column, value = "time", cell(columns.time)
        time = int(value) if value.isdigit() else parse_time(value)
        if not 0 <= time < LATEST:
            raise ValueError(value)
        column, value = "price", cell(columns.price)
        price = _number(value)
        column, value = "size", cell(columns.size)
        size = _number(value)
        column, value = "sequence", cell(columns.sequence)
        sequence = int(value) if value else 0
        column, value = "flags", cell(columns.flags)
        flags = parse_flags(value) if value else 0
    except (ValueError, OverflowError, KeyError):
        raise UserMistake("replay.row", file=path, line=line, column=column, value=value, remedy=REMEDIES[column]) from None
    return Tick(instrument, price, size, time, sequence, 0, cell(columns.venue), cell(columns.session), flags)


def _number(cell: str) -> Decimal:
    """Return the number in a cell; one that is not finite is a bad print and not a bad file. Raises ValueError."""
    value = Decimal(cell) if NOT_FINITE.fullmatch(cell) else parse(cell)
    if value is None:
        raise ValueError(cell)
    return value


NOT_FINITE = re.compile(r"[+-]?(nan|inf(inity)?)", re.IGNORECASE)

REMEDIES = {
    "symbol": "write MARKET:code, such as KRX:005930",
    "time": "write ISO-8601 (2026-11-20T09:00:00+09:00) or whole nanoseconds since the epoch",
    "price": "write a plain number",
    "size": "write a plain number",
    "sequence": "write a whole number, or leave it empty",
    "flags": "known are " + ", ".join(flag.name.lower() for flag in Flag if flag.name) + ", joined by |",
}


def parse_time(text: str) -> int:
    """Return ns since the epoch of an ISO-8601 time, all its digits kept; raises ValueError."""
    at = datetime.fromisoformat(text.strip())
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    whole = int((at.replace(microsecond=0) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    return whole * SECOND + _fraction(text)


def _fraction(text: str) -> int:
    """Return the ns of the digits after the decimal mark."""
    _, mark, rest = text.replace(",", ".").partition(".")
    digits = rest[: next((i for i, c in enumerate(rest) if not c.isdigit()), len(rest))] if mark else ""
    return int(digits[:9].ljust(9, "0")) if digits else 0


def parse_flags(text: str) -> int:
    """Return the flags of a cell: names joined by `|`, or their number; raises KeyError or ValueError."""
    if text.isdigit():
        return int(text)
    return int(sum((Flag[name.strip().upper()] for name in text.split("|")), Flag.NONE))
