"""Which prints count (market-rules 8, safety P1-P3). A print between two ticks is legal and is compared exactly."""

from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow, Subnormal

from autotrader.domain.money import HUNDRED, exact
from autotrader.domain.tick import INELIGIBLE, Tick
from autotrader.engine.hours import ALWAYS, span_of_print
from autotrader.engine.index import Watch
from autotrader.markets.profile import Markets

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
    if watch.limits is not None and not watch.limits.lower <= tick.price <= watch.limits.upper:
        return "limits"
    return ""


def misses(watch: Watch, tick: Tick, markets: Markets, *, hours: bool) -> str:
    """Return why a print is not in the watch's view (`venue`, `session`), or nothing; what was found out is remembered."""
    venue = tick.venue or watch.instrument.market
    if venue not in watch.view.venues:
        return "venue"
    if tick.session:
        return "" if tick.session in watch.sessions else "session"
    if not hours or venue not in markets:
        return ""
    session, span = span_of_print(markets[venue], watch.sessions, tick.time)
    if session not in watch.sessions:
        return "session"
    watch.spans[tick.venue] = span
    return ""


def beyond(price: Decimal, good: Decimal, collar: Decimal) -> bool:
    """Tell whether a price is strictly farther from the last good one than the collar allows."""
    with exact():
        return abs(price - good) * HUNDRED > collar * good


def _session_start(watch: Watch, tick: Tick) -> int | None:
    """Return when the print's session began, None where no calendar says so."""
    span = watch.spans.get(tick.venue)
    return None if tick.session or span is None or span == ALWAYS else span[0]


def passes_collar(watch: Watch, tick: Tick, *, always_open: bool) -> bool:
    """Judge a print by the collar; a far one becomes the candidate that a second print at a later time must confirm.

    At the first print of a session the day's price limits take the collar's place, so that a gap fires at once (safety P3).
    A feed that keeps no hours does not tell where a session begins: there hours without a print stand for a night.
    """
    good = watch.last
    if watch.collar is None or good is None or not beyond(tick.price, good.price, watch.collar):
        return True
    begins = _session_start(watch, tick)
    if begins is not None and good.time < begins:
        return True
    if begins is None and not always_open and tick.time - good.time > NEW_SESSION_GAP:
        return True
    candidate = watch.candidate
    if candidate is not None and tick.time > candidate.time and not beyond(tick.price, candidate.price, watch.collar):
        return True
    watch.candidate = tick
    return False
