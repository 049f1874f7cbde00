"""An order that does not fill in time: keep it and say so, move its price, make it a market order, or take it back
(semantics 2.11).

Each step is taken on the confirmed rest: the order is asked back first, and what follows is sent when the broker has told its
end, never before (safety F1). A fill that overtakes the cancel ends it; a partial fill changes only how much is left.
"""

from decimal import Decimal

from msgspec.structs import replace

from autotrader.domain.money import exact, text
from autotrader.domain.rule import Leg, Rule, Side, TimeInForce, Unfilled, UnfilledAction, leg_named
from autotrader.engine.admission import CALLS, FOR_AN_AUCTION, STOPPED, Answer, Terms, clear, deadline_after, sides, state_of, terms
from autotrader.engine.book import Turn
from autotrader.engine.effects import Withdraw
from autotrader.engine.hours import market_time, order_venue
from autotrader.engine.lifecycle import AT_BROKER
from autotrader.engine.oco import ask_back
from autotrader.engine.records import IntentRecord, IntentStatus, Next, Note
from autotrader.engine.resending import follow, may_follow, newest_price
from autotrader.engine.triggers import guards
from autotrader.engine.world import World
from autotrader.markets.orders import kind_of, type_and_tif
from autotrader.markets.profile import find_instrument
from autotrader.markets.ticks import move_ticks

MINUTE = 60_000_000_000
KEEP = Unfilled(MINUTE)
ESCALATE = Unfilled(MINUTE, UnfilledAction.REPRICE, step_ticks=0, most=3, final=UnfilledAction.MARKET)
"""What limits a loss does not rest for ever: after a minute it goes to the other side's best price, three times, then it is a
market order. `unfilled: {after: 60s, action: keep}` switches that off."""
ASK_AGAIN = 5_000_000_000
"""A cancel without a confirmed end is repeated so often. ns."""
STUCK = MINUTE
NEXT = {UnfilledAction.REPRICE: Next.REPRICE, UnfilledAction.MARKET: Next.MARKET, UnfilledAction.CANCEL: Next.CANCEL}


def policy_of(rule: Rule, leg: Leg, intent: IntentRecord) -> Unfilled | None:
    """Return how the rest of an order is chased, None for one that rests at no price of its own."""
    kind = kind_of(intent.type, intent.tif)
    if intent.price is None or intent.tif is not TimeInForce.DAY or kind in FOR_AN_AUCTION:
        return None
    if rule.unfilled is not None:
        return rule.unfilled
    return ESCALATE if guards(leg.trigger) else KEEP


def chase(world: World, turn: Turn) -> None:
    """Look after every order at a broker: what has rested too long, and what was asked back and has not ended."""
    for intent in turn.book.open():
        if intent.status not in AT_BROKER or intent.account not in world.accounts:
            continue
        if intent.next is not Next.NOTHING:
            _ask_again(turn, intent)
        elif not intent.withdrawn and not intent.asked:
            _rested_too_long(world, turn, intent)


def _rested_too_long(world: World, turn: Turn, intent: IntentRecord) -> None:
    rule = turn.book.rules[intent.rule].rule
    policy = policy_of(rule, leg_named(rule, intent.leg), intent)
    if policy is None or turn.now < intent.created + policy.after or _stands(world, turn, intent, rule):
        return
    kind = kind_of(intent.type, intent.tif)
    # Nights and calls do not count: nothing could have filled it.
    if turn.now < deadline_after(world, turn.book, rule, kind, intent.created, policy.after, calls=False):
        return
    action = policy.action if intent.steps < policy.most or policy.action is not UnfilledAction.REPRICE else policy.final
    if action is UnfilledAction.REPRICE and _new_price(world, turn, intent, policy) == intent.price:
        # It stands where it would go: the steps that are left pass by the clock, and what comes after them comes.
        if turn.now < deadline_after(world, turn.book, rule, kind, intent.created, _span_of_all(policy, intent), calls=False):
            return
        action = policy.final
    params = {"order": intent.order_id or "", "rest": text(_rest(intent)), "seconds": str(policy.after // 1_000_000_000)}
    if action is UnfilledAction.KEEP:
        turn.put(replace(intent, asked=turn.now))
        turn.journal(intent.id, intent.status.value, intent.status.value, Note("unfilled.kept", params))
        turn.alert(intent.id, Note("unfilled.kept", params))
    else:
        ask_back(turn, intent, NEXT[action], Note(f"unfilled.{action.value}", params))


def _span_of_all(policy: Unfilled, intent: IntentRecord) -> int:
    """Return how long an order would be chased from now on if each step that is left moved it. ns."""
    return policy.after * (1 + policy.most - intent.steps)


def _stands(world: World, turn: Turn, intent: IntentRecord, rule: Rule) -> bool:
    """Tell whether trading is stopped where the order rests."""
    state = state_of(turn.book, order_venue(world.markets, rule), intent.instrument, market_time(world, turn.book, rule, turn.now))
    return state in STOPPED or state in CALLS


def _ask_again(turn: Turn, intent: IntentRecord) -> None:
    """Repeat a cancel whose end nobody has told, and say so when it takes long. Nothing else is sent meanwhile."""
    if intent.order_id is None or turn.now < max(intent.asked, intent.retry_at) + ASK_AGAIN:
        return
    missing = intent.reason is not None and intent.reason.code == "order.missing"  # that was said, and says more
    stuck = turn.now >= (intent.asked or turn.now) + STUCK and not missing
    note = Note("unfilled.stuck", {"order": intent.order_id})
    if stuck and intent.reason != note:
        turn.alert(intent.id, note)
        turn.journal(intent.id, intent.status.value, intent.status.value, note)
    turn.put(replace(intent, asked=intent.asked or turn.now, retry_at=turn.now, reason=note if stuck else intent.reason))
    turn.act(Withdraw(intent.account, intent.id, intent.order_id))


def ask_after_restart(turn: Turn, intent: IntentRecord) -> None:
    """Repeat a cancel of which the process before may have died: the broker knows an order that is to end."""
    if intent.status in AT_BROKER and intent.order_id is not None and (intent.withdrawn or intent.next is not Next.NOTHING):
        turn.act(Withdraw(intent.account, intent.id, intent.order_id))


def after_taking_back(world: World, turn: Turn, intent: IntentRecord) -> bool:
    """Send what was to follow an order that was asked back, on its confirmed rest; tell whether another order follows."""
    if intent.next not in (Next.REPRICE, Next.MARKET) or intent.status is not IntentStatus.CANCELLED:
        return False
    if _rest(intent) <= 0 or not may_follow(turn, intent, most=1000):
        return False
    rule = turn.book.rules[intent.rule].rule
    policy = policy_of(rule, leg_named(rule, intent.leg), intent) or KEEP
    if intent.next is Next.MARKET:
        sent = _as_market(world, turn, intent, rule)
    else:
        price = _new_price(world, turn, intent, policy)
        kind = kind_of(intent.type, intent.tif)
        sent = terms(world, turn.book, rule, kind, Terms(intent.type, intent.tif, price), newest_price(turn, intent), turn.now)
    params = {"rest": text(_rest(intent)), "price": text(sent.price) if sent.price is not None else sent.type.value}
    note = Note("unfilled.repriced" if intent.next is Next.REPRICE else "unfilled.at_market", params)
    follow(world, turn, intent, _rest(intent), sent, note, steps=intent.steps + 1, at_once=True)
    return True


def _as_market(world: World, turn: Turn, intent: IntentRecord, rule: Rule) -> Terms:
    """Return a market order, or what the present session takes in its place."""
    clearance = clear(world, turn.book, rule, "market", turn.now)
    kind = clearance.kind if clearance.answer is Answer.GO else "market"
    market = Terms(*type_and_tif("market"), None)
    return terms(world, turn.book, rule, kind, market, newest_price(turn, intent), turn.now)


def _new_price(world: World, turn: Turn, intent: IntentRecord, policy: Unfilled) -> Decimal:
    """Return the price that an order moves to: so many ticks towards the market, at most to the other side's best price (with
    no step: right there). The newest print stands in where no quote is known."""
    rule, price = turn.book.rules[intent.rule].rule, intent.price
    assert price is not None
    seen = newest_price(turn, intent)
    bid, ask = sides(world, turn.book, rule, seen)
    ladder = find_instrument(world.markets, intent.instrument).ladder
    if intent.side is Side.SELL:
        nearest = min(price, bid)
        return nearest if not policy.step_ticks or not ladder else max(nearest, move_ticks(ladder, price, -policy.step_ticks))
    nearest = max(price, ask)
    return nearest if not policy.step_ticks or not ladder else min(nearest, move_ticks(ladder, price, policy.step_ticks))


def _rest(intent: IntentRecord) -> Decimal:
    with exact():
        return intent.quantity - intent.filled
