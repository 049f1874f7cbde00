"""Templates: which holdings they choose, what is refused, and that they are read again as they were written."""

from decimal import Decimal
from typing import Any

import pytest

from autotrader.config.load import load_text
from autotrader.config.rules import RuleContext
from autotrader.config.templates import read_template, template_fields

CONTEXT = RuleContext(("main", "second"), {"demo": ("KRX:*",)}, None)
GUARD: dict[str, Any] = {"side": "sell", "quantity": "all", "stop": "-5%"}
CHOSEN: dict[str, Any] = {
    "markets": ["KRX"],
    "instruments": ["KRX:005930", "KRX:000660"],
    "except": ["KRX:035720"],
    "min_value": "1000000",
    "bought_by": "swing",
}


@pytest.mark.parametrize(
    "fields",
    [
        GUARD,
        GUARD | {"account": "second", "for": CHOSEN, "include_existing": "yes"},
        GUARD | {"for": {"markets": ["US"]}, "tags": ["core"], "when": [{"price": "KRX:005930 >= 60000"}]},
    ],
)
def test_a_template_is_written_out_as_it_was_read(fields: dict[str, Any]) -> None:
    template = read_template("guard", fields, CONTEXT).template
    assert template is not None
    assert template.rule.instrument == ""
    assert template.rule.account == fields.get("account", "")
    assert template_fields(template) == fields


def test_the_choice_of_holdings_is_read() -> None:
    template = read_template("guard", GUARD | {"for": CHOSEN}, CONTEXT).template
    assert template is not None
    assert (template.markets, template.instruments, template.excluded) == (("KRX",), ("KRX:005930", "KRX:000660"), ("KRX:035720",))
    assert (template.least_value, template.bought_by, template.include_existing) == (Decimal(1000000), "swing", False)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (GUARD | {"instrument": "KRX:005930"}, "config.template_key"),
        (GUARD | {"feed": "demo"}, "config.template_key"),
        (GUARD | {"side": "buy"}, "config.template_buy"),
        (GUARD | {"for": "KRX"}, "config.template_for"),
        (GUARD | {"for": {"markets": ["KOSPI"]}}, "config.template_market"),
        (GUARD | {"for": {"market": ["KRX"]}}, "config.unknown_key"),
        (GUARD | {"when": [{"price": ">= 5"}]}, "config.when_price_of_template"),
    ],
)
def test_a_wrong_template_is_refused(fields: dict[str, Any], code: str) -> None:
    reading = read_template("guard", fields, CONTEXT)
    assert reading.template is None
    assert [mistake.code for mistake in reading.mistakes] == [code]


def test_an_unknown_key_is_answered_with_the_keys_of_a_template() -> None:
    (mistake,) = read_template("guard", GUARD | {"zzzzzz": "x"}, CONTEXT).mistakes
    assert mistake.params["instead"].startswith("there are for, include_existing, ")
    assert "instrument" not in mistake.params["instead"].split(", ")
    (near,) = read_template("guard", GUARD | {"include_existin": "yes"}, CONTEXT).mistakes
    assert near.params["instead"] == "did you mean include_existing?"


def test_a_file_carries_its_templates_beside_its_rules() -> None:
    text = """
accounts: {main: {broker: paper}}
feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}}}}
rules: {one: {instrument: KRX:005930, side: sell, quantity: 1, stop: 5}}
templates:
  guard: {side: sell, quantity: all, stop: -5%}
  keep: {side: sell, quantity: all, trail: 3%, account: main}
"""
    loaded = load_text(text, "c.yaml")
    assert loaded.mistakes == ()
    assert loaded.settings is not None
    assert [(template.rule.id, template.rule.account) for template in loaded.settings.templates] == [("guard", ""), ("keep", "main")]
    assert [rule.id for rule in loaded.settings.rules] == ["one"]


EVERYWHERE = RuleContext(("main",), {"demo": ("KRX:*", "US:*")}, None)


def test_a_template_for_everything_warns_of_the_markets_that_do_not_take_it() -> None:
    reading = read_template("guard", GUARD | {"watch": "NXT"}, EVERYWHERE)
    assert reading.template is not None
    (warning,) = reading.warnings
    assert (warning.code, warning.params["market"]) == ("config.template_elsewhere", "US")
    assert "NXT" in warning.params["finding"]
    assert read_template("guard", GUARD | {"watch": "NXT", "for": {"markets": ["KRX"]}}, EVERYWHERE).warnings == ()


def test_a_template_that_names_a_market_that_does_not_take_it_is_refused() -> None:
    reading = read_template("guard", GUARD | {"watch": "NXT", "for": {"markets": ["KRX", "US"]}}, EVERYWHERE)
    assert reading.template is None


def test_a_template_that_no_market_takes_is_refused() -> None:
    assert read_template("guard", GUARD | {"stop": "x"}, EVERYWHERE).template is None
