"""The store as the daemon holds it: two threads, each with its connection."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fakes import FakeClock
from store_records import a_fire, a_leg, a_rule, unit

from autotrader.engine.records import AlertRecord, LegStatus, Note, Snapshot
from autotrader.errors import CorruptState
from autotrader.ports import Store
from autotrader.store import reading
from autotrader.store.sqlite import SqliteStore, open_store
from autotrader.store.writer import CommitFailed, Writer


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[SqliteStore]:
    opened = open_store(tmp_path, clock=clock)
    yield opened
    await opened.close()


async def test_what_was_committed_is_there_after_a_restart(tmp_path: Path, clock: FakeClock) -> None:
    store: Store = open_store(tmp_path, clock=clock)
    await store.commit([a_fire(), unit(AlertRecord(clock.now(), "daemon", Note("store.full")))])
    before = await store.load()
    await store.close()
    again = open_store(tmp_path, clock=clock)
    assert await again.load() == before
    assert [row.subject for row in await again.journal(None, 10)] == ["samsung/stop"]
    assert [fire.shot.rule for fire in await again.fires(10)] == ["samsung"]
    await again.mark_seen([1])
    assert await again.alerts() == []
    assert [alert.seen for alert in await again.alerts(unseen_only=False)] == [True]
    await again.close()
    assert {path.name for path in tmp_path.iterdir()} == {"store.sqlite", "store.reserve"}


async def test_a_restart_is_a_new_epoch_of_the_same_instance(store: SqliteStore, tmp_path: Path, clock: FakeClock) -> None:
    newer = open_store(tmp_path, clock=clock)
    assert (newer.epoch, newer.instance) == (store.epoch + 1, store.instance)
    with pytest.raises(CommitFailed, match="opened by another process"):
        await store.commit([a_fire()])
    await newer.close()


class Held(Writer):
    """A disk that flushes when it is told to."""

    go = threading.Event()
    reached = threading.Event()

    def flush(self) -> None:
        self.reached.set()
        assert self.go.wait(10)
        super().flush()


async def test_a_cancelled_commit_goes_on_and_a_load_comes_after_it(tmp_path: Path, clock: FakeClock) -> None:
    Held.go.clear()
    Held.reached.clear()
    store = open_store(tmp_path, clock=clock, writer=Held)
    commit = asyncio.create_task(store.commit([a_fire()]))
    assert await asyncio.to_thread(Held.reached.wait, 10)
    commit.cancel()
    with pytest.raises(asyncio.CancelledError):
        await commit
    load = asyncio.create_task(store.load())
    Held.go.set()
    assert len((await load).shots) == 1
    await store.close()


async def test_a_long_read_never_delays_a_commit(store: SqliteStore) -> None:
    await store.commit([unit(a_rule(), a_leg())])
    begun, enough = threading.Event(), threading.Event()

    def long_question(connection: sqlite3.Connection) -> Snapshot:
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM legs").fetchone()
        begun.set()
        assert enough.wait(10)
        connection.execute("ROLLBACK")
        return reading.snapshot(connection)

    question = asyncio.create_task(store.ask(long_question))
    assert await asyncio.to_thread(begun.wait, 10)
    await store.commit([unit(a_leg(status=LegStatus.PAUSED))])
    assert not question.done()
    enough.set()
    assert [leg.status for leg in (await question).legs] == [LegStatus.PAUSED]


async def test_after_a_failed_commit_nothing_is_written_until_the_next_start(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(tmp_path, clock=clock)
    await store.commit([a_fire()])
    with pytest.raises(CommitFailed, match="UNIQUE"):
        await store.commit([a_fire()])
    with pytest.raises(CommitFailed, match="takes nothing more"):
        await store.commit([unit(a_rule("another"))])
    assert [row.subject for row in await store.journal(None, 10)] == ["samsung/stop"]
    await store.close()
    again = open_store(tmp_path, clock=clock)
    await again.commit([unit(a_rule("another"))])
    assert len((await again.load()).rules) == 2
    await again.close()


async def test_a_store_that_cannot_be_read_says_so(store: SqliteStore) -> None:
    with pytest.raises(CorruptState, match="no such table"):
        await store.ask(lambda connection: connection.execute("SELECT * FROM vanished").fetchall())


async def test_the_store_notes_when_it_was_last_alive(store: SqliteStore, clock: FakeClock) -> None:
    clock.advance(90)
    await store.commit([])
    assert (await store.load()).last_alive == clock.now()
    assert not store.full
