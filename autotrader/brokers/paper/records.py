"""What a paper account keeps: the whole of it to start from, and what one step changed, to be written as one."""

from decimal import Decimal

from msgspec import Struct

from autotrader.domain.order import BrokerOrder, Cost, Execution, OrderId, OutcomeKind
from autotrader.domain.settings import AccountSettings
from autotrader.domain.tick import InstrumentId


class Answer(Struct, frozen=True):
    """What was answered to a client id the first time."""

    client_id: str
    kind: OutcomeKind
    order_id: str
    detail: str


class KeptOrder(Struct, frozen=True):
    """An order, numbered in the order of acceptance; `resting` once a print did not reach its limit."""

    number: int
    order: BrokerOrder
    resting: bool = False


class KeptExecution(Struct, frozen=True):
    number: int
    order_id: OrderId
    execution: Execution


class Account(Struct, frozen=True):
    """A whole account. `born` sets the order numbers of this account apart from those of one that was deleted."""

    name: str
    born: int
    cash: dict[str, Decimal]
    positions: dict[InstrumentId, Cost]
    orders: tuple[KeptOrder, ...] = ()
    executions: int = 0
    answers: tuple[Answer, ...] = ()


class Changes(Struct, frozen=True):
    """What is to be written. A position of quantity zero is one to delete."""

    orders: tuple[KeptOrder, ...] = ()
    executions: tuple[KeptExecution, ...] = ()
    answers: tuple[Answer, ...] = ()
    cash: dict[str, Decimal] = {}
    positions: dict[InstrumentId, Cost] = {}


def opening(settings: AccountSettings, born: int = 0) -> Account:
    """Return the account as its settings open it."""
    positions = {
        instrument: Cost(position.quantity * position.cost, position.quantity)
        for instrument, position in settings.positions.items()
        if position.quantity
    }
    return Account(settings.name, born, dict(settings.cash), positions)
