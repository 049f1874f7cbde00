"""A paper account at the simulated exchange itself, over its sockets: what it buys and sells is in its file, fees and all."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from broker_contract import BUY, SAMSUNG, SELL, attempt, kept, placed, samsung, settings
from fakes import FakeClock
from msgspec.structs import replace
from waiting import until

from autotrader.brokers.paper.client import PaperBroker
from autotrader.brokers.paper.file import PaperFile
from autotrader.config.markets import load_markets
from autotrader.domain.order import BrokerOrder, OrderStatus, OutcomeKind
from autotrader.domain.rule import OrderType
from autotrader.domain.settings import FeedSettings, SimInstrument
from autotrader.domain.tick import FeedName
from autotrader.engine.events import FeedEvent, LinkState
from autotrader.feeds.sim.feed import SimFeed, open_feed
from autotrader.feeds.sim.server import SimServer
from autotrader.ports import TakesOrders

START = 1_786_676_400_000_000_000


class Unread:
    """An intake whose prices nobody reads: what the exchange says of orders is all that counts here."""

    def frame(self, feed: str, raw: bytes, events: Sequence[FeedEvent]) -> None:
        """Take it."""

    def link(self, feed: str, state: LinkState, reason: str = "", day: str = "") -> None:
        """Take it."""

    def failing(self, feed: str) -> bool:
        return False


@asynccontextmanager
async def market(day: str = "monday") -> AsyncIterator[SimFeed]:
    """Open the simulated exchange in this process, and the feed that dials it."""
    sim = FeedSettings(name=FeedName("sim"), kind="sim", instruments={SAMSUNG: SimInstrument(start=Decimal(70000))}, speed=Decimal(200))
    server = SimServer(sim, start=START, day=day)
    async with server.open() as port:
        trading = asyncio.create_task(server.trade())
        dialled = FeedSettings(name=sim.name, kind="sim", url=f"ws://127.0.0.1:{port}", instruments=sim.instruments)
        feed = open_feed(dialled, stale=None, clock=FakeClock(START))
        feed.subscribe(frozenset({SAMSUNG}))
        listening = asyncio.create_task(feed.run(Unread()))
        await until(lambda: feed.exchange.patterns)
        yield feed
        for task in (listening, trading):
            task.cancel()


@asynccontextmanager
async def account(state: Path, feed: SimFeed) -> AsyncIterator[PaperBroker]:
    assert isinstance(feed, TakesOrders)
    broker = PaperBroker(settings(), PaperFile(state / "paper-main.sqlite3"), load_markets(), FakeClock(START), [feed.exchange])
    await broker.start()
    yield broker
    await broker.close()


async def ended(broker: PaperBroker, order_id: str) -> BrokerOrder:
    """Wait for an order's end."""
    async with asyncio.timeout(10):
        async for report in broker.reports():
            if report.order.order_id == order_id and report.order.status in (OrderStatus.FILLED, OrderStatus.CANCELLED):
                return report.order
    raise AssertionError(f"{order_id} did not end")


async def test_what_is_bought_and_sold_at_the_exchange_is_booked_to_the_won(tmp_path: Path) -> None:
    async with market() as feed, account(tmp_path, feed) as broker:
        bought = await ended(broker, await placed(broker, attempt("b/above/1/1", BUY, "5", None)))
        sold = await ended(broker, await placed(broker, attempt("s/stop/1/1", SELL, "55", None)))
        statement = await broker.statement()
    assert (bought.status, sold.status, bought.filled, sold.filled) == (OrderStatus.FILLED, OrderStatus.FILLED, 5, 55)
    assert all(60000 < execution.price < 80000 for execution in bought.executions + sold.executions)
    paid = sum(e.price * e.quantity + e.fee for e in bought.executions) - sum(e.price * e.quantity - e.fee for e in sold.executions)
    assert next(balance.total for balance in statement.balances if balance.currency == "KRW") == 10_000_000 - paid
    held = samsung(statement)
    assert held is not None and held.quantity == 50


async def test_a_kind_that_the_exchange_does_not_take_now_is_refused_as_inadmissible(tmp_path: Path) -> None:
    async with market() as feed, account(tmp_path, feed) as broker:
        outcome = await broker.place(replace(attempt("b/above/1/1", BUY, "1", None), type=OrderType.MOC))
    assert (outcome.kind, outcome.inadmissible, outcome.detail.split(".")[0]) == (OutcomeKind.REFUSED, True, "exchange")


async def test_an_order_is_over_once_it_is_cancelled_at_the_exchange(tmp_path: Path) -> None:
    async with market() as feed, account(tmp_path, feed) as broker:
        order_id = await placed(broker, attempt("b/below/1/1", BUY, "1", "50000"))
        withdrawn = [await broker.withdraw("w", order_id) for _ in range(2)]
    assert [answer.kind for answer in withdrawn] == [OutcomeKind.ACCEPTED, OutcomeKind.REFUSED]
    assert withdrawn[1].detail.startswith("paper.already_ended")


async def test_another_day_of_the_exchange_gets_what_still_works(tmp_path: Path) -> None:
    async with market() as feed, account(tmp_path, feed) as broker:
        order_id = await placed(broker, attempt("b/below/1/1", BUY, "5", "50000"))
    async with market("tuesday") as feed, account(tmp_path, feed) as broker:
        await placed(broker, attempt("c/below/1/1", BUY, "5", "50000"))  # an answer: the exchange is reached
        assert (await kept(broker, order_id)).status is OrderStatus.WORKING
        assert (await broker.withdraw("w", order_id)).kind is OutcomeKind.ACCEPTED
        assert (await kept(broker, order_id)).status is OrderStatus.CANCELLED
