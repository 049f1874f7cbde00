"""Memory of the shipped daemon with many rules, after it has seen prices, against an interpreter that only imports its libraries.

What must not be loaded in it (the configuration's libraries, tables for people, HTTP with a paper account) is asserted. typer is:
`run` is a command like any other, and it costs 1.7 MB.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.daemon_path import config, flooding
from benchmarks.processes import daemon, wait_until
from benchmarks.table import Row, show

LIBRARIES = "import asyncio, sqlite3, websockets.asyncio.client, msgspec; print(open('/proc/self/status').read())"
UNWANTED = frozenset({"aiohttp", "pydantic", "pydantic_core", "rich", "ruamel", "yaml"})
FRAMES = 2_000
RECOVERED_AFTER = 3
"""Seconds: prices that come before the account is recovered arm no rule, and this venue sends them once."""


def resident(status: str) -> float:
    """Return the resident MB that a process status tells."""
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def bare() -> float:
    """Return the MB of an interpreter with the same libraries."""
    done = subprocess.run([sys.executable, "-c", LIBRARIES], capture_output=True, text=True, check=True)
    return resident(done.stdout)


def loaded(errors: Path) -> set[str]:
    """Return the packages that a process told of with `-X importtime`."""
    lines = [line for line in errors.read_text().splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip().partition(".")[0] for line in lines}


def ours(rules: int) -> float:
    """Return the MB of the daemon once all rules watch and prices have come."""
    with tempfile.TemporaryDirectory() as place, flooding(FRAMES, 100, RECOVERED_AFTER) as url:
        with daemon(Path(place), config(url, rules, 100), ["-X", "importtime"]) as running:
            wait_until(lambda: running.watches(rules), every=0.1)
            figure = resident(Path(f"/proc/{running.process.pid}/status").read_text())
        unwanted = loaded(Path(place, "errors")) & UNWANTED
        assert not unwanted, f"the daemon loads {sorted(unwanted)}"
    return figure


def measure(rounds: int, rules: int, goal: str) -> Row:
    """Return the comparison for some rules."""
    pairs = [(bare(), ours(rules)) for _ in range(rounds)]
    return Row(f"daemon with {rules} rules / its libraries", [b for b, _ in pairs], [o for _, o in pairs], "MB", goal)


def main(*, quick: bool = False) -> None:
    """Print the table."""
    show("Memory", [measure(1, 100, "")] if quick else [measure(3, 1_000, "< 60 MB"), measure(3, 10_000, "< 75 MB")])


if __name__ == "__main__":
    main()
