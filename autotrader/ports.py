"""What the daemon needs from the world, one Protocol a thing. Adapters for brokers and feeds are found by entry point."""

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from enum import Enum
from typing import Protocol, runtime_checkable

from msgspec import Struct

from autotrader.domain.order import BrokerOrder, OrderId, OrderRequest, Statement
from autotrader.domain.rule import OrderType, Side, TimeInForce
from autotrader.domain.settings import AccountSettings, FeedSettings
from autotrader.domain.tick import InstrumentId, Quote, Tick
from autotrader.engine.effects import Unit
from autotrader.engine.events import FeedClock, FeedEvent, LinkState, Outcome, Reference, Report, Withdrawn
from autotrader.engine.records import AlertRecord, JournalRow, Snapshot
from autotrader.markets.profile import Markets


class Clock(Protocol):
    """Wall time for sessions and validity, a clock that never steps for timeouts."""

    def now(self) -> int:
        """Return ns since the epoch UTC."""

    def monotonic(self) -> float:
        """Return seconds of a clock that never steps and counts time asleep."""


class Intake(Protocol):
    """Where a feed puts what came: the inbox. Never blocks; what cannot be queued is conflated and counted."""

    def frame(self, feed: str, raw: bytes, events: Sequence[FeedEvent]) -> None:
        """Take one frame as it came off the wire, and what it decodes to."""

    def link(self, feed: str, state: LinkState, reason: str = "", day: str = "") -> None:
        """Take a change of the feed's link."""

    def failing(self, feed: str) -> bool:
        """Return whether the feed should slow its reading: the inbox is at its limit."""


class Dialect(Protocol):
    """A venue's websocket language. Pure: text in, domain values out, and back."""

    def subscribe(self, instruments: Sequence[InstrumentId]) -> list[str]:
        """Return the frames to send after connecting, or when the list changes (always the whole list)."""

    def decode(self, frame: bytes) -> Sequence[FeedEvent]:
        """Return what a frame says: ticks and references; a Dropped for what is a print but cannot be one.

        Raises FeedBroken on an error frame.
        """

    def is_sign_of_life(self, frame: bytes) -> bool:
        """Return whether this frame proves that the venue serves us: a valid first one makes a connection count as good."""


class Feed(Protocol):
    """One price source. `run` connects, subscribes, reads and reconnects until it is cancelled."""

    name: str
    clock: FeedClock
    patterns: tuple[str, ...]
    """Instruments served: ids, or `MARKET:*`."""

    async def run(self, intake: Intake) -> None: ...

    def subscribe(self, instruments: frozenset[InstrumentId]) -> None:
        """Say the whole list of instruments wanted; takes effect on the running connection. An empty list is legal."""


class ClientIds(Enum):
    """For how long a broker recognises a repeated client order id (safety U3)."""

    FOREVER = "forever"
    FOR_A_TIME = "for_a_time"
    WHILE_OPEN = "while_open"
    NONE = "none"


class Capabilities(Struct, frozen=True):
    """What a broker can do. `client_id_*`: its alphabet (regex class) and length. `fills_from_prints`: paper accounts."""

    client_ids: ClientIds
    client_id_length: int = 0
    client_id_alphabet: str = "A-Za-z0-9_-"
    client_id_window: float = 0.0
    ledger_shows_closed: bool = True
    ledger_lag: float = 0.0
    acceptance_time: float = 10.0
    orders_per_second: float = 5.0
    fills_from_prints: bool = False
    order_types: frozenset[str] = frozenset({"market", "limit"})
    """Order kinds (`limit`, `best_ioc` …) that the broker can send at all; what a session takes is the market's."""


class Broker(Protocol):
    """One account at one broker. The methods that change state never raise for what the network or the broker does: they
    return an Outcome, and only proof makes it anything but unknown. One call is at most one request on the wire."""

    account: str
    capabilities: Capabilities

    async def start(self) -> None:
        """Open what is needed; raises BrokerUnreachable when it may be tried again later."""

    async def place(self, request: OrderRequest) -> Outcome: ...

    async def withdraw(self, request_intent: str, order_id: OrderId) -> Withdrawn: ...

    async def find(self, client_id: str) -> BrokerOrder | None:
        """Return the order with this client id, or None; raises BrokerUnreachable."""

    async def ledger(self) -> tuple[BrokerOrder, ...]:
        """Return every order of the account, closed ones included as far as the broker shows them; raises BrokerUnreachable."""

    async def statement(self) -> Statement:
        """Return all that the account holds; raises BrokerUnreachable."""

    def reports(self) -> AsyncIterator[Report]:
        """Yield what the broker says of orders, as long as the account is open."""

    def show(self, seen: Tick | Quote | Reference) -> None:
        """Take an eligible print, a quote or a base price (only where `fills_from_prints`; elsewhere nothing calls it)."""

    async def close(self) -> None: ...


class Store(Protocol):
    """The durable memory. One writer; `commit` returns when all units are on disk, in one transaction, or raises."""

    async def load(self) -> Snapshot: ...

    async def commit(self, units: Sequence[Unit]) -> None: ...

    async def journal(self, subject: str | None, limit: int) -> list[JournalRow]:
        """Return the newest rows (of a subject or anything under it), oldest first."""

    async def close(self) -> None: ...


class Notifier(Protocol):
    """Words go out. Alerts are durable before they come here; a failing notifier never blocks a firing."""

    def told(self, row: JournalRow) -> None: ...

    def alerted(self, alert: AlertRecord) -> None: ...


class VenueOrder(Struct, frozen=True):
    """An order as it goes to a simulated exchange. `id` is ours and unique at it; `price` and `stop` as the type needs them."""

    id: str
    instrument: InstrumentId
    side: Side
    type: OrderType
    quantity: Decimal
    price: Decimal | None = None
    stop: Decimal | None = None
    tif: TimeInForce = TimeInForce.DAY
    venue: str = ""


class VenueAnswer(Struct, frozen=True):
    """What the simulated exchange answers to an order or a cancel. `reason` is `code: sentence` of a refusal.

    `inadmissible`: it is the order's type that the present session does not take.
    """

    accepted: bool
    reason: str = ""
    inadmissible: bool = False


class VenueEvent(Struct, frozen=True):
    """What became of an order at the simulated exchange: `filled` (so much at a price) or `ended` (its rest is cancelled)."""

    id: str
    kind: str
    time: int
    price: Decimal | None = None
    quantity: Decimal | None = None
    reason: str = ""


class SimulatedExchange(Protocol):
    """A simulated exchange that takes orders. It forgets everything when its day ends; `connected` then yields anew."""

    patterns: tuple[str, ...]

    async def enter(self, order: VenueOrder) -> VenueAnswer:
        """Hand in an order; raises BrokerUnreachable when it surely did not arrive, FeedBroken when that is not known.

        An id that this day's exchange has taken or refused gets its first answer again: who does not know enters it again.
        """

    async def cancel(self, order_id: str) -> VenueAnswer:
        """Take what is left of an order out; its `ended` comes among the events, after its last fill. Raises as `enter`."""

    def events(self) -> AsyncIterator[VenueEvent | None]:
        """Yield what happens to our orders, in the exchange's order; None whenever a new day's exchange was reached.

        Every caller gets everything from its call on, None first when a day's exchange is reached already: several
        accounts trade at one exchange, each knowing its orders by their ids.
        """

    async def close(self) -> None: ...


@runtime_checkable
class TakesOrders(Protocol):
    """A feed whose market takes orders too."""

    exchange: SimulatedExchange


class OpenBroker(Protocol):
    """Entry point `autotrader.brokers`: make the account's broker. `state` is the state directory (for paper's own file),
    `exchanges` are the simulated ones that a paper account trades at; what they do not serve fills from prints."""

    def __call__(
        self, account: AccountSettings, *, state: str, markets: Markets, clock: Clock, exchanges: Sequence[SimulatedExchange] = ()
    ) -> Broker: ...


class OpenFeed(Protocol):
    """Entry point `autotrader.feeds`: make the feed."""

    def __call__(self, feed: FeedSettings, *, stale: float | None, clock: Clock) -> Feed: ...
