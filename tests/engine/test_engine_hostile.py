"""Legal inputs that look odd must neither kill the daemon nor slip past a rule: each was once a way to do so."""

from decimal import Decimal

import pytest
from msgspec.structs import replace
from rig import BITCOIN, DEMO, HYNIX, MAIN, OFF, PLAIN, SAMSUNG, Rig, fill, ordered, price, rule, statement, world

from autotrader.domain.order import Balance, BrokerOrder, Execution, Holding, OrderId, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import (
    Above,
    AlreadyMet,
    Amount,
    Base,
    Below,
    OffBase,
    OnRecovery,
    OrderSpec,
    OrderType,
    Percent,
    Rebound,
    RuleId,
    Side,
    Stop,
    Ticks,
    Trail,
)
from autotrader.domain.settings import Guards
from autotrader.domain.tick import InstrumentId
from autotrader.engine.events import Cancel, Decision, FeedClock, Link, LinkState, Pause, Reference, Resolve, Resume, Status
from autotrader.engine.records import IntentStatus, PositionRecord
from autotrader.engine.world import World

ODD = ["NaN", "sNaN", "Infinity", "-Infinity", "0", "-1", "-70000", "1E+999999", "1E-999999", "7" * 200, "70000." + "1" * 200]


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("guards", [pytest.param(OFF, id="no collar"), pytest.param(Guards(), id="collar")])
@pytest.mark.parametrize("when", ["first", "quiet", "beyond"])
def test_a_price_that_cannot_be_one_is_dropped_and_counted(odd: str, guards: Guards, when: str) -> None:
    rig = Rig(world(guards=guards))
    rig.add(rule("stop", Stop(price(60000))), rule("trail", Trail(Percent(Decimal(10)))))
    if when != "first":
        rig.prints("70000 70100")
    if when == "quiet":
        rig.prints("70050 70060")
    rig.tick(odd)
    assert rig.drops() == ["wrong_price"]
    assert rig.fires == []
    assert rig.prints("70000 70100 70000") == []
    assert rig.state("stop") == "watching"


@pytest.mark.parametrize("odd", ["NaN", "0", "-5", "Infinity", "1E+999999"])
def test_a_previous_close_that_cannot_be_one_changes_nothing(odd: str) -> None:
    rig = Rig()
    rig.add(rule("r", Stop(OffBase(Percent(Decimal(-5)), Base.PREVIOUS_CLOSE))))
    rig.tell(Reference(SAMSUNG, Decimal(odd)))
    rig.prints("70000")
    assert rig.reason("r") == "waiting.previous_close"
    assert rig.do(Status())["ok"]


def test_a_rule_paused_before_the_first_price_survives_a_first_price_that_meets_it() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.do(Pause(RuleId("r")))
    assert rig.prints("67000 66000") == []
    assert rig.state("r") == "paused"
    refused = rig.do(Resume(RuleId("r")))
    assert (refused["code"], rig.state("r")) == ("already_met", "paused")
    rig.prints("70000")
    assert rig.do(Resume(RuleId("r")))["ok"]
    assert rig.prints("68000") == [("r", "68000")]


def test_a_rule_whose_account_left_the_configuration_keeps_the_daemon_alive() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000)), account=PLAIN), rule("s", Stop(price(69000)), account=PLAIN))
    rig.prints("70000 69000")
    rig.accept()
    whole = rig.world
    rig.world = World(whole.instance, whole.mode, whole.markets, whole.guards, {MAIN: whole.accounts[MAIN]}, whole.feeds)
    rig.crash()
    assert rig.prints("70000 68000") == []
    assert rig.reason("r") == "blocked.account"
    assert rig.do(Status())["ok"]


def test_a_refusal_that_the_ledger_shows_after_a_lost_answer_ends_the_rule_and_not_the_daemon() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.outcome(OutcomeKind.UNKNOWN)
    rig.recover(MAIN, ordered(rig.places[0], OrderStatus.REFUSED))
    assert (rig.state("r"), rig.intent("r").status) == ("failed", IntentStatus.REFUSED)
    rig.crash()
    rig.recover()
    assert len(rig.places) == 1


def test_a_refusal_found_after_a_death_while_sending_ends_the_rule_too() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.crash()
    rig.recover(MAIN, ordered(rig.places[0], OrderStatus.REFUSED))
    assert rig.state("r") == "failed"


@pytest.mark.parametrize("status", list(OrderStatus))
@pytest.mark.parametrize("kind", list(OutcomeKind))
def test_no_report_after_no_outcome_kills_the_daemon_or_sends_again(kind: OutcomeKind, status: OrderStatus) -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.outcome(kind)
    fills = (fill(1, 10),) if status is OrderStatus.FILLED else (fill(1, 4),) if status is OrderStatus.PARTIAL else ()
    for _ in range(2):
        rig.report(ordered(rig.places[0], status, *fills))
    rig.later(5)
    rig.later(100)
    assert len(rig.places) == 1


def test_an_order_that_was_thought_unsent_and_shows_up_is_adopted_and_not_sent_again() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.outcome(OutcomeKind.NOT_SENT)
    rig.report(ordered(rig.places[0], OrderStatus.WORKING))
    rig.later(5)
    assert (len(rig.places), rig.intent("r").status) == (1, IntentStatus.WORKING)


def test_a_restored_backup_finds_the_order_that_it_had_not_sent_yet() -> None:
    rig = Rig()
    rig.add(rule("a", Stop(price(68000))), rule("b", Stop(price(68000))))
    rig.prints("70000 68000")
    assert rig.intent("b").status is IntentStatus.INTENT
    rig.outcome(OutcomeKind.REFUSED)
    sent = rig.places[1]
    rig = Rig()
    rig.add(rule("a", Stop(price(68000))), rule("b", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.crash()
    rig.recover(MAIN, ordered(sent, OrderStatus.FILLED, fill(1, 10)))
    assert [place.intent for place in rig.places] == ["a/stop/1/1"]
    assert rig.state("b") == "done"


def test_an_order_that_a_person_declared_absent_and_that_exists_is_said() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.outcome(OutcomeKind.UNKNOWN)
    rig.do(Resolve("r/stop/1/1", Decision.ABSENT))
    before = len(rig.alerts())
    for _ in range(3):
        rig.report(ordered(rig.places[0], OrderStatus.WORKING))
    assert len(rig.alerts()) == before + 1


def test_an_execution_of_nothing_is_survived() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.report(ordered(rig.places[0], OrderStatus.WORKING, fill(1, 0)))
    assert rig.intent("r").status is IntentStatus.WORKING


def test_reports_and_holdings_of_unheard_of_instruments_and_currencies_are_kept() -> None:
    rig = Rig()
    odd = InstrumentId("MOON:CHEESE")
    order = BrokerOrder(OrderId("9"), "", odd, Side.SELL, OrderType.MARKET, Decimal(1), None, OrderStatus.FILLED, Decimal(1), (fill(1, 1),))
    rig.report(order)
    rig.stated(Statement((Holding(odd, Decimal(3), Decimal(3), None),), (Balance("XDR", Decimal(1), Decimal(1)),)))
    assert rig.store.table(PositionRecord)[MAIN, odd].quantity == 3
    status = rig.do(Status())["result"]
    assert odd in [row["instrument"] for row in status["positions"]]


def test_a_currency_that_the_statement_no_longer_lists_buys_nothing() -> None:
    rig = Rig()
    rig.add(rule("r", Above(price(71000)), quantity=Decimal(1)))
    rig.prints("70000")
    rig.stated(Statement((), (Balance("USDT", Decimal(1), Decimal(1)),)))
    rig.prints("71000")
    assert (rig.places, rig.reason("r")) == ([], "failed.no_cash")


def test_an_item_that_is_not_held_cannot_be_resolved_as_placed() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    answer = rig.do(Resolve("r/stop/1/1", Decision.PLACED, "77"))
    assert not answer["ok"]
    assert rig.intent("r").status is IntentStatus.SENDING


def test_a_leg_that_is_not_held_cannot_be_resolved_to_watch_unarmed() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    answer = rig.do(Resolve("r/stop", Decision.WATCH))
    assert (answer["ok"], rig.state("r")) == (False, "waiting")


@pytest.mark.parametrize("item", ["", "/", "r", "r/", "r/stop/1/1", "r/none", "////", "x" * 5000])
@pytest.mark.parametrize("decision", list(Decision))
def test_resolving_an_odd_item_is_refused(item: str, decision: Decision) -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    assert not rig.do(Resolve(item, decision, "1"))["ok"]


def test_resuming_judges_the_level_that_was_armed_and_not_one_off_the_present_price() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(OffBase(Percent(Decimal(-5)), Base.ARM))))
    rig.prints("70000")
    rig.do(Pause(RuleId("r")))
    rig.prints("66000")
    assert rig.do(Resume(RuleId("r")))["code"] == "already_met"
    assert rig.state("r") == "paused"


def test_a_rule_added_long_after_the_start_does_not_fire_late() -> None:
    rig = Rig()
    rig.crash(seconds=3600)
    rig.recover()
    rig.later(600)
    rig.add(rule("r", Stop(price(310000)), instrument=HYNIX, already_met=AlreadyMet.FIRE, quantity=Decimal(1)))
    rig.stated(Statement((Holding(HYNIX, Decimal(1), Decimal(1), None),), ()))
    rig.tick(300000, HYNIX)
    assert [(shot.late, shot.down) for shot in rig.shots] == [(False, 0)]


def test_a_fire_that_waits_for_its_account_is_still_late_when_it_comes() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000)), recovery=OnRecovery.HOLD), rule("s", Stop(price(68000))))
    rig.prints("70000")
    rig.crash(seconds=600)
    assert rig.prints("67000") == []
    rig.recover()
    rig.prints("66900")
    assert rig.state("r") == "held"
    assert [(shot.rule, shot.late) for shot in rig.shots] == [("s", True)]


def test_the_shadow_of_a_blocked_fire_goes_when_the_price_is_safe_again() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000)), recovery=OnRecovery.HOLD))
    rig.prints("70000")
    rig.crash(seconds=600)
    rig.prints("67000 70000")
    rig.recover()
    assert rig.prints("70100 68000") == [("r", "68000")]


def test_a_clock_that_is_off_alerts_once_and_not_on_every_print() -> None:
    rig = Rig(world(guards=Guards(collar=None)))
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    for second in range(50):
        rig.tick(67000, time=rig.now - (300 - second) * 1_000_000_000 if second else rig.now)
        rig.now += 70_000_000_000
    assert rig.alert_codes().count("blocked.clock") <= 1


def test_nothing_leaves_before_recovery_even_when_a_report_comes_first() -> None:
    rig = Rig()
    rig.add(rule("a", Stop(price(68000))), rule("b", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.crash()
    rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)))
    assert len(rig.places) == 1
    rig.recover(MAIN, ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)))
    assert [place.intent for place in rig.places] == ["a/stop/1/1", "b/stop/1/1"]


def test_nothing_is_armed_before_recovery() -> None:
    rig = Rig(armed=False)
    rig.plan(rule("r", Trail(Percent(Decimal(3)))), rule("b", Above(price(60000)), already_met=AlreadyMet.FIRE))
    rig.prints("70000")
    assert (rig.state("r"), rig.state("b"), rig.mark("r")) == ("waiting", "waiting", None)
    rig.recover()
    assert rig.prints("70000") == [("b", "70000")]
    assert rig.state("r") == "watching"


def test_an_order_whose_deadline_passed_while_nobody_was_there_is_held_and_not_sent() -> None:
    rig = Rig()
    rig.add(rule("a", Stop(price(68000))), rule("b", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.crash(seconds=3600)
    rig.recover(MAIN, ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)))
    rig.later(1)
    assert len(rig.places) == 1
    assert rig.state("b") == "held"
    assert "intent.deadline" in rig.alert_codes()


def test_a_working_paper_order_is_still_shown_prints_after_a_restart() -> None:
    paper = world()
    facts = paper.accounts[MAIN]
    paper.accounts[MAIN] = type(facts)(MAIN, lasting_ids=True, fills_from_prints=True)
    rig = Rig(paper)
    rig.add(rule("r", Stop(price(68000)), order=OrderSpec(OrderType.LIMIT, Decimal(68000))))
    rig.prints("70000 68000")
    rig.accept()
    working = ordered(rig.places[0], OrderStatus.WORKING)
    rig.report(working)
    rig.crash()
    rig.recover(MAIN, working)
    assert SAMSUNG in rig.subscribed
    rig.prints("69500")
    assert [show.tick.price for show in rig.shown][-1] == Decimal(69500)


def test_a_number_that_the_broker_uses_again_the_next_day_belongs_to_the_newer_order() -> None:
    rig = Rig()
    rig.add(rule("a", Stop(price(68000)), account=PLAIN))
    rig.prints("70000 68000")
    rig.outcome(OutcomeKind.ACCEPTED, order_id="1")
    first = ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10), with_id=False)
    rig.report(BrokerOrder(**{f: getattr(first, f) for f in first.__struct_fields__} | {"order_id": OrderId("1")}), PLAIN)
    assert rig.state("a") == "done"
    rig.later(86_400)
    rig.prints("70000")
    rig.add(rule("b", Stop(price(68000)), account=PLAIN))
    rig.prints("68000")
    rig.outcome(OutcomeKind.ACCEPTED, order_id="1")
    second = ordered(rig.places[1], OrderStatus.FILLED, fill(2, 10), with_id=False)
    rig.report(BrokerOrder(**{f: getattr(second, f) for f in second.__struct_fields__} | {"order_id": OrderId("1")}), PLAIN)
    assert rig.state("b") == "done"


def test_a_held_sibling_gives_way_when_another_leg_fires() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000)), Trail(Percent(Decimal(3))), recovery=OnRecovery.HOLD))
    rig.prints("70000")
    rig.crash()
    rig.recover()
    rig.prints("67950")
    assert (rig.state("r", "stop"), rig.state("r", "trail")) == ("held", "watching")
    rig.prints("67000")
    assert (rig.state("r", "stop"), rig.state("r", "trail")) == ("superseded", "fired")


def test_a_rule_held_before_it_fired_ends_with_its_holding() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000)), recovery=OnRecovery.HOLD))
    rig.prints("70000")
    rig.crash()
    rig.recover()
    rig.prints("67000")
    rig.stated(statement(shares=0))
    rig.stated(statement(shares=50))
    assert rig.state("r") == "superseded"


def test_a_trail_deeper_than_the_price_never_fires_and_never_fails() -> None:
    rig = Rig()
    rig.add(
        rule("a", Trail(Amount(Decimal(90000)))), rule("t", Trail(Ticks(100_000))), rule("b", Rebound(Ticks(5000)), quantity=Decimal(1))
    )
    assert rig.prints("70000 100 1 71000 0.5") == []
    assert rig.do(Status())["ok"]


def test_ticks_on_an_instrument_without_a_ladder_are_refused() -> None:
    rig = Rig()
    answer = rig.add(rule("r", Rebound(Ticks(5)), instrument=InstrumentId("BINANCE:DOGEUSDT"), quantity=Decimal(1)))
    assert not answer["ok"]


def test_a_buy_of_nothing_is_never_sent() -> None:
    rig = Rig()
    rig.add(rule("r", Below(price(69000)), quantity=None))
    rig.prints("70000 69000")
    assert rig.places == []


def test_sequences_do_not_start_over_because_a_print_had_none() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.tick(70000, sequence=100)
    rig.tick(70000, sequence=0)
    rig.tick(60000, sequence=99)
    assert (rig.drops(), rig.fires) == (["older"], [])


def test_a_link_event_of_an_unknown_feed_is_survived() -> None:
    rig = Rig()
    rig.tell(Link(DEMO.__class__("nobody"), LinkState.DOWN))
    assert rig.do(Status())["ok"]


def test_two_intents_never_share_a_client_id() -> None:
    rig = Rig()
    rig.add(rule("a-stop", Stop(price(68000)), quantity=Decimal(1)), rule("a", Stop(price(68000)), quantity=Decimal(1)))
    tails = {"a-b": "stop", "a": "b-stop"}
    from autotrader.domain.order import IntentId
    from autotrader.engine.firing import client_id

    made = {client_id("t1", IntentId(f"{rule_id}/{leg}/1/1")) for rule_id, leg in tails.items()}
    assert len(made) == 2


def test_a_simulated_day_is_not_judged_by_our_own_clock() -> None:
    rig = Rig(world(clock=FeedClock.SIMULATED, guards=Guards(collar=None)))
    rig.add(rule("r", Stop(price(68000))))
    rig.tick(70000, time=5)
    rig.tick(68000, time=6)
    assert rig.fires == [("r", "68000")]


def test_an_execution_of_another_price_scale_is_booked_exactly() -> None:
    rig = Rig()
    rig.add(rule("r", Below(price(50000)), instrument=BITCOIN, quantity=Decimal("0.00000001")))
    rig.prints("60000 50000", BITCOIN)
    done = Execution("e", Decimal("49999.99999999"), Decimal("0.00000001"), Decimal("0.000000000001"), 1)
    rig.report(ordered(rig.places[0], OrderStatus.FILLED, done))
    assert rig.state("r") == "done"


def test_the_timer_sends_nothing_before_recovery() -> None:
    rig = Rig()
    rig.add(rule("a", Stop(price(68000))), rule("b", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.crash()
    rig.later(1)
    assert [place.intent for place in rig.places] == ["a/stop/1/1"]


@pytest.mark.parametrize(
    ("odd", "reason"),
    [
        pytest.param({"sequence": 2**63}, "wrong_sequence", id="sequence"),
        pytest.param({"time": 2**63}, "wrong_time", id="time"),
    ],
)
def test_a_print_with_a_number_that_no_store_can_hold_is_dropped_and_the_next_one_counts(odd: dict[str, int], reason: str) -> None:
    rig = Rig(world(clock=FeedClock.RECORDED))
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    rig.tick("67000", **odd)
    assert (rig.drops(), rig.fires) == ([reason], [])
    assert rig.prints("68000") == [("r", "68000")]


@pytest.mark.parametrize("size", ["NaN", "1E+200", "0." + "1" * 130])
def test_a_size_that_cannot_be_one_is_not_shown_to_a_broker_that_fills_from_prints(size: str) -> None:
    facts = world().accounts | {MAIN: replace(world().accounts[MAIN], fills_from_prints=True)}
    rig = Rig(world(accounts=facts))
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.accept()
    rig.tick("67000", size=Decimal(size))
    assert rig.shown == []
    rig.tick("67000")
    assert len(rig.shown) == 1


def test_a_cancel_of_an_order_whose_account_left_the_configuration_is_refused_and_ends_nothing() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000)), account=PLAIN))
    rig.prints("70000 68000")
    rig.accept()
    rig.world = replace(rig.world, accounts={MAIN: rig.world.accounts[MAIN]})
    rig.crash()
    refused = rig.do(Cancel(RuleId("r")))
    assert (refused["code"], refused["exit"], rig.withdrawals) == ("rule.no_account", 2, [])


def test_a_feed_that_never_comes_up_is_an_alert_and_not_only_a_line_in_the_log() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.link(LinkState.DOWN, reason="nobody answers")
    rig.link(LinkState.DOWN, reason="nobody answers still")
    assert rig.alert_codes() == ["link.down"]


def test_answers_are_not_kept_in_memory_for_ever() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.do(Pause(RuleId("r")), "old")
    rig.later(23 * 3600)
    assert rig.do(Pause(RuleId("r")), "old")["ok"]
    rig.do(Resume(RuleId("r")), "young")
    rig.later(2 * 3600)
    assert list(rig.engine.book.requests) == ["young"]
