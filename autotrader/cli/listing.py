"""Rules chosen by id or by selector, and which ended ones are old news."""

from collections.abc import Sequence

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.engine.events import ListRules
from autotrader.errors import UserMistake

ENDS = frozenset({"done", "failed", "cancelled", "expired", "superseded", "rejected"})
DAY = 86_400_000_000_000
ROWS = 1_000
"""Changes of state that are looked through for rules that ended lately."""


def rules_of(call: Call, account: str | None = None, instrument: str | None = None) -> list[View]:
    """Return the rules of an account and an instrument."""
    rules: list[View] = call.ask(ListRules())["rules"]
    return [r for r in rules if account in (None, r["account"]) and instrument in (None, r["instrument"])]


def chosen(
    call: Call, ids: Sequence[str] | None, states: frozenset[str], *, every: bool, account: str | None, instrument: str | None
) -> list[str]:
    """Return the ids that a person named, or those that the selectors cover and that are in one of the states."""
    selects = every or account is not None or instrument is not None
    if bool(ids) == selects:
        raise UserMistake("cli.which_rules")
    if ids:
        return list(dict.fromkeys(ids))
    return [rule["id"] for rule in rules_of(call, account, instrument) if rule["state"] in states]


def without_old(call: Call, rules: list[View]) -> list[View]:
    """Return the rules without those that ended more than a day ago."""
    if not any(rule["state"] in ENDS for rule in rules):
        return rules
    fresh = _ended_since(call, call.now - DAY)
    return [rule for rule in rules if rule["state"] not in ENDS or rule["id"] in fresh]


def _ended_since(call: Call, since: int) -> set[str]:
    from autotrader.control.protocol import Journal

    rows = call.ask(Journal(None, ROWS))["rows"]
    return {row["subject"].partition("/")[0] for row in rows if row["at"] >= since and row["after"] in ENDS}
