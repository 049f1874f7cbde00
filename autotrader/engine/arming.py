"""From a rule's text to a leg that watches: levels worked out, the arm price judged, marks started (semantics 2.4, 2.9)."""

from decimal import Decimal
from enum import Enum

from msgspec.structs import replace

from autotrader.domain.money import EXACT, ZERO, text
from autotrader.domain.order import Cost
from autotrader.domain.rule import AlreadyMet, Base, Bind, OffBase, OnPositionChange, ProfitRate, Rule, Side, leg_named
from autotrader.engine.book import Book, Turn
from autotrader.engine.events import leg_key
from autotrader.engine.firing import shown
from autotrader.engine.index import Watched, watched
from autotrader.engine.levels import ONE, Grounds, Line, Rates, breakeven, higher, line_of
from autotrader.engine.lifecycle import LEG_SEES_PRICES, LegSignal
from autotrader.engine.records import LegRecord, LegStatus, MarkRecord, Note, Print, RuleRecord
from autotrader.engine.triggers import (
    Sight,
    activation_of,
    begins_at,
    confirmation_of,
    fire_level,
    is_blind,
    is_trailing,
    keeps_mark,
    level_of,
    meet,
    rises_to_breakeven,
    time_of,
    waiting_code,
)
from autotrader.engine.world import World
from autotrader.errors import RefusedByState
from autotrader.markets.calendar import local_date
from autotrader.markets.profile import cost_on, find_instrument, profile_of


class ArmVerdict(Enum):
    """What arming at a price comes to."""

    MISSING = "missing"
    WATCH = "watch"
    WAIT_ACTIVATION = "wait_activation"
    WAIT_CROSS = "wait_cross"
    REJECT = "reject"


def sight_of(world: World, book: Book, record: RuleRecord, leg: LegRecord, arm_price: Decimal | None) -> Sight:
    """Work out what a leg looks at: its lines and its mark."""
    rule = record.rule
    trigger = leg_named(rule, leg.leg).trigger
    grounds = grounds_of(world, book, rule, leg, arm_price)
    level, activate = level_of(trigger), activation_of(trigger)
    line = line_of(level, grounds) if level is not None else None
    if leg.breakeven and line is not None and rises_to_breakeven(trigger):
        even = breakeven(grounds)
        line = line if even is None else higher(line, even)
    mark = book.marks.get((leg.rule, leg.leg))
    if mark is not None and mark.generation != leg.generation:
        mark = None
    return Sight(
        trigger,
        line,
        line_of(activate, grounds) if activate is not None else None,
        mark.price if mark is not None else None,
        grounds.ladder,
        mark.activated_price if mark is not None else None,
    )


def grounds_of(world: World, book: Book, rule: Rule, leg: LegRecord, arm_price: Decimal | None) -> Grounds:
    """Return what the levels of a leg rest on."""
    price = book.prices.get(rule.instrument)
    cost = cost_of(book, rule, leg)
    rates = Rates(ZERO, ZERO)
    if rule.net or leg.breakeven:
        profile = profile_of(world.markets, rule.instrument)
        row = cost_on(profile, local_date(profile, book.now))
        rates = Rates(row.commission, EXACT.add(row.commission, row.tax))
    return Grounds(
        arm_price=arm_price,
        previous_close=price.previous_close if price else None,
        cost=cost.total if cost is not None else None,
        quantity=cost.quantity if cost is not None else None,
        ladder=find_instrument(world.markets, rule.instrument).ladder,
        net=rule.net,
        rates=rates,
    )


def cost_of(book: Book, rule: Rule, leg: LegRecord) -> Cost | None:
    """Return the cost that rates of profit are measured from: the owner's own, the one frozen at arm, or the broker's."""
    if rule.cost_basis is not None:
        return Cost(rule.cost_basis, ONE)
    if leg.basis is not None:
        return leg.basis
    position = book.positions.get((rule.account, rule.instrument))
    return None if position is None or position.cost is None else Cost(position.cost, position.quantity)


def look(world: World, book: Book, record: RuleRecord, leg: LegRecord) -> Watched:
    """Return a leg as the index keeps it."""
    return watched(record, leg, sight_of(world, book, record, leg, leg.arm_price))


HELD_BY_A_PRICE = frozenset({"held.gap", "held.recovery", "held.still"})


def is_held_by_a_price(leg: LegRecord) -> bool:
    """Tell whether a leg was met and is held before it fires: a person decides whether it does."""
    return leg.status is LegStatus.HELD and leg.reason is not None and leg.reason.code in HELD_BY_A_PRICE


def sees_prices(record: RuleRecord, leg: LegRecord) -> bool:
    """Tell whether a leg is shown prices. While a person decides whether a trailing one fires its mark goes on, as in a pause."""
    if leg.status in LEG_SEES_PRICES:
        return True
    return is_held_by_a_price(leg) and is_trailing(leg_named(record.rule, leg.leg).trigger)


def missing(book: Book, record: RuleRecord, leg: LegRecord, sight: Sight) -> Note | None:
    """Return what a leg waits for before it can be armed, if anything."""
    rule = record.rule
    position = book.positions.get((rule.account, rule.instrument))
    if rule.side is Side.SELL and rule.bind is Bind.HOLDING and (position is None or position.quantity <= 0):
        return Note("waiting.position", {"instrument": rule.instrument, "account": rule.account})
    if not is_blind(sight):
        return None
    trigger = leg_named(rule, leg.leg).trigger
    for level, line in ((level_of(trigger), sight.level), (activation_of(trigger), sight.activate)):
        if level is None or line is not None:
            continue
        if isinstance(level, ProfitRate) and (position is None or position.quantity <= 0):
            return Note("waiting.position", {"instrument": rule.instrument, "account": rule.account})
        if isinstance(level, ProfitRate):
            return Note("waiting.cost", {"instrument": rule.instrument})
        if isinstance(level, OffBase) and level.base is Base.PREVIOUS_CLOSE:
            return Note("waiting.previous_close", {"instrument": rule.instrument})
    return None


def policy(world: World, record: RuleRecord) -> AlreadyMet:
    """Return what a condition that is already true at arm leads to: the rule's word, else the default of where it runs.

    What the close left of an order was to be traded already: a holding would be bare otherwise, an entry never bought whole.
    """
    rule, rest = record.rule, is_a_rest(record)
    if record.repeats and not rest:
        return AlreadyMet.WAIT_CROSS
    if rule.already_met is not None:
        return rule.already_met
    if rest:
        return AlreadyMet.FIRE
    return AlreadyMet.FIRE if world.first_print_fires else AlreadyMet.REJECT


def is_a_rest(record: RuleRecord) -> bool:
    """Tell whether a rule is to trade what the close has left of its orders."""
    return record.rule.rearm_next_session and record.left is not None


def judge(world: World, book: Book, record: RuleRecord, leg: LegRecord, price: Decimal) -> tuple[ArmVerdict, Sight]:
    """Say what arming a leg at a price would come to, changing nothing."""
    sight = sight_of(world, book, record, leg, leg.arm_price if leg.armed else price)
    if missing(book, record, leg, sight) is not None:
        return ArmVerdict.MISSING, sight
    if sight.mark is None and sight.activate is not None:
        # What wants a confirmation is not activated by the arm price alone.
        active = meet(sight, price).mark is not None and confirmation_of(record.rule) is None
        return (ArmVerdict.WATCH if active else ArmVerdict.WAIT_ACTIVATION), sight
    if not meet(begun(sight, price), price).met:
        return ArmVerdict.WATCH, sight
    match policy(world, record):
        case AlreadyMet.REJECT:
            return ArmVerdict.REJECT, sight
        case AlreadyMet.WAIT_CROSS:
            return ArmVerdict.WAIT_CROSS, sight
        case AlreadyMet.FIRE:
            return ArmVerdict.WATCH, sight


def begun(sight: Sight, price: Decimal) -> Sight:
    """Return what a leg looks at once it is armed by a price: its mark, if it keeps one, has started."""
    if not keeps_mark(sight.trigger) or sight.mark is not None:
        return sight
    began = begins_at(sight.trigger, price)
    return sight._replace(mark=began, began=began)


def already_met(rule: Rule, leg: LegRecord, sight: Sight, price: Decimal) -> Note:
    """Return the sentence that says why a condition cannot be armed: the price, the level, the distance."""
    line = fire_level(begun(sight, price))
    level = shown(line) if line is not None else text(price)
    return Note("already_met", {"rule": rule.id, "leg": leg.leg, "price": text(price), "level": level})


def refuse_if_met(world: World, book: Book, record: RuleRecord, leg: LegRecord, price: Decimal) -> None:
    """Raise RefusedByState when arming at the price would be rejected: a person who asks is told, and nothing is kept."""
    verdict, sight = judge(world, book, record, leg, price)
    if verdict is ArmVerdict.REJECT:
        note = already_met(record.rule, leg, sight, price)
        raise RefusedByState(note.code, **note.params)


def arm(world: World, turn: Turn, record: RuleRecord, leg: LegRecord, at: Print) -> None:
    """Arm a leg by a price: start its mark, let it watch, wait or be rejected; or say what it still waits for.

    A leg that goes by the clock is left alone: its moment is worked out by the next beat of the timer.
    """
    book = turn.book
    if time_of(leg_named(record.rule, leg.leg).trigger):
        return
    verdict, sight = judge(world, book, record, leg, at.price)
    if verdict is ArmVerdict.MISSING:
        note = missing(book, record, leg, sight)
        if note is not None and leg.reason != note:
            turn.put(replace(leg, reason=note))
            tell_of_cost(turn, leg, note)
        return
    position = book.positions.get((record.rule.account, record.rule.instrument))
    armed: dict[str, object] = {"armed": turn.now, "arm_price": at.price, "epoch": position.epoch if position else None}
    if record.rule.on_position_change is OnPositionChange.FREEZE:
        armed["basis"] = cost_of(book, record.rule, leg)
    params = {"price": text(at.price)}
    match verdict:
        case ArmVerdict.WATCH if not leg.crossed:
            # It begins again: being just on the safe side is not enough.
            _stay(turn, leg, waits_on(record, sight, at.price), **armed)
        case ArmVerdict.WAIT_ACTIVATION:
            _stay(turn, leg, waits_on(record, sight, at.price), **armed)
        case ArmVerdict.WAIT_CROSS:
            wait_to_cross(turn, record, leg, _start(turn, leg, sight, at), at.price, **armed)
        case ArmVerdict.REJECT if leg.status is not LegStatus.PAUSED:
            note = already_met(record.rule, leg, sight, at.price)
            turn.move_leg(leg, LegSignal.REJECT, note)
            turn.alert(leg_key(leg.rule, leg.leg), note)
        case ArmVerdict.WATCH | ArmVerdict.REJECT:
            # What is met while it is paused does not fire, and resuming judges it again.
            _start(turn, leg, sight, at)
            watch_or_stay_paused(turn, leg, Note("leg.armed", params), **armed)


def _start(turn: Turn, leg: LegRecord, sight: Sight, at: Print) -> Sight:
    """Start the mark of a leg that keeps one and has none yet; return what the leg looks at then."""
    started = begun(sight, at.price)
    if started is not sight:
        start_mark(turn, leg, at, started.mark)
    return started


def waits_on(record: RuleRecord, sight: Sight, price: Decimal) -> Note:
    """Return what a leg armed at a price waits for before it watches: its activation, or a price on the safe side."""
    params = {"price": text(price)}
    if keeps_mark(sight.trigger) and sight.mark is None and sight.activate is not None:
        return Note(waiting_code(sight.trigger), {**params, "activate": shown(sight.activate)})
    code = "waiting.hysteresis" if record.repeats else "waiting.cross"
    return Note(code, {**params, "level": shown(fire_level(sight) or Line(price))})


def wait_to_cross(turn: Turn, record: RuleRecord, leg: LegRecord, sight: Sight, price: Decimal, **changes: object) -> None:
    """Let a leg that is met wait until the price has been on the safe side; a trail follows its mark from there."""
    _stay(turn, leg, waits_on(record, sight, price), crossed=False, **changes)


def tell_of_cost(turn: Turn, leg: LegRecord, note: Note) -> None:
    """Tell a person that a leg guards nothing because nobody knows what was paid (semantics 2.8)."""
    if note.code == "waiting.cost":
        turn.alert(leg_key(leg.rule, leg.leg), note)


def start_mark(turn: Turn, leg: LegRecord, at: Print, price: Decimal | None = None) -> None:
    """Start the mark at a print: the arm price of a trail without activation, or the activating print; or at a price of
    the owner's own."""
    begins = at.price if price is None else price
    turn.put(MarkRecord(leg.rule, leg.leg, leg.generation, begins, at.time, begins, at.time))


def watch_or_stay_paused(turn: Turn, leg: LegRecord, note: Note, **changes: object) -> None:
    """Let a leg watch; a paused one only remembers that it will (semantics 2.15: pause stops firing, nothing else)."""
    if leg.status is LegStatus.PAUSED:
        turn.put(replace(leg, before_pause=LegStatus.WATCHING, **changes))
        turn.journal(leg_key(leg.rule, leg.leg), leg.status.value, leg.status.value, note)
    elif leg.status is LegStatus.WAITING:
        turn.move_leg(leg, LegSignal.WATCH, note, **changes)
    else:
        turn.put(replace(leg, reason=note, **changes))


def _stay(turn: Turn, leg: LegRecord, note: Note, **changes: object) -> None:
    """Keep a leg waiting (or paused) with what was learnt at arm."""
    if leg.status is LegStatus.WATCHING:
        turn.move_leg(leg, LegSignal.WAIT, note, **changes)
        return
    turn.put(replace(leg, reason=note, **changes))
    turn.journal(leg_key(leg.rule, leg.leg), leg.status.value, leg.status.value, note)
