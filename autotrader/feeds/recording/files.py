"""Recordings on disk, read line by line and written as they come.

Ours is gzipped: a header line of JSON, then `<receive ns> <frame>` a line. A frame that a line cannot hold as it is goes
as a JSON string. Two captures by others are read too: the same lines without a header (Binance), and
`<seconds>: b'<frame>'` with lines of the connection between them (Upbit).
"""

import ast
import gzip
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

import msgspec

from autotrader.errors import UserMistake

SECOND = 1_000_000_000
GZIP = b"\x1f\x8b"


class Header(msgspec.Struct, frozen=True, rename={"version": "autotrader-recording"}):
    """The first line of our own recordings. `started` is ns since the epoch UTC."""

    version: int
    dialect: str
    url: str
    started: int
    instruments: tuple[str, ...] = ()


class Frame(NamedTuple):
    """One frame as it came off the wire, and when (ns since the epoch UTC)."""

    received: int
    raw: bytes


def write_header(header: Header) -> bytes:
    return msgspec.json.encode(header) + b"\n"


def write_frame(frame: Frame) -> bytes:
    """Return the line of a frame. What has a line end in it, is not UTF-8 or looks like an escaped one is escaped."""
    raw = frame.raw
    if b"\n" in raw or b"\r" in raw or raw.startswith(b'"') or not _is_text(raw):
        raw = json.dumps(raw.decode("utf-8", "surrogateescape")).encode("ascii")
    return b"%d %s\n" % (frame.received, raw)


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_header(path: Path) -> Header | None:
    """Return what our own recording says of itself; None for a capture by others."""
    with _open(path) as lines:
        first = lines.readline()
    try:
        return msgspec.json.decode(first, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def read_frames(path: Path) -> Iterator[Frame]:
    """Yield the frames of a recording in its order; a file that was cut short ends where it was cut."""
    with _open(path) as lines:
        for number, line in enumerate(_whole(lines), start=1):
            if _is_of_the_connection(number, line):
                continue
            try:
                yield _frame(line)
            except (ValueError, SyntaxError, ArithmeticError) as error:
                raise UserMistake("feed.not_a_recording", file=path.name, line=number) from error


def _open(path: Path) -> BinaryIO:
    """Open a recording, gzipped or not."""
    with path.open("rb") as file:
        packed = file.read(2) == GZIP
    return cast(BinaryIO, gzip.open(path, "rb")) if packed else path.open("rb")


def _whole(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines up to the end or to where a killed recorder left off: gzip calls that an EOFError."""
    try:
        yield from (line.rstrip(b"\n") for line in lines)
    except EOFError:
        return


def _is_of_the_connection(number: int, line: bytes) -> bool:
    """Return whether a line is no frame: our header, an empty one, or `<url> <->` and `<url> <-` of the Upbit capture."""
    return not line or (number == 1 and line.startswith(b"{")) or line.startswith((b"wss://", b"ws://"))


def _frame(line: bytes) -> Frame:
    received, space, rest = line.partition(b" ")
    if not space or not rest:
        raise ValueError
    if received.endswith(b":"):
        return Frame(int(Decimal(received[:-1].decode()) * SECOND), _literal(rest))
    if not received.isdigit():
        raise ValueError
    return Frame(int(received), _unescaped(rest))


def _literal(rest: bytes) -> bytes:
    """Return what a Python literal of bytes or text spells."""
    said = ast.literal_eval(rest.decode())
    if isinstance(said, str):
        return said.encode()
    if not isinstance(said, bytes):
        raise ValueError
    return said


def _unescaped(rest: bytes) -> bytes:
    if not rest.startswith(b'"'):
        return rest
    text = json.loads(rest)
    if not isinstance(text, str):
        raise ValueError
    return text.encode("utf-8", "surrogateescape")
