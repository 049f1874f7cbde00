"""Several legs on one quantity: who loses when one fires, and what happens to orders of theirs that work (semantics 2.10).

Never two orders for the same shares: what a sibling's order holds is asked back, and sold when its end is confirmed.
"""

from msgspec.structs import replace

from autotrader.domain.money import ZERO
from autotrader.domain.rule import LegName, RuleId, TimeInForce, leg_named
from autotrader.engine.book import Turn
from autotrader.engine.effects import Withdraw
from autotrader.engine.intents import WAITING
from autotrader.engine.lifecycle import AT_BROKER, UNRESOLVED, IntentSignal, LegSignal
from autotrader.engine.records import IntentRecord, LegRecord, LegStatus, Next, Note
from autotrader.engine.triggers import guards

STILL_OPEN = frozenset({LegStatus.WAITING, LegStatus.WATCHING, LegStatus.PAUSED, LegStatus.HELD})
"""Has neither fired nor ended. Held counts only as long as the leg has no order: then it was held before it fired."""


def supersede(turn: Turn, leg: LegRecord, intent: IntentRecord | None = None) -> None:
    """End the siblings of a leg that fired, in the same transaction: they have lost. After a part of the quantity (also of one
    that was only told of, or decided for the record) they share what is left; and while the order rests at a price, what
    guards against a fall goes on."""
    record = turn.book.rules[leg.rule]
    # While it waits for siblings' orders to end, what they hold may come back to be watched: `settle_siblings` ends what is over.
    waits = intent is None and bool(siblings_orders(turn, leg))
    if leg_named(record.rule, leg.leg).share is not None and (record.left is None or record.left > 0 or waits):
        return
    orders = [] if intent is None else [intent, *siblings_orders(turn, leg)]
    rests = any(order.price is not None and order.tif is TimeInForce.DAY for order in orders)
    for sibling in turn.book.legs_of(leg.rule):
        if sibling.leg == leg.leg or sibling.status not in STILL_OPEN or turn.book.intents_of(sibling.rule, sibling.leg):
            continue
        if not (rests and guards(leg_named(record.rule, sibling.leg).trigger)):
            turn.move_leg(sibling, LegSignal.SUPERSEDE, Note("superseded.sibling", {"leg": leg.leg}))


def settle_siblings(turn: Turn, rule_id: RuleId, winner: LegName) -> None:
    """End what still watches over a quantity of which nothing is left."""
    record = turn.book.rules[rule_id]
    open_orders = any(turn.book.intents_of(rule_id, leg.name) for leg in record.rule.legs)
    if record.left is None or record.left > 0 or open_orders:
        return
    for sibling in turn.book.legs_of(rule_id):
        if sibling.leg != winner and (sibling.status in STILL_OPEN or sibling.status is LegStatus.FIRED):
            turn.move_leg(sibling, LegSignal.SUPERSEDE, Note("superseded.sibling", {"leg": winner}))


def siblings_orders(turn: Turn, leg: LegRecord) -> list[IntentRecord]:
    """Return the open orders of a leg's siblings."""
    rule = turn.book.rules[leg.rule].rule
    return [intent for other in rule.legs if other.name != leg.leg for intent in turn.book.intents_of(leg.rule, other.name)]


def has_a_part_of_its_own(turn: Turn, leg: LegRecord) -> bool:
    """Tell whether a leg sells a share that no sibling's order holds, so that it need not wait for any."""
    record = turn.book.rules[leg.rule]
    return leg_named(record.rule, leg.leg).share is not None and record.left is not None and record.left > 0


def ask_siblings_back(turn: Turn, leg: LegRecord) -> bool:
    """Ask back what siblings' orders hold, so that a leg that fired may sell it; tell whether it must wait for their end."""
    if has_a_part_of_its_own(turn, leg):
        return False
    for intent in siblings_orders(turn, leg):
        ask_back(turn, intent, Next.YIELD, Note("intent.asked_back", {"leg": leg.leg}))
    return bool(siblings_orders(turn, leg))


def ask_back(turn: Turn, intent: IntentRecord, following: Next, note: Note) -> None:
    """Ask the broker to cancel an order because something else is to follow it; one that has not left ends at once.

    One that is on its way, or of which nobody knows, is asked back when the broker has it.
    """
    if intent.status in WAITING:
        ended = turn.move_intent(replace(intent, next=following), IntentSignal.CANCEL, note, reserved=ZERO)
        leg = turn.book.legs[ended.rule, ended.leg]
        if following is Next.YIELD and leg.status is LegStatus.FIRED:
            turn.move_leg(leg, LegSignal.SUPERSEDE, note)
        return
    first = intent.next is not following
    if first and intent.status in UNRESOLVED:
        turn.alert(intent.id, Note("intent.wanted_in_doubt", {"order": intent.id, **note.params}))
    if intent.status in AT_BROKER and intent.order_id is not None:
        turn.act(Withdraw(intent.account, intent.id, intent.order_id))
        intent = replace(intent, asked=turn.now)
    turn.put(replace(intent, next=following))
    if first:
        turn.journal(intent.id, intent.status.value, intent.status.value, note)
