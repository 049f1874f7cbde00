"""Only real progress feeds the watchdog: a pump that turns, a lane that is answered, a live link that brings frames."""

import asyncio
from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest
from fakes import FakeClock
from fakes_daemon import DEMO, HELD, MAIN, FakeBroker, engine, request, stop_rule, tick, world
from waiting import until

from autotrader.daemon.outbox import Outbox
from autotrader.daemon.ticker import Ticker, grouped
from autotrader.daemon.vitals import LANE_WITHIN, WITHIN, Vitals
from autotrader.daemon.watchdog import Watchdog
from autotrader.domain.settings import Guards
from autotrader.engine.effects import Place
from autotrader.engine.engine import Engine
from autotrader.engine.events import Link, LinkState, Plan, Recovered
from autotrader.engine.records import Note, Snapshot


class Kennel:
    def watchdog(self) -> None:
        return None

    def status(self, text: str) -> None:
        return None


class Ward:
    """Everything that is watched, standing still until a test moves it."""

    def __init__(self, guards: Guards | None = None) -> None:
        self.clock = FakeClock()
        self.watchdog = Watchdog(Kennel(), self.clock.monotonic)
        self.engine = Engine(world(guards=guards or Guards()), Snapshot(), self.clock.now())
        self.pump: Any = SimpleNamespace(turns=0, engine=self.engine)
        self.broker = FakeBroker()
        self.outbox = Outbox({MAIN: self.broker}, lambda outcome: None)
        self.frames: Counter[str] = Counter()
        self.vitals = Vitals(self.watchdog, self.pump, self.outbox, self.frames)

    def pass_time(self, seconds: float, *, turning: bool = True, frames: int = 0) -> tuple[str, ...]:
        """Look once a second, with or without progress; return who is late."""
        for _ in range(int(seconds)):
            self.clock.advance(1)
            self.pump.turns += turning
            self.frames[DEMO] += frames
            self.vitals.look()
        return self.watchdog.late()


def test_nobody_is_late_while_the_pump_turns_and_nothing_else_is_due():
    assert Ward().pass_time(300) == ()


def test_a_pump_that_stands_still_is_late():
    ward = Ward()
    assert ward.pass_time(WITHIN, turning=False) == ()
    assert ward.pass_time(2, turning=False) == ("pump",)


async def test_a_lane_whose_call_never_returns_is_late_and_one_that_is_answered_is_not():
    ward = Ward()
    answer = asyncio.Event()
    ward.broker.scripts["place"].extend([answer, asyncio.Event()])
    async with asyncio.TaskGroup() as tasks:
        lane = tasks.create_task(ward.outbox.attend(MAIN))
        ward.outbox.put(MAIN, Place(request(1)))
        ward.outbox.put(MAIN, Place(request(2)))
        await until(lambda: ward.broker.calls)
        assert ward.pass_time(LANE_WITHIN - 1) == ()
        answer.set()
        await until(lambda: len(ward.broker.calls) == 2)
        assert ward.pass_time(LANE_WITHIN) == ()
        assert ward.pass_time(2) == ("brokers",)
        lane.cancel()


@pytest.mark.parametrize(
    ("state", "frames", "guards", "late"),
    [
        pytest.param(LinkState.UP, 0, Guards(), ("feed demo",), id="up and silent, and nobody noticed"),
        pytest.param(LinkState.UP, 1, Guards(), (), id="up and frames come"),
        pytest.param(LinkState.DOWN, 0, Guards(), (), id="known to be down"),
        pytest.param(LinkState.STALE, 0, Guards(), (), id="known to be stale"),
        pytest.param(LinkState.UP, 0, Guards(stale=None), (), id="silence is allowed"),
    ],
)
def test_a_feed_is_late_only_when_its_silence_is_not_known(state, frames, guards, late):
    ward = Ward(guards)
    ward.engine.handle(Link(DEMO, state))
    assert ward.pass_time(LANE_WITHIN + 2, frames=frames) == late


class FakeJournal:
    """Hears what the ticker says."""

    def __init__(self) -> None:
        self.said_notes: list[tuple[str, Note]] = []

    def said(self, subject: str, note: Note, at: int, *rest: Any) -> None:
        self.said_notes.append((subject, note))


class Screen:
    def __init__(self) -> None:
        self.engine = engine()
        self.journal = FakeJournal()
        self.ticker = Ticker(self.engine, self.journal, FakeClock())
        self.engine.handle(Recovered(MAIN, (), HELD))
        self.engine.handle(Link(DEMO, LinkState.UP))

    def say(self) -> list[tuple[str, Note]]:
        """Return what the ticker adds now."""
        before = len(self.journal.said_notes)
        self.ticker.say(self.engine.list_rules())
        return self.journal.said_notes[before:]


def test_a_price_and_its_levels_are_said_once_until_they_change():
    screen = Screen()
    screen.engine.handle(Plan((stop_rule(),)))
    screen.engine.on_tick(tick(70_000, 1))
    ((subject, note),) = screen.say()
    assert (subject, note.code, note.params["instrument"], note.params["price"]) == ("prices", "ticker.line", "KRX:005930", "70,000")
    assert note.params["legs"].startswith("guard sells at 68,000 (")
    assert screen.say() == []
    screen.engine.on_tick(tick(70_100, 2))
    assert [note.params["price"] for _, note in screen.say()] == ["70,100"]


def test_nothing_is_said_before_a_price_is_known_or_while_nobody_sees_it():
    screen = Screen()
    screen.engine.handle(Plan((stop_rule(),)))
    assert screen.say() == []
    screen.engine.on_tick(tick(70_000, 1))
    screen.engine.handle(Link(DEMO, LinkState.DOWN))
    assert screen.say() == []


def test_when_every_rule_has_ended_that_is_said_once():
    screen = Screen()
    assert screen.say() == []
    screen.engine.handle(Plan((stop_rule(),)))
    screen.engine.handle(Plan(()))
    assert [note.code for _, note in screen.say()] == ["daemon.all_ended"]
    assert screen.say() == []


@pytest.mark.parametrize(("number", "shown"), [("70000", "70,000"), ("1234567.5", "1,234,567.5"), ("0.1", "0.1"), ("none", "none")])
def test_numbers_have_thousands_separators(number, shown):
    assert grouped(number) == shown
