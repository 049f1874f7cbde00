"""A fact's single values from what a TOML parser makes of them, and what to write where one is none."""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any

import msgspec

from autotrader.domain.rule import Percent, Ticks
from autotrader.markets.facts import Band, Ladder

LONGEST = 40
"""Digits before or after the point of a number; a market needs fewer, and arithmetic with millions of them would not end."""
SLIP = re.compile(r"(?P<percent>\d+(\.\d+)?) ?%|(?P<ticks>\d{1,4}) ticks?")
WANTED: dict[object, str] = {
    date: "a day such as 2026-11-19",
    time: "a time such as 08:30",
    Decimal: "a number such as 0.15",
    int: "a whole number",
    bool: "true or false",
    str: "text in quotes",
    Ladder: 'steps from 0 upwards such as [["0", "1"], ["2000", "5"]]',
    Percent | Ticks: "a distance such as 3 ticks or 0.5 %",
    tuple[str, ...]: "a list of texts",
    tuple[tuple[str, str], ...]: 'pairs of a code and a currency such as [["KRW-*", "KRW"]]',
}


def value_of(kind: Any, written: object) -> object:
    """Return a value as a field of this type has it, or raise ValueError."""
    try:
        for known, read in READERS.items():
            if _is(kind, known):
                return read(written)
        return msgspec.convert(written, kind)
    except (TypeError, InvalidOperation) as wrong:
        raise ValueError(str(wrong)) from None


def wanted(kind: Any) -> str:
    """Say in words what a field of this type takes."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"one of {', '.join(member.value for member in kind)}"
    return next(words for known, words in WANTED.items() if _is(kind, known))


def shown(value: object) -> str:
    """Return a value much as its owner wrote it, shortened."""
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"[:60]
    return (str(value).lower() if isinstance(value, bool) else str(value))[:60]


def _is(kind: Any, known: Any) -> bool:
    return bool(kind == known or kind == known | None)


def _decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError
    number = Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) > LONGEST or len(number.as_tuple().digits) > LONGEST:
        raise ValueError
    return number


def _day(value: object) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError
    return value


def _time(value: object) -> time:
    """Read a time of the market's clock; `24:00` is the end of the day and is kept as 00:00."""
    value = time() if value == "24:00" else value
    read = time.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(read, time) or read.tzinfo is not None or read.microsecond:
        raise ValueError
    return read


def _bands(value: object) -> Ladder:
    if not isinstance(value, list) or any(not isinstance(pair, list) or len(pair) != 2 for pair in value):
        raise ValueError
    return tuple(Band(_decimal(start), _decimal(step)) for start, step in value)


def _slip(value: object) -> Percent | Ticks:
    found = SLIP.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError
    return Percent(Decimal(found["percent"])) if found["percent"] else Ticks(int(found["ticks"]))


READERS: dict[object, Callable[[object], object]] = {Percent | Ticks: _slip, Decimal: _decimal, date: _day, time: _time, Ladder: _bands}
