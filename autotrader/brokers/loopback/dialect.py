"""The rehearsal broker's language. Pure: an order goes to a body, an answer comes to what it proves.

Only a 201 with a number is an acceptance, only a name in the lists below is a refusal; all else proves nothing.
"""

from decimal import Decimal

import msgspec
from msgspec import Struct

from autotrader.domain.money import text
from autotrader.domain.order import (
    Balance,
    BrokerOrder,
    Execution,
    Holding,
    IntentId,
    OrderId,
    OrderRequest,
    OrderStatus,
    OutcomeKind,
    Statement,
)
from autotrader.domain.rule import OrderType, Side
from autotrader.domain.tick import InstrumentId
from autotrader.engine.events import Outcome, Withdrawn
from autotrader.messages import say

REFUSALS = frozenset(
    {"insufficient_holdings", "insufficient_cash", "unknown_instrument", "invalid_quantity", "invalid_price", "refused_by_script"}
)
"""Error names that prove that the order does not exist."""

WITHDRAW_REFUSALS = frozenset({"no_such_order", "already_ended"})
"""Error names that prove that nothing was cancelled."""


class PlaceBody(Struct, frozen=True):
    """An order as it is posted."""

    instrument: str
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None


class Numbered(Struct, frozen=True):
    order_id: str


class Fault(Struct, frozen=True):
    name: str
    message: str = ""


class Faulty(Struct, frozen=True):
    error: Fault


class ShownExecution(Struct, frozen=True):
    execution_id: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    time: int


class ShownOrder(Struct, frozen=True):
    """An order as the ledger shows it."""

    order_id: str
    instrument: str
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None
    status: OrderStatus
    currency: str = ""
    filled: Decimal = Decimal(0)
    executions: tuple[ShownExecution, ...] = ()

    @property
    def rest(self) -> Decimal:
        """Return what is not executed."""
        return self.quantity - self.filled


class Ledger(Struct, frozen=True):
    orders: tuple[ShownOrder, ...]


class ShownHolding(Struct, frozen=True):
    instrument: str
    quantity: Decimal
    sellable: Decimal
    cost: Decimal | None


class ShownBalance(Struct, frozen=True):
    currency: str
    total: Decimal
    free: Decimal


class ShownStatement(Struct, frozen=True):
    holdings: tuple[ShownHolding, ...]
    balances: tuple[ShownBalance, ...]


def encode(request: OrderRequest) -> bytes:
    """Return the body of an order: numbers as exact plain text."""
    body = {
        "instrument": request.instrument,
        "side": request.side.value,
        "type": request.type.value,
        "quantity": text(request.quantity),
        "price": text(request.price) if request.type is OrderType.LIMIT and request.price is not None else None,
    }
    return msgspec.json.encode(body)


def outcome_of(request: OrderRequest, status: int, body: bytes) -> Outcome:
    """Return what the answer to a placement proves."""
    number = _number(body) if status == 201 else ""
    if number:
        return Outcome(request.intent, request.attempt, OutcomeKind.ACCEPTED, order_id=number)
    kind, detail = _verdict(status, body, REFUSALS)
    return Outcome(request.intent, request.attempt, kind, detail=detail)


def withdrawn_of(intent: IntentId, status: int, body: bytes) -> Withdrawn:
    """Return what the answer to a cancel request proves."""
    if status == 200 and _number(body):
        return Withdrawn(intent, OutcomeKind.ACCEPTED)
    kind, detail = _verdict(status, body, WITHDRAW_REFUSALS)
    return Withdrawn(intent, kind, detail)


def orders_of(body: bytes) -> tuple[BrokerOrder, ...]:
    """Return the ledger; raises msgspec.DecodeError when it is none."""
    return tuple(_order(shown) for shown in msgspec.json.decode(body, type=Ledger).orders)


def statement_of(body: bytes) -> Statement:
    """Return the statement; raises msgspec.DecodeError when it is none."""
    shown = msgspec.json.decode(body, type=ShownStatement)
    return Statement(
        tuple(Holding(InstrumentId(h.instrument), h.quantity, h.sellable, h.cost) for h in shown.holdings),
        tuple(Balance(b.currency, b.total, b.free) for b in shown.balances),
    )


def said(code: str, **params: object) -> str:
    """Return `code: sentence`, so that a script can match what a person reads."""
    return f"{code}: {say(code, params)}"


def _number(body: bytes) -> str:
    """Return the order number that an answer gives, or nothing."""
    try:
        return msgspec.json.decode(body, type=Numbered).order_id
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""


def _verdict(status: int, body: bytes, refusals: frozenset[str]) -> tuple[OutcomeKind, str]:
    try:
        error = msgspec.json.decode(body, type=Faulty).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return OutcomeKind.UNKNOWN, said("loopback.proves_nothing", status=status, said=ascii(body[:80]))
    if 400 <= status < 500 and error.name in refusals:
        return OutcomeKind.REFUSED, f"{error.name}: {error.message}"
    return OutcomeKind.UNKNOWN, said("loopback.proves_nothing", status=status, said=f"{error.name}: {error.message}")


def _order(shown: ShownOrder) -> BrokerOrder:
    executions = (Execution(e.execution_id, e.price, e.quantity, e.fee, e.time) for e in shown.executions)
    return BrokerOrder(
        order_id=OrderId(shown.order_id),
        client_id="",
        instrument=InstrumentId(shown.instrument),
        side=shown.side,
        type=shown.type,
        quantity=shown.quantity,
        price=shown.price,
        status=shown.status,
        filled=shown.filled,
        executions=tuple(executions),
    )
