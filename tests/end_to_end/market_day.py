"""A whole simulated day of KRX and NXT with the engine in it and nothing between them: no socket, no file, no clock.

The engine decides by the market facts it is given, the exchange by its own copy: where they differ, an order is refused.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import partial
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from autotrader.config.markets import load_markets
from autotrader.domain.money import ZERO
from autotrader.domain.order import Balance, BrokerOrder, Execution, Holding, OrderId, OrderRequest, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import (
    PRICED,
    Above,
    AccountName,
    AfterClose,
    AlreadyMet,
    AtPrice,
    Leg,
    LegName,
    OrderSpec,
    Rule,
    RuleId,
    Side,
    Stop,
)
from autotrader.domain.settings import Guards, Mode, SimInstrument
from autotrader.domain.tick import FeedName, InstrumentId, Quote, Tick
from autotrader.engine.effects import Place, Reply, Unit
from autotrader.engine.engine import Engine
from autotrader.engine.events import (
    Event,
    FeedClock,
    Link,
    LinkState,
    MarketTime,
    Outcome,
    Plan,
    Recovered,
    Reference,
    Report,
    Timer,
    Trading,
)
from autotrader.engine.records import AlertRecord, IntentRecord, JournalRow, RequestId, ShotRecord, Snapshot, TradingState
from autotrader.engine.world import AccountFacts, FeedFacts, World
from autotrader.exchange.market import Clock, SimMarket, Told
from autotrader.exchange.orders import Order
from autotrader.exchange.place import Based, Issue
from autotrader.exchange.scenarios import ORDINARY, Scenario
from autotrader.exchange.stall import Ended, Filled, Turned
from autotrader.markets.orders import kind_of, type_and_tif
from autotrader.markets.profile import Markets, find_instrument
from autotrader.markets.sessions import sessions_on

SEOUL = ZoneInfo("Asia/Seoul")
DAY = "2026-11-20"
MAIN, FEED = AccountName("main"), FeedName("sim")
MANY = Decimal(10) ** 9
TIMER_EVERY = 30_000_000_000
SECOND = 1_000_000_000


def at(hour: str, day: str = DAY) -> int:
    """Return a time of the day in Seoul, ns."""
    return int(datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=SEOUL).timestamp()) * SECOND


class Cell(NamedTuple):
    """One cell of the acceptance matrix, and how a rule gets an order into it: whose prints it watches, when it may fire."""

    session: str
    kind: str
    watch: str
    venue: str
    sessions: tuple[str, ...]
    window: str
    written: str = ""
    """The order kind of the rule where it is not the one that arrives."""


def cells() -> Iterator[Cell]:
    """Yield every cell that a rule can reach, transcribed from market-rules 2.2 (native stop-limit orders are not for rules)."""
    immediate = ("limit", "limit_ioc", "limit_fok")
    best = ("best", "best_ioc", "best_fok", "priority")
    for kind in (*immediate, "market", "market_ioc", "market_fok", "conditional", *best, "midpoint"):
        yield Cell("krx.continuous", kind, "KRX", "", ("krx.continuous",), "09:30-15:00")
    for kind in (*immediate, *best):
        yield Cell("krx.after", kind, "KRX", "", ("krx.after",), "16:10-19:50")
        yield Cell("nxt.pre", kind, "NXT", "NXT", ("nxt.pre",), "08:05-08:45")
        yield Cell("nxt.after", kind, "NXT", "NXT", ("nxt.after",), "15:45-19:50")
    for kind in (*immediate, "market_ioc", "market_fok", *best, "midpoint"):
        yield Cell("nxt.main", kind, "NXT", "NXT", ("nxt.main",), "09:10-15:00")
    yield Cell("nxt.main", "market_ioc", "NXT", "NXT", ("nxt.main",), "10:00-15:00", "market")
    for kind in ("limit", "market", "conditional"):
        yield Cell("krx.open_call", kind, "NXT", "KRX", ("nxt.pre", "krx.open_call"), "08:31-08:48")
    yield Cell("krx.pre_close_price", "close_price", "NXT", "KRX", ("nxt.pre", "krx.pre_close_price"), "08:30-08:39")
    yield Cell("krx.close_call", "market", "KRX", "", ("krx.continuous",), "10:00-15:00", "moc")
    yield Cell("krx.close_call", "limit", "KRX", "", ("krx.continuous",), "10:00-15:00", "loc")
    yield Cell("krx.post_close_price", "close_price", "KRX", "", ("krx.continuous", "krx.post_close_price"), "15:29-15:45")
    yield Cell("nxt.after_call", "limit", "KRX", "NXT", ("krx.continuous", "nxt.after"), "15:29-15:39")
    yield Cell("nxt.close_price", "close_price", "KRX", "NXT", ("krx.continuous", "nxt.close_price"), "15:29-15:45")
    yield Cell("krx.after", "best", "KRX", "", ("krx.continuous", "krx.after"), "15:29-15:45", "market")


def spread(least: int = 9, most: int = 20) -> list[Cell]:
    """Return cells so often that every session and every kind gets at least `most` orders, and every cell `least`."""
    every = list(cells())
    alike = {cell: max(sum(other.session == cell.session for other in every), 1) for cell in every}
    kinds = Counter(cell.kind for cell in every)
    return [cell for cell in every for _ in range(max(least, -(-most // alike[cell]), -(-most // kinds[cell.kind])))]


def rules_for(wanted: list[Cell], symbols: list[InstrumentId], starts: dict[InstrumentId, Decimal]) -> dict[RuleId, tuple[Rule, Cell]]:
    """Return a rule for each cell, spread over the symbols. Its condition is met by any price, so its window decides when."""
    found = {}
    for number, cell in enumerate(wanted):
        symbol = symbols[number % len(symbols)]
        start, sells = starts[symbol], number % 3 > 0
        order_type, tif = type_and_tif(cell.written or cell.kind)
        # Inside the day's limits and on every tick; far from the price for what shall rest, through it for what shall not.
        limit = start * (9 if sells else 11) / 10 if order_type in PRICED else None
        rule = Rule(
            id=RuleId(f"r{number:04}"),
            account=MAIN,
            instrument=symbol,
            side=Side.SELL if sells else Side.BUY,
            quantity=Decimal(10),
            legs=(Leg(LegName("stop"), Stop(AtPrice(start * 2))) if sells else Leg(LegName("above"), Above(AtPrice(start / 2))),),
            order=OrderSpec(order_type, limit, tif),
            already_met=AlreadyMet.FIRE,
            sessions=cell.sessions,
            watch="" if cell.watch == "KRX" else cell.watch,
            venue="" if cell.venue == "KRX" else cell.venue,
            window=cell.window,
            gap_guard=Decimal(0),  # the levels are far on purpose
        )
        if cell.written == "market":
            rule = replace(rule, after_close=AfterClose.CARRY, side=Side.SELL, legs=(Leg(LegName("stop"), Stop(AtPrice(start * 2))),))
        found[rule.id] = (rule, cell)
    return found


class Sent(NamedTuple):
    """An order that arrived: what, when, in which sessions of its venue."""

    request: OrderRequest
    at: int
    sessions: frozenset[str]
    refusal: str


class MarketDay:
    """One day: the market, the engine, an account without limits. `run` plays it; then everything can be looked at."""

    def __init__(
        self,
        wanted: list[Cell],
        *,
        symbols: int = 50,
        seed: int = 1,
        every: int = 30_000,
        engine_markets: Markets | None = None,
        scenario: Scenario = ORDINARY,
    ) -> None:
        self.truth = load_markets()
        names = [InstrumentId(f"KRX:{100_000 + number * 10}") for number in range(symbols)]
        self.starts = {name: Decimal(20_000 + 1_000 * number) for number, name in enumerate(names)}
        venues = (self.truth["KRX"], self.truth["NXT"])
        issues = [
            Issue(SimInstrument(start, Decimal("0.03")), find_instrument(self.truth, name), venues) for name, start in self.starts.items()
        ]
        dice = partial(_dice, seed)
        self.market = SimMarket(issues, dice, start=at("08:00"), every=every * 1_000_000, hours=True, scenario=scenario)
        self.rules = rules_for(wanted, names, self.starts)
        feed = FeedFacts(FEED, FeedClock.SIMULATED, tuple(names), hours=True)
        accounts = {MAIN: AccountFacts(MAIN, lasting_ids=True)}
        markets = engine_markets or self.truth
        self.world = World("day", Mode.PAPER, markets, Guards(collar=None, stale=None), accounts, (feed,), judge_validity=False)
        self.now = at("07:59")
        self.engine = Engine(self.world, Snapshot(), self.now)
        self.sent: list[Sent] = []
        self.journal: list[JournalRow] = []
        self.alerts: list[AlertRecord] = []
        self.shots: list[ShotRecord] = []
        self.intents: dict[str, IntentRecord] = {}
        self.heard: Counter[str] = Counter()
        self._orders: dict[str, BrokerOrder] = {}
        self._timer = self.now
        self._take(self.engine.start("test"))
        self._tell(Recovered(MAIN, (), self._statement()))
        self._tell(Link(FEED, LinkState.UP, day="one"))
        self._tell(Plan(tuple(rule for rule, _ in self.rules.values()), confirmed=True, request=RequestId("plan")))

    def run(self, until: str = "20:00:30") -> None:
        """Let the day go by."""
        end = at(until)
        while self.market.due() < end:
            for told in self.market.turn():
                self._hear(told)
            self.now = max(self.now, self.market.now)
            if self.now - self._timer >= TIMER_EVERY:
                self._timer = self.now
                self._tell(Timer())

    def refused(self) -> list[Sent]:
        """Return the orders that the exchange did not take."""
        return [sent for sent in self.sent if sent.refusal]

    def arrivals(self) -> dict[str, Counter[str]]:
        """Return how many orders of each kind arrived in each session."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for sent in self.sent:
            for session in sent.sessions:
                found[session][kind_of(sent.request.type, sent.request.tif)] += 1
        return found

    def unexpected(self) -> list[str]:
        """Return what did not go as its cell says: an order that is missing, another kind, another session."""
        first: dict[str, Sent] = {}
        for sent in self.sent:
            first.setdefault(sent.request.intent.partition("/")[0], sent)
        wrong = []
        for rule_id, (_, cell) in self.rules.items():
            sent_one = first.get(rule_id)
            if sent_one is None:
                wrong.append(f"{rule_id}: nothing for {cell.session} {cell.kind}")
                continue
            kind = kind_of(sent_one.request.type, sent_one.request.tif)
            if kind != cell.kind or cell.session not in sent_one.sessions:
                wrong.append(f"{rule_id}: {kind} in {sorted(sent_one.sessions)}, not {cell.kind} in {cell.session}")
        return wrong

    def unexplained(self) -> list[str]:
        """Return the orders that went in another form, or later than their shot, and of which the journal does not say why."""
        told: dict[str, set[str]] = defaultdict(set)
        for row in self.journal:
            told[row.subject].add(row.note.code)
        shots = {(shot.rule, shot.generation): shot.at for shot in self.shots}
        wrong = []
        for sent in self.sent:
            intent = self.intents[sent.request.intent]
            rule = self.rules[RuleId(intent.rule)][0]
            codes = told[intent.id]
            if intent.number > 1:
                if not codes & {"intent.rest_again", "intent.in_another_form"}:
                    wrong.append(f"{intent.id}: another order, unexplained")
                continue
            if kind_of(intent.type, intent.tif) != kind_of(rule.order.type, rule.order.tif) and "order.substituted" not in codes:
                wrong.append(f"{intent.id}: another form, unexplained")
            deferred = sent.at - shots[intent.rule, intent.generation] > 60 * SECOND
            if deferred and not codes & {"order.waits_for_auction", "blocked.closed", "blocked.halt", "blocked.not_taken", "intent.halted"}:
                wrong.append(f"{intent.id}: late, unexplained")
        return wrong

    def _hear(self, told: Told) -> None:
        self.heard[type(told).__name__] += 1
        match told:
            case Tick():
                self.now = max(self.now, told.time)
                self._tell(told)
            case Quote():
                self._tell(told)
            case Based(instrument, price, when):
                self._tell(MarketTime(FEED, when))
                self._tell(Reference(instrument, price))
            case Clock(when):
                self._tell(MarketTime(FEED, when))
            case Turned(venue, state, when, instrument, until, reason):
                self._tell(Trading(FEED, venue, TradingState(state), when, instrument, until, reason))
            case Filled(order_id, price, quantity, when):
                self._filled(order_id, price, quantity, when)
            case Ended(order_id, _, reason):
                self._ended(order_id, reason)

    def _tell(self, event: Event) -> None:
        self.engine.at(self.now)
        self._take(self.engine.handle(event))
        while self.engine.unfinished:
            self._take(self.engine.go_on())

    def _take(self, units: list[Unit] | tuple[Unit, ...]) -> None:
        for unit in units:
            for record in unit.records:
                match record:
                    case JournalRow():
                        self.journal.append(record)
                    case AlertRecord():
                        self.alerts.append(record)
                    case ShotRecord():
                        self.shots.append(record)
                    case IntentRecord():
                        self.intents[record.id] = record
                    case _:
                        pass
            for act in unit.acts:
                match act:
                    case Place(request):
                        self._place(request)
                    case Reply(_, body):
                        assert body["ok"], body
                    case _:
                        pass

    def _place(self, request: OrderRequest) -> None:
        """Hand an order to the exchange, and its answer and what follows to the engine."""
        order = Order(request.intent, request.side, request.type, request.quantity, request.price, None, request.tif, MAIN)
        refusal, told = self.market.enter(request.instrument, order, request.venue)
        venue = self.truth[request.venue or request.instrument.partition(":")[0]]
        open_now = frozenset(s.id for s in sessions_on(venue, datetime.fromisoformat(DAY).date()) if s.open <= self.market.now < s.close)
        self.sent.append(Sent(request, self.market.now, open_now, refusal.code if refusal is not None else ""))
        if refusal is not None:
            self._tell(Outcome(request.intent, request.attempt, OutcomeKind.REFUSED, "", refusal.code, refusal.inadmissible))
            return
        self._orders[request.intent] = BrokerOrder(
            OrderId(request.intent),
            request.client_id,
            request.instrument,
            request.side,
            request.type,
            request.quantity,
            request.price,
            OrderStatus.WORKING,
            ZERO,
        )
        self._tell(Outcome(request.intent, request.attempt, OutcomeKind.ACCEPTED, request.intent))
        for item in told:
            self._hear(item)

    def _filled(self, order_id: str, price: Decimal, quantity: Decimal, when: int) -> None:
        order = self._orders[order_id]
        filled = order.filled + quantity
        status = OrderStatus.FILLED if filled == order.quantity else OrderStatus.PARTIAL
        execution = Execution(f"{order_id}#{len(order.executions)}", price, quantity, ZERO, when)
        self._report(replace(order, filled=filled, status=status, executions=(*order.executions, execution)))

    def _ended(self, order_id: str, reason: str) -> None:
        order = self._orders[order_id]
        if order.status is not OrderStatus.FILLED:
            self._report(replace(order, status=OrderStatus.CANCELLED, reason=reason))

    def _report(self, order: BrokerOrder) -> None:
        self._orders[order.order_id] = order
        self._tell(Report(MAIN, order, self._statement()))

    def _statement(self) -> Statement:
        held = tuple(Holding(name, MANY, MANY, MANY * start) for name, start in self.starts.items())
        return Statement(held, (Balance("KRW", MANY * 10**6, MANY * 10**6),))


def _dice(seed: int, name: str) -> Random:
    return Random(f"{seed}/{name}")
