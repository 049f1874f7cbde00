"""The answers on the page of markets are those that its commands print."""

import re
import runpy
from datetime import date
from decimal import Decimal

import pytest
from pages import ROOT

from autotrader.config.markets import load_contracts, load_markets
from autotrader.markets.facts import Matching
from autotrader.markets.orders import accepted, auction_of, substitute
from autotrader.markets.sessions import sessions_on

RENEW = runpy.run_path(str(ROOT / "docs" / "renew.py"))
PAGE = (ROOT / "docs" / "markets.md").read_text(encoding="utf-8")


def test_the_answers_on_the_page_are_those_of_the_program() -> None:
    assert RENEW["answered"](PAGE) == PAGE, "run `python docs/renew.py`"


def test_every_question_is_asked_there() -> None:
    asked = {line.split()[2] for found in RENEW["ASKED"].finditer(PAGE) for line in found[2].splitlines()}
    assert asked == {"sessions", "orders", "tick", "limits", "calendar", "cost"}


def test_an_answer_that_is_not_current_is_noticed() -> None:
    assert RENEW["answered"](PAGE.replace("19,990", "19,980")) == PAGE != PAGE.replace("19,990", "19,980")


def test_the_file_of_facts_on_the_page_is_the_example() -> None:
    example = (ROOT / "docs" / "examples" / "my-markets.toml").read_text(encoding="utf-8")
    assert f"```toml\n{example}```" in PAGE


def stand_ins() -> list[tuple[str, str, str]]:
    """Return the cells of the table of stand-ins: what is wanted, the session, what the page says is sent."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in re.findall(r"^\| (?:wanted|`.*`) \|.*", PAGE, re.MULTILINE)]
    start = next(number for number, row in enumerate(rows) if row[0] == "wanted")
    heads, table = rows[start], [row for row in rows[start + 1 :] if len(row) == len(rows[start])]
    named = [(row[0], session, cell) for row in table for head, cell in zip(heads[1:], row[1:], strict=True) for session in head.split()]
    return [(wanted.strip("`"), session.strip("`"), sent.strip("`")) for wanted, session, sent in named]


@pytest.mark.parametrize(("wanted", "session", "sent"), stand_ins())
def test_what_stands_in_for_an_order_is_as_the_page_says(wanted: str, session: str, sent: str) -> None:
    day = date(2026, 11, 20)
    profile = load_markets()[session.partition(".")[0].upper()]
    found = next(row for row in sessions_on(profile, day) if row.id == session)
    takes = accepted(profile, session, day)
    instead = substitute(wanted, takes, call=found.matching is Matching.CALL, auction=auction_of(profile, found))
    assert (instead or "–") == sent


def test_the_table_of_stand_ins_is_read() -> None:
    assert len(stand_ins()) == 13 * 7


def test_the_table_of_futures_is_what_the_data_says() -> None:
    row = re.compile(r"^\| ([A-Z]+) [^|]+ \| ([0-9.]+) USD \| ([0-9.]+) \| ([0-9.]+) USD \| (no longer listed)? ?\|$", re.MULTILINE)
    said = [(symbol, Decimal(point), Decimal(tick), Decimal(step), bool(gone)) for symbol, point, tick, step, gone in row.findall(PAGE)]
    assert said == [(c.symbol, c.multiplier, c.tick, c.multiplier * c.tick, c.delisted) for c in load_contracts()]
