"""Without a daemon the command line uses the same store, engine and rules of commit for its one command (DESIGN 8).

Reading opens the store read-only and takes no lock; changing takes the instance lock. Nothing is watched and nothing sent:
what a command wants sent waits for the next start, which recovers first. No asyncio here: `list` must start quickly.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from autotrader.config.markets import load_markets, markets_of
from autotrader.control.protocol import Alerts, AnyVerb, History, Journal, PlanFile, Templates, success
from autotrader.daemon.places import check_mode, mode_of
from autotrader.daemon.views import alert_view, fire_view, row_view
from autotrader.domain.rule import AccountName
from autotrader.domain.settings import FeedSettings, Guards, Mode, Settings
from autotrader.engine.effects import Place, Reply, Unit, Withdraw
from autotrader.engine.engine import Engine
from autotrader.engine.events import Command, FeedClock, Held, ListRules, Plan, ShowRule, Status, Verb
from autotrader.engine.records import RequestId, Snapshot
from autotrader.engine.views import templates_view
from autotrader.engine.world import AccountFacts, FeedFacts, World
from autotrader.errors import AutotraderError
from autotrader.store import reading
from autotrader.store.lock import InstanceLock
from autotrader.store.place import NoStore
from autotrader.store.writer import Writer

LOOK, FILE = "look", "file"
T = TypeVar("T")


def look(state: Path, verb: AnyVerb) -> dict[str, Any]:
    """Answer a question from the store of a state directory; an absent store is an empty one."""
    match verb:
        case History(limit, rule):
            return success({"fires": [fire_view(fire) for fire in _or_empty(lambda: reading.read_fires(state, limit, rule))]})
        case Journal(subject, limit):
            return success({"rows": [row_view(row) for row in _or_empty(lambda: reading.read_journal(state, subject, limit))]})
        case Alerts():
            return success({"alerts": [alert_view(alert) for alert in _or_empty(lambda: reading.read_alerts(state))]})
        case Templates():
            engine = Engine(_bare_world(mode_of(state) or Mode.PAPER), _snapshot(state), time.time_ns())
            return success({"templates": templates_view(engine.book)})
        case ListRules() | ShowRule() | Held() | Status():
            engine = Engine(_bare_world(mode_of(state) or Mode.PAPER), _snapshot(state), time.time_ns())
            return reply_in(engine.handle(Command(RequestId(LOOK), verb, LOOK)))
        case _:
            raise TypeError(f"not a question: {verb!r}")


def _or_empty(question: Callable[[], list[T]]) -> list[T]:
    try:
        return question()
    except NoStore:
        return []


def _snapshot(state: Path) -> Snapshot:
    try:
        return reading.read_snapshot(state)
    except NoStore:
        return Snapshot()


def _bare_world(mode: Mode) -> World:
    return World("", mode, load_markets(), Guards(), {}, ())


def answer(state: Path, settings: Settings, verb: Verb | PlanFile, by: str) -> dict[str, Any]:
    """Carry out one command on a state directory that no daemon holds; raises AnotherInstance when one does."""
    if isinstance(verb, PlanFile):
        engine = Engine(world_from("", settings), _snapshot(state), time.time_ns())
        return reply_in(engine.handle(Plan(settings.rules, request=RequestId(FILE), by=by, templates=settings.templates, dry=True)))
    with InstanceLock(state):
        check_mode(state, settings.mode)
        refusal = _refusal(state, settings, verb, by)
        if refusal is not None:
            return refusal
        writer = Writer(state, time.time_ns())
        try:
            return _carry_out(writer, settings, verb, by)
        finally:
            writer.close()


def _refusal(state: Path, settings: Settings, verb: Verb, by: str) -> dict[str, Any] | None:
    """Rehearse a command over what is kept and return the no, if it is one: what is refused leaves no trace in the store."""
    engine = Engine(world_from("", settings), _snapshot(state), time.time_ns())
    _take_file(engine, settings)
    body = reply_in(engine.handle(Command(RequestId(LOOK), verb, by)))
    return None if body["ok"] else body


def _carry_out(writer: Writer, settings: Settings, verb: Verb, by: str) -> dict[str, Any]:
    now = time.time_ns()
    snapshot = writer.load()
    engine = Engine(world_from(writer.instance[:8], settings), snapshot, now)
    units = _take_file(engine, settings)
    # Not `now`: nobody watched in the meantime, and a late fire must say since when.
    _commit(writer, units, snapshot.last_alive)
    file = reply_in(units) if units else None
    units = list(engine.handle(Command(RequestId(f"offline-{now}"), verb, by)))
    if any(isinstance(act, Place | Withdraw) for unit in units for act in unit.acts):
        raise AutotraderError("daemon.needed_for_orders")
    _commit(writer, units, snapshot.last_alive)
    return _with_word_of(file, reply_in(units))


def _take_file(engine: Engine, settings: Settings) -> Sequence[Unit]:
    """Let the engine take the file's rules and templates, as a start would; one without rules, while some of the file's are
    kept, is left to the start, which can tell `rules: {}` from a file that lost them (safety Y1)."""
    lost = not settings.rules and any(record.in_file for record in engine.book.rules.values())
    if lost or not (settings.rules or settings.templates):
        return ()
    return engine.handle(Plan(settings.rules, request=RequestId(FILE), by="start", templates=settings.templates))


def _with_word_of(file: dict[str, Any] | None, body: dict[str, Any]) -> dict[str, Any]:
    """Say beside the command's own result why the file was not taken; the command itself does not depend on that."""
    if file is None or file["ok"] or not body["ok"]:
        return body
    notes = [*body["result"].get("notes", []), {"code": file["code"], "params": file["params"]}]
    return {**body, "result": {**body["result"], "notes": notes}}


def _commit(writer: Writer, units: Sequence[Unit], alive: int) -> None:
    if any(unit.records for unit in units):
        writer.commit(units, alive)


def reply_in(units: Sequence[Unit]) -> dict[str, Any]:
    """Return the answer among what some units ask to be done."""
    body: dict[str, Any] = next(act.body for unit in units for act in unit.acts if isinstance(act, Reply))
    return body


def world_from(instance: str, settings: Settings) -> World:
    """Return the surroundings as the settings name them, without opening any of it."""
    accounts = {account.name: AccountFacts(AccountName(account.name)) for account in settings.accounts}
    feeds = tuple(FeedFacts(feed.name, FeedClock.LIVE, patterns_of(feed), feed.keeps_hours) for feed in settings.feeds)
    return World(instance, settings.mode, markets_of(settings), settings.guards, accounts, feeds)


def patterns_of(feed: FeedSettings) -> tuple[str, ...]:
    """Return the instruments that a feed of the settings serves."""
    if feed.instruments:
        return tuple(feed.instruments)
    return (f"{(feed.dialect or feed.kind).upper()}:*",)
