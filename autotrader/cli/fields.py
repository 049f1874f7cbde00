"""Options into the keys of a rule, and back: `--already-met fire` is `already_met: fire`, `--limit 69000` is `order: {limit: 69000}`."""

from collections.abc import Mapping
from typing import Any

from autotrader.errors import UserMistake

ORDER = ("order", "limit", "tif")
"""The options that together are the one key `order`."""
KEYS = (
    *("quantity", "stop", "target", "trail", "above", "below", "rebound", "activate", "base", *ORDER),
    *("sessions", "watch", "venue", "window", "after_close", "on_inadmissible", "on_halt"),
    *("account", "until", "already_met", "recovery", "bind", "feed", "note"),
)
PRICED = ("limit", "conditional", "loo", "loc")
"""Kinds that --order may name beside --limit."""


def given(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the options of a rule that were given."""
    return {key: params[key] for key in KEYS if params.get(key) is not None}


def fields_of(options: Mapping[str, str]) -> dict[str, Any]:
    """Return the keys of a new rule; an empty option is as good as none."""
    return {key: value for key, value in changes_of(options).items() if value is not None}


def changes_of(options: Mapping[str, str]) -> dict[str, Any]:
    """Return what the options change, by key; an empty text removes the key."""
    changes: dict[str, Any] = {key: value or None for key, value in options.items() if key not in ORDER}
    if options.get("sessions"):
        changes["sessions"] = [session.strip() for session in options["sessions"].split(",")]
    if any(key in options for key in ORDER):
        changes["order"] = _order(options)
    return changes


def _order(options: Mapping[str, str]) -> str | dict[str, str] | None:
    """Return the text of the key `order`, None to remove it."""
    kind, limit, tif = (options.get(key) for key in ORDER)
    if tif is not None and kind is None and limit is None:
        raise UserMistake("cli.tif_of_what")
    if not limit:
        return (kind if tif in (None, "", "day") else f"{kind}_{tif}") or None
    if kind and kind not in PRICED:
        raise UserMistake("cli.order_or_limit", order=kind)
    return {kind or "limit": limit} | ({"tif": tif} if tif else {})


def changed(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule's keys after the changes."""
    return {key: value for key, value in {**fields, **changes}.items() if value is not None}
