"""How a print or a quote of the tape meets a paper order. Pure: an order goes in, and comes out with what it fills.

An order fills from prints shown after its acceptance, for at most their size, never better than the print. An order that
takes gets the worse of the print and the opposite quote. One that rests fills at its limit, since a print through the limit
would have traded with it there first.

How much of the print *at* a limit was ours, the tape does not tell. Where a quote has shown what stood before us, that goes
first: the size displayed at the price, or, deeper in the book than the quote shows, everything that prints there. Without a
quote the print fills (semantics 2.15, "Paper fills"). Either way `least` and `most` keep what it may have been in truth.
"""

from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from autotrader.brokers.paper.costs import floor_to_lot
from autotrader.brokers.paper.records import KeptOrder
from autotrader.domain.money import ZERO, exact
from autotrader.domain.rule import OrderType, Side, TimeInForce
from autotrader.domain.tick import Flag, Quote, Tick

AUCTIONS = frozenset({OrderType.MOO, OrderType.LOO, OrderType.MOC, OrderType.LOC})
_UNPRICED = frozenset({OrderType.MARKET, OrderType.MOO, OrderType.MOC})
_FOLLOWS_QUOTES = frozenset({OrderType.BEST, OrderType.PRIORITY})


class Meeting(NamedTuple):
    """What came of it: the order but for its fill, the fill, and the code of the reason why the rest ends, if it does."""

    row: KeptOrder
    price: Decimal = ZERO
    quantity: Decimal = ZERO
    over: str = ""


class Sides(NamedTuple):
    """A quote as one side sees it."""

    own: Decimal | None
    own_size: Decimal | None
    opposite: Decimal | None
    opposite_size: Decimal | None


class Sight(NamedTuple):
    """What an order sees: a price with so much left of its size, at a time, in an auction or not, and the newest quote."""

    price: Decimal
    left: Decimal
    time: int
    auction: bool
    quote: Quote | None
    lot: Decimal


def join(row: KeptOrder, quote: Quote) -> KeptOrder:
    """Return an order with its place in the book as its first quote tells: it takes, or rests behind what is displayed."""
    if row.quoted or row.stop is not None or row.order.type in AUCTIONS:
        return row
    seen = _sides(row.order.side, quote)
    row = _priced(row, seen.opposite if row.order.type is OrderType.BEST else seen.own)
    limit = row.order.price
    if limit is None:
        return row
    if seen.opposite is not None and _beyond(row.order.side, limit, seen.opposite) >= 0 and not row.resting:
        return replace(row, quoted=True)
    return replace(row, quoted=True, resting=True, ahead=_ahead(row.order.side, limit, seen))


def on_print(row: KeptOrder, tick: Tick, left: Decimal, quote: Quote | None, lot: Decimal) -> Meeting:
    """Return what a print, of whose size so much is left, does to an order. `quote` is the newest, if one is known."""
    if row.ends and tick.time >= row.ends:
        return Meeting(row, over="paper.session_over")
    if row.stop is not None:
        return Meeting(_woken(row, tick.price))
    auction = bool(tick.flags & Flag.AUCTION)
    if row.order.type in AUCTIONS and (not auction or tick.time < row.turn):
        return Meeting(row)
    row = _priced(row if quote is None else join(row, quote), tick.price)
    return _met(row, Sight(tick.price, left, tick.time, auction, quote, lot))


def on_quote(row: KeptOrder, quote: Quote, lot: Decimal) -> Meeting:
    """Return what a quote does to an order: it tells its place, and decides one that fills at once or not at all."""
    if row.ends and quote.time >= row.ends:
        return Meeting(row, over="paper.session_over")
    row = join(row, quote)
    if row.order.tif is TimeInForce.DAY or row.stop is not None:
        return Meeting(row)
    seen = _sides(row.order.side, quote)
    limit = _limit(row, quote, quote.time)
    reached = seen.opposite is not None and (limit is None or _beyond(row.order.side, limit, seen.opposite) >= 0)
    if seen.opposite is None or not reached:
        return _decided(Meeting(row))
    wanted = _in_lots(min(_rest(row), seen.opposite_size or ZERO), lot)
    return _decided(Meeting(_counted(row, wanted, wanted), seen.opposite, wanted))


def _met(row: KeptOrder, sight: Sight) -> Meeting:
    """Return what a print does to an order that is awake and priced."""
    limit = _limit(row, sight.quote, sight.time)
    if limit is None and row.order.type is OrderType.MIDPOINT:
        return Meeting(row)
    beyond = None if limit is None else _beyond(row.order.side, limit, sight.price)
    if beyond is not None and beyond < 0:
        return _decided(Meeting(row if row.resting else replace(row, resting=True)))
    if row.order.type is OrderType.PRIORITY and not row.resting:
        return Meeting(replace(row, resting=True))  # this print has fixed its price; the next ones are its first
    if beyond == 0 and (row.resting or not row.quoted):
        return _decided(_at_the_limit(row, sight))
    return _decided(_through(row, sight, limit))


def _through(row: KeptOrder, sight: Sight, limit: Decimal | None) -> Meeting:
    """Fill what a print through the limit, or one that a taking order meets, fills for certain."""
    price, displayed = _price(row, sight, limit)
    room = sight.left if displayed is None else min(sight.left, displayed)
    wanted = _in_lots(min(_rest(row), room), sight.lot)
    return Meeting(_counted(replace(row, ahead=ZERO), wanted, _in_lots(sight.left, sight.lot)), price, wanted)


def _at_the_limit(row: KeptOrder, sight: Sight) -> Meeting:
    """Fill what a print exactly at the limit leaves for an order behind what is queued before it."""
    front = _in_lots(min(_rest(row), sight.left), sight.lot)
    before = sight.left if row.ahead is None else min(row.ahead, sight.left)
    with exact():
        behind = _in_lots(min(_rest(row), sight.left - before), sight.lot)
        ahead = None if row.ahead is None else row.ahead - before
    certain = behind if row.quoted else ZERO
    return Meeting(replace(_counted(row, certain, max(front, behind)), ahead=ahead), sight.price, behind)


def _counted(row: KeptOrder, least: Decimal, most: Decimal) -> KeptOrder:
    """Return an order with what it surely and what it possibly filled counted, neither beyond its quantity."""
    with exact():
        return replace(row, least=min(row.order.quantity, row.least + least), most=min(row.order.quantity, row.most + most))


def _decided(met: Meeting) -> Meeting:
    """Return the end of an order that lives for one look only; others go on."""
    order = met.row.order
    if order.type in AUCTIONS:
        return met._replace(over="paper.auction_over")
    if order.tif is TimeInForce.IOC:
        return met._replace(over="paper.rest_cancelled")
    if order.tif is TimeInForce.FOK:
        whole = met.quantity == order.quantity
        return met if whole else Meeting(replace(met.row, least=ZERO, most=ZERO), over="paper.not_all_at_once")
    return met


def _price(row: KeptOrder, sight: Sight, limit: Decimal | None) -> tuple[Decimal, Decimal | None]:
    """Return the price that an order gets, and the size displayed there if it is a quote's.

    An auction has one price for all. An order that rests gets its limit; one that takes, the worse of print and quote.
    """
    if sight.auction:
        return sight.price, None
    if row.resting and limit is not None:
        return limit, None
    seen = _sides(row.order.side, sight.quote) if sight.quote is not None else Sides(None, None, None, None)
    if seen.opposite is None or _beyond(row.order.side, seen.opposite, sight.price) <= 0:
        return sight.price, None
    if limit is not None and _beyond(row.order.side, limit, seen.opposite) < 0:
        return limit, None  # the book went away from the order, and the print came to it
    return seen.opposite, seen.opposite_size


def _limit(row: KeptOrder, quote: Quote | None, time: int) -> Decimal | None:
    """Return the price beyond which an order does not trade now; None for any, and for a midpoint that is not known."""
    order = row.order
    if order.type in _UNPRICED or (order.type is OrderType.CONDITIONAL and row.turn and time >= row.turn):
        return None
    if order.type is OrderType.MIDPOINT:
        if quote is None or quote.bid is None or quote.ask is None:
            return None
        with exact():
            return (quote.bid + quote.ask) // 2  # the fraction of a won is cut (market-rules 4)
    return order.price


def _woken(row: KeptOrder, price: Decimal) -> KeptOrder:
    """Return a sleeping stop-limit order, awake if the print is at or through its stop; that print does not fill it."""
    assert row.stop is not None
    return replace(row, stop=None) if _beyond(row.order.side, price, row.stop) >= 0 else row


def _priced(row: KeptOrder, price: Decimal | None) -> KeptOrder:
    """Return a best or priority order with its price fixed at the first that it sees (its receipt, as far as is known)."""
    if price is None or row.order.price is not None or row.order.type not in _FOLLOWS_QUOTES:
        return row
    return replace(row, order=replace(row.order, price=price))


def _ahead(side: Side, limit: Decimal, seen: Sides) -> Decimal | None:
    """Return what is displayed before an order that joins the book: nothing at a new best price, unknown behind the best."""
    if seen.own is None:
        return ZERO
    beyond = _beyond(side, limit, seen.own)
    if beyond > 0:
        return ZERO
    return (seen.own_size or ZERO) if beyond == 0 else None


def _sides(side: Side, quote: Quote) -> Sides:
    bid, ask = (quote.bid, quote.bid_size), (quote.ask, quote.ask_size)
    return Sides(*bid, *ask) if side is Side.BUY else Sides(*ask, *bid)


def _beyond(side: Side, limit: Decimal, price: Decimal) -> Decimal:
    """Return by how much a price is better than a limit: zero at it, negative where it is not reached."""
    with exact():
        return limit - price if side is Side.BUY else price - limit


def _rest(row: KeptOrder) -> Decimal:
    with exact():
        return row.order.quantity - row.order.filled


def _in_lots(quantity: Decimal, lot: Decimal) -> Decimal:
    return floor_to_lot(quantity, lot)
