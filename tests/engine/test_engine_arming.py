"""When a rule begins to watch, what is already met then, and what happened while nobody watched (semantics 2.1, 2.9, 2.15)."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from rig import HYNIX, SAMSUNG, Rig, price, rule, statement

from autotrader.domain.order import Holding
from autotrader.domain.rule import (
    Above,
    AlreadyMet,
    Amount,
    Below,
    Bind,
    OnRecovery,
    OrderSpec,
    OrderType,
    Percent,
    Rebound,
    Rule,
    RuleId,
    Stop,
    Target,
    Trail,
    Trigger,
)
from autotrader.engine.events import Add, Cancel, Edit, LinkState, Pause, Resume
from autotrader.engine.records import MarkRecord

THREE = Percent(Decimal(3))
MET_AT_70000 = [
    pytest.param(Stop(price(71000)), id="stop"),
    pytest.param(Stop(price(70000)), id="stop by equality"),
    pytest.param(Target(price(69000)), id="target"),
    pytest.param(Above(price(69000)), id="above"),
    pytest.param(Below(price(71000)), id="below"),
]


@pytest.mark.parametrize("trigger", MET_AT_70000)
def test_a_command_that_would_be_met_at_once_is_refused_with_price_and_level_and_nothing_is_kept(trigger: Trigger) -> None:
    rig = Rig()
    rig.add(rule("first", Stop(price(1))))
    rig.prints("70000")
    rows = len(rig.store.journal)
    answer = rig.add(rule("r", trigger, quantity=Decimal(1)))
    assert (answer["code"], answer["exit"], answer["params"]["price"]) == ("already_met", 5, "70000")
    assert RuleId("r") not in rig.engine.book.rules
    assert len(rig.store.journal) == rows


@pytest.mark.parametrize("trigger", MET_AT_70000)
def test_a_rule_of_the_file_that_is_met_at_its_first_price_is_rejected_with_an_alert(trigger: Trigger) -> None:
    rig = Rig()
    rig.plan(rule("r", trigger, quantity=Decimal(1)))
    assert (rig.state("r"), rig.reason("r")) == ("waiting", "waiting.price")
    assert rig.prints("70000 70000") == []
    assert (rig.state("r"), "already_met" in rig.alert_codes()) == ("rejected", True)


@pytest.mark.parametrize("trigger", MET_AT_70000)
def test_already_met_fire_fires_on_the_arm_price(trigger: Trigger) -> None:
    rig = Rig()
    rig.plan(rule("r", trigger, quantity=Decimal(1), already_met=AlreadyMet.FIRE))
    assert rig.prints("70000") == [("r", "70000")]
    assert [shot.late for shot in rig.shots] == [False]


@pytest.mark.parametrize(
    ("trigger", "tape", "fired"),
    [
        pytest.param(Stop(price(71000)), "70000 69000 71000 71001 72000 71000", "71000", id="stop"),
        pytest.param(Above(price(69000)), "70000 71000 69000 68999 69000", "69000", id="above"),
    ],
)
def test_wait_cross_waits_until_the_price_was_on_the_safe_side(trigger: Trigger, tape: str, fired: str) -> None:
    rig = Rig()
    rig.plan(rule("r", trigger, quantity=Decimal(1), already_met=AlreadyMet.WAIT_CROSS))
    words = tape.split()
    assert rig.prints(" ".join(words[:3])) == []
    assert rig.reason("r") == "waiting.cross"
    assert rig.prints(" ".join(words[3:])) == [("r", fired)]


def test_wait_cross_survives_a_crash_before_and_after_the_crossing() -> None:
    rig = Rig()
    rig.plan(rule("r", Stop(price(71000)), already_met=AlreadyMet.WAIT_CROSS))
    rig.prints("70000")
    rig.crash()
    rig.recover()
    assert rig.prints("69000 72000") == []
    rig.crash()
    rig.recover()
    assert rig.prints("71000") == [("r", "71000")]


@pytest.mark.parametrize("trigger", MET_AT_70000)
def test_in_a_replay_the_first_print_may_fire(trigger: Trigger) -> None:
    rig = Rig(replace(Rig().world, first_print_fires=True))
    rig.plan(rule("r", trigger, quantity=Decimal(1)))
    assert rig.prints("70000") == [("r", "70000")]


@pytest.mark.parametrize("seconds", [1, 600, 28_800])
def test_a_condition_met_while_the_daemon_was_down_fires_on_the_first_live_print_and_says_how_late(seconds: int) -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    rig.later(31)
    rig.crash(seconds=seconds)
    rig.recover()
    assert rig.fires == []
    assert rig.prints("67000") == [("r", "67000")]
    shot = rig.shots[0]
    assert (shot.late, shot.down, shot.why.code) == (True, (seconds + 1) * 1_000_000_000, "fired.stop.late")
    assert shot.before is not None
    assert shot.before.price == Decimal(70000)


def test_a_fire_on_the_second_print_after_a_restart_is_not_late() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    rig.crash()
    rig.recover()
    rig.prints("69000 68000")
    assert [(shot.late, shot.down) for shot in rig.shots] == [(False, 0)]


def test_recovery_limit_sends_a_limit_at_the_level() -> None:
    rig = Rig()
    rig.add(
        rule("r", Stop(price("68050")), recovery=OnRecovery.LIMIT), rule("t", Rebound(Percent(Decimal("3.01"))), recovery=OnRecovery.LIMIT)
    )
    rig.prints("70000")
    rig.crash()
    rig.recover()
    rig.prints("60000")
    assert (rig.places[0].type, rig.places[0].price) == (OrderType.LIMIT, Decimal(68000))
    rig.later(0.25)
    rig.crash()
    rig.recover()
    rig.prints("65000")
    late = rig.intent("t")
    assert (late.type, late.price) == (OrderType.LIMIT, Decimal(61900))


def test_recovery_limit_keeps_the_limit_that_the_owner_wrote() -> None:
    rig = Rig()
    order = OrderSpec(OrderType.LIMIT, Decimal(67333))
    rig.add(rule("r", Stop(price(68000)), recovery=OnRecovery.LIMIT, order=order))
    rig.prints("70000")
    rig.crash()
    rig.recover()
    rig.prints("60000")
    assert rig.places[0].price == Decimal(67300)


def test_recovery_hold_asks_and_says_so() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000)), recovery=OnRecovery.HOLD))
    rig.prints("70000")
    rig.crash(seconds=60)
    rig.recover()
    rig.prints("67000 66000")
    assert (rig.state("r"), rig.places, "held.recovery" in rig.alert_codes()) == ("held", [], True)


@pytest.mark.parametrize("state", [LinkState.DOWN, LinkState.STALE])
def test_a_link_that_was_lost_makes_the_next_fire_late(state: LinkState) -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    rig.link(state)
    rig.now += 41_000_000_000
    rig.link(LinkState.UP)
    rig.prints("67000")
    assert [(shot.late, shot.down) for shot in rig.shots] == [(True, 42_000_000_000)]
    assert f"link.{state.value}" in [row.note.code for row in rig.store.journal]


def test_a_blind_feed_arms_nothing_from_its_last_price() -> None:
    rig = Rig()
    rig.add(rule("first", Stop(price(1))))
    rig.prints("70000")
    rig.link(LinkState.DOWN)
    rig.add(rule("r", Trail(THREE)))
    assert (rig.state("r"), rig.mark("r")) == ("waiting", None)
    rig.prints("69000")
    assert (rig.state("r"), rig.mark("r")) == ("watching", Decimal(69000))


def test_s1_an_activated_trail_that_lives_through_a_restart_fires_when_the_price_falls() -> None:
    rig = Rig()
    rig.add(rule("r", Trail(Percent(Decimal(2)), price(75000))))
    rig.prints("70000 75000 80000")
    rig.later(0.25)
    rig.crash()
    rig.recover()
    assert (rig.state("r"), rig.mark("r")) == ("watching", Decimal(80000))
    assert rig.prints("79000 78401 78400") == [("r", "78400")]


def test_s1_a_crash_before_the_flush_keeps_at_least_the_activation() -> None:
    rig = Rig()
    rig.add(rule("r", Trail(Percent(Decimal(2)), price(75000))))
    rig.prints("70000 75000 80000")
    rig.crash()
    rig.recover()
    assert (rig.state("r"), rig.mark("r")) == ("watching", Decimal(75000))
    assert rig.prints("73500") == [("r", "73500")]


def test_s2_a_restart_before_the_first_price_starts_and_watches() -> None:
    rig = Rig()
    rig.plan(rule("stop", Stop(price(68000))), rule("trail", Trail(THREE)))
    for _ in range(3):
        rig.crash()
        rig.recover()
    assert SAMSUNG in rig.subscribed
    rig.prints("70000 71000")
    assert (rig.state("stop"), rig.mark("trail")) == ("watching", Decimal(71000))
    assert rig.prints("68000") == [("stop", "68000"), ("trail", "68000")]


def test_a_sell_waits_for_its_holding_and_is_armed_by_the_print_after_it_came() -> None:
    rig = Rig(says=statement(shares=0))
    rig.add(rule("r", Trail(THREE)))
    rig.prints("80000")
    assert (rig.state("r"), rig.reason("r")) == ("waiting", "waiting.position")
    rig.stated(statement(shares=10))
    rig.prints("70000")
    assert (rig.state("r"), rig.mark("r")) == ("watching", Decimal(70000))


def test_a_sell_ends_with_the_holding_it_is_bound_to_and_does_not_sell_the_next_one() -> None:
    rig = Rig()
    rig.add(rule("bound", Stop(price(68000))), rule("loose", Stop(price(68000)), bind=Bind.NONE), rule("buy", Above(price(75000))))
    rig.prints("70000")
    rig.stated(statement(shares=0))
    assert (rig.state("bound"), rig.reason("bound")) == ("superseded", "superseded.position_closed")
    assert (rig.state("loose"), rig.state("buy")) == ("watching", "watching")
    rig.stated(statement(shares=30))
    assert rig.prints("68000") == [("loose", "68000")]


def test_a_paused_sell_ends_with_its_holding_too() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    rig.do(Pause(RuleId("r")))
    rig.stated(statement(shares=0))
    assert rig.state("r") == "superseded"


def test_a_holding_of_another_instrument_that_ends_leaves_a_rule_alone() -> None:
    other = Holding(HYNIX, Decimal(5), Decimal(5), None)
    rig = Rig(says=statement(others=[other]))
    rig.add(rule("r", Stop(price(68000))), rule("h", Stop(price(250000)), instrument=HYNIX))
    rig.prints("70000")
    rig.prints("300000", HYNIX)
    rig.stated(statement())
    assert (rig.state("r"), rig.state("h")) == ("watching", "superseded")


def test_a_pause_keeps_activation_and_mark_going_and_fires_nothing() -> None:
    rig = Rig()
    rig.add(rule("r", Trail(Amount(Decimal(1000)), price(75000))), rule("s", Stop(price(68000))))
    rig.prints("70000")
    rig.do(Pause(RuleId("r")))
    rig.do(Pause(RuleId("s")))
    assert rig.prints("75000 80000 67000 79500") == []
    assert (rig.state("r"), rig.mark("r")) == ("paused", Decimal(80000))
    rig.later(0.25)
    rig.crash()
    rig.recover()
    rig.prints("79500")
    assert rig.do(Resume(RuleId("r")))["ok"]
    assert rig.state("r") == "watching"
    assert rig.prints("79000") == [("r", "79000")]


def test_a_pause_before_the_activation_resumes_to_where_it_was() -> None:
    rig = Rig()
    rig.add(rule("r", Trail(Amount(Decimal(1000)), price(75000))))
    rig.prints("70000")
    rig.do(Pause(RuleId("r")))
    rig.do(Resume(RuleId("r")))
    assert rig.state("r") == "waiting"
    assert rig.prints("75000 74000") == [("r", "74000")]


def test_resuming_what_is_met_is_refused_and_it_stays_paused() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    rig.do(Pause(RuleId("r")))
    rig.prints("67000")
    answer = rig.do(Resume(RuleId("r")))
    assert (answer["code"], answer["exit"], rig.state("r")) == ("already_met", 5, "paused")


def test_resuming_with_wait_cross_waits_for_the_safe_side() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000)), already_met=AlreadyMet.WAIT_CROSS))
    rig.prints("70000")
    rig.do(Pause(RuleId("r")))
    rig.prints("67000")
    assert rig.do(Resume(RuleId("r")))["ok"]
    assert rig.prints("66000 68001 68000") == [("r", "68000")]


def test_pausing_twice_is_refused() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.do(Pause(RuleId("r")))
    assert rig.do(Pause(RuleId("r")))["exit"] == 5


TRAIL = rule("r", Trail(THREE, price(72000)))
EDITS = [
    pytest.param(replace(TRAIL, quantity=Decimal(5)), True, id="quantity keeps"),
    pytest.param(rule("r", Trail(Percent(Decimal(2)), price(72000))), True, id="trail keeps"),
    pytest.param(replace(TRAIL, until="30d"), True, id="validity keeps"),
    pytest.param(replace(TRAIL, order=OrderSpec(OrderType.LIMIT, Decimal(70000))), True, id="order keeps"),
    pytest.param(replace(TRAIL, note="for mother"), True, id="note keeps"),
    pytest.param(rule("r", Trail(THREE, price(73000))), False, id="activation resets"),
    pytest.param(rule("r", Trail(THREE)), False, id="no activation resets"),
    pytest.param(replace(TRAIL, instrument=HYNIX), False, id="instrument resets"),
]


@pytest.mark.parametrize(("after", "kept"), EDITS)
@pytest.mark.parametrize("paused", [False, True])
def test_an_edit_keeps_or_resets_the_mark_and_says_which(after: Rule, kept: bool, paused: bool) -> None:
    rig = Rig(says=statement(others=[Holding(HYNIX, Decimal(9), Decimal(9), None)]))
    rig.add(TRAIL)
    rig.prints("70000 72000 76000 75000")
    if paused:
        rig.do(Pause(RuleId("r")))
    answer = rig.do(Edit(after, 1))
    assert answer["ok"]
    assert [note["code"] for note in answer["result"]["notes"]] == ["edit.mark_kept" if kept else "edit.mark_reset"]
    assert (rig.mark("r") == Decimal(76000)) is kept
    stored = rig.store.table(MarkRecord).get(("r", "trail"))
    assert (stored is not None and stored.activated_price == Decimal(72000)) is kept
    assert rig.engine.book.rules[RuleId("r")].version == 2
    assert (rig.state("r") == "paused") is paused


def test_an_edit_of_an_older_version_is_refused() -> None:
    rig = Rig()
    rig.add(TRAIL)
    rig.do(Edit(replace(TRAIL, note="one"), 1))
    answer = rig.do(Edit(replace(TRAIL, note="two"), 1))
    assert (answer["code"], answer["exit"]) == ("rule.changed_meanwhile", 5)
    assert rig.engine.book.rules[RuleId("r")].rule.note == "one"


def test_an_edit_to_a_level_that_is_met_is_refused_and_the_old_one_goes_on() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    assert rig.do(Edit(rule("r", Stop(price(70500))), 1))["code"] == "already_met"
    assert rig.prints("69000 68000") == [("r", "68000")]


def test_a_fired_rule_can_be_neither_edited_nor_paused() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    answers = [rig.do(verb)["exit"] for verb in (Edit(rule("r", Stop(price(60000))), 1), Pause(RuleId("r")), Resume(RuleId("r")))]
    assert answers == [5, 5, 5]


def test_a_repeated_request_gets_the_first_answer_even_after_a_restart() -> None:
    rig = Rig()
    one = rig.do(Add(rule("r", Stop(price(68000)))), "same")
    rig.crash()
    rig.recover()
    assert rig.do(Add(rule("r", Stop(price(68000)))), "same") == one
    assert rig.do(Add(rule("r", Stop(price(68000)))), "other")["code"] == "rule.exists"


def test_a_cancelled_rule_watches_no_more_and_its_name_is_free() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    rig.do(Cancel(RuleId("r")))
    assert rig.prints("60000") == []
    assert rig.add(rule("r", Stop(price(50000))))["ok"]
    assert (rig.leg("r").generation, rig.engine.book.rules[RuleId("r")].version) == (2, 2)
    rig.prints("50000")
    assert [shot.generation for shot in rig.shots] == [2]


def test_a_price_from_before_nobody_listened_to_its_instrument_arms_no_rule() -> None:
    rig = Rig()
    rig.add(rule("old", Stop(price(65000))), rule("other", Stop(price(1)), instrument=HYNIX))
    rig.prints("70000")
    rig.do(Cancel(RuleId("old")))
    assert rig.subscribed == {HYNIX}
    rig.later(4 * 3600)
    rig.add(rule("trail", Trail(THREE)), rule("stop", Stop(price(61000))))
    assert (rig.state("trail"), rig.mark("trail")) == ("waiting", None)
    assert rig.prints("60000") == []
    assert (rig.state("trail"), rig.mark("trail"), rig.state("stop")) == ("watching", Decimal(60000), "rejected")


def test_a_price_of_an_earlier_run_arms_no_rule_however_many_are_added_before_the_first_print() -> None:
    rig = Rig()
    rig.add(rule("old", Stop(price(65000))))
    rig.prints("70000")
    rig.do(Cancel(RuleId("old")))
    rig.crash(24 * 3600, clean=True)
    rig.recover()
    rig.add(rule("one", Trail(THREE)), rule("two", Trail(THREE)))
    assert (rig.state("one"), rig.state("two")) == ("waiting", "waiting")
    assert rig.prints("60000") == []
    assert (rig.mark("one"), rig.mark("two")) == (Decimal(60000), Decimal(60000))
