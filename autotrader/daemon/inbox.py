"""The one door: prices, commands, files, reports and timers wait here in the order in which they came.

Taking is synchronous and cheap, so a feed never awaits; the pump takes everything at once. Under overload the newest
price and the extremes since the last look are kept per instrument, in their order, and the rest is counted (safety P5).
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from autotrader.domain.tick import FeedName, InstrumentId, Quote, Tick
from autotrader.engine.events import Dropped, Event, FeedEvent, Link, LinkState, MarketTime, Reference, Trading

FRAMES_LIMIT = 20_000
EVENTS_LIMIT = 10_000


class Frame(NamedTuple):
    """One frame as it came off the wire and what it says."""

    feed: str
    raw: bytes
    events: Sequence[FeedEvent]


Entry = Frame | Event


class Extremes:
    """The lowest, the highest and the newest print of one instrument since the pump last looked, in order of arrival."""

    __slots__ = ("high", "last", "low", "order")

    def __init__(self, tick: Tick) -> None:
        self.low = self.high = self.last = tick
        self.order = [tick]

    def take(self, tick: Tick) -> int:
        """Keep the print if it is an extreme, and as the newest one; return how many were let go for it."""
        held = len(self.order) + 1
        self.last = tick
        if tick.price < self.low.price:
            self.low = tick
        if tick.price > self.high.price:
            self.high = tick
        self.order = [kept for kept in self.order if kept is self.low or kept is self.high]
        self.order.append(tick)
        return held - len(self.order)

    def ticks(self) -> list[Tick]:
        """Return what was kept."""
        return self.order


class Inbox:
    """`ports.Intake` for the feeds, `put` for everything else, `take` for the pump."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._frames = 0
        self._crowded: dict[InstrumentId, Extremes] = {}
        self._references: dict[InstrumentId, Reference] = {}
        self._quotes: dict[tuple[InstrumentId, str], Quote] = {}
        self._times: dict[FeedName, MarketTime] = {}
        self._dropped: Counter[tuple[FeedName, str]] = Counter()
        self._arrived = asyncio.Event()
        self._closed = False
        self.conflated: Counter[str] = Counter()
        """Prints let go for good, by feed, since the start."""

    def frame(self, feed: str, raw: bytes, events: Sequence[FeedEvent]) -> None:
        """Take a frame and what it decodes to."""
        if self._frames >= FRAMES_LIMIT:
            self._crowd(feed, events)
            return
        self._frames += 1
        self._entries.append(Frame(feed, raw, events))
        if self._frames == 1:
            self._arrived.set()

    def link(self, feed: str, state: LinkState, reason: str = "", day: str = "") -> None:
        """Take a change of a feed's link; what came before it stays before it."""
        self._gather()
        self.put(Link(FeedName(feed), state, reason, day))

    def failing(self, feed: str) -> bool:
        """Tell whether a feed should let the pump work before it reads on."""
        return self._frames >= FRAMES_LIMIT // 2

    def put(self, event: Event) -> None:
        """Take an event that is no frame. These come from people, brokers and timers: few, and bounded where they begin."""
        self._entries.append(event)
        self._arrived.set()

    @property
    def is_full(self) -> bool:
        """Tell whether a door for people should turn away for now."""
        return len(self._entries) - self._frames >= EVENTS_LIMIT

    def close(self) -> None:
        """Let `take` end once what is here was taken."""
        self._closed = True
        self._arrived.set()

    def _crowd(self, feed: str, events: Sequence[FeedEvent]) -> None:
        """Keep of a frame what must not be lost, in a space that does not grow with the number of frames."""
        for event in events:
            match event:
                case Tick():
                    self._crowd_tick(FeedName(feed), event)
                case Reference():
                    self._references[event.instrument] = event
                case Quote():
                    self._quotes[event.instrument, event.venue] = event
                case MarketTime():
                    self._times[event.feed] = event
                case Trading():  # rare, and none may be lost: what came before it stays before it
                    self._gather()
                    self.put(event)
                case Dropped():
                    self._dropped[event.feed, event.reason] += event.count

    def _crowd_tick(self, feed: FeedName, tick: Tick) -> None:
        kept = self._crowded.get(tick.instrument)
        if kept is None:
            self._crowded[tick.instrument] = Extremes(tick)
        elif lost := kept.take(tick):
            self.conflated[feed] += lost
            self._dropped[feed, "conflated"] += lost

    def _gather(self) -> None:
        """Queue what the overload has left."""
        self._entries += self._references.values()
        self._entries += self._quotes.values()
        self._entries += [tick for kept in self._crowded.values() for tick in kept.ticks()]
        self._entries += self._times.values()
        self._entries += [Dropped(feed, reason, count=count) for (feed, reason), count in self._dropped.items()]
        self._crowded, self._references, self._dropped = {}, {}, Counter()
        self._quotes, self._times = {}, {}

    async def take(self) -> list[Entry]:
        """Wait for entries and return all of them, oldest first; none once the inbox is closed and empty."""
        await self._arrived.wait()
        self._gather()
        entries, self._entries = self._entries, []
        self._frames = 0
        if not self._closed:
            self._arrived.clear()
        return entries
