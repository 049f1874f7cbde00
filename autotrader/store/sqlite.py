"""The durable memory of the daemon (`ports.Store`): SQLite in one thread that writes and one that answers questions.

A transaction is one hop to the writing thread and back, not one hop a statement; a long read waits on nobody's commit.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from autotrader.domain.rule import RuleId
from autotrader.engine.effects import Unit
from autotrader.engine.records import JournalRow, Note, Snapshot
from autotrader.ports import Clock
from autotrader.store import reading
from autotrader.store.hand import Hand
from autotrader.store.place import open_reader
from autotrader.store.reading import Alert, Fire
from autotrader.store.writer import Writer

T = TypeVar("T")


def open_store(directory: Path, *, clock: Clock, writer: type[Writer] = Writer) -> "SqliteStore":
    """Open the store of a state directory whose lock we hold; it is made when there is none.

    Raises CorruptState, NewerStore or CommitFailed, with the file as it was.
    """
    return SqliteStore(writer(directory, clock.now()), clock)


class SqliteStore:
    """One writer, one reader, each with a thread and a connection of its own."""

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock
        self._reader: sqlite3.Connection | None = None
        self._closed = False
        self._writing = Hand("store-writer")
        self._reading = Hand("store-reader")

    @property
    def instance(self) -> str:
        """Return the identity of this store, made once: it prefixes client order ids."""
        return self._writer.instance

    @property
    def epoch(self) -> int:
        """Return the number of this start: a writer of an older one is fenced off."""
        return self._writer.epoch

    @property
    def notes(self) -> tuple[Note, ...]:
        """Return what a person should know about this store since it was opened."""
        return self._writer.notes

    @property
    def full(self) -> bool:
        """Return whether the disk is full and the reserve spent: record what is in flight, arm nothing new."""
        return self._writer.full

    async def load(self) -> Snapshot:
        """Return all that the engine starts from, after every commit that was begun before."""
        return await self._writing.do(self._writer.load)

    async def commit(self, units: Sequence[Unit]) -> None:
        """Return when all units are on disk, in one transaction; raise CommitFailed and refuse every later one otherwise.

        A caller that is cancelled while it waits does not know whether it happened (safety F5): the commit goes on, and
        `load` comes after it.
        """
        await self._writing.do(lambda: self._writer.commit(units, self._clock.now()))

    async def mark_seen(self, numbers: Sequence[int]) -> None:
        """Note that a person has seen these alerts."""
        await self._writing.do(lambda: self._writer.mark_seen(numbers, self._clock.now()))

    async def journal(self, subject: str | None, limit: int) -> list[JournalRow]:
        """Return the newest rows (of a subject or anything under it), oldest first."""
        return await self.ask(lambda connection: reading.journal(connection, subject, limit))

    async def fires(self, limit: int, rule: RuleId | None = None) -> list[Fire]:
        """Return the newest firings (of one rule, or of all), oldest first."""
        return await self.ask(lambda connection: reading.fires(connection, limit, rule))

    async def alerts(self, unseen_only: bool = True) -> list[Alert]:
        """Return the alerts, oldest first."""
        return await self.ask(lambda connection: reading.alerts(connection, unseen_only))

    async def ask(self, question: Callable[[sqlite3.Connection], T]) -> T:
        """Ask the reading connection anything (`reading.py` has the questions)."""
        return await self._reading.do(lambda: self._answer(question))

    async def close(self) -> None:
        """Finish what was begun and let go of the file; nothing can be asked afterwards."""
        if self._closed:
            return
        self._closed = True
        await self._reading.do(self._close_reader)
        await self._writing.do(self._writer.close)
        self._reading.stop()
        self._writing.stop()

    def _answer(self, question: Callable[[sqlite3.Connection], T]) -> T:
        if self._reader is None:
            self._reader = open_reader(self._writer.path.parent)
        return reading.answer(self._reader, self._writer.path, question)

    def _close_reader(self) -> None:
        if self._reader:
            self._reader.close()
