"""Rules chosen by id or by selector, and which ended ones are old news."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.engine.events import ListRules
from autotrader.errors import UnknownThing, UserMistake

if TYPE_CHECKING:
    from autotrader.markets.profile import Markets

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
    """Return the rules that a selector covers; raise UserMistake where it names what nobody has heard of."""
    rules: list[View] = call.ask(ListRules())["rules"]
    covered = [rule for rule in rules if selector.covers(rule)]
    if not covered and selector.selects:
        _refuse_unknown(call, selector, rules)
    return covered


def _refuse_unknown(call: Call, selector: Selector, rules: list[View]) -> None:
    """Raise UserMistake for a tag that no rule has, an account that is not there or an instrument that cannot be: a typing
    mistake must not look like an answer."""
    tags = {tag for rule in rules for tag in rule.get("tags", ())}
    knows_tags = not rules or any("tags" in rule for rule in rules)  # a daemon of an earlier version knows none
    if selector.tag is not None and knows_tags and selector.tag not in tags:
        raise UnknownThing("cli.unknown_tag", tag=selector.tag, known=", ".join(sorted(tags)) or "-")
    accounts = accounts_of(call) | {rule["account"] for rule in rules}
    if selector.account is not None and accounts and selector.account not in accounts:
        raise UnknownThing("cli.unknown_account", account=selector.account, known=", ".join(sorted(accounts)))
    if selector.instrument is not None and all(rule["instrument"] != selector.instrument for rule in rules):
        from autotrader.config.instruments import instrument

        instrument(_markets(call), selector.instrument)


def accounts_of(call: Call) -> set[str]:
    """Return the accounts there are: those of the daemon, else of the configuration; none where that cannot be read."""
    if call.daemon is not None:
        return set(call.daemon["accounts"])
    try:
        return {account.name for account in call.settings.accounts}
    except (UserMistake, OSError):
        return set()


def _markets(call: Call) -> "Markets":
    """Return the markets there are; without a configuration those that come with the program."""
    try:
        return call.markets
    except (UserMistake, OSError):
        from autotrader.config.markets import load_markets

        return load_markets()


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
