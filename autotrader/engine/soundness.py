"""Whether a rule that came over the socket can be true. The file's and the command line's own readers say more and sooner;
this is the last door, so that nothing in the store can stop the daemon at every start."""

from collections.abc import Iterator
from decimal import Decimal

from autotrader.domain.rule import (
    Amount,
    AtPrice,
    Distance,
    Leg,
    Level,
    OffBase,
    Part,
    Percent,
    ProfitRate,
    Quantity,
    Rule,
    Side,
    Spend,
    Ticks,
    trigger_kind,
)
from autotrader.engine.guards import is_price
from autotrader.engine.triggers import distances_of, levels_of

SELLS = frozenset({"stop", "target", "trail", "preserve", "time_exit"})
MOST_TICKS = 10_000
HUNDRED = Decimal(100)


def faults(rule: Rule) -> Iterator[str]:
    """Name every part of a rule that cannot be."""
    names = [leg.name for leg in rule.legs]
    if not names or len(set(names)) != len(names) or not all(names):
        yield "legs"
    if not _is_quantity(rule.quantity, rule.side):
        yield "quantity"
    if rule.order.limit is not None and not is_price(rule.order.limit):
        yield "limit"
    for leg in rule.legs:
        yield from _faults_of_leg(leg, rule.side)


def _faults_of_leg(leg: Leg, side: Side) -> Iterator[str]:
    if (trigger_kind(leg.trigger) in SELLS) is not (side is Side.SELL):
        yield f"{leg.name} of a {side.value}"
    sound = all(_is_distance(distance) for distance in distances_of(leg.trigger)) and all(_is_level(at) for at in levels_of(leg.trigger))
    share = leg.share is None or (is_price(leg.share) and leg.share <= HUNDRED)
    if not (sound and share):
        yield leg.name


def _is_quantity(quantity: Quantity, side: Side) -> bool:
    match quantity:
        case None:
            return side is Side.SELL
        case Part(percent):
            return side is Side.SELL and is_price(percent) and percent <= HUNDRED
        case Spend(amount):
            return side is Side.BUY and is_price(amount)
        case number:
            return is_price(number)


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
