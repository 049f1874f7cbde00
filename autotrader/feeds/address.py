"""Where a feed dials. A fixed URL, or the server of a child process that is started when it is needed."""

from typing import Protocol
from urllib.parse import urlsplit

from autotrader.engine.events import FeedClock


def clock_at(url: str) -> FeedClock:
    """Return whose time a venue's prints carry: one at a loopback address is a rehearsal, on the time of what it plays."""
    host = urlsplit(url).hostname or ""
    return FeedClock.RECORDED if host in ("127.0.0.1", "localhost", "::1") else FeedClock.LIVE


class Address(Protocol):
    """Asked before every dial, closed when the feed ends."""

    async def find(self) -> str:
        """Return the URL to dial now, or raise FeedBroken."""

    async def close(self) -> None:
        """Give back what finding took."""


class FixedAddress:
    """An address that somebody wrote down."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def find(self) -> str:
        return self._url

    async def close(self) -> None:
        return None
