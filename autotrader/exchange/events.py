"""What an exchange tells: cheap tuples, in the order in which things happened. Prices and quantities are exact decimals."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.rule import Side
from autotrader.messages import say


class Accepted(NamedTuple):
    """The exchange took an order, at a moment (ns since the epoch UTC); what becomes of it follows."""

    id: str
    at: int


class Rejected(NamedTuple):
    """The exchange refused an order, an amendment or a cancel: nothing changed.

    `code` and `params` are a message (`reason` is its sentence). `inadmissible`: it is the order's kind that the present
    session or state does not take, so another kind may be taken.
    """

    id: str
    code: str
    params: Mapping[str, str]
    inadmissible: bool = False

    @property
    def reason(self) -> str:
        """Return the refusal as a sentence."""
        return say(self.code, self.params)


class Trade(NamedTuple):
    """A trade between two orders. `number` counts the trades of the exchange from 1.

    `aggressor` is the side of the order that came last and took what rested; None in an auction. `flags` are those of
    `domain.tick.Flag` that the print carries: AUCTION, MIDPOINT, OFF_HOURS.
    """

    buy: str
    sell: str
    price: Decimal
    quantity: Decimal
    at: int
    number: int
    aggressor: Side | None
    flags: int = 0


class Cancelled(NamedTuple):
    """So much of an order ended unfilled. `code` is a message without parameters that says why (`reason` is its sentence)."""

    id: str
    quantity: Decimal
    code: str

    @property
    def reason(self) -> str:
        """Return why as a sentence."""
        return say(self.code, {})


class Rest(NamedTuple):
    """What is left of an order waits in the book, at the price that it was given or deemed to have at receipt.

    `price` is None for a market order, and for a midpoint order that is suspended. A dormant stop-limit order is not in the
    book and has no such event until it is activated.
    """

    id: str
    price: Decimal | None
    quantity: Decimal


class Amended(NamedTuple):
    """An order was changed: its price and its unfilled quantity now. `kept`: it kept its place in the queue."""

    id: str
    price: Decimal | None
    quantity: Decimal
    kept: bool


class Activated(NamedTuple):
    """A stop-limit order woke, because of this last price (or base price before the first trade)."""

    id: str
    price: Decimal


class Converted(NamedTuple):
    """A conditional limit order became a market order for the closing call."""

    id: str
    quantity: Decimal


class Auction(NamedTuple):
    """A call was matched. Without a price there was nothing to match; the trades follow."""

    price: Decimal | None
    volume: Decimal
    at: int


class PhaseChanged(NamedTuple):
    """The exchange is in another phase (a `Phase` value). `session` is the session id that it belongs to, or a state row."""

    phase: str
    session: str
    at: int


class Interrupted(NamedTuple):
    """A volatility interruption begins, or the closing call is prolonged by one: the trade at `price` did not happen.

    `rule` is `dynamic` or `static`; `until` (ns) is when its call is matched.
    """

    rule: str
    price: Decimal
    at: int
    until: int


class Halted(NamedTuple):
    """Trading stopped: an issue's halt or a circuit breaker (`reason` is the driver's word)."""

    reason: str
    at: int


Event = Accepted | Rejected | Trade | Cancelled | Rest | Amended | Activated | Converted | Auction | PhaseChanged | Interrupted | Halted
