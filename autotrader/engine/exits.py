"""An entry with exits: what it has bought gets a sell rule of its own, as large as what was filled (bracket, OTO).

The exits grow with every fill, in the transaction that tells it, and stay for what was bought when the rest of the entry is
cancelled. Exits that their owner has cancelled stay cancelled.
"""

from decimal import Decimal
from itertools import count, takewhile

from msgspec.structs import replace

from autotrader.domain.money import ZERO, exact, text
from autotrader.domain.rule import AlreadyMet, Origin, Rule, RuleId, Side, leg_named
from autotrader.engine.book import Book
from autotrader.engine.lifecycle import LEG_SEES_PRICES
from autotrader.engine.records import LegStatus, Note, RuleRecord
from autotrader.engine.rules import RuleDesk, check_rule, expiry, start_generation
from autotrader.engine.triggers import guards
from autotrader.errors import AutotraderError


def grow_exits(desk: RuleDesk) -> None:
    """Give what entries have bought in this turn to their exits."""
    turn = desk.turn
    for rule_id, quantity in list(turn.bought.items()):
        entry = turn.book.rules[rule_id].rule
        if entry.exits:
            _give(desk, entry, quantity)
    turn.bought.clear()


def _give(desk: RuleDesk, entry: Rule, quantity: Decimal) -> None:
    made = exits_made(desk.turn.book, entry.id)
    for record in made:
        if _still_protects(desk.turn.book, record):
            _grow(desk, record, quantity)
            return
    if made and _was_cancelled(desk.turn.book, made[-1]):
        note = Note("exits.cancelled", {"entry": entry.id, "bought": text(quantity), "exits": made[-1].rule.id})
        desk.turn.journal(entry.id, "", "", note)
        desk.turn.alert(entry.id, note)
        return
    _begin(desk, entry, quantity)


def _still_protects(book: Book, record: RuleRecord) -> bool:
    """Tell whether exits can take more: they see prices, and what was to limit the loss is still among them."""
    alive = [leg_named(record.rule, leg.leg) for leg in book.legs_of(record.rule.id) if leg.status in LEG_SEES_PRICES]
    return any(guards(leg.trigger) for leg in alive) or (bool(alive) and not any(guards(leg.trigger) for leg in record.rule.legs))


def exits_made(book: Book, entry: RuleId) -> list[RuleRecord]:
    """Return the exits that an entry has had, the oldest first. What has fired has its own quantity and takes no more, so what
    is bought later gets exits of its own."""
    names = (name_of_exits(entry, number) for number in count())
    records = takewhile(lambda record: record is not None, map(book.rules.get, names))
    return [record for record in records if record is not None and record.parent == entry]  # a rule of its owner's may have a name


def name_of_exits(entry: RuleId, number: int) -> RuleId:
    """Return the name of an entry's exits: `entry-exits`, then `entry-exits-2` …"""
    return RuleId(f"{entry}-exits" if not number else f"{entry}-exits-{number + 1}")


def _was_cancelled(book: Book, record: RuleRecord) -> bool:
    return all(leg.status is LegStatus.CANCELLED for leg in book.legs_of(record.rule.id))


def _grow(desk: RuleDesk, record: RuleRecord, bought: Decimal) -> None:
    """Add to the quantity of exits; levels and marks stay."""
    turn = desk.turn
    with exact():
        before = record.rule.quantity if isinstance(record.rule.quantity, Decimal) else ZERO
        rule = replace(record.rule, quantity=before + bought)
        shared = {name: None if old is None else old + bought for name, old in (("lot", record.lot), ("left", record.left))}
    turn.put(replace(record, rule=rule, version=record.version + 1, changed=turn.now, **shared))
    params = {"entry": record.parent, "bought": text(bought), "quantity": text(before + bought)}
    turn.journal(record.rule.id, "", "", Note("exits.grown", params))


def _begin(desk: RuleDesk, entry: Rule, bought: Decimal) -> None:
    turn = desk.turn
    name = next(name for number in count() if (name := name_of_exits(entry.id, number)) not in turn.book.rules)
    rule = exits_of(entry, name, bought)
    try:
        check_rule(desk, rule)
        expires = expiry(desk, rule, turn.now)
    except AutotraderError as error:
        note = Note("exits.refused", {"entry": entry.id, "why": error.code})
        turn.journal(entry.id, "", "", note)
        turn.alert(entry.id, note)
        return
    turn.journal(name, "", "", Note("exits.begun", {"entry": entry.id, "quantity": text(bought)}))
    start_generation(desk, rule, Origin.CLI, expires, parent=entry.id)


def exits_of(entry: Rule, name: RuleId, bought: Decimal) -> Rule:
    """Return the sell rule of what an entry has bought. It watches where the entry did, as long as its market lets it, and
    what is met already fires: the holding would be bare otherwise."""
    return Rule(
        id=name,
        account=entry.account,
        instrument=entry.instrument,
        side=Side.SELL,
        quantity=bought,
        legs=entry.exits,
        already_met=AlreadyMet.FIRE,
        feed=entry.feed,
        note=entry.note,
        sessions=entry.sessions,
        watch=entry.watch,
        venue=entry.venue,
        after_close=entry.after_close,
        basis=entry.basis,
        net=entry.net,
        on_position_change=entry.on_position_change,
        tags=entry.tags,
    )
