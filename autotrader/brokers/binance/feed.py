"""Binance's public spot prices: no key needed.

The server pings every 20 s and cuts after a minute without a pong (the library answers by itself); each connection lives
24 hours at most, and the feed just comes back.
"""

from random import Random

from autotrader.brokers.binance.dialect import BinanceDialect
from autotrader.domain.settings import FeedSettings
from autotrader.feeds.address import FixedAddress, clock_at
from autotrader.feeds.connection import WebsocketFeed
from autotrader.feeds.conversation import Terms
from autotrader.ports import Clock

URL = "wss://stream.binance.com:9443/stream"


def open_feed(feed: FeedSettings, *, stale: float | None, clock: Clock) -> WebsocketFeed:
    """Make the feed (entry point `autotrader.feeds`)."""
    return WebsocketFeed(
        name=feed.name,
        address=FixedAddress(feed.url or URL),
        dialect=BinanceDialect(feed.name, quotes=feed.quotes),
        clock=clock_at(feed.url or URL),
        patterns=BinanceDialect.patterns,
        time=clock,
        random=Random(),
        terms=Terms(stale=stale, ping_interval=20.0, ping_timeout=20.0),
    )
