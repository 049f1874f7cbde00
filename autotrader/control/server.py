"""The daemon's end of the control socket. Few connections, one request at a time on each, every wait with an end.

A client that is slow, silent, too long or a stranger costs a connection for some seconds and nothing else; a fault in
the daemon's own answering is not swallowed here: it ends the task group, and with it the daemon (safety O5).
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from autotrader.control.listener import Listener, listen
from autotrader.control.peer import may_speak, peer_of
from autotrader.control.protocol import REQUEST_LIMIT, AnyVerb, Request, Unreadable, decode_request, encode_reply, patience, refusal
from autotrader.errors import AutotraderError

Answer = Callable[[Request], Awaitable[dict[str, Any]]]
"""Carries a request out and returns the `{"ok": …}` part of the reply, after the commit."""

CONNECTIONS = 16
IDLE = 10.0


@asynccontextmanager
async def serve(
    path: Path,
    answer: Answer,
    *,
    group: str | None = None,
    idle: float = IDLE,
    patience_for: Callable[[AnyVerb], float] = patience,
) -> AsyncIterator[None]:
    """Answer requests on the socket while the context lasts: it listens once that is entered, and is gone after it.

    What the context's own body raises leaves it inside an ExceptionGroup, as with any task group.
    """
    listener = listen(path, group=group)
    try:
        async with asyncio.TaskGroup() as tasks:
            door = _Door(listener, tasks, _Conversation(answer, idle, patience_for))
            server = await asyncio.start_unix_server(door.enter, sock=listener.socket, limit=REQUEST_LIMIT)
            try:
                yield
            finally:
                server.close()
                door.shut()
    finally:
        listener.close()


class _Door:
    """Lets in whom we know, as many as there is room for."""

    def __init__(self, listener: Listener, tasks: asyncio.TaskGroup, conversation: "_Conversation") -> None:
        self._group = listener.group
        self._tasks = tasks
        self._conversation = conversation
        self._inside: set[asyncio.Task[None]] = set()
        self._open = True

    def enter(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Start a conversation, or say why not and hang up."""
        if not self._open:
            writer.close()
        elif not may_speak(peer_of(_socket_of(writer)), us=os.geteuid(), group=self._group):
            _turn_away(writer, "control.stranger")
        elif len(self._inside) >= CONNECTIONS:
            _turn_away(writer, "control.busy", limit=CONNECTIONS)
        else:
            task = self._tasks.create_task(self._conversation.hold(reader, writer))
            self._inside.add(task)
            task.add_done_callback(self._inside.discard)

    def shut(self) -> None:
        """Let nobody in any more and end every conversation: an answer that is lost can be asked for again."""
        self._open = False
        for task in self._inside:
            task.cancel()


class _Conversation:
    """Request, reply, request, reply, until one side hangs up."""

    def __init__(self, answer: Answer, idle: float, patience_for: Callable[[AnyVerb], float]) -> None:
        self._answer = answer
        self._idle = idle
        self._patience_for = patience_for

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes on one connection."""
        try:
            while await self._turn(reader, writer):
                pass
        finally:
            writer.close()

    async def _turn(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Take one request and answer it; return whether another may follow."""
        try:
            request = await self._next(reader)
        except Unreadable as fault:
            await self._sent(writer, encode_reply(fault.request, refusal(fault)))
            return False
        if request is None:
            return False
        body, goes_on = await self._carry_out(request)
        return await self._sent(writer, encode_reply(request.id, body)) and goes_on

    async def _next(self, reader: asyncio.StreamReader) -> Request | None:
        """Return the next request, or None when the peer hung up or was silent for too long."""
        try:
            async with asyncio.timeout(self._idle):
                return decode_request(await reader.readuntil(b"\n"))
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            return None
        except asyncio.LimitOverrunError:
            raise Unreadable("control.too_long", limit=REQUEST_LIMIT) from None

    async def _carry_out(self, request: Request) -> tuple[dict[str, Any], bool]:
        """Return the body of the reply, and whether the connection is still of use after it."""
        seconds = self._patience_for(request.verb)
        try:
            async with asyncio.timeout(seconds) as limit:
                return await self._answer(request), True
        except AutotraderError as error:
            return refusal(error), True
        except TimeoutError:
            if not limit.expired():
                raise
            return refusal(AutotraderError("control.slow", seconds=f"{seconds:g}")), False

    async def _sent(self, writer: asyncio.StreamWriter, line: bytes) -> bool:
        """Send a reply; return False when the peer is gone, or reads too slowly to wait for."""
        writer.write(line)
        try:
            async with asyncio.timeout(self._idle):
                await writer.drain()
        except (ConnectionError, TimeoutError):
            writer.transport.abort()
            return False
        return True


def _socket_of(writer: asyncio.StreamWriter) -> socket.socket:
    connection: socket.socket = writer.get_extra_info("socket")
    return connection


def _turn_away(writer: asyncio.StreamWriter, code: str, **params: object) -> None:
    writer.write(encode_reply("", refusal(AutotraderError(code, **params))))
    writer.close()
