"""Orders go out here, one lane an account. Only a lane waits for its broker; the outcome comes back through the inbox.

One attempt is one call, and one call is at most one request on the wire (safety F6). There is no retry here.
"""

import asyncio
from collections.abc import Callable

from autotrader.domain.rule import AccountName
from autotrader.engine.effects import Place, Withdraw
from autotrader.engine.events import Outcome, Withdrawn
from autotrader.ports import Broker

Order = Place | Withdraw


class Outbox:
    """The lanes. `put` never waits; the engine lets one attempt an account go at a time, so a lane is short."""

    def __init__(self, brokers: dict[AccountName, Broker], tell: Callable[[Outcome | Withdrawn], None]) -> None:
        self._brokers = brokers
        self._tell = tell
        self._lanes: dict[AccountName, asyncio.Queue[Order]] = {account: asyncio.Queue() for account in brokers}
        self._closed = False
        self.in_flight = 0
        self.answered = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, account: AccountName, order: Order) -> None:
        """Hand an order to its lane."""
        self.in_flight += 1
        self._idle.clear()
        self._lanes[account].put_nowait(order)

    async def attend(self, account: AccountName) -> None:
        """Work a lane until cancelled."""
        lane, broker = self._lanes[account], self._brokers[account]
        while True:
            order = await lane.get()
            # Once closed nothing is sent: the attempt stays without an answer, and the next start asks the broker.
            if not self._closed:
                self._tell(await _send(broker, order))
            self.answered += 1
            self.in_flight -= 1
            if not self.in_flight:
                self._idle.set()

    def close(self) -> None:
        """Send nothing more; what is on its way may still be answered."""
        self._closed = True

    async def idle(self, timeout: float) -> bool:
        """Wait until nothing is on its way; return whether that came in time."""
        try:
            async with asyncio.timeout(timeout):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True


async def _send(broker: Broker, order: Order) -> Outcome | Withdrawn:
    if isinstance(order, Place):
        return await broker.place(order.request)
    return await broker.withdraw(order.intent, order.order_id)
