"""What the daemon looks after besides prices: that it is known to be alive on quiet days, and that a disk in trouble is said."""

import asyncio

from autotrader.engine.effects import Unit
from autotrader.engine.records import AlertRecord, Note
from autotrader.ports import Clock, Notifier
from autotrader.store.segments import SegmentWriter
from autotrader.store.sqlite import SqliteStore

EVERY = 30.0
"""Seconds. `last_alive` moves at least this often, so that a late fire tells its down-time rightly."""


class Housekeeping:
    """Looks every half minute; what it finds is an alert once, stored like any other."""

    def __init__(self, store: SqliteStore, segments: SegmentWriter, notifier: Notifier, clock: Clock, directory: str) -> None:
        self._store = store
        self._segments = segments
        self._notifier = notifier
        self._clock = clock
        self._directory = directory
        self._told_full = False
        self._lost = 0

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            await asyncio.sleep(EVERY)
            await self.look()

    async def look(self) -> None:
        """Move `last_alive` and say what went wrong since the last look."""
        notes = self._troubles()
        alerts = tuple(AlertRecord(self._clock.now(), "store", note) for note in notes)
        await self._store.commit([Unit(alerts)])
        for alert in alerts:
            self._notifier.alerted(alert)

    def _troubles(self) -> list[Note]:
        notes = []
        if self._store.full and not self._told_full:
            notes.append(Note("store.full", {"directory": self._directory}))
        self._told_full = self._store.full
        if self._segments.lost > self._lost:
            lost, self._lost = self._segments.lost - self._lost, self._segments.lost
            finding = self._segments.failure or "the disk is slow"
            notes.append(Note("store.inbox_lost", {"count": str(lost), "finding": finding, "directory": self._directory}))
        return notes
