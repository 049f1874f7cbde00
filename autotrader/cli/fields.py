"""Options into the keys of a rule, and back: `--already-met fire` is `already_met: fire`, `--limit 69000` is `order: {limit: 69000}`."""

from collections.abc import Mapping
from typing import Any

from autotrader.errors import UserMistake

KEYS = (
    *("quantity", "stop", "target", "trail", "above", "below", "rebound", "activate", "base", "order", "limit"),
    *("account", "until", "already_met", "recovery", "bind", "feed", "note"),
)


def given(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the options of a rule that were given."""
    return {key: params[key] for key in KEYS if params.get(key) is not None}


def fields_of(options: Mapping[str, str]) -> dict[str, Any]:
    """Return the keys of a new rule; an empty option is as good as none."""
    return {key: value for key, value in changes_of(options).items() if value is not None}


def changes_of(options: Mapping[str, str]) -> dict[str, Any]:
    """Return what the options change, by key; an empty text removes the key."""
    changes: dict[str, Any] = {key: value or None for key, value in options.items() if key not in ("order", "limit")}
    if "limit" in options and options.get("order", "limit") == "market":
        raise UserMistake("cli.order_or_limit")
    if "limit" in options:
        changes["order"] = {"limit": options["limit"]} if options["limit"] else None
    elif "order" in options:
        changes["order"] = options["order"] or None
    return changes


def changed(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's keys after the changes."""
    return {key: value for key, value in {**fields, **changes}.items() if value is not None}
