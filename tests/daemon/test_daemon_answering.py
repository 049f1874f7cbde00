"""Answers come after their commit, once for each request id, and to everybody who asked."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from fakes import FakeClock
from fakes_daemon import HELD, MAIN, Nap, request, stop_rule, tick, world
from waiting import until

from autotrader.config.load import load_text
from autotrader.control.protocol import Alerts, History, Journal, Ping, PlanFile, Reload, Request, Templates, encode_reply, refusal
from autotrader.daemon.answering import Desk
from autotrader.daemon.inbox import EVENTS_LIMIT, Inbox
from autotrader.daemon.outbox import Outbox
from autotrader.daemon.performing import Performers, Replies
from autotrader.daemon.pump import Pump
from autotrader.daemon.rulesfile import RulesFile, fingerprint
from autotrader.domain.order import IntentId, OrderId
from autotrader.domain.rule import RuleId
from autotrader.engine.effects import Ignored, Place, Reply, Show, Subscribe, Withdraw
from autotrader.engine.engine import Engine
from autotrader.engine.events import Add, Decision, ListRules, Pause, Recovered, Resolve, Status, Timer
from autotrader.engine.records import RequestId
from autotrader.errors import AutotraderError, RefusedByState, UserMistake
from autotrader.store.sqlite import SqliteStore, open_store

TEXT = """\
accounts: {main: {broker: paper}}
feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}}}}
rules: {y: {instrument: KRX:005930, side: sell, quantity: 1, stop: 68000}}
"""


class FakeFeed:
    def __init__(self) -> None:
        self.wanted: list[frozenset[str]] = []

    def subscribe(self, instruments: Any) -> None:
        self.wanted.append(instruments)


class House:
    """A real store, engine, pump and desk; only brokers and feeds are missing."""

    def __init__(self, state: Path) -> None:
        self.clock = FakeClock()
        self.state = state
        self.path = state / "config.yaml"
        self.path.write_text(TEXT)
        self.store: SqliteStore = open_store(state, clock=self.clock)
        self.inbox = Inbox()
        self.replies = Replies()
        self.looks: list[str] = []

    async def move_in(self) -> None:
        self.engine = Engine(world(), await self.store.load(), self.clock.now())
        settings = load_text(TEXT, "c.yaml").settings
        assert settings is not None
        self.file = RulesFile(self.path, settings, self.clock, self.inbox.put, seen=fingerprint(self.path), sleep=Nap())
        self.desk = Desk(self.inbox, self.replies, self.engine, self.store, self.file, str(self.state), lambda: self.looks.append("look"))
        performers = Performers(Outbox({}, self.looks.append), {}, {"demo": FakeFeed()}, self.replies)
        self.pump = Pump(self.inbox, self.engine, self.store, performers, (), self.clock, None)

    async def ask(self, verb: Any, name: str = "q1") -> dict[str, Any]:
        async with asyncio.timeout(20):
            return await self.desk.answer(Request(RequestId(name), "test", verb))


@pytest.fixture
async def house(tmp_path):
    house = House(tmp_path)
    await house.move_in()
    async with asyncio.TaskGroup() as tasks:
        pumping = tasks.create_task(house.pump.run())
        yield house
        pumping.cancel()
    await house.store.close()


async def test_a_reply_comes_when_its_command_is_on_disk(house):
    assert (await house.ask(Add(stop_rule())))["ok"]
    assert [record.rule.id for record in (await house.store.load()).rules] == ["guard"]


async def test_the_same_id_asked_twice_at_once_is_carried_out_once_and_answered_twice(house):
    first, second = await asyncio.gather(house.ask(Add(stop_rule())), house.ask(Add(stop_rule())))
    assert first == second
    assert first["ok"]


async def test_a_repeated_command_gets_its_first_answer_also_after_a_restart(tmp_path):
    bodies = []
    for _ in range(2):
        house = House(tmp_path)
        await house.move_in()
        async with asyncio.TaskGroup() as tasks:
            pumping = tasks.create_task(house.pump.run())
            bodies.append(await house.ask(Add(stop_rule())))
            bodies.append(await house.ask(Add(stop_rule())))
            pumping.cancel()
        await house.store.close()
    assert {encode_reply("q1", body) for body in bodies} == {encode_reply("q1", bodies[0])}
    assert bodies[0]["ok"]


async def test_a_question_is_answered_anew_under_the_same_id(house):
    assert (await house.ask(ListRules()))["result"] == {"rules": []}
    await house.ask(Add(stop_rule()), "q2")
    assert len((await house.ask(ListRules()))["result"]["rules"]) == 1
    assert [kept.id for kept in (await house.store.load()).requests] == ["q2"]


class SlowDisk:
    """A store whose commits wait until they are let through."""

    def __init__(self, store: SqliteStore) -> None:
        self.store = store
        self.asked = asyncio.Event()
        self.open = asyncio.Event()

    async def commit(self, units: Any) -> None:
        self.asked.set()
        await self.open.wait()
        await self.store.commit(units)


async def test_a_list_shows_nothing_that_is_not_on_disk(tmp_path):
    house = House(tmp_path)
    await house.move_in()
    disk = SlowDisk(house.store)
    house.pump.store = disk
    async with asyncio.TaskGroup() as tasks:
        pumping = tasks.create_task(house.pump.run())
        adding = tasks.create_task(house.ask(Add(stop_rule()), "add"))
        await disk.asked.wait()
        assert "guard" in house.engine.book.rules  # decided, and not committed
        listing = tasks.create_task(house.ask(ListRules(), "list"))
        for _ in range(50):
            await asyncio.sleep(0)
        assert not listing.done()
        disk.open.set()
        assert [rule["id"] for rule in (await listing)["result"]["rules"]] == ["guard"]
        assert (await adding)["ok"]
        pumping.cancel()
    await house.store.close()


async def test_a_refusal_is_an_answer(house):
    body = await house.ask(Pause(RuleId("nobody")))
    assert (body["ok"], body["code"], body["exit"]) == (False, "rule.unknown", 2)


async def test_one_who_hangs_up_does_not_take_the_answer_from_his_second_try(tmp_path):
    house = House(tmp_path)
    await house.move_in()
    impatient = asyncio.create_task(house.ask(Add(stop_rule())))
    patient = asyncio.create_task(house.ask(Add(stop_rule())))
    await until(lambda: house.inbox._entries)
    impatient.cancel()
    await asyncio.wait([impatient])
    again = asyncio.create_task(house.ask(Add(stop_rule())))
    async with asyncio.TaskGroup() as tasks:
        pumping = tasks.create_task(house.pump.run())
        bodies = [await patient, await again]
        pumping.cancel()
    await house.store.close()
    assert [body["ok"] for body in bodies] == [True, True]


async def test_an_overloaded_daemon_says_so_and_takes_nothing(tmp_path):
    house = House(tmp_path)
    await house.move_in()
    for _ in range(EVENTS_LIMIT):
        house.inbox.put(Timer())
    with pytest.raises(AutotraderError, match="too much to do"):
        await house.ask(Add(stop_rule()))
    assert len(await house.inbox.take()) == EVENTS_LIMIT
    await house.store.close()


async def test_a_reload_answers_what_the_file_changed_and_whether_a_restart_is_needed(house):
    assert (await house.ask(Reload()))["result"]["added"] == 1
    house.path.write_text(TEXT.replace("start: 70000", "start: 1"))
    result = (await house.ask(Reload(), "q2"))["result"]
    assert (result["unchanged"], result["restart_needed"]) == (1, True)


async def test_a_reload_of_a_broken_file_tells_every_mistake(house):
    house.path.write_text(TEXT.replace("sell", "keep").replace("stop", "halt"))
    body = await house.ask(Reload())
    assert (body["ok"], body["code"], body["exit"], body["params"]["count"]) == (False, "plan.refused", 2, "2")


async def test_a_plan_says_what_the_file_would_change_and_only_that_file_is_taken(house):
    plan = (await house.ask(PlanFile()))["result"]
    assert ([view["id"] for view in plan["added"]], plan["file"]) == (["y"], str(house.path))
    assert not house.engine.book.rules
    house.path.write_text(TEXT + "# changed\n")
    with pytest.raises(RefusedByState) as refused:
        await house.ask(Reload(digest=plan["digest"]), "q2")
    encode_reply("q2", refusal(refused.value))  # every parameter goes over the wire
    assert refused.value.code == "plan.file_changed"
    house.path.write_text(TEXT)
    assert (await house.ask(Reload(digest=plan["digest"]), "q3"))["result"]["added"] == 1


async def test_a_plan_of_a_broken_file_tells_its_mistakes_and_raises_no_alert(house):
    house.path.write_text(TEXT.replace("sell", "keep"))
    with pytest.raises(UserMistake) as refused:
        await house.ask(PlanFile())
    assert (refused.value.code, refused.value.params["count"]) == ("plan.refused", 1)
    assert (await house.ask(Alerts(), "q2"))["result"] == {"alerts": []}


async def test_templates_are_told_from_the_engine(house):
    assert (await house.ask(Templates()))["result"] == {"templates": []}


async def test_a_request_that_never_reached_the_engine_can_be_asked_again(house, tmp_path):
    house.file.read = None  # a defect of our own, for once
    with pytest.raises(TypeError):
        await house.ask(Reload())
    del house.file.read
    assert (await house.ask(Reload()))["ok"]


async def test_a_person_s_decision_asks_for_a_look_at_the_brokers(house):
    await house.ask(Resolve("guard/stop", Decision.WATCH))
    assert house.looks == ["look"]


async def test_ping_says_who_we_are(house):
    result = (await house.ask(Ping()))["result"]
    assert (result["mode"], result["accounts"], result["config"]) == ("paper", ["main"], str(house.path))


async def test_status_has_the_engine_s_facts_and_the_shell_s(house):
    result = (await house.ask(Status()))["result"]
    assert {"mode", "accounts", "pid", "version", "config", "state", "conflated", "store_notes", "alerts"} <= result.keys()


async def test_history_journal_and_alerts_come_from_the_store(house):
    house.inbox.put(Recovered(MAIN, (), HELD))
    await house.ask(Add(stop_rule()))
    rows = (await house.ask(Journal("guard", 10), "q2"))["result"]["rows"]
    assert rows[0]["subject"] == "guard/stop"
    assert (await house.ask(History(), "q3"))["result"] == {"fires": []}
    house.path.write_text("rules: [")
    await house.ask(Reload(), "q4")
    (alert,) = (await house.ask(Alerts(), "q5"))["result"]["alerts"]
    assert alert["note"]["code"] == "plan.refused"
    assert (await house.ask(Alerts([alert["number"]]), "q6"))["result"] == {"alerts": []}


class FakeOutbox:
    """Writes down what it is handed."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, Any]] = []

    def put(self, account: str, order: Any) -> None:
        self.taken.append((account, order))


class Till:
    def __init__(self) -> None:
        self.shown: list[Any] = []

    def show(self, tick: Any) -> None:
        self.shown.append(tick)


async def test_each_act_goes_to_the_one_who_performs_it():
    outbox, till, feed, replies = FakeOutbox(), Till(), FakeFeed(), Replies()
    performers = Performers(outbox, {MAIN: till}, {"demo": feed}, replies)
    waiting, _ = replies.expect(RequestId("r"))
    acts = [
        Place(request()),
        Withdraw(MAIN, IntentId("i"), OrderId("7")),
        Show(MAIN, tick(1)),
        Reply(RequestId("r"), {"ok": True}),
        Reply(RequestId("nobody waits"), {}),
        Subscribe("demo", frozenset({"KRX:005930"})),
        Ignored(tick(1), "flag"),
    ]
    for act in acts:
        performers.perform(act)
    assert outbox.taken == [(MAIN, acts[0]), (MAIN, acts[1])]
    assert till.shown == [tick(1)]
    assert feed.wanted == [frozenset({"KRX:005930"})]
    assert await waiting == {"ok": True}


@pytest.mark.parametrize("verb", [History(10**30), Journal(None, 10**30), History(-1), Alerts([10**30, -(10**30)])])
async def test_a_number_beyond_all_bounds_is_answered_and_ends_nothing(house, verb):
    assert (await house.ask(verb))["ok"]
    assert (await house.ask(Pause(RuleId("none")), "q2"))["code"] == "rule.unknown"
    await house.store.commit([])
