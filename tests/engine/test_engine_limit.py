"""`guards.max_rules`: an account has no more rules alive than that, and what it has already stays."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from rig import MAIN, PLAIN, SAMSUNG, Rig, fill, leg, legs, ordered, price, rule, statement, world

from autotrader.domain.order import Holding, OrderStatus, Statement
from autotrader.domain.rule import Above, ProfitRate, Rule, RuleId, Side, Stop, Template
from autotrader.domain.settings import Guards
from autotrader.domain.tick import InstrumentId
from autotrader.engine.events import Cancel


def stop(name: str, **changes: Any) -> Rule:
    return rule(name, Stop(price(60_000)), quantity=Decimal(1), **changes)


def rig_of(most: int | None = 2, *, says: Statement | None = None) -> Rig:
    return Rig(world(guards=Guards(collar=None, stale=None, max_rules=most)), says=says)


def names(rig: Rig) -> set[str]:
    return {name for name in rig.engine.book.rules if not rig.engine.book.has_ended(name)}


def test_a_rule_too_many_is_refused_and_names_the_way_out() -> None:
    rig = rig_of()
    assert all(rig.add(stop(name))["ok"] for name in ("a", "b"))
    said = rig.add(stop("c"))
    assert (said["ok"], said["code"]) == (False, "rule.too_many")
    assert said["params"] == {"rule": "c", "account": "main", "alive": "2", "most": "2"}
    assert names(rig) == {"a", "b"}


def test_without_a_limit_there_is_none() -> None:
    rig = rig_of(None)
    assert all(rig.add(stop(f"r{n}"))["ok"] for n in range(50))


def test_each_account_has_its_own_limit() -> None:
    rig = rig_of(1)
    assert rig.add(stop("a"))["ok"]
    assert rig.add(stop("b", account=PLAIN))["ok"]
    assert not rig.add(stop("c", account=PLAIN))["ok"]


def test_a_rule_that_has_ended_makes_room() -> None:
    rig = rig_of(1)
    rig.add(stop("a"))
    rig.do(Cancel(RuleId("a")))
    assert rig.add(stop("b"))["ok"]


def test_a_file_with_too_many_is_refused_whole() -> None:
    rig = rig_of()
    assert rig.plan(stop("a"))["ok"]
    said = rig.plan(stop("a"), stop("b"), stop("c"))
    assert (said["ok"], said["code"]) == (False, "plan.too_many")
    assert said["params"] == {"account": "main", "alive": "3", "most": "2"}
    assert names(rig) == {"a"}


def test_a_file_that_takes_out_as_many_as_it_brings_is_taken() -> None:
    rig = rig_of()
    rig.plan(stop("a"), stop("b"))
    assert rig.plan(stop("b"), stop("c"), confirmed=True)["ok"]
    assert names(rig) == {"b", "c"}


def test_a_file_counts_what_the_command_line_added() -> None:
    rig = rig_of()
    rig.add(stop("by-hand"))
    assert not rig.plan(stop("a"), stop("b"))["ok"]
    assert names(rig) == {"by-hand"}


def test_a_template_that_finds_no_room_alerts_and_the_holding_has_no_rule() -> None:
    rig = rig_of(1, says=statement(0))
    text = rule("guard", Stop(ProfitRate(Decimal(-5))), instrument=InstrumentId(""), quantity=None)
    assert rig.plan(stop("a"), templates=(Template(text),))["ok"]
    rig.stated(Statement((Holding(SAMSUNG, Decimal(10), Decimal(10), Decimal(700_000)),), statement(0).balances))
    assert names(rig) == {"a"}
    assert "attach.refused" in rig.alert_codes()


def test_the_exits_of_an_entry_always_find_room() -> None:
    rig = rig_of(1, says=statement(0))
    entry = legs(leg(Above(price(70_000))), side=Side.BUY, quantity=Decimal(10), exits=(leg(Stop(price(60_000))),))
    rig.add(entry)
    rig.prints("69000 70000")
    order = rig.places[0]
    rig.report(ordered(order, OrderStatus.PARTIAL, fill(1, 4)), says=statement(4))
    exits = [record for record in rig.engine.book.rules.values() if record.parent == entry.id]
    assert [record.rule.quantity for record in exits] == [4]
    assert rig.engine.book.rules[entry.id].rule.account == MAIN


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["add", "cancel", "file"]), st.integers(0, 5)), max_size=25))
def test_no_order_of_commands_goes_over_the_limit(steps: list[tuple[str, int]]) -> None:
    rig = rig_of(3)
    for verb, number in steps:
        match verb:
            case "add":
                rig.add(stop(f"r{number}"))
            case "cancel":
                rig.do(Cancel(RuleId(f"r{number}")))
            case _:
                rig.plan(*(stop(f"f{n}") for n in range(number)), confirmed=True)
        assert len(names(rig)) <= 3
