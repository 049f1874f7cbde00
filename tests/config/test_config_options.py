"""Which price counts, what becomes of a rest, beginning again, tags: what the words mean, and every word said about wrong ones."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from autotrader.config.fields import rule_to_fields
from autotrader.config.rules import RuleContext, read_rule, rule_from_fields
from autotrader.config.schema import json_schema
from autotrader.domain.rule import (
    Action,
    Amount,
    Basis,
    Change,
    Confirm,
    OnPositionChange,
    Percent,
    PriceOf,
    Rearm,
    Ticks,
    Unfilled,
    UnfilledAction,
    Volume,
    When,
    Within,
)
from autotrader.domain.tick import InstrumentId

CONTEXT = RuleContext(("main",), {"demo": ("KRX:005930", "KRX:000660")}, None)
SELL = {"instrument": "KRX:005930", "account": "main", "side": "sell", "quantity": "10", "stop": "-5%"}
BUY = {"instrument": "KRX:005930", "account": "main", "side": "buy", "quantity": "10", "below": "60000"}
SECOND = 1_000_000_000
SCHEMA = Draft202012Validator(json_schema())


def said(fields: dict[str, Any]) -> list[str]:
    """Return every word said against a rule, without the flag that it is about."""
    return [mistake.sentence().partition(": ")[2] for mistake in read_rule("r", fields, CONTEXT).mistakes]


GOOD: list[tuple[str, Any, Any]] = [
    *(("basis", basis.value, basis) for basis in Basis),
    ("confirm", "3 prints", Confirm(prints=3)),
    ("confirm", "5s", Confirm(span=5 * SECOND)),
    ("gap_guard", "3%", Decimal(3)),
    ("gap_guard", "off", Decimal(0)),
    ("cost_basis", "broker", None),
    ("cost_basis", "71000", Decimal(71000)),
    ("net", "yes", True),
    ("net", "true", True),
    ("net", "no", False),
    ("on_position_change", "freeze", OnPositionChange.FREEZE),
    ("unfilled", {"after": "1m"}, Unfilled(60 * SECOND)),
    ("unfilled", {"after": "30s", "action": "market"}, Unfilled(30 * SECOND, UnfilledAction.MARKET)),
    (
        "unfilled",
        {"after": "30s", "action": "reprice", "step_ticks": "2", "max": "3", "final": "cancel"},
        Unfilled(30 * SECOND, UnfilledAction.REPRICE, 2, 3, UnfilledAction.CANCEL),
    ),
    ("rearm", {"max": "3", "cooldown": "10m", "hysteresis": "1%"}, Rearm(3, 600 * SECOND, Percent(Decimal(1)))),
    ("rearm", {"max": "1", "hysteresis": "5 ticks"}, Rearm(1, 0, Ticks(5))),
    ("rearm", {"max": "1", "cooldown": "2h", "hysteresis": "500"}, Rearm(1, 7200 * SECOND, Amount(Decimal(500)))),
    ("rearm_next_session", "yes", True),
    ("action", "alert", Action.ALERT),
    ("shadow", "yes", True),
    ("tags", "swing", ("swing",)),
    ("tags", ["swing", "core", "swing"], ("swing", "core")),
]


@pytest.mark.parametrize(("key", "written", "meant"), GOOD)
def test_a_word_means_this_and_editors_take_it(key: str, written: Any, meant: Any) -> None:
    assert getattr(rule_from_fields("r", SELL | {key: written}, CONTEXT), key) == meant
    assert SCHEMA.is_valid({"rules": {"r": SELL | {key: written}}})


REARM = "{max: 3, cooldown: 10m, hysteresis: 1%}"
UNFILLED = "{after: 30s, action: reprice, step_ticks: 1, max: 5, final: market}"
BAD: list[tuple[dict[str, Any], list[str]]] = [
    (
        SELL | {"basis": "las"},
        ["'las' is not possible here; did you mean last?; write one of last, bid, ask, mid, last_or_quote, double_last"],
    ),
    (SELL | {"confirm": "3"}, ["'3' does not say how long to wait; write `3 prints` or a time span such as `5s`"]),
    (
        SELL | {"confirm": "1 print"},
        ["'1 print' is out of range; write 2 to 100 prints, or delete the key where one print is enough"],
    ),
    (SELL | {"net": "maybe"}, ["'maybe' is neither yes nor no; write `yes` or `no`"]),
    (BUY | {"net": "yes"}, ["`net` is about the cost of a holding, and a buy has none yet; delete it"]),
    (BUY | {"cost_basis": "5"}, ["`cost_basis` is about the cost of a holding, and a buy has none yet; delete it"]),
    (SELL | {"unfilled": "30s"}, [f"`unfilled` takes several entries; write `unfilled: {UNFILLED}`"]),
    (SELL | {"unfilled": {"action": "keep"}}, [f"`unfilled` lacks `after`; write `unfilled: {UNFILLED}`"]),
    (
        SELL | {"unfilled": {"after": "5s", "step_ticks": "2"}},
        ["`step_ticks` goes with `action: reprice`, not with keep; delete it, or write `action: reprice`"],
    ),
    (
        SELL | {"unfilled": {"after": "5s", "action": "reprice", "final": "reprice"}},
        ["`final` is what comes after the last new price, so it cannot be `reprice`; write keep, market or cancel"],
    ),
    (SELL | {"rearm": {"max": "0", "hysteresis": "1%"}}, ["0 is out of range; write a whole number from 1 to 1000"]),
    (SELL | {"rearm": {"max": "3"}}, [f"`rearm` lacks `hysteresis`; write `rearm: {REARM}`"]),
    (
        SELL | {"shadow": "yes", "action": "alert"},
        ["`shadow` records an order, but `action: alert` decides none; delete one of them"],
    ),
    (SELL | {"tags": [str(n) for n in range(11)]}, ["a rule has at most 10 tags; delete some"]),
]


@pytest.mark.parametrize(("fields", "sentences"), BAD)
def test_a_wrong_word_is_refused_in_these_words_and_marked_by_editors(fields: dict[str, Any], sentences: list[str]) -> None:
    assert said(fields) == sentences
    only_we_know = "shadow" in fields
    assert SCHEMA.is_valid({"rules": {"r": fields}}) == only_we_know


def test_net_without_a_rate_of_profit_is_pointed_out() -> None:
    warnings = read_rule("r", SELL | {"stop": "60000", "net": "yes"}, CONTEXT).warnings
    assert [warning.code for warning in warnings] == ["config.option_net_idle"]
    assert read_rule("r", SELL | {"net": "yes"}, CONTEXT).warnings == ()


spans = st.integers(1, 10**6).map(lambda ms: ms * 1_000_000)
counts = st.integers(1, 1000)
percents = st.decimals("0.01", "99.99", places=2)
signed = percents | percents.map(lambda percent: -percent) | st.just(Decimal(0))
prices = st.decimals("0.01", 10**9, places=2)
distances = prices.map(Amount) | percents.map(Percent) | counts.map(Ticks)
conditions = (
    st.sampled_from(["10:00-close", "09:05-15:15"]).map(Within)
    | st.builds(Change, signed, st.booleans())
    | prices.map(Volume)
    | st.builds(PriceOf, st.sampled_from(["KRX:005930", "KRX:000660"]).map(InstrumentId), prices, st.booleans())
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "basis": st.sampled_from(Basis),
        "confirm": st.integers(2, 100).map(lambda n: Confirm(prints=n)) | spans.map(lambda span: Confirm(span=span)),
        "gap_guard": percents | st.just(Decimal(0)),
        "cost_basis": prices,
        "net": st.booleans(),
        "on_position_change": st.sampled_from(OnPositionChange),
        "unfilled": st.builds(Unfilled, spans, st.sampled_from([UnfilledAction.KEEP, UnfilledAction.MARKET, UnfilledAction.CANCEL]))
        | st.builds(
            Unfilled,
            spans,
            st.just(UnfilledAction.REPRICE),
            counts,
            counts,
            st.sampled_from([UnfilledAction.KEEP, UnfilledAction.MARKET, UnfilledAction.CANCEL]),
        ),
        "rearm": st.builds(Rearm, counts, st.just(0) | spans, distances),
        "rearm_next_session": st.booleans(),
        "shadow": st.booleans(),
        "tags": st.lists(st.from_regex(r"\A[a-z]{1,8}\Z"), max_size=10, unique=True).map(tuple),
        "when": st.builds(When, st.lists(conditions, min_size=1, max_size=6).map(tuple), st.booleans()),
    },
)


@given(OPTIONS)
def test_what_is_written_out_is_read_as_the_same_and_editors_take_it(options: dict[str, Any]) -> None:
    rule = replace(rule_from_fields("r", SELL, CONTEXT), **options)
    fields = rule_to_fields(rule)
    assert rule_from_fields("r", fields, CONTEXT) == rule
    assert [error.message for error in SCHEMA.iter_errors({"rules": {"r": fields}})] == []
