"""The YAML file against what is kept: the rules of the file are declarative, and a change is taken whole or not at all
(DESIGN 8, semantics 2.15, safety Y6)."""

from collections.abc import Generator, Iterator
from enum import Enum
from itertools import chain
from typing import NamedTuple, TypeVar

from msgspec.structs import replace

from autotrader.domain.rule import Origin, Rule, RuleId
from autotrader.engine.editing import EDITABLE, edit_rule
from autotrader.engine.events import Plan, leg_key
from autotrader.engine.lifecycle import LEG_ENDS, LegSignal
from autotrader.engine.records import LegStatus, Note, RuleRecord
from autotrader.engine.rules import RuleDesk, add_rule, alive_of, check_rule, expiry, may_return, start_generation
from autotrader.errors import UserMistake

FEW = 4
"""Up to three rules a file may change wholly without being asked; from four on, more than half is asked about."""


STEP = 64
"""So many rules are compared, taken or shown to the index before a caller who cannot wait for all of them gets a turn."""
Taken = TypeVar("Taken")
Steps = Generator[None, None, Taken]
EditNotes = dict[RuleId, list[Note]]
"""What the edits of a file did to marks, of the rules in which they did something."""


def at_once(steps: Steps[Taken]) -> Taken:
    """Do all steps of a work and return what comes of it."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: Taken = end.value
            return found


class Fate(Enum):
    """What a file does with one of its rules."""

    ADDED = "added"
    CHANGED = "changed"
    RETURNING = "returning"
    IN_FLIGHT = "in_flight"
    UNCHANGED = "unchanged"


class Difference(NamedTuple):
    """What a file would do to what is kept. `returning`: ended rules whose text changed; `in_flight`: fired or held, left alone."""

    added: tuple[Rule, ...]
    changed: tuple[Rule, ...]
    returning: tuple[Rule, ...]
    removed: tuple[RuleId, ...]
    in_flight: tuple[RuleId, ...]
    unchanged: int
    alive: int

    @property
    def is_large(self) -> bool:
        """Tell whether a person should confirm: more than half of four or more live rules, or any rule in flight."""
        touched = len(self.changed) + len(self.removed)
        return bool(self.in_flight) or (self.alive >= FEW and touched * 2 > self.alive)


def refuse_if_lost(desk: RuleDesk, plan: Plan) -> None:
    """Raise UserMistake for a file without `rules:` while rules of it are kept: cut off, it must not mean "cancel all" (safety Y1)."""
    kept = sum(record.in_file for record in desk.turn.book.rules.values()) if plan.rules_missing else 0
    if kept:
        raise UserMistake("plan.rules_lost", count=str(kept))


def comparing(desk: RuleDesk, rules: tuple[Rule, ...]) -> Steps[Difference]:
    """Compare a file's rules with the kept ones of the file, in steps; raise UserMistake when an id belongs to the CLI."""
    book = desk.turn.book
    kept = {i: r for i, r in book.rules.items() if r.origin is Origin.YAML and r.in_file}
    found: dict[Fate, list[Rule]] = {fate: [] for fate in Fate}
    for number, rule in enumerate(rules):
        if number % STEP == 0:
            yield
        found[_fate(desk, rule)].append(rule)
    wanted = {rule.id for rule in rules}
    gone = [i for i in kept if i not in wanted]
    flying = [i for i in gone if _in_flight(desk, kept[i])]
    alive = 0
    for number, rule_id in enumerate(kept):
        if number % STEP == 0:
            yield
        alive += not book.has_ended(rule_id)
    return Difference(
        tuple(found[Fate.ADDED]),
        tuple(found[Fate.CHANGED]),
        tuple(found[Fate.RETURNING]),
        tuple(i for i in gone if i not in flying),
        (*(rule.id for rule in found[Fate.IN_FLIGHT]), *flying),
        len(found[Fate.UNCHANGED]),
        alive,
    )


def _fate(desk: RuleDesk, rule: Rule) -> Fate:
    """Return what becomes of a rule of the file."""
    known = desk.turn.book.rules.get(rule.id)
    if known is not None and known.origin is Origin.CLI and not may_return(desk, rule.id):
        raise UserMistake("plan.id_taken", rule=rule.id)
    if known is None or not known.in_file:
        return Fate.ADDED
    if known.rule == rule:
        return Fate.UNCHANGED
    if desk.turn.book.has_ended(rule.id):
        return Fate.RETURNING
    return Fate.CHANGED if _may_be_edited(desk, known) else Fate.IN_FLIGHT


def _may_be_edited(desk: RuleDesk, record: RuleRecord) -> bool:
    """Tell whether a new text can be taken: of a rule that has fired, or sold a part, the rest goes on as it was written."""
    return all(leg.status in EDITABLE for leg in desk.turn.book.legs_of(record.rule.id))


def _in_flight(desk: RuleDesk, record: RuleRecord) -> bool:
    return any(leg.status in (LegStatus.FIRED, LegStatus.HELD) for leg in desk.turn.book.legs_of(record.rule.id))


def applying(desk: RuleDesk, difference: Difference) -> Steps[EditNotes]:
    """Take the file, in steps: cancel what it no longer has, edit what it changed, add what is new. Rules in flight are left alone.

    Return what the edits did to marks.
    """
    notes: EditNotes = {}
    works: Iterator[object] = chain(
        (_remove(desk, rule_id) for rule_id in difference.removed),
        (_edit(desk, rule, notes) for rule in difference.changed),
        (_bring_back(desk, rule) for rule in difference.returning),
        (add_rule(desk, rule, Origin.YAML) for rule in difference.added),
    )
    for number, _ in enumerate(works):
        if number % STEP == 0:
            yield
    _refuse_if_too_many(desk, difference)
    count = {name: str(len(getattr(difference, name))) for name in ("added", "changed", "returning", "removed", "in_flight")}
    if any(value != "0" for value in count.values()):
        desk.turn.journal("file", "", "taken", Note("plan.taken", {**count, "unchanged": str(difference.unchanged)}))
    if difference.in_flight:
        desk.turn.alert("file", Note("plan.left_alone", {"rules": ", ".join(difference.in_flight)}))
    return notes


def _edit(desk: RuleDesk, rule: Rule, notes: EditNotes) -> RuleRecord:
    """Give a rule its new text, and note what that did to its marks."""
    record, said = edit_rule(desk, rule)
    if said:
        notes[rule.id] = said
    return record


def _refuse_if_too_many(desk: RuleDesk, difference: Difference) -> None:
    """Raise UserMistake when the file brings an account more rules than `max_rules`. What is there already stays, also under a limit
    that was lowered since."""
    most = desk.world.guards.max_rules
    if most is None:
        return
    for account in dict.fromkeys(rule.account for rule in (*difference.added, *difference.returning)):
        alive = alive_of(desk, account)
        if alive > most:
            raise UserMistake("plan.too_many", account=account, alive=str(alive), most=str(most))


def _bring_back(desk: RuleDesk, rule: Rule) -> RuleRecord:
    """Start an ended rule afresh, whose text has changed."""
    check_rule(desk, rule)
    return start_generation(desk, rule, Origin.YAML, expiry(desk, rule, desk.turn.now))


def _remove(desk: RuleDesk, rule_id: RuleId) -> RuleRecord:
    """Cancel a rule whose text is gone; an ended one only stops belonging to the file. Return what is left of it."""
    turn = desk.turn
    for leg in turn.book.legs_of(rule_id):
        if leg.status not in LEG_ENDS:
            turn.move_leg(leg, LegSignal.CANCEL, Note("plan.removed", {"leg": leg_key(rule_id, leg.leg)}))
    left = replace(turn.book.rules[rule_id], in_file=False, changed=turn.now)
    turn.put(left)
    return left
