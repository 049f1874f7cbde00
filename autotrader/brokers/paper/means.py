"""What a paper account can still sell and pay for: what it has, less what its open orders have set aside.

What is set aside follows from the working orders and is stored nowhere, so the two cannot disagree; an order's share is
only remembered for as long as the order is the very same value.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from autotrader.brokers.paper.costs import Rates, highest_rates, rates_on
from autotrader.brokers.paper.orders import Orders
from autotrader.brokers.paper.wallet import Wallet
from autotrader.domain.money import ZERO, exact
from autotrader.domain.order import Balance, BrokerOrder, Holding, OrderId, Statement
from autotrader.domain.rule import PRICED, OrderType, Side
from autotrader.domain.tick import InstrumentId
from autotrader.markets.profile import Instrument, Markets, find_instrument, profile_of


class Means:
    """Asked before an order is accepted, before a buy is filled, and for every statement."""

    def __init__(self, wallet: Wallet, orders: Orders, markets: Markets, fee: Decimal | None) -> None:
        self._wallet = wallet
        self._orders = orders
        self._markets = markets
        self._fee = fee
        self._instruments: dict[InstrumentId, Instrument] = {}
        self._remembered: dict[OrderId, tuple[BrokerOrder, str, Decimal]] = {}

    def instrument(self, name: InstrumentId) -> Instrument:
        """Return the instrument, or raise UnknownThing."""
        if name not in self._instruments:
            self._instruments[name] = find_instrument(self._markets, name)
        return self._instruments[name]

    def statement(self) -> Statement:
        """Return all that the account has, and what of it no open order has set aside."""
        return Statement(
            tuple(self._holding(instrument) for instrument in sorted(self._wallet.positions)),
            tuple(Balance(currency, total, self._free(currency)) for currency, total in sorted(self._wallet.cash.items())),
        )

    def sellable(self, instrument: InstrumentId) -> Decimal:
        """Return the quantity that no open sell has set aside."""
        with exact():
            set_aside = (order.quantity - order.filled for order in self._open(instrument) if order.side is Side.SELL)
            return self._wallet.held(instrument).quantity - sum(set_aside, ZERO)

    def free(self, currency: str) -> Decimal | None:
        """Return the cash that no open buy has set aside, None in a currency that the account does not have."""
        return self._free(currency) if currency in self._wallet.cash else None

    def spendable(self, order: BrokerOrder, currency: str) -> Decimal:
        """Return what a working buy may spend: the free cash and what it has set aside itself."""
        with exact():
            return self._free(currency) + self._set_aside(order)

    def needed(self, side: Side, kind: OrderType, price: Decimal | None, quantity: Decimal, instrument: Instrument) -> Decimal:
        """Return the cash that a buy sets aside: value and fee at its owner's price. Other orders take what the cash pays for."""
        if side is Side.SELL or kind not in PRICED or price is None:
            return ZERO
        rates = highest_rates(profile_of(self._markets, instrument.id), instrument.currency, self._fee)
        with exact():
            value = price * quantity
            return value + rates.fee(side, value)

    def rates(self, instrument: Instrument, time: int) -> Rates:
        """Return the costs of a trade at a moment, by the calendar of its market."""
        profile = profile_of(self._markets, instrument.id)
        day = datetime.fromtimestamp(time // 1_000_000_000, UTC).astimezone(ZoneInfo(profile.zone)).date()
        return rates_on(profile, instrument.currency, day, self._fee)

    def _open(self, instrument: InstrumentId) -> list[BrokerOrder]:
        return [row.order for row in self._orders.working(instrument)]

    def _holding(self, instrument: InstrumentId) -> Holding:
        held = self._wallet.held(instrument)
        return Holding(instrument, held.quantity, self.sellable(instrument), held.total)

    def _free(self, currency: str) -> Decimal:
        with exact():
            return self._wallet.cash[currency] - sum((amount for _, of, amount in self._shares() if of == currency), ZERO)

    def _set_aside(self, order: BrokerOrder) -> Decimal:
        return self._share(order)[2]

    def _shares(self) -> Iterator[tuple[BrokerOrder, str, Decimal]]:
        return (self._share(row.order) for row in self._orders.all_working())

    def _share(self, order: BrokerOrder) -> tuple[BrokerOrder, str, Decimal]:
        """Return the currency and the cash that a working order has set aside."""
        known = self._remembered.get(order.order_id)
        if known is not None and known[0] is order:
            return known
        instrument = self.instrument(order.instrument)
        with exact():
            rest = order.quantity - order.filled
        share = order, instrument.currency, self.needed(order.side, order.type, order.price, rest, instrument)
        self._remembered[order.order_id] = share
        return share
