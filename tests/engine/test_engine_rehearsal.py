"""A plan that is only asked about: what it would change, in levels and money, and nothing is changed."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from rig import Rig, price, rule

from autotrader.domain.rule import Part, Percent, ProfitRate, Rule, Stop, Target, Template, Trail
from autotrader.engine.book import Turn
from autotrader.engine.events import Cancel
from autotrader.engine.records import TemplateRecord


def stop(name: str, at: int = 68_000, **changes: Any) -> Rule:
    return rule(name, Stop(price(at)), **changes)


def asked(rig: Rig, *rules: Rule) -> dict[str, Any]:
    body = rig.plan(*rules, dry=True)
    assert body["ok"]
    result: dict[str, Any] = body["result"]
    return result


def loaded(*rules: Rule) -> Rig:
    rig = Rig()
    assert rig.plan(*rules)["ok"]
    rig.prints("70000")
    return rig


def test_each_part_of_a_difference_is_told_and_nothing_changes() -> None:
    rig = loaded(stop("a"), stop("b"), stop("c"), stop("ended"))
    rig.do(Cancel(rule("ended", Stop(price(1))).id))
    before = rig.engine.list_rules()
    units = len(rig.store.journal)
    wanted = (stop("a"), stop("b", 67_000), stop("d", 66_000), stop("ended", 65_000))
    found = asked(rig, *wanted)
    assert [view["id"] for view in found["added"]] == ["d"]
    assert [(leg["name"], leg["level"], leg["value"]) for leg in found["added"][0]["legs"]] == [("stop", "66000", "660000")]
    assert [(item["id"], item["legs"]) for item in found["changed"]] == [
        ("b", [{"name": "stop", "level": ["68000", "67000"], "value": ["680000", "670000"]}])
    ]
    assert [item["id"] for item in found["returning"]] == ["ended"]
    assert (found["removed"], found["in_flight"], found["unchanged"], found["large"]) == (["c"], [], 1, False)
    assert rig.engine.list_rules() == before
    assert len(rig.store.journal) == units
    assert rig.prints("67500") == [("a", "67500"), ("b", "67500"), ("c", "67500")]


def test_a_large_change_is_called_large_and_is_not_kept_as_pending() -> None:
    rig = loaded(*(stop(name) for name in "abcd"))
    assert asked(rig, stop("a"))["large"] is True
    assert rig.engine.pending is None
    assert not rig.store.alerts


def test_a_rule_that_fired_is_in_flight() -> None:
    rig = loaded(stop("a"), stop("b", 60_000))
    rig.prints("68000")
    found = asked(rig, stop("a", 61_000), stop("b", 60_000))
    assert (found["in_flight"], found["large"], found["changed"]) == (["a"], True, [])


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        pytest.param(Decimal(3), "199500", id="a number"),
        pytest.param(None, "6650000", id="all of a hundred"),
        pytest.param(Part(Decimal(50)), "3325000", id="half of a hundred"),
    ],
)
def test_a_level_is_worth_the_quantity_that_would_be_sold(quantity: Any, value: str) -> None:
    rig = loaded(stop("a", 60_000))
    new = replace(rule("new", Stop(ProfitRate(Decimal(-5)))), quantity=quantity)
    (leg,) = asked(rig, stop("a", 60_000), new)["added"][0]["legs"]
    assert (leg["level"], leg["value"]) == ("66500", value)


def test_legs_that_come_and_go_have_one_side_each() -> None:
    rig = loaded(rule("a", Stop(price(68_000)), Target(price(80_000))))
    (item,) = asked(rig, rule("a", Stop(price(68_000)), Trail(Percent(Decimal(10)))))["changed"]
    assert item["legs"] == [
        {"name": "stop", "level": ["68000", "68000"], "value": ["680000", "680000"]},
        {"name": "trail", "level": [None, "63000"], "value": [None, "630000"]},
        {"name": "target", "level": ["80000", None], "value": ["800000", None]},
    ]


def test_templates_that_come_change_and_go_are_told() -> None:
    kept, changed, new = (Template(replace(stop(name), instrument="", quantity=None)) for name in ("kept", "changed", "new"))
    rig = loaded(stop("a"))
    for template in (kept, changed, Template(replace(stop("gone"), instrument=""))):
        Turn(rig.engine.book, rig.now, "test").put(TemplateRecord(template.rule.id, template, 1, True))
    other = replace(changed, markets=("KRX",))
    found = rig.plan(stop("a"), templates=(kept, other, new), dry=True)["result"]["templates"]
    assert [(item["id"], [text is not None for text in item["text"]]) for item in found] == [
        ("changed", [True, True]),
        ("new", [False, True]),
        ("gone", [True, False]),
    ]


def test_what_taking_it_would_refuse_is_refused_and_leaves_no_alert() -> None:
    rig = loaded(stop("a"))
    body = rig.plan(stop("a"), stop("nobody", account="other"), dry=True)
    assert (body["ok"], body["code"]) == (False, "rule.no_account")
    assert not rig.store.alerts
    assert [view["id"] for view in rig.engine.list_rules()] == ["a"]
