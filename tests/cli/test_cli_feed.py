"""`feed serve` and `feed record` with real processes: what is served is recorded, frame by frame."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from waiting import until_true

from autotrader.feeds.recording.files import Frame, Header, read_frames, write_frame, write_header

FRAME = (
    b'{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":%d,'
    b'"p":"60000.00","q":"0.1","T":1723161600000,"m":false,"M":true}}'
)


@contextmanager
def command(home: Path, *words: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the command line in a process, which is gone afterwards."""
    environ = {**os.environ, "HOME": str(home), "AUTOTRADER_STATE": str(home / "state"), "AUTOTRADER_CONFIG": str(home / "config.yaml")}
    running = subprocess.Popen(
        [sys.executable, "-m", "autotrader", *words], env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield running
    finally:
        running.kill()
        running.communicate(timeout=10)


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "served"
    frames = [Frame(1_723_161_600_000_000_000 + number, FRAME % number) for number in range(1, 6)]
    path.write_bytes(write_header(Header(1, "binance", "", 1, ("BINANCE:BTCUSDT",))) + b"".join(map(write_frame, frames)))
    return path


def test_what_is_served_can_be_recorded(home, recording):
    with command(home, "feed", "serve", str(recording), "--speed", "max", "--stay") as server:
        assert server.stdout is not None
        port = "".join(letter for letter in server.stdout.readline() if letter.isdigit())
        config = (home / "config.yaml").read_text()
        feed = f"feeds:\n  venue: {{kind: binance, url: 'ws://127.0.0.1:{port}'}}\n  "
        (home / "config.yaml").write_text(config.replace("feeds:\n  ", feed))
        to = home / "copy.gz"
        with command(home, "feed", "record", "venue", "--to", str(to), "--instrument", "BINANCE:BTCUSDT") as recorder:
            until_true(lambda: to.exists() and len(trades(to)) == 5)
            recorder.send_signal(signal.SIGINT)
            out, err = recorder.communicate(timeout=10)
    assert (recorder.returncode, err) == (0, "")
    assert out.endswith(f" frames are in {to}\n")
    assert trades(to) == [FRAME % number for number in range(1, 6)]


def trades(path: Path) -> list[bytes]:
    """Return the trades of a recording that perhaps is still being written."""
    return [frame.raw for frame in read_frames(path) if b'"trade"' in frame.raw]


def test_a_speed_that_is_none_is_refused(cli, recording):
    result = cli("feed", "serve", str(recording), "--speed", "fast")
    assert (result.code, result.err) == (2, "'fast' is not a number; write digits with at most one point, such as 70000 or 0.01\n")
