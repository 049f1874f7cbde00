"""A storm: one print meets a thousand stops. When does the first order leave, and when are all intents durable?

The pump, the engine, the store and the log of the daemon; what would be sent is noted instead. The floor is the disk alone: as
many bytes as each commit had, appended and flushed.
"""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from autotrader.daemon.clock import SystemClock
from autotrader.daemon.inbox import Inbox
from autotrader.daemon.pump import Pump
from autotrader.daemon.run import FIRES_AT_ONCE
from autotrader.engine.effects import Act, Place, Unit
from autotrader.engine.engine import Engine
from autotrader.engine.records import ShotRecord, Snapshot
from autotrader.notify.log import open_log
from autotrader.store.sqlite import SqliteStore
from autotrader.store.writer import Writer
from benchmarks.blocking import blocks
from benchmarks.disk import append_and_flush
from benchmarks.rig import TOP, opening, stops, tick, world
from benchmarks.table import Row, show


class CountingStore(SqliteStore):
    """The real store, which notes how many shots are durable since when."""

    durable = 0
    last_at = 0.0

    def __init__(self, writer: Writer, clock: SystemClock) -> None:
        super().__init__(writer, clock)
        self._fires: list[Sequence[Unit]] = []

    async def commit(self, units: Sequence[Unit]) -> None:
        """Commit and count."""
        await super().commit(units)
        shots = sum(isinstance(record, ShotRecord) for unit in units for record in unit.records)
        if shots:
            self.durable += shots
            self.last_at = time.perf_counter()
            self._fires.append(units)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Return the bytes of each commit with fires."""
        return tuple(len(msgspec.json.encode([unit.records for unit in units])) for units in self._fires)


class Street:
    """Where orders would go: notes when the first one leaves."""

    first_at = 0.0

    def perform(self, act: Act) -> None:
        """Take an order or anything else."""
        if isinstance(act, Place) and not self.first_at:
            self.first_at = time.perf_counter()


class Storm(NamedTuple):
    """Seconds to the first order and to the last durable intent, the longest for which nobody else had a turn, and the bytes of
    each commit."""

    first: float
    last: float
    block: float
    sizes: tuple[int, ...]


async def storm(place: Path, rules: int) -> Storm:
    """Let one print meet all rules."""
    clock, street = SystemClock(), Street()
    store = CountingStore(Writer(place, clock.now()), clock)
    engine = Engine(world(), Snapshot(), clock.now(), fires_at_once=FIRES_AT_ONCE)
    with (place / "log").open("wb") as sink:

        async def pumped(inbox: Inbox) -> None:
            log = open_log({}, fd=sink.fileno())
            inbox.close()
            await Pump(inbox, engine, store, street, (log,), clock, None).run()
            log.close(60.0)  # what was said of the calm is written before the storm

        calm, crash = Inbox(), Inbox()
        for event in opening(stops(rules, distinct=False)):
            calm.put(event)
        await pumped(calm)
        begin = time.perf_counter()
        crash.frame("x", b"", [tick(TOP - 1, 2)])
        async with blocks() as noted:
            await pumped(crash)
    assert store.durable == rules, (store.durable, rules)
    await store.close()
    return Storm(street.first_at - begin, store.last_at - begin, noted.longest, store.sizes)


def measure(rounds: int, rules: int) -> list[Row]:
    """Return the comparisons."""
    first, last, one, all_of_them, waits = [], [], [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            found = asyncio.run(storm(Path(place), rules))
            flushed = append_and_flush(Path(place), found.sizes)
            first.append(found.first * 1e3)
            last.append(found.last * 1e3)
            waits.append(found.block * 1e3)
            one.append(flushed[0] * 1e3)
            all_of_them.append(sum(flushed) * 1e3)
    print(f"  {rules:,} stops met at once: longest blocks {', '.join(f'{wait:.0f}' for wait in waits)} ms")
    return [
        Row(f"{rules} stops met at once: first order out / flush", one, first, "ms", "<= 10 ms"),
        Row(f"{rules} stops met at once: all durable / flushes", all_of_them, last, "ms", "<= 150 ms" if rules == 1000 else ""),
    ]


def main(*, quick: bool = False) -> None:
    """Print the table."""
    show("Storm", measure(2, 200) if quick else [*measure(7, 1000), *measure(3, 10_000)])


if __name__ == "__main__":
    main()
