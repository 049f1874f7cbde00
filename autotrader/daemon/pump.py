"""Events into effects: nothing leaves the house before it is on disk.

Events are taken in batches and a quiet one costs no await. Units are committed in bounded batches, one transaction a
batch, and performed only after their commit; a failed commit ends the process, and recovery is the next start.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence
from typing import Protocol

import msgspec

from autotrader.daemon.inbox import Entry, Frame, Inbox
from autotrader.domain.tick import Tick
from autotrader.engine.effects import Act, Unit
from autotrader.engine.engine import Engine
from autotrader.engine.events import Event
from autotrader.engine.records import AlertRecord, JournalRow
from autotrader.ports import Clock, Notifier, Store

UNITS_A_COMMIT = 64
FRAMES_A_TURN = 2_000
"""So many frames are decided before others get a turn: a few milliseconds."""

LOG_MAY_COST = 0.05
"""Seconds that a turn waits for a log that is behind: it explains and does not decide, so prices never wait longer for it."""

_encode = msgspec.json.Encoder().encode
LoggedEntry = tuple[str, list[bytes]] | bytes


class World(Protocol):
    """Who performs: outbox, feeds, brokers, the control socket. Performing never waits."""

    def perform(self, act: Act) -> None: ...


class InboxLog(Protocol):
    """Where the inbox is kept, so that a day can be replayed."""

    @property
    def behind(self) -> bool: ...

    def append_batch(self, at: int, entries: Sequence[LoggedEntry]) -> None: ...

    async def caught_up(self, timeout: float = 5.0) -> bool: ...


class Pump:
    """The loop of the daemon."""

    def __init__(
        self, inbox: Inbox, engine: Engine, store: Store, world: World, notifiers: Sequence[Notifier], clock: Clock, log: InboxLog | None
    ) -> None:
        self.inbox = inbox
        self.engine = engine
        self.store = store
        self.world = world
        self.notifiers = notifiers
        self.clock = clock
        self.log = log
        self.evaluated = 0
        self.frames_of: Counter[str] = Counter()
        self.turns = 0

    async def begin(self, version: str) -> None:
        """Take over from the process before. An empty batch in the log says where this start begins."""
        if self.log is not None:
            self.log.append_batch(self.engine.now, [])
        await self.settle(self.engine.start(version))

    async def run(self) -> None:
        """Turn events into effects until the inbox is closed and empty, or until cancelled."""
        while entries := await self.inbox.take():
            for start in range(0, len(entries), FRAMES_A_TURN):
                await self._turn(entries[start : start + FRAMES_A_TURN])

    async def _turn(self, entries: list[Entry]) -> None:
        """Decide on some entries, then commit and perform what came of it."""
        now = self.clock.now()
        self.turns += 1
        await self._keep(now, logged(entries))
        self.engine.at(now)
        units = await self._decide(entries)
        if units:
            await self.settle(units)
        else:
            await asyncio.sleep(0)

    async def _keep(self, now: int, entries: list[LoggedEntry]) -> None:
        for entry in entries:
            if isinstance(entry, tuple):
                self.frames_of[entry[0]] += len(entry[1])
        if self.log is not None:
            self.log.append_batch(now, entries)
            if self.log.behind:
                await self.log.caught_up(timeout=LOG_MAY_COST)

    async def _decide(self, entries: list[Entry]) -> list[Unit]:
        """Return what the entries lead to; only a print that fires many rules is committed on the way."""
        engine, on_tick, handle = self.engine, self.engine.on_tick, self.engine.handle
        units: list[Unit] = []
        for entry in entries:
            events: Sequence[Event] = entry.events if isinstance(entry, Frame) else (entry,)
            for event in events:
                produced = on_tick(event) if event.__class__ is Tick else handle(event)
                if produced:
                    units += produced
                    if engine.unfinished:
                        await self.settle(units)
                        units = []
            if isinstance(entry, Frame):
                self.evaluated += len(events)
        return units

    async def settle(self, units: Sequence[Unit]) -> None:
        """Commit and perform units in bounded batches, and of a print that fires many rules also those that follow.

        What is said about them comes last: orders do not wait for the lines about them.
        """
        done: deque[Unit] = deque()
        try:
            await self._put_out(units, done)
            while self.engine.unfinished:
                await self._put_out(self.engine.go_on(), done)
            while len(done) > UNITS_A_COMMIT:
                self._tell(done, UNITS_A_COMMIT)
                await asyncio.sleep(0)  # ten thousand lines are not formed in one go
        finally:
            self._tell(done, len(done))

    async def _put_out(self, units: Sequence[Unit], done: deque[Unit]) -> None:
        for start in range(0, len(units), UNITS_A_COMMIT):
            batch = units[start : start + UNITS_A_COMMIT]
            if any(unit.records for unit in batch):
                await self.store.commit(batch)
            for unit in batch:
                for act in unit.acts:
                    self.world.perform(act)
            done += batch
            await asyncio.sleep(0)  # the orders set out

    def _tell(self, done: deque[Unit], count: int) -> None:
        """Say what so many units did."""
        for record in (record for _ in range(count) for record in done.popleft().records):
            if isinstance(record, JournalRow):
                for notifier in self.notifiers:
                    notifier.told(record)
            elif isinstance(record, AlertRecord):
                for notifier in self.notifiers:
                    notifier.alerted(record)


def logged(entries: Sequence[Entry]) -> list[LoggedEntry]:
    """Return the entries as the inbox log keeps them: runs of raw frames of one feed, other events as JSON."""
    out: list[LoggedEntry] = []
    feed = ""
    run: list[bytes] = []
    for entry in entries:
        if isinstance(entry, Frame):
            if entry.feed != feed:
                feed, run = entry.feed, []
                out.append((feed, run))
            run.append(entry.raw)
        else:
            feed = ""
            out.append(_encode(entry))
    return out
