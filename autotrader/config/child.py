"""Reads the configuration in a process of its own, so that watching never waits for a parser and the daemon carries none.

The child has limits on memory and time; whatever it dies of is a mistake like any other and the last good set stays.
"""

import asyncio
import gc
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from autotrader.config.mistakes import Mistake
from autotrader.domain.rule import Rule
from autotrader.domain.settings import Settings
from autotrader.markets.calendar import Today

MEMORY = 1_500_000_000
"""Bytes of address space."""
CPU_SECONDS = 60


class Reading(Struct, frozen=True):
    """What the child found: settings, or mistakes as whole sentences. `rules_written` says that the file has `rules:`."""

    settings: Settings | None
    mistakes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    rules_written: bool = False


async def read_in_child(path: str, *, today: Today | None, timeout: float = 30.0) -> Reading:
    """Return what the file says, or why it says nothing; never raises for what the file or the child does."""
    arguments = (path, str(today or ""))
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
        return await _understood(answer)
    except (msgspec.DecodeError, EOFError):
        last = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return _no_reading(path, "config.child_died", reason=last[:200] or f"exit code {child.returncode}")


class _Answer(Struct, frozen=True):
    """The first line of what the child prints: all but the rules, and in how many lines those follow."""

    reading: Reading
    lines: int


RULES_A_LINE = 250
_decode_answer = msgspec.json.Decoder(_Answer).decode
_decode_rules = msgspec.json.Decoder(tuple[Rule, ...]).decode


def _lines_of(reading: Reading) -> Iterator[bytes]:
    """Yield a reading in lines, none of which takes a reader long."""
    rules = reading.settings.rules if reading.settings is not None else ()
    head = reading if reading.settings is None else replace(reading, settings=replace(reading.settings, rules=()))
    starts = range(0, len(rules), RULES_A_LINE)
    yield msgspec.json.encode(_Answer(head, len(starts)))
    for start in starts:
        yield msgspec.json.encode(rules[start : start + RULES_A_LINE])


async def _understood(answer: bytes) -> Reading:
    """Return what the child found. Others get a turn after every line: a hundred thousand rules take a second."""
    start = answer.find(b"\n") + 1
    head = _decode_answer(answer[:start])
    rules: list[Rule] = []
    gc.disable()  # rules are no cycles, and a collection would walk over all that came so far, again and again
    try:
        for _ in range(head.lines):
            end = answer.find(b"\n", start) + 1
            if not end:
                raise EOFError
            rules += _decode_rules(answer[start:end])
            start = end
            await asyncio.sleep(0)
    finally:
        gc.freeze()
        gc.enable()
    if head.reading.settings is None:
        return head.reading
    return replace(head.reading, settings=replace(head.reading.settings, rules=tuple(rules)))


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
    loaded = load_file(path, _today(today), past_is_mistake=False)
    reading = Reading(
        loaded.settings,
        tuple(mistake.sentence() for mistake in loaded.mistakes),
        tuple(warning.sentence() for warning in loaded.warnings),
        loaded.rules_written,
    )
    sys.stdout.buffer.writelines(line + b"\n" for line in _lines_of(reading))


def _today(written: str) -> Today | None:
    return int(written) if written.isdigit() else date.fromisoformat(written) if written else None


if __name__ == "__main__":
    main()
