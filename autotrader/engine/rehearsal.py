"""What a file would change, in rules, levels and money: the plan is taken in memory, looked at, and taken back."""

from collections.abc import Callable
from decimal import Decimal

from msgspec import convert

from autotrader.domain.money import EXACT, parse, quotient, text
from autotrader.domain.rule import Part, Rule, Spend
from autotrader.engine.commitments import commitments
from autotrader.engine.editing import former_selves
from autotrader.engine.events import Plan
from autotrader.engine.lint import lint
from autotrader.engine.plan import EditNotes, applying, at_once, comparing, refuse_if_lost
from autotrader.engine.records import RuleRecord
from autotrader.engine.rules import RuleDesk
from autotrader.engine.views import View, note_view, template_view, text_view

Show = Callable[[RuleRecord], View]


def would_change(desk: RuleDesk, plan: Plan, show: Show) -> View:
    """Return what a plan would do to what is kept; raise what taking it would raise. The caller takes the turn back.

    Levels are exact text. `value` is the level times the quantity: of a part or of `all`, of what is held now.
    """
    book = desk.turn.book
    refuse_if_lost(desk, plan)
    difference = at_once(comparing(desk, plan.rules))
    before = {rule.id: show(book.rules[rule.id]) for rule in (*difference.changed, *difference.returning)}
    large = difference.is_large
    templates = template_changes(desk, plan)
    notes = at_once(applying(desk, difference))
    concerned = [rule.id for rule in (*difference.added, *difference.changed, *difference.returning)]
    odd = {name: lint(desk.world, book, book.rules[name], desk.turn.now) for name in concerned}
    return {
        "added": [_with_values(desk, rule, show(book.rules[rule.id])) for rule in difference.added],
        "changed": [_change(desk, before[rule.id], rule, show(book.rules[rule.id]), notes) for rule in difference.changed],
        "returning": [_change(desk, before[rule.id], rule, show(book.rules[rule.id]), notes) for rule in difference.returning],
        "removed": list(difference.removed),
        "in_flight": list(difference.in_flight),
        "unchanged": difference.unchanged,
        "large": large,
        "templates": templates,
        "commitments": commitments(desk.world, book),
        "lint": {name: [note_view(note) for note in notes] for name, notes in odd.items() if notes},
    }


def template_changes(desk: RuleDesk, plan: Plan) -> list[View]:
    """Return the two texts of each template that would come, change or go; None where there is none."""
    kept = {record.id: record.template for record in desk.turn.book.templates.values() if record.in_file}
    wanted = {template.rule.id: template for template in plan.templates}
    return [
        {"id": name, "text": [template_view(of[name]) if name in of else None for of in (kept, wanted)]}
        for name in {**wanted, **kept}
        if kept.get(name) != wanted.get(name)
    ]


def template_counts(changes: list[View]) -> dict[str, int]:
    """Count templates that come, change and go."""
    texts = [change["text"] for change in changes]
    return {
        "added": sum(old is None for old, _ in texts),
        "changed": sum(None not in both for both in texts),
        "removed": sum(new is None for _, new in texts),
    }


def _with_values(desk: RuleDesk, rule: Rule, view: View) -> View:
    """Return the view of a new rule, each leg with what it is worth at its level."""
    return {**view, "legs": [{**leg, "value": _value(desk, rule, leg["level"])} for leg in view["legs"]]}


def _change(desk: RuleDesk, before: View, rule: Rule, after: View, notes: EditNotes) -> View:
    """Return the two texts of a rule, the two levels of each leg that both of them have or one of them, and what its marks do."""
    old_rule, old_legs = before["text"], {leg["name"]: leg for leg in before["legs"]}
    was = convert(old_rule, Rule)
    selves = former_selves(was.legs, rule.legs)
    legs = []
    for leg in after["legs"]:
        old = old_legs[selves[leg["name"]].name] if leg["name"] in selves else {"level": None}
        values = [_value(desk, was, old["level"]), _value(desk, rule, leg["level"])]
        legs.append({"name": leg["name"], "level": [old["level"], leg["level"]], "value": values})
    staying = {old.name for old in selves.values()}
    gone = [leg for leg in was.legs if leg.name not in staying]
    for leg in gone:
        level = old_legs[leg.name]["level"]
        legs.append({"name": leg.name, "level": [level, None], "value": [_value(desk, was, level), None]})
    shown = {key: after[key] for key in ("id", "account", "instrument", "currency")}
    told = [note_view(note) for note in notes.get(rule.id, [])]
    return {**shown, "text": [old_rule, text_view(rule)], "legs": legs, "notes": told}


def _value(desk: RuleDesk, rule: Rule, level: str | None) -> str | None:
    """Return what the rule's quantity is worth at a level, None where one of them is not known."""
    price = parse(level) if level is not None else None
    quantity = _quantity(desk, rule)
    return None if price is None or quantity is None else text(EXACT.multiply(price, quantity))


def _quantity(desk: RuleDesk, rule: Rule) -> Decimal | None:
    """Return how many a rule would trade now, as far as that is known."""
    if isinstance(rule.quantity, Decimal):
        return rule.quantity
    held = desk.turn.book.positions.get((rule.account, rule.instrument))
    if held is None or isinstance(rule.quantity, Spend):
        return None
    if isinstance(rule.quantity, Part):
        return quotient(EXACT.multiply(held.quantity, rule.quantity.percent), Decimal(100), 8)
    return held.sellable
