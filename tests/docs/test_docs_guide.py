"""The worked tables of the guides are what the engine does: each is read from its page and replayed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pages import ROOT

from autotrader.config.load import load_text
from autotrader.daemon.replay import replay

RULES = """\
accounts: {{main: {{cash: {{KRW: 0}}, positions: {{KRX:005930: {{quantity: 10, cost: 50000}}}}}}}}
rules:
  x: {{instrument: KRX:005930, side: sell, quantity: 10, {keys}}}
"""


class Table(NamedTuple):
    """A worked example: the prints, and under each the mark and the stop that the page shows, and where it fires."""

    prices: list[str]
    marks: list[str]
    stops: list[str]
    fires: list[int]


def tables(page: str, heads: tuple[str, str, str]) -> Iterator[Table]:
    """Yield the worked tables of a page, whose rows begin with these words."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for found in re.finditer(rf"^\| {heads[0]} \|.*?(?=\n\n)", text, re.MULTILINE | re.DOTALL):
        rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in found[0].splitlines()]
        named = {row[0]: row[1:] for row in rows}
        prices, marks, stops = ([cell.replace(",", "") for cell in named[head]] for head in heads)
        yield Table(prices, marks, stops, [n for n, cell in enumerate(rows[-1]) if "**" in cell])


def worked() -> list[Any]:
    """Return each table with the keys of its rule."""
    english = zip(tables("guide.md", ("print", "mark", "stop")), ("trail: 1000", "trail: 2%, activate: +5%"), strict=True)
    korean = zip(tables("ko.md", ("체결가", "고점", "손절선")), ("trail: 2%, activate: +5%",), strict=True)
    return [pytest.param(table, keys, id=f"{page}-{keys}") for page, cases in (("guide", english), ("ko", korean)) for table, keys in cases]


@pytest.mark.parametrize(("table", "keys"), worked())
def test_a_worked_table_is_what_the_engine_does(table: Table, keys: str, tmp_path: Path) -> None:
    settings = load_text(RULES.format(keys=keys), "rules.yaml", None, require_accounts=False).settings
    assert settings is not None
    prints = tmp_path / "prints.csv"
    prints.write_text("time,price,size\n" + "".join(f"{n * 1_000_000_000},{price},10\n" for n, price in enumerate(table.prices, start=1)))
    marks, stops, fires = ["–"] * len(table.prices), ["–"] * len(table.prices), []
    for line in replay(settings, prints):
        if line["type"] in ("armed", "activated", "mark"):
            marks[line["print"] - 1 :] = [line["mark"]] * (len(marks) - line["print"] + 1)
            stops[line["print"] - 1 :] = [line["level"]] * (len(stops) - line["print"] + 1)
        if line["type"] == "fired":
            fires.append(line["print"])
    assert (marks, stops, fires) == (table.marks, table.stops, table.fires)
