"""Orders to the simulated exchange, over a connection of their own to the server that also tells its prices.

The connection is dialled when the price link has been up for the first time, comes back by itself, and then hears what it
missed. Only another market day (the server was started anew) forgets what was there: then everybody who listens hears None.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from random import Random

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from autotrader.errors import BrokerUnreachable, FeedBroken
from autotrader.feeds.address import Address
from autotrader.feeds.backoff import Backoff
from autotrader.feeds.connection import DAY
from autotrader.feeds.sim.entry import ORDERS, PATH, Answer, CancelOrder, Enter, Happened, Open, Request, read_said, write
from autotrader.ports import VenueAnswer, VenueEvent, VenueOrder

REACHED = 5.0
"""Seconds to wait for a connection before an order counts as not sent."""
ANSWERED = 10.0


class SimOrders:
    """The simulated exchange as its members see it (`ports.SimulatedExchange`). `run` holds the connection."""

    def __init__(self, address: Address, *, patterns: tuple[str, ...], takes_orders: bool) -> None:
        self.patterns = patterns if takes_orders else ()
        self._served = patterns
        self._address = address
        self._owner = uuid.uuid4().hex
        self._heard = 0
        self._day = ""
        self._known = asyncio.Event()
        self._connection: ClientConnection | None = None
        self._connected = asyncio.Event()
        self._numbers = 0
        self._waiting: dict[int, asyncio.Future[VenueAnswer]] = {}
        self._listeners: list[asyncio.Queue[VenueEvent | None]] = []
        self._backoff = Backoff(Random())

    def met(self, headers: Mapping[str, str]) -> None:
        """Learn from the handshake of the price link whether the market takes orders."""
        if ORDERS in headers:
            self.patterns = self._served
            self._known.set()

    async def run(self) -> None:
        """Connect, listen and come back, until cancelled."""
        await self._known.wait()
        while True:
            with suppress(OSError, WebSocketException, FeedBroken):  # who waits for an answer was told; the next dial says the rest
                await self._talk(await self._address.find())
            await asyncio.sleep(self._backoff.delay())

    async def enter(self, order: VenueOrder) -> VenueAnswer:
        """Hand in an order."""
        self._numbers += 1
        return await self._ask(Enter(self._numbers, order), self._numbers)

    async def cancel(self, order_id: str) -> VenueAnswer:
        """Take what is left of an order out."""
        self._numbers += 1
        return await self._ask(CancelOrder(self._numbers, order_id), self._numbers)

    async def events(self) -> AsyncIterator[VenueEvent | None]:
        """Yield what happens to all orders of this connection, from now on."""
        # There is no limit: every event is of an order that somebody here entered, and is taken at once.
        mine: asyncio.Queue[VenueEvent | None] = asyncio.Queue()
        if self._day:
            mine.put_nowait(None)
        self._listeners.append(mine)
        try:
            while True:
                yield await mine.get()
        finally:
            self._listeners.remove(mine)

    async def close(self) -> None:
        """Hang up; the next dial, if anybody still runs, begins anew."""
        if self._connection is not None:
            await self._connection.close()

    async def _talk(self, url: str) -> None:
        """Dial one time, and listen until the connection ends."""
        async with connect(url + PATH, compression=None, proxy=None, user_agent_header="autotrader", close_timeout=2) as connection:
            day = connection.response.headers.get(DAY, "") if connection.response else ""
            await self._introduce(connection, day)
            try:
                while True:
                    self._take(await connection.recv())
            except ConnectionClosed:
                return
            finally:
                self._lost()

    async def _introduce(self, connection: ClientConnection, day: str) -> None:
        """Say who we are and what we have heard; on another day nothing that we know counts any more."""
        another = day != self._day
        if another:
            self._heard = 0
        await connection.send(write(Open(self._owner, self._heard)))
        self._day = day
        self._connection = connection
        self._connected.set()
        if another:
            self._tell(None)

    def _take(self, message: str | bytes) -> None:
        said = read_said(message)
        self._backoff.reset()
        if isinstance(said, Answer):
            waiting = self._waiting.get(said.number)
            if waiting is not None and not waiting.done():
                waiting.set_result(said.answer)
        elif isinstance(said, Happened):
            self._heard = said.sequence
            self._tell(said.event)

    def _tell(self, event: VenueEvent | None) -> None:
        for listener in self._listeners:
            listener.put_nowait(event)

    def _lost(self) -> None:
        """Let nobody wait for an answer that will not come."""
        self._connection = None
        self._connected.clear()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(FeedBroken("feed.order_lost"))

    async def _ask(self, request: Request, number: int) -> VenueAnswer:
        """Send one request and wait for its answer."""
        try:
            async with asyncio.timeout(REACHED):
                await self._connected.wait()
        except TimeoutError:
            raise BrokerUnreachable("feed.no_order_link") from None
        connection = self._connection
        if connection is None:
            raise BrokerUnreachable("feed.no_order_link")
        answer: asyncio.Future[VenueAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            await connection.send(write(request))
            async with asyncio.timeout(ANSWERED):
                return await answer
        except (TimeoutError, ConnectionClosed) as error:  # part of it may have left
            raise FeedBroken("feed.order_lost") from error
        finally:
            answer.cancel()
            del self._waiting[number]
