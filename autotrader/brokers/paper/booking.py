"""A trade as the account books it: never more than the cash pays for and never more than is held, with its fees, exactly."""

from decimal import Decimal

from msgspec.structs import replace

from autotrader.brokers.paper.checks import said
from autotrader.brokers.paper.costs import Rates, payable
from autotrader.brokers.paper.means import Means
from autotrader.brokers.paper.records import KeptExecution
from autotrader.brokers.paper.wallet import Wallet
from autotrader.domain.money import exact, text
from autotrader.domain.order import ENDED, BrokerOrder, Execution, OrderId, OrderStatus
from autotrader.domain.rule import Side
from autotrader.markets.profile import Instrument


class Booking:
    """Turns fills into executions, cash and positions. `stem` and `count` make execution ids that are unique for ever."""

    def __init__(self, stem: str, wallet: Wallet, means: Means, count: int) -> None:
        self._stem = stem
        self._wallet = wallet
        self._means = means
        self._count = count
        self._new: list[KeptExecution] = []

    def trade(self, order: BrokerOrder, price: Decimal, wanted: Decimal, time: int) -> BrokerOrder:
        """Fill what is wanted; of a buy what the cash pays for, and then it ends: nothing else would ever fill it."""
        instrument = self._means.instrument(order.instrument)
        rates = self._means.rates(instrument, time)
        quantity = min(wanted, self._affordable(order, instrument, price, wanted, rates))
        after = self._fill(order, instrument, price, quantity, rates, time) if quantity else order
        if quantity < wanted and after.status not in ENDED:
            code = "paper.cash_ran_out" if order.side is Side.BUY else "paper.holding_ran_out"
            reason = said(code, filled=text(after.filled), quantity=text(order.quantity), price=text(price))
            after = replace(after, status=OrderStatus.CANCELLED, reason=reason)
        return after

    def executions(self) -> tuple[KeptExecution, ...]:
        """Return the executions since the last call."""
        new, self._new = tuple(self._new), []
        return new

    def _affordable(self, order: BrokerOrder, instrument: Instrument, price: Decimal, wanted: Decimal, rates: Rates) -> Decimal:
        if order.side is Side.SELL:
            return self._wallet.held(order.instrument).quantity
        return payable(self._means.spendable(order, instrument.currency), price, wanted, instrument.lot, rates)

    def _fill(self, order: BrokerOrder, instrument: Instrument, price: Decimal, quantity: Decimal, rates: Rates, time: int) -> BrokerOrder:
        with exact():
            value = price * quantity
            filled = order.filled + quantity
        fee = rates.fee(order.side, value)
        move = self._wallet.buy if order.side is Side.BUY else self._wallet.sell
        move(order.instrument, instrument.currency, quantity, value, fee)
        execution = self._executed(order.order_id, price, quantity, fee, time)
        return replace(order, filled=filled, status=_status(order, filled), executions=(*order.executions, execution))

    def _executed(self, order_id: OrderId, price: Decimal, quantity: Decimal, fee: Decimal, time: int) -> Execution:
        self._count += 1
        execution = Execution(f"{self._stem}-x{self._count}", price, quantity, fee, time)
        self._new.append(KeptExecution(self._count, order_id, execution))
        return execution


def _status(order: BrokerOrder, filled: Decimal) -> OrderStatus:
    """Return what an order is after a fill; one that came after its end does not open it again."""
    if filled == order.quantity:
        return OrderStatus.FILLED
    if order.status is OrderStatus.REFUSED:
        return OrderStatus.CANCELLED
    return order.status if order.status in ENDED else OrderStatus.PARTIAL
