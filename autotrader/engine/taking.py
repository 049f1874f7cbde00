"""A file's plan taken in steps: compared, kept pending or applied, answered. All of it is one unit, or nothing has happened."""

from autotrader.engine.attach import keep_templates
from autotrader.engine.commands import refusal
from autotrader.engine.effects import Reply
from autotrader.engine.events import Plan
from autotrader.engine.plan import Difference, Steps, applying, comparing, refuse_if_lost
from autotrader.engine.records import Note
from autotrader.engine.rehearsal import Show, template_changes, template_counts, would_change
from autotrader.engine.rules import RuleDesk
from autotrader.engine.views import View, note_view
from autotrader.errors import AutotraderError

COUNTED = ("added", "changed", "returning", "removed", "in_flight")


def taking(desk: RuleDesk, plan: Plan, pending: Plan | None) -> Steps[Plan | None]:
    """Take a plan and answer who asked; return the plan that waits for a person afterwards, None where none does (safety Y6)."""
    turn = desk.turn
    body: View
    try:
        refuse_if_lost(desk, plan)
        difference = yield from comparing(desk, plan.rules)
        if difference.is_large and not plan.confirmed:
            body, pending = _keep_pending(desk, plan, pending, difference), plan
        else:
            notes = yield from applying(desk, difference)
            templates = template_counts(template_changes(desk, plan))
            keep_templates(desk, plan.templates)
            sizes = {name: len(getattr(difference, name)) for name in COUNTED}
            told = {rule: [note_view(note) for note in said] for rule, said in notes.items()}
            result = {**sizes, "unchanged": difference.unchanged, "templates": templates, "edit_notes": told}
            body, pending = {"ok": True, "result": result}, None
    except AutotraderError as error:
        turn.take_back()
        body = refusal(error)
        turn.alert("file", Note(error.code, {k: str(v) for k, v in error.params.items()}))
    if plan.request is not None:
        turn.act(Reply(plan.request, body))
    return pending


def _keep_pending(desk: RuleDesk, plan: Plan, pending: Plan | None, difference: Difference) -> dict[str, object]:
    """Say that a person should look, once for each plan."""
    changed, removed = str(len(difference.changed)), str(len(difference.removed))
    params = {"changed": changed, "removed": removed, "in_flight": ", ".join(difference.in_flight) or "none"}
    if pending is None or (pending.rules, pending.templates) != (plan.rules, plan.templates):
        desk.turn.alert("file", Note("plan.pending", params))
    return {"ok": False, "code": "plan.pending", "params": params, "exit": 5}


def rehearse(desk: RuleDesk, plan: Plan, show: Show) -> None:
    """Answer what a plan would change, and change nothing."""
    try:
        body: View = {"ok": True, "result": would_change(desk, plan, show)}
    except AutotraderError as error:
        body = refusal(error)
    desk.turn.take_back()
    if plan.request is not None:
        desk.turn.act(Reply(plan.request, body))
