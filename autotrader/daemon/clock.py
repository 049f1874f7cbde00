"""The real clocks, handed to everything that needs the time."""

import time

from autotrader.ports import Clock

STEP = 1.0
"""Seconds by which two clocks may drift apart between two looks before it is called a step (safety T2)."""

SLEEP = 5.0
"""Seconds between two looks, which come several times a second, that only a machine asleep lets pass."""


class SystemClock:
    """Wall time for sessions and validity; for timeouts a clock that never steps and counts time asleep (safety T1)."""

    def now(self) -> int:
        """Return ns since the epoch UTC."""
        return time.time_ns()

    def monotonic(self) -> float:
        """Return seconds since boot, sleep included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)


class ClockWatch:
    """Notices that wall time was set (it went further, or less far, than the clock that never steps) or that we slept."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall, self._steady = clock.now(), clock.monotonic()

    def step(self) -> int:
        """Return by how many ns wall time was set since the last look, or for how many we slept; 0 for neither."""
        wall, steady = self._clock.now(), self._clock.monotonic()
        gone, passed = wall - self._wall, round((steady - self._steady) * 1_000_000_000)
        self._wall, self._steady = wall, steady
        if abs(gone - passed) > STEP * 1_000_000_000:
            return gone - passed
        return passed if passed > SLEEP * 1_000_000_000 else 0
