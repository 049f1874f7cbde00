"""A recording served again over a real websocket, and a feed that listens to it."""

import asyncio
import gzip
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from fakes import FakeClock
from links import NAME, SAMSUNG, Notebook, WallClock, feed_to, print_of, running
from waiting import until
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosedOK
from websockets.protocol import State

from autotrader.domain.settings import FeedSettings
from autotrader.domain.tick import InstrumentId
from autotrader.engine.events import FeedClock
from autotrader.errors import UserMistake
from autotrader.feeds.child import Child
from autotrader.feeds.connection import WebsocketFeed
from autotrader.feeds.recording.feed import open_feed
from autotrader.feeds.recording.files import SECOND, Frame, Header, read_frames, read_header, write_frame, write_header
from autotrader.feeds.recording.recorder import record
from autotrader.feeds.recording.server import RecordingServer, parser, speed_of

BTC = InstrumentId("BINANCE:BTCUSDT")


@asynccontextmanager
async def repeated(path: Path, **options: object) -> AsyncIterator[str]:
    """Serve a file in this process, at full speed unless told otherwise."""
    chosen: dict[str, object] = {"speed": Decimal(0), "binary": False, "start": 1, **options}
    server = RecordingServer(path, **chosen)  # type: ignore[arg-type]  # named by the tests below
    async with server.open() as port:
        playing = asyncio.create_task(server.play())
        yield f"ws://127.0.0.1:{port}"
        playing.cancel()


def recording(folder: Path, count: int, *, every: int = SECOND) -> Path:
    """Write a recording of Samsung at 70000, 70001, …, one print in so many ns."""
    path = folder / "samsung.gz"
    lines = [write_frame(Frame(place * every, print_of(70000 + place, sequence=place + 1).encode())) for place in range(count)]
    path.write_bytes(gzip.compress(write_header(Header(1, "sim", "", 0, (SAMSUNG,))) + b"".join(lines)))
    return path


async def hear(url: str) -> list[str | bytes]:
    """Subscribe and listen until the server says goodbye."""
    async with connect(url, compression=None, max_queue=None) as connection:
        await connection.send("hello")
        heard = [message async for message in connection]
        assert connection.close_code == 1000
        return heard


async def test_at_full_speed_every_frame_arrives_and_the_end_is_a_goodbye(tmp_path: Path) -> None:
    path = recording(tmp_path, 3000)
    async with repeated(path) as url:
        heard = await hear(url)
    assert heard == [frame.raw.decode() for frame in read_frames(path)]


async def test_a_venue_of_binary_frames_is_repeated_with_binary_frames(tmp_path: Path) -> None:
    async with repeated(recording(tmp_path, 3), binary=True) as url:
        assert all(isinstance(frame, bytes) for frame in await hear(url))


async def test_the_timing_is_that_of_the_file_divided_by_the_speed(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with repeated(recording(tmp_path, 11), speed=Decimal(50)) as url:
        assert len(await hear(url)) == 11
    assert 0.2 <= loop.time() - began < 5


async def test_nothing_is_sent_before_somebody_subscribed(tmp_path: Path) -> None:
    async with repeated(recording(tmp_path, 3)) as url, connect(url) as shy:
        assert len(await hear(url)) == 3
        with pytest.raises(ConnectionClosedOK):  # it listened to nothing, and its late subscription is answered by a goodbye
            await shy.send("hello")
            await shy.recv()


async def test_who_comes_later_joins_the_running_stream(tmp_path: Path) -> None:
    path = recording(tmp_path, 60, every=SECOND // 10)
    async with repeated(path, speed=Decimal(10)) as url, connect(url, max_queue=None) as first:
        await first.send("hello")
        for _ in range(10):
            await first.recv()
        late = await hear(url)
    assert 0 < len(late) <= 50
    assert late[-1] == list(read_frames(path))[-1].raw.decode()


async def test_on_request_every_client_gets_the_whole_stream_as_a_day_of_its_own(tmp_path: Path) -> None:
    async with repeated(recording(tmp_path, 40), restart=True) as url:
        assert [len(await hear(url)), len(await hear(url))] == [40, 40]
        days = []
        for _ in range(2):
            async with connect(url) as connection:
                assert connection.response is not None
                days.append(connection.response.headers["Autotrader-Day"])
    assert len(set(days)) == 2


async def test_a_server_that_stays_is_silent_at_the_end(tmp_path: Path) -> None:
    notebook = Notebook()
    async with repeated(recording(tmp_path, 5), stay=True) as url, running(feed_to(url, clock=FeedClock.RECORDED), notebook):
        await until(lambda: len(notebook.ticks) == 5)
        async with connect(url) as late:
            await late.send("hello")
            await (await late.ping())
            assert late.state is State.OPEN
    assert notebook.links == [(notebook.links[0][0], "", "samsung.gz@1")]


@pytest.mark.parametrize(("text", "speed"), [("max", "0"), ("0", "0"), ("20", "20"), ("0.5", "0.5")])
def test_speeds(text: str, speed: str) -> None:
    assert speed_of(text) == Decimal(speed)


@pytest.mark.parametrize("text", ["-1", "fast", "NaN", "Infinity"])
def test_a_speed_that_is_none_is_wrong_usage(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        parser().parse_args(["file", f"--speed={text}"])
    assert "--speed" in capsys.readouterr().err


async def test_what_was_recorded_live_is_the_same_when_it_is_served_again(tmp_path: Path) -> None:
    source, copy = recording(tmp_path, 500), tmp_path / "copy.gz"
    stop = asyncio.Event()
    async with repeated(source, stay=True) as url:
        writing = asyncio.create_task(record(url, "sim", [SAMSUNG], copy, clock=FakeClock(), stop=stop))
        await until(lambda: copy.exists() and len(list(read_frames(copy))) == 500)
        stop.set()
        assert await writing == 500
        header = read_header(copy)
    assert header is not None
    assert (header.dialect, header.url, header.instruments) == ("sim", url, (SAMSUNG,))
    assert [frame.raw for frame in read_frames(copy)] == [frame.raw for frame in read_frames(source)]
    async with repeated(copy) as url:
        assert await hear(url) == [frame.raw.decode() for frame in read_frames(source)]


async def test_a_recorder_stops_at_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "small.gz"
    async with repeated(recording(tmp_path, 500), stay=True) as url:
        written = await asyncio.wait_for(record(url, "sim", [SAMSUNG], path, clock=FakeClock(), stop=asyncio.Event(), limit=5000), 10)
    assert 0 < written < 100
    assert len(list(read_frames(path))) == written


async def test_a_recording_is_never_written_over_another(tmp_path: Path) -> None:
    path = recording(tmp_path, 1)
    with pytest.raises(FileExistsError):
        await record("ws://127.0.0.1:1", "sim", [SAMSUNG], path, clock=FakeClock(), stop=asyncio.Event())


def settings(**fields: object) -> FeedSettings:
    return FeedSettings(name=NAME, kind="recording", **fields)  # type: ignore[arg-type]  # named by the tests


def served_by(feed: WebsocketFeed) -> int | None:
    """Return the process that serves a feed now."""
    assert isinstance(feed.address, Child)
    return feed.address.pid


async def test_the_recording_feed_serves_its_file_from_a_process_of_its_own(tmp_path: Path) -> None:
    notebook = Notebook()
    feed = open_feed(settings(file=str(recording(tmp_path, 200)), speed=Decimal(0)), stale=5.0, clock=WallClock())
    assert (feed.clock, feed.patterns) == (FeedClock.RECORDED, (SAMSUNG,))
    feed.subscribe(frozenset({SAMSUNG}))
    async with running(feed, notebook):
        await until(lambda: len(notebook.ticks) == 200, timeout=20)
        serving = [served_by(feed)]
    serving.append(served_by(feed))
    assert [pid is not None for pid in serving] == [True, False]
    assert notebook.links[0][2].startswith("samsung.gz@")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param({}, "write a `file:` to serve, or the `url:`", id="neither file nor url"),
        pytest.param({"file": "/nowhere/x.gz"}, "the recording /nowhere/x.gz cannot be read: No such file", id="no such file"),
        pytest.param({"url": "ws://127.0.0.1:1"}, "does not say which dialect", id="a url without dialect"),
        pytest.param({"url": "ws://127.0.0.1:1", "dialect": "elvish"}, "'elvish' is not known", id="an unknown dialect"),
    ],
)
def test_settings_that_cannot_work_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(UserMistake, match=message):
        open_feed(settings(**fields), stale=None, clock=FakeClock())


async def test_the_binance_capture_arrives_whole_over_the_wire(data_dir: Path) -> None:
    capture = str(data_dir / "binance_spot_btcusdt_20240809.raw.gz")
    options = ["--speed", "max", "--dialect", "binance", "--wait", "--print-port", "--stay"]
    command = [sys.executable, "-m", "autotrader.feeds.recording.server", capture, *options]
    server = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE)
    notebook = Notebook()
    try:
        assert server.stdout is not None
        port = json.loads(await asyncio.wait_for(server.stdout.readline(), 20))["port"]
        feed = open_feed(settings(url=f"ws://127.0.0.1:{port}", dialect="binance"), stale=None, clock=WallClock())
        feed.subscribe(frozenset({BTC}))
        async with running(feed, notebook):
            await until(lambda: len(notebook.raw) == 58_325, timeout=20)
    finally:
        server.kill()
        await server.wait()
    assert len(notebook.ticks) == 10_147
    assert notebook.dropped == []
    assert notebook.states == ["up"]


async def test_the_upbit_capture_arrives_whole_over_the_wire(data_dir: Path) -> None:
    notebook = Notebook()
    async with repeated(data_dir / "upbit_ws_20210417.capture.gz", binary=True, stay=True) as url:
        feed = open_feed(settings(url=url, dialect="upbit"), stale=None, clock=WallClock())
        feed.subscribe(frozenset(InstrumentId(f"UPBIT:{code}") for code in ("KRW-LAMB", "KRW-WAVES", "BTC-ITAM")))
        async with running(feed, notebook):
            await until(lambda: len(notebook.raw) == 449)
    assert len(notebook.ticks) == 304
