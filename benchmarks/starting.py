"""How long a person waits: `autotrader list` without a daemon against bare Python, and a restart until everything is armed."""

import asyncio
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autotrader.daemon.clock import SystemClock
from autotrader.store.sqlite import open_store
from benchmarks.daemon_path import config
from benchmarks.processes import daemon, wait_until
from benchmarks.rig import engine, opening, stops
from benchmarks.table import Row, show

NOWHERE = "ws://127.0.0.1:9"
LIBRARIES = "import asyncio, sqlite3, websockets.asyncio.client, msgspec"


def seconds(*words: str) -> float:
    """Return how long a Python process takes."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, *words], check=True, stdout=subprocess.PIPE)
    return time.perf_counter() - begin


async def keep_rules(state: Path, count: int) -> None:
    """Make a store with rules that watch."""
    store, deciding = open_store(state, clock=SystemClock()), engine()
    for event in opening(stops(count, distinct=True)):
        await store.commit(deciding.handle(event))
    await store.close()


def listing(rounds: int) -> Row:
    """Compare `autotrader list` over 20 rules with an empty program."""
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(keep_rules(Path(place), 20))
        words = ("-m", "autotrader", "list", "--state", place)
        shown = subprocess.run([sys.executable, *words], check=True, capture_output=True, text=True).stdout
        assert all(f"r{number}" in shown for number in range(20)), shown
        pairs = [(seconds("-c", "pass") * 1e3, seconds(*words) * 1e3) for _ in range(rounds)]
    return Row("`list` of 20 rules, no daemon / bare Python", [b for b, _ in pairs], [o for _, o in pairs], "ms", "<= 12, aim 7")


def restarting(rounds: int, rules: int) -> Row:
    """Compare a restart, from the process's start until the account is armed, with starting the same libraries."""
    floor, figure = [], []
    with tempfile.TemporaryDirectory() as place:
        text = config(NOWHERE, rules, 100)
        with daemon(Path(place), text) as running:
            wait_until(running.armed)
        for _ in range(rounds):
            floor.append(seconds("-c", LIBRARIES) * 1e3)
            begin = time.perf_counter()
            with daemon(Path(place), text) as running:
                wait_until(running.armed)
                figure.append((time.perf_counter() - begin) * 1e3)
    return Row(f"restart to armed, {rules} rules / its libraries", floor, figure, "ms", "<= 1000 ms")


def main(*, quick: bool = False) -> None:
    """Print the table."""
    show("Start", [listing(2), restarting(1, 100)] if quick else [listing(15), restarting(5, 1_000)])


if __name__ == "__main__":
    main()
