"""Where a level is, exactly. A profit rate on an average cost is a quotient that may not end, so a level is a fraction
that is compared by cross-multiplication and never stored rounded (semantics 2.15)."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from autotrader.domain.money import EXACT, HUNDRED, exact
from autotrader.domain.rule import Amount, AtPrice, Base, Distance, Level, OffBase, Percent, ProfitRate, Side
from autotrader.markets.facts import Ladder
from autotrader.markets.ticks import move_ticks

ONE = Decimal(1)
_UP = Context(prec=40, rounding=ROUND_CEILING)
_DOWN = Context(prec=40, rounding=ROUND_FLOOR)


class Line(NamedTuple):
    """The price top/bottom, exactly; bottom is above zero."""

    top: Decimal
    bottom: Decimal = ONE


class Grounds(NamedTuple):
    """What a level may rest on besides the owner's number; None where it is not known (yet)."""

    arm_price: Decimal | None = None
    previous_close: Decimal | None = None
    cost: Decimal | None = None
    quantity: Decimal | None = None
    ladder: Ladder = ()


def line_of(level: Level, grounds: Grounds) -> Line | None:
    """Return the line of a level, or None while what it rests on is not known."""
    match level:
        case AtPrice(price):
            return Line(price)
        case ProfitRate(percent):
            if not grounds.cost or not grounds.quantity:
                return None
            with exact():
                return Line(grounds.cost * (HUNDRED + percent), grounds.quantity * HUNDRED)
        case OffBase(offset, base):
            known = base.price if isinstance(base, AtPrice) else grounds.arm_price if base is Base.ARM else grounds.previous_close
            if known is None:
                return None
            if isinstance(offset, Percent):
                with exact():
                    return Line((known * (HUNDRED + offset.value)).scaleb(-2))
            return Line(move_ticks(grounds.ladder, known, offset.count))


def at_or_under(price: Decimal, line: Line) -> bool:
    """Tell whether price <= line, exactly."""
    return price <= line.top if line.bottom == ONE else EXACT.multiply(price, line.bottom) <= line.top


def at_or_over(price: Decimal, line: Line) -> bool:
    """Tell whether price >= line, exactly."""
    return price >= line.top if line.bottom == ONE else EXACT.multiply(price, line.bottom) >= line.top


def ceiling(line: Line) -> Decimal:
    """Return a price at or just above the line: no price over it can be at or under the line."""
    return line.top if line.bottom == ONE else _UP.divide(line.top, line.bottom)


def floor(line: Line) -> Decimal:
    """Return a price at or just below the line: no price under it can be at or over the line."""
    return line.top if line.bottom == ONE else _DOWN.divide(line.top, line.bottom)


def trail_level(distance: Distance, mark: Decimal, side: Side, ladder: Ladder) -> Decimal:
    """Return the exact level that trails a mark: under it for a sell, over it for a buy (semantics 2.4)."""
    sign = -1 if side is Side.SELL else 1
    with exact():
        match distance:
            case Amount(value):
                return mark + sign * value
            case Percent(value):
                return (mark * (HUNDRED + sign * value)).scaleb(-2)
            case _:
                return move_ticks(ladder, mark, sign * distance.count)
