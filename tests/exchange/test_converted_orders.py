"""A conditional limit order that stood in the middle of its queue becomes one market order for the closing call, not two."""

from datetime import date
from decimal import Decimal

from autotrader.config.markets import load_markets
from autotrader.domain.rule import OrderType, Side
from autotrader.domain.tick import InstrumentId
from autotrader.exchange.events import Auction, Trade
from autotrader.exchange.exchange import Exchange
from autotrader.exchange.orders import Order
from autotrader.exchange.phases import Phase
from autotrader.markets.profile import find_instrument


def test_an_order_that_converts_leaves_its_old_place_for_good() -> None:
    markets = load_markets()
    exchange = Exchange(markets["KRX"], find_instrument(markets, InstrumentId("KRX:005930")), day=date(2026, 11, 20))
    for name, side, kind, price in [
        ("before", Side.BUY, OrderType.LIMIT, 1996),
        ("conditional", Side.BUY, OrderType.CONDITIONAL, 1996),
        ("after", Side.BUY, OrderType.LIMIT, 1996),
        ("s1", Side.SELL, OrderType.LIMIT, 1997),
        ("s2", Side.SELL, OrderType.LIMIT, 1997),
    ]:
        exchange.order(Order(name, side, kind, Decimal(1), Decimal(price)), 0)
    exchange.phase(Phase.CLOSE_CALL, 1)
    events = exchange.uncross(2)
    assert [event.volume for event in events if isinstance(event, Auction)] == [Decimal(1)]
    assert [(event.buy, event.sell, event.price) for event in events if isinstance(event, Trade)] == [("conditional", "s1", Decimal(1997))]
