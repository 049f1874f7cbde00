"""What people do to rules: add, pause, resume, cancel (to edit is `editing.py`). A refusal changes nothing.

`RuleDesk` gathers what the verbs share: the world, the turn, and the price by which a rule can be armed at once.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from msgspec.structs import replace

from autotrader.domain.money import ZERO
from autotrader.domain.rule import AccountName, AlreadyMet, Leg, Origin, Rule, RuleId, Side
from autotrader.domain.tick import InstrumentId
from autotrader.engine.arming import ArmVerdict, arm, judge, policy, refuse_if_met
from autotrader.engine.book import Book, Turn
from autotrader.engine.clockwork import due_in_a_pause
from autotrader.engine.coherence import counts_ticks
from autotrader.engine.costs import keep_to_cost
from autotrader.engine.effects import Withdraw
from autotrader.engine.events import leg_key
from autotrader.engine.hours import waits_for
from autotrader.engine.lifecycle import AT_BROKER, LEG_ENDS, LEG_SEES_PRICES, IntentSignal, LegSignal
from autotrader.engine.records import Forget, IntentRecord, IntentStatus, LegRecord, LegStatus, Note, Print, RuleRecord
from autotrader.engine.soundness import faults, misprints
from autotrader.engine.world import World
from autotrader.errors import RefusedByState, UserMistake
from autotrader.markets.calendar import last_valid_day, local_date
from autotrader.markets.profile import find_instrument, profile_of


class RuleDesk(NamedTuple):
    """What the verbs need. `price` returns the print by which a rule of an account and instrument can be armed now, if any."""

    world: World
    turn: Turn
    price: Callable[[Rule], Print | None]
    feed: Callable[[InstrumentId], str | None]


def check_rule(desk: RuleDesk, rule: Rule) -> None:
    """Raise UserMistake when the rule cannot run here: unknown account or instrument, no feed, another feed already serves it."""
    find_instrument(desk.world.markets, rule.instrument)
    refuse_unsound(rule, faults(rule, desk.world.markets))
    if rule.account not in desk.world.accounts:
        raise UserMistake("rule.no_account", rule=rule.id, account=rule.account, accounts=", ".join(sorted(desk.world.accounts)))
    if counts_ticks(rule) and not find_instrument(desk.world.markets, rule.instrument).ladder:
        raise UserMistake("rule.no_ladder", rule=rule.id, instrument=rule.instrument)
    if rule.side is Side.BUY and rule.quantity is None:
        raise UserMistake("rule.buys_all", rule=rule.id)
    feed = desk.world.feed_of(rule.instrument, rule.feed)
    if feed is None:
        raise UserMistake(
            "rule.no_feed", rule=rule.id, instrument=rule.instrument, feeds=", ".join(f.name for f in desk.world.feeds) or "none"
        )
    present = desk.feed(rule.instrument)
    if present not in (None, feed.name):
        raise UserMistake("rule.two_feeds", rule=rule.id, instrument=rule.instrument, present=present, feed=feed.name)


def refuse_unsound(rule: Rule, parts: Iterable[str]) -> None:
    unsound = list(parts)
    if unsound:
        raise UserMistake("rule.unsound", rule=rule.id[:NAMED], parts=", ".join(unsound))


NAMED = 80
"""So much of a name is repeated to the one who wrote it."""


def expiry(desk: RuleDesk, rule: Rule, created: int) -> str:
    """Return the last day of validity (ISO), or raise UserMistake when it is past or beyond the market's cap."""
    profile = profile_of(desk.world.markets, rule.instrument)
    today = local_date(profile, created)
    last, cap = last_valid_day(profile, rule.until, today), last_valid_day(profile, "", today)
    if last > cap:
        raise UserMistake("rule.until_beyond_cap", rule=rule.id, until=rule.until, cap=f"{profile.validity_cap}d", last=cap.isoformat())
    return last.isoformat()


def refuse_if_full(desk: RuleDesk, rule: Rule) -> None:
    """Raise RefusedByState when an account would have more rules alive than `max_rules` lets it have."""
    most = desk.world.guards.max_rules
    if most is not None:
        others = alive_of(desk, rule.account, besides=rule.id)
        if others >= most:
            raise RefusedByState("rule.too_many", rule=rule.id, account=rule.account, alive=str(others), most=str(most))


def alive_of(desk: RuleDesk, account: AccountName, besides: RuleId | None = None) -> int:
    """Return how many rules of an account have not ended and count. Exits of an entry do not: what was bought is always protected."""
    book = desk.turn.book
    return sum(
        record.rule.account == account and rule_id != besides and not _is_exit(book, record) and not book.has_ended(rule_id)
        for rule_id, record in book.rules.items()
    )


def _is_exit(book: Book, record: RuleRecord) -> bool:
    return record.parent in book.rules


def free_id(desk: RuleDesk, rule: Rule) -> RuleId:
    """Return a name for a rule that came without one: the code and the kind, numbered when taken."""
    stem = f"{rule.instrument.partition(':')[2]}-{rule.legs[0].name}"
    names = (stem if n == 1 else f"{stem}-{n}" for n in range(1, 1_000_000))
    return RuleId(next(name for name in names if name not in desk.turn.book.rules))


def add_rule(desk: RuleDesk, rule: Rule, origin: Origin) -> RuleRecord:
    """Take a new rule and arm it when its price is known. A CLI rule whose condition is already met is refused."""
    if not rule.id:
        rule = replace(rule, id=free_id(desk, rule))
    if rule.id in desk.turn.book.rules and not may_return(desk, rule.id):
        raise RefusedByState("rule.exists", rule=rule.id)
    check_rule(desk, rule)
    refuse_unsound(rule, misprints(rule, desk.world.markets))
    expires = expiry(desk, rule, desk.turn.now)
    today = local_date(profile_of(desk.world.markets, rule.instrument), desk.turn.now).isoformat()
    if origin is Origin.CLI:
        refuse_if_full(desk, rule)
    if origin is Origin.CLI and expires < today:
        raise UserMistake("rule.until_past", rule=rule.id, until=rule.until, today=today)
    return start_generation(desk, rule, origin, expires)


def may_return(desk: RuleDesk, rule_id: RuleId) -> bool:
    """Tell whether a rule's id may be used again: it has ended, and no file holds it."""
    return not desk.turn.book.rules[rule_id].in_file and desk.turn.book.has_ended(rule_id)


def start_generation(desk: RuleDesk, rule: Rule, origin: Origin, expires: str, *, parent: str = "") -> RuleRecord:
    """Put a rule that starts afresh: version and generation one above the last, legs waiting, no marks.

    `parent` names the template that attaches it or the entry whose exits it is.
    """
    turn = desk.turn
    known = turn.book.rules.get(rule.id)
    version, generation = (known.version + 1, known.generation + 1) if known else (1, 1)
    created = turn.now + turn.born  # rules of one file keep its order, by which fires of one print are sorted
    turn.born += 1
    record = RuleRecord(rule, version, generation, origin, created, turn.now, expires, origin is Origin.YAML, parent)
    turn.put(record)
    for leg in rule.legs:
        start_leg(desk, record, leg)
    return record


def start_leg(desk: RuleDesk, record: RuleRecord, leg: Leg) -> None:
    """Put a leg at the start of its life and arm it when a price is there."""
    turn, rule = desk.turn, record.rule
    note = Note("leg.created", {"version": str(record.version)})
    if (rule.id, leg.name) in turn.book.marks:
        turn.put(Forget(rule.id, leg.name))
    waits = waits_for(rule, leg.name)
    position = turn.book.positions.get((rule.account, rule.instrument))
    # What is held already is the holding that it belongs to, also when that ends before a price has armed it.
    epoch = position.epoch if rule.side is Side.SELL and position is not None and position.quantity > 0 else None
    fresh = LegRecord(rule.id, leg.name, record.generation, LegStatus.WAITING, reason=waits, epoch=epoch)
    turn.put(fresh)
    turn.journal(leg_key(rule.id, leg.name), "", LegStatus.WAITING.value, note)
    _arm_now(desk, record, fresh)


def _arm_now(desk: RuleDesk, record: RuleRecord, leg: LegRecord) -> None:
    at = desk.price(record.rule)
    if at is None or leg.not_before > desk.turn.now:
        return
    if record.origin is Origin.CLI and not record.parent:
        refuse_if_met(desk.world, desk.turn.book, record, leg, at.price)
    arm(desk.world, desk.turn, record, leg, at)


def _alive_or_all(legs: list[LegRecord]) -> list[LegRecord]:
    """Return the legs that have not ended: a target that has sold its part does not keep the stop from being paused. Of a rule
    that is over all of them, so that the table refuses."""
    return [leg for leg in legs if leg.status not in LEG_ENDS] or legs


def pause_rule(desk: RuleDesk, rule_id: RuleId) -> None:
    """Stop a rule from firing; its activation and marks go on, and the state before is remembered."""
    desk.turn.book.rule(rule_id)
    for leg in _alive_or_all(desk.turn.book.legs_of(rule_id)):
        desk.turn.move_leg(leg, LegSignal.PAUSE, Note("leg.paused"), before_pause=leg.status)


def resume_rule(desk: RuleDesk, rule_id: RuleId) -> None:
    """Let a paused rule go on. Resuming is an arm check: what would fire at once is refused and stays paused."""
    record = desk.turn.book.rule(rule_id)
    for leg in _alive_or_all(desk.turn.book.legs_of(rule_id)):
        _resume_leg(desk, record, leg)
    keep_to_cost(desk.world, desk.turn, [rule_id])


def _resume_leg(desk: RuleDesk, record: RuleRecord, leg: LegRecord) -> None:
    turn, note = desk.turn, Note("leg.resumed")
    watches = leg.before_pause is LegStatus.WATCHING
    changes = _held_back(desk, record, leg) if watches and leg.status is LegStatus.PAUSED else None
    signal = LegSignal.RESUME if watches and changes is None else LegSignal.RESUME_WAITING
    turn.move_leg(leg, signal, note, before_pause=None, **(changes or {}))


def _held_back(desk: RuleDesk, record: RuleRecord, leg: LegRecord) -> dict[str, object] | None:
    """Judge a leg that is resumed; return with what it waits where it is met and may not fire at once, None where it may watch.

    Raise RefusedByState when what is met is refused.
    """
    world, book = desk.world, desk.turn.book
    due = due_in_a_pause(world, book, record, leg)
    if due is not None:
        met = policy(world, record)
        if met is AlreadyMet.REJECT:
            raise RefusedByState(due.code, **due.params)
        return {"armed": 0, "not_before": 0} if met is AlreadyMet.WAIT_CROSS else None  # its next time is worked out anew
    at = desk.price(record.rule)
    if at is None:
        return None
    refuse_if_met(world, book, record, leg, at.price)
    verdict, _ = judge(world, book, record, leg, at.price)
    return {"crossed": False} if verdict is ArmVerdict.WAIT_CROSS else None


def cancel_rule(desk: RuleDesk, rule_id: RuleId, note: Note) -> list[Note]:
    """Cancel a rule that has not fired; on a fired one whose order works, ask the broker to cancel that order and say so."""
    turn = desk.turn
    turn.book.rule(rule_id)
    working = [i for leg in turn.book.legs_of(rule_id) for i in turn.book.intents_of(rule_id, leg.leg)]
    if working:
        ended = [leg for leg in turn.book.legs_of(rule_id) if _ends_beside_orders(turn, leg, note)]
        return [*(_cancel_order(desk, intent) for intent in working), *_others_cancelled(rule_id, ended)]
    legs = turn.book.legs_of(rule_id)
    alive = [leg for leg in legs if leg.status not in LEG_ENDS]
    for leg in alive or legs:  # of a rule that is over all of them, so that the table refuses
        # Held, and no order of it is open: it has not fired, and who cancels it has decided what its hold asked.
        turn.move_leg(leg, LegSignal.GIVE_UP if leg.status is LegStatus.HELD else LegSignal.CANCEL, note)
    return [Note("rule.cancelled", {"rule": rule_id}), *_others_cancelled(rule_id, alive if len(alive) < len(legs) else [])]


def _ends_beside_orders(turn: Turn, leg: LegRecord, note: Note) -> bool:
    """End a leg that has no order itself, while an order of its rule works; tell whether it did."""
    if leg.status in LEG_SEES_PRICES:
        turn.move_leg(leg, LegSignal.CANCEL, note)
    elif turn.book.intents_of(leg.rule, leg.leg) or leg.status not in (LegStatus.HELD, LegStatus.FIRED):
        return False
    elif leg.status is LegStatus.HELD:
        turn.move_leg(leg, LegSignal.GIVE_UP, note)
    else:
        turn.move_leg(leg, LegSignal.FAIL, note)  # it waits for a sibling's order, and would send its own after it
    return True


def _others_cancelled(rule_id: RuleId, legs: list[LegRecord]) -> list[Note]:
    """Say which legs a cancel has ended beside what the state of the rule tells."""
    return [Note("rule.legs_cancelled", {"rule": rule_id, "legs": ", ".join(leg.leg for leg in legs)})] if legs else []


def _cancel_order(desk: RuleDesk, intent: IntentRecord) -> Note:
    turn = desk.turn
    if intent.status in AT_BROKER and intent.order_id is not None:
        if intent.account not in desk.world.accounts:  # there is nobody to ask
            raise UserMistake("rule.no_account", rule=intent.rule, account=intent.account, accounts=", ".join(sorted(desk.world.accounts)))
        turn.put(replace(intent, withdrawn=True))
        turn.act(Withdraw(intent.account, intent.id, intent.order_id))
        note = Note("rule.order_cancel_asked", {"rule": intent.rule, "order": intent.order_id})
        turn.journal(intent.id, intent.status.value, intent.status.value, note)
        return note
    if intent.status in (IntentStatus.INTENT, IntentStatus.NOT_SENT):
        note = Note("intent.cancelled_unsent", {"rule": intent.rule})
        turn.move_intent(intent, IntentSignal.CANCEL, note, reserved=ZERO)
        turn.move_leg(turn.book.legs[intent.rule, intent.leg], LegSignal.FAIL, note)
        return note
    raise RefusedByState("rule.order_unresolved", rule=intent.rule, intent=intent.id, status=intent.status.value)
