"""The command's end of the control socket: plain and synchronous, because a command must start fast.

A connection that breaks before the answer came is tried once more with the same request id, which the daemon answers
without carrying the command out twice; only when that fails too is the answer called lost.
"""

import socket
import time
from contextlib import suppress
from pathlib import Path

from autotrader.control.address import within_reach
from autotrader.control.protocol import REPLY_LIMIT, Reply, Request, Unreadable, decode_reply, encode_request, patience
from autotrader.errors import AutotraderError, DaemonNotRunning, UserMistake

MARGIN = 2.0
"""Seconds over the daemon's own limit, so that its word of why it was slow can still arrive."""
CHUNK = 1 << 16


class AnswerLost(AutotraderError):
    """It may have been carried out. Asking again with the same request id is safe."""


def ask(path: Path, request: Request, timeout: float | None = None) -> Reply:
    """Return the daemon's reply; raise DaemonNotRunning when there is none, AnswerLost when it may or may not have heard."""
    line = encode_request(request)
    seconds = patience(request.verb) + MARGIN if timeout is None else timeout
    deadline = time.monotonic() + seconds
    try:
        return _converse(path, line, deadline) or _ask_again(path, line, deadline, request)
    except TimeoutError:
        raise AnswerLost("control.no_answer", seconds=f"{seconds:g}", request=request.id) from None


def _ask_again(path: Path, line: bytes, deadline: float, request: Request) -> Reply:
    try:
        reply = _converse(path, line, deadline)
    except DaemonNotRunning:
        reply = None
    if reply is None:
        raise AnswerLost("control.answer_lost", request=request.id)
    return reply


def _converse(path: Path, line: bytes, deadline: float) -> Reply | None:
    """Send one request and return its reply, or None when the connection broke before there was one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(_left(deadline))
        _connect(link, path)
        with suppress(ConnectionError):  # turned away: the reason may already wait to be read
            link.sendall(line)
        try:
            answer = _read_line(link, deadline)
        except ConnectionError:
            return None
    return decode_reply(answer) if answer.endswith(b"\n") else None


def _connect(link: socket.socket, path: Path) -> None:
    try:
        with within_reach(path) as address:
            link.connect(address)
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        raise DaemonNotRunning("control.not_running", path=path) from None
    except PermissionError:
        raise UserMistake("control.not_allowed", path=path) from None
    except BlockingIOError:
        raise TimeoutError from None  # so many are waiting that the kernel takes no more


def _read_line(link: socket.socket, deadline: float) -> bytes:
    """Return all up to the end of the line, or what there was when the daemon hung up."""
    received = bytearray()
    while not received.endswith(b"\n"):
        link.settimeout(_left(deadline))
        part = link.recv(CHUNK)
        received += part
        if not part:
            break
        if len(received) > REPLY_LIMIT + 1:
            raise Unreadable("control.reply_too_long", limit=REPLY_LIMIT)
    return bytes(received)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
