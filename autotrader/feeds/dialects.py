"""Find a venue's language by its name. Feeds do not know the brokers, so the names are entry points `autotrader.dialects`."""

from importlib.metadata import entry_points
from typing import Protocol, cast

from autotrader.domain.tick import FeedName
from autotrader.errors import UserMistake
from autotrader.ports import Dialect

GROUP = "autotrader.dialects"


class VenueDialect(Dialect, Protocol):
    """A dialect with what a server of its frames must know besides."""

    patterns: tuple[str, ...]
    """The instruments that it can name: `MARKET:*`."""
    binary: bool
    """Whether the venue sends binary frames."""


class OpenDialect(Protocol):
    """Make the dialect for a feed; its dropped prints bear the feed's name."""

    def __call__(self, feed: FeedName) -> VenueDialect: ...


def known_dialects() -> str:
    """Return the names there are, for a message."""
    return ", ".join(sorted(entry_points(group=GROUP).names))


def find_dialect(name: str, feed: FeedName) -> VenueDialect:
    """Return a feed's dialect, or raise UserMistake with the names there are."""
    for entry in entry_points(group=GROUP, name=name):
        return cast(OpenDialect, entry.load())(feed)
    raise UserMistake("feed.unknown_dialect", name=name, known=known_dialects())
