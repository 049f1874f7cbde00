"""From a print in the engine's hand to its intent on the disk: shot, intent, attempt and journal in one transaction.

The floors write as many bytes as the unit has, on the same filesystem: append + fdatasync, and a bare sqlite3 commit.
"""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import msgspec

from autotrader.daemon.clock import SystemClock
from autotrader.engine.effects import Place
from autotrader.engine.events import Event
from autotrader.store.sqlite import open_store
from benchmarks.disk import append_and_flush, commit_rows
from benchmarks.rig import TOP, answers, coin, engine, one_each, opening, tick
from benchmarks.table import Row, show


async def fires(place: Path, count: int) -> tuple[list[float], list[int]]:
    """Return the seconds from print to durable intent of each fire, and the bytes of its unit."""
    clock = SystemClock()
    store, deciding = open_store(place, clock=clock), engine()
    for event in opening(one_each(count)):
        await store.commit(deciding.handle(event))
    spent, sizes = [], []
    for number in range(count):
        crossing = tick(TOP - 1, 2, coin(number))
        begin = time.perf_counter()
        units = deciding.on_tick(crossing)
        await store.commit(units)
        spent.append(time.perf_counter() - begin)
        sizes.append(len(msgspec.json.encode([unit.records for unit in units])))
        placed = [act for unit in units for act in unit.acts if isinstance(act, Place)]
        assert len(placed) == 1, "one print, one order"
        told: list[Event] = answers(placed[0].request, TOP - 1)
        for event in told:
            await store.commit(deciding.handle(event))
    await store.close()
    return spent, sizes


def measure(rounds: int, count: int) -> list[Row]:
    """Return the comparisons."""
    appended, committed, figure = [], [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            spent, sizes = asyncio.run(fires(Path(place), count))
            figure.append(statistics.median(spent) * 1e6)
            appended.append(statistics.median(append_and_flush(Path(place), sizes)) * 1e6)
            committed.append(statistics.median(commit_rows(Path(place), sizes)) * 1e6)
    return [
        Row("print to durable intent / append + fdatasync", appended, figure, "us", "<= 2.5"),
        Row("print to durable intent / bare sqlite3 commit", committed, figure, "us", ""),
    ]


def main(*, quick: bool = False) -> None:
    """Print the table."""
    show("Durable intent", measure(2, 50) if quick else measure(7, 300))


if __name__ == "__main__":
    main()
