"""What can go wrong between an order and its answer, by the names that a script gives."""

from collections import deque
from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple


class FaultKind(str, Enum):
    """`lose_answer`, `hang`, `500_after` and `garbage_answer` accept the order; the others do not (`slow` does, late)."""

    OK = "ok"
    REFUSE = "refuse"
    REFUSE_AFTER_DELAY = "refuse_after_delay"
    UNLISTED_REFUSAL = "unlisted_refusal"
    LOSE_ANSWER = "lose_answer"
    DROP_BEFORE = "drop_before"
    HANG = "hang"
    ERROR_AFTER = "500_after"
    ERROR_BEFORE = "500_before"
    GARBAGE_ANSWER = "garbage_answer"
    REDIRECT = "redirect"
    SLOW = "slow"


DOES_NOT_ACT = frozenset(
    {
        FaultKind.REFUSE,
        FaultKind.REFUSE_AFTER_DELAY,
        FaultKind.UNLISTED_REFUSAL,
        FaultKind.DROP_BEFORE,
        FaultKind.ERROR_BEFORE,
        FaultKind.REDIRECT,
    }
)


class Fault(NamedTuple):
    kind: FaultKind = FaultKind.OK
    seconds: float = 0.2

    @property
    def acts(self) -> bool:
        """Return whether the request is carried out in spite of it."""
        return self.kind not in DOES_NOT_ACT


def parse(text: str) -> Fault:
    """Return the fault that a script names, `slow:1.5` with its seconds; raises ValueError."""
    name, _, seconds = text.partition(":")
    return Fault(FaultKind(name), float(seconds)) if seconds else Fault(FaultKind(name))


class Script:
    """The faults that wait for the next requests, one each; after the last all is well."""

    LIMIT = 10_000

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def write(self, names: Iterable[str]) -> None:
        """Replace the script; raises ValueError and keeps the old one when a name is unknown."""
        faults = [parse(name) for name in names]
        if len(faults) > self.LIMIT:
            raise ValueError(f"a script has at most {self.LIMIT} faults")
        self._waiting = deque(faults)

    def next(self) -> Fault:
        """Take the fault of the next request."""
        return self._waiting.popleft() if self._waiting else Fault()
