"""The daemon's path of a quiet price against bare receive and decode of the same frames with the same library.

The daemon is the shipped wiring: the feed, the inbox with its log, the pump, the engine with guards at their defaults,
the store. Evaluated ticks must equal frames sent.
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

from websockets.asyncio.client import connect

from autotrader.brokers.binance.dialect import BinanceDialect
from autotrader.config.child import read_in_child
from autotrader.daemon.clock import SystemClock
from autotrader.daemon.run import Daemon, RunOptions
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.notify.log import LogNotifier, open_log
from autotrader.store.sqlite import open_store
from benchmarks.table import Row, show

ROUNDS = 5
FRAMES = 200_000


@contextmanager
def flooding(count: int, symbols: int) -> Iterator[str]:
    """Run the flooding venue in a process of its own; yield its URL."""
    command = [sys.executable, "-m", "benchmarks.flood", str(count), str(symbols)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None and child.stdin is not None
        port = json.loads(child.stdout.readline())["port"]
        try:
            yield f"ws://127.0.0.1:{port}"
        finally:
            child.stdin.close()
            child.terminate()


async def bare(url: str, count: int, symbols: int) -> float:
    """Return frames a second of receive and decode alone."""
    dialect = BinanceDialect(FeedName("bare"))
    instruments = [InstrumentId(f"BINANCE:S{n}USDT") for n in range(symbols)]
    subscribe = dialect.subscribe(instruments)
    async with connect(url, compression=None, max_size=1 << 20, max_queue=(1024, 256), ping_interval=None) as connection:
        await connection.send(subscribe[0])
        await connection.recv(decode=False)
        begin = time.perf_counter()
        for _ in range(count - 1):
            dialect.decode(await connection.recv(decode=False))
        return (count - 1) / (time.perf_counter() - begin)


def config(url: str, rules: int, symbols: int) -> str:
    """Return a file with quiet rules spread over the symbols."""
    lines = [f"  r{n}: {{instrument: BINANCE:S{n % symbols}USDT, side: buy, quantity: 1, below: {50 - n % 40}}}" for n in range(rules)]
    head = "accounts: {main: {broker: paper, cash: {USDT: 1000}}}\nfeeds: {x: {kind: binance, url: '%s'}}\nrules:\n" % url
    return head + "\n".join(lines) + "\n"


async def daemon(url: str, count: int, symbols: int, rules: int) -> float:
    """Return frames a second through the shipped wiring, decided and logged."""
    with tempfile.TemporaryDirectory() as place:
        file, state = Path(place, "config.yaml"), Path(place, "state")
        state.mkdir()
        file.write_text(config(url, rules, symbols))
        clock = SystemClock()
        reading = await read_in_child(str(file), today=None)
        assert reading.settings is not None, reading.mistakes
        store = open_store(state, clock=clock)
        with Path(place, "log").open("wb") as sink:
            log: LogNotifier = open_log({}, fd=sink.fileno())
            running = Daemon(RunOptions(file, state, prices=False), reading, store, log, clock)
            living = asyncio.create_task(running.live())
            figure = await _timed(running, count)
            running.stopping.set()
            await living
            log.close()
        await store.close()
    return figure


async def _timed(running: Daemon, count: int) -> float:
    """Wait for all frames and return the rate from the first to the last; more or fewer evaluated is a failure."""
    while not hasattr(running, "pump") or not running.pump.evaluated:
        await asyncio.sleep(0)
    begin, first = time.perf_counter(), running.pump.evaluated
    while running.pump.evaluated < count:
        await asyncio.sleep(0.002)
    spent = time.perf_counter() - begin
    assert running.pump.evaluated == count, (running.pump.evaluated, count)
    return (count - first) / spent


def measure(rules: int, symbols: int = 100) -> Row:
    """Return the comparison for some rules."""
    floor, figure = [], []
    for _ in range(ROUNDS):
        with flooding(FRAMES, symbols) as url:
            floor.append(asyncio.run(bare(url, FRAMES, symbols)))
            figure.append(asyncio.run(daemon(url, FRAMES, symbols, rules)))
    return Row(f"daemon path / bare receive + decode, {rules} rules on {symbols}", floor, figure, "frames/s", ">= 0.6, aim 0.7")


def main() -> None:
    """Print the table."""
    show("Price path", [measure(100), measure(1000)])


if __name__ == "__main__":
    main()
