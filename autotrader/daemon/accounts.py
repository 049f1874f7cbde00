"""An account's life: open the broker, read its complete ledger, let the engine recover, then pass on what it reports.

The ledger is read again after every unknown outcome, after every reconnect, and regularly while orders are open (safety U11).
What is held is asked for every few seconds while markets are open, because its owner trades by hand too (semantics 2.13).
"""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from autotrader.domain.order import OutcomeKind, Statement
from autotrader.domain.rule import AccountName
from autotrader.engine.events import Event, Outcome, Recovered, Stated, Unreachable
from autotrader.errors import BrokerUnreachable, CorruptState, NewerStore
from autotrader.messages import say
from autotrader.ports import Broker, Clock

RECONCILE_EVERY = 60.0
LOOK_EVERY = 5.0
"""Seconds within which a purchase or a sale by hand is seen."""
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
READS = 3
ANSWERS_WITHIN = 60.0
"""Seconds for one reading of the account: longer than any broker's own limits, so that only an adapter that hangs meets it."""

Sleep = Callable[[float], Awaitable[object]]


class AccountDesk:
    """Attends one account. `has_open` tells whether orders of the account are open, `in_flight` whether one is on its way or in
    doubt, `may_look` whether a market is open."""

    def __init__(
        self,
        account: AccountName,
        broker: Broker,
        tell: Callable[[Event], None],
        has_open: Callable[[AccountName], bool],
        clock: Clock,
        *,
        random: Random,
        sleep: Sleep = asyncio.sleep,
        every: float = RECONCILE_EVERY,
        look_every: float = LOOK_EVERY,
        may_look: Callable[[], bool] = lambda: True,
        in_flight: Callable[[AccountName], bool] = lambda account: False,
        answers_within: float = ANSWERS_WITHIN,
    ) -> None:
        self.account = account
        self.broker = broker
        self._tell = tell
        self._has_open = has_open
        self._clock = clock
        self._random = random
        self._sleep = sleep
        self._every = every
        self._look_every = look_every
        self._may_look = may_look
        self._in_flight = in_flight
        self._last: Statement | None = None
        self._answers_within = answers_within
        self._reading = asyncio.Lock()  # of two readings under way the older could be told after the newer
        self._wanted = asyncio.Event()
        self._reports = 0

    def saw(self, outcome: Outcome) -> None:
        """Ask for a fresh reading when nobody knows what became of an attempt."""
        if outcome.kind is OutcomeKind.UNKNOWN:
            self._wanted.set()

    def look_again(self) -> None:
        """Ask for a fresh reading: a person has named an order that no report will speak of again."""
        self._wanted.set()

    async def attend(self) -> None:
        """Recover, then listen and reconcile until cancelled."""
        await self._until_read(self.broker.start)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            await self._until_read(self._reconcile)
            tasks.create_task(self._keep_reconciling())
            tasks.create_task(self._keep_looking())

    async def _until_read(self, reading: Callable[[], Awaitable[None]]) -> None:
        """Do a reading until the broker answers, saying so while it does not."""
        pause = FIRST_PAUSE
        while True:
            try:
                async with asyncio.timeout(self._answers_within) as limit:
                    await reading()
                return
            except (BrokerUnreachable, CorruptState, NewerStore) as error:
                # A damaged account holds itself and nobody else: the daemon's end would leave the others bare (safety O1, D5).
                self._tell(Unreachable(self.account, str(error)))
            except TimeoutError:
                if not limit.expired():
                    raise
                self._tell(Unreachable(self.account, say("daemon.no_answer", {"seconds": f"{self._answers_within:g}"})))
            await self._sleep(pause * self._random.uniform(0.5, 1.0))
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _reconcile(self) -> None:
        """Read ledger and statement as of one moment: read again when a report came in between."""
        async with self._reading:
            for _ in range(READS):
                before, asked = self._reports, self._clock.now()
                orders = await self.broker.ledger()
                statement = await self.broker.statement()
                if before == self._reports:
                    break
            self._last = statement
            self._tell(Recovered(self.account, orders, statement, asked))

    async def _keep_reconciling(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._every):
                    await self._wanted.wait()
            except TimeoutError:
                if not self._has_open(self.account):
                    continue
            self._wanted.clear()
            await self._until_read(self._reconcile)

    async def _keep_looking(self) -> None:
        """Ask again and again what is held. While orders are being filled their reports say more, and sooner: a statement from
        in between could be older than they are. While one is in flight it could count what we have reserved a second time."""
        seen = self._reports
        while True:
            await asyncio.sleep(self._look_every)
            quiet, seen = seen == self._reports, self._reports
            if quiet and self._may_look() and not self._in_flight(self.account):
                await self._look()

    async def _look(self) -> None:
        """Tell what is held when it is not what was told last. A broker that does not answer is asked for a whole reading."""
        async with self._reading:
            before = self._reports
            try:
                async with asyncio.timeout(self._answers_within):
                    statement = await self.broker.statement()
            except (BrokerUnreachable, CorruptState, NewerStore, TimeoutError):
                self._wanted.set()
                return
            undisturbed = before == self._reports and not self._in_flight(self.account)
            if undisturbed and statement != self._last:
                self._last = statement
                self._tell(Stated(self.account, statement))

    async def _listen(self) -> None:
        async for report in self.broker.reports():
            self._reports += 1
            self._last = report.statement
            self._tell(report)
