"""A queue by time of receipt, from whose middle orders may go."""

from collections import deque
from collections.abc import Iterator

from autotrader.domain.money import ZERO
from autotrader.exchange.orders import Live

DEAD = 16
"""So many cancelled orders in a queue are let lie."""


class Queue:
    """Orders, oldest first. One that goes from the middle is marked by an open quantity of zero and dropped when it comes to
    the front, or when such orders become many. The first is never one of them; `dead` counts those behind it."""

    __slots__ = ("dead", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Live] = deque()
        self.dead = 0

    def __bool__(self) -> bool:
        return bool(self.waiting)

    def add(self, order: Live) -> None:
        """Put an order at the end; one that is older than others (a stop that woke) before them."""
        waiting = self.waiting
        if not waiting or waiting[-1].seq < order.seq:
            waiting.append(order)
            return
        self._compact()
        place = next((place for place, other in enumerate(self.waiting) if other.seq > order.seq), len(self.waiting))
        self.waiting.insert(place, order)

    def pop(self) -> None:
        """Drop the first order, and the cancelled ones behind it."""
        waiting = self.waiting
        waiting.popleft()
        while self.dead and waiting and not waiting[0].open:
            waiting.popleft()
            self.dead -= 1

    def remove(self, order: Live) -> None:
        """Take an order out, wherever it stands. Its open quantity is zero afterwards."""
        order.open = ZERO
        if self.waiting[0] is order:
            self.pop()
        elif self.waiting[-1] is order:
            self.waiting.pop()
        else:
            self.dead += 1
            if self.dead > DEAD and self.dead * 2 > len(self.waiting):
                self._compact()

    def living(self) -> Iterator[Live]:
        """Yield the orders that wait here, oldest first."""
        return (order for order in self.waiting if order.open)

    def _compact(self) -> None:
        self.waiting = deque(self.living())
        self.dead = 0
