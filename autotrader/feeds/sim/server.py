"""The simulated exchange: `python -m autotrader.feeds.sim.server`, the feed's settings as JSON on the first line of input.

Its market clock starts when it starts, at any hour, or at the `begin` that was asked for, and goes forward by `every` a
step; `speed` only shortens the real wait. The walk begins with the first subscriber, so that nobody misses its start. Prices
go to all who subscribed; a connection to `/orders` belongs to a member who sends orders. It leaves when its input ends.
"""

import asyncio
import sys
import time
import uuid
from collections.abc import Sequence
from typing import assert_never

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers

from autotrader.domain.settings import FeedSettings
from autotrader.domain.tick import Quote, Tick
from autotrader.engine.records import TradingState
from autotrader.exchange.market import Clock, Told
from autotrader.exchange.place import Based
from autotrader.exchange.stall import Ended, Filled, Turned
from autotrader.feeds.audience import Host, end_of_input, ignore_interrupt, say_port
from autotrader.feeds.sim import entry
from autotrader.feeds.sim.dialect import BestQuotes, Frame, Hello, Now, State, Trade, read_asked, write
from autotrader.feeds.sim.issues import open_market, read_facts
from autotrader.feeds.sim.members import Members

EVERY_SECOND = 1.0
"""How often the market's time is told, in seconds on the wall; and at every change of sessions."""
BEHIND = 1.0
"""A market that is late catches up by so many seconds at most; otherwise it goes on from now."""


class SimServer(Host):
    """A market of some instruments, each having its turn once a step, one after the other."""

    def __init__(self, settings: FeedSettings, *, start: int, day: str) -> None:
        super().__init__()
        self._settings = settings
        self._day = day
        self.market = open_market(settings, read_facts(settings.market_facts), start)
        self.members = Members(self.market)
        self._asked: dict[ServerConnection, frozenset[str]] = {}
        self._floor = asyncio.Lock()
        """What happens in the market and the telling of it are one: prints leave in their order."""

    def day(self) -> str:
        return self._day

    def headers(self, headers: Headers) -> None:
        """Say in every handshake that orders are taken."""
        headers[entry.ORDERS] = "yes"

    async def heard(self, listener: ServerConnection, message: bytes) -> None:
        """Take an order on a line for orders; on any other greet with the base prices, and let the client hear what it asked for."""
        if listener.request is not None and listener.request.path == entry.PATH:
            await self._ordered(listener, message)
            return
        asked = read_asked(message)
        closes = {str(instrument): base for instrument, base in self.market.bases().items() if instrument in asked}
        await self.audience.tell_one(listener, write(Hello(closes)))
        self._asked[listener] = asked
        self.audience.hear(listener, message)

    def left(self, listener: ServerConnection) -> None:
        """Forget who has gone; a member has a while to come back."""
        self._asked.pop(listener, None)
        self.members.leave(listener, asyncio.get_running_loop().time())

    async def trade(self) -> None:
        """Trade for ever, from the first subscriber on."""
        await self.audience.arrived.wait()
        loop = asyncio.get_running_loop()
        pause = self._pause()
        due = loop.time()
        clock_due = due + EVERY_SECOND
        while True:
            async with self._floor:
                await self._say(self.market.turn())
                if loop.time() >= clock_due:
                    clock_due = loop.time() + EVERY_SECOND
                    await self.audience.tell(write(Now(self.market.now)))
                    for told in self.members.expire(loop.time()):
                        await self._say(told)
            # The clock of the plan, not the last wake-up: otherwise every late turn would slow the market.
            due = max(due + pause, loop.time() - BEHIND)
            await asyncio.sleep(max(due - loop.time(), 0))

    def _pause(self) -> float:
        """Return the seconds between two turns."""
        settings = self._settings
        turns = max(len(settings.instruments), 1)
        return float(settings.every / settings.speed / 1000 / turns) if settings.speed > 0 else 0.0

    async def _ordered(self, line: ServerConnection, message: bytes) -> None:
        """Let a member in, or do what one asks: its answer goes out before what came of the order."""
        asked = entry.read_request(message)
        if isinstance(asked, entry.Open):
            async with self._floor:
                await self.members.open(line, asked.owner, asked.after).catch_up()
            return
        member = self.members.of(line)
        if asked is None or member is None:
            return  # neither a request nor a member: there is nobody to answer
        async with self._floor:
            answer, told = self.members.request(member, asked)
            await member.say(entry.write(answer))
            await self._say(told)

    async def _say(self, told: Sequence[Told]) -> None:
        """Tell everybody what concerns them."""
        for event in told:
            if isinstance(event, Filled | Ended):
                continue
            frame = write(_frame_of(event))
            instrument = getattr(event, "instrument", "")
            for listener in tuple(self.audience.listeners):
                if not instrument or instrument in self._asked.get(listener, ()):
                    await self.audience.tell_one(listener, frame)
        for member in self.members.note(told):
            await member.catch_up()


def _frame_of(event: Tick | Quote | Based | Clock | Turned) -> Frame:
    """Return what goes over the wire for what happened."""
    match event:
        case Tick(instrument, price, size, at, sequence, _, venue, session, flags):
            return Trade(instrument, price, size, at, sequence, "" if instrument.startswith(f"{venue}:") else venue, session, flags)
        case Quote(instrument, bid, bid_size, ask, ask_size, at, venue):
            return BestQuotes(instrument, at, bid, bid_size, ask, ask_size, "" if instrument.startswith(f"{venue}:") else venue)
        case Based(instrument, price, _):
            return Hello({instrument: price})
        case Clock(at):
            return Now(at)
        case Turned(venue, state, at, instrument, until, reason):
            return State(venue, TradingState(state), at, instrument, until, reason)
        case _:
            assert_never(event)


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
