"""One file of the inbox log: a line that says what it is, then one zlib stream of batches, each with its length before it."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import msgspec

MAGIC = b"autotrader inbox 1\n"
SUFFIX = ".inbox"
LENGTH = 4
READ_SIZE = 64 * 1024
SECOND = 1_000_000_000

Frames = tuple[str, list[bytes]]
"""A feed's name and the frames that it brought, as they came off the wire."""

Entry = Frames | bytes
"""Frames, or one event of another kind (a command, a report …) as JSON."""


class Batch(msgspec.Struct, frozen=True, array_like=True):
    """What the pump took in one turn, and when."""

    at: int
    entries: list[Entry]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Batch).decode


def pack(at: int, entries: Sequence[Entry]) -> bytes:
    """Return a batch as it stands in the stream, after its length."""
    return _encode((at, entries))


def length_of(packed: bytes) -> bytes:
    """Return what stands before a batch."""
    return len(packed).to_bytes(LENGTH, "big")


class Segment:
    """One file: a line that says what it is, then one zlib stream."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("xb", buffering=0)
        self._stream = zlib.compressobj(level=1)
        self.size = self._file.write(MAGIC)

    def write(self, raw: bytes) -> None:
        """Write so that a reader gets all of it, whatever happens to us next."""
        self._put(self._stream.compress(raw) + self._stream.flush(zlib.Z_SYNC_FLUSH))

    def close(self) -> None:
        """End the stream."""
        with self._file:
            self._put(self._stream.flush(zlib.Z_FINISH))

    def abandon(self) -> None:
        """Leave the stream as it is: the disk takes nothing more."""
        self._file.close()

    def _put(self, packed: bytes) -> None:
        view = memoryview(packed)
        while view:
            written = self._file.write(view)
            self.size += written
            view = view[written:]


def segment_name(at: int) -> str:
    """Return a file name that people can read and that sorts by time."""
    second, rest = divmod(at, SECOND)
    return f"{datetime.fromtimestamp(second, UTC):%Y%m%dT%H%M%S}.{rest:09d}Z{SUFFIX}"


def is_segment_name(name: str) -> bool:
    """Tell whether a file bears a name that `segment_name` gives."""
    try:
        segment_time(name)
    except ValueError:
        return False
    return True


def segment_time(name: str) -> int:
    """Return the time that a segment's name spells."""
    second, rest = name.removesuffix("Z" + SUFFIX).split(".")
    return int(datetime.strptime(second + "+0000", "%Y%m%dT%H%M%S%z").timestamp()) * SECOND + int(rest)


def read_segment(path: Path) -> Iterator[Batch]:
    """Yield the whole batches of one segment."""
    waiting = bytearray()
    for piece in _unpacked(path):
        waiting += piece
        start = 0
        while (end := _end(waiting, start)) <= len(waiting):
            try:
                yield _decode(bytes(waiting[start + LENGTH : end]))
            except msgspec.MsgspecError:
                return
            start = end
        del waiting[:start]


def _end(waiting: bytearray, start: int) -> int:
    """Return where the batch that begins here ends; a cut length is one of a batch that is not whole either."""
    return start + LENGTH + int.from_bytes(waiting[start : start + LENGTH], "big")


def _unpacked(path: Path) -> Iterator[bytes]:
    """Yield what the stream holds, as far as it can be read."""
    stream = zlib.decompressobj()
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            return
        while packed := file.read(READ_SIZE):
            try:
                yield stream.decompress(packed)
            except zlib.error:
                return
