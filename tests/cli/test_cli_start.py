"""The command starts quickly because it loads little, ends quietly when nobody listens, and is there as a module too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"pydantic", "asyncio", "yaml", "rich", "ruamel", "websockets", "aiohttp"}
SCRIPT = """
import sys
from autotrader.cli.main import main
code = main(sys.argv[1:])
print(code, *sorted({heavy!r} & set(sys.modules)), file=sys.stderr)
"""


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "HOME": str(home), "AUTOTRADER_STATE": str(home / "state"), "AUTOTRADER_CONFIG": str(home / "config.yaml")}


@pytest.mark.parametrize(
    "words", [["list"], ["list", "--json"], ["show", "mine"], ["status"], ["history"], ["version"], ["--help"], ["nonsense"]], ids=" ".join
)
def test_a_question_with_the_daemon_down_loads_nothing_heavy(cli, home, words):
    cli("add", "sell", "KRX:005930", "--quantity", "1", "--stop", "68000", "--id", "mine")
    command = [sys.executable, "-c", SCRIPT.format(heavy=HEAVY), *words]
    run = subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=30)
    assert set(run.stderr.splitlines()[-1].split()[1:]) == set()


def test_python_m_is_the_command(home):
    run = subprocess.run([sys.executable, "-m", "autotrader", "version"], env=environment(home), capture_output=True, text=True, timeout=30)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("autotrader ")
    wrong = subprocess.run(
        [sys.executable, "-m", "autotrader", "reload"], env=environment(home), capture_output=True, text=True, timeout=30
    )
    assert wrong.returncode == 3


def test_a_reader_that_has_seen_enough_is_no_error(home):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as gone:  # noqa: PTH123 - a descriptor has no path
        command = [sys.executable, "-m", "autotrader", "check", "--schema"]
        run = subprocess.run(command, env=environment(home), stdout=gone, stderr=subprocess.PIPE, text=True, timeout=30)
    assert (run.returncode, run.stderr) == (1, "")
