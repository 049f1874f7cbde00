"""The one hand that writes. Synchronous: `sqlite.py` gives it a thread of its own.

A commit is one transaction that first proves that this opening of the store is still the newest one (the fencing epoch).
After any failure it writes nothing more: what is on disk is then unknown, and only a new start can read it back (safety F4).
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from autotrader.engine.effects import Unit
from autotrader.engine.records import Note, Record, Snapshot
from autotrader.errors import AutotraderError
from autotrader.store import reading
from autotrader.store.making import check_sane, make, migrate
from autotrader.store.place import code_of, connect, damaged, exists, inspect, migrations, store_path
from autotrader.store.reserve import Reserve
from autotrader.store.tables import ORDER, STATEMENTS

SOUND_SQLITE = (3, 51, 3)
"""Older libraries can corrupt a write-ahead log in rare races (safety D10)."""

DURABLE = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
FENCE = """
    UPDATE meta SET value = ? WHERE key = 'last_alive'
    AND EXISTS (SELECT 1 FROM meta WHERE key = 'epoch' AND value = ?)
"""


class CommitFailed(AutotraderError):
    """It may have happened or not. Send nothing, stop; the next start reads back what is there."""


class Fenced(CommitFailed):
    """The store was opened again after us: somebody else is the writer now."""


class Writer:
    """The writing connection. Opening it checks the store, brings it forward and begins a new epoch.

    A rig that wants to die at a commit point subclasses it and overrides `flush`.
    """

    def __init__(self, directory: Path, now: int, reserve: Reserve | None = None) -> None:
        self.path = store_path(directory)
        self.full = False
        """The disk is full and the reserve was spent: arm nothing new, and tell somebody."""
        self._reserve = reserve or Reserve(directory)
        self._sound = True
        if not exists(directory):
            with self._named():
                make(directory)
        inspect(directory)
        self.connection = self._connect()
        self.epoch = self._begin(now)
        self.instance = reading.fact(self.connection, "instance")
        self.notes = tuple(self._doubts())

    def commit(self, units: Sequence[Unit], now: int) -> None:
        """Put all records of all units on disk in one transaction, or raise and never write again."""
        records = [record for unit in units for record in unit.records]
        self._write(lambda: self._put(records), now)

    def mark_seen(self, numbers: Sequence[int], now: int) -> None:
        """Note that a person has seen these alerts."""
        rows = [(number,) for number in numbers]
        self._write(lambda: self.connection.executemany("UPDATE alerts SET seen = 1 WHERE number = ?", rows), now)

    def load(self) -> Snapshot:
        """Return what the engine starts from."""
        return reading.answer(self.connection, self.path, reading.snapshot)

    def close(self) -> None:
        """Let go of the file; the log is folded into it."""
        self.connection.close()

    def prepare(self, connection: sqlite3.Connection) -> None:
        """Make commits power-safe."""
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA recursive_triggers = ON")  # else REPLACE would pass by the triggers that forbid a change
        connection.execute("PRAGMA cache_size = -16384")  # KiB, taken as needed: a first load of 100,000 rules is a third faster
        connection.execute("PRAGMA wal_autocheckpoint = 1000")
        connection.execute("PRAGMA journal_size_limit = 16777216")

    def flush(self) -> None:
        """End the transaction: when this returns, it is on the disk."""
        self.connection.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self.path, "rw")
        try:
            with self._named():
                check_sane(connection, self.path)
                self.prepare(connection)
                self._check_durable(connection)
                migrate(connection, migrations())
        except AutotraderError:
            connection.close()
            raise
        return connection

    def _check_durable(self, connection: sqlite3.Connection) -> None:
        """Ask what was really set: SQLite ignores a pragma that it cannot obey."""
        for pragma, wanted in DURABLE.items():
            (found,) = connection.execute(f"PRAGMA {pragma}").fetchone()
            if found != wanted:
                raise CommitFailed("store.not_durable", path=str(self.path), setting=pragma, found=found)

    def _begin(self, now: int) -> int:
        """Count this start, so that every older writer is fenced off, and drop the answers nobody will ask for again."""
        with self._named():
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.execute("UPDATE meta SET value = CAST(value + 1 AS TEXT) WHERE key = 'epoch'")
            self.connection.execute("DELETE FROM requests WHERE at < ?", (now - reading.DAY,))
            epoch = reading.fact(self.connection, "epoch")
            self.connection.execute("COMMIT")
        return int(epoch)

    def _doubts(self) -> Iterator[Note]:
        if sqlite3.sqlite_version_info < SOUND_SQLITE:
            yield Note("store.old_sqlite", {"version": sqlite3.sqlite_version, "wanted": ".".join(map(str, SOUND_SQLITE))})
        if not self._reserve.lay():
            yield Note("store.no_reserve", {"directory": str(self.path.parent)})

    def _write(self, work: Callable[[], object], now: int) -> None:
        if not self._sound:
            raise CommitFailed("store.refuses", path=str(self.path))
        self._sound = False
        with self._named():
            self._once_more_when_full(work, now)
        self._sound = True

    def _once_more_when_full(self, work: Callable[[], object], now: int) -> None:
        """Spend the reserve on the transaction that found the disk full: it was rolled back, nothing of it had been flushed."""
        try:
            self._transact(work, now)
        except sqlite3.OperationalError as error:
            if code_of(error) != sqlite3.SQLITE_FULL or not self._reserve.free():
                raise
            self.full = True
            self._transact(work, now)

    def _transact(self, work: Callable[[], object], now: int) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            self._pass_the_fence(now)
            work()
            self.flush()
        except BaseException:
            with contextlib.suppress(sqlite3.Error):  # SQLite has rolled back by itself, or cannot: the first error says why
                self.connection.execute("ROLLBACK")
            raise

    def _pass_the_fence(self, now: int) -> None:
        """Note that we live, which only the newest epoch may."""
        if self.connection.execute(FENCE, (str(now), str(self.epoch))).rowcount != 1:
            raise Fenced("store.fenced", path=str(self.path), epoch=self.epoch)

    def _put(self, records: Iterable[Record]) -> None:
        """Write the records, those of one table in their order and together: they share a prepared statement.

        Between tables the order does not matter: it is one transaction, and references are looked at as it ends.
        """
        tables: dict[int, list[Record]] = {}
        for record in records:  # not sorted: of very many, that would hold up every other thread
            tables.setdefault(ORDER[type(record)], []).append(record)
        for place in sorted(tables):
            for kind, alike in groupby(tables[place], type):
                statement, row = STATEMENTS[kind]
                self.connection.executemany(statement, map(row, alike))

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Turn what SQLite raises into what the caller may do next."""
        try:
            yield
        except sqlite3.Error as error:
            if code_of(error) in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
                raise damaged(self.path, str(error)) from error
            raise CommitFailed("store.commit_failed", path=str(self.path), finding=str(error)) from error
        except UnicodeDecodeError as error:
            raise damaged(self.path, str(error)) from error
        except (OSError, ValueError, OverflowError) as error:
            raise CommitFailed("store.commit_failed", path=str(self.path), finding=str(error)) from error
