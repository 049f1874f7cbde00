"""What people are shown: plain JSON values, prices as exact text, reasons as code and parameters.

The daemon builds them from the live engine and the CLI from the store when no daemon runs; the shape is the same.
"""

from typing import Any

from msgspec import to_builtins

from autotrader.domain.money import EXACT, HUNDRED, quotient, text
from autotrader.domain.order import IntentId
from autotrader.domain.rule import Rule, Template, leg_named, quantity_text, trigger_kind
from autotrader.engine.admission import outlook
from autotrader.engine.arming import sight_of
from autotrader.engine.book import Book
from autotrader.engine.corporate import is_held_for_it
from autotrader.engine.firing import shown
from autotrader.engine.hours import keeps_hours, market_time, order_venue
from autotrader.engine.index import Watch
from autotrader.engine.lifecycle import INTENT_ENDS, LEG_SEES_PRICES
from autotrader.engine.records import (
    IntentRecord,
    IntentStatus,
    LegRecord,
    LegStatus,
    Note,
    PriceRecord,
    Print,
    RuleRecord,
    ShotRecord,
    TradingState,
)
from autotrader.engine.triggers import Sight, fire_level, time_of
from autotrader.engine.world import World
from autotrader.markets.profile import find_instrument
from autotrader.markets.sessions import next_change, sessions_at
from autotrader.markets.ticks import round_to_send

View = dict[str, Any]

_LIVELY = (LegStatus.HELD, LegStatus.FIRED, LegStatus.WATCHING, LegStatus.PAUSED, LegStatus.WAITING)
_QUIET = (LegStatus.DONE, LegStatus.FAILED, LegStatus.REJECTED, LegStatus.EXPIRED, LegStatus.CANCELLED, LegStatus.SUPERSEDED)
_FROM_A_QUIET_END = {status: place for place, status in enumerate((*_LIVELY, *_QUIET))}


def note_view(note: Note | None) -> View | None:
    """Show a reason."""
    return None if note is None else {"code": note.code, "params": dict(note.params)}


def print_view(at: Print | None) -> View | None:
    """Show a print."""
    return None if at is None else {"price": text(at.price), "time": at.time, "sequence": at.sequence}


def last_print(book: Book, watch: Watch | None, rule: Rule) -> PriceRecord | None:
    """Return the last price known of a rule's instrument: the watch's, else the stored one."""
    if watch is not None and watch.last is not None:
        last = watch.last
        return PriceRecord(rule.instrument, last.price, last.time, last.sequence, watch.feed)
    return book.prices.get(rule.instrument)


def leg_view(world: World, book: Book, record: RuleRecord, leg: LegRecord, last: PriceRecord | None) -> View:
    """Show a leg: state, reason, level, mark, its share, and how far the last price is from the level.

    `due` (ns) is when a leg that goes by the clock is met, None for the others and while that is not known.
    """
    written = leg_named(record.rule, leg.leg)
    sight = sight_of(world, book, record, leg, leg.arm_price)
    line = fire_level(sight)
    mark = book.marks.get((leg.rule, leg.leg))
    distance = None
    if line is not None and last is not None:
        gap = EXACT.subtract(line.top, EXACT.multiply(last.price, line.bottom))
        distance = text(quotient(gap * HUNDRED, EXACT.multiply(last.price, line.bottom), 2))
    return {
        "name": leg.leg,
        "kind": trigger_kind(sight.trigger),
        "state": leg.status.value,
        "reason": note_view(leg.reason),
        "generation": leg.generation,
        "level": shown(line) if line is not None else None,
        "activate": shown(sight.activate) if sight.activate is not None else None,
        "activated": sight.mark is not None,
        "mark": text(mark.price) if mark is not None else None,
        "mark_time": mark.time if mark is not None else None,
        "distance_percent": distance,
        "share": text(written.share) if written.share is not None else None,
        "then": written.then.value if written.then is not None else None,
        "breakeven": leg.breakeven,
        "due": _due(sight, leg),
    }


def _due(sight: Sight, leg: LegRecord) -> int | None:
    """Return when (ns) a leg that goes by the clock is met, None for one by prices and for one that is not armed yet."""
    known = bool(time_of(sight.trigger)) and 0 < leg.not_before < 2**62 and leg.status in LEG_SEES_PRICES
    return leg.not_before if known else None


def text_view(rule: Rule) -> View:
    """Show the text of a rule, with everything that it leaves at its default."""
    view: View = to_builtins({name: getattr(rule, name) for name in rule.__struct_fields__})
    return view


def template_view(template: Template) -> View:
    """Show the text of a template in the same way."""
    return {**to_builtins(template), "rule": text_view(template.rule)}


def rule_view(world: World, book: Book, record: RuleRecord, watch: Watch | None) -> View:
    """Show a rule with its legs."""
    rule = record.rule
    last = last_print(book, watch, rule)
    return {
        "id": rule.id,
        "account": rule.account,
        "instrument": rule.instrument,
        "currency": find_instrument(world.markets, rule.instrument).currency,
        "side": rule.side.value,
        "quantity": quantity_text(rule.quantity),
        "order": order_words(world, rule),
        "text": text_view(rule),
        "origin": record.origin.value,
        "in_file": record.in_file,
        "version": record.version,
        "generation": record.generation,
        "created": record.created,
        "expires": record.expires,
        "parent": record.parent or None,
        "lot": text(record.lot) if record.lot is not None else None,
        "left": text(record.left) if record.left is not None else None,
        "action": rule.action.value,
        "shadow": rule.shadow,
        "tags": list(rule.tags),
        "state": rule_state(book.legs_of(rule.id)),
        "legs": [leg_view(world, book, record, leg, last) for leg in book.legs_of(rule.id)],
        "last_price": text(last.price) if last else None,
        "last_time": last.time if last else None,
        "blind": watch is None or watch.blind_since is not None,
    }


def rule_state(legs: list[LegRecord]) -> str:
    """Return the one word for a rule: of the leg that is furthest from a quiet end."""
    return min((leg.status for leg in legs), key=_FROM_A_QUIET_END.__getitem__).value


def order_words(world: World, rule: Rule) -> View:
    """Show what will be sent when the rule fires, with a limit rounded to the tick as it will be."""
    limit = rule.order.limit
    rounded = None if limit is None else round_to_send(find_instrument(world.markets, rule.instrument).ladder, limit, rule.side)
    return {
        "type": rule.order.type.value,
        "limit": None if rounded is None else text(rounded),
        "tif": rule.order.tif.value,
        "venue": order_venue(world.markets, rule).id,
    }


def intent_view(intent: IntentRecord) -> View:
    """Show an intent with its order."""
    return {
        "id": intent.id,
        "rule": intent.rule,
        "leg": intent.leg,
        "state": intent.status.value,
        "account": intent.account,
        "instrument": intent.instrument,
        "side": intent.side.value,
        "type": intent.type.value,
        "quantity": text(intent.quantity),
        "price": text(intent.price) if intent.price is not None else None,
        "tif": intent.tif.value,
        "venue": intent.venue,
        "filled": text(intent.filled),
        "order_id": intent.order_id,
        "client_id": intent.client_id,
        "attempts": intent.attempts,
        "created": intent.created,
        "reason": note_view(intent.reason),
    }


def shot_view(shot: ShotRecord) -> View:
    """Show a fire with its evidence: the print before, the print that crossed, the mark, the level, the rule's version."""
    return {
        "rule": shot.rule,
        "leg": shot.leg,
        "generation": shot.generation,
        "version": shot.version,
        "at": shot.at,
        "before": print_view(shot.before),
        "crossed": print_view(shot.crossed),
        "mark": text(shot.mark) if shot.mark is not None else None,
        "level": shot.level or None,
        "late": shot.late,
        "down_seconds": shot.down / 1e9,
        "why": note_view(shot.why),
    }


def story_view(world: World, book: Book, record: RuleRecord, watch: Watch | None, now: int) -> View:
    """Show all of a rule: its view, what would be sent in each session, its fires and the intents of the newest generation."""
    view = rule_view(world, book, record, watch)
    view["outlook"] = outlook(world, book, record.rule, now)
    view["shots"] = [shot_view(shot) for (rule, _), shot in book.shots.items() if rule == record.rule.id]
    view["intents"] = [intent_view(i) for i in book.intents.values() if i.rule == record.rule.id]
    return view


def markets_view(world: World, book: Book, now: int) -> list[View]:
    """Show the venues that live rules order at: which sessions are open, when that changes next, what does not trade."""
    venues: dict[str, Rule] = {}
    for record in book.rules.values():
        if not book.has_ended(record.rule.id):
            venues.setdefault(order_venue(world.markets, record.rule).id, record.rule)
    return [_market_view(world, book, name, rule, now) for name, rule in sorted(venues.items())]


def _market_view(world: World, book: Book, name: str, rule: Rule, now: int) -> View:
    venue, hours = world.markets[name], keeps_hours(world, rule)
    at = market_time(world, book, rule, now)
    judged = hours and not venue.always_open
    stopped = [record for record in book.trading.values() if record.venue == name and record.state is not TradingState.OPEN]
    return {
        "venue": name,
        "zone": venue.zone,
        "time": at,
        "hours": judged,
        "sessions": [session.id for session in sessions_at(venue, at) if not session.broker_only] if judged else [],
        "next_change": next_change(venue, at) if judged else None,
        "stopped": [{"what": r.instrument or name, "state": r.state.value, "since": r.since, "reason": r.reason} for r in stopped],
    }


def templates_view(book: Book) -> list[View]:
    """Show each template with the rules that it attached, oldest first."""
    attached: dict[str, list[View]] = {}
    for record in book.rules.values():
        shown_keys = {"id": record.rule.id, "account": record.rule.account, "instrument": record.rule.instrument}
        attached.setdefault(record.parent, []).append({**shown_keys, "state": rule_state(book.legs_of(record.rule.id))})
    return [
        {
            "id": record.id,
            "version": record.version,
            "in_file": record.in_file,
            "text": template_view(record.template),
            "rules": attached.get(record.id, []),
        }
        for record in book.templates.values()
    ]


def held_view(book: Book) -> list[View]:
    """Show what only a person can decide: intents whose outcome nobody knows, legs held before they fired."""
    intents = [i for i in book.intents.values() if i.status is IntentStatus.HELD]
    own = {(i.rule, i.leg) for i in intents}
    items = [{"item": i.id, "kind": "order", "choices": ["placed", "absent"], **_held_order(i)} for i in intents]
    for key, leg in book.legs.items():
        if leg.status is LegStatus.HELD and key not in own:
            choices = ["watch", "give_up"] if is_held_for_it(leg) else ["watch", "fire", "give_up"]
            items.append({"item": f"{leg.rule}/{leg.leg}", "kind": "leg", "choices": choices, "reason": note_view(leg.reason)})
    return items


def _held_order(intent: IntentRecord) -> View:
    shown_keys = ("rule", "account", "instrument", "side", "type", "quantity", "price", "created", "reason")
    return {key: value for key, value in intent_view(intent).items() if key in shown_keys}


def counts(book: Book) -> dict[str, int]:
    """Count rules by state."""
    found: dict[str, int] = {}
    for rule_id in book.rules:
        state = rule_state(book.legs_of(rule_id))
        found[state] = found.get(state, 0) + 1
    return found


def open_orders(book: Book) -> list[View]:
    """Show every intent that has not ended."""
    return [intent_view(i) for i in book.intents.values() if i.status not in INTENT_ENDS]


def intent_of(book: Book, item: str) -> IntentRecord | None:
    """Return the intent that a person named."""
    return book.intents.get(IntentId(item))
