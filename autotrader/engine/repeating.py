"""A rule that begins again: after a fill when it says so, or with what the close left of its order (semantics 2.11, 2.12).

Beginning again is a new generation of the whole rule, so that every shot has a name of its own for ever (safety F1).
"""

from decimal import Decimal

from msgspec.structs import replace

from autotrader.domain.money import text
from autotrader.domain.rule import Below, Stop, Trigger, leg_named
from autotrader.engine.book import Turn
from autotrader.engine.events import leg_key
from autotrader.engine.levels import at_or_over, at_or_under, line_of_distance
from autotrader.engine.lifecycle import LEG_ENDS
from autotrader.engine.records import Forget, LegRecord, LegStatus, Note, RuleRecord
from autotrader.engine.triggers import Sight, keeps_mark, level_of


def repeat(turn: Turn, record: RuleRecord) -> bool:
    """Begin a rule again that has done what it should, as often as it says; tell whether it does."""
    rearm = record.rule.rearm
    legs = turn.book.legs_of(record.rule.id)
    if rearm is None or record.repeats >= rearm.most or any(leg.status not in LEG_ENDS for leg in legs):
        return False
    if not any(leg.status is LegStatus.DONE for leg in legs):
        return False
    note = Note("rearmed", {"number": str(record.repeats + 1), "most": str(rearm.most), "seconds": str(rearm.cooldown // 1_000_000_000)})
    begin_again(turn, replace(record, repeats=record.repeats + 1, lot=None, left=None), note, not_before=turn.now + rearm.cooldown)
    return True


def watch_the_rest(turn: Turn, record: RuleRecord, rest: Decimal) -> None:
    """Begin a rule again with what the close left of its order."""
    begin_again(turn, replace(record, lot=rest, left=rest), Note("rearmed.rest", {"rest": text(rest)}), not_before=0)


def begin_again(turn: Turn, record: RuleRecord, note: Note, *, not_before: int) -> None:
    """Put a rule's next generation: legs that wait, without marks. One that repeats must see the safe side first."""
    record = replace(record, generation=record.generation + 1)
    turn.put(record)
    waits = Note("waiting.price", {"instrument": record.rule.instrument})
    for text_of in record.rule.legs:
        key = (record.rule.id, text_of.name)
        if key in turn.book.marks:
            turn.put(Forget(*key))
        crossed = not (record.repeats and level_of(text_of.trigger) is not None and not keeps_mark(text_of.trigger))
        turn.put(LegRecord(*key, record.generation, LegStatus.WAITING, reason=waits, not_before=not_before, crossed=crossed))
        turn.journal(leg_key(*key), "", LegStatus.WAITING.value, note)


def is_on_the_safe_side(record: RuleRecord, leg: LegRecord, sight: Sight, price: Decimal) -> bool:
    """Tell whether a price is so far from the level of a rule that begins again that it may fire anew."""
    rearm = record.rule.rearm
    trigger = leg_named(record.rule, leg.leg).trigger
    if rearm is None or not record.repeats or sight.level is None:
        return True
    line = line_of_distance(sight.level, rearm.hysteresis, sight.ladder, over=_fires_under(trigger))
    return at_or_over(price, line) if _fires_under(trigger) else at_or_under(price, line)


def _fires_under(trigger: Trigger) -> bool:
    return isinstance(trigger, Stop | Below)
