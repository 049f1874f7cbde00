"""Upbit's public prices: no key needed.

The server never pings and drops a silent socket after 60 s (docs: 120), so we ping every 15 s.
"""

from random import Random

from autotrader.brokers.upbit.dialect import UpbitDialect
from autotrader.domain.settings import FeedSettings
from autotrader.feeds.address import FixedAddress, clock_at
from autotrader.feeds.connection import WebsocketFeed
from autotrader.feeds.conversation import Terms
from autotrader.ports import Clock

URL = "wss://api.upbit.com/websocket/v1"


def open_feed(feed: FeedSettings, *, stale: float | None, clock: Clock) -> WebsocketFeed:
    """Make the feed (entry point `autotrader.feeds`)."""
    return WebsocketFeed(
        name=feed.name,
        address=FixedAddress(feed.url or URL),
        dialect=UpbitDialect(feed.name, quotes=feed.quotes),
        clock=clock_at(feed.url or URL),
        patterns=UpbitDialect.patterns,
        time=clock,
        random=Random(),
        terms=Terms(stale=stale, ping_interval=15.0, ping_timeout=10.0),
    )
