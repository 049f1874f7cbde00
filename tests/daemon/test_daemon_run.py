"""The daemon as a process: its exit codes, what systemd hears, and a stop that ends in time and loses no answer."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes_daemon import HELD, MAIN, FakeBroker, stop_rule, tick
from waiting import until, until_true

from autotrader.config.child import read_in_child
from autotrader.control.client import ask
from autotrader.control.protocol import Ping, Request
from autotrader.daemon.clock import SystemClock
from autotrader.daemon.outbox import Outbox
from autotrader.daemon.performing import Performers
from autotrader.daemon.places import check_mode, socket_path
from autotrader.daemon.rulesfile import fingerprint
from autotrader.daemon.run import Daemon, RunOptions, StopTimes, exit_of, leaves
from autotrader.domain.settings import Mode
from autotrader.engine.events import Add, Command, Link, LinkState, Timer
from autotrader.engine.records import IntentStatus, RequestId, RuleRecord
from autotrader.errors import AutotraderError
from autotrader.messages import say
from autotrader.notify.line import Style
from autotrader.notify.log import LogNotifier
from autotrader.store.lock import InstanceLock
from autotrader.store.reading import read_snapshot
from autotrader.store.sqlite import open_store

QUIET = """\
accounts: {main: {broker: paper, cash: {KRW: 1000000}}}
feeds: {demo: {kind: sim, every: 1000s, instruments: {KRX:005930: {start: 70000}}}}
"""
CONFIG = QUIET + "rules: {}\n"


@contextmanager
def running(config: Path, state: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """Start the daemon as a process, and end it with the test."""
    command = [sys.executable, "-m", "autotrader", "run", "-c", str(config), "--state", str(state)]
    ours = {name: value for name, value in os.environ.items() if name not in ("NOTIFY_SOCKET", "JOURNAL_STREAM", "WATCHDOG_USEC")}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**ours, **environment}) as process:
        try:
            yield process
        finally:
            process.kill()


def outcome(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Return exit code and words of a process that ends by itself."""
    _, words = process.communicate(timeout=20)
    return process.returncode, words


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text(CONFIG)
    return path


def test_systemd_hears_ready_when_commands_are_taken_and_reloads_and_stops_are_told(config, tmp_path):
    state = tmp_path / "s"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ears:
        ears.bind(str(tmp_path / "notify"))
        ears.settimeout(20)
        with running(config, state, NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
            assert ears.recv(999) == b"READY=1"
            assert ask(socket_path(state), Request(RequestId("q"), "test", Ping())).result["pid"] == process.pid
            assert read_snapshot(state).rules == ()
            config.write_text(QUIET + "rules: {y: {instrument: KRX:005930, side: sell, quantity: 1, stop: 68000}}\n")
            process.send_signal(signal.SIGHUP)
            assert ears.recv(999).startswith(b"RELOADING=1\nMONOTONIC_USEC=")
            assert ears.recv(999) == b"READY=1"
            until_true(lambda: [record.rule.id for record in read_snapshot(state).rules] == ["y"])
            process.send_signal(signal.SIGTERM)
            assert ears.recv(999) == b"STOPPING=1"
            assert outcome(process)[0] == 0
    assert not socket_path(state).exists()


def test_a_file_with_mistakes_ends_with_78_before_anything_is_made(config, tmp_path):
    config.write_text("rules: [")
    with running(config, tmp_path / "s") as process:
        code, words = outcome(process)
    assert code == 78
    assert "config.yaml:1:" in words or "config.yaml:2:" in words
    assert not (tmp_path / "s").exists()


def test_a_damaged_store_ends_with_78_and_is_left_as_it_is(config, tmp_path):
    (tmp_path / "store.sqlite").write_bytes(b"")
    with running(config, tmp_path) as process:
        code, words = outcome(process)
    assert (code, (tmp_path / "store.sqlite").read_bytes()) == (78, b"")
    assert "empty" in words


def test_the_other_mode_s_state_ends_with_78(config, tmp_path):
    check_mode(tmp_path, Mode.LIVE)
    with running(config, tmp_path) as process:
        assert outcome(process)[0] == 78


def test_another_instance_ends_with_75_and_names_the_holder(config, tmp_path):
    with InstanceLock(tmp_path), running(config, tmp_path) as process:
        code, words = outcome(process)
    assert code == 75
    assert str(os.getpid()) in words


def test_what_a_new_start_may_mend_ends_with_1(config, tmp_path):
    (tmp_path / "store.sqlite").mkdir()
    with running(config, tmp_path) as process:
        code, words = outcome(process)
    assert code == 1
    assert "store.sqlite" in words


def test_a_socket_at_which_another_daemon_answers_ends_with_75(config, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as squatter:
        squatter.bind(str(socket_path(tmp_path)))
        squatter.listen()
        with running(config, tmp_path) as process:
            code, words = outcome(process)
    assert code == 75
    assert "another daemon answers" in words


def test_the_errors_of_a_group_are_found_however_deep():
    one, two = ValueError(1), ValueError(2)
    assert leaves(ExceptionGroup("a", [one, ExceptionGroup("b", [two])])) == [one, two]


def test_what_has_words_is_said_and_ends_with_1(capsys):
    group = ExceptionGroup("a", [ExceptionGroup("b", [AutotraderError("daemon.overloaded")]), AutotraderError("daemon.stopping")])
    assert exit_of(group) == 1
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[2] for line in said] == [say("daemon.overloaded", {}), say("daemon.stopping", {})]


def test_a_defect_beside_what_has_words_is_not_swallowed():
    group = ExceptionGroup("a", [AutotraderError("daemon.overloaded"), ZeroDivisionError("a defect")])
    with pytest.raises(ExceptionGroup) as caught:
        exit_of(group)
    assert caught.value is group


class Home:
    """A daemon in this process whose broker is a fake one."""

    def __init__(self, tmp_path: Path, config: Path) -> None:
        self.state = tmp_path / "state"
        self.state.mkdir()
        self.config = config
        self.broker = FakeBroker()
        self.broker.scripts["statement"].extend([HELD] * 9)
        self.words: list[bytes] = []

    async def daemon(self) -> Daemon:
        clock = SystemClock()
        reading = await read_in_child(str(self.config), today=None)
        self.store = open_store(self.state, clock=clock)
        self.log = LogNotifier(self.words.append, Style())
        options = RunOptions(self.config, self.state, prices=False)
        daemon = Daemon(options, reading, fingerprint(self.config), self.store, self.log, clock)
        daemon.stop_times = StopTimes(answers=0.3, written=2, brokers=0.2, log=2)
        daemon.brokers = [self.broker]
        daemon.outbox = Outbox({MAIN: self.broker}, daemon._answered)
        daemon.performers = Performers(daemon.outbox, {MAIN: self.broker}, {feed.name: feed for feed in daemon.feeds}, daemon.replies)
        return daemon

    async def fire(self, daemon: Daemon) -> None:
        """Arm a stop and let a print meet it, until its order is with the broker."""
        await until(lambda: hasattr(daemon, "pump") and daemon.engine.accounts.ready[MAIN])
        daemon.inbox.put(Command(RequestId("q"), Add(stop_rule()), "test"))
        daemon.inbox.put(Link(daemon.feeds[0].name, LinkState.UP))
        daemon.inbox.put(tick(70_000, 1))
        daemon.inbox.put(tick(67_000, 2))
        await until(lambda: "place" in self.broker.calls)

    async def close(self) -> None:
        await self.store.close()
        await asyncio.to_thread(self.log.close)

    def intent(self) -> IntentStatus:
        (intent,) = read_snapshot(self.state).intents
        return intent.status


async def test_an_answer_that_comes_during_the_stop_is_kept(config, tmp_path):
    home = Home(tmp_path, config)
    daemon = await home.daemon()
    answer = asyncio.Event()
    home.broker.scripts["place"].append(answer)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.live())
        await home.fire(daemon)
        daemon.stopping.set()
        await until(lambda: daemon.outbox._closed)
        answer.set()
    await home.close()
    assert home.intent() is IntentStatus.ACCEPTED


async def test_a_stop_ends_in_time_although_the_broker_hangs_in_a_sending_and_in_its_end(config, tmp_path):
    home = Home(tmp_path, config)
    daemon = await home.daemon()
    home.broker.scripts["place"].append(asyncio.Event())
    home.broker.scripts["close"].append(asyncio.Event())
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        living = tasks.create_task(daemon.live())
        await home.fire(daemon)
        daemon.stopping.set()
        async with asyncio.timeout(5):
            await living
    await home.close()
    assert home.intent() is IntentStatus.SENDING
    assert home.broker.calls[-1] == "close"
    assert sum(StopTimes()) < 20


async def test_what_is_decided_after_the_stop_began_is_known_not_to_be_sent(config, tmp_path):
    home = Home(tmp_path, config)
    daemon = await home.daemon()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.live())
        await until(lambda: hasattr(daemon, "pump") and daemon.engine.accounts.ready[MAIN])
        daemon.inbox.put(Command(RequestId("q"), Add(stop_rule()), "test"))
        daemon.inbox.put(Link(daemon.feeds[0].name, LinkState.UP))
        daemon.outbox.close()
        daemon.inbox.put(tick(70_000, 1))
        daemon.inbox.put(tick(67_000, 2))
        await until(lambda: daemon.outbox.answered)
        daemon.stopping.set()
    await home.close()
    assert home.intent() is IntentStatus.NOT_SENT
    assert "place" not in home.broker.calls


async def test_a_reload_under_way_does_not_hold_up_the_stop(config, tmp_path):
    home = Home(tmp_path, config)
    daemon = await home.daemon()
    reading: list[object] = []

    async def endless(**asked: object) -> None:
        reading.append(asked)
        await asyncio.Event().wait()

    daemon.file.read = endless
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        living = tasks.create_task(daemon.live())
        await until(lambda: hasattr(daemon, "pump") and daemon.engine.accounts.ready[MAIN])
        daemon.reload_wanted.set()
        await until(lambda: reading)
        daemon.stopping.set()
        async with asyncio.timeout(5):
            await living
    await home.close()


async def test_a_part_that_dies_takes_the_daemon_down_and_everything_is_let_go(config, tmp_path):
    home = Home(tmp_path, config)
    daemon = await home.daemon()
    with pytest.raises(ExceptionGroup) as caught:
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.live())
            await until(lambda: "statement" in home.broker.calls)
            home.broker.told.put_nowait(RuntimeError("the stream broke"))
    await home.close()
    assert [str(leaf) for leaf in leaves(caught.value)] == ["the stream broke"]
    assert home.broker.calls[-1] == "close"
    assert not socket_path(home.state).exists()


async def test_a_stop_tells_the_log_and_leaves_nothing_in_the_inbox(config, tmp_path):
    home = Home(tmp_path, config)
    daemon = await home.daemon()
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.live())
        await until(lambda: hasattr(daemon, "pump") and daemon.engine.accounts.ready[MAIN])
        for _ in range(5_000):
            daemon.inbox.put(Timer())
        daemon.inbox.put(Command(RequestId("last"), Add(stop_rule()), "test"))
        daemon.stopping.set()
    await home.close()
    assert [record.rule.id for record in read_snapshot(home.state).rules] == ["guard"]
    assert any(b"stopped in order" in line for line in home.words)


async def test_a_stop_that_cuts_a_commit_off_writes_nothing_that_rests_on_it(config, tmp_path):
    home = Home(tmp_path, config)
    daemon = await home.daemon()
    daemon.stop_times = StopTimes(written=0.05)
    commit, cut_off = daemon.store.commit, []

    async def hang_once(units):
        if not cut_off and any(isinstance(record, RuleRecord) for unit in units for record in unit.records):
            cut_off.append(units)
            await asyncio.Event().wait()
        await commit(units)

    daemon.store.commit = hang_once
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(daemon.live())
        await until(lambda: hasattr(daemon, "pump") and daemon.engine.accounts.ready[MAIN])
        daemon.inbox.put(Command(RequestId("q"), Add(stop_rule()), "test"))
        await until(lambda: cut_off)
        daemon.stopping.set()
    rows = await home.store.journal("daemon", 10)
    await home.close()
    assert [row.after for row in rows] == ["started"]
