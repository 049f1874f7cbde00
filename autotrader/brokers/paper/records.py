"""What a paper account keeps: the whole of it to start from, and what one step changed, to be written as one."""

from decimal import Decimal
from enum import Enum

from msgspec import Struct

from autotrader.domain.money import ZERO
from autotrader.domain.order import BrokerOrder, Cost, Execution, OrderId, OutcomeKind
from autotrader.domain.settings import AccountSettings
from autotrader.domain.tick import InstrumentId


class Answer(Struct, frozen=True):
    """What was answered to a client id the first time."""

    client_id: str
    kind: OutcomeKind
    order_id: str
    detail: str
    inadmissible: bool = False


class Stage(str, Enum):
    """Where an order fills, and how far it has come there. All but the first are orders at a simulated exchange."""

    PRINTS = "prints"
    """It fills here, from the prints and quotes that are shown."""
    ENTERING = "entering"
    """It goes to the exchange; whether it arrived is not known."""
    ENTERED = "entered"
    """The exchange has taken it."""
    LEAVING = "leaving"
    """The exchange has taken it and was asked to cancel it."""
    NEVER = "never"
    """It did not get there, or was refused: no ledger shows it."""


class KeptOrder(Struct, frozen=True):
    """An order, numbered in the order of acceptance, with what its filling from the tape needs (`tape.py`).

    `stop` is a native stop-limit's and gone once it is active. `resting` once it is known to rest in the book; `quoted`
    once a quote has told its place there, with `ahead` (None: nobody knows how much) queued before it. `least` and `most`
    bound what may have filled in truth. `turn` is when a conditional order becomes a market order, or the auction of an
    order for one; `ends` when the venue ends it. Both ns, 0 where the market's time is not known.
    """

    number: int
    order: BrokerOrder
    resting: bool = False
    stage: Stage = Stage.PRINTS
    stop: Decimal | None = None
    quoted: bool = False
    ahead: Decimal | None = ZERO
    least: Decimal = ZERO
    most: Decimal = ZERO
    turn: int = 0
    ends: int = 0


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
