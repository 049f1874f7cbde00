"""Short stories told to an exchange: orders written in one line, events read back in one line."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from autotrader.config.markets import load_markets
from autotrader.domain.rule import OrderType, Side, TimeInForce
from autotrader.exchange.events import (
    Accepted,
    Activated,
    Amended,
    Auction,
    Cancelled,
    Converted,
    Event,
    Halted,
    Interrupted,
    PhaseChanged,
    Rejected,
    Rest,
    Trade,
)
from autotrader.exchange.exchange import Exchange, on_time
from autotrader.exchange.orders import Order
from autotrader.exchange.phases import Phase
from autotrader.markets.limits import daily_limits
from autotrader.markets.profile import find_instrument

FRIDAY = date(2026, 11, 20)
CODES = {"KRX": "KRX:005930", "NXT": "NXT:005930", "US": "US:AAPL", "UPBIT": "UPBIT:KRW-BTC"}


def order(line: str) -> Order:
    """Read `ID buy|sell TYPE[_ioc|_fok] QUANTITY [PRICE] [stop=PRICE]`."""
    words = line.split()
    name, side, kind, quantity = words[:4]
    type, _, tif = kind.rpartition("_")
    if tif not in ("ioc", "fok"):
        type, tif = kind, "day"
    prices = [word for word in words[4:] if "=" not in word]
    stops = [word.partition("=")[2] for word in words[4:] if "=" in word]
    price, stop = (Decimal(found[0]) if found else None for found in (prices, stops))
    return Order(name, Side(side), OrderType(type), Decimal(quantity), price, stop, TimeInForce(tif))


def exchange_of(
    market: str = "KRX",
    *,
    base: str | None = None,
    limited: bool = False,
    vi: bool = False,
    day: date = FRIDAY,
    lateness: Callable[[int], int] = on_time,
) -> Exchange:
    """Make an exchange for one issue, in its continuous phase."""
    profile = load_markets()[market]
    instrument = find_instrument(load_markets(), CODES[market], day)
    previous = None if base is None else Decimal(base)
    limits = daily_limits(profile, instrument, previous, day) if limited and previous is not None else None
    return Exchange(profile, instrument, day=day, previous=previous, limits=limits, interruptions=vi, lateness=lateness)


def tell(exchange: Exchange, *lines: str) -> list[str]:
    """Do what the lines say and return what happened at the last one. Verbs: an order; cancel, amend, phase, uncross, reference."""
    told: list[str] = []
    for number, line in enumerate(lines, 1):
        told = said(do(exchange, line, number))
    return told


def do(exchange: Exchange, line: str, at: int) -> list[Event]:
    """Do what one line says."""
    verb, *rest = line.split()
    match verb:
        case "cancel":
            return exchange.cancel(rest[0], at=at, quantity=Decimal(rest[1]) if len(rest) > 1 else None)
        case "amend":
            asked = dict(word.split("=") for word in rest[1:])
            numbers = {name: Decimal(value) for name, value in asked.items() if name != "type"}
            return exchange.amend(rest[0], at=at, type=OrderType(asked["type"]) if "type" in asked else None, **numbers)
        case "phase":
            return exchange.phase(Phase(rest[0]), at)
        case "uncross":
            return exchange.uncross(at)
        case "reference":
            exchange.reference(Decimal(rest[0]))
            return []
    return exchange.order(order(line), at)


def said(events: list[Event]) -> list[str]:
    """Put events into short words; that an order was accepted goes without saying when something follows."""
    told = [_said(event) for event in events if not isinstance(event, Accepted)]
    return told or ["accepted" for _ in events]


def _said(event: Event) -> str:
    match event:
        case Trade(buy, sell, price, quantity):
            return f"{buy}<-{sell} {quantity}@{price}"
        case Rest(order_id, price, quantity):
            return f"{order_id} rests {quantity}@{price if price is not None else 'market'}"
        case Rejected(order_id, code):
            return f"{order_id} refused {code.partition('.')[2]}"
        case Cancelled(order_id, quantity, code):
            return f"{order_id} ends {quantity} {code.partition('.')[2]}"
        case Amended(order_id, price, quantity, kept):
            return f"{order_id} is {quantity}@{price if price is not None else 'market'} {'in place' if kept else 'anew'}"
        case Activated(order_id, price):
            return f"{order_id} wakes at {price}"
        case Converted(order_id, quantity):
            return f"{order_id} is a market order {quantity}"
        case Auction(price, volume):
            return f"auction {volume}@{price}"
        case PhaseChanged(phase, session):
            return f"phase {phase} {session}".strip()
        case Interrupted(rule, price):
            return f"interrupted {rule} at {price}"
        case Halted(reason):
            return f"halted {reason}".strip()
    raise AssertionError(event)
