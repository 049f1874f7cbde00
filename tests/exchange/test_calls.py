"""Call auctions through the exchange (market-rules 6): price, allocation, who takes part, and what is left."""

import pytest
from exchange_stories import exchange_of, said, tell

from autotrader.exchange.exchange import Exchange
from autotrader.exchange.phases import Phase


def called(exchange: Exchange, *orders: str, phase: str = "open_call") -> list[str]:
    """Collect orders in a call and match it."""
    return tell(exchange, f"phase {phase}", *orders, "uncross")


CASES = [
    pytest.param(
        "7800",
        [
            "s1 sell limit 150 7810",
            "s2 sell limit 200 7820",
            "s3 sell limit 150 7830",
            "s4 sell limit 200 7830",
            "s5 sell limit 50 7830",
            "b1 buy limit 100 7850",
            "b2 buy limit 150 7840",
            "b3 buy limit 200 7830",
            "b4 buy limit 150 7830",
        ],
        "auction 600@7830",
        id="A",
    ),
    pytest.param("10000", ["s sell limit 300 9800", "b buy limit 300 10100"], "auction 300@10000", id="B, previous inside"),
    pytest.param("10500", ["s sell limit 300 9800", "b buy limit 300 10100"], "auction 300@10100", id="B, previous above"),
    pytest.param("9000", ["s sell limit 300 9800", "b buy limit 300 10100"], "auction 300@9800", id="B, previous below"),
    pytest.param("9500", ["s sell limit 300 9800", "b buy limit 300 10100", "c buy limit 100 10000"], "auction 300@10000", id="C"),
    pytest.param("10600", ["s sell limit 300 9800", "t sell limit 100 9900", "b buy limit 300 10100"], "auction 300@9900", id="D"),
    pytest.param("10000", ["s sell market 5", "b buy limit 5 9900"], "auction 5@9900", id="a market order has every price"),
    pytest.param("10000", ["s sell market 5", "b buy market 5"], "auction 5@10000", id="only market orders: the previous price"),
    pytest.param("10000", ["s sell limit 5 10010", "b buy limit 5 10000"], "auction 0@None", id="nothing crosses"),
]


@pytest.mark.parametrize(("previous", "orders", "auction"), CASES)
def test_a_call_is_matched_at_one_price(previous, orders, auction):
    assert called(exchange_of(base=previous), *orders)[0] == auction


def test_case_a_is_shared_out_at_the_price_by_time_of_receipt():
    told = called(exchange_of(base="7800"), *CASES[0].values[1])
    assert told[1:] == [
        "b1<-s1 100@7830",
        "b2<-s1 50@7830",
        "b2<-s2 100@7830",
        "b3<-s2 100@7830",
        "b3<-s3 100@7830",
        "b4<-s3 50@7830",
        "b4<-s4 100@7830",
    ]


SHARED = [
    "b1 buy limit 1000 20150",
    "b2 buy limit 200 20150",
    "b3 buy limit 10000 20150",
    "b4 buy limit 5000 20150",
    "s sell limit 13100 20000",
]


@pytest.mark.parametrize("phase", ["open_call", "restart"])
def test_an_opening_or_restart_at_the_daily_limit_is_shared_by_quantity(phase):
    exchange = exchange_of(base="15500", limited=True)
    assert called(exchange, *SHARED, phase=phase) == [
        "auction 13100@20150",
        "b1<-s 550@20150",
        "b2<-s 150@20150",
        "b3<-s 9850@20150",
        "b4<-s 2550@20150",
    ]


def test_a_closing_call_at_the_daily_limit_is_shared_by_time():
    told = called(exchange_of(base="15500", limited=True), *SHARED, phase="close_call")
    assert told[1:] == ["b1<-s 1000@20150", "b2<-s 200@20150", "b3<-s 10000@20150", "b4<-s 1900@20150"]


def test_sharing_by_quantity_is_for_the_daily_limit_alone():
    told = called(exchange_of(base="16000", limited=True), *SHARED)
    assert told[1:3] == ["b1<-s 1000@20150", "b2<-s 200@20150"]


def test_a_market_buy_shares_with_the_limit_buys_at_the_upper_limit():
    exchange = exchange_of(base="15500", limited=True)
    told = called(exchange, "b1 buy limit 200 20150", "m buy market 200", "s sell limit 200 20150")
    assert told == ["auction 200@20150", "b1<-s 100@20150", "m<-s 100@20150"]


def test_the_expected_price_is_told_while_orders_are_collected():
    exchange = exchange_of(base="10000")
    tell(exchange, "phase open_call", "s sell limit 3 9990", "b buy limit 3 10010")
    assert [str(value) for value in exchange.expected() or ()] == ["10000", "3"]
    tell(exchange, "phase continuous")
    assert exchange.expected() is None


def test_a_call_that_was_not_matched_is_matched_when_it_is_left():
    exchange = exchange_of(base="10000")
    told = tell(exchange, "phase open_call", "s sell limit 3 9990", "b buy limit 3 10010", "phase continuous")
    assert told == ["auction 3@10000", "b<-s 3@10000", "phase continuous krx.continuous"]
    assert str(exchange.last) == "10000"


def test_a_call_that_was_matched_is_not_matched_again():
    exchange = exchange_of(base="10000")
    told = tell(exchange, "phase open_call", "s sell limit 5 9990", "b buy limit 3 10010", "uncross", "phase continuous")
    assert told == ["phase continuous krx.continuous"]


def test_what_came_after_the_match_is_matched_when_the_call_is_left():
    exchange = exchange_of(base="10000")
    told = tell(
        exchange, "phase open_call", "s sell limit 5 9990", "b buy limit 3 10010", "uncross", "c buy limit 1 9990", "phase continuous"
    )
    assert told[:2] == ["auction 1@9990", "c<-s 1@9990"]


def test_what_a_call_leaves_goes_on_in_continuous_trading_and_market_orders_stay_what_they_are():
    exchange = exchange_of(base="10000")
    told = tell(exchange, "phase open_call", "m buy market 5", "s sell limit 2 10000", "phase continuous")
    assert told == ["auction 2@10000", "m<-s 2@10000", "phase continuous krx.continuous"]
    assert tell(exchange, "t sell limit 3 9990") == ["m<-t 3@10000"]


def test_conditional_orders_become_market_orders_when_the_closing_call_begins():
    exchange = exchange_of(base="10000")
    told = tell(exchange, "b buy limit 4 9950", "c sell conditional 5 10100", "l sell limit 1 9960", "phase close_call")
    assert told == ["phase close_call krx.close_call", "c is a market order 5"]
    assert tell(exchange, "phase after")[:2] == ["auction 4@9950", "b<-c 4@9950"]


def test_a_conditional_order_is_received_when_the_closing_call_begins():
    exchange = exchange_of(base="10000")
    tell(exchange, "c1 sell conditional 1 10100", "m sell market 1", "c2 sell conditional 1 10200", "phase close_call", "n sell market 1")
    assert tell(exchange, "b buy limit 4 9950", "uncross")[1:] == ["b<-m 1@9950", "b<-c1 1@9950", "b<-c2 1@9950", "b<-n 1@9950"]


def test_on_open_orders_wait_for_the_opening_and_end_with_it():
    exchange = exchange_of("US", base="100")
    tell(exchange, "phase pre", "m buy moo 10", "l sell loo 4 99.50", "k sell loo 5 101", "p sell limit 3 99")
    assert exchange.best() == (None, 99)
    told = tell(exchange, "phase open_call")
    assert told == ["phase open_call us.regular", "m rests 10@market", "l rests 4@99.5", "k rests 5@101"]
    told = tell(exchange, "phase continuous")
    assert told[:4] == ["auction 10@101", "m<-p 3@101", "m<-l 4@101", "m<-k 3@101"]
    assert told[4:] == ["k ends 2 auction_over", "phase continuous us.regular"]


def test_on_close_orders_wait_through_the_day():
    exchange = exchange_of("US", base="100")
    tell(exchange, "m sell moc 10", "l buy loc 4 100", "b buy limit 3 99.5")
    assert tell(exchange, "phase close_call", "uncross") == ["auction 7@99.5", "l<-m 4@99.5", "b<-m 3@99.5"]
    assert tell(exchange, "phase after") == ["m ends 3 auction_over", "phase after us.post"]


def test_an_on_close_order_may_be_cancelled_until_its_time():
    exchange = exchange_of("US", base="100")
    assert tell(exchange, "m sell moc 10", "cancel m") == ["m ends 10 by_owner"]
    tell(exchange, "n sell moc 10")
    exchange.cut_off(frozenset({"moc", "loc"}))
    assert tell(exchange, "cancel n") == ["n refused cut_off"]
    assert tell(exchange, "o sell moc 10") == ["o refused cut_off"]
    assert tell(exchange, "p sell limit 10 101") == ["p rests 10@101"]


def test_a_call_outside_any_call_is_nothing():
    assert said(exchange_of().uncross(1)) == []


def test_the_phase_may_be_named_by_its_word():
    assert exchange_of().phase("halt", 1)[0].phase == Phase.HALT.value  # type: ignore[arg-type]
