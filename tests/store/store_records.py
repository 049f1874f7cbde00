"""Records for the store's tests: plain ones by hand, and strategies for any record that the types allow."""

import types
from decimal import Decimal
from enum import Enum
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
from fakes import NINE_IN_SEOUL
from hypothesis import strategies as st

from autotrader.domain.order import IntentId, OrderId, OutcomeKind
from autotrader.domain.rule import AccountName, AtPrice, Leg, LegName, OrderType, Origin, Rule, RuleId, Side, Stop
from autotrader.domain.tick import InstrumentId
from autotrader.engine.effects import Unit
from autotrader.engine.records import (
    AttemptRecord,
    FillRecord,
    IntentRecord,
    IntentStatus,
    JournalRow,
    LegRecord,
    LegStatus,
    MarkRecord,
    Note,
    Print,
    Record,
    RuleRecord,
    ShotRecord,
)

NOW = NINE_IN_SEOUL
SAMSUNG = InstrumentId("KRX:005930")
MAIN = AccountName("main")
STOP = LegName("stop")
CROSSED = Print(Decimal("67900"), NOW, 7)


def unit(*records: Record) -> Unit:
    return Unit(records)


def a_rule(name: str = "samsung", version: int = 1, stop: str = "68000", created: int = NOW) -> RuleRecord:
    leg = Leg(STOP, Stop(AtPrice(Decimal(stop))))
    rule = Rule(RuleId(name), MAIN, SAMSUNG, Side.SELL, Decimal(10), (leg,))
    return RuleRecord(rule, version, 1, Origin.CLI, created, created, "2026-12-31")


def a_leg(name: str = "samsung", generation: int = 1, status: LegStatus = LegStatus.WATCHING) -> LegRecord:
    return LegRecord(RuleId(name), STOP, generation, status, NOW, Decimal("70000"))


def a_mark(name: str = "samsung", price: str = "71000") -> MarkRecord:
    return MarkRecord(RuleId(name), STOP, 1, Decimal(price), NOW, Decimal("70500"), NOW)


def a_shot(name: str = "samsung", generation: int = 1, at: int = NOW) -> ShotRecord:
    return ShotRecord(RuleId(name), STOP, generation, 1, at, None, CROSSED, None, "68000", Note("engine.fired", {"price": "67900"}))


def an_intent(name: str = "samsung", generation: int = 1, status: IntentStatus = IntentStatus.INTENT, retry_at: int = 0) -> IntentRecord:
    return IntentRecord(
        id=IntentId(f"{name}/stop/{generation}/1"),
        rule=RuleId(name),
        leg=STOP,
        generation=generation,
        number=1,
        status=status,
        account=MAIN,
        instrument=SAMSUNG,
        side=Side.SELL,
        type=OrderType.MARKET,
        quantity=Decimal(10),
        price=None,
        client_id=f"x-{name}-{generation}",
        created=NOW,
        deadline=0,
        reserved=Decimal(10),
        sellable_seen=Decimal(100),
        tick=CROSSED,
        urgency=1,
        retry_at=retry_at,
    )


def an_attempt(name: str = "samsung", generation: int = 1) -> AttemptRecord:
    return AttemptRecord(IntentId(f"{name}/stop/{generation}/1"), 1, NOW)


def a_fill(execution: str = "e-1", price: str = "67900", intent: str | None = "samsung/stop/1/1") -> FillRecord:
    ours = IntentId(intent) if intent else None
    return FillRecord(MAIN, execution, OrderId("o-1"), ours, SAMSUNG, Side.SELL, Decimal(price), Decimal(10), Decimal("12.5"), NOW)


def a_row(subject: str = "samsung/stop", after: str = "fired", at: int = NOW) -> JournalRow:
    return JournalRow(at, subject, "watching", after, Note("engine.fired", {"price": "67900"}), "engine")


def a_fire(name: str = "samsung", generation: int = 1) -> Unit:
    """Return all that belongs to one firing, in the one unit that it is."""
    return unit(
        a_rule(name),
        a_leg(name, generation, LegStatus.FIRED),
        a_shot(name, generation),
        an_intent(name, generation),
        an_attempt(name, generation),
        a_row(f"{name}/stop"),
    )


TEXTS = st.text(max_size=20)
COUNTS = st.integers(min_value=0, max_value=2**63 - 1)
NUMBERS = st.decimals(min_value=-(10**20), max_value=10**20, allow_nan=False, allow_infinity=False)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {str: TEXTS, int: COUNTS, bool: st.booleans(), Decimal: NUMBERS, type(None): st.none()}


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for whatever a field of this type may hold."""
    hint = getattr(hint, "__supertype__", hint)
    if hint in PLAIN:
        return PLAIN[hint]
    parts = get_args(hint)
    origin = get_origin(hint)
    if origin in {types.UnionType, Union}:
        return st.one_of([values(part) for part in parts])
    if origin is tuple:
        return st.lists(values(parts[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(values(parts[0]), values(parts[1]), max_size=3)
    if issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    return structs(hint)


def structs(kind: type[msgspec.Struct], **fixed: Any) -> st.SearchStrategy[Any]:
    """Return a strategy for any value of a struct, with some fields fixed."""
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name not in fixed}
    return st.builds(
        kind, **{name: values(hint) for name, hint in hints.items()}, **{name: st.just(value) for name, value in fixed.items()}
    )


OUTCOMES = st.sampled_from(["", *[kind.value for kind in OutcomeKind]])
