"""What the owner asked: a rule with one or more legs, each one trigger and one action.

Small frozen values with the numbers the user wrote. What a kind of trigger *means* is said once, in
`engine/triggers.py`. They are msgspec Structs so that the same value goes, without a second description, over the
control socket, into SQLite and out of the child process that reads the YAML.
"""

import re
from decimal import Decimal
from enum import Enum
from typing import NewType

from msgspec import Struct

from autotrader.domain.money import text
from autotrader.domain.tick import FeedName, InstrumentId

RuleId = NewType("RuleId", str)
AccountName = NewType("AccountName", str)
LegName = NewType("LegName", str)


NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What an id, an account, a leg or a tag may be called: what people type on a command line."""
MOST_DIGITS = 18
"""Before the point and after it: a product of three such numbers still is exact in 120 digits."""
MOST_TICKS = 10_000
"""They are walked one by one."""
MOST_LEGS = 20
MOST_TAGS = 10
MOST_TIMES = 1000
MOST_PRINTS = 100
LONGEST_NOTE = 500
LONGEST_SPAN = 10**18
"""Nanoseconds: thirty years, after which a moment still is one that the store can hold."""


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


class PartOf(str, Enum):
    """What a percentage of a quantity is a part of."""

    POSITION = "position"
    SELLABLE = "sellable"


class Part(Struct, frozen=True, tag="part", tag_field="kind"):
    """A part of the holding, worked out when the rule fires: `quantity: 50%`, `quantity: 50% of sellable`."""

    percent: Decimal
    of: PartOf = PartOf.POSITION


class Spend(Struct, frozen=True, tag="spend", tag_field="kind"):
    """Buy for so much money: `amount: 1000000` is the largest quantity whose order price does not come to more."""

    amount: Decimal


Quantity = Decimal | Part | Spend | None
"""How many: a number, a part of the holding, money to spend, or None for all that can be sold."""


def quantity_text(quantity: Quantity) -> str:
    """Return a quantity as people read it: `all`, `10`, `50%`, `50% of sellable`, `for 1000000`."""
    match quantity:
        case None:
            return "all"
        case Part(percent, of):
            return f"{text(percent)}%" if of is PartOf.POSITION else f"{text(percent)}% of sellable"
        case Spend(amount):
            return f"for {text(amount)}"
        case number:
            return text(number)


class Stop(Struct, frozen=True, tag="stop", tag_field="kind"):
    """Sell when a print is at or under the level."""

    level: Level


class Target(Struct, frozen=True, tag="target", tag_field="kind"):
    """Sell when a print is at or over the level."""

    level: Level


class Trail(Struct, frozen=True, tag="trail", tag_field="kind"):
    """Sell when a print is at or under the high-water mark less the distance. The mark starts at the activating print.

    `step`: the mark moves only by whole multiples of it (a percentage is one of the price at which the mark started).
    `start`: the mark starts there, or at the arm price where that is better; not together with `activate`.
    """

    distance: Distance
    activate: Level | None = None
    step: Distance | None = None
    start: Decimal | None = None


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
    step: Distance | None = None
    start: Decimal | None = None


class Preserve(Struct, frozen=True, tag="preserve", tag_field="kind"):
    """Keep a profit: once a print was at or over `arm`, sell when one is at or under `floor`. `arm` lies over `floor`."""

    arm: Level
    floor: Level


class TimeExit(Struct, frozen=True, tag="time_exit", tag_field="kind"):
    """Sell by the clock: at a market-local time (`15:15`) or one that moves with the day (`close-5m`, `open`)."""

    time: str


class At(Struct, frozen=True, tag="at", tag_field="kind"):
    """Buy by the clock (a reserved order): `open`, `09:30`, `close-5m`."""

    time: str


Trigger = Stop | Target | Trail | Preserve | TimeExit | Above | Below | Rebound | At


def trigger_kind(trigger: Trigger) -> str:
    """Return the word for a kind of trigger, which is also its key in the file: `stop`, `time_exit` …"""
    return str(trigger.__struct_config__.tag)


class Then(str, Enum):
    """What a leg that filled does to its siblings."""

    STOP_TO_BREAKEVEN = "stop_to_breakeven"
    """The stops of the rule move up to where a sale of the rest brings back its cost, fees and taxes included."""


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


class PegTo(str, Enum):
    """The price that a limit is measured from when the rule fires."""

    LAST = "last"
    BID = "bid"
    ASK = "ask"


class Peg(Struct, frozen=True):
    """A limit so many ticks over (or, negative, under) a price of the moment of firing: `{limit: bid - 2 ticks}`."""

    to: PegTo
    ticks: int = 0


class OrderSpec(Struct, frozen=True):
    """What is sent when a leg fires. `limit` is the owner's price, rounded to the tick by side when it is sent; `peg` stands
    in its place where the price is only known then."""

    type: OrderType = OrderType.MARKET
    limit: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY
    peg: Peg | None = None


class Leg(Struct, frozen=True):
    """One trigger of a rule and what it does. The name is what people and the store call it (`stop`, `target-2` …).

    `share` is the part of the rule's quantity that it sells, in percent; None: all that is left. `limit_offset` makes the
    order a limit so far beyond the level (under a sell stop, over a buy stop), fixed as it fires. `order` None: the rule's.
    """

    name: LegName
    trigger: Trigger
    share: Decimal | None = None
    limit_offset: Distance | None = None
    then: Then | None = None
    order: OrderSpec | None = None


class UnfilledAction(str, Enum):
    """What is done with the rest of an order that does not fill in time (semantics 2.11)."""

    KEEP = "keep"
    REPRICE = "reprice"
    MARKET = "market"
    CANCEL = "cancel"


class Unfilled(Struct, frozen=True):
    """How the rest of an order is chased. `after` ns without being filled; REPRICE moves the price `step_ticks` towards the
    market, at most `most` times, and does `final` then. Each step acts on the confirmed rest."""

    after: int
    action: UnfilledAction = UnfilledAction.KEEP
    step_ticks: int = 1
    most: int = 5
    final: UnfilledAction = UnfilledAction.KEEP


class Rearm(Struct, frozen=True):
    """Begin again after a fill, `most` times at most: not before `cooldown` ns have passed, and the price was `hysteresis`
    away from the level on its safe side."""

    most: int
    cooldown: int
    hysteresis: Distance


class Basis(str, Enum):
    """Which price counts (semantics 2.2)."""

    LAST = "last"
    BID = "bid"
    ASK = "ask"
    MID = "mid"
    LAST_OR_QUOTE = "last_or_quote"
    """The last print, and the quote at which the rule would trade: the bid of a sell, the ask of a buy."""
    DOUBLE_LAST = "double_last"
    """Two prints in a row."""


class Confirm(Struct, frozen=True):
    """How long a condition must hold before it counts: so many prints in a row, or for so many ns. One of them is 0."""

    prints: int = 0
    span: int = 0


class Within(Struct, frozen=True, tag="time", tag_field="kind"):
    """The clock of the market is inside a window: `10:00-close`."""

    window: str


class Change(Struct, frozen=True, tag="change", tag_field="kind"):
    """The instrument's price differs from the day's base price by at least (or, not `over`, by at most) so many percent, signed."""

    percent: Decimal
    over: bool


class Volume(Struct, frozen=True, tag="volume", tag_field="kind"):
    """At least so much of the instrument was traded on the day, as far as it was seen."""

    least: Decimal


class PriceOf(Struct, frozen=True, tag="price", tag_field="kind"):
    """The last price of an instrument (perhaps another one) is at or over, or at or under, a price."""

    instrument: InstrumentId
    price: Decimal
    over: bool


Condition = Within | Change | Volume | PriceOf
MOST_CONDITIONS = 6


class When(Struct, frozen=True):
    """Further conditions: a trigger that is met counts only while all (or, with `any_of`, one) of them hold."""

    conditions: tuple[Condition, ...]
    any_of: bool = False


class Action(str, Enum):
    """What a leg that is met does."""

    ORDER = "order"
    ALERT = "alert"
    """A person is told, nothing is sent."""


class OnPositionChange(str, Enum):
    """What an add-on buy does to levels that are rates of profit (semantics 2.8)."""

    FOLLOW = "follow"
    FREEZE = "freeze"
    """The cost of the arm moment stays."""


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


class Rule(Struct, frozen=True, omit_defaults=True):
    """What the owner asked, whole and valid. `quantity` None means `all` (sells: sellable minus what is reserved).

    `until` is as written: a date (`2026-12-31`) or a number of days (`90d`); empty means the market's cap.
    `cost_basis` is a fixed cost a unit in place of the broker's average; `net` counts fees and taxes into every rate of
    profit. `gap_guard` percent: a print farther than that beyond the level holds the rule (None: the default, 0: off).
    `exits` are the legs of a sell rule that begins with what an entry has bought. `shadow`: an order is decided and never sent.
    `already_met` None is the default of where the rule runs: `reject` in the daemon, `fire` in a replay.
    `sessions` are session ids of any venue (`nxt.pre`, `krx.after`); empty means the regular ones. `watch` is the venue
    whose prints count (`KRX`, `NXT`, `ALL`), `venue` the one that orders go to (`KRX`, `NXT`, `SOR`); empty is the
    instrument's own market. `on_inadmissible` None: `substitute` for sells, `fail` for buys. `window` is as written
    (`09:05-15:15`, `open+5m-close-5m`): outside it nothing fires, marks go on.

    What has its default is not written where rules are kept (a third of the bytes, for a hundred thousand of them), so a
    default never changes its meaning: a new meaning is a new key.
    """

    id: RuleId
    account: AccountName
    instrument: InstrumentId
    side: Side
    quantity: Quantity
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
    basis: Basis = Basis.LAST
    confirm: Confirm | None = None
    gap_guard: Decimal | None = None
    cost_basis: Decimal | None = None
    net: bool = False
    on_position_change: OnPositionChange = OnPositionChange.FOLLOW
    unfilled: Unfilled | None = None
    rearm: Rearm | None = None
    rearm_next_session: bool = False
    exits: tuple[Leg, ...] = ()
    when: When | None = None
    action: Action = Action.ORDER
    shadow: bool = False
    tags: tuple[str, ...] = ()


def leg_named(rule: Rule, name: str) -> Leg:
    """Return a leg of a rule by its name."""
    legs = rule.legs
    return legs[0] if legs[0].name == name else next(leg for leg in legs if leg.name == name)


def has_usual_name(leg: Leg) -> bool:
    """Tell whether a leg is called by its kind (and ordinal), and not by a name of its own: `stop`, `target-2`."""
    kind, _, ordinal = leg.name.rpartition("-")
    return leg.name == trigger_kind(leg.trigger) or (kind == trigger_kind(leg.trigger) and ordinal.isdecimal())


def order_of(rule: Rule, leg: Leg) -> OrderSpec:
    """Return what a leg sends: its own order, a limit beyond its level, or the order of its rule."""
    if leg.limit_offset is not None:
        return OrderSpec(OrderType.LIMIT)
    return leg.order or rule.order


class Template(Struct, frozen=True):
    """A rule that attaches to newly bought holdings (semantics 2.13). `rule` has the template's id and no instrument.

    `markets` and `instruments` (empty: any) and `excluded` choose the holdings, `least_value` by their total cost;
    `bought_by` is a tag: only what a rule with it has bought. `include_existing`: also holdings that are there already.
    """

    rule: Rule
    markets: tuple[str, ...] = ()
    instruments: tuple[InstrumentId, ...] = ()
    excluded: tuple[InstrumentId, ...] = ()
    least_value: Decimal | None = None
    bought_by: str = ""
    include_existing: bool = False
