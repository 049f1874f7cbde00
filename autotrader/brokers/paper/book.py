"""The paper account itself: what it accepts, what fills it, and what it keeps of both. Pure: no file, no clock, no waiting.

Where no simulated exchange serves an instrument, its orders fill from the prints and quotes that are shown (`tape.py`), in
time priority, each print at most once. Where one does, the exchange says what becomes of an order, and the book keeps it:
an order is in the book as *entering* before it goes there, and what a fill moves is booked here before it is told.
"""

from decimal import Decimal

from msgspec.structs import replace

from autotrader.brokers.paper.booking import Booking
from autotrader.brokers.paper.checks import refusal_of_means, refusal_of_shape, said
from autotrader.brokers.paper.hours import Hours, Term
from autotrader.brokers.paper.means import Means
from autotrader.brokers.paper.orders import Orders
from autotrader.brokers.paper.records import Account, Answer, Changes, KeptOrder, Stage
from autotrader.brokers.paper.tape import Meeting, join, on_print, on_quote
from autotrader.brokers.paper.wallet import Wallet
from autotrader.domain.money import ZERO, exact, text
from autotrader.domain.order import ENDED, BrokerOrder, FillRange, IntentId, OrderId, OrderRequest, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import PRICED, AccountName, OrderType
from autotrader.domain.tick import InstrumentId, Quote, Tick
from autotrader.engine.events import Outcome, Reference, Report, Withdrawn
from autotrader.errors import UnknownThing
from autotrader.markets.profile import Instrument, Markets

ROUTER = "SOR"
"""Orders for it fill wherever the instrument trades."""

Refusal = tuple[str, bool]
"""A reason, and whether it is only that the present session does not take such an order."""


class PaperBook:
    """One paper account. What its steps changed waits in `unsaved` until somebody writes it."""

    def __init__(self, kept: Account, markets: Markets, fee: Decimal | None = None) -> None:
        self.account = AccountName(kept.name)
        self._stem = f"{kept.name}-{kept.born // 1_000_000_000:x}"
        self._wallet = Wallet(kept.cash, kept.positions)
        self._orders = Orders(kept.orders)
        self._means = Means(self._wallet, self._orders, markets, fee)
        self._hours = Hours(markets)
        self._booking = Booking(self._stem, self._wallet, self._means, kept.executions)
        self._answers = {answer.client_id: answer for answer in kept.answers}
        self._new_answers: list[Answer] = []
        self._quotes: dict[tuple[InstrumentId, str], Quote] = {}

    def place(self, request: OrderRequest, now: int = 0) -> tuple[Outcome, list[Report]]:
        """Accept or refuse an order that fills here; a client id that was answered before gets that answer again and makes
        no second order. `now` (ns, 0: not known) is the time in markets that never close; others go by their prints."""
        known = self.answered(request)
        if known is not None:
            return known, []
        refusal = self._refusal(request)
        at = 0 if refusal is not None else self._hours.time(request, now)
        refusal = refusal or self._hours.refusal(request, at)
        if refusal is not None:
            return self._refuse(request, *refusal), []
        row = self._keep(request, Stage.PRINTS, self._hours.term(request, at))
        self._orders.put(self._joined(row))
        return self._accept(request, row.order.order_id), [self.report(row.order.order_id)]

    def withdraw(self, intent: IntentId, order_id: OrderId) -> tuple[Withdrawn, list[Report]]:
        """Cancel what is left of a working order that fills here."""
        refused = self.refuses_withdrawal(intent, order_id)
        if refused is not None:
            return refused, []
        return Withdrawn(intent, OutcomeKind.ACCEPTED), self.ended(order_id)

    def refuses_withdrawal(self, intent: IntentId, order_id: OrderId) -> Withdrawn | None:
        """Return the refusal to cancel an order that never was or is over, None for one that works."""
        row = self._orders.get(order_id)
        if row is None:
            return Withdrawn(intent, OutcomeKind.REFUSED, said("paper.no_such_order", order_id=order_id))
        if row.order.status in ENDED:
            reason = said("paper.already_ended", order_id=order_id, status=row.order.status.value)
            return Withdrawn(intent, OutcomeKind.REFUSED, reason)
        return None

    def show(self, seen: Tick | Quote | Reference) -> list[Report]:
        """Let a print or a quote do what it does, earliest order first; a reference tells the base of the day's limits."""
        if isinstance(seen, Tick):
            if seen.session:
                self._hours.saw(seen)
            return self._show_print(seen) if self._orders.fills_here(seen.instrument) else []
        if isinstance(seen, Quote):
            self._quotes[seen.instrument, seen.venue] = seen
            return self._show_quote(seen) if self._orders.fills_here(seen.instrument) else []
        self._hours.base(seen.instrument, seen.previous_close)
        return []

    def _show_print(self, tick: Tick) -> list[Report]:
        left, reports = tick.size, []
        for row in self._shown_to(tick):
            met = on_print(row, tick, left, self._quote(row.order), self._means.instrument(row.order.instrument).lot)
            order = self._take(row, met, tick.time)
            with exact():
                left -= order.filled - row.order.filled
            if (order.status, order.filled) != (row.order.status, row.order.filled):
                reports.append(self.report(order.order_id))
        return reports

    def _show_quote(self, quote: Quote) -> list[Report]:
        reports = []
        for row in self._shown_to(quote):
            met = on_quote(row, quote, self._means.instrument(row.order.instrument).lot)
            order = self._take(row, met, quote.time)
            if (order.status, order.filled) != (row.order.status, row.order.filled):
                reports.append(self.report(order.order_id))
        return reports

    def _shown_to(self, seen: Tick | Quote) -> list[KeptOrder]:
        return [row for row in self._orders.filling(seen.instrument) if _trades_at(row.order, seen.venue)]

    def _take(self, before: KeptOrder, met: Meeting, time: int) -> BrokerOrder:
        """Keep what a print or quote made of an order, its fill booked."""
        order = met.row.order
        if met.quantity > 0:
            order = self._booking.trade(order, met.price, met.quantity, time)
        if met.over and order.status not in ENDED:
            status = OrderStatus.EXPIRED if met.over == "paper.session_over" else OrderStatus.CANCELLED
            order = replace(order, status=status, reason=said(met.over, filled=text(order.filled), quantity=text(order.quantity)))
        row = met.row if order is met.row.order else replace(met.row, order=order)
        if row != before:
            self._orders.put(row)
        return order

    def answered(self, request: OrderRequest) -> Outcome | None:
        """Return the outcome that a client id had, None for one without."""
        answer = self._answers.get(request.client_id)
        if answer is None:
            return None
        return Outcome(request.intent, request.attempt, answer.kind, answer.order_id, answer.detail, answer.inadmissible)

    def is_entering(self, client_id: str) -> bool:
        """Return whether the order of a client id went to an exchange that has not answered."""
        row = self._orders.of_client(client_id)
        return row is not None and row.stage is Stage.ENTERING

    def begin(self) -> None:
        """Begin with what a file kept: nobody will ever hear of an order that no exchange had answered, so it is not there;
        and what was being cancelled is cancelled."""
        for row in self.at_exchange():
            if row.stage is Stage.ENTERING:
                self.never_arrived(row.order.order_id, said("paper.exchange_forgot"))
            elif row.stage is Stage.LEAVING:
                self.ended(row.order.order_id)

    def prepare(self, request: OrderRequest) -> Outcome | KeptOrder:
        """Return an order that may go to a simulated exchange, kept as entering; or the refusal, or the answer given before.

        One whose client id is entering already is that order: nobody knows yet what became of it.
        """
        known = self.answered(request)
        if known is not None:
            return known
        row = self._orders.of_client(request.client_id)
        if row is not None and row.stage is Stage.ENTERING:
            return row
        refusal = self._refusal(request)
        if refusal is not None:
            return self._refuse(request, *refusal)
        return self._keep(request, Stage.ENTERING, Term())

    def entered(self, order_id: str) -> list[Report]:
        """Note that the exchange has an order: its client id is answered so, for ever."""
        row = self._row(order_id)
        if row.stage is Stage.ENTERING:
            self._orders.put(replace(row, stage=Stage.ENTERED))
        if row.order.client_id and row.order.client_id not in self._answers:
            self._answer(Answer(row.order.client_id, OutcomeKind.ACCEPTED, row.order.order_id, ""))
        return [self.report(order_id)]

    def turned_away(self, order_id: str, reason: str, *, inadmissible: bool) -> None:
        """Note that the exchange refused an order: it never was, and its client id is answered so, for ever."""
        row = self._row(order_id)
        self.never_arrived(order_id, reason)
        if row.order.client_id:
            self._answer(Answer(row.order.client_id, OutcomeKind.REFUSED, "", reason, inadmissible))

    def never_arrived(self, order_id: str, reason: str) -> None:
        """Note that an order surely did not reach the exchange; its client id may be used again."""
        row = self._row(order_id)
        self._orders.put(replace(row, stage=Stage.NEVER, order=replace(row.order, status=OrderStatus.REFUSED, reason=reason)))

    def leaving(self, order_id: str) -> None:
        """Note that the exchange is asked to cancel an order."""
        self._stage(order_id, Stage.LEAVING)

    def staying(self, order_id: str) -> None:
        """Note that the exchange surely did not cancel an order."""
        self._stage(order_id, Stage.ENTERED)

    def filled(self, order_id: str, price: Decimal, quantity: Decimal, time: int) -> list[Report]:
        """Book a fill that the exchange told, in whatever state the order is: a fill after a cancel is a fill (safety U8)."""
        row = self._orders.get(order_id)
        if row is None:
            return []
        with exact():
            wanted = min(quantity, row.order.quantity - row.order.filled)
        if wanted <= 0:
            return []
        stage = Stage.ENTERED if row.stage is Stage.ENTERING else row.stage
        self._orders.put(replace(row, stage=stage, order=self._booking.trade(row.order, price, wanted, time)))
        return [self.report(order_id)]

    def ended(self, order_id: str, reason: str = "") -> list[Report]:
        """End an order's rest; one that is over already stays as it is."""
        row = self._orders.get(order_id)
        if row is None or row.order.status in ENDED:
            return []
        self._orders.put(replace(row, order=replace(row.order, status=OrderStatus.CANCELLED, reason=reason)))
        return [self.report(order_id)]

    def at_exchange(self) -> list[KeptOrder]:
        """Return the working orders that are at a simulated exchange or on their way there, earliest first."""
        return [row for row in self._orders.all_working() if row.stage is not Stage.PRINTS]

    def order(self, order_id: str) -> KeptOrder | None:
        """Return an order as it is kept, or None."""
        return self._orders.get(order_id)

    def statement(self) -> Statement:
        """Return all that the account has, and what of it no open order has set aside."""
        return self._means.statement()

    def ledger(self) -> tuple[BrokerOrder, ...]:
        """Return every order ever accepted, in the order of acceptance."""
        return tuple(_shown(row) for row in self._orders.rows() if _exists(row))

    def find(self, client_id: str) -> BrokerOrder | None:
        """Return the order that this client id made, or None: never placed, or refused."""
        row = self._orders.of_client(client_id)
        return _shown(row) if row is not None and _exists(row) else None

    def report(self, order_id: str) -> Report:
        """Return the present state of an order with the present statement."""
        return Report(self.account, _shown(self._row(order_id)), self.statement())

    def has_unsaved(self) -> bool:
        """Return whether anything waits to be written: every step that changes anything changes an order or answers an id."""
        return self._orders.has_changed() or bool(self._new_answers)

    def unsaved(self) -> Changes:
        """Return all that changed since the last call, to be written in one transaction."""
        cash, positions = self._wallet.moved()
        changes = Changes(self._orders.changed(), self._booking.executions(), tuple(self._new_answers), cash, positions)
        self._new_answers = []
        return changes

    def _row(self, order_id: str) -> KeptOrder:
        row = self._orders.get(order_id)
        if row is None:
            raise KeyError(order_id)
        return row

    def _stage(self, order_id: str, stage: Stage) -> None:
        row = self._orders.get(order_id)
        if row is not None and row.order.status not in ENDED:
            self._orders.put(replace(row, stage=stage))

    def _refusal(self, request: OrderRequest) -> Refusal | None:
        """Return why this account cannot place such an order, at whatever venue."""
        if request.account != self.account:
            return said("paper.other_account", asked=request.account, account=self.account), False
        try:
            instrument = self._means.instrument(request.instrument)
        except UnknownThing as unknown:
            return said(unknown.code, **unknown.params), False
        reason = refusal_of_shape(request, instrument) or self._refusal_of_means(request, instrument)
        return None if reason is None else (reason, False)

    def _refusal_of_means(self, request: OrderRequest, instrument: Instrument) -> str | None:
        needed = self._means.needed(request.side, request.type, request.price, request.quantity, instrument)
        free = self._means.free(instrument.currency)
        return refusal_of_means(request, instrument, self._means.sellable(request.instrument), free, needed)

    def _refuse(self, request: OrderRequest, reason: str, inadmissible: bool) -> Outcome:
        if request.client_id:
            self._answer(Answer(request.client_id, OutcomeKind.REFUSED, "", reason, inadmissible))
        return Outcome(request.intent, request.attempt, OutcomeKind.REFUSED, detail=reason, inadmissible=inadmissible)

    def _accept(self, request: OrderRequest, order_id: OrderId) -> Outcome:
        if request.client_id:
            self._answer(Answer(request.client_id, OutcomeKind.ACCEPTED, order_id, ""))
        return Outcome(request.intent, request.attempt, OutcomeKind.ACCEPTED, order_id)

    def _answer(self, answer: Answer) -> None:
        self._answers[answer.client_id] = answer
        self._new_answers.append(answer)

    def _keep(self, request: OrderRequest, stage: Stage, term: Term) -> KeptOrder:
        number = self._orders.next_number()
        order = BrokerOrder(
            order_id=OrderId(f"{self._stem}-{number}"),
            client_id=request.client_id,
            instrument=request.instrument,
            side=request.side,
            type=request.type,
            quantity=request.quantity,
            price=request.price if request.type in PRICED else None,
            status=OrderStatus.WORKING,
            filled=ZERO,
            tif=request.tif,
            venue=request.venue,
        )
        stop = request.stop if request.type is OrderType.STOP_LIMIT else None
        row = KeptOrder(number, order, stage=stage, stop=stop, turn=term.turn, ends=term.ends)
        self._orders.put(row)
        return row

    def _joined(self, row: KeptOrder) -> KeptOrder:
        quote = self._quote(row.order)
        return row if quote is None else join(row, quote)

    def _quote(self, order: BrokerOrder) -> Quote | None:
        """Return the newest quote of the venue that an order is at."""
        seen = [self._quotes.get((order.instrument, venue)) for venue in ("", order.venue, _market(order))]
        known = [quote for quote in seen if quote is not None]
        return max(known, key=lambda quote: quote.time) if known else None


def _market(order: BrokerOrder) -> str:
    return order.instrument.partition(":")[0]


def _trades_at(order: BrokerOrder, venue: str) -> bool:
    """Tell whether what a venue prints or quotes is where an order is. A feed that names no venue means the market's own."""
    return order.venue == ROUTER or (venue or _market(order)) == (order.venue or _market(order))


def _exists(row: KeptOrder) -> bool:
    return row.stage is not Stage.NEVER or row.order.filled > 0


def _shown(row: KeptOrder) -> BrokerOrder:
    """Return an order as the ledger shows it, with what the tape leaves open of its fills."""
    order = row.order
    least, most = min(row.least, order.filled), max(row.most, order.filled)
    if row.stage is not Stage.PRINTS or least == most:
        return order
    reason = order.reason or said("paper.fill_open", filled=text(order.filled), least=text(least), most=text(most))
    return replace(order, range=FillRange(least, most), reason=reason)
