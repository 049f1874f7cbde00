"""Orders go out here, one lane an account. Only a lane waits for its broker; the outcome comes back through the inbox.

One attempt is one call, and one call is at most one request on the wire (safety F6). There is no retry here. A call that
does not come back is given up as unknown, and once closed what waits here is known not to be sent.
"""

import asyncio
from collections.abc import Callable

from autotrader.domain.order import OutcomeKind
from autotrader.domain.rule import AccountName
from autotrader.engine.effects import Place, Withdraw
from autotrader.engine.events import Outcome, Withdrawn
from autotrader.messages import say
from autotrader.ports import Broker

Order = Place | Withdraw

ANSWERS_WITHIN = 30.0
"""Seconds for one call, longer than any broker's own limit: an adapter that hangs must not hold its lane for ever."""


class Outbox:
    """The lanes. `put` never waits; the engine lets one attempt an account go at a time, so a lane is short."""

    def __init__(
        self, brokers: dict[AccountName, Broker], tell: Callable[[Outcome | Withdrawn], None], *, answers_within: float = ANSWERS_WITHIN
    ) -> None:
        self._brokers = brokers
        self._tell = tell
        self._answers_within = answers_within
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
            # Once closed nothing is sent, and that is certain: the next start may send it without asking.
            self._tell(_ended(order, OutcomeKind.NOT_SENT, say("daemon.stopping", {})) if self._closed else await self._send(broker, order))
            self.answered += 1
            self.in_flight -= 1
            if not self.in_flight:
                self._idle.set()

    def close(self) -> None:
        """Send nothing more; what is on its way may still be answered, what waits is answered as not sent."""
        self._closed = True

    async def idle(self, timeout: float) -> bool:
        """Wait until nothing is on its way; return whether that came in time."""
        try:
            async with asyncio.timeout(timeout):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def _send(self, broker: Broker, order: Order) -> Outcome | Withdrawn:
        try:
            async with asyncio.timeout(self._answers_within) as limit:
                if isinstance(order, Place):
                    return await broker.place(order.request)
                return await broker.withdraw(order.intent, order.order_id)
        except TimeoutError:
            if not limit.expired():
                raise
            return _ended(order, OutcomeKind.UNKNOWN, say("daemon.no_answer", {"seconds": f"{self._answers_within:g}"}))


def _ended(order: Order, kind: OutcomeKind, detail: str) -> Outcome | Withdrawn:
    """Return an end that we know of without the broker."""
    if isinstance(order, Place):
        return Outcome(order.request.intent, order.request.attempt, kind, detail=detail)
    return Withdrawn(order.intent, kind, detail)
