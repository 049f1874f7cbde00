"""From a fire to an order: one unit, one lane an account, retries with an end, and what a cancel can still do."""

import json
from decimal import Decimal
from itertools import pairwise

import pytest
from rig import MAIN, PLAIN, SAMSUNG, Rig, fill, ordered, price, rule, statement

from autotrader.domain.order import Balance, Holding, IntentId, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import (
    Above,
    AccountName,
    Amount,
    Below,
    OrderSpec,
    OrderType,
    Percent,
    ProfitRate,
    Rebound,
    RuleId,
    Side,
    Stop,
    Target,
    Trail,
    Trigger,
)
from autotrader.engine.effects import Place, Withdraw
from autotrader.engine.events import Cancel, Decision, Held, Resolve, ShowRule, Unreachable
from autotrader.engine.records import AttemptRecord, IntentRecord, IntentStatus, LegRecord, MarkRecord, ShotRecord
from autotrader.messages import say


def fired(trigger: Trigger | None = None, tape: str = "70000 68000", **changes: object) -> Rig:
    rig = Rig()
    rig.add(rule("r", trigger or Stop(price(68000)), **changes))
    rig.prints(tape)
    return rig


def test_shot_leg_intent_attempt_mark_and_the_order_are_one_unit() -> None:
    rig = Rig()
    rig.add(rule("r", Trail(Amount(Decimal(1000))), Target(price(90000))))
    rig.prints("70000 72000")
    rig.commit_later = True
    rig.tick(71000)
    (unit,) = rig.waiting
    assert {ShotRecord, LegRecord, IntentRecord, AttemptRecord, MarkRecord} <= {type(record) for record in unit.records}
    (place,) = [act for act in unit.acts if isinstance(act, Place)]
    shot = next(record for record in unit.records if isinstance(record, ShotRecord))
    assert (shot.level, shot.mark, shot.crossed.price, shot.before and shot.before.price) == (
        "71000",
        Decimal(72000),
        Decimal(71000),
        Decimal(72000),
    )
    last = {record.id: record for record in unit.records if isinstance(record, IntentRecord)}[IntentId("r/trail/1/1")]
    assert (last.status, last.attempts, last.client_id) == (IntentStatus.SENDING, 1, place.request.client_id)
    legs = {record.leg: record.status.value for record in unit.records if isinstance(record, LegRecord)}
    assert legs == {"trail": "fired", "target": "superseded"}


def test_no_order_is_handed_out_without_its_attempt_in_the_same_unit() -> None:
    rig = Rig()
    rig.add(*[rule(f"r{n}", Stop(price(68000)), quantity=Decimal(1)) for n in range(5)])
    rig.prints("70000")
    rig.commit_later = True
    rig.tick(68000)
    for unit in rig.waiting:
        for act in unit.acts:
            if isinstance(act, Place):
                assert AttemptRecord in {type(record) for record in unit.records}
    assert len(rig.waiting) == 5


def test_an_account_sends_one_order_at_a_time_and_its_exits_before_its_entries() -> None:
    rig = Rig()
    rig.add(rule("buy", Below(price(68000)), quantity=Decimal(1)))
    rig.now += 1
    rig.add(rule("stop-1", Stop(price(68000)), quantity=Decimal(1)), rule("stop-2", Stop(price(68000)), quantity=Decimal(1)))
    rig.add(rule("other", Stop(price(68000)), account=PLAIN))
    rig.prints("70000 68000")
    lanes = [(place.account, place.intent.split("/")[0]) for place in rig.places]
    assert sorted(lanes) == [(MAIN, "stop-1"), (PLAIN, "other")]
    rig.accept(next(place for place in rig.places if place.account == MAIN))
    assert rig.places[-1].intent == "stop-2/stop/1/1"
    rig.accept()
    assert rig.places[-1].intent == "buy/below/1/1"


def test_a_later_exit_overtakes_an_entry_that_still_waits() -> None:
    rig = Rig()
    rig.add(rule("b1", Above(price(71000)), quantity=Decimal(1)), rule("b2", Above(price(71000)), quantity=Decimal(1)))
    rig.add(rule("t", Target(price(72000))))
    rig.prints("70000 71000 72000")
    rig.accept()
    assert rig.places[-1].intent == "t/target/1/1"


def test_without_ids_an_unresolved_order_blocks_the_same_side_and_only_that() -> None:
    rig = Rig()
    rig.add(*[rule(f"s{n}", Stop(price(68000)), quantity=Decimal(1), account=PLAIN) for n in (1, 2)])
    rig.add(rule("b", Below(price(67000)), quantity=Decimal(1), account=PLAIN))
    rig.prints("70000 68000")
    rig.outcome(OutcomeKind.UNKNOWN)
    rig.prints("67000")
    assert [place.intent for place in rig.places] == ["s1/stop/1/1", "b/below/1/1"]
    rig.accept()
    assert rig.do(Resolve("s1/stop/1/1", Decision.ABSENT))["ok"]
    rig.later(1)
    assert rig.places[-1].intent == "s2/stop/1/1"


def test_with_lasting_ids_an_unknown_order_holds_up_nothing_else() -> None:
    rig = Rig()
    rig.add(*[rule(f"s{n}", Stop(price(68000)), quantity=Decimal(1)) for n in (1, 2)])
    rig.prints("70000 68000")
    rig.outcome(OutcomeKind.UNKNOWN)
    assert [place.intent for place in rig.places] == ["s1/stop/1/1", "s2/stop/1/1"]


def test_what_was_not_sent_goes_again_with_growing_pauses_until_its_deadline_and_is_then_held() -> None:
    rig = fired()
    begun, sent = rig.now, [rig.now]
    for _ in range(400):
        if rig.intent("r").status is IntentStatus.SENDING:
            rig.outcome(OutcomeKind.NOT_SENT)
        before = len(rig.places)
        rig.later(0.25)
        if len(rig.places) > before:
            sent.append(rig.now)
    pauses = [round((b - a) / 1e9) for a, b in pairwise(sent)]
    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert all(at <= begun + 60_000_000_000 for at in sent)
    assert {place.client_id for place in rig.places} == {rig.places[0].client_id}
    assert [place.attempt for place in rig.places] == list(range(1, len(sent) + 1))
    assert (rig.state("r"), rig.alert_codes().count("intent.deadline")) == ("held", 1)


def test_an_unknown_outcome_is_held_with_an_alert_and_never_sent_again() -> None:
    rig = fired()
    rig.outcome(OutcomeKind.UNKNOWN)
    for _ in range(10):
        rig.later(60)
        rig.recover()
    assert (len(rig.places), rig.state("r"), rig.intent("r").status) == (1, "held", IntentStatus.HELD)
    assert "intent.held_unknown" in rig.alert_codes()
    (item,) = rig.do(Held())["result"]["held"]
    assert (item["item"], item["choices"]) == ("r/stop/1/1", ["placed", "absent"])


def test_a_refused_order_fails_its_rule_with_an_alert_and_gives_its_shares_back() -> None:
    rig = fired(quantity=None)
    rig.outcome(OutcomeKind.REFUSED)
    assert (rig.state("r"), rig.intent("r").reserved, "intent.refused" in rig.alert_codes()) == ("failed", Decimal(0), True)


def test_an_answer_that_comes_twice_counts_once() -> None:
    rig = fired()
    rig.accept()
    rows = len(rig.store.journal)
    rig.outcome(OutcomeKind.REFUSED, rig.places[0])
    assert (len(rig.store.journal), rig.intent("r").status) == (rows, IntentStatus.ACCEPTED)


def test_cancelling_a_fired_rule_asks_the_broker_for_its_order_and_says_so() -> None:
    rig = fired(order=OrderSpec(OrderType.LIMIT, Decimal(68000)))
    rig.accept()
    rig.report(ordered(rig.places[0], OrderStatus.WORKING))
    answer = rig.do(Cancel(RuleId("r")))
    assert answer["result"]["notes"][0]["code"] == "rule.order_cancel_asked"
    assert rig.withdrawals == [Withdraw(MAIN, rig.places[0].intent, ordered(rig.places[0], OrderStatus.WORKING).order_id)]
    rig.report(ordered(rig.places[0], OrderStatus.CANCELLED))
    assert (rig.state("r"), rig.intent("r").reserved) == ("failed", Decimal(0))


@pytest.mark.parametrize("end", ["filled", "sending", "held"])
def test_cancelling_with_nothing_working_is_refused(end: str) -> None:
    rig = fired()
    if end == "filled":
        rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)))
    elif end == "held":
        rig.outcome(OutcomeKind.UNKNOWN)
    answer = rig.do(Cancel(RuleId("r")))
    assert (answer["ok"], answer["exit"], rig.withdrawals) == (False, 5, [])


def test_an_order_that_had_not_left_is_cancelled_for_good() -> None:
    rig = Rig()
    rig.add(rule("a", Stop(price(68000))), rule("b", Stop(price(68000))))
    rig.prints("70000 68000")
    assert rig.do(Cancel(RuleId("b")))["result"]["notes"][0]["code"] == "intent.cancelled_unsent"
    rig.accept()
    rig.later(10)
    assert (len(rig.places), rig.state("b")) == (1, "failed")


def test_a_held_order_that_a_person_found_goes_on_as_if_it_had_been_answered() -> None:
    rig = fired()
    rig.outcome(OutcomeKind.UNKNOWN)
    assert rig.do(Resolve("r/stop/1/1", Decision.PLACED))["code"] == "resolve.needs_order"
    assert rig.do(Resolve("r/stop/1/1", Decision.PLACED, "77"))["ok"]
    order = ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10), with_id=False)
    rig.report(type(order)(**{name: getattr(order, name) for name in order.__struct_fields__} | {"order_id": "77"}))
    assert rig.state("r") == "done"


def test_a_mistyped_number_is_said_once_and_can_be_put_right_until_the_broker_has_confirmed_one() -> None:
    rig = fired()
    rig.outcome(OutcomeKind.UNKNOWN)
    rig.do(Resolve("r/stop/1/1", Decision.PLACED, "78"))
    order = ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10), with_id=False)
    theirs = type(order)(**{name: getattr(order, name) for name in order.__struct_fields__} | {"order_id": "77"})
    for _ in range(3):
        rig.later(60)
        rig.recover(MAIN, theirs)
    assert (rig.alert_codes().count("order.not_shown"), rig.state("r")) == (1, "fired")
    assert rig.do(Resolve("r/stop/1/1", Decision.PLACED, "77"))["ok"]
    rig.later(60)
    rig.recover(MAIN, theirs)
    assert (rig.state("r"), rig.intent("r").order_id) == ("done", "77")
    assert rig.do(Resolve("r/stop/1/1", Decision.PLACED, "78"))["code"] == "resolve.unknown"


def test_a_number_that_the_broker_gave_is_no_matter_for_a_person() -> None:
    rig = fired()
    rig.accept()
    assert rig.do(Resolve("r/stop/1/1", Decision.PLACED, "78"))["code"] == "resolve.unknown"


def test_what_waited_behind_an_unresolved_order_until_its_deadline_says_behind_which() -> None:
    rig = Rig()
    rig.add(*[rule(f"s{n}", Stop(price(68000)), quantity=Decimal(1), account=PLAIN) for n in (1, 2)])
    rig.prints("70000 68000")
    rig.outcome(OutcomeKind.UNKNOWN)
    rig.later(61)
    said = rig.alerts()[-1]
    assert (said.code, said.params["other"]) == ("intent.deadline_behind", "s1/stop/1/1")
    assert rig.state("s2") == "held"


def test_an_order_that_never_left_is_in_nobodys_way() -> None:
    rig = Rig()
    rig.add(*[rule(f"s{n}", Stop(price(69000 - 1000 * n)), quantity=Decimal(1), account=PLAIN) for n in (1, 2, 3)])
    rig.prints("70000 68000")
    rig.outcome(OutcomeKind.UNKNOWN)
    rig.prints("67000")
    rig.later(61)
    assert (rig.state("s1"), rig.state("s2")) == ("held", "held")
    rig.prints("66000")
    assert len(rig.places) == 1
    rig.do(Resolve("s1/stop/1/1", Decision.ABSENT))
    rig.later(1)
    assert rig.places[-1].intent == "s3/stop/1/1"


def test_an_account_that_does_not_answer_fires_nothing_consumes_no_shot_and_says_so_once() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000")
    rig.tell(Unreachable(MAIN, "no route"))
    assert rig.prints("68000 67000 66000") == []
    assert rig.alert_codes().count("blocked.account") == 1
    rig.recover()
    assert rig.prints("65000") == [("r", "65000")]


def test_a_limit_is_rounded_to_the_side_that_the_owner_meant() -> None:
    sell = fired(order=OrderSpec(OrderType.LIMIT, Decimal("67999.5")))
    buy = fired(Above(price(71000)), "70000 71000", order=OrderSpec(OrderType.LIMIT, Decimal("71000.5")), quantity=Decimal(1))
    assert (sell.places[0].price, buy.places[0].price) == (Decimal(67900), Decimal(71100))


FIRES = [
    pytest.param(Stop(price(68000)), "70000 68000", id="stop"),
    pytest.param(Target(price(72000)), "70000 72000", id="target"),
    pytest.param(Trail(Percent(Decimal(3)), price(70500)), "70000 71000 60000", id="trail"),
    pytest.param(Above(price(72000)), "70000 72000", id="above"),
    pytest.param(Below(price(68000)), "70000 68000", id="below"),
    pytest.param(Rebound(Percent(Decimal(3))), "70000 69000 80000", id="rebound"),
    pytest.param(Stop(ProfitRate(Decimal("-3.3"))), "70000 60000", id="stop on a quotient"),
]


@pytest.mark.parametrize(("trigger", "tape"), FIRES)
@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_fire_can_be_told_in_both_languages(trigger: Trigger, tape: str, late: bool, language: str) -> None:
    rig = Rig(says=statement(shares=30, cost=2_100_001))
    rig.add(rule("r", trigger, quantity=Decimal(1)))
    *before, last = tape.split()
    rig.prints(" ".join(before))
    if late:
        rig.later(31)
        rig.crash(clean=True)
        rig.recover(says=statement(shares=30, cost=2_100_001))
    rig.prints(last)
    (shot,) = rig.shots
    assert shot.late is late
    sentence = say(shot.why.code, shot.why.params, language).replace(",", "")
    assert last in sentence and shot.level in sentence and before[-1] in sentence
    shown = rig.do(ShowRule(RuleId("r")))
    assert shown["ok"] and json.dumps(shown)


def test_every_sentence_of_a_long_story_can_be_said() -> None:
    rig = Rig()
    rig.add(
        rule("a", Stop(price(68000))),
        rule("b", Trail(Percent(Decimal(3)), price(71000))),
        rule("c", Above(price(71000)), quantity=Decimal(1)),
    )
    rig.prints("70000 71000 68000")
    rig.accept()
    rig.report(ordered(rig.places[0], OrderStatus.WORKING))
    rig.crash()
    rig.recover(MAIN, ordered(rig.places[0], OrderStatus.PARTIAL, fill(1, 3)))
    rig.do(Cancel(RuleId("b")))
    rig.later(100)
    notes = [row.note for row in rig.store.journal] + rig.alerts()
    assert len({note.code for note in notes}) > 12
    for note in notes:
        assert say(note.code, note.params) and say(note.code, note.params, "ko")


def test_open_sells_never_exceed_the_holding_whatever_the_broker_answers() -> None:
    rig = Rig(says=statement(shares=25))
    for number in range(6):
        rig.add(rule(f"r{number}", Stop(price(69000 - number * 100)), quantity=Decimal(10)))
    kinds = [OutcomeKind.ACCEPTED, OutcomeKind.UNKNOWN, OutcomeKind.REFUSED, OutcomeKind.ACCEPTED, OutcomeKind.NOT_SENT]
    for at, kind in zip(range(69000, 68400, -100), kinds, strict=False):
        rig.prints(f"70000 {at}")
        if rig.places and rig.intent(rig.places[-1].intent.split("/")[0]).status is IntentStatus.SENDING:
            rig.outcome(kind)
        opened = [i for i in rig.engine.book.open() if i.side is Side.SELL and i.instrument == SAMSUNG]
        assert sum(i.reserved for i in opened) <= 25


def test_a_thousand_stops_on_one_print_are_a_thousand_units() -> None:
    held = Statement((Holding(SAMSUNG, Decimal(1000), Decimal(1000), None),), (Balance("KRW", Decimal(1), Decimal(1)),))
    rig = Rig(armed=False)
    rig.recover(AccountName("plain"), says=held)
    rig.plan(*[rule(f"r{n}", Stop(price(68000)), quantity=Decimal(1), account=PLAIN) for n in range(1000)])
    rig.prints("70000")
    rig.commit_later = True
    units = rig.tick(68000)
    assert [sum(isinstance(act, Place) for act in unit.acts) for unit in units] == [1] + [0] * 999


def test_an_account_is_said_to_be_armed_when_it_becomes_so_and_not_at_every_reading_of_its_ledger() -> None:
    rig = Rig()
    rig.recover()
    rig.recover()
    rig.tell(Unreachable(MAIN, "no answer"))
    rig.recover()
    armed = [row for row in rig.store.journal if row.note.code == "account.armed" and row.subject == f"account/{MAIN}"]
    assert len(armed) == 2
