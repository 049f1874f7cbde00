"""Amendments and partial cancels (market-rules 6): which keep their place in the queue."""

import pytest
from exchange_stories import exchange_of, tell

QUEUE = ["a buy limit 10 10000", "b buy limit 10 10000"]


@pytest.mark.parametrize(
    ("lines", "happens", "first"),
    [
        pytest.param(["cancel a 4"], ["a ends 4 by_owner"], "a<-x 6@10000", id="a partial cancel keeps time"),
        pytest.param(["amend a quantity=4"], ["a is 4@10000 in place"], "a<-x 4@10000", id="so do fewer"),
        pytest.param(["amend a quantity=12"], ["a is 12@10000 anew", "a rests 12@10000"], "b<-x 10@10000", id="more loses it"),
        pytest.param(
            ["amend a price=9990", "amend a price=10000"],
            ["a is 10@10000 anew", "a rests 10@10000"],
            "b<-x 10@10000",
            id="another price loses it",
        ),
        pytest.param(["amend a type=conditional"], ["a is 10@10000 anew", "a rests 10@10000"], "b<-x 10@10000", id="another type loses it"),
        pytest.param(["cancel a 10"], ["a ends 10 by_owner"], "b<-x 10@10000", id="a partial cancel of all is a cancel"),
        pytest.param(["cancel a"], ["a ends 10 by_owner"], "b<-x 10@10000", id="a cancel"),
    ],
)
def test_the_place_in_the_queue(lines, happens, first):
    exchange = exchange_of(base="10000")
    assert tell(exchange, *QUEUE, *lines) == happens
    assert tell(exchange, "x sell limit 20 10000")[0] == first


def test_an_amended_price_may_trade_at_once():
    exchange = exchange_of(base="10000")
    assert tell(exchange, *QUEUE, "s sell limit 15 10050", "amend s price=10000") == ["s is 15@10000 anew", "a<-s 10@10000", "b<-s 5@10000"]


def test_a_limit_order_may_become_a_market_order():
    exchange = exchange_of(base="10000")
    assert tell(exchange, *QUEUE, "s sell limit 15 10050", "amend s type=market") == [
        "s is 15@market anew",
        "a<-s 10@10000",
        "b<-s 5@10000",
    ]


def test_a_priority_order_is_fixed_until_it_is_amended():
    exchange = exchange_of(base="10000")
    assert tell(exchange, *QUEUE, "p buy priority 3", "c buy limit 1 10010", "amend p price=10010") == [
        "p is 3@10010 anew",
        "p rests 3@10010",
    ]


def test_only_what_is_unfilled_is_amended():
    exchange = exchange_of(base="10000")
    tell(exchange, *QUEUE, "x sell limit 7 10000")
    assert tell(exchange, "amend a quantity=5") == ["a is 5@10000 anew", "a rests 5@10000"]
    assert tell(exchange, "amend a quantity=2") == ["a is 2@10000 in place"]


@pytest.mark.parametrize(
    ("lines", "happens"),
    [
        (["amend s price=9000"], ["s is 5@9000 anew"]),
        (
            ["amend s stop=9700", "b buy limit 5 9700", "x sell limit 1 9700"],
            ["b<-x 1@9700", "s wakes at 9700", "b<-s 4@9700", "s rests 1@9500"],
        ),
        (["amend s stop=9400"], ["s refused stop_sell"]),
        (["cancel s 2"], ["s ends 2 by_owner"]),
        (["cancel s"], ["s ends 5 by_owner"]),
        (["amend s price=10000 stop=10000"], ["s is 5@10000 anew", "s wakes at 10000", "s rests 5@10000"]),
    ],
)
def test_a_sleeping_stop(lines, happens):
    assert tell(exchange_of(base="10000"), "s sell stop_limit 5 9500 stop=9600", *lines) == happens


@pytest.mark.parametrize(
    ("line", "happens"),
    [
        ("amend s price=9550", ["s is 5@9550 anew", "s rests 5@9550"]),
        ("amend s quantity=4", ["s is 4@9500 in place"]),
        ("amend s stop=9700", ["s refused no_stop_to_change"]),
    ],
)
def test_an_activated_stop_is_a_limit_order(line, happens):
    exchange = exchange_of(base="10000")
    tell(exchange, "s sell stop_limit 5 9500 stop=9600", "b buy limit 1 9400", "x sell limit 1 9400")
    assert tell(exchange, line) == happens


def test_a_converted_order_is_a_market_order():
    exchange = exchange_of(base="10000")
    tell(exchange, "c sell conditional 5 10100", "phase close_call")
    assert tell(exchange, "amend c type=limit price=10050") == ["c is 5@10050 anew", "c rests 5@10050"]


def test_an_amended_quote_moves_the_midpoint_orders():
    """The mean falls to the best bid, which a waiting midpoint sell then meets."""
    exchange = exchange_of(base="1500")
    tell(exchange, "b buy limit 1 1500", "s sell limit 1 1503", "m sell midpoint 2")
    assert tell(exchange, "amend s price=1501") == ["s is 1@1501 anew", "s rests 1@1501", "b<-m 1@1500"]


def test_many_cancels_in_the_middle_of_a_queue_leave_the_others_in_order():
    exchange = exchange_of(base="10000")
    tell(exchange, *(f"o{number} buy limit 1 10000" for number in range(100)))
    tell(exchange, *(f"cancel o{number}" for number in range(1, 99)))
    assert tell(exchange, "x sell limit 3 10000") == ["o0<-x 1@10000", "o99<-x 1@10000", "x rests 1@10000"]


def test_an_order_cancelled_at_the_head_uncovers_the_next_that_lives():
    exchange = exchange_of(base="10000")
    tell(exchange, *(f"o{number} buy limit 1 10000" for number in range(4)))
    tell(exchange, "cancel o1", "cancel o2", "cancel o0")
    assert tell(exchange, "x sell limit 1 10000") == ["o3<-x 1@10000"]
    assert exchange.best() == (None, None)
