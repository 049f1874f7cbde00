"""What a rule sends, from the text of its `order` and back: a kind in a word, or a price under the name of its kind.

`order: market`, `order: best_ioc`, `order: {limit: 70000}`, `order: {limit: 70000, tif: ioc}`.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from autotrader.config import values
from autotrader.config.mistakes import Findings
from autotrader.domain.money import text
from autotrader.domain.rule import OrderSpec, OrderType, TimeInForce
from autotrader.errors import UserMistake
from autotrader.markets.orders import kind_of, type_and_tif

WORDS = (
    *("market", "market_ioc", "market_fok", "best", "best_ioc", "best_fok"),
    *("priority", "midpoint", "close_price", "moo", "moc"),
)
"""Kinds that find their price themselves."""
PRICE_KEYS = ("limit", "conditional", "loo", "loc")
"""Kinds with the owner's price. The exchange's own stop-limit is not among them: the daemon watches a stop itself."""
KINDS = ("limit", "limit_ioc", "limit_fok", *WORDS, "conditional", "loo", "loc")
"""All that a rule can send, as one word each."""
TIF = "tif"


def read_order(written: object, findings: Findings) -> OrderSpec:
    """Return what is sent, or note what is wrong with it and return the usual order."""
    if isinstance(written, Mapping):
        return _priced(written, findings)
    return findings.read(_kind, written, "order") or OrderSpec()


def order_field(order: OrderSpec) -> str | dict[str, str]:
    """Return the text of an order as its owner would write it."""
    if order.limit is None:
        return kind_of(order.type, order.tif)
    fields = {order.type.value: text(order.limit)}
    return fields if order.tif is TimeInForce.DAY else fields | {TIF: order.tif.value}


def _kind(word: str) -> OrderSpec:
    """Return the order of a word, or say why there is none."""
    if word in WORDS:
        order_type, tif = type_and_tif(word)
        return OrderSpec(order_type, tif=tif)
    if word.startswith("stop_limit"):
        raise UserMistake("config.order_stop_limit")
    key = word.partition("_")[0]
    if key in PRICE_KEYS:
        raise UserMistake("config.order_needs_price", kind=word[:60], key=key)
    raise UserMistake("config.order_unknown", text=word[:60], perhaps=values.perhaps(word, [*WORDS, *PRICE_KEYS]), known=", ".join(WORDS))


def _priced(written: Mapping[str, Any], findings: Findings) -> OrderSpec:
    """Return the order of a mapping: exactly one price, and perhaps what becomes of the rest."""
    prices = [key for key in written if key in PRICE_KEYS]
    for key in written:
        if key not in (*PRICE_KEYS, TIF) and not findings.full:
            _refuse_key(key, findings)
    for key in prices[1:]:
        findings.note("order", key, code="config.order_two_prices", at_key=True, key=key, first=prices[0])
    if not prices:
        if all(key == TIF for key in written):
            findings.note("order", code="config.order")
        return OrderSpec()
    order_type = OrderType(prices[0])
    limit = findings.read(values.positive, written[order_type.value], "order", order_type.value)
    return OrderSpec(order_type, limit, _tif(written, order_type, findings))


def _refuse_key(key: str, findings: Findings) -> None:
    """Say that a key does not belong in an order, and how its kind is written where it is one."""
    if key == "stop_limit":
        findings.note("order", key, code="config.order_stop_limit", at_key=True)
    elif key in WORDS:
        findings.note("order", key, code="config.order_no_price", at_key=True, kind=key)
    else:
        findings.note("order", key, code="config.order_key", at_key=True, key=key[:60])


def _tif(written: Mapping[str, Any], order_type: OrderType, findings: Findings) -> TimeInForce:
    if TIF not in written:
        return TimeInForce.DAY
    tif = findings.read(partial(values.one_of, TimeInForce), written[TIF], "order", TIF) or TimeInForce.DAY
    if tif is not TimeInForce.DAY and order_type is not OrderType.LIMIT:
        # market-rules 2.2: a conditional limit is not taken as IOC or FOK; the orders of US auctions live for their auction only.
        findings.note("order", TIF, code="config.order_tif", kind=order_type.value, tif=tif.value)
    return tif
