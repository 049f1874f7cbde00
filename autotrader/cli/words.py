"""Numbers, times and reasons as people read them: thousands separators, local time with its zone, ages in one unit."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from autotrader.domain.money import EXACT, HUNDRED, parse, quotient, text
from autotrader.messages import say

SECOND = 1_000_000_000
LONG = 8
"""So many places the smallest price step of any market has."""
UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))
AMOUNTS = frozenset(
    {"price", "level", "mark", "before", "activate", "quantity", "filled", "average", "available", "needed", "free", "wanted", "sent"}
    | {"stop", "target", "exit", "entry", "lower", "upper", "least", "held", "total", "distance", "tick", "spread", "amount"}
)
"""Parameters of messages that are amounts; others, such as an order's number, only look like numbers."""


def sentence(code: str, params: Mapping[str, Any], language: str) -> str:
    """Return the sentence for a code; a code that only another version knows stands for itself."""
    try:
        return say(code, params, language)
    except (KeyError, ValueError):
        return f"{code} {dict(params)}"


def number(exact: str | None) -> str:
    """Return an exact number with thousands separators; a dash for none."""
    if exact is None:
        return "-"
    value = parse(exact)
    return exact if value is None else grouped(value)


def grouped(value: Decimal) -> str:
    """Return a number with thousands separators, every digit of it."""
    whole, point, rest = text(value).partition(".")
    return f"{int(whole):,}{point}{rest}" if not whole.startswith("-0") else f"{whole}{point}{rest}"


def level_words(exact: str | None) -> str:
    """Return a level with thousands separators; one that does not end, such as a rate after fees, to a few places."""
    value = None if exact is None else parse(exact)
    if value is None or -value.as_tuple().exponent <= LONG:  # type: ignore[operator]  # a parsed number is finite
        return number(exact)
    return f"~{grouped(round(value, 2 if value >= HUNDRED else LONG))}"


def percent_between(level: str, last: str) -> Decimal:
    """Return how many percent the level lies above (+) or under (-) the last price."""
    to, base = Decimal(level), Decimal(last)
    return quotient(EXACT.multiply(EXACT.subtract(to, base), HUNDRED), base, 2)


def moment(at: int | None) -> str:
    """Return a time in the zone of the machine, to the second."""
    return "-" if not at else local(at).strftime("%Y-%m-%d %H:%M:%S %Z")


def instant(at: int) -> str:
    """Return a time of day to the millisecond, with its zone."""
    when = local(at)
    return f"{when:%H:%M:%S}.{at % SECOND // 1_000_000:03} {when:%Z}"


def local(at: int) -> datetime:
    """Return ns since the epoch in the zone of the machine."""
    return datetime.fromtimestamp(at // SECOND, UTC).astimezone()


def age(at: int | None, now: int) -> str:
    """Return how long ago, in the largest unit that is full; a time in the future is just now."""
    if not at:
        return "-"
    seconds = max(0, (now - at) // SECOND)
    size, unit = next((pair for pair in UNITS if seconds >= pair[0]), UNITS[-1])
    return f"{seconds // size} {unit}"


def because(note: dict[str, Any] | None, language: str) -> str:
    """Return a reason as a sentence, empty for none."""
    if note is None:
        return ""
    return sentence(note["code"], with_separators(note["params"]), language)


def with_separators(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a message, amounts as people read them."""
    return {name: number(value) if name in AMOUNTS and isinstance(value, str) else value for name, value in params.items()}


def state_word(state: str, language: str) -> str:
    """Return the word for a state."""
    return sentence(f"state.{state}", {}, language)
