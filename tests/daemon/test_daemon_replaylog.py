"""Any day can be decided again: every event survives the log, and a run's log leads a fresh engine to the same units."""

import asyncio
from decimal import Decimal
from typing import Any, get_args

import msgspec
import pytest
from fakes import FakeClock
from fakes_daemon import DEMO, HELD, HYNIX, MAIN, NOW, SAMSUNG, Stage, Story, stop_rule, tick, world

from autotrader.daemon.inbox import FRAMES_LIMIT, Inbox
from autotrader.daemon.pump import Pump, logged
from autotrader.daemon.replaylog import decide_again, read_turns, tell_dialects
from autotrader.domain.order import BrokerOrder, Execution, IntentId, OrderId, OrderStatus, OutcomeKind
from autotrader.domain.rule import (
    Above,
    AtPrice,
    Base,
    Below,
    Leg,
    LegName,
    OffBase,
    OrderSpec,
    OrderType,
    Percent,
    ProfitRate,
    Rebound,
    Rule,
    RuleId,
    Side,
    Stop,
    Target,
    Ticks,
    Trail,
)
from autotrader.domain.tick import Quote, Tick
from autotrader.engine.effects import Unit
from autotrader.engine.engine import Engine
from autotrader.engine.events import (
    Add,
    Adjust,
    Cancel,
    ClockStep,
    Command,
    Decision,
    Dropped,
    Edit,
    Event,
    Held,
    Link,
    LinkState,
    ListRules,
    MarketTime,
    Outcome,
    Pause,
    Plan,
    PlanRefused,
    Recovered,
    Reference,
    Report,
    Resolve,
    Resume,
    ShowRule,
    Stated,
    Status,
    Timer,
    Trading,
    Unreachable,
    Verb,
    Withdrawn,
)
from autotrader.engine.records import RequestId, Snapshot, TradingState
from autotrader.feeds.sim.dialect import SimDialect, Trade, write
from autotrader.store.segments import SegmentWriter
from autotrader.store.sqlite import open_store

D = Decimal
ORDER = BrokerOrder(
    OrderId("7"),
    "c1",
    SAMSUNG,
    Side.SELL,
    OrderType.LIMIT,
    D("0.10"),
    D("1E+3"),
    OrderStatus.PARTIAL,
    D("0.05"),
    (Execution("x1", D("70000.5"), D("0.05"), D("0"), NOW),),
    "why",
)
TRIGGERS = [
    Stop(ProfitRate(D(-5))),
    Target(OffBase(Percent(D(5)), Base.ARM)),
    Trail(Ticks(5), AtPrice(D(1))),
    Above(OffBase(Ticks(3), AtPrice(D("0.1")))),
    Below(AtPrice(D(1))),
    Rebound(Percent(D("2.5"))),
]
RULE = Rule(
    RuleId("r"),
    MAIN,
    SAMSUNG,
    Side.SELL,
    None,
    tuple(Leg(LegName(str(n)), t) for n, t in enumerate(TRIGGERS)),
    OrderSpec(OrderType.LIMIT, D("1.0")),
    feed=DEMO,
    note="말",
)
VERBS = [
    Add(RULE),
    Edit(RULE, 3),
    Pause(RULE.id),
    Resume(RULE.id),
    Cancel(RULE.id),
    Adjust(RULE.id, 5, 1),
    ListRules(),
    ShowRule(RULE.id),
    Held(),
    Resolve("r/0", Decision.GIVE_UP, "7"),
    Status(),
]
EVENTS: list[Any] = [
    Tick(SAMSUNG, D("70000.10"), D("1E-8"), NOW, 5, 6, "KRX", "regular", 64),
    Link(DEMO, LinkState.STALE, "why", "day"),
    Reference(SAMSUNG, D("70000")),
    Dropped(DEMO, "conflated", count=7),
    Timer(),
    Quote(SAMSUNG, D("69900"), D("10"), None, None, NOW, "KRX"),
    Trading(DEMO, "KRX", TradingState.HALT, NOW, SAMSUNG, until=NOW + 1, reason="news"),
    MarketTime(DEMO, NOW),
    ClockStep(-3_600_000_000_000),
    Outcome(IntentId("i"), 2, OutcomeKind.UNKNOWN, "7", "detail"),
    Withdrawn(IntentId("i"), OutcomeKind.NOT_SENT, "detail"),
    Report(MAIN, ORDER, HELD),
    Stated(MAIN, HELD),
    Recovered(MAIN, (ORDER,), HELD, NOW),
    Unreachable(MAIN, "refused"),
    Plan((RULE,), True, RequestId("q"), "me"),
    PlanRefused(("one\ntwo",), RequestId("q")),
    *(Command(RequestId("q"), verb, "me") for verb in VERBS),
]


def test_the_table_below_has_every_kind_of_event_and_verb():
    assert {type(event) for event in EVENTS} == set(get_args(Event))
    assert {type(verb) for verb in VERBS} == set(get_args(Verb))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(getattr(event, "verb", event)).__name__)
def test_every_event_survives_the_log_exactly(event, tmp_path):
    writer = SegmentWriter(tmp_path, clock=FakeClock())
    writer.append_batch(NOW, logged([event]))
    writer.close()
    ((at, events, is_start),) = read_turns(tmp_path, {})
    assert (at, events, is_start) == (NOW, [event], False)
    assert repr(events[0]) == repr(event)  # 1.0 and 1.00 are equal and still not the same text
    assert msgspec.json.encode(events[0]) == msgspec.json.encode(event)


def trade(price: object, number: int, instrument: str = SAMSUNG) -> bytes:
    return write(Trade(instrument, D(str(price)), D(10), NOW + number, number)).encode()


class Day:
    """A pump with a real store and a real log over a clock that moves with every turn."""

    def __init__(self, state: Any) -> None:
        self.clock = FakeClock()
        self.store = open_store(state, clock=self.clock)
        self.log = SegmentWriter(state, clock=self.clock)
        self.inbox = Inbox()
        self.dialect = SimDialect(DEMO)
        self.units: list[Unit] = []
        self.story: Story = []

    async def live(self, *turns: list[Any]) -> Snapshot:
        """Take the turns one by one; return what it started from."""
        snapshot = await self.store.load()
        engine = Recorder(world(), snapshot, self.clock.now())
        pump = Pump(self.inbox, engine, self.store, Stage(self.story), (), self.clock, self.log)
        await pump.begin("1")
        tell_dialects(engine.made, {DEMO: self.dialect})
        for turn in turns:
            self.clock.advance(0.2)
            for entry in turn:
                if isinstance(entry, bytes):
                    self.inbox.frame(DEMO, entry, self.dialect.decode(entry))
                else:
                    self.inbox.put(entry)
            await pump._turn(await self.inbox.take())
            tell_dialects(engine.made, {DEMO: self.dialect})
        self.units = engine.made
        await asyncio.to_thread(self.log.close)
        await self.store.close()
        return snapshot


class Recorder(Engine):
    """An engine that remembers what it decided."""

    made: list[Unit]

    def start(self, version: str) -> list[Unit]:
        self.made = list(super().start(version))
        return self.made[:]

    def handle(self, event: Any) -> Any:
        units = super().handle(event)
        if event.__class__ is not Tick:
            self.made += units
        return units

    def on_tick(self, tick: Tick) -> Any:
        units = super().on_tick(tick)
        self.made += units
        return units


async def test_a_run_s_log_leads_a_fresh_engine_to_the_same_units(tmp_path):
    day = Day(tmp_path)
    snapshot = await day.live(
        [Recovered(MAIN, (), HELD), Link(DEMO, LinkState.UP), Plan((stop_rule("a", 69_000), stop_rule("b", 67_000)))],
        [trade(70_000, 1), trade(69_500, 2)],
        [Command(RequestId("q"), Pause(RuleId("b")), "me"), trade(69_000, 3), Timer()],
        [Outcome(IntentId("a/stop/1/1"), 1, OutcomeKind.ACCEPTED, "B-1"), trade(66_000, 4), trade(1, 5, HYNIX), b"nonsense"],
        [Command(RequestId("q2"), Resume(RuleId("b")), "me"), Link(DEMO, LinkState.DOWN, "cut"), Link(DEMO, LinkState.UP)],
        [trade(66_500, 6), Timer()],
    )
    turns = list(read_turns_again(tmp_path, snapshot))
    assert turns[0][0].is_start
    again = [unit for _, units in turns for unit in units]
    assert len(again) > 8
    assert again == day.units


def read_turns_again(state: Any, snapshot: Snapshot) -> Any:
    dialects = {DEMO: SimDialect(DEMO)}
    log = read_turns(state, dialects)
    first = next(log)
    engine = Engine(world(), snapshot, first.at)
    units = engine.start("1")
    tell_dialects(units, dialects)
    yield first, units
    yield from decide_again(engine, log, dialects)


async def test_prints_that_were_conflated_are_in_the_log_too(tmp_path):
    day = Day(tmp_path)
    for _ in range(FRAMES_LIMIT):
        day.inbox.frame(DEMO, b"", ())
    for number, price in enumerate([70_000, 80_000, 60_000, 70_000, 65_000], start=1):
        day.inbox.frame(DEMO, b"lost", [tick(price, number)])
    day.log.append_batch(NOW, logged(await day.inbox.take()))
    await asyncio.to_thread(day.log.close)
    await day.store.close()
    (turn,) = read_turns(tmp_path, {DEMO: SimDialect(DEMO)})
    assert [int(event.price) for event in turn.events if isinstance(event, Tick)] == [80_000, 60_000, 65_000]
    assert turn.events[-1] == Dropped(DEMO, "conflated", count=2)
