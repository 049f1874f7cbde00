"""When anything trades: the shell asks what accounts hold only then."""

import pytest
from rig import DEMO, FRIDAY, SEOUL, ns, world

from autotrader.engine.book import Book
from autotrader.engine.events import FeedClock
from autotrader.engine.hours import any_market_open
from autotrader.engine.records import Snapshot
from autotrader.engine.world import FeedFacts


@pytest.mark.parametrize(
    ("patterns", "day", "at", "is_open"),
    [
        pytest.param(("KRX:*",), FRIDAY, "10:00:00", True, id="KRX in the morning"),
        pytest.param(("KRX:*",), FRIDAY, "19:00:00", True, id="NXT in the evening"),
        pytest.param(("KRX:005930",), FRIDAY, "03:00:00", False, id="at night"),
        pytest.param(("KRX:*",), "2026-11-22", "10:00:00", False, id="on Sunday"),
        pytest.param(("KRX:*", "BINANCE:*"), "2026-11-22", "10:00:00", True, id="a market that never closes"),
        pytest.param(("NOWHERE:*",), FRIDAY, "10:00:00", False, id="a market that nobody knows"),
    ],
)
def test_what_the_feeds_serve_is_open(patterns: tuple[str, ...], day: str, at: str, is_open: bool) -> None:
    around = world(feeds=(FeedFacts(DEMO, FeedClock.LIVE, patterns, hours=True),))
    assert any_market_open(around, Book(Snapshot()), ns(day, at, SEOUL)) is is_open


def test_a_feed_without_hours_is_always_open_and_no_feed_never() -> None:
    night = ns(FRIDAY, "03:00:00")
    assert any_market_open(world(), Book(Snapshot()), night)
    assert not any_market_open(world(feeds=()), Book(Snapshot()), night)
