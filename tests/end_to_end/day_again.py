"""A day again: the segments of the inbox, fed to a fresh engine over the store that the day began with."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from autotrader.config.markets import load_markets
from autotrader.domain.rule import AccountName
from autotrader.domain.settings import Guards, Mode
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.effects import Subscribe, Unit
from autotrader.engine.engine import Engine
from autotrader.engine.events import Event, FeedClock
from autotrader.engine.records import JournalRow, Note, ShotRecord, Snapshot
from autotrader.engine.world import AccountFacts, FeedFacts, World
from autotrader.feeds.dialects import VenueDialect, find_dialect
from autotrader.store.place import store_path
from autotrader.store.reading import read_snapshot
from autotrader.store.segment import Batch, Frames
from autotrader.store.segments import read_segments

Told = tuple[str, str, str, str, tuple[tuple[str, str], ...], str]
"""Subject, status before and after, code, parameters and author of a row of the journal."""

_event = msgspec.json.Decoder(Event)


def snapshot_of(state: Path) -> Snapshot:
    """Return what an engine would start from; of a home without a store, nothing."""
    return read_snapshot(state) if store_path(state).exists() else Snapshot()


def instance_of(state: Path) -> str:
    """Return the instance whose ids the orders of a home bear."""
    with closing(sqlite3.connect(f"file:{store_path(state)}?mode=ro", uri=True)) as store:
        return str(store.execute("SELECT value FROM meta WHERE key = 'instance'").fetchone()[0])


def world_of(state: Path, feed: str, patterns: Sequence[str]) -> World:
    """Return the world of a home with one paper account, one simulated feed and no collar."""
    accounts = {AccountName("main"): AccountFacts(AccountName("main"), lasting_ids=True, fills_from_prints=True)}
    feeds = (FeedFacts(FeedName(feed), FeedClock.SIMULATED, tuple(patterns)),)
    return World(instance_of(state)[:8], Mode.PAPER, load_markets(), Guards(collar=None), accounts, feeds)


class Replay:
    """An engine that is fed from segments."""

    def __init__(self, world: World, snapshot: Snapshot, at: int) -> None:
        self.engine = Engine(world, snapshot, at)
        self.shots: list[ShotRecord] = []
        self.journal: list[Told] = []
        self._dialects: dict[str, VenueDialect] = {feed.name: find_dialect("sim", feed.name) for feed in world.feeds}
        self._take(self.engine.start("again"))

    def _take(self, units: Sequence[Unit]) -> None:
        """Note the fires, and what is asked of the feeds: a dialect reads only what was asked for."""
        for unit in units:
            self.shots += [record for record in unit.records if isinstance(record, ShotRecord)]
            self.journal += [told(record) for record in unit.records if isinstance(record, JournalRow)]
            for act in unit.acts:
                if isinstance(act, Subscribe):
                    self._dialects[act.feed].subscribe(sorted(InstrumentId(code) for code in act.instruments))

    def feed(self, batch: Batch) -> None:
        """Decide again on one batch."""
        self.engine.at(batch.at)
        for entry in batch.entries:
            if isinstance(entry, bytes):
                self._take(self.engine.handle(_event.decode(entry)))
            else:
                self._feed_frames(entry)

    def _feed_frames(self, frames: Frames) -> None:
        name, raws = frames
        for raw in raws:
            for event in self._dialects[name].decode(raw):
                self._take(self.engine.handle(event))


def journal_of(state: Path) -> list[Told]:
    """Return the journal of a home, without its times."""
    with closing(sqlite3.connect(f"file:{store_path(state)}?mode=ro", uri=True)) as store:
        rows = store.execute("SELECT at, subject, before, after, note, by FROM journal ORDER BY number").fetchall()
    return [told(JournalRow(*row[:4], msgspec.json.decode(row[4], type=Note), row[5])) for row in rows]


def told(row: JournalRow) -> Told:
    """Return what a row says, without the moment at which it was written."""
    return (row.subject, row.before, row.after, row.note.code, tuple(sorted(row.note.params.items())), row.by)


def replay(state: Path, began_with: Snapshot, feed: str, patterns: Sequence[str]) -> list[ShotRecord]:
    """Return the fires of all segments of a home, decided again."""
    return again(state, began_with, feed, patterns).shots


def again(state: Path, began_with: Snapshot, feed: str, patterns: Sequence[str]) -> "Replay":
    """Return an engine that has decided on all segments of a home."""
    batches = list(read_segments(state))
    run = Replay(world_of(state, feed, patterns), began_with, batches[0].at)
    for batch in batches:
        run.feed(batch)
    return run
