"""Scripts: every worked example of market-rules 2 to 6 as lines in and lines out, and what a wrong line leads to."""

import json
from typing import Any

import pytest

from autotrader.config.markets import load_markets
from autotrader.exchange.script import play

MARKETS = load_markets()


def order(name: str, side: str, kind: str, quantity: int, price: object = None, **more: object) -> dict[str, object]:
    line: dict[str, object] = {"op": "order", "id": name, "side": side, "type": kind, "quantity": quantity, **more}
    return line if price is None else {**line, "price": str(price)}


def played(*lines: dict[str, object]) -> list[dict[str, Any]]:
    return list(play((json.dumps(line) for line in lines), MARKETS))


def of(views: list[dict[str, Any]], kind: str) -> list[tuple[Any, ...]]:
    """Return what was said of a kind, without its word."""
    return [tuple(value for name, value in view.items() if name != "type") for view in views if view["type"] == kind]


OPEN_CALL = {"op": "phase", "phase": "open_call"}
UNCROSS = {"op": "uncross"}
BOOK = {"op": "book"}
SELLS_B = [order("s", "sell", "limit", 300, 9800)]
BUYS_B = [order("b", "buy", "limit", 300, 10100)]

AUCTIONS = [
    pytest.param(
        None,
        [
            *(
                order(f"s{n}", "sell", "limit", q, p)
                for n, (q, p) in enumerate([(150, 7810), (200, 7820), (150, 7830), (200, 7830), (50, 7830)])
            ),
            *(order(f"b{n}", "buy", "limit", q, p) for n, (q, p) in enumerate([(100, 7850), (150, 7840), (200, 7830), (150, 7830)])),
        ],
        ("7830", "600"),
        id="A, the exchange's own example",
    ),
    pytest.param("10000", [*SELLS_B, *BUYS_B], ("10000", "300"), id="B, previous inside"),
    pytest.param("10500", [*SELLS_B, *BUYS_B], ("10100", "300"), id="B, previous above"),
    pytest.param("9000", [*SELLS_B, *BUYS_B], ("9800", "300"), id="B, previous below"),
    pytest.param("9500", [*SELLS_B, *BUYS_B, order("b2", "buy", "limit", 100, 10000)], ("10000", "300"), id="C"),
    pytest.param("10600", [*SELLS_B, *BUYS_B, order("s2", "sell", "limit", 100, 9900)], ("9900", "300"), id="D"),
]


@pytest.mark.parametrize(("previous", "orders", "auction"), AUCTIONS)
def test_the_auctions_of_the_rules(previous: str | None, orders: list[dict[str, object]], auction: tuple[str, str]) -> None:
    before = [] if previous is None else [{"op": "reference", "price": previous}]
    views = played(*before, OPEN_CALL, *orders, UNCROSS)
    assert of(views, "auction") == [auction]
    assert sum(int(quantity) for _, _, _, quantity in of(views, "trade")) == int(auction[1])


def test_case_b_three_times_in_one_script_takes_the_reference_each_time() -> None:
    """A script says what the previous price is, whatever traded before."""
    lines: list[dict[str, object]] = []
    for number, previous in enumerate(["10000", "10500", "9000"]):
        lines += [OPEN_CALL, {"op": "reference", "price": previous}]
        lines += [order(f"s{number}", "sell", "limit", 300, 9800), order(f"b{number}", "buy", "limit", 300, 10100), UNCROSS]
    assert of(played(*lines), "auction") == [("10000", "300"), ("10100", "300"), ("9800", "300")]


def test_a_limit_price_is_shared_by_quantity() -> None:
    buys = [order(str(n), "buy", "limit", q, 20150) for n, q in enumerate([1000, 200, 10000, 5000], 1)]
    views = played({"op": "market", "market": "KRX", "base": "15500"}, OPEN_CALL, *buys, order("s", "sell", "limit", 13100, 20150), UNCROSS)
    assert of(views, "auction") == [("20150", "13100")]
    assert of(views, "trade") == [
        ("1", "s", "20150", "550"),
        ("2", "s", "20150", "150"),
        ("3", "s", "20150", "9850"),
        ("4", "s", "20150", "2550"),
    ]


MIDDLES = [(10000, 10020, "10010"), (10000, 10010, "10005"), (1501, 1502, "1501"), (2000, 2005, "2002")]


@pytest.mark.parametrize(("bid", "ask", "middle"), MIDDLES)
def test_a_midpoint_order_trades_at_the_floor_of_the_mean(bid: int, ask: int, middle: str) -> None:
    views = played(
        order("bid", "buy", "limit", 1, bid),
        order("ask", "sell", "limit", 1, ask),
        order("m", "sell", "midpoint", 1),
        order("n", "buy", "midpoint", 1),
    )
    # Where the mean is the bid itself, half a won cut, the bid takes it.
    assert [(price, quantity) for _, _, price, quantity in of(views, "trade")] == [(middle, "1")]


def last_trade_at(price: int) -> list[dict[str, object]]:
    return [order("x", "buy", "limit", 1, price), order("y", "sell", "limit", 1, price)]


STOPS = [
    pytest.param(
        "12000",
        [order("stop", "sell", "stop_limit", 10, 10500, stop="11000"), order("bid", "buy", "limit", 4, 10800), *last_trade_at(11000)],
        [("x", "y", "11000", "1"), ("bid", "stop", "10800", "4")],
        ("10500", "6"),
        id="a sell is filled at the best bids over its limit",
    ),
    pytest.param(
        "12000",
        [order("stop", "sell", "stop_limit", 10, 10500, stop="11000"), *last_trade_at(10200)],
        [("x", "y", "10200", "1")],
        ("10500", "10"),
        id="a gap leaves it above the market",
    ),
    pytest.param(
        "15000",
        [order("stop", "buy", "stop_limit", 10, 16500, stop="16000"), *last_trade_at(16000), order("ask", "sell", "limit", 3, 16400)],
        [("x", "y", "16000", "1"), ("stop", "ask", "16500", "3")],
        ("16500", "10"),
        id="a breakout",
    ),
]


@pytest.mark.parametrize(("base", "lines", "trades", "rest"), STOPS)
def test_the_stop_limit_orders_of_the_rules(base: str, lines: list[dict[str, object]], trades: list[Any], rest: tuple[str, str]) -> None:
    views = played({"op": "reference", "price": base}, *lines)
    assert of(views, "trade") == trades
    assert [(price, quantity) for name, price, quantity in of(views, "rest") if name == "stop"] == [rest]


def test_a_stop_on_the_wrong_side_of_its_limit_is_refused() -> None:
    views = played({"op": "reference", "price": "15000"}, order("s", "sell", "stop_limit", 1, 16500, stop="16000"))
    assert [view["code"] for view in views] == ["exchange.stop_sell"]


LIVES = [
    pytest.param(order("o", "buy", "market", 5), [], "market", [("o", None, "2")], id="the rest of a market order rests as one"),
    pytest.param(order("o", "buy", "limit", 5, 10000, tif="ioc"), ["exchange.ioc"], "", [], id="IOC"),
    pytest.param(order("o", "buy", "limit", 5, 10000, tif="fok"), ["exchange.fok"], "", [], id="FOK"),
    pytest.param(order("o", "buy", "best", 5), [], "best", [("o", "10000", "2")], id="best limit keeps its price"),
    pytest.param(order("o", "sell", "priority", 5), [], "priority", [("o", "10000", "5")], id="priority limit joins its side"),
]


@pytest.mark.parametrize(("line", "cancelled", "kind", "rests"), LIVES)
def test_what_becomes_of_the_rest(line: dict[str, object], cancelled: list[str], kind: str, rests: list[Any]) -> None:
    views = played(order("ask", "sell", "limit", 3, 10000), line)
    assert [code for name, _, code, _ in of(views, "cancelled") if name == "o"] == cancelled
    assert [rest for rest in of(views, "rest") if rest[0] == "o"] == rests


def test_a_conditional_order_is_a_market_order_in_the_closing_call() -> None:
    views = played(
        order("c", "sell", "conditional", 5, 10100), {"op": "phase", "phase": "close_call"}, order("b", "buy", "limit", 5, 9900), UNCROSS
    )
    assert of(views, "converted") == [("c", "5")]
    assert of(views, "trade") == [("b", "c", "9900", "5")]


def test_a_call_that_is_left_is_matched_first() -> None:
    views = played(OPEN_CALL, *SELLS_B, *BUYS_B, {"op": "reference", "price": "10000"}, {"op": "phase", "phase": "continuous"})
    assert of(views, "auction") == [("10000", "300")]


def test_a_partial_cancel_keeps_the_place_and_a_new_price_loses_it() -> None:
    queue = [order("a", "buy", "limit", 5, 10000), order("b", "buy", "limit", 5, 10000)]
    kept = played(*queue, {"op": "cancel", "id": "a", "quantity": 2}, order("s", "sell", "limit", 3, 10000))
    assert of(kept, "trade") == [("a", "s", "10000", "3")]
    lost = played(
        *queue, {"op": "amend", "id": "a", "price": 9990}, {"op": "amend", "id": "a", "price": 10000}, order("s", "sell", "limit", 3, 10000)
    )
    assert of(lost, "trade") == [("b", "s", "10000", "3")]


def test_numbers_are_exact_and_come_back_as_text() -> None:
    lines = [
        '{"op":"market","market":"UPBIT"}',
        '{"op":"order","id":"a","side":"buy","type":"limit","price":1000000,"quantity":0.12345678}',
        '{"op":"book"}',
    ]
    assert list(play(lines, MARKETS))[-1]["bids"] == [["1000000", "0.12345678"]]


WRONG = [
    ("nonsense", "script.bad_line"),
    ('{"op":"fly"}', "script.bad_line"),
    ('{"op":"phase","phase":"lunch"}', "script.bad_phase"),
    ('{"op":"order","id":"a","side":"buy","type":"limit","price":"1e999","quantity":1}', "script.bad_number"),
]


@pytest.mark.parametrize(("line", "code"), WRONG)
def test_a_wrong_line_is_said_with_its_number_and_the_others_are_played(line: str, code: str) -> None:
    good = json.dumps(order("a", "buy", "limit", 1, 10000))
    views = list(play([good, line, json.dumps(BOOK)], MARKETS))
    assert [(view["line"], view["code"]) for view in views if view["type"] == "error"] == [(2, code)]
    assert views[-1]["bids"] == [["10000", "1"]]


def test_a_market_line_comes_first_or_not_at_all() -> None:
    views = played(BOOK, {"op": "market", "market": "KRX"})
    assert [view["code"] for view in views if view["type"] == "error"] == ["script.market_late"]


def test_limits_and_ladder_can_be_chosen() -> None:
    market = {"op": "market", "market": "KRX", "ladder": [["0", "7"]], "limits": {"lower": "70", "upper": "140"}}
    views = played(market, order("a", "buy", "limit", 1, 77), order("b", "buy", "limit", 1, 78), order("c", "buy", "limit", 1, 147))
    assert [view["type"] for view in views] == ["accepted", "rest", "rejected", "rejected"]
