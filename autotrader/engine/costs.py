"""A leg whose level is a rate of profit, while the cost that it is measured from is lost, and once it is known again (semantics 2.8).

What rests on nothing guards nothing: it waits, and its owner is told once. Its mark and the price that armed it stay, so that it
goes on from there: it was armed before, and is not judged anew.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from autotrader.domain.money import text
from autotrader.domain.rule import OnPositionChange, RuleId, leg_named
from autotrader.engine.arming import cost_of, missing, sight_of, tell_of_cost, waits_on
from autotrader.engine.book import Turn
from autotrader.engine.events import leg_key
from autotrader.engine.lifecycle import LEG_SEES_PRICES, LegSignal
from autotrader.engine.records import LegRecord, LegStatus, Note, RuleRecord
from autotrader.engine.triggers import is_blind, keeps_mark, rests_on_cost
from autotrader.engine.world import World


def keep_to_cost(world: World, turn: Turn, rules: Iterable[RuleId]) -> None:
    """Let the armed legs of rules wait whose cost is not known any more, and those go on whose cost is known again."""
    for rule_id in rules:
        for leg in turn.book.legs_of(rule_id):
            rests = rests_on_cost(leg_named(turn.book.rules[rule_id].rule, leg.leg).trigger)
            if rests and leg.armed and leg.status in LEG_SEES_PRICES:
                _keep_leg(world, turn, turn.book.rules[rule_id], leg)


def _keep_leg(world: World, turn: Turn, record: RuleRecord, leg: LegRecord) -> None:
    sight = sight_of(world, turn.book, record, leg, leg.arm_price)
    wanting = missing(turn.book, record, leg, sight) if is_blind(sight) else None
    watches = LegStatus.WATCHING is (leg.before_pause if leg.status is LegStatus.PAUSED else leg.status)
    if wanting is not None:
        if watches or leg.reason != wanting:
            _wait(turn, leg, wanting)
            tell_of_cost(turn, leg, wanting)
        return
    if watches or is_blind(sight):
        return
    if leg.crossed and (sight.mark is not None or not keeps_mark(sight.trigger)):
        _go_on(turn, _frozen(turn, record, leg))
    elif leg.reason is not None and leg.reason.code in LOST and leg.arm_price is not None:
        turn.put(replace(leg, reason=waits_on(record, sight, leg.arm_price)))


def _frozen(turn: Turn, record: RuleRecord, leg: LegRecord) -> LegRecord:
    """Return a leg that goes on, with the cost that it freezes where its rule says so and none was known before."""
    if record.rule.on_position_change is not OnPositionChange.FREEZE or leg.basis is not None:
        return leg
    return replace(leg, basis=cost_of(turn.book, record.rule, leg))


LOST = frozenset({"waiting.cost", "waiting.position"})


def _wait(turn: Turn, leg: LegRecord, note: Note) -> None:
    """Let a leg wait; a paused one does so once it is resumed."""
    if leg.status is LegStatus.WATCHING:
        turn.move_leg(leg, LegSignal.WAIT, note)
        return
    before = LegStatus.WAITING if leg.status is LegStatus.PAUSED else leg.before_pause
    turn.put(replace(leg, reason=note, before_pause=before))
    turn.journal(leg_key(leg.rule, leg.leg), leg.status.value, leg.status.value, note)


def _go_on(turn: Turn, leg: LegRecord) -> None:
    """Let a leg watch again; a paused one does so once it is resumed."""
    note = Note("leg.cost_known", {"price": text(leg.arm_price) if leg.arm_price is not None else "none"})
    if leg.status is LegStatus.WAITING:
        turn.move_leg(leg, LegSignal.WATCH, note)
        return
    turn.put(replace(leg, reason=note, before_pause=LegStatus.WATCHING))
    turn.journal(leg_key(leg.rule, leg.leg), leg.status.value, leg.status.value, note)
