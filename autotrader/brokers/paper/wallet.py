"""Cash and positions of a paper account, and how a trade moves them.

Fees move the cash and not the cost: the total cost is what the shares themselves were bought for, which is how the
average cost is shown by Korean brokers. A partial sell leaves the cost in proportion, kept to 12 decimals; a closed
position has none, so no dust of a cent outlives its shares.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal

from autotrader.domain.money import ZERO, exact
from autotrader.domain.order import Cost
from autotrader.domain.tick import InstrumentId

_WIDE = Context(prec=120, rounding=ROUND_HALF_EVEN)
_COST_UNIT = Decimal("0.000000000001")
NOTHING = Cost(ZERO, ZERO)


class Wallet:
    """What the account has. Remembers what moved since it was last asked."""

    def __init__(self, cash: dict[str, Decimal], positions: dict[InstrumentId, Cost]) -> None:
        self.cash = dict(cash)
        self.positions = dict(positions)
        self._moved_cash: dict[str, Decimal] = {}
        self._moved_positions: dict[InstrumentId, Cost] = {}

    def held(self, instrument: InstrumentId) -> Cost:
        """Return quantity and total cost of a holding, zero of both when there is none."""
        return self.positions.get(instrument, NOTHING)

    def buy(self, instrument: InstrumentId, currency: str, quantity: Decimal, value: Decimal, fee: Decimal) -> None:
        """Take what was bought and pay for it."""
        held = self.held(instrument)
        with exact():
            self._move(instrument, Cost(held.total + value, held.quantity + quantity))
            self._pay(currency, -(value + fee))

    def sell(self, instrument: InstrumentId, currency: str, quantity: Decimal, value: Decimal, fee: Decimal) -> None:
        """Give what was sold and take the proceeds."""
        held = self.held(instrument)
        with exact():
            left = held.quantity - quantity
            self._move(instrument, Cost(_share(held.total, left, held.quantity), left))
            self._pay(currency, value - fee)

    def moved(self) -> tuple[dict[str, Decimal], dict[InstrumentId, Cost]]:
        """Return cash and positions that moved since the last call."""
        moved = self._moved_cash, self._moved_positions
        self._moved_cash, self._moved_positions = {}, {}
        return moved

    def _move(self, instrument: InstrumentId, cost: Cost) -> None:
        if cost.quantity:
            self.positions[instrument] = cost
        else:
            del self.positions[instrument]
        self._moved_positions[instrument] = cost

    def _pay(self, currency: str, amount: Decimal) -> None:
        self.cash[currency] = self._moved_cash[currency] = self.cash.get(currency, ZERO) + amount


def _share(total: Decimal, left: Decimal, whole: Decimal) -> Decimal:
    if not left:
        return ZERO
    with exact():
        product = total * left
    return _WIDE.divide(product, whole).quantize(_COST_UNIT, context=_WIDE)
