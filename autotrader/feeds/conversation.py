"""One connection's life: subscribe, read, notice silence. It ends when the link does, and never dials again itself.

Reading is the hot path: a frame costs its receipt, its decoding, one call of the intake and a counter. Freshness is the
work of a second task that looks at the counter, so that no frame pays for a timer.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from urllib.parse import urlsplit

from msgspec import Struct
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.events import Dropped, FeedEvent, MarketTime
from autotrader.errors import FeedBroken
from autotrader.ports import Clock, Dialect, Intake

LOOK_AROUND = 64
"""Frames between two looks at the intake's limit: a power of two, so that the test is one operation."""
GIVE_WAY = 50
"""Milliseconds that a reader stands aside at most; then it reads on and the intake keeps the newest and the extremes (P5)."""


class Terms(Struct, frozen=True):
    """When a link counts as dead or quiet, in seconds. `stale` None: the guard is off, only the library's pings watch."""

    stale: float | None = 5.0
    ping_interval: float = 15.0
    ping_timeout: float = 10.0
    silent: float = 10.0


class Wanted:
    """The instruments that rules need now, and a flag that goes up when the list changes."""

    def __init__(self) -> None:
        self.instruments: frozenset[InstrumentId] = frozenset()
        self.changed = asyncio.Event()
        self.any = asyncio.Event()

    def put(self, instruments: frozenset[InstrumentId]) -> None:
        """Replace the whole list."""
        if instruments == self.instruments:
            return
        self.instruments = instruments
        self.changed.set()
        if instruments:
            self.any.set()
        else:
            self.any.clear()


class Conversation:
    """What is said over one connection."""

    def __init__(
        self,
        connection: ClientConnection,
        *,
        name: FeedName,
        dialect: Dialect,
        wanted: Wanted,
        intake: Intake,
        clock: Clock,
        terms: Terms,
        rose: Callable[[], None],
        went_stale: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._name = name
        self._dialect = dialect
        self._wanted = wanted
        self._intake = intake
        self._clock = clock
        self._terms = terms
        self._rose = rose
        self._went_stale = went_stale
        self._frames = 0
        self._asked: frozenset[InstrumentId] = frozenset()
        self._unheard: set[InstrumentId] = set()

    async def run(self) -> None:
        """Talk until nothing is wanted any more; raise FeedBroken when the link ends before that."""
        broken: FeedBroken | None = None
        async with asyncio.TaskGroup() as tasks:
            others: list[asyncio.Task[None]] = []
            try:
                await self._subscribe()  # before reading: until then the dialect knows no instrument
                others = [tasks.create_task(self._keep_subscribed()), tasks.create_task(self._watch())]
                await self._read()
            except ConnectionClosed as closed:
                broken = FeedBroken("feed.closed", why=closed)
            except FeedBroken as refused:  # caught here, because the group would wrap it
                broken = refused
            for other in others:
                other.cancel()
        if broken is not None and self._wanted.instruments:
            raise broken

    async def _read(self) -> None:
        """Hand every frame to the intake, for ever; the link is up from the first valid one."""
        recv, decode, name, take = self._connection.recv, self._dialect.decode, self._name, self._intake.frame
        raw = await recv(False)
        while not self._dialect.is_sign_of_life(raw):
            take(name, raw, decode(raw))
            self._frames += 1
            raw = await recv(False)
        self._rose()
        while True:
            events = decode(raw)
            take(name, raw, events)
            self._frames += 1
            if self._unheard:
                self._hear(events)
            if not self._frames % LOOK_AROUND and self._intake.failing(name):
                await self._give_way()
            raw = await recv(False)

    async def _give_way(self) -> None:
        """Let the inbox be emptied; meanwhile the socket's buffer fills and TCP slows the venue."""
        for _ in range(GIVE_WAY):
            await asyncio.sleep(0.001)
            if not self._intake.failing(self._name):
                return

    def _hear(self, events: Iterable[FeedEvent]) -> None:
        """Note that these instruments are alive."""
        for event in events:
            if not isinstance(event, MarketTime):
                self._unheard.discard(InstrumentId(event.instrument))

    async def _keep_subscribed(self) -> None:
        """Send the whole list whenever it changes; close the link when it becomes empty."""
        await self._await_change()
        while self._wanted.instruments:
            await self._subscribe()
            await self._await_change()
        await self._connection.close()

    async def _subscribe(self) -> None:
        """Send the list as it is now, and begin to listen for those who are new in it."""
        self._wanted.changed.clear()
        wanted, asked = self._wanted.instruments, self._asked
        self._unheard = (self._unheard & wanted) | (wanted - asked)
        self._asked = wanted
        with suppress(ConnectionClosed):  # the reader hears why, after what the venue still said
            for frame in self._dialect.subscribe(sorted(wanted)):
                await self._connection.send(frame)

    async def _await_change(self) -> None:
        """Wait for another list; on the way, say once which instruments stay without any frame."""
        try:
            async with asyncio.timeout(self._terms.silent if self._unheard else None):
                await self._wanted.changed.wait()
        except TimeoutError:
            self._report_silence()
            await self._wanted.changed.wait()

    def _report_silence(self) -> None:
        """Say which codes never spoke: a venue takes a wrong code without a word (Upbit, trap 4)."""
        silent, self._unheard = sorted(self._unheard), set()
        if silent:
            self._intake.frame(self._name, b"", [Dropped(self._name, "silent", instrument) for instrument in silent])

    async def _watch(self) -> None:
        """Declare the link stale when neither a frame nor a pong came for too long, and cut it."""
        stale = self._terms.stale
        if stale is None:
            return
        seen, alive = self._frames, self._clock.monotonic()
        while True:
            await asyncio.sleep(stale / 4)
            if self._frames == seen:
                if not await self._answers(alive + stale - self._clock.monotonic()):
                    self._went_stale()
                    self._connection.transport.abort()
                    return
                self._intake.frame(self._name, b"", ())  # a quiet night on a live link is progress too (safety P4, O2)
            seen, alive = self._frames, self._clock.monotonic()

    async def _answers(self, within: float) -> bool:
        """Return whether a quiet link still answers: a quiet coin sends nothing, so the link itself is asked."""
        seen = self._frames
        try:
            async with asyncio.timeout(max(within, 0)):
                await (await self._connection.ping())
        except TimeoutError:
            return self._frames != seen
        except ConnectionClosed:
            return True  # not stale but ended; the reader says why
        return True


def place_of(url: str) -> str:
    """Return host and port of a URL: what a person needs, without the secrets that a query or a name before the host may hold."""
    return urlsplit(url).netloc.rpartition("@")[2]
