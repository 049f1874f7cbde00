"""What the file would change, told: rules by what happens to them, with the keys, the levels and the money that change."""

import hashlib
from collections.abc import Mapping
from typing import Any

from autotrader.cli.call import Call
from autotrader.cli.commitments import commitment_lines
from autotrader.cli.doors import View
from autotrader.cli.preview import what
from autotrader.cli.words import because, level_words
from autotrader.cli.yaml_words import value_text
from autotrader.control.protocol import PlanFile
from autotrader.engine.events import ListRules

HEADS = {"changed": "cli.plan_changed", "returning": "cli.plan_returning"}
TEMPLATE_HEADS = {
    "added": "cli.plan_template_added",
    "changed": "cli.plan_template_changed",
    "removed": "cli.plan_template_removed",
}
PARTS = ("added", "changed", "returning", "removed", "in_flight")


def asked(call: Call) -> View:
    """Return what the file would change: as the daemon says, else worked out from the store and the configuration file."""
    call.refuse_another_file()
    plan = call.ask(PlanFile())
    for item in (*plan["changed"], *plan["returning"]):
        item["fields"] = changes(*item["text"])
    if "digest" not in plan:
        plan |= {"file": str(call.config), "digest": hashlib.sha256(call.config.read_bytes()).hexdigest()}
    return plan


def changes(before: View, after: View) -> dict[str, list[Any]]:
    """Return the keys of the file that differ between two texts of a rule, old and new; None where one has none."""
    import msgspec

    from autotrader.config.fields import rule_to_fields
    from autotrader.domain.rule import Rule

    old, new = (rule_to_fields(msgspec.convert(text, Rule)) for text in (before, after))
    return {key: [old.get(key), new.get(key)] for key in {**old, **new} if old.get(key) != new.get(key)}


def told(call: Call, plan: View) -> list[str]:
    """Return the lines of a plan."""
    counts = {part: len(plan[part]) for part in PARTS}
    templates = plan.get("templates", [])
    if not any(counts.values()) and not templates:
        return [call.tell("cli.plan_nothing")]
    kept = {view["id"]: view for view in call.ask(ListRules())["rules"]} if plan["removed"] else {}
    lines = [call.tell("cli.plan_of", file=plan["file"], unchanged=plan["unchanged"], **counts)]
    for view in plan["added"]:
        lines.append(call.tell("cli.plan_added", rule=view["id"], what=what(view)))
        lines += [*_legs(call, view["currency"], [_as_new(leg) for leg in view["legs"]]), *_minds(call, plan, view["id"])]
    for part in ("changed", "returning"):
        for item in plan[part]:
            lines.append(call.tell(HEADS[part], rule=item["id"]))
            lines += [f"    {_key(call, key, *values)}" for key, values in item["fields"].items()]
            lines += _legs(call, item["currency"], [leg for leg in item["legs"] if leg["level"][0] != leg["level"][1]])
            lines += [f"    {because(note, call.language)}" for note in item["notes"]]
            lines += _minds(call, plan, item["id"])
    lines += [call.tell("cli.plan_removed", rule=rule, what=what(kept[rule]) if rule in kept else "") for rule in plan["removed"]]
    lines += [call.tell("cli.plan_in_flight", rule=rule) for rule in plan["in_flight"]]
    lines += [line for template in templates for line in _template(call, template)]
    lines += commitment_lines(call, plan["commitments"]) if "commitments" in plan else []
    return [*lines, *([call.tell("cli.plan_large")] if plan["large"] else [])]


def _minds(call: Call, plan: View, rule: str) -> list[str]:
    """Return what is odd about a rule of the plan."""
    return ["    " + call.tell("cli.mind", what=because(note, call.language)) for note in plan.get("lint", {}).get(rule, [])]


def _template(call: Call, template: View) -> list[str]:
    """Return what happens to a template, with the keys that change."""
    import msgspec

    from autotrader.config.templates import template_fields
    from autotrader.domain.rule import Template

    old, new = ({} if text is None else template_fields(msgspec.convert(text, Template)) for text in template["text"])
    kind = "added" if not old else "removed" if not new else "changed"
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)] if kind == "changed" else []
    head = call.tell(TEMPLATE_HEADS[kind], template=template["id"])
    return [head, *(f"    {_key(call, key, old.get(key), new.get(key))}" for key in keys)]


def _key(call: Call, key: str, old: Any, new: Any) -> str:
    return call.tell("cli.plan_key", key=key, old=_written(call, old), new=_written(call, new))


def _written(call: Call, value: Any) -> str:
    return call.tell("cli.plan_none") if value is None else value_text(value)


def _as_new(leg: Mapping[str, Any]) -> View:
    """Return a leg of a new rule like one that has changed from nothing."""
    return {"name": leg["name"], "level": [leg["level"]], "value": [leg.get("value")]}


def _legs(call: Call, currency: str, legs: list[View]) -> list[str]:
    """Return the level of each leg, and what the quantity is worth at it, before and after."""
    lines = []
    for leg in legs:
        level, value = _from_to(call, leg["level"]), _from_to(call, leg["value"])
        if all(price is None for price in leg["level"]):
            continue
        if all(worth is None for worth in leg["value"]):
            lines.append("    " + call.tell("cli.plan_level", leg=leg["name"], level=level))
        else:
            lines.append("    " + call.tell("cli.plan_value", leg=leg["name"], level=level, value=value, currency=currency))
    return lines


def _from_to(call: Call, values: list[str | None]) -> str:
    """Return one number, or the way from the old to the new one."""
    if len(values) == 1 or values[0] == values[1]:
        return level_words(values[0])
    return call.tell("cli.plan_from_to", old=level_words(values[0]), new=level_words(values[1]))
