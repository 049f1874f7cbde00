"""Faults that a hostile reading has found in best prices, confirmation, halts, views and holds, each named after what went wrong."""

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from fakes import SECOND
from msgspec.structs import replace
from rig import DEMO, FRIDAY, HYNIX, MONDAY, SAMSUNG, Day, Rig, price, rule, statement, world

from autotrader.domain.rule import (
    Above,
    Action,
    Amount,
    Basis,
    Bind,
    Confirm,
    OnRecovery,
    Percent,
    Preserve,
    PriceOf,
    Rebound,
    Rule,
    RuleId,
    Stop,
    Trail,
    Trigger,
    When,
)
from autotrader.domain.tick import Quote
from autotrader.engine.events import Adjust, Cancel, Decision, Edit, FeedClock, LinkState, Pause, Reference, Resolve, Resume
from autotrader.engine.records import PriceRecord, TradingState
from autotrader.engine.world import FeedFacts

STOP = Stop(price(66_000))


def quote(rig: Rig, bid: object, ask: object, *, timed: bool = True, **changes: Any) -> list[tuple[str, str]]:
    """Let a second pass and the best prices change; return what fired."""
    before = len(rig.fires)
    rig.now += SECOND
    sides = [Decimal(str(side)) for side in (bid, ask)]
    told = {"time": rig.now if timed else 0, **changes}
    rig.tell(Quote(SAMSUNG, sides[0], Decimal(1), sides[1], Decimal(1), **told))
    return rig.fires[before:]


class TestAConfirmationAcrossALostLink:
    @pytest.mark.parametrize("confirm", [Confirm(span=60 * SECOND), Confirm(prints=2)])
    def test_what_was_met_before_it_does_not_count_after_it(self, confirm: Confirm) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, confirm=confirm))
        rig.prints("70000 66000")
        rig.link(LinkState.DOWN)
        rig.now += 600 * SECOND
        rig.link(LinkState.UP)
        assert rig.prints("65900") == []
        rig.now += 60 * SECOND
        assert rig.prints("65900") == [("r", "65900")]


class TestAConfirmationAcrossAPause:
    @pytest.mark.parametrize("state", [TradingState.VI, TradingState.HALT])
    def test_it_does_not_run_out_while_nothing_trades(self, state: TradingState) -> None:
        day = Day("10:00:00")
        day.add(rule("r", STOP, confirm=Confirm(span=60 * SECOND)))
        day.at("10:00:01", 70_000)
        day.at("10:00:05", 66_000)
        day.trading(state)
        day.clock("10:02:00")
        day.later(0)
        assert day.fires == []
        day.trading(TradingState.OPEN)
        assert day.at("10:02:30", 65_900) == []
        day.clock("10:03:31")
        day.later(0)
        assert day.fires == [("r", "65900")]

    def test_the_last_print_of_a_day_and_the_first_of_the_next_are_not_two_in_a_row(self) -> None:
        day = Day("10:00:00", FRIDAY)
        day.add(rule("r", STOP, confirm=Confirm(prints=2)))
        day.at("10:00:01", 70_000)
        day.at("15:19:00", 66_000)
        day.clock("09:00:05", MONDAY)
        assert day.at("09:00:05", 65_900) == []
        assert day.at("09:00:06", 65_900) == [("r", "65900")]


class TestABestPriceWhileNothingTrades:
    @pytest.mark.parametrize("state", [state for state in TradingState if state is not TradingState.OPEN])
    def test_fires_nothing_in_a_call_or_a_halt(self, state: TradingState) -> None:
        rig = Day("10:00:00")
        rig.add(rule("r", STOP, basis=Basis.BID))
        quote(rig, 70_000, 70_100)
        rig.trading(state)
        assert quote(rig, 65_000, 70_100) == []
        rig.trading(TradingState.OPEN)
        assert quote(rig, 65_000, 65_100) == [("r", "65000")]

    def test_moves_no_mark_in_a_call(self) -> None:
        rig = Day("10:00:00")
        rig.add(rule("r", Trail(Percent(Decimal(3))), basis=Basis.BID))
        quote(rig, 70_000, 70_100)
        rig.trading(TradingState.VI)
        quote(rig, 72_000, 72_100)
        assert rig.mark("r") == 70_000

    @pytest.mark.parametrize("at", ["08:45:00", "15:25:00"])
    def test_fires_nothing_in_the_calls_of_the_day(self, at: str) -> None:
        rig = Day("08:35:00")
        rig.add(rule("r", STOP, basis=Basis.LAST_OR_QUOTE, gap_guard=Decimal(0)))
        rig.at("09:00:10", 70_000)
        rig.clock(at, "2026-11-23")
        assert quote(rig, 65_000, 65_100) == []

    def test_one_venues_call_leaves_the_others_best_prices_alone(self) -> None:
        rig = Day("10:00:00")
        rig.add(rule("r", STOP, basis=Basis.BID, watch="ALL"))
        quote(rig, 70_000, 70_100, venue="NXT")
        rig.trading(TradingState.VI)
        assert quote(rig, 65_000, 65_100, venue="KRX") == []
        assert quote(rig, 65_000, 65_100, venue="NXT") == [("r", "65000")]


class TestTheOrderOfTimeOfBestPrices:
    """A quote without a time is taken at ours, which may be ahead of the exchange's: that says nothing about a print."""

    def test_a_print_after_a_quote_without_a_time_is_not_older(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=Basis.LAST_OR_QUOTE))
        rig.tick(70_000, sequence=0)
        quote(rig, 70_000, 70_100, timed=False)
        rig.tick(65_000, sequence=0, time=rig.now - SECOND // 2)
        assert rig.fires == [("r", "65000")]
        assert rig.drops() == []

    def test_a_quote_before_the_newest_quote_is_older(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=Basis.BID))
        quote(rig, 70_000, 70_100)
        assert quote(rig, 65_000, 65_100, time=rig.now - SECOND) == []
        assert rig.drops() == ["older"]

    def test_each_venue_has_its_own_order(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=Basis.BID, watch="ALL"))
        quote(rig, 70_000, 70_100, venue="NXT")
        assert quote(rig, 65_000, 65_100, venue="KRX", time=rig.now - SECOND) == [("r", "65000")]

    def test_a_clock_that_was_set_back_makes_no_quote_older(self) -> None:
        rig = Rig()
        rig.add(rule("r", STOP, basis=Basis.BID))
        quote(rig, 70_000, 70_100, timed=False)
        rig.now -= 3600 * SECOND
        assert quote(rig, 65_000, 65_100, timed=False) == [("r", "65000")]

    def test_another_simulated_day_begins_for_quotes_too(self) -> None:
        rig = Rig(world(feeds=(FeedFacts(DEMO, FeedClock.SIMULATED, ("KRX:*",)),)))
        rig.add(rule("r", STOP, basis=Basis.BID))
        quote(rig, 70_000, 70_100)
        rig.link(LinkState.UP, day="another")
        assert quote(rig, 65_000, 65_100, time=1_000 * SECOND) == [("r", "65000")]


class TestAQuoteIsNoLastPrice:
    def watched(self) -> Rig:
        """Return a rig that has seen a print at 70,000 and then a bid at 68,000, in one view."""
        rig = Rig()
        rig.add(rule("q", STOP, basis=Basis.LAST_OR_QUOTE))
        rig.add(rule("r", Above(price(100)), instrument=HYNIX, when=When((PriceOf(SAMSUNG, Decimal(69_000), over=False),))))
        rig.tick(90, HYNIX)
        rig.tick(70_000)
        quote(rig, 68_000, 68_100)
        return rig

    def test_it_meets_no_condition_on_the_last_price(self) -> None:
        rig = self.watched()
        assert rig.prints("101", HYNIX) == []
        rig.tick(69_000)
        quote(rig, 70_000, 70_100)
        assert rig.prints("101", HYNIX) == [("r", "101")]

    def test_it_is_not_kept_as_the_last_price(self) -> None:
        rig = self.watched()
        rig.later(31)
        kept: PriceRecord = rig.store.table(PriceRecord)[SAMSUNG]
        assert kept.price == 70_000

    def test_a_print_before_the_link_was_lost_is_not_known_again_by_a_quote(self) -> None:
        rig = self.watched()
        rig.tick(69_000)
        quote(rig, 69_000, 69_100)
        rig.link(LinkState.DOWN)
        rig.link(LinkState.UP)
        rig.tick(99, HYNIX)
        quote(rig, 69_000, 69_100)
        assert rig.prints("101", HYNIX) == []
        rig.tick(69_000)
        assert rig.prints("101", HYNIX) == [("r", "101")]

    def test_it_does_not_end_the_session_that_a_print_has_named(self) -> None:
        rig = Rig()
        rig.add(rule("q", STOP, basis=Basis.LAST_OR_QUOTE))
        rig.tick(70_000, session="krx.continuous")
        quote(rig, 68_000, 68_100)
        assert rig.engine.book.said_sessions[SAMSUNG] == "krx.continuous"


class TestARuleThatOnlyAlerts:
    @pytest.mark.parametrize("at", ["15:30:10", "10:00:02"])
    def test_says_so_by_the_closing_print_too(self, at: str) -> None:
        rig = Day("10:00:00")
        rig.add(rule("r", STOP, action=Action.ALERT))
        rig.at("10:00:01", 70_000)
        assert rig.at(at, 65_000) == [("r", "65000")]
        assert (rig.state("r"), rig.reason("r")) == ("done", "done.alerted")
        assert rig.alert_codes()[-1:] == ["done.alerted"]

    def test_still_keeps_to_its_window(self) -> None:
        rig = Day("10:00:00")
        rig.add(rule("r", STOP, action=Action.ALERT, window="10:00-11:00"))
        rig.at("10:00:01", 70_000)
        assert rig.at("15:30:10", 65_000) == []


class TestThePriceOfAnotherInstrument:
    """A rule sells below 66,000 while the other is at or under 100,000; somebody watches the other at NXT only."""

    def text(self) -> Rule:
        return rule("r", STOP, when=When((PriceOf(HYNIX, Decimal(100_000), over=False),)))

    def elsewhere(self) -> Rule:
        return rule("h", Stop(price(1_000)), instrument=HYNIX, bind=Bind.NONE, watch="NXT", venue="NXT")

    def at_home(self) -> Rule:
        return rule("k", Stop(price(1_000)), instrument=HYNIX, bind=Bind.NONE)

    def sells(self, rig: Day) -> bool:
        rig.clock("10:00:02")
        rig.tick(99_000, HYNIX, venue="KRX")
        return rig.at("10:00:05", 65_000) == [("r", "65000")]

    def test_is_known_where_another_rule_watches_it_elsewhere(self) -> None:
        rig = Day("10:00:00")
        rig.add(self.elsewhere(), self.text())
        rig.at("10:00:01", 70_000)
        assert self.sells(rig)

    def test_stays_known_when_the_rule_ends_that_watched_it_at_home(self) -> None:
        rig = Day("10:00:00")
        rig.add(self.at_home(), self.elsewhere(), self.text())
        rig.at("10:00:01", 70_000)
        rig.do(Cancel(RuleId("k")))
        assert self.sells(rig)

    def test_is_no_longer_looked_at_when_nobody_asks(self) -> None:
        rig = Day("10:00:00")
        rig.add(self.elsewhere(), self.text())
        rig.do(Cancel(RuleId("r")))
        assert [watch.view.venues for watch in rig.engine.watches.of_instrument(HYNIX)] == [frozenset({"NXT"})]


class TestAConsentToFireHoweverFar:
    """A person said `fire` to a buy at 71,000 that was held for its gap."""

    def consented(self, tape: str = "70000 80000") -> Rig:
        rig = Rig()
        rig.add(rule("r", Above(price(71_000))))
        rig.prints(tape)
        assert rig.reason("r") == "held.gap"
        rig.do(Resolve("r/above", Decision.FIRE))
        return rig

    def test_ends_when_the_price_was_on_the_safe_side_again(self) -> None:
        rig = self.consented()
        assert rig.prints("70000 90000") == []
        assert (rig.state("r"), rig.reason("r")) == ("held", "held.gap")

    def test_holds_for_the_excursion_that_it_was_given_for(self) -> None:
        assert self.consented().prints("90000") == [("r", "90000")]

    def test_ends_while_the_rule_is_paused(self) -> None:
        rig = self.consented()
        rig.do(Pause(RuleId("r")))
        rig.tick(70_000)
        rig.do(Resume(RuleId("r")))
        assert rig.prints("90000") == []

    def test_its_end_is_told_and_survives_a_restart(self) -> None:
        rig = self.consented()
        rig.prints("70000")
        assert rig.reason("r") == "leg.safe_again"
        rig.crash()
        rig.recover()
        assert rig.prints("90000") == []


class TestATrailThatIsHeld:
    def held(self, **changes: Any) -> Rig:
        """Return a trail of 3 % with its high at 80,000, held since it was met at 70,000."""
        rig = Rig()
        rig.add(rule("r", Trail(Percent(Decimal(3))), **{"gap_guard": Decimal(1), **changes}))
        rig.prints("70000 80000 70000")
        assert rig.state("r") == "held"
        return rig

    def test_follows_the_high_as_a_paused_one_does(self) -> None:
        rig = self.held()
        assert rig.prints("90000") == []
        assert (rig.state("r"), rig.mark("r")) == ("held", 90_000)
        rig.do(Resolve("r/trail", Decision.WATCH))
        assert rig.prints("87000") == [("r", "87000")]

    def test_does_so_by_steps_and_after_a_restart(self) -> None:
        rig = Rig()
        rig.add(rule("r", Trail(Percent(Decimal(3)), step=Amount(Decimal(1000))), gap_guard=Decimal(1)))
        rig.prints("70000 80000 70000")
        rig.crash()
        rig.recover()
        assert SAMSUNG in rig.subscribed
        rig.prints("90500")
        rig.later(1)
        rig.crash()
        rig.recover()
        assert (rig.state("r"), rig.mark("r")) == ("held", 90_000)

    def test_does_so_when_it_was_held_because_nobody_watched(self) -> None:
        rig = Rig()
        rig.add(rule("r", Trail(Percent(Decimal(3))), recovery=OnRecovery.HOLD))
        rig.prints("70000 80000")
        rig.link(LinkState.DOWN)
        rig.link(LinkState.UP)
        rig.prints("70000 90000")
        assert (rig.state("r"), rig.mark("r")) == ("held", 90_000)

    def test_fires_nothing_however_often_it_is_met(self) -> None:
        assert self.held().prints("70000 60000 90000 80000") == []

    def test_stands_still_once_another_share_may_trade(self) -> None:
        rig = self.held()
        rig.stated(statement(20, cost=7_000_000))
        assert rig.reason("r") == "held.corporate_quantity"
        rig.prints("350000")
        assert rig.mark("r") == 80_000
        assert rig.do(Adjust(RuleId("r"), 1, 5))["ok"]
        assert (rig.state("r"), rig.mark("r")) == ("held", 400_000)
        assert rig.prints("410000 300000") == []
        rig.do(Resolve("r/trail", Decision.FIRE))
        assert rig.prints("300000") == [("r", "300000")]

    def test_is_kept_where_it_ends_with_its_holding(self) -> None:
        rig = self.held()
        rig.stated(statement(0))
        assert rig.state("r") == "superseded"
        assert rig.prints("90000") == []


TRAIL = Trail(Percent(Decimal(3)))
FROM_75 = Trail(Percent(Decimal(3)), activate=price(75_000))
TWICE: list[Any] = [{"basis": Basis.DOUBLE_LAST}, {"confirm": Confirm(prints=2)}]


class TestAPriceThatIsNotConfirmed:
    """One print far away is what a confirmation is to keep out: it must neither activate a trail nor move its mark."""

    @pytest.mark.parametrize("twice", TWICE)
    @pytest.mark.parametrize(
        ("trigger", "tape", "mark"),
        [
            (FROM_75, "70000 80000 70000 70500", None),
            (FROM_75, "70000 80000 70000 80000 70000", None),
            (FROM_75, "80000", None),  # the arm price is one print too
            (FROM_75, "80000 79000", "79000"),
            (FROM_75, "70000 80000 75000", "75000"),
            (FROM_75, "70000 75000 80000", "75000"),
            (FROM_75, "70000 75000 80000 81000", "80000"),
            (FROM_75, "70000 76000 76000 80000 76000 77000 78000", "77000"),
            (TRAIL, "70000 80000 70500 70000", "70500"),
            (TRAIL, "70000 80000 70000 80000 70000", "70000"),
            (TRAIL, "70000 80000 72000", "72000"),
            (TRAIL, "70000 71000 72000 73000", "72000"),
            (TRAIL, "70000 71000 70000 72000 70000", "70000"),
            (Trail(Percent(Decimal(3)), step=Amount(Decimal(1000))), "70000 71000 71500 72100 72200", "72000"),
            (Trail(Percent(Decimal(3)), step=Amount(Decimal(1000))), "70000 80000 70500", "70000"),
            (Rebound(Percent(Decimal(3))), "70000 60000 69900", "69900"),
            (Rebound(Percent(Decimal(3))), "70000 60000 70000", "70000"),
            (Rebound(Percent(Decimal(3)), activate=price(65_000)), "70000 60000 66000", None),
            (Rebound(Percent(Decimal(3)), activate=price(65_000)), "70000 60000 64000", "64000"),
            (Preserve(price(75_000), price(72_000)), "73000 80000 73000", None),
            (Preserve(price(75_000), price(72_000)), "73000 80000 75000", "75000"),
        ],
    )
    def test_moves_nothing(self, trigger: Trigger, tape: str, mark: str | None, twice: dict[str, Any]) -> None:
        rig = Rig()
        rig.add(rule("r", trigger, **twice))
        assert rig.prints(tape) == []
        assert rig.mark("r") == (None if mark is None else Decimal(mark))

    def test_of_three_the_lowest_counts(self) -> None:
        rig = Rig()
        rig.add(rule("r", TRAIL, confirm=Confirm(prints=3)))
        rig.prints("70000 76000 74000")
        assert rig.mark("r") == 70_000
        rig.prints("75000")
        assert rig.mark("r") == 74_000
        rig.prints("78000 77000")
        assert rig.mark("r") == 75_000

    @pytest.mark.parametrize("twice", TWICE)
    def test_fires_no_sale_below_a_high_that_never_was(self, twice: dict[str, Any]) -> None:
        rig = Rig()
        rig.add(rule("r", FROM_75, **twice))
        assert rig.prints("70000 80000 70500 70500") == []
        assert rig.prints("76000 76000 73000 73000") == [("r", "73000")]
        assert rig.shots[0].mark == 76_000

    def test_leaves_the_marks_of_others_alone(self) -> None:
        rig = Rig()
        rig.add(rule("r", TRAIL, basis=Basis.DOUBLE_LAST), rule("s", TRAIL, quantity=Decimal(1)))
        rig.prints("70000 71000 72000")
        assert (rig.mark("r"), rig.mark("s")) == (71_000, 72_000)

    def test_a_confirmed_mark_is_kept(self) -> None:
        rig = Rig()
        rig.add(rule("r", TRAIL, basis=Basis.DOUBLE_LAST))
        rig.prints("70000 71000 72000")
        rig.later(1)
        rig.crash()
        rig.recover()
        assert rig.mark("r") == 71_000
        rig.prints("73000")
        assert rig.mark("r") == 71_000

    def test_a_mark_that_was_shared_stands_alone_once_its_rule_wants_a_confirmation(self) -> None:
        rig = Rig()
        text = rule("r", TRAIL, quantity=Decimal(1))
        rig.add(text, rule("s", TRAIL, quantity=Decimal(1)), rule("t", TRAIL, quantity=Decimal(1)))
        rig.prints("70000 71000")
        rig.later(1)
        rig.do(Edit(replace(text, basis=Basis.DOUBLE_LAST), 1))
        for at in ("72000", "71000", "73000"):
            rig.tick(at)
            rig.later(1)
        rig.crash()
        rig.recover()
        assert (rig.mark("r"), rig.mark("s")) == (71_000, 73_000)

    def test_goes_on_while_paused(self) -> None:
        rig = Rig()
        rig.add(rule("r", FROM_75, basis=Basis.DOUBLE_LAST))
        rig.tick(70_000)
        rig.do(Pause(RuleId("r")))
        rig.prints("76000 77000 78000")
        assert rig.mark("r") == 77_000


class TestAPriceThatMustHoldForAWhile:
    """`confirm: 5s`: the mark follows what the price has not fallen below for five seconds."""

    def rig(self, trigger: Trigger = TRAIL, tape: str = "70000 80000") -> Rig:
        rig = Rig()
        rig.add(rule("r", trigger, confirm=Confirm(span=5 * SECOND)))
        rig.prints(tape)
        return rig

    def test_a_high_of_a_moment_does_not_count(self) -> None:
        rig = self.rig()
        rig.prints("70000")
        rig.later(10)
        assert rig.mark("r") == 70_000

    def test_time_alone_moves_the_mark(self) -> None:
        rig = self.rig()
        rig.later(4)
        assert rig.mark("r") == 70_000
        rig.later(1)
        assert rig.mark("r") == 80_000

    def test_the_print_that_ends_it_finds_it_moved(self) -> None:
        rig = self.rig()
        rig.now += 5 * SECOND
        rig.prints("79000")
        assert rig.mark("r") == 80_000

    def test_the_lowest_of_the_while_counts(self) -> None:
        rig = self.rig(tape="70000 80000 75000 78000 77000 79000 79500")
        assert rig.mark("r") == 75_000
        rig.prints("79500 79500")
        assert rig.mark("r") == 77_000

    def test_time_alone_activates(self) -> None:
        rig = self.rig(FROM_75)
        rig.later(5)
        assert (rig.mark("r"), rig.state("r")) == (80_000, "watching")

    def test_a_lost_link_moves_nothing(self) -> None:
        rig = self.rig(FROM_75)
        rig.link(LinkState.DOWN)
        rig.later(10)
        rig.link(LinkState.UP)
        rig.prints("80000")
        assert rig.mark("r") is None


def brute(prices: list[int], prints: int) -> int:
    """Return where a high stands that follows what so many prints in a row have reached, told anew for every print."""
    mark = prices[0]
    for end in range(prints, len(prices)):
        mark = max(mark, min(prices[end - prints + 1 : end + 1]))
    return mark


@pytest.mark.parametrize("seed", range(40))
def test_the_mark_of_a_confirmed_trail_is_the_highest_that_so_many_prints_have_reached(seed: int) -> None:
    numbers = Random(seed)
    prints = numbers.randint(2, 5)  # one is what every rule asks for
    prices = [70_000, *(70_000 + 100 * numbers.randint(0, 40) for _ in range(60))]
    rig = Rig()
    rig.add(rule("r", Trail(Percent(Decimal(20))), confirm=Confirm(prints=prints)))
    for at in prices:
        rig.tick(at)
    assert rig.mark("r") == brute(prices, prints)


class TestAViewThatIsMadeDuringTheDay:
    def test_knows_the_days_price_limits(self) -> None:
        rig = Day("10:00:00")
        rig.add(rule("a", Stop(price(1_000)), bind=Bind.NONE))
        rig.at("10:00:01", 70_000)
        rig.tell(Reference(SAMSUNG, Decimal(70_000)))
        rig.add(rule("r", STOP, watch="ALL"))
        rig.at("10:00:02", 70_000)
        assert rig.at("10:00:03", 40_000) == []
        assert rig.drops()[-1:] == ["limits"]
