"""What time alone brings: marks made durable, last prices kept, validity ended, deadlines passed, retries due."""

from msgspec.structs import replace

from autotrader.domain.money import ZERO
from autotrader.domain.rule import AccountName, RuleId
from autotrader.engine.admission import state_of
from autotrader.engine.book import Book, LegKey, Turn
from autotrader.engine.events import leg_key
from autotrader.engine.firing import dispatch, hold, in_doubt_before
from autotrader.engine.halts import stands_still
from autotrader.engine.hours import market_time, order_venue
from autotrader.engine.index import Watch
from autotrader.engine.intents import WAITING
from autotrader.engine.lifecycle import LEG_SEES_PRICES, LegSignal
from autotrader.engine.records import IntentRecord, LegStatus, Note, PriceRecord
from autotrader.engine.unfilled import chase
from autotrader.engine.world import World

PRICES_EVERY = 30_000_000_000
"""Last prices are kept at least this often (ns), so that a quiet daemon does not wear out a disk."""
ANSWERS_KEPT = 86_400_000_000_000
"""A command repeated within a day gets its first answer. ns."""


def flush_marks(turn: Turn, dirty: dict[LegKey, None], stem: str) -> None:
    """Write every mark that moved since the last flush (safety D3: at most 250 ms ago); a shared one is one row."""
    marks = turn.book.marks
    for key in dirty:
        mark = marks.get(key)
        if mark is not None:
            turn.write(mark)
    dirty.clear()
    for record in marks.to_keep(stem):
        turn.write(record)


def forget_answers(book: Book, now: int) -> None:
    """Let answers go that nobody will ask for again; the store drops its own at the next start."""
    while book.requests:
        oldest = next(iter(book.requests.values()))
        if oldest.at >= now - ANSWERS_KEPT:
            return
        del book.requests[oldest.id]


def keep_price(turn: Turn, watch: Watch) -> None:
    """Put an instrument's last print, with what was seen to trade, when that is newer than the kept one."""
    last, kept = watch.last_print, turn.book.prices.get(watch.instrument.id)
    if last is None:
        return
    day, volume = turn.book.volumes.get(watch.instrument.id, ("", ZERO))
    if kept is not None and (kept.time, kept.price, kept.volume_day, kept.volume) == (last.time, last.price, day, volume):
        return
    blank = PriceRecord(watch.instrument.id, last.price, 0, 0, watch.feed)
    seen = replace(kept or blank, price=last.price, time=last.time, sequence=last.sequence, feed=watch.feed)
    turn.put(replace(seen, volume=volume, volume_day=day))


def expire(turn: Turn, book: Book, expired: list[LegKey]) -> None:
    """End the validity of legs that still watch; a working order is left alone (semantics 2.12)."""
    for key in expired:
        leg = book.legs[key]
        if leg.status in LEG_SEES_PRICES or (leg.status is LegStatus.HELD and not book.intents_of(*key)):
            note = Note("leg.expired", {"last_day": book.rules[leg.rule].expires})
            turn.move_leg(leg, LegSignal.EXPIRE, note)
            turn.alert(leg_key(*key), note)


def tell_of_ends(turn: Turn, rules: list[RuleId]) -> None:
    """Tell the owners of rules that end in three trading days, once."""
    for rule_id in rules:
        record = turn.book.rules[rule_id]
        note = Note("rule.expires_soon", {"rule": rule_id, "last_day": record.expires})
        turn.put(replace(record, noticed=True))
        turn.journal(rule_id, "", "", note)
        turn.alert(rule_id, note)


def pass_deadlines(world: World, turn: Turn, ready: dict[AccountName, bool]) -> None:
    """Hold what could not be sent in time, and let due retries go."""
    for intent in turn.book.open():
        late = intent.status in WAITING and intent.deadline and turn.now > intent.deadline
        if late and not is_stopped(world, turn.book, intent, turn.now):
            hold(turn, intent, _why_late(world, turn, intent))
    chase(world, turn)
    for account in {i.account for i in turn.book.open() if i.status in WAITING}:
        if ready.get(account):
            dispatch(world, turn, account)


def is_stopped(world: World, book: Book, intent: IntentRecord, now: int) -> bool:
    """Tell whether trading is halted where the order would go: its clock stands still (safety F10)."""
    rule = book.rules[intent.rule].rule
    state = state_of(book, order_venue(world.markets, rule), intent.instrument, market_time(world, book, rule, now))
    return stands_still(state, intent)


def _why_late(world: World, turn: Turn, intent: IntentRecord) -> Note:
    """Return why an intent did not leave in time: it stood behind another one, or no attempt got out."""
    ahead = None if intent.attempts else in_doubt_before(world, turn, intent)
    if ahead is None:
        return Note("intent.deadline", {"attempts": str(intent.attempts)})
    return Note("intent.deadline_behind", {"other": ahead.id})
