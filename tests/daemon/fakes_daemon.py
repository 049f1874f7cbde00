"""Small fakes with behaviour for the daemon's parts: a store, a broker, a feed and a sleep that do what a test tells them.

Everything that happens is written into one list, the story, so that a test can look at the order of things.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from decimal import Decimal
from typing import Any

from fakes import NINE_IN_SEOUL

from autotrader.config.markets import load_markets
from autotrader.domain.order import Balance, BrokerOrder, Holding, IntentId, OrderId, OrderRequest, OutcomeKind, Statement
from autotrader.domain.rule import AccountName, AtPrice, Leg, LegName, OrderType, Rule, RuleId, Side, Stop
from autotrader.domain.settings import Guards, Mode
from autotrader.domain.tick import FeedName, InstrumentId, Tick
from autotrader.engine.effects import Act, Unit
from autotrader.engine.engine import Engine
from autotrader.engine.events import FeedClock, Outcome, Report, Withdrawn
from autotrader.engine.records import AlertRecord, JournalRow, Note, Snapshot
from autotrader.engine.world import AccountFacts, FeedFacts, World
from autotrader.ports import Capabilities, ClientIds

SAMSUNG = InstrumentId("KRX:005930")
HYNIX = InstrumentId("KRX:000660")
MAIN = AccountName("main")
DEMO = FeedName("demo")
NOW = NINE_IN_SEOUL
HELD = Statement(
    (Holding(SAMSUNG, Decimal(100), Decimal(100), Decimal(7_000_000)),), (Balance("KRW", Decimal(10_000_000), Decimal(10_000_000)),)
)
"""A hundred shares, bought at 70,000, and cash."""

Story = list[tuple[str, Any]]


def tick(price: object, number: int = 1, instrument: InstrumentId = SAMSUNG) -> Tick:
    """Return a print; its number is its sequence and its second."""
    return Tick(instrument, Decimal(str(price)), Decimal(1), NOW + number * 1_000_000_000, number)


def stop_rule(name: str = "guard", stop: object = 68_000, account: AccountName = MAIN) -> Rule:
    """Return a sell stop of ten."""
    leg = Leg(LegName("stop"), Stop(AtPrice(Decimal(str(stop)))))
    return Rule(RuleId(name), account, SAMSUNG, Side.SELL, Decimal(10), (leg,))


def world(**changes: Any) -> World:
    """Return one account and one feed, no guards."""
    facts: dict[str, Any] = {
        "instance": "t1",
        "mode": Mode.PAPER,
        "markets": load_markets(),
        "guards": Guards(collar=None, stale=None),
        "accounts": {MAIN: AccountFacts(MAIN, lasting_ids=True)},
        "feeds": (FeedFacts(DEMO, FeedClock.SIMULATED, ("KRX:*",)),),
    }
    return World(**{**facts, **changes})


def engine(snapshot: Snapshot | None = None) -> Engine:
    """Return an engine at nine in Seoul."""
    return Engine(world(), snapshot or Snapshot(), NOW)


def request(number: int = 1, account: AccountName = MAIN) -> OrderRequest:
    """Return the sending of an intent."""
    intent = IntentId(f"guard/stop/1/{number}")
    return OrderRequest(intent, 1, f"c{number}", account, SAMSUNG, Side.SELL, OrderType.MARKET, Decimal(10), None)


def row(subject: str = "daemon") -> JournalRow:
    return JournalRow(NOW, subject, "", "x", Note("daemon.stopped"), "test")


def alert(subject: str = "daemon") -> AlertRecord:
    return AlertRecord(NOW, subject, Note("daemon.stopped"))


class FakeStore:
    """Commits into the story; a gate can hold a commit up, and a failure can be scripted."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.fails_at: int | None = None
        self.commits = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()

    async def load(self) -> Snapshot:
        return Snapshot()

    async def commit(self, units: Sequence[Unit]) -> None:
        self.entered.set()
        await self.gate.wait()
        self.commits += 1
        if self.commits == self.fails_at:
            raise OSError("the disk is gone")
        self.story.append(("commit", [record for unit in units for record in unit.records]))

    async def journal(self, subject: str | None, limit: int) -> list[JournalRow]:
        return []

    async def close(self) -> None:
        return None


class FakeNotifier:
    """Hears what is told."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def told(self, row: JournalRow) -> None:
        self.story.append(("told", row))

    def alerted(self, alert: AlertRecord) -> None:
        self.story.append(("alerted", alert))


class Stage:
    """Performs acts by writing them down (`daemon.pump.World`)."""

    def __init__(self, story: Story) -> None:
        self.story = story

    def perform(self, act: Act) -> None:
        self.story.append(("act", act))


class FakeLog:
    """The inbox log in a list; it can be behind."""

    def __init__(self) -> None:
        self.batches: list[tuple[int, list[Any]]] = []
        self.behind = False
        self.waits = 0
        self.patience = 0.0

    def append_batch(self, at: int, entries: Sequence[Any]) -> None:
        self.batches.append((at, list(entries)))

    async def caught_up(self, timeout: float = 5.0) -> bool:
        self.waits += 1
        self.patience = timeout
        return True


class FakeBroker:
    """One account at a broker that answers from scripts: a value is returned, an error raised, an Event waited for."""

    capabilities = Capabilities(ClientIds.FOREVER)

    def __init__(self, account: AccountName = MAIN) -> None:
        self.account: str = account
        self.calls: list[str] = []
        self.scripts: dict[str, deque[Any]] = {name: deque() for name in ("start", "place", "withdraw", "ledger", "statement", "close")}
        self.told: asyncio.Queue[Report | Exception] = asyncio.Queue(100)
        self.shown: list[Tick] = []
        self.held = Statement((), ())
        self.under_way = 0
        self.most_under_way = 0

    async def _next(self, name: str, usual: Any) -> Any:
        self.calls.append(name)
        step = self.scripts[name].popleft() if self.scripts[name] else usual
        if callable(step):
            step = step()
        if isinstance(step, asyncio.Event):
            await step.wait()
            return usual
        if isinstance(step, Exception):
            raise step
        return step

    async def start(self) -> None:
        await self._next("start", None)

    async def place(self, request: OrderRequest) -> Outcome:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            usual = Outcome(request.intent, request.attempt, OutcomeKind.ACCEPTED, f"B-{request.client_id}")
            outcome: Outcome = await self._next("place", usual)
            return outcome
        finally:
            self.under_way -= 1

    async def withdraw(self, request_intent: str, order_id: OrderId) -> Withdrawn:
        withdrawn: Withdrawn = await self._next("withdraw", Withdrawn(IntentId(request_intent), OutcomeKind.ACCEPTED))
        return withdrawn

    async def find(self, client_id: str) -> BrokerOrder | None:
        return None

    async def ledger(self) -> tuple[BrokerOrder, ...]:
        orders: tuple[BrokerOrder, ...] = await self._next("ledger", ())
        return orders

    async def statement(self) -> Statement:
        statement: Statement = await self._next("statement", self.held)
        return statement

    async def reports(self) -> AsyncIterator[Report]:
        while True:
            told = await self.told.get()
            if isinstance(told, Exception):
                raise told
            yield told

    def show(self, tick: Tick) -> None:
        self.shown.append(tick)

    async def close(self) -> None:
        await self._next("close", None)


class Nap:
    """A sleep that lasts until the test ends it."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._wakers: deque[asyncio.Event] = deque()

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        waker = asyncio.Event()
        self._wakers.append(waker)
        await waker.wait()

    def end(self) -> None:
        """Wake the one who has slept longest."""
        self._wakers.popleft().set()


def kinds(story: Story) -> list[str]:
    """Return the kinds of what happened, in order."""
    return [kind for kind, _ in story]


def only(story: Story, kind: str) -> list[Any]:
    """Return what happened of one kind."""
    return [what for happened, what in story if happened == kind]


Tell = Callable[[Any], None]
