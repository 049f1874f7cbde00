"""What a venue refuses, and how it says so. Each check returns the refusal's code with its parameters, None when all is well."""

from decimal import Decimal

from autotrader.domain.money import text
from autotrader.domain.rule import PRICED, OrderType, Side, TimeInForce
from autotrader.exchange.orders import Order
from autotrader.exchange.scale import Scale
from autotrader.markets.orders import kind_of
from autotrader.markets.profile import Instrument
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick

Fault = tuple[str, dict[str, str]]

MOST = Decimal(10) ** 15
"""Quantities stay far below what sums of them could not hold exactly."""

NARROWED: dict[str, frozenset[str]] = {
    # Market-rules 2.2 (V): ELW, rights and beneficiary certificates take limit orders only, KONEX limit and market only, issues
    # that trade only by single price neither conditional, best, priority, midpoint nor stop orders.
    "elw": frozenset({"limit", "limit_ioc", "limit_fok", "close_price"}),
    "konex": frozenset({"limit", "market"}),
    "single_price": frozenset({"limit", "market", "close_price"}),
}
"""Kinds of issue that take fewer kinds of order than their session does."""


def size_fault(quantity: Decimal, lot: Decimal) -> Fault | None:
    """Check a quantity."""
    if quantity.is_finite() and 0 < quantity < MOST and not quantity % lot:
        return None
    return "exchange.quantity", {"quantity": str(quantity), "lot": text(lot)}


def kind_fault(type: OrderType, tif: TimeInForce, takes: frozenset[str], session: str, instrument: Instrument) -> Fault | None:
    """Check whether the session, and the issue, take such an order."""
    kind = kind_of(type, tif)
    if kind not in takes:
        return "exchange.inadmissible", {"kind": kind, "session": session, "kinds": ", ".join(sorted(takes)) or "none"}
    narrowed = NARROWED.get(instrument.kind)
    if narrowed is not None and kind not in narrowed:
        return "exchange.inadmissible_issue", {"kind": kind, "issue": instrument.kind, "kinds": ", ".join(sorted(narrowed & takes))}
    return None


def price_fault(price: Decimal, scale: Scale) -> Fault | None:
    """Check a price: positive, on the step, inside the daily limits. A good one is remembered as sendable."""
    if not price.is_finite() or price <= 0 or price >= MOST:
        return "exchange.price", {"price": str(price)}
    key = scale.key(price) if scale.whole(price) else None
    if key is None or not scale.on_grid(key):
        below, above = floor_to_tick(scale.ladder, price), ceil_to_tick(scale.ladder, price)
        return "exchange.tick", {"price": text(price), "below": text(below), "above": text(above)}
    if scale.limits is not None and not scale.lower <= key <= scale.upper:
        return "exchange.limits", {"price": text(price), "lower": text(scale.limits.lower), "upper": text(scale.limits.upper)}
    scale.remember(price, key)
    return None


def prices_fault(new: Order, scale: Scale) -> Fault | None:
    """Check the prices of an order, as far as its type has any."""
    if new.type not in PRICED:
        return None
    if new.price is None:
        return "exchange.no_price", {"kind": new.type.value}
    fault = price_fault(new.price, scale)
    if fault is None and new.type is OrderType.STOP_LIMIT:
        return _stop_fault(new, new.price, scale)
    if fault is None and new.type is OrderType.CONDITIONAL:
        return _conditional_fault(new, scale)
    return fault


STOP_FAULTS = {Side.BUY: "exchange.stop_buy", Side.SELL: "exchange.stop_sell"}


def _stop_fault(new: Order, limit: Decimal, scale: Scale) -> Fault | None:
    """Check a stop: a sell's is at or over its limit, a buy's at or under it (market-rules 5)."""
    if new.stop is None:
        return "exchange.no_stop", {}
    fault = price_fault(new.stop, scale)
    if fault is None and (new.stop > limit if new.side is Side.BUY else new.stop < limit):
        return STOP_FAULTS[new.side], {"level": text(new.stop), "limit_price": text(limit)}
    return fault


def _conditional_fault(new: Order, scale: Scale) -> Fault | None:
    """Check that a conditional limit order is not at the daily limit in its own favour (market-rules 2.2)."""
    own = scale.upper if new.side is Side.BUY else scale.lower
    if scale.limits is not None and new.price is not None and scale.known[new.price] == own:
        return "exchange.conditional_at_limit", {"price": text(new.price)}
    return None
