"""What a trade costs and from which price on a sale gains: exact, from the dated rates of the market (market-rules 7)."""

from decimal import ROUND_DOWN, Context, Decimal
from typing import NamedTuple

from autotrader.domain.money import HUNDRED, ZERO, exact, quotient
from autotrader.domain.rule import Side
from autotrader.markets.facts import CostRow, Ladder
from autotrader.markets.ticks import floor_to_tick, tick_up

_CUT = Context(prec=120, rounding=ROUND_DOWN)
PLACES = 8
"""Of a break-even price, which may not end: for people only."""


class Fees(NamedTuple):
    """The parts of what a trade costs, in its currency."""

    commission: Decimal
    tax: Decimal
    per_share: Decimal

    @property
    def total(self) -> Decimal:
        """All of it."""
        with exact():
            return self.commission + self.tax + self.per_share


class BreakEven(NamedTuple):
    """The selling price at which nothing is won or lost (a quotient, rounded), and the first tick at which something is won.

    `tick` is None where the price steps are not known.
    """

    price: Decimal
    tick: Decimal | None


def fees_of(row: CostRow, side: Side, price: Decimal, quantity: Decimal, *, unit: Decimal | None = None) -> Fees:
    """Return what a trade costs: commission, and on a sale tax and the fee a share.

    With `unit` (a won, a cent) each part is cut down to it by itself, as they are booked; without it all are exact.
    """
    with exact():
        value = price * quantity
        commission = value * row.commission / HUNDRED
        tax = value * row.tax / HUNDRED if side is Side.SELL else ZERO
        per_share = quantity * row.per_share if side is Side.SELL else ZERO
        if row.per_share_cap is not None:
            per_share = min(per_share, row.per_share_cap)
    fees = Fees(commission, tax, per_share)
    return fees if unit is None else Fees(*(part.quantize(unit, context=_CUT) for part in fees))


def net_cost(cost: Decimal, row: CostRow) -> Decimal:
    """Return what a share cost with the commission that was paid on it: exact."""
    with exact():
        return cost * (HUNDRED + row.commission) / HUNDRED


def break_even(cost: Decimal, row: CostRow, ladder: Ladder) -> BreakEven:
    """Return the selling price that pays for an average cost before fees, and for all fees of both sides.

    The fee a share counts without its cap, which is that of an order.
    """
    spent = net_cost(cost, row)
    with exact():
        top, kept = spent + row.per_share, (HUNDRED - row.commission - row.tax) / HUNDRED
    price = quotient(top, kept, PLACES)
    if not ladder:
        return BreakEven(price, None)
    tick = floor_to_tick(ladder, price)
    with exact():
        # The comparison is of products, since the quotient is rounded.
        while tick * kept <= top:
            tick = tick_up(ladder, tick)
    return BreakEven(price, tick)
