"""The orders of a paper account, in the order of acceptance, and which of them work. Remembers which changed."""

from collections.abc import Iterable, Iterator

from autotrader.brokers.paper.records import KeptOrder
from autotrader.domain.order import ENDED, BrokerOrder, OrderId
from autotrader.domain.tick import InstrumentId


class Orders:
    """Every order ever accepted."""

    def __init__(self, rows: Iterable[KeptOrder]) -> None:
        self._rows: dict[OrderId, KeptOrder] = {}
        self._working: dict[InstrumentId, dict[OrderId, None]] = {}
        self._changed: dict[OrderId, None] = {}
        for row in rows:
            self.put(row)
        self._changed = {}

    def put(self, row: KeptOrder) -> None:
        """Keep an order's new state: the one place that says what is working."""
        order = row.order
        self._rows[order.order_id] = row
        self._changed[order.order_id] = None
        if order.status not in ENDED:
            self._working.setdefault(order.instrument, {})[order.order_id] = None
        elif order.instrument in self._working:
            self._working[order.instrument].pop(order.order_id, None)
            if not self._working[order.instrument]:
                del self._working[order.instrument]

    def get(self, order_id: str) -> KeptOrder | None:
        """Return an order, or None."""
        return self._rows.get(OrderId(order_id))

    def rows(self) -> Iterable[KeptOrder]:
        """Return every order, earliest first."""
        return self._rows.values()

    def next_number(self) -> int:
        """Return the number of the next order."""
        return len(self._rows) + 1

    def works(self, instrument: InstrumentId) -> bool:
        """Return whether any order of an instrument works: asked for every print."""
        return instrument in self._working

    def working(self, instrument: InstrumentId) -> list[KeptOrder]:
        """Return the working orders of an instrument in time priority."""
        return [self._rows[order_id] for order_id in self._working.get(instrument, ())]

    def all_working(self) -> Iterator[BrokerOrder]:
        """Yield every working order."""
        return (self._rows[order_id].order for ids in self._working.values() for order_id in ids)

    def has_changed(self) -> bool:
        """Return whether any order changed since `changed` was called."""
        return bool(self._changed)

    def changed(self) -> tuple[KeptOrder, ...]:
        """Return the orders that changed since the last call, each once, in its present state."""
        changed = tuple(self._rows[order_id] for order_id in self._changed)
        self._changed = {}
        return changed
