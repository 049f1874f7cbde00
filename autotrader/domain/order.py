"""What the broker has and what it executed, and the four things that one sending can end in."""

from decimal import Decimal
from enum import Enum
from typing import NewType

from msgspec import Struct

from autotrader.domain.rule import AccountName, OrderType, Side, TimeInForce
from autotrader.domain.tick import InstrumentId

OrderId = NewType("OrderId", str)
"""The broker's own number."""

IntentId = NewType("IntentId", str)
"""Ours: `rule/leg/generation/number`. It also is the stem of the client order id."""


class OutcomeKind(str, Enum):
    """How one attempt ended (safety F7). Exactly one of these, and only proof makes it anything but unknown."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"


class OrderStatus(str, Enum):
    """What the broker says of an order."""

    WORKING = "working"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUSED = "refused"


ENDED = frozenset({OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.EXPIRED, OrderStatus.REFUSED})


class OrderRequest(Struct, frozen=True):
    """All that a broker needs to place an order, and all that is needed to recognise it later (safety F2).

    `venue` is where it goes (`KRX`, `NXT`, `SOR`), empty the instrument's own market; `stop` is a native stop-limit's.
    """

    intent: IntentId
    attempt: int
    client_id: str
    account: AccountName
    instrument: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None
    tif: TimeInForce = TimeInForce.DAY
    venue: str = ""
    stop: Decimal | None = None


class Execution(Struct, frozen=True):
    """One fill. `execution_id` is unique per account for ever, so a fill is applied once (safety U8).

    `fee` includes taxes, in the instrument's currency. `time` is ns since the epoch, the venue's.
    """

    execution_id: str
    price: Decimal
    quantity: Decimal
    fee: Decimal
    time: int


class FillRange(Struct, frozen=True):
    """How much of a simulated order may have filled where the tape does not tell: behind all that was queued, and before it."""

    least: Decimal
    most: Decimal


class BrokerOrder(Struct, frozen=True):
    """An order as the broker's ledger shows it. `client_id` is empty where the broker keeps none.

    `range` is set only by simulated fills, and only where the true quantity may be another than `filled`.
    """

    order_id: OrderId
    client_id: str
    instrument: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None
    status: OrderStatus
    filled: Decimal
    executions: tuple[Execution, ...] = ()
    reason: str = ""
    tif: TimeInForce = TimeInForce.DAY
    venue: str = ""
    range: FillRange | None = None


class Cost(Struct, frozen=True):
    """What was paid in all for a quantity. The average is a quotient and is never stored (semantics 2.15)."""

    total: Decimal
    quantity: Decimal


class Holding(Struct, frozen=True):
    """What an account holds of an instrument, as its broker tells it. `cost` is the total, None when unknown."""

    instrument: InstrumentId
    quantity: Decimal
    sellable: Decimal
    cost: Decimal | None


class Balance(Struct, frozen=True):
    """Cash of one currency: all of it, and what no open order has reserved."""

    currency: str
    total: Decimal
    free: Decimal


class Statement(Struct, frozen=True):
    """Everything an account holds at one moment; what is not listed is zero."""

    holdings: tuple[Holding, ...]
    balances: tuple[Balance, ...]
