"""Every order type in continuous trading (market-rules 2, 2.1, 4, 5): what it trades at, and what becomes of its rest."""

import pytest
from exchange_stories import exchange_of, tell

BOOK = ["b1 buy limit 10 10000", "b2 buy limit 10 9990", "s1 sell limit 10 10010", "s2 sell limit 10 10020"]


@pytest.mark.parametrize(
    ("lines", "happens"),
    [
        pytest.param(["o buy limit 5 9980"], ["o rests 5@9980"], id="a limit order rests"),
        pytest.param(["o buy limit 15 10020"], ["o<-s1 10@10010", "o<-s2 5@10020"], id="it takes the best prices, at their price"),
        pytest.param(["o sell limit 15 10000"], ["b1<-o 10@10000", "o rests 5@10000"], id="the rest of it waits at its own"),
        pytest.param(["s3 sell limit 5 10010", "o buy limit 12 10010"], ["o<-s1 10@10010", "o<-s3 2@10010"], id="then time decides"),
        pytest.param(["o buy market 15"], ["o<-s1 10@10010", "o<-s2 5@10020"], id="a market order takes what there is"),
        pytest.param(
            ["o buy market 25"], ["o<-s1 10@10010", "o<-s2 10@10020", "o rests 5@market"], id="its rest stays a market order (KRX)"
        ),
        pytest.param(["o buy best 15"], ["o<-s1 10@10010", "o rests 5@10010"], id="best limit is at the opposite best, then fixed"),
        pytest.param(["o sell best 15"], ["b1<-o 10@10000", "o rests 5@10000"], id="best limit, selling"),
        pytest.param(["o buy priority 5"], ["o rests 5@10000"], id="priority limit is at the own best"),
        pytest.param(["o sell priority 5"], ["o rests 5@10010"], id="priority limit, selling"),
        pytest.param(
            ["o buy priority 5", "b3 buy limit 1 10000", "cancel b1", "x sell limit 6 10000"],
            ["o<-x 5@10000", "b3<-x 1@10000"],
            id="in its turn",
        ),
        pytest.param(["o buy conditional 15 10010"], ["o<-s1 10@10010", "o rests 5@10010"], id="a conditional order is a limit order"),
        pytest.param(["o buy limit_ioc 15 10010"], ["o<-s1 10@10010", "o ends 5 ioc"], id="IOC"),
        pytest.param(["o buy market_ioc 25"], ["o<-s1 10@10010", "o<-s2 10@10020", "o ends 5 ioc"], id="market IOC"),
        pytest.param(["o buy best_ioc 15"], ["o<-s1 10@10010", "o ends 5 ioc"], id="best IOC"),
        pytest.param(["o buy limit_ioc 5 10000"], ["o ends 5 ioc"], id="IOC that meets nobody"),
        pytest.param(["o buy limit_fok 11 10010"], ["o ends 11 fok"], id="FOK that cannot be whole"),
        pytest.param(["o buy limit_fok 20 10020"], ["o<-s1 10@10010", "o<-s2 10@10020"], id="FOK that can"),
        pytest.param(["o buy best_fok 10"], ["o<-s1 10@10010"], id="best FOK"),
        pytest.param(["o buy market_fok 21"], ["o ends 21 fok"], id="market FOK"),
    ],
)
def test_an_order_meets_the_book(lines, happens):
    assert tell(exchange_of(base="10000"), *BOOK, *lines) == happens


@pytest.mark.parametrize(
    ("lines", "happens"),
    [
        pytest.param(["b buy limit 1 10000", "o buy best 1"], ["o rests 1@10010"], id="best buy, no ask: a step over the best bid"),
        pytest.param(["s sell limit 1 10000", "o sell best 1"], ["o rests 1@9990"], id="best sell, no bid: a step under the best ask"),
        pytest.param(["s sell limit 1 20000", "o sell best 1"], ["o rests 1@19990"], id="the step that is moved into"),
        pytest.param(["o buy best 1"], ["o rests 1@10000"], id="best, nobody there: the previous price"),
        pytest.param(["o sell priority 1"], ["o rests 1@10000"], id="priority, nobody there: the previous price"),
        pytest.param(["b buy limit 1 10000", "o sell priority 1"], ["b<-o 1@10000"], id="which may meet a bid"),
        pytest.param(["m buy market 5", "o sell limit 5 9900"], ["m<-o 5@10000"], id="a waiting market buy: the previous price"),
        pytest.param(["m buy market 5", "o sell limit 5 10100"], ["m<-o 5@10100"], id="or the ask that comes, if higher"),
        pytest.param(["m buy market 5", "b buy limit 1 10050", "o sell limit 5 9900"], ["m<-o 5@10060"], id="or a step over the best bid"),
        pytest.param(["m sell market 5", "s sell limit 1 9960", "o buy limit 5 9955"], ["o refused tick"], id="(off the step)"),
        pytest.param(
            ["m sell market 5", "s sell limit 1 9960", "o buy limit 5 9960"], ["o<-m 5@9950"], id="a waiting market sell, mirrored"
        ),
        pytest.param(["m sell market 5", "o buy market 5"], ["o<-m 5@10000"], id="two market orders: the previous price"),
    ],
)
def test_an_order_without_a_price_is_deemed_to_have_one(lines, happens):
    assert tell(exchange_of(base="10000"), *lines) == happens


def test_nothing_says_a_price_where_nobody_quotes_and_nothing_traded():
    exchange = exchange_of()
    assert tell(exchange, "o buy best 1") == ["o refused no_quote"]
    assert tell(exchange, "m sell market 5", "n buy market 5") == ["n rests 5@market"]


def test_best_limit_stays_inside_the_daily_limits():
    exchange = exchange_of(base="10000", limited=True)
    assert tell(exchange, "b buy limit 1 13000", "o buy best 1") == ["o rests 1@13000"]


def test_the_price_of_a_best_order_is_fixed_at_receipt():
    exchange = exchange_of(base="10000")
    assert tell(exchange, *BOOK, "o buy best 15", "s3 sell limit 5 10030", "x sell limit 5 10000") == ["o<-x 5@10010"]


def test_a_market_order_goes_before_every_limit_order_but_the_one_at_the_daily_limit_in_its_favour():
    exchange = exchange_of(base="10000", limited=True)
    tell(exchange, "phase vi", "a buy limit 1 13000", "m buy market 1", "b buy limit 1 12990", "phase continuous")
    assert tell(exchange, "o sell limit 1 10000") == ["a<-o 1@13000"]
    assert tell(exchange, "o2 sell limit 2 10000") == ["m<-o2 1@13000", "b<-o2 1@12990"]


MIDPOINTS = [
    ("10000", "10020", "10010"),
    ("10000", "10010", "10005"),
    ("1501", "1502", "1501"),
    ("2000", "2005", "2002"),
]


@pytest.mark.parametrize(("bid", "ask", "mid"), MIDPOINTS)
def test_midpoint_orders_trade_at_the_mean_with_fractions_of_a_won_cut(bid, ask, mid):
    exchange = exchange_of(base=bid)
    assert tell(exchange, f"b buy limit 1 {bid}", f"s sell limit 1 {ask}", "m buy midpoint 3") == [f"m rests 3@{mid}"]
    last = tell(exchange, "n sell midpoint 2")
    assert last == ([f"b<-n 1@{mid}", f"m<-n 1@{mid}"] if mid == bid else [f"m<-n 2@{mid}"])


@pytest.mark.parametrize(
    ("lines", "happens"),
    [
        pytest.param(["o sell limit 4 10000"], ["m<-o 3@10010", "b<-o 1@10000"], id="it is better than the best bid for who comes to sell"),
        pytest.param(["o sell market 4"], ["m<-o 3@10010", "b<-o 1@10000"], id="or for a market order"),
        pytest.param(["o sell limit 4 10010"], ["m<-o 3@10010", "o rests 1@10010"], id="and for a limit at the mean"),
        pytest.param(["b2 buy limit 1 10010", "o sell midpoint 1"], ["m<-o 1@10015"], id="it follows the book"),
        pytest.param(["cancel s", "o sell midpoint 1"], ["o rests 1@market"], id="it is suspended while one side has no quote"),
        pytest.param(["cancel s", "o sell limit 1 10000"], ["b<-o 1@10000"], id="and then nobody trades with it"),
        pytest.param(
            ["cancel s", "o sell midpoint 1", "t sell limit 1 10040"],
            ["t rests 1@10040", "m<-o 1@10020"],
            id="it goes on when there are two",
        ),
        pytest.param(["o buy priority 1"], ["o rests 1@10000"], id="it is nobody's best quote"),
        pytest.param(["o sell limit_fok 5 10000"], ["o ends 5 fok"], id="FOK counts it: three and one are not five"),
        pytest.param(["o sell limit_fok 4 10000"], ["m<-o 3@10010", "b<-o 1@10000"], id="FOK counts it: three and one are four"),
        pytest.param(["amend m price=10000"], ["m refused nothing"], id="it has no price to change"),
        pytest.param(["amend m type=limit price=10000"], ["m refused midpoint_type"], id="it cannot become another type"),
        pytest.param(["amend b type=midpoint"], ["b refused midpoint_type"], id="no other type becomes one"),
        pytest.param(
            ["phase vi", "o sell limit 3 10000", "phase continuous"],
            ["auction 1@10000", "b<-o 1@10000", "phase continuous krx.continuous"],
            id="no call sees it",
        ),
    ],
)
def test_a_midpoint_order(lines, happens):
    assert tell(exchange_of(base="10000"), "b buy limit 1 10000", "s sell limit 1 10020", "m buy midpoint 3", *lines) == happens


STOPS = [
    pytest.param(
        ["b buy limit 5 11000", "t buy limit 9 10800", "s sell stop_limit 5 10500 stop=11000", "x sell limit 5 11000"],
        ["b<-x 5@11000", "s wakes at 11000", "t<-s 5@10800"],
        id="sell, bought at 12,000: 11,000 wakes it and it takes the best bids over its limit",
    ),
    pytest.param(
        ["s sell stop_limit 5 10500 stop=11000", "b buy limit 1 10200", "x sell limit 1 10200"],
        ["b<-x 1@10200", "s wakes at 10200", "s rests 5@10500"],
        id="a gap under the limit: it rests above the market",
    ),
    pytest.param(
        ["a sell limit 9 16300", "s buy stop_limit 5 16500 stop=16000", "b sell limit 1 16000", "x buy limit 1 16000"],
        ["x<-b 1@16000", "s wakes at 16000", "s<-a 5@16300"],
        id="a breakout buy",
    ),
    pytest.param(["s sell stop_limit 5 16500 stop=16000"], ["s refused stop_sell"], id="a sell's limit over its stop is invalid"),
    pytest.param(["s buy stop_limit 5 15500 stop=16000"], ["s refused stop_buy"], id="a buy's under it too"),
    pytest.param(["s sell stop_limit 5 11000"], ["s refused no_stop"], id="a stop needs a stop"),
    pytest.param(["s sell stop_limit 5 11000 stop=11005"], ["s refused tick"], id="on the step"),
    pytest.param(
        ["s sell stop_limit 5 11900 stop=12000"], ["s wakes at 12000", "s rests 5@11900"], id="the base price stands for the last"
    ),
    pytest.param(
        [
            "s1 sell stop_limit 1 10000 stop=10900",
            "s2 sell stop_limit 1 10000 stop=11000",
            "s3 sell stop_limit 1 10000 stop=10900",
            "b buy limit 1 10900",
            "x sell limit 1 10900",
        ],
        [
            "b<-x 1@10900",
            "s2 wakes at 10900",
            "s1 wakes at 10900",
            "s3 wakes at 10900",
            "s2 rests 1@10000",
            "s1 rests 1@10000",
            "s3 rests 1@10000",
        ],
        id="several hit by one trade: sells with the higher stop first, then time",
    ),
    pytest.param(
        [
            "s1 buy stop_limit 1 14000 stop=13100",
            "s2 buy stop_limit 1 14000 stop=13000",
            "b sell limit 1 13100",
            "x buy limit 1 13100",
        ],
        ["x<-b 1@13100", "s2 wakes at 13100", "s1 wakes at 13100", "s2 rests 1@14000", "s1 rests 1@14000"],
        id="buys with the lower stop first",
    ),
    pytest.param(
        ["s sell stop_limit 2 10900 stop=11000", "l sell limit 2 10900", "b buy limit 3 11000"],
        ["b<-l 2@10900", "b rests 1@11000", "s wakes at 10900", "b<-s 1@11000", "s rests 1@10900"],
        id="what it trades is the price of who waited",
    ),
    pytest.param(
        ["s sell stop_limit 2 10900 stop=11000", "l sell limit 2 10900", "b buy limit 1 10900", "o buy limit 2 10900"],
        ["o<-s 2@10900"],
        id="it keeps its time of receipt: before the limit order that came after it",
    ),
    pytest.param(
        [
            "s1 sell stop_limit 1 10400 stop=10500",
            "s2 sell stop_limit 1 10500 stop=11000",
            "b1 buy limit 1 11000",
            "b2 buy limit 1 10500",
            "b3 buy limit 1 10400",
            "x sell limit 1 11000",
        ],
        ["b1<-x 1@11000", "s2 wakes at 11000", "b2<-s2 1@10500", "s1 wakes at 10500", "b3<-s1 1@10400"],
        id="one wakes another",
    ),
]


@pytest.mark.parametrize(("lines", "happens"), STOPS)
def test_stop_limit_orders(lines, happens):
    assert tell(exchange_of(base="12000"), *lines) == happens


def test_a_sleeping_stop_is_in_no_book():
    exchange = exchange_of(base="12000")
    tell(exchange, "s sell stop_limit 5 10500 stop=11000")
    assert (exchange.best(), exchange.depth(5), str(exchange.open_quantity("s"))) == ((None, None), ([], []), "5")


def test_a_call_wakes_no_stop_before_trading_goes_on():
    exchange = exchange_of(base="12000")
    told = tell(
        exchange, "s sell stop_limit 5 10500 stop=11000", "phase vi", "b buy limit 5 10900", "x sell limit 3 10900", "phase continuous"
    )
    assert told == [
        "auction 3@10900",
        "b<-x 3@10900",
        "phase continuous krx.continuous",
        "s wakes at 10900",
        "b<-s 2@10900",
        "s rests 3@10500",
    ]


def test_a_stop_that_rests_amid_others_keeps_the_queue_in_order():
    exchange = exchange_of(base="12000")
    tell(exchange, "s sell stop_limit 2 10900 stop=11000", "l sell limit 2 11500", "amend l price=10900", "k sell limit 1 10900")
    assert tell(exchange, "phase vi", "b buy limit 1 10900", "phase continuous")[-1] == "s rests 2@10900"
    assert tell(exchange, "c buy limit 4 10900") == ["c<-s 2@10900", "c<-l 1@10900", "c<-k 1@10900"]
