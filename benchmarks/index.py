"""What a print costs when nothing fires, by the number of rules: the index (`engine/flat.py`) with 10 rules and with many.

Rules are trailing sells of all distances from 20 % on, so that no path fires one before the storm. Marks are shared, or each
rule has one of its own. A tick is what the engine does with it in the index: two comparisons, and when it is outside them the
marks that move, the legs that wake, and the next bounds. The floor of a path is the same path with 10 rules in the same run.
As in the daemon, what was loaded is out of the collector's sight.
"""

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from random import Random
from typing import Any

from autotrader.config.markets import load_markets
from autotrader.domain.rule import Amount, LegName, Percent, RuleId, Trail
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.flat import Item
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
    watches = [_watch(marks) for _ in range(instruments)]
    record: Any = object()
    for number in range(count):
        key = (RuleId(f"r{number}"), LegName("trail"))
        mark = START + number + 1 if own else START
        marks[key] = MarkRecord(*key, 1, mark, 1, mark, 1)
        distance = Percent(Decimal(20 + number % 60)) if number % 2 else Amount(Decimal(200_000 + number % 5_000))
        sight = Sight(Trail(distance), None, None, mark, INSTRUMENT.ladder, mark)
        leg = LegRecord(*key, 1, LegStatus.WATCHING, armed=1)
        watches[number % instruments].keep(key, Watched(record, leg, sight, band(sight), order=number, quick=True))
    for watch in watches:
        settle(watch)
    return watches


def _watch(marks: Marks) -> Watch:
    return Watch(INSTRUMENT, FeedName("f"), View(frozenset(), frozenset()), None, marks, hours=False)


def settle(watch: Watch) -> None:
    """Work the bounds out."""
    watch.low, watch.high = watch.flat.bounds(_beyond)


def take(watch: Watch, price: Decimal) -> int:
    """Show a price; return how many legs woke."""
    if watch.low < price < watch.high:
        return 0
    watch.ratchet(price, 1)
    woken = sum(map(len, watch.woken(price)))
    settle(watch)
    return woken


def walk(top: Decimal, steps: int) -> Iterator[Decimal]:
    """Yield a random walk under the marks."""
    dice, price = Random(7), top - 5_000
    for _ in range(steps):
        price = min(top, max(top - 100_000, price + dice.randint(-100, 100)))
        yield price


def rise(top: Decimal, steps: int) -> Iterator[Decimal]:
    """Yield one new high after the other."""
    for step in range(steps):
        yield top + step + 1


def sawtooth(top: Decimal, steps: int) -> Iterator[Decimal]:
    """Yield a new high and a price deep under it, in turn."""
    for step in range(steps):
        yield top + step // 2 + 1 - 5_000 * (step % 2)


PATHS: dict[str, tuple[Callable[[Decimal, int], Iterator[Decimal]], str]] = {
    "walk": (walk, "<= 1.5"),
    "sawtooth": (sawtooth, ""),
    "rise": (rise, "<= 2"),
}


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the collector away from what is loaded, as the daemon does."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def cost(watches: list[Watch], path: str, steps: int) -> float:
    """Return the average cost of a tick in microseconds. The watches take turns; each sees the whole path's prices in its turns."""
    turn = len(watches)
    prices = list(PATHS[path][0](_top(watches), steps))
    begin = time.perf_counter()
    for number, price in enumerate(prices):
        take(watches[number % turn], price)
    return (time.perf_counter() - begin) / steps * 1e6


def worst(watch: Watch, path: str, steps: int) -> float:
    """Return the dearest of so many ticks in microseconds."""
    dearest = 0.0
    for price in list(PATHS[path][0](_top([watch]), steps)):
        at = time.perf_counter()
        take(watch, price)
        dearest = max(dearest, time.perf_counter() - at)
    return dearest * 1e6


def _top(watches: list[Watch]) -> Decimal:
    """Return the highest mark."""
    return max(watch.flat.sells.stack[0].price for watch in watches if watch.flat.sells.stack)


def ticks(count: int, rounds: int, steps: int, *, instruments: int = 1) -> list[Row]:
    """Return the comparisons of many rules with ten, path by path."""
    few, many = watch_of(10, own=False), watch_of(count, own=False, instruments=instruments)
    where = "one symbol" if instruments == 1 else f"{instruments:,} symbols"
    rows = []
    with undisturbed():
        for path, (_, goal) in PATHS.items():
            pairs = [(cost(few, path, steps), cost(many, path, steps)) for _ in range(rounds)]
            dearest = min(worst(many[0], path, steps // 4) for _ in range(3))
            print(f"  {path}, {count:,} rules on {where}: the dearest of {steps // 4:,} ticks {dearest:.0f} us (least of three)")
            name = f"{path}: a tick with {count:,} rules on {where} / with 10"
            rows.append(Row(name, [floor for floor, _ in pairs], [figure for _, figure in pairs], "us", goal))
    return rows


def appends(count: int) -> float:
    """Return the microseconds that so many additions to a list take."""
    begin = time.perf_counter()
    kept: list[int] = []
    for number in range(count):
        kept.append(number)
    return (time.perf_counter() - begin) * 1e6


def timed(do: Callable[[], object]) -> float:
    """Return the microseconds that something takes."""
    begin = time.perf_counter()
    do()
    return (time.perf_counter() - begin) * 1e6


def passing(count: int, rounds: int, *, at_once: bool) -> Row:
    """Return what it costs a mark of its own to be passed: all by one print, or one by each print."""
    floor, figure = [], []
    for _ in range(rounds):
        (watch,) = watch_of(count, own=True)
        prices = [START + count + 10] if at_once else [START + number + 1 for number in range(count + 1)]
        with undisturbed():
            floor.append(appends(count) / count)
            figure.append(timed(lambda watch=watch, prices=prices: [take(watch, price) for price in prices]) / count)  # type: ignore[misc]
    how = "one print through" if at_once else "a print for each of"
    return Row(f"{how} {count:,} distinct marks / an append", floor, figure, "us a mark", "<= 1" if at_once else "<= 3")


def storm(count: int, rounds: int) -> Row:
    """Return what it costs to find all rules when one print meets all of them."""
    floor, figure = [], []
    for _ in range(rounds):
        (watch,) = watch_of(count, own=False)
        with undisturbed():
            floor.append(appends(count) / count)
            found: list[Item] = []
            figure.append(timed(lambda watch=watch, found=found: found.extend(watch.woken(Decimal(1))[1])) / count)  # type: ignore[misc]
        assert len(found) == count
    return Row(f"one print that meets {count:,} rules / an append", floor, figure, "us a rule", "")


def changing(count: int, rounds: int, *, own: bool) -> list[Row]:
    """Return what an edit and a cancel of a rule in the middle cost, against those among ten rules; the next bounds are part of it."""
    few, many = watch_of(10, own=own), watch_of(count, own=own)
    edits: tuple[list[float], list[float]] = ([], [])
    cancels: tuple[list[float], list[float]] = ([], [])
    with undisturbed():
        for _ in range(rounds):
            for place, (watch,) in enumerate((few, many)):
                keys = list(watch.legs)[len(watch.legs) // 2 :][:200]
                edits[place].append(timed(lambda w=watch, k=keys: [_edit(w, key) for key in k]) / len(keys))  # type: ignore[misc]
                key, leg = keys[0], watch.legs[keys[0]]
                cancels[place].append(timed(lambda w=watch, k=key: (w.keep(k, None), settle(w))))  # type: ignore[misc]
                watch.keep(key, leg)
                settle(watch)
    marks = "distinct marks" if own else "one mark"
    return [
        Row(f"edit one of {count:,} rules, {marks} / of 10", *edits, "us", ""),
        Row(f"cancel one of {count:,} rules, {marks} / of 10", *cancels, "us", ""),
    ]


def _edit(watch: Watch, key: tuple[RuleId, LegName]) -> None:
    watch.keep(key, watch.seen(key))
    settle(watch)


def memory(count: int, *, own: bool) -> Row:
    """Return the bytes of index a rule takes, against those of its key in a dictionary."""
    keys = [(RuleId(f"r{number}"), LegName("trail")) for number in range(count)]
    tracemalloc.start()
    plain = dict.fromkeys(keys)
    floor = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    assert len(plain) == count
    watch = _watch(Marks())
    distances = [Percent(Decimal(20 + number % 60)) for number in range(count)]
    marks = [START + number * own for number in range(count)]
    turns = list(range(10**9, 10**9 + count))  # as the legs have them
    tracemalloc.start()
    for key, distance, mark, turn in zip(keys, distances, marks, turns, strict=True):
        watch.flat.sells.add(key, distance, mark, 1, turn)
    settle(watch)
    figure = tracemalloc.get_traced_memory()[0] / count
    tracemalloc.stop()
    which = "a mark each" if own else "one mark"
    return Row(f"index of {count:,} rules, {which} / a dictionary of their keys", [floor], [figure], "bytes a rule", "<= 600")


def main(*, quick: bool = False) -> None:
    """Print the table."""
    if quick:
        rows = [
            *ticks(1_000, 1, 2_000),
            *ticks(100, 1, 2_000, instruments=10),
            passing(100, 1, at_once=True),
            passing(100, 1, at_once=False),
        ]
        show("The index", [*rows, storm(100, 1), *changing(100, 1, own=True), memory(1_000, own=False), memory(1_000, own=True)])
        return
    rows = [row for count in (1, 1_000, 100_000, 1_000_000) for row in ticks(count, 5, 40_000)]
    rows += [row for count in (100_000, 1_000_000) for row in ticks(count, 5, 60_000, instruments=3_000)]
    rows += [passing(count, 5, at_once=at_once) for at_once in (True, False) for count in (10_000, 100_000)]
    rows += [storm(10_000, 5), storm(1_000_000, 1)]
    rows += [*changing(1_000_000, 9, own=False), *changing(100_000, 9, own=True)]
    show("The index", [*rows, *(memory(100_000, own=own) for own in (False, True)), memory(1_000_000, own=False)])


if __name__ == "__main__":
    main()
