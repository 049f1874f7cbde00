"""The YAML file while the daemon runs: read in a child process, watched for changes, taken whole or not at all.

A changed file is read only once it has stood still for a look: an editor that writes in place shows half a file on the way.
"""

import asyncio
import hashlib
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path

from autotrader.config.child import Reading, read_in_child
from autotrader.domain.settings import Settings
from autotrader.engine.events import Plan, PlanRefused
from autotrader.engine.records import RequestId
from autotrader.errors import RefusedByState, UserMistake
from autotrader.messages import say
from autotrader.ports import Clock

LOOK_EVERY = 1.0
LARGEST = 16 * 1024 * 1024
"""Bytes. What is larger is refused by the reader, which says so; watching for its changes must not cost more than a look."""
Sleep = Callable[[float], Awaitable[object]]


def fingerprint(path: Path) -> str:
    """Return a digest of the content; a file that is gone or cannot be read is a content of its own.

    A pipe would be waited for, and a file too large to be taken (safety Y3) is told apart without being read.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            return "unreadable: not a file"
        if found.st_size > LARGEST:
            return f"too large: {found.st_size} {found.st_mtime_ns}"
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        return f"unreadable: {error.errno}"


def plan_of(reading: Reading, *, request: RequestId | None, by: str, confirmed: bool = False, dry: bool = False) -> Plan:
    """Return all of a good reading that can change while the daemon runs, as the engine takes it."""
    assert reading.settings is not None
    rules, templates = reading.settings.rules, reading.settings.templates
    return Plan(rules, confirmed, request, by, templates, dry=dry, rules_missing=not reading.rules_written)


class RulesFile:
    """One configuration file. `settings` is the first good reading; only the rules can change while the daemon runs.

    `seen` is the fingerprint from before that reading, so that an edit during the start is not missed.
    """

    def __init__(
        self,
        path: Path,
        settings: Settings,
        clock: Clock,
        tell: Callable[[Plan | PlanRefused], None],
        *,
        seen: str,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.path = path
        self.settings = settings
        self._clock = clock
        self._tell = tell
        self._seen = seen
        self._sleep = sleep
        self._one_at_a_time = asyncio.Lock()
        self.restart_needed = False

    async def read(self, *, confirmed: bool = False, request: RequestId | None = None, by: str = "file", expected: str = "") -> None:
        """Read the file and put what it says into the inbox: a plan, or the mistakes that keep the last good set.

        `expected` is the digest of the content that is meant; any other is refused.
        """
        async with self._one_at_a_time:
            await self._check(expected)
            self._seen = await asyncio.to_thread(fingerprint, self.path)
            reading = await read_in_child(str(self.path), today=self._clock.now())
            await self._check(expected)  # it was perhaps written just before it was read
            mistakes = self._mistakes(reading)
            if reading.settings is None or mistakes:
                self._tell(PlanRefused(mistakes, request))
                return
            self.restart_needed = _without_rules(reading.settings) != _without_rules(self.settings)
            self._tell(plan_of(reading, confirmed=confirmed, request=request, by=by))

    async def rehearse(self, request: RequestId, by: str) -> str:
        """Ask the engine what the file would change, and return the digest of what was read; raise its mistakes."""
        async with self._one_at_a_time:
            digest = await asyncio.to_thread(fingerprint, self.path)
            reading = await read_in_child(str(self.path), today=self._clock.now())
            mistakes = self._mistakes(reading)
            if reading.settings is None or mistakes:
                raise UserMistake("plan.refused", count=len(mistakes), mistakes="\n".join(mistakes))
            self._tell(plan_of(reading, request=request, by=by, dry=True))
            return digest

    def _mistakes(self, reading: Reading) -> tuple[str, ...]:
        """Return why a reading cannot be taken; none when it can."""
        if reading.settings is not None and not (reading.rules_written or reading.settings.templates):
            # A file cut off before its rules is valid YAML; it must not mean "cancel everything" (safety Y1).
            return (say("file.no_rules", {"file": self.path}),)
        return reading.mistakes if reading.settings is None else ()

    async def _check(self, expected: str) -> None:
        if expected and await asyncio.to_thread(fingerprint, self.path) != expected:
            raise RefusedByState("plan.file_changed", file=str(self.path))

    async def watch(self) -> None:
        """Read the file again whenever its content has changed and stands still."""
        before = self._seen
        while True:
            await self._sleep(LOOK_EVERY)
            now = await asyncio.to_thread(fingerprint, self.path)  # a large file on a slow disk holds up no price
            if now == before and now != self._seen:
                await self.read()
            before = now


def _without_rules(settings: Settings) -> tuple[object, ...]:
    return settings.mode, settings.guards, settings.market_facts, settings.accounts, settings.feeds
