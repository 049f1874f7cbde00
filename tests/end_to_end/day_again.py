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
from autotrader.engine.records import ShotRecord, Snapshot
from autotrader.engine.world import AccountFacts, FeedFacts, World
from autotrader.feeds.dialects import VenueDialect, find_dialect
from autotrader.store.place import store_path
from autotrader.store.reading import read_snapshot
from autotrader.store.segment import Batch, Frames
from autotrader.store.segments import read_segments

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
        self._dialects: dict[str, VenueDialect] = {feed.name: find_dialect("sim", feed.name) for feed in world.feeds}
        self._take(self.engine.start("again"))

    def _take(self, units: Sequence[Unit]) -> None:
        """Note the fires, and what is asked of the feeds: a dialect reads only what was asked for."""
        for unit in units:
            self.shots += [record for record in unit.records if isinstance(record, ShotRecord)]
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


def replay(state: Path, began_with: Snapshot, feed: str, patterns: Sequence[str]) -> list[ShotRecord]:
    """Return the fires of all segments of a home, decided again."""
    batches = list(read_segments(state))
    again = Replay(world_of(state, feed, patterns), began_with, batches[0].at)
    for batch in batches:
        again.feed(batch)
    return again.shots
