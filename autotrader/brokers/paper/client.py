"""The paper account as a broker: the book decides at once, and nothing is told before it is in the account's file.

The book is small and pure, so it runs where it is called: a print shown before a placement can never fill it. Only the
file is written elsewhere, in one thread, everything decided meanwhile in one transaction. After a failed write the book
may know what the file does not: the account then takes nothing more, and `reports` raises the failure, so that a new
start begins from the file.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.checks import said
from autotrader.brokers.paper.file import PaperFile
from autotrader.brokers.paper.records import opening
from autotrader.brokers.paper.tray import Tray
from autotrader.domain.order import BrokerOrder, IntentId, OrderId, OrderRequest, OutcomeKind, Statement
from autotrader.domain.settings import AccountSettings
from autotrader.domain.tick import Tick
from autotrader.engine.events import Outcome, Report, Withdrawn
from autotrader.errors import BrokerUnreachable
from autotrader.markets.profile import Markets
from autotrader.ports import Broker, Capabilities, ClientIds, Clock

CAPABILITIES = Capabilities(client_ids=ClientIds.FOREVER, client_id_length=64, orders_per_second=1000, fills_from_prints=True)


class PaperBroker:
    """One paper account, kept in a file of its own."""

    capabilities = CAPABILITIES

    def __init__(self, settings: AccountSettings, file: PaperFile, markets: Markets, clock: Clock) -> None:
        self.account: str = settings.name
        self._settings = settings
        self._file = file
        self._markets = markets
        self._clock = clock
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"paper-{settings.name}")
        self._tray = Tray()
        self._book: PaperBook | None = None
        self._failure: Exception | None = None
        self._closed = False
        self._untold: dict[str, Report] = {}
        self._writing: asyncio.Future[None] | None = None
        self._next: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Open the file, or make it with the opening balance of the settings."""
        fresh = opening(self._settings, self._clock.now())
        kept = await asyncio.get_running_loop().run_in_executor(self._disk, self._file.open, fresh)
        self._book = PaperBook(kept, self._markets, self._settings.fee)

    async def place(self, request: OrderRequest) -> Outcome:
        """Accept or refuse, durably. A client id gets its first answer again, for ever."""
        book = self._usable()
        if book is None:
            return Outcome(request.intent, request.attempt, OutcomeKind.NOT_SENT, detail=self._why())
        outcome, reports = book.place(request)
        if await self._durable(reports):
            return outcome
        return Outcome(request.intent, request.attempt, OutcomeKind.UNKNOWN, detail=self._why())

    async def withdraw(self, request_intent: str, order_id: OrderId) -> Withdrawn:
        """Cancel what is left of a working order, durably."""
        intent = IntentId(request_intent)
        book = self._usable()
        if book is None:
            return Withdrawn(intent, OutcomeKind.NOT_SENT, self._why())
        withdrawn, reports = book.withdraw(intent, order_id)
        return withdrawn if await self._durable(reports) else Withdrawn(intent, OutcomeKind.UNKNOWN, self._why())

    async def find(self, client_id: str) -> BrokerOrder | None:
        """Return the order with this client id, or None."""
        return (await self._settled()).find(client_id)

    async def ledger(self) -> tuple[BrokerOrder, ...]:
        """Return every order of the account."""
        return (await self._settled()).ledger()

    async def statement(self) -> Statement:
        """Return all that the account holds."""
        return (await self._settled()).statement()

    def reports(self) -> AsyncIterator[Report]:
        """Yield what happens to orders until the account is closed; one reader."""
        return self._tray.read()

    def show(self, tick: Tick) -> None:
        """Let a print fill what it fills; a dictionary look-up when no order of its instrument works."""
        book = self._usable()
        if book is not None and book.works(tick.instrument):
            self._flush(book.show(tick))

    async def close(self) -> None:
        """Take nothing more, write what is left, close the file and end the reports."""
        if self._closed:
            return
        self._closed = True
        if self._failure is None and self._book is not None:
            await self._durable([])
        self._tray.close()
        await asyncio.get_running_loop().run_in_executor(self._disk, self._file.close)
        self._disk.shutdown()

    def _usable(self) -> PaperBook | None:
        return None if self._closed or self._failure is not None else self._book

    async def _settled(self) -> PaperBook:
        """Return the book once everything in it is on disk, so that nothing is told that a crash could take back."""
        book = self._usable()
        if book is None or not await self._durable([]):
            raise BrokerUnreachable("paper.not_open", account=self.account)
        return book

    async def _durable(self, reports: Iterable[Report]) -> bool:
        """Wait until all that the book decided is on disk; a caller that is cancelled does not cancel the writing."""
        await asyncio.shield(self._flush(reports))
        return self._failure is None

    def _flush(self, reports: Iterable[Report]) -> asyncio.Future[None]:
        """Return the moment at which all decided so far is written. One write at a time; the next takes all that waits."""
        for report in reports:
            self._untold.pop(report.order.order_id, None)  # to the end: the last one told carries the newest statement
            self._untold[report.order.order_id] = report
        if self._is_settled():
            return _done()
        if self._next is None:
            self._next = asyncio.get_running_loop().create_future()
        moment = self._next
        if self._writing is None:
            self._write()
        return moment

    def _is_settled(self) -> bool:
        return self._writing is None and (self._book is None or not self._book.has_unsaved())

    def _write(self) -> None:
        book, moment = self._book, self._next
        if book is None or moment is None:
            return
        reports, self._untold, self._next = list(self._untold.values()), {}, None
        changes = book.unsaved()
        self._writing = asyncio.get_running_loop().run_in_executor(self._disk, self._file.write, changes)
        self._writing.add_done_callback(partial(self._written, reports, moment))

    def _written(self, reports: list[Report], moment: asyncio.Future[None], writing: asyncio.Future[None]) -> None:
        """Tell what is now durable, and write what came meanwhile."""
        self._writing = None
        failure = writing.exception()
        if failure is None and self._failure is None:
            self._tray.put(reports)
        elif isinstance(failure, Exception):
            self._failure = failure
            self._tray.close(failure)
        moment.set_result(None)
        self._after_write()

    def _after_write(self) -> None:
        if self._failure is None:
            self._write()
        elif self._next is not None:
            self._next.set_result(None)
            self._next = None

    def _why(self) -> str:
        if self._failure is None:
            return said("paper.not_open", account=self.account)
        return said("paper.write_failed", account=self.account, reason=self._failure)


def _done() -> asyncio.Future[None]:
    moment: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    moment.set_result(None)
    return moment


def open_broker(account: AccountSettings, *, state: str, markets: Markets, clock: Clock) -> Broker:
    """Make the paper account's broker, with its file in the state directory."""
    return PaperBroker(account, PaperFile(Path(state) / f"paper-{account.name}.sqlite3"), markets, clock)
