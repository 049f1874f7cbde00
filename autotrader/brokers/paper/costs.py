"""What a trade costs, what a buy must reserve, and how much the cash pays for: exact, cut down to the currency's smallest unit."""

from datetime import date
from decimal import ROUND_DOWN, Context, Decimal

from msgspec import Struct

from autotrader.domain.money import HUNDRED, ZERO, exact
from autotrader.domain.rule import Side
from autotrader.markets.profile import MarketProfile, cost_on

_CUT = Context(prec=120, rounding=ROUND_DOWN)
_WHOLE_UNITS = frozenset({"KRW", "JPY"})
"""Currencies without a smaller unit: brokers drop the fraction of a won."""


class Rates(Struct, frozen=True):
    """Percentages of the traded value, and the smallest unit that a fee is cut down to."""

    commission: Decimal
    tax: Decimal
    unit: Decimal

    def fee(self, side: Side, value: Decimal) -> Decimal:
        """Return commission plus, on a sell, tax; each cut down by itself, as they are booked."""
        commission = self._part(value, self.commission)
        return commission + self._part(value, self.tax) if side is Side.SELL else commission

    def _part(self, value: Decimal, percent: Decimal) -> Decimal:
        with exact():
            return (value * percent / HUNDRED).quantize(self.unit, context=_CUT)


def _rates(currency: str, commission: Decimal, tax: Decimal) -> Rates:
    return Rates(commission, tax, Decimal(1) if currency in _WHOLE_UNITS else Decimal("0.00000001"))


def rates_on(profile: MarketProfile, currency: str, day: date, own: Decimal | None) -> Rates:
    """Return the rates of a day; the account's own commission takes the place of the market's."""
    cost = cost_on(profile, day)
    return _rates(currency, cost.commission if own is None else own, cost.tax)


def highest_rates(profile: MarketProfile, currency: str, own: Decimal | None) -> Rates:
    """Return the dearest commission on file, to reserve with: an order may rest until a day with another rate."""
    return _rates(currency, max(cost.commission for cost in profile.costs) if own is None else own, ZERO)


def floor_to_lot(quantity: Decimal, lot: Decimal) -> Decimal:
    """Return the largest multiple of the lot at or under a quantity."""
    with exact():
        return quantity // lot * lot


def payable(cash: Decimal, price: Decimal, wanted: Decimal, lot: Decimal, rates: Rates) -> Decimal:
    """Return how much of the wanted quantity the cash pays for, fee included, in whole lots."""
    with exact():
        value = price * wanted
        if value + rates.fee(Side.BUY, value) <= cash:
            return wanted
        dear = price * (1 + rates.commission / HUNDRED)
    return floor_to_lot(_CUT.divide(max(cash, ZERO), dear), lot)
