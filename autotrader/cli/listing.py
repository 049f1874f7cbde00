"""Rules chosen by id or by selector, and which ended ones are old news."""

from collections.abc import Sequence
from dataclasses import dataclass

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.engine.events import ListRules
from autotrader.errors import UserMistake

ENDS = frozenset({"done", "failed", "cancelled", "expired", "superseded", "rejected"})
ANY = ENDS | {"waiting", "watching", "paused", "fired", "held"}
DAY = 86_400_000_000_000
ROWS = 1_000
"""Changes of state that are looked through for rules that ended lately."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Which rules are meant: by tag, account and instrument, all of them that are given. `every` needs none of them."""

    every: bool = False
    tag: str | None = None
    account: str | None = None
    instrument: str | None = None

    @property
    def selects(self) -> bool:
        return self.every or any(word is not None for word in (self.tag, self.account, self.instrument))

    def covers(self, rule: View) -> bool:
        """Tell whether a rule is meant."""
        if self.tag is not None and self.tag not in rule.get("tags", ()):  # a daemon of an earlier version knows no tags
            return False
        return self.account in (None, rule["account"]) and self.instrument in (None, rule["instrument"])


def rules_of(call: Call, selector: Selector) -> list[View]:
    """Return the rules that a selector covers."""
    rules: list[View] = call.ask(ListRules())["rules"]
    return [rule for rule in rules if selector.covers(rule)]


def chosen(call: Call, ids: Sequence[str] | None, states: frozenset[str], selector: Selector) -> list[str]:
    """Return the ids that a person named, or those that the selectors cover and that are in one of the states."""
    if bool(ids) == selector.selects:
        raise UserMistake("cli.which_rules")
    if ids:
        return list(dict.fromkeys(ids))
    return [rule["id"] for rule in rules_of(call, selector) if rule["state"] in states]


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
