"""What a kind of trigger means, said once: which prices cannot matter to it (its band), what a print does to it, and what the
rest of the engine asks of it. A new kind is told here, in its parser and its words, and nowhere else: every question ends in
`assert_never`.

Comparisons are inclusive and exact (semantics 2.3). Trail and Rebound are one function seen in a mirror.
"""

from collections.abc import Callable
from decimal import Context, Decimal
from typing import NamedTuple, assert_never

from autotrader.domain.money import INFINITY, ZERO
from autotrader.domain.rule import (
    Above,
    At,
    Basis,
    Below,
    Confirm,
    Distance,
    Level,
    OffBase,
    Preserve,
    ProfitRate,
    Rebound,
    Rule,
    Side,
    Stop,
    Target,
    TimeExit,
    Trail,
    Trigger,
)
from autotrader.engine.levels import Line, at_or_over, at_or_under, ceiling, floor, next_mark, ratchet, trail_level
from autotrader.markets.facts import Ladder

# A print that equals the mark changes nothing and should not wake the leg: the bound is the next number beyond it.
_NEXT = Context(prec=34)

_TWICE = Confirm(prints=2)


class Sight(NamedTuple):
    """A trigger with its levels worked out: the fixed `level`, or the `activate` line and the `mark` of a trailing one, with
    the price at which the mark `began`."""

    trigger: Trigger
    level: Line | None
    activate: Line | None
    mark: Decimal | None
    ladder: Ladder
    began: Decimal | None = None


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
    """Return the fixed level of a trigger, None for one that trails or goes by the clock."""
    match trigger:
        case Trail() | Rebound() | TimeExit() | At():
            return None
        case Preserve(floor=level):
            return level
        case _:
            return trigger.level


def activation_of(trigger: Trigger) -> Level | None:
    """Return the level that a trigger must see before it can be met, if it has one."""
    match trigger:
        case Trail(activate=level) | Rebound(activate=level) | Preserve(arm=level):
            return level
        case _:
            return None


def levels_of(trigger: Trigger) -> list[Level]:
    """Return all levels of a trigger."""
    return [level for level in (level_of(trigger), activation_of(trigger)) if level is not None]


def distances_of(trigger: Trigger) -> list[Distance]:
    """Return all distances of a trigger."""
    if not isinstance(trigger, Trail | Rebound):
        return []
    return [trigger.distance] if trigger.step is None else [trigger.distance, trigger.step]


def confirmation_of(rule: Rule) -> Confirm | None:
    """Return how long a rule's condition must hold, None where one print is enough."""
    return rule.confirm or (_TWICE if rule.basis is Basis.DOUBLE_LAST else None)


def time_of(trigger: Trigger) -> str:
    """Return the time by which a trigger of the clock goes, empty for one that goes by prices."""
    return trigger.time if isinstance(trigger, TimeExit | At) else ""


def rests_on_cost(trigger: Trigger) -> bool:
    """Tell whether a level of the trigger is a rate of profit, so that it moves with the average cost."""
    return any(isinstance(level, ProfitRate) for level in levels_of(trigger))


def is_trailing(trigger: Trigger) -> bool:
    """Tell whether the trigger keeps a mark that moves."""
    return isinstance(trigger, Trail | Rebound)


def keeps_mark(trigger: Trigger) -> bool:
    """Tell whether the trigger keeps a mark: one that moves, or one that only says that it was activated."""
    return isinstance(trigger, Trail | Rebound | Preserve)


def begins_at(trigger: Trigger, price: Decimal) -> Decimal:
    """Return the mark of a trailing trigger that starts without activation: the owner's, or a better arm price."""
    match trigger:
        case Trail(start=start) if start is not None:
            return max(start, price)
        case Rebound(start=start) if start is not None:
            return min(start, price)
        case _:
            return price


def fire_level(sight: Sight) -> Line | None:
    """Return the line at which the trigger is met now; None for one that is not active or goes by the clock."""
    match sight.trigger:
        case Trail(distance):
            return None if sight.mark is None else Line(trail_level(distance, sight.mark, Side.SELL, sight.ladder))
        case Rebound(distance):
            return None if sight.mark is None else Line(trail_level(distance, sight.mark, Side.BUY, sight.ladder))
        case Preserve():
            return None if sight.mark is None else sight.level
        case _:
            return sight.level


def is_blind(sight: Sight) -> bool:
    """Tell whether what the trigger needs next is not known, so that no price can activate or meet it."""
    match sight.trigger:
        case Trail(activate=level) | Rebound(activate=level):
            return sight.mark is None and level is not None and sight.activate is None
        case Preserve():
            return sight.level is None or (sight.mark is None and sight.activate is None)
        case TimeExit() | At():
            return False
        case _:
            return sight.level is None


def band(sight: Sight) -> Band:
    """Return the prices that cannot matter to an armed trigger. Bounds that are levels are woken by equality."""
    match sight.trigger:
        case Stop() | Below():
            return NOTHING if sight.level is None else Band(low=ceiling(sight.level))
        case Target() | Above():
            return NOTHING if sight.level is None else Band(high=floor(sight.level))
        case Preserve():
            if sight.mark is None:
                return NOTHING if sight.activate is None else Band(high=floor(sight.activate))
            return NOTHING if sight.level is None else Band(low=ceiling(sight.level))
        case Trail(distance, _, step):
            if sight.mark is None:
                return NOTHING if sight.activate is None else Band(high=floor(sight.activate))
            moves = next_mark(step, sight.began or sight.mark, sight.mark, Side.SELL, sight.ladder)
            high = _NEXT.next_plus(sight.mark) if moves is None else moves
            return Band(trail_level(distance, sight.mark, Side.SELL, sight.ladder), high)
        case Rebound(distance, _, step):
            if sight.mark is None:
                return NOTHING if sight.activate is None else Band(low=ceiling(sight.activate))
            moves = next_mark(step, sight.began or sight.mark, sight.mark, Side.BUY, sight.ladder)
            low = _NEXT.next_minus(sight.mark) if moves is None else moves
            return Band(low, trail_level(distance, sight.mark, Side.BUY, sight.ladder))
        case TimeExit() | At():
            return NOTHING
        case _:
            assert_never(sight.trigger)


def meet(sight: Sight, price: Decimal) -> Meeting:
    """Tell what an eligible print does to an armed trigger. The activating print sets the mark and cannot fire."""
    match sight.trigger:
        case Stop() | Below():
            return Meeting(None, sight.level is not None and at_or_under(price, sight.level))
        case Target() | Above():
            return Meeting(None, sight.level is not None and at_or_over(price, sight.level))
        case Preserve():
            if sight.mark is None:
                return Meeting(price if sight.activate is not None and at_or_over(price, sight.activate) else None, False)
            return Meeting(sight.mark, sight.level is not None and at_or_under(price, sight.level))
        case Trail(distance, _, step):
            if sight.mark is None:
                return Meeting(price if sight.activate is not None and at_or_over(price, sight.activate) else None, False)
            if price > sight.mark:
                return Meeting(ratchet(step, sight.began or sight.mark, sight.mark, price, sight.ladder), False)
            return Meeting(sight.mark, price <= trail_level(distance, sight.mark, Side.SELL, sight.ladder))
        case Rebound(distance, _, step):
            if sight.mark is None:
                return Meeting(price if sight.activate is not None and at_or_under(price, sight.activate) else None, False)
            if price < sight.mark:
                return Meeting(ratchet(step, sight.began or sight.mark, sight.mark, price, sight.ladder), False)
            return Meeting(sight.mark, price >= trail_level(distance, sight.mark, Side.BUY, sight.ladder))
        case TimeExit() | At():
            return Meeting(None, False)  # the clock meets it: `clockwork.py`
        case _:
            assert_never(sight.trigger)


def rank(trigger: Trigger) -> int:
    """Return the order in which triggers met by one print fire: stops, trails, targets (and exits by the clock), then
    entries (semantics 2.15)."""
    match trigger:
        case Stop() | Preserve():
            return 0
        case Trail():
            return 1
        case Target() | TimeExit():
            return 2
        case _:
            return 3


def fires_under(trigger: Trigger) -> bool:
    """Tell whether a trigger is met as the price falls to its level, and not as it rises; False for one of the clock."""
    match trigger:
        case Stop() | Below() | Trail() | Preserve():
            return True
        case Target() | Above() | Rebound() | TimeExit() | At():
            return False
        case _:
            assert_never(trigger)


def guards(trigger: Trigger) -> bool:
    """Tell whether a trigger limits a loss, so that it must not end before what it guards is sold."""
    match trigger:
        case Stop() | Trail() | Preserve() | TimeExit():
            return True
        case Target() | Above() | Below() | Rebound() | At():
            return False
        case _:
            assert_never(trigger)


def rises_to_breakeven(trigger: Trigger) -> bool:
    """Tell whether `then: stop_to_breakeven` of a sibling moves the trigger's level."""
    return isinstance(trigger, Stop)


def trailing_side(trigger: Trigger) -> Side | None:
    """Return the side of a trigger whose mark moves with the price: sells trail a high, buys a low; None for one without."""
    match trigger:
        case Trail():
            return Side.SELL
        case Rebound():
            return Side.BUY
        case Stop() | Target() | Above() | Below() | Preserve() | TimeExit() | At():
            return None
        case _:
            assert_never(trigger)


def moving_by(trigger: Trigger) -> tuple[Side, Distance] | None:
    """Return the side and the distance of a mark that follows every new high (or low); None where it moves by steps, or none moves."""
    match trigger:
        case Trail(distance, step=None):
            return Side.SELL, distance
        case Rebound(distance, step=None):
            return Side.BUY, distance
        case _:
            return None


GAP_OF_A_BREAKOUT = Decimal(3)


def usual_gap(trigger: Trigger) -> Decimal:
    """Return how far (percent) beyond its level a print may be that fires the trigger where its owner says nothing; 0: any distance."""
    return GAP_OF_A_BREAKOUT if isinstance(trigger, Above) else ZERO


def only_fires(sight: Sight) -> bool:
    """Tell whether a print can do nothing to an armed trigger but meet it: nothing is to be activated or moved by a step."""
    match sight.trigger:
        case Stop() | Target() | Above() | Below():
            return True
        case Trail(step=step) | Rebound(step=step):
            return step is None and sight.mark is not None
        case Preserve() | TimeExit() | At():
            return False
        case _:
            assert_never(sight.trigger)


def waiting_code(trigger: Trigger) -> str:
    """Return the word for an armed trigger that is not active yet."""
    return "waiting.profit" if isinstance(trigger, Preserve) else "waiting.activation"


LevelOf = Callable[[str, Level, bool], Level]
DistanceOf = Callable[[str, Distance], Distance]
NumberOf = Callable[[str, Decimal, bool], Decimal]


def rewritten(trigger: Trigger, level: LevelOf, distance: DistanceOf, price: NumberOf) -> Trigger:
    """Return a trigger with other numbers. Each is asked for by its key ('' is the trigger's own), and the careful side: whether
    a number that cannot be exact goes up. What sells on a fall goes up, what buys goes down; the lines of a kept profit apart."""
    match trigger:
        case Stop(at):
            return Stop(level("", at, True))
        case Target(at):
            return Target(level("", at, False))
        case Above(at):
            return Above(level("", at, True))
        case Below(at):
            return Below(level("", at, False))
        case Preserve(arm, floor):
            return Preserve(level("", arm, True), level("", floor, isinstance(floor, OffBase)))  # a base is that of both
        case Trail(trailed, activate, step, start) | Rebound(trailed, activate, step, start):
            return type(trigger)(
                distance("", trailed),
                None if activate is None else level("activate", activate, False),
                None if step is None else distance("step", step),
                None if start is None else price("start", start, True),
            )
        case TimeExit() | At():
            return trigger
        case _:
            assert_never(trigger)
