"""What is worked out of a profile once and asked for often, remembered by the profile's identity.

Hashing a profile means hashing all its facts, which costs more than most answers; and facts are frozen, so the same
object always gives the same answer.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from autotrader.markets.profile import MarketProfile

T = TypeVar("T")
K = TypeVar("K")

MOST_PROFILES = 64
MOST_ANSWERS = 4096
"""Ten years of days: enough for a replay, bounded for a daemon that runs for years."""


class Remembered(Generic[K, T]):
    """Answers by profile and key. The profile is kept beside its answers, so that its identity stays its own."""

    def __init__(self, work_out: Callable[[MarketProfile, K], T]) -> None:
        self._work_out = work_out
        self._kept: dict[int, tuple[MarketProfile, dict[K, T]]] = {}

    def of(self, profile: MarketProfile, key: K) -> T:
        """Return the answer for a key, working it out the first time."""
        kept = self._kept.get(id(profile))
        if kept is None:
            if len(self._kept) >= MOST_PROFILES:
                self._kept.clear()
            kept = self._kept[id(profile)] = (profile, {})
        answers = kept[1]
        try:
            return answers[key]
        except KeyError:
            if len(answers) >= MOST_ANSWERS:
                answers.clear()
            answer = answers[key] = self._work_out(profile, key)
            return answer
