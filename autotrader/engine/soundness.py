"""Whether a rule that came over the socket can be true. The file's and the command line's own readers say more and sooner;
this is the last door, so that nothing in the store can stop the daemon at every start."""

from collections.abc import Iterator
from decimal import Decimal

from autotrader.domain.rule import Amount, AtPrice, Distance, Level, OffBase, Percent, ProfitRate, Rebound, Rule, Side, Ticks, Trail
from autotrader.engine.guards import is_price
from autotrader.engine.triggers import activation_of, level_of

SELLS = frozenset({"stop", "target", "trail"})
MOST_TICKS = 10_000
HUNDRED = Decimal(100)


def faults(rule: Rule) -> Iterator[str]:
    """Name every part of a rule that cannot be."""
    names = [leg.name for leg in rule.legs]
    if not names or len(set(names)) != len(names) or not all(names):
        yield "legs"
    if rule.quantity is not None and not is_price(rule.quantity):
        yield "quantity"
    if rule.order.limit is not None and not is_price(rule.order.limit):
        yield "limit"
    for leg in rule.legs:
        if (type(leg.trigger).__name__.lower() in SELLS) is not (rule.side is Side.SELL):
            yield f"{leg.name} of a {rule.side.value}"
        if isinstance(leg.trigger, Trail | Rebound) and not _is_distance(leg.trigger.distance):
            yield leg.name
        for level in (level_of(leg.trigger), activation_of(leg.trigger)):
            if level is not None and not _is_level(level):
                yield leg.name


def _is_distance(distance: Distance) -> bool:
    match distance:
        case Amount(value):
            return is_price(value)
        case Percent(value):
            return is_price(value) and value < HUNDRED
        case Ticks(count):
            return 1 <= count <= MOST_TICKS


def _is_level(level: Level) -> bool:
    match level:
        case AtPrice(price):
            return is_price(price)
        case ProfitRate(percent):
            return _is_rate(percent)
        case OffBase(offset, base):
            sound = _is_rate(offset.value) if isinstance(offset, Percent) else abs(offset.count) <= MOST_TICKS
            return sound and (not isinstance(base, AtPrice) or is_price(base.price))


def _is_rate(percent: Decimal) -> bool:
    """Tell whether a signed rate leaves a price above zero."""
    return percent == 0 or (is_price(abs(percent)) and percent > -HUNDRED) if percent.is_finite() else False
