"""No set of rules ever sells more than is held or spends more than is there, whatever fills, fails, arrives late or crashes.

The judge is a broker of the test's own: it keeps shares, cash and open orders, and notes every order that it could not have
taken. It knows nothing of the engine's books.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig import MAIN, Rig, leg, ordered, price, rule, statement

from autotrader.domain.order import BrokerOrder, Execution, OrderRequest, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import (
    Above,
    AlreadyMet,
    Amount,
    Below,
    Leg,
    OrderSpec,
    OrderType,
    Part,
    PartOf,
    Percent,
    Rule,
    RuleId,
    Side,
    Spend,
    Stop,
    Target,
    Then,
    Trail,
)
from autotrader.engine.events import Cancel, Withdrawn

HUNDRED = Decimal(100)


@dataclass
class Judge:
    """What the account truly holds. An order is `open` from its placing to its end."""

    shares: Decimal
    cash: Decimal
    orders: dict[str, BrokerOrder] = field(default_factory=dict)
    wrongs: list[str] = field(default_factory=list)
    last: Decimal = Decimal(70_000)
    fills: int = 0

    def rest(self, order_id: str) -> Decimal:
        order = self.orders[order_id]
        return order.quantity - order.filled if order.status in (OrderStatus.WORKING, OrderStatus.PARTIAL) else Decimal(0)

    def bound(self, side: Side) -> Decimal:
        """Return what open orders of a side hold: shares, or cash at the price by which the order was taken."""
        mine = {order_id: order for order_id, order in self.orders.items() if order.side is side}
        held = (self.rest(i) * (Decimal(1) if side is Side.SELL else order.price or Decimal(0)) for i, order in mine.items())
        return sum(held, Decimal(0))

    def take(self, request: OrderRequest) -> BrokerOrder:
        """Take an order, and note when it asks for what is not there."""
        if request.side is Side.SELL and request.quantity > self.shares - self.bound(Side.SELL):
            self.wrongs.append(f"sells {request.quantity} of {self.shares}, {self.bound(Side.SELL)} of them in orders")
        paid = request.price or self.last
        if request.side is Side.BUY and request.quantity * paid > self.cash - self.bound(Side.BUY):
            self.wrongs.append(f"spends {request.quantity * paid} of {self.cash}, {self.bound(Side.BUY)} of it in orders")
        order = ordered(request, OrderStatus.WORKING)
        self.orders[order.order_id] = BrokerOrder(**{**_fields(order), "price": paid})
        return order

    def fill(self, order_id: str, quantity: Decimal) -> BrokerOrder:
        """Execute a part of an order at the price by which it was taken."""
        order, self.fills = self.orders[order_id], self.fills + 1
        at = order.price or self.last
        execution = Execution(f"x{self.fills}", at, quantity, Decimal(0), self.fills)
        filled = order.filled + quantity
        sign = 1 if order.side is Side.BUY else -1
        self.shares += sign * quantity
        self.cash -= sign * quantity * at
        status = OrderStatus.FILLED if filled == order.quantity else OrderStatus.PARTIAL
        return self._now(order_id, status=status, filled=filled, executions=(*order.executions, execution))

    def end(self, order_id: str, status: OrderStatus) -> BrokerOrder:
        return self._now(order_id, status=status)

    def _now(self, order_id: str, **changes: Any) -> BrokerOrder:
        self.orders[order_id] = BrokerOrder(**{**_fields(self.orders[order_id]), **changes})
        return self.orders[order_id]

    def says(self) -> Statement:
        """Return the statement of this moment."""
        cost = self.shares * 70_000
        return statement(self.shares, self.cash, sellable=self.shares - self.bound(Side.SELL), cost=cost)


def _fields(order: BrokerOrder) -> dict[str, Any]:
    return {name: getattr(order, name) for name in order.__struct_fields__}


PRICES = st.sampled_from([66_000, 67_000, 68_000, 69_000, 70_000, 71_000, 72_000, 73_000, 74_000])
QUANTITIES = st.sampled_from([None, Decimal(7), Decimal(30), Decimal(500), Part(Decimal(40)), Part(Decimal(60), PartOf.SELLABLE)])
ORDERS = st.sampled_from([None, None, OrderSpec(OrderType.LIMIT, Decimal(73_000)), OrderSpec(OrderType.LIMIT, Decimal(67_000))])
SHARES = st.sampled_from([None, Decimal(30), Decimal(50)])


@st.composite
def sell_rules(draw: st.DrawFn) -> Rule:
    """Draw a sell rule of one to four legs."""
    texts: list[Leg] = []
    for number in range(draw(st.integers(0, 2))):
        then = draw(st.sampled_from([None, Then.STOP_TO_BREAKEVEN]))
        texts.append(leg(Target(price(draw(PRICES))), f"target-{number}", share=draw(SHARES), then=then, order=draw(ORDERS)))
    if draw(st.booleans()) or not texts:
        offset = draw(st.sampled_from([None, Amount(Decimal(500))]))
        texts.append(leg(Stop(price(draw(PRICES))), limit_offset=offset))
    if draw(st.booleans()):
        texts.append(leg(Trail(draw(st.sampled_from([Amount(Decimal(1000)), Percent(Decimal(2))])))))
    return rule("?", *(text.trigger for text in texts), legs=tuple(texts), quantity=draw(QUANTITIES), already_met=AlreadyMet.FIRE)


@st.composite
def buy_rules(draw: st.DrawFn) -> Rule:
    """Draw a buy rule of one or two legs."""
    texts = [leg(draw(st.sampled_from([Above, Below]))(price(draw(PRICES))), f"leg-{number}") for number in range(draw(st.integers(1, 2)))]
    quantity = draw(st.sampled_from([Decimal(5), Decimal(40), Spend(Decimal(1_000_000)), Spend(Decimal(6_000_000))]))
    return rule("?", *(text.trigger for text in texts), legs=tuple(texts), quantity=quantity, side=Side.BUY, already_met=AlreadyMet.FIRE)


STEPS = st.one_of(
    st.tuples(st.just("print"), PRICES),
    st.tuples(st.just("add"), st.one_of(sell_rules(), sell_rules(), buy_rules())),
    st.tuples(st.sampled_from(["answer", "answer", "refuse", "lose", "fill", "part", "cancel", "expire", "confirm"]), st.integers(0, 5)),
    st.tuples(st.sampled_from(["crash", "drop", "own sale"]), st.integers(0, 5)),
)


class Story:
    """A rig whose broker is the judge; what the engine sends is taken at once or answered later, as the steps say."""

    def __init__(self) -> None:
        self.judge = Judge(Decimal(100), Decimal(10_000_000))
        self.rig = Rig(says=self.judge.says())
        self.unanswered: list[OrderRequest] = []
        self.seen = 0
        self.rules = 0

    def step(self, what: str, value: Any) -> None:
        match what:
            case "print":
                self.judge.last = Decimal(value)
                self.rig.tick(value)
            case "add":
                self.rules += 1
                self.rig.add(_named(value, f"r{self.rules}"))
            case "crash":
                self.rig.crash()
                self.unanswered.clear()
                self.rig.recover(MAIN, *self.judge.orders.values(), says=self.judge.says())
            case "drop":
                self.rig.do(Cancel(RuleId(f"r{value + 1}")))
            case "own sale":
                self._own_sale(Decimal(value * 3))
            case _:
                self._broker(what, value)
        self._receive()

    def _receive(self) -> None:
        """Let the judge see what was sent. It stands in the book of the broker at once; the answer may be late or lost."""
        for request in self.rig.places[self.seen :]:
            self.judge.take(request)
            self.unanswered.append(request)
        self.seen = len(self.rig.places)

    def _own_sale(self, quantity: Decimal) -> None:
        """Let the owner sell by hand what is free, and the statement tell it."""
        quantity = min(quantity, self.judge.shares - self.judge.bound(Side.SELL))
        self.judge.shares -= quantity
        self.rig.stated(self.judge.says())

    def _broker(self, what: str, which: int) -> None:
        if what in ("answer", "refuse", "lose") and self.unanswered:
            request = self.unanswered.pop(which % len(self.unanswered))
            order_id = ordered(request, OrderStatus.WORKING).order_id
            if what == "answer":
                self.rig.accept(request)
            elif what == "lose":
                self.rig.outcome(OutcomeKind.UNKNOWN, request)
            elif not self.judge.orders[order_id].filled:
                self.judge.end(order_id, OrderStatus.REFUSED)
                self.rig.outcome(OutcomeKind.REFUSED, request)
            return
        alive = [order_id for order_id in self.judge.orders if self.judge.rest(order_id)]
        if not alive:
            return
        order_id = alive[which % len(alive)]
        rest = self.judge.rest(order_id)
        if what == "fill":
            self._report(self.judge.fill(order_id, rest))
        elif what == "part":
            self._report(self.judge.fill(order_id, max(Decimal(1), rest // 2)))
        elif what in ("cancel", "expire"):
            self._report(self.judge.end(order_id, OrderStatus.CANCELLED if what == "cancel" else OrderStatus.EXPIRED))
        elif what == "confirm":
            for asked in self.rig.withdrawals:
                if self.judge.rest(asked.order_id):
                    self.judge.end(asked.order_id, OrderStatus.CANCELLED)
                    self.rig.tell(Withdrawn(asked.intent, OutcomeKind.ACCEPTED))
                    self._report(self.judge.orders[asked.order_id])

    def _report(self, order: BrokerOrder) -> None:
        self.rig.report(order, says=self.judge.says())


def _named(text: Rule, name: str) -> Rule:
    return Rule(**{**{field: getattr(text, field) for field in text.__struct_fields__}, "id": RuleId(name)})


def wrongs_of(steps: list[tuple[str, Any]]) -> list[str]:
    """Play a story and return what the judge could not have taken."""
    story = Story()
    story.step("print", 70_000)
    for what, value in steps:
        story.step(what, value)
    return story.judge.wrongs


@settings(max_examples=250, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=40))
def test_what_is_sent_is_always_there(steps: list[tuple[str, Any]]) -> None:
    assert wrongs_of(steps) == []


@pytest.mark.slow
@settings(max_examples=6_000, deadline=None)
@given(st.lists(STEPS, min_size=5, max_size=60))
def test_what_is_sent_is_always_there_in_thousands_of_stories(steps: list[tuple[str, Any]]) -> None:
    assert wrongs_of(steps) == []


def test_the_judge_catches_a_ledger_that_forgets_what_is_reserved(monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: shares that orders on their way hold are offered again."""
    both: list[tuple[str, Any]] = [
        ("add", rule("?", Stop(price(69_000)), quantity=None)),
        ("add", rule("?", Stop(price(68_500)), quantity=Decimal(50))),
        ("print", 70_000),
        ("print", 68_000),
        *[("answer", 0)] * 2,
    ]
    assert wrongs_of(both) == []
    for forgetful in ("shares_available", "shares_to_send"):
        monkeypatch.setattr(f"autotrader.engine.firing.{forgetful}", lambda book, account, code: book.positions[account, code].quantity)
    assert wrongs_of(both)
