"""The simulated market without hours: it prints its walk, and takes orders from outside."""

from decimal import Decimal
from itertools import pairwise

import pytest
from markets_of import FACTS, HYNIX, SAMSUNG, plain, prints_of, turns

from autotrader.domain.rule import OrderType, Side, TimeInForce
from autotrader.domain.settings import SimInstrument
from autotrader.domain.tick import InstrumentId, Quote
from autotrader.exchange.desk import Desk
from autotrader.exchange.market import SimMarket
from autotrader.exchange.orders import Order
from autotrader.exchange.place import ladder_of
from autotrader.exchange.population import Plan
from autotrader.exchange.stall import Ended, Filled
from autotrader.exchange.walk import Walk
from autotrader.feeds.sim.dice import dice_for
from autotrader.feeds.sim.issues import issue_of

LIVELY = SimInstrument(start=Decimal(70000), volatility=Decimal("0.3"))
BUY, SELL = Side.BUY, Side.SELL


def scripted(*prices: str) -> dict[InstrumentId, SimInstrument]:
    path = tuple(map(Decimal, prices))
    return {SAMSUNG: SimInstrument(start=path[0], path=path)}


def order(side: Side, quantity: int, price: str = "", *, name: str = "me/1", tif: TimeInForce = TimeInForce.DAY) -> Order:
    kind = OrderType.LIMIT if price else OrderType.MARKET
    return Order(name, side, kind, Decimal(quantity), Decimal(price) if price else None, tif=tif)


def entered(market: SimMarket, sent: Order) -> list[Filled]:
    """Enter an order that is taken; return its fills so far."""
    refused, told = market.enter(SAMSUNG, sent)
    assert refused is None
    return [event for event in told if isinstance(event, Filled)]


@pytest.mark.parametrize("seed", [1, 7, 217])
@pytest.mark.parametrize("name", ["KRX:005930", "BINANCE:BTCUSDT", "UPBIT:KRW-BTC", "US:AAPL"])
def test_what_is_printed_is_the_walk_price_and_size_once_a_step(name: str, seed: int) -> None:
    instrument = InstrumentId(name)
    spec = SimInstrument(start=Decimal(60000), volatility=Decimal("0.4"))
    issue = issue_of(FACTS, instrument, spec, 1_795_129_200_000_000_000, hours=False)
    walk = Walk(spec, ladder_of(issue), issue.instrument.lot, dice_for(seed, instrument))
    printed = [(tick.price, tick.size) for tick in prints_of(turns(plain({instrument: spec}, seed=seed), 300))]
    assert printed == [walk.move() for _ in range(300)]


@pytest.mark.parametrize(
    "prices",
    [
        pytest.param(("70000", "75000", "10", "1000000"), id="beyond any daily limit"),
        pytest.param(("70000", "73000.5", "69161.25"), id="between two steps"),
        pytest.param(("70000", "70000", "70000"), id="quiet"),
        pytest.param(("199900", "200000", "200500"), id="across a band"),
    ],
)
def test_a_script_is_printed_to_the_won_one_price_a_step(prices: tuple[str, ...]) -> None:
    ticks = prints_of(turns(plain(scripted(*prices)), len(prices) + 2))
    assert [tick.price for tick in ticks] == [*map(Decimal, prices), *[Decimal(prices[-1])] * 2]
    assert [tick.sequence for tick in ticks] == list(range(1, len(ticks) + 1))


def test_the_same_seed_gives_the_same_events_and_another_one_others() -> None:
    two = {SAMSUNG: LIVELY, HYNIX: LIVELY}
    assert turns(plain(two), 400) == turns(plain(two), 400)
    assert turns(plain(two), 400) != turns(plain(two, seed=8), 400)


def test_quotes_stand_around_the_last_price_and_are_told_when_they_change() -> None:
    quotes = [event for event in turns(plain({SAMSUNG: LIVELY}), 300) if isinstance(event, Quote)]
    assert all(quote.bid is not None and quote.ask is not None and quote.bid < quote.ask for quote in quotes)
    told = [(quote.bid, quote.bid_size, quote.ask, quote.ask_size) for quote in quotes]
    assert all(before != after for before, after in pairwise(told))


def test_a_market_order_takes_the_quotes_and_a_large_one_goes_through_levels() -> None:
    market = plain(scripted("70000"))
    turns(market, 3)
    small = entered(market, order(SELL, 5))
    assert [(fill.id, fill.quantity) for fill in small] == [("me/1", Decimal(5))]
    assert small[0].price in (69900, 70000)
    large = entered(market, order(SELL, 500, name="me/2"))
    assert len({fill.price for fill in large}) > 1
    assert large[0].price > large[-1].price


def test_a_limit_order_waits_until_the_price_comes_to_it() -> None:
    market = plain(scripted("70000", "70000", "69000", "68000"))
    turns(market, 1)
    assert entered(market, order(BUY, 30, "69000")) == []
    fills = [event for event in turns(market, 3) if isinstance(event, Filled)]
    assert sum(fill.quantity for fill in fills) == 30
    assert {fill.price for fill in fills} == {Decimal(69000)}


def test_an_order_taken_back_says_that_it_ended() -> None:
    market = plain(scripted("70000"))
    turns(market, 1)
    entered(market, order(BUY, 30, "60000"))
    refused, told = market.cancel(SAMSUNG, "me/1")
    assert refused is None
    assert [event.id for event in told if isinstance(event, Ended)] == ["me/1"]
    again, _ = market.cancel(SAMSUNG, "me/1")
    assert again is not None


def test_what_an_ioc_order_cannot_fill_ends_at_once() -> None:
    market = plain(scripted("70000"))
    turns(market, 1)
    refused, told = market.enter(SAMSUNG, order(BUY, 10, "60000", tif=TimeInForce.IOC))
    assert refused is None
    assert [type(event) for event in told] == [Ended]


def test_a_refusal_says_why() -> None:
    market = plain(scripted("70000"))
    turns(market, 1)
    off_tick, _ = market.enter(SAMSUNG, order(BUY, 10, "60001"))
    elsewhere, _ = market.enter(SAMSUNG, order(BUY, 10, "60000"), "NXT")
    unheard_of, _ = market.enter(HYNIX, order(BUY, 10, "60000"))
    assert [wrong.code if wrong else "" for wrong in (off_tick, elsewhere, unheard_of)] == [
        "exchange.tick",
        "exchange.not_here",
        "exchange.not_here",
    ]


def test_a_small_order_from_outside_leaves_the_path_as_it_was() -> None:
    alone, visited = plain({SAMSUNG: LIVELY}), plain({SAMSUNG: LIVELY})
    before = [tick.price for tick in prints_of(turns(alone, 200))]
    turns(visited, 20)
    entered(visited, order(SELL, 7))
    entered(visited, order(BUY, 3, "60000", name="me/2"))
    assert [tick.price for tick in prints_of(turns(visited, 180))] == before[20:]


@pytest.mark.parametrize("price", ["69000", "69900", "69950", "70000"])
def test_a_wall_from_outside_trades_first_where_it_is_better_and_the_scripted_price_is_still_printed(price: str) -> None:
    market = plain(scripted("70000", "70100", "70200", "70100"))
    turns(market, 1)
    wall = "69900" if price == "69950" else price
    entered(market, order(SELL, 100_000, wall))
    for expected in ("70100", "70200", "70100"):
        assert Decimal(expected) in [tick.price for tick in prints_of(turns(market, 1))]


def test_a_midpoint_order_does_not_swallow_the_scripted_price() -> None:
    market = plain(scripted("70000", "70000", "70100", "70000"))
    turns(market, 1)
    midpoint = Order("me/1", SELL, OrderType.MIDPOINT, Decimal(1000))
    refused, _ = market.enter(SAMSUNG, midpoint)
    assert refused is None
    for expected in ("70000", "70100", "70000"):
        assert Decimal(expected) in [tick.price for tick in prints_of(turns(market, 1))]


def test_the_market_forgets_the_orders_of_its_own_crowd() -> None:
    market = plain({SAMSUNG: LIVELY})
    turns(market, 500)
    remembered = market.stalls(SAMSUNG)[0].exchange.remembered
    assert remembered < 30, "a market that never closes would remember ever more orders"


def test_a_desk_that_quotes_beside_the_plan_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A planted fault: the crowd's quotes a step off make other prints than the walk's."""
    act = Desk.act
    monkeypatch.setattr(Desk, "act", lambda desk, plan, at: act(desk, Plan(plan.bids[1:], plan.asks[1:], plan.takes), at))
    with pytest.raises(AssertionError):
        test_what_is_printed_is_the_walk_price_and_size_once_a_step("KRX:005930", 7)
