"""One shot, several orders: what the venue would not take in one form goes in another, and the rest of an order that may
not rest goes again. Each on the confirmed rest of the one before, numbered, never two at once (safety F1).
"""

from decimal import Decimal

from msgspec.structs import replace

from autotrader.domain.money import HUNDRED, ZERO, exact, text
from autotrader.domain.order import IntentId
from autotrader.domain.rule import OnInadmissible, OrderType, Rule, Side, TimeInForce, leg_named, order_of
from autotrader.engine.admission import STOPPED, Answer, Terms, clear, policy, state_of, terms
from autotrader.engine.book import Turn
from autotrader.engine.firing import RETRY_PAUSE, client_id, deadline_of, order_words
from autotrader.engine.hours import market_time, order_venue
from autotrader.engine.lifecycle import LEG_ENDS
from autotrader.engine.records import IntentRecord, IntentStatus, Next, Note
from autotrader.engine.world import World
from autotrader.markets.calendar import local_date
from autotrader.markets.orders import kind_of
from autotrader.markets.profile import cost_on, profile_of

PLAIN = "limit"
MOST_ORDERS = 6
"""Of one shot: the first and five more (semantics 2.11). Steps of its price are counted by `unfilled`, not here."""


def in_another_form(world: World, turn: Turn, intent: IntentRecord) -> bool:
    """Send what the venue has just refused for its type in the form that it takes now; tell whether there is one."""
    rule = turn.book.rules[intent.rule].rule
    if policy(rule) is not OnInadmissible.SUBSTITUTE or not may_follow(turn, intent):
        return False
    kind = kind_of(intent.type, intent.tif)
    clearance = clear(world, turn.book, rule, kind, turn.now)
    if clearance.answer is not Answer.GO:  # nothing is taken now: the same order waits for the session that takes it
        sent_kind = kind
    elif clearance.kind != kind:
        sent_kind = clearance.kind
    elif kind != PLAIN:  # the refusal is newer than what the calendar says: a plain limit order is taken in every call
        sent_kind = PLAIN
    else:
        return False
    sent = terms(world, turn.book, rule, sent_kind, Terms(intent.type, intent.tif, intent.price), intent.tick.price, turn.now)
    follow(world, turn, intent, intent.quantity, sent, Note("intent.in_another_form", {"refused": kind, "instead": sent_kind}))
    return True


def rest_again(world: World, turn: Turn, intent: IntentRecord) -> bool:
    """Send the rest of an exit that the venue did not let rest; tell whether another order follows."""
    with exact():
        rest = intent.quantity - intent.filled
    is_exit = intent.side is Side.SELL and intent.tif is TimeInForce.IOC
    if not is_exit or rest <= 0 or intent.status is not IntentStatus.CANCELLED or not may_follow(turn, intent):
        return False
    rule = turn.book.rules[intent.rule].rule
    # A limit of the owner's own stays; one that stands in for a market order follows the price.
    again = Terms(intent.type, intent.tif, intent.price) if _is_own_limit(rule, intent) else Terms(OrderType.MARKET, intent.tif, None)
    sent = terms(world, turn.book, rule, kind_of(intent.type, intent.tif), again, newest_price(turn, intent), turn.now)
    follow(world, turn, intent, rest, sent, Note("intent.rest_again", {"rest": text(rest), "number": str(intent.number + 1)}))
    return True


def _is_own_limit(rule: Rule, intent: IntentRecord) -> bool:
    """Tell whether the owner wrote the order's limit himself."""
    leg = leg_named(rule, intent.leg)
    order = order_of(rule, leg)
    return order.limit is not None or order.peg is not None or leg.limit_offset is not None


def newest_price(turn: Turn, intent: IntentRecord) -> Decimal:
    """Return the newest price known of an intent's instrument."""
    seen = turn.book.newest(intent.instrument)
    return seen.price if seen is not None and seen.time > intent.tick.time else intent.tick.price


def may_follow(turn: Turn, intent: IntentRecord, *, most: int = MOST_ORDERS) -> bool:
    """Tell whether a shot may have one more order: its leg still lives, no other order of it does, and no sibling waits for it."""
    leg = turn.book.legs[intent.rule, intent.leg]
    if intent.withdrawn or intent.next is Next.YIELD or intent.number - intent.steps >= most:
        return False
    if leg.generation != intent.generation or leg.status in LEG_ENDS:
        return False
    return not any(other.id != intent.id for other in turn.book.intents_of(intent.rule, intent.leg))


def _cash_for(world: World, turn: Turn, before: IntentRecord, quantity: Decimal, sent: Terms) -> Decimal:
    """Return the cash that a buy needs, commission included."""
    profile = profile_of(world.markets, before.instrument)
    commission = cost_on(profile, local_date(profile, turn.now)).commission
    with exact():
        return quantity * (sent.price or before.tick.price) * (HUNDRED + commission) / HUNDRED


def _is_stopped(world: World, turn: Turn, intent: IntentRecord) -> bool:
    """Tell whether trading is stopped where an order would go, so that the first print after it must still want the next one."""
    rule = turn.book.rules[intent.rule].rule
    return (
        state_of(turn.book, order_venue(world.markets, rule), intent.instrument, market_time(world, turn.book, rule, turn.now)) in STOPPED
    )


def follow(
    world: World,
    turn: Turn,
    before: IntentRecord,
    quantity: Decimal,
    sent: Terms,
    note: Note,
    *,
    steps: int | None = None,
    at_once: bool = False,
) -> None:
    """Put the next order of a shot. It waits a moment that grows with their number, because an empty book does not fill at
    once, unless it goes on at another price."""
    number = before.number + 1
    intent_id = IntentId(f"{before.rule}/{before.leg}/{before.generation}/{number}")
    again = number - before.steps
    pause = 0 if at_once or again <= 2 else RETRY_PAUSE * 2 ** (again - 3)
    reserved = quantity if before.side is Side.SELL else _cash_for(world, turn, before, quantity, sent)
    after = replace(
        before,
        id=intent_id,
        number=number,
        status=IntentStatus.INTENT,
        type=sent.type,
        tif=sent.tif,
        price=sent.price,
        quantity=quantity,
        client_id=client_id(world.instance, intent_id),
        created=turn.now,
        deadline=deadline_of(world, turn, turn.book.rules[before.rule], sent),
        reserved=reserved,
        order_id=None,
        filled=ZERO,
        attempts=0,
        retry_at=turn.now + pause if pause else 0,
        reason=None,
        recheck=_is_stopped(world, turn, before),
        next=Next.NOTHING,
        asked=0,
        steps=before.steps if steps is None else steps,
    )
    turn.put(after)
    turn.journal(after.id, "", IntentStatus.INTENT.value, Note("intent.decided", order_words(after)))
    turn.journal(after.id, IntentStatus.INTENT.value, IntentStatus.INTENT.value, note)
