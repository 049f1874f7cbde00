"""Midpoint orders (market-rules 4): they wait beside the book, at the mean of its best quotes, and follow it."""

from autotrader.exchange.orders import Live
from autotrader.exchange.queues import Queue


class Midpoints:
    """The waiting midpoint orders of both sides, by time of receipt. They are no quotes: nobody's best price is theirs."""

    def __init__(self) -> None:
        self.bids = Queue()
        self.asks = Queue()
        self.count = 0

    def side(self, *, buys: bool) -> Queue:
        """Return the waiting buys or sells."""
        return self.bids if buys else self.asks

    def add(self, order: Live) -> None:
        """Let an order wait."""
        self.side(buys=order.buys).add(order)
        order.home = self
        self.count += 1

    def remove(self, order: Live) -> None:
        """Let an order go."""
        self.side(buys=order.buys).remove(order)
        order.home = None
        self.count -= 1

    def filled(self, order: Live) -> None:
        """Let the first of its side go, which is filled."""
        self.side(buys=order.buys).pop()
        order.home = None
        self.count -= 1

    def orders(self) -> list[Live]:
        """Return all that wait, by time of receipt."""
        return sorted([*self.bids.living(), *self.asks.living()], key=lambda order: order.seq)
