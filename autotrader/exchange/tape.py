"""What has traded: the last price, and the base price that stands for it before the first trade."""

from decimal import Decimal

from autotrader.exchange.scale import Scale


class Tape:
    """The last price of the day. `key` is its whole number, None before the first trade; `number` counts trades.

    `single` is the latest price of a call (the base price before the first), which a static interruption measures from.
    """

    __slots__ = ("_rebased", "_scale", "base", "key", "number", "single")

    def __init__(self, scale: Scale, base: Decimal | None) -> None:
        self._scale = scale
        self.base = scale.key(base) if base is not None else None
        self.single = self.base
        self.key: int | None = None
        self.number = 0
        self._rebased = 0
        """How many trades there were when the base price was set."""

    def rebase(self, base: Decimal) -> None:
        """Set the base price, which stands for the last price until the next trade."""
        self.base = self.single = self._scale.key(base)
        self._rebased = self.number

    @property
    def last(self) -> Decimal | None:
        """Return the price of the newest trade."""
        return None if self.key is None else self._scale.price(self.key)

    @property
    def previous(self) -> int | None:
        """Return the key of the last price; of the base price while none traded since that was set."""
        return self.base if self.key is None or self._rebased == self.number else self.key
