"""The benchmarks run to their end, and what they assert on the way (evaluated = sent, one order a fire) is true."""

import subprocess
import sys
from pathlib import Path

import pytest

NAMES = ["price", "durable", "order", "storm", "replay", "memory", "start", "exchange", "day"]

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_prints_its_table(name: str) -> None:
    words = [sys.executable, "-m", "benchmarks", "--quick", name]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "ratio" in done.stdout
    assert done.stderr == ""
