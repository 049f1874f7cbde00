"""Faults that a newcomer's walk along the command line has found, each named after what went wrong."""

from datetime import UTC, datetime

import pytest
from cli_stage import SAMSUNG, doors_of

SECOND = 1_000_000_000


def ns(text: str) -> int:
    """Return a moment of UTC in ns since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


@pytest.fixture
def market(cli, daemon):
    """Return a daemon whose instrument has a price: 70,000, which is also the average cost."""
    cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "50000", "--id", "first")
    daemon.price("70000")
    return daemon


def test_who_meant_it_was_told_to_mean_it(cli, market):
    for name in ("fire", "wait_cross"):
        result = cli("add", "sell", SAMSUNG, "-q", "1", "--stop", "72000", "--already-met", name)
        assert (result.code, "Mind" in result.out) == (0, False)


def test_a_days_end_was_counted_from_another_today_than_the_markets(cli, home, daemon):
    """At 20:52 UTC it is the next morning in Seoul; a validity is of the market's days (semantics 2.12)."""
    late = ns("2026-11-28T20:52:00")
    daemon.now = late
    daemon.engine.at(late)
    doors = doors_of(home, now=lambda: late)
    ask = ("add", "sell", SAMSUNG, "-q", "1", "--stop", "50000", "--until")
    assert "today is 2026-11-29" in cli(*ask, "2026-11-28", doors=doors).err
    assert "write 2027-02-27 or 90d at the latest" in cli(*ask, "2027-02-28", doors=doors).err
    assert "Valid through 2027-02-27." in cli(*ask, "2027-02-27", doors=doors).out
    assert "Valid through 2026-11-29." in cli(*ask, "2026-11-29", doors=doors).out
