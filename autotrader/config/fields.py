"""A rule back into the keys and texts that a person would write: what `export`, `show` and `edit` speak.

The inverse of `rule_from_fields`; what is at its default is left out. No YAML here: the daemon uses it too.
"""

from typing import Any, assert_never

from autotrader.config.legs import default_names
from autotrader.config.levels import base_text, distance_text, level_text
from autotrader.config.order_words import order_field
from autotrader.config.rule_options import options_fields
from autotrader.domain.money import text
from autotrader.domain.rule import (
    Above,
    AfterClose,
    At,
    Below,
    Bind,
    Leg,
    Level,
    OffBase,
    OnHalt,
    OnRecovery,
    OrderSpec,
    Preserve,
    Rebound,
    Rule,
    Spend,
    Stop,
    Target,
    TimeExit,
    Trail,
    Trigger,
    quantity_text,
    trigger_kind,
)

__all__ = ["base_text", "distance_text", "legs_fields", "level_text", "market_fields", "rule_to_fields"]


def rule_to_fields(rule: Rule) -> dict[str, Any]:
    """Return the rule's keys in the order in which the manual has them."""
    fields: dict[str, Any] = {"instrument": str(rule.instrument), "account": str(rule.account), "side": rule.side.value}
    quantity = rule.quantity
    fields |= {"amount": text(quantity.amount)} if isinstance(quantity, Spend) else {"quantity": quantity_text(quantity)}
    fields |= _in_rule(rule.legs[0]) if _is_alone(rule.legs) else {"legs": legs_fields(rule.legs)}
    exits = {"exits": legs_fields(rule.exits)} if rule.exits else {}
    return fields | exits | _order(rule.order) | market_fields(rule) | options_fields(rule) | _options(rule)


def legs_fields(legs: tuple[Leg, ...]) -> list[dict[str, Any]]:
    """Return legs as they are written in a list; a name is left out where the leg would be called that anyway."""
    usual = default_names([leg.trigger for leg in legs])
    return [_leg(leg) | ({} if leg.name == name else {"name": str(leg.name)}) for leg, name in zip(legs, usual, strict=True)]


def _is_alone(legs: tuple[Leg, ...]) -> bool:
    """Tell whether a rule has a single leg that can be written in the rule itself."""
    leg = legs[0]
    own = (leg.share, leg.then, leg.order) != (None, None, None)
    return len(legs) == 1 and not own and leg.name == trigger_kind(leg.trigger)


def _in_rule(leg: Leg) -> dict[str, Any]:
    """Return the keys of a trigger and of what stands beside it, in a leg or in the rule itself."""
    fields = _trigger(leg.trigger)
    return fields if leg.limit_offset is None else fields | {"limit_offset": distance_text(leg.limit_offset)}


def _leg(leg: Leg) -> dict[str, Any]:
    fields = _in_rule(leg)
    if leg.share is not None:
        fields["share"] = f"{text(leg.share)}%"
    if leg.then is not None:
        fields["then"] = leg.then.value
    if leg.order is not None:
        fields["order"] = order_field(leg.order)
    return fields


def _trigger(trigger: Trigger) -> dict[str, Any]:
    """Return the keys of one trigger."""
    key = trigger_kind(trigger)
    match trigger:
        case Stop(level) | Target(level) | Above(level) | Below(level):
            return {key: level_text(level)} | _base(level)
        case Trail(distance, activate, step, start) | Rebound(distance, activate, step, start):
            options = {
                "activate": "" if activate is None else level_text(activate),
                "step": "" if step is None else distance_text(step),
                "start": "" if start is None else text(start),
            }
            based = {} if activate is None else _base(activate)
            return {key: distance_text(distance)} | {name: value for name, value in options.items() if value} | based
        case Preserve(arm, floor):
            return {key: {"arm": level_text(arm), "floor": level_text(floor)}} | _base(floor)
        case TimeExit(time) | At(time):
            return {key: time}
        case _:
            assert_never(trigger)


def _base(level: Level) -> dict[str, str]:
    return {"base": base_text(level.base)} if isinstance(level, OffBase) else {}


def _order(order: OrderSpec) -> dict[str, Any]:
    return {} if order == OrderSpec() else {"order": order_field(order)}


def market_fields(rule: Rule) -> dict[str, Any]:
    """Return the keys that say where and when the rule watches and orders, as far as they differ from the usual."""
    options = {
        "sessions": list(rule.sessions),
        "watch": rule.watch,
        "venue": rule.venue,
        "window": rule.window,
        "after_close": "" if rule.after_close is AfterClose.RECHECK else rule.after_close.value,
        "on_inadmissible": rule.on_inadmissible.value if rule.on_inadmissible else "",
        "on_halt": "" if rule.on_halt is OnHalt.QUEUE else rule.on_halt.value,
    }
    return {key: value for key, value in options.items() if value}


def _options(rule: Rule) -> dict[str, str]:
    """Return what differs from the default."""
    options = {
        "until": rule.until,
        "already_met": rule.already_met.value if rule.already_met else "",
        "recovery": "" if rule.recovery is OnRecovery.FIRE else rule.recovery.value,
        "bind": "" if rule.bind is Bind.HOLDING else rule.bind.value,
        "feed": rule.feed or "",
        "note": rule.note,
    }
    return {key: value for key, value in options.items() if value}
