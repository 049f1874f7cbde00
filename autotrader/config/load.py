"""The configuration file, whole and valid, or every mistake in it with line, column and remedy. Never something in between.

It imports pydantic and a YAML parser; the daemon therefore calls it through `child.py`.
"""

from collections.abc import Iterable
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from autotrader.config import sections, values
from autotrader.config.instruments import served_by
from autotrader.config.markets import load_markets
from autotrader.config.mistakes import MAX_MISTAKES, FieldMistake, Findings, Mistake, Mistakes, Path
from autotrader.config.reader import Document, read_bytes, read_file
from autotrader.config.rules import RuleContext, read_rule
from autotrader.config.schema import AccountText, FeedText, FileText, GuardsText, Strict, read_model
from autotrader.config.templates import read_template
from autotrader.config.tree import Mapping, Scalar, place, plain
from autotrader.config.unverified import unverified
from autotrader.domain.rule import Rule, Template
from autotrader.domain.settings import AccountSettings, FeedSettings, Guards, Mode, Settings
from autotrader.errors import UserMistake
from autotrader.markets.calendar import Today

SECTIONS = tuple(FileText.model_fields)


class Loaded(Struct, frozen=True):
    """What a file says. `rules_written` tells `rules: {}` from a file without rules (safety Y1: never "delete all" by accident)."""

    settings: Settings | None
    mistakes: tuple[Mistake, ...] = ()
    warnings: tuple[Mistake, ...] = ()
    rules_written: bool = False


class Manner(NamedTuple):
    """How strictly to read. A replay needs no accounts; a daemon starts with dates that have passed; `check` names unverified facts."""

    today: Today | None = None
    require_accounts: bool = True
    past_is_mistake: bool = True
    name_unverified: bool = False


def load_text(
    text: str | bytes,
    file: str,
    today: Today | None = None,
    *,
    directory: FilePath | None = None,
    require_accounts: bool = True,
    past_is_mistake: bool = True,
    name_unverified: bool = False,
) -> Loaded:
    """Return what the text says; `file` names it in mistakes and, unless `directory` is given, says where its paths start."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    document = read_bytes(raw, file)
    if document.root is None:
        return Loaded(None, _sorted(document.mistakes))
    manner = Manner(today, require_accounts, past_is_mistake, name_unverified)
    return _FileReader(document, file, directory or FilePath(file).absolute().parent, manner).loaded()


def load_file(
    path: FilePath | str,
    today: Today | None = None,
    *,
    require_accounts: bool = True,
    past_is_mistake: bool = True,
    name_unverified: bool = False,
) -> Loaded:
    """Return what a file says; a file that cannot be read is a mistake like any other."""
    raw = read_file(FilePath(path))
    if isinstance(raw, Mistake):
        return Loaded(None, (raw,))
    return load_text(
        raw, str(path), today, require_accounts=require_accounts, past_is_mistake=past_is_mistake, name_unverified=name_unverified
    )


def _sorted(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    """Return the mistakes by place, the first hundred of them."""
    ordered = sorted(mistakes, key=lambda mistake: (mistake.line, mistake.column, mistake.code))
    if len(ordered) <= MAX_MISTAKES:
        return tuple(ordered)
    more = Mistake(ordered[0].file, 0, 0, "config.too_many", {"more": str(len(ordered) - MAX_MISTAKES)})
    return (*ordered[:MAX_MISTAKES], more)


class _FileReader:
    """One file's tree, read section by section; entries that are wrong are noted and the others go on being judged."""

    def __init__(self, document: Document, file: str, directory: FilePath, manner: Manner) -> None:
        assert document.root is not None
        self.root = document.root
        self.read_mistakes = document.mistakes
        self.file = file
        self.directory = directory
        self.manner = manner
        self.findings = Findings()
        self.warnings: list[FieldMistake] = []
        self.facts_mistakes: tuple[Mistake, ...] = ()
        self.markets = load_markets()

    def loaded(self) -> Loaded:
        """Return the settings, or what keeps them from being any."""
        settings = self.settings()
        mistakes = _sorted([*self.read_mistakes, *self.facts_mistakes, *(self.placed(finding) for finding in self.findings.mistakes)])
        if settings is not None and not mistakes and self.manner.name_unverified and self.manner.today is not None:
            self.warnings.extend(unverified(settings, self.markets, self.manner.today))
        warnings = _sorted(self.placed(warning) for warning in self.warnings)
        written = isinstance(self.root, Mapping) and "rules" in self.root.entries
        return Loaded(None if mistakes else settings, mistakes, warnings, written)

    def placed(self, finding: FieldMistake) -> Mistake:
        line, column = place(self.root, finding.path, at_key=finding.at_key)
        return Mistake(self.file, line, column, finding.code, finding.params)

    def settings(self) -> Settings | None:
        """Return all sections."""
        if not isinstance(self.root, Mapping):
            self.findings.note(code="config.not_a_mapping")
            return None
        for key in self.root.entries:
            if key not in SECTIONS and not self.findings.full:
                instead = values.instead(key, list(SECTIONS))
                self.findings.note(key, code="config.unknown_key", at_key=True, key=key[:60], instead=instead)
        market_facts = self.market_facts()
        if self.facts_mistakes:  # all else is judged by the facts, and would be called wrong for what is missing in them
            return None
        guards = self.guards()
        accounts = self.accounts()
        feeds = self.feeds()
        context = self.context(feeds)
        return Settings(
            mode=self.mode(accounts),
            guards=guards or Guards(),
            guards_written="guards" in self.root.entries,
            market_facts=market_facts,
            accounts=tuple(accounts),
            feeds=tuple(replace(feed, market_facts=market_facts) if feed.kind == "sim" else feed for feed in feeds or ()),
            rules=tuple(self.rules(context)),
            templates=tuple(self.templates(context)),
        )

    def section(self, name: str) -> dict[str, Any]:
        """Return the raw entries of a section of named things."""
        assert isinstance(self.root, Mapping)
        if name not in self.root.entries:
            return {}
        node = self.root.entries[name][1]
        if not isinstance(node, Mapping):
            empty = isinstance(node, Scalar) and not node.text
            self.findings.note(name, code="config.section_empty" if empty else "config.needs_mapping", where=name, at_key=empty)
            return {}
        return node.entries

    def raw(self, name: str) -> dict[str, Any]:
        """Return the entries of a section without judging it: none when it is not a mapping."""
        assert isinstance(self.root, Mapping)
        node = self.root.entries[name][1] if name in self.root.entries else None
        return node.entries if isinstance(node, Mapping) else {}

    def model(self, model: type[Strict], raw: object, path: Path) -> Any:
        """Return a typed section, None when it has mistakes."""
        typed, mistakes = read_model(model, raw, path, self.markets)
        self.findings.mistakes.extend(mistakes)
        return typed

    def market_facts(self) -> str:
        """Return the absolute path of the owner's facts, and read everything else with them; wrong ones are mistakes of their own file."""
        assert isinstance(self.root, Mapping)
        if "market_facts" not in self.root.entries:
            return ""
        written = self.findings.read(str, plain(self.root.entries["market_facts"][1]), "market_facts")
        if not written:
            return ""
        path = (self.directory / written).resolve()
        try:
            self.markets = load_markets(path)
        except Mistakes as wrong:
            self.facts_mistakes = tuple(mistake for mistake in wrong.mistakes if isinstance(mistake, Mistake))
        return str(path)

    def guards(self) -> Guards | None:
        assert isinstance(self.root, Mapping)
        if "guards" not in self.root.entries:
            return None
        typed = self.model(GuardsText, plain(self.root.entries["guards"][1]), ("guards",))
        return Guards(typed.collar, typed.stale, typed.max_rules) if typed else None

    def mode(self, accounts: list[AccountSettings]) -> Mode:
        """Return the mode; live money and paper never meet (safety L5)."""
        assert isinstance(self.root, Mapping)
        if "mode" not in self.root.entries:
            return Mode.PAPER
        mode = self.findings.read(lambda text: values.one_of(Mode, text), plain(self.root.entries["mode"][1]), "mode") or Mode.PAPER
        if mode is Mode.LIVE:
            for account in accounts:
                if account.broker == "paper":
                    self.findings.note("accounts", account.name, "broker", code="config.paper_in_live", account=account.name)
            if all(account.broker == "paper" for account in accounts):
                self.findings.note("mode", code="config.live_needs_broker")
        return mode

    def named(self, section: str) -> list[tuple[str, Any]]:
        """Return the entries of a section whose names are names; the others are noted."""
        entries = []
        for name, (_, node) in self.section(section).items():
            if self.findings.full:
                break
            try:
                entries.append((values.name(name), plain(node)))
            except UserMistake as wrong:
                self.findings.add((section, name), wrong.code, wrong.params, at_key=True)
        return entries

    def accounts(self) -> list[AccountSettings]:
        accounts = []
        for name, raw in self.named("accounts"):
            if not self.findings.full and (typed := self.model(AccountText, raw, ("accounts", name))) is not None:
                accounts.append(sections.account(name, typed, self.markets, self.findings))
        return accounts

    def feeds(self) -> list[FeedSettings] | None:
        """Return the feeds, None when one of them is wrong: what is served is not known then."""
        before = len(self.findings.mistakes)
        feeds = []
        for name, raw in self.named("feeds"):
            if not self.findings.full and (typed := self.model(FeedText, raw, ("feeds", name))) is not None:
                feeds.append(sections.feed(name, typed, self.directory, self.findings))
        return feeds if len(self.findings.mistakes) == before else None

    def context(self, feeds: list[FeedSettings] | None) -> RuleContext:
        """Return what the rules are judged against; what is served is not judged when it is not known."""
        accounts = tuple(self.raw("accounts"))
        served: dict[str, frozenset[str]] | None = None
        if feeds is not None and self.manner.require_accounts:  # as sets: each of many rules asks whether it is served
            served = {feed: frozenset(patterns) for feed, patterns in served_by(feeds).items()}
        return RuleContext(
            accounts,
            served,
            self.manner.today,
            self.markets,
            any_account=not accounts,
            past_is_mistake=self.manner.past_is_mistake,
        )

    def rules(self, context: RuleContext) -> list[Rule]:
        """Return the valid rules."""
        entries = self.section("rules")
        if entries and context.any_account and self.manner.require_accounts:
            self.findings.note("rules", code="config.no_accounts", at_key=True)
        rules = (self.rule(rule_id, node, context) for rule_id, (_, node) in entries.items())
        return [rule for rule in rules if rule is not None]

    def rule(self, rule_id: str, node: Any, context: RuleContext) -> Rule | None:
        """Return one rule."""
        if self.findings.full:
            return None
        if not isinstance(node, Mapping):
            self.findings.note("rules", rule_id, code="config.needs_mapping", where=f"rules.{rule_id[:60]}")
            return None
        reading = read_rule(rule_id, plain(node), context)
        if not reading.mistakes and not reading.warnings:  # nothing will be said about its lines, which are the larger part of many rules
            node.entries.clear()
        self.findings.mistakes.extend(_under("rules", rule_id, mistake) for mistake in reading.mistakes)
        self.warnings.extend(_under("rules", rule_id, warning) for warning in reading.warnings)
        return reading.rule

    def templates(self, context: RuleContext) -> list[Template]:
        """Return the valid templates; names are shared with the rules."""
        templates = []
        rules = self.raw("rules")
        for name, (_, node) in self.section("templates").items():
            if self.findings.full:
                break
            if name in rules:
                self.findings.note("templates", name, code="config.template_is_rule", at_key=True, name=name[:60])
            if not isinstance(node, Mapping):
                self.findings.note("templates", name, code="config.needs_mapping", where=f"templates.{name[:60]}")
                continue
            reading = read_template(name, plain(node), context)
            self.findings.mistakes.extend(_under("templates", name, mistake) for mistake in reading.mistakes)
            self.warnings.extend(_under("templates", name, warning) for warning in reading.warnings)
            templates.extend([reading.template] if reading.template is not None else [])
        return templates


ABOUT_THE_RULE = frozenset({"config.rule_needs", "config.no_trigger", "config.which_account", "config.bad_name"})
"""Mistakes about a key that is not there, or about the id itself: shown where the id stands."""


def _under(section: str, rule_id: str, mistake: FieldMistake) -> FieldMistake:
    """Return the mistake of a rule or a template with its path in the file."""
    if mistake.code in ABOUT_THE_RULE and (mistake.at_key or not mistake.path):
        return FieldMistake((section, rule_id), mistake.code, mistake.params, at_key=True)
    return FieldMistake((section, rule_id, *mistake.path), mistake.code, mistake.params, mistake.at_key)
