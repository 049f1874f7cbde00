"""The paper account itself: what it accepts, and how prints fill it. Pure: no file, no clock, no waiting.

An order fills from prints shown after its acceptance, each print at most once and for at most its size, in time priority.
A market order gets the print's price. A limit order takes, at the print's price, as long as every print since its
acceptance reached its limit; the first print that does not proves that it rests in the book, and from then on it fills at
its limit, since a print through the limit would have traded with it there first. So no fill is ever better than the print.
"""

from decimal import Decimal

from msgspec.structs import replace

from autotrader.brokers.paper.checks import refusal_of_means, refusal_of_shape, said
from autotrader.brokers.paper.costs import Rates, floor_to_lot, payable
from autotrader.brokers.paper.means import Means
from autotrader.brokers.paper.orders import Orders
from autotrader.brokers.paper.records import Account, Answer, Changes, KeptExecution, KeptOrder
from autotrader.brokers.paper.wallet import Wallet
from autotrader.domain.money import ZERO, exact, text
from autotrader.domain.order import ENDED, BrokerOrder, Execution, IntentId, OrderId, OrderRequest, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import AccountName, OrderType, Side
from autotrader.domain.tick import InstrumentId, Tick
from autotrader.engine.events import Outcome, Report, Withdrawn
from autotrader.errors import UnknownThing
from autotrader.markets.profile import Instrument, Markets


class PaperBook:
    """One paper account. What its steps changed waits in `unsaved` until somebody writes it."""

    def __init__(self, kept: Account, markets: Markets, fee: Decimal | None = None) -> None:
        self.account = AccountName(kept.name)
        self._stem = f"{kept.name}-{kept.born // 1_000_000_000:x}"
        self._wallet = Wallet(kept.cash, kept.positions)
        self._orders = Orders(kept.orders)
        self._means = Means(self._wallet, self._orders, markets, fee)
        self._answers = {answer.client_id: answer for answer in kept.answers}
        self._new_answers: list[Answer] = []
        self._executions = kept.executions
        self._new_executions: list[KeptExecution] = []

    def place(self, request: OrderRequest) -> tuple[Outcome, list[Report]]:
        """Accept or refuse an order; a client id that was answered before gets that answer again and makes no second order."""
        known = self._answers.get(request.client_id)
        answer = known or self._decide(request)
        outcome = Outcome(request.intent, request.attempt, answer.kind, answer.order_id, answer.detail)
        is_new = known is None and answer.kind is OutcomeKind.ACCEPTED
        return outcome, [self.report(answer.order_id)] if is_new else []

    def withdraw(self, intent: IntentId, order_id: OrderId) -> tuple[Withdrawn, list[Report]]:
        """Cancel what is left of a working order."""
        row = self._orders.get(order_id)
        if row is None:
            return Withdrawn(intent, OutcomeKind.REFUSED, said("paper.no_such_order", order_id=order_id)), []
        if row.order.status in ENDED:
            reason = said("paper.already_ended", order_id=order_id, status=row.order.status.value)
            return Withdrawn(intent, OutcomeKind.REFUSED, reason), []
        self._orders.put(replace(row, order=replace(row.order, status=OrderStatus.CANCELLED)))
        return Withdrawn(intent, OutcomeKind.ACCEPTED), [self.report(order_id)]

    def show(self, tick: Tick) -> list[Report]:
        """Fill what the print fills, earliest order first; what one order takes of its size is gone for the next."""
        if not self._orders.works(tick.instrument):
            return []
        reports: list[Report] = []
        left = tick.size
        for before in self._orders.working(tick.instrument):
            order = self._meet(before, tick, left)
            if order is before.order:
                continue
            reports.append(self.report(order.order_id))
            with exact():
                left -= order.filled - before.order.filled
        return reports

    def works(self, instrument: InstrumentId) -> bool:
        """Return whether a print of this instrument can matter."""
        return self._orders.works(instrument)

    def statement(self) -> Statement:
        """Return all that the account has, and what of it no open order has set aside."""
        return self._means.statement()

    def ledger(self) -> tuple[BrokerOrder, ...]:
        """Return every order ever accepted, in the order of acceptance."""
        return tuple(row.order for row in self._orders.rows())

    def find(self, client_id: str) -> BrokerOrder | None:
        """Return the order that this client id made, or None: never placed, or refused."""
        answer = self._answers.get(client_id)
        row = self._orders.get(answer.order_id) if answer else None
        return row.order if row else None

    def report(self, order_id: str) -> Report:
        """Return the present state of an order with the present statement."""
        row = self._orders.get(order_id)
        if row is None:
            raise KeyError(order_id)
        return Report(self.account, row.order, self.statement())

    def has_unsaved(self) -> bool:
        """Return whether anything waits to be written: every step that changes anything changes an order or answers an id."""
        return self._orders.has_changed() or bool(self._new_answers)

    def unsaved(self) -> Changes:
        """Return all that changed since the last call, to be written in one transaction."""
        cash, positions = self._wallet.moved()
        changes = Changes(self._orders.changed(), tuple(self._new_executions), tuple(self._new_answers), cash, positions)
        self._new_executions, self._new_answers = [], []
        return changes

    def _decide(self, request: OrderRequest) -> Answer:
        reason = self._refusal(request)
        if reason is None:
            answer = Answer(request.client_id, OutcomeKind.ACCEPTED, self._accept(request), "")
        else:
            answer = Answer(request.client_id, OutcomeKind.REFUSED, "", reason)
        if request.client_id:
            self._answers[request.client_id] = answer
            self._new_answers.append(answer)
        return answer

    def _refusal(self, request: OrderRequest) -> str | None:
        if request.account != self.account:
            return said("paper.other_account", asked=request.account, account=self.account)
        try:
            instrument = self._means.instrument(request.instrument)
        except UnknownThing as unknown:
            return said(unknown.code, **unknown.params)
        return refusal_of_shape(request, instrument) or self._refusal_of_means(request, instrument)

    def _refusal_of_means(self, request: OrderRequest, instrument: Instrument) -> str | None:
        needed = self._means.needed(request.side, request.type, request.price, request.quantity, instrument)
        free = self._means.free(instrument.currency)
        return refusal_of_means(request, instrument, self._means.sellable(request.instrument), free, needed)

    def _accept(self, request: OrderRequest) -> OrderId:
        number = self._orders.next_number()
        order = BrokerOrder(
            order_id=OrderId(f"{self._stem}-{number}"),
            client_id=request.client_id,
            instrument=request.instrument,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            price=request.price if request.type is OrderType.LIMIT else None,
            status=OrderStatus.WORKING,
            filled=ZERO,
        )
        self._orders.put(KeptOrder(number, order))
        return order.order_id

    def _meet(self, row: KeptOrder, tick: Tick, left: Decimal) -> BrokerOrder:
        """Show one print, or what is left of it, to one order, and return the order after it."""
        order = row.order
        if not _reaches(order, tick.price):
            self._rest(row)
            return order
        instrument = self._means.instrument(order.instrument)
        with exact():
            wanted = min(order.quantity - order.filled, floor_to_lot(left, instrument.lot))
        price = order.price if row.resting and order.price is not None else tick.price
        return self._trade(row, instrument, price, wanted, tick.time) if wanted > 0 else order

    def _rest(self, row: KeptOrder) -> None:
        if not row.resting:
            self._orders.put(replace(row, resting=True))

    def _trade(self, row: KeptOrder, instrument: Instrument, price: Decimal, wanted: Decimal, time: int) -> BrokerOrder:
        """Fill what is wanted; of a buy what the cash pays for, and then it ends: nothing else would ever fill it."""
        rates = self._means.rates(instrument, time)
        quantity = wanted
        if row.order.side is Side.BUY:
            quantity = payable(self._means.spendable(row.order, instrument.currency), price, wanted, instrument.lot, rates)
        order = self._fill(row.order, instrument, price, quantity, rates, time) if quantity else row.order
        if quantity < wanted:
            reason = said("paper.cash_ran_out", filled=text(order.filled), quantity=text(order.quantity), price=text(price))
            order = replace(order, status=OrderStatus.CANCELLED, reason=reason)
        self._orders.put(replace(row, order=order))
        return order

    def _fill(self, order: BrokerOrder, instrument: Instrument, price: Decimal, quantity: Decimal, rates: Rates, time: int) -> BrokerOrder:
        with exact():
            value = price * quantity
            filled = order.filled + quantity
        fee = rates.fee(order.side, value)
        move = self._wallet.buy if order.side is Side.BUY else self._wallet.sell
        move(order.instrument, instrument.currency, quantity, value, fee)
        status = OrderStatus.FILLED if filled == order.quantity else OrderStatus.PARTIAL
        execution = self._executed(order.order_id, price, quantity, fee, time)
        return replace(order, filled=filled, status=status, executions=(*order.executions, execution))

    def _executed(self, order_id: OrderId, price: Decimal, quantity: Decimal, fee: Decimal, time: int) -> Execution:
        self._executions += 1
        execution = Execution(f"{self._stem}-x{self._executions}", price, quantity, fee, time)
        self._new_executions.append(KeptExecution(self._executions, order_id, execution))
        return execution


def _reaches(order: BrokerOrder, price: Decimal) -> bool:
    """Return whether a print is at or through an order's limit."""
    if order.price is None:
        return True
    return price <= order.price if order.side is Side.BUY else price >= order.price
