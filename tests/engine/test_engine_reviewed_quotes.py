"""Faults that a hostile reading has found in best prices, confirmation, halts, views and holds, each named after what went wrong."""

from decimal import Decimal
from typing import Any

import pytest
from fakes import SECOND
from rig import DEMO, HYNIX, SAMSUNG, Day, Rig, price, rule, world

from autotrader.domain.rule import Above, Basis, Confirm, Percent, PriceOf, Stop, Trail, When
from autotrader.domain.tick import Quote
from autotrader.engine.events import FeedClock, LinkState
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
