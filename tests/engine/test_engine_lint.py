"""The linter: each finding with a case in which it comes and a near miss in which it does not."""

from decimal import Decimal
from typing import Any

import pytest
from rig import SAMSUNG, Day, Rig, leg, legs, price, rule, statement

from autotrader.domain.rule import (
    Above,
    Action,
    AlreadyMet,
    Amount,
    Basis,
    Below,
    Confirm,
    OrderSpec,
    OrderType,
    Percent,
    Preserve,
    ProfitRate,
    Rearm,
    Rule,
    RuleId,
    Side,
    Spend,
    Stop,
    Target,
    Ticks,
    TimeExit,
    Trail,
    Unfilled,
    When,
    Within,
)
from autotrader.domain.tick import Quote
from autotrader.engine.events import Edit, Pause, Reference, ShowRule
from autotrader.engine.lint import lint, lint_all
from autotrader.messages.lint import ENGLISH

SECOND = 1_000_000_000
D = Decimal


def buy(level: int, **changes: Any) -> Rule:
    return rule("r", Above(price(level)), **changes)


def quoted(rig: Rig) -> None:
    rig.tell(Quote(SAMSUNG, D(69_900), D(1), D(70_300), D(1), rig.now))


# code: (a rule of which it is said, the nearest one of which it is not); at 70,000, tick 100, 100 held, 10,000,000 won
TABLE: dict[str, tuple[Rule, Rule]] = {
    "lint.too_near": (rule("r", Stop(price("69830"))), rule("r", Stop(price("69820")))),
    "lint.trail_under_tick": (rule("r", Trail(Amount(D(99)))), rule("r", Trail(Amount(D(100))))),
    "lint.limit_past_level": (
        rule("r", Stop(ProfitRate(D(-5))), order=OrderSpec(OrderType.LIMIT, D(66_600))),
        rule("r", Stop(ProfitRate(D(-5))), order=OrderSpec(OrderType.LIMIT, D(66_500))),
    ),
    "lint.trail_under_spread": (rule("r", Trail(Ticks(3))), rule("r", Trail(Ticks(4)))),
    "lint.step_over_trail": (
        rule("r", Trail(Amount(D(1000)), step=Amount(D(1000)))),
        rule("r", Trail(Amount(D(1000)), step=Amount(D(900)))),
    ),
    "lint.target_under_costs": (rule("r", Target(ProfitRate(D("0.2")))), rule("r", Target(ProfitRate(D("0.22"))))),
    "lint.preserve_near": (
        rule("r", Preserve(price(72_100), price(72_000))),
        rule("r", Preserve(price(72_200), price(72_000))),
    ),
    "lint.unfilled_market": (
        rule("r", Stop(price(65_000)), unfilled=Unfilled(SECOND)),
        rule("r", Stop(price(65_000)), unfilled=Unfilled(SECOND), order=OrderSpec(OrderType.LIMIT, D(64_000))),
    ),
    "lint.stop_over_target": (
        legs(leg(Stop(price(75_000))), leg(Target(price(75_000))), already_met=AlreadyMet.WAIT_CROSS),
        legs(leg(Stop(price(65_000))), leg(Target(price(75_000)))),
    ),
    "lint.share_of_nothing": (
        legs(leg(Target(price(75_000)), share=D(50)), leg(Stop(price(60_000))), quantity=D(1)),
        legs(leg(Target(price(75_000)), share=D(50)), leg(Stop(price(60_000))), quantity=D(2)),
    ),
    "lint.more_than_held": (rule("r", Stop(price(60_000)), quantity=D(101)), rule("r", Stop(price(60_000)), quantity=D(100))),
    "lint.amount_too_small": (buy(75_000, quantity=Spend(D(69_999))), buy(75_000, quantity=Spend(D(70_000)))),
    "lint.more_than_cash": (buy(75_000, quantity=D(142)), buy(75_000, quantity=D(141))),
    "lint.rearm_hot": (
        rule("r", Stop(price(60_000)), rearm=Rearm(2, SECOND, Amount(D(100)))),
        rule("r", Stop(price(60_000)), rearm=Rearm(2, SECOND, Amount(D(500)))),
    ),
    "lint.time_outside_window": (
        rule("r", TimeExit("close-5m"), window="09:00-10:00"),
        rule("r", TimeExit("close-5m"), window="09:00-15:26"),
    ),
    "lint.condition_never": (
        rule("r", Stop(price(60_000)), window="09:00-10:00", when=When((Within("10:00-11:00"),))),
        rule("r", Stop(price(60_000)), window="09:00-10:01", when=When((Within("10:00-11:00"),))),
    ),
    "lint.gap_under_tick": (
        rule("r", Stop(price(60_000)), gap_guard=D("0.1")),
        rule("r", Stop(price(60_000)), gap_guard=D("0.2")),
    ),
    "lint.confirmed_twice": (
        rule("r", Stop(price(60_000)), basis=Basis.DOUBLE_LAST, confirm=Confirm(prints=3)),
        rule("r", Stop(price(60_000)), basis=Basis.DOUBLE_LAST, confirm=Confirm(prints=2)),
    ),
    "lint.exits_met": (
        buy(75_000, quantity=D(1), exits=(leg(Stop(price(75_000))),)),
        buy(75_000, quantity=D(1), exits=(leg(Stop(price(74_900))),)),
    ),
}


def rig_at_70() -> Rig:
    rig = Rig()
    rig.add(rule("first", Below(price(1_000)), quantity=D(1)))
    rig.tick(70_000)
    return rig


def said(rig: Rig, text: Rule) -> list[str]:
    body = rig.add(text)
    assert body["ok"], body
    return [note["code"] for note in body["result"]["warnings"]]


@pytest.mark.parametrize("code", TABLE)
def test_a_finding_comes_where_it_should_and_not_beside_it(code: str) -> None:
    odd, near_miss = TABLE[code]
    for text, expected in ((odd, True), (near_miss, False)):
        rig = rig_at_70()
        if code == "lint.trail_under_spread":
            quoted(rig)
        assert (code in said(rig, text)) is expected


def test_a_paused_rule_whose_level_the_price_has_passed() -> None:
    for last, expected in ((65_000, True), (65_100, False)):
        rig = rig_at_70()
        rig.add(rule("r", Stop(price(65_000))))
        rig.do(Pause(RuleId("r")))
        rig.tick(last)
        found = lint_all(rig.world, rig.engine.book, rig.now).get("r", [])
        assert ("lint.fires_at_once" in [note.code for note in found]) is expected


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"already_met": AlreadyMet.FIRE}, id="fire"),
        pytest.param({"already_met": AlreadyMet.WAIT_CROSS}, id="wait_cross"),
    ],
)
def test_to_mean_it_was_the_advice_to_an_owner_who_had_written_what_he_means(changes: dict[str, Any]) -> None:
    assert said(rig_at_70(), rule("r", Stop(price(72_000)), **changes)) == []


@pytest.mark.parametrize("changes", [{"action": Action.ALERT}, {"shadow": True}])
def test_a_rule_that_sends_nothing_was_told_of_shares_and_money_that_it_would_take(changes: dict[str, Any]) -> None:
    rig = rig_at_70()
    assert said(rig, rule("all", Stop(price(60_000)), quantity=D(100))) == []
    assert said(rig, rule("watch", Stop(price(60_000)), quantity=D(500), **changes)) == []
    assert said(rig, rule("part", Stop(price(60_000)), quantity=D(50), **changes)) == []
    assert said(rig, buy(75_000, quantity=D(200), **changes)) == []
    assert said(rig, rule("b", Above(price(75_000)), quantity=D(100))) == []
    assert set(lint_all(rig.world, rig.engine.book, rig.now)) == set()


def test_rules_that_share_a_holding_are_told_of_each_other_and_legs_count_once() -> None:
    rig = rig_at_70()
    ladder = legs(leg(Stop(price(60_000))), leg(Target(price(80_000))), quantity=D(60))
    assert said(rig, ladder) == []
    assert said(rig, rule("b", Stop(price(60_000)), quantity=D(40))) == []
    assert said(rig, rule("c", Stop(price(60_000)), quantity=D(1))) == ["lint.overlaps"]
    for name in ("r", "b", "c"):
        assert [note.code for note in lint(rig.world, rig.engine.book, rig.record(name), rig.now)] == ["lint.overlaps"]


def test_of_very_many_rules_five_are_named_and_all_are_counted() -> None:
    rig = rig_at_70()
    for number in range(12):
        said(rig, rule(f"r{number:02}", Stop(price(60_000)), quantity=D(10)))
    found = lint(rig.world, rig.engine.book, rig.record("r05"), rig.now)
    assert [note.params["rules"] for note in found if note.code == "lint.overlaps"] == ["r00, r01, r02, r03, r04, … (11)"]


def test_a_level_beyond_todays_limits() -> None:
    for level, expected in ((48_900, True), (49_000, False)):
        day = Day("10:00:00")
        day.add(rule("first", Below(price(50_000)), quantity=D(1)))
        day.tell(Reference(SAMSUNG, D(70_000)))
        day.at("10:00:05", 70_000)
        assert ("lint.beyond_limit" in said(day, rule("r", Stop(price(level))))) is expected


def test_a_limit_beyond_todays_limits() -> None:
    for limit, expected in ((48_950, True), (49_000, False)):
        day = Day("10:00:00")
        day.add(rule("first", Below(price(50_000)), quantity=D(1)))
        day.tell(Reference(SAMSUNG, D(70_000)))
        day.at("10:00:05", 70_000)
        text = rule("r", Stop(price(49_000)), order=OrderSpec(OrderType.LIMIT, D(limit)))
        assert ("lint.limit_beyond" in said(day, text)) is expected


def test_a_rule_that_ends_before_its_next_session() -> None:
    for until, expected in (("2026-11-22", True), ("2026-11-23", False)):
        day = Day("21:00:00", "2026-11-20")
        assert ("lint.ends_before_session" in said(day, rule("r", Stop(price(60_000)), until=until))) is expected


def test_a_price_to_watch_that_nobody_tells() -> None:
    for tells, expected in ((False, True), (True, False)):
        rig = rig_at_70()
        if tells:
            quoted(rig)
        assert ("lint.no_quotes" in said(rig, rule("r", Stop(price(60_000)), basis=Basis.BID))) is expected


COVERED = {
    *TABLE,
    "lint.fires_at_once",
    "lint.overlaps",
    "lint.beyond_limit",
    "lint.limit_beyond",
    "lint.ends_before_session",
    "lint.no_quotes",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(buy(75_000, quantity=D(1), exits=(leg(Trail(Amount(D(99)))),)), True, id="an exit that trails by less than a step"),
        pytest.param(buy(75_000, quantity=D(1), exits=(leg(Trail(Amount(D(100)))),)), False, id="by a step"),
    ],
)
def test_exits_are_judged_too(text: Rule, expected: bool) -> None:
    rig = Rig()
    rig.add(rule("first", Below(price(50_000)), quantity=D(1)))
    rig.tick(70_000)
    assert ("lint.trail_under_tick" in said(rig, text)) is expected


def test_of_all_rules_of_one_holding_the_overlap_is_said_once() -> None:
    rig = Rig()
    rig.add(*(rule(f"r{n}", Stop(price(60_000)), quantity=D(60)) for n in range(3)))
    rig.tick(70_000)
    found = lint_all(rig.world, rig.engine.book, rig.now)
    assert [name for name, notes in found.items() if any(note.code == "lint.overlaps" for note in notes)] == ["r0"]


def test_every_finding_has_its_case() -> None:
    assert set(ENGLISH) == COVERED


def test_show_and_edit_tell_them_too() -> None:
    rig = rig_at_70()
    rig.add(rule("r", Stop(price(60_000))))
    after = rule("r", Stop(price(60_000)), quantity=D(500))
    body = rig.do(Edit(after, 1))
    assert [note["code"] for note in body["result"]["warnings"]] == ["lint.more_than_held"]
    shown = rig.do(ShowRule(after.id))
    assert [note["code"] for note in shown["result"]["warnings"]] == ["lint.more_than_held"]


def test_a_dry_plan_tells_them() -> None:
    rig = rig_at_70()
    body = rig.plan(rule("r", Stop(price(60_000)), quantity=D(500)), dry=True)
    assert [note["code"] for note in body["result"]["lint"]["r"]] == ["lint.more_than_held"]


def test_an_ordinary_rule_has_nothing_odd() -> None:
    rig = rig_at_70()
    text = legs(leg(Stop(ProfitRate(D(-7)))), leg(Target(ProfitRate(D(10))), share=D(50)), leg(Trail(Percent(D(5)))))
    assert said(rig, text) == []
    assert said(rig, rule("b", Above(price(75_000)), quantity=D(1), side=Side.BUY)) == []


def test_without_a_price_nothing_is_guessed() -> None:
    assert said(Rig(says=statement(100)), rule("r", Stop(price(69_990)))) == []
