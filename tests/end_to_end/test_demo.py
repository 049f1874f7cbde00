"""The newcomer's first minute: one command, no account, no network, and three rules fire with their reasons."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from real_processes import Json, Said, run_cli
from waiting import until_true

REPOSITORY = Path(__file__).resolve().parents[2]
WITHIN = 60.0


def fires_of(words: list[str], folder: Path) -> list[Json]:
    """Ask for the fires from a process of its own."""
    done = subprocess.run([*words, "history", "--json"], capture_output=True, text=True, timeout=30, cwd=folder)
    fires: list[Json] = Said(done.returncode, done.stdout, done.stderr).json["fires"] if done.returncode == 0 else []
    return fires


def judge(fires: list[Json], words: list[str], folder: Path) -> None:
    """Check that each fire says why, by a print on the wrong side of its level, and that orders were filled."""
    assert len({fire["rule"] for fire in fires}) >= 3
    for fire in fires:
        assert fire["why"]["code"].startswith("fired.")
        assert fire["before"]
        assert fire["level"]
    assert any(fire["mark"] for fire in fires), "a trailing mark should have ratcheted"
    assert any(fill["price"] for fire in fires for order in fire["orders"] for fill in order["fills"])
    told = subprocess.run([*words, "history"], capture_output=True, text=True, timeout=30, cwd=folder)
    assert told.returncode == 0
    assert "because" in told.stdout


@pytest.mark.parametrize("speed", [pytest.param(6, id="six times as fast"), pytest.param(1, id="as written", marks=pytest.mark.slow)])
def test_the_example_fires_three_rules_within_a_minute_and_history_says_why(tmp_path: Path, speed: int) -> None:
    example = (REPOSITORY / "config.example.yaml").read_text(encoding="utf-8")
    config = tmp_path / "config.yaml"
    config.write_text(example.replace("    seed:", f"    speed: {speed}\n    seed:"), encoding="utf-8")
    words = [sys.executable, "-m", "autotrader", "--state", str(tmp_path / "state"), "-c", str(config)]
    log = (tmp_path / "log").open("wb")
    daemon = subprocess.Popen([*words, "run", "--prices"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        until_true(lambda: (tmp_path / "log").read_text().count("fired -> done") >= 3, WITHIN / speed)
        judge(fires_of(words, tmp_path), words, tmp_path)
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(20)
        log.close()
    said = (tmp_path / "log").read_text()
    assert "ticker" in said or "sells at" in said, "prices should be seen to move"
    assert daemon.returncode == 0


def test_the_example_is_taken_without_a_mistake() -> None:
    assert run_cli("check", str(REPOSITORY / "config.example.yaml")).code == 0


@pytest.mark.slow
def test_the_first_command_of_the_readme_works_in_a_fresh_clone(tmp_path: Path) -> None:
    """Needs the package index: README's line makes its own virtual environment."""
    if not (REPOSITORY / "README.md").exists():
        pytest.skip("there is no README.md yet")
    line = subprocess.run(
        [REPOSITORY / ".ci" / "readme-line", "run"], capture_output=True, text=True, check=True, cwd=REPOSITORY
    ).stdout.strip()
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", str(REPOSITORY), str(clone)], check=True, timeout=120)
    outside = {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME")}
    log = (tmp_path / "log").open("wb")
    daemon = subprocess.Popen(
        ["bash", "-c", line], cwd=clone, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=outside, start_new_session=True
    )
    said = shlex.split(line)
    command = next(word for word in said if word.endswith("bin/autotrader"))
    words = [str(clone / command), "--state", said[said.index("--state") + 1]]
    try:
        until_true(lambda: (clone / command).exists() and len({f["rule"] for f in fires_of(words, clone)}) >= 3, 300)
        judge(fires_of(words, clone), words, clone)
    finally:
        os.killpg(daemon.pid, signal.SIGTERM)
        daemon.wait(30)
        log.close()
