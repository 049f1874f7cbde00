"""The orders of a paper account at a simulated exchange: in the account's file before they go there, told after it answers.

What became of an order that got no answer, the exchange itself says: entered once more, an id that it has seen gets its
first answer again. Until then the account does not answer for what it has. An exchange that began another day has forgotten
everything: what it had taken is entered again for its rest, behind all others; what it never answered is not there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from decimal import Decimal

from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.checks import said
from autotrader.brokers.paper.records import KeptOrder, Stage
from autotrader.domain.money import exact
from autotrader.domain.order import ENDED, IntentId, OrderId, OrderRequest, OrderStatus, OutcomeKind
from autotrader.domain.tick import InstrumentId
from autotrader.engine.events import Outcome, Report, Withdrawn
from autotrader.errors import BrokerUnreachable, FeedBroken
from autotrader.markets.profile import matches
from autotrader.ports import SimulatedExchange, VenueAnswer, VenueEvent, VenueOrder

ANSWERS_WITHIN = 15.0
"""Seconds for one answer: longer than the exchange's own limit, so that only one that hangs meets it."""
ENDS_WITHIN = 5.0
"""Seconds that a cancelled order's end may come after the cancel's answer."""

Durable = Callable[[Sequence[Report]], Awaitable[bool]]


class Venue:
    """One simulated exchange as one account sees it. `durable` writes what the book decided and then tells the reports."""

    def __init__(self, exchange: SimulatedExchange, book: PaperBook, durable: Durable) -> None:
        self._exchange = exchange
        self._book = book
        self._durable = durable
        self._flights: dict[OrderId, asyncio.Task[Outcome]] = {}
        self._missing = {row.order.order_id: None for row in book.at_exchange()}
        """Orders that a new day's exchange has to be given again."""
        self._reached = False
        self._ends: dict[OrderId, asyncio.Event] = {}

    def serves(self, instrument: InstrumentId) -> bool:
        """Return whether orders for an instrument go to this exchange."""
        return any(matches(pattern, instrument) for pattern in self._exchange.patterns)

    async def place(self, request: OrderRequest) -> Outcome:
        """Hand an order in. A caller that goes away does not take it back."""
        again = self._book.is_entering(request.client_id)
        row = self._book.prepare(request)
        if isinstance(row, Outcome):
            await self._durable(())
            return row
        flight = self._flights.get(row.order.order_id)
        if flight is None:
            flight = self._fly(row.order.order_id, self._place(row, request, again=again))
        await asyncio.wait([flight])
        if flight.cancelled():  # the account was closed
            return _outcome(request, OutcomeKind.UNKNOWN, said("paper.not_open", account=request.account))
        return flight.result()

    async def withdraw(self, intent: IntentId, order_id: OrderId) -> Withdrawn:
        """Ask the exchange to cancel what is left; the cancel is in the file before it goes."""
        row = self._book.order(order_id)
        if row is None or row.stage is Stage.ENTERING:
            return Withdrawn(intent, OutcomeKind.NOT_SENT, said("paper.still_entering", order_id=order_id))
        if order_id in self._missing:
            await self._end(order_id, "")
            return Withdrawn(intent, OutcomeKind.ACCEPTED)
        self._book.leaving(order_id)
        await self._durable(())
        try:
            answer = await self._asked(self._exchange.cancel(order_id))
            return await self._cancelled(intent, order_id, answer)
        except BrokerUnreachable as error:
            self._book.staying(order_id)
            await self._durable(())
            return Withdrawn(intent, OutcomeKind.NOT_SENT, str(error))
        except FeedBroken as error:
            return Withdrawn(intent, OutcomeKind.UNKNOWN, str(error))

    async def settle(self) -> None:
        """Find out what became of every order without an answer, or raise BrokerUnreachable."""
        if self._flights:
            await asyncio.wait(self._flights.values())
        for row in self._rows():
            order_id = row.order.order_id
            unknown = row.stage is Stage.ENTERING and order_id not in self._flights
            if unknown or (self._reached and order_id in self._missing):
                await self._enter_again(row)

    async def listen(self) -> None:
        """Take what the exchange tells, until cancelled."""
        async for event in self._exchange.events():
            if event is None:
                await self._begin_day()
            else:
                await self._take(event)

    def close(self) -> None:
        """Wait for no answer any more."""
        for flight in self._flights.values():
            flight.cancel()

    async def _place(self, row: KeptOrder, request: OrderRequest, *, again: bool) -> Outcome:
        """Enter a prepared order; it is in the file before it leaves."""
        if not await self._durable(()):
            return _outcome(request, OutcomeKind.UNKNOWN, "")
        kind, detail = await self._enter(row, again=again)
        return self._book.answered(request) or _outcome(request, kind, detail, row.order.order_id)

    async def _enter(self, row: KeptOrder, *, again: bool = False) -> tuple[OutcomeKind, str]:
        """Enter an order and keep what is answered. Only a first entering can be proven not to have arrived."""
        order_id = row.order.order_id
        try:
            answer = await self._asked(self._exchange.enter(_entered(row)))
        except BrokerUnreachable as error:
            if again:
                return OutcomeKind.UNKNOWN, str(error)
            self._book.never_arrived(order_id, str(error))
            await self._durable(())
            return OutcomeKind.NOT_SENT, str(error)
        except FeedBroken as error:
            return OutcomeKind.UNKNOWN, str(error)
        self._missing.pop(order_id, None)
        if answer.accepted:
            await self._durable(self._book.entered(order_id))
            return OutcomeKind.ACCEPTED, ""
        if self._is_taken(order_id):
            await self._durable(self._book.ended(order_id, said("paper.exchange_refused", reason=answer.reason)))
        else:
            self._book.turned_away(order_id, answer.reason, inadmissible=answer.inadmissible)
            await self._durable(())
        return OutcomeKind.REFUSED, answer.reason

    async def _enter_again(self, row: KeptOrder) -> None:
        kind, detail = await self._enter(row, again=True)
        if kind is OutcomeKind.UNKNOWN:
            raise BrokerUnreachable("paper.exchange_silent", account=self._book.account, reason=detail)

    async def _begin_day(self) -> None:
        """Give another day's exchange the rest of what the last one had; what was on its way to that one is gone."""
        self._reached = True
        for row in self._rows():
            order_id = row.order.order_id
            if row.stage is Stage.LEAVING:
                await self._end(order_id, "")
            elif row.stage is Stage.ENTERED:
                self._missing[order_id] = None
            elif order_id not in self._flights:
                self._book.never_arrived(order_id, said("paper.exchange_forgot"))
        await self._durable(())
        for row in self._rows():
            if row.order.order_id in self._missing and (await self._enter(row, again=True))[0] is OutcomeKind.UNKNOWN:
                return  # the next reading of the ledger goes on with it

    async def _take(self, event: VenueEvent) -> None:
        if event.kind == "ended":
            await self._end(OrderId(event.id), event.reason)
        elif event.price is not None and event.quantity is not None:
            reports = self._book.filled(event.id, event.price, event.quantity, event.time)
            await self._durable(reports)
            await self._let_go(event.id)

    async def _let_go(self, order_id: str) -> None:
        """Have the exchange forget the rest of an order that the account ended: its cash or holding ran out."""
        row = self._book.order(order_id)
        if row is None or row.order.status is not OrderStatus.CANCELLED:
            return
        with suppress(BrokerUnreachable, FeedBroken):  # what it then still fills there, the account does not pay for
            await self._asked(self._exchange.cancel(order_id))

    async def _end(self, order_id: OrderId, reason: str) -> None:
        self._missing.pop(order_id, None)
        await self._durable(self._book.ended(order_id, reason))
        if order_id in self._ends:
            self._ends[order_id].set()

    async def _cancelled(self, intent: IntentId, order_id: OrderId, answer: VenueAnswer) -> Withdrawn:
        """Return the end of a cancel: the order is over when the exchange's last word of it has come."""
        if not answer.accepted:
            self._book.staying(order_id)
            await self._durable(())
            return Withdrawn(intent, OutcomeKind.REFUSED, answer.reason)
        over = self._ends.setdefault(order_id, asyncio.Event())
        if self._is_over(order_id):  # its end came before the answer
            over.set()
        try:
            async with asyncio.timeout(ENDS_WITHIN):
                await over.wait()
        except TimeoutError:
            await self._end(order_id, "")
        finally:
            self._ends.pop(order_id, None)
        return Withdrawn(intent, OutcomeKind.ACCEPTED)

    async def _asked(self, asking: Awaitable[VenueAnswer]) -> VenueAnswer:
        """Wait for an answer, but not for ever."""
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                return await asking
        except TimeoutError as error:
            raise FeedBroken("feed.order_lost") from error

    def _rows(self) -> list[KeptOrder]:
        return [row for row in self._book.at_exchange() if self.serves(row.order.instrument)]

    def _is_over(self, order_id: str) -> bool:
        row = self._book.order(order_id)
        return row is None or row.order.status in ENDED

    def _is_taken(self, order_id: str) -> bool:
        """Tell whether the exchange, of this day or one before, is known to have had an order."""
        row = self._book.order(order_id)
        return row is not None and (row.stage in (Stage.ENTERED, Stage.LEAVING) or row.order.filled > 0)

    def _fly(self, order_id: OrderId, placing: Coroutine[None, None, Outcome]) -> asyncio.Task[Outcome]:
        flight = asyncio.get_running_loop().create_task(placing)
        self._flights[order_id] = flight
        flight.add_done_callback(lambda _: self._flights.pop(order_id, None))
        return flight


def _entered(row: KeptOrder) -> VenueOrder:
    """Return what is left of an order as it goes to the exchange."""
    order = row.order
    with exact():
        rest: Decimal = order.quantity - order.filled
    return VenueOrder(order.order_id, order.instrument, order.side, order.type, rest, order.price, row.stop, order.tif, order.venue)


def _outcome(request: OrderRequest, kind: OutcomeKind, detail: str, order_id: str = "") -> Outcome:
    return Outcome(request.intent, request.attempt, kind, order_id if kind is OutcomeKind.ACCEPTED else "", detail)
