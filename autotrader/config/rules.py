"""A rule from its keys, the same for the YAML file and the command line; every mistake at once.

It knows nothing of YAML: the keys come as text, a mistake leaves with the path of its key. So `add --stop 5%` and
`stop: 5%` are refused in the same words.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from autotrader.config import values
from autotrader.config.instruments import instrument, served_by
from autotrader.config.legs import LegsReader
from autotrader.config.markets import load_markets, markets_of
from autotrader.config.mistakes import FieldMistake, Findings, Mistakes
from autotrader.config.order_words import read_order
from autotrader.config.quantities import read_quantity
from autotrader.config.rule_checks import Surroundings, check_rule, check_words, lint
from autotrader.config.rule_keys import KEYS, unknown_key
from autotrader.config.rule_options import lint_options, read_options
from autotrader.config.venue_checks import check_sessions, read_window
from autotrader.config.venue_words import PlaceReader, Places
from autotrader.domain.rule import (
    LONGEST_NOTE,
    AccountName,
    AfterClose,
    AlreadyMet,
    Bind,
    OnHalt,
    OnInadmissible,
    OnRecovery,
    Rule,
    RuleId,
    Side,
)
from autotrader.domain.settings import Settings
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.errors import UserMistake
from autotrader.markets.calendar import Today, day_in
from autotrader.markets.profile import Markets, profile_of

KNOWN = frozenset(KEYS)


@dataclass(frozen=True, slots=True)
class RuleContext:
    """What a rule is judged against.

    `served` maps each feed to the instruments it serves (`MARKET:*` is a whole market); None skips that check, as `today`
    None skips validity. `any_account` takes an account at its word (a replay may have none).
    """

    accounts: tuple[str, ...]
    served: Mapping[str, Collection[str]] | None
    today: Today | None
    markets: Markets = field(default_factory=load_markets)
    any_account: bool = False
    past_is_mistake: bool = True


class RuleReading(NamedTuple):
    """A rule, or why there is none; warnings leave it valid."""

    rule: Rule | None
    mistakes: tuple[FieldMistake, ...]
    warnings: tuple[FieldMistake, ...]


def context_of(settings: Settings, today: Today | None) -> RuleContext:
    """Return what a rule of the command line is judged against."""
    return RuleContext(tuple(account.name for account in settings.accounts), served_by(settings.feeds), today, markets_of(settings))


def rule_from_fields(rule_id: str, fields: Mapping[str, Any], context: RuleContext) -> Rule:
    """Return the rule that the fields describe, or raise Mistakes with all that is wrong."""
    reading = read_rule(rule_id, fields, context)
    if reading.rule is None:
        raise Mistakes(reading.mistakes)
    return reading.rule


def read_rule(rule_id: str, fields: Mapping[str, Any], context: RuleContext) -> RuleReading:
    """Return the rule with its warnings, or every mistake."""
    reader = _RuleReader(fields, context)
    rule = reader.rule(rule_id)
    if rule is not None:
        check_rule(rule, reader.surroundings, reader.findings, reader.warnings, in_list="legs" in fields)
        lint(rule, context.markets, reader.warnings, in_list="legs" in fields)
        lint_options(rule, reader.warnings)
    mistakes = tuple(reader.findings.mistakes)
    return RuleReading(None if mistakes else rule, mistakes, tuple(reader.warnings.mistakes))


class _RuleReader:
    """One rule's keys, read one by one."""

    def __init__(self, fields: Mapping[str, Any], context: RuleContext) -> None:
        self.fields = fields
        self.context = context
        self.surroundings = Surroundings(context.served, None, context.markets, context.past_is_mistake)
        self.findings = Findings()
        self.warnings = Findings()

    def rule(self, rule_id: str) -> Rule | None:
        """Return the rule if every key could be read."""
        self.findings.read(values.name, rule_id)
        for key in self.fields:
            if key not in KNOWN and not self.findings.full:
                code, params = unknown_key(key)
                self.findings.add((key,), code, params, at_key=True)
        instrument = self.instrument()
        if instrument is not None and self.context.today is not None:
            self.surroundings = self.surroundings._replace(today=day_in(profile_of(self.context.markets, instrument), self.context.today))
        account = self.account()
        side = self.required("side", partial(values.one_of, Side))
        quantity = read_quantity(self.fields, side, self.findings)
        reader = LegsReader(self.fields, self.findings)
        legs, exits = reader.legs(side), reader.exits(side)
        order = read_order(self.fields.get("order", "market"), self.findings)
        words = {**self.market_words(instrument), **self.life_words(side)}
        options = read_options(self.fields, side, self.findings, self.surroundings, instrument)
        feed = self.text("feed", values.name)
        if instrument is not None:
            check_words(instrument, feed, quantity, words["until"], self.surroundings, self.findings, self.warnings)
        if self.findings.mistakes or instrument is None or side is None or legs is None or exits is None:
            return None
        return Rule(
            id=RuleId(rule_id),
            account=account,
            instrument=instrument,
            side=side,
            quantity=quantity,
            legs=legs,
            order=order,
            feed=FeedName(feed) if feed else None,
            exits=exits,
            **words,
            **options,
        )

    def market_words(self, instrument: InstrumentId | None) -> dict[str, Any]:
        """Return what a rule says of venues and sessions, as arguments of Rule."""
        places = self.places(instrument)
        return {
            "sessions": places.sessions,
            "watch": places.watch,
            "venue": places.venue,
            "window": self.window(instrument, places),
            "after_close": self.choice("after_close", AfterClose, AfterClose.RECHECK),
            "on_inadmissible": self.choice("on_inadmissible", OnInadmissible, None),
            "on_halt": self.choice("on_halt", OnHalt, OnHalt.QUEUE),
        }

    def life_words(self, side: Side | None) -> dict[str, Any]:
        """Return what a rule says of its life, as arguments of Rule."""
        return {
            "until": self.text("until", values.until),
            "already_met": self.choice("already_met", AlreadyMet, None),
            "recovery": self.choice("recovery", OnRecovery, OnRecovery.FIRE),
            "bind": self.bind(side),
            "note": self.text("note", _note),
        }

    def required(self, key: str, parse: Any) -> Any:
        """Return a key's value, or note that it is missing."""
        if key not in self.fields:
            self.findings.note(key, code="config.rule_needs", at_key=True, key=key)
            return None
        return self.findings.read(parse, self.fields[key], key)

    def text(self, key: str, check: Any) -> str:
        """Return a key's text as written once it has been found to make sense; empty when it is left out."""
        if key not in self.fields or self.findings.read(check, self.fields[key], key) is None:
            return ""
        return str(self.fields[key])

    def choice(self, key: str, choices: Any, default: Any) -> Any:
        """Return one of a closed set."""
        return self.findings.read(partial(values.one_of, choices), self.fields[key], key) if key in self.fields else default

    def instrument(self) -> InstrumentId | None:
        found: InstrumentId | None = self.required("instrument", partial(instrument, self.context.markets))
        return found

    def account(self) -> AccountName:
        """Return the account; it may be left out when there is exactly one."""
        known = self.context.accounts
        written = self.fields.get("account")
        if written is None:
            if len(known) > 1:
                self.findings.note("account", code="config.which_account", at_key=True, known=", ".join(known))
            return AccountName(known[0] if known else "main")
        name = self.findings.read(values.name, written, "account")
        if name is not None and name not in known and not self.context.any_account:
            perhaps = values.perhaps(name, list(known))
            self.findings.note("account", code="config.unknown_account", account=name, known=", ".join(known) or "none", perhaps=perhaps)
        return AccountName(name or "")

    def bind(self, side: Side | None) -> Bind:
        if "bind" in self.fields and side is Side.BUY:
            self.findings.note("bind", code="config.bind_on_buy", at_key=True)
            return Bind.HOLDING
        bind: Bind = self.choice("bind", Bind, Bind.HOLDING)
        return bind

    def places(self, instrument: InstrumentId | None) -> Places:
        """Return where the rule watches and orders."""
        markets, findings = self.context.markets, self.findings
        places = PlaceReader(self.fields, markets, findings).places(instrument)
        if instrument is not None and "sessions" in self.fields:
            check_sessions(instrument, self.fields["sessions"], places, markets, self.surroundings.today, findings)
        return places

    def window(self, instrument: InstrumentId | None, places: Places) -> str:
        """Return the hours in which the rule may fire, as written; they are the hours of the venue that it orders at."""
        if instrument is None:
            return ""
        venue = self.context.markets[places.venue or profile_of(self.context.markets, instrument).id]
        return self.text("window", partial(read_window, venue, self.surroundings.today))


def _note(text: str) -> str:
    """Return a note that fits a line of a list."""
    if len(text) > LONGEST_NOTE:
        raise UserMistake("config.note_too_long", most=LONGEST_NOTE)
    return text
