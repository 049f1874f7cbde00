"""What a new text does to a rule that watches: which leg is which, what goes on, what begins anew (semantics 2.1, 2.15).

Marks that go on are the point: a stop that has trailed a price up must not come down because something else was written.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from autotrader.domain.money import ZERO
from autotrader.domain.order import Cost
from autotrader.domain.rule import Leg, LegName, OnPositionChange, Rule, has_usual_name, trigger_kind
from autotrader.engine.arming import ArmVerdict, arm, cost_of, judge, refuse_if_met, sight_of, wait_to_cross
from autotrader.engine.book import Turn
from autotrader.engine.costs import keep_to_cost
from autotrader.engine.events import leg_key
from autotrader.engine.hours import waits_for
from autotrader.engine.levels import Line
from autotrader.engine.lifecycle import LEG_ENDS, LEG_SEES_PRICES, LegSignal
from autotrader.engine.records import Forget, LegRecord, LegStatus, Note, RuleRecord
from autotrader.engine.rules import RuleDesk, check_rule, expiry, refuse_if_full, refuse_unsound, start_leg
from autotrader.engine.soundness import misprints
from autotrader.engine.triggers import activation_of, fire_level, keeps_mark
from autotrader.errors import IllegalTransition

EDITABLE = LEG_SEES_PRICES | {LegStatus.REJECTED}
"""Of a rule that goes on: a leg that was met as it was armed may be written anew beside one that watches."""


def former_selves(before: Iterable[Leg], after: Iterable[Leg]) -> dict[LegName, Leg]:
    """Return which leg of the old text each leg of the new one is, by its new name; those that are new are not in it.

    A leg is known by its own name, or else by its kind and ordinal (semantics 2.15). An ordinal changes as legs of the kind come,
    go and change places, so without a name of its own the same trigger is the same leg; what is left is told by the ordinal.
    """
    left = {leg.name: leg for leg in before}
    selves: dict[LegName, Leg] = {}
    for is_same in (_has_the_name, _has_the_trigger, _is_of_the_kind):
        for leg in after:
            old = next((old for old in left.values() if leg.name not in selves and is_same(old, leg)), None)
            if old is not None:
                selves[leg.name] = left.pop(old.name)
    return selves


def _has_the_name(old: Leg, new: Leg) -> bool:
    return old.name == new.name and (not has_usual_name(new) or old.trigger == new.trigger)


def _has_the_trigger(old: Leg, new: Leg) -> bool:
    """Also of a leg that is given a name, or loses it; one of another name is another leg."""
    return old.trigger == new.trigger and (has_usual_name(old) or has_usual_name(new))


def _is_of_the_kind(old: Leg, new: Leg) -> bool:
    return has_usual_name(old) and has_usual_name(new) and trigger_kind(old.trigger) == trigger_kind(new.trigger)


def begins_anew(before: Rule, after: Rule, old: Leg, leg: Leg) -> bool:
    """Tell whether an edit starts a leg anew, and with it the mark that it keeps (semantics 2.1).

    A mark outlives another distance, step or floor; a level that has none is judged as a new rule's is.
    """
    return (
        (before.side, before.instrument, before.account, before.feed) != (after.side, after.instrument, after.account, after.feed)
        or (before.watch, before.venue, before.basis) != (after.watch, after.venue, after.basis)
        or type(leg.trigger) is not type(old.trigger)
        or activation_of(leg.trigger) != activation_of(old.trigger)
        or (leg.trigger != old.trigger and not keeps_mark(leg.trigger))
    )


def edit_rule(desk: RuleDesk, rule: Rule) -> tuple[RuleRecord, list[Note]]:
    """Replace a watching rule's text by a new version under the same id; say what the marks did."""
    turn = desk.turn
    known = turn.book.rule(rule.id)
    kept = turn.book.legs_of(rule.id)
    _refuse_unless(kept, LEG_SEES_PRICES if turn.book.has_ended(rule.id) else EDITABLE, "edit")
    check_rule(desk, rule)
    if rule.quantity != known.rule.quantity:
        refuse_unsound(rule, (part for part in misprints(rule, desk.world.markets) if part == "quantity"))
    if rule.account != known.rule.account:
        refuse_if_full(desk, rule)
    expires = known.expires if rule.until == known.rule.until else expiry(desk, rule, turn.now)
    record = replace(known, rule=rule, version=known.version + 1, changed=turn.now, expires=expires)
    if rule.quantity != known.rule.quantity:  # what the close left of the old quantity is not what the new one says
        record = replace(record, lot=None, left=None)
        for sold in [leg for leg in kept if leg.taken]:
            turn.put(replace(sold, taken=ZERO))
        kept = turn.book.legs_of(rule.id)
    levels = {leg.leg: _level(desk, known, leg) for leg in kept}
    turn.put(record)
    selves = former_selves(known.rule.legs, rule.legs)
    notes = _end_others(turn, record, kept, {old.name for old in selves.values()})
    notes += _rename(turn, record, {name: old.name for name, old in selves.items() if old.name != name})
    editing = _Editing(desk, known.rule, record, paused=any(leg.status is LegStatus.PAUSED for leg in kept))
    for leg in rule.legs:
        old = selves.get(leg.name)
        notes += editing.begin(leg) if old is None else editing.edit(leg, old, levels[old.name])
    keep_to_cost(desk.world, turn, [rule.id])
    return record, notes


def _refuse_unless(legs: list[LegRecord], allowed: frozenset[LegStatus], verb: str) -> None:
    for leg in legs:
        if leg.status not in allowed:
            raise IllegalTransition("leg.illegal", subject=leg_key(leg.rule, leg.leg), signal=verb, status=leg.status.value)


def _level(desk: RuleDesk, record: RuleRecord, leg: LegRecord) -> Line | None:
    """Return where a leg fires now."""
    return fire_level(sight_of(desk.world, desk.turn.book, record, leg, leg.arm_price))


def _end_others(turn: Turn, record: RuleRecord, legs: list[LegRecord], staying: set[LegName]) -> list[Note]:
    """End the legs that the new text does not have, and say which."""
    gone = []
    for leg in legs:
        if leg.leg in staying:
            continue
        if (leg.rule, leg.leg) in turn.book.marks:
            turn.put(Forget(leg.rule, leg.leg))
        if leg.status not in LEG_ENDS:
            turn.move_leg(leg, LegSignal.SUPERSEDE, Note("superseded.edited", {"version": str(record.version)}))
            gone.append(Note("edit.leg_gone", {"leg": leg.leg}))
    return gone


def _rename(turn: Turn, record: RuleRecord, names: dict[LegName, LegName]) -> list[Note]:
    """Let legs go on under new names (by the old ones), each with its state and its mark: two may have changed places."""
    rule_id, book = record.rule.id, turn.book
    moves = [(new, book.legs[rule_id, old], book.marks.get((rule_id, old))) for new, old in names.items()]
    for _, leg, mark in moves:
        if mark is not None:
            turn.put(Forget(rule_id, leg.leg))
        if all(leg.leg != text.name for text in record.rule.legs) and leg.status not in LEG_ENDS:
            turn.move_leg(leg, LegSignal.SUPERSEDE, Note("superseded.edited", {"version": str(record.version)}))
    notes = []
    for new, leg, mark in moves:
        turn.put(replace(leg, leg=new))
        if mark is not None:
            turn.put(replace(mark, leg=new, peak=""))
        note = Note("leg.renamed", {"leg": new, "was": leg.leg})
        turn.journal(leg_key(rule_id, new), leg.status.value, leg.status.value, note)
        notes.append(note)
    return notes


class _Editing:
    """One edit of a rule: the text before and the record after it."""

    def __init__(self, desk: RuleDesk, before: Rule, record: RuleRecord, *, paused: bool) -> None:
        self.desk = desk
        self.turn = desk.turn
        self.before = before
        self.record = record
        self.paused = paused

    def begin(self, leg: Leg) -> list[Note]:
        """Start a leg that the text did not have, paused where the rule is: resuming is for all of it."""
        start_leg(self.desk, self.record, leg)
        fresh = self._kept(leg)
        if self.paused and fresh.status in LEG_SEES_PRICES:
            self.turn.move_leg(fresh, LegSignal.PAUSE, Note("leg.paused"), before_pause=fresh.status)
        return []

    def edit(self, leg: Leg, old: Leg, level: Line | None) -> list[Note]:
        """Take the new text of a leg that fired at this level; say what its mark did."""
        kept, rule = self._kept(leg), self.record.rule
        anew = begins_anew(self.before, rule, old, leg)
        if kept.status is LegStatus.REJECTED:
            # It never fired, so its new text may begin in the same generation.
            changed = anew or replace(old, name=leg.name) != leg or _level(self.desk, self.record, kept) != level
            return self.begin(leg) if changed else []
        self._journal(kept, Note("leg.edited", {"version": str(self.record.version)}))
        had_mark = (rule.id, leg.name) in self.turn.book.marks
        if anew:
            self._rearm(kept)
        else:
            self._go_on(kept, level)
        if not had_mark:
            return []
        note = Note("edit.mark_reset" if anew else "edit.mark_kept", {"leg": leg.name})
        self._journal(self._kept(leg), note)
        return [note]

    def _kept(self, leg: Leg) -> LegRecord:
        return self.turn.book.legs[self.record.rule.id, leg.name]

    def _journal(self, leg: LegRecord, note: Note) -> None:
        self.turn.journal(leg_key(leg.rule, leg.leg), leg.status.value, leg.status.value, note)

    def _go_on(self, leg: LegRecord, level: Line | None) -> None:
        """Let a leg go on; where the edit has moved its level, it is judged by the price of now (semantics 2.9)."""
        world, book, at = self.desk.world, self.turn.book, self.desk.price(self.record.rule)
        basis = self._frozen_cost(leg)
        if basis != leg.basis:
            leg = replace(leg, basis=basis)
            self.turn.put(leg)
        if at is None or leg.status is not LegStatus.WATCHING or _level(self.desk, self.record, leg) == level:
            return
        refuse_if_met(world, book, self.record, leg, at.price)
        if leg.gap_ok:  # that was said of another level
            leg = replace(leg, gap_ok=False)
            self.turn.put(leg)
        verdict, sight = judge(world, book, self.record, leg, at.price)
        if verdict is ArmVerdict.WAIT_CROSS:
            wait_to_cross(self.turn, self.record, leg, sight, at.price)

    def _frozen_cost(self, leg: LegRecord) -> Cost | None:
        """Return the cost that an armed leg keeps: none where it follows; else the one it has, or that of now where another is meant."""
        rule, before = self.record.rule, self.before
        if rule.on_position_change is not OnPositionChange.FREEZE or not leg.armed:
            return None
        if (rule.on_position_change, rule.cost_basis) == (before.on_position_change, before.cost_basis):
            return leg.basis
        cost = cost_of(self.turn.book, rule, replace(leg, basis=None))
        return cost if cost is not None and cost.total > 0 else None  # what is not known yet is frozen as it becomes known

    def _rearm(self, leg: LegRecord) -> None:
        """Judge a leg again as if it were new, keeping it paused when it was."""
        desk, turn, record = self.desk, self.turn, self.record
        if (leg.rule, leg.leg) in turn.book.marks:
            turn.put(Forget(leg.rule, leg.leg))
        note = waits_for(record.rule, leg.leg)
        if leg.status is LegStatus.WATCHING:
            leg = turn.move_leg(leg, LegSignal.WAIT, note)
        before_pause = LegStatus.WAITING if leg.status is LegStatus.PAUSED else None
        # A cooldown goes on; the moment of a leg that went by the clock was that of its old text.
        not_before = leg.not_before if record.repeats and not leg.armed else 0
        fresh = replace(leg, armed=0, arm_price=None, crossed=True, basis=None, gap_ok=False)
        leg = replace(fresh, before_pause=before_pause, reason=note, not_before=not_before)
        turn.put(leg)
        at = desk.price(record.rule)
        if at is not None:
            refuse_if_met(desk.world, turn.book, record, leg, at.price)
            arm(desk.world, turn, record, leg, at)
