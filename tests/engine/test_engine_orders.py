"""What a broker says may come in any order, twice and late: the end is the same (safety U8)."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from rig import MAIN, SAMSUNG, Rig, fill, ordered, price, rule, statement

from autotrader.domain.order import FillRange, OrderId, OrderStatus, OutcomeKind
from autotrader.domain.rule import OrderSpec, OrderType, Side, Stop
from autotrader.engine.events import LinkState
from autotrader.engine.records import FillRecord, IntentStatus, JournalRow
from autotrader.messages import say

ONE, TWO, THREE = fill(1, 3, 68000), fill(2, 4, 68100), fill(3, 3, 67900)
FILLED = [
    "accepted",
    (OrderStatus.WORKING,),
    (OrderStatus.PARTIAL, ONE),
    (OrderStatus.PARTIAL, ONE, TWO),
    (OrderStatus.FILLED, ONE, TWO, THREE),
]
CANCELLED = [
    "accepted",
    (OrderStatus.WORKING,),
    (OrderStatus.PARTIAL, ONE),
    (OrderStatus.PARTIAL, ONE, TWO),
    (OrderStatus.CANCELLED, ONE, TWO),
]
LATE_FILL = ["accepted", (OrderStatus.WORKING,), (OrderStatus.CANCELLED,), (OrderStatus.FILLED, ONE, TWO, THREE)]
PARTLY = ["accepted", (OrderStatus.WORKING,), (OrderStatus.PARTIAL, ONE), (OrderStatus.PARTIAL, ONE, TWO)]


def end_of(story: Sequence[Any]) -> tuple[Any, ...]:
    """Return what is left of a fired stop after the broker's words in this order."""
    rig = Rig(says=statement(shares=10, cost=700_000))
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    for word in story:
        if word == "accepted":
            rig.accept(rig.places[0])
        else:
            rig.report(ordered(rig.places[0], word[0], *word[1:]))
    intent, position = rig.intent("r"), rig.engine.book.positions[MAIN, SAMSUNG]
    cash = rig.engine.book.cash[MAIN, "KRW"]
    fills = sorted(rig.store.table(FillRecord))
    assert len(rig.places) == 1
    return (rig.state("r"), intent.status, intent.filled, intent.reserved, intent.order_id, fills, position.quantity, cash.total)


@pytest.mark.parametrize(
    ("story", "state", "status", "filled"),
    [
        pytest.param(FILLED, "done", IntentStatus.FILLED, 10, id="filled"),
        pytest.param(CANCELLED, "failed", IntentStatus.CANCELLED, 7, id="cancelled with a part"),
        pytest.param(LATE_FILL, "done", IntentStatus.FILLED, 10, id="filled after the cancel"),
        pytest.param(PARTLY, "fired", IntentStatus.PARTIAL, 7, id="still open with a part"),
    ],
)
def test_every_order_of_arrival_ends_in_the_same_state(story: list[Any], state: str, status: IntentStatus, filled: int) -> None:
    ends = {repr(end_of(list(words))) for words in permutations(story)}
    assert len(ends) == 1
    first = end_of(story)
    assert first[:4] == (state, status, filled, 0 if state != "fired" else 3)
    assert first[6:] == (10 - filled, 10_000_000 + sum(e.price * e.quantity for e in (ONE, TWO, THREE)[: len(first[5])]))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([FILLED, CANCELLED, LATE_FILL, PARTLY]).flatmap(lambda story: st.permutations(story * 2)))
def test_repeated_words_in_any_order_change_nothing(story: list[Any]) -> None:
    whole = next(one for one in (FILLED, CANCELLED, LATE_FILL, PARTLY) if sorted(map(repr, one * 2)) == sorted(map(repr, story)))
    assert end_of(story) == end_of(whole)


@pytest.mark.parametrize("lost", [OutcomeKind.UNKNOWN, None])
@pytest.mark.parametrize("words", list(permutations([(OrderStatus.PARTIAL, ONE), (OrderStatus.FILLED, ONE, TWO, THREE)])))
def test_reports_finish_what_an_answer_did_not(words: tuple[Any, ...], lost: OutcomeKind | None) -> None:
    rig = Rig(says=statement(shares=10, cost=700_000))
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    if lost:
        rig.outcome(lost)
    for word in words:
        rig.report(ordered(rig.places[0], word[0], *word[1:]))
    assert (rig.state("r"), rig.intent("r").filled) == ("done", Decimal(10))


def test_a_report_with_a_statement_books_the_brokers_word_and_not_our_own_sum() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 10)), says=statement(shares=91, cash=5))
    assert (rig.engine.book.positions[MAIN, SAMSUNG].quantity, rig.engine.book.cash[MAIN, "KRW"].total) == (Decimal(91), Decimal(5))


def test_a_part_sold_takes_its_share_of_the_cost_and_leaves_the_average() -> None:
    rig = Rig(says=statement(shares=10, cost=500_000))
    rig.add(rule("r", Stop(price(48000)), quantity=Decimal(4)))
    rig.prints("50000 48000")
    rig.report(ordered(rig.places[0], OrderStatus.FILLED, fill(1, 4, 48000)))
    assert rig.engine.book.positions[MAIN, SAMSUNG].cost == Decimal(300_000)


def test_an_order_that_is_not_ours_is_kept_in_the_journal_and_never_counted() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    mine = ordered(rig.places[0], OrderStatus.FILLED, fill(9, 10))
    theirs = type(mine)(
        OrderId("other"),
        "other-1",
        SAMSUNG,
        Side.SELL,
        OrderType.MARKET,
        Decimal(10),
        None,
        OrderStatus.FILLED,
        Decimal(10),
        (fill(9, 10),),
    )
    rig.report(theirs)
    rows: list[JournalRow] = rig.store.journal
    assert rows[-1].note.code == "order.foreign"
    assert (rig.state("r"), rig.store.table(FillRecord)) == ("fired", {})


def test_an_order_that_a_complete_ledger_no_longer_shows_is_said() -> None:
    rig = Rig()
    rig.add(rule("r", Stop(price(68000)), order=OrderSpec(OrderType.LIMIT, Decimal(68000))))
    rig.prints("70000 68000")
    rig.accept()
    rig.link(LinkState.UP)
    rig.recover()
    assert "order.missing" in rig.alert_codes()
    assert rig.state("r") == "fired"


@pytest.mark.parametrize("status", [OrderStatus.PARTIAL, OrderStatus.FILLED])
def test_a_fill_that_the_tape_leaves_open_is_said_with_its_range(status: OrderStatus) -> None:
    rig = Rig(says=statement(shares=10, cost=700_000))
    rig.add(rule("r", Stop(price(68000))))
    rig.prints("70000 68000")
    rig.accept()
    rig.report(replace(ordered(rig.places[0], status, ONE), range=FillRange(Decimal(1), Decimal(8))))
    reason = rig.intent("r").reason
    assert reason is not None
    assert "3 (between 1 and 8: " in say(reason.code, reason.params)
