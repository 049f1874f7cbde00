"""Reading the store: the snapshot for a start, and the questions of people. Synchronous and without asyncio, so that the
command line answers quickly when no daemon runs; the daemon's store asks the same functions from a thread.

Over a connection (`snapshot`, `fires` …) or over a state directory (`read_snapshot`, `read_fires` …).
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import msgspec

from autotrader.domain.rule import Rule, RuleId
from autotrader.engine.records import AlertRecord, AttemptRecord, FillRecord, IntentRecord, JournalRow, ShotRecord, Snapshot
from autotrader.errors import CorruptState
from autotrader.store import tables
from autotrader.store.place import UNREADABLE, open_reader, store_path, unreadable
from autotrader.store.tables import Cell

T = TypeVar("T")
DAY = 86_400_000_000_000
OPEN = (
    "(i.status IN ('intent', 'sending', 'accepted', 'unknown', 'working', 'partial', 'held') OR i.status = 'not_sent' AND i.retry_at > 0)"
)
REMEMBERED = 500
"""So many newest intents are loaded although they ended, so that their orders are still known as ours when the broker names them."""

KNOWN_INTENTS = (
    f"SELECT i.id FROM intents AS i WHERE {OPEN} UNION SELECT id FROM (SELECT id FROM intents ORDER BY created DESC LIMIT {REMEMBERED})"
)
NEWEST_SHOT = "SELECT max(n.generation) FROM shots AS n WHERE n.rule = t.rule AND n.leg = t.leg"
_rule_text = msgspec.json.Decoder(Rule)


class Sent(msgspec.Struct, frozen=True):
    """One intent, with its sendings and what was executed."""

    intent: IntentRecord
    attempts: tuple[AttemptRecord, ...]
    fills: tuple[FillRecord, ...]


class Fire(msgspec.Struct, frozen=True):
    """One firing, the rule as it was written then, and all that followed from it."""

    shot: ShotRecord
    rule: Rule | None
    sent: tuple[Sent, ...]


class Alert(msgspec.Struct, frozen=True):
    """An alert, its number, and whether a person has seen it."""

    number: int
    seen: bool
    alert: AlertRecord


def fact(connection: sqlite3.Connection, key: str) -> str:
    """Return what the store says of itself: `instance`, `epoch` or `last_alive`."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise CorruptState("store.unreadable_row", table="meta", row=key, finding="it is missing")
    return str(row[0])


def snapshot(connection: sqlite3.Connection) -> Snapshot:
    """Return all that the engine starts from, as of one moment."""
    connection.execute("BEGIN")
    try:
        return _snapshot(connection, last_alive=int(fact(connection, "last_alive")))
    finally:
        connection.execute("ROLLBACK")


def _snapshot(connection: sqlite3.Connection, last_alive: int) -> Snapshot:
    return Snapshot(
        rules=tuple(tables.RULES.read(connection, "ORDER BY t.created, t.seat")),
        legs=tuple(tables.LEGS.read(connection)),
        marks=tuple(tables.MARKS.read(connection)),
        peaks=tuple(tables.PEAKS.read(connection, "WHERE t.name IN (SELECT peak FROM marks)")),
        shots=tuple(tables.SHOTS.read(connection, f"WHERE t.generation = ({NEWEST_SHOT}) ORDER BY t.at")),
        intents=tuple(tables.INTENTS.read(connection, f"WHERE t.id IN ({KNOWN_INTENTS}) ORDER BY t.created, t.urgency, t.rule, t.number")),
        attempts=tuple(tables.ATTEMPTS.read(connection, f"WHERE t.intent IN ({KNOWN_INTENTS}) ORDER BY t.intent, t.number")),
        fills=tuple(tables.FILLS.read(connection, f"WHERE t.intent IN ({KNOWN_INTENTS}) ORDER BY t.time")),
        positions=tuple(tables.POSITIONS.read(connection)),
        cash=tuple(tables.CASH.read(connection)),
        prices=tuple(tables.PRICES.read(connection)),
        trading=tuple(tables.TRADING.read(connection)),
        templates=tuple(tables.TEMPLATES.read(connection)),
        accounts=tuple(tables.ACCOUNTS.read(connection)),
        requests=tuple(tables.REQUESTS.read(connection, "WHERE t.at >= ? ORDER BY t.at", (last_alive - DAY,))),
        last_alive=last_alive,
    )


def journal(connection: sqlite3.Connection, subject: str | None, limit: int) -> list[JournalRow]:
    """Return the newest rows (of a subject or anything under it), oldest first."""
    if subject is None:
        return tables.JOURNAL.read(connection, "ORDER BY t.number DESC LIMIT ?", (limit,))[::-1]
    # '0' is the character after '/': everything under `a` lies between `a/` and `a0`, which an index can find.
    under = "WHERE t.subject = ? OR t.subject > ? AND t.subject < ? ORDER BY t.number DESC LIMIT ?"
    return tables.JOURNAL.read(connection, under, (subject, subject + "/", subject + "0", limit))[::-1]


def fires(connection: sqlite3.Connection, limit: int, rule: RuleId | None = None) -> list[Fire]:
    """Return the newest firings (of one rule, or of all), oldest first."""
    whose, values = ("WHERE t.rule = ?", (rule,)) if rule else ("", ())
    shots = tables.SHOTS.read(connection, f"{whose} ORDER BY t.at DESC, t.rule, t.leg, t.generation DESC LIMIT ?", (*values, limit))
    return [_fire(connection, shot) for shot in reversed(shots)]


def alerts(connection: sqlite3.Connection, unseen_only: bool) -> list[Alert]:
    """Return the alerts, oldest first."""
    columns = ", ".join(tables.ALERTS.columns)
    which = "WHERE seen = 0" if unseen_only else ""
    rows = connection.execute(f"SELECT number, seen, {columns} FROM alerts {which} ORDER BY number")
    return [Alert(number, bool(seen), tables.ALERTS.record_of(row)) for number, seen, *row in rows]


def read_snapshot(directory: Path) -> Snapshot:
    """Return the snapshot of a state directory that nobody writes to."""
    return ask(directory, snapshot)


def read_journal(directory: Path, subject: str | None, limit: int) -> list[JournalRow]:
    """Return the newest journal rows of a state directory, oldest first."""
    return ask(directory, lambda connection: journal(connection, subject, limit))


def read_fires(directory: Path, limit: int, rule: RuleId | None = None) -> list[Fire]:
    """Return the newest firings of a state directory, oldest first."""
    return ask(directory, lambda connection: fires(connection, limit, rule))


def read_alerts(directory: Path, unseen_only: bool = True) -> list[Alert]:
    """Return the alerts of a state directory, oldest first."""
    return ask(directory, lambda connection: alerts(connection, unseen_only))


def ask(directory: Path, question: Callable[[sqlite3.Connection], T]) -> T:
    """Open the store read-only for one question; raises NoStore, NewerStore or CorruptState."""
    with closing(open_reader(directory)) as connection:
        return answer(connection, store_path(directory), question)


def answer(connection: sqlite3.Connection, path: Path, question: Callable[[sqlite3.Connection], T]) -> T:
    """Ask over an open connection; a store that makes no sense is a damaged one."""
    try:
        return question(connection)
    except UNREADABLE as error:
        raise unreadable(path, error) from error


def _fire(connection: sqlite3.Connection, shot: ShotRecord) -> Fire:
    # An intent's id is `rule/leg/generation/number`, so the key finds them without an index of its own ('0' follows '/').
    stem = f"{shot.rule}/{shot.leg}/{shot.generation}"
    of_shot = "WHERE t.id > ? AND t.id < ? AND t.rule = ? AND t.leg = ? AND t.generation = ? ORDER BY t.number"
    intents = tables.INTENTS.read(connection, of_shot, (stem + "/", stem + "0", shot.rule, shot.leg, shot.generation))
    row = connection.execute("SELECT rule FROM rule_versions WHERE id = ? AND version = ?", (shot.rule, shot.version)).fetchone()
    return Fire(shot, _rule_text.decode(row[0]) if row else None, tuple([_sent(connection, intent) for intent in intents]))


def _sent(connection: sqlite3.Connection, intent: IntentRecord) -> Sent:
    of_intent: Sequence[Cell] = (intent.id,)
    attempts = tables.ATTEMPTS.read(connection, "WHERE t.intent = ? ORDER BY t.number", of_intent)
    fills = tables.FILLS.read(connection, "WHERE t.intent = ? ORDER BY t.time, t.execution_id", of_intent)
    return Sent(intent, tuple(attempts), tuple(fills))
