"""The simulated exchange over its real websocket, in this process and in one of its own."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import msgspec
from links import HYNIX, NAME, SAMSUNG, Notebook, WallClock, feed_to, running
from waiting import until, until_true

from autotrader.domain.settings import FeedSettings, SimInstrument
from autotrader.domain.tick import FeedName, InstrumentId, Tick
from autotrader.engine.events import FeedClock, Reference
from autotrader.feeds.child import Child
from autotrader.feeds.connection import WebsocketFeed
from autotrader.feeds.sim.feed import open_feed
from autotrader.feeds.sim.server import SimServer

START = 1_700_000_000_000_000_000
TWO = {SAMSUNG: SimInstrument(start=Decimal(70000)), HYNIX: SimInstrument(start=Decimal(300000))}


def settings(**changes: object) -> FeedSettings:
    base = FeedSettings(name=NAME, kind="sim", instruments=TWO, seed=7, speed=Decimal(1000))
    return msgspec.structs.replace(base, **changes)


@asynccontextmanager
async def market(sim: FeedSettings) -> AsyncIterator[str]:
    """Open the exchange in this process."""
    server = SimServer(sim, start=START, day="monday")
    async with server.open() as port:
        trading = asyncio.create_task(server.trade())
        yield f"ws://127.0.0.1:{port}"
        trading.cancel()


async def test_the_first_print_is_the_start_and_each_step_prints_every_instrument_in_turn() -> None:
    notebook = Notebook()
    async with market(settings()) as url, running(feed_to(url, clock=FeedClock.SIMULATED, wanted=(SAMSUNG, HYNIX)), notebook):
        await until(lambda: len(notebook.ticks) >= 6)
    ticks = notebook.ticks[:6]
    assert [(tick.instrument, tick.sequence, tick.time - START) for tick in ticks] == [
        (SAMSUNG, 1, 0),
        (HYNIX, 1, 250_000_000),
        (SAMSUNG, 2, 500_000_000),
        (HYNIX, 2, 750_000_000),
        (SAMSUNG, 3, 1_000_000_000),
        (HYNIX, 3, 1_250_000_000),
    ]
    assert [tick.price for tick in ticks[:2]] == [70000, 300000]
    assert notebook.links[0][2] == "monday"


async def test_the_hello_tells_the_previous_closes_before_any_print() -> None:
    notebook = Notebook()
    async with market(settings()) as url, running(feed_to(url), notebook):
        await until(lambda: notebook.ticks)
    assert notebook.events[0] == Reference(SAMSUNG, Decimal(70000))


async def test_only_what_was_asked_for_is_sent() -> None:
    notebook = Notebook()
    async with market(settings()) as url, running(feed_to(url), notebook):
        await until(lambda: len(notebook.ticks) >= 5)
    assert {tick.instrument for tick in notebook.ticks} == {SAMSUNG}
    assert notebook.dropped == []


async def test_another_instrument_does_not_change_the_path_of_the_first() -> None:
    assert await story_of_samsung(TWO) == await story_of_samsung({SAMSUNG: TWO[SAMSUNG]})


async def story_of_samsung(instruments: dict[InstrumentId, SimInstrument]) -> list[Tick]:
    notebook = Notebook()
    async with market(settings(instruments=instruments)) as url, running(feed_to(url), notebook):
        await until(lambda: len(notebook.ticks) >= 20)
    return [tick._replace(time=0) for tick in notebook.ticks[:20]]


async def test_a_live_feed_does_not_believe_a_day_that_a_server_names() -> None:
    notebook = Notebook()
    async with market(settings()) as url, running(feed_to(url, clock=FeedClock.LIVE), notebook):
        await until(lambda: notebook.ticks)
    assert notebook.links[0][2] == ""


async def test_the_sim_feed_runs_its_exchange_and_takes_it_away() -> None:
    notebook = Notebook()
    feed = open_feed(settings(), stale=5.0, clock=WallClock())
    assert (feed.name, feed.clock, feed.patterns) == (NAME, FeedClock.SIMULATED, (SAMSUNG, HYNIX))
    feed.subscribe(frozenset({SAMSUNG}))
    async with running(feed, notebook):
        await until(lambda: len(notebook.ticks) >= 3, timeout=15)
        pid = child_of(feed)
        assert is_alive(pid)
    assert not is_alive(pid)
    assert notebook.links[0][2]


async def test_an_exchange_that_dies_is_started_again_with_another_day() -> None:
    notebook = Notebook()
    feed = open_feed(settings(), stale=5.0, clock=WallClock())
    feed.subscribe(frozenset({SAMSUNG}))
    async with running(feed, notebook):
        await until(lambda: notebook.states == ["up"], timeout=15)
        os.kill(child_of(feed), signal.SIGKILL)
        await until(lambda: notebook.states[-1] == "up" and len(notebook.links) > 2, timeout=15)
    days = [day for state, _, day in notebook.links if state.value == "up"]
    assert len(set(days)) == 2


async def test_with_a_url_no_exchange_is_started() -> None:
    notebook = Notebook()
    async with market(settings()) as url:
        feed = open_feed(settings(url=url), stale=5.0, clock=WallClock())
        feed.subscribe(frozenset({SAMSUNG}))
        async with running(feed, notebook):
            await until(lambda: notebook.ticks)
    assert notebook.links[0][2] == "monday"


PARENT = """
import asyncio, sys
from autotrader.feeds.child import Child

async def main():
    child = Child("autotrader.feeds.sim.server", first_line=sys.argv[1].encode() + b"\\n")
    url = await child.find()
    print(child.pid, url, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def test_a_parent_that_is_killed_leaves_no_exchange_behind() -> None:
    line = msgspec.json.encode(settings(name=FeedName("orphan"))).decode()
    parent = subprocess.Popen([sys.executable, "-c", PARENT, line], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline().split()[0])
    assert is_alive(pid)
    parent.kill()
    parent.wait(timeout=10)
    until_true(lambda: not is_alive(pid))


def child_of(feed: WebsocketFeed) -> int:
    """Return the process that serves a feed."""
    assert isinstance(feed.address, Child)
    assert feed.address.pid is not None
    return feed.address.pid


def is_alive(pid: int) -> bool:
    """Return whether a process runs; one that only waits to be buried does not."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
