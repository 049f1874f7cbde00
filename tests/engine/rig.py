"""An engine with a store in memory, a scripted broker and a tape: the tests of the engine are stories told with it.

The store keeps records by key as the real one does, and a crash rebuilds the engine from what was committed. `commit_later`
leaves units undecided, so that a test can cut between any two of them.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from fakes import NINE_IN_SEOUL, SECOND

from autotrader.config.markets import load_markets
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
from autotrader.domain.rule import AccountName, AtPrice, Leg, LegName, Rule, RuleId, Side, Template, Trigger, trigger_kind
from autotrader.domain.settings import Guards, Mode
from autotrader.domain.tick import FeedName, InstrumentId, Tick
from autotrader.engine.effects import Ignored, Place, Reply, Show, Subscribe, Unit, Withdraw
from autotrader.engine.engine import Engine
from autotrader.engine.events import (
    Add,
    Command,
    Event,
    FeedClock,
    Link,
    LinkState,
    Outcome,
    Plan,
    Recovered,
    Report,
    Stated,
    Timer,
    Trading,
    Verb,
)
from autotrader.engine.lifecycle import INTENT_ENDS
from autotrader.engine.records import (
    AccountRecord,
    AlertRecord,
    AttemptRecord,
    CashRecord,
    FillRecord,
    Forget,
    IntentRecord,
    JournalRow,
    LegRecord,
    MarkRecord,
    Note,
    PeakRecord,
    PositionRecord,
    PriceRecord,
    Record,
    RequestId,
    RequestRecord,
    RuleRecord,
    ShotRecord,
    Snapshot,
    TemplateRecord,
    TradingRecord,
    TradingState,
)
from autotrader.engine.world import AccountFacts, FeedFacts, World

SAMSUNG = InstrumentId("KRX:005930")
HYNIX = InstrumentId("KRX:000660")
BITCOIN = InstrumentId("BINANCE:BTCUSDT")
MAIN = AccountName("main")
"""Its broker knows our order ids for ever."""
PLAIN = AccountName("plain")
"""Its broker keeps no order ids of ours."""
DEMO = FeedName("demo")
SEOUL = ZoneInfo("Asia/Seoul")
FRIDAY, MONDAY = "2026-11-20", "2026-11-23"
"""Two ordinary trading days of KRX and NXT, one after the other."""
OFF = Guards(collar=None, stale=None)


def price(value: object) -> AtPrice:
    """Return a level that is a price."""
    return AtPrice(Decimal(str(value)))


def rule(rule_id: str, *triggers: Trigger, **changes: Any) -> Rule:
    """Return a rule for Samsung: a sell of 10 unless a trigger buys. Legs are named by their kind."""
    kinds = [trigger_kind(trigger) for trigger in triggers]
    names = [kind if kinds.count(kind) == 1 else f"{kind}-{number}" for number, kind in enumerate(kinds, 1)]
    side = Side.BUY if kinds[0] in ("above", "below", "rebound", "at") else Side.SELL
    whole = Rule(
        id=RuleId(rule_id),
        account=MAIN,
        instrument=SAMSUNG,
        side=side,
        quantity=Decimal(10),
        legs=tuple(Leg(LegName(name), trigger) for name, trigger in zip(names, triggers, strict=True)),
    )
    return msgspec.structs.replace(whole, **changes)


def world(*, clock: FeedClock = FeedClock.LIVE, guards: Guards = OFF, **changes: Any) -> World:
    """Return two accounts and one feed that serves every market."""
    plain = World(
        instance="t1",
        mode=Mode.PAPER,
        markets=load_markets(),
        guards=guards,
        accounts={MAIN: AccountFacts(MAIN, lasting_ids=True), PLAIN: AccountFacts(PLAIN)},
        feeds=(FeedFacts(DEMO, clock, ("KRX:*", "BINANCE:*", "UPBIT:*", "US:*")),),
    )
    return msgspec.structs.replace(plain, **changes)


def statement(
    shares: object = 100, cash: object = 10_000_000, *, cost: object = None, sellable: object = None, others: Iterable[Holding] = ()
) -> Statement:
    """Return what an account holds: shares of Samsung, and won."""
    quantity = Decimal(str(shares))
    total = quantity * 70_000 if cost is None else Decimal(str(cost))
    free = quantity if sellable is None else Decimal(str(sellable))
    held = (Holding(SAMSUNG, quantity, free, total),) if quantity else ()
    money = Decimal(str(cash))
    return Statement((*held, *others), (Balance("KRW", money, money), Balance("USDT", Decimal(100_000), Decimal(100_000))))


class MemoryStore:
    """Records by key, as the real store keeps them: a shot is inserted once or fails, a fill and an answer stay as first told."""

    def __init__(self) -> None:
        self.tables: dict[type, dict[Any, Any]] = {}
        self.journal: list[JournalRow] = []
        self.alerts: list[AlertRecord] = []
        self.last_alive = 0

    def table(self, kind: type) -> dict[Any, Any]:
        return self.tables.setdefault(kind, {})

    def commit(self, records: Iterable[Record]) -> None:
        for record in records:
            self._keep(record)

    def _keep(self, record: Record) -> None:
        match record:
            case JournalRow():
                self.journal.append(record)
            case AlertRecord():
                self.alerts.append(record)
            case Forget(rule=of, leg=leg):
                self.table(MarkRecord).pop((of, leg), None)
            case ShotRecord():
                key = (record.rule, record.leg, record.generation)
                assert key not in self.table(ShotRecord), f"shot {key} fired twice"
                self.table(ShotRecord)[key] = record
            case FillRecord() | RequestRecord():
                self.table(type(record)).setdefault(_key(record), record)
            case _:
                self.table(type(record))[_key(record)] = record

    def snapshot(self) -> Snapshot:
        """Return what an engine starts from, with only the intents that have not ended."""
        intents = [i for i in self.table(IntentRecord).values() if i.status not in INTENT_ENDS]
        alive = {i.id for i in intents}
        newest: dict[Any, ShotRecord] = {}
        for shot in self.table(ShotRecord).values():
            newest[shot.rule, shot.leg] = shot
        return Snapshot(
            rules=tuple(self.table(RuleRecord).values()),
            legs=tuple(self.table(LegRecord).values()),
            marks=tuple(self.table(MarkRecord).values()),
            peaks=tuple(self.table(PeakRecord).values()),
            shots=tuple(newest.values()),
            intents=tuple(intents),
            attempts=tuple(a for a in self.table(AttemptRecord).values() if a.intent in alive),
            fills=tuple(f for f in self.table(FillRecord).values() if f.intent in alive),
            positions=tuple(self.table(PositionRecord).values()),
            cash=tuple(self.table(CashRecord).values()),
            prices=tuple(self.table(PriceRecord).values()),
            trading=tuple(self.table(TradingRecord).values()),
            requests=tuple(self.table(RequestRecord).values()),
            templates=tuple(self.table(TemplateRecord).values()),
            accounts=tuple(self.table(AccountRecord).values()),
            last_alive=self.last_alive,
        )


def _key(record: Any) -> Any:
    match record:
        case RuleRecord():
            return record.rule.id
        case LegRecord() | MarkRecord():
            return (record.rule, record.leg)
        case IntentRecord() | RequestRecord() | TemplateRecord():
            return record.id
        case AccountRecord():
            return record.account
        case PeakRecord():
            return record.name
        case AttemptRecord():
            return (record.intent, record.number)
        case FillRecord():
            return (record.account, record.execution_id)
        case PositionRecord():
            return (record.account, record.instrument)
        case TradingRecord():
            return (record.venue, record.instrument)
        case CashRecord():
            return (record.account, record.currency)
        case _:
            return record.instrument


class Rig:
    """One engine and everything around it. Time is a second a print; `commit_later` keeps units until `commit`."""

    def __init__(self, around: World | None = None, *, armed: bool = True, says: Statement | None = None) -> None:
        self.world = around or world()
        self.now = NINE_IN_SEOUL
        self.sequence = 0
        self.requests = 0
        self.store = MemoryStore()
        self.waiting: list[Unit] = []
        self.commit_later = False
        self.places: list[OrderRequest] = []
        self.withdrawals: list[Withdraw] = []
        self.shown: list[Show] = []
        self.ignored: list[Ignored] = []
        self.subscribed: frozenset[InstrumentId] = frozenset()
        self.replies: dict[RequestId, dict[str, Any]] = {}
        self.engine = Engine(self.world, Snapshot(), self.now)
        self._take(self.engine.start("test"))
        if armed:
            for account in self.world.accounts:
                self.recover(account, says=says or statement())

    def tell(self, event: Event) -> Sequence[Unit]:
        """Hand an event in at the present time and commit what comes of it."""
        self.engine.at(self.now)
        units = self.engine.handle(event)
        self._take(units)
        return units

    def tick(self, at: object, instrument: InstrumentId = SAMSUNG, **changes: Any) -> Sequence[Unit]:
        """Let a second pass and a print happen."""
        self.now += SECOND
        self.sequence += 1
        tick = Tick(instrument, Decimal(str(at)), Decimal(10), self.now, self.sequence)
        return self.tell(tick._replace(**changes))

    def prints(self, tape: str, instrument: InstrumentId = SAMSUNG) -> list[tuple[str, str]]:
        """Play prices separated by spaces; return which rule fired on which price."""
        before = len(self.fires)
        for word in tape.split():
            self.tick(word, instrument)
        return self.fires[before:]

    def do(self, verb: Verb, request: str = "") -> dict[str, Any]:
        """Give a command and return its answer."""
        self.requests += 1
        key = RequestId(request or f"q{self.requests}")
        self.tell(Command(key, verb, "test"))
        return self.replies[key]

    def add(self, *rules: Rule) -> dict[str, Any]:
        """Add rules on the command line; return the last answer."""
        body: dict[str, Any] = {}
        for one in rules:
            body = self.do(Add(one))
        return body

    def plan(
        self, *rules: Rule, confirmed: bool = False, by: str = "file", templates: tuple[Template, ...] = (), dry: bool = False
    ) -> dict[str, Any]:
        """Hand in the file."""
        self.requests += 1
        key = RequestId(f"q{self.requests}")
        self.tell(Plan(rules, confirmed, key, by, templates, dry))
        return self.replies[key]

    def later(self, seconds: float) -> Sequence[Unit]:
        """Let time pass, then the timer beat."""
        self.now += round(seconds * SECOND)
        return self.tell(Timer())

    def link(self, state: LinkState, **changes: Any) -> None:
        self.tell(msgspec.structs.replace(Link(DEMO, state, "for a test"), **changes))

    def recover(self, account: AccountName = MAIN, *orders: BrokerOrder, says: Statement | None = None) -> None:
        self.tell(Recovered(account, orders, says or statement()))

    def stated(self, says: Statement, account: AccountName = MAIN) -> None:
        self.tell(Stated(account, says))

    def outcome(self, kind: OutcomeKind, request: OrderRequest | None = None, order_id: str = "") -> None:
        """Answer an attempt: the newest one unless another is named."""
        sent = request or self.places[-1]
        number = order_id or (f"B-{sent.client_id}" if kind is OutcomeKind.ACCEPTED else "")
        self.tell(Outcome(sent.intent, sent.attempt, kind, number, "for a test"))

    def accept(self, request: OrderRequest | None = None) -> None:
        self.outcome(OutcomeKind.ACCEPTED, request)

    def report(self, order: BrokerOrder, account: AccountName = MAIN, says: Statement | None = None) -> None:
        self.tell(Report(account, order, says))

    def commit(self, count: int | None = None) -> None:
        """Commit and perform the first units that wait (all unless a number is given)."""
        units = self.waiting[:count]
        del self.waiting[: len(units)]
        for unit in units:
            self.store.commit(unit.records)
            self._perform(unit)

    def crash(self, seconds: float = 5, *, clean: bool = False) -> None:
        """Lose what is not committed, and start again after a while; nothing is recovered yet."""
        if clean:
            self._take(self.engine.stop())
        self.waiting.clear()
        self.store.last_alive = self.now
        self.now += round(seconds * SECOND)
        self.engine = Engine(self.world, self.store.snapshot(), self.now)
        self._take(self.engine.start("test"))

    def _take(self, units: Iterable[Unit]) -> None:
        self.waiting += units
        if not self.commit_later:
            self.commit()

    def _perform(self, unit: Unit) -> None:
        for act in unit.acts:
            match act:
                case Place(request):
                    self.places.append(request)
                case Withdraw():
                    self.withdrawals.append(act)
                case Show():
                    self.shown.append(act)
                case Ignored():
                    self.ignored.append(act)
                case Subscribe(_, instruments):
                    self.subscribed = instruments
                case Reply(request, body):
                    self.replies[request] = msgspec.json.decode(msgspec.json.encode(body))

    @property
    def fires(self) -> list[tuple[str, str]]:
        """Every shot that was committed: the rule and the price of its print."""
        return [(shot.rule, format(shot.crossed.price, "f")) for shot in self.shots]

    @property
    def shots(self) -> list[ShotRecord]:
        return list(self.store.table(ShotRecord).values())

    def leg(self, rule_id: str, name: str = "") -> LegRecord:
        """Return a rule's leg, the only one unless a name is given."""
        legs = self.engine.book.legs_of(RuleId(rule_id))
        return next(leg for leg in legs if name in ("", leg.leg))

    def state(self, rule_id: str, name: str = "") -> str:
        return self.leg(rule_id, name).status.value

    def level(self, rule_id: str, name: str = "") -> str | None:
        """Return a leg's exact level as it is shown."""
        view = self.engine.show(self.engine.book.rules[RuleId(rule_id)])
        level: str | None = next(leg["level"] for leg in view["legs"] if name in ("", leg["name"]))
        return level

    def reason(self, rule_id: str, name: str = "") -> str:
        note = self.leg(rule_id, name).reason
        return note.code if note else ""

    def mark(self, rule_id: str, name: str = "") -> Decimal | None:
        leg = self.leg(rule_id, name)
        mark = self.engine.book.marks.get((leg.rule, leg.leg))
        return mark.price if mark is not None else None

    def intent(self, rule_id: str, name: str = "", number: int = 1) -> IntentRecord:
        """Return an intent of a rule's newest shot, the first unless another number is given."""
        leg = self.leg(rule_id, name)
        intent: IntentRecord = self.store.table(IntentRecord)[IntentId(f"{rule_id}/{leg.leg}/{leg.generation}/{number}")]
        return intent

    def alerts(self) -> list[Note]:
        return [alert.note for alert in self.store.alerts]

    def alert_codes(self) -> list[str]:
        return [note.code for note in self.alerts()]

    def drops(self) -> list[str]:
        return [act.reason for act in self.ignored]

    def record(self, rule_id: str) -> RuleRecord:
        """Return what is kept of a rule."""
        return self.engine.book.rules[RuleId(rule_id)]


def ns(day: str, at: str, zone: ZoneInfo = SEOUL) -> int:
    """Return a local moment in ns since the epoch."""
    return int(datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=zone).timestamp()) * SECOND


class Day(Rig):
    """A rig whose feed keeps the market's hours."""

    def __init__(self, at: str = "09:00:30", day: str = FRIDAY, *, guards: Guards | None = None) -> None:
        feed = FeedFacts(DEMO, FeedClock.LIVE, ("KRX:*", "US:*", "BINANCE:*"), hours=True)
        around = world(feeds=(feed,)) if guards is None else world(feeds=(feed,), guards=guards)
        super().__init__(around)
        self.day = day
        self.clock(at)
        self.engine.at(self.now)

    def clock(self, at: str, day: str = "") -> None:
        self.day = day or self.day
        self.now = ns(self.day, at)

    def at(self, at: str, value: object, **changes: Any) -> list[tuple[str, str]]:
        """Let a print happen at a time of the day; return what fired on it."""
        before = len(self.fires)
        self.clock(at)
        self.now -= SECOND
        self.tick(value, **changes)
        return self.fires[before:]

    def trading(self, state: TradingState, *, venue: str = "KRX", instrument: str = SAMSUNG) -> None:
        self.tell(Trading(DEMO, venue, state, self.now, instrument, reason="told by a test"))

    def notes(self, code: str) -> list[dict[str, str]]:
        return [row.note.params for row in self.store.journal if row.note.code == code]

    @property
    def sent(self) -> list[tuple[str, str, str | None]]:
        """What left: type, time in force, price."""
        return [(r.type.value, r.tif.value, None if r.price is None else format(r.price, "f")) for r in self.places]


def legs(*texts: Leg, **changes: Any) -> Rule:
    """Return a rule `r` of these legs: a sell of 10 Samsung unless changed."""
    return rule("r", *(leg.trigger for leg in texts), **{"legs": texts, **changes})


def leg(trigger: Trigger, name: str = "", **changes: Any) -> Leg:
    """Return a leg named by its kind unless another name is given."""
    return Leg(LegName(name or trigger_kind(trigger)), trigger, **changes)


def ordered(request: OrderRequest, status: OrderStatus, *fills: Execution, reason: str = "", with_id: bool = True) -> BrokerOrder:
    """Return a request as the broker's ledger shows it."""
    return BrokerOrder(
        order_id=OrderId(f"B-{request.client_id}"),
        client_id=request.client_id if with_id else "",
        instrument=request.instrument,
        side=request.side,
        type=request.type,
        quantity=request.quantity,
        price=request.price,
        status=status,
        filled=sum((fill.quantity for fill in fills), Decimal(0)),
        executions=fills,
        reason=reason,
    )


def fill(number: int, quantity: object, at: object = 70_000) -> Execution:
    """Return an execution without a fee."""
    return Execution(f"x{number}", Decimal(str(at)), Decimal(str(quantity)), Decimal(0), NINE_IN_SEOUL)
