"""Replay: prints a second from a csv file to ten rules' decisions, against csv.reader and Decimal over the same file."""

import csv
import tempfile
import time
from decimal import Decimal
from pathlib import Path

from autotrader.config.load import load_file
from autotrader.daemon.replay import replay
from benchmarks.table import Row, show

START = 1_700_000_000_000_000_000


def write_prints(path: Path, count: int) -> None:
    """Write prints that move a little around 100."""
    rows = (f"{START + n * 1_000_000},{100 + (n * 7 % 13) * 0.01:.2f},0.5\n" for n in range(count))
    path.write_text("time,price,size\n" + "".join(rows))


def write_rules(path: Path) -> None:
    """Write ten rules that nothing of that meets: stops, targets, trails and buys."""
    sells = [f"  s{n}: {{instrument: BINANCE:BTCUSDT, side: sell, quantity: 1, stop: {90 - n}}}" for n in range(4)]
    targets = [f"  t{n}: {{instrument: BINANCE:BTCUSDT, side: sell, quantity: 1, target: {110 + n}}}" for n in range(2)]
    trails = [f"  w{n}: {{instrument: BINANCE:BTCUSDT, side: sell, quantity: 1, trail: {5 + n}%}}" for n in range(2)]
    buys = [f"  b{n}: {{instrument: BINANCE:BTCUSDT, side: buy, quantity: 1, below: {80 - n}}}" for n in range(2)]
    path.write_text("rules:\n" + "\n".join(sells + targets + trails + buys) + "\n")


def bare(prints: Path, count: int) -> float:
    """Return prints a second of reading and turning into numbers alone."""
    begin = time.perf_counter()
    with prints.open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        read = sum(1 for time_, price, size in rows if (int(time_), Decimal(price), Decimal(size)))
    assert read == count
    return count / (time.perf_counter() - begin)


def ours(rules: Path, prints: Path, count: int) -> float:
    """Return prints a second of the whole replay."""
    settings = load_file(rules, require_accounts=False).settings
    assert settings is not None
    begin = time.perf_counter()
    said = list(replay(settings, prints))
    spent = time.perf_counter() - begin
    assert said[-1] == {"type": "end", "prints": count, "fired": 0}, said[-1]
    return count / spent


def measure(rounds: int, count: int) -> list[Row]:
    """Return the comparison."""
    floor, figure = [], []
    with tempfile.TemporaryDirectory() as place:
        prints, rules = Path(place, "prints.csv"), Path(place, "rules.yaml")
        write_prints(prints, count)
        write_rules(rules)
        for _ in range(rounds):
            floor.append(bare(prints, count))
            figure.append(ours(rules, prints, count))
    return [Row("replay, ten quiet rules / csv.reader + Decimal", floor, figure, "prints/s", "100,000 prints/s")]


def main(*, quick: bool = False) -> None:
    """Print the table."""
    show("Replay", measure(2, 20_000) if quick else measure(5, 200_000))


if __name__ == "__main__":
    main()
