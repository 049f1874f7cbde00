"""A whole simulated KRX and NXT day of 50 symbols with 500 rules, against the same market alone: what the engine costs a day.

The rig is the one of the tests (`tests/end_to_end/market_day.py`); its judges run here too, so a day that was refused
something is no figure.
"""

import sys
import time
from pathlib import Path

from benchmarks.table import Row, show

sys.path.append(str(Path(__file__).parents[1] / "tests" / "end_to_end"))

from market_day import MarketDay, at, cells, spread  # the rig of the tests is no package


def market_alone(day: MarketDay) -> float:
    """Return the seconds that the day's market takes with nobody listening."""
    begin, end = time.perf_counter(), at("20:00:30")
    while day.market.due() < end:
        day.market.turn()
    return time.perf_counter() - begin


def with_rules(day: MarketDay) -> float:
    """Return the seconds of the day with the engine and its rules."""
    begin = time.perf_counter()
    day.run()
    spent = time.perf_counter() - begin
    assert not day.refused(), day.refused()
    assert not day.unexpected(), day.unexpected()
    return spent


def measure(rounds: int, symbols: int, every: int, *, few: bool) -> list[Row]:
    """Return the comparison, and the prints a second of the whole."""
    wanted = list(cells()) if few else spread()
    floor, figure = [], []
    for _ in range(rounds):
        floor.append(market_alone(MarketDay(wanted, symbols=symbols, every=every)))
        figure.append(with_rules(MarketDay(wanted, symbols=symbols, every=every)))
    return [Row(f"a day of {symbols} symbols, {len(wanted)} rules / the market alone", floor, figure, "s", "none set")]


def main(*, quick: bool = False) -> None:
    """Print the table."""
    show("A simulated day", measure(1, 6, 60_000, few=True) if quick else measure(3, 50, 30_000, few=False))


if __name__ == "__main__":
    main()
