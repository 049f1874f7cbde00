"""Trading stops and goes on: what was decided but has not left waits, and must still be wanted by the first print after it.

A halt, a circuit breaker and a suspended issue are told by a feed. A call after a volatility interruption stops nothing: it
takes orders, if not all kinds (`admission.py`).
"""

from collections.abc import Iterable

from msgspec.structs import replace

from autotrader.domain.money import ZERO, text
from autotrader.domain.rule import OnHalt
from autotrader.domain.tick import Tick
from autotrader.engine.admission import STOPPED, state_of
from autotrader.engine.arming import sight_of
from autotrader.engine.book import Turn
from autotrader.engine.events import Trading, leg_key
from autotrader.engine.hours import order_venue
from autotrader.engine.intents import WAITING
from autotrader.engine.lifecycle import IntentSignal, LegSignal
from autotrader.engine.records import IntentRecord, LegStatus, Note, TradingRecord, TradingState
from autotrader.engine.triggers import meet
from autotrader.engine.world import World


def on_trading(world: World, turn: Turn, event: Trading) -> None:
    """Take a change of the state of trading of an issue or a venue."""
    kept = turn.book.trading.get((event.venue, event.instrument))
    before = kept.state if kept else TradingState.OPEN
    if event.state is before:
        return
    concerned = _waiting(world, turn, event)
    stood = [intent for intent in concerned if state_of(turn.book, event.venue, intent.instrument) in STOPPED]
    since = kept.since if kept else turn.now
    turn.put(TradingRecord(event.venue, event.instrument, event.state, turn.now, event.until, event.feed, event.reason))
    subject = event.instrument or event.venue
    note = Note(f"trading.{event.state.value}", {"what": subject, "venue": event.venue, "reason": event.reason or "none"})
    turn.journal(f"market/{subject}", before.value, event.state.value, note)
    if event.state in STOPPED and (concerned or _watched(world, turn, event)):
        turn.alert(f"market/{subject}", note)
    for intent in concerned:
        stops = state_of(turn.book, event.venue, intent.instrument) in STOPPED
        if stops:
            _stop(turn, intent, note)
        elif intent in stood:
            _go_on(turn, intent, since)


def _waiting(world: World, turn: Turn, event: Trading) -> list[IntentRecord]:
    """Return the orders that were decided for the issue or venue and have not left."""
    found = [i for i in turn.book.open() if i.status in WAITING and event.instrument in ("", i.instrument)]
    return [i for i in found if order_venue(world.markets, turn.book.rules[i.rule].rule).id == event.venue]


def _watched(world: World, turn: Turn, event: Trading) -> bool:
    """Tell whether a person waits for anything of what has stopped."""
    live = (LegStatus.WATCHING, LegStatus.WAITING)
    for record in turn.book.rules.values():
        market = world.markets.get(record.rule.instrument.partition(":")[0])
        here = market is not None and event.venue in (market.id, *market.venues)
        if (
            event.instrument in ("", record.rule.instrument)
            and here
            and any(leg.status in live for leg in turn.book.legs_of(record.rule.id))
        ):
            return True
    return False


def _stop(turn: Turn, intent: IntentRecord, note: Note) -> None:
    """Let an order wait for the end of a halt, or give it up where its rule says so."""
    if turn.book.rules[intent.rule].rule.on_halt is OnHalt.QUEUE:
        if not intent.recheck:
            turn.put(replace(intent, recheck=True))
            turn.journal(intent.id, intent.status.value, intent.status.value, Note("intent.halted", note.params))
        return
    give_up(turn, intent, Note("failed.halted", note.params))


def _go_on(turn: Turn, intent: IntentRecord, since: int) -> None:
    """Give an order back the time for which trading stood still (safety F10)."""
    current = turn.book.intents[intent.id]
    if current.deadline:
        turn.put(replace(current, deadline=current.deadline + turn.now - max(since, current.created)))


def give_up(turn: Turn, intent: IntentRecord, note: Note) -> None:
    """End an order that provably never left, and its leg with it; a person is told that nothing was sent."""
    turn.move_intent(turn.book.intents[intent.id], IntentSignal.CANCEL, note, reserved=ZERO, recheck=False)
    leg = turn.book.legs[intent.rule, intent.leg]
    if leg.generation == intent.generation and leg.status in (LegStatus.FIRED, LegStatus.HELD):
        turn.move_leg(leg, LegSignal.FAIL, note)
    turn.alert(leg_key(intent.rule, intent.leg), note)


def judge_again(world: World, turn: Turn, waiting: Iterable[IntentRecord], tick: Tick) -> None:
    """Judge by the first print after a halt what waits: it goes when its condition is still met, else it is given up."""
    for intent in waiting:
        venue = order_venue(world.markets, turn.book.rules[intent.rule].rule).id
        if state_of(turn.book, venue, intent.instrument) in STOPPED:
            continue
        note = Note("intent.rechecked", {"price": text(tick.price)})
        if _still_met(world, turn, intent, tick):
            turn.put(replace(intent, recheck=False))
            turn.journal(intent.id, intent.status.value, intent.status.value, note)
        else:
            give_up(turn, intent, Note("failed.after_halt", {"price": text(tick.price), "side": intent.side.value}))


def _still_met(world: World, turn: Turn, intent: IntentRecord, tick: Tick) -> bool:
    """Tell whether the print meets the condition that the shot was fired for, from the mark it was fired from."""
    record, leg = turn.book.rules[intent.rule], turn.book.legs[intent.rule, intent.leg]
    shot = turn.book.shots[intent.rule, intent.leg]
    sight = sight_of(world, turn.book, record, leg, leg.arm_price)
    return meet(sight._replace(mark=shot.mark), tick.price).met
