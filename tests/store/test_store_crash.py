"""Whatever a crash could interrupt is interrupted: nothing acknowledged is lost, nothing is half there."""

import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from store_records import NOW, a_fire

from autotrader.engine.effects import Unit
from autotrader.engine.records import LegStatus
from autotrader.store import reading
from autotrader.store.writer import Writer

CHILD = Path(__file__).parent / "store_child.py"
ROUNDS = 30


def wrongs(directory: Path) -> list[str]:
    """Return what is half there: every firing is one transaction of leg, shot, intent, sending and journal row."""
    snapshot = reading.read_snapshot(directory)
    fires = reading.read_fires(directory, limit=1_000_000)
    shots = [fire.shot.generation for fire in fires]
    found = [f"shot {fire.shot.generation} without its intent" for fire in fires if len(fire.sent) != 1]
    found += [f"intent {sent.intent.id} without its sending" for fire in fires for sent in fire.sent if not sent.attempts]
    found += [
        f"leg fired at {leg.generation}, shot at {max(shots, default=0)}"
        for leg in snapshot.legs
        if leg.generation != max(shots, default=0)
    ]
    if len(reading.read_journal(directory, None, 1_000_000)) != len(fires):
        found.append("the journal does not tell every firing")
    return found


def test_killed_at_any_moment_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    chance = random.Random(20260807)
    promised = 0
    for _ in range(ROUNDS):
        with subprocess.Popen([sys.executable, str(CHILD), str(tmp_path)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            lines = [child.stdout.readline() for _ in range(chance.choice([0, 1, 1, 2, 5, 20, 60]))]
            child.send_signal(signal.SIGKILL)
            lines += child.stdout.readlines()
        promised = max([promised, *[int(line) for line in lines if line.endswith("\n") and line.strip()]])
        if not promised:
            continue
        assert wrongs(tmp_path) == []
        snapshot = reading.read_snapshot(tmp_path)
        assert snapshot.shots[0].generation >= promised
        assert snapshot.marks[0].price >= 70000 + promised
    assert promised > ROUNDS


class Photographed(Writer):
    """Keeps what a kill would leave, before and after every flush: the bytes that were written, without those in memory."""

    album: Path

    def flush(self) -> None:
        self._photograph("before")
        super().flush()
        self._photograph("after")

    def _photograph(self, moment: str) -> None:
        page = self.album / f"{len(list(self.album.iterdir()))}-{moment}"
        page.mkdir()
        for path in self.path.parent.glob("store.sqlite*"):
            if not path.name.endswith("-shm"):
                shutil.copy(path, page)


class TwoTransactions(Photographed):
    """A planted fault: the shot first, what belongs to it a moment later."""

    def commit(self, units: Sequence[Unit], now: int) -> None:
        for unit in units:
            super().commit([Unit(unit.records[:3])], now)
            super().commit([Unit(unit.records[3:])], now)


def left_by_a_crash(writer: type[Photographed], tmp_path: Path) -> dict[str, list[str]]:
    """Return what is wrong with the store after a kill at each commit point."""
    Photographed.album = tmp_path / "album"
    Photographed.album.mkdir()
    (tmp_path / "state").mkdir()
    with closing(writer(tmp_path / "state", NOW)) as opened:
        for generation in (1, 2, 3):
            opened.commit([a_fire(generation=generation)], NOW)
    found = {}
    for page in sorted(Photographed.album.iterdir()):
        with closing(Writer(page, NOW)):
            found[page.name] = wrongs(page)
    return found


def test_a_crash_at_a_commit_point_leaves_all_of_a_firing_or_nothing(tmp_path: Path) -> None:
    found = left_by_a_crash(Photographed, tmp_path)
    assert found == {f"{2 * number + late}-{moment}": [] for number in range(3) for late, moment in enumerate(["before", "after"])}
    last = reading.read_snapshot(tmp_path / "album" / "5-after")
    assert [(leg.generation, leg.status) for leg in last.legs] == [(3, LegStatus.FIRED)]


def test_a_store_that_commits_a_firing_in_two_steps_would_be_caught(tmp_path: Path) -> None:
    found = left_by_a_crash(TwoTransactions, tmp_path)
    assert any("without its intent" in wrong for wrong in found["1-after"])


@pytest.mark.parametrize("moment", ["0-before", "2-before"])
def test_what_was_not_flushed_is_not_there(tmp_path: Path, moment: str) -> None:
    left_by_a_crash(Photographed, tmp_path)
    fires = reading.read_fires(tmp_path / "album" / moment, 10)
    assert len(fires) == int(moment[0]) // 2
