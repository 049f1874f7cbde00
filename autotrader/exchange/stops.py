"""Stop-limit orders that sleep (market-rules 5). Until one is activated it is in no book; then it is a limit order with its
original time of receipt."""

from heapq import heapify, heappop, heappush

from autotrader.domain.money import ZERO
from autotrader.domain.rule import OrderType
from autotrader.exchange.orders import Live
from autotrader.exchange.scale import BEYOND, Scale

LIMIT = OrderType.LIMIT
SLACK = 64
"""So many orders that left are let lie."""


class Stops:
    """The sleeping orders: sells with the highest stop first, buys with the lowest, then by time of receipt."""

    def __init__(self, scale: Scale) -> None:
        self._scale = scale
        self._heaps: dict[bool, list[tuple[int, int, Live]]] = {True: [], False: []}
        self.count = 0

    def add(self, order: Live) -> None:
        """Let an order sleep."""
        heappush(self._heaps[order.buys], (self._rank(order), order.seq, order))
        order.home = self
        self.count += 1

    def remove(self, order: Live) -> None:
        """Let an order go; its place in the heap is dropped when it surfaces."""
        order.open = ZERO
        order.home = None
        self.count -= 1
        if sum(map(len, self._heaps.values())) > 2 * self.count + SLACK:
            self._heaps = {buys: [entry for entry in heap if entry[2].home is self] for buys, heap in self._heaps.items()}
            for heap in self._heaps.values():
                heapify(heap)

    def hit(self, last: int) -> list[Live]:
        """Take out the orders that this price activates, in the order in which they wake. They are limit orders now.

        A buy wakes at or over its stop, a sell at or under it: inclusive by the rule text.
        """
        woken: list[Live] = []
        for buys, heap in self._heaps.items():
            bound = last if buys else -last
            while heap and heap[0][0] <= bound:
                order = heappop(heap)[2]
                if order.home is self:
                    self.count -= 1
                    order.home = None
                    order.type = LIMIT
                    woken.append(order)
        return woken

    def orders(self) -> list[Live]:
        """Return all that sleep, by time of receipt."""
        living = (order for heap in self._heaps.values() for _, _, order in heap if order.home is self)
        return sorted(living, key=lambda order: order.seq)

    def _rank(self, order: Live) -> int:
        stop = order.sent.stop
        key = BEYOND if stop is None else self._scale.key(stop)
        return key if order.buys else -key
