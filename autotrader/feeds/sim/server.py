"""The simulated exchange: `python -m autotrader.feeds.sim.server`, the feed's settings as JSON on the first line of input.

Its market clock starts when it starts, at any hour, and goes forward by `every` a step; `speed` only shortens the real
wait. The walk begins with the first subscriber, so that nobody misses its start. It leaves when its input ends.
"""

import asyncio
import sys
import time
import uuid

import msgspec
from websockets.asyncio.server import ServerConnection

from autotrader.domain.settings import FeedSettings
from autotrader.domain.tick import InstrumentId
from autotrader.feeds.audience import Host, end_of_input, ignore_interrupt, say_port
from autotrader.feeds.sim.dialect import Hello, Trade, read_asked, write
from autotrader.feeds.sim.ladders import read_steps, steps_for
from autotrader.feeds.sim.walk import Walk, dice_for

MILLISECOND = 1_000_000


class SimServer(Host):
    """A market of some instruments, each printing once a step, one after the other."""

    def __init__(self, settings: FeedSettings, *, start: int, day: str) -> None:
        super().__init__()
        self._settings = settings
        self._start = start
        self._day = day
        markets = read_steps()
        self._walks: dict[InstrumentId, Walk] = {
            instrument: Walk(spec, *steps_for(markets, instrument, spec.start), dice_for(settings.seed, instrument))
            for instrument, spec in settings.instruments.items()
        }
        self._asked: dict[ServerConnection, frozenset[str]] = {}

    def day(self) -> str:
        return self._day

    async def heard(self, listener: ServerConnection, message: bytes) -> None:
        """Greet with the previous closes, then let the client hear what it asked for."""
        asked = read_asked(message)
        closes = {str(instrument): spec.start for instrument, spec in self._settings.instruments.items() if instrument in asked}
        await self.audience.tell_one(listener, write(Hello(closes)))
        self._asked[listener] = asked
        self.audience.hear(listener, message)

    async def trade(self) -> None:
        """Print for ever, from the first subscriber on."""
        await self.audience.arrived.wait()
        loop = asyncio.get_running_loop()
        pause = float(self._settings.every / self._settings.speed / 1000 / max(len(self._walks), 1)) if self._settings.speed > 0 else 0.0
        due = loop.time()
        for step in range(sys.maxsize):
            for place, instrument in enumerate(self._walks):
                await self._print(instrument, step, place)
                # The clock of the plan, not the last wake-up: otherwise every late turn would slow the market.
                due = max(due + pause, loop.time() - 1)
                await asyncio.sleep(max(due - loop.time(), 0))

    async def _print(self, instrument: InstrumentId, step: int, place: int) -> None:
        """Make the instrument's next print and send it to those who asked for it."""
        every = self._settings.every * MILLISECOND
        at = self._start + step * every + place * every // len(self._walks)
        price, size = self._walks[instrument].move()
        frame = write(Trade(instrument, price, size, at, step + 1))
        for listener in tuple(self.audience.listeners):
            if instrument in self._asked.get(listener, ()):
                await self.audience.tell_one(listener, frame)
        for gone in self._asked.keys() - self.audience.listeners.keys():
            del self._asked[gone]


async def serve_until_orphaned(settings: FeedSettings) -> None:
    """Listen, say where, trade, and leave when the parent does."""
    orphaned = end_of_input()
    server = SimServer(settings, start=time.time_ns(), day=uuid.uuid4().hex)
    async with server.open() as port, asyncio.TaskGroup() as tasks:
        say_port(port)
        market = tasks.create_task(server.trade())
        await orphaned.wait()
        market.cancel()


def main() -> None:
    """Read the settings and serve."""
    ignore_interrupt()
    settings = msgspec.json.decode(sys.stdin.buffer.readline(), type=FeedSettings)
    asyncio.run(serve_until_orphaned(settings))


if __name__ == "__main__":
    main()
