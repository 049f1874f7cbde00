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


ALL = """
import json, sys
from pathlib import Path
from autotrader.config.load import load_file
from autotrader.daemon.replay import replay
for rules in sorted(Path(sys.argv[1]).glob("*.yaml")):
    settings = load_file(rules, None, require_accounts=False, past_is_mistake=False).settings
    for line in replay(settings, rules.with_suffix(".csv"), every=True):
        print(json.dumps(line))
"""


def test_rules_of_several_legs_and_several_rules_decide_the_same(tmp_path: Path) -> None:
    def told(hash_seed: str) -> bytes:
        call = [sys.executable, "-c", ALL, str(Path(__file__).parent / "semantics")]
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        return subprocess.run(call, env=env, cwd=tmp_path, capture_output=True, check=True).stdout

    first = told("1")
    assert first.count(b'"type": "fired"') >= 25
    assert told("4242") == told("0") == first
