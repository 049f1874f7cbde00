"""What a rule or a leg sends, from the text of its `order` and back: a kind in a word, or a price under the name of its kind.

`order: market`, `order: best_ioc`, `order: {limit: 70000}`, `order: {limit: 70000, tif: ioc}`, `order: {limit: bid - 2 ticks}`.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from autotrader.config import values
from autotrader.config.mistakes import Findings, Path
from autotrader.domain.money import text
from autotrader.domain.rule import OrderSpec, OrderType, Peg, PegTo, TimeInForce
from autotrader.engine.coherence import takes_time_in_force
from autotrader.errors import UserMistake
from autotrader.markets.orders import kind_of, type_and_tif

WORDS = (
    *("market", "market_ioc", "market_fok", "best", "best_ioc", "best_fok"),
    *("priority", "midpoint", "close_price", "moo", "moc"),
)
"""Kinds that find their price themselves."""
PRICE_KEYS = ("limit", "conditional", "loo", "loc")
"""Kinds with the owner's price, or (`limit`) one of the moment.

The exchange's own stop-limit is not among them: the daemon watches a stop itself."""
KINDS = ("limit", "limit_ioc", "limit_fok", *WORDS, "conditional", "loo", "loc")
"""All that a rule can send, as one word each."""
TIF = "tif"
PEGS = tuple(to.value for to in PegTo)
_ORDERS = {word: OrderSpec(order_type, tif=tif) for word in WORDS for order_type, tif in [type_and_tif(word)]}
_PEG = re.compile(r"([a-z]+)(?: ?([+-]) ?(.+))?")


def read_order(written: object, findings: Findings, path: Path = ("order",)) -> OrderSpec:
    """Return what is sent, or note what is wrong with it and return the usual order."""
    if isinstance(written, Mapping):
        return _priced(written, findings, path)
    return findings.read(_kind, written, *path) or OrderSpec()


def order_field(order: OrderSpec) -> str | dict[str, str]:
    """Return the text of an order as its owner would write it."""
    price = peg_text(order.peg) if order.peg is not None else text(order.limit) if order.limit is not None else ""
    if not price:
        return kind_of(order.type, order.tif)
    fields = {order.type.value: price}
    return fields if order.tif is TimeInForce.DAY else fields | {TIF: order.tif.value}


def peg_text(peg: Peg) -> str:
    """Return a price of the moment as it is written: `last`, `bid - 2 ticks`."""
    if not peg.ticks:
        return peg.to.value
    return f"{peg.to.value} {'-' if peg.ticks < 0 else '+'} {abs(peg.ticks)} tick{'s' if abs(peg.ticks) > 1 else ''}"


def _kind(word: str) -> OrderSpec:
    """Return the order of a word, or say why there is none."""
    if word in _ORDERS:
        return _ORDERS[word]
    if word.startswith("stop_limit"):
        raise UserMistake("config.order_stop_limit")
    key = word.partition("_")[0]
    if key in PRICE_KEYS:
        raise UserMistake("config.order_needs_price", kind=word[:60], key=key)
    raise UserMistake("config.order_unknown", text=word[:60], perhaps=values.perhaps(word, [*WORDS, *PRICE_KEYS]), known=", ".join(WORDS))


def _priced(written: Mapping[str, Any], findings: Findings, path: Path) -> OrderSpec:
    """Return the order of a mapping: exactly one price, and perhaps what becomes of the rest."""
    prices = [key for key in written if key in PRICE_KEYS]
    for key in written:
        if key not in (*PRICE_KEYS, TIF) and not findings.full:
            _refuse_key(key, findings, path)
    for key in prices[1:]:
        findings.note(*path, key, code="config.order_two_prices", at_key=True, key=key, first=prices[0])
    if not prices:
        if all(key == TIF for key in written):
            findings.note(*path, code="config.order")
        return OrderSpec()
    order_type = OrderType(prices[0])
    price = findings.read(partial(_price, order_type), written[order_type.value], *path, order_type.value)
    tif = _tif(written, order_type, findings, path)
    return OrderSpec(order_type, None, tif, price) if isinstance(price, Peg) else OrderSpec(order_type, price, tif)


def _price(order_type: OrderType, text: str) -> Decimal | Peg:
    """Return the owner's price, or the one of the moment that it is measured from."""
    word = text.partition(" ")[0]
    if word not in PEGS and not values.is_ticks(text):
        return values.positive(text)
    if order_type is not OrderType.LIMIT:
        raise UserMistake("config.peg_of_kind", text=text[:60], kind=order_type.value)
    return _peg(text)


def _peg(text: str) -> Peg:
    """Return a price of the moment, so many ticks over or under it."""
    found = _PEG.fullmatch(text)
    if found is None or found[1] not in PEGS:
        raise UserMistake("config.peg", text=text[:60])
    to, sign, count = found.groups()
    if count is None:
        return Peg(PegTo(to))
    if not values.is_ticks(count) or count.startswith(("+", "-")):
        raise UserMistake("config.peg", text=text[:60])
    ticks = values.ticks(count)
    return Peg(PegTo(to), -ticks if sign == "-" else ticks)


def _refuse_key(key: str, findings: Findings, path: Path) -> None:
    """Say that a key does not belong in an order, and how its kind is written where it is one."""
    if key == "stop_limit":
        findings.note(*path, key, code="config.order_stop_limit", at_key=True)
    elif key in WORDS:
        findings.note(*path, key, code="config.order_no_price", at_key=True, kind=key)
    else:
        findings.note(*path, key, code="config.order_key", at_key=True, key=key[:60])


def _tif(written: Mapping[str, Any], order_type: OrderType, findings: Findings, path: Path) -> TimeInForce:
    if TIF not in written:
        return TimeInForce.DAY
    tif = findings.read(partial(values.one_of, TimeInForce), written[TIF], *path, TIF) or TimeInForce.DAY
    if not takes_time_in_force(OrderSpec(order_type, tif=tif)):
        findings.note(*path, TIF, code="config.order_tif", kind=order_type.value, tif=tif.value)
    return tif
