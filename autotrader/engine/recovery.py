"""The only start path (safety U1, U2): what was in flight is resolved against the broker's ledger or held, then the account is armed."""

from msgspec.structs import replace

from autotrader.domain.money import ZERO
from autotrader.domain.order import BrokerOrder, OrderId
from autotrader.engine.book import Turn
from autotrader.engine.claiming import after_end, yields_unsent
from autotrader.engine.events import Recovered
from autotrader.engine.firing import hold, retry_later
from autotrader.engine.lifecycle import AT_BROKER, IntentSignal, LegSignal
from autotrader.engine.orders import apply_order, is_order_of, on_statement
from autotrader.engine.records import IntentRecord, IntentStatus, LegStatus, Note
from autotrader.engine.unfilled import ask_after_restart
from autotrader.engine.world import World


def begin(turn: Turn, version: str, down_since: int) -> None:
    """Take over from the process before: an attempt without an answer may or may not have reached the broker."""
    turn.journal("daemon", "", "started", Note("daemon.started", {"version": version, "down_since": str(down_since)}))
    for intent in turn.book.open():
        if intent.status is IntentStatus.SENDING:
            turn.move_intent(intent, IntentSignal.LOSE, Note("intent.died_sending", {"attempt": str(intent.attempts)}))


def recover(world: World, turn: Turn, recovered: Recovered) -> None:
    """Resolve every open intent of an account against its complete ledger, and take its statement."""
    account = recovered.account
    on_statement(turn, account, recovered.statement)
    for intent in turn.book.intents.of_account(account):
        _resolve(world, turn, intent, recovered)
        ask_after_restart(turn, turn.book.intents[intent.id])


def _resolve(world: World, turn: Turn, intent: IntentRecord, recovered: Recovered) -> None:
    order = _ours(intent, recovered.orders)
    attempt = turn.book.attempts.get((intent.id, intent.attempts))
    if order is not None:
        apply_order(world, turn, intent, order, settle_books=False)
    elif attempt is not None and max(attempt.at, attempt.answered) >= recovered.asked:
        return  # it was on its way while the ledger was read
    elif intent.status is IntentStatus.UNKNOWN and world.account(intent.account).lasting_ids:
        absent = turn.move_intent(intent, IntentSignal.NOT_SEND, Note("intent.never_arrived", {"client_id": intent.client_id}))
        if not yields_unsent(world, turn, absent):
            retry_later(turn, absent)
    elif intent.status is IntentStatus.UNKNOWN:
        hold(turn, intent, Note("intent.held_unknown", {"order": "", "detail": "the daemon stopped", "attempt": str(intent.attempts)}))
    elif intent.status in AT_BROKER:
        _say_missing(turn, intent)


def _say_missing(turn: Turn, intent: IntentRecord) -> None:
    """Say once that the ledger does not show an order; the reason stays with the intent, so that `status` shows it."""
    code = "order.not_shown" if is_on_a_persons_word(turn, intent) else "order.missing"
    note = Note(code, {"order": intent.order_id or "", "account": intent.account, "item": intent.id})
    if intent.reason != note:
        turn.put(replace(intent, reason=note))
        turn.journal(intent.id, intent.status.value, intent.status.value, note)
        turn.alert(intent.id, note)


def _ours(intent: IntentRecord, orders: tuple[BrokerOrder, ...]) -> BrokerOrder | None:
    return next((order for order in orders if is_order_of(intent, order)), None)


def is_on_a_persons_word(turn: Turn, intent: IntentRecord) -> bool:
    """Tell whether an order's number is a person's alone: the broker gave none, and has not shown this one yet."""
    attempt = turn.book.attempts.get((intent.id, intent.attempts))
    return intent.status is IntentStatus.ACCEPTED and attempt is not None and not attempt.order_id


def place_found(turn: Turn, intent: IntentRecord, order_id: str) -> None:
    """Take a person's word that an order exists under a number at the broker; a number can be put right."""
    note = Note("resolved.placed", {"order": order_id})
    if intent.status is not IntentStatus.HELD:
        turn.put(replace(intent, order_id=OrderId(order_id), reason=note))
        turn.journal(intent.id, intent.status.value, intent.status.value, note)
        return
    turn.move_intent(intent, IntentSignal.ACCEPT, note, order_id=OrderId(order_id))
    leg = turn.book.legs[intent.rule, intent.leg]
    if leg.generation == intent.generation and leg.status is LegStatus.HELD:
        turn.move_leg(leg, LegSignal.ADOPT, note)


def declare_absent(world: World, turn: Turn, intent: IntentRecord) -> None:
    """Take a person's word that a held order never existed, or that one that is not shown has ended: nothing is sent, the leg
    has failed; a sibling that waited goes on."""
    gone = intent.status in AT_BROKER
    note = Note("resolved.gone" if gone else "resolved.absent", {})
    ended = turn.move_intent(intent, IntentSignal.CANCEL if gone else IntentSignal.ABSENT, note, reserved=ZERO)
    leg = turn.book.legs[intent.rule, intent.leg]
    if leg.generation == intent.generation and leg.status in (LegStatus.HELD, LegStatus.FIRED):
        turn.move_leg(leg, LegSignal.FAIL, note)
    after_end(world, turn, ended)
