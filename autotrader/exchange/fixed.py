"""Off-hours trading at one fixed price (market-rules 1.1): time of receipt alone decides. It is beside the book."""

from decimal import Decimal

from autotrader.domain.rule import Side
from autotrader.domain.tick import Flag
from autotrader.exchange.events import Event, Trade
from autotrader.exchange.matching import Matching
from autotrader.exchange.orders import Live
from autotrader.exchange.queues import Queue

OFF_HOURS_PRINT = int(Flag.OFF_HOURS)


class FixedPrice:
    """The `close_price` orders of a window. Its trades are no prices of the market: they move neither the last price nor a stop."""

    def __init__(self, price: Decimal | None, session: str) -> None:
        self.price = price
        self.session = session
        self._bids = Queue()
        self._asks = Queue()

    def add(self, order: Live) -> None:
        """Let an order wait."""
        self._side(order).add(order)
        order.home = self

    def remove(self, order: Live) -> None:
        """Let an order go."""
        self._side(order).remove(order)
        order.home = None

    def match(self, matching: Matching, at: int) -> list[Event]:
        """Match what waits, the oldest of both sides first."""
        events: list[Event] = []
        while self.price is not None and self._bids and self._asks:
            buyer, seller = self._bids.waiting[0], self._asks.waiting[0]
            quantity = min(buyer.open, seller.open)
            matching.tape.number += 1
            aggressor = Side.BUY if buyer.seq > seller.seq else Side.SELL
            events.append(Trade(buyer.id, seller.id, self.price, quantity, at, matching.tape.number, aggressor, OFF_HOURS_PRINT))
            matching.fill(buyer, quantity)
            matching.fill(seller, quantity)
        return events

    def orders(self) -> list[Live]:
        """Return all that wait, by time of receipt."""
        return sorted([*self._bids.living(), *self._asks.living()], key=lambda order: order.seq)

    def _side(self, order: Live) -> Queue:
        return self._bids if order.buys else self._asks
