"""Alive means that work goes on: the service manager hears of us only while every party has shown progress in time
(safety O2).

Progress is that a task's own loop turns, not that the world answers: a broker that hangs must not have us restarted
over and over (safety O1), so its task beats while it waits.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from autotrader.messages import say


class Fed(Protocol):
    """Who waits for our signs of life."""

    def watchdog(self) -> None: ...

    def status(self, text: str) -> None: ...


class Party:
    """One task that must keep moving."""

    def __init__(self, name: str, within: float, monotonic: Callable[[], float]) -> None:
        self.name = name
        self._within = within
        self._monotonic = monotonic
        self._last = monotonic()

    def beat(self) -> None:
        """Say that there was progress just now."""
        self._last = self._monotonic()

    def is_late(self) -> bool:
        """Return whether the last progress is too long ago."""
        return self._monotonic() - self._last > self._within


class Watchdog:
    """Feeds the service manager's watchdog as long as nobody is late."""

    def __init__(self, manager: Fed, monotonic: Callable[[], float], language: str = "en") -> None:
        self._manager = manager
        self._monotonic = monotonic
        self._language = language
        self._parties: dict[str, Party] = {}

    def register(self, name: str, within: float) -> Party:
        """Expect a sign of progress from this party at least every so many seconds, from now on."""
        party = Party(name, within, self._monotonic)
        self._parties[name] = party
        return party

    def dismiss(self, name: str) -> None:
        """Expect nothing more of a party that ended in good order."""
        self._parties.pop(name, None)

    def late(self) -> tuple[str, ...]:
        """Return the names of those who have shown no progress for too long."""
        return tuple(party.name for party in self._parties.values() if party.is_late())

    def feed(self) -> bool:
        """Feed the watchdog unless somebody is late, in which case say who; return whether it was fed."""
        late = self.late()
        if late:
            self._manager.status(say("systemd.late", {"parties": ", ".join(late)}, self._language))
            return False
        self._manager.watchdog()
        return True

    async def keep_feeding(self, every: float) -> None:
        """Feed until cancelled. That this very loop turns is the event loop's own sign of progress."""
        while True:
            self.feed()
            await asyncio.sleep(every)
