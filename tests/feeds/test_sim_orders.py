"""Orders to the simulated exchange over its real websocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
import pytest
from links import NAME, SAMSUNG, Notebook, WallClock, running, venue
from waiting import until
from websockets.asyncio.server import ServerConnection

from autotrader.domain.rule import OrderType, Side
from autotrader.domain.settings import FeedSettings, SimInstrument
from autotrader.domain.tick import Quote
from autotrader.errors import BrokerUnreachable, FeedBroken
from autotrader.feeds.address import FixedAddress
from autotrader.feeds.sim import entry, members, orders
from autotrader.feeds.sim.feed import SimFeed, open_feed
from autotrader.feeds.sim.orders import SimOrders
from autotrader.feeds.sim.server import SimServer
from autotrader.ports import TakesOrders, VenueAnswer, VenueEvent, VenueOrder

FRIDAY = 1_795_129_200_000_000_000
QUIET = FeedSettings(NAME, "sim", instruments={SAMSUNG: SimInstrument(Decimal(70000), path=(Decimal(70000),))}, every=50, speed=Decimal(10))


def order(name: str, side: Side = Side.SELL, quantity: int = 3, price: str = "", **more: str) -> VenueOrder:
    kind = OrderType.LIMIT if price else OrderType.MARKET
    return VenueOrder(name, SAMSUNG, side, kind, Decimal(quantity), Decimal(price) if price else None, **more)  # type: ignore[arg-type]


@dataclass
class Town:
    """A server, a feed that listens to it, and all that was heard of orders."""

    server: SimServer
    feed: SimFeed
    notebook: Notebook
    url: str
    heard: list[VenueEvent | None] = field(default_factory=list)

    @property
    def exchange(self) -> SimOrders:
        return self.feed.orders

    def of(self, order_id: str) -> list[VenueEvent]:
        return [event for event in self.heard if event is not None and event.id == order_id]

    async def listen(self) -> None:
        async for event in self.exchange.events():
            self.heard.append(event)


@asynccontextmanager
async def town(sim: FeedSettings = QUIET) -> AsyncIterator[Town]:
    """Open a market in this process, and a feed at its address whose order line is up."""
    server = SimServer(sim, start=FRIDAY, day="monday")
    async with server.open() as port:
        trading = asyncio.create_task(server.trade())
        url = f"ws://127.0.0.1:{port}"
        feed = open_feed(msgspec.structs.replace(sim, url=url), stale=5.0, clock=WallClock())
        feed.subscribe(frozenset({SAMSUNG}))
        place = Town(server, feed, Notebook(), url)
        listening = asyncio.create_task(place.listen())
        async with running(feed, place.notebook):
            await until(lambda: place.heard and place.notebook.ticks)
            yield place
        for task in (listening, trading):
            task.cancel()


async def test_a_sim_is_a_feed_that_takes_orders() -> None:
    feed = open_feed(QUIET, stale=5.0, clock=WallClock())
    assert isinstance(feed, TakesOrders)
    assert feed.exchange.patterns == (SAMSUNG,)


async def test_a_server_that_only_tells_prices_serves_no_instrument_to_orders() -> None:
    async with venue() as place:
        feed = open_feed(msgspec.structs.replace(QUIET, url=place.url), stale=5.0, clock=WallClock())
        feed.subscribe(frozenset({SAMSUNG}))
        notebook = Notebook()
        async with running(feed, notebook):
            await until(lambda: notebook.ticks)
            assert feed.exchange.patterns == ()
        assert place.dials == 1


async def test_an_order_is_answered_and_filled_and_the_print_is_seen() -> None:
    async with town() as here:
        assert here.exchange.patterns == (SAMSUNG,)
        assert await here.exchange.enter(order("a")) == VenueAnswer(True)
        await until(lambda: here.of("a"))
        (fill,) = here.of("a")
        assert (fill.kind, fill.quantity) == ("filled", Decimal(3))
        await until(lambda: [tick for tick in here.notebook.ticks if (tick.price, tick.size) == (fill.price, Decimal(3))])


async def test_the_first_thing_a_listener_hears_is_that_a_day_was_reached() -> None:
    async with town() as here:
        assert here.heard == [None]
        late = aiter(here.exchange.events())
        assert await anext(late) is None


async def test_every_listener_hears_everything() -> None:
    async with town() as here:
        second = here.exchange.events()
        assert await anext(second) is None
        await here.exchange.enter(order("a"))
        event = await anext(second)
        assert event is not None
        assert event.id == "a"
        await until(lambda: here.of("a"))


async def test_an_order_that_waits_ends_when_it_is_cancelled() -> None:
    async with town() as here:
        assert (await here.exchange.enter(order("a", Side.BUY, price="60000"))).accepted
        assert (await here.exchange.cancel("a")).accepted
        await until(lambda: [event.kind for event in here.of("a")] == ["ended"])
        again = await here.exchange.cancel("a")
        assert not again.accepted
        assert again.reason.startswith("exchange.over: ")
        assert (await here.exchange.cancel("b")).reason.startswith("exchange.unknown: ")


async def test_a_refusal_has_its_code_and_its_sentence() -> None:
    async with town() as here:
        answer = await here.exchange.enter(order("a", Side.BUY, price="60001"))
        assert (answer.accepted, answer.inadmissible) == (False, False)
        assert answer.reason.startswith("exchange.tick: ")
        assert "is not on the price step" in answer.reason


async def test_an_order_type_that_the_session_does_not_take_is_inadmissible() -> None:
    morning = msgspec.structs.replace(QUIET, begin="2026-11-20T08:00", every=1000, speed=Decimal(1))
    async with town(morning) as here:
        answer = await here.exchange.enter(order("a", venue="NXT"))
        assert (answer.accepted, answer.inadmissible) == (False, True)
        assert (await here.exchange.enter(order("b", Side.BUY, price="60000", venue="NXT"))).accepted


async def test_an_order_entered_twice_is_one_order() -> None:
    async with town() as here:
        first = await here.exchange.enter(order("a"))
        assert await here.exchange.enter(order("a")) == first
        await here.exchange.enter(order("b"))
        await until(lambda: here.of("b"))
        assert len(here.of("a")) == 1


async def test_orders_of_another_owner_are_not_ours() -> None:
    async with town() as here:
        other = SimOrders(FixedAddress(here.url), patterns=(SAMSUNG,), takes_orders=True)
        other.met({entry.ORDERS: "yes"})
        line = asyncio.create_task(other.run())
        theirs = other.events()
        assert await anext(theirs) is None
        await here.exchange.enter(order("a"))
        await other.enter(order("a", quantity=5))
        event = await anext(theirs)
        assert event is not None
        assert event.quantity == 5
        await until(lambda: here.of("a"))
        assert [fill.quantity for fill in here.of("a")] == [3]
        line.cancel()


async def test_a_line_that_broke_comes_back_and_tells_what_happened_meanwhile() -> None:
    async with town() as here:
        await here.exchange.enter(order("a", Side.BUY, price="60000"))
        member = next(iter(here.server.members.all()))
        assert member.line is not None
        await member.line.close()
        _, told = here.server.members.request(member, entry.CancelOrder(99, "a"))
        here.server.members.note(told)
        await until(lambda: [event.kind for event in here.of("a")] == ["ended"])
        assert here.heard.count(None) == 1, "the same day is not a new one"


async def test_who_stays_away_loses_what_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(members, "PATIENCE", 0.0)
    async with town() as here:
        await here.exchange.enter(order("a", Side.BUY, price="60000"))
        member = next(iter(here.server.members.all()))
        assert member.line is not None
        here.server.members.leave(member.line, -1.0)
        assert [list(told) for told in here.server.members.expire(0.0)]
        assert not member.open


async def test_without_a_line_an_order_surely_did_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "REACHED", 0.01)
    nobody = SimOrders(FixedAddress("ws://127.0.0.1:1"), patterns=(SAMSUNG,), takes_orders=True)
    with pytest.raises(BrokerUnreachable):
        await nobody.enter(order("a"))


async def test_an_order_whose_line_breaks_before_the_answer_is_not_known() -> None:
    async def hang_up_on_the_first_order(connection: ServerConnection) -> None:
        async for message in connection:
            if b"enter" in (message if isinstance(message, bytes) else message.encode()):
                return

    async with venue(hang_up_on_the_first_order) as place:
        sent = SimOrders(FixedAddress(place.url), patterns=(SAMSUNG,), takes_orders=True)
        sent.met({entry.ORDERS: "yes"})
        line = asyncio.create_task(sent.run())
        with pytest.raises(FeedBroken):
            await sent.enter(order("a"))
        line.cancel()


async def test_quotes_states_and_time_reach_the_feed() -> None:
    async with town() as here:
        await until(lambda: [event for event in here.notebook.events if isinstance(event, Quote)])
        await until(lambda: "MarketTime" in {type(event).__name__ for event in here.notebook.events})


@pytest.mark.parametrize("message", [b"", b"[]", b"{}", b'{"type":"enter"}', b'{"type":"open","owner":7}'])
def test_what_is_no_request_is_nothing(message: bytes) -> None:
    assert entry.read_request(message) is None
    assert entry.read_said(message) is None
