"""What the broker says: outcomes of attempts, reports of orders, statements of what is held.

Whatever the order of arrival, the end is the same (safety U8): a fill is applied once by its execution id, a filled
quantity only grows, and the broker's word on holdings outranks our own arithmetic (U7).
"""

from decimal import Decimal

from msgspec.structs import replace

from autotrader.domain.money import EXACT, ZERO, exact, quotient, text
from autotrader.domain.order import ENDED, Balance, BrokerOrder, Execution, Holding, OrderId, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import AccountName, Bind, Side, Then, leg_named
from autotrader.domain.tick import InstrumentId
from autotrader.engine.book import Book, Turn
from autotrader.engine.claiming import after_end, on_arrival, yields_unsent
from autotrader.engine.corporate import guard_against_jump, tell_of_trades_by_hand
from autotrader.engine.events import Outcome, Report, Withdrawn, leg_key
from autotrader.engine.firing import hold, retry_later
from autotrader.engine.lifecycle import AT_BROKER, INTENT_ENDS, INTENT_LIFE, LEG_SEES_PRICES, IntentSignal, LegSignal
from autotrader.engine.records import (
    AccountRecord,
    CashRecord,
    FillRecord,
    IntentRecord,
    IntentStatus,
    LegRecord,
    LegStatus,
    Next,
    Note,
    PositionRecord,
)
from autotrader.engine.repeating import repeat, watch_the_rest
from autotrader.engine.resending import in_another_form, rest_again
from autotrader.engine.triggers import rises_to_breakeven
from autotrader.engine.unfilled import after_taking_back
from autotrader.engine.world import World
from autotrader.markets.profile import find_instrument

SIGNALS = {
    OrderStatus.WORKING: IntentSignal.WORK,
    OrderStatus.PARTIAL: IntentSignal.PART,
    OrderStatus.FILLED: IntentSignal.FILL,
    OrderStatus.CANCELLED: IntentSignal.CANCEL,
    OrderStatus.EXPIRED: IntentSignal.EXPIRE,
    OrderStatus.REFUSED: IntentSignal.REFUSE,
}
FILLING = {OrderStatus.PARTIAL: "order.partial_between", OrderStatus.FILLED: "order.filled_between"}
"""What is said of fills that the tape leaves open."""


def on_outcome(world: World, turn: Turn, outcome: Outcome) -> None:
    """Take the end of an attempt."""
    intent = turn.book.intents.get(outcome.intent)
    attempt = turn.book.attempts.get((outcome.intent, outcome.attempt))
    if intent is None or attempt is None or attempt.outcome:
        return
    turn.put(replace(attempt, outcome=outcome.kind.value, answered=turn.now, order_id=outcome.order_id, detail=outcome.detail))
    if intent.status is IntentStatus.SENDING:
        _settle(world, turn, intent, outcome)
    elif outcome.kind is OutcomeKind.ACCEPTED and intent.order_id is None:
        # The report came first; the answer still tells the broker's number.
        turn.put(replace(intent, order_id=OrderId(outcome.order_id)))


def _settle(world: World, turn: Turn, intent: IntentRecord, outcome: Outcome) -> None:
    params = {"order": outcome.order_id, "detail": outcome.detail, "attempt": str(outcome.attempt)}
    match outcome.kind:
        case OutcomeKind.ACCEPTED:
            note = Note("intent.accepted", params)
            on_arrival(turn, turn.move_intent(intent, IntentSignal.ACCEPT, note, order_id=OrderId(outcome.order_id)))
        case OutcomeKind.REFUSED:
            note = Note("intent.refused", params)
            refused = turn.move_intent(intent, IntentSignal.REFUSE, note, reserved=ZERO)
            if not (outcome.inadmissible and in_another_form(world, turn, refused)):
                _fail_leg(turn, refused, note)
                after_end(world, turn, refused)
        case OutcomeKind.NOT_SENT:
            unsent = turn.move_intent(intent, IntentSignal.NOT_SEND, Note("intent.not_sent", params))
            if not yields_unsent(world, turn, unsent):
                retry_later(turn, unsent)
        case OutcomeKind.UNKNOWN:
            # Never guessed, never resent (safety F8): without a lasting id of ours at the broker only a person can tell.
            lost = turn.move_intent(intent, IntentSignal.LOSE, Note("intent.unknown", params))
            hold(turn, lost, Note("intent.held_unknown", params))


def _fail_leg(turn: Turn, intent: IntentRecord, note: Note) -> None:
    leg = turn.book.legs[intent.rule, intent.leg]
    if leg.generation == intent.generation and leg.status in (LegStatus.FIRED, LegStatus.HELD):
        turn.move_leg(leg, LegSignal.FAIL, note)
        turn.alert(leg_key(leg.rule, leg.leg), note)


def on_withdrawn(turn: Turn, withdrawn: Withdrawn) -> None:
    """Take the end of a cancel request; what became of the order comes as a report."""
    intent = turn.book.intents.get(withdrawn.intent)
    if intent is None:
        return
    note = Note(f"withdrawn.{withdrawn.kind.value}", {"order": intent.order_id or "", "detail": withdrawn.detail})
    repeated = intent.next is not Next.NOTHING and intent.status not in INTENT_ENDS
    if repeated and intent.reason is not None and intent.reason.code in (note.code, "unfilled.stuck", "order.missing"):
        return  # the request goes again every few seconds, and this was said
    if repeated:
        turn.put(replace(intent, reason=note))
    turn.journal(intent.id, intent.status.value, intent.status.value, note)
    if withdrawn.kind is not OutcomeKind.ACCEPTED:
        turn.alert(intent.id, note)


def on_report(world: World, turn: Turn, report: Report) -> None:
    """Take the cumulative state of an order."""
    # What is held comes first: what follows from the order's end is sized by it.
    if report.statement is not None:
        on_statement(turn, report.account, report.statement)
    intent = find_intent(turn.book, report.account, report.order)
    if intent is None:
        _foreign(turn, report)
    else:
        apply_order(world, turn, intent, report.order, settle_books=report.statement is None)


def find_intent(book: Book, account: AccountName, order: BrokerOrder) -> IntentRecord | None:
    """Return the intent of ours that an order belongs to: by the client id we gave it, else by the number we were told.

    Brokers begin their numbers anew each day: what is open goes before what has ended, the newer before the older.
    """
    return next((i for i in book.intents.named(account, order.client_id, order.order_id) if is_order_of(i, order)), None)


def is_order_of(intent: IntentRecord, order: BrokerOrder) -> bool:
    """Tell whether an order of the same account is the intent's."""
    if order.client_id and order.client_id == intent.client_id:
        return True
    return (intent.order_id, intent.instrument, intent.side) == (order.order_id, order.instrument, order.side)


def _foreign(turn: Turn, report: Report) -> None:
    """Keep word of an order that is not ours (safety U9, U10); it is never changed and never counted as ours."""
    order = report.order
    params = {"order": order.order_id, "side": order.side.value, "quantity": text(order.quantity), "instrument": order.instrument}
    turn.journal(f"account/{report.account}", "", order.status.value, Note("order.foreign", params))


def apply_order(world: World, turn: Turn, intent: IntentRecord, order: BrokerOrder, *, settle_books: bool) -> None:
    """Apply what an order of ours has come to: new fills once, then its state, then what it means for the leg."""
    for execution in order.executions:
        if (intent.account, execution.execution_id) not in turn.book.fills:
            _fill(world, turn, intent, order.order_id, execution, settle_books=settle_books)
    intent = turn.book.intents[intent.id]
    # A broker's sum may lag behind the executions that it tells beside it, as those may be missing beside the sum.
    with exact():
        filled = max(intent.filled, order.filled, sum((execution.quantity for execution in order.executions), ZERO))
    _count_bought(turn, intent, filled)
    _tell_what_it_bought(turn, intent, filled)
    signal = _signal(order.status, filled)
    if intent.status in INTENT_ENDS:
        intent = _after_its_end(turn, intent, order, filled)
        if (intent.status, signal) not in INTENT_LIFE:
            return
    if intent.filled == filled and _says_nothing_new(intent, signal):
        if is_missing(intent):  # it is there after all
            turn.put(replace(intent, reason=None))
        return
    rest = max(ZERO, intent.quantity - filled)
    with exact():
        reserved = ZERO if order.status in ENDED or not rest else _reserved_for_rest(intent, rest)
    note = _note_of(intent, order, filled)
    after = turn.move_intent(intent, signal, note, order_id=order.order_id, filled=filled, reserved=reserved)
    _leg_after(world, turn, after, order, note)


def _count_bought(turn: Turn, intent: IntentRecord, filled: Decimal) -> None:
    """Count what a buy has come to hold, by the quantity that only grows: not every broker tells each execution (safety U8)."""
    if intent.side is Side.BUY and filled > intent.filled:
        with exact():
            turn.bought[intent.rule] = turn.bought.get(intent.rule, ZERO) + filled - intent.filled


def _tell_what_it_bought(turn: Turn, intent: IntentRecord, filled: Decimal) -> None:
    """Let templates look again at a holding that one order is buying part by part: what asks for a value or a tag may not have
    fitted its first part."""
    key = (intent.account, intent.instrument)
    position = turn.book.positions.get(key)
    if intent.rule in turn.bought and position is not None and ZERO < position.quantity <= filled:
        turn.opened.setdefault(key, "grown")


def _signal(status: OrderStatus, filled: Decimal) -> IntentSignal:
    """Return what an order's state means with what is filled: late word that it works is no step back."""
    if filled and status is OrderStatus.WORKING:
        return IntentSignal.PART
    if filled and status is OrderStatus.REFUSED:
        return IntentSignal.CANCEL
    return SIGNALS[status]


def _after_its_end(turn: Turn, intent: IntentRecord, order: BrokerOrder, filled: Decimal) -> IntentRecord:
    """Count what is filled after an intent's end, and say when an order appears that was thought never to exist."""
    appeared = intent.order_id is None and order.status is not OrderStatus.REFUSED
    if appeared or filled != intent.filled:
        _count_late(turn, intent, order, filled)
        intent = replace(intent, order_id=intent.order_id or order.order_id, filled=filled)
        turn.put(intent)
    if appeared:
        turn.alert(intent.id, Note("order.appeared", _order_params(intent, order, filled)))
    return intent


def _count_late(turn: Turn, intent: IntentRecord, order: BrokerOrder, filled: Decimal) -> None:
    """Take what was filled after an order's end out of what is watched again, and say so when another order has followed it."""
    record = turn.book.rules[intent.rule]
    with exact():
        more = filled - intent.filled
    if more <= 0:
        return
    if record.rule.rearm_next_session and record.generation == intent.generation + 1 and record.left is not None:
        turn.put(replace(record, left=max(ZERO, record.left - more)))
        leg = turn.book.legs[intent.rule, intent.leg]
        turn.put(replace(leg, taken=EXACT.add(leg.taken, more)))
    if turn.book.intents_of(intent.rule, intent.leg):
        turn.alert(intent.id, Note("order.filled_late", {**_order_params(intent, order, filled), "more": text(more)}))


def is_missing(intent: IntentRecord) -> bool:
    """Tell whether the ledger does not show an order that the broker had taken: a day's list forgets those of the day before."""
    return intent.status in AT_BROKER and intent.reason is not None and intent.reason.code in ("order.missing", "order.not_shown")


def _says_nothing_new(intent: IntentRecord, signal: IntentSignal) -> bool:
    return (intent.status, signal) in {(IntentStatus.WORKING, IntentSignal.WORK), (IntentStatus.PARTIAL, IntentSignal.PART)}


def _reserved_for_rest(intent: IntentRecord, rest: Decimal) -> Decimal:
    """Return what the unfilled rest reserves. For a buy the limit (or the print that fired) prices it; fees are in the rest's share."""
    if intent.side is Side.SELL:
        return rest
    return min(intent.reserved, rest * (intent.price or intent.tick.price))


def _note_of(intent: IntentRecord, order: BrokerOrder, filled: Decimal) -> Note:
    """Return what is said of an order's state; where prints leave it open how much filled in truth, between what."""
    params = _order_params(intent, order, filled)
    if order.range is None or order.status not in FILLING:
        return Note(f"order.{order.status.value}", params)
    between = {"least": text(order.range.least), "most": text(order.range.most)}
    return Note(FILLING[order.status], {**params, **between})


def _order_params(intent: IntentRecord, order: BrokerOrder, filled: Decimal) -> dict[str, str]:
    return {
        "order": order.order_id,
        "side": intent.side.value,
        "instrument": intent.instrument,
        "quantity": text(intent.quantity),
        "filled": text(filled),
        "average": average_price(order.executions) or "none",
        "reason": order.reason or "none",
    }


def average_price(executions: tuple[Execution, ...]) -> str:
    """Return the average price of fills for people (to eight places), empty without fills."""
    if not executions:
        return ""
    with exact():
        quantity = sum((e.quantity for e in executions), ZERO)
        value = sum((e.price * e.quantity for e in executions), ZERO)
    if not quantity:
        return ""
    return text(quotient(Decimal(value), Decimal(quantity), 8))


def _leg_after(world: World, turn: Turn, intent: IntentRecord, order: BrokerOrder, note: Note) -> None:
    leg = turn.book.legs[intent.rule, intent.leg]
    if leg.generation != intent.generation:
        return
    if intent.status is IntentStatus.FILLED and leg.status is LegStatus.FAILED:
        turn.move_leg(leg, LegSignal.FILL, note)
        then_breakeven(turn, intent)
    elif leg.status is LegStatus.HELD and order.status not in ENDED:
        turn.move_leg(leg, LegSignal.ADOPT, note)
    elif leg.status not in (LegStatus.FIRED, LegStatus.HELD):
        return
    elif intent.status is IntentStatus.FILLED:
        turn.move_leg(leg, LegSignal.FILL, note)
        then_breakeven(turn, intent)
        after_end(world, turn, intent)
        watch_the_rest(turn, intent)
        repeat(turn, turn.book.rules[intent.rule])
    elif intent.status in INTENT_ENDS:
        if leg.status is LegStatus.HELD:  # nobody has to decide any more, and an order may follow
            leg = turn.move_leg(leg, LegSignal.ADOPT, note)
        _after_its_rest(world, turn, intent, leg, note)


def _after_its_rest(world: World, turn: Turn, intent: IntentRecord, leg: LegRecord, note: Note) -> None:
    """Let another order follow one that has ended with a rest, or end its leg."""
    if not (rest_again(world, turn, intent) or after_taking_back(world, turn, intent)):
        _ended_unfilled(turn, intent, leg, note)
        after_end(world, turn, intent)
        watch_the_rest(turn, intent)


def _ended_unfilled(turn: Turn, intent: IntentRecord, leg: LegRecord, note: Note) -> None:
    """End a leg whose order has ended with a rest that nothing follows."""
    with exact():
        rest = intent.quantity - intent.filled
    params = {"quantity": text(intent.quantity), "filled": text(intent.filled), "rest": text(rest)}
    if intent.next is Next.YIELD:
        turn.move_leg(leg, LegSignal.SUPERSEDE, note)
    elif intent.next is Next.CANCEL:
        _fail_leg(turn, intent, Note("failed.unfilled", params))
    elif intent.status is IntentStatus.EXPIRED:
        _fail_leg(turn, intent, Note("failed.unfilled_at_close", params))
    else:
        _fail_leg(turn, intent, note)


def then_breakeven(turn: Turn, intent: IntentRecord) -> None:
    """Move the stops of a rule to the break-even once a leg that says so has filled."""
    rule = turn.book.rules[intent.rule].rule
    if leg_named(rule, intent.leg).then is not Then.STOP_TO_BREAKEVEN:
        return
    for leg in turn.book.legs_of(intent.rule):
        if leg.status in LEG_SEES_PRICES and rises_to_breakeven(leg_named(rule, leg.leg).trigger) and not leg.breakeven:
            turn.put(replace(leg, breakeven=True))
            turn.journal(leg_key(leg.rule, leg.leg), leg.status.value, leg.status.value, Note("leg.breakeven", {"leg": intent.leg}))


def _fill(world: World, turn: Turn, intent: IntentRecord, order_id: OrderId, execution: Execution, *, settle_books: bool) -> None:
    turn.put(
        FillRecord(
            account=intent.account,
            execution_id=execution.execution_id,
            order_id=order_id,
            intent=intent.id,
            instrument=intent.instrument,
            side=intent.side,
            price=execution.price,
            quantity=execution.quantity,
            fee=execution.fee,
            time=execution.time,
        )
    )
    if settle_books:
        _move_books(world, turn, intent, execution)


def _move_books(world: World, turn: Turn, intent: IntentRecord, execution: Execution) -> None:
    """Move position and cash by a fill whose report carries no statement, until the broker's next word."""
    book = turn.book
    currency = find_instrument(world.markets, intent.instrument).currency
    position = book.positions.get((intent.account, intent.instrument)) or PositionRecord(
        intent.account, intent.instrument, ZERO, ZERO, ZERO, 0
    )
    cash = book.cash.get((intent.account, currency)) or CashRecord(intent.account, currency, ZERO, ZERO)
    with exact():
        sign = 1 if intent.side is Side.BUY else -1
        quantity = position.quantity + sign * execution.quantity
        moved = -sign * execution.price * execution.quantity - execution.fee
        cost = _cost_after(position, sign * execution.quantity, execution.price)
        sellable = position.sellable + (execution.quantity if sign > 0 else ZERO)
        balance = Balance(currency, cash.total + moved, cash.free + moved)
    take_balance(turn, intent.account, balance)
    take_holding(turn, intent.account, Holding(intent.instrument, quantity, min(sellable, quantity), cost))


def _cost_after(position: PositionRecord, change: Decimal, price: Decimal) -> Decimal | None:
    """Return the total cost after a fill. A part sold takes its share of the cost, kept to twelve places."""
    if position.cost is None:
        return None
    if change > 0:
        return position.cost + change * price
    rest = position.quantity + change
    return ZERO if rest <= 0 else quotient(position.cost * rest, position.quantity, 12)


def on_statement(turn: Turn, account: AccountName, statement: Statement) -> None:
    """Take the broker's word on everything an account holds; what it does not list is zero."""
    known = is_known(turn, account)
    listed = {holding.instrument for holding in statement.holdings}
    gone = [p.instrument for (name, _), p in turn.book.positions.items() if name == account and p.instrument not in listed]
    for instrument in gone:
        take_holding(turn, account, Holding(instrument, ZERO, ZERO, ZERO))
    for holding in statement.holdings:
        take_holding(turn, account, holding)
    if not known:
        turn.opened = {key: "existing" if key[0] == account else how for key, how in turn.opened.items()}
    paid = {balance.currency for balance in statement.balances}
    for currency in [c.currency for (name, _), c in turn.book.cash.items() if name == account and c.currency not in paid]:
        take_balance(turn, account, Balance(currency, ZERO, ZERO))
    for balance in statement.balances:
        take_balance(turn, account, balance)


def is_known(turn: Turn, account: AccountName) -> bool:
    """Tell whether an account's holdings were told before; the first time they are only taken note of (semantics 2.13)."""
    if account in turn.book.accounts:
        return True
    turn.put(AccountRecord(account, turn.now))
    return False


def take_balance(turn: Turn, account: AccountName, balance: Balance) -> None:
    """Keep a balance if it changed."""
    after = CashRecord(account, balance.currency, balance.total, balance.free)
    if turn.book.cash.get((account, balance.currency)) != after:
        turn.put(after)


def take_holding(turn: Turn, account: AccountName, holding: Holding) -> None:
    """Keep a holding if it changed; a return to zero ends its epoch and the sell rules that belong to it."""
    before = turn.book.positions.get((account, holding.instrument))
    if before is None and not holding.quantity:
        return
    epoch = before.epoch if before else 0
    closed = before is not None and before.quantity > 0 and holding.quantity <= 0
    after = PositionRecord(account, holding.instrument, holding.quantity, holding.sellable, holding.cost, epoch + closed)
    if after == before:
        return
    turn.put(after)
    turn.recosted[account, holding.instrument] = None
    if holding.quantity > 0 and (before is None or before.quantity <= 0):
        ours = turn.book.intents.works_in(account, holding.instrument)
        turn.opened[account, holding.instrument] = "fill" if ours else "balance"
    guard_against_jump(turn, before, after)
    tell_of_trades_by_hand(turn, before, after)
    if closed:
        _end_bound_rules(turn, account, holding.instrument, epoch)


def _end_bound_rules(turn: Turn, account: AccountName, instrument: InstrumentId, epoch: int) -> None:
    """End the sell rules of a holding that is gone, so that no old stop sells next month's purchase (semantics 2.15).

    When no order of ours has sold it, their owner is told: it was he, or the broker's word is wrong and the holding is bare.
    """
    note = Note("superseded.position_closed", {"instrument": instrument})
    ours = turn.book.intents.works_in(account, instrument)
    for record in list(turn.book.rules.values()):
        rule = record.rule
        if (rule.account, rule.instrument, rule.side, rule.bind) != (account, instrument, Side.SELL, Bind.HOLDING):
            continue
        for leg in turn.book.legs_of(rule.id):
            held_before_it_fired = leg.status is LegStatus.HELD and not turn.book.intents_of(leg.rule, leg.leg)
            if leg.epoch == epoch and (leg.status in LEG_SEES_PRICES or held_before_it_fired):
                turn.move_leg(leg, LegSignal.SUPERSEDE, note)
                if not ours:
                    turn.alert(leg_key(leg.rule, leg.leg), note)


def observed(world: World, book: Book, instrument: InstrumentId) -> frozenset[AccountName]:
    """Return the accounts that fill from prints and have an order working in the instrument."""
    return frozenset(a.name for a in world.accounts.values() if a.fills_from_prints and book.intents.works_in(a.name, instrument))
