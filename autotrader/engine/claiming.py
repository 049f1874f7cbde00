"""A leg that fired while a sibling's order was working sells the rest when that order's end is confirmed (semantics 2.10)."""

from msgspec.structs import replace

from autotrader.domain.money import ZERO, text
from autotrader.engine.admission import Answer, clear, terms
from autotrader.engine.arming import look
from autotrader.engine.book import Turn
from autotrader.engine.events import leg_key
from autotrader.engine.firing import first_intent, order_words, size_now
from autotrader.engine.lifecycle import IntentSignal, LegSignal
from autotrader.engine.oco import ask_siblings_back, settle_siblings
from autotrader.engine.pricing import order_terms
from autotrader.engine.records import IntentRecord, IntentStatus, LegRecord, LegStatus, Next, Note
from autotrader.engine.triggers import rank
from autotrader.engine.world import World
from autotrader.markets.orders import kind_of


def after_end(world: World, turn: Turn, intent: IntentRecord) -> None:
    """Let a sibling that waits for an order's end go, or end what has nothing left to sell."""
    record = turn.book.rules[intent.rule]
    if len(record.rule.legs) == 1 or record.generation != intent.generation:
        return
    for leg in turn.book.legs_of(intent.rule):
        if leg.status is LegStatus.FIRED and leg.leg != intent.leg and not turn.book.intents_of(leg.rule, leg.leg):
            claim(world, turn, leg, intent)
    settle_siblings(turn, intent.rule, intent.leg)


def yields_unsent(world: World, turn: Turn, intent: IntentRecord) -> bool:
    """End an order that never left and that a sibling wants, so that it is not sent again; tell whether it was wanted."""
    if intent.next is not Next.YIELD:
        return False
    legs = turn.book.legs_of(intent.rule)
    winner = next((leg.leg for leg in legs if leg.status is LegStatus.FIRED and leg.leg != intent.leg), intent.leg)
    note = Note("superseded.sibling", {"leg": winner})
    ended = turn.move_intent(intent, IntentSignal.CANCEL, note, reserved=ZERO)
    leg = turn.book.legs[intent.rule, intent.leg]
    if leg.status is LegStatus.FIRED:
        turn.move_leg(leg, LegSignal.SUPERSEDE, note)
    after_end(world, turn, ended)
    return True


def on_arrival(turn: Turn, intent: IntentRecord) -> None:
    """Ask an order back that a sibling has wanted while it was on its way."""
    if intent.next is Next.YIELD and not intent.asked:
        for leg in turn.book.legs_of(intent.rule):
            if leg.status is LegStatus.FIRED and leg.leg != intent.leg:
                ask_siblings_back(turn, leg)
                return


def claim(world: World, turn: Turn, leg: LegRecord, ended: IntentRecord) -> None:
    """Decide the order of a leg that has waited for its siblings' orders to end; it leaves once its account is ready."""
    if ask_siblings_back(turn, leg):
        return
    record = turn.book.rules[leg.rule]
    if record.left is not None and record.left <= 0:
        return
    rule = record.rule
    watched = look(world, turn.book, record, leg)
    shot = turn.book.shots[leg.rule, leg.leg]
    newest = turn.book.newest(rule.instrument)
    seen = newest.price if newest is not None and newest.time > shot.crossed.time else shot.crossed.price
    watched = watched._replace(sight=watched.sight._replace(mark=shot.mark))
    written = order_terms(world, turn.book, watched, seen, late=shot.late)
    kind = kind_of(written.type, written.tif)
    clearance = clear(world, turn.book, rule, kind, turn.now)
    sent = terms(world, turn.book, rule, clearance.kind if clearance.answer is Answer.GO else kind, written, seen, turn.now)
    size = size_now(world, turn, record, watched.text, sent.price, seen)
    if size.refusal is not None:
        turn.move_leg(leg, LegSignal.FAIL, size.refusal)
        turn.alert(leg_key(leg.rule, leg.leg), size.refusal)
        return
    made = first_intent(world, turn, record, shot, size, sent, rank(watched.sight.trigger))
    made = replace(made, recheck=clearance.answer is Answer.STOPPED)  # the first print after the halt must still want it
    turn.put(made)
    if size.quantity < size.wanted:
        turn.alert(made.id, Note("intent.shrunk", {"wanted": text(size.wanted), "sent": text(size.quantity)}))
    turn.journal(made.id, "", IntentStatus.INTENT.value, Note("intent.decided", order_words(made)))
    turn.journal(made.id, IntentStatus.INTENT.value, IntentStatus.INTENT.value, Note("intent.after_sibling", {"order": ended.id}))
