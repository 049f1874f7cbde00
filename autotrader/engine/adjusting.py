"""A rule after a split or the like: prices, amounts, quantities and marks scaled by one ratio, exactly where they can be.

Percentages stay what they are. A price that has no place on the tick is rounded to the careful side: what sells on a fall
goes up, what buys goes down. The two lines of a kept profit go away from each other, so that arming it is not already its end.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from msgspec.structs import replace

from autotrader.domain.money import EXACT, ZERO, exact, text
from autotrader.domain.order import Cost
from autotrader.domain.rule import (
    Amount,
    AtPrice,
    Condition,
    Distance,
    Leg,
    Level,
    OffBase,
    OrderSpec,
    PriceOf,
    Quantity,
    Rule,
    Trigger,
    Volume,
    When,
)
from autotrader.domain.tick import InstrumentId
from autotrader.engine.arming import already_met, sight_of
from autotrader.engine.book import Book, Turn
from autotrader.engine.corporate import is_held_for_it
from autotrader.engine.costs import keep_to_cost
from autotrader.engine.events import Adjust, leg_key
from autotrader.engine.hours import enabled_on, keeps_hours, market_time, order_venue, sessions_ahead
from autotrader.engine.lifecycle import LEG_ENDS, LEG_SEES_PRICES, LegSignal
from autotrader.engine.records import LegRecord, LegStatus, MarkRecord, Note, Print, RuleRecord
from autotrader.engine.rules import RuleDesk
from autotrader.engine.triggers import Sight, meet, rewritten
from autotrader.errors import RefusedByState, UserMistake
from autotrader.markets.calendar import local_date
from autotrader.markets.facts import Ladder
from autotrader.markets.profile import find_instrument
from autotrader.markets.ticks import ceil_to_tick, floor_to_tick

MOST = 1000
"""Shares in one side of a ratio: more is a typing mistake."""
_PLACES = 8
_FLOOR = Context(prec=60, rounding=ROUND_FLOOR)
_CEILING = Context(prec=60, rounding=ROUND_CEILING)


class Ratio(NamedTuple):
    """Every `old` shares became `new` ones."""

    new: int
    old: int

    def __str__(self) -> str:
        return f"{self.new}:{self.old}"


class Scaling:
    """One rule's numbers by one ratio; `notes` says what each became."""

    def __init__(self, ratio: Ratio, ladder: Ladder) -> None:
        self.ratio = ratio
        self.ladder = ladder
        self.notes: list[Note] = []

    def price(self, what: str, old: Decimal, *, up: bool) -> Decimal:
        """Return a price after the change: exact where it ends within eight places and lies on the tick as the old one did,
        else the tick above or below it."""
        exactly = _FLOOR.divide(EXACT.multiply(old, Decimal(self.ratio.old)), Decimal(self.ratio.new))
        new = exactly
        on_tick = not self.ladder or floor_to_tick(self.ladder, old) != old
        if not _ends(exactly) or (not on_tick and floor_to_tick(self.ladder, exactly) != exactly):
            new = (
                (ceil_to_tick if up else floor_to_tick)(self.ladder, exactly)
                if self.ladder
                else (_CEILING if up else _FLOOR).quantize(exactly, Decimal(1).scaleb(-_PLACES))
            )
        if new <= 0:
            raise UserMistake("adjust.nothing_left", rule="", what=what, old=text(old), ratio=str(self.ratio))
        params = {"what": what, "old": text(old), "new": text(new)}
        self.notes.append(
            Note("adjust.changed", params) if new == exactly else Note("adjust.rounded", {**params, "exact": text(_short(exactly))})
        )
        return new

    def amount(self, what: str, old: Decimal) -> Decimal:
        """Return an amount of money a share after the change: exact, or cut to eight places."""
        new = _short(_FLOOR.divide(EXACT.multiply(old, Decimal(self.ratio.old)), Decimal(self.ratio.new)))
        self.notes.append(Note("adjust.changed", {"what": what, "old": text(old), "new": text(new)}))
        return new

    def shares(self, old: Decimal, lot: Decimal) -> Decimal:
        """Return a number of shares after the change, in whole lots."""
        with exact():
            return old * self.ratio.new // self.ratio.old // lot * lot


def _short(value: Decimal) -> Decimal:
    return _FLOOR.quantize(value, Decimal(1).scaleb(-_PLACES)).normalize() if not _ends(value) else value


def _ends(value: Decimal) -> bool:
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_PLACES


def scaled_rule(rule: Rule, scaling: Scaling, lot: Decimal) -> Rule:
    """Return a rule's text after the change."""
    sells_on = {"legs": tuple(_leg(scaling, leg) for leg in rule.legs), "exits": tuple(_leg(scaling, leg) for leg in rule.exits)}
    cost = None if rule.cost_basis is None else scaling.amount("cost_basis", rule.cost_basis)
    quantity = _quantity(scaling, rule.quantity, lot)
    order = _order(scaling, "order", rule.order, up=rule.side == "buy")
    when = None if rule.when is None else _when(scaling, rule.when, rule)
    rearm = rule.rearm
    if rearm is not None:
        rearm = replace(rearm, hysteresis=_distance(scaling, "rearm.hysteresis", rearm.hysteresis))
    return replace(rule, **sells_on, cost_basis=cost, quantity=quantity, order=order, when=when, rearm=rearm)


def _quantity(scaling: Scaling, quantity: Quantity, lot: Decimal) -> Quantity:
    if not isinstance(quantity, Decimal):
        return quantity
    new = scaling.shares(quantity, lot)
    if new <= 0:
        raise UserMistake("adjust.nothing_left", rule="", what="quantity", old=text(quantity), ratio=str(scaling.ratio))
    scaling.notes.append(Note("adjust.changed", {"what": "quantity", "old": text(quantity), "new": text(new)}))
    return new


def _order(scaling: Scaling, what: str, order: OrderSpec, *, up: bool) -> OrderSpec:
    return order if order.limit is None else replace(order, limit=scaling.price(what, order.limit, up=up))


def _leg(scaling: Scaling, leg: Leg) -> Leg:
    offset = None if leg.limit_offset is None else _distance(scaling, f"{leg.name}.limit_offset", leg.limit_offset)
    order = None if leg.order is None else _order(scaling, f"{leg.name}.order", leg.order, up=False)
    return replace(leg, trigger=_trigger(scaling, leg.name, leg.trigger), limit_offset=offset, order=order)


def _trigger(scaling: Scaling, name: str, trigger: Trigger) -> Trigger:
    def named(key: str) -> str:
        return f"{name}.{key}" if key else name

    return rewritten(
        trigger,
        level=lambda key, at, up: _level(scaling, named(key), at, up=up),
        distance=lambda key, at: _distance(scaling, named(key), at),
        price=lambda key, at, up: scaling.price(named(key), at, up=up),
    )


def _level(scaling: Scaling, name: str, level: Level, *, up: bool) -> Level:
    match level:
        case AtPrice(price):
            return AtPrice(scaling.price(name, price, up=up))
        case OffBase(offset, AtPrice(price)):
            return OffBase(offset, AtPrice(scaling.price(f"{name}.base", price, up=up)))
        case _:
            return level


def _distance(scaling: Scaling, name: str, distance: Distance) -> Distance:
    return Amount(scaling.amount(name, distance.value)) if isinstance(distance, Amount) and distance.value else distance


def _when(scaling: Scaling, when: When, rule: Rule) -> When:
    conditions: list[Condition] = []
    for condition in when.conditions:
        match condition:
            case PriceOf(instrument, price, over) if instrument == rule.instrument:
                conditions.append(PriceOf(instrument, scaling.price("when.price", price, up=over), over))
            case Volume(least):
                conditions.append(Volume(scaling.shares(least, Decimal(1))))
            case _:
                conditions.append(condition)
    return replace(when, conditions=tuple(conditions))


def adjust(desk: RuleDesk, command: Adjust) -> list[Note]:
    """Scale a rule: its text becomes a new version, its marks and shared quantity follow; what was held for it watches
    again. Raise UserMistake or RefusedByState, and then the turn is to be taken back."""
    world, turn = desk.world, desk.turn
    record = turn.book.rule(command.rule)
    ratio = Ratio(command.new, command.old)
    if not (0 < ratio.new <= MOST and 0 < ratio.old <= MOST) or ratio.new == ratio.old:
        raise UserMistake("adjust.bad_ratio", rule=command.rule, ratio=str(ratio))
    legs = turn.book.legs_of(command.rule)
    if turn.book.has_ended(command.rule):
        raise RefusedByState("adjust.ended", rule=command.rule, states=", ".join(dict.fromkeys(leg.status.value for leg in legs)))
    if any(_is_in_flight(leg) for leg in legs):
        raise RefusedByState("adjust.in_flight", rule=command.rule)
    later = [(leg.leg, at) for leg in legs if (at := _price_of_after(desk, record, leg)) is not None]
    instrument = find_instrument(world.markets, record.rule.instrument)
    scaling = Scaling(ratio, instrument.ladder)
    try:
        rule = scaled_rule(record.rule, scaling, instrument.lot)
    except UserMistake as mistake:
        raise UserMistake(mistake.code, **{**mistake.params, "rule": command.rule}) from None
    lot, left = (None if old is None else scaling.shares(old, instrument.lot) for old in (record.lot, record.left))
    if record.left is not None and left is not None:
        scaling.notes.append(Note("adjust.changed", {"what": "left", "old": text(record.left), "new": text(left)}))
    after = replace(record, rule=rule, version=record.version + 1, changed=turn.now, lot=lot, left=left)
    turn.put(after)
    for leg in legs:
        _adjust_leg(turn, record, leg, scaling)
    keep_to_cost(world, turn, [command.rule])
    for name, at in later:
        _refuse_if_met(desk, after, turn.book.legs[command.rule, name], at, ratio)
    for note in scaling.notes:
        turn.journal(command.rule, f"version {record.version}", f"version {after.version}", note)
    return [*scaling.notes, Note("rule.adjusted", {"rule": command.rule, "ratio": str(ratio)})]


def _price_of_after(desk: RuleDesk, record: RuleRecord, leg: LegRecord) -> Print | None:
    """Return the last price if it is of the share that the adjusted rule will speak of, None where nobody can know.

    A share changes between two days of its market. So the price is of after, once it is of the day on which the rule watches
    next. A market without days has none to tell it by: there any price goes for a watching rule, and for one that is held
    since its quantity jumped it is of after when it has met what is written, which the price before cannot have.
    """
    rule, at = record.rule, desk.price(record.rule) or _last_known(desk.turn.book, record.rule.instrument)
    if at is None:
        return None
    venue = order_venue(desk.world.markets, rule)
    if venue.always_open or not keeps_hours(desk.world, rule):
        return at if not is_held_for_it(leg) or meet(_sight(desk, record, leg), at.price).met else None
    now = market_time(desk.world, desk.turn.book, rule, desk.turn.now)
    return at if sessions_ahead(venue, enabled_on(venue, rule.sessions), now)[0] == local_date(venue, at.time) else None


def _last_known(book: Book, instrument: InstrumentId) -> Print | None:
    """Return the newest print of an instrument, also one that an earlier process has seen."""
    kept = book.prices.get(instrument)
    return book.newest(instrument) or (Print(kept.price, kept.time) if kept is not None and kept.time else None)


def _sight(desk: RuleDesk, record: RuleRecord, leg: LegRecord) -> Sight:
    return sight_of(desk.world, desk.turn.book, record, leg, leg.arm_price)


def _refuse_if_met(desk: RuleDesk, record: RuleRecord, leg: LegRecord, at: Print, ratio: Ratio) -> None:
    """Raise RefusedByState when a leg would fire by the price of now: far more often a ratio written the wrong way round than
    a market that has gone so far. `already_met: fire` is no consent to that: it was given for the numbers as they were."""
    sight = _sight(desk, record, leg)
    if leg.status is LegStatus.WATCHING and meet(sight, at.price).met:
        params = already_met(record.rule, leg, sight, at.price).params
        raise RefusedByState("adjust.met", **params, ratio=str(ratio), turned=f"{ratio.old}:{ratio.new}")


def _is_in_flight(leg: LegRecord) -> bool:
    return leg.status is LegStatus.FIRED or (leg.status is LegStatus.HELD and not is_held_for_it(leg))


def _adjust_leg(turn: Turn, record: RuleRecord, leg: LegRecord, scaling: Scaling) -> None:
    if leg.status in LEG_ENDS:
        return
    mark = turn.book.marks.get((leg.rule, leg.leg))
    if mark is not None and mark.generation == leg.generation:
        _scale_mark(turn, mark, scaling)
    note = Note("rule.adjusted", {"rule": leg.rule, "ratio": str(scaling.ratio)})
    price = None if leg.arm_price is None else _by(scaling.ratio, leg.arm_price)
    basis = None if leg.basis is None else _cost_by(scaling.ratio, leg.basis)
    changes = {"arm_price": price, "basis": basis, "taken": EXACT.multiply(leg.taken, scaling.ratio.new) // scaling.ratio.old}
    if leg.status in LEG_SEES_PRICES:
        turn.put(replace(leg, **changes))
        turn.journal(leg_key(leg.rule, leg.leg), leg.status.value, leg.status.value, note)
        return
    watching = turn.move_leg(leg, LegSignal.WATCH, note, before_pause=None, **changes)
    if leg.before_pause is LegStatus.PAUSED:
        turn.move_leg(watching, LegSignal.PAUSE, note, before_pause=LegStatus.WATCHING)
    elif leg.before_pause is LegStatus.WAITING:
        turn.move_leg(watching, LegSignal.WAIT, note)
    elif leg.before_pause is LegStatus.HELD:
        turn.move_leg(watching, LegSignal.HOLD, Note("held.still", note.params))


def _scale_mark(turn: Turn, mark: MarkRecord, scaling: Scaling) -> None:
    began, price = (_by(scaling.ratio, at) for at in (mark.activated_price, mark.price))
    scaling.notes.append(Note("adjust.changed", {"what": f"{mark.leg}.mark", "old": text(mark.price), "new": text(price)}))
    turn.put(replace(mark, price=price, activated_price=began, peak=""))  # no longer the mark that it shared


def _cost_by(ratio: Ratio, cost: Cost) -> Cost:
    """Return a cost a unit as it is after the change: a quotient, so that nothing of it is rounded."""
    return Cost(EXACT.multiply(cost.total, Decimal(ratio.old)), EXACT.multiply(cost.quantity, Decimal(ratio.new)))


def _by(ratio: Ratio, price: Decimal) -> Decimal:
    """Return a price seen before the change as it would be seen after it."""
    return max(_short(_FLOOR.divide(EXACT.multiply(price, Decimal(ratio.old)), Decimal(ratio.new))), ZERO)
