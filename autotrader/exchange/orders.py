"""An order as it is sent to the exchange."""

from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.rule import OrderType, Side, TimeInForce


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
