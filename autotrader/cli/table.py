"""A table in plain text: aligned, readable in a pipe and through ssh, and without a library to load."""

from collections.abc import Sequence

GAP = "  "


def width(text: str) -> int:
    """Return how many columns a terminal needs; a Korean letter takes two."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text if not combining(letter))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], right: str = "") -> list[str]:
    """Return the lines of a table. `right` has one letter a column: `r` aligns it to the right."""
    lines = [list(heads), *(list(row) for row in rows)]
    widths = [max(width(line[column]) for line in lines) for column in range(len(heads))]
    return [_line(line, widths, right.ljust(len(heads))) for line in lines]


def _line(cells: list[str], widths: list[int], right: str) -> str:
    padded = []
    for cell, room, side in zip(cells, widths, right, strict=True):
        gap = " " * (room - width(cell))
        padded.append(gap + cell if side == "r" else cell + gap)
    return GAP.join(padded).rstrip()
