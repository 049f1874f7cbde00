"""On-open and on-close orders (market-rules 1.4), which wait for their auction and for nothing else."""

from autotrader.domain.money import ZERO
from autotrader.domain.rule import OrderType
from autotrader.exchange.orders import Live

ON_OPEN = frozenset({OrderType.MOO, OrderType.LOO})
ON_CLOSE = frozenset({OrderType.MOC, OrderType.LOC})
IN_AUCTION = {
    OrderType.MOO: OrderType.MARKET,
    OrderType.MOC: OrderType.MARKET,
    OrderType.LOO: OrderType.LIMIT,
    OrderType.LOC: OrderType.LIMIT,
}
"""What they are once their auction's call has begun."""


class Held:
    """The orders that wait for an auction, by time of receipt."""

    def __init__(self) -> None:
        self._waiting: dict[str, Live] = {}

    def add(self, order: Live) -> None:
        """Hold an order."""
        self._waiting[order.id] = order
        order.home = self

    def remove(self, order: Live) -> None:
        """Let an order go."""
        del self._waiting[order.id]
        order.open = ZERO
        order.home = None

    def release(self, types: frozenset[OrderType]) -> list[Live]:
        """Hand out the orders of some types."""
        going = [order for order in self._waiting.values() if order.type in types]
        for order in going:
            del self._waiting[order.id]
            order.home = None
        return going

    def orders(self) -> list[Live]:
        """Return all that wait."""
        return list(self._waiting.values())
