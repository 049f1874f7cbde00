"""Both lives, pair by pair: what the tables allow, what they refuse, and that nothing else assigns a status."""

import ast
from collections.abc import Mapping
from enum import Enum
from typing import Any

import pytest
from source_tree import PACKAGE

from autotrader.engine.lifecycle import (
    AT_BROKER,
    INTENT_ENDS,
    INTENT_LIFE,
    LEG_ENDS,
    LEG_LIFE,
    UNRESOLVED,
    IntentSignal,
    LegSignal,
    advance_intent,
    advance_leg,
)
from autotrader.engine.records import IntentStatus, LegStatus
from autotrader.errors import IllegalTransition


@pytest.mark.parametrize("signal", LegSignal)
@pytest.mark.parametrize("status", LegStatus)
def test_a_leg_moves_as_the_table_says_or_is_refused_in_words(status: LegStatus, signal: LegSignal) -> None:
    if (status, signal) in LEG_LIFE:
        assert advance_leg(status, signal, "r/stop") is LEG_LIFE[status, signal]
    else:
        with pytest.raises(IllegalTransition, match=f"cannot .* r/stop: it is {status.value}"):
            advance_leg(status, signal, "r/stop")


@pytest.mark.parametrize("signal", IntentSignal)
@pytest.mark.parametrize("status", IntentStatus)
def test_an_intent_moves_as_the_table_says_or_is_refused_in_words(status: IntentStatus, signal: IntentSignal) -> None:
    if (status, signal) in INTENT_LIFE:
        assert advance_intent(status, signal, "r/stop/1/1") is INTENT_LIFE[status, signal]
    else:
        with pytest.raises(IllegalTransition, match=f"cannot .* r/stop/1/1: it is {status.value}"):
            advance_intent(status, signal, "r/stop/1/1")


def reachable(life: Mapping[Any, Any], start: Enum) -> set[Enum]:
    found, new = {start}, {start}
    while new := {end for (status, _), end in life.items() if status in found} - found:
        found |= new
    return found


def test_every_status_can_be_reached_and_every_one_that_is_no_end_can_be_left() -> None:
    assert reachable(LEG_LIFE, LegStatus.WAITING) == set(LegStatus)
    assert reachable(INTENT_LIFE, IntentStatus.INTENT) == set(IntentStatus)
    assert {status for status, _ in LEG_LIFE} >= set(LegStatus) - LEG_ENDS
    assert {status for status, _ in INTENT_LIFE} >= set(IntentStatus) - INTENT_ENDS


def test_only_a_late_fill_leaves_an_end() -> None:
    assert {move for move in LEG_LIFE if move[0] in LEG_ENDS} == {(LegStatus.FAILED, LegSignal.FILL)}
    late = {(IntentStatus.CANCELLED, IntentSignal.FILL), (IntentStatus.EXPIRED, IntentSignal.FILL)}
    assert {move for move in INTENT_LIFE if move[0] in INTENT_ENDS} == late


def test_fired_is_one_way() -> None:
    before = {LegStatus.WAITING, LegStatus.WATCHING, LegStatus.PAUSED, LegStatus.CANCELLED, LegStatus.EXPIRED}
    assert not {end for (status, _), end in LEG_LIFE.items() if status is LegStatus.FIRED} & before


def test_an_unknown_outcome_never_goes_straight_back_to_sending() -> None:
    senders = {status for (status, signal) in INTENT_LIFE if signal is IntentSignal.SEND}
    assert senders == {IntentStatus.INTENT, IntentStatus.NOT_SENT}
    assert not senders & (UNRESOLVED | AT_BROKER)


def assignments(source: str) -> list[int]:
    """Return the lines on which a record is given a status: a `replace` with one, or a new leg or intent."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        call.lineno
        for call in calls
        if ast.unparse(call.func) in ("LegRecord", "IntentRecord")
        or (ast.unparse(call.func).endswith("replace") and any(keyword.arg == "status" for keyword in call.keywords))
    ]


def test_no_module_assigns_a_status_but_the_turn_and_the_birth_of_a_leg_or_an_intent() -> None:
    patterns = ("match record", "case ")
    found = {}
    for path in (PACKAGE / "engine").glob("*.py"):
        lines = path.read_text().splitlines()
        found[path.name] = sum(not lines[line - 1].strip().startswith(patterns) for line in assignments("\n".join(lines)))
    assert {name: count for name, count in found.items() if count} == {
        "book.py": 2,
        "firing.py": 1,
        "repeating.py": 1,
        "resending.py": 1,
        "rules.py": 1,
    }


def test_a_planted_assignment_is_seen() -> None:
    assert assignments("turn.put(replace(leg, status=LegStatus.FIRED))") == [1]
