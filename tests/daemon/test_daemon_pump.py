"""Nothing leaves the house before it is on disk, and everything leaves in the order in which it was decided."""

import asyncio
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from fakes import FakeClock
from fakes_daemon import (
    DEMO,
    HELD,
    MAIN,
    NOW,
    SAMSUNG,
    FakeLog,
    FakeNotifier,
    FakeStore,
    Stage,
    Story,
    alert,
    engine,
    kinds,
    only,
    row,
    stop_rule,
    tick,
    world,
)
from msgspec.structs import replace
from waiting import until

from autotrader.daemon.inbox import Inbox
from autotrader.daemon.pump import UNITS_A_COMMIT, Pump, _in_parts, logged
from autotrader.domain.rule import AccountName, Leg, LegName, Percent, RuleId, Trail
from autotrader.engine.effects import Ignored, Place, Reply, Unit
from autotrader.engine.engine import Engine
from autotrader.engine.events import Command, LinkState, ListRules, Plan, Recovered, Timer
from autotrader.engine.records import AlertRecord, MarkRecord, PeakRecord, RequestId, ShotRecord, Snapshot


class Rig:
    """A pump over the real engine and inbox; the store and the stage write one story."""

    def __init__(self, **changes: Any) -> None:
        self.story: Story = []
        self.store = FakeStore(self.story)
        self.log = FakeLog()
        self.inbox = Inbox()
        self.clock = FakeClock()
        stage, notifier = Stage(self.story), FakeNotifier(self.story)
        self.pump = Pump(self.inbox, changes.get("engine") or engine(), self.store, stage, (notifier,), self.clock, self.log)

    def arm(self) -> None:
        """Put what arms one stop at 68,000 into the inbox."""
        self.inbox.put(Recovered(MAIN, (), HELD))
        self.inbox.link(DEMO, LinkState.UP)
        self.inbox.put(Plan((stop_rule(),)))

    async def drain(self) -> None:
        """Run until the inbox is empty."""
        self.inbox.close()
        async with asyncio.timeout(5):
            await self.pump.run()


def acting(number: int) -> Unit:
    return Unit((row(f"s{number}"),), (Reply(RequestId(f"r{number}"), {}),))


async def test_an_order_leaves_after_the_commit_that_holds_its_intent():
    rig = Rig()
    rig.arm()
    rig.inbox.frame("demo", b"1", [tick(70_000, 1)])
    rig.inbox.frame("demo", b"2", [tick(67_000, 2)])
    await rig.drain()
    placed = next(at for at, (kind, what) in enumerate(rig.story) if kind == "act" and isinstance(what, Place))
    intent = rig.story[placed][1].request.intent
    committed = [getattr(record, "id", None) for kind, what in rig.story[:placed] if kind == "commit" for record in what]
    assert intent in committed


async def test_nothing_of_a_failed_commit_is_performed_or_told_and_the_failure_travels():
    rig = Rig()
    rig.store.fails_at = 1
    rig.inbox.put(Command(RequestId("q"), ListRules(), "test"))
    rig.arm()
    with pytest.raises(OSError, match="the disk is gone"):
        await rig.drain()
    assert rig.story == []


async def test_what_was_committed_before_a_failing_batch_is_performed_and_nothing_after():
    rig = Rig()
    rig.store.fails_at = 2
    with pytest.raises(OSError):
        await rig.pump.settle([acting(number) for number in range(3 * UNITS_A_COMMIT)])
    assert len(only(rig.story, "act")) == UNITS_A_COMMIT


@pytest.mark.parametrize(("units", "commits"), [(1, 1), (UNITS_A_COMMIT, 1), (UNITS_A_COMMIT + 1, 2), (3 * UNITS_A_COMMIT, 3)])
async def test_a_commit_has_a_bounded_number_of_units(units, commits):
    rig = Rig()
    await rig.pump.settle([acting(number) for number in range(units)])
    assert rig.store.commits == commits
    assert [act.request for act in only(rig.story, "act")] == [f"r{number}" for number in range(units)]


async def test_units_without_records_are_performed_without_a_commit():
    rig = Rig()
    await rig.pump.settle([Unit((), (Ignored(tick(1), "flag"),))])
    assert kinds(rig.story) == ["act"]
    assert rig.store.commits == 0


async def test_a_unit_is_committed_then_acted_on_and_only_then_written_about():
    rig = Rig()
    await rig.pump.settle([Unit((row(), alert()), (Reply(RequestId("r"), {}),))])
    assert kinds(rig.story) == ["commit", "act", "told", "alerted"]


async def test_a_quiet_batch_asks_nothing_of_the_store():
    rig = Rig()
    rig.arm()
    rig.inbox.frame("demo", b"1", [tick(70_000, 1)])
    await rig.drain()
    before = rig.store.commits
    again = Rig(engine=rig.pump.engine)
    for number in range(2, 500):
        again.inbox.frame("demo", b"n", [tick(70_000 + number, number)])
    await again.drain()
    assert before > 0
    assert again.store.commits == 0
    assert again.pump.evaluated == 498


async def test_a_pump_waits_for_a_log_that_is_behind():
    rig = Rig()
    rig.log.behind = True
    rig.inbox.put(Timer())
    await rig.drain()
    assert rig.log.waits == 1


async def test_a_log_that_never_catches_up_does_not_hold_prices_up_for_long():
    rig = Rig()
    rig.log.behind = True
    rig.inbox.put(Timer())
    await rig.drain()
    assert 0 < rig.log.patience <= 0.05


async def test_the_time_of_a_turn_is_the_clock_s_and_stands_in_the_log():
    rig = Rig()
    rig.clock.advance(60)
    rig.inbox.put(Timer())
    await rig.drain()
    assert rig.pump.engine.now == rig.clock.now()
    assert rig.log.batches == [(rig.clock.now(), [b'{"type":"timer"}'])]


async def test_a_start_is_an_empty_batch_in_the_log():
    rig = Rig()
    await rig.pump.begin("1.0")
    assert rig.log.batches == [(rig.pump.engine.now, [])]
    assert "commit" in kinds(rig.story)


async def test_raw_frames_are_logged_in_runs_of_one_feed_and_other_events_between_them():
    rig = Rig()
    rig.inbox.frame("a", b"1", [])
    rig.inbox.frame("a", b"2", [])
    rig.inbox.frame("b", b"3", [])
    rig.inbox.put(Timer())
    rig.inbox.frame("b", b"4", [])
    entries = await rig.inbox.take()
    assert logged(entries) == [("a", [b"1", b"2"]), ("b", [b"3"]), b'{"type":"timer"}', ("b", [b"4"])]


async def test_what_came_before_the_end_is_decided_and_written_before_the_pump_ends():
    rig = Rig()
    rig.store.gate.clear()
    rig.arm()
    pumping = asyncio.create_task(rig.pump.run())
    await until(rig.store.entered.is_set)
    rig.inbox.put(Command(RequestId("late"), ListRules(), "test"))  # behind a commit that takes its time
    rig.inbox.close()
    rig.store.gate.set()
    async with asyncio.timeout(5):
        await pumping
    assert RequestId("late") in [act.request for act in only(rig.story, "act") if isinstance(act, Reply)]


async def test_frames_are_counted_by_feed():
    rig = Rig(engine=engine())
    for _ in range(3):
        rig.inbox.frame("demo", b"x", [])
    await rig.drain()
    assert rig.pump.frames_of["demo"] == 3
    assert world().feed_of(SAMSUNG, None) is not None


def crowd(count: int) -> Plan:
    """Return a plan of stops that one print meets."""
    return Plan(tuple(stop_rule(f"r{number}") for number in range(count)), confirmed=True)


async def test_a_print_that_fires_many_rules_is_committed_in_steps_before_the_next_print_is_decided():
    rig = Rig(engine=Engine(world(), Snapshot(), NOW, fires_at_once=3))
    rig.inbox.put(Recovered(MAIN, (), HELD))
    rig.inbox.link(DEMO, LinkState.UP)
    rig.inbox.put(crowd(3 + 48 + 5))
    for number, price in enumerate((70_000, 67_000, 66_000), start=1):
        rig.inbox.frame("demo", b"%d" % number, [tick(price, number)])
    await rig.drain()
    commits = [(at, what) for at, (kind, what) in enumerate(rig.story) if kind == "commit"]
    shots = {at: batch for at, what in commits if (batch := [record for record in what if isinstance(record, ShotRecord)])}
    assert [len(batch) for batch in shots.values()] == [3, 48, 5]
    assert {shot.crossed.price for batch in shots.values() for shot in batch} == {67_000}
    first_out = next(at for at, (kind, what) in enumerate(rig.story) if kind == "act" and isinstance(what, Place))
    assert sorted(shots)[0] < first_out < sorted(shots)[1]


@pytest.mark.parametrize("fires_at_once", [1, 3, 8, 100])
def test_steps_lead_to_the_same_units_as_one_go(fires_at_once: int):
    told = []
    for most in (fires_at_once, 10**9):
        stepping = Engine(world(), Snapshot(), NOW, fires_at_once=most)
        for event in (Recovered(MAIN, (), HELD), crowd(8), tick(70_000, 1)):
            stepping.handle(event)
            while stepping.unfinished:
                stepping.go_on()
        units = list(stepping.handle(tick(67_000, 2)))
        while stepping.unfinished:
            units += stepping.go_on()
        told.append(units)
    assert told[0] == told[1]
    assert sum(isinstance(record, ShotRecord) for unit in told[0] for record in unit.records) == 8


@pytest.mark.parametrize("rules", [1, 63, 64, 65, 500])
def test_a_plan_that_is_taken_in_steps_is_one_unit_and_the_same_as_at_once(rules: int):
    told, books = [], []
    for most in (1, 16, 10**9):
        stepping = Engine(world(), Snapshot(), NOW, fires_at_once=most)
        stepping.handle(Recovered(MAIN, (), HELD))
        units = [*stepping.handle(crowd(rules))]
        while stepping.unfinished:
            units += stepping.go_on()
        told.append([unit for unit in units if unit.records or unit.acts])
        books.append(stepping.list_rules())
    assert len(told[0]) == 1
    assert told[0] == told[1] == told[2]
    assert books[0] == books[1] == books[2]


def test_a_plan_that_fails_in_its_last_step_has_changed_nothing():
    stepping = Engine(world(), Snapshot(), NOW, fires_at_once=1)
    stepping.handle(Recovered(MAIN, (), HELD))
    good = crowd(300)
    bad = replace(good, rules=(*good.rules, replace(good.rules[0], id=RuleId("bad"), account=AccountName("nobody"))))
    units = [*stepping.handle(bad)]
    while stepping.unfinished:
        units += stepping.go_on()
    assert [type(record) for unit in units for record in unit.records] == [AlertRecord]
    assert stepping.list_rules() == []


async def test_a_large_plan_is_logged_as_a_small_one_is():
    plan = replace(crowd(1_203), templates=(), by='some"rules":[]one')
    assert await _in_parts([plan, Timer()]) == [msgspec.json.encode(plan), msgspec.json.encode(Timer())]


class TestMarksAlone:
    """A trail follows 70,000 and then 71,000; the timer writes the mark."""

    def rig(self) -> Rig:
        rig = Rig()
        trail = replace(stop_rule(), legs=(Leg(LegName("trail"), Trail(Percent(Decimal(3)))),))
        rig.inbox.put(Recovered(MAIN, (), HELD))
        rig.inbox.link(DEMO, LinkState.UP)
        rig.inbox.put(Plan((trail,)))
        rig.inbox.frame("demo", b"1", [tick(70_000, 1)])
        rig.inbox.frame("demo", b"2", [tick(71_000, 2)])
        return rig

    async def test_no_price_waits_until_they_are_on_disk(self):
        rig = self.rig()
        async with asyncio.TaskGroup() as group:
            pump = group.create_task(rig.pump.run())
            await until(lambda: rig.pump.evaluated == 2)
            rig.store.gate.clear()
            rig.inbox.put(Timer())
            await until(lambda: rig.pump._behind is not None)
            rig.inbox.frame("demo", b"3", [tick(70_900, 3)])
            await until(lambda: rig.pump.evaluated == 3)
            assert not any(isinstance(record, PeakRecord | MarkRecord) and record.price == 71_000 for record in written(rig))
            rig.store.gate.set()
            rig.inbox.close()
            await pump
        assert any(isinstance(record, PeakRecord | MarkRecord) and record.price == 71_000 for record in written(rig))

    async def test_that_they_were_not_written_ends_the_daemon_as_anything_does(self):
        rig = self.rig()
        async with asyncio.timeout(5):
            pump = asyncio.create_task(rig.pump.run())
            await until(lambda: rig.pump.evaluated == 2)
            rig.store.fails_at = rig.store.commits + 1
            rig.inbox.put(Timer())
            rig.inbox.close()
            with pytest.raises(OSError, match="the disk is gone"):
                await pump

    async def test_a_fire_is_written_after_them_and_leaves_after_both(self):
        rig = self.rig()
        async with asyncio.timeout(5), asyncio.TaskGroup() as group:
            pump = group.create_task(rig.pump.run())
            await until(lambda: rig.pump.evaluated == 2)
            rig.inbox.put(Timer())
            await until(lambda: rig.pump._behind is not None)
            rig.inbox.frame("demo", b"3", [tick(68_000, 3)])
            rig.inbox.close()
            await pump
        commits = [(at, {type(record) for record in what}) for at, (kind, what) in enumerate(rig.story) if kind == "commit"]
        marks = next(at for at, what in commits if what == {MarkRecord})
        shot = next(at for at, what in commits if ShotRecord in what)
        place = next(at for at, (kind, what) in enumerate(rig.story) if kind == "act" and isinstance(what, Place))
        assert marks < shot < place


def written(rig: Rig) -> list[Any]:
    """Return the records that were committed."""
    return [record for kind, what in rig.story if kind == "commit" for record in what]
