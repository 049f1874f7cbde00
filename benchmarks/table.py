"""How figures are shown: a floor, a figure, their ratio; medians of interleaved rounds."""

import statistics
from collections.abc import Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One comparison. `goal` is what was aimed at, for the ratio unless it names a unit."""

    what: str
    floor: Sequence[float]
    figure: Sequence[float]
    unit: str
    goal: str


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def ratios(row: Row) -> list[float]:
    """Return figure / floor, round by round."""
    return [figure / floor for figure, floor in zip(row.figure, row.floor, strict=True)]


def show(title: str, rows: Sequence[Row]) -> None:
    """Print a table."""
    print(f"\n{title}")
    print(f"{'':58} {'floor':>12} {'figure':>12} {'unit':>9} {'ratio':>7} {'spread':>13}  goal")
    for row in rows:
        found = ratios(row)
        spread = f"{min(found):.2f}-{max(found):.2f}"
        figures = f"{median(row.floor):12.4g} {median(row.figure):12.4g} {row.unit:>9} {median(found):7.2f}"
        print(f"{row.what:58} {figures} {spread:>13}  {row.goal}")
