"""From a print leaving the venue's process to its order arriving in the broker's process; the fires come one after another.

The shipped daemon and the bare script stand in the same arrangement: venue, trader and broker each a process, the same libraries,
the same disk. Both times are read from one clock, the machine's.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.processes import Child, child, daemon, wait_until
from benchmarks.rig import TOP
from benchmarks.table import Row, show

BREATH = 0.02
"""Seconds after an order's arrival in which its broker answers and its sender writes that down, before the next print."""
HELD = '{"BINANCE:BTCUSDT": {"quantity": "1000000", "cost": "1"}}'


def config(venue: str, broker: str, rules: int) -> str:
    """Return a file with stops one apart."""
    lines = [f"  r{n}: {{instrument: BINANCE:BTCUSDT, side: sell, quantity: 1, stop: {TOP - 1 - n}}}" for n in range(rules)]
    head = f"accounts: {{main: {{broker: loopback, url: '{broker}'}}}}\nfeeds: {{x: {{kind: binance, url: '{venue}'}}}}\nrules:\n"
    return head + "\n".join(lines) + "\n"


def arrivals(audit: Path) -> list[int]:
    """Return when each order arrived, ns since the epoch."""
    whole = [line for line in audit.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    lines = [json.loads(line) for line in whole]
    return [line["time"] for line in lines if line["event"] == "received"]


def _has_come(audit: Path, count: int) -> bool:
    return len(arrivals(audit)) >= count


def fire_one_after_another(venue: Child, audit: Path, fires: int) -> list[float]:
    """Let the price fall one a time, each after the order before was answered; return the milliseconds from print to order."""
    sent = []
    for number in range(fires):
        sent.append(int(venue.tell(f"{TOP - 1 - number}.00")))
        wait_until(partial(_has_come, audit, number + 1), every=0.004)
        time.sleep(BREATH)
    came = arrivals(audit)
    assert len(came) == fires, f"{fires} fires, {len(came)} orders"
    return [(at - left) / 1e6 for at, left in zip(came, sent, strict=True)]


@contextmanager
def street(place: Path) -> Iterator[tuple[Child, str, Path]]:
    """Run a venue and a broker; yield the venue, the broker's URL and its audit."""
    audit = place / "audit.jsonl"
    words = ("autotrader.brokers.loopback.server", "--with-parent", "--audit", str(audit), "--fill", "immediate", "--positions", HELD)
    with child("benchmarks.venue") as venue, child(*words, "--cash", '{"USDT": "1000000"}') as broker:
        url = f"http://127.0.0.1:{broker.port}"
        price = json.dumps({"instrument": "BINANCE:BTCUSDT", "price": str(TOP)}).encode()
        urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url + "/price", price, timeout=10).close()
        yield venue, url, audit


def ours(place: Path, fires: int) -> list[float]:
    """Return the latencies of the shipped daemon."""
    with street(place) as (venue, broker, audit):
        feed = f"ws://127.0.0.1:{venue.port}"
        with daemon(place, config(feed, broker, fires)) as running:
            wait_until(running.armed)
            venue.tell(f"{TOP}.00")
            wait_until(lambda: running.watches(fires))
            return fire_one_after_another(venue, audit, fires)


def bare(place: Path, fires: int) -> list[float]:
    """Return the latencies of the bare script."""
    with street(place) as (venue, broker, audit):
        words = [sys.executable, "-m", "benchmarks.bare_trader", f"ws://127.0.0.1:{venue.port}", broker, str(place / "bare"), str(TOP - 1)]
        with subprocess.Popen(words) as script:
            try:
                venue.tell(f"{TOP}.00")
                return fire_one_after_another(venue, audit, fires)
            finally:
                script.terminate()


def in_a_place(measured: Callable[[Path, int], list[float]], fires: int) -> list[float]:
    """Measure in a directory that is gone afterwards."""
    with tempfile.TemporaryDirectory() as place:
        return measured(Path(place), fires)


def p99(values: list[float]) -> float:
    """Return the 99th percentile."""
    return statistics.quantiles(values, n=100)[98]


def measure(rounds: int, fires: int) -> list[Row]:
    """Return the comparisons."""
    pairs = [(in_a_place(bare, fires), in_a_place(ours, fires)) for _ in range(rounds)]

    def row(name: str, part: Callable[[list[float]], float], goal: str) -> Row:
        what = f"print to order at an HTTP broker / bare script, {name}"
        return Row(what, [part(floor) for floor, _ in pairs], [part(figure) for _, figure in pairs], "ms", goal)

    return [row("p50", statistics.median, "<= 1.5"), row("p99", p99, "<= 2")]


def main(*, quick: bool = False) -> None:
    """Print the table."""
    show("Order path", measure(1, 20) if quick else measure(5, 200))


if __name__ == "__main__":
    main()
