"""The paper account as a broker: nothing is told before it is in the account's file.

An order goes to the simulated exchange that serves its instrument (`venue.py`); where none does, the book decides at once.

The book is small and pure, so it runs where it is called: a print shown before a placement can never fill it. Only the
file is written elsewhere, in one thread, everything decided meanwhile in one transaction. After a failed write the book
may know what the file does not: the account then takes nothing more, and `reports` raises the failure, so that a new
start begins from the file.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.checks import said
from autotrader.brokers.paper.file import PaperFile
from autotrader.brokers.paper.records import Stage, opening
from autotrader.brokers.paper.tray import Tray
from autotrader.brokers.paper.venue import Venue
from autotrader.domain.order import BrokerOrder, IntentId, OrderId, OrderRequest, OutcomeKind, Statement
from autotrader.domain.rule import OrderType, TimeInForce
from autotrader.domain.settings import AccountSettings
from autotrader.domain.tick import InstrumentId, Quote, Tick
from autotrader.engine.events import Outcome, Reference, Report, Withdrawn
from autotrader.errors import BrokerUnreachable
from autotrader.markets.orders import kind_of
from autotrader.markets.profile import Markets
from autotrader.ports import Broker, Capabilities, ClientIds, Clock, SimulatedExchange

CAPABILITIES = Capabilities(
    client_ids=ClientIds.FOREVER,
    client_id_length=64,
    orders_per_second=1000,
    fills_from_prints=True,
    order_types=frozenset(kind_of(type_, tif) for type_ in OrderType for tif in TimeInForce),
)


class PaperBroker:
    """One paper account, kept in a file of its own."""

    capabilities = CAPABILITIES

    def __init__(
        self, settings: AccountSettings, file: PaperFile, markets: Markets, clock: Clock, exchanges: Sequence[SimulatedExchange] = ()
    ) -> None:
        self.account: str = settings.name
        self._settings = settings
        self._file = file
        self._markets = markets
        self._clock = clock
        self._exchanges = tuple(exchanges)
        self._venues: tuple[Venue, ...] = ()
        self._listening: list[asyncio.Task[None]] = []
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"paper-{settings.name}")
        self._tray = Tray()
        self._book: PaperBook | None = None
        self._failure: Exception | None = None
        self._closed = False
        self._untold: dict[str, Report] = {}
        self._writing: asyncio.Future[None] | None = None
        self._next: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Open the file, or make it with the opening balance of the settings, and listen to the exchanges."""
        fresh = opening(self._settings, self._clock.now())
        kept = await asyncio.get_running_loop().run_in_executor(self._disk, self._file.open, fresh)
        book = self._book = PaperBook(kept, self._markets, self._settings.fee)
        book.begin()
        await self._durable([])
        self._venues = tuple(Venue(exchange, book, self._durable) for exchange in self._exchanges)
        for venue in self._venues:
            listening = asyncio.get_running_loop().create_task(venue.listen(), name=f"paper {self.account}")
            listening.add_done_callback(self._heard_last)
            self._listening.append(listening)

    async def place(self, request: OrderRequest) -> Outcome:
        """Accept or refuse, durably. A client id gets its first answer again, for ever."""
        book = self._usable()
        if book is None:
            return Outcome(request.intent, request.attempt, OutcomeKind.NOT_SENT, detail=self._why())
        venue = self._venue_of(request.instrument)
        if venue is not None:
            outcome = await venue.place(request)
        else:
            outcome, reports = book.place(request, self._clock.now())
            await self._durable(reports)
        if self._failure is None:
            return outcome
        return Outcome(request.intent, request.attempt, OutcomeKind.UNKNOWN, detail=self._why())

    async def withdraw(self, request_intent: str, order_id: OrderId) -> Withdrawn:
        """Cancel what is left of a working order, durably."""
        intent = IntentId(request_intent)
        book = self._usable()
        if book is None:
            return Withdrawn(intent, OutcomeKind.NOT_SENT, self._why())
        row = book.order(order_id)
        venue = None if row is None or row.stage is Stage.PRINTS else self._venue_of(row.order.instrument)
        if venue is not None and book.refuses_withdrawal(intent, order_id) is None:
            withdrawn = await venue.withdraw(intent, order_id)
        else:
            withdrawn, reports = book.withdraw(intent, order_id)
            await self._durable(reports)
        return withdrawn if self._failure is None else Withdrawn(intent, OutcomeKind.UNKNOWN, self._why())

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

    def show(self, seen: Tick | Quote | Reference) -> None:
        """Let a print or quote fill what it fills; a dictionary look-up or two when no order of its instrument fills here."""
        book = self._usable()
        if book is None:
            return
        reports = book.show(seen)
        if book.has_unsaved():
            self._flush(reports)

    async def close(self) -> None:
        """Take nothing more, write what is left, close the file and end the reports."""
        if self._closed:
            return
        self._closed = True
        for listening in self._listening:
            listening.cancel()
        for venue in self._venues:
            venue.close()
        if self._failure is None and self._book is not None:
            await self._durable([])
        self._tray.close()
        await asyncio.get_running_loop().run_in_executor(self._disk, self._file.close)
        self._disk.shutdown()

    def _venue_of(self, instrument: InstrumentId) -> Venue | None:
        """Return the simulated exchange where an instrument trades; asked anew each time, for a dialled one says it late."""
        return next((venue for venue in self._venues if venue.serves(instrument)), None)

    def _heard_last(self, listening: asyncio.Task[None]) -> None:
        """Take the account down with a listening that broke: the next start begins from the file."""
        failure = None if listening.cancelled() else listening.exception()
        if isinstance(failure, Exception):
            self._failure = self._failure or failure
            self._tray.close(failure)

    def _usable(self) -> PaperBook | None:
        return None if self._closed or self._failure is not None else self._book

    async def _settled(self) -> PaperBook:
        """Return the book once everything in it is on disk, so that nothing is told that a crash could take back."""
        book = self._usable()
        for venue in self._venues if book is not None else ():
            await venue.settle()
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


def open_broker(
    account: AccountSettings, *, state: str, markets: Markets, clock: Clock, exchanges: Sequence[SimulatedExchange] = ()
) -> Broker:
    """Make the paper account's broker, with its file in the state directory."""
    return PaperBroker(account, PaperFile(Path(state) / f"paper-{account.name}.sqlite3"), markets, clock, exchanges)
