"""Why a paper account refuses an order: the first reason that holds, as a code and its sentence."""

from decimal import Decimal

from autotrader.brokers.paper.costs import floor_to_lot
from autotrader.domain.money import text
from autotrader.domain.order import OrderRequest
from autotrader.domain.rule import PRICED, OrderType, Side
from autotrader.markets.profile import Instrument
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick
from autotrader.messages import say


def said(code: str, **params: object) -> str:
    """Return `code: sentence`, so that a script can match what a person reads."""
    return f"{code}: {say(code, params)}"


def _positive(value: Decimal) -> bool:
    return value.is_finite() and value > 0


def refusal_of_shape(request: OrderRequest, instrument: Instrument) -> str | None:
    """Return why the venue would not take such an order from anybody, or None."""
    if not _positive(request.quantity):
        return said("paper.not_positive", what="quantity", value=request.quantity)
    if floor_to_lot(request.quantity, instrument.lot) != request.quantity:
        return said("paper.not_whole_lots", quantity=text(request.quantity), instrument=instrument.id, lot=text(instrument.lot))
    if request.type not in PRICED:
        return None
    return _refusal_of_price(request.price, instrument) or _refusal_of_stop(request, instrument)


def _refusal_of_stop(request: OrderRequest, instrument: Instrument) -> str | None:
    """Return what is wrong with the stop of a native stop-limit order (market-rules 5: buy stop <= limit, sell stop >= limit)."""
    if request.type is not OrderType.STOP_LIMIT or request.price is None:
        return None
    if request.stop is None:
        return said("paper.no_stop_price")
    first, last = (request.stop, request.price) if request.side is Side.BUY else (request.price, request.stop)
    if first > last:
        return said("paper.stop_beyond_limit", side=request.side.value, stop=text(request.stop), limit=text(request.price))
    return _refusal_of_price(request.stop, instrument)


def _refusal_of_price(price: Decimal | None, instrument: Instrument) -> str | None:
    if price is None:
        return said("paper.no_limit_price")
    if not _positive(price):
        return said("paper.not_positive", what="price", value=price)
    below, above = floor_to_tick(instrument.ladder, price), ceil_to_tick(instrument.ladder, price)
    if below != above:
        return said("paper.off_tick", price=text(price), instrument=instrument.id, below=text(below), above=text(above))
    return None


def refusal_of_means(request: OrderRequest, instrument: Instrument, sellable: Decimal, free: Decimal | None, needed: Decimal) -> str | None:
    """Return why this account cannot do it, or None. `free` is None in a currency that the account does not have.

    A market buy has no price yet, so nothing can be reserved for it: it needs some cash, and takes what that pays for.
    """
    if request.side is Side.SELL:
        if request.quantity <= sellable:
            return None
        return said("paper.not_enough_sellable", quantity=text(request.quantity), instrument=instrument.id, sellable=text(sellable))
    if free is None:
        return said("paper.no_such_currency", currency=instrument.currency, instrument=instrument.id)
    if needed > free or not free > 0:
        return said("paper.not_enough_cash", needed=text(needed), currency=instrument.currency, free=text(free))
    return None
