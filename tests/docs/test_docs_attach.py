"""docs/attach.md is so: over the holdings of its tables the templates of its files attach the rules that it names."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from fakes import NINE_IN_SEOUL
from pages import ROOT

from autotrader.config.load import load_text
from autotrader.config.markets import load_markets
from autotrader.domain.order import Holding, Statement
from autotrader.domain.rule import AccountName
from autotrader.domain.settings import Guards, Mode
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.engine import Engine
from autotrader.engine.events import FeedClock, Plan, Recovered, Stated
from autotrader.engine.records import Snapshot
from autotrader.engine.world import AccountFacts, FeedFacts, World

PROSE = r"(?:(?!```).*\n)*"
TABLE = re.compile(rf"^```yaml\n({PROSE})```\n{PROSE}```holdings\n({PROSE})```$", re.MULTILINE)
MAIN = AccountName("main")
BEFORE = "before the template"


def tables() -> Iterator[Any]:
    page = (ROOT / "docs" / "attach.md").read_text(encoding="utf-8")
    for number, found in enumerate(TABLE.finditer(page), start=1):
        yield pytest.param(found[1], found[2].splitlines(), id=str(number))


def test_the_page_has_tables() -> None:
    assert len(list(tables())) == 2


def statement(written: str) -> Statement:
    """Return a statement of `MARKET:code quantity cost`, separated by commas."""
    words = [] if written.strip() == "nothing" else [holding.split() for holding in written.split(",")]
    return Statement(tuple(Holding(InstrumentId(name), Decimal(n), Decimal(n), Decimal(cost)) for name, n, cost in words), ())


@pytest.mark.parametrize(("file", "lines"), list(tables()))
def test_the_templates_of_the_page_attach_what_it_says(file: str, lines: list[str]) -> None:
    loaded = load_text(file, "attach.md", date(2026, 11, 20))
    assert loaded.settings is not None, [mistake.sentence() for mistake in loaded.mistakes]
    feeds = (FeedFacts(FeedName("demo"), FeedClock.LIVE, ("KRX:*",)),)
    around = World("t1", Mode.PAPER, load_markets(), Guards(), {MAIN: AccountFacts(MAIN)}, feeds)
    engine = Engine(around, Snapshot(), NINE_IN_SEOUL)
    engine.start("test")
    steps = [tuple(part.strip() for part in line.split("|")) for line in lines]
    first, born_first = steps[0]
    engine.handle(Recovered(MAIN, (), statement(first)))
    assert not engine.book.rules
    engine.handle(Plan(loaded.settings.rules, templates=loaded.settings.templates))
    told = [(first, BEFORE if born_first == BEFORE else " ".join(engine.book.rules) or "nothing")]
    for held, _ in steps[1:]:
        before = set(engine.book.rules)
        engine.handle(Stated(MAIN, statement(held)))
        told.append((held, " ".join(name for name in engine.book.rules if name not in before) or "nothing"))
    assert told == steps
