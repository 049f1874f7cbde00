"""A venue that follows a script over a real websocket, and an intake that writes down what it is given."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from fakes import FakeClock
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode

from autotrader.domain.tick import FeedName, InstrumentId, Tick
from autotrader.engine.events import Dropped, FeedClock, FeedEvent, LinkState
from autotrader.feeds.address import FixedAddress
from autotrader.feeds.connection import Sleep, WebsocketFeed
from autotrader.feeds.conversation import Terms
from autotrader.feeds.sim.dialect import SimDialect, Trade, write
from autotrader.ports import Dialect, Feed

NAME = FeedName("demo")
SAMSUNG = InstrumentId("KRX:005930")
HYNIX = InstrumentId("KRX:000660")


def print_of(price: int | str, *, sequence: int = 1, instrument: str = SAMSUNG) -> str:
    """Return a trade frame in the sim's language."""
    return write(Trade(instrument, Decimal(price), Decimal(1), 1_000 * sequence, sequence))


@dataclass
class Notebook:
    """An intake that remembers everything."""

    links: list[tuple[LinkState, str, str]] = field(default_factory=list)
    events: list[FeedEvent] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    full: bool = False
    asked: int = 0

    def frame(self, feed: str, raw: bytes, events: Sequence[FeedEvent]) -> None:
        self.raw.append(raw)
        self.events.extend(events)

    def link(self, feed: str, state: LinkState, reason: str = "", day: str = "") -> None:
        self.links.append((state, reason, day))

    def failing(self, feed: str) -> bool:
        self.asked += 1
        return self.full

    @property
    def states(self) -> list[str]:
        return [state.value for state, _, _ in self.links]

    @property
    def ticks(self) -> list[Tick]:
        return [event for event in self.events if isinstance(event, Tick)]

    @property
    def dropped(self) -> list[tuple[str, str]]:
        return [(event.reason, event.instrument) for event in self.events if isinstance(event, Dropped)]


class CountsPings(ServerConnection):
    """A server's side that counts the pings it answers."""

    pings = 0

    def process_event(self, event: object) -> None:
        if isinstance(event, Frame) and event.opcode is Opcode.PING:
            type(self).pings += 1
        super().process_event(event)  # type: ignore[arg-type]  # the library's union of events is not public


@dataclass
class Venue:
    """A server on loopback; each connection is one act of the script, the last act repeats."""

    script: Sequence[Callable[[ServerConnection], Awaitable[None]]]
    url: str = ""
    dials: int = 0
    heard: list[str] = field(default_factory=list)

    async def attend(self, connection: ServerConnection) -> None:
        act = self.script[min(self.dials, len(self.script) - 1)]
        self.dials += 1
        await act(connection)

    async def listen(self, connection: ServerConnection) -> None:
        """Write down what the client says, until it goes."""
        async for message in connection:
            self.heard.append(str(message))


@asynccontextmanager
async def venue(*script: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[Venue]:
    """Open a scripted venue; without a script it listens and says one print."""
    place = Venue(script)
    if not script:
        place.script = [lambda connection: greet_and_listen(place, connection)]
    async with serve(place.attend, "127.0.0.1", 0, create_connection=CountsPings, close_timeout=0.2) as server:
        place.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield place


async def greet_and_listen(place: Venue, connection: ServerConnection) -> None:
    await connection.send(print_of(70000))
    await place.listen(connection)


def says(*frames: str | bytes, then_stays: bool = True) -> Callable[[ServerConnection], Awaitable[None]]:
    """Return an act that sends frames, and stays or closes."""

    async def act(connection: ServerConnection) -> None:
        for frame in frames:
            await connection.send(frame)
        if then_stays:
            await connection.wait_closed()

    return act


class Highest(Random):
    """Dice that always show the most, so that a pause equals its ceiling."""

    def uniform(self, a: float, b: float) -> float:
        return b


class Naps:
    """A sleeper that notes each pause instead of taking it, and sleeps for good after the last one."""

    def __init__(self, last: int = 10_000) -> None:
        self.taken: list[float] = []
        self.over = asyncio.Event()
        self._last = last

    async def __call__(self, seconds: float) -> None:
        self.taken.append(seconds)
        if len(self.taken) >= self._last:
            self.over.set()
            await asyncio.Event().wait()


class WallClock(FakeClock):
    """A clock whose monotonic side is the event loop's."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()


def feed_to(
    url: str,
    *,
    sleep: Sleep | None = None,
    stale: float | None = None,
    silent: float = 10.0,
    clock: FeedClock = FeedClock.LIVE,
    wanted: Sequence[InstrumentId] = (SAMSUNG,),
    dialect: Dialect | None = None,
) -> WebsocketFeed:
    """Return a feed in the sim's language that already wants Samsung."""
    feed = WebsocketFeed(
        name=NAME,
        address=FixedAddress(url),
        dialect=dialect or SimDialect(NAME),
        clock=clock,
        patterns=("KRX:*",),
        time=WallClock(),
        random=Highest(),
        terms=Terms(stale=stale, silent=silent),
        sleep=sleep or Naps(),
    )
    feed.subscribe(frozenset(wanted))
    return feed


@asynccontextmanager
async def running(feed: Feed, notebook: Notebook) -> AsyncIterator[None]:
    """Run a feed in the background, and end it."""
    task = asyncio.create_task(feed.run(notebook))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=10)
        assert task.done()
        assert task.cancelled() or task.exception() is None
