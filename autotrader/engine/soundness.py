"""Whether a rule that came over the socket can be true. The file's and the command line's own readers say more and sooner;
this is the last door, so that nothing in the store can stop the daemon at every start."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from autotrader.domain.rule import (
    MOST_CONDITIONS,
    Amount,
    AtPrice,
    Change,
    Condition,
    Distance,
    Leg,
    Level,
    OffBase,
    OrderSpec,
    Part,
    Percent,
    PriceOf,
    ProfitRate,
    Quantity,
    Rule,
    Side,
    Spend,
    Ticks,
    Volume,
    Within,
    trigger_kind,
)
from autotrader.engine.guards import is_price
from autotrader.engine.triggers import distances_of, levels_of, time_of
from autotrader.errors import UserMistake
from autotrader.markets.windows import read_time, read_window

SELLS = frozenset({"stop", "target", "trail", "preserve", "time_exit"})
MOST_TICKS = 10_000
MOST_LEGS = 20
HUNDRED = Decimal(100)


def faults(rule: Rule) -> Iterator[str]:
    """Name every part of a rule that cannot be."""
    if not _are_named(rule.legs) or len(rule.legs) > MOST_LEGS or len(rule.exits) > MOST_LEGS:
        yield "legs"
    if rule.exits and (rule.side is Side.SELL or not _are_named(rule.exits)):
        yield "exits"
    if not _is_quantity(rule.quantity, rule.side):
        yield "quantity"
    if not _is_order(rule.order):
        yield "limit"
    if rule.cost_basis is not None and not is_price(rule.cost_basis):
        yield "cost_basis"
    if rule.gap_guard is not None and not _is_rate(rule.gap_guard):
        yield "gap_guard"
    yield from _faults_of_time(rule)
    for leg in rule.legs:
        yield from _faults_of_leg(leg, rule.side)
    for leg in rule.exits:
        yield from _faults_of_leg(leg, Side.SELL)


def _are_named(legs: tuple[Leg, ...]) -> bool:
    names = [leg.name for leg in legs]
    return bool(names) and len(set(names)) == len(names) and all(names)


def _faults_of_time(rule: Rule) -> Iterator[str]:
    """Name what of a rule's policies no clock and no count can be."""
    if rule.unfilled is not None and not (
        rule.unfilled.after > 0 and 0 <= rule.unfilled.step_ticks <= MOST_TICKS and rule.unfilled.most >= 0
    ):
        yield "unfilled"
    if rule.confirm is not None and (rule.confirm.prints < 0 or rule.confirm.span < 0 or not (rule.confirm.prints or rule.confirm.span)):
        yield "confirm"
    if rule.rearm is not None and not (rule.rearm.most > 0 and rule.rearm.cooldown >= 0 and _is_distance(rule.rearm.hysteresis)):
        yield "rearm"
    if rule.when is not None and not (
        0 < len(rule.when.conditions) <= MOST_CONDITIONS and all(_is_condition(c) for c in rule.when.conditions)
    ):
        yield "when"


def _is_condition(condition: Condition) -> bool:
    match condition:
        case Within(window):
            return _reads(read_window, window)
        case Change(percent):
            return _is_rate(percent)
        case Volume(least):
            return is_price(least)
        case PriceOf(_, price):
            return is_price(price)


def _reads(reader: Callable[[str], object], text: str) -> bool:
    """Tell whether a written time can be read."""
    try:
        reader(text)
    except UserMistake:
        return False
    return True


def _is_order(order: OrderSpec) -> bool:
    pegged = order.peg is None or abs(order.peg.ticks) <= MOST_TICKS
    return pegged and (order.limit is None or is_price(order.limit))


def _faults_of_leg(leg: Leg, side: Side) -> Iterator[str]:
    trigger = leg.trigger
    if (trigger_kind(trigger) in SELLS) is not (side is Side.SELL):
        yield f"{leg.name} of a {side.value}"
    sound = all(_is_distance(distance) for distance in distances_of(trigger)) and all(_is_level(at) for at in levels_of(trigger))
    start = getattr(trigger, "start", None)
    sound = sound and (start is None or is_price(start)) and (not time_of(trigger) or _reads(read_time, time_of(trigger)))
    offset = leg.limit_offset is None or _is_distance(leg.limit_offset) or leg.limit_offset == Amount(Decimal(0))
    share = leg.share is None or (is_price(leg.share) and leg.share <= HUNDRED)
    if not (sound and share and offset and (leg.order is None or _is_order(leg.order))):
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
