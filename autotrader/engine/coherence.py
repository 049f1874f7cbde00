"""Whether the parts of a rule go together: said once, for the readers of the file and for the last door (`soundness.py`)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from autotrader.domain.money import ZERO, exact
from autotrader.domain.rule import (
    Above,
    Amount,
    AtPrice,
    Distance,
    Leg,
    Level,
    OffBase,
    OrderSpec,
    OrderType,
    Percent,
    Preserve,
    ProfitRate,
    Rule,
    Side,
    Stop,
    Then,
    Ticks,
    TimeInForce,
    Trigger,
    trigger_kind,
)
from autotrader.engine.triggers import activation_of, distances_of, level_of, levels_of

AUCTION_ORDERS = frozenset({OrderType.LOO, OrderType.LOC})
"""They meet the price of the auction, not the one that fires them."""
AT_ONCE = frozenset({OrderType.LIMIT, OrderType.MARKET, OrderType.BEST})
"""Order types that take another time in force than the day (market-rules 2.2): a conditional limit is not taken as IOC or FOK,
the orders of US auctions live for their auction only."""


def lies_under(key: str, side: Side) -> bool:
    """Tell whether the level under this key belongs under its base."""
    return key in {"stop", "below"} or (key == "activate" and side is Side.BUY)


def keyed_levels(trigger: Trigger) -> Iterator[tuple[str, Level]]:
    """Return the levels of a trigger under the keys that the file has for them."""
    preserve = isinstance(trigger, Preserve)
    level, activate = level_of(trigger), activation_of(trigger)
    if level is not None:
        yield "floor" if preserve else trigger_kind(trigger), level
    if activate is not None:
        yield "arm" if preserve else "activate", activate


def height(level: Level) -> tuple[str, Decimal]:
    """Return what a level is counted in and how high it lies; only levels of one kind can be compared before a price is known."""
    match level:
        case AtPrice(price):
            return "price", price
        case ProfitRate(percent):
            return "rate", percent
        case OffBase(Percent(percent), _):
            return "percent", percent
        case OffBase(offset, _):
            return "ticks", Decimal(offset.count) if isinstance(offset, Ticks) else offset.value


def takes_all(trigger: Trigger, offset: Distance | None, side: Side) -> bool:
    """Tell whether a limit so far under a sell's stop price would be none."""
    if side is not Side.SELL or not isinstance(trigger, Stop) or not isinstance(trigger.level, AtPrice):
        return False
    return isinstance(offset, Amount) and offset.value >= trigger.level.price


def is_on_the_wrong_side(trigger: Trigger, order: OrderSpec) -> bool:
    """Tell whether a limit is over a sell's stop or under a buy's breakout: it could not fill where it fires (semantics 2.5)."""
    if order.limit is None or order.type in AUCTION_ORDERS:
        return False
    match trigger:
        case Stop(AtPrice(price)):
            return order.limit > price
        case Above(AtPrice(price)):
            return order.limit < price
        case _:
            return False


def takes_time_in_force(order: OrderSpec) -> bool:
    """Tell whether an order of its type can live as long as it says."""
    return order.tif is TimeInForce.DAY or order.type in AT_ONCE


def total_share(legs: Iterable[Leg]) -> Decimal:
    """Return what the shares of legs come to."""
    with exact():
        return sum((leg.share for leg in legs if leg.share is not None), ZERO)


def moves_no_stop(legs: tuple[Leg, ...]) -> bool:
    """Tell whether a leg would move the stops of legs that have none."""
    return any(leg.then is Then.STOP_TO_BREAKEVEN for leg in legs) and not any(isinstance(leg.trigger, Stop) for leg in legs)


def is_order_unused(rule: Rule) -> bool:
    """Tell whether every leg sends an order of its own, so that the one of the rule would never go."""
    return rule.order != OrderSpec() and all(leg.limit_offset is not None or leg.order is not None for leg in rule.legs)


def counts_ticks(rule: Rule) -> bool:
    """Tell whether a rule measures anything in price steps."""
    orders = [rule.order, *(leg.order for leg in (*rule.legs, *rule.exits) if leg.order is not None)]
    if any(order.peg is not None and order.peg.ticks for order in orders):
        return True
    if rule.rearm is not None and isinstance(rule.rearm.hysteresis, Ticks):
        return True
    return any(_leg_counts_ticks(leg) for leg in (*rule.legs, *rule.exits))


def _leg_counts_ticks(leg: Leg) -> bool:
    if isinstance(leg.limit_offset, Ticks) or any(isinstance(distance, Ticks) for distance in distances_of(leg.trigger)):
        return True
    return any(isinstance(level, OffBase) and isinstance(level.offset, Ticks) for level in levels_of(leg.trigger))
