"""Events into effects: nothing leaves the house before it is on disk.

Events are taken in batches and a quiet one costs no await. Units are committed in bounded batches, one transaction a
batch, and performed only after their commit; a failed commit ends the process, and recovery is the next start.
"""

import asyncio
import gc
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from types import MappingProxyType
from typing import Protocol, TypeGuard

import msgspec
from msgspec.structs import replace

from autotrader.daemon.inbox import Entry, Frame, Inbox
from autotrader.domain.tick import Tick
from autotrader.engine.effects import Act, Unit
from autotrader.engine.engine import Engine
from autotrader.engine.events import Event, Plan
from autotrader.engine.records import AlertRecord, JournalRow, MarkRecord, PeakRecord, Record
from autotrader.ports import Clock, Notifier, Store

UNITS_A_COMMIT = 128
LINES_A_TURN = 512
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
        self._behind: asyncio.Task[None] | None = None

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
        await self._catch_up()

    async def _turn(self, entries: list[Entry]) -> None:
        """Decide on some entries, then commit and perform what came of it."""
        now = self.clock.now()
        self.turns += 1
        await self._keep(now, await _in_parts(entries))
        self.engine.at(now)
        with _collector_resting() if any(_is_large(entry) for entry in entries) else nullcontext():
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
        done: deque[Record] = deque()
        try:
            with _collector_resting(lambda: len(done) > MANY) if self.engine.unfinished else nullcontext():
                await self._put_out(units, done)
                while self.engine.unfinished:
                    await self._put_out(self.engine.go_on(), done)
            for number, record in enumerate(_told_of(done)):
                self._tell(record)
                if number % LINES_A_TURN == LINES_A_TURN - 1:
                    await asyncio.sleep(0)  # ten thousand lines are not formed in one go
        finally:
            for record in _told_of(done):
                self._tell(record)

    async def _put_out(self, units: Sequence[Unit], done: deque[Record]) -> None:
        for start in range(0, len(units), UNITS_A_COMMIT):
            batch = units[start : start + UNITS_A_COMMIT]
            if all(_is_marks_alone(unit) for unit in batch):
                await self._catch_up()
                self._behind = asyncio.create_task(self.store.commit(batch))
            elif any(unit.records for unit in batch):
                await self.store.commit(batch)  # after what is behind: the store does one thing after the other
                await self._catch_up()
            for unit in batch:
                for act in unit.acts:
                    self.world.perform(act)
            done.extend(record for unit in batch for record in unit.records)
            await asyncio.sleep(0)  # the orders set out

    async def _catch_up(self) -> None:
        """Wait for the marks that no price had to wait for; raise what became of them."""
        if self._behind is not None:
            await self._behind
            self._behind = None

    def _tell(self, record: Record) -> None:
        if isinstance(record, JournalRow):
            for notifier in self.notifiers:
                notifier.told(record)
        elif isinstance(record, AlertRecord):
            for notifier in self.notifiers:
                notifier.alerted(record)


def _is_marks_alone(unit: Unit) -> bool:
    """Tell whether a unit only writes where marks stand: a fire does not rest on it, for it brings its own mark along."""
    return bool(unit.records) and not unit.acts and all(isinstance(record, MarkRecord | PeakRecord) for record in unit.records)


def _told_of(done: deque[Record]) -> Iterator[Record]:
    """Take what was done from the front, so that what was not told yet is left."""
    while done:
        yield done.popleft()


RULES_A_PART = 500
MANY = 5_000
"""So many records at once are kept out of the collector's sight afterwards; of fewer a walk over them takes no time."""


def _is_large(entry: Entry) -> TypeGuard[Plan]:
    return entry.__class__ is Plan and len(entry.rules) > RULES_A_PART


@contextmanager
def _collector_resting(stays: Callable[[], bool] = lambda: True) -> Iterator[None]:
    """Keep the collector from walking over many new rules or orders while they are made, and out of its sight afterwards: they
    stay, unless `stays` says that they are few. Over ten thousand orders its walk would take longer than a price should wait."""
    if not gc.isenabled():  # somebody around this rests it already
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        if stays():
            gc.freeze()
        gc.enable()


async def _in_parts(entries: Sequence[Entry]) -> list[LoggedEntry]:
    """Return the entries as the log keeps them. A file with many rules is spelled in parts, and others get a turn between them."""
    spelled: dict[int, bytes] = {}
    for number, entry in enumerate(entries):
        if _is_large(entry):
            head, empty, rest = _encode(replace(entry, rules=())).partition(b'"rules":[]')
            parts = [head, empty[:-1]]
            for start in range(0, len(entry.rules), RULES_A_PART):
                parts += [_encode(entry.rules[start : start + RULES_A_PART])[1:-1], b","]
                await asyncio.sleep(0)
            parts[-1] = b"]"
            spelled[number] = b"".join((*parts, rest))
    return logged(entries, spelled)


def logged(entries: Sequence[Entry], spelled: Mapping[int, bytes] = MappingProxyType({})) -> list[LoggedEntry]:
    """Return the entries as the inbox log keeps them: runs of raw frames of one feed, other events as JSON, some by their number
    already `spelled`."""
    out: list[LoggedEntry] = []
    feed = ""
    run: list[bytes] = []
    for number, entry in enumerate(entries):
        if isinstance(entry, Frame):
            if entry.feed != feed:
                feed, run = entry.feed, []
                out.append((feed, run))
            run.append(entry.raw)
        else:
            feed = ""
            out.append(spelled.get(number) or _encode(entry))
    return out
