"""A venue that repeats a recording: `python -m autotrader.feeds.recording.server FILE --speed N --dialect D`.

Raw frames go out with the file's timing divided by the speed (`0` or `max`: as fast as the listener takes them), from the
first subscription on, so that nothing is lost. Who comes later joins the running stream, as at a real venue.
"""

import argparse
import asyncio
import time
from decimal import Decimal, InvalidOperation
from pathlib import Path

from websockets.asyncio.server import ServerConnection

from autotrader.domain.tick import FeedName
from autotrader.feeds.audience import Host, end_of_input, ignore_interrupt, say_port
from autotrader.feeds.dialects import find_dialect
from autotrader.feeds.recording.files import SECOND, Frame, read_frames, read_header

BREATH = 64
"""Frames at full speed between two turns of the event loop, so that pings and newcomers are heard."""


class Pace:
    """When a frame is due: its distance from the first one, divided by the speed."""

    def __init__(self, speed: Decimal) -> None:
        self._speed = float(speed)
        self._began: tuple[int, float] | None = None
        self._sent = 0

    async def keep(self, frame: Frame) -> None:
        """Wait until the frame is due."""
        loop = asyncio.get_running_loop()
        if self._began is None:
            self._began = (frame.received, loop.time())
        self._sent += 1
        early = self._began[1] + (frame.received - self._began[0]) / SECOND / self._speed - loop.time() if self._speed > 0 else 0.0
        if early > 0:
            await asyncio.sleep(early)
        elif not self._sent % BREATH:
            await asyncio.sleep(0)


class RecordingServer(Host):
    """Serves one file. With `restart` every client gets the whole of it; with `stay` the end is silence and not a close."""

    def __init__(self, path: Path, *, speed: Decimal, binary: bool, start: int, restart: bool = False, stay: bool = False) -> None:
        super().__init__()
        self._path = path
        self._speed = speed
        self._binary = binary
        self._name = f"{path.name}@{start}"
        self._restart = restart
        self._stay = stay
        self._clients = 0
        self._over = False

    def day(self) -> str:
        """Return the file's day; a stream of one's own is a day of one's own, for its times begin again."""
        self._clients += 1
        return f"{self._name}#{self._clients}" if self._restart else self._name

    async def heard(self, listener: ServerConnection, message: bytes) -> None:
        """Let the client listen from now on; a repeated subscription changes nothing."""
        known = listener in self.audience.listeners
        self.audience.hear(listener, message)
        if self._over and not self._stay:
            await listener.close()
        elif self._restart and not known:
            await self._play_to(listener)

    async def play(self, *, wait: bool = True) -> None:
        """Send the file to whoever listens, from the first listener on, and say goodbye."""
        if self._restart:
            return
        if wait:
            await self.audience.arrived.wait()
        pace = Pace(self._speed)
        for frame in read_frames(self._path):
            await pace.keep(frame)
            await self.audience.tell(self._worded(frame))
        self._over = True
        if not self._stay:
            await self.audience.close()

    async def _play_to(self, listener: ServerConnection) -> None:
        pace = Pace(self._speed)
        for frame in read_frames(self._path):
            await pace.keep(frame)
            if listener not in self.audience.listeners:
                return
            await self.audience.tell_one(listener, self._worded(frame))
        if not self._stay:
            await listener.close()

    def _worded(self, frame: Frame) -> str | bytes:
        """Return the frame as its venue sends it, text or binary."""
        return frame.raw if self._binary else frame.raw.decode("utf-8", "replace")


def speed_of(text: str) -> Decimal:
    """Return a speed as written: a number, or `max` (0) for no waiting at all."""
    try:
        speed = Decimal(0 if text == "max" else text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError(text) from None
    if not speed.is_finite() or speed < 0:
        raise argparse.ArgumentTypeError(text)
    return speed


def parser() -> argparse.ArgumentParser:
    """Return the options."""
    options = argparse.ArgumentParser(prog="python -m autotrader.feeds.recording.server", description=__doc__)
    options.add_argument("file", type=Path)
    options.add_argument("--speed", type=speed_of, default=Decimal(1), metavar="N|max")
    options.add_argument("--dialect", default="")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--wait", action=argparse.BooleanOptionalAction, default=True)
    options.add_argument("--print-port", action=argparse.BooleanOptionalAction, default=True)
    options.add_argument("--restart-per-client", action="store_true")
    options.add_argument("--stay", action="store_true")
    options.add_argument("--with-parent", action="store_true")
    return options


async def serve_file(chosen: argparse.Namespace) -> None:
    """Listen, say where and play, until the parent leaves; without one, until terminated."""
    leave = end_of_input() if chosen.with_parent else asyncio.Event()
    header = read_header(chosen.file)
    dialect = chosen.dialect or (header.dialect if header else "")
    server = RecordingServer(
        chosen.file,
        speed=chosen.speed,
        binary=bool(dialect) and find_dialect(dialect, FeedName("server")).binary,
        start=time.time_ns(),
        restart=chosen.restart_per_client,
        stay=chosen.stay,
    )
    async with server.open(chosen.port) as port, asyncio.TaskGroup() as tasks:
        if chosen.print_port:
            say_port(port)
        playing = tasks.create_task(server.play(wait=chosen.wait))
        await leave.wait()
        playing.cancel()


def main() -> None:
    """Serve the file that the command line names."""
    chosen = parser().parse_args()
    if chosen.with_parent:
        ignore_interrupt()
    asyncio.run(serve_file(chosen))


if __name__ == "__main__":
    main()
