"""What the engine keeps and the store persists: one record type a table, found again by its key.

A record is frozen; a change is a new record with the same key. Times are ns since the epoch UTC. A `Note` is a message
code with its parameters as text, so that every reason can be said to a person in either language.
"""

from decimal import Decimal
from enum import Enum
from typing import NewType

from msgspec import Struct

from autotrader.domain.money import ZERO
from autotrader.domain.order import Cost, IntentId, OrderId
from autotrader.domain.rule import AccountName, LegName, OrderType, Origin, Rule, RuleId, Side, Template, TimeInForce
from autotrader.domain.tick import InstrumentId

RequestId = NewType("RequestId", str)


class LegStatus(str, Enum):
    """The life of a rule's leg; the moves are in `lifecycle.py`."""

    WAITING = "waiting"
    WATCHING = "watching"
    PAUSED = "paused"
    FIRED = "fired"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"
    HELD = "held"


class IntentStatus(str, Enum):
    """The life of one decision to send; the moves are in `lifecycle.py`."""

    INTENT = "intent"
    SENDING = "sending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"
    WORKING = "working"
    PARTIAL = "partial"
    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    HELD = "held"


INTENT_ENDS = frozenset({IntentStatus.REFUSED, IntentStatus.FILLED, IntentStatus.CANCELLED, IntentStatus.EXPIRED})


class TradingState(str, Enum):
    """Whether an issue or a venue trades, on top of its hours (market-rules 3.3)."""

    OPEN = "open"
    VI = "vi"
    """A call of one issue after a volatility interruption."""
    HALT = "halt"
    """Nothing but cancels is taken: an issue's halt or a circuit breaker's first part."""
    RESTART = "restart"
    """The call by which trading starts again after a halt."""
    SUSPENDED = "suspended"
    """The issue does not trade at this venue for now (NXT volume cap)."""
    CLOSED = "closed"
    """The venue is over for the day: cancels are refused too (circuit breaker 3)."""


class Note(Struct, frozen=True):
    """A reason: a message code and its parameters."""

    code: str
    params: dict[str, str] = {}


class Print(Struct, frozen=True):
    """The part of a tick that explains a decision. `ordinal` is the row of a replayed file, 0 elsewhere."""

    price: Decimal
    time: int
    sequence: int = 0
    ordinal: int = 0


class RuleRecord(Struct, frozen=True):
    """Key: rule.id. `expires` is the last market-local day (ISO) of validity. `in_file` says the YAML still has it.

    `parent` is the template that attached it, or the entry whose exits these are. `lot` is the quantity that its legs share,
    known once the first of several has fired (None before), `left` what no order of the generation has taken of it.
    `repeats` counts how often it has begun again, `noticed` says that its owner knows that it ends soon.
    """

    rule: Rule
    version: int
    generation: int
    origin: Origin
    created: int
    changed: int
    expires: str
    in_file: bool = False
    parent: str = ""
    lot: Decimal | None = None
    left: Decimal | None = None
    repeats: int = 0
    noticed: bool = False


class LegRecord(Struct, frozen=True):
    """Key: (rule, leg). The newest generation only; shots keep the older ones.

    `armed` is the arm moment (0: not armed), `arm_price` the price it was judged by, `before_pause` what a resume
    returns to, `crossed` False while `wait_cross` waits for the safe side, `epoch` the holding it is bound to.
    `not_before` (ns) ends a cooldown, or is the moment of a leg that goes by the clock (the market's); `basis` is the cost
    that was frozen at arm; `breakeven`: a sibling has filled, and the stop stands where a sale brings back its cost;
    `gap_ok`: a person let it fire however far the price has gone, until it comes back to the safe side; `taken`: what earlier
    generations have traded of its share, when it goes on with what the close has left.
    """

    rule: RuleId
    leg: LegName
    generation: int
    status: LegStatus
    armed: int = 0
    arm_price: Decimal | None = None
    before_pause: LegStatus | None = None
    crossed: bool = True
    epoch: int | None = None
    reason: Note | None = None
    not_before: int = 0
    basis: Cost | None = None
    breakeven: bool = False
    gap_ok: bool = False
    taken: Decimal = ZERO


class Next(str, Enum):
    """What follows an order that the daemon itself asks to cancel, once the broker has confirmed its end."""

    NOTHING = ""
    REPRICE = "reprice"
    MARKET = "market"
    CANCEL = "cancel"
    """The shot ends unfilled."""
    YIELD = "yield"
    """A sibling that has fired takes the rest."""


class MarkRecord(Struct, frozen=True):
    """Key: (rule, leg). The trailing extreme, the print that made it, and the print that activated the leg.

    `peak` names the shared mark that it goes with (empty: its own); that one's row is then the newer word.
    """

    rule: RuleId
    leg: LegName
    generation: int
    price: Decimal
    time: int
    activated_price: Decimal
    activated_time: int
    peak: str = ""


class PeakRecord(Struct, frozen=True):
    """Key: name. A mark that several legs share: one row however many follow it."""

    name: str
    price: Decimal
    time: int


class ShotRecord(Struct, frozen=True):
    """Key: (rule, leg, generation), unique for ever (safety F1). Inserted once, never changed.

    `before` is the print before, `crossed` the one that fired, `level` the exact level as text, `down` the ns for which
    nobody watched when the fire is late.
    """

    rule: RuleId
    leg: LegName
    generation: int
    version: int
    at: int
    before: Print | None
    crossed: Print
    mark: Decimal | None
    level: str
    why: Note
    late: bool = False
    down: int = 0


class IntentRecord(Struct, frozen=True):
    """Key: id. The durable decision to send, with everything needed to recognise the order later (safety F2).

    `reserved` is shares for a sell and cash for a buy, given back as it fills or ends. `deadline` 0 means none. `venue` is
    where it goes (empty: the instrument's own market). `recheck`: trading stopped before it was sent, so the first print
    after the restart must still meet the condition. `withdrawn`: a person asked to cancel it, so nothing follows it.
    `next` is what follows when the daemon has asked to cancel it (`asked`, ns: when; 0: it has not), `steps` how often the
    price of this shot's order has been moved.
    """

    id: IntentId
    rule: RuleId
    leg: LegName
    generation: int
    number: int
    status: IntentStatus
    account: AccountName
    instrument: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None
    client_id: str
    created: int
    deadline: int
    reserved: Decimal
    sellable_seen: Decimal | None
    tick: Print
    urgency: int
    order_id: OrderId | None = None
    filled: Decimal = Decimal(0)
    attempts: int = 0
    retry_at: int = 0
    reason: Note | None = None
    tif: TimeInForce = TimeInForce.DAY
    venue: str = ""
    recheck: bool = False
    withdrawn: bool = False
    next: Next = Next.NOTHING
    asked: int = 0
    steps: int = 0

    @property
    def taken(self) -> Decimal:
        """What the order takes of its rule's quantity: all of it while it is open, what was filled once it has ended."""
        return self.filled if self.status in INTENT_ENDS else self.quantity


class AttemptRecord(Struct, frozen=True):
    """Key: (intent, number). One sending. `outcome` is empty until it is known, `detail` is the broker's own word."""

    intent: IntentId
    number: int
    at: int
    outcome: str = ""
    answered: int = 0
    order_id: str = ""
    detail: str = ""


class FillRecord(Struct, frozen=True):
    """Key: (account, execution_id): a fill is applied once. `intent` is None for an order that is not ours."""

    account: AccountName
    execution_id: str
    order_id: OrderId
    intent: IntentId | None
    instrument: InstrumentId
    side: Side
    price: Decimal
    quantity: Decimal
    fee: Decimal
    time: int


class PositionRecord(Struct, frozen=True):
    """Key: (account, instrument). `cost` is the total cost of the quantity, None when unknown. `epoch` counts returns to zero."""

    account: AccountName
    instrument: InstrumentId
    quantity: Decimal
    sellable: Decimal
    cost: Decimal | None
    epoch: int


class CashRecord(Struct, frozen=True):
    """Key: (account, currency)."""

    account: AccountName
    currency: str
    total: Decimal
    free: Decimal


class PriceRecord(Struct, frozen=True):
    """Key: instrument. The last eligible print, so that `list` has a price with the daemon down and order survives a restart.

    `previous_close` is the day's base price as the feed told it, `base_day` the market-local day (ISO) on which it did.
    `volume` is how much was seen to trade on `volume_day` (ISO), counted only for rules that ask for it.
    """

    instrument: InstrumentId
    price: Decimal
    time: int
    sequence: int
    feed: str
    previous_close: Decimal | None = None
    base_day: str = ""
    volume: Decimal = ZERO
    volume_day: str = ""


class TradingRecord(Struct, frozen=True):
    """Key: (venue, instrument); an empty instrument is the whole venue. The state of trading as last told."""

    venue: str
    instrument: str
    state: TradingState
    since: int
    until: int
    feed: str
    reason: str


class TemplateRecord(Struct, frozen=True):
    """Key: id, the template's rule id. `version` grows with its text; one that the file no longer has attaches nothing more."""

    id: RuleId
    template: Template
    version: int
    in_file: bool


class AccountRecord(Struct, frozen=True):
    """Key: account. When its holdings were first told: what was there then is not newly bought (semantics 2.13)."""

    account: AccountName
    since: int


class RequestRecord(Struct, frozen=True):
    """Key: id. The first answer to a command; a repeated request gets it again. `reply` is JSON text."""

    id: RequestId
    at: int
    reply: str


class JournalRow(Struct, frozen=True):
    """Append-only. What changed, when, who did it, why, on which evidence. `subject` is `rule/leg`, an intent, an account or `daemon`."""

    at: int
    subject: str
    before: str
    after: str
    note: Note
    by: str


class AlertRecord(Struct, frozen=True):
    """Append-only; the store numbers it. Shown until a person has seen it."""

    at: int
    subject: str
    note: Note


class Forget(Struct, frozen=True):
    """Delete the mark of a leg: an edit reset it, or a new generation starts without one."""

    rule: RuleId
    leg: LegName


Record = (
    RuleRecord
    | LegRecord
    | MarkRecord
    | PeakRecord
    | ShotRecord
    | IntentRecord
    | AttemptRecord
    | FillRecord
    | PositionRecord
    | CashRecord
    | PriceRecord
    | TradingRecord
    | TemplateRecord
    | AccountRecord
    | RequestRecord
    | JournalRow
    | AlertRecord
    | Forget
)


class Snapshot(Struct, frozen=True):
    """All that the engine starts from.

    Intents: every one that has not ended and the newest ended ones; fills: of those intents; requests: of the last day.
    """

    rules: tuple[RuleRecord, ...] = ()
    legs: tuple[LegRecord, ...] = ()
    marks: tuple[MarkRecord, ...] = ()
    peaks: tuple[PeakRecord, ...] = ()
    shots: tuple[ShotRecord, ...] = ()
    intents: tuple[IntentRecord, ...] = ()
    attempts: tuple[AttemptRecord, ...] = ()
    fills: tuple[FillRecord, ...] = ()
    positions: tuple[PositionRecord, ...] = ()
    cash: tuple[CashRecord, ...] = ()
    prices: tuple[PriceRecord, ...] = ()
    trading: tuple[TradingRecord, ...] = ()
    requests: tuple[RequestRecord, ...] = ()
    templates: tuple[TemplateRecord, ...] = ()
    accounts: tuple[AccountRecord, ...] = ()
    last_alive: int = 0
