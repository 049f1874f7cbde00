"""Trading stops and goes on: what was decided but has not left waits, and must still be wanted by the first print after it.

A halt, a circuit breaker and a suspended issue are told by a feed. A call after a volatility interruption stops nothing: it
takes orders, if not all kinds (`admission.py`).
"""

from collections.abc import Iterable

from msgspec.structs import replace

from autotrader.domain.money import text
from autotrader.domain.rule import OnHalt, leg_named
from autotrader.domain.tick import Tick
from autotrader.engine.admission import CALLS, STOPPED, in_force, state_of
from autotrader.engine.arming import sight_of
from autotrader.engine.book import Turn
from autotrader.engine.events import Trading
from autotrader.engine.firing import give_up
from autotrader.engine.hours import market_time, order_venue
from autotrader.engine.intents import WAITING
from autotrader.engine.records import IntentRecord, LegStatus, Note, TradingRecord, TradingState
from autotrader.engine.triggers import meet, time_of
from autotrader.engine.world import World
from autotrader.markets.calendar import end_of_day, local_date


def on_trading(world: World, turn: Turn, event: Trading) -> None:
    """Take a change of the state of trading of an issue or a venue."""
    kept = turn.book.trading.get((event.venue, event.instrument))
    before = in_force(kept, event.time)
    if event.state is before and (kept is None or event.until == kept.until):
        return
    concerned = _waiting(world, turn, event)
    stood = [intent for intent in concerned if stands_still(_state(world, turn, intent, event.time), intent)]
    turn.put(_record(world, turn, event))
    subject = event.instrument or event.venue
    note = Note(
        f"trading.{event.state.value}", {"what": event.instrument or "everything", "venue": event.venue, "reason": event.reason or "none"}
    )
    turn.journal(f"market/{subject}", before.value, event.state.value, note)
    if event.state in STOPPED and (concerned or _watched(world, turn, event)):
        turn.alert(f"market/{subject}", note)
    for intent in stood:
        _give_time_back(turn, intent, kept.since if kept else turn.now)
    for intent in concerned:
        if _state(world, turn, intent, event.time) in STOPPED:
            _stop(turn, turn.book.intents[intent.id], note)


def _record(world: World, turn: Turn, event: Trading) -> TradingRecord:
    """Return what is kept of it. A venue that closed for the day is open again on the next one, whether anybody says so or not."""
    venue = world.markets.get(event.venue)
    until = event.until
    if not until and venue is not None and event.state is TradingState.CLOSED:
        until = end_of_day(venue, local_date(venue, event.time))
    return TradingRecord(event.venue, event.instrument, event.state, turn.now, until, event.feed, event.reason)


def _state(world: World, turn: Turn, intent: IntentRecord, at: int) -> TradingState:
    """Return the state of trading where an order would go."""
    return state_of(turn.book, order_venue(world.markets, turn.book.rules[intent.rule].rule), intent.instrument, at)


def stands_still(state: TradingState, intent: IntentRecord) -> bool:
    """Tell whether the clock of an order's deadline stands: in a halt, and in a call while it waits for a first print."""
    return state in STOPPED or (intent.recheck and state in CALLS)


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


def _give_time_back(turn: Turn, intent: IntentRecord, since: int) -> None:
    """Give an order back the time for which it could not go (safety F10)."""
    current = turn.book.intents[intent.id]
    if current.deadline:
        turn.put(replace(current, deadline=current.deadline + turn.now - max(since, current.created)))


def judge_again(world: World, turn: Turn, waiting: Iterable[IntentRecord], tick: Tick) -> None:
    """Judge by the first print after a halt what waits: it goes when its condition is still met, else it is given up."""
    for intent in waiting:
        at = market_time(world, turn.book, turn.book.rules[intent.rule].rule, turn.now)
        if _state(world, turn, intent, at) in STOPPED:
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
    if time_of(leg_named(record.rule, leg.leg).trigger):
        return True  # its time has come, at whatever price
    sight = sight_of(world, turn.book, record, leg, leg.arm_price)
    return meet(sight._replace(mark=shot.mark), tick.price).met
