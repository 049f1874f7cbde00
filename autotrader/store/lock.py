"""One instance a state directory: a held lock that dies with its process, so no crash can leave a stale one (safety D4)."""

import fcntl
import os
from pathlib import Path
from types import TracebackType

from autotrader.errors import AnotherInstance
from autotrader.store.making import flush

NAME = "lock"


class InstanceLock:
    """The right to write in a state directory. The file names the holder for people; the lock itself is the kernel's.

    A child that is started without exec would share the lock; ours are started with it, and the file is closed there.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock at once, or raise AnotherInstance having touched nothing."""
        if not self._directory.is_dir():
            self._make_directory()
        descriptor = os.open(self._directory / NAME, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise AnotherInstance("store.another_instance", directory=str(self._directory), pid=holder or "?") from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the next one in. The file stays: removing it would let two hold locks on two files of one name."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)  # said plainly: a child between fork and exec still has the file open
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> "InstanceLock":
        self.acquire()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    def _make_directory(self) -> None:
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        flush(self._directory.parent)
