"""Rules that attach to newly bought holdings (semantics 2.13): once per template, holding and holding period.

A holding period is the epoch of a position, which grows each time it returns to zero; the rule's name carries it. So the same
template attaches once, also after a crash, and what its owner has cancelled stays cancelled until he buys anew.
"""

import hashlib
import re
from collections.abc import Iterator
from itertools import count

from msgspec.structs import replace

from autotrader.domain.rule import AlreadyMet, Origin, Rule, RuleId, Side, Template
from autotrader.domain.tick import InstrumentId
from autotrader.engine.book import Book
from autotrader.engine.records import Note, PositionRecord, RuleRecord, TemplateRecord
from autotrader.engine.rules import RuleDesk, check_rule, expiry, refuse_if_full, start_generation
from autotrader.errors import AutotraderError

ATTACHED = {"fill": "attached.fill", "grown": "attached.fill", "balance": "attached.balance", "existing": "attached.existing"}
LONGEST = 64
"""Letters of a rule's name."""


def keep_templates(desk: RuleDesk, templates: tuple[Template, ...]) -> None:
    """Take the templates of the file. One that says so attaches to what is held already, when it is new or says so newly."""
    turn = desk.turn
    wanted = {template.rule.id: template for template in templates}
    for kept in list(turn.book.templates.values()):
        if kept.in_file and kept.id not in wanted:
            turn.put(replace(kept, in_file=False))
    for template_id, template in wanted.items():
        before = turn.book.templates.get(template_id)
        if before is not None and before.in_file and before.template == template:
            continue
        turn.put(TemplateRecord(template_id, template, before.version + 1 if before is not None else 1, in_file=True))
        turn.journal(template_id, "", "", Note("template.taken", {"template": template_id}))
        if template.include_existing:
            for account, instrument in [key for key, position in turn.book.positions.items() if position.quantity > 0]:
                _attach(desk, template, turn.book.positions[account, instrument], "existing")


def attach(desk: RuleDesk) -> None:
    """Give every holding that this turn has opened the rules of the templates that fit it."""
    turn = desk.turn
    for key, how in list(turn.opened.items()):
        position = turn.book.positions.get(key)
        if position is not None and position.quantity > 0:
            for record in list(turn.book.templates.values()):
                if record.in_file and _means(record.template, how):
                    _attach(desk, record.template, position, how)
    turn.opened.clear()


def _means(template: Template, how: str) -> bool:
    """Tell whether a template is for holdings that came about in this way."""
    match how:
        case "grown":
            return _asks_how_bought(template)
        case "existing":  # it was there when the account was told of for the first time
            return template.include_existing
        case _:
            return True


def _asks_how_bought(template: Template) -> bool:
    """Tell whether a template may fit a holding that has grown though it did not fit its first part."""
    return template.least_value is not None or bool(template.bought_by)


def _attach(desk: RuleDesk, template: Template, position: PositionRecord, how: str) -> None:
    turn = desk.turn
    if position.account not in desk.world.accounts or not fits(turn.book, template, position):
        return
    if _is_attached(turn.book, template, position):
        return
    name = _free_name(turn.book, name_of(template, position, several=len(desk.world.accounts) > 1))
    rule = rule_for(template, position, name)
    params = {"template": template.rule.id, "instrument": position.instrument, "account": position.account}
    try:
        check_rule(desk, rule)
        refuse_if_full(desk, rule)
        expires = expiry(desk, rule, turn.now)
    except AutotraderError as error:
        note = Note("attach.refused", {**params, "why": error.code})
        turn.journal(template.rule.id, "", "", note)
        turn.alert(template.rule.id, note)
        return
    turn.journal(name, "", "", Note(ATTACHED[how], params))
    start_generation(desk, rule, Origin.CLI, expires, parent=template.rule.id)


def _is_attached(book: Book, template: Template, position: PositionRecord) -> bool:
    """Tell whether a holding has had the rule of a template in this holding period, also when its name was made while there
    were more accounts, or fewer."""
    stems = [name_of(template, position, several=several) for several in (False, True)]
    named = [record for stem in stems for record in _named(book, stem)]
    return any(record.parent == template.rule.id and record.rule.account == position.account for record in named)


def _named(book: Book, stem: RuleId) -> Iterator[RuleRecord]:
    """Yield the rules of a name and of those that follow it where it was taken."""
    for number in count(1):
        record = book.rules.get(_numbered(stem, number))
        if record is None:
            return
        yield record


def _free_name(book: Book, stem: RuleId) -> RuleId:
    """Return a name, with a number behind it where a rule of its owner's has it: a holding is not left bare for a name."""
    return next(name for number in count(1) if (name := _numbered(stem, number)) not in book.rules)


def _numbered(stem: RuleId, number: int) -> RuleId:
    return stem if number == 1 else RuleId(f"{stem}-{number}")


def fits(book: Book, template: Template, position: PositionRecord) -> bool:
    """Tell whether a template is meant for a holding."""
    instrument = position.instrument
    if template.rule.account and template.rule.account != position.account:
        return False
    if template.markets and instrument.partition(":")[0] not in template.markets:
        return False
    if (template.instruments and instrument not in template.instruments) or instrument in template.excluded:
        return False
    if template.least_value is not None and (position.cost is None or position.cost < template.least_value):
        return False
    return not template.bought_by or _bought_by(book, template.bought_by, position)


def _bought_by(book: Book, tag: str, position: PositionRecord) -> bool:
    """Tell whether the newest purchase of a holding was an order of a rule with a tag."""
    mine = (position.account, position.instrument, Side.BUY)
    fills = [fill for fill in book.fills.values() if (fill.account, fill.instrument, fill.side) == mine and fill.intent is not None]
    newest = max(fills, key=lambda fill: fill.time, default=None)
    intent = book.intents.get(newest.intent) if newest is not None and newest.intent is not None else None
    return intent is not None and tag in book.rules[intent.rule].rule.tags


def name_of(template: Template, position: PositionRecord, *, several: bool) -> RuleId:
    """Return the name of the rule that a template attaches: the template, the code and the holding period."""
    code = re.sub(r"[^A-Za-z0-9_.-]", "-", position.instrument.partition(":")[2])
    parts = (template.rule.id, *((position.account,) if several else ()), code, str(position.epoch + 1))
    plain = "-".join(parts)
    if len(plain) <= LONGEST:
        return RuleId(plain)
    return RuleId(f"{plain[: LONGEST - 13]}-{hashlib.sha256(plain.encode()).hexdigest()[:12]}")


def rule_for(template: Template, position: PositionRecord, name: RuleId) -> Rule:
    """Return the rule of a template for a holding. What is met already fires: the holding would be bare otherwise."""
    policy = template.rule.already_met or AlreadyMet.FIRE
    instrument: InstrumentId = position.instrument
    return replace(template.rule, id=name, account=position.account, instrument=instrument, already_met=policy)
