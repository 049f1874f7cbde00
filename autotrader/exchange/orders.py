"""An order as it is sent to the exchange, and as the exchange keeps it."""

from decimal import Decimal
from typing import NamedTuple, Protocol

from autotrader.domain.rule import OrderType, Side, TimeInForce

BUY = Side.BUY
"""Looking a member of an enum up costs as much as a dictionary; the book does it some times an order."""


class Order(NamedTuple):
    """What a member sends. `id` is unique at one exchange for its whole day; `price` and `stop` as the type needs them.

    `quantity` is in units of the instrument, a multiple of its lot. `owner` is carried, never judged.
    """

    id: str
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    stop: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY
    owner: str = ""


class Live:
    """An order that is not over. `open` is what is unfilled, `seq` its place by time of receipt.

    `type` is what it is now: a conditional limit order becomes a market order, an activated stop a limit order. `rank`
    orders the prices of its side, the smaller the better: an ask's is its price, a bid's its negative (in the exchange's
    whole units). `home` is where it waits, None while it is being matched.
    """

    __slots__ = ("buys", "home", "id", "open", "price", "rank", "sent", "seq", "type")

    def __init__(self, sent: Order, type: OrderType, seq: int, rank: int, price: Decimal | None) -> None:
        self.sent = sent
        self.id = sent.id
        self.buys = sent.side is BUY
        self.type = type
        self.open = sent.quantity
        self.seq = seq
        self.rank = rank
        self.price = price
        self.home: Home | None = None


class Home(Protocol):
    """A place where orders wait."""

    def add(self, order: Live) -> None:
        """Take an order, behind those that came before it."""

    def remove(self, order: Live) -> None:
        """Let an order go."""

    def orders(self) -> list[Live]:
        """Return all that wait here."""
