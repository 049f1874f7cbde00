"""The value of one simulated instrument, and how it moves. Pure; the dice are handed in.

Each instrument has its own dice, seeded by the sim's seed and its id, so adding one does not change another's path. All is
drawn in whole thousandths of a tick: no float comes near a price, and every machine walks the same way.
"""

from decimal import Decimal
from typing import NamedTuple, Protocol

from autotrader.domain.money import HUNDRED
from autotrader.domain.settings import SimInstrument
from autotrader.markets.facts import Ladder
from autotrader.markets.ticks import floor_to_tick, step_at

PARTS = 1000
THOUSANDTH = Decimal("0.001")


class Dice(Protocol):
    """Chance, as it is handed in: whole numbers, every one as likely as the next."""

    def randint(self, a: int, b: int, /) -> int:
        """Return a whole number from a to b, both included."""


class Move(NamedTuple):
    """One step of the walk: the new value, and how much is traded at it."""

    price: Decimal
    size: Decimal


def unit_of(lot: Decimal) -> Decimal:
    """Return the quantity that people trade multiples of: the lot, or thousandths where the market trades fractions."""
    return lot if lot >= 1 else max(lot, THOUSANDTH)


class Walk:
    """A price that moves once a step: along the script, or by chance on the market's tick ladder."""

    def __init__(self, instrument: SimInstrument, ladder: Ladder, lot: Decimal, dice: Dice) -> None:
        self._instrument = instrument
        self._ladder = ladder
        self._unit = unit_of(lot)
        self._dice = dice
        self._price = instrument.start
        self._step = 0
        self._rest = 0

    def move(self) -> Move:
        """Return the next step. The first is at the start, or at the script's first price."""
        self._price = self._scripted() if self._instrument.path else self._wandered()
        self._step += 1
        return Move(self._price, self._dice.randint(1, 200) * self._unit)

    def _scripted(self) -> Decimal:
        path = self._instrument.path
        return path[min(self._step, len(path) - 1)]

    def _wandered(self) -> Decimal:
        """Return the price some whole ticks away; what is less than a tick is kept for the next step."""
        if self._step == 0:
            return self._price
        step = step_at(self._ladder, self._price)
        ticks, self._rest = divmod(self._rest + self._drawn(step), PARTS)
        moved = self._price + ticks * step
        return floor_to_tick(self._ladder, moved) if moved >= step else step

    def _drawn(self, step: Decimal) -> int:
        """Return a move in thousandths of a tick. The sum of three even draws within ±s has the deviation s."""
        one_percent = self._price / HUNDRED / step * PARTS
        deviation, drift = int(one_percent * self._instrument.volatility), int(one_percent * self._instrument.drift)
        return drift + sum(self._dice.randint(-deviation, deviation) for _ in range(3))
