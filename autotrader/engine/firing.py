"""From a met trigger to an order: shot, intent, attempt, reservation and superseded siblings in one unit.

Nothing here sends. A `Place` act leaves the unit only together with the records that make the order recognisable after
a crash, and the shell performs it only after their commit (safety F2, F3).
"""

import hashlib
import re
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from autotrader.domain.money import ZERO, quotient, text
from autotrader.domain.order import IntentId, OrderRequest
from autotrader.domain.rule import AccountName, Action, AfterClose, Leg, Rule, Side, Spend, TimeInForce, order_of, trigger_kind
from autotrader.domain.tick import Tick
from autotrader.engine.admission import FOR_AN_AUCTION, Answer, Clearance, Terms, clear, deadline_after, limits_of, terms
from autotrader.engine.book import Turn
from autotrader.engine.effects import Place, Show
from autotrader.engine.events import Reference, leg_key
from autotrader.engine.hours import end_of_validity, market_time, order_venue
from autotrader.engine.index import Watch, Watched
from autotrader.engine.levels import Line
from autotrader.engine.lifecycle import IntentSignal, LegSignal
from autotrader.engine.oco import ask_siblings_back, supersede
from autotrader.engine.pricing import order_terms
from autotrader.engine.records import AttemptRecord, IntentRecord, IntentStatus, LegRecord, LegStatus, Note, Print, RuleRecord, ShotRecord
from autotrader.engine.repeating import repeat
from autotrader.engine.sizing import (
    Size,
    cash_available,
    cash_to_send,
    lot_of,
    share_of,
    shares_available,
    shares_to_send,
    size_buy,
    size_sell,
    whole_lots,
)
from autotrader.engine.triggers import fire_level, keeps_mark, rank
from autotrader.engine.world import World
from autotrader.markets.calendar import local_date
from autotrader.markets.orders import kind_of
from autotrader.markets.profile import cost_on, find_instrument, profile_of

DEADLINE = 60_000_000_000
"""A market-like exit is held, not sent, when it could not leave for this long (safety F10). ns."""

RETRY_PAUSE = 1_000_000_000
CLIENT_ID_LENGTH = 36


class Cause(NamedTuple):
    """The print that fired and how long nobody had watched before it (0: not late)."""

    watch: Watch
    tick: Tick
    down: int


def as_print(tick: Tick | None) -> Print | None:
    """Return the part of a tick that is kept as evidence."""
    return None if tick is None else Print(tick.price, tick.time, tick.sequence)


def shown(line: Line) -> str:
    """Return a level for people and the store: exact where it ends, else to twelve places."""
    return text(line.top) if line.bottom == 1 else text(quotient(line.top, line.bottom, 12))


def fire(world: World, turn: Turn, leg: Watched, cause: Cause, clearance: Clearance) -> None:
    """Fire a leg: one shot, and the intent to place its order, or a failure that says why there is none.

    Siblings lose when there is an order (or nothing but word of it). After a failure they go on: they may be all that is left.
    """
    if _has_no_share(world, turn, leg):
        return
    shot = _shot(turn, leg, cause)
    fired = turn.move_leg(leg.leg, LegSignal.FIRE, shot.why)
    turn.put(shot)
    if leg.record.rule.action is Action.ALERT:
        supersede(turn, leg.leg)
        _finish(turn, fired, Note("done.alerted", {"price": text(cause.tick.price)}))
    elif clearance.answer is Answer.FAIL and clearance.note is not None:
        _fail(turn, fired, clearance.note)
    elif ask_siblings_back(turn, leg.leg):
        supersede(turn, leg.leg)
    else:
        _order(world, turn, leg, cause, clearance, shot, fired)


def _order(world: World, turn: Turn, leg: Watched, cause: Cause, clearance: Clearance, shot: ShotRecord, fired: LegRecord) -> None:
    """Decide the order of a shot, as large as what is left and there."""
    rule = leg.record.rule
    written = order_terms(world, turn.book, leg, cause.tick.price, late=cause.down > 0)
    kind = kind_of(written.type, written.tif)
    if written.type is not order_of(rule, leg.text).type:  # a late fire as a limit: the venue is asked about that
        clearance = clear(world, turn.book, rule, kind, turn.now)
    sent = terms(world, turn.book, rule, clearance.kind if clearance.answer is Answer.GO else kind, written, cause.tick.price, turn.now)
    size = size_now(world, turn, leg.record, leg.text, sent.price, cause.tick.price)
    if size.refusal is not None:
        _fail(turn, fired, size.refusal)
        return
    if len(rule.legs) > 1 and leg.record.lot is None:
        turn.put(replace(turn.book.rules[rule.id], lot=size.lot, left=size.lot))
    intent = first_intent(world, turn, leg.record, shot, size, sent, rank(leg.sight.trigger))
    if rule.shadow:
        _record_only(turn, leg, fired, intent)
        return
    if clearance.answer is not Answer.GO:
        intent = replace(intent, reason=clearance.note)  # what it waits for
    turn.put(intent)
    turn.journal(intent.id, "", IntentStatus.INTENT.value, Note("intent.decided", order_words(intent)))
    if clearance.note is not None:
        turn.journal(intent.id, IntentStatus.INTENT.value, IntentStatus.INTENT.value, clearance.note)
    supersede(turn, leg.leg, intent)
    if size.quantity < size.wanted:
        turn.alert(intent.id, Note("intent.shrunk", {"wanted": text(size.wanted), "sent": text(size.quantity)}))
    dispatch(world, turn, rule.account)


def _has_no_share(world: World, turn: Turn, leg: Watched) -> bool:
    """Pass over a leg whose share of the quantity is nothing (half of one share); tell whether it was."""
    record, text_of = leg.record, leg.text
    if text_of.share is None:
        return False
    lot, instrument = record.lot, find_instrument(world.markets, record.rule.instrument)
    if lot is None:
        held = turn.book.positions.get((record.rule.account, record.rule.instrument))
        available = shares_available(turn.book, record.rule.account, record.rule.instrument)
        lot = lot_of(record.rule, held.quantity if held is not None else ZERO, available, instrument)
    if share_of(lot, text_of, record.rule, instrument) > 0 or not lot:
        return False
    note = Note("superseded.no_share", {"leg": text_of.name, "share": text(text_of.share), "lot": text(lot)})
    turn.move_leg(leg.leg, LegSignal.SUPERSEDE, note)
    return True


def _finish(turn: Turn, leg: LegRecord, note: Note) -> None:
    """End a leg that did all that it should without an order."""
    turn.move_leg(leg, LegSignal.FINISH, note)
    turn.alert(leg_key(leg.rule, leg.leg), note)
    repeat(turn, turn.book.rules[leg.rule])


def _record_only(turn: Turn, leg: Watched, fired: LegRecord, intent: IntentRecord) -> None:
    """Keep the order of a shadow rule for the record: it ends as it begins, reserves nothing and is never sent."""
    note = Note("intent.shadow", order_words(intent))
    turn.put(replace(intent, reserved=ZERO))
    turn.journal(intent.id, "", IntentStatus.INTENT.value, Note("intent.decided", order_words(intent)))
    supersede(turn, leg.leg)
    turn.move_intent(turn.book.intents[intent.id], IntentSignal.CANCEL, note, reserved=ZERO)
    record = turn.book.rules[intent.rule]
    if record.left is not None:  # an order's end gives back what it has not sold; this one counts as if it had sold all
        turn.put(replace(record, left=record.left - intent.quantity))
    _finish(turn, fired, note)


def _fail(turn: Turn, leg: LegRecord, note: Note) -> None:
    """End a leg that fired without an order, and say why."""
    turn.move_leg(leg, LegSignal.FAIL, note)
    turn.alert(leg_key(leg.rule, leg.leg), note)


def _shot(turn: Turn, leg: Watched, cause: Cause) -> ShotRecord:
    line = fire_level(leg.sight)
    level = shown(line) if line is not None else ""
    before = as_print(cause.watch.before)
    crossed = as_print(cause.tick)
    assert crossed is not None
    return ShotRecord(
        rule=leg.leg.rule,
        leg=leg.leg.leg,
        generation=leg.leg.generation,
        version=leg.record.version,
        at=turn.now,
        before=before,
        crossed=crossed,
        mark=leg.sight.mark,
        level=level,
        why=_why(leg, cause, level, before),
        late=cause.down > 0,
        down=cause.down,
    )


def _why(leg: Watched, cause: Cause, level: str, before: Print | None) -> Note:
    """Return the sentence of a fire: what was seen, against which level, from which mark."""
    params = {
        "price": text(cause.tick.price),
        "level": level,
        "before": text(before.price) if before else "none",
        "instrument": leg.record.rule.instrument,
        "version": str(leg.record.version),
    }
    if keeps_mark(leg.sight.trigger) and leg.sight.mark is not None:
        params["mark"] = text(leg.sight.mark)
    if cause.down:
        params["down"] = f"{cause.down / 1e9:.1f}"
    kind = trigger_kind(leg.sight.trigger)
    return Note(f"fired.{kind}.late" if cause.down else f"fired.{kind}", params)


def size_now(world: World, turn: Turn, record: RuleRecord, leg: Leg, limit: Decimal | None, seen: Decimal) -> Size:
    """Return how much a leg sends now."""
    rule = turn.book.rules[record.rule.id].rule
    record = turn.book.rules[record.rule.id]
    instrument = find_instrument(world.markets, rule.instrument)
    if rule.side is Side.SELL:
        position = turn.book.positions.get((rule.account, rule.instrument))
        held = position.quantity if position is not None else ZERO
        taken = turn.book.legs[rule.id, leg.name].taken
        return size_sell(record, leg, instrument, held, shares_available(turn.book, rule.account, rule.instrument), taken)
    profile = profile_of(world.markets, rule.instrument)
    commission = cost_on(profile, local_date(profile, turn.now)).commission
    available = cash_available(turn.book, rule.account, instrument.currency, lambda other: find_instrument(world.markets, other).currency)
    return size_buy(record, instrument, limit or _most_paid(world, turn, rule, seen), commission, available)


def _most_paid(world: World, turn: Turn, rule: Rule, seen: Decimal) -> Decimal:
    """Return the price by which a buy without a limit is sized. An amount of money is divided by the day's upper limit where
    there is one, because the broker reserves that much (semantics 2.10)."""
    if not isinstance(rule.quantity, Spend):
        return seen
    day = local_date(order_venue(world.markets, rule), market_time(world, turn.book, rule, turn.now))
    limits = limits_of(world, turn.book, rule.instrument, day)
    return seen if limits is None else limits.upper


def first_intent(world: World, turn: Turn, record: RuleRecord, shot: ShotRecord, size: Size, sent: Terms, urgency: int) -> IntentRecord:
    """Return the first order of a shot."""
    rule = record.rule
    intent_id = IntentId(f"{rule.id}/{shot.leg}/{shot.generation}/1")
    return IntentRecord(
        id=intent_id,
        rule=rule.id,
        leg=shot.leg,
        generation=shot.generation,
        number=1,
        status=IntentStatus.INTENT,
        account=rule.account,
        instrument=rule.instrument,
        side=rule.side,
        type=sent.type,
        quantity=size.quantity,
        price=sent.price,
        client_id=client_id(world.instance, intent_id),
        created=turn.now,
        deadline=deadline_of(world, turn, record, sent),
        reserved=size.reserved,
        sellable_seen=size.available if rule.side is Side.SELL else None,
        tick=shot.crossed,
        urgency=urgency,
        tif=sent.tif,
        venue=rule.venue,
    )


def deadline_of(world: World, turn: Turn, record: RuleRecord, sent: Terms) -> int:
    """Return until when an order may leave: a minute in which the venue takes it for what crosses at once, the end of the
    rule's validity for what waits at a price (safety F10)."""
    if sent.price is not None and sent.tif is TimeInForce.DAY:
        return end_of_validity(world, record)
    return deadline_after(world, turn.book, record.rule, kind_of(sent.type, sent.tif), turn.now, DEADLINE)


def order_words(intent: IntentRecord) -> dict[str, str]:
    """Return an order in words: side, quantity, instrument, and its price or the word for its type."""
    price = text(intent.price) if intent.price is not None else intent.type.value
    return {"side": intent.side.value, "quantity": text(intent.quantity), "instrument": intent.instrument, "price": price}


def client_id(instance: str, intent: IntentId) -> str:
    """Return the id that a broker sees: the instance, then the intent readable where it fits, else its digest."""
    plain = f"{instance}-" + intent.replace("/", "_")
    # Two intents must never read the same, so one whose names hold the separator themselves is not written plainly.
    if len(plain) <= CLIENT_ID_LENGTH and re.fullmatch(r"[A-Za-z0-9/-]*", intent):
        return plain
    return f"{instance}-{hashlib.sha256(intent.encode()).hexdigest()[:20]}"


def dispatch(world: World, turn: Turn, account: AccountName) -> None:
    """Let the account's most urgent waiting intent go, when its lane is free. Exits go before entries (safety L3)."""
    intents = turn.book.intents
    if intents.is_sending(account):
        return
    # Without lasting ids an order in doubt forbids another one of the same instrument and side (safety U5).
    blocked = {(i.instrument, i.side) for i in _in_doubt(world, turn, account)}
    ready = (i for i in intents.lane(account) if _may_go(i, turn.now) and (i.instrument, i.side) not in blocked)
    first = next((cleared for cleared in (last_gate(world, turn, intent) for intent in ready) if cleared is not None), None)
    if first is not None:
        if world.account(account).fills_from_prints:
            _show_the_market(world, turn, first)
        send(turn, first)


def _show_the_market(world: World, turn: Turn, intent: IntentRecord) -> None:
    """Show a broker that fills from what is seen where the market stands as its order comes: best prices and the day's base."""
    rule = turn.book.rules[intent.rule].rule
    quote = turn.book.quotes.get((intent.instrument, order_venue(world.markets, rule).id))
    kept = turn.book.prices.get(intent.instrument)
    if quote is not None:
        turn.act(Show(intent.account, quote))
    if kept is not None and kept.previous_close is not None and kept.base_day:
        turn.act(Show(intent.account, Reference(intent.instrument, kept.previous_close)))


def last_gate(world: World, turn: Turn, intent: IntentRecord) -> IntentRecord | None:
    """Ask once more, before the sending, whether the venue takes the order now: return it as it may go, None while it waits."""
    if intent.recheck:
        return None
    affordable = _still_there(world, turn, intent)
    if affordable is None:
        return None
    intent = affordable
    rule = turn.book.rules[intent.rule].rule
    kind = kind_of(intent.type, intent.tif)
    clearance = clear(world, turn.book, rule, kind, turn.now)
    if clearance.answer is Answer.GO:
        return intent if clearance.kind == kind else _in_another_form(world, turn, rule, intent, clearance)
    if clearance.note is None:
        return None
    if clearance.answer is Answer.FAIL:
        give_up(turn, intent, clearance.note)
    elif intent.reason is None or intent.reason.code != clearance.note.code:
        # What came too late for its session was not told to wait for the next one: then the first price there judges it again.
        late = clearance.answer is Answer.CLOSED and rule.after_close is AfterClose.RECHECK and kind not in FOR_AN_AUCTION
        longer = deadline_after(world, turn.book, rule, kind, turn.now, DEADLINE, calls=False) if late else 0
        turn.put(replace(intent, reason=clearance.note, recheck=late, deadline=max(intent.deadline, longer)))
        turn.journal(intent.id, intent.status.value, intent.status.value, clearance.note)
    return None


def _still_there(world: World, turn: Turn, intent: IntentRecord) -> IntentRecord | None:
    """Return an order as far as what it needs is still there: while it waited, its owner may have sold or spent by hand."""
    instrument = find_instrument(world.markets, intent.instrument)
    if intent.side is Side.BUY:
        cash = cash_to_send(turn.book, intent.account, instrument.currency, lambda other: find_instrument(world.markets, other).currency)
        if intent.reserved <= cash:
            return intent
        params = {"needed": text(intent.reserved), "available": text(cash), "currency": instrument.currency}
        give_up(turn, intent, Note("failed.no_cash", params))
        return None
    free = shares_to_send(turn.book, intent.account, intent.instrument)
    if intent.quantity <= free:
        return intent
    quantity = whole_lots(free, instrument.lot)
    if quantity <= 0:
        give_up(turn, intent, Note("failed.no_quantity", {"instrument": intent.instrument, "available": text(free)}))
        return None
    turn.alert(intent.id, Note("intent.shrunk", {"wanted": text(intent.quantity), "sent": text(quantity)}))
    shrunk = replace(intent, quantity=quantity, reserved=quantity)
    turn.put(shrunk)
    return shrunk


def _in_another_form(world: World, turn: Turn, rule: Rule, intent: IntentRecord, clearance: Clearance) -> IntentRecord:
    """Return an order as the present session takes it; its record says so before it goes."""
    written = Terms(intent.type, intent.tif, intent.price)
    sent = terms(world, turn.book, rule, clearance.kind, written, intent.tick.price, turn.now)
    changed = replace(intent, type=sent.type, tif=sent.tif, price=sent.price)
    turn.put(changed)
    if clearance.note is not None:
        turn.journal(intent.id, intent.status.value, intent.status.value, clearance.note)
    return changed


def in_doubt_before(world: World, turn: Turn, intent: IntentRecord) -> IntentRecord | None:
    """Return the order in doubt that forbids this one to leave."""
    same = (intent.instrument, intent.side)
    return next((i for i in _in_doubt(world, turn, intent.account) if (i.instrument, i.side) == same), None)


def _in_doubt(world: World, turn: Turn, account: AccountName) -> list[IntentRecord]:
    """Return the orders that could be taken for another of their shape; one that never left cannot."""
    if world.account(account).lasting_ids:
        return []
    return [i for i in turn.book.intents.unresolved(account) if i.attempts]


def _may_go(intent: IntentRecord, now: int) -> bool:
    """Tell whether a waiting intent's pause is over and its deadline is not (safety F10)."""
    return intent.retry_at <= now and not (intent.deadline and now > intent.deadline)


def send(turn: Turn, intent: IntentRecord) -> None:
    """Make the attempt durable together with the act that sends it."""
    number = intent.attempts + 1
    sending = turn.move_intent(intent, IntentSignal.SEND, Note("intent.sending", {"attempt": str(number)}), attempts=number, retry_at=0)
    turn.put(AttemptRecord(intent.id, number, turn.now))
    turn.act(Place(request_of(sending)))


def request_of(intent: IntentRecord) -> OrderRequest:
    """Return what is handed to the broker for an intent's newest attempt."""
    return OrderRequest(
        intent=intent.id,
        attempt=intent.attempts,
        client_id=intent.client_id,
        account=intent.account,
        instrument=intent.instrument,
        side=intent.side,
        type=intent.type,
        quantity=intent.quantity,
        price=intent.price,
        tif=intent.tif,
        venue=intent.venue,
    )


def give_up(turn: Turn, intent: IntentRecord, note: Note) -> None:
    """End an order that provably never left, and its leg with it; a person is told that nothing was sent."""
    turn.move_intent(turn.book.intents[intent.id], IntentSignal.CANCEL, note, reserved=ZERO, recheck=False)
    leg = turn.book.legs[intent.rule, intent.leg]
    if leg.generation == intent.generation and leg.status in (LegStatus.FIRED, LegStatus.HELD):
        turn.move_leg(leg, LegSignal.FAIL, note)
    turn.alert(leg_key(intent.rule, intent.leg), note)


def hold(turn: Turn, intent: IntentRecord, note: Note) -> None:
    """Freeze an intent and its leg until a person decides, and say so."""
    turn.move_intent(intent, IntentSignal.HOLD, note)
    leg = turn.book.legs[intent.rule, intent.leg]
    if leg.generation == intent.generation and leg.status is LegStatus.FIRED:
        turn.move_leg(leg, LegSignal.HOLD, note)
    turn.alert(intent.id, note)


def retry_later(turn: Turn, intent: IntentRecord) -> IntentRecord:
    """Put off the next attempt: one second, doubling to sixteen."""
    pause = RETRY_PAUSE * 2 ** min(intent.attempts - 1, 4)
    later = replace(intent, retry_at=turn.now + pause)
    turn.put(later)
    return later
