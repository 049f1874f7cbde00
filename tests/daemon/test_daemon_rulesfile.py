"""The file is read when it has changed and stands still, once, and nothing but a good reading changes the rules."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from textwrap import dedent

import pytest
from fakes import FakeClock
from fakes_daemon import Nap
from waiting import until

from autotrader.config.load import load_file
from autotrader.daemon.rulesfile import RulesFile, fingerprint
from autotrader.engine.events import Plan, PlanRefused
from autotrader.engine.records import RequestId
from autotrader.errors import RefusedByState, UserMistake

BASE = """\
mode: paper
accounts: {main: {broker: paper, cash: {KRW: 1000000}}}
feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}}}}
"""
RULES = BASE + "rules: {guard: {instrument: KRX:005930, side: sell, quantity: 10, stop: 68000}}\n"


class Shelf:
    """A file with its watcher, whose looks the test counts out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_text(RULES)
        self.told: list[Plan | PlanRefused] = []
        self.nap = Nap()
        settings = load_file(path).settings
        assert settings is not None
        self.file = RulesFile(path, settings, FakeClock(), self.told.append, seen=fingerprint(path), sleep=self.nap)
        self.looks = 0

    async def look(self, times: int = 1) -> None:
        """Let the watcher look, and wait until it sleeps again."""
        for _ in range(times):
            self.nap.end()
            self.looks += 1
            await until(lambda: len(self.nap.asked) == self.looks + 1, timeout=20)


@pytest.fixture
async def shelf(tmp_path: Path) -> AsyncIterator[Shelf]:
    shelf = Shelf(tmp_path / "config.yaml")
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(shelf.file.watch())
        await until(lambda: shelf.nap.asked)
        yield shelf
        watching.cancel()


async def test_a_file_that_did_not_change_is_not_read(shelf: Shelf):
    shelf.path.write_text(RULES)
    await shelf.look(3)
    assert shelf.told == []


async def test_a_changed_file_is_read_once_it_has_stood_still_for_a_look(shelf: Shelf):
    shelf.path.write_text(RULES.replace("68000", "67000"))
    await shelf.look()
    assert shelf.told == []
    await shelf.look()
    assert [type(event) for event in shelf.told] == [Plan]
    await shelf.look(2)
    assert len(shelf.told) == 1


async def test_half_a_file_on_the_way_to_a_whole_one_is_never_read(shelf: Shelf):
    shelf.path.write_text(BASE + "rules: {}\n")
    await shelf.look()
    shelf.path.write_text(RULES.replace("68000", "67000"))
    await shelf.look(2)
    (plan,) = shelf.told
    assert isinstance(plan, Plan)
    assert len(plan.rules) == 1


@pytest.mark.parametrize(
    ("text", "word"),
    [
        pytest.param("rules: [", "config.yaml:2:1", id="broken"),
        pytest.param("", "config.yaml", id="empty"),
        pytest.param(BASE, "rules: {}", id="without rules"),
        pytest.param(RULES.replace("sell", "keep"), "config.yaml:4:47", id="one wrong word"),
        pytest.param(None, "config.yaml", id="vanished"),
    ],
)
async def test_a_file_that_cannot_be_taken_is_refused_once_and_a_good_one_is_taken_again(shelf: Shelf, text, word):
    if text is None:
        shelf.path.unlink()
    else:
        shelf.path.write_text(text)
    await shelf.look(4)
    (refused,) = shelf.told
    assert isinstance(refused, PlanRefused)
    assert word in "\n".join(refused.mistakes)
    shelf.path.write_text(RULES)
    await shelf.look(2)
    assert [type(event) for event in shelf.told] == [PlanRefused, Plan]


async def test_a_change_of_templates_alone_is_a_plan(shelf: Shelf):
    shelf.path.write_text(RULES + "templates: {keep: {side: sell, quantity: all, stop: -5%, include_existing: yes}}\n")
    await shelf.file.read(request=RequestId("q"))
    (plan,) = shelf.told
    assert isinstance(plan, Plan)
    assert ([rule.id for rule in plan.rules], [template.rule.id for template in plan.templates]) == (["guard"], ["keep"])
    assert plan.templates[0].include_existing
    assert not shelf.file.restart_needed


async def test_templates_without_rules_are_a_plan_that_says_so(shelf: Shelf):
    shelf.path.write_text(BASE + "templates: {keep: {side: sell, quantity: all, stop: -5%}}\n")
    await shelf.look(2)
    (plan,) = shelf.told
    assert isinstance(plan, Plan)
    assert (plan.rules, plan.rules_missing, len(plan.templates)) == ((), True, 1)


async def test_no_rules_on_purpose_is_a_plan(shelf: Shelf):
    shelf.path.write_text(BASE + "rules: {}\n")
    await shelf.look(2)
    (plan,) = shelf.told
    assert isinstance(plan, Plan)
    assert plan.rules == ()


@pytest.mark.parametrize(
    ("before", "after", "needed"),
    [
        pytest.param("68000", "67000", False, id="a rule"),
        pytest.param("1000000", "2000000", True, id="an account"),
        pytest.param("start: 70000", "start: 71000", True, id="a feed"),
        pytest.param("mode: paper", "mode: paper\nguards: {collar: 5%}", True, id="a guard"),
    ],
)
async def test_only_what_is_not_a_rule_needs_a_restart(shelf: Shelf, before, after, needed):
    shelf.path.write_text(RULES.replace(before, after))
    await shelf.file.read()
    assert shelf.file.restart_needed is needed
    shelf.path.write_text(RULES)
    await shelf.file.read()
    assert not shelf.file.restart_needed


async def test_a_question_about_the_file_leaves_the_watcher_its_change(shelf: Shelf):
    shelf.path.write_text(RULES.replace("68000", "67000"))
    digest = await shelf.file.rehearse(RequestId("r1"), "cli:me")
    (asked,) = shelf.told
    assert isinstance(asked, Plan)
    assert (asked.dry, asked.request, digest) == (True, RequestId("r1"), fingerprint(shelf.path))
    await shelf.look(2)
    assert [event.dry for event in shelf.told if isinstance(event, Plan)] == [True, False]


@pytest.mark.parametrize("text", [BASE, "rules: [", RULES.replace("sell", "keep")], ids=["no rules", "broken", "a wrong word"])
async def test_a_question_about_a_bad_file_is_answered_with_its_mistakes_and_tells_the_engine_nothing(shelf: Shelf, text):
    shelf.path.write_text(text)
    with pytest.raises(UserMistake):
        await shelf.file.rehearse(RequestId("r1"), "cli:me")
    assert shelf.told == []


async def test_another_content_than_the_one_that_is_meant_is_not_taken(shelf: Shelf):
    with pytest.raises(RefusedByState):
        await shelf.file.read(expected="0" * 64)
    assert shelf.told == []
    await shelf.file.read(expected=fingerprint(shelf.path))
    assert [type(event) for event in shelf.told] == [Plan]


@pytest.mark.parametrize("text", [RULES, "rules: ["], ids=["good", "broken"])
async def test_a_reload_bears_the_number_of_its_request(shelf: Shelf, text):
    shelf.path.write_text(text)
    await shelf.file.read(confirmed=True, request=RequestId("r1"), by="cli:me")
    (event,) = shelf.told
    assert event.request == RequestId("r1")
    assert isinstance(event, PlanRefused) or (event.confirmed, event.by) == (True, "cli:me")


async def test_a_file_read_on_request_is_not_read_again_by_the_watcher(shelf: Shelf):
    shelf.path.write_text(RULES.replace("68000", "67000"))
    await shelf.file.read()
    await shelf.look(3)
    assert len(shelf.told) == 1


async def test_an_edit_between_the_first_reading_and_the_watch_is_noticed(tmp_path: Path):
    shelf = Shelf(tmp_path / "c.yaml")
    shelf.path.write_text(RULES.replace("68000", "67000"))
    settings = shelf.file.settings
    late = RulesFile(shelf.path, settings, FakeClock(), shelf.told.append, seen=shelf.file._seen, sleep=shelf.nap)
    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(late.watch())
        await until(lambda: shelf.nap.asked)
        await shelf.look(2)
        watching.cancel()
    assert [type(event) for event in shelf.told] == [Plan]


async def test_two_readings_at_once_are_told_one_after_the_other(shelf: Shelf):
    await asyncio.gather(shelf.file.read(request=RequestId("a")), shelf.file.read(request=RequestId("b")))
    assert [event.request for event in shelf.told] == ["a", "b"]


def test_a_fingerprint_tells_contents_apart_and_knows_a_file_that_is_gone(tmp_path: Path):
    path = tmp_path / "f"
    gone = fingerprint(path)
    path.write_text(dedent("a"))
    one = fingerprint(path)
    path.write_text("b")
    assert len({gone, one, fingerprint(path)}) == 3


def test_a_pipe_or_a_giant_in_the_file_s_place_is_not_read(tmp_path: Path):
    pipe, giant = tmp_path / "pipe", tmp_path / "giant"
    os.mkfifo(pipe)
    assert fingerprint(pipe).startswith("unreadable")
    with giant.open("wb") as file:
        file.truncate(1 << 40)
    assert fingerprint(giant).startswith("too large")
    assert fingerprint(giant) != fingerprint(pipe)
