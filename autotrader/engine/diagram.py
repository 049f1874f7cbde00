"""The two life-cycle tables as mermaid diagrams, for the README. Pure: `docs/renew.py` writes them, a test compares them."""

from collections.abc import Mapping, Set
from enum import Enum
from typing import TypeVar

from autotrader.engine.lifecycle import INTENT_ENDS, INTENT_LIFE, LEG_ENDS, LEG_LIFE
from autotrader.engine.records import IntentStatus, LegStatus

Status = TypeVar("Status", bound=Enum)
Signal = TypeVar("Signal", bound=Enum)

MANY = 5
"""A move that so many states share is drawn once, from a box that names them: otherwise the picture is a hedge of arrows."""


def leg_diagram() -> str:
    """Return the life of a rule's leg."""
    return _diagram(LEG_LIFE, LegStatus.WAITING, LEG_ENDS)


def intent_diagram() -> str:
    """Return the life of an intent, the stored decision to send an order."""
    return _diagram(INTENT_LIFE, IntentStatus.INTENT, INTENT_ENDS)


def _diagram(life: Mapping[tuple[Status, Signal], Status], start: Status, ends: Set[Status]) -> str:
    """Return a state diagram; moves between the same two states share an arrow."""
    sources: dict[tuple[str, str], list[str]] = {}
    for (before, signal), after in life.items():
        sources.setdefault((signal.value.replace("_", " "), after.value), []).append(before.value)
    boxes = {tuple(sorted(shared)): f"any{n}" for n, shared in enumerate(_groups(sources), start=1)}
    arrows: dict[tuple[str, str], list[str]] = {}
    for (word, end), shared in sources.items():
        box = boxes.get(tuple(sorted(shared)))
        for place in [box] if box else shared:
            arrows.setdefault((place, end), []).append(word)
    return "\n".join(
        [
            "stateDiagram-v2",
            f"    [*] --> {start.value}",
            *(f'    state "{", ".join(shared)}" as {box}' for shared, box in boxes.items()),
            *(f"    {place} --> {end}: {', '.join(words)}" for (place, end), words in arrows.items()),
            *(f"    {end} --> [*]" for end in sorted(str(end.value) for end in ends)),
        ]
    )


def _groups(sources: Mapping[tuple[str, str], list[str]]) -> list[tuple[str, ...]]:
    """Return each set of states that share a move and are many, once, in the order of the table."""
    return list(dict.fromkeys(tuple(sorted(shared)) for shared in sources.values() if len(shared) >= MANY))
