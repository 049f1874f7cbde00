"""The feed of kind `recording`: serves a file from a child process, and listens to it in the dialect it was recorded in."""

from pathlib import Path
from random import Random

from autotrader.domain.settings import FeedSettings
from autotrader.engine.events import FeedClock
from autotrader.errors import UserMistake
from autotrader.feeds.address import Address, FixedAddress
from autotrader.feeds.child import Child
from autotrader.feeds.connection import WebsocketFeed
from autotrader.feeds.conversation import Terms
from autotrader.feeds.dialects import find_dialect, known_dialects
from autotrader.feeds.recording.files import Header, read_header
from autotrader.ports import Clock


def open_feed(feed: FeedSettings, *, stale: float | None, clock: Clock) -> WebsocketFeed:
    """Make the feed (entry point `autotrader.feeds`); with a `url` it dials there and starts nothing."""
    header = _header(feed)
    name = feed.dialect or (header.dialect if header else "")
    if not name:
        raise UserMistake("feed.no_dialect", feed=feed.name, file=feed.file or feed.url, known=known_dialects())
    dialect = find_dialect(name, feed.name)
    return WebsocketFeed(
        name=feed.name,
        address=_address(feed, name),
        dialect=dialect,
        clock=FeedClock.RECORDED,
        patterns=tuple(feed.instruments) or (header.instruments if header else ()) or dialect.patterns,
        time=clock,
        random=Random(),
        terms=Terms(stale=stale),
    )


def _header(feed: FeedSettings) -> Header | None:
    """Return what the file says of itself; raise UserMistake when it cannot be read."""
    if not feed.file:
        if not feed.url:
            raise UserMistake("feed.nothing_to_serve", feed=feed.name)
        return None
    try:
        return read_header(Path(feed.file))
    except OSError as error:
        raise UserMistake("feed.no_file", feed=feed.name, file=feed.file, why=error.strerror or error) from error


def _address(feed: FeedSettings, dialect: str) -> Address:
    """Return the given URL, or a server of our own. It stays silent at the end: a closed link would only be dialled again."""
    if feed.url:
        return FixedAddress(feed.url)
    options = ["--speed", str(feed.speed), "--dialect", dialect, "--stay", "--with-parent"]
    return Child("autotrader.feeds.recording.server", arguments=[feed.file, *options])
