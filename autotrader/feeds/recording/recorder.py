"""Write a live feed's frames to a file that `server.py` can serve again.

Raw frames as they came, flushed every second, so that a killed recorder loses one second; synced to disk when it ends.
"""

import asyncio
import gzip
import os
from collections.abc import Sequence
from pathlib import Path
from random import Random

from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.events import FeedClock, FeedEvent, LinkState
from autotrader.feeds.address import FixedAddress
from autotrader.feeds.connection import WebsocketFeed
from autotrader.feeds.conversation import Terms
from autotrader.feeds.dialects import find_dialect
from autotrader.feeds.recording.files import Frame, Header, write_frame, write_header
from autotrader.ports import Clock

FLUSH = 1.0
LARGEST = 1 << 30
RECORDER = FeedName("recorder")


class Recorder:
    """An intake (`ports.Intake`) that writes. `full` goes up when the limit is reached: a forgotten recorder fills no disk."""

    def __init__(self, path: Path, header: Header, *, clock: Clock, limit: int) -> None:
        # Exclusive: a recording is never written over another one.
        self._file = path.open("xb")
        self._packed = gzip.GzipFile(fileobj=self._file, mode="wb", mtime=0)
        self._packed.write(write_header(header))
        self._clock = clock
        self._left = limit
        self.frames = 0
        self.full = asyncio.Event()

    def frame(self, feed: str, raw: bytes, events: Sequence[FeedEvent]) -> None:
        """Write one frame. What the feed itself reports comes without one."""
        if not raw or self.full.is_set():
            return
        line = write_frame(Frame(self._clock.now(), raw))
        self._left -= len(line)
        if self._left < 0:
            self.full.set()
            return
        self._packed.write(line)
        self.frames += 1

    def link(self, feed: str, state: LinkState, reason: str = "", day: str = "") -> None:
        """Nothing is written: a gap shows in the times."""

    def failing(self, feed: str) -> bool:
        return False

    def flush(self) -> None:
        """Hand what was written to the system."""
        self._packed.flush()
        self._file.flush()

    def close(self) -> None:
        """End the file and wait until it is on disk."""
        self._packed.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()


async def record(
    url: str,
    dialect: str,
    instruments: Sequence[InstrumentId],
    path: Path,
    *,
    clock: Clock,
    stop: asyncio.Event,
    limit: int = LARGEST,
) -> int:
    """Record a feed until told to stop or until `limit` bytes (before packing) are written; return the number of frames."""
    recorder = Recorder(path, Header(1, dialect, url, clock.now(), tuple(instruments)), clock=clock, limit=limit)
    feed = WebsocketFeed(
        name=RECORDER,
        address=FixedAddress(url),
        dialect=find_dialect(dialect, RECORDER),
        clock=FeedClock.LIVE,
        patterns=tuple(instruments),
        time=clock,
        random=Random(),
        terms=Terms(),
    )
    feed.subscribe(frozenset(instruments))
    try:
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(feed.run(recorder)), tasks.create_task(_flush_each_second(recorder))]
            ends = [tasks.create_task(stop.wait()), tasks.create_task(recorder.full.wait())]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for task in [*running, *ends]:
                task.cancel()
    finally:
        recorder.close()
    return recorder.frames


async def _flush_each_second(recorder: Recorder) -> None:
    while True:
        await asyncio.sleep(FLUSH)
        recorder.flush()
