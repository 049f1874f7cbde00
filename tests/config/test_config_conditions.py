"""Further conditions: what `when` means, and every word said about a wrong one."""

from decimal import Decimal
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from autotrader.config.rules import RuleContext, read_rule, rule_from_fields
from autotrader.config.schema import json_schema
from autotrader.domain.rule import Change, Condition, PriceOf, Volume, When, Within
from autotrader.domain.tick import InstrumentId

CONTEXT = RuleContext(("main",), {"demo": ("KRX:005930", "KRX:000660")}, None)
SELL = {"instrument": "KRX:005930", "side": "sell", "quantity": "10", "stop": "-5%"}
SCHEMA = Draft202012Validator(json_schema())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ({"time": "10:00-close"}, Within("10:00-close")),
        ({"change": "<= -3%"}, Change(Decimal(-3), over=False)),
        ({"change": ">= +2%"}, Change(Decimal(2), over=True)),
        ({"change": ">=0%"}, Change(Decimal(0), over=True)),
        ({"volume": ">= 100000"}, Volume(Decimal(100000))),
        ({"price": "KRX:000660 >= 180000"}, PriceOf(InstrumentId("KRX:000660"), Decimal(180000), over=True)),
        ({"price": "<= 65000"}, PriceOf(InstrumentId("KRX:005930"), Decimal(65000), over=False)),
    ],
)
def test_a_condition_means_this_and_editors_take_it(written: dict[str, str], meant: Condition) -> None:
    for when, expected in (
        ([written], When((meant,))),
        ({"all": [written]}, When((meant,))),
        ({"any": [written]}, When((meant,), any_of=True)),
    ):
        assert rule_from_fields("r", SELL | {"when": when}, CONTEXT).when == expected
        assert SCHEMA.is_valid({"rules": {"r": SELL | {"when": when}}})


LIST = '`when` is a list of conditions; write `when: [{time: "10:00-close"}]`, or `when: {any: [...]}` where one is enough'
BAD: list[tuple[Any, str]] = [
    ("10:00-close", LIST),
    ([], LIST),
    ({"none": []}, LIST),
    ([{"time": "10:00-close"}] * 7, "a rule has at most 6 conditions; delete some"),
    ([{}], 'a condition is one of time, change, volume and price; write one such as `{change: "<= -3%"}`'),
    ([{"chance": "<= -3%"}], "`chance` is not a condition; did you mean change?; there are time, change, volume and price"),
    ([{"change": "-3%"}], "'-3%' is not a comparison; write one such as \"<= -3%\""),
    ([{"change": "< -3%"}], "'< -3%' does not compare with `>=` or `<=`, and both count the limit itself; write one such as \"<= -3%\""),
    ([{"change": "<= 3%"}], "'<= 3%' does not say whether the price rose or fell; write +3% or -3%"),
    ([{"volume": "<= 5"}], "the day's volume only grows, so '<= 5' cannot be waited for; write \">= 5\""),
    (
        [{"price": "KRX:035720 >= 5"}],
        "no feed serves KRX:035720, so this condition would never be judged; add it to a feed, or delete the condition",
    ),
]


@pytest.mark.parametrize(("when", "sentence"), BAD)
def test_a_wrong_condition_is_refused_in_these_words(when: Any, sentence: str) -> None:
    mistakes = read_rule("r", SELL | {"when": when}, CONTEXT).mistakes
    assert [mistake.sentence().partition(": ")[2] for mistake in mistakes] == [sentence]
    assert SCHEMA.is_valid({"rules": {"r": SELL | {"when": when}}}) == ("no feed" in sentence)
