"""The inbox log: every event as it came, compressed, beside the store, so that any day can be replayed to the same decisions.

It explains and does not decide, so it is not flushed to the disk a batch: a killed process loses at most what came since the
last sync flush, a power cut somewhat more, and nothing that an order rests on. It is bounded in bytes, on disk and in memory.
"""

import asyncio
import contextlib
import errno
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from autotrader.store.segment import (
    SUFFIX,
    Batch,
    Entry,
    Segment,
    is_segment_name,
    length_of,
    pack,
    read_segment,
    segment_name,
    segment_time,
)

FOLDER = "inbox"
MIB = 1024 * 1024
PENDING_LIMIT = 8 * MIB


class WallClock(Protocol):
    """The part of `ports.Clock` that names a segment."""

    def now(self) -> int: ...


class SegmentWriter:
    """Takes batches without waiting; a thread compresses and writes them.

    When the disk is slower than the prices, `behind` becomes true and the pump should wait for `caught_up`. A pump that does
    not wait loses batches of the log (`lost` counts them), never memory.
    """

    def __init__(
        self,
        directory: Path,
        *,
        clock: WallClock,
        limit_bytes: int = 1024 * MIB,
        segment_bytes: int = 64 * MIB,
        flush_every: float = 0.25,
        pending_bytes: int = PENDING_LIMIT,
    ) -> None:
        self.lost = 0
        self.failure = ""
        """What the disk said when batches were lost."""
        self._folder = directory / FOLDER
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._segment_bytes = segment_bytes
        self._flush_every = flush_every
        self._pending_limit = pending_bytes
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._drained = threading.Event()
        self._drained.set()
        self._closing = False
        self._segment: Segment | None = None
        self._thread = threading.Thread(target=self._run, name="inbox-log", daemon=True)
        self._thread.start()

    @property
    def behind(self) -> bool:
        """Return whether more is waiting than should be."""
        return self._pending_size > self._pending_limit

    def append_batch(self, at: int, entries: Sequence[Entry]) -> None:
        """Take a batch; it never waits."""
        raw = pack(at, entries)
        with self._lock:
            if self._pending_size > 2 * self._pending_limit:
                self.lost += 1
                return
            self._pending.append(length_of(raw))
            self._pending.append(raw)
            self._pending_size += len(raw)
            if self.behind:
                self._drained.clear()
        if self._pending_size > self._pending_limit // 8:
            self._wake.set()

    async def caught_up(self, timeout: float = 5.0) -> bool:
        """Wait until the writer is no longer behind; return whether it is so."""
        if self.behind:
            await asyncio.get_running_loop().run_in_executor(None, self._drained.wait, timeout)
        return not self.behind

    def close(self, timeout: float = 5.0) -> None:
        """Write what is waiting and end the segment."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(self._flush_every)
            self._wake.clear()
            self._drain()
        self._drain()
        with contextlib.suppress(OSError):  # what was written can be read without the stream's end
            self._end_segment()

    def _drain(self) -> None:
        """Write all that is waiting; a disk that refuses costs these batches and not the daemon."""
        with self._lock:
            pieces, self._pending = self._pending, []
        try:
            if pieces:
                self._write(b"".join(pieces))
        except OSError as error:
            self.lost += len(pieces) // 2
            self._give_way(error)
        finally:
            with self._lock:
                self._pending_size -= sum(map(len, pieces[1::2]))
            self._drained.set()

    def _write(self, raw: bytes) -> None:
        if self._segment is None or self._segment.size >= self._segment_bytes:
            self._end_segment()
            self._drop_oldest()
            self._segment = Segment(self._free_name())
        self._segment.write(raw)

    def _end_segment(self) -> None:
        ended, self._segment = self._segment, None
        if ended:
            ended.close()

    def _give_way(self, error: OSError) -> None:
        """Leave a segment that cannot be written; on a full disk the store needs the room more than old explanations do."""
        self.failure = str(error)
        if self._segment:
            self._segment.abandon()
            self._segment = None
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            with contextlib.suppress(OSError):  # the next batch meets the same disk, and is counted as lost in its turn
                for oldest in segments(self._folder.parent)[:1]:
                    oldest.unlink()

    def _drop_oldest(self) -> None:
        """Make room for one more segment within the limit."""
        sizes = {path: path.stat().st_size for path in segments(self._folder.parent)}
        excess = sum(sizes.values()) + self._segment_bytes - self._limit_bytes
        for path, size in sizes.items():
            if excess <= 0:
                return
            path.unlink()
            excess -= size

    def _free_name(self) -> Path:
        """Return a name after every other one, even when the wall clock was set back."""
        newest = max((path.name for path in segments(self._folder.parent)), default="")
        at = self._clock.now()
        while (name := segment_name(at)) <= newest:
            at = max(at, segment_time(newest)) + 1
        return self._folder / name


def segments(directory: Path) -> list[Path]:
    """Return the segments of a state directory, oldest first. What bears no name of ours is somebody else's."""
    return sorted(path for path in (directory / FOLDER).glob("*" + SUFFIX) if is_segment_name(path.name))


def read_segments(directory: Path) -> Iterator[Batch]:
    """Yield every batch that is whole, oldest first; a cut or damaged segment gives what comes before the damage."""
    for path in segments(directory):
        yield from read_segment(path)
