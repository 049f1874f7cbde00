"""Who is at the other end of a Unix socket: asked of the kernel, never of the peer (safety S5)."""

import socket
import struct
from typing import NamedTuple

_UCRED = struct.Struct("3i")
_SO_PEERGROUPS = 59
"""socket(7), Linux 4.13; the same number on x86-64 and aarch64. Python has no name for it."""
_MOST_BYTES = 1024
"""Python's getsockopt gives no more: 256 groups. Somebody in more of them counts with the first of his groups only."""


class Peer(NamedTuple):
    pid: int
    uid: int
    groups: frozenset[int]


def peer_of(connection: socket.socket) -> Peer:
    """Return who connected, as they were at that moment."""
    pid, uid, gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return Peer(pid, uid, frozenset({gid}) | _other_groups(connection))


def may_speak(peer: Peer, *, us: int, group: int | None) -> bool:
    """Return whether this peer may give commands: the daemon's own user, root, or a member of the control group."""
    return peer.uid in {0, us} or (group is not None and group in peer.groups)


def _other_groups(connection: socket.socket) -> frozenset[int]:
    try:
        raw = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, _MOST_BYTES)
    except OSError:
        return frozenset()
    return frozenset(number for (number,) in struct.iter_unpack("I", raw))
