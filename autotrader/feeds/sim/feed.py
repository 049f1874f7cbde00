"""The feed of kind `sim`: starts the simulated exchange as a child and listens to it like to any other."""

from random import Random

import msgspec

from autotrader.domain.settings import FeedSettings
from autotrader.engine.events import FeedClock
from autotrader.feeds.address import FixedAddress
from autotrader.feeds.child import Child
from autotrader.feeds.connection import WebsocketFeed
from autotrader.feeds.conversation import Terms
from autotrader.feeds.sim.dialect import SimDialect
from autotrader.ports import Clock


def open_feed(feed: FeedSettings, *, stale: float | None, clock: Clock) -> WebsocketFeed:
    """Make the feed (entry point `autotrader.feeds`); with a `url` it dials there and starts nothing."""
    child = Child("autotrader.feeds.sim.server", first_line=msgspec.json.encode(feed) + b"\n")
    return WebsocketFeed(
        name=feed.name,
        address=FixedAddress(feed.url) if feed.url else child,
        dialect=SimDialect(feed.name),
        clock=FeedClock.SIMULATED,
        patterns=tuple(feed.instruments),
        time=clock,
        random=Random(),
        terms=Terms(stale=stale),
    )
