"""kill -9 at any moment: no mark retreats, no activation is lost, no shot has two orders, and nothing is stranded."""

from pathlib import Path

import pytest
from crash import Moment, crash_rig, few, moments
from real_processes import Home, Venue

SEED = 20261120


def test_a_daemon_killed_at_twelve_moments_sends_each_shot_once_and_strands_none(home: Home, venue: Venue, tmp_path: Path) -> None:
    with crash_rig(home, venue, tmp_path / "audit.jsonl", few(SEED), SEED) as rig:
        tally = rig.run()
    print(tally)
    assert tally.kills >= 12
    assert tally.held >= 3, "the moments should leave some orders that only a person can decide on"
    assert not tally.missed


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_daemon_killed_at_sixty_moments_sends_each_shot_once_and_strands_none(
    home: Home, venue: Venue, tmp_path: Path, seed: int
) -> None:
    with crash_rig(home, venue, tmp_path / "audit.jsonl", moments(seed, 60), seed) as rig:
        tally = rig.run()
    print(tally)
    assert tally.kills >= 60
    assert len(tally.missed) <= 3, tally.missed


@pytest.mark.parametrize(
    ("variant", "moment"),
    [
        pytest.param("resending", Moment("audit", "accepted", "hang"), id="unknown outcomes are sent again"),
        pytest.param("hasty", Moment("audit", "accepted", "ok"), id="orders leave before they are on disk"),
    ],
)
def test_the_check_catches_a_planted_fault(home: Home, venue: Venue, tmp_path: Path, variant: str, moment: Moment) -> None:
    with (
        crash_rig(home, venue, tmp_path / "audit.jsonl", [moment], SEED, variant) as rig,
        pytest.raises(AssertionError, match="was sent 2 times"),
    ):
        rig.run()
