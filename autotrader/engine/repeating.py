"""A rule that begins again: after a fill when it says so, or with what the close left of its order (semantics 2.11, 2.12).

Beginning again is a new generation of the whole rule, so that every shot has a name of its own for ever (safety F1).
"""

from decimal import Decimal

from msgspec.structs import replace

from autotrader.domain.money import ZERO, exact, text
from autotrader.domain.order import IntentId
from autotrader.domain.rule import Bind, Side, leg_named
from autotrader.engine.book import Turn
from autotrader.engine.events import leg_key
from autotrader.engine.hours import waits_for
from autotrader.engine.levels import at_or_over, at_or_under, line_of_distance
from autotrader.engine.lifecycle import LEG_ENDS
from autotrader.engine.oco import STILL_OPEN
from autotrader.engine.records import Forget, IntentRecord, LegRecord, LegStatus, Note, RuleRecord
from autotrader.engine.triggers import Sight, fire_level, fires_under, keeps_mark, level_of

MOST_KNOWN = 500
"""Orders of one shot that are looked for: as many as a start knows of those that have ended."""


def repeat(turn: Turn, record: RuleRecord) -> bool:
    """Begin a rule again that has done what it should, as often as it says; tell whether it does."""
    rearm = record.rule.rearm
    legs = turn.book.legs_of(record.rule.id)
    if rearm is None or record.repeats >= rearm.most or any(leg.status not in LEG_ENDS for leg in legs):
        return False
    if not any(leg.status is LegStatus.DONE for leg in legs) or any(_holding_is_gone(turn, record, leg) for leg in legs):
        return False
    note = Note("rearmed", {"number": str(record.repeats + 1), "most": str(rearm.most), "seconds": str(rearm.cooldown // 1_000_000_000)})
    begin_again(turn, replace(record, repeats=record.repeats + 1, lot=None, left=None), note, not_before=turn.now + rearm.cooldown)
    return True


def _holding_is_gone(turn: Turn, record: RuleRecord, leg: LegRecord) -> bool:
    """Tell whether the holding is over to which a sell is bound: it does not sell the next one (semantics 2.15)."""
    rule = record.rule
    if rule.side is not Side.SELL or rule.bind is not Bind.HOLDING or leg.epoch is None:
        return False
    position = turn.book.positions.get((rule.account, rule.instrument))
    return position is None or position.quantity <= 0 or position.epoch != leg.epoch


def watch_the_rest(turn: Turn, intent: IntentRecord) -> None:
    """Begin a rule again with what the close left of its orders, once none of them is open any more.

    What still watches goes on as it is, mark and all; what has sold its part, or was ended by a person, does not come back.
    """
    record = turn.book.rules[intent.rule]
    legs = turn.book.legs_of(intent.rule)
    if not record.rule.rearm_next_session or intent.withdrawn or record.generation != intent.generation:
        return
    if not any(_was_left(leg) for leg in legs) or any(_is_busy(turn, leg) or _holding_is_gone(turn, record, leg) for leg in legs):
        return
    with exact():
        rest = record.left if record.left is not None else intent.quantity - intent.filled
    if rest <= 0:
        return
    record = replace(record, generation=record.generation + 1, lot=record.lot or rest, left=rest)
    turn.put(record)
    note = Note("rearmed.rest", {"rest": text(rest)})
    for leg in legs:
        if leg.status in STILL_OPEN:
            _go_on(turn, leg, record.generation)
        elif _was_left(leg) or (leg.reason is not None and leg.reason.code == "superseded.sibling"):
            _watch_again(turn, record, leg, note)


def _watch_again(turn: Turn, record: RuleRecord, leg: LegRecord, note: Note) -> None:
    """Begin a leg again for what the close has left: its mark stands where it was, and so does a stop at the break-even; what
    it has sold of its share it does not sell again."""
    mark = turn.book.marks.get((leg.rule, leg.leg))
    _begin_leg(turn, record, leg, note, not_before=0, crossed=True)
    with exact():
        taken = leg.taken + _filled_in(turn, leg)
    turn.put(replace(turn.book.legs[leg.rule, leg.leg], breakeven=leg.breakeven, taken=taken))
    if mark is not None:
        turn.put(replace(mark, generation=record.generation, peak=""))


def _filled_in(turn: Turn, leg: LegRecord) -> Decimal:
    """Return what the orders of a leg's generation have filled."""
    filled = ZERO
    with exact():
        for number in range(1, MOST_KNOWN + 1):  # after a restart the oldest may not be known any more
            intent = turn.book.intents.get(IntentId(f"{leg.rule}/{leg.leg}/{leg.generation}/{number}"))
            filled += intent.filled if intent is not None else ZERO
    return filled


def _was_left(leg: LegRecord) -> bool:
    """Tell whether the close left something of a leg's order."""
    return leg.status is LegStatus.FAILED and leg.reason is not None and leg.reason.code == "failed.unfilled_at_close"


def _is_busy(turn: Turn, leg: LegRecord) -> bool:
    """Tell whether an order of a leg is open, or one is to follow."""
    return leg.status is LegStatus.FIRED or bool(turn.book.intents_of(leg.rule, leg.leg))


def _go_on(turn: Turn, leg: LegRecord, generation: int) -> None:
    """Take a leg that still watches into the next generation."""
    mark = turn.book.marks.get((leg.rule, leg.leg))
    if mark is not None:
        turn.put(replace(mark, generation=generation, peak=""))
    turn.put(replace(leg, generation=generation))


def begin_again(turn: Turn, record: RuleRecord, note: Note, *, not_before: int) -> None:
    """Put a rule's next generation: legs that wait, without marks. One that repeats must see the safe side first."""
    record = replace(record, generation=record.generation + 1)
    turn.put(record)
    for leg in turn.book.legs_of(record.rule.id):
        trigger = leg_named(record.rule, leg.leg).trigger
        _begin_leg(turn, record, leg, note, not_before=not_before, crossed=level_of(trigger) is None or keeps_mark(trigger))


def _begin_leg(turn: Turn, record: RuleRecord, before: LegRecord, note: Note, *, not_before: int, crossed: bool) -> None:
    """Put a leg of a new generation. It stays bound to its holding."""
    key = (before.rule, before.leg)
    if key in turn.book.marks:
        turn.put(Forget(*key))
    waits = waits_for(record.rule, before.leg)
    fresh = LegRecord(*key, record.generation, LegStatus.WAITING, reason=waits, not_before=not_before, crossed=crossed, epoch=before.epoch)
    turn.put(fresh)
    turn.journal(leg_key(*key), "", LegStatus.WAITING.value, note)


def is_on_the_safe_side(record: RuleRecord, sight: Sight, price: Decimal) -> bool:
    """Tell whether a price is so far from the level of a rule that begins again that it may fire anew."""
    rearm = record.rule.rearm
    level = fire_level(sight)
    if rearm is None or not record.repeats or level is None:
        return True
    under = fires_under(sight.trigger)
    line = line_of_distance(level, rearm.hysteresis, sight.ladder, over=under)
    return at_or_over(price, line) if under else at_or_under(price, line)
