"""How long to wait before the next dial: 0.5 s doubling to 30 s, with full jitter (safety P4).

It starts again only when it is told that the venue really served us. A server that accepts and then closes was dialled
838 times in a second by a client that took the handshake for success.
"""

from random import Random

FIRST = 0.5
LONGEST = 30.0
LEAST = 0.25
"""Never sooner, however the dice fall: Upbit allows five connections a second, and others live at the same address."""


class Backoff:
    """The growing pause between dials."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._ceiling = FIRST

    def delay(self) -> float:
        """Return the next pause in seconds and raise the ceiling for the one after it."""
        ceiling, self._ceiling = self._ceiling, min(self._ceiling * 2, LONGEST)
        return max(LEAST, self._random.uniform(0, ceiling))

    def reset(self) -> None:
        """Begin again with short pauses: a valid frame came."""
        self._ceiling = FIRST
