"""Call auctions: one price for all that can trade, better prices first and at the price itself by time of receipt (market-rules 6).

The exception are simultaneous quotes in the strict sense: where an opening or a restart settles at a daily limit, quantity
and not time decides at that price.
"""

from collections.abc import Iterator
from decimal import Decimal

from autotrader.domain.tick import Flag
from autotrader.exchange.book import MARKET, BookSide
from autotrader.exchange.events import Auction, Event, Trade
from autotrader.exchange.matching import Matching
from autotrader.exchange.orders import Live
from autotrader.markets.auction import AuctionResult, allocate, auction_price

AUCTION_PRINT = int(Flag.AUCTION)

Share = tuple[Live, Decimal]


def result_of(matching: Matching) -> AuctionResult | None:
    """Return price and volume that the waiting orders would make, None when nothing trades."""
    scale, previous = matching.scale, matching.tape.previous
    return auction_price(
        _quotes(matching.book.asks),
        _quotes(matching.book.bids),
        None if previous is None else scale.price(previous),
        scale.ladder,
        limits=scale.limits,
    )


def match(matching: Matching, result: AuctionResult, lot: Decimal, at: int, *, simultaneous: bool) -> list[Event]:
    """Carry out a call: the Auction and its trades, which set the last price.

    `simultaneous`: it is an opening or a restart, where a daily limit price is shared by quantity.
    """
    scale, tape = matching.scale, matching.tape
    key = scale.key(result.price)
    by_size = simultaneous and scale.limits is not None and key in {scale.lower, scale.upper}
    buys = _shares(matching.book.bids, key, result.volume, lot if by_size else None)
    sells = _shares(matching.book.asks, key, result.volume, lot if by_size else None)
    events: list[Event] = [Auction(result.price, result.volume, at)]
    for buyer, seller, quantity in _pairs(buys, sells):
        tape.number += 1
        events.append(Trade(buyer.id, seller.id, result.price, quantity, at, tape.number, None, AUCTION_PRINT))
        matching.fill(buyer, quantity)
        matching.fill(seller, quantity)
    tape.key = tape.single = key
    return events


def _quotes(side: BookSide) -> Iterator[tuple[Decimal | None, Decimal]]:
    return ((None if order.type is MARKET else order.price, order.open) for order in side.orders())


def _shares(side: BookSide, key: int, volume: Decimal, lot: Decimal | None) -> list[Share]:
    """Return who trades how much of the volume, in order of priority; with a lot the orders at the price share by quantity."""
    shares: list[Share] = []
    for level in side.levels():
        waiting = list(level.living())
        if lot is not None and level.key == key:
            parts = allocate([order.open for order in waiting], volume, lot)
            return [*shares, *((order, part) for order, part in zip(waiting, parts, strict=True) if part)]
        for order in waiting:
            part = min(order.open, volume)
            if not part:
                return shares
            shares.append((order, part))
            volume -= part
    return shares


def _pairs(buys: list[Share], sells: list[Share]) -> list[tuple[Live, Live, Decimal]]:
    """Pair two lists of the same total."""
    pairs: list[tuple[Live, Live, Decimal]] = []
    sellers = iter(sells)
    seller, left = next(sellers)
    for buyer, wanted in buys:
        while wanted:
            if not left:
                seller, left = next(sellers)
            quantity = min(wanted, left)
            pairs.append((buyer, seller, quantity))
            wanted, left = wanted - quantity, left - quantity
    return pairs


def crossed(matching: Matching) -> bool:
    """Tell whether orders wait that could trade with each other."""
    bid, ask = matching.book.bids.top(), matching.book.asks.top()
    return bid is not None and ask is not None and bid.key >= ask.key
