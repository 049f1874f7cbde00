"""Real recordings served over a real websocket: the daemon fires where ten lines of plain Python say it must."""

import gzip
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from real_processes import Home
from waiting import until_true

from autotrader.engine.events import Status

TRAIL = Decimal(60)


@contextmanager
def served(file: Path, dialect: str, speed: str) -> Iterator[str]:
    """Serve a recording from a process of its own; return its URL."""
    words = [sys.executable, "-m", "autotrader.feeds.recording.server", str(file), "--dialect", dialect, "--speed", speed]
    process = subprocess.Popen([*words, "--stay", "--with-parent"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"ws://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=10)


def binance_trades(file: Path) -> Iterator[tuple[int, Decimal]]:
    """Yield id and price of every trade, without a line of ours."""
    with gzip.open(file, "rt") as lines:
        for line in lines:
            said = json.loads(line.partition(" ")[2])
            if said.get("stream") == "btcusdt@trade":
                yield said["data"]["t"], Decimal(said["data"]["p"])


def first_fire(file: Path) -> tuple[int, Decimal, Decimal]:
    """Return id, price and mark of the print on which a trail must fire that follows the high from the first print on."""
    mark = Decimal(0)
    for trade, price in binance_trades(file):
        if price <= mark - TRAIL:
            return trade, price, mark
        mark = max(mark, price)
    raise AssertionError("no such print")


@pytest.mark.parametrize("speed", [pytest.param("100", id="at 100x"), pytest.param("20", id="at 20x", marks=pytest.mark.slow)])
def test_a_trail_over_a_real_recording_fires_on_the_very_print_that_plain_python_finds(home: Home, data_dir: Path, speed: str) -> None:
    file = data_dir / "binance_spot_btcusdt_20240809.raw.gz"
    trade, price, mark = first_fire(file)
    with served(file, "binance", speed) as url:
        home.write(
            "guards: {collar: off}\n"
            "accounts: {main: {broker: paper, cash: {USDT: 0}, positions: {BINANCE:BTCUSDT: {quantity: 1, cost: 60000}}}}\n"
            f"feeds: {{past: {{kind: recording, url: '{url}', dialect: binance, instruments: [BINANCE:BTCUSDT]}}}}\n"
            f"rules:\n  t: {{instrument: BINANCE:BTCUSDT, side: sell, quantity: 0.5, trail: {TRAIL}}}\n"
        )
        home.start()
        home.until_state("t", "done")
        fire = home.only_fire()
    assert (fire["crossed"]["sequence"], Decimal(fire["crossed"]["price"]), Decimal(fire["mark"])) == (trade, price, mark)
    assert Decimal(fire["level"]) == mark - TRAIL
    assert not fire["late"]


def upbit_trades(file: Path) -> list[tuple[str, int]]:
    """Return code and time of every trade, without a line of ours."""
    with gzip.open(file, "rt") as lines:
        bodies = (re.match(r"^[\d.]+: b'(.*)'\s*$", line) for line in lines)
        said = [json.loads(body[1].encode().decode("unicode_escape")) for body in bodies if body]
    return [(frame["cd"], frame["ttms"]) for frame in said if frame["ty"] == "trade"]


def test_the_upbit_capture_decodes_whole_and_its_older_trades_are_counted_and_do_not_fire(home: Home, data_dir: Path) -> None:
    file = data_dir / "upbit_ws_20210417.capture.gz"
    trades = upbit_trades(file)
    newest: Counter[str] = Counter()
    older = 0
    for code, at in trades:
        older += at < newest[code]
        newest[code] = max(newest[code], at)
    rules = "".join(
        f"  r{n}: {{instrument: 'UPBIT:{code}', side: buy, quantity: 1, below: 0.00000001}}\n" for n, code in enumerate(sorted(newest))
    )
    codes = ", ".join(f"UPBIT:{code}" for code in newest)
    with served(file, "upbit", "max") as url:
        home.write(
            "guards: {collar: off}\n"
            "accounts: {main: {broker: paper, cash: {KRW: 1000000, BTC: 1}}}\n"
            f"feeds: {{past: {{kind: recording, url: '{url}', dialect: upbit, instruments: [{codes}]}}}}\n"
            f"rules:\n{rules}"
        )
        home.start()
        until_true(lambda: {rule["last_time"] for rule in home.rules().values()} == {at * 1_000_000 for at in newest.values()})
        dropped = Counter({(drop["where"], drop["reason"]): drop["count"] for drop in home.ask(Status())["dropped"]})
    counted = sum(count for (_, reason), count in dropped.items() if reason == "older")
    print(f"{len(trades)} trades, {older} older than one before them; counted: {dict(dropped)}")
    assert len(trades) == 304
    assert counted == older > 0
    assert {reason for _, reason in dropped} <= {"older"}
    assert home.fires() == []
