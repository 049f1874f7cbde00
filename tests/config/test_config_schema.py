"""The JSON schema that editors use agrees with what the program takes."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from autotrader.config.load import load_file
from autotrader.config.rule_keys import KEYS, LATER
from autotrader.config.rule_schema import RuleText
from autotrader.config.schema import json_schema

EXAMPLE = Path(__file__).parent.parent.parent / "config.example.yaml"


def rejected(text: str) -> bool:
    """Return whether an editor would mark the text."""
    seen = json.loads(json.dumps(yaml.safe_load(text), default=str))  # an editor sees JSON: numbers, booleans, and text for a date
    return not Draft202012Validator(json_schema()).is_valid(seen)


def test_the_schema_is_a_schema() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def test_every_key_is_described() -> None:
    def undescribed(schema: dict[str, Any]) -> list[str]:
        return [key for key, value in schema.get("properties", {}).items() if "description" not in value]

    schema = json_schema()
    assert undescribed(schema) == []
    assert {name: undescribed(model) for name, model in schema["$defs"].items()} == {name: [] for name in schema["$defs"]}


def test_the_keys_of_a_rule_are_those_that_the_program_reads() -> None:
    assert tuple(RuleText.model_fields) == KEYS
    assert not LATER & set(KEYS)


def test_the_example_is_accepted_by_editors_and_by_the_program() -> None:
    assert not rejected(EXAMPLE.read_text(encoding="utf-8"))
    loaded = load_file(EXAMPLE)
    assert loaded.mistakes == ()
    assert loaded.warnings == ()
    assert loaded.settings is not None
    assert len(loaded.settings.rules) >= 4


RULE = "rules: {r: {instrument: KRX:005930, %s}}"


@pytest.mark.parametrize(
    "text",
    [
        "guards: {collar: off, stale: off}",
        "feeds: {tape: {kind: recording, file: a.gz, dialect: upbit, speed: max, instruments: [UPBIT:KRW-BTC]}}",
        "accounts: {main: {broker: paper, fee: 0.015%, cash: {KRW: 0}}}",
        RULE % "side: sell, quantity: all, stop: -5%",
        RULE % "side: sell, quantity: 1, trail: 5 ticks, activate: +5%",
        RULE % "side: buy, quantity: 0.5, above: 3%, base: previous_close, until: 2026-12-31",
        RULE % "side: buy, quantity: 1, rebound: 2%, order: {limit: 5}, until: 90d, recovery: hold",
        RULE % "side: sell, quantity: 1, stop: 5, order: {limit: 5, tif: ioc}, sessions: [regular, krx.after], after_close: carry",
        RULE % "side: sell, quantity: 1, stop: 5, order: best_fok, sessions: nxt.pre, watch: NXT, venue: NXT, on_halt: fail",
        RULE % "side: sell, quantity: 1, stop: 5, order: {conditional: 5}, watch: ALL, venue: SOR, on_inadmissible: wait",
        RULE % "side: sell, quantity: 1, stop: 5, order: {loc: 5, tif: day}, window: 09:05-15:15",
        RULE % "side: sell, quantity: 1, stop: 5, order: midpoint, window: open+5m-close-5m, sessions: regular",
    ],
)
def test_an_editor_accepts(text: str) -> None:
    assert not rejected(text)


@pytest.mark.parametrize(
    "text",
    [
        "modes: paper",
        "mode: demo",
        "guards: {collar: 10}",
        "guards: {stale: 5}",
        "accounts: {main: {broker: bank}}",
        "accounts: {main: {cash: {krw: 1}}}",
        "accounts: {main: {positions: {'005930': {quantity: 1, cost: 1}}}}",
        "feeds: {demo: {seed: 7}}",
        "feeds: {demo: {kind: simm}}",
        "rules: {my rule: {instrument: KRX:005930, side: sell, quantity: 1, stop: 5}}",
        RULE % "side: sell, quantity: 1",
        RULE % "side: sell, quantity: 1, stop: 5, target: 6",
        RULE % "side: buy, quantity: 1, stop: 5",
        RULE % "side: sell, quantity: 1, above: 5",
        RULE % "side: buy, quantity: all, above: 5",
        RULE % "side: buy, quantity: 1, above: 5, bind: none",
        RULE % "side: sell, quantity: 1, stop: 5, activate: 6",
        RULE % "side: sell, quantity: 1, stop: -5",
        RULE % "side: sell, quantity: 1, stop: '68,000'",
        RULE % "side: sell, quantity: 1, stop: 5, legs: []",
        RULE % "side: sell, quantity: 1, stop: 5, order: limit",
        RULE % "side: sell, quantity: 1, stop: 5, until: soon",
        RULE % "side: sell, quantity: 1, stop: 5, order: stop_limit",
        RULE % "side: sell, quantity: 1, stop: 5, order: {best: 5}",
        RULE % "side: sell, quantity: 1, stop: 5, order: {limit: 5, loc: 5}",
        RULE % "side: sell, quantity: 1, stop: 5, order: {limit: 5, tif: gtc}",
        RULE % "side: sell, quantity: 1, stop: 5, order: {conditional: 5, tif: ioc}",
        RULE % "side: sell, quantity: 1, stop: 5, order: {tif: ioc}",
        RULE % "side: sell, quantity: 1, stop: 5, sessions: []",
        RULE % "side: sell, quantity: 1, stop: 5, sessions: NXT",
        RULE % "side: sell, quantity: 1, stop: 5, watch: nxt",
        RULE % "side: sell, quantity: 1, stop: 5, venue: [KRX]",
        RULE % "side: sell, quantity: 1, stop: 5, window: morning",
        RULE % "side: sell, quantity: 1, stop: 5, after_close: cary",
        RULE % "side: sell, quantity: 1, stop: 5, on_halt: wait",
        RULE % "side: sell, quantity: 1, stop: 5, on_inadmissible: queue",
    ],
)
def test_an_editor_marks(text: str) -> None:
    assert rejected(text)


TEMPLATE = "templates: {t: {side: sell, quantity: all, %s}}"


@pytest.mark.parametrize(
    "keys",
    ["stop: -5%", "legs: [{stop: -5%}, {trail: 3%}], for: {markets: [KRX], min_value: 5, bought_by: swing}, include_existing: yes"],
)
def test_an_editor_accepts_a_template(keys: str) -> None:
    assert not rejected(TEMPLATE % keys)


@pytest.mark.parametrize(
    "keys", ["stop: -5%, instrument: KRX:005930", "stop: -5%, feed: demo", "stop: -5%, for: KRX", "for: {markets: [KRX]}"]
)
def test_an_editor_marks_a_template(keys: str) -> None:
    assert rejected(TEMPLATE % keys)


def test_an_editor_marks_a_template_that_buys() -> None:
    assert rejected("templates: {t: {side: buy, quantity: 1, below: 5}}")
