"""Faults that a hostile reading of the linter, the last door and the scaling of rules has found, each named after what went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace
from rig import MAIN, MONDAY, SAMSUNG, Day, Rig, leg, legs, ordered, price, rule, statement

from autotrader.config import values
from autotrader.config.fields import rule_to_fields
from autotrader.config.rules import RuleContext, read_rule
from autotrader.domain.order import Execution, Holding, OrderStatus, Statement
from autotrader.domain.rule import (
    Above,
    Action,
    AlreadyMet,
    Amount,
    At,
    AtPrice,
    Base,
    Below,
    Bind,
    Confirm,
    OffBase,
    OnPositionChange,
    OrderSpec,
    OrderType,
    Part,
    Peg,
    PegTo,
    Percent,
    Preserve,
    PriceOf,
    ProfitRate,
    Quantity,
    Rearm,
    Rule,
    RuleId,
    Stop,
    Target,
    Then,
    TimeExit,
    TimeInForce,
    Trail,
    Trigger,
    When,
    Within,
)
from autotrader.domain.tick import InstrumentId
from autotrader.engine.adjusting import Ratio, Scaling, scaled_rule
from autotrader.engine.events import Adjust, Decision, Edit, Pause, Reference, Resolve, Resume
from autotrader.engine.soundness import faults
from autotrader.errors import UserMistake

R = RuleId("r")
D = Decimal


@pytest.mark.parametrize(
    ("held", "ratio", "level"),
    [
        pytest.param(15, (1, 10), "665000", id="15 become one and a half"),
        pytest.param(7, (3, 2), "44333.333333333333", id="7 become ten and a half"),
        pytest.param(7, (1, 3), "199500", id="7 become two and a third"),
    ],
)
def test_a_frozen_cost_was_scaled_as_if_the_holding_were_whole_shares(held: int, ratio: tuple[int, int], level: str) -> None:
    rig = Rig(says=statement(held))
    rig.tick(70_000)
    rig.add(rule("r", Stop(ProfitRate(D(-5))), quantity=None, on_position_change=OnPositionChange.FREEZE))
    rig.tick(70_000)
    assert rig.level("r") == "66500"
    rig.do(Pause(R))  # at the price from before the ratio it would fire at once
    assert rig.do(Adjust(R, *ratio))["ok"]
    assert rig.level("r") == level
    basis, (new, old) = rig.leg("r").basis, ratio
    assert basis is not None
    assert basis.total * new == D(70_000) * old * basis.quantity  # exactly


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(Preserve(price(101), price(100)), Preserve(price(34), price(33)), id="a step apart"),
        pytest.param(Preserve(price(303), price(300)), Preserve(price(101), price(100)), id="both on a step"),
        pytest.param(
            Preserve(OffBase(Percent(D(7)), AtPrice(D(100))), OffBase(Percent(D(5)), AtPrice(D(100)))),
            Preserve(OffBase(Percent(D(7)), AtPrice(D(34))), OffBase(Percent(D(5)), AtPrice(D(34)))),
            id="both go by one base",
        ),
    ],
)
def test_a_split_put_the_floor_of_a_kept_profit_over_its_arm(before: Preserve, after: Preserve) -> None:
    rig = Rig()
    rig.tick(90)
    rig.add(rule("r", before))
    assert rig.do(Adjust(R, 3, 1))["ok"]
    assert rig.record("r").rule.legs[0].trigger == after


def test_without_price_steps_too_the_floor_stays_under_the_arm() -> None:
    near = rule("r", Preserve(price("0.00000008"), price("0.00000007")))
    assert scaled_rule(near, Scaling(Ratio(3, 1), ()), D(1)).legs[0].trigger == Preserve(price("0.00000003"), price("0.00000002"))


def told(rig: Rig, text: Rule) -> dict[str, dict[str, str]]:
    body = rig.add(text)
    assert body["ok"], body
    return {note["code"]: note["params"] for note in body["result"]["warnings"]}


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [
        pytest.param(None, None, "200", id="all and all"),
        pytest.param(Part(D(80)), Part(D(80)), "160", id="80 % and 80 %"),
        pytest.param(None, D(10), "110", id="all and ten"),
        pytest.param(Part(D(50)), D(51), "101", id="half and one more"),
        pytest.param(Part(D(50)), Part(D(50)), "", id="two halves"),
        pytest.param(Part(D(60)), D(40), "", id="all between them"),
    ],
)
def test_rules_that_promise_all_or_a_part_were_not_told_of_each_other(first: Quantity, second: Quantity, total: str) -> None:
    rig = Rig()
    rig.tick(70_000)
    told(rig, rule("a", Stop(price(60_000)), quantity=first))
    found = told(rig, rule("b", Target(price(80_000)), quantity=second))
    said = {"lint.overlaps": {"rules": "a", "total": total, "held": "100", "instrument": SAMSUNG}} if total else {}
    assert found == said


def test_one_all_rule_and_one_that_only_tells_promise_no_more_than_there_is() -> None:
    rig = Rig()
    rig.tick(70_000)
    assert told(rig, rule("a", Stop(price(60_000)), quantity=None)) == {}
    assert told(rig, rule("b", Target(price(80_000)), quantity=None, action=Action.ALERT)) == {}
    assert told(rig, rule("c", Target(price(80_000)), quantity=None, shadow=True)) == {}


def test_a_limit_outside_the_limits_of_the_day_was_not_told() -> None:
    for text, expected in (
        (rule("r", Stop(price(50_000)), order=OrderSpec(OrderType.LIMIT, D(40_000))), {"limit": "40000", "sent": "49000"}),
        (rule("r", Stop(price(50_000)), order=OrderSpec(OrderType.LIMIT, D(49_000))), {}),
        (legs(leg(Stop(price(50_000)), limit_offset=Amount(D(5_000)))), {"limit": "45000", "sent": "49000"}),
        (legs(leg(Stop(price(50_000)), limit_offset=Amount(D(1_000)))), {}),
        (legs(leg(Trail(Percent(D(25))), limit_offset=Percent(D(10)))), {"limit": "47250", "sent": "49000"}),
        (rule("r", Above(price(90_000)), quantity=D(1), order=OrderSpec(OrderType.LIMIT, D(91_100))), {"limit": "91100", "sent": "91000"}),
        (rule("r", Above(price(90_000)), quantity=D(1), order=OrderSpec(OrderType.LIMIT, D(91_000))), {}),
    ):
        day = Day("10:00:00")
        day.add(rule("first", Below(price(50_000)), quantity=D(1)))
        day.tell(Reference(SAMSUNG, D(70_000)))
        day.at("10:00:05", 70_000)
        found = told(day, text).get("lint.limit_beyond")
        between = {"leg": text.legs[0].name, "lower": "49000", "upper": "91000"}
        assert found == ({**between, **expected} if expected else None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (rule("r", TimeExit("close-5m"), window="09:00-10:00"), "lint.time_outside_window"),
        (rule("r", TimeExit("15:15"), window="09:05-15:15"), "lint.time_outside_window"),  # the end of a window is not in it
        (rule("r", TimeExit("15:15"), window="09:05-15:16"), ""),
        (rule("r", TimeExit("15:15"), when=When((Within("10:00-11:00"),))), "lint.time_outside_window"),
        (rule("r", TimeExit("15:15"), when=When((Within("10:00-11:00"), Within("15:00-15:20")), any_of=True)), ""),
        (rule("r", At("open"), window="10:00-close"), "lint.time_outside_window"),
        (rule("r", At("open"), window="open-10:00"), ""),
        (rule("r", Stop(price(60_000)), when=When((Within("16:00-17:00"),))), "lint.condition_never"),
        (rule("r", Stop(price(60_000)), when=When((Within("15:20-17:00"),))), ""),
        (rule("r", Stop(price(60_000)), when=When((Within("16:00-17:00"),)), sessions=("krx.after",)), ""),
        (rule("r", Stop(price(60_000)), when=When((Within("10:00-11:00"),)), window="13:00-14:00"), "lint.condition_never"),
    ],
)
def test_times_that_never_meet_were_not_told(text: Rule, found: str) -> None:
    day = Day("10:00:00")
    day.add(rule("first", Below(price(50_000)), quantity=D(1)))
    day.at("10:00:05", 70_000)
    assert [code for code in told(day, text) if code in ("lint.time_outside_window", "lint.condition_never")] == ([found] if found else [])


def test_what_is_due_outside_its_window_fires_when_that_opens_as_the_linter_says() -> None:
    day = Day("10:00:00")
    day.add(rule("first", Below(price(50_000)), quantity=D(1)))
    day.at("10:00:05", 70_000)
    day.add(rule("r", TimeExit("close-5m"), window="09:00-10:00"))
    day.later(1)
    assert day.at("15:25:01", 70_000) == []
    day.later(1)
    assert (day.fires, day.reason("r")) == ([], "blocked.window")
    day.clock("09:00:10", MONDAY)
    day.at("09:00:10", 70_000)
    day.later(1)
    assert day.fires == [("r", "70000")]


def unknown(shares: int = 100, cost: Decimal | None = None) -> Statement:
    """Return a holding whose cost the broker does not know."""
    return Statement((Holding(SAMSUNG, D(shares), D(shares), cost),), statement().balances)


def alerted(rig: Rig) -> int:
    return rig.alert_codes().count("waiting.cost")


STOP_5 = Stop(ProfitRate(D(-5)))


@pytest.mark.parametrize("cost", [None, D(0)], ids=["missing", "free shares"])
def test_a_rate_without_a_cost_waited_and_nobody_was_told(cost: Decimal | None) -> None:
    rig = Rig(says=unknown(cost=cost))
    rig.plan(rule("r", STOP_5))
    assert rig.prints("70000 60000 50000") == []
    assert (rig.state("r"), rig.reason("r"), alerted(rig)) == ("waiting", "waiting.cost", 1)
    rig.crash()
    rig.recover(says=unknown(cost=cost))
    rig.prints("50000 49000")
    assert alerted(rig) == 1
    rig.stated(statement())
    rig.tick(70_000)
    assert (rig.state("r"), rig.level("r")) == ("watching", "66500")


def watching_at_70(*triggers: Trigger, **changes: Any) -> Rig:
    rig = Rig()
    rig.tick(70_000)
    assert rig.add(rule("r", *triggers, **changes))["ok"]
    rig.tick(70_000)
    return rig


def test_a_stop_that_lost_its_cost_was_shown_as_watching_and_guarded_nothing() -> None:
    rig = watching_at_70(STOP_5)
    rig.stated(unknown())
    assert (rig.state("r"), rig.reason("r"), rig.level("r"), alerted(rig)) == ("waiting", "waiting.cost", None, 1)
    assert rig.engine.status()["commitments"]["holdings"][0]["stops"] == "0"
    assert rig.prints("60000 50000") == []
    rig.stated(unknown(90))
    assert alerted(rig) == 1
    rig.stated(statement())
    assert (rig.state("r"), rig.reason("r"), rig.level("r")) == ("watching", "leg.cost_known", "66500")
    assert rig.prints("67000 66500") == [("r", "66500")]
    rig.stated(unknown())
    assert alerted(rig) == 1


def test_it_is_told_again_when_the_cost_is_lost_again_and_after_a_restart_it_is_found_as_it_was() -> None:
    rig = watching_at_70(STOP_5)
    for times in (1, 2):
        rig.stated(unknown())
        assert alerted(rig) == times
        rig.crash()
        rig.recover(says=unknown())
        assert (rig.state("r"), alerted(rig)) == ("waiting", times)
        rig.recover(says=statement())
        rig.tick(70_000)
        assert rig.state("r") == "watching"


def test_what_a_kept_profit_has_reached_is_kept_while_the_cost_is_not_known() -> None:
    rig = watching_at_70(Preserve(ProfitRate(D(7)), ProfitRate(D(5))))
    rig.prints("75000 74500")
    rig.stated(unknown())
    assert (rig.state("r"), rig.mark("r"), alerted(rig)) == ("waiting", D(75_000), 1)
    rig.stated(statement())
    assert (rig.state("r"), rig.mark("r"), rig.level("r")) == ("watching", D(75_000), "73500")
    assert rig.prints("73500") == [("r", "73500")]


def test_a_trail_that_is_active_needs_no_cost_any_more() -> None:
    rig = watching_at_70(Trail(Percent(D(3)), ProfitRate(D(5))))
    rig.prints("80000")
    rig.stated(unknown())
    assert (rig.state("r"), alerted(rig)) == ("watching", 0)
    assert rig.prints("77600") == [("r", "77600")]


def test_a_trail_that_waits_for_a_profit_is_not_activated_without_a_cost() -> None:
    rig = watching_at_70(Trail(Percent(D(3)), ProfitRate(D(5))))
    rig.stated(unknown())
    rig.prints("80000")
    assert (rig.state("r"), rig.reason("r"), rig.mark("r"), alerted(rig)) == ("waiting", "waiting.cost", None, 1)
    rig.stated(statement())
    assert (rig.state("r"), rig.reason("r")) == ("waiting", "waiting.activation")
    rig.prints("80000")
    assert (rig.state("r"), rig.mark("r")) == ("watching", D(80_000))


def test_what_waits_for_the_safe_side_does_not_see_it_without_a_cost() -> None:
    rig = Rig()
    rig.plan(rule("r", STOP_5, already_met=AlreadyMet.WAIT_CROSS))
    rig.prints("66000")
    assert rig.reason("r") == "waiting.cross"
    rig.stated(unknown())
    rig.prints("66000 80000")
    assert (rig.state("r"), rig.reason("r")) == ("waiting", "waiting.cost")
    rig.stated(statement())
    assert rig.reason("r") == "waiting.cross"
    assert rig.prints("66000 70000 66500") == [("r", "66500")]


def test_a_paused_rule_that_lost_its_cost_does_not_watch_as_it_is_resumed() -> None:
    rig = watching_at_70(STOP_5)
    rig.do(Pause(R))
    rig.stated(unknown())
    assert (rig.state("r"), alerted(rig)) == ("paused", 1)
    assert rig.do(Resume(R))["ok"]
    assert (rig.state("r"), rig.reason("r")) == ("waiting", "waiting.cost")
    rig.do(Pause(R))
    rig.stated(statement())
    assert rig.do(Resume(R))["ok"]
    assert (rig.state("r"), rig.level("r")) == ("watching", "66500")


def test_a_cost_that_its_owner_writes_takes_the_place_of_one_that_was_lost() -> None:
    rig = watching_at_70(STOP_5)
    rig.stated(unknown())
    assert rig.do(Edit(rule("r", STOP_5, cost_basis=D(60_000)), 1))["ok"]
    assert (rig.state("r"), rig.level("r")) == ("watching", "57000")


def test_a_rule_that_outlives_its_holding_waits_for_the_next_one_without_an_alarm() -> None:
    rig = watching_at_70(STOP_5, bind=Bind.NONE)
    rig.stated(statement(0))
    assert (rig.state("r"), rig.reason("r"), alerted(rig)) == ("waiting", "waiting.position", 0)
    rig.prints("60000")
    rig.stated(statement(100, cost=6_000_000))
    assert (rig.state("r"), rig.level("r")) == ("watching", "57000")


def test_a_held_leg_whose_cost_was_lost_does_not_watch_as_its_owner_lets_it() -> None:
    rig = watching_at_70(STOP_5, gap_guard=D(1))
    rig.prints("60000")
    assert (rig.state("r"), rig.reason("r")) == ("held", "held.gap")
    rig.stated(unknown())
    assert rig.do(Resolve("r/stop", Decision.WATCH))["ok"]
    assert (rig.state("r"), rig.reason("r"), alerted(rig)) == ("waiting", "waiting.cost", 1)


LIMIT_70 = OrderSpec(OrderType.LIMIT, D(70_000))
STOP_60 = leg(Stop(price(60_000)))
OFF_100 = leg(Stop(price(60_000)), limit_offset=Amount(D(100)))
TARGET_80 = leg(Target(price(80_000)))


@pytest.mark.parametrize(
    ("unsound", "part"),
    [
        pytest.param(legs(STOP_60, window="xx"), "window", id="a window that is none"),
        pytest.param(legs(STOP_60, sessions=("foo",)), "sessions", id="a session that is none"),
        pytest.param(legs(STOP_60, sessions=("nxt.pre",)), "sessions", id="a session of a venue where the rule is not"),
        pytest.param(legs(STOP_60, watch="FOO"), "watch", id="a venue to watch that is none"),
        pytest.param(legs(STOP_60, watch="SOR"), "watch", id="a venue that only routes"),
        pytest.param(legs(STOP_60, venue="US"), "venue", id="a venue of another market"),
        pytest.param(legs(STOP_60, until="soon"), "until", id="a last day that is none"),
        pytest.param(legs(STOP_60, until="2026-02-30"), "until", id="a day that the calendar has not"),
        pytest.param(legs(STOP_60, tags=("a", "a")), "tags", id="a tag twice"),
        pytest.param(legs(STOP_60, note="x" * 501), "note", id="a note too long"),
        pytest.param(legs(STOP_60, shadow=True, action=Action.ALERT), "shadow", id="an order of what sends none"),
        pytest.param(legs(STOP_60, gap_guard=D(-1)), "gap_guard", id="a gap under nothing"),
        pytest.param(legs(STOP_60, confirm=Confirm(prints=2, span=5)), "confirm", id="confirmed by two things"),
        pytest.param(legs(STOP_60, rearm=Rearm(1, 10**19, Amount(D(100)))), "rearm", id="a pause that no clock holds"),
        pytest.param(legs(STOP_60, quantity=D("1.5")), "quantity", id="a part of a share"),
        pytest.param(legs(STOP_60, quantity=D(10) ** 20), "quantity", id="a number that nobody can write"),
        pytest.param(legs(STOP_60, id=RuleId("a b")), "id", id="a name that nobody can type"),
        pytest.param(legs(STOP_60, when=When((PriceOf(InstrumentId("MOON:1"), D(5), True),))), "when", id="a price of nothing known"),
        pytest.param(legs(leg(Trail(Percent(D(3)), price(80_000), start=D(75_000)))), "trail", id="start and activate"),
        pytest.param(legs(leg(Preserve(price(70_000), price(75_000)))), "preserve", id="a floor over the arm"),
        pytest.param(legs(leg(Preserve(price(75_000), ProfitRate(D(5))))), "preserve", id="a price and a rate"),
        pytest.param(
            legs(leg(Preserve(OffBase(Percent(D(7)), Base.ARM), OffBase(Percent(D(5)), Base.PREVIOUS_CLOSE)))), "preserve", id="two bases"
        ),
        pytest.param(legs(leg(Stop(OffBase(Percent(D(5)), Base.ARM)))), "stop", id="a stop over its base"),
        pytest.param(legs(leg(Target(ProfitRate(D(-5))))), "target", id="a target at a loss"),
        pytest.param(rule("r", Above(ProfitRate(D(5)))), "above", id="a profit of what is not held"),
        pytest.param(legs(leg(Target(price(80_000)), share=D(70)), leg(Stop(price(60_000)), share=D(70))), "legs", id="140 %"),
        pytest.param(legs(leg(Target(price(80_000)), then=Then.STOP_TO_BREAKEVEN)), "legs", id="no stop to move"),
        pytest.param(legs(leg(Stop(price(60_000)), then=Then.STOP_TO_BREAKEVEN)), "stop", id="a stop that moves itself"),
        pytest.param(legs(STOP_60, order=LIMIT_70), "stop", id="a limit over the stop"),
        pytest.param(legs(leg(Stop(price(60_000)), order=LIMIT_70)), "stop", id="a leg's limit over the stop"),
        pytest.param(legs(leg(Stop(price(60_000)), limit_offset=Amount(D(60_000)))), "stop", id="a limit of nothing"),
        pytest.param(legs(leg(TimeExit("15:00"), limit_offset=Amount(D(100)))), "time_exit", id="a limit beyond no level"),
        pytest.param(legs(leg(Stop(price(60_000)), limit_offset=Amount(D(100)), order=OrderSpec())), "stop", id="two orders of a leg"),
        pytest.param(
            legs(leg(Stop(price(60_000)), limit_offset=Amount(D(100))), order=OrderSpec(OrderType.BEST)), "order", id="an order unused"
        ),
        pytest.param(legs(TARGET_80, order=OrderSpec(OrderType.LIMIT)), "order", id="a limit without a price"),
        pytest.param(legs(TARGET_80, order=OrderSpec(OrderType.MARKET, D(70_000))), "limit", id="a market order with a price"),
        pytest.param(legs(TARGET_80, order=OrderSpec(OrderType.STOP_LIMIT, D(70_000))), "limit", id="the exchange's own stop"),
        pytest.param(legs(TARGET_80, order=OrderSpec(OrderType.LOC, D(70_000), TimeInForce.IOC)), "limit", id="an auction at once"),
        pytest.param(rule("r", Above(price(80_000)), bind=Bind.NONE), "bind", id="a buy bound to nothing"),
        pytest.param(rule("r", Above(price(80_000)), net=True), "net", id="a net profit of a buy"),
        pytest.param(
            rule("r", Above(price(80_000)), exits=(leg(Stop(price(70_000)), order=OrderSpec(OrderType.LIMIT, D(75_000))),)),
            "stop",
            id="an exit's limit",
        ),
        pytest.param(rule("r", Above(price(80_000)), order=LIMIT_70), "above", id="a limit under the breakout"),
    ],
)
def test_the_last_door_took_what_the_file_refuses(unsound: Rule, part: str) -> None:
    rig = Rig()
    rig.tick(70_000)
    body = rig.add(unsound)
    assert (body["ok"], body.get("code"), body.get("exit")) == (False, "rule.unsound", 2)
    assert body["params"]["parts"] == part
    assert rig.engine.book.rules == {}
    rig.prints("50000 90000")
    assert rig.add(legs(STOP_60, already_met=AlreadyMet.WAIT_CROSS))["ok"]
    assert rig.do(Edit(replace(unsound, id=R), 1))["ok"] is (part == "id")


@pytest.mark.parametrize(
    "sound",
    [
        legs(STOP_60, window="09:05-15:15"),
        legs(STOP_60, sessions=("krx.after", "regular")),
        legs(STOP_60, sessions=("nxt.pre",), watch="ALL"),
        legs(STOP_60, sessions=("nxt.pre",), watch="NXT", venue="NXT"),
        legs(STOP_60, venue="SOR", until="30d"),
        legs(leg(Trail(Percent(D(3)), start=D(75_000)))),
        legs(leg(Preserve(ProfitRate(D(7)), ProfitRate(D(5))))),
        legs(leg(Target(price(80_000)), share=D(50), then=Then.STOP_TO_BREAKEVEN), leg(Stop(price(60_000)), share=D(50))),
        legs(STOP_60, order=OrderSpec(OrderType.LIMIT, D(60_000))),
        legs(leg(Stop(price(60_000)), limit_offset=Amount(D(0)))),
        legs(TARGET_80, order=OrderSpec(OrderType.LIMIT, peg=Peg(PegTo.BID, -2), tif=TimeInForce.IOC)),
        rule("r", Above(price(80_000)), exits=(leg(Stop(price(70_000)), order=OrderSpec(OrderType.LIMIT, D(69_000))),)),
        rule("r", Below(OffBase(Percent(D(-5)), Base.ARM))),
        legs(leg(Stop(ProfitRate(D(3))))),
    ],
)
def test_what_the_file_takes_passes_the_last_door(sound: Rule) -> None:
    rig = Rig()
    rig.tick(70_000)
    assert list(faults(sound, rig.world.markets)) == []
    assert read_rule("r", rule_to_fields(sound), RuleContext((MAIN,), None, None)).rule == sound


def test_exits_of_a_long_name_and_of_parts_of_a_share_still_begin() -> None:
    rig = Rig(says=statement(0))
    rig.tick(70_000)
    assert rig.add(rule("e" * 64, Above(price(71_000)), quantity=D(2), exits=(leg(Stop(price(60_000))),)))["ok"]
    rig.prints("70000 71000")
    rig.accept()
    bought = Execution("x1", D(71_000), D("0.5"), D(0), rig.now)
    rig.report(replace(ordered(rig.places[-1], OrderStatus.PARTIAL, bought), filled=D("0.5")), says=statement("0.5"))
    assert rig.state("e" * 64 + "-exits") == "watching"


def test_a_span_that_no_clock_holds_is_refused_in_the_file_as_well() -> None:
    assert values.duration("9999d") == 9999 * 86_400 * 10**9
    with pytest.raises(UserMistake) as refused:
        values.duration("99999999d")
    assert refused.value.code == "config.not_a_duration"
