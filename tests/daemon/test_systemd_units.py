"""The unit files keep what safety S6, O3 and O4 ask, and the check that says so can also say no."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
UNITS = REPOSITORY / "systemd"
analysed = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (CI installs it)")


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [REPOSITORY / ".ci" / "unit-check", folder]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})


def settings(unit: str) -> dict[str, str]:
    lines = [line for line in (UNITS / unit).read_text().splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


@analysed
def test_the_units_pass_the_check_and_it_prints_their_scores():
    run = check(UNITS)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("Overall exposure level") == 2


@analysed
@pytest.mark.parametrize("unit", ["autotrader.service", "autotrader-user.service"])
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param("SystemCallFilter=", "#", "exposed more than", id="without a system call filter"),
        pytest.param("CapabilityBoundingSet=\n", "", "exposed more than", id="with all capabilities within reach"),
        pytest.param("RestrictAddressFamilies=", "#", "exposed more than", id="with every kind of network"),
        pytest.param("UMask=0077", "UMusk=0077", "UMusk", id="with a misspelt setting"),
        pytest.param("TimeoutStopSec=20", "TimeoutStopSec=soon", "soon", id="with a senseless value"),
        pytest.param("ExecStart=", "ExecStart=./", "absolute path", id="with a relative program"),
    ],
)
def test_a_worse_unit_fails_the_check(tmp_path, unit, old, new, said):
    folder = tmp_path / "units"
    shutil.copytree(UNITS, folder)
    text = (folder / unit).read_text()
    assert old in text
    (folder / unit).write_text(text.replace(old, new))
    run = check(folder)
    assert run.returncode != 0
    assert said in run.stdout
    assert unit in run.stdout


@pytest.mark.parametrize("unit", ["autotrader.service", "autotrader-user.service"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Type", "notify"),
        ("Restart", "always"),
        ("RestartSec", "200ms"),
        ("RestartPreventExitStatus", "75 78"),
        ("StartLimitIntervalSec", "0"),
        ("TimeoutStopSec", "20"),
        ("WatchdogSec", "30"),
        ("LimitCORE", "0"),
        ("UMask", "0077"),
        ("RestrictAddressFamilies", "AF_UNIX AF_INET AF_INET6"),
        ("MemoryDenyWriteExecute", "yes"),
        ("NoNewPrivileges", "yes"),
    ],
)
def test_both_units_promise(unit, name, value):
    assert settings(unit)[name] == value


def test_the_units_differ_only_in_what_a_users_manager_cannot_do():
    system, user = settings("autotrader.service"), settings("autotrader-user.service")
    assert system.keys() - user.keys() == {
        "Wants",
        "After",
        "OOMScoreAdjust",
        "User",
        "Group",
        "StateDirectory",
        "StateDirectoryMode",
        "ConfigurationDirectory",
        "ConfigurationDirectoryMode",
        "AmbientCapabilities",
        "RemoveIPC",
    }
    assert user.keys() - system.keys() == {"ReadWritePaths"}
