"""A price feed over a websocket that comes back by itself.

It dials with its own backoff, because `websockets` forgets its delay after each handshake; a connection is good from its
first valid frame on, and only then do pauses start short again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.events import FeedClock, LinkState
from autotrader.errors import FeedBroken
from autotrader.feeds.address import Address
from autotrader.feeds.backoff import Backoff
from autotrader.feeds.conversation import Conversation, Terms, Wanted, place_of
from autotrader.messages import say
from autotrader.ports import Clock, Dialect, Intake

LARGEST_FRAME = 1 << 20
FRAMES_AHEAD = (1024, 256)
"""The library stops reading the socket with this many frames unread, and goes on when so few are left."""
AT_HOME = ("127.", "localhost", "[::1]")
"""Servers on this machine are not dialled through a proxy."""
DAY = "Autotrader-Day"
"""Response header in which our own servers name their market day; a live venue has only one."""

Sleep = Callable[[float], Awaitable[object]]


class WebsocketFeed:
    """One price source (`ports.Feed`): what is particular to a venue is its dialect and its address."""

    def __init__(
        self,
        *,
        name: FeedName,
        address: Address,
        dialect: Dialect,
        clock: FeedClock,
        patterns: tuple[str, ...],
        time: Clock,
        random: Random,
        terms: Terms,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.name: str = name
        self.clock = clock
        self.patterns = patterns
        self._id = name
        self.address = address
        self._dialect = dialect
        self._time = time
        self._backoff = Backoff(random)
        self._terms = terms
        self._sleep = sleep
        self._wanted = Wanted()
        self._state: LinkState | None = None

    def subscribe(self, instruments: frozenset[InstrumentId]) -> None:
        """Say the whole list of instruments wanted; with none, the feed hangs up."""
        self._wanted.put(instruments)

    async def run(self, intake: Intake) -> None:
        """Connect, read and come back, until cancelled."""
        try:
            while True:
                await self._wanted.any.wait()
                try:
                    await self._connect_once(intake)
                    self._fell(intake, say("feed.idle", {}))
                except FeedBroken as broken:
                    self._fell(intake, str(broken))
                await self._sleep(self._backoff.delay())
        finally:
            await self.address.close()

    async def _connect_once(self, intake: Intake) -> None:
        """Dial one time and talk until the link ends."""
        url = await self.address.find()
        try:
            async with connect(
                url,
                compression=None,
                proxy=None if place_of(url).startswith(AT_HOME) else True,
                user_agent_header="autotrader",
                ping_interval=self._terms.ping_interval,
                ping_timeout=self._terms.ping_timeout,
                close_timeout=2,
                max_size=LARGEST_FRAME,
                max_queue=FRAMES_AHEAD,
            ) as connection:
                await self._conversation(connection, intake).run()
        except (OSError, WebSocketException) as error:
            raise FeedBroken("feed.unreachable", place=place_of(url), why=error or type(error).__name__) from error

    def _conversation(self, connection: ClientConnection, intake: Intake) -> Conversation:
        """Return what talks over a fresh connection."""
        return Conversation(
            connection,
            name=self._id,
            dialect=self._dialect,
            wanted=self._wanted,
            intake=intake,
            clock=self._time,
            terms=self._terms,
            rose=lambda: self._rose(intake, self._day(connection)),
            went_stale=lambda: self._turn(intake, LinkState.STALE, say("feed.stale", {"seconds": self._terms.stale})),
        )

    def _day(self, connection: ClientConnection) -> str:
        """Return the market day of a simulated or recorded feed; a live venue cannot restart our order of time."""
        if self.clock is FeedClock.LIVE or connection.response is None:
            return ""
        return connection.response.headers.get(DAY, "")

    def _rose(self, intake: Intake, day: str) -> None:
        """Count the connection as good: its first valid frame is here."""
        self._backoff.reset()
        self._state = LinkState.UP
        intake.link(self.name, LinkState.UP, day=day)

    def _fell(self, intake: Intake, reason: str) -> None:
        """Say that the link is down, once; what was stale is known to be away already."""
        if self._state is LinkState.STALE:
            self._state = None  # the next failure to connect is news
            return
        self._turn(intake, LinkState.DOWN, reason)

    def _turn(self, intake: Intake, state: LinkState, reason: str) -> None:
        if self._state is not state:
            self._state = state
            intake.link(self.name, state, reason=reason)
