"""The real clocks, handed to everything that needs the time."""

import time


class SystemClock:
    """Wall time for sessions and validity; for timeouts a clock that never steps and counts time asleep (safety T1)."""

    def now(self) -> int:
        """Return ns since the epoch UTC."""
        return time.time_ns()

    def monotonic(self) -> float:
        """Return seconds since boot, sleep included."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)
