"""What a print costs when nothing fires, by the number of rules: the index (`engine/flat.py`) with 10 rules and with many.

Rules are trailing sells of all distances from 20 % on, so that no path fires one. `shared`: all marks begin at one price;
`own`: each rule has a mark of its own. A tick is what the engine does with it in the index: two comparisons, and when it is
outside them the marks that move, the legs that wake, and the next bounds. The floor is the same path with 10 rules in the same run.
"""

import gc
import time
import tracemalloc
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from autotrader.config.markets import load_markets
from autotrader.domain.rule import Amount, LegName, Percent, RuleId, Trail
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.hours import View
from autotrader.engine.index import Watch, Watched, _beyond
from autotrader.engine.marks import Marks
from autotrader.engine.records import LegRecord, LegStatus, MarkRecord
from autotrader.engine.triggers import Sight, band
from autotrader.markets.profile import find_instrument
from benchmarks.table import Row, show

START = Decimal(1_000_000)
INSTRUMENT = find_instrument(load_markets(), InstrumentId("UPBIT:KRW-BTC"))


def watch_of(count: int, *, own: bool, instruments: int = 1) -> list[Watch]:
    """Return watches with so many rules in all; with `own` marks the marks lie one won apart, from the start up."""
    marks = Marks()
    watches = [Watch(INSTRUMENT, FeedName("f"), View(frozenset(), frozenset()), None, marks, hours=False) for _ in range(instruments)]
    record: Any = object()
    for number in range(count):
        key = (RuleId(f"r{number}"), LegName("trail"))
        mark = START + number + 1 if own else START
        marks[key] = MarkRecord(*key, 1, mark, 1, mark, 1)
        distance = Percent(Decimal(20 + number % 60)) if number % 2 else Amount(Decimal(200_000 + number % 5_000))
        sight = Sight(Trail(distance), None, None, mark, INSTRUMENT.ladder, mark)
        watches[number % instruments].keep(key, Watched(record, LegRecord(*key, 1, LegStatus.WATCHING, armed=1), sight, band(sight)))
    for watch in watches:
        settle(watch)
    return watches


def settle(watch: Watch) -> None:
    """Work the bounds out."""
    watch.low, watch.high = watch.flat.bounds(_beyond)


def take(watch: Watch, price: Decimal) -> int:
    """Show a price; return how many legs woke."""
    if watch.low < price < watch.high:
        return 0
    watch.ratchet(price, 1)
    woken = len(watch.woken(price))
    settle(watch)
    return woken


def walk(steps: int) -> Iterator[Decimal]:
    dice, price = Random(7), START - 5_000
    for _ in range(steps):
        price = min(START, max(START - 100_000, price + dice.randint(-100, 100)))
        yield price


def rise(steps: int) -> Iterator[Decimal]:
    for step in range(steps):
        yield START + step


def sawtooth(steps: int) -> Iterator[Decimal]:
    for step in range(steps):
        yield START + step // 2 - 5_000 * (step % 2)


PATHS = {"walk": walk, "rise": rise, "sawtooth": sawtooth}


def cost(watches: list[Watch], path: str, steps: int) -> tuple[float, float]:
    """Return the average and the worst cost of a tick in microseconds."""
    worst, prices, turn = 0.0, list(PATHS[path](steps)), len(watches)
    gc.collect()
    gc.freeze()
    gc.disable()
    begin = time.perf_counter()
    for number, price in enumerate(prices):
        take(watches[number % turn], price)
    spent = time.perf_counter() - begin
    for price in PATHS[path](min(steps, 20_000)):
        at = time.perf_counter()
        take(watches[0], price)
        worst = max(worst, time.perf_counter() - at)
    gc.enable()
    gc.unfreeze()
    return spent / steps * 1e6, worst * 1e6


def ticks(count: int, rounds: int, steps: int, path: str, goal: str, *, instruments: int = 1) -> Row:
    """Return the comparison of many rules with ten."""
    floor, figure = [], []
    for _ in range(rounds):
        floor.append(cost(watch_of(10, own=False), path, steps)[0])
        average, worst = cost(watch_of(count, own=False, instruments=instruments), path, steps)
        figure.append(average)
        print(f"  {path}, {count:,} rules: {average:.2f} us a tick, worst {worst:.0f} us")
    where = "one symbol" if instruments == 1 else f"{instruments:,} symbols"
    return Row(f"{path}: a tick with {count:,} rules on {where} / with 10", floor, figure, "us", goal)


def jump(count: int) -> Row:
    """Return what one print through so many distinct marks costs, against the same number of additions to a list."""
    (watch,) = watch_of(count, own=True)
    begin = time.perf_counter()
    kept: list[int] = []
    for number in range(count):
        kept.append(number)
    floor = time.perf_counter() - begin
    begin = time.perf_counter()
    take(watch, START + count + 10)
    figure = time.perf_counter() - begin
    print(f"  one print through {count:,} marks: {figure * 1e6 / count:.2f} us a mark")
    return Row(f"one print through {count:,} distinct marks / as many appends", [floor * 1e6], [figure * 1e6], "us", "1 us a mark")


def memory(count: int) -> Row:
    """Return the bytes of index a rule takes, against those of its key in a dictionary."""
    keys = [(RuleId(f"r{number}"), LegName("trail")) for number in range(count)]
    tracemalloc.start()
    plain = dict.fromkeys(keys)
    floor = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    assert len(plain) == count
    marks = Marks()
    watch = Watch(INSTRUMENT, FeedName("f"), View(frozenset(), frozenset()), None, marks, hours=False)
    distances = [Percent(Decimal(20 + number % 60)) for number in range(count)]
    tracemalloc.start()
    for key, distance in zip(keys, distances, strict=True):
        watch.flat.sells.add(key, distance, START, 1)
    settle(watch)
    watch.flat.sells.bounds()
    figure = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    return Row(f"index of {count:,} trailing rules / a dictionary of their keys", [floor], [figure], "bytes a rule", "<= 600")


def main(*, quick: bool = False) -> None:
    """Print the table."""
    if quick:
        show("The index", [ticks(1_000, 1, 2_000, path, "") for path in PATHS] + [jump(100), memory(1_000)])
        return
    rows = []
    for count in (1_000, 100_000, 1_000_000):
        rows += [
            ticks(count, 3, 100_000, "walk", "<= 1.5"),
            ticks(count, 3, 100_000, "rise", "<= 2"),
            ticks(count, 3, 100_000, "sawtooth", ""),
        ]
    rows.append(ticks(1_000_000, 1, 300_000, "walk", "", instruments=3_000))
    rows.append(ticks(1_000_000, 1, 300_000, "rise", "", instruments=3_000))
    show("The index", [*rows, jump(10_000), jump(100_000), memory(100_000), memory(1_000_000)])


if __name__ == "__main__":
    main()
