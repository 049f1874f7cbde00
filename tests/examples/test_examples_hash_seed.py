"""The same file and prints give the same decisions, byte by byte, however a process orders its sets."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def decided(hash_seed: str, state: Path) -> bytes:
    """Return what a process with a hash seed of its own prints of the example's replay."""
    call = [sys.executable, "-m", "autotrader", "replay", str(EXAMPLES / "trail.yaml"), "--prints", str(EXAMPLES / "trail.csv"), "--json"]
    ended = subprocess.run(call, env={**os.environ, "PYTHONHASHSEED": hash_seed}, cwd=state, capture_output=True, check=True)
    return ended.stdout


def test_two_processes_with_other_hash_seeds_decide_the_same(tmp_path: Path) -> None:
    first = decided("1", tmp_path)
    assert b'"fired":1' in first
    assert decided("4242", tmp_path) == first
