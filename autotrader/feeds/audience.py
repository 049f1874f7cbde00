"""Who listens to one of our own price servers, and how such a server lives: loopback only, a port that it prints, no orphan.

Sending waits for the listener (that is TCP's backpressure), so nothing is lost at any speed; a listener that does not
even answer pings is cut by the library.
"""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import AsyncIterator
from typing import BinaryIO

import msgspec
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from autotrader.feeds.child import Listening
from autotrader.feeds.connection import DAY


class Audience:
    """The clients that have said something: a client is served from its first message on."""

    def __init__(self) -> None:
        self.listeners: dict[ServerConnection, bytes] = {}
        """Each with the last thing it said."""
        self.arrived = asyncio.Event()

    def hear(self, listener: ServerConnection, message: bytes) -> None:
        """Take a client's subscription."""
        self.listeners[listener] = message
        self.arrived.set()

    def leave(self, listener: ServerConnection) -> None:
        self.listeners.pop(listener, None)

    async def tell(self, frame: str | bytes) -> None:
        """Send a frame to all, waiting for the slowest."""
        for listener in tuple(self.listeners):
            await self.tell_one(listener, frame)

    async def tell_one(self, listener: ServerConnection, frame: str | bytes) -> None:
        """Send a frame to one; who has gone is forgotten."""
        try:
            await listener.send(frame)
        except ConnectionClosed:
            self.leave(listener)

    async def close(self) -> None:
        """Say goodbye to all with 1000."""
        for listener in tuple(self.listeners):
            await listener.close()
            self.leave(listener)


class Host:
    """A websocket server on loopback that names its market day in the handshake. Subclasses answer what a client says."""

    def __init__(self) -> None:
        self.audience = Audience()

    def day(self) -> str:
        """Return the name of the market day that a client who comes now will see."""
        raise NotImplementedError

    async def heard(self, listener: ServerConnection, message: bytes) -> None:
        """Take what a client said."""
        self.audience.hear(listener, message)

    def left(self, listener: ServerConnection) -> None:
        """Note that a client is gone."""

    def headers(self, headers: Headers) -> None:
        """Add to what the handshake says."""

    @contextlib.asynccontextmanager
    async def open(self, port: int = 0) -> AsyncIterator[int]:
        """Listen on loopback; the value is the port."""
        server: Server = await serve(
            self._attend, "127.0.0.1", port, process_response=self._name_the_day, compression=None, close_timeout=1, write_limit=1 << 18
        )
        async with server:
            yield next(iter(server.sockets)).getsockname()[1]

    async def _attend(self, listener: ServerConnection) -> None:
        try:
            async for message in listener:
                await self.heard(listener, message if isinstance(message, bytes) else message.encode())
        except ConnectionClosed:
            return
        finally:
            self.audience.leave(listener)
            self.left(listener)

    def _name_the_day(self, _listener: ServerConnection, _request: Request, response: Response) -> None:
        headers: Headers = response.headers
        headers[DAY] = self.day()
        self.headers(headers)


def say_port(port: int) -> None:
    """Print where we listen, for the parent."""
    print(msgspec.json.encode(Listening(port)).decode(), flush=True)


def ignore_interrupt() -> None:
    """Leave Ctrl-C to the parent: it closes our input when it is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def end_of_input(stream: BinaryIO = sys.stdin.buffer) -> asyncio.Event:
    """Return a flag that goes up when the parent is gone. A thread, because input may be a pipe, a file or a terminal."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def drain() -> None:
        while stream.readline():
            pass
        with contextlib.suppress(RuntimeError):  # the loop closed first
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=drain, daemon=True).start()
    return ended
