"""Whatever is sent to the exchange, in whatever order: no rule of price, time and quantity is broken.

The auditor follows the events; then faults are planted into the book, and each must be noticed.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import hypothesis
import pytest
from exchange_auditor import Auditor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autotrader.config.markets import load_markets
from autotrader.domain.rule import OrderType, Side, TimeInForce
from autotrader.domain.tick import InstrumentId
from autotrader.exchange import book, calls, deemed, floor, matching, queues, scale, stops
from autotrader.exchange.events import Event
from autotrader.exchange.exchange import Exchange
from autotrader.exchange.orders import Live, Order
from autotrader.exchange.phases import Phase
from autotrader.markets.auction import AuctionResult, auction_price
from autotrader.markets.facts import Ladder
from autotrader.markets.limits import Limits
from autotrader.markets.profile import find_instrument
from autotrader.markets.ticks import tick_up

DAY = date(2026, 11, 20)
GRID = [Decimal(price) for price in (1_996, 1_997, 1_998, 1_999, 2_000, 2_005, 2_010, 2_015)]
"""All prices from the lower to the upper limit: two bands of steps."""
BEYOND = [Decimal(1_995), Decimal(2_020)]
LIMITS = Limits(GRID[0], GRID[-1])
MARKETS = load_markets()
Op = tuple[Any, ...]

places = st.integers(0, 40)
"""Which of the orders that were sent is meant, counted backwards."""
prices = st.sampled_from([*GRID, *GRID, *GRID, *BEYOND])
quantities = st.integers(1, 9).map(Decimal)
sides = st.sampled_from(Side)
none = st.none()
day = st.just(TimeInForce.DAY)
often_day = st.sampled_from([TimeInForce.DAY, TimeInForce.DAY, *TimeInForce])


def orders(type: OrderType, price: Any = none, stop: Any = none, tif: Any = day) -> st.SearchStrategy[Op]:
    return st.tuples(st.just("order"), st.just(""), sides, st.just(type), quantities, price, stop, tif)


@st.composite
def stop_orders(draw: st.DrawFn) -> Op:
    side, low, high = draw(sides), *sorted((draw(prices), draw(prices)))
    price, stop = (high, low) if side is Side.BUY else (low, high)
    return ("order", "", side, OrderType.STOP_LIMIT, draw(quantities), price, stop, TimeInForce.DAY)


changes = st.one_of(
    st.tuples(st.just("cancel"), places, none | quantities),
    st.tuples(st.just("amend"), places, none | prices, none | quantities, none),
    st.tuples(st.just("amend"), places, none | prices, none | quantities, none | st.sampled_from(OrderType)),
)
limits = orders(OrderType.LIMIT, prices, tif=often_day)
operations = st.one_of(
    *[limits] * 6,
    *[orders(OrderType.MARKET, tif=often_day)] * 2,
    orders(OrderType.CONDITIONAL, prices),
    orders(OrderType.BEST, tif=often_day),
    orders(OrderType.PRIORITY),
    orders(OrderType.MIDPOINT),
    stop_orders(),
    orders(OrderType.CLOSE_PRICE),
    st.builds(
        lambda type, more: (*more[:3], type, *more[4:]), st.sampled_from(OrderType), orders(OrderType.LIMIT, prices, prices, often_day)
    ),
    *[changes] * 3,
)
phases = st.sampled_from([*[Phase.CONTINUOUS] * 10, *[Phase.OPEN_CALL, Phase.CLOSE_CALL, Phase.AFTER] * 3, Phase.RESTART, Phase.VI, *Phase])
stretches = st.builds(
    lambda phase, ops, after: [("phase", phase), *ops, *after],
    phases,
    st.lists(operations, min_size=8, max_size=24),
    st.sampled_from([[], [("uncross",)]]),
)


@st.composite
def scripts(draw: st.DrawFn) -> tuple[Decimal | None, bool, list[Op]]:
    """Return a previous price, whether there are limits, and operations. Every tenth id was used before."""
    ops = [op for stretch in draw(st.lists(stretches, min_size=1, max_size=4)) for op in stretch]
    sent: list[str] = []
    named: list[Op] = []
    for number, op in enumerate(ops):
        match op:
            case ("order", _, *rest):
                sent.append(str(number - 1 if number % 10 == 1 else number))
                named.append(("order", sent[-1], *rest))
            case ("cancel" | "amend" as verb, back, *rest):
                named.append((verb, sent[-1 - back % len(sent)] if sent else "none", *rest))
            case _:
                named.append(op)
    return draw(none | st.sampled_from(GRID)), draw(st.booleans()), named


call_orders = st.one_of(*[orders(OrderType.LIMIT, prices)] * 5, orders(OrderType.MARKET))
call_scripts = st.tuples(
    none | st.sampled_from(GRID),
    st.booleans(),
    st.lists(call_orders, min_size=2, max_size=8).map(
        lambda ops: [("phase", Phase.OPEN_CALL), *((op[0], str(number), *op[2:]) for number, op in enumerate(ops)), ("uncross",)]
    ),
)
"""One call of a few orders."""


def exchange_of(previous: Decimal | None, *, limited: bool) -> Exchange:
    instrument = find_instrument(MARKETS, InstrumentId("KRX:005930"), DAY)
    return Exchange(MARKETS["KRX"], instrument, day=DAY, previous=previous, limits=LIMITS if limited else None)


def perform(exchange: Exchange, op: Op, at: int) -> tuple[list[Event], Order | None]:
    match op:
        case ("order", name, side, type, quantity, price, stop, tif):
            order = Order(name, side, type, quantity, price, stop, tif)
            return exchange.order(order, at), order
        case ("amend", name, price, quantity, type):
            return exchange.amend(name, at=at, price=price, quantity=quantity, type=type), None
        case ("cancel", name, quantity):
            return exchange.cancel(name, at=at, quantity=quantity), None
        case ("phase", phase):
            return exchange.phase(phase, at), None
        case _:
            return exchange.uncross(at), None


def audit(previous: Decimal | None, limited: bool, ops: Sequence[Op]) -> list[Event]:
    """Play the operations under the auditor's eyes."""
    exchange = exchange_of(previous, limited=limited)
    auditor = Auditor(exchange, LIMITS if limited else None, previous)
    told: list[Event] = []
    for at, op in enumerate(ops):
        events, sent = perform(exchange, op, at)
        auditor.saw(events, sent, op[4] if op[0] == "amend" else None)
        told += events
    return told


def sound(script: tuple[Decimal | None, bool, list[Op]]) -> None:
    """Let the auditor object to anything that a script makes happen."""
    audit(*script)


USUAL = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@USUAL
@given(scripts())
def test_no_rule_of_price_time_and_quantity_is_broken(script):
    sound(script)


@settings(USUAL, max_examples=200)
@given(call_scripts)
def test_a_call_settles_where_both_conditions_hold_and_most_trades(script):
    sound(script)


@settings(USUAL, max_examples=30)
@given(scripts())
def test_the_same_script_has_the_same_output(script):
    assert audit(*script) == audit(*script)


@pytest.mark.slow
def test_no_rule_is_broken_in_thousands_of_scripts():
    settings(USUAL, max_examples=3000)(given(scripts())(sound))()


def newest_first(self: queues.Queue, order: Live) -> None:
    """Let who came last be served first."""
    self.waiting.appendleft(order)


def worst_level(self: book.BookSide) -> book.Level | None:
    """Serve the worst price first."""
    return max((level for level in self._levels.values() if level.waiting), key=lambda level: level.rank, default=None)


def always(*_: Any) -> bool:
    """Say that there is enough for a fill-or-kill order."""
    return True


def woken_early(self: stops.Stops, last: int) -> list[Live]:
    """Wake stops that are some steps away."""
    return [*HIT(self, last + 5), *HIT(self, last - 5)]


def never_woken(self: stops.Stops, last: int) -> list[Live]:
    """Let stops sleep."""
    return []


def mean_rounded_up(of: book.Book, unit: int) -> int | None:
    """Round half a won up."""
    bid, ask = of.bids.quote(), of.asks.quote()
    return None if bid is None or ask is None else -(-(bid + ask) // (2 * unit)) * unit


def a_step_higher(*given: Any, **named: Any) -> AuctionResult | None:
    """Let a call settle a step over its price."""
    result = auction_price(*given, **named)
    return None if result is None else result._replace(price=tick_up(given[3], result.price))


def reference_forgotten(sells: Any, buys: Any, previous: Any, ladder: Any, **named: Any) -> AuctionResult | None:
    """Let the previous price count for nothing."""
    return auction_price(sells, buys, None, ladder, **named)


def half_filled(self: matching.Matching, order: Live, quantity: Decimal) -> None:
    """Take too little off an order that traded."""
    FILL(self, order, quantity - 1 if quantity > 1 else quantity)


def limits_widened(self: scale.Scale, ladder: Ladder, limits: Limits | None) -> None:
    """Let prices go a step beyond the limits."""
    SCALE(self, ladder, limits and Limits(*BEYOND))


def rest_instead(self: floor.Floor, order: Live, code: str, events: list[Event]) -> None:
    """Let what is left of an immediate order wait."""
    (END if code != "exchange.ioc" else lambda floor, order, _, events: floor.rest(order, events))(self, order, code, events)


FILL, HIT, END, SCALE = matching.Matching.fill, stops.Stops.hit, floor.Floor.end, scale.Scale.__init__


@pytest.mark.parametrize(
    ("where", "name", "fault", "searched"),
    [
        (queues.Queue, "add", newest_first, scripts()),
        (book.BookSide, "top", worst_level, scripts()),
        (matching.Matching, "fillable", always, scripts()),
        (matching.Matching, "fill", half_filled, scripts()),
        (stops.Stops, "hit", woken_early, scripts()),
        (stops.Stops, "hit", never_woken, scripts()),
        (deemed, "midpoint", mean_rounded_up, scripts()),
        (scale.Scale, "__init__", limits_widened, scripts()),
        (floor.Floor, "end", rest_instead, scripts()),
        (calls, "auction_price", a_step_higher, call_scripts),
        (calls, "auction_price", reference_forgotten, call_scripts),
        (queues.Queue, "add", newest_first, call_scripts),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_planted_fault_is_noticed(monkeypatch, where: Any, name: str, fault: Callable[..., Any], searched: st.SearchStrategy[Any]):
    searching = settings(USUAL, max_examples=600, derandomize=True, database=None, phases=[hypothesis.Phase.generate])
    monkeypatch.setattr(where, name, fault)
    with pytest.raises(AssertionError):
        searching(given(searched)(sound))()
