"""Reads the configuration in a process of its own, so that watching never waits for a parser and the daemon carries none.

The child has limits on memory and time; whatever it dies of is a mistake like any other and the last good set stays.
"""

import asyncio
import gc
import resource
import sys
from contextlib import suppress
from datetime import date

import msgspec
from msgspec import Struct

from autotrader.config.mistakes import Mistake
from autotrader.domain.settings import Settings

MEMORY = 1_500_000_000
"""Bytes of address space."""
CPU_SECONDS = 60


class Reading(Struct, frozen=True):
    """What the child found: settings, or mistakes as whole sentences. `rules_written` says that the file has `rules:`."""

    settings: Settings | None
    mistakes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    rules_written: bool = False


async def read_in_child(path: str, *, today: date | None, timeout: float = 30.0) -> Reading:
    """Return what the file says, or why it says nothing; never raises for what the file or the child does."""
    arguments = (path, today.isoformat() if today else "")
    try:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "autotrader.config.child",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:  # no memory, no descriptor, no process to be had: the last good set stays
        return _no_reading(path, "config.child_died", reason=str(error)[:200])
    try:
        async with asyncio.timeout(timeout):
            answer, complaint = await child.communicate()
    except TimeoutError:
        return _no_reading(path, "config.child_timeout", seconds=f"{timeout:g}")
    finally:
        await _end(child)
    try:
        return msgspec.json.decode(answer, type=Reading)
    except msgspec.DecodeError:
        last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return _no_reading(path, "config.child_died", reason=last[:200] or f"exit code {child.returncode}")


async def _end(child: asyncio.subprocess.Process) -> None:
    """Leave no child behind, whatever ended the waiting."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _no_reading(path: str, code: str, **params: str) -> Reading:
    name = path.encode("utf-8", "replace").decode()
    return Reading(None, (Mistake(name, 0, 0, code, params).sentence(),))


def main() -> None:
    """Read the file named on the command line and print the Reading as JSON."""
    gc.disable()  # one short job that makes no cycles: collecting would cost a third of its time
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    from autotrader.config.load import load_file  # only the child pays for pydantic and the YAML parser

    path, today = sys.argv[1:3]
    loaded = load_file(path, date.fromisoformat(today) if today else None, past_is_mistake=False)
    reading = Reading(
        loaded.settings,
        tuple(mistake.sentence() for mistake in loaded.mistakes),
        tuple(warning.sentence() for warning in loaded.warnings),
        loaded.rules_written,
    )
    sys.stdout.buffer.write(msgspec.json.encode(reading))


if __name__ == "__main__":
    main()
