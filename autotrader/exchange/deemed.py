"""The price of an order that carries none (market-rules 2.1, V: KRX business regulations), from the book at receipt.

Best bid and ask are those of ordinary orders: neither midpoint nor market orders. All prices are keys of the scale.
"""

from autotrader.exchange.book import Book
from autotrader.exchange.scale import Scale
from autotrader.exchange.tape import Tape


def best_limit(book: Book, tape: Tape, scale: Scale, *, buys: bool) -> int | None:
    """Return the opposite side's best price, which a best limit order keeps.

    Without one: a step better than the own side's best, not beyond the daily limit; without that too the previous price.
    """
    opposite, own = book.side(buys=not buys).quote(), book.side(buys=buys).quote()
    if opposite is not None:
        return opposite
    if own is not None:
        return scale.up(own) if buys else scale.down(own)
    return _previous(tape, scale, buys=buys)


def priority_limit(book: Book, tape: Tape, scale: Scale, *, buys: bool) -> int | None:
    """Return the own side's best price, which a priority limit order keeps; without one the previous price."""
    own = book.side(buys=buys).quote()
    return _previous(tape, scale, buys=buys) if own is None else own


def _previous(tape: Tape, scale: Scale, *, buys: bool) -> int | None:
    """Return the previous price; one off the step (a midpoint trade's) gives way to the next that is no better for others."""
    key = tape.previous
    if key is None or scale.on_grid(key):
        return key
    return scale.down(key) if buys else scale.up(key)


def market(book: Book, tape: Tape, scale: Scale, *, buys: bool, against: int | None = None) -> int | None:
    """Return what a market order that waits trades at.

    A sell: the lowest of a step under the best ask, the lowest bid and the previous price; a buy mirrored. In continuous
    trading the only bid that a waiting market sell can meet is the incoming one (`against`, None for a market order).
    """
    own, previous = book.side(buys=buys).quote(), tape.previous
    stepped = None if own is None else scale.up(own) if buys else scale.down(own)
    known = [price for price in (stepped, against, previous) if price is not None]
    if not known:
        return None
    return max(known) if buys else min(known)


def midpoint(book: Book, unit: int) -> int | None:
    """Return the mean of the best quotes, fractions of a whole unit of the currency cut; None while one side has no quote."""
    bid, ask = book.bids.quote(), book.asks.quote()
    return None if bid is None or ask is None else (bid + ask) // (2 * unit) * unit
