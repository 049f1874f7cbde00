"""What a rule says beside its trigger, order and place: which price counts, what becomes of a rest, when it begins again, tags.

`read_options` returns keyword arguments of Rule, `options_fields` the keys that say them again; what is usual is left out.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from autotrader.config import values
from autotrader.config.conditions import read_when, when_field
from autotrader.config.mistakes import Findings
from autotrader.config.rule_checks import Surroundings
from autotrader.config.venue_words import listed
from autotrader.domain.money import ZERO, text
from autotrader.domain.rule import (
    MOST_PRINTS,
    MOST_TAGS,
    MOST_TICKS,
    MOST_TIMES,
    Action,
    Amount,
    Basis,
    Confirm,
    Distance,
    OffBase,
    OnPositionChange,
    Percent,
    ProfitRate,
    Rearm,
    Rule,
    Side,
    Unfilled,
    UnfilledAction,
)
from autotrader.domain.tick import InstrumentId
from autotrader.errors import UserMistake

OPTION_KEYS = (
    *("when", "basis", "confirm", "gap_guard", "cost_basis", "net", "on_position_change"),
    *("unfilled", "rearm", "rearm_next_session", "action", "shadow", "tags"),
)
OPTION_SET = frozenset(OPTION_KEYS)
COST_KEYS = ("cost_basis", "net", "on_position_change")
"""They are about the cost of a holding, which a buy does not have yet."""
REPRICE_KEYS = ("step_ticks", "max", "final")
UNFILLED_KEYS = ("after", "action", *REPRICE_KEYS)
REARM_KEYS = ("max", "cooldown", "hysteresis")
FINAL = (UnfilledAction.KEEP, UnfilledAction.MARKET, UnfilledAction.CANCEL)
PRINTS = re.compile("([0-9]{1,6}) ?prints?")
EXAMPLES = {
    "unfilled": "{after: 30s, action: reprice, step_ticks: 1, max: 5, final: market}",
    "rearm": "{max: 3, cooldown: 10m, hysteresis: 1%}",
}


def read_options(
    fields: Mapping[str, Any], side: Side | None, findings: Findings, context: Surroundings, own: InstrumentId | None
) -> dict[str, Any]:
    """Return what the keys say as keyword arguments of Rule; what is wrong is noted. `own` is the rule's instrument, if it is known."""
    if OPTION_SET.isdisjoint(fields):
        return {}  # most rules have none, and a file may have 100,000 of them
    return _Options(fields, side, findings).read() | {"when": read_when(fields, own, findings, context)}


class _Options:
    """The keys of one rule, read one by one."""

    def __init__(self, fields: Mapping[str, Any], side: Side | None, findings: Findings) -> None:
        self.fields = fields
        self.findings = findings
        self.side = side

    def read(self) -> dict[str, Any]:
        if self.side is Side.BUY:
            for key in COST_KEYS:
                if key in self.fields:
                    self.findings.note(key, code="config.option_cost_of_buy", at_key=True, key=key)
        action = self.value("action", partial(values.one_of, Action), Action.ORDER)
        shadow = self.value("shadow", values.yes_or_no, False)
        if shadow and action is Action.ALERT:
            self.findings.note("shadow", code="config.option_shadow_alert", at_key=True)
        return {
            "basis": self.value("basis", partial(values.one_of, Basis), Basis.LAST),
            "confirm": self.value("confirm", confirm, None),
            "gap_guard": self.value("gap_guard", _gap_guard, None),
            "cost_basis": self.value("cost_basis", _cost_basis, None),
            "net": self.value("net", values.yes_or_no, False),
            "on_position_change": self.value("on_position_change", partial(values.one_of, OnPositionChange), OnPositionChange.FOLLOW),
            "unfilled": self.unfilled(),
            "rearm": self.rearm(),
            "rearm_next_session": self.value("rearm_next_session", values.yes_or_no, False),
            "action": action,
            "shadow": shadow,
            "tags": self.tags(),
        }

    def value(self, key: str, parse: Callable[[str], Any], default: Any) -> Any:
        """Return what a key says, the default where it says nothing."""
        if key not in self.fields:
            return default
        found = self.findings.read(parse, self.fields[key], key)
        return default if found is None else found

    def mapping(self, key: str, known: tuple[str, ...], needed: tuple[str, ...]) -> Mapping[str, Any] | None:
        """Return the entries under a key, None when it is not there or is none; unknown and missing entries are noted."""
        if key not in self.fields:
            return None
        written = self.fields[key]
        if not isinstance(written, Mapping):
            self.findings.note(key, code="config.option_mapping", key=key, example=EXAMPLES[key])
            return None
        for entry in written:
            if entry not in known and not self.findings.full:
                params = {"key": entry[:60], "instead": values.instead(entry, list(known))}
                self.findings.add((key, entry), "config.unknown_key", params, at_key=True)
        for entry in needed:
            if entry not in written:
                self.findings.note(key, code="config.option_needs", at_key=True, key=key, entry=entry, example=EXAMPLES[key])
        return written

    def entry(self, key: str, entry: str, parse: Callable[[str], Any], default: Any) -> Any:
        """Return one entry under a key."""
        written = self.fields[key]
        if entry not in written:
            return default
        found = self.findings.read(parse, written[entry], key, entry)
        return default if found is None else found

    def unfilled(self) -> Unfilled | None:
        """Return what is done with a rest."""
        written = self.mapping("unfilled", UNFILLED_KEYS, ("after",))
        if written is None:
            return None
        action = self.entry("unfilled", "action", partial(values.one_of, UnfilledAction), UnfilledAction.KEEP)
        if action is not UnfilledAction.REPRICE:
            for entry in REPRICE_KEYS:
                if entry in written:
                    self.findings.note("unfilled", entry, code="config.option_only_reprice", at_key=True, key=entry, action=action.value)
        return Unfilled(
            self.entry("unfilled", "after", values.duration, 0),
            action,
            self.entry("unfilled", "step_ticks", partial(_count, most=MOST_TICKS), 1),
            self.entry("unfilled", "max", partial(_count, most=MOST_TIMES), 5),
            self.entry("unfilled", "final", _final, UnfilledAction.KEEP),
        )

    def rearm(self) -> Rearm | None:
        """Return how the rule begins again."""
        if self.mapping("rearm", REARM_KEYS, ("max", "hysteresis")) is None:
            return None
        most = self.entry("rearm", "max", partial(_count, most=MOST_TIMES), 1)
        cooldown = self.entry("rearm", "cooldown", values.duration, 0)
        return Rearm(most, cooldown, self.entry("rearm", "hysteresis", values.distance, Amount(ZERO)))

    def tags(self) -> tuple[str, ...]:
        """Return the words that the rule can be chosen by, each once."""
        if "tags" not in self.fields:
            return ()
        written = listed(self.fields["tags"])
        if written is None:
            self.findings.note("tags", code="config.needs_list", where="tags")
            return ()
        found = [self.findings.read(values.name, tag, "tags", place) for place, tag in enumerate(written[: MOST_TAGS + 1])]
        tags = tuple(dict.fromkeys(tag for tag in found if tag is not None))
        if len(written) > MOST_TAGS:
            self.findings.note("tags", code="config.option_too_many_tags", most=MOST_TAGS)
        return tags


def confirm(written: str) -> Confirm:
    """Return how long a condition must hold: `3 prints`, `5s`."""
    found = PRINTS.fullmatch(written)
    if found is not None:
        if not 2 <= int(found[1]) <= MOST_PRINTS:
            raise UserMistake("config.option_confirm_prints", text=written[:60], most=MOST_PRINTS)
        return Confirm(prints=int(found[1]))
    if not values.DURATION.fullmatch(written):
        raise UserMistake("config.option_confirm", text=written[:60])
    return Confirm(span=values.duration(written))


def _gap_guard(written: str) -> Decimal:
    return ZERO if values.is_off(written) else values.share(written)


def _cost_basis(written: str) -> Decimal | None:
    return None if written == "broker" else values.positive(written)


def _final(written: str) -> UnfilledAction:
    found = values.one_of(UnfilledAction, written)
    if found not in FINAL:
        raise UserMistake("config.option_final")
    return found


def _count(written: str, *, most: int) -> int:
    """Return a whole number from one on."""
    value = values.integer(written)
    if not 1 <= value <= most:
        raise UserMistake("config.option_count", text=written, most=most)
    return value


def lint_options(rule: Rule, warnings: Findings) -> None:
    """Note keys that change nothing in this rule."""
    if rule.net and not any(_has_rate(leg.trigger) for leg in rule.legs):
        warnings.note("net", code="config.option_net_idle", at_key=True)


def _has_rate(trigger: object) -> bool:
    """Tell whether a trigger counts in rates of profit."""
    levels = (getattr(trigger, name, None) for name in ("level", "activate", "arm", "floor"))
    return any(isinstance(level, ProfitRate) for level in levels if not isinstance(level, OffBase))


def options_fields(rule: Rule) -> dict[str, Any]:
    """Return the keys that differ from the usual, in the order of the manual."""
    options: dict[str, Any] = {
        "when": when_field(rule.when, rule.instrument),
        "basis": "" if rule.basis is Basis.LAST else rule.basis.value,
        "confirm": _confirm_text(rule.confirm),
        "gap_guard": "" if rule.gap_guard is None else f"{text(rule.gap_guard)}%" if rule.gap_guard else "off",
        "cost_basis": "" if rule.cost_basis is None else text(rule.cost_basis),
        "net": "yes" if rule.net else "",
        "on_position_change": "" if rule.on_position_change is OnPositionChange.FOLLOW else rule.on_position_change.value,
        "unfilled": _unfilled_field(rule.unfilled),
        "rearm": _rearm_field(rule.rearm),
        "rearm_next_session": "yes" if rule.rearm_next_session else "",
        "action": "" if rule.action is Action.ORDER else rule.action.value,
        "shadow": "yes" if rule.shadow else "",
        "tags": list(rule.tags),
    }
    return {key: value for key, value in options.items() if value}


def _confirm_text(confirm: Confirm | None) -> str:
    if confirm is None:
        return ""
    return f"{confirm.prints} prints" if confirm.prints else values.duration_text(confirm.span)


def _unfilled_field(unfilled: Unfilled | None) -> dict[str, str]:
    if unfilled is None:
        return {}
    fields = {"after": values.duration_text(unfilled.after), "action": unfilled.action.value}
    if unfilled.action is not UnfilledAction.REPRICE:
        return fields
    return fields | {"step_ticks": str(unfilled.step_ticks), "max": str(unfilled.most), "final": unfilled.final.value}


def _rearm_field(rearm: Rearm | None) -> dict[str, str]:
    if rearm is None:
        return {}
    cooldown = {"cooldown": values.duration_text(rearm.cooldown)} if rearm.cooldown else {}
    return {"max": str(rearm.most)} | cooldown | {"hysteresis": _distance(rearm.hysteresis)}


def _distance(distance: Distance) -> str:
    match distance:
        case Amount(value):
            return text(value)
        case Percent(value):
            return f"{text(value)}%"
        case ticks:
            return f"{ticks.count} tick{'s' if ticks.count > 1 else ''}"
