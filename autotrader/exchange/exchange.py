"""One issue at one venue: orders in, events out. Deterministic: time and chance are handed in."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from autotrader.domain.rule import OrderType
from autotrader.exchange.events import Event
from autotrader.exchange.orders import Order
from autotrader.exchange.phases import Phase
from autotrader.markets.limits import Limits
from autotrader.markets.profile import Instrument, MarketProfile

Level = tuple[Decimal, Decimal]
"""A price and the quantity of the ordinary orders that wait there."""


class Exchange:
    """The order book of one issue with the rules of its venue. Every method returns what happened, in order.

    `previous` is the base price (the previous close), which stands for the last price until the first trade. `limits` None:
    no daily limits. `interruptions`: volatility interruptions (VI) happen; off, so that a script drives every phase itself.
    `lateness` answers, given the most seconds by which a call may end late, how many it is (VI calls draw from it).
    The phase at first is `continuous`. Moments `at` are ns since the epoch UTC and never go back.
    """

    def __init__(
        self,
        profile: MarketProfile,
        instrument: Instrument,
        *,
        day: date,
        previous: Decimal | None = None,
        limits: Limits | None = None,
        interruptions: bool = False,
        lateness: Callable[[int], int] = lambda most: 0,
    ) -> None: ...

    last: Decimal | None
    """The price of the newest trade, None before the first."""
    phase_now: Phase
    session: str
    """The session id that the phase belongs to, or the state row (`vi`, `restart`); '' when none."""
    until: int
    """When the present VI call is matched by `advance` (ns), 0 when there is none."""

    def order(self, new: Order, at: int) -> list[Event]:
        """Take an order: Rejected; or Accepted and then its trades, its Rest, or what was Cancelled, and what followed."""
        raise NotImplementedError

    def amend(
        self,
        order_id: str,
        *,
        at: int,
        price: Decimal | None = None,
        quantity: Decimal | None = None,
        type: OrderType | None = None,
        stop: Decimal | None = None,
    ) -> list[Event]:
        """Change an order that waits. `quantity` is the unfilled quantity that it shall have.

        Fewer keeps its place in the queue; another price or type, or more, is as if it came now.
        """
        raise NotImplementedError

    def cancel(self, order_id: str, *, at: int, quantity: Decimal | None = None) -> list[Event]:
        """Take an order back, or a part of it (which keeps its place in the queue)."""
        raise NotImplementedError

    def phase(self, name: Phase, at: int, *, session: str | None = None) -> list[Event]:
        """Go to a phase. A call that is left and was not matched is matched first; what the new one does not carry ends.

        `session` is the market's session id where the phase alone does not say it (NXT's `nxt.after_call`).
        """
        raise NotImplementedError

    def uncross(self, at: int) -> list[Event]:
        """Match the call once: an Auction and its trades. Outside a call nothing happens."""
        raise NotImplementedError

    def expected(self) -> tuple[Decimal, Decimal] | None:
        """Return price and volume at which a call would be matched now, None outside a call or when nothing crosses."""
        raise NotImplementedError

    def reference(self, price: Decimal) -> None:
        """Set the base price: it stands for the last price before the first trade."""
        raise NotImplementedError

    def advance(self, at: int) -> list[Event]:
        """Let time go by: a VI call whose time is over is matched, and its session goes on."""
        raise NotImplementedError

    def halt(self, at: int, reason: str = "") -> list[Event]:
        """Stop trading (a circuit breaker ends a running VI). Go on with `phase(Phase.RESTART)` and then the phase that follows."""
        raise NotImplementedError

    def best(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the best bid and ask of ordinary orders (neither midpoint nor market orders nor dormant stops)."""
        raise NotImplementedError

    def depth(self, levels: int) -> tuple[list[Level], list[Level]]:
        """Return up to so many bids and asks, best first."""
        raise NotImplementedError

    def open_quantity(self, order_id: str) -> Decimal | None:
        """Return what of an order still waits (dormant stops too), None when it is over or never was."""
        raise NotImplementedError

    def open_window(self, price: Decimal | None, at: int, *, session: str, matching: bool = True) -> list[Event]:
        """Begin off-hours trading at one fixed price (`close_price` orders), beside what the book does.

        `matching` False: orders are only collected, until it is opened again with True.
        """
        raise NotImplementedError

    def close_window(self, at: int) -> list[Event]:
        """End it: what waits there is cancelled."""
        raise NotImplementedError
