"""Price steps. Only prices that we *send* are rounded; what the market prints is compared as it is (midpoint trades)."""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from autotrader.domain.money import exact
from autotrader.domain.rule import Side
from autotrader.markets.facts import Band, Ladder


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


def midpoint(bid: Decimal, ask: Decimal, unit: Decimal = Decimal(1)) -> Decimal:
    """Return the price between the best quotes, cut down to whole units of the currency (KRX: won); it may be off the ladder."""
    with exact():
        return (bid + ask) // (2 * unit) * unit


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
    one = tick_up if count > 0 else tick_down
    left = abs(count)
    while left and price > 0:
        price, left = one(ladder, price), left - 1
        # The first step is on the ladder; what is left of its band is one leap, so that a deep trail costs no more than a near one.
        leap = min(left, _steps_left(ladder, price, up=count > 0, wanted=left))
        if leap:
            with exact():
                price += leap * _step_towards(ladder, price, up=count > 0).step * (1 if count > 0 else -1)
            left -= leap
    return max(price, Decimal(0))


def _step_towards(ladder: Ladder, price: Decimal, *, up: bool) -> Band:
    """Return the band whose step leads on from a price on the ladder."""
    return next(band for band in reversed(ladder) if band.start < price or (up and band.start == price))


def _steps_left(ladder: Ladder, price: Decimal, *, up: bool, wanted: int) -> int:
    """Return how many steps of one size lie between a price on the ladder and the end of its band."""
    if price <= 0:
        return 0
    band = _step_towards(ladder, price, up=up)
    end = next((other.start for other in ladder if other.start > price), None) if up else band.start
    with exact():
        return wanted if end is None else int(abs(end - price) // band.step)
