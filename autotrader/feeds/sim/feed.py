"""The feed of kind `sim`: starts the simulated exchange as a child, listens to it like to any other, and sends orders to it."""

import asyncio
from random import Random

import msgspec
from websockets.asyncio.client import ClientConnection

from autotrader.domain.settings import FeedSettings
from autotrader.engine.events import FeedClock
from autotrader.feeds.address import FixedAddress
from autotrader.feeds.child import Child
from autotrader.feeds.connection import WebsocketFeed
from autotrader.feeds.conversation import Terms
from autotrader.feeds.sim.dialect import SimDialect
from autotrader.feeds.sim.orders import SimOrders
from autotrader.ports import Clock, Intake, SimulatedExchange


class SimFeed(WebsocketFeed):
    """A price feed whose market takes orders too (`ports.TakesOrders`), as far as the server at its address does."""

    exchange: SimulatedExchange
    orders: SimOrders
    """The exchange, as who holds its line knows it."""

    async def run(self, intake: Intake) -> None:
        """Hold both lines, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.orders.run())
            tasks.create_task(super().run(intake))

    def _day(self, connection: ClientConnection) -> str:
        """Return the market day; the handshake that names it also says whether orders are taken."""
        if connection.response is not None:
            self.orders.met(connection.response.headers)
        return super()._day(connection)


def open_feed(feed: FeedSettings, *, stale: float | None, clock: Clock) -> SimFeed:
    """Make the feed (entry point `autotrader.feeds`); with a `url` it dials there and starts nothing."""
    address = FixedAddress(feed.url) if feed.url else Child("autotrader.feeds.sim.server", first_line=msgspec.json.encode(feed) + b"\n")
    opened = SimFeed(
        name=feed.name,
        address=address,
        dialect=SimDialect(feed.name),
        clock=FeedClock.SIMULATED,
        patterns=tuple(feed.instruments),
        time=clock,
        random=Random(),
        terms=Terms(stale=stale),
    )
    # Somebody else's server may only tell prices: then paper orders fill from them.
    opened.exchange = opened.orders = SimOrders(address, patterns=tuple(feed.instruments), takes_orders=not feed.url)
    return opened
