"""A stage for the command line: a real engine behind a real control socket, with a tape that the test holds and a broker
that fills at once; and one call of the command line with what came of it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from fakes import NINE_IN_SEOUL, SECOND

from autotrader.cli.doors import Doors
from autotrader.config.markets import load_markets
from autotrader.control.protocol import Alerts, History, Journal, Ping, PlanFile, Reload, Request, Templates, refusal, success
from autotrader.control.server import serve
from autotrader.daemon.rulesfile import fingerprint
from autotrader.daemon.views import alert_view, fire_view, row_view
from autotrader.domain.order import BrokerOrder, Execution, Holding, OrderId, OrderRequest, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import AccountName, Rule
from autotrader.domain.settings import Guards, Mode
from autotrader.domain.tick import FeedName, InstrumentId, Tick
from autotrader.engine.effects import Place, Reply, Unit
from autotrader.engine.engine import Engine
from autotrader.engine.events import Command, Event, FeedClock, Link, LinkState, Outcome, Plan, Recovered, Report, Status
from autotrader.engine.records import AlertRecord, AttemptRecord, FillRecord, IntentRecord, JournalRow, ShotRecord, Snapshot
from autotrader.engine.views import templates_view
from autotrader.engine.world import AccountFacts, FeedFacts, World
from autotrader.errors import RefusedByState
from autotrader.store.reading import Alert, Fire, Sent

MAIN = AccountName("main")
DEMO = FeedName("demo")
SAMSUNG = InstrumentId("KRX:005930")


class Result(NamedTuple):
    """One finished call."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)


class Stage:
    """The daemon of a test. `outcome` is how sendings end; an accepted order fills at once."""

    def __init__(self, config: Path, state: Path, mode: Mode = Mode.PAPER) -> None:
        self.config, self.state = config, state
        self.mode = mode
        self.now = NINE_IN_SEOUL
        self.outcome = OutcomeKind.ACCEPTED
        self.records: list[Any] = []
        self.seen: set[int] = set()
        self.reloaded: list[bool] = []
        self.asked: list[Request] = []
        self.way: Callable[[Request], Awaitable[dict[str, Any]]] = self.answer
        self.sequence = 0
        self.watch(FeedClock.LIVE)

    def watch(self, clock: FeedClock, *, hours: bool = False) -> None:
        """Start over with a feed on this clock, which keeps the market's hours or trades without a pause."""
        feed = FeedFacts(DEMO, clock, (SAMSUNG, "BINANCE:*", "US:*"), hours=hours)
        accounts = {MAIN: AccountFacts(MAIN)}
        self.world = World("0123456789", self.mode, load_markets(), Guards(collar=None, stale=None), accounts, (feed,))
        self.engine = Engine(self.world, Snapshot(), self.now)
        self.tell(Recovered(MAIN, (), self.holding(100)), Link(DEMO, LinkState.UP))

    def holding(self, quantity: int) -> Statement:
        return Statement((Holding(SAMSUNG, Decimal(quantity), Decimal(quantity), Decimal(70_000 * quantity)),), ())

    def tell(self, *events: Event) -> list[Unit]:
        """Let the engine take events, and the broker what comes of them."""
        told: list[Unit] = []
        for event in events:
            for unit in self.engine.handle(event):
                told.append(unit)
                self.records += unit.records
                for act in unit.acts:
                    if isinstance(act, Place):
                        told += self.tell(*self._sent(act.request))
        return told

    def _sent(self, request: OrderRequest) -> list[Event]:
        outcome = Outcome(request.intent, request.attempt, self.outcome, "A-1" if self.outcome is OutcomeKind.ACCEPTED else "", "timeout")
        if self.outcome is not OutcomeKind.ACCEPTED:
            return [outcome]
        fill = Execution("e-1", Decimal(67_900), request.quantity, Decimal("14.5"), self.now)
        order = BrokerOrder(
            OrderId("A-1"),
            request.client_id,
            request.instrument,
            request.side,
            request.type,
            request.quantity,
            request.price,
            OrderStatus.FILLED,
            request.quantity,
            (fill,),
        )
        return [outcome, Report(MAIN, order)]

    def price(self, price: str, instrument: InstrumentId = SAMSUNG) -> None:
        """Let a print come in, a second after the one before."""
        self.now += SECOND
        self.sequence += 1
        self.engine.at(self.now)
        self.tell(Tick(instrument, Decimal(price), Decimal(1), self.now, self.sequence))

    def load(self, rules: Sequence[Rule]) -> None:
        """Take rules as those of the file."""
        self.tell(Plan(tuple(rules), by="file"))

    async def heard(self, request: Request) -> dict[str, Any]:
        """Answer, in the way that a test has put in place."""
        return await self.way(request)

    @contextmanager
    def answering(self, way: Callable[[Request], Awaitable[dict[str, Any]]]) -> Iterator[None]:
        """Answer in another way while the context lasts."""
        self.way = way
        try:
            yield
        finally:
            self.way = self.answer

    async def answer(self, request: Request) -> dict[str, Any]:
        """Answer as the daemon's desk does, from memory."""
        self.asked.append(request)
        match request.verb:
            case Ping():
                feeds = [{"name": feed.name, "patterns": list(feed.patterns)} for feed in self.world.feeds]
                facts = {"version": "9.9.9", "pid": 4242, "config": str(self.config), "state": str(self.state)}
                return success({**facts, "mode": self.world.mode.value, "accounts": sorted(self.world.accounts), "feeds": feeds})
            case Reload(confirmed, digest):
                if digest and digest != fingerprint(self.config):
                    return refusal(RefusedByState("plan.file_changed", file=str(self.config)))
                return self._reloaded(confirmed, request)
            case PlanFile():
                body = self._reloaded(False, request, dry=True)
                return {**body, "result": {**body["result"], "file": str(self.config), "digest": fingerprint(self.config)}}
            case Templates():
                return success({"templates": templates_view(self.engine.book)})
            case History(limit, rule):
                return success({"fires": [fire_view(fire) for fire in self.fires() if rule in (None, fire.shot.rule)][-limit:]})
            case Journal(subject, limit):
                rows = [row for row in self.of(JournalRow) if subject is None or row.subject.partition("/")[0] == subject]
                return success({"rows": [row_view(row) for row in rows[-limit:]]})
            case Alerts(seen):
                self.seen |= set(seen)
                alerts = [Alert(number, number in self.seen, record) for number, record in enumerate(self.of(AlertRecord), start=1)]
                return success({"alerts": [alert_view(alert) for alert in alerts if not alert.seen]})
            case verb:
                body = self._replied(self.tell(Command(request.id, verb, request.by)))
                return {**body, "result": {**body["result"], "version": "9.9.9", "alerts": 2}} if isinstance(verb, Status) else body

    def _reloaded(self, confirmed: bool, request: Request, *, dry: bool = False) -> dict[str, Any]:
        from autotrader.config.load import load_file

        self.reloaded += [] if dry else [confirmed]
        loaded = load_file(self.config, past_is_mistake=False)
        assert loaded.settings is not None
        return self._replied(self.tell(Plan(loaded.settings.rules, confirmed, request.id, request.by, dry=dry)))

    def _replied(self, units: list[Unit]) -> dict[str, Any]:
        body: dict[str, Any] = next(act.body for unit in units for act in unit.acts if isinstance(act, Reply))
        return body

    def of(self, kind: type[Any]) -> list[Any]:
        return [record for record in self.records if isinstance(record, kind)]

    def fires(self) -> list[Fire]:
        """Return the fires as the store would, oldest first."""
        intents = {record.id: record for record in self.of(IntentRecord)}
        attempts = {(record.intent, record.number): record for record in self.of(AttemptRecord)}
        fires = []
        for shot in self.of(ShotRecord):
            sent = [
                Sent(
                    intent,
                    tuple(a for (of, _), a in attempts.items() if of == intent.id),
                    tuple(f for f in self.of(FillRecord) if f.intent == intent.id),
                )
                for intent in intents.values()
                if (intent.rule, intent.leg, intent.generation) == (shot.rule, shot.leg, shot.generation)
            ]
            fires.append(Fire(shot, self.engine.book.rules[shot.rule].rule, tuple(sent)))
        return fires


@contextmanager
def listening(stage: Stage, path: Path) -> Iterator[None]:
    """Let the stage answer at a socket, in a thread of its own, while the context lasts."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    stop = asyncio.Event()

    async def live() -> None:
        async with serve(path, stage.heard):
            ready.set()
            await stop.wait()

    def work() -> None:
        loop.run_until_complete(live())
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        assert not thread.is_alive()


def doors_of(home: Path, **others: Any) -> Doors:
    """Return doors whose every place is under a home of their own, at a clock that stands at nine in Seoul."""
    environ = {"HOME": str(home), "AUTOTRADER_STATE": str(home / "state"), "AUTOTRADER_CONFIG": str(home / "config.yaml")}
    usual = {"now": lambda: NINE_IN_SEOUL + 10 * SECOND, "service_state": home / "none", "service_config": home / "none.yaml"}
    return Doors(**{"environ": environ, **usual, **others})
