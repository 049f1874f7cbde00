"""An instrument's id from its text, and which feeds serve it."""

import re
from collections.abc import Collection, Iterable

from autotrader.config.kinds import WHOLE_MARKETS
from autotrader.domain.settings import FeedSettings
from autotrader.domain.tick import InstrumentId
from autotrader.errors import UnknownThing, UserMistake
from autotrader.markets.profile import Markets, find_instrument

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,31}")
SIX_DIGIT_MARKETS = ("KRX", "NXT")


def instrument(markets: Markets, text: str) -> InstrumentId:
    """Return the id of an instrument of a market that we know."""
    market, colon, code = text.partition(":")
    listing = [name for name, profile in markets.items() if profile.currencies]
    if not colon or market not in listing or not CODE.fullmatch(code):
        raise UnknownThing("market.unknown", instrument=text[:60], markets=", ".join(sorted(listing)))
    if market in SIX_DIGIT_MARKETS and code.isdigit() and len(code) < 6:
        # Spreadsheets and other YAML readers eat the zeros in front; six digits are what the exchange uses.
        raise UserMistake("config.six_digits", instrument=text, meant=f"{market}:{code.zfill(6)}")
    return find_instrument(markets, InstrumentId(text)).id


def serves(patterns: Collection[str], wanted: str) -> bool:
    """Return whether one of the patterns (`MARKET:code` or `MARKET:*`) covers the instrument."""
    whole_market = f"{wanted.partition(':')[0]}:*"
    return wanted in patterns or whole_market in patterns


def served_by(feeds: Iterable[FeedSettings]) -> dict[str, tuple[str, ...]]:
    """Return what each feed serves, in the order of the file."""
    return {feed.name: _patterns(feed) for feed in feeds}


def _patterns(feed: FeedSettings) -> tuple[str, ...]:
    if feed.kind in WHOLE_MARKETS:
        return (WHOLE_MARKETS[feed.kind],)
    if feed.instruments or feed.dialect not in WHOLE_MARKETS:
        return tuple(feed.instruments)
    return (WHOLE_MARKETS[feed.dialect],)
