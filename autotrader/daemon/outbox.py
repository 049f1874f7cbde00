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
WAITS_IN_LANE = 5.0
"""Seconds that an order may stand behind others here; then it goes back unsent, for its deadline is the engine's to judge."""


class Outbox:
    """The lanes. `put` never waits; the engine lets one attempt an account go at a time, and a cancel request that waits is not
    queued twice, so a lane is as short as the orders that work."""

    def __init__(
        self,
        brokers: dict[AccountName, Broker],
        tell: Callable[[Outcome | Withdrawn], None],
        *,
        answers_within: float = ANSWERS_WITHIN,
        waits_in_lane: float = WAITS_IN_LANE,
    ) -> None:
        self._brokers = brokers
        self._tell = tell
        self._answers_within = answers_within
        self._waits_in_lane = waits_in_lane
        self._lanes: dict[AccountName, asyncio.Queue[tuple[Order, float]]] = {account: asyncio.Queue() for account in brokers}
        self._withdrawing: set[Withdraw] = set()
        self._closed = False
        self.in_flight = 0
        self.answered = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def put(self, account: AccountName, order: Order) -> None:
        """Hand an order to its lane."""
        if isinstance(order, Withdraw):
            if order in self._withdrawing:
                return  # the same request waits already, and its answer will be this one's too
            self._withdrawing.add(order)
        self.in_flight += 1
        self._idle.clear()
        self._lanes[account].put_nowait((order, asyncio.get_running_loop().time()))

    async def attend(self, account: AccountName) -> None:
        """Work a lane until cancelled."""
        lane, broker = self._lanes[account], self._brokers[account]
        while True:
            order, since = await lane.get()
            self._tell(self._kept_back(order, since) or await self._send(broker, order))
            if isinstance(order, Withdraw):
                self._withdrawing.discard(order)
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

    def _kept_back(self, order: Order, since: float) -> Outcome | Withdrawn | None:
        """Return the end of an order that must not leave any more: that it was not sent is certain, so it may go again."""
        if self._closed:
            return _ended(order, OutcomeKind.NOT_SENT, say("daemon.stopping", {}))
        waited = asyncio.get_running_loop().time() - since
        if isinstance(order, Place) and waited > self._waits_in_lane:
            return _ended(order, OutcomeKind.NOT_SENT, say("daemon.waited_in_lane", {"seconds": f"{waited:.0f}"}))
        return None

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
