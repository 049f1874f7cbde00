"""Best prices as venues send them, made sound: a side that nobody quotes is None, what cannot be is dropped."""

from decimal import Decimal

from msgspec.structs import replace

from autotrader.domain.money import ZERO
from autotrader.domain.tick import FeedName, Quote
from autotrader.engine.events import Dropped


def checked_quote(feed: FeedName, quote: Quote) -> Quote | Dropped:
    """Return the quote, or the word for one that cannot be: a number that is none or negative, or a bid over the ask."""
    for number in (quote.bid, quote.bid_size, quote.ask, quote.ask_size):
        if number is not None and not (number.is_finite() and number >= ZERO):
            return Dropped(feed, "wrong_quote", quote.instrument)
    bid, bid_size = _side(quote.bid, quote.bid_size)
    ask, ask_size = _side(quote.ask, quote.ask_size)
    if bid is not None and ask is not None and bid > ask:
        return Dropped(feed, "wrong_quote", quote.instrument)
    return replace(quote, bid=bid, bid_size=bid_size, ask=ask, ask_size=ask_size)


def _side(price: Decimal | None, size: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Return a side that somebody quotes, two Nones for one that is padded with zeros or left out."""
    return (price, size) if price and size else (None, None)
