"""Options into the keys of a rule, and back: `--already-met fire` is `already_met: fire`, `--limit 69000` is `order: {limit: 69000}`,
`--leg target=+10%,share=50%` is one of the `legs`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from autotrader.cli.rule_options import OPTIONS
from autotrader.errors import UserMistake

ORDER = ("order", "limit", "tif")
"""The options that together are the one key `order`."""
PRICED = ("limit", "conditional", "loo", "loc")
"""Kinds that --order may name beside --limit."""
RESTS = ("ioc", "fok")
LISTS = {"leg": "legs", "exit": "exits", "tag": "tags"}
"""Options that are given again for each item of a list, and the key of that list."""
MAPPINGS = ("unfilled", "rearm")
SWITCHES = ("net", "shadow", "rearm_next_session")
OF_ONE_TRIGGER = (
    *("stop", "target", "trail", "preserve", "time_exit", "above", "below", "rebound", "at"),
    *("activate", "step", "start", "base", "limit_offset"),
)
"""What stands in a rule with a single trigger, and in each leg of one with several."""
INSTEAD = (("legs", OF_ONE_TRIGGER), ("amount", ("quantity",)), ("quantity", ("amount",)))
"""An edit that writes the first takes the others out."""


def given(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a rule that were given; one that may be repeated is not, when it is empty."""
    return {key: params[key] for key in OPTIONS if params.get(key) not in (None, [], ())}


def fields_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of a new rule; an empty option is as good as none."""
    return {key: value for key, value in changes_of(options).items() if value is not None}


def changes_of(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the options change, by key; an empty text removes the key."""
    changes: dict[str, Any] = {}
    for key, value in options.items():
        if key in LISTS:
            changes[LISTS[key]] = _list(key, value)
        elif key in SWITCHES:
            changes[key] = "true" if value else None
        elif key in MAPPINGS:
            changes[key] = _pairs(key, value) if value else None
        elif key == "sessions":
            changes[key] = [session.strip() for session in value.split(",")] if value else None
        elif key == "preserve":
            changes[key] = _preserve(value) if value else None
        elif key not in (*ORDER, "when", "when_any"):
            changes[key] = value or None
    if "when" in options or "when_any" in options:
        changes["when"] = _when(options.get("when"), any_of=bool(options.get("when_any")))
    if any(key in options for key in ORDER):
        changes["order"] = _order(options)
    return changes


def edits_of(options: Mapping[str, Any], present: Callable[[], Mapping[str, Any]] = dict) -> dict[str, Any]:
    """Return what the options of an edit change: also what has no place beside the new keys. `present` tells the rule's keys
    as they are; it is asked only where the options say a part of one."""
    if any(key in options for key in ORDER):
        options = {**options, **_order_after(options, present().get("order", "market"))}
    changes = changes_of(options)
    for key, others in INSTEAD:
        if changes.get(key) is not None:
            changes |= {other: None for other in others if other not in changes}
    return changes


def changed(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's keys after the changes."""
    return {key: value for key, value in {**fields, **changes}.items() if value is not None}


def _list(option: str, written: Sequence[str]) -> list[Any] | None:
    """Return the items of a list, None where the one item is empty."""
    if list(written) == [""]:
        return None
    return list(written) if option == "tag" else [_leg(option, text) for text in written]


def _leg(option: str, text: str) -> dict[str, Any]:
    """Return the keys of a leg: the same words as the options of a rule with one trigger."""
    pairs = _pairs(option, text)
    _refuse_unknown(option, pairs)
    leg: dict[str, Any] = {key: value for key, value in pairs.items() if key not in ORDER}
    if "preserve" in leg:
        leg["preserve"] = _preserve(leg["preserve"])
    return leg | ({"order": _order(pairs)} if any(key in pairs for key in ORDER) else {})


def _refuse_unknown(option: str, keys: Iterable[str]) -> None:
    """Raise UserMistake for a key that no leg has, naming those that can be typed. One of the whole rule is told by its reader."""
    from autotrader.config.rule_keys import INSIDE, KEYS, LEG_KEYS
    from autotrader.config.values import instead

    known = [*LEG_KEYS, *(key for key in ORDER if key not in LEG_KEYS)]
    for key in keys:
        if key not in (*known, *KEYS, *INSIDE):
            raise UserMistake("cli.leg_key", option=option, key=key[:60], instead=instead(key, known))


def _pairs(option: str, text: str) -> dict[str, str]:
    """Return the keys and values of `stop=-5%,share=50%`; a dash in a key is an underscore."""
    pairs: dict[str, str] = {}
    for part in text.split(","):
        key, sign, value = part.partition("=")
        key, value = key.strip().replace("-", "_"), value.strip()
        if not sign or not key or not value:
            raise UserMistake("cli.not_a_pair", option=option, text=part.strip(), example=EXAMPLES[option])
        if key in pairs:
            raise UserMistake("cli.pair_twice", option=option, key=key)
        pairs[key] = value
    return pairs


EXAMPLES = {
    "leg": "target=+10%,share=50%",
    "exit": "stop=-3%",
    "unfilled": "after=30s,action=reprice,max=3",
    "rearm": "max=3,cooldown=10m,hysteresis=1%",
}


def _preserve(text: str) -> dict[str, str]:
    """Return the two levels of `+7%:+5%`."""
    arm, sign, floor = (part.strip() for part in text.partition(":"))
    if not (arm and sign and floor):
        raise UserMistake("cli.not_two_levels", text=text)
    return {"arm": arm, "floor": floor}


def _when(written: Sequence[str] | None, *, any_of: bool) -> Any:
    """Return the conditions: a list where all must hold, else under `any`."""
    if not written:
        raise UserMistake("cli.any_of_what")
    if list(written) == [""]:
        return None
    conditions = []
    for text in written:
        kind, sign, rest = (part.strip() for part in text.partition("="))
        if not (kind and sign and rest) or not kind.isidentifier():
            raise UserMistake("cli.not_a_condition", text=text)
        conditions.append({kind: rest})
    return {"any": conditions} if any_of else conditions


def _order_after(options: Mapping[str, str], present: str | Mapping[str, str]) -> dict[str, str]:
    """Return all parts of an order of which an edit gives some: the kind, its price, what becomes of the rest.

    A kind that takes no price comes with its own rest (`best_ioc`), so that one is the whole order.
    """
    parts = _parts_of(present)
    kind = options.get("order")
    if kind is not None:
        kept = {"limit": parts["limit"]} if kind in PRICED and "limit" in parts else {}
        if kind == "limit" and "tif" in parts:
            kept["tif"] = parts["tif"]
    elif options.get("limit"):
        kept = parts if parts["order"] in PRICED else {key: value for key, value in parts.items() if key == "tif"}
    else:
        kept = parts if "limit" not in options else {**parts, "order": "market"}
    return {**kept, **{key: options[key] for key in ORDER if key in options}}


def _parts_of(order: str | Mapping[str, str]) -> dict[str, str]:
    """Return a written order as the options that would write it."""
    if isinstance(order, str):
        kind, _, tif = order.rpartition("_")
        return {"order": kind, "tif": tif} if tif in RESTS else {"order": order}
    kind = next(key for key in order if key != "tif")
    return {"order": kind, "limit": order[kind], **({"tif": order["tif"]} if "tif" in order else {})}


def _order(options: Mapping[str, str]) -> str | dict[str, str] | None:
    """Return the text of the key `order`, None to remove it."""
    kind, limit, tif = (options.get(key) for key in ORDER)
    if tif is not None and kind is None and limit is None:
        raise UserMistake("cli.tif_of_what")
    if not limit:
        return (kind if tif in (None, "", "day") else f"{kind}_{tif}") or None
    if kind and kind not in PRICED:
        raise UserMistake("cli.order_or_limit", order=kind)
    return {kind or "limit": limit} | ({"tif": tif} if tif not in (None, "", "day") else {})
