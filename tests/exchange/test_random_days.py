"""Whole days of random orders, interruptions and halts: every unit is accounted for, and no two orders that could trade wait."""

import random
from collections import defaultdict
from decimal import Decimal

import pytest
from exchange_stories import FRIDAY, exchange_of

from autotrader.config.markets import load_markets
from autotrader.domain.rule import OrderType, Side, TimeInForce
from autotrader.exchange import floor
from autotrader.exchange.day import Day
from autotrader.exchange.events import Accepted, Amended, Cancelled, Event, Interrupted, Trade
from autotrader.exchange.orders import Order
from autotrader.exchange.phases import TRADING
from autotrader.markets.profile import find_instrument
from autotrader.markets.ticks import move_ticks

SECOND = 1_000_000_000
CODES = {"KRX": "KRX:005930", "NXT": "NXT:005930", "US": "US:AAPL"}
TYPES = [OrderType.LIMIT] * 5 + list(OrderType)


class RandomDay:
    """A day of one exchange to which somebody sends whatever comes to mind."""

    def __init__(self, market: str, seed: int) -> None:
        self._dice = random.Random(seed)
        self._base = Decimal(100 if market == "US" else 10_000)
        self._ladder = find_instrument(load_markets(), CODES[market], FRIDAY).ladder
        self.exchange = exchange_of(market, base=str(self._base), limited=seed % 2 == 0, vi=True, lateness=self._late)
        self.day = Day(load_markets()[market], self.exchange, FRIDAY, lateness=self._late, close_price=lambda: self._base)
        self._sent: dict[str, Order] = {}
        self.entered: dict[str, Decimal] = {}
        self.gone: dict[str, Decimal] = defaultdict(Decimal)
        self.interruptions = 0

    def play(self) -> None:
        """Run the day, checking the book after every step and every order at the end."""
        at = self.day.next_change
        while not self.day.over:
            at += self._dice.randint(1, 300 * SECOND)
            self._note(self.day.advance(at))
            for _ in range(self._dice.randint(0, 4)):
                self._act(at)
            if self._dice.random() < 0.005:
                self._note(self.day.halt(at, "news", halted=600 * SECOND, call=300 * SECOND))
            self._check_book()
        assert {name: self.gone[name] for name in self.entered} == self.entered

    def _late(self, most: int) -> int:
        return self._dice.randint(0, most)

    def _act(self, at: int) -> None:
        what, known = self._dice.random(), list(self._sent)
        if what < 0.15 and known:
            self._note(self.exchange.cancel(self._dice.choice(known), at=at, quantity=self._dice.choice([None, Decimal(1)])))
        elif what < 0.25 and known:
            type = self._dice.choice([None, None, *OrderType])
            self._note(self.exchange.amend(self._dice.choice(known), at=at, price=self._price(), type=type))
        else:
            new = self._order(f"o{len(known)}")
            self._sent[new.id] = new
            self._note(self.exchange.order(new, at))

    def _order(self, name: str) -> Order:
        side, price = self._dice.choice(list(Side)), self._price()
        stop = move_ticks(self._ladder, price, self._dice.randint(0, 20) * (-1 if side is Side.BUY else 1))
        tif = self._dice.choice([TimeInForce.DAY] * 3 + list(TimeInForce))
        return Order(name, side, self._dice.choice(TYPES), Decimal(self._dice.randint(1, 20)), price, stop, tif)

    def _price(self) -> Decimal:
        return move_ticks(self._ladder, self.exchange.last or self._base, int(self._dice.gauss(0, self._dice.choice([3, 60]))))

    def _note(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Accepted(name, _):
                    self.entered[name] = self._sent[name].quantity
                case Trade(buy, sell, _, quantity):
                    self.gone[buy] += quantity
                    self.gone[sell] += quantity
                case Cancelled(name, quantity, _):
                    self.gone[name] += quantity
                case Amended(name, _, quantity, _):
                    self.entered[name] = self.gone[name] + quantity
                case Interrupted():
                    self.interruptions += 1

    def _check_book(self) -> None:
        bid, ask = self.exchange.best()
        if self.exchange.phase_now in TRADING and bid is not None and ask is not None:
            assert bid < ask


@pytest.mark.parametrize("market", CODES)
def test_random_days_lose_nothing_and_leave_nothing_to_trade(market):
    days = [RandomDay(market, seed) for seed in range(12)]
    for day in days:
        day.play()
    assert all(len(day.entered) > 100 for day in days)
    assert any(day.interruptions for day in days) == (market != "US"), "only Korean venues interrupt"


def test_a_unit_that_is_lost_is_noticed(monkeypatch):
    sound = floor.Floor.end

    def end(self, order, code, events):
        sound(self, order, code, events)
        if code == "exchange.session_over":
            events.pop()

    monkeypatch.setattr(floor.Floor, "end", end)
    with pytest.raises(AssertionError):
        RandomDay("KRX", 0).play()


def test_a_call_that_is_not_matched_is_noticed(monkeypatch):
    monkeypatch.setattr(floor.Floor, "uncross", lambda self, at, *, judge: [])
    with pytest.raises(AssertionError):
        RandomDay("KRX", 0).play()
