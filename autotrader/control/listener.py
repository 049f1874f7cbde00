"""The socket file: born with its final mode, never taken from a living daemon, gone when its owner is.

Between bind and listen nobody can connect, so the group is set before anybody gets in.
"""

import grp
import os
import socket
import stat
from contextlib import ExitStack
from pathlib import Path

from autotrader.control.address import within_reach
from autotrader.errors import AnotherInstance, UserMistake

BACKLOG = 32
ANSWER_WITHIN = 1.0


class Listener:
    """A bound and listening socket together with the file that it made."""

    def __init__(self, path: Path, bound: socket.socket, group: int | None, kept: ExitStack) -> None:
        self.path = path
        self.socket = bound
        self.group = group
        self._kept = kept
        self._inode = path.stat().st_ino

    def close(self) -> None:
        """Stop listening and remove the file, unless somebody else's stands there by now."""
        self._kept.close()
        try:
            if self.path.lstat().st_ino == self._inode:
                self.path.unlink()
        except FileNotFoundError:
            pass


def listen(path: Path, *, group: str | None = None) -> Listener:
    """Bind the control socket, 0600 or for a group 0660; raise AnotherInstance when somebody answers there already."""
    number = _group_number(group)
    _clear_the_way(path)
    with ExitStack() as opened:
        bound = opened.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        # Linux gives the file the mode of the unbound socket (less the umask): there is no moment at which it is wider.
        os.fchmod(bound.fileno(), 0o600)
        # The address stays within reach as long as the socket: from 3.13 on asyncio looks at it again.
        bound.bind(opened.enter_context(within_reach(path)))
        if number is not None:
            _open_to_group(path, number)
        bound.listen(BACKLOG)
        bound.setblocking(False)
        return Listener(path, bound, number, opened.pop_all())


def _group_number(group: str | None) -> int | None:
    try:
        return grp.getgrnam(group).gr_gid if group is not None else None
    except KeyError:
        raise UserMistake("control.no_group", group=group) from None


def _open_to_group(path: Path, group: int) -> None:
    if path.stat().st_gid != group:
        os.chown(path, -1, group)
    path.chmod(0o660)


def _clear_the_way(path: Path) -> None:
    """Remove a socket that nobody listens on, as a kill leaves it."""
    try:
        kind = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(kind):
        raise UserMistake("control.not_a_socket", path=path)
    if _somebody_answers(path):
        raise AnotherInstance("control.taken", path=path)
    path.unlink()


def _somebody_answers(path: Path) -> bool:
    with within_reach(path) as address, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(ANSWER_WITHIN)
        try:
            probe.connect(address)
        except ConnectionRefusedError:
            return False
        except (BlockingIOError, TimeoutError):
            return True  # its backlog is full: busy, and alive
        return True
