"""A price server in a process of its own, which dies with us.

The child reads its standard input and leaves when that ends; a kill -9 of the daemon closes the pipe, so no orphan goes
on serving. It is started when it is first needed and again when it has died: the feed's backoff paces that.
"""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence

import msgspec

from autotrader.errors import FeedBroken

START = 20.0
LEAVE = 3.0


class Listening(msgspec.Struct, frozen=True):
    """The one line that a server prints: where it listens."""

    port: int


class Child:
    """The address (`feeds.address.Address`) of a server module that we run."""

    def __init__(self, module: str, *, arguments: Sequence[str] = (), first_line: bytes = b"") -> None:
        self._module = module
        self._arguments = arguments
        self._first_line = first_line
        self._process: Process | None = None
        self._url = ""
        self._finding = asyncio.Lock()

    @property
    def pid(self) -> int | None:
        """Return the number of the running process."""
        return self._process.pid if self._alive() and self._process else None

    async def find(self) -> str:
        """Return the server's URL, starting it if it is not alive; several may ask, one starts it."""
        async with self._finding:
            if not self._alive():
                self._url = await self._start()
            return self._url

    async def close(self) -> None:
        """Close the child's input, and end it if it does not leave by itself."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(LEAVE):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def _start(self) -> str:
        """Start the process and wait until it listens."""
        try:
            process = await asyncio.create_subprocess_exec(sys.executable, "-m", self._module, *self._arguments, stdin=PIPE, stdout=PIPE)
        except OSError as error:
            raise FeedBroken("feed.child_failed", what=self._module, why=error) from error
        self._process = process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(self._first_line)
        try:
            async with asyncio.timeout(START):  # not wait_for: until Python 3.12 it loses a cancellation that comes with the line
                line = await process.stdout.readline()
            port = msgspec.json.decode(line, type=Listening).port
        except (TimeoutError, msgspec.DecodeError) as error:
            await self.close()
            raise FeedBroken("feed.child_failed", what=self._module, why=error or "it said nothing") from error
        return f"ws://127.0.0.1:{port}"
