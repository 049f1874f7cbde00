"""The one door: nothing overtakes, nothing queues without bound, and nothing is let go uncounted."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

import pytest
from fakes_daemon import DEMO, HYNIX, SAMSUNG, tick
from hypothesis import given
from hypothesis import strategies as st

from autotrader.daemon import inbox as door
from autotrader.daemon.inbox import EVENTS_LIMIT, FRAMES_LIMIT, Frame, Inbox
from autotrader.domain.tick import Quote, Tick
from autotrader.engine.events import Dropped, Link, LinkState, MarketTime, PlanRefused, Reference, Timer, Trading
from autotrader.engine.records import TradingState


def crowded() -> Inbox:
    """Return an inbox that takes no further frame whole."""
    full = Inbox()
    for _ in range(FRAMES_LIMIT):
        full.frame("demo", b"{}", ())
    return full


def show(inbox: Inbox, prices: Iterable[int], instrument=SAMSUNG) -> None:
    for number, price in enumerate(prices, start=1):
        inbox.frame("demo", b"raw", [tick(price, number, instrument)])


async def rest(inbox: Inbox) -> list[object]:
    """Return what came after the frames that were taken whole."""
    return [entry for entry in await inbox.take() if not isinstance(entry, Frame)]


async def test_entries_come_out_in_the_order_in_which_they_came():
    inbox = Inbox()
    inbox.put(Timer())
    inbox.frame("demo", b"1", [tick(1)])
    inbox.link("demo", LinkState.UP)
    inbox.frame("other", b"2", [])
    inbox.put(PlanRefused(("x",)))
    expected = [Timer(), Frame("demo", b"1", [tick(1)]), Link(DEMO, LinkState.UP), Frame("other", b"2", []), PlanRefused(("x",))]
    assert await inbox.take() == expected


async def test_a_batch_is_all_that_waits_and_the_next_begins_empty():
    inbox = Inbox()
    inbox.put(Timer())
    inbox.put(Timer())
    assert len(await inbox.take()) == 2
    inbox.frame("demo", b"1", [])
    assert len(await inbox.take()) == 1


@pytest.mark.parametrize(
    ("prices", "kept"),
    [
        pytest.param([5], [5], id="one print is itself"),
        pytest.param([5, 6, 7], [5, 7], id="a rise keeps its low and its high, which is the newest"),
        pytest.param([7, 6, 5], [7, 5], id="a fall keeps its high and its low"),
        pytest.param([5, 9, 1, 6, 4], [9, 1, 4], id="high before low, then the newest"),
        pytest.param([5, 1, 9, 6, 4], [1, 9, 4], id="low before high, then the newest"),
        pytest.param([5, 5, 5], [5, 5], id="equal prices keep the first and the newest"),
        pytest.param([5, 9, 9], [5, 9, 9], id="the first of two equal highs is the extreme"),
    ],
)
async def test_under_overload_the_newest_and_the_extremes_stay_in_their_order(prices, kept):
    inbox = crowded()
    show(inbox, prices)
    ticks = [entry for entry in await rest(inbox) if isinstance(entry, Tick)]
    assert [int(one.price) for one in ticks] == kept
    assert all(a.sequence < b.sequence for a, b in pairwise(ticks))


@given(prices=st.lists(st.integers(1, 9), min_size=1, max_size=30))
async def test_whatever_the_prices_no_extreme_is_lost_and_every_loss_is_counted(prices):
    inbox = Inbox()
    inbox._crowd("demo", [tick(price, number) for number, price in enumerate(prices, start=1)])
    inbox.put(Timer())
    entries = await rest(inbox)
    ticks = [entry for entry in entries if isinstance(entry, Tick)]
    lost = sum(entry.count for entry in entries if isinstance(entry, Dropped))
    assert len(ticks) <= 3
    assert ticks[-1] == tick(prices[-1], len(prices))
    assert {min(prices), max(prices)} <= {int(one.price) for one in ticks}
    assert len(ticks) + lost == len(prices)
    assert sum(inbox.conflated.values()) == lost


async def test_each_instrument_keeps_its_own_extremes():
    inbox = crowded()
    show(inbox, [5, 9, 1])
    show(inbox, [50, 90, 10], HYNIX)
    entries = await rest(inbox)
    assert [int(e.price) for e in entries if isinstance(e, Tick) and e.instrument == HYNIX] == [50, 90, 10][1:]
    assert [int(e.price) for e in entries if isinstance(e, Tick) and e.instrument == SAMSUNG] == [9, 1]


async def test_losses_are_told_once_by_feed_with_their_number():
    inbox = crowded()
    show(inbox, [5, 9, 1, 4, 4, 4])
    drops = [entry for entry in await rest(inbox) if isinstance(entry, Dropped)]
    assert drops == [Dropped(DEMO, "conflated", count=3)]
    inbox.put(Timer())
    assert await inbox.take() == [Timer()]


async def test_a_previous_close_is_not_lost_to_overload():
    inbox = crowded()
    for close in ("1", "2"):
        inbox.frame("demo", b"", [Reference(SAMSUNG, Decimal(close))])
    assert await rest(inbox) == [Reference(SAMSUNG, Decimal(2))]


async def test_under_overload_the_newest_quote_and_time_are_kept_and_no_halt_is_lost() -> None:
    inbox = crowded()
    halt, restart = (Trading(DEMO, "KRX", state, 0, SAMSUNG) for state in (TradingState.HALT, TradingState.OPEN))
    for bid in (1, 2):
        quote = Quote(SAMSUNG, Decimal(bid), Decimal(1), None, None, bid, "KRX")
        inbox.frame("demo", b"", [quote, MarketTime(DEMO, bid)])
    inbox.frame("demo", b"", [halt])
    inbox.frame("demo", b"", [restart])
    kept = [Quote(SAMSUNG, Decimal(2), Decimal(1), None, None, 2, "KRX"), MarketTime(DEMO, 2)]
    assert await rest(inbox) == [*kept, halt, restart]


async def test_what_a_feed_dropped_is_counted_under_overload_too():
    inbox = crowded()
    for _ in range(5):
        inbox.frame("demo", b"", [Dropped(DEMO, "wrong_price", SAMSUNG)])
    assert await rest(inbox) == [Dropped(DEMO, "wrong_price", count=5)]


async def test_prints_from_before_a_link_change_stay_before_it():
    inbox = crowded()
    show(inbox, [5])
    inbox.link("demo", LinkState.UP, day="tomorrow")
    show(inbox, [7])
    assert [type(entry) for entry in await rest(inbox)] == [Tick, Link, Tick]


async def test_after_a_look_frames_are_taken_whole_again():
    inbox = crowded()
    show(inbox, [5])
    await inbox.take()
    inbox.frame("demo", b"raw", [tick(6)])
    assert await inbox.take() == [Frame("demo", b"raw", [tick(6)])]


async def test_a_flood_takes_no_more_room_than_its_instruments_need():
    inbox = crowded()
    show(inbox, range(1, 5_000))
    assert len(await inbox.take()) <= FRAMES_LIMIT + 4


def test_a_feed_is_slowed_at_half_of_the_limit():
    inbox = Inbox()
    for _ in range(FRAMES_LIMIT // 2 - 1):
        inbox.frame("demo", b"", ())
    assert not inbox.failing("demo")
    inbox.frame("demo", b"", ())
    assert inbox.failing("demo")


def test_people_are_turned_away_at_the_limit_of_events_whatever_the_prices_do():
    inbox = crowded()
    assert not inbox.is_full
    for _ in range(EVENTS_LIMIT - 1):
        inbox.put(Timer())
    assert not inbox.is_full
    inbox.put(Timer())
    assert inbox.is_full


async def test_a_closed_inbox_gives_what_it_has_and_then_nothing():
    inbox = Inbox()
    inbox.put(Timer())
    inbox.close()
    assert await inbox.take() == [Timer()]
    inbox.put(Timer())
    assert await inbox.take() == [Timer()]
    assert await inbox.take() == []
    assert door.FRAMES_LIMIT > door.EVENTS_LIMIT
