"""Where a level is, exactly. A profit rate on an average cost is a quotient that may not end, so a level is a fraction
that is compared by cross-multiplication and never stored rounded (semantics 2.15)."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from autotrader.domain.money import EXACT, HUNDRED, exact
from autotrader.domain.rule import Amount, AtPrice, Base, Distance, Level, OffBase, Percent, ProfitRate, Side, Ticks
from autotrader.markets.facts import Ladder
from autotrader.markets.ticks import move_ticks

ONE = Decimal(1)
_UP = Context(prec=40, rounding=ROUND_CEILING)
_DOWN = Context(prec=40, rounding=ROUND_FLOOR)


class Line(NamedTuple):
    """The price top/bottom, exactly; bottom is above zero."""

    top: Decimal
    bottom: Decimal = ONE


class Rates(NamedTuple):
    """What a purchase and a sale cost, in percent of their value: commission, and taxes of a sale."""

    buy: Decimal
    sell: Decimal


class Grounds(NamedTuple):
    """What a level may rest on besides the owner's number; None where it is not known (yet).

    `net`: rates of profit are counted after fees and taxes. `rates` are known wherever something rests on them.
    """

    arm_price: Decimal | None = None
    previous_close: Decimal | None = None
    cost: Decimal | None = None
    quantity: Decimal | None = None
    ladder: Ladder = ()
    net: bool = False
    rates: Rates = Rates(Decimal(0), Decimal(0))


def line_of(level: Level, grounds: Grounds) -> Line | None:
    """Return the line of a level, or None while what it rests on is not known."""
    match level:
        case AtPrice(price):
            return Line(price)
        case ProfitRate(percent):
            return _profit_line(percent, grounds, net=grounds.net)
        case OffBase(offset, base):
            known = base.price if isinstance(base, AtPrice) else grounds.arm_price if base is Base.ARM else grounds.previous_close
            if known is None:
                return None
            if isinstance(offset, Percent):
                with exact():
                    return Line((known * (HUNDRED + offset.value)).scaleb(-2))
            return Line(move_ticks(grounds.ladder, known, offset.count))


def _profit_line(percent: Decimal, grounds: Grounds, *, net: bool) -> Line | None:
    """Return the price at which the profit is so many percent of the cost; `net`: what is left after fees and taxes is.

    With b and s the rates of a purchase and a sale, a price p brings p(1-s) for what cost c(1+b) (semantics 2.8).
    """
    if not grounds.cost or not grounds.quantity:
        return None
    with exact():
        top, bottom = grounds.cost * (HUNDRED + percent), grounds.quantity * HUNDRED
        if not net:
            return Line(top, bottom)
        return Line(top * (HUNDRED + grounds.rates.buy), bottom * (HUNDRED - grounds.rates.sell))


def breakeven(grounds: Grounds) -> Line | None:
    """Return the price at which a sale brings back what was paid, fees and taxes of both included."""
    return _profit_line(Decimal(0), grounds, net=True)


def higher(one: Line, other: Line) -> Line:
    """Return the line that lies over the other."""
    with exact():
        return one if one.top * other.bottom >= other.top * one.bottom else other


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


def line_of_distance(line: Line, distance: Distance, ladder: Ladder, *, over: bool) -> Line:
    """Return the line that lies so far over (or under) another."""
    sign = 1 if over else -1
    with exact():
        match distance:
            case Amount(value):
                return Line(line.top + sign * value * line.bottom, line.bottom)
            case Percent(value):
                return Line((line.top * (HUNDRED + sign * value)).scaleb(-2), line.bottom)
            case _:
                return Line(move_ticks(ladder, ceiling(line) if over else floor(line), sign * distance.count))


def ratchet(step: Distance | None, start: Decimal, mark: Decimal, price: Decimal, ladder: Ladder) -> Decimal:
    """Return where a mark stands after a price beyond it: on the price, or as many whole steps on as it has gone.

    `start` is where the mark began; a step in percent is one of that price, so that steps do not grow with the mark.
    """
    if step is None:
        return price
    sign = 1 if price > mark else -1
    if isinstance(step, Ticks):
        return _ticks_on(ladder, mark, price, sign * step.count)
    with exact():
        size = step.value if isinstance(step, Amount) else (start * step.value).scaleb(-2)
        return mark + sign * (abs(price - mark) // size) * size


def _ticks_on(ladder: Ladder, mark: Decimal, price: Decimal, step: int) -> Decimal:
    """Return the last mark that whole steps of so many ticks reach without passing the price."""
    following = move_ticks(ladder, mark, step)
    while (following <= price) if step > 0 else (following >= price):
        mark, following = following, move_ticks(ladder, following, step)
    return mark


def next_mark(step: Distance | None, start: Decimal, mark: Decimal, side: Side, ladder: Ladder) -> Decimal | None:
    """Return the price at which a mark moves by its next step; None where any price beyond it moves it."""
    if step is None:
        return None
    sign = 1 if side is Side.SELL else -1
    with exact():
        match step:
            case Amount(value):
                return mark + sign * value
            case Percent(value):
                return mark + sign * (start * value).scaleb(-2)
            case _:
                return move_ticks(ladder, mark, sign * step.count)


def trail_level(distance: Distance, mark: Decimal, side: Side, ladder: Ladder) -> Decimal:
    """Return the exact level that trails a mark: under it for a sell, over it for a buy (semantics 2.4)."""
    away = EXACT.subtract if side is Side.SELL else EXACT.add  # by name: a context to enter costs more than the sum
    match distance:
        case Amount(value):
            return away(mark, value)
        case Percent(value):
            return EXACT.scaleb(EXACT.multiply(mark, away(HUNDRED, value)), -2)
        case _:
            with exact():
                return move_ticks(ladder, mark, -distance.count if side is Side.SELL else distance.count)
