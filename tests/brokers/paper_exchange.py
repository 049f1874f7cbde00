"""A simulated exchange by hand: it trades when it is told to, and fails as it is told to."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal

from autotrader.errors import BrokerUnreachable, FeedBroken
from autotrader.ports import VenueAnswer, VenueEvent, VenueOrder

NOON = 1_786_676_400_000_000_000
"""2026-08-14 12:00 in Seoul."""

UNREACHABLE, LOST_BEFORE, LOST_AFTER = "unreachable", "lost before it arrived", "lost after it arrived"


class FakeExchange:
    """`ports.SimulatedExchange`. `faults` are taken one a request, `refusals` one an order that is entered anew.

    `quiet` keeps the events of cancels back, `gate` the answers to orders; `arrived` is set by the first order.
    """

    def __init__(self, *patterns: str) -> None:
        self.patterns = patterns or ("*",)
        self.entered: list[VenueOrder] = []
        self.open: dict[str, Decimal] = {}
        self.faults: list[str] = []
        self.refusals: list[VenueAnswer] = []
        self.quiet = False
        self._answers: dict[str, VenueAnswer] = {}
        self._listeners: list[asyncio.Queue[VenueEvent | None]] = []
        self.arrived = asyncio.Event()
        self.gate = asyncio.Event()
        self.gate.set()

    async def enter(self, order: VenueOrder) -> VenueAnswer:
        fault = self._fault()
        if order.id not in self._answers:
            answer = self._answers[order.id] = self.refusals.pop(0) if self.refusals else VenueAnswer(True)
            if answer.accepted:
                self.entered.append(order)
                self.open[order.id] = order.quantity
                self.arrived.set()
        await self.gate.wait()
        if fault == LOST_AFTER:
            raise FeedBroken("feed.order_lost")
        return self._answers[order.id]

    async def cancel(self, order_id: str) -> VenueAnswer:
        fault = self._fault()
        rest = self.open.pop(order_id, None)
        if rest is not None and not self.quiet:
            self._tell(VenueEvent(order_id, "ended", NOON))
        if fault == LOST_AFTER:
            raise FeedBroken("feed.order_lost")
        return VenueAnswer(False, "exchange.unknown_order: no such order") if rest is None else VenueAnswer(True)

    async def events(self) -> AsyncIterator[VenueEvent | None]:
        mine: asyncio.Queue[VenueEvent | None] = asyncio.Queue()
        self._listeners.append(mine)
        mine.put_nowait(None)
        try:
            while True:
                yield await mine.get()
                mine.task_done()
        finally:
            self._listeners.remove(mine)

    async def close(self) -> None:
        """Nothing is held."""

    def fill(self, order_id: str, price: str, quantity: str) -> None:
        """Trade so much of an order."""
        self.open[order_id] -= Decimal(quantity)
        if not self.open[order_id]:
            del self.open[order_id]
        self._tell(VenueEvent(order_id, "filled", NOON, Decimal(price), Decimal(quantity)))

    def say(self, event: VenueEvent) -> None:
        """Tell something that did not happen here just now."""
        self._tell(event)

    def begin_day(self) -> None:
        """Forget everything, as one that was started anew."""
        self.open.clear()
        self.entered.clear()
        self._answers.clear()
        self._tell(None)

    async def heard(self) -> None:
        """Wait until all that was told has been dealt with."""
        async with asyncio.timeout(5):
            for listener in list(self._listeners):
                await listener.join()

    def _tell(self, event: VenueEvent | None) -> None:
        for listener in self._listeners:
            listener.put_nowait(event)

    def _fault(self) -> str:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == UNREACHABLE:
            raise BrokerUnreachable("feed.no_order_link")
        if fault == LOST_BEFORE:
            raise FeedBroken("feed.order_lost")
        return fault
