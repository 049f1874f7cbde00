"""The orders of a paper account, in the order of acceptance, and which of them work. Remembers which changed."""

from collections.abc import Iterable, Iterator

from autotrader.brokers.paper.records import KeptOrder, Stage
from autotrader.domain.order import ENDED, BrokerOrder, OrderId
from autotrader.domain.tick import InstrumentId


class Orders:
    """Every order ever accepted, and those on their way to a simulated exchange."""

    def __init__(self, rows: Iterable[KeptOrder]) -> None:
        self._rows: dict[OrderId, KeptOrder] = {}
        self._working: dict[InstrumentId, dict[OrderId, None]] = {}
        self._filling: dict[InstrumentId, dict[OrderId, None]] = {}
        self._by_client: dict[str, OrderId] = {}
        self._changed: dict[OrderId, None] = {}
        for row in rows:
            self.put(row)
        self._changed = {}

    def put(self, row: KeptOrder) -> None:
        """Keep an order's new state: the one place that says what is working."""
        order = row.order
        self._rows[order.order_id] = row
        self._changed[order.order_id] = None
        if order.client_id:
            self._by_client[order.client_id] = order.order_id
        works = order.status not in ENDED
        _list(self._working, order, listed=works)
        _list(self._filling, order, listed=works and row.stage is Stage.PRINTS)

    def get(self, order_id: str) -> KeptOrder | None:
        """Return an order, or None."""
        return self._rows.get(OrderId(order_id))

    def of_client(self, client_id: str) -> KeptOrder | None:
        """Return the newest order that a client id made, or None."""
        order_id = self._by_client.get(client_id)
        return self._rows[order_id] if order_id is not None else None

    def rows(self) -> Iterable[KeptOrder]:
        """Return every order, earliest first."""
        return self._rows.values()

    def next_number(self) -> int:
        """Return the number of the next order."""
        return len(self._rows) + 1

    def fills_here(self, instrument: InstrumentId) -> bool:
        """Return whether any order of an instrument fills from prints: asked for every one."""
        return instrument in self._filling

    def filling(self, instrument: InstrumentId) -> list[KeptOrder]:
        """Return the orders of an instrument that fill from prints, in time priority."""
        return [self._rows[order_id] for order_id in self._filling.get(instrument, ())]

    def working(self, instrument: InstrumentId) -> list[KeptOrder]:
        """Return the working orders of an instrument, wherever they fill, earliest first."""
        return [self._rows[order_id] for order_id in self._working.get(instrument, ())]

    def all_working(self) -> Iterator[KeptOrder]:
        """Yield every working order."""
        return (self._rows[order_id] for ids in self._working.values() for order_id in ids)

    def has_changed(self) -> bool:
        """Return whether any order changed since `changed` was called."""
        return bool(self._changed)

    def changed(self) -> tuple[KeptOrder, ...]:
        """Return the orders that changed since the last call, each once, in its present state."""
        changed = tuple(self._rows[order_id] for order_id in self._changed)
        self._changed = {}
        return changed


def _list(lists: dict[InstrumentId, dict[OrderId, None]], order: BrokerOrder, *, listed: bool) -> None:
    """Have an order in its instrument's list or not, and no list that is empty."""
    if listed:
        lists.setdefault(order.instrument, {})[order.order_id] = None
    elif order.instrument in lists:
        lists[order.instrument].pop(order.order_id, None)
        if not lists[order.instrument]:
            del lists[order.instrument]
