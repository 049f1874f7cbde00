"""Many rules: from a YAML file into the daemon, and from the store into an engine. How long, how large, and for how long nobody
else had a turn.

The file is read by the daemon's own child; what it says goes through the inbox and its log, the pump, the engine and the store.
The floors are the parser's events of the same text in a process of its own, and a bare read of the same rows.
"""

import asyncio
import gc
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autotrader.config.child import Reading, read_in_child
from autotrader.daemon.clock import SystemClock
from autotrader.daemon.inbox import Inbox
from autotrader.daemon.pump import Pump
from autotrader.daemon.rulesfile import plan_of
from autotrader.daemon.run import FIRES_AT_ONCE
from autotrader.engine.effects import Act
from autotrader.engine.engine import Engine
from autotrader.engine.events import Link, LinkState, Recovered, Timer
from autotrader.engine.records import Snapshot
from autotrader.store.place import store_path
from autotrader.store.segments import SegmentWriter
from autotrader.store.sqlite import SqliteStore, open_store
from benchmarks.blocking import blocks
from benchmarks.rig import FEED, MAIN, PLENTY, TOP, coin, coin_name, held, tick, trails_of_their_own, world
from benchmarks.table import Row, show

EVENTS = """
import sys, yaml
for event in yaml.parse(open(sys.argv[1]).read(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    pass
"""


CHILD = """
import sys
from autotrader.config import child
sys.argv = ["child", sys.argv[1], ""]
child.main()
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM:")), file=sys.stderr)
"""


class Nobody:
    """Where acts would go."""

    def perform(self, act: Act) -> None:
        """Do nothing."""


def text_of(count: int) -> str:
    """Return a configuration with so many stops on a hundred instruments."""
    head = f"accounts:\n  {MAIN}: {{broker: paper, cash: {{USDT: {PLENTY}}}}}\nfeeds:\n  {FEED}: {{kind: binance}}\nrules:\n"
    rules = (f"  r{n}: {{instrument: {coin_name(n % 100)}, side: sell, quantity: 1, stop: {TOP - 1 - n % 5000}}}\n" for n in range(count))
    return head + "".join(rules)


async def reading(path: Path) -> tuple[Reading, float, float]:
    """Read a file as the daemon does; return what it says, the seconds and the longest block."""
    async with blocks() as noted:
        begin = time.perf_counter()
        found = await read_in_child(str(path), today=None)
        spent = time.perf_counter() - begin
    assert found.settings is not None, found.mistakes
    return found, spent, noted.longest


def pump_of(place: Path, engine: Engine, store: SqliteStore, clock: SystemClock) -> tuple[Pump, Inbox, SegmentWriter]:
    """Return the daemon's loop with nobody outside."""
    inbox, segments = Inbox(), SegmentWriter(place, clock=clock)
    return Pump(inbox, engine, store, Nobody(), (), clock, segments), inbox, segments


async def taking(place: Path, found: Reading, count: int) -> tuple[float, float]:
    """Take a reading until it is durable; return the seconds and the longest block."""
    clock = SystemClock()
    store = open_store(place, clock=clock)
    engine = Engine(world(), Snapshot(), clock.now(), fires_at_once=FIRES_AT_ONCE)
    pump, inbox, segments = pump_of(place, engine, store, clock)
    assert found.settings is not None
    inbox.put(Recovered(MAIN, (), held(coin(n) for n in range(100))))
    inbox.put(Link(FEED, LinkState.UP))
    inbox.put(plan_of(found, request=None, by="start"))
    inbox.close()
    async with blocks() as noted:
        begin = time.perf_counter()
        await pump.run()
        spent = time.perf_counter() - begin
    assert len(engine.book.rules) == count
    segments.close(60.0)
    await store.close()
    return spent, noted.longest


async def restarting(place: Path, count: int) -> float:
    """Return the seconds from an open store to an engine that watches everything, the collector resting as in the daemon."""
    clock = SystemClock()
    store = open_store(place, clock=clock)
    gc.disable()
    begin = time.perf_counter()
    engine = Engine(world(), await store.load(), clock.now())
    spent = time.perf_counter() - begin
    gc.enable()
    assert len(engine.book.rules) == count
    await store.close()
    return spent


def rows_alone(place: Path) -> float:
    """Return the seconds that the same rows take without anything made of them."""
    connection = sqlite3.connect(store_path(place))
    begin = time.perf_counter()
    for table in ("rules", "legs", "marks"):
        connection.execute(f"SELECT * FROM {table}").fetchall()
    spent = time.perf_counter() - begin
    connection.close()
    return spent


def megabytes(path: Path) -> float:
    """Return the largest size in memory of the process that reads a file for the daemon."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    return int(done.stderr.split()[1]) / 1024


def events_alone(path: Path) -> float:
    """Return the seconds that the parser's events take in a process of its own."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", EVENTS, str(path)], check=True)
    return time.perf_counter() - begin


async def flushing(place: Path, count: int) -> tuple[float, float]:
    """Return the seconds to decide on and to write the flush of so many marks that moved, each its rule's own."""
    clock = SystemClock()
    store = open_store(place, clock=clock)
    engine = Engine(world(), Snapshot(), clock.now())
    for event in trails_of_their_own(count):
        await store.commit(list(engine.handle(event)))
    await store.commit(list(engine.handle(Timer())))
    for number in range(count):
        engine.on_tick(tick(TOP + 1, 2, coin(number)))
    begin = time.perf_counter()
    units = list(engine.handle(Timer()))
    decided = time.perf_counter() - begin
    assert sum(len(unit.records) for unit in units) == count
    await store.commit(units)
    spent = time.perf_counter() - begin
    await store.close()
    return decided, spent


def measure(rounds: int, count: int, marks: int) -> list[Row]:
    """Return the comparisons."""
    events, read, took, rows, restarted = [], [], [], [], []
    waits: list[float] = []
    largest: list[float] = []
    steps, flushes = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place, "rules.yaml")
            path.write_text(text_of(count))
            events.append(events_alone(path))
            largest.append(megabytes(path))
            found, spent, block = asyncio.run(reading(path))
            read.append(spent)
            waits.append(block * 1e3)
            spent, block = asyncio.run(taking(Path(place), found, count))
            took.append(spent)
            waits.append(block * 1e3)
            rows.append(rows_alone(Path(place)))
            restarted.append(asyncio.run(restarting(Path(place), count)))
        with tempfile.TemporaryDirectory() as place:
            decided, spent = asyncio.run(flushing(Path(place), marks))
            steps.append(decided * 1e3)
            flushes.append(spent * 1e3)
    blocked = ", ".join(f"{wait:.0f}" for wait in waits)
    print(f"  the process that reads the YAML: {statistics.median(largest):.0f} MB; longest blocks, reading and taking: {blocked} ms")
    return [
        Row(f"{count:,} rules from YAML, read / the parser's events", events, read, "s", "<= 8 s"),
        Row(f"{count:,} rules of a reading, taken and durable / the events", events, took, "s", ""),
        Row(f"{count:,} rules from the store / a bare read of the rows", rows, restarted, "s", "<= 3 s"),
        Row(f"flush of {marks:,} moved marks / deciding on it", steps, flushes, "ms", "<= 150 ms"),
    ]


def main(*, quick: bool = False) -> None:
    """Print the table."""
    show("Loading", measure(1, 500, 100) if quick else measure(3, 100_000, 10_000))


if __name__ == "__main__":
    main()
