"""What a kind of trigger means, said once: which prices cannot matter to it (its band), and what a print does to it.

Comparisons are inclusive and exact (semantics 2.3). Trail and Rebound are one function seen in a mirror.
"""

from decimal import Context, Decimal
from typing import NamedTuple, assert_never

from autotrader.domain.money import INFINITY, ZERO
from autotrader.domain.rule import Above, Below, Level, ProfitRate, Rebound, Side, Stop, Target, Trail, Trigger
from autotrader.engine.levels import Line, at_or_over, at_or_under, ceiling, floor, trail_level
from autotrader.markets.facts import Ladder

# A print that equals the mark changes nothing and should not wake the leg: the bound is the next number beyond it.
_NEXT = Context(prec=34)


class Sight(NamedTuple):
    """A trigger with its levels worked out: the fixed `level`, or the `activate` line and the `mark` of a trailing one."""

    trigger: Trigger
    level: Line | None
    activate: Line | None
    mark: Decimal | None
    ladder: Ladder


class Band(NamedTuple):
    """Prices strictly between the two cannot change anything."""

    low: Decimal = ZERO
    high: Decimal = INFINITY


EVERYTHING = Band(INFINITY, ZERO)
NOTHING = Band()


class Meeting(NamedTuple):
    """What a print did: the mark after it (None: not activated) and whether the trigger is met."""

    mark: Decimal | None
    met: bool


def level_of(trigger: Trigger) -> Level | None:
    """Return the fixed level of a trigger, None for a trailing one."""
    return None if isinstance(trigger, Trail | Rebound) else trigger.level


def activation_of(trigger: Trigger) -> Level | None:
    """Return the activation level of a trailing trigger, if it has one."""
    return trigger.activate if isinstance(trigger, Trail | Rebound) else None


def rests_on_cost(trigger: Trigger) -> bool:
    """Tell whether a level of the trigger is a rate of profit, so that it moves with the average cost."""
    return isinstance(level_of(trigger), ProfitRate) or isinstance(activation_of(trigger), ProfitRate)


def is_trailing(trigger: Trigger) -> bool:
    """Tell whether the trigger keeps a mark."""
    return isinstance(trigger, Trail | Rebound)


def fire_level(sight: Sight) -> Line | None:
    """Return the line at which the trigger is met now; None for a trailing one that is not active."""
    match sight.trigger:
        case Trail(distance):
            return None if sight.mark is None else Line(trail_level(distance, sight.mark, Side.SELL, sight.ladder))
        case Rebound(distance):
            return None if sight.mark is None else Line(trail_level(distance, sight.mark, Side.BUY, sight.ladder))
        case _:
            return sight.level


def band(sight: Sight) -> Band:
    """Return the prices that cannot matter to an armed trigger. Bounds that are levels are woken by equality."""
    match sight.trigger:
        case Stop() | Below():
            return NOTHING if sight.level is None else Band(low=ceiling(sight.level))
        case Target() | Above():
            return NOTHING if sight.level is None else Band(high=floor(sight.level))
        case Trail(distance):
            if sight.mark is None:
                return NOTHING if sight.activate is None else Band(high=floor(sight.activate))
            return Band(trail_level(distance, sight.mark, Side.SELL, sight.ladder), _NEXT.next_plus(sight.mark))
        case Rebound(distance):
            if sight.mark is None:
                return NOTHING if sight.activate is None else Band(low=ceiling(sight.activate))
            return Band(_NEXT.next_minus(sight.mark), trail_level(distance, sight.mark, Side.BUY, sight.ladder))
        case _:
            assert_never(sight.trigger)


def meet(sight: Sight, price: Decimal) -> Meeting:
    """Tell what an eligible print does to an armed trigger. The activating print sets the mark and cannot fire."""
    match sight.trigger:
        case Stop() | Below():
            return Meeting(None, sight.level is not None and at_or_under(price, sight.level))
        case Target() | Above():
            return Meeting(None, sight.level is not None and at_or_over(price, sight.level))
        case Trail(distance):
            if sight.mark is None:
                return Meeting(price if sight.activate is not None and at_or_over(price, sight.activate) else None, False)
            if price > sight.mark:
                return Meeting(price, False)
            return Meeting(sight.mark, price <= trail_level(distance, sight.mark, Side.SELL, sight.ladder))
        case Rebound(distance):
            if sight.mark is None:
                return Meeting(price if sight.activate is not None and at_or_under(price, sight.activate) else None, False)
            if price < sight.mark:
                return Meeting(price, False)
            return Meeting(sight.mark, price >= trail_level(distance, sight.mark, Side.BUY, sight.ladder))
        case _:
            assert_never(sight.trigger)


def rank(trigger: Trigger) -> int:
    """Return the order in which triggers met by one print fire: stops, trails, targets, then entries (semantics 2.15)."""
    match trigger:
        case Stop():
            return 0
        case Trail():
            return 1
        case Target():
            return 2
        case _:
            return 3
