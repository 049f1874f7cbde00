"""`autotrader run`: the wiring. Start-up is recovery, and a clean stop is needed for nothing.

Every part is a task of one group: one that dies takes the daemon down, and the next start recovers (safety O5).
"""

import asyncio
import gc
import os
import signal
import sys
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from msgspec.structs import replace

from autotrader import __version__
from autotrader.config.child import Reading, read_in_child
from autotrader.config.markets import markets_of
from autotrader.control.server import serve
from autotrader.daemon.accounts import AccountDesk
from autotrader.daemon.adapters import opened_brokers, opened_feeds, world_of
from autotrader.daemon.answering import Desk
from autotrader.daemon.clock import ClockWatch, SystemClock
from autotrader.daemon.housekeeping import Housekeeping
from autotrader.daemon.inbox import Inbox
from autotrader.daemon.outbox import Outbox
from autotrader.daemon.performing import Performers, Replies
from autotrader.daemon.places import check_mode, socket_path
from autotrader.daemon.pump import Pump
from autotrader.daemon.rulesfile import RulesFile, fingerprint, plan_of
from autotrader.daemon.systemd import ServiceManager, open_service_manager
from autotrader.daemon.ticker import Ticker
from autotrader.daemon.vitals import Vitals
from autotrader.daemon.watchdog import Watchdog
from autotrader.domain.rule import AccountName
from autotrader.domain.settings import Settings
from autotrader.engine.engine import Engine
from autotrader.engine.events import ClockStep, Outcome, Timer, Withdrawn
from autotrader.engine.hours import any_market_open
from autotrader.engine.records import Note
from autotrader.errors import AnotherInstance, AutotraderError, CorruptState, NewerStore, UserMistake
from autotrader.notify.log import LogNotifier, open_log
from autotrader.store.lock import InstanceLock
from autotrader.store.segments import SegmentWriter
from autotrader.store.sqlite import SqliteStore, open_store

TIMER_EVERY = 0.2
"""Seconds. A mark that moved is durable within 250 ms (safety D3)."""
FIRES_AT_ONCE = 8
"""Of a print that fires many rules so many are decided, committed and sent before the others: the first order leaves early."""

EXIT_FAILED, EXIT_ANOTHER, EXIT_PERSON = 1, 75, 78


class StopTimes(NamedTuple):
    """How many seconds the parts of a stop may take, which has to be over within 20 (safety O4): answers in flight, what is
    left in the inbox, the brokers' end, the end of the inbox log."""

    answers: float = 10.0
    written: float = 3.0
    brokers: float = 2.0
    log: float = 2.0


class RunOptions(NamedTuple):
    """What `autotrader run` was told. `prices` None: say the prices unless a service manager started us."""

    config: Path
    state: Path
    language: str = "en"
    prices: bool | None = None


def run(options: RunOptions) -> int:
    """Run until SIGTERM or SIGINT and return the exit code: 0, 1 failed, 75 another instance, 78 a person must act first."""
    try:
        return asyncio.run(_run(options))
    except AnotherInstance as error:
        return _say(error, EXIT_ANOTHER)
    except (UserMistake, CorruptState, NewerStore) as error:
        return _say(error, EXIT_PERSON)
    except AutotraderError as error:
        return _say(error, EXIT_FAILED)
    except ExceptionGroup as group:
        return exit_of(group)


def exit_of(group: ExceptionGroup[Exception]) -> int:
    """Return the exit code of what ended the daemon, said in words; raise it where no words exist for all of it."""
    named, others = group.split(AutotraderError)
    if named is None or others is not None:
        raise group
    for leaf in leaves(named):
        _say(leaf, EXIT_FAILED)
    return EXIT_FAILED


def leaves(group: ExceptionGroup[Exception]) -> list[Exception]:
    """Return the errors in a group, however deep."""
    return [leaf for error in group.exceptions for leaf in (leaves(error) if isinstance(error, ExceptionGroup) else [error])]


def _say(error: BaseException, code: int) -> int:
    print(f"autotrader: {error}", file=sys.stderr)
    return code


async def _run(options: RunOptions) -> int:
    clock = SystemClock()
    seen = fingerprint(options.config)
    reading = await read_in_child(str(options.config), today=clock.now())
    if reading.settings is None:
        print("\n".join(reading.mistakes), file=sys.stderr)
        return EXIT_PERSON
    async with AsyncExitStack() as stack:
        stack.enter_context(InstanceLock(options.state))
        check_mode(options.state, reading.settings.mode)
        log = open_log(os.environ, language=options.language)
        stack.callback(log.close)
        store = open_store(options.state, clock=clock)
        stack.push_async_callback(store.close)
        daemon = Daemon(options, reading, seen, store, log, clock)
        del reading  # the rules live in the book from here on, and not twice
        await daemon.live()
    return 0


class Daemon:
    """Everything that lives while the daemon runs."""

    stop_times = StopTimes()

    def __init__(self, options: RunOptions, reading: Reading, seen: str, store: SqliteStore, log: LogNotifier, clock: SystemClock) -> None:
        assert reading.settings is not None
        self.options = options
        self.warnings = reading.warnings
        self.settings: Settings = replace(reading.settings, rules=(), templates=())
        self._plan = plan_of(reading, request=None, by="start") if reading.rules_written or reading.settings.templates else None
        self.store = store
        self.log = log
        self.clock = clock
        self.inbox = Inbox()
        self.replies = Replies()
        self.service: ServiceManager = open_service_manager(os.environ, os.getpid())
        self.stopping = asyncio.Event()
        self.reload_wanted = asyncio.Event()
        self._pump_ended = False
        markets = markets_of(self.settings)
        self.feeds = opened_feeds(self.settings, clock)
        self.brokers = opened_brokers(self.settings, str(options.state), markets, clock, self.feeds)
        self.world = world_of(self.settings, store.instance[:8], markets, self.brokers, self.feeds)
        by_account = {AccountName(broker.account): broker for broker in self.brokers}
        self.outbox = Outbox(by_account, self._answered)
        self.performers = Performers(self.outbox, by_account, {feed.name: feed for feed in self.feeds}, self.replies)
        self.file = RulesFile(options.config, self.settings, clock, self.inbox.put, seen=seen)

    def _answered(self, outcome: Outcome | Withdrawn) -> None:
        self.inbox.put(outcome)
        if isinstance(outcome, Outcome):
            for desk in self.desks:
                if outcome.intent in self.engine.book.intents and desk.account == self.engine.book.intents[outcome.intent].account:
                    desk.saw(outcome)

    async def live(self) -> None:
        """Recover, serve until told to stop, and stop in order."""
        gc.disable()  # until all is loaded: a collection on the way walks over a hundred thousand rules and finds nothing
        snapshot = await self.store.load()
        self.engine = Engine(self.world, snapshot, self.clock.now(), fires_at_once=FIRES_AT_ONCE)
        gc.collect()
        gc.freeze()  # what was loaded lives as long as we do: no collection walks over it again
        gc.enable()
        segments = SegmentWriter(self.options.state, clock=self.clock)
        self.pump = Pump(self.inbox, self.engine, self.store, self.performers, (self.log,), self.clock, segments)
        self.housekeeping = Housekeeping(self.store, segments, self.log, self.clock, str(self.options.state))
        self.desks = [
            AccountDesk(
                AccountName(broker.account),
                broker,
                self.inbox.put,
                self._has_open,
                self.clock,
                random=Random(),
                may_look=self._is_market_open,
                in_flight=self._is_in_flight,
            )
            for broker in self.brokers
        ]
        await self.pump.begin(__version__)
        if self._plan is not None:
            self.inbox.put(self._plan)
        self._plan = None
        desk = Desk(self.inbox, self.replies, self.engine, self.store, self.file, str(self.options.state), self._look_again)
        try:
            async with serve(socket_path(self.options.state), desk.answer):
                self._say_hello()
                await self._serve()
            if self._pump_ended:  # else memory is ahead of the store, and a mark without its activation must not get there
                await self.pump.settle(self.engine.stop())
        finally:
            await self._let_go(segments)

    def _look_again(self) -> None:
        """Read every ledger again after a person's decision."""
        for desk in self.desks:
            desk.look_again()

    def _has_open(self, account: AccountName) -> bool:
        return any(intent.account == account for intent in self.engine.book.open())

    def _is_in_flight(self, account: AccountName) -> bool:
        intents = self.engine.book.intents
        return intents.is_sending(account) or bool(intents.unresolved(account))

    def _is_market_open(self) -> bool:
        return any_market_open(self.world, self.engine.book, self.clock.now())

    def _say_hello(self) -> None:
        now = self.clock.now()
        params = {"path": str(socket_path(self.options.state)), "config": str(self.options.config), "mode": self.settings.mode.value}
        self.log.said("daemon", Note("daemon.listening", params), now)
        for note in self.store.notes:
            self.log.said("store", note, now)
        for sentence in self.warnings:
            self.log.said("file", Note("daemon.warning", {"sentence": sentence}), now)

    async def _serve(self) -> None:
        async with asyncio.TaskGroup() as group:
            listening = [group.create_task(feed.run(self.inbox), name=f"feed {feed.name}") for feed in self.feeds]
            pump = group.create_task(self.pump.run(), name="pump")
            tasks = [
                group.create_task(self._tick_the_clock(), name="timer"),
                group.create_task(self.file.watch(), name="file"),
                group.create_task(self._reload_when_told(), name="reload"),
                group.create_task(self.housekeeping.run(), name="housekeeping"),
                *(group.create_task(self.outbox.attend(AccountName(broker.account))) for broker in self.brokers),
                *(group.create_task(desk.attend()) for desk in self.desks),
                *self._for_people_and_systemd(group),
            ]
            self._listen_to_signals()
            self.service.ready()
            await self.stopping.wait()
            self.service.stopping()
            self.log.said("daemon", Note("daemon.stopping"), self.clock.now())
            self.outbox.close()
            for task in listening:
                task.cancel()
            await self.outbox.idle(self.stop_times.answers)
            for task in tasks:
                task.cancel()
            await self._write_what_is_left(pump)

    async def _write_what_is_left(self, pump: asyncio.Task[None]) -> None:
        """Let the pump take what came before the stop: an answer that is lost here would have to be asked for, or held."""
        self.inbox.close()
        ended, _ = await asyncio.wait([pump], timeout=self.stop_times.written)
        self._pump_ended = bool(ended)
        pump.cancel()

    def _for_people_and_systemd(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        tasks = []
        by_service_manager = "NOTIFY_SOCKET" in os.environ or "JOURNAL_STREAM" in os.environ
        if self.options.prices if self.options.prices is not None else not by_service_manager:
            tasks.append(group.create_task(Ticker(self.engine, self.log, self.clock).run(), name="ticker"))
        every = self.service.watchdog_interval()
        if every is not None:
            watchdog = Watchdog(self.service, self.clock.monotonic, self.options.language)
            tasks.append(group.create_task(watchdog.keep_feeding(every), name="watchdog"))
            tasks.append(group.create_task(self._look_alive(Vitals(watchdog, self.pump, self.outbox, self.pump.frames_of))))
        return tasks

    async def _look_alive(self, vitals: Vitals) -> None:
        while True:
            vitals.look()
            await asyncio.sleep(1.0)

    async def _tick_the_clock(self) -> None:
        steps = ClockWatch(self.clock)
        while True:
            await asyncio.sleep(TIMER_EVERY)
            step = steps.step()
            if step:
                self.inbox.put(ClockStep(step))
                self._look_again()
            if not self.inbox.is_full:  # a pump that stands still needs no pile of beats
                self.inbox.put(Timer())

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self.reload_wanted.set)

    async def _reload_when_told(self) -> None:
        """Read the file again for SIGHUP, and tell the service manager when that is over."""
        while True:
            await self.reload_wanted.wait()
            self.reload_wanted.clear()
            self.service.reloading()
            await self.file.read(by="sighup")
            self.service.ready()

    async def _let_go(self, segments: SegmentWriter) -> None:
        """Close what was opened. Nothing of this is needed for the next start, so nothing of it may hold up the end."""
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self.stop_times.brokers):
                    await asyncio.gather(*(broker.close() for broker in self.brokers))
        finally:
            segments.close(self.stop_times.log)
