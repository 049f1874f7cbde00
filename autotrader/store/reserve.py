"""The reserve: some disk set aside, given back when the disk is full, so that what is in flight can still be recorded."""

import os
from pathlib import Path

from autotrader.store.making import flush

NAME = "store.reserve"
SIZE = 256 * 1024


class Reserve:
    """A file that does nothing but take up room."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME

    def lay(self) -> bool:
        """Set the room aside; return False when there is none to set aside."""
        if self._path.exists() and self._path.stat().st_size == SIZE:
            return True
        try:
            # Random, so that no file system can compress it or leave a hole.
            self._path.write_bytes(os.urandom(SIZE))
            flush(self._path)
        except OSError:
            self._path.unlink(missing_ok=True)
            return False
        return True

    def free(self) -> bool:
        """Give the room back; return False when that was done before."""
        if not self._path.exists():
            return False
        self._path.unlink()
        flush(self._path.parent)
        return True
