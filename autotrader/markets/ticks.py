"""Price steps. Only prices that we *send* are rounded; what the market prints is compared as it is (midpoint trades)."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from autotrader.domain.money import exact
from autotrader.domain.rule import Side
from autotrader.markets.profile import Ladder


def step_at(ladder: Ladder, price: Decimal) -> Decimal:
    """Return the step of the band that holds the price."""
    return next(band.step for band in reversed(ladder) if price >= band.start)


def _round(ladder: Ladder, price: Decimal, mode: str) -> Decimal:
    if not ladder:
        return price
    with exact():
        step = step_at(ladder, price)
        # Floor division of Decimal truncates toward zero, so the ceiling is taken from the quotient itself, which may not end.
        whole, rest = divmod(price, step)
        return price if not rest else (whole + (1 if mode == ROUND_CEILING else 0)) * step


def floor_to_tick(ladder: Ladder, price: Decimal) -> Decimal:
    """Return the nearest price on the ladder at or under a positive price."""
    return _round(ladder, price, ROUND_FLOOR)


def ceil_to_tick(ladder: Ladder, price: Decimal) -> Decimal:
    """Return the nearest price on the ladder at or over a positive price. Band starts are on the ladder of both bands."""
    return _round(ladder, price, ROUND_CEILING)


def round_to_send(ladder: Ladder, price: Decimal, side: Side) -> Decimal:
    """Round a price that we send: a sell down, a buy up (semantics 2.5)."""
    return floor_to_tick(ladder, price) if side is Side.SELL else ceil_to_tick(ladder, price)


def tick_up(ladder: Ladder, price: Decimal) -> Decimal:
    """Return the next price above. The step is that of the band the price is in (market-rules 3.1)."""
    with exact():
        return floor_to_tick(ladder, price) + step_at(ladder, price)


def tick_down(ladder: Ladder, price: Decimal) -> Decimal:
    """Return the next price below: one step of the band that is moved *into* (50,000 -> 49,950)."""
    with exact():
        floor = floor_to_tick(ladder, price)
        if floor < price:
            return floor
        below = next((band for band in reversed(ladder) if band.start < price), None)
        if below is None:
            return Decimal(0)
        return price - below.step


def move_ticks(ladder: Ladder, price: Decimal, count: int) -> Decimal:
    """Move a price by a signed number of steps, crossing bands one step at a time; never under zero."""
    for _ in range(abs(count)):
        price = tick_up(ladder, price) if count > 0 else tick_down(ladder, price)
        if price <= 0:
            return Decimal(0)
    return price
