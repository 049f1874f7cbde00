"""Which price counts, for how long, how far it may have gapped, by the clock, under further conditions, and again
(semantics 2.2, 2.6, 2.9, 2.12)."""

from decimal import Decimal
from typing import Any

import pytest
from rig import DEMO, FRIDAY, HYNIX, MAIN, MONDAY, SAMSUNG, Day, Rig, fill, leg, legs, ns, ordered, price, rule, statement, world

from autotrader.domain.order import OrderStatus
from autotrader.domain.rule import (
    Above,
    Action,
    Amount,
    At,
    Basis,
    Below,
    Change,
    Confirm,
    Percent,
    PriceOf,
    Rearm,
    Rule,
    RuleId,
    Side,
    Stop,
    Target,
    Ticks,
    TimeExit,
    Trail,
    Volume,
    When,
    Within,
)
from autotrader.domain.tick import Quote
from autotrader.engine.events import Cancel, Decision, LinkState, Reference, Resolve
from autotrader.engine.records import TradingState
from autotrader.engine.world import AccountFacts, FeedFacts

SECOND = 1_000_000_000
STOP = Stop(price(68_000))


def quote(rig: Rig, bid: object, ask: object) -> list[tuple[str, str]]:
    """Let a second pass and the best prices change; return what fired."""
    before = len(rig.fires)
    rig.now += SECOND
    sides = [None if side is None else Decimal(str(side)) for side in (bid, ask)]
    rig.tell(Quote(SAMSUNG, sides[0], Decimal(1), sides[1], Decimal(1), rig.now))
    return rig.fires[before:]


class TestBasis:
    @pytest.mark.parametrize(
        ("basis", "bid", "ask", "fires"),
        [
            (Basis.BID, 68_000, 69_000, "68000"),
            (Basis.ASK, 67_000, 68_000, "68000"),
            (Basis.MID, 67_900, 68_100, "68000"),
            (Basis.MID, 67_900, 68_150, None),
            (Basis.BID, 68_100, 68_200, None),
            (Basis.LAST_OR_QUOTE, 68_000, 69_000, "68000"),
            (Basis.LAST, 60_000, 61_000, None),
            (Basis.BID, None, 60_000, None),
            (Basis.MID, None, 60_000, None),
        ],
    )
    def test_a_stop_goes_by_the_price_that_its_owner_names(self, basis: Basis, bid: Any, ask: Any, fires: str | None) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=basis))
        rig.tick(70_000)
        quote(rig, 70_000, 70_100)
        assert quote(rig, bid, ask) == ([("r", fires)] if fires else [])

    def test_a_print_is_nothing_to_a_rule_that_goes_by_the_bid(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=Basis.BID))
        quote(rig, 70_000, 70_100)
        assert rig.prints("60000") == []
        assert rig.state("r") == "watching"

    @pytest.mark.parametrize("basis", [Basis.BID, Basis.ASK, Basis.MID])
    def test_until_a_best_price_comes_it_says_that_it_waits_for_one(self, basis: Basis) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=basis))
        rig.tick(70_000)
        note = rig.leg("r").reason
        assert note is not None
        assert (note.code, note.params) == ("waiting.quotes", {"instrument": SAMSUNG, "basis": basis.value})

    def test_last_or_quote_sees_both(self) -> None:
        rig = Rig()
        rig.add(
            rule("r", STOP, basis=Basis.LAST_OR_QUOTE), rule("b", Above(price(72_000)), basis=Basis.LAST_OR_QUOTE, gap_guard=Decimal(0))
        )
        rig.tick(70_000)
        assert quote(rig, 70_000, 72_000) == [("b", "72000")]
        assert rig.prints("68000") == [("r", "68000")]

    def test_a_trail_on_the_mid_keeps_an_exact_mark(self) -> None:
        rig = Rig()
        rig.add(rule("r", Trail(Percent(Decimal(1))), basis=Basis.MID))
        quote(rig, 70_000, 70_025)
        assert rig.mark("r") == Decimal("70012.5")

    def test_the_feed_is_asked_for_an_instrument_that_only_quotes_concern(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=Basis.BID))
        assert SAMSUNG in rig.subscribed

    def test_a_broker_that_fills_from_prints_is_shown_no_quote_as_a_print(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=Basis.BID))
        quote(rig, 70_000, 70_100)
        quote(rig, 69_000, 69_100)
        assert not [shown for shown in rig.shown if not isinstance(shown.tick, Quote)]

    def test_nor_while_the_same_view_sees_prints_too_and_an_order_works(self) -> None:
        rig = Rig(world(accounts={MAIN: AccountFacts(MAIN, lasting_ids=True, fills_from_prints=True)}))
        rig.add(rule("r", STOP, basis=Basis.LAST_OR_QUOTE, quantity=Decimal(1)))
        rig.add(rule("s", Stop(price(60_000)), basis=Basis.LAST_OR_QUOTE, quantity=Decimal(1)))
        rig.prints("70000 68000")
        rig.accept()
        rig.tick(67_000)
        before = len(rig.shown)
        quote(rig, 66_000, 66_100)
        assert [type(shown.tick) for shown in rig.shown[before:]] == [Quote]

    def test_double_last_wants_two_prints_in_a_row(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=Basis.DOUBLE_LAST))
        assert rig.prints("70000 68000 68100 67900 67900") == [("r", "67900")]
        assert rig.shots[0].crossed.sequence == 5


class TestConfirm:
    @pytest.mark.parametrize(
        ("confirm", "tape", "fires"),
        [
            (Confirm(prints=3), "68000 67000 66000", [("r", "66000")]),
            (Confirm(prints=3), "68000 67000 68100 67000 67000", []),
            (Confirm(prints=2), "68000 67900", [("r", "67900")]),
            (Confirm(span=2 * SECOND), "68000 67900", []),
            (Confirm(span=2 * SECOND), "68000 67900 67800", [("r", "67800")]),
            (Confirm(span=2 * SECOND), "68000 67900 68100 67800 67800", []),
        ],
    )
    def test_it_must_hold_without_a_break(self, confirm: Confirm, tape: str, fires: list[Any]) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, confirm=confirm))
        rig.tick(70_000)
        assert rig.prints(tape) == fires

    def test_time_alone_confirms_while_the_feed_lives(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, confirm=Confirm(span=5 * SECOND)))
        rig.prints("70000 68000")
        rig.later(4)
        assert rig.fires == []
        rig.later(1)
        assert rig.fires == [("r", "68000")]

    def test_a_feed_that_is_gone_confirms_nothing(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, confirm=Confirm(span=5 * SECOND)))
        rig.prints("70000 68000")
        rig.link(LinkState.DOWN)
        rig.later(10)
        assert rig.fires == []

    def test_a_restart_begins_anew(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, confirm=Confirm(prints=2)))
        rig.prints("70000 68000")
        rig.crash()
        rig.recover()
        assert rig.prints("68000") == []
        assert rig.prints("68000") == [("r", "68000")]

    def test_the_mark_moves_meanwhile(self) -> None:
        rig = Rig()
        rig.add(rule("r", Trail(Amount(Decimal(1000))), confirm=Confirm(prints=2)))
        assert rig.prints("70000 69000 71000 71500 70000 69900") == [("r", "69900")]
        assert rig.shots[0].mark == 71_000


class TestGap:
    @pytest.mark.parametrize(
        ("text", "print_", "state"),
        [
            (rule("r", Above(price(70_000))), 72_100, "fired"),  # exactly 3 % is not farther than 3 %
            (rule("r", Above(price(70_000))), 72_200, "held"),
            (rule("r", Above(price(70_000)), gap_guard=Decimal(0)), 90_000, "fired"),
            (rule("r", Above(price(70_000)), gap_guard=Decimal(1)), 70_800, "held"),
            (rule("r", STOP), 50_000, "fired"),
            (rule("r", STOP, gap_guard=Decimal(5)), 64_600, "fired"),
            (rule("r", STOP, gap_guard=Decimal(5)), 64_500, "held"),
            (rule("r", Below(price(68_000))), 50_000, "fired"),
        ],
    )
    def test_a_print_too_far_beyond_the_level_asks_first(self, text: Rule, print_: int, state: str) -> None:
        rig = Rig()
        rig.add(text)
        rig.prints(f"69000 {print_}")
        assert rig.state("r") == state
        assert ("held.gap" in rig.alert_codes()) is (state == "held")

    def held(self) -> Rig:
        rig = Rig()
        rig.add(rule("r", Above(price(70_000)), until="5d"))
        rig.prints("69000 75000")
        return rig

    def test_a_person_lets_it_fire_on_the_next_price_that_meets_it(self) -> None:
        rig = self.held()
        assert rig.do(Resolve("r/above", Decision.FIRE))["ok"]
        rig.crash()
        rig.recover()
        assert rig.prints("76000") == [("r", "76000")]

    def test_watch_waits_for_one_that_is_nearer(self) -> None:
        rig = self.held()
        rig.do(Resolve("r/above", Decision.WATCH))
        assert rig.prints("70500") == [("r", "70500")]

    def test_nobody_answers_and_its_time_ends(self) -> None:
        rig = self.held()
        rig.later(7 * 86_400)
        assert rig.state("r") == "expired"


class TestClock:
    def exit_at(self, time: str, **changes: Any) -> Day:
        day = Day("10:00:00")
        day.add(legs(leg(TimeExit(time)), leg(STOP), **changes))
        day.at("10:00:05", 70_000)
        day.later(31)  # the price is kept
        return day

    @pytest.mark.parametrize(
        ("time", "before", "at"),
        [("15:15", "15:14:59", "15:15:00"), ("close-5m", "15:24:59", "15:25:00"), ("open+2h", "10:59:59", "11:00:00")],
    )
    def test_it_fires_at_its_time_with_the_newest_print_as_evidence(self, time: str, before: str, at: str) -> None:
        day = self.exit_at(time)
        day.at("10:30:00", 71_000)
        day.clock(before)
        day.later(0)
        assert day.fires == []
        day.clock(at)
        day.later(0)
        assert day.fires == [("r", "71000")]
        assert (day.state("r", "stop"), day.shots[0].late) == ("superseded", False)

    def test_armed_after_its_time_it_waits_for_the_next_trading_day(self) -> None:
        day = self.exit_at("09:30")
        day.clock("15:00:00")
        day.later(0)
        assert day.fires == []
        day.clock("09:30:00", MONDAY)
        day.at("09:29:59", 70_100)
        day.clock("09:30:00")
        day.later(0)
        assert [fire[0] for fire in day.fires] == ["r"]

    def test_a_half_day_moves_it(self) -> None:
        """The CSAT day of 2026-11-19 begins and ends an hour later (market-rules 1)."""
        day = Day("11:00:00", "2026-11-19")
        day.add(legs(leg(TimeExit("close-5m"))))
        day.later(0)
        assert day.leg("r").not_before == ns("2026-11-19", "16:25:00")

    def test_a_view_tells_when_it_is_due_as_long_as_it_waits_for_that(self) -> None:
        day = Day("11:00:00", "2026-11-19")
        day.add(legs(leg(TimeExit("close-5m")), leg(STOP)))
        assert self.due(day) == {"time_exit": None, "stop": None}
        day.later(0)
        assert self.due(day) == {"time_exit": ns("2026-11-19", "16:25:00"), "stop": None}
        day.do(Cancel(RuleId("r")))
        assert self.due(day) == {"time_exit": None, "stop": None}

    @staticmethod
    def due(day: Day) -> dict[str, int | None]:
        (view,) = day.engine.list_rules()
        return {leg["name"]: leg["due"] for leg in view["legs"]}

    def test_nobody_ran_at_the_time_so_it_is_late(self) -> None:
        day = self.exit_at("15:00")
        day.crash()
        day.clock("15:10:00")
        day.recover()
        day.later(0)
        assert (len(day.fires), day.shots[0].late) == (1, True)

    def test_the_stop_goes_on_until_then(self) -> None:
        day = self.exit_at("15:15")
        assert day.at("11:00:00", 67_000) == [("r", "67000")]
        assert day.state("r", "time_exit") == "superseded"

    def test_a_reserved_order_buys_at_the_open(self) -> None:
        day = Day("16:00:00", FRIDAY)
        day.add(legs(leg(At("open")), side=Side.BUY))
        day.clock("08:59:00", MONDAY)
        day.at("08:59:30", 70_000, venue="NXT")
        day.later(0)
        assert not day.places
        day.at("09:00:01", 70_000)
        day.later(0)
        assert [(sent.side, sent.quantity) for sent in day.places] == [(Side.BUY, 10)]

    def test_it_needs_the_holding_it_sells(self) -> None:
        day = Day("10:00:00")
        day.stated(statement(0))
        day.add(legs(leg(TimeExit("15:15"))))
        day.later(1)
        assert day.reason("r") == "waiting.position"

    def test_a_halt_at_that_moment_lets_it_wait(self) -> None:
        day = self.exit_at("15:00")
        day.trading(TradingState.HALT)
        day.clock("15:00:00")
        day.later(0)
        assert (day.fires, day.reason("r", "time_exit")) == ([], "blocked.halt")
        day.trading(TradingState.OPEN)
        day.later(1)
        assert len(day.fires) == 1


BASE_70 = Reference(SAMSUNG, Decimal(70_000))


class TestWhen:
    @pytest.mark.parametrize(
        ("conditions", "any_of", "fires"),
        [
            ((Within("09:00-10:30"),), False, True),
            ((Within("10:30-close"),), False, False),
            ((Change(Decimal(-2), over=False),), False, True),
            ((Change(Decimal(-4), over=False),), False, False),
            ((Change(Decimal(-3), over=True),), False, True),
            ((Volume(Decimal(30)),), False, True),
            ((Volume(Decimal(31)),), False, False),
            ((PriceOf(HYNIX, Decimal(180_000), over=True),), False, True),
            ((PriceOf(HYNIX, Decimal(180_001), over=True),), False, False),
            ((PriceOf(HYNIX, Decimal(180_000), over=False),), False, True),
            ((PriceOf(SAMSUNG, Decimal(68_000), over=False),), False, True),
            ((Within("10:30-close"), Volume(Decimal(1))), False, False),
            ((Within("10:30-close"), Volume(Decimal(1))), True, True),
        ],
    )
    def test_a_met_trigger_counts_only_while_they_hold(self, conditions: Any, any_of: bool, fires: bool) -> None:
        day = Day("10:00:00")
        day.add(rule("r", STOP, when=When(conditions, any_of)))
        day.tell(BASE_70)
        day.at("10:00:05", 70_000)
        day.at("10:00:06", 180_000, instrument=HYNIX)
        day.at("10:00:07", 70_000)
        assert bool(day.at("10:00:10", 68_000)) is fires
        if not fires:
            assert (day.state("r"), day.reason("r")) == ("watching", "blocked.when")
            assert "blocked.when" not in day.alert_codes()

    def test_it_is_judged_again_on_the_next_print(self) -> None:
        day = Day("10:00:00")
        day.add(rule("r", STOP, when=When((Within("10:30-close"),))))
        day.at("10:00:05", 70_000)
        day.at("10:29:00", 68_000)
        assert day.at("10:30:01", 67_900) == [("r", "67900")]

    def test_the_other_instrument_is_subscribed_and_an_old_price_of_it_does_not_count(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, when=When((PriceOf(HYNIX, Decimal(180_000), over=True),))))
        assert HYNIX in rig.subscribed
        rig.prints("70000")
        assert rig.prints("68000") == []  # nobody has seen its price
        rig.tick(190_000, HYNIX)
        assert rig.prints("67900") == [("r", "67900")]

    def test_volume_begins_anew_each_day(self) -> None:
        day = Day("15:00:00", FRIDAY)
        day.add(rule("r", STOP, when=When((Volume(Decimal(20)),))))
        day.at("15:00:05", 70_000)
        day.at("15:00:06", 70_000)
        day.clock("09:00:05", MONDAY)
        assert day.at("09:00:05", 68_000) == []
        assert day.at("09:00:06", 68_000) == [("r", "68000")]

    @pytest.mark.parametrize(("again", "fires"), [(FRIDAY, True), (MONDAY, False)])
    def test_a_restart_does_not_count_the_day_from_nothing(self, again: str, fires: bool) -> None:
        day = Day("09:10:00", FRIDAY)
        day.add(rule("r", STOP, when=When((Volume(Decimal(30)),))))
        for second in range(2):
            day.at(f"09:10:0{second + 1}", 70_000)
        day.later(31)  # last prices are kept now and then
        day.crash()
        day.recover(MAIN)
        day.clock("09:20:00", again)
        assert bool(day.at("09:20:01", 68_000)) is fires


AGAIN = Rearm(2, 10 * SECOND, Percent(Decimal(1)))


class TestRepeat:
    def sold(self, rig: Rig, number: int) -> None:
        rig.accept()
        rig.report(ordered(rig.places[-1], OrderStatus.FILLED, fill(number, 10)), says=statement(100 - 10 * number))

    def test_once_is_the_default(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP))
        rig.prints("70000 68000")
        self.sold(rig, 1)
        assert rig.prints("70000 68000") == []

    def test_it_begins_again_after_the_cooldown_and_beyond_the_hysteresis(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, rearm=AGAIN))
        rig.prints("70000 68000")
        self.sold(rig, 1)
        assert (rig.state("r"), rig.leg("r").generation) == ("waiting", 2)
        assert rig.prints("67000 70000 67000") == []  # cooldown
        rig.later(10)
        assert rig.prints("67000 68500 67000") == []  # 68,680 is 1 % over the stop
        assert rig.prints("68680 68000") == [("r", "68000")]
        assert [shot.generation for shot in rig.shots] == [1, 2]

    def test_most_is_the_end(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, rearm=AGAIN))
        rig.prints("70000 68000")
        for number in range(1, 4):
            self.sold(rig, number)
            rig.later(11)
            rig.prints("70000 68000")
        assert len(rig.fires) == 3
        assert rig.state("r") == "done"

    def test_it_survives_a_restart(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, rearm=AGAIN))
        rig.prints("70000 68000")
        self.sold(rig, 1)
        rig.crash(20)
        rig.recover(says=statement(90))
        assert rig.prints("68000 69000 68000") == [("r", "68000")]

    def test_a_trail_starts_from_a_new_arm_price(self) -> None:
        rig = Rig()
        rig.add(rule("r", Trail(Amount(Decimal(1000))), rearm=AGAIN))
        rig.prints("70000 69000")
        self.sold(rig, 1)
        rig.later(11)
        rig.tick(60_000)
        assert rig.mark("r") == 60_000
        assert rig.prints("59000") == [("r", "59000")]

    def test_an_alert_repeats_too(self) -> None:
        rig = Rig()
        rig.add(rule("r", Target(price(72_000)), rearm=Rearm(5, SECOND, Ticks(10)), action=Action.ALERT))
        rig.prints("70000 72000 72000 71000 72000 71500 72000")
        assert rig.alert_codes().count("done.alerted") == 2

    def test_all_legs_of_a_rule_begin_again(self) -> None:
        rig = Rig()
        rig.add(legs(leg(STOP), leg(Target(price(72_000))), rearm=AGAIN))
        rig.prints("70000 68000")
        self.sold(rig, 1)
        rig.later(11)
        rig.prints("70000")
        assert (rig.state("r", "stop"), rig.state("r", "target")) == ("watching", "watching")


def test_the_owner_is_told_three_trading_days_before_the_end_and_once() -> None:
    day = Day("10:00:00", "2026-11-16")
    day.add(rule("r", STOP, until="2026-11-24"))
    day.at("10:00:05", 70_000)
    day.clock("23:59:59", "2026-11-18")
    day.later(0)
    assert "rule.expires_soon" not in day.alert_codes()
    day.clock("00:00:00", "2026-11-19")  # 19, 20 and 23 are trading days before the 24th
    day.later(0)
    day.crash()
    day.recover(MAIN)
    day.later(3600)
    assert day.alert_codes().count("rule.expires_soon") == 1


def test_quiet_rules_stay_quiet_on_a_feed_without_hours() -> None:
    around = world(feeds=(FeedFacts(DEMO, world().feeds[0].clock, ("KRX:*",)),))
    rig = Rig(around)
    rig.add(legs(leg(TimeExit("15:15"))))
    rig.tick(70_000)
    rig.later(1)
    assert rig.state("r") == "watching"
