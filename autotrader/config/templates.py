"""A template from its keys and back: a sell rule without an instrument, and the holdings that it attaches to."""

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from msgspec.structs import replace

from autotrader.config import values
from autotrader.config.conditions import read_when
from autotrader.config.fields import rule_to_fields
from autotrader.config.instruments import instrument
from autotrader.config.mistakes import FieldMistake, Findings
from autotrader.config.rule_checks import Surroundings
from autotrader.config.rule_keys import KEYS
from autotrader.config.rules import RuleContext, RuleReading, read_rule
from autotrader.config.venue_words import listed
from autotrader.domain.money import text
from autotrader.domain.rule import AccountName, Side, Template
from autotrader.domain.tick import InstrumentId
from autotrader.errors import UserMistake
from autotrader.messages import say

FOR_KEYS = ("markets", "instruments", "except", "min_value", "bought_by")
OWN_KEYS = ("for", "include_existing")
NEVER = ("instrument", "feed")
"""Keys of a rule that a template does not have: the holding says them."""
STAND_INS = {"KRX": "KRX:005930", "NXT": "NXT:005930", "US": "US:AAPL", "UPBIT": "UPBIT:KRW-BTC", "BINANCE": "BINANCE:BTCUSDT"}
"""An instrument of each market, to judge what a template sends there."""


class TemplateReading(NamedTuple):
    """A template, or why there is none; warnings leave it valid."""

    template: Template | None
    mistakes: tuple[FieldMistake, ...]
    warnings: tuple[FieldMistake, ...] = ()


def read_template(template_id: str, fields: Mapping[str, Any], context: RuleContext) -> TemplateReading:
    """Return the template with its warnings, or every mistake. Its rule is judged in every market that it can attach to."""
    findings = Findings()
    for key in NEVER:
        if key in fields:
            findings.note(key, code="config.template_key", at_key=True, key=key)
    if fields.get("side") == Side.BUY.value:
        findings.note("side", code="config.template_buy")
    filters = _Filters(fields.get("for", {}), context, findings).read()
    existing = findings.read(values.yes_or_no, fields["include_existing"], "include_existing") if "include_existing" in fields else False
    around = Surroundings(None, None, context.markets, context.past_is_mistake)
    read_when(fields, InstrumentId(""), findings, around)
    if findings.mistakes:
        return TemplateReading(None, tuple(findings.mistakes))
    plain = {key: value for key, value in fields.items() if key not in OWN_KEYS}
    account = {} if "account" in plain or not context.accounts else {"account": context.accounts[0]}
    anywhere = dataclasses.replace(context, served=None)  # whether a feed serves it is known when it is held
    readings = {where: read_rule(template_id, plain | account | {"instrument": where}, anywhere) for where in _stand_ins(filters, context)}
    bad = [reading.mistakes for reading in readings.values() if reading.rule is None]
    rule = next((reading.rule for reading in readings.values() if reading.rule is not None), None)
    if rule is None or (bad and (filters["markets"] or filters["instruments"])):
        return TemplateReading(None, tuple(map(_of_a_template, bad[0])))
    named = AccountName(rule.account if "account" in plain else "")
    kept = replace(rule, instrument=InstrumentId(""), account=named)
    return TemplateReading(Template(kept, **filters, include_existing=bool(existing)), (), tuple(_warnings(readings)))


def _warnings(readings: Mapping[str, RuleReading]) -> list[FieldMistake]:
    """Return what is odd about a template, each once, and in which markets it will not attach."""
    warnings: list[FieldMistake] = []
    for reading in readings.values():
        warnings += [warning for warning in reading.warnings if reading.rule is not None and warning not in warnings]
    for where, reading in readings.items():
        if reading.rule is None:
            params = {"market": where.partition(":")[0], "finding": say(reading.mistakes[0].code, reading.mistakes[0].params)}
            warnings.append(FieldMistake((), "config.template_elsewhere", params, at_key=True))
    return warnings


def _of_a_template(mistake: FieldMistake) -> FieldMistake:
    """Return the mistake; one about an unknown key names the keys of a template and not those of a rule."""
    if mistake.code != "config.unknown_key" or len(mistake.path) != 1:
        return mistake
    key = str(mistake.path[0])
    keys = [*OWN_KEYS, *(known for known in KEYS if known not in NEVER)]
    return replace(mistake, params={**mistake.params, "instead": values.instead(key, keys)})


def template_fields(template: Template) -> dict[str, Any]:
    """Return the keys of a template in the order of the manual."""
    fields = {key: value for key, value in rule_to_fields(template.rule).items() if key != "instrument" and (key, value) != ("account", "")}
    wanted: dict[str, Any] = {
        "markets": list(template.markets),
        "instruments": [str(named) for named in template.instruments],
        "except": [str(named) for named in template.excluded],
        "min_value": "" if template.least_value is None else text(template.least_value),
        "bought_by": template.bought_by,
    }
    filters = {key: value for key, value in wanted.items() if value}
    return fields | ({"for": filters} if filters else {}) | ({"include_existing": "yes"} if template.include_existing else {})


class _Filters:
    """The entries of `for`, read one by one."""

    def __init__(self, written: object, context: RuleContext, findings: Findings) -> None:
        self.written: Mapping[str, Any] = written if isinstance(written, Mapping) else {}
        self.context = context
        self.findings = findings
        if not isinstance(written, Mapping):
            findings.note("for", code="config.template_for")
        for key in self.written:
            if key not in FOR_KEYS:
                params = {"key": key[:60], "instead": values.instead(key, list(FOR_KEYS))}
                findings.add(("for", key), "config.unknown_key", params, at_key=True)

    def read(self) -> dict[str, Any]:
        """Return keyword arguments of Template."""
        named = partial(instrument, self.context.markets)
        return {
            "markets": self.several("markets", self.market),
            "instruments": self.several("instruments", named),
            "excluded": self.several("except", named),
            "least_value": self.one("min_value", values.positive),
            "bought_by": self.one("bought_by", values.name) or "",
        }

    def one(self, key: str, parse: Callable[[str], Any]) -> Any:
        return self.findings.read(parse, self.written[key], "for", key) if key in self.written else None

    def several(self, key: str, parse: Callable[[str], Any]) -> tuple[Any, ...]:
        """Return the words of a list, each once; a single word stands for a list of one."""
        words = listed(self.written.get(key, []))
        if words is None:
            self.findings.note("for", key, code="config.needs_list", where=f"for.{key}")
            return ()
        found = [self.findings.read(parse, word, "for", key, place) for place, word in enumerate(words)]
        return tuple(dict.fromkeys(value for value in found if value is not None))

    def market(self, written: str) -> str:
        known = [name for name, profile in self.context.markets.items() if profile.currencies]
        if written not in known:
            near = values.perhaps(written.upper(), known)
            raise UserMistake("config.template_market", text=written[:60], perhaps=near, known=", ".join(known))
        return written


def _stand_ins(filters: Mapping[str, Any], context: RuleContext) -> list[str]:
    """Return instruments to judge the rule with: those it names, else one of each market that it names, else one of each market
    that a feed serves, else one of KRX."""
    markets = [STAND_INS[market] for market in filters["markets"] if market in STAND_INS]
    served = {pattern.partition(":")[0] for patterns in (context.served or {}).values() for pattern in patterns}
    anywhere = [STAND_INS[market] for market in STAND_INS if market in served]
    return list(filters["instruments"]) or markets or anywhere or [STAND_INS["KRX"]]
