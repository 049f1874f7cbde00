"""What the owner asked: a rule with one or more legs, each one trigger and one action.

Small frozen values with the numbers the user wrote. What a kind of trigger *means* is said once, in
`engine/triggers.py`. They are msgspec Structs so that the same value goes, without a second description, over the
control socket, into SQLite and out of the child process that reads the YAML.
"""

from decimal import Decimal
from enum import Enum
from typing import NewType

from msgspec import Struct

from autotrader.domain.tick import FeedName, InstrumentId

RuleId = NewType("RuleId", str)
AccountName = NewType("AccountName", str)
LegName = NewType("LegName", str)


class Side(str, Enum):
    BUY = "buy"
    SELL = "sell"


class Amount(Struct, frozen=True, tag="amount", tag_field="kind"):
    """A distance in money per unit: `trail: 1000`."""

    value: Decimal


class Percent(Struct, frozen=True, tag="percent", tag_field="kind"):
    """A distance in percent: `trail: 3%` is Percent(3)."""

    value: Decimal


class Ticks(Struct, frozen=True, tag="ticks", tag_field="kind"):
    """A distance in price steps of the venue, crossing bands one step at a time: `trail: 5 ticks`."""

    count: int


Distance = Amount | Percent | Ticks


class AtPrice(Struct, frozen=True, tag="price", tag_field="kind"):
    """A level that is a price."""

    price: Decimal


class ProfitRate(Struct, frozen=True, tag="profit_rate", tag_field="kind"):
    """A level that is a signed profit rate in percent on average cost: `stop: -5%` is ProfitRate(-5)."""

    percent: Decimal


class Base(str, Enum):
    """The named bases of a percentage. A base may also be a price."""

    ARM = "arm"
    PREVIOUS_CLOSE = "previous_close"


class OffBase(Struct, frozen=True, tag="off_base", tag_field="kind"):
    """A level at a signed distance from a base: `stop: 5%` with `base: arm` is OffBase(Percent(-5), ARM).

    A price as base is an AtPrice: two kinds of text in one union could not be told apart when a rule is read back.
    """

    offset: Percent | Ticks
    base: Base | AtPrice


Level = AtPrice | ProfitRate | OffBase


class Stop(Struct, frozen=True, tag="stop", tag_field="kind"):
    """Sell when a print is at or under the level."""

    level: Level


class Target(Struct, frozen=True, tag="target", tag_field="kind"):
    """Sell when a print is at or over the level."""

    level: Level


class Trail(Struct, frozen=True, tag="trail", tag_field="kind"):
    """Sell when a print is at or under the high-water mark less the distance. The mark starts at the activating print."""

    distance: Distance
    activate: Level | None = None


class Above(Struct, frozen=True, tag="above", tag_field="kind"):
    """Buy a breakout: when a print is at or over the level."""

    level: Level


class Below(Struct, frozen=True, tag="below", tag_field="kind"):
    """Buy a dip: when a print is at or under the level."""

    level: Level


class Rebound(Struct, frozen=True, tag="rebound", tag_field="kind"):
    """Buy when a print is at or over the low-water mark plus the distance: the mirror of Trail."""

    distance: Distance
    activate: Level | None = None


Trigger = Stop | Target | Trail | Above | Below | Rebound


class Leg(Struct, frozen=True):
    """One trigger of a rule. The name is what people and the store call it (`stop`, `trail`, `above` …)."""

    name: LegName
    trigger: Trigger


class OrderType(str, Enum):
    """How an order finds its price (market-rules 2). Which of them a venue takes, and when, is data: `markets/orders.py`."""

    MARKET = "market"
    LIMIT = "limit"
    CONDITIONAL = "conditional"
    """A limit order whose rest becomes a market order for the closing call (KRX)."""
    BEST = "best"
    """At the opposite side's best quote at receipt; the price is fixed then."""
    PRIORITY = "priority"
    """At the own side's best quote at receipt; the price is fixed then."""
    MIDPOINT = "midpoint"
    """Between the best quotes, following them."""
    STOP_LIMIT = "stop_limit"
    """A stop-limit order that sleeps at the exchange (the native one; our own stops are triggers)."""
    CLOSE_PRICE = "close_price"
    """At the close, in the off-hours sessions that trade at one fixed price."""
    MOO = "moo"
    LOO = "loo"
    MOC = "moc"
    LOC = "loc"


PRICED = frozenset({OrderType.LIMIT, OrderType.CONDITIONAL, OrderType.STOP_LIMIT, OrderType.LOO, OrderType.LOC})
"""Order types that carry the owner's price."""


class TimeInForce(str, Enum):
    """What becomes of the rest that is not filled at receipt."""

    DAY = "day"
    IOC = "ioc"
    """The rest is cancelled."""
    FOK = "fok"
    """All at receipt, or nothing."""


class OrderSpec(Struct, frozen=True):
    """What is sent when a leg fires. `limit` is the owner's price, rounded to the tick by side when it is sent."""

    type: OrderType = OrderType.MARKET
    limit: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY


class AfterClose(str, Enum):
    """What becomes of a condition that is met when no enabled session takes an order any more (semantics 2.7)."""

    RECHECK = "recheck"
    """Nothing is fired; the next session's first eligible print is judged afresh."""
    CARRY = "carry"
    """It fires, and the order waits for the next enabled session."""


class OnInadmissible(str, Enum):
    """What becomes of an order that the present session does not take as it is written (semantics 2.7)."""

    SUBSTITUTE = "substitute"
    """The order type that the substitution table names is sent instead."""
    WAIT = "wait"
    """Nothing is fired until a session takes the order as it is written, and the condition is met then."""
    FAIL = "fail"
    """The rule fires and fails, and says so."""


class OnHalt(str, Enum):
    """What becomes of an order that was decided but not sent when trading stopped (semantics 2.7)."""

    QUEUE = "queue"
    """It waits, and the first print after the restart must still meet the condition."""
    FAIL = "fail"
    """It is given up, and an alert says so."""


class AlreadyMet(str, Enum):
    """What happens when the condition is already true as the rule is armed (semantics 2.9)."""

    REJECT = "reject"
    FIRE = "fire"
    WAIT_CROSS = "wait_cross"


class OnRecovery(str, Enum):
    """What happens when the condition became true while nobody watched (semantics 2.9)."""

    FIRE = "fire"
    LIMIT = "limit"
    HOLD = "hold"


class Bind(str, Enum):
    """Whether a sell rule ends with the holding that it protects (semantics 2.15)."""

    HOLDING = "holding"
    NONE = "none"


class Origin(str, Enum):
    """Where a rule's text lives."""

    YAML = "yaml"
    CLI = "cli"


class Rule(Struct, frozen=True):
    """What the owner asked, whole and valid. `quantity` None means `all` (sells: sellable minus what is reserved).

    `until` is as written: a date (`2026-12-31`) or a number of days (`90d`); empty means the market's cap.
    `already_met` None is the default of where the rule runs: `reject` in the daemon, `fire` in a replay.
    `sessions` are session ids of any venue (`nxt.pre`, `krx.after`); empty means the regular ones. `watch` is the venue
    whose prints count (`KRX`, `NXT`, `ALL`), `venue` the one that orders go to (`KRX`, `NXT`, `SOR`); empty is the
    instrument's own market. `on_inadmissible` None: `substitute` for sells, `fail` for buys. `window` is as written
    (`09:05-15:15`, `open+5m-close-5m`): outside it nothing fires, marks go on.
    """

    id: RuleId
    account: AccountName
    instrument: InstrumentId
    side: Side
    quantity: Decimal | None
    legs: tuple[Leg, ...]
    order: OrderSpec = OrderSpec()
    until: str = ""
    already_met: AlreadyMet | None = None
    recovery: OnRecovery = OnRecovery.FIRE
    bind: Bind = Bind.HOLDING
    feed: FeedName | None = None
    note: str = ""
    sessions: tuple[str, ...] = ()
    watch: str = ""
    venue: str = ""
    after_close: AfterClose = AfterClose.RECHECK
    on_inadmissible: OnInadmissible | None = None
    on_halt: OnHalt = OnHalt.QUEUE
    window: str = ""
