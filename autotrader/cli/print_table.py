"""A replay as a table: for each leg, print by print, its mark and its level, exact and as it is shown (semantics 2.4)."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from autotrader.cli.call import Call
from autotrader.cli.doors import View
from autotrader.cli.table import width
from autotrader.cli.words import because, level_words, number

COLUMNS = 8
"""Prints side by side; a longer story goes on in a further table."""

NOTHING = "–"
MARKS = {"trail": "cli.table_high", "rebound": "cli.table_low", "preserve": "cli.table_high"}
FOLLOWING = frozenset({"trail", "rebound"})
"""Kinds whose level is called the stop; that of another kind is called as its kind."""


class Column(NamedTuple):
    """How a leg stood after one print; `level` is exact, `shown` is on the ladder."""

    price: str
    kind: str
    active: bool | None
    mark: str | None
    level: str | None
    shown: str | None
    word: str = ""


class PrintTable:
    """Gathers what a replay tells and gives the tables, those of a leg each time it has seen so many prints."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.columns: dict[tuple[str, str], list[Column]] = {}
        self.last: dict[tuple[str, str], Column] = {}
        self.bare: list[str] = []
        """What is said of the legs that have no table."""
        self.happened: dict[tuple[str, str], dict[str, View]] = {}

    def take(self, event: View) -> Iterator[str]:
        """Yield the lines that are complete with an event."""
        match event["type"]:
            case "activated" | "fired" | "order":
                self.happened.setdefault((event["rule"], event["leg"]), {})[event["type"]] = event
            case "never_armed":
                self.bare.append(
                    f"{event['rule']}/{event['leg']}: {self.call.tell('cli.never_armed', why=because(event['reason'], self.call.language))}"
                )
            case "print":
                yield from self._seen(event)
            case "end":
                for key in list(self.columns):
                    yield from self._out(key)
                yield from self.bare

    def _seen(self, event: View) -> Iterator[str]:
        stood = {(leg["rule"], leg["leg"]): leg for leg in event["legs"]}
        fired = [key for key, what in self.happened.items() if "fired" in what and key not in stood]
        for key, leg in stood.items():
            word = self.call.tell("cli.table_activates") if "activated" in self.happened.get(key, {}) else ""
            facts = (leg["kind"], leg["active"], leg["mark"], leg["level"], leg["shown"])
            yield from self._add(key, Column(event["price"], *facts, word))
        for key in fired:
            yield from self._add(key, self._fired(key, event["price"]))
        self.happened.clear()

    def _fired(self, key: tuple[str, str], price: str) -> Column:
        """Return the column of the print on which a leg fired; it was watching on the one before, if there was one."""
        shot, order, before = self.happened[key]["fired"], self.happened[key].get("order"), self.last.get(key)
        kind = before.kind if before is not None else key[1].partition("-")[0]
        sent = number(order["price"]) if order and order["price"] else order["order_type"] if order else ""
        word = self.call.tell("cli.table_fires") + (f" ({sent})" if sent else "")
        active = None if before is None or before.active is None else True
        return Column(price, kind, active, shot["mark"], shot["level"], before.shown if before is not None else None, word)

    def _add(self, key: tuple[str, str], column: Column) -> Iterator[str]:
        columns = self.columns.setdefault(key, [])
        columns.append(column)
        self.last[key] = column
        if len(columns) == COLUMNS:
            yield from self._out(key)

    def _out(self, key: tuple[str, str]) -> Iterator[str]:
        columns = self.columns.pop(key)
        yield "/".join(key)
        yield from piped(self._rows(columns))
        yield ""

    def _rows(self, columns: Sequence[Column]) -> Iterator[list[str]]:
        tell, kind = self.call.tell, columns[0].kind
        yield [tell("cli.table_print"), *(number(column.price) for column in columns)]
        if any(column.active is not None for column in columns):
            yield [tell("cli.table_active"), *(tell("cli.table_yes" if column.active else "cli.table_no") for column in columns)]
        if kind in MARKS:
            yield [tell(MARKS[kind]), *(number(column.mark) if column.mark else NOTHING for column in columns)]
        levels = list(_levels(columns))
        name = tell("cli.table_stop") if kind in FOLLOWING else kind
        yield [tell("cli.table_exact", name=name) if any("(" in level for level in levels) else name, *levels]
        if any(column.word for column in columns):
            yield ["", *(column.word for column in columns)]


def _levels(columns: Sequence[Column]) -> Iterator[str]:
    """Yield the levels; one that is not on the ladder is followed by how it is shown, where it is new."""
    before: str | None = None
    for column in columns:
        new = column.level != before and column.shown is not None and column.shown != column.level
        level = level_words(column.level) if column.level else NOTHING
        yield f"{level} ({number(column.shown)})" if new else level
        before = column.level


def piped(rows: Iterator[list[str]]) -> Iterator[str]:
    """Yield the rows as a table in Markdown, aligned; the first row is its head."""
    lines: list[Any] = list(rows)
    widths = [max(width(line[column]) for line in lines) for column in range(len(lines[0]))]
    for place, line in enumerate(lines):
        yield "| " + " | ".join(cell + " " * (room - width(cell)) for cell, room in zip(line, widths, strict=True)) + " |"
        if place == 0:
            yield "|" + "|".join("-" * (room + 2) for room in widths) + "|"
