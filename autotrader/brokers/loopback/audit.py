"""The rehearsal broker's own account of what reached it: JSON lines, on disk before anything is answered.

It is the witness of the crash tests: what the daemon says it sent is compared with what is written here.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec


class Audit:
    """Numbered lines in one file; an existing file is continued."""

    def __init__(self, path: Path, now: Callable[[], int]) -> None:
        self._now = now
        self._file = path.open("ab", buffering=0)
        self._number = sum(1 for _ in path.open("rb"))

    def write(self, event: str, **facts: object) -> int:
        """Write one line, flush it to the disk, and return its number."""
        self._number += 1
        line: Mapping[str, object] = {"number": self._number, "time": self._now(), "event": event, **facts}
        self._file.write(msgspec.json.encode(line) + b"\n")
        os.fsync(self._file.fileno())
        return self._number

    def close(self) -> None:
        self._file.close()
