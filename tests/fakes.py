"""Small fakes with behaviour, shared by the floors."""

SECOND = 1_000_000_000
NINE_IN_SEOUL = 1_723_161_600 * SECOND
"""2024-08-09 09:00:00 in Seoul, a Friday: midnight UTC."""


class FakeClock:
    """A clock (`ports.Clock`) that moves only when it is told to. Wall time can also step, as NTP makes it."""

    def __init__(self, now: int = NINE_IN_SEOUL, monotonic: float = 1000.0) -> None:
        self._now = now
        self._monotonic = monotonic

    def now(self) -> int:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self._now += round(seconds * SECOND)
        self._monotonic += seconds

    def step(self, seconds: float) -> None:
        """Move the wall clock alone, backwards too."""
        self._now += round(seconds * SECOND)
