"""The daemon's path of a quiet price against bare receive and decode of the same frames with the same library.

The daemon is the shipped wiring: the feed, the inbox with its log, the pump, the engine with guards at their defaults,
the store. Evaluated ticks must equal frames sent, and none may be dropped. The second row is the same in processor time of the
loop's own thread, which a busy machine disturbs less.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from websockets.asyncio.client import connect

from autotrader.brokers.binance.dialect import BinanceDialect
from autotrader.config.child import read_in_child
from autotrader.daemon.clock import SystemClock
from autotrader.daemon.rulesfile import fingerprint
from autotrader.daemon.run import Daemon, RunOptions
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.notify.log import LogNotifier, open_log
from autotrader.store.sqlite import open_store
from benchmarks.table import Row, show

FRAMES = 200_000


class Speed(NamedTuple):
    """Frames a second by the clock on the wall, and by the time the thread of the loop had a processor."""

    wall: float
    processor: float


class Stopwatch:
    """Measures both."""

    def __init__(self) -> None:
        self._wall, self._processor = time.perf_counter(), time.thread_time()

    def speed(self, frames: int) -> Speed:
        """Return the speed since the start."""
        return Speed(frames / (time.perf_counter() - self._wall), frames / (time.thread_time() - self._processor))


@contextmanager
def flooding(count: int, symbols: int, pause: int = 0) -> Iterator[str]:
    """Run the flooding venue in a process of its own; yield its URL."""
    command = [sys.executable, "-m", "benchmarks.flood", str(count), str(symbols), str(pause)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdin is not None
        port = json.loads(child.stdout.readline())["port"]
        try:
            yield f"ws://127.0.0.1:{port}"
        finally:
            child.stdin.close()
            child.terminate()


async def bare(url: str, count: int, symbols: int) -> Speed:
    """Return frames a second of receive and decode alone."""
    dialect = BinanceDialect(FeedName("bare"))
    instruments = [InstrumentId(f"BINANCE:S{n}USDT") for n in range(symbols)]
    subscribe = dialect.subscribe(instruments)
    async with connect(url, compression=None, max_size=1 << 20, max_queue=(1024, 256), ping_interval=None) as connection:
        await connection.send(subscribe[0])
        await connection.recv(decode=False)
        watch = Stopwatch()
        for _ in range(count - 1):
            dialect.decode(await connection.recv(decode=False))
        return watch.speed(count - 1)


def config(url: str, rules: int, symbols: int) -> str:
    """Return a file with quiet rules spread over the symbols."""
    lines = [f"  r{n}: {{instrument: BINANCE:S{n % symbols}USDT, side: buy, quantity: 1, below: {50 - n % 40}}}" for n in range(rules)]
    head = f"accounts: {{main: {{broker: paper, cash: {{USDT: 1000}}}}}}\nfeeds: {{x: {{kind: binance, url: '{url}'}}}}\nrules:\n"
    return head + "\n".join(lines) + "\n"


def daemon(url: str, count: int, symbols: int, rules: int) -> Speed:
    """Return frames a second through the shipped wiring, decided and logged."""
    with tempfile.TemporaryDirectory() as place, Path(place, "log").open("wb") as sink:
        file, state = Path(place, "config.yaml"), Path(place, "state")
        state.mkdir()
        file.write_text(config(url, rules, symbols))
        return asyncio.run(_lived(file, state, count, open_log({}, fd=sink.fileno())))


async def _lived(file: Path, state: Path, count: int, log: LogNotifier) -> Speed:
    """Let a daemon live in this process until it has seen all frames."""
    clock = SystemClock()
    reading = await read_in_child(str(file), today=None)
    assert reading.settings is not None, reading.mistakes
    store = open_store(state, clock=clock)
    running = Daemon(RunOptions(file, state, prices=False), reading, fingerprint(file), store, log, clock)
    living = asyncio.create_task(running.live())
    figure = await _timed(running, count)
    running.stopping.set()
    await living
    log.close()
    await store.close()
    return figure


async def _timed(running: Daemon, count: int) -> Speed:
    """Return the speed over the last four fifths of the frames, when every rule is armed; more or fewer evaluated is a failure."""
    while not hasattr(running, "pump") or running.pump.evaluated < count // 5:  # noqa: ASYNC110  # the daemon has no bell for a benchmark
        await asyncio.sleep(0)
    watch, first = Stopwatch(), running.pump.evaluated
    while running.pump.evaluated < count:  # noqa: ASYNC110  # as above
        await asyncio.sleep(0.002)
    speed = watch.speed(count - first)
    dropped = dict(running.engine.counters)
    assert running.pump.evaluated == count and not dropped, (running.pump.evaluated, count, dropped)
    return speed


def measure(rules: int, rounds: int, frames: int = FRAMES, symbols: int = 100, goal: str = ">= 0.6, aim 0.7") -> list[Row]:
    """Return the comparisons for some rules."""
    floor, figure = [], []
    for _ in range(rounds):
        with flooding(frames, symbols) as url:
            floor.append(asyncio.run(bare(url, frames, symbols)))
            figure.append(daemon(url, frames, symbols, rules))
    what = f"path of a quiet price, {rules} rules on {symbols} symbols"
    return [
        Row(what, [s.wall for s in floor], [s.wall for s in figure], "frames/s", goal),
        Row("  by the loop's processor time", [s.processor for s in floor], [s.processor for s in figure], "frames/s", goal),
    ]


def main(*, quick: bool = False) -> None:
    """Print the table."""
    if quick:
        show("Price path", measure(100, 1, frames=5_000))
        return
    many = measure(10_000, 3, goal="")
    show("Price path", [*measure(100, 7), *measure(1_000, 5), *many])


if __name__ == "__main__":
    main()
