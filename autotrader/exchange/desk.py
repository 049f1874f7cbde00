"""The hands of a crowd at one exchange: it keeps the quotes that a plan wants, sends what takes, and knows what it has standing."""

from collections.abc import Sequence
from decimal import Decimal

from autotrader.domain.money import ZERO
from autotrader.domain.rule import OrderType, Side
from autotrader.exchange.events import Cancelled, Event, Rejected, Trade
from autotrader.exchange.exchange import Exchange
from autotrader.exchange.orders import Order
from autotrader.exchange.phases import CALLS, TRADING
from autotrader.exchange.population import Level, Plan, Want

OWN = "~"
"""Ids of the crowd's orders begin so; those from outside never do."""
CALL_ORDERS = 40
"""Of the crowd's orders in a call only so many stay: older ones are taken back, so that the expected price follows the value."""
TRIES = 3
"""Midpoint orders from outside trade before the quotes and are not seen: each further try is a hundred times as large."""


class _Standing:
    """One of the crowd's orders, with what of it still waits."""

    __slots__ = ("price", "rest", "side")

    def __init__(self, side: Side, price: Decimal | None, rest: Decimal) -> None:
        self.side = side
        self.price = price
        self.rest = rest


class Desk:
    """All orders of one crowd at one exchange. What the methods return are the exchange's events, in order."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._count = 0
        self._own: dict[str, _Standing] = {}
        self._quotes: dict[Side, dict[Decimal, str]] = {Side.BUY: {}, Side.SELL: {}}

    def act(self, plan: Plan, at: int) -> list[Event]:
        """Do one turn of continuous trading."""
        events = self._withdraw_others(plan, at)
        first = plan.takes[0] if plan.takes else None
        for side, levels in ((Side.BUY, plan.bids), (Side.SELL, plan.asks)):
            events += self._quote(side, levels, first, at)
        for want in plan.takes:
            events += self._take(want, at)
        return events

    def collect(self, wants: Sequence[Want], at: int) -> list[Event]:
        """Add orders to a call, and take the oldest back."""
        events: list[Event] = []
        for want in wants:
            events += self._send(want.side, OrderType.LIMIT, want.price, want.quantity, at)[1]
        while len(self._own) > CALL_ORDERS:
            events += self._cancel(next(iter(self._own)), at)
        return events

    def at_close_price(self, wants: Sequence[tuple[Side, Decimal]], at: int) -> list[Event]:
        """Send orders that trade at a fixed price."""
        events: list[Event] = []
        for side, quantity in wants:
            events += self._send(side, OrderType.CLOSE_PRICE, None, quantity, at)[1]
        return events

    def clear(self, at: int) -> list[Event]:
        """Take everything back."""
        events: list[Event] = []
        for order_id in list(self._own):
            events += self._cancel(order_id, at)
        return events

    def note(self, events: Sequence[Event]) -> None:
        """Learn from what happened at the exchange what became of the crowd's orders. Called once for every event."""
        for event in events:
            kind = type(event)
            if kind is Trade:
                self._filled(event.buy, event.quantity)  # type: ignore[union-attr]  # the type was just compared
                self._filled(event.sell, event.quantity)  # type: ignore[union-attr]
            elif kind is Cancelled:
                self._drop(event.id)  # type: ignore[union-attr]

    def _withdraw_others(self, plan: Plan, at: int) -> list[Event]:
        """Take back every order that the plan does not want where it stands."""
        wanted = {Side.BUY: {price for price, _ in plan.bids}, Side.SELL: {price for price, _ in plan.asks}}
        events: list[Event] = []
        for order_id, mine in list(self._own.items()):
            if mine.price not in wanted[mine.side] or self._quotes[mine.side].get(mine.price) != order_id:
                events += self._cancel(order_id, at)
        return events

    def _quote(self, side: Side, levels: Sequence[Level], first: Want | None, at: int) -> list[Event]:
        """Let every level stand with at least half of what is wanted there, and where the first order will take, enough for it."""
        events: list[Event] = []
        standing = self._quotes[side]
        for price, quantity in levels:
            there = standing.get(price)
            if there is not None:
                rest = self._own[there].rest
                if rest * 2 >= quantity and (first is None or price != first.price or rest >= first.quantity):
                    continue
                events += self._cancel(there, at)
            if self._exchange.phase_now not in TRADING:
                break  # an interruption came of what we sent
            order_id, happened = self._send(side, OrderType.LIMIT, price, quantity, at)
            events += happened
            if order_id in self._own:
                standing[price] = order_id
        return events

    def _take(self, want: Want, at: int) -> list[Event]:
        """Buy or sell at a price or better, and take back what is not filled; the last trade is at the price itself."""
        events: list[Event] = []
        for again in range(TRIES):
            if self._exchange.phase_now not in TRADING:
                break
            order_id, happened = self._send(
                want.side, OrderType.LIMIT, want.price, want.quantity * 100**again + self._better_than(want), at
            )
            events += happened
            if order_id in self._own and self._exchange.phase_now not in CALLS:
                events += self._cancel(order_id, at)
            if any(type(event) is Trade and event.price == want.price for event in happened):
                break
        return events

    def _better_than(self, want: Want) -> Decimal:
        """Return how much waits at better prices than the crowd's own: orders from outside, which are taken first."""
        best = self._exchange.best()[1 if want.side is Side.BUY else 0]
        if best is None or (best >= want.price if want.side is Side.BUY else best <= want.price) or best in self._quotes[_other(want.side)]:
            return ZERO
        levels = self._exchange.depth(CALL_ORDERS)[1 if want.side is Side.BUY else 0]
        own = self._quotes[_other(want.side)]
        better = (level for level in levels if level[0] not in own)
        return sum((q for p, q in better if (p < want.price if want.side is Side.BUY else p > want.price)), ZERO)

    def _send(self, side: Side, kind: OrderType, price: Decimal | None, quantity: Decimal, at: int) -> tuple[str, list[Event]]:
        """Send an order; return its id and what happened. It is known as standing while some of it waits."""
        self._count += 1
        order_id = f"{OWN}{self._count}"
        self._own[order_id] = _Standing(side, price, quantity)
        events = self._exchange.order(Order(order_id, side, kind, quantity, price), at)
        self.note(events)
        if type(events[0]) is Rejected:
            self._drop(order_id)
        return order_id, events

    def _cancel(self, order_id: str, at: int) -> list[Event]:
        events = self._exchange.cancel(order_id, at=at)
        self.note(events)
        self._drop(order_id)
        return events

    def _filled(self, order_id: str, quantity: Decimal) -> None:
        mine = self._own.get(order_id)
        if mine is not None:
            mine.rest -= quantity
            if mine.rest <= 0:
                self._drop(order_id)

    def _drop(self, order_id: str) -> None:
        mine = self._own.pop(order_id, None)
        if mine is not None and mine.price is not None and self._quotes[mine.side].get(mine.price) == order_id:
            del self._quotes[mine.side][mine.price]
        self._exchange.forget(order_id)


def _other(side: Side) -> Side:
    return Side.SELL if side is Side.BUY else Side.BUY
