"""Prices as whole numbers: price x 10^k, with k such that every step of the instrument is whole. Exact, and cheap to compare."""

from decimal import Decimal

from autotrader.domain.money import exact, text
from autotrader.markets.facts import Ladder
from autotrader.markets.limits import Limits

UNKNOWN_STEP = 8
"""Decimal places where the step is not known."""
BEYOND = 1 << 62
"""A key above every price."""
MOST_KNOWN = 1 << 16


class Scale:
    """The price grid of an instrument and its daily limits, in keys. `unit` is one whole unit of the currency (a won)."""

    def __init__(self, ladder: Ladder, limits: Limits | None) -> None:
        self.ladder = ladder
        self.limits = limits
        places = max((_places(band.step) for band in ladder), default=UNKNOWN_STEP)
        self._places = places
        self.unit = 10**places
        self._bands = [(int(band.start * self.unit), int(band.step * self.unit)) for band in ladder] or [(0, 1)]
        self.lower = self.key(limits.lower) if limits else 0
        self.upper = self.key(limits.upper) if limits else BEYOND
        self.known: dict[Decimal, int] = {}
        """Prices that were found sendable (on the grid, inside the limits), with their keys."""
        self._prices: dict[int, Decimal] = {}

    def key(self, price: Decimal) -> int:
        """Return the key of a price that is a whole number of them."""
        with exact():
            return int(price.scaleb(self._places).to_integral_exact())

    def whole(self, price: Decimal) -> bool:
        """Tell whether a price has a key."""
        return _places(price) <= self._places

    def price(self, key: int) -> Decimal:
        """Return the price of a key."""
        price = self._prices.get(key)
        if price is None:
            _make_room(self._prices)
            with exact():
                price = self._prices[key] = Decimal(text(Decimal(key).scaleb(-self._places)))
        return price

    def remember(self, price: Decimal, key: int) -> None:
        """Note a price as sendable."""
        _make_room(self.known)
        self.known[price] = key

    def step(self, key: int) -> int:
        """Return the step upward at a key."""
        return next(step for start, step in reversed(self._bands) if key >= start)

    def on_grid(self, key: int) -> bool:
        """Tell whether orders may have this price."""
        return key % self.step(key) == 0

    def up(self, key: int) -> int:
        """Return the next price above, at most the upper limit."""
        step = self.step(key)
        return min(key - key % step + step, self.upper)

    def down(self, key: int) -> int:
        """Return the next price below, at least the lower limit: the step of the band that is moved into (market-rules 3.1)."""
        step = self.step(key - 1)
        return max((key - 1) - (key - 1) % step, self.lower)


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _make_room(cache: dict[int, Decimal] | dict[Decimal, int]) -> None:
    # A day's prices are some thousands; a script of nonsense shall not fill the memory.
    if len(cache) >= MOST_KNOWN:
        cache.clear()
