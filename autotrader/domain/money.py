"""Exact decimals, from the text of the wire to the text of the order.

Arithmetic on money runs inside `exact()`, whose context traps every inexact result: a quotient that does not end can
never slip into a comparison unseen. Comparing two decimals needs no context; it is always exact.
"""

from contextlib import AbstractContextManager
from decimal import Context, Decimal, DivisionByZero, FloatOperation, Inexact, InvalidOperation, Overflow, localcontext

EXACT = Context(prec=120, traps=[InvalidOperation, DivisionByZero, Overflow, Inexact, FloatOperation])
_WIDE = Context(prec=80)
ZERO = Decimal(0)
HUNDRED = Decimal(100)
INFINITY = Decimal("Infinity")


def exact() -> AbstractContextManager[Context]:
    """Return a context in which an inexact result is an error instead of a rounding."""
    return localcontext(EXACT)


def quotient(top: Decimal, bottom: Decimal, places: int) -> Decimal:
    """Return top/bottom rounded half-even to decimal places: for people and for bookkeeping, never for a comparison."""
    return _WIDE.quantize(_WIDE.divide(top, bottom), Decimal(1).scaleb(-places))


def text(value: Decimal) -> str:
    """Return the exact plain text of a number: no exponent, no trailing zeros after the point (69161.00 -> 69161)."""
    plain = format(value, "f")
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return plain if plain not in {"-0", ""} else "0"


def parse(raw: str) -> Decimal | None:
    """Return the finite number that the text spells, or None. Digits with an optional sign, point and exponent."""
    try:
        value = Decimal(raw.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() and "_" not in raw else None
