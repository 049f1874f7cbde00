"""The rehearsal broker's own books: orders by number, holdings, cash. It knows nothing of client ids, on purpose.

Written apart from the paper account, so that the two check each other through the broker contract.
"""

from decimal import ROUND_DOWN, Decimal

from msgspec.structs import replace

from autotrader.brokers.loopback.dialect import PlaceBody, ShownBalance, ShownExecution, ShownHolding, ShownOrder, ShownStatement
from autotrader.config.markets import load_markets
from autotrader.domain.money import ZERO, exact
from autotrader.domain.order import ENDED, OrderStatus
from autotrader.domain.rule import OrderType, Side
from autotrader.domain.tick import InstrumentId
from autotrader.errors import UnknownThing
from autotrader.markets.profile import find_instrument


class Refusal(Exception):
    """A definite no, by the name that the client knows it by."""

    def __init__(self, status: int, name: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.name = name
        self.message = message


class Venue:
    """Orders, holdings and cash of the one account. `fee` is a percentage of the traded value, both sides."""

    def __init__(self, positions: dict[str, tuple[Decimal, Decimal]], cash: dict[str, Decimal], fee: Decimal, *, immediate: bool) -> None:
        self.orders: dict[str, ShownOrder] = {}
        self.prices: dict[str, Decimal] = {}
        self._positions = {name: (quantity, quantity * cost) for name, (quantity, cost) in positions.items()}
        self._cash = dict(cash)
        self._fee = fee
        self._immediate = immediate
        self._executions = 0

    def place(self, body: PlaceBody) -> str:
        """Accept an order and return its number, or raise Refusal."""
        currency = self._check(body)
        order_id = f"L{len(self.orders) + 1}"
        self.orders[order_id] = ShownOrder(
            order_id=order_id,
            instrument=body.instrument,
            side=body.side,
            type=body.type,
            quantity=body.quantity,
            price=body.price,
            status=OrderStatus.WORKING,
            currency=currency,
        )
        return order_id

    def settle(self, time: int) -> list[tuple[str, ShownExecution]]:
        """Fill whole, if this venue fills by itself, what has a price: limits at theirs, market orders at the last one told."""
        if not self._immediate:
            return []
        priced = ((order, order.price or self.prices.get(order.instrument)) for order in self._open())
        return [(order.order_id, self.fill(order.order_id, price, order.rest, time)) for order, price in priced if price]

    def fill(self, order_id: str, price: Decimal, quantity: Decimal, time: int) -> ShownExecution:
        """Execute a part of a working order."""
        order = self._working(order_id)
        if not 0 < quantity <= order.rest:
            raise Refusal(422, "invalid_quantity", f"{quantity} of {order.rest} left")
        with exact():
            value = price * quantity
        fee = self._fee_of(value, order.currency)
        self._executions += 1
        execution = ShownExecution(f"LX{self._executions}", price, quantity, fee, time)
        self._trade(order, quantity, value, fee)
        filled = order.filled + quantity
        status = OrderStatus.FILLED if filled == order.quantity else OrderStatus.PARTIAL
        self.orders[order_id] = replace(order, status=status, filled=filled, executions=(*order.executions, execution))
        return execution

    def withdraw(self, order_id: str) -> None:
        """Cancel a working order."""
        self.orders[order_id] = replace(self._working(order_id), status=OrderStatus.CANCELLED)

    def statement(self) -> ShownStatement:
        """Return what the account holds, and what no open order has set aside."""
        holdings = (
            ShownHolding(name, quantity, quantity - self._selling(name), cost) for name, (quantity, cost) in sorted(self._positions.items())
        )
        balances = (ShownBalance(currency, total, total - self._buying(currency)) for currency, total in sorted(self._cash.items()))
        return ShownStatement(tuple(holding for holding in holdings if holding.quantity), tuple(balances))

    def _open(self) -> list[ShownOrder]:
        return [order for order in self.orders.values() if order.status not in ENDED]

    def _working(self, order_id: str) -> ShownOrder:
        order = self.orders.get(order_id)
        if order is None:
            raise Refusal(404, "no_such_order", order_id)
        if order.status in ENDED:
            raise Refusal(409, "already_ended", f"{order_id} is {order.status.value}")
        return order

    def _check(self, body: PlaceBody) -> str:
        """Return the currency of an order that can be taken."""
        try:
            instrument = find_instrument(load_markets(), InstrumentId(body.instrument))
        except UnknownThing as unknown:
            raise Refusal(422, "unknown_instrument", str(unknown)) from None
        if not _positive(body.quantity) or body.quantity % instrument.lot:
            raise Refusal(422, "invalid_quantity", str(body.quantity))
        if (body.type is OrderType.LIMIT) != (body.price is not None) or (body.price is not None and not _positive(body.price)):
            raise Refusal(422, "invalid_price", str(body.price))
        self._check_means(body, instrument.currency)
        return instrument.currency

    def _check_means(self, body: PlaceBody, currency: str) -> None:
        if body.side is Side.SELL:
            held = self._positions.get(body.instrument, (ZERO, ZERO))[0]
            if body.quantity > held - self._selling(body.instrument):
                raise Refusal(409, "insufficient_holdings", f"{body.quantity} of {body.instrument}")
            return
        free = self._cash.get(currency, ZERO) - self._buying(currency)
        price = body.price or self.prices.get(body.instrument) or ZERO
        if self._dear(price * body.quantity, currency) > free or free <= 0:
            raise Refusal(409, "insufficient_cash", f"{free} {currency} are free")

    def _selling(self, instrument: str) -> Decimal:
        return sum((o.rest for o in self._open() if o.side is Side.SELL and o.instrument == instrument), ZERO)

    def _buying(self, currency: str) -> Decimal:
        buys = (o for o in self._open() if o.side is Side.BUY and o.currency == currency and o.price is not None)
        return sum((self._dear(order.rest * (order.price or ZERO), currency) for order in buys), ZERO)

    def _dear(self, value: Decimal, currency: str) -> Decimal:
        return value + self._fee_of(value, currency)

    def _fee_of(self, value: Decimal, currency: str) -> Decimal:
        unit = Decimal(1) if currency == "KRW" else Decimal("0.00000001")
        return (value * self._fee / 100).quantize(unit, rounding=ROUND_DOWN)

    def _trade(self, order: ShownOrder, quantity: Decimal, value: Decimal, fee: Decimal) -> None:
        held, cost = self._positions.get(order.instrument, (ZERO, ZERO))
        cash = self._cash.get(order.currency, ZERO)
        if order.side is Side.BUY:
            self._positions[order.instrument] = held + quantity, cost + value
            self._cash[order.currency] = cash - value - fee
        else:
            left = held - quantity
            self._positions[order.instrument] = left, (cost * left / held).quantize(Decimal("0.000000000001")) if left else ZERO
            self._cash[order.currency] = cash + value - fee


def _positive(value: Decimal) -> bool:
    return value.is_finite() and value > 0
