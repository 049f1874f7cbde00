"""The rehearsal broker as a Broker: without client ids, and with an outcome that is only as certain as its proof."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress

import msgspec

from autotrader.brokers.loopback import dialect
from autotrader.brokers.loopback.wire import NoAnswer, NotSent, Wire
from autotrader.domain.order import ENDED, BrokerOrder, IntentId, OrderId, OrderRequest, OutcomeKind, Statement
from autotrader.domain.rule import AccountName
from autotrader.domain.settings import AccountSettings
from autotrader.domain.tick import Quote, Tick
from autotrader.engine.events import Outcome, Reference, Report, Withdrawn
from autotrader.errors import BrokerUnreachable
from autotrader.markets.profile import Markets
from autotrader.ports import Broker, Capabilities, ClientIds, Clock, SimulatedExchange

CAPABILITIES = Capabilities(client_ids=ClientIds.NONE, acceptance_time=10.0, orders_per_second=20.0)
SOON = 0.2
SELDOM = 1.0
IDLE = 60.0
"""Seconds between two looks at the ledger: after a change, while nothing changes, and while no order is open (safety U11)."""


class LoopbackBroker:
    """One account at the rehearsal broker."""

    def __init__(self, settings: AccountSettings, capabilities: Capabilities = CAPABILITIES) -> None:
        self.account: str = settings.name
        self.capabilities = capabilities
        self._wire = Wire(settings.url, capabilities)
        self._told: dict[OrderId, BrokerOrder] = {}
        self._look = asyncio.Event()
        self._closed = False

    async def start(self) -> None:
        """See that the broker answers."""
        await self.statement()

    async def place(self, request: OrderRequest) -> Outcome:
        """Send the order once and return what its answer proves."""
        try:
            status, body = await self._wire.send("POST", "/orders", dialect.encode(request))
        except NotSent as proof:
            detail = dialect.said("loopback.not_connected", reason=proof)
            return Outcome(request.intent, request.attempt, OutcomeKind.NOT_SENT, detail=detail)
        except NoAnswer as doubt:
            detail = dialect.said("loopback.no_answer", reason=doubt)
            return Outcome(request.intent, request.attempt, OutcomeKind.UNKNOWN, detail=detail)
        finally:
            self._look.set()
        return dialect.outcome_of(request, status, body)

    async def withdraw(self, request_intent: str, order_id: OrderId) -> Withdrawn:
        """Ask once for a cancel and return what the answer proves."""
        intent = IntentId(request_intent)
        try:
            status, body = await self._wire.send("DELETE", f"/orders/{order_id}")
        except NotSent as proof:
            return Withdrawn(intent, OutcomeKind.NOT_SENT, dialect.said("loopback.not_connected", reason=proof))
        except NoAnswer as doubt:
            return Withdrawn(intent, OutcomeKind.UNKNOWN, dialect.said("loopback.no_answer", reason=doubt))
        finally:
            self._look.set()
        return dialect.withdrawn_of(intent, status, body)

    async def find(self, client_id: str) -> BrokerOrder | None:
        """Return None: this broker keeps no client ids, and that says nothing of whether an order exists."""
        return None

    async def ledger(self) -> tuple[BrokerOrder, ...]:
        """Return every order of the account; what is told here is not reported again."""
        orders = await self._orders()
        self._told.update((order.order_id, order) for order in orders)
        self._look.set()
        return orders

    async def statement(self) -> Statement:
        """Return all that the account holds."""
        try:
            return dialect.statement_of(await self._read("/statement"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as garbage:
            raise BrokerUnreachable("loopback.unreachable", account=self.account, reason=str(garbage)) from garbage

    async def reports(self) -> AsyncIterator[Report]:
        """Look at the ledger while orders are open, and after every placing; yield each order that changed."""
        pause = SOON
        while not self._closed:
            self._look.clear()
            changed: list[Report] = []
            try:
                changed, pause = await self._changes(pause)
            except BrokerUnreachable:  # The outbox finds out for itself; what was missed is seen at the next look.
                pause = SELDOM
            for report in changed:
                self._told[report.order.order_id] = report.order
                yield report
            if await self._woken(pause):
                pause = SOON

    def show(self, seen: Tick | Quote | Reference) -> None:
        """Take nothing: this broker has its own prices."""

    async def close(self) -> None:
        """End the reports and close the connections."""
        self._closed = True
        self._look.set()
        await self._wire.close()

    async def _changes(self, pause: float) -> tuple[list[Report], float]:
        """Return what changed since it was told, with the statement read after it, and when to look again."""
        orders = await self._orders()
        changed = [order for order in orders if self._told.get(order.order_id) != order]
        statement = await self.statement() if changed else None
        reports = [Report(AccountName(self.account), order, statement) for order in changed]
        if changed:
            return reports, SOON
        idle = pause >= SELDOM and all(order.status in ENDED for order in orders)
        return reports, IDLE if idle else min(pause * 2, SELDOM)

    async def _woken(self, pause: float) -> bool:
        """Wait for the next look, and return whether something happened that asks for it sooner."""
        with suppress(TimeoutError):  # not wait_for: until Python 3.12 it loses a cancellation that comes with the event
            async with asyncio.timeout(pause):
                await self._look.wait()
        return self._look.is_set()

    async def _orders(self) -> tuple[BrokerOrder, ...]:
        try:
            return dialect.orders_of(await self._read("/orders"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as garbage:
            raise BrokerUnreachable("loopback.unreachable", account=self.account, reason=str(garbage)) from garbage

    async def _read(self, path: str) -> bytes:
        try:
            status, body = await self._wire.send("GET", path)
        except (NotSent, NoAnswer) as trouble:
            raise BrokerUnreachable("loopback.unreachable", account=self.account, reason=str(trouble)) from trouble
        if status != 200:
            raise BrokerUnreachable("loopback.unreachable", account=self.account, reason=f"HTTP {status}")
        return body


def open_broker(
    account: AccountSettings, *, state: str, markets: Markets, clock: Clock, exchanges: Sequence[SimulatedExchange] = ()
) -> Broker:
    """Make the rehearsal account's broker; it keeps nothing in the state directory."""
    return LoopbackBroker(account)
