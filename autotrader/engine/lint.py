"""What is valid in a rule and perhaps not meant, judged beside what is known: prices, quotes, limits, holdings, other rules.

What the text alone shows is told by the readers of the file (`config/rule_checks.py`). Every finding is a code with a sentence
that ends in a remedy; nothing here keeps a rule from being taken.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.money import EXACT, HUNDRED, ZERO, exact, text
from autotrader.domain.rule import (
    Above,
    AccountName,
    AlreadyMet,
    Amount,
    AtPrice,
    Basis,
    Confirm,
    Distance,
    Leg,
    OrderType,
    Percent,
    Preserve,
    ProfitRate,
    Rebound,
    Rule,
    Side,
    Spend,
    Stop,
    Target,
    Trail,
    order_of,
)
from autotrader.domain.tick import InstrumentId
from autotrader.engine.admission import limits_of
from autotrader.engine.arming import policy, sight_of
from autotrader.engine.book import Book
from autotrader.engine.commitments import sends
from autotrader.engine.hours import enabled_on, end_of_validity, keeps_hours, market_time, order_venue, sessions_ahead
from autotrader.engine.levels import Line, ceiling, floor, line_of_distance, trail_level
from autotrader.engine.lint_hours import lint_hours
from autotrader.engine.records import LegStatus, Note, RuleRecord
from autotrader.engine.sizing import lot_of, share_of, whole_lots
from autotrader.engine.triggers import Sight, fire_level, is_trailing, levels_of, meet
from autotrader.engine.world import World
from autotrader.markets.calendar import local_date
from autotrader.markets.limits import Limits, clamp
from autotrader.markets.profile import Instrument, cost_on, find_instrument, profile_of
from autotrader.markets.ticks import tick_up

NEAR = Decimal("0.25")
"""Percent of the last price: what stands nearer is met by an ordinary step (Zerodha disables such triggers, semantics 2.9)."""
OPEN = frozenset({LegStatus.WAITING, LegStatus.WATCHING, LegStatus.PAUSED})


class Scene(NamedTuple):
    """A rule with what is known around it. `tick` and `spread` are zero where they are not known."""

    world: World
    book: Book
    record: RuleRecord
    now: int
    last: Decimal | None
    tick: Decimal
    spread: Decimal

    @property
    def rule(self) -> Rule:
        """Return the rule as its owner wrote it."""
        return self.record.rule


def lint(world: World, book: Book, record: RuleRecord, now: int) -> list[Note]:
    """Return what is odd about a rule, each once."""
    scene = _scene(world, book, record, now)
    found = [*_whole(scene)]
    for leg in record.rule.legs:
        found += _leg(scene, leg)
    unique: dict[tuple[str, tuple[tuple[str, str], ...]], Note] = {}
    for note in found:
        unique.setdefault((note.code, tuple(sorted(note.params.items()))), note)
    return list(unique.values())


def lint_all(world: World, book: Book, now: int) -> dict[str, list[Note]]:
    """Return what is odd about every rule that has not ended, by its id; rules without a finding are left out. That the rules of a
    holding sell more than is held is said of the first of them."""
    said: set[tuple[AccountName, InstrumentId]] = set()
    found: dict[str, list[Note]] = {}
    for name, record in book.rules.items():
        notes = [] if book.has_ended(name) else lint(world, book, record, now)
        holding = (record.rule.account, record.rule.instrument)
        if holding in said:
            notes = [note for note in notes if note.code != "lint.overlaps"]
        elif any(note.code == "lint.overlaps" for note in notes):
            said.add(holding)
        if notes:
            found[name] = notes
    return found


def _scene(world: World, book: Book, record: RuleRecord, now: int) -> Scene:
    rule = record.rule
    newest, kept = book.newest(rule.instrument), book.prices.get(rule.instrument)
    last = newest.price if newest is not None else kept.price if kept is not None and kept.time else None
    ladder = find_instrument(world.markets, rule.instrument).ladder
    with exact():
        tick = tick_up(ladder, last) - last if last is not None and ladder else ZERO
        quote = book.quotes.get((rule.instrument, order_venue(world.markets, rule).id))
        spread = quote.ask - quote.bid if quote is not None and quote.ask is not None and quote.bid is not None else ZERO
    return Scene(world, book, record, now, last, tick, max(spread, ZERO))


def _sight(scene: Scene, leg: Leg) -> Sight:
    kept = scene.book.legs[scene.rule.id, leg.name]
    arm = kept.arm_price if kept.arm_price is not None else scene.last
    return sight_of(scene.world, scene.book, scene.record, kept, arm)


def _leg(scene: Scene, leg: Leg) -> Iterator[Note]:
    sight = _sight(scene, leg)
    yield from _near(scene, leg, sight)
    yield from _distances(scene, leg)
    yield from _beyond_limits(scene, leg, sight)
    yield from _past_its_level(scene, leg, sight)
    trigger = leg.trigger
    if isinstance(trigger, Target) and isinstance(trigger.level, ProfitRate) and not scene.rule.net:
        yield from _thin_profit(scene, leg, trigger.level)
    if isinstance(trigger, Preserve):
        yield from _narrow(scene, leg, sight)
    if scene.rule.unfilled is not None and order_of(scene.rule, leg).type is OrderType.MARKET:
        yield Note("lint.unfilled_market", {"leg": leg.name})


def _narrow(scene: Scene, leg: Leg, sight: Sight) -> Iterator[Note]:
    """Yield the two lines of a kept profit that lie too close to each other."""
    if sight.level is None or sight.activate is None or not scene.tick:
        return
    with exact():
        if ceiling(sight.activate) - floor(sight.level) <= scene.tick:
            yield Note("lint.preserve_near", {"leg": leg.name, "tick": text(scene.tick)})


def _near(scene: Scene, leg: Leg, sight: Sight) -> Iterator[Note]:
    """Yield that a level is met at the last price, or would be by the next step."""
    if scene.last is None or sight.level is None or is_trailing(leg.trigger) or isinstance(leg.trigger, Preserve):
        return
    params = {"leg": leg.name, "price": text(scene.last), "level": _shown(sight.level)}
    if meet(sight, scene.last).met:
        rejects = policy(scene.world, scene.record) is AlreadyMet.REJECT  # else its owner has said what comes of it
        if rejects and scene.book.legs[scene.rule.id, leg.name].status in OPEN:
            yield Note("lint.fires_at_once", params)
        return
    around = Percent(NEAR)
    below, above = (line_of_distance(sight.level, around, sight.ladder, over=over) for over in (False, True))
    if floor(below) < scene.last < ceiling(above):
        yield Note("lint.too_near", {**params, "percent": text(NEAR)})


def _size(distance: Distance, price: Decimal, tick: Decimal) -> Decimal:
    """Return a distance in money at a price."""
    with exact():
        match distance:
            case Amount(value):
                return value
            case Percent(value):
                return (price * value).scaleb(-2)
            case _:
                return tick * distance.count


def _distances(scene: Scene, leg: Leg) -> Iterator[Note]:
    """Yield distances that any ordinary step covers."""
    if scene.last is None or not isinstance(leg.trigger, Trail | Rebound):
        return
    size = _size(leg.trigger.distance, scene.last, scene.tick)
    params = {"leg": leg.name, "distance": text(size)}
    if scene.tick and size < scene.tick:
        yield Note("lint.trail_under_tick", {**params, "tick": text(scene.tick)})
    elif scene.spread and size < scene.spread:
        yield Note("lint.trail_under_spread", {**params, "spread": text(scene.spread)})
    if leg.trigger.step is not None and _size(leg.trigger.step, scene.last, scene.tick) >= size:
        yield Note("lint.step_over_trail", {"leg": leg.name})


def _beyond_limits(scene: Scene, leg: Leg, sight: Sight) -> Iterator[Note]:
    """Yield levels that no price of today can reach, and limits at which no order of today can stand (semantics 2.5)."""
    rule = scene.rule
    if not keeps_hours(scene.world, rule):
        return
    day = local_date(order_venue(scene.world.markets, rule), market_time(scene.world, scene.book, rule, scene.now))
    limits = limits_of(scene.world, scene.book, rule.instrument, day)
    if limits is None:
        return
    span = {"lower": text(limits.lower), "upper": text(limits.upper)}
    beyond = [line for line in (sight.level, sight.activate) if line is not None and _is_outside(line, limits)]
    for line in beyond:
        yield Note("lint.beyond_limit", {"leg": leg.name, "level": _shown(line), **span})
    limit = _limit_of(rule, leg, sight)
    if limit is not None and not beyond and _is_outside(Line(limit), limits):
        yield Note("lint.limit_beyond", {"leg": leg.name, "limit": text(limit), "sent": text(clamp(limit, limits)), **span})


def _past_its_level(scene: Scene, leg: Leg, sight: Sight) -> Iterator[Note]:
    """Yield a limit that lies on the wrong side of the level at which it is sent (semantics 2.5): of a level that is a price the
    reader refuses it, one that is a rate is known only here."""
    limit, line = order_of(scene.rule, leg).limit, fire_level(sight)
    if limit is None or line is None or leg.limit_offset is not None:
        return
    sells = isinstance(leg.trigger, Stop | Trail | Preserve) and limit > ceiling(line)
    if sells or (isinstance(leg.trigger, Above | Rebound) and limit < floor(line)):
        yield Note("lint.limit_past_level", {"leg": leg.name, "limit": text(limit), "level": _shown(line)})


def _is_outside(line: Line, limits: Limits) -> bool:
    return floor(line) > limits.upper or ceiling(line) < limits.lower


def _limit_of(rule: Rule, leg: Leg, sight: Sight) -> Decimal | None:
    """Return the limit that a leg would send now, None for one that has none or that moves with the market."""
    if leg.limit_offset is None:
        return order_of(rule, leg).limit
    line = fire_level(sight)
    if line is None:
        return None
    return trail_level(leg.limit_offset, floor(line) if rule.side is Side.SELL else ceiling(line), rule.side, sight.ladder)


def _thin_profit(scene: Scene, leg: Leg, level: ProfitRate) -> Iterator[Note]:
    """Yield a target that fees and taxes eat up."""
    profile = profile_of(scene.world.markets, scene.rule.instrument)
    row = cost_on(profile, local_date(profile, scene.now))
    with exact():
        costs = row.commission + row.commission + row.tax
        kept = (HUNDRED + level.percent) * (HUNDRED - row.commission - row.tax) - HUNDRED * (HUNDRED + row.commission)
    if kept <= 0:
        yield Note("lint.target_under_costs", {"leg": leg.name, "rate": text(level.percent), "costs": text(costs)})


def _whole(scene: Scene) -> Iterator[Note]:
    yield from _crossed_legs(scene)
    yield from _shares(scene)
    yield from _holdings(scene)
    yield from _cash(scene)
    yield from _time(scene)
    yield from lint_hours(scene.world, scene.book, scene.rule, scene.now)
    yield from _policies(scene)
    yield from _exits(scene)
    for leg in scene.rule.exits:
        yield from _distances(scene, leg)


def _prices(legs: tuple[Leg, ...], kind: type) -> list[Decimal]:
    return [at.price for leg in legs if isinstance(leg.trigger, kind) for at in levels_of(leg.trigger) if isinstance(at, AtPrice)]


def _crossed_legs(scene: Scene) -> Iterator[Note]:
    """Yield a stop that stands over a target: one of them is always met."""
    for legs in (scene.rule.legs, scene.rule.exits):
        stops, targets = _prices(legs, Stop), _prices(legs, Target)
        if stops and targets and max(stops) >= min(targets):
            yield Note("lint.stop_over_target", {"stop": text(max(stops)), "target": text(min(targets))})


def _shares(scene: Scene) -> Iterator[Note]:
    rule = scene.rule
    instrument = find_instrument(scene.world.markets, rule.instrument)
    if rule.side is Side.SELL and isinstance(rule.quantity, Decimal):
        lot = whole_lots(rule.quantity, instrument.lot)
        for leg in rule.legs:
            if leg.share is not None and share_of(lot, leg, rule, instrument) <= 0:
                yield Note("lint.share_of_nothing", {"leg": leg.name, "share": text(leg.share), "quantity": text(rule.quantity)})


def _holdings(scene: Scene) -> Iterator[Note]:
    """Yield what the rules of a holding sell in all, where that is more than is held. The legs of a rule count once."""
    rule = scene.rule
    position = scene.book.positions.get((rule.account, rule.instrument))
    if rule.side is not Side.SELL or not sends(rule) or position is None or position.quantity <= 0:
        return
    held = position.quantity
    if isinstance(rule.quantity, Decimal) and rule.quantity > held:
        yield Note("lint.more_than_held", {"quantity": text(rule.quantity), "held": text(held), "instrument": rule.instrument})
        return
    instrument = find_instrument(scene.world.markets, rule.instrument)
    others = [record for record in _live(scene.book, rule, Side.SELL) if record.rule.id != rule.id and sends(record.rule)]
    with exact():
        total = sum((_promised(record, held, instrument) for record in others), _promised(scene.record, held, instrument))
    if others and total > held:
        names = sorted(record.rule.id for record in others)
        few = ", ".join(names[:MOST_NAMED]) + (f", … ({len(names)})" if len(names) > MOST_NAMED else "")
        yield Note("lint.overlaps", {"rules": few, "total": text(total), "held": text(held), "instrument": rule.instrument})


def _promised(record: RuleRecord, held: Decimal, instrument: Instrument) -> Decimal:
    """Return how much of a holding a rule would sell if nothing else did: `all` is all of it."""
    return record.left if record.left is not None else lot_of(record.rule, held, held, instrument)


MOST_NAMED = 5
"""A person looks for one of them; the number says how many there are."""


def _live(book: Book, like: Rule, side: Side) -> list[RuleRecord]:
    """Return the rules of one side of an account and instrument that have not ended."""
    key = (side, like.account, like.instrument)
    records = [record for record in book.rules.values() if (record.rule.side, record.rule.account, record.rule.instrument) == key]
    return [record for record in records if not book.has_ended(record.rule.id)]


def _need(scene: Scene, rule: Rule) -> Decimal:
    """Return about how much money a buy takes: at its limit, else at the last price."""
    if isinstance(rule.quantity, Spend):
        return rule.quantity.amount
    price = rule.order.limit or (scene.last if rule.instrument == scene.rule.instrument else None)
    with exact():
        return rule.quantity * price if isinstance(rule.quantity, Decimal) and price is not None else ZERO


def _cash(scene: Scene) -> Iterator[Note]:
    """Yield buys that together take more than there is, and an amount that buys nothing."""
    rule = scene.rule
    if rule.side is not Side.BUY or not sends(rule):
        return
    lot = find_instrument(scene.world.markets, rule.instrument).lot
    if isinstance(rule.quantity, Spend) and scene.last is not None and rule.quantity.amount < EXACT.multiply(scene.last, lot):
        yield Note("lint.amount_too_small", {"amount": text(rule.quantity.amount), "price": text(scene.last), "lot": text(lot)})
    currency = find_instrument(scene.world.markets, rule.instrument).currency
    cash = scene.book.cash.get((rule.account, currency))
    live = [r.rule for r in scene.book.rules.values() if r.rule.account == rule.account and not scene.book.has_ended(r.rule.id)]
    buys = [r for r in live if r.side is Side.BUY and sends(r)]
    mine = [r for r in buys if find_instrument(scene.world.markets, r.instrument).currency == currency]
    with exact():
        need = sum((_need(scene, r) for r in mine if r.id != rule.id), _need(scene, rule))
    if cash is not None and need > cash.total:
        yield Note("lint.more_than_cash", {"needed": text(need), "available": text(cash.total), "currency": currency})


def _time(scene: Scene) -> Iterator[Note]:
    """Yield a rule that ends before its next session begins."""
    rule, venue = scene.rule, order_venue(scene.world.markets, scene.rule)
    if venue.always_open or not keeps_hours(scene.world, rule) or not scene.record.expires:
        return
    enabled = enabled_on(venue, rule.sessions)
    at = market_time(scene.world, scene.book, rule, scene.now)
    day, sessions = sessions_ahead(venue, enabled, at)
    begins = min((session.open for session in sessions if session.id in enabled), default=None)
    if begins is not None and day > date.fromisoformat(scene.record.expires) and begins >= end_of_validity(scene.world, scene.record):
        yield Note("lint.ends_before_session", {"last_day": scene.record.expires, "opens": day.isoformat()})


def _policies(scene: Scene) -> Iterator[Note]:
    rule = scene.rule
    if rule.rearm is not None and scene.last is not None:
        size = _size(rule.rearm.hysteresis, scene.last, scene.tick)
        least = max(scene.tick, scene.spread)
        if least and size <= least:
            yield Note("lint.rearm_hot", {"hysteresis": text(size), "least": text(least)})
    if rule.gap_guard and scene.last is not None and scene.tick and _size(Percent(rule.gap_guard), scene.last, scene.tick) < scene.tick:
        yield Note("lint.gap_under_tick", {"percent": text(rule.gap_guard), "tick": text(scene.tick)})
    quoted = any(key[0] == rule.instrument for key in scene.book.quotes)
    if rule.basis not in (Basis.LAST, Basis.DOUBLE_LAST, Basis.LAST_OR_QUOTE) and scene.last is not None and not quoted:
        yield Note("lint.no_quotes", {"basis": rule.basis.value, "instrument": rule.instrument})
    if rule.basis is Basis.DOUBLE_LAST and rule.confirm is not None and rule.confirm != Confirm(prints=2):
        yield Note("lint.confirmed_twice", {})


def _exits(scene: Scene) -> Iterator[Note]:
    """Yield exits that are met where the entry fires: what was bought would be sold at once."""
    rule = scene.rule
    levels = [at.price for leg in rule.legs for at in levels_of(leg.trigger) if isinstance(at, AtPrice)]
    stops, targets = _prices(rule.exits, Stop), _prices(rule.exits, Target)
    if levels and ((stops and max(stops) >= min(levels)) or (targets and min(targets) <= max(levels))):
        at = max(stops) if stops and max(stops) >= min(levels) else min(targets)
        yield Note("lint.exits_met", {"exit": text(at), "entry": text(levels[0])})


def _shown(line: Line) -> str:
    return text(line.top) if line.bottom == 1 else text(round(line.top / line.bottom, 2))
