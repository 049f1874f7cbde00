"""The inbox log: everything up to the last flush can be read, within its bounds."""

import errno
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from waiting import until_true

from autotrader.store import segment
from autotrader.store.segment import Batch, Segment, length_of, pack, read_segment, segment_name, segment_time
from autotrader.store.segments import FOLDER, SegmentWriter, read_segments, segments

FRAME = b'{"type":"trade","code":"KRW-BTC","trade_price":84100000.0,"trade_volume":0.0011}'


def batch(number: int, frames: int = 3) -> Batch:
    return Batch(number, [("upbit", [FRAME + str(number).encode()] * frames), b'{"type":"timer"}'])


def written(path: Path, batches: list[Batch]) -> Path:
    file = Segment(path)
    for one in batches:
        raw = pack(one.at, one.entries)
        file.write(length_of(raw) + raw)
    file.close()
    return path


def test_a_day_is_read_back_as_it_came(tmp_path: Path, clock: FakeClock) -> None:
    writer = SegmentWriter(tmp_path, clock=clock)
    for number in range(500):
        writer.append_batch(number, batch(number).entries)
    writer.close()
    assert list(read_segments(tmp_path)) == [batch(number) for number in range(500)]
    assert (writer.lost, writer.failure) == (0, "")


def test_a_waiting_batch_is_written_without_anyone_closing(tmp_path: Path, clock: FakeClock) -> None:
    writer = SegmentWriter(tmp_path, clock=clock, flush_every=0.01)
    writer.append_batch(1, batch(1).entries)
    until_true(lambda: list(read_segments(tmp_path)) == [batch(1)])
    writer.close()


@pytest.mark.parametrize("name", ["copy.inbox", "zzz.inbox", "20261399T000000.000000000Z.inbox"])
def test_a_stranger_s_file_in_the_folder_does_not_end_the_log(tmp_path: Path, clock: FakeClock, name: str) -> None:
    writer = SegmentWriter(tmp_path, clock=clock, flush_every=0.01)
    (tmp_path / FOLDER / name).write_bytes(b"not ours")
    writer.append_batch(1, batch(1).entries)
    writer.close()
    assert list(read_segments(tmp_path)) == [batch(1)]
    assert (tmp_path / FOLDER / name).read_bytes() == b"not ours"


def test_a_start_never_writes_into_an_older_segment(tmp_path: Path, clock: FakeClock) -> None:
    for number in range(3):
        clock.step(-1)  # not even after the wall clock was set back
        writer = SegmentWriter(tmp_path, clock=clock)
        writer.append_batch(number, batch(number).entries)
        writer.close()
    assert len(segments(tmp_path)) == 3
    assert [one.at for one in read_segments(tmp_path)] == [0, 1, 2]


def test_a_quiet_start_leaves_no_empty_segment(tmp_path: Path, clock: FakeClock) -> None:
    SegmentWriter(tmp_path, clock=clock).close()
    assert segments(tmp_path) == []


def test_the_oldest_segments_make_room(tmp_path: Path, clock: FakeClock) -> None:
    writer = SegmentWriter(tmp_path, clock=clock, limit_bytes=20_000, segment_bytes=2_000, flush_every=0.001)
    chance = random.Random(1)
    for number in range(200):
        clock.advance(1)
        writer.append_batch(number, [("noise", [chance.randbytes(400)])])
        until_true(lambda: not writer._pending)  # one batch a flush, so that segments fill up one by one
    writer.close()
    kept = [one.at for one in read_segments(tmp_path)]
    assert kept == list(range(kept[0], 200))
    assert kept[0] > 0
    assert 10_000 < sum(path.stat().st_size for path in segments(tmp_path)) <= 21_000


@given(cut=st.integers(min_value=0, max_value=2_000))
def test_a_cut_segment_gives_all_that_is_whole_before_the_cut(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    place = tmp_path_factory.mktemp("cut")
    whole = written(place / "whole", [batch(number) for number in range(20)]).read_bytes()
    path = place / "cut"
    path.write_bytes(whole[:cut])
    found = list(read_segment(path))
    assert found == [batch(number) for number in range(len(found))]
    assert len(found) == 20 or cut < len(whole)


def test_every_sync_flush_is_a_promise(tmp_path: Path) -> None:
    file = Segment(tmp_path / "one")
    for number in range(10):
        raw = pack(number, batch(number).entries)
        file.write(length_of(raw) + raw)
        assert [one.at for one in read_segment(tmp_path / "one")] == list(range(number + 1))
    file.abandon()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"something else\n" * 10, id="another file"),
        pytest.param(segment.MAGIC, id="only its first line"),
        pytest.param(segment.MAGIC + b"\x00" * 100, id="no stream"),
    ],
)
def test_what_is_no_segment_gives_nothing_and_the_next_is_read(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / segment_name(1)).write_bytes(content)
    written(tmp_path / FOLDER / segment_name(2), [batch(7)])
    assert list(read_segments(tmp_path)) == [batch(7)]


def test_flipped_bytes_end_a_segment_early_and_never_the_reader(tmp_path: Path) -> None:
    whole = written(tmp_path / "whole", [batch(number) for number in range(20)]).read_bytes()
    for at in range(len(segment.MAGIC), len(whole), 7):
        path = tmp_path / "flipped"
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        assert len(list(read_segment(path))) <= 20


@given(at=st.integers(min_value=0, max_value=4_000_000_000_000_000_000), later=st.integers(min_value=1, max_value=10**12))
def test_names_sort_by_time_and_spell_it(at: int, later: int) -> None:
    assert segment_time(segment_name(at)) == at
    assert segment_name(at) < segment_name(at + later)


class SlowClock(FakeClock):
    """A disk that does not answer: the writer asks for the time when it begins a segment, and waits here."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def now(self) -> int:
        assert self.go.wait(10)
        return super().now()


@pytest.fixture
def slow_clock() -> Iterator[SlowClock]:
    clock = SlowClock()
    yield clock
    clock.go.set()


async def test_a_slow_disk_makes_the_pump_wait_and_costs_batches_but_never_memory(tmp_path: Path, slow_clock: SlowClock) -> None:
    writer = SegmentWriter(tmp_path, clock=slow_clock, pending_bytes=10_000, flush_every=0.001)
    assert await writer.caught_up(timeout=0.01)
    for number in range(1_000):
        writer.append_batch(number, batch(number).entries)
    assert writer.behind
    assert writer._pending_size < 25_000
    assert not await writer.caught_up(timeout=0.01)
    taken = 1_000 - writer.lost
    assert 0 < taken < 200
    slow_clock.go.set()
    assert await writer.caught_up()
    writer.append_batch(5_000, batch(5_000).entries)
    writer.close()
    assert [one.at for one in read_segments(tmp_path)] == [*range(taken), 5_000]


class FullDiskClock(FakeClock):
    """A disk that is full the first time that a segment is begun."""

    full = True

    def now(self) -> int:
        if self.full:
            self.full = False
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().now()


def test_a_full_disk_costs_the_oldest_explanation_and_never_the_daemon(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    for number in (1, 2):
        written(tmp_path / FOLDER / segment_name(number), [batch(number)])
    writer = SegmentWriter(tmp_path, clock=FullDiskClock(), flush_every=0.001)
    writer.append_batch(3, batch(3).entries)
    until_true(lambda: writer.lost == 1)
    until_true(lambda: not writer.behind and writer._pending_size == 0)
    writer.append_batch(4, batch(4).entries)
    writer.close()
    assert "No space left" in writer.failure
    assert [one.at for one in read_segments(tmp_path)] == [2, 4]


POUR = """
import sys, pathlib, itertools
from autotrader.store.segments import SegmentWriter, read_segments
class Clock:
    def now(self): return 1
place = pathlib.Path(sys.argv[1])
writer = SegmentWriter(place, clock=Clock(), flush_every=0.005)
for number in itertools.count():
    writer.append_batch(number, [("upbit", [b"frame"] * 3)])
    while writer.behind: pass
    if number % 1000 == 0:
        print(number, flush=True)
"""


def test_a_killed_process_leaves_a_log_that_reads_to_its_last_flush(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", POUR, str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        while int(child.stdout.readline()) < 20_000:
            pass
        until_true(lambda: segments(tmp_path) != [])
        until_true(lambda: segments(tmp_path)[0].stat().st_size > 1_000)
        child.send_signal(signal.SIGKILL)
    found = [one.at for one in read_segments(tmp_path)]
    assert found == list(range(len(found)))
    assert len(found) > 100
