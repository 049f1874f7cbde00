"""On which line of a TOML file something stands. The parser of the standard library does not tell, so we look for it.

Found by the headers that people write, `[KRX]` and `[[KRX.sessions]]`, and by a key under them; a row of an array in one
line is shown where the array begins.
"""

import re

HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
KEY = re.compile(r"""\s*["']?([A-Za-z0-9_-]+)["']?\s*=""")


def line_of(text: str, place: tuple[str | int, ...]) -> int:
    """Return the line, from 1, of a way such as `("KRX", "sessions", 2, "open")`; 0 when it is nowhere."""
    lines = text.split("\n")
    for length in range(len(place), 0, -1):
        if isinstance(place[length - 1], int):
            found = _row(lines, place[:length])
        else:
            found = _table(lines, place[:length]) or _key(lines, place[:length])
        if found:
            return found
    return 0


def _head(line: str) -> tuple[str, tuple[str, ...]]:
    """Return the brackets and the names of a header, nothing for other lines."""
    found = HEADER.match(line)
    return (found[1], tuple(name.strip().strip("\"'") for name in found[2].split("."))) if found else ("", ())


def _table(lines: list[str], place: tuple[str | int, ...]) -> int:
    return next((number for number, line in enumerate(lines, 1) if _head(line)[1] == place), 0)


def _row(lines: list[str], place: tuple[str | int, ...]) -> int:
    """Return the line of the header of a row of a table."""
    *names, row = place
    heads = [number for number, line in enumerate(lines, 1) if _head(line) == ("[[", tuple(names))]
    return heads[row] if isinstance(row, int) and row < len(heads) else 0


def _key(lines: list[str], place: tuple[str | int, ...]) -> int:
    """Return the line of a key under the header of what it belongs to."""
    *owner, key = place
    start = (_row(lines, tuple(owner)) if owner and isinstance(owner[-1], int) else _table(lines, tuple(owner))) if owner else 0
    if owner and not start:
        return 0
    for number, line in enumerate(lines[start:], start + 1):
        if _head(line)[0]:
            return 0
        if (found := KEY.match(line)) and found[1] == key:
            return number
    return 0
