"""Which prints count (market-rules 8, safety P1-P3). A print between two ticks is legal and is compared exactly."""

from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow, Subnormal

from autotrader.domain.money import HUNDRED, exact
from autotrader.domain.tick import INELIGIBLE, Tick
from autotrader.engine.index import Watch

HOUR = 3_600_000_000_000
NEW_SESSION_GAP = 3 * HOUR
MARKET_SIZED = Context(prec=34, Emin=-30, Emax=30, traps=[InvalidOperation, Inexact, Overflow, Subnormal])
"""No market prints a number that this cannot hold; what comes with more would break exact arithmetic later."""


def is_price(value: Decimal) -> bool:
    """Tell whether a number can be a price: finite, above zero, of a size and precision that markets print."""
    try:
        MARKET_SIZED.plus(value)
    except ArithmeticError:
        return False
    return value.is_finite() and value > 0


def ineligible(watch: Watch, tick: Tick) -> str:
    """Return why a print may neither move a mark nor fire, or nothing."""
    if not tick.price.is_finite() or tick.price <= 0:
        return "wrong_price"
    if not tick.size.is_finite() or tick.size <= 0:
        return "wrong_size"
    if tick.flags & INELIGIBLE:
        return "flag"
    if tick.venue in watch.foreign:
        return "venue"
    if tick.session and tick.session not in watch.sessions:
        return "session"
    return ""


def beyond(price: Decimal, good: Decimal, collar: Decimal) -> bool:
    """Tell whether a price is strictly farther from the last good one than the collar allows."""
    with exact():
        return abs(price - good) * HUNDRED > collar * good


def passes_collar(watch: Watch, tick: Tick, *, always_open: bool) -> bool:
    """Judge a print by the collar; a far one becomes the candidate that a second print at a later time must confirm.

    On a market with a night, the first print after hours without one opens a session: there a gap is real and the
    collar does not hold it back (the day's price limits take its place when sessions are known).
    """
    good = watch.last
    if watch.collar is None or good is None or not beyond(tick.price, good.price, watch.collar):
        return True
    if not always_open and tick.time - good.time > NEW_SESSION_GAP:
        return True
    candidate = watch.candidate
    if candidate is not None and tick.time > candidate.time and not beyond(tick.price, candidate.price, watch.collar):
        return True
    watch.candidate = tick
    return False
