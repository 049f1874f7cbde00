"""Without a daemon: the same store, engine and rules of commit, and nothing lost that a start would need."""

from pathlib import Path
from typing import Any

import pytest
from fakes import NINE_IN_SEOUL
from fakes_daemon import HELD, MAIN, stop_rule, tick, world
from msgspec.structs import replace

from autotrader.config.load import load_text
from autotrader.control.protocol import Alerts, History, Journal, Ping, PlanFile, Reload, Templates
from autotrader.daemon import offline
from autotrader.daemon.places import MODE, check_mode
from autotrader.domain.order import IntentId, OutcomeKind
from autotrader.domain.rule import RuleId
from autotrader.domain.settings import Mode, Settings
from autotrader.domain.tick import FeedName
from autotrader.engine.engine import Engine
from autotrader.engine.events import (
    Add,
    Cancel,
    Command,
    Edit,
    Held,
    Link,
    LinkState,
    ListRules,
    Outcome,
    Pause,
    Recovered,
    Resume,
    ShowRule,
    Status,
)
from autotrader.engine.records import RequestId
from autotrader.errors import AnotherInstance, AutotraderError, UserMistake
from autotrader.store.lock import InstanceLock
from autotrader.store.reading import read_snapshot
from autotrader.store.writer import Writer

HEAD = """\
accounts: {main: {broker: paper, cash: {KRW: 1000000}}}
feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}}}}
"""


def settings(rules: str = "{}") -> Settings:
    loaded = load_text(f"{HEAD}rules: {rules}\n", "c.yaml", None, past_is_mistake=False)
    assert loaded.settings is not None, loaded.mistakes
    return loaded.settings


def yaml_rules(*stops: int) -> str:
    each = [f"y{n}: {{instrument: KRX:005930, side: sell, quantity: 1, stop: {stop}}}" for n, stop in enumerate(stops)]
    return "{" + ", ".join(each) + "}"


def do(state: Path, verb: Any, of: Settings | None = None) -> dict[str, Any]:
    return offline.answer(state, of or settings(), verb, "test")


def states(state: Path) -> dict[str, str]:
    return {rule["id"]: rule["state"] for rule in offline.look(state, ListRules())["result"]["rules"]}


@pytest.mark.parametrize(
    ("verb", "empty"),
    [
        (ListRules(), {"rules": []}),
        (Held(), {"held": []}),
        (History(), {"fires": []}),
        (Journal(), {"rows": []}),
        (Alerts(), {"alerts": []}),
        (Templates(), {"templates": []}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_absent_store_is_an_empty_one_and_looking_makes_none(tmp_path, verb, empty):
    state = tmp_path / "nowhere"
    assert offline.look(state, verb) == {"ok": True, "result": empty}
    assert not state.exists()


def test_the_status_of_an_absent_store_is_told(tmp_path):
    result = offline.look(tmp_path, Status())["result"]
    assert (result["mode"], result["held"], result["positions"]) == ("paper", [], [])


def test_a_rule_that_is_not_there_is_a_refusal(tmp_path):
    body = offline.look(tmp_path, ShowRule(RuleId("x")))
    assert (body["ok"], body["code"], body["exit"]) == (False, "rule.unknown", 2)


def test_a_plan_is_worked_out_from_the_store_and_leaves_no_trace(tmp_path):
    state = tmp_path / "state"
    body = offline.answer(state, settings(yaml_rules(60_000)), PlanFile(), "test")
    assert [view["id"] for view in body["result"]["added"]] == ["y0"]
    assert not state.exists()
    do(state, Add(stop_rule()), settings(yaml_rules(60_000)))
    with InstanceLock(state):
        result = offline.answer(state, settings(yaml_rules(61_000)), PlanFile(), "test")["result"]
    (item,) = result["changed"]
    assert (item["id"], item["legs"][0]["level"]) == ("y0", ["60000", "61000"])
    assert states(state) == {"y0": "waiting", "guard": "waiting"}


TEMPLATE = "{}\ntemplates: {keep: {side: sell, quantity: all, stop: -5%}}"


def test_a_file_with_templates_alone_is_taken(tmp_path):
    do(tmp_path, Add(stop_rule()), settings(TEMPLATE))
    assert [template["id"] for template in offline.look(tmp_path, Templates())["result"]["templates"]] == ["keep"]


def test_templates_alone_never_end_the_rules_that_the_file_had(tmp_path):
    do(tmp_path, Add(stop_rule()), settings(yaml_rules(60_000)))
    do(tmp_path, Pause(RuleId("guard")), settings(TEMPLATE))
    assert states(tmp_path)["y0"] == "waiting"


@pytest.mark.parametrize("verb", [Ping(), Reload(), Pause(RuleId("x"))], ids=lambda value: type(value).__name__)
def test_only_questions_are_looked_up(tmp_path, verb):
    with pytest.raises(TypeError):
        offline.look(tmp_path, verb)


def test_looking_takes_no_lock_and_needs_none(tmp_path):
    do(tmp_path, Add(stop_rule()))
    with InstanceLock(tmp_path):
        assert states(tmp_path) == {"guard": "waiting"}


def test_a_rule_added_without_a_daemon_watches_and_fires_in_the_next_engine(tmp_path):
    assert do(tmp_path, Add(stop_rule()))["result"]["rule"]["state"] == "waiting"
    engine = Engine(world(), read_snapshot(tmp_path), NINE_IN_SEOUL)
    engine.start("next")
    engine.handle(Recovered(MAIN, (), HELD))
    engine.handle(Link(FeedName("demo"), LinkState.UP))
    engine.handle(tick(70_000, 1))
    assert engine.list_rules()[0]["state"] == "watching"
    engine.handle(tick(68_000, 2))
    assert engine.list_rules()[0]["state"] == "fired"


def test_pause_resume_edit_and_cancel_are_kept_one_after_the_other(tmp_path):
    do(tmp_path, Add(stop_rule()))
    do(tmp_path, Pause(RuleId("guard")))
    assert states(tmp_path) == {"guard": "paused"}
    do(tmp_path, Resume(RuleId("guard")))
    assert states(tmp_path) == {"guard": "waiting"}
    do(tmp_path, Edit(stop_rule(stop=67_000), 1))
    assert offline.look(tmp_path, ShowRule(RuleId("guard")))["result"]["rule"]["version"] == 2
    do(tmp_path, Cancel(RuleId("guard")))
    assert states(tmp_path) == {"guard": "cancelled"}


def test_a_refused_command_changes_nothing(tmp_path):
    do(tmp_path, Add(stop_rule()))
    before = offline.look(tmp_path, Journal())
    body = do(tmp_path, Edit(stop_rule(stop=1), 7))
    assert (body["ok"], body["code"], body["exit"]) == (False, "rule.changed_meanwhile", 5)
    assert offline.look(tmp_path, Journal()) == before


def test_a_held_lock_is_another_instance_and_nothing_is_touched(tmp_path):
    with InstanceLock(tmp_path):
        before = sorted(path.name for path in tmp_path.iterdir())
        with pytest.raises(AnotherInstance):
            do(tmp_path, Add(stop_rule()))
        assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_the_other_mode_s_directory_is_refused(tmp_path):
    check_mode(tmp_path, Mode.LIVE)
    with pytest.raises(UserMistake, match="belongs to mode live"):
        do(tmp_path, Add(stop_rule()))


@pytest.mark.parametrize("garbage", ["", "both", "\udcff"])
def test_a_mode_that_nobody_can_read_is_named(tmp_path, garbage):
    (tmp_path / MODE).write_bytes(garbage.encode("utf-8", "surrogateescape"))
    with pytest.raises(UserMistake, match="should say paper or live"):
        offline.look(tmp_path, ListRules())


def test_the_file_s_rules_are_there_for_the_command(tmp_path):
    body = do(tmp_path, Pause(RuleId("y0")), settings(yaml_rules(68_000)))
    assert body["ok"]
    assert states(tmp_path) == {"y0": "paused"}


def test_a_file_that_lost_its_rules_cancels_none(tmp_path):
    do(tmp_path, Pause(RuleId("y0")), settings(yaml_rules(68_000, 67_000)))
    do(tmp_path, Add(stop_rule()), settings())
    assert states(tmp_path) == {"y0": "paused", "y1": "waiting", "guard": "waiting"}


def test_a_command_is_carried_out_although_the_file_waits_for_a_yes_and_that_is_said(tmp_path):
    do(tmp_path, Pause(RuleId("y0")), settings(yaml_rules(1, 2, 3, 4)))
    body = do(tmp_path, Pause(RuleId("y1")), settings(yaml_rules(1, 9, 9, 9)))
    assert body["ok"]
    assert [note["code"] for note in body["result"]["notes"]] == ["plan.pending"]
    assert states(tmp_path) == {"y0": "paused", "y1": "paused", "y2": "waiting", "y3": "waiting"}


def test_a_command_is_carried_out_although_the_file_is_refused_and_that_is_said(tmp_path):
    do(tmp_path, Add(replace(stop_rule(), id=RuleId("y0"))))
    body = do(tmp_path, Pause(RuleId("y0")), settings(yaml_rules(68_000)))
    assert states(tmp_path) == {"y0": "paused"}
    assert [note["code"] for note in body["result"]["notes"]] == ["plan.id_taken"]
    assert offline.look(tmp_path, Alerts())["result"]["alerts"][0]["note"]["code"] == "plan.id_taken"


def test_a_file_that_is_taken_says_nothing_beside_the_answer(tmp_path):
    assert "notes" not in do(tmp_path, Pause(RuleId("y0")), settings(yaml_rules(68_000)))["result"]


def test_a_command_does_not_count_as_watching(tmp_path):
    check_mode(tmp_path, Mode.PAPER)
    daemon = Writer(tmp_path, NINE_IN_SEOUL)
    daemon.commit([], NINE_IN_SEOUL)
    daemon.close()
    do(tmp_path, Add(stop_rule()))
    assert read_snapshot(tmp_path).last_alive == NINE_IN_SEOUL


def test_an_order_at_the_broker_needs_the_daemon(tmp_path):
    check_mode(tmp_path, Mode.PAPER)
    writer = Writer(tmp_path, NINE_IN_SEOUL)
    engine = Engine(world(), writer.load(), NINE_IN_SEOUL)
    story = [
        Recovered(MAIN, (), HELD),
        Link(FeedName("demo"), LinkState.UP),
        Command(RequestId("a"), Add(stop_rule()), "test"),
        tick(70_000, 1),
        tick(67_000, 2),
        Outcome(IntentId("guard/stop/1/1"), 1, OutcomeKind.ACCEPTED, "B-1"),
    ]
    for event in story:
        writer.commit(engine.handle(event), NINE_IN_SEOUL)
    writer.close()
    with pytest.raises(AutotraderError, match="only a running daemon speaks to brokers"):
        do(tmp_path, Cancel(RuleId("guard")))
    assert states(tmp_path) == {"guard": "fired"}
