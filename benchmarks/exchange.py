"""Orders a second through the simulated order book, every event made, against a dictionary and a heap without any rules.

70 % limit orders, 20 % cancels and 10 % market orders over a book of at least 1,000 price levels, made before the clock
starts: both loops get the same operations, and both match.
"""

import time
from collections import deque
from datetime import date
from decimal import Decimal
from heapq import heappop, heappush
from random import Random
from typing import NamedTuple

from autotrader.config.markets import load_markets
from autotrader.domain.rule import OrderType, Side
from autotrader.domain.tick import InstrumentId
from autotrader.exchange.exchange import Exchange
from autotrader.exchange.orders import Order
from autotrader.markets.profile import find_instrument
from benchmarks.table import Row, show

LEVELS = 600
"""Price levels on each side before the clock starts."""
MIDDLE, STEP = 100_000, 100


class Operation(NamedTuple):
    """A new order, or the cancel of an earlier one; the same twice, as each loop reads it."""

    order: Order | None
    cancels: str
    buys: bool
    price: int
    quantity: int


def seeding() -> list[Operation]:
    """Return a resting order on each level of both sides."""
    return [
        _limit(f"seed-{side}-{level}", buys=side == 0, price=MIDDLE + (-1 if side == 0 else 1) * STEP * (level + 1), quantity=50)
        for side in (0, 1)
        for level in range(LEVELS)
    ]


def operations(count: int, seed: int) -> list[Operation]:
    """Return a mix of operations around the middle."""
    dice, live, found = Random(seed), list[str](), list[Operation]()
    for number in range(count):
        drawn = dice.random()
        buys, quantity = dice.random() < 0.5, dice.randint(1, 20)
        if drawn < 0.2 and live:
            place = dice.randrange(len(live))
            live[place], live[-1] = live[-1], live[place]
            found.append(Operation(None, live.pop(), buys, 0, 0))
        elif drawn < 0.3:
            order = Order(f"o{number}", Side.BUY if buys else Side.SELL, OrderType.MARKET, Decimal(quantity))
            found.append(Operation(order, "", buys, 0, quantity))
        else:
            away = dice.randint(1, LEVELS) * STEP
            found.append(_limit(f"o{number}", buys=buys, price=MIDDLE - away if buys else MIDDLE + away, quantity=quantity))
            live.append(f"o{number}")
    return found


def _limit(name: str, *, buys: bool, price: int, quantity: int) -> Operation:
    order = Order(name, Side.BUY if buys else Side.SELL, OrderType.LIMIT, Decimal(quantity), Decimal(price))
    return Operation(order, "", buys, price, quantity)


def bare(seeds: list[Operation], played: list[Operation]) -> tuple[float, int]:
    """Return operations a second, and trades, of a book that is a dictionary of queues and two heaps."""
    levels: dict[tuple[bool, int], deque[list[object]]] = {}
    heaps: dict[bool, list[int]] = {True: [], False: []}
    orders: dict[str, list[object]] = {}
    events: list[tuple[object, ...]] = []
    trades = 0

    def take(op: Operation) -> int:
        assert op.order is not None
        name, left, made = op.order.id, op.quantity, 0
        heap = heaps[not op.buys]
        while left and heap:
            key = heap[0]
            queue = levels[not op.buys, abs(key)]
            if op.price and (abs(key) > op.price if op.buys else abs(key) < op.price):
                break
            while queue and left:
                maker = queue[0]
                size = min(left, maker[1])  # type: ignore[type-var]
                if size:
                    events.append(("trade", name, maker[0], key, size))
                    left -= size  # type: ignore[operator]
                    maker[1] -= size  # type: ignore[operator]
                    made += 1
                if not maker[1]:
                    queue.popleft()
            if not queue:
                heappop(heap)
                del levels[not op.buys, abs(key)]
        if left and op.price:
            entry: list[object] = [name, left]
            if (op.buys, op.price) not in levels:
                levels[op.buys, op.price] = deque()
                heappush(heaps[op.buys], -op.price if op.buys else op.price)
            levels[op.buys, op.price].append(entry)
            orders[name] = entry
        return made

    for op in seeds:
        take(op)
    begin = time.perf_counter()
    for op in played:
        events.clear()
        if op.order is None:
            orders[op.cancels][1] = 0
            events.append(("cancelled", op.cancels))
        else:
            events.append(("accepted", op.order.id))
            trades += take(op)
    return len(played) / (time.perf_counter() - begin), trades


def ours(seeds: list[Operation], played: list[Operation]) -> tuple[float, int]:
    """Return operations a second, and events, of the simulated exchange."""
    markets = load_markets()
    instrument = find_instrument(markets, InstrumentId("KRX:005930"))
    exchange = Exchange(markets["KRX"], instrument, day=date(2026, 11, 20))
    for op in seeds:
        assert op.order is not None
        exchange.order(op.order, 0)
    bids, asks = exchange.depth(10_000)
    assert len(bids) + len(asks) >= 1_000
    made, begin = 0, time.perf_counter()
    for op in played:
        made += len(exchange.cancel(op.cancels, at=1) if op.order is None else exchange.order(op.order, 1))
    return len(played) / (time.perf_counter() - begin), made


def measure(rounds: int, count: int) -> list[Row]:
    """Return the comparison."""
    floor, figure = [], []
    seeds = seeding()
    for number in range(rounds):
        played = operations(count, number)
        speed, trades = bare(seeds, played)
        floor.append(speed)
        speed, made = ours(seeds, played)
        figure.append(speed)
        assert made > count, "every operation makes an event"
        assert trades > 0
    return [Row(f"{count:,} orders over 1,200 levels / dictionary and heap", floor, figure, "orders/s", "150,000 orders/s")]


def main(*, quick: bool = False) -> None:
    """Print the table."""
    show("The simulated order book", measure(1, 20_000) if quick else measure(5, 200_000))


if __name__ == "__main__":
    main()
