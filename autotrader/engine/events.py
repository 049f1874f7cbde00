"""All that can come through the one inbox, besides a Tick (domain/tick.py). Tagged, so that a segment can be replayed."""

from decimal import Decimal
from enum import Enum

from msgspec import Struct

from autotrader.domain.order import BrokerOrder, IntentId, OutcomeKind, Statement
from autotrader.domain.rule import AccountName, LegName, Rule, RuleId, Template
from autotrader.domain.tick import FeedName, InstrumentId, Quote, Tick
from autotrader.engine.records import RequestId, TradingState


class LinkState(str, Enum):
    UP = "up"
    DOWN = "down"
    STALE = "stale"


class FeedClock(str, Enum):
    """Whose time a feed's prints carry: the real market's now, a simulated day's, or a recording's."""

    LIVE = "live"
    SIMULATED = "simulated"
    RECORDED = "recorded"


class Link(Struct, frozen=True, tag="link"):
    """A feed's link changed. `day` names the market day of a simulated or recorded feed: another one restarts its time order."""

    feed: FeedName
    state: LinkState
    reason: str = ""
    day: str = ""


class Reference(Struct, frozen=True, tag="reference"):
    """A feed told an instrument's previous close."""

    instrument: InstrumentId
    previous_close: Decimal


class Trading(Struct, frozen=True, tag="trading"):
    """A feed told that trading stopped, changed or goes on: of one issue, or of the whole venue when `instrument` is empty.

    `until` is when it is expected to end (ns, 0: not known); `reason` is the feed's own word.
    """

    feed: FeedName
    venue: str
    state: TradingState
    time: int
    instrument: str = ""
    until: int = 0
    reason: str = ""


class MarketTime(Struct, frozen=True, tag="market_time"):
    """A feed with a clock of its own told its time: hours go by though nothing trades."""

    feed: FeedName
    time: int


class Dropped(Struct, frozen=True, tag="dropped"):
    """A feed could not use what came: counted by reason (`wrong_price`, `unreadable`, `unknown_symbol` …)."""

    feed: FeedName
    reason: str
    instrument: str = ""
    count: int = 1


class Timer(Struct, frozen=True, tag="timer"):
    """The shell's heartbeat, a few times a second: marks are flushed, deadlines and validity are judged."""


class ClockStep(Struct, frozen=True, tag="clock_step"):
    """Wall time and the clock that never steps went apart by so many ns: somebody set our clock (safety T2)."""

    by: int


class Outcome(Struct, frozen=True, tag="outcome"):
    """How an attempt ended (safety F7). `detail` is the broker's own word, `order_id` set when accepted.

    `inadmissible` goes with a refusal: the venue does not take such an order in its present session or state, so another
    order type may be sent in its place.
    """

    intent: IntentId
    attempt: int
    kind: OutcomeKind
    order_id: str = ""
    detail: str = ""
    inadmissible: bool = False


class Withdrawn(Struct, frozen=True, tag="withdrawn"):
    """How a cancel request ended; the order's true state comes as a report."""

    intent: IntentId
    kind: OutcomeKind
    detail: str = ""


class Report(Struct, frozen=True, tag="report"):
    """The broker told the cumulative state of an order, with all its executions, and perhaps what is held after it."""

    account: AccountName
    order: BrokerOrder
    statement: Statement | None = None


class Stated(Struct, frozen=True, tag="stated"):
    """The broker told all that an account holds."""

    account: AccountName
    statement: Statement


class Recovered(Struct, frozen=True, tag="recovered"):
    """The account's complete ledger and statement were read: open intents can be resolved, then it is armed.

    `asked` is when the reading began (ns): what was sent later cannot be missed in it.
    """

    account: AccountName
    orders: tuple[BrokerOrder, ...]
    statement: Statement
    asked: int = 2**62


class Unreachable(Struct, frozen=True, tag="unreachable"):
    """An account's broker does not answer; nothing of it is armed until it does."""

    account: AccountName
    reason: str


class Plan(Struct, frozen=True, tag="plan"):
    """The rules and templates of the YAML file, whole and valid. `confirmed` lets a large change through (safety Y6);
    `dry` only answers what it would change."""

    rules: tuple[Rule, ...]
    confirmed: bool = False
    request: RequestId | None = None
    by: str = "file"
    templates: tuple[Template, ...] = ()
    dry: bool = False
    rules_missing: bool = False
    """The file has no `rules:` at all: its templates are taken, and rules that came from it before are not cancelled by that."""


class PlanRefused(Struct, frozen=True, tag="plan_refused"):
    """The file could not be taken: the last good set stays. `mistakes` are whole sentences with file, line and column."""

    mistakes: tuple[str, ...]
    request: RequestId | None = None


class Add(Struct, frozen=True, tag="add"):
    rule: Rule


class Edit(Struct, frozen=True, tag="edit"):
    """Replace a CLI rule's text; refused when `version` is no longer the current one."""

    rule: Rule
    version: int


class Pause(Struct, frozen=True, tag="pause"):
    rule: RuleId


class Resume(Struct, frozen=True, tag="resume"):
    rule: RuleId


class Cancel(Struct, frozen=True, tag="cancel"):
    rule: RuleId


class ListRules(Struct, frozen=True, tag="list"):
    pass


class ShowRule(Struct, frozen=True, tag="show"):
    rule: RuleId


class Held(Struct, frozen=True, tag="held"):
    pass


class Adjust(Struct, frozen=True, tag="adjust"):
    """Scale a rule after a split or the like: every `old` shares became `new` ones, so prices shrink by old/new and
    quantities grow by new/old. A rule that is held for it watches again."""

    rule: RuleId
    new: int
    old: int


class Decision(str, Enum):
    """What a person can say of a held item: the order was placed (with its number), it was never placed, or (for a
    leg held before it fired) watch again, fire on the next price that meets it, or give it up."""

    PLACED = "placed"
    ABSENT = "absent"
    WATCH = "watch"
    FIRE = "fire"
    GIVE_UP = "give_up"


class Resolve(Struct, frozen=True, tag="resolve"):
    """`item` is an intent id or `rule/leg`."""

    item: str
    decision: Decision
    order_id: str = ""


class Status(Struct, frozen=True, tag="status"):
    pass


Verb = Add | Edit | Pause | Resume | Cancel | Adjust | ListRules | ShowRule | Held | Resolve | Status


class Command(Struct, frozen=True, tag="command"):
    """What a person asked for over the control socket; answered with a Reply after the commit."""

    id: RequestId
    verb: Verb
    by: str


FeedEvent = Tick | Quote | Reference | Trading | MarketTime | Dropped
Event = (
    Tick
    | Quote
    | Trading
    | MarketTime
    | Link
    | Reference
    | Dropped
    | Timer
    | ClockStep
    | Outcome
    | Withdrawn
    | Report
    | Stated
    | Recovered
    | Unreachable
    | Plan
    | PlanRefused
    | Command
)


def leg_key(rule: RuleId, leg: LegName) -> str:
    """Return the subject by which people and the journal know a leg."""
    return f"{rule}/{leg}"
