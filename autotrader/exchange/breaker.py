"""The circuit breaker of a whole market (market-rules 3.3): says from the prints of its index when trading stops.

What stops is driven from outside: every exchange of the market, and those of other venues that trade its issues.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.money import HUNDRED, exact

SECOND = 1_000_000_000
MINUTE = 60 * SECOND


class Step(NamedTuple):
    """A level. It triggers when the index has been `fall` percent under its previous close for `lasting` (ns), and `further`
    percent under where the level before triggered.

    `not_before` counts from the open of the regular market, `not_after` back from its close (ns; None: at any time). `halt`
    and `call` (ns): how long nothing but cancels is taken, and the call after it; without them the market closes for the day.
    """

    fall: Decimal
    further: Decimal
    lasting: int
    not_before: int | None
    not_after: int | None
    halt: int
    call: int


# KRX, KOSPI and KOSDAQ each on its own index: V, business regulations. 09:02 and 14:50 are told from 09:00 and 15:30.
KRX_STEPS = (
    Step(Decimal(8), Decimal(0), MINUTE, 2 * MINUTE, 40 * MINUTE, 20 * MINUTE, 10 * MINUTE),
    Step(Decimal(15), Decimal(1), MINUTE, 2 * MINUTE, 40 * MINUTE, 20 * MINUTE, 10 * MINUTE),
    Step(Decimal(20), Decimal(1), MINUTE, None, None, 0, 0),
)


class Breaker:
    """One day of one index. `opens` and `closes` (ns) bound the regular market; each level triggers once a day, in order."""

    def __init__(self, previous_close: Decimal, opens: int, closes: int, steps: Sequence[Step] = KRX_STEPS) -> None:
        self._previous_close = previous_close
        self._opens = opens
        self._closes = closes
        self._steps = tuple(steps)
        self._next = 0
        self._from = previous_close
        """What the index was when the level before triggered."""
        self._since: int | None = None
        """Since when the index has been low enough for the next level."""

    def show(self, index: Decimal, at: int) -> Step | None:
        """Take a print of the index (in order of time); return the level that it triggers."""
        if self._next == len(self._steps):
            return None
        step = self._steps[self._next]
        if not self._low(step, index):
            self._since = None
            return None
        if self._since is None:
            self._since = at
        if at - self._since < step.lasting or not self._in_time(step, at):
            return None
        self._next, self._from, self._since = self._next + 1, index, None
        return step

    def _in_time(self, step: Step, at: int) -> bool:
        first = self._opens + (step.not_before or 0)
        last = self._closes - (step.not_after or 0)
        return first <= at <= last

    def _low(self, step: Step, index: Decimal) -> bool:
        with exact():
            deep = index * HUNDRED <= self._previous_close * (HUNDRED - step.fall)
            return deep and (not step.further or index * HUNDRED <= self._from * (HUNDRED - step.further))
