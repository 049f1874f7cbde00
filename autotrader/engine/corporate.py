"""What happens to a holding without an order of ours: splits and the like hold its rules, and a person scales them; what its
owner trades by hand is told (semantics 2.14, safety P7).

A base price that is not the close before it, or a quantity that jumps while the cost stays, means that every price in a rule
may speak of another share than the one that trades now. Nothing fires then until somebody has looked.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from autotrader.domain.money import ZERO, exact, text
from autotrader.domain.rule import AccountName, RuleId, Side, leg_named
from autotrader.domain.tick import InstrumentId
from autotrader.engine.arming import is_held_by_a_price
from autotrader.engine.book import Book, Turn
from autotrader.engine.events import leg_key
from autotrader.engine.firing import hold
from autotrader.engine.hours import waits_for
from autotrader.engine.intents import WAITING
from autotrader.engine.lifecycle import LEG_SEES_PRICES, LegSignal
from autotrader.engine.records import LegRecord, LegStatus, Note, PositionRecord
from autotrader.engine.triggers import time_of
from autotrader.markets.calendar import local_date, previous_open_day
from autotrader.markets.profile import MarketProfile
from autotrader.markets.sessions import regular_hours

_UP = Decimal("1.8572")
"""130/70, rounded up: the widest step between two prices of one day of a market with limits of 30 % (market-rules 4). A base
price farther from the last price that we saw the day before is no ordinary move."""
CLOSING = 60_000_000_000
"""The print of the closing call comes at the close or up to half a minute later. ns."""
RATIOS = ((2, 1), (3, 1), (4, 1), (5, 1), (10, 1), (20, 1), (50, 1), (100, 1), (1, 2), (1, 3), (1, 5), (1, 10), (3, 2), (11, 10), (6, 5))
HELD = frozenset({"held.corporate_base", "held.corporate_quantity"})


class Seen(NamedTuple):
    """The last print known of an instrument on its own market: price and time (ns)."""

    price: Decimal
    time: int


def is_another_share(profile: MarketProfile, seen: Seen | None, base: Decimal, at: int) -> bool:
    """Tell whether a base price cannot belong to the share of which we saw the last print.

    A print of the closing call is the close: any difference counts. An earlier one only says in which range the close can
    have been.
    """
    if seen is None:
        return False
    day, seen_day = local_date(profile, at), local_date(profile, seen.time)
    if seen_day >= day or not profile.limits:
        return False
    hours = regular_hours(profile, seen_day)
    if hours is not None and seen_day == previous_open_day(profile, day) and hours[1] <= seen.time < hours[1] + CLOSING:
        return base != seen.price
    with exact():
        return base > seen.price * _UP or base * _UP < seen.price


def guard_against_base(turn: Turn, instrument: InstrumentId, profile: MarketProfile, seen: Seen | None, base: Decimal, at: int) -> None:
    """Hold the rules of an instrument whose base price is another share's."""
    if seen is None or not is_another_share(profile, seen, base, at):
        return
    ratio = likely_ratio(seen.price, base)
    params = {"instrument": instrument, "base": text(base), "close": text(seen.price), "ratio": ratio}
    hold_rules(turn, instrument, Note("held.corporate_base", params))


def guard_against_jump(turn: Turn, before: PositionRecord | None, after: PositionRecord) -> None:
    """Hold the rules of an instrument of which the account suddenly holds another quantity for the same money."""
    if before is None or before.quantity <= 0 or after.quantity <= 0 or before.quantity == after.quantity:
        return
    if before.cost is None or after.cost is None or before.cost != after.cost or not before.cost:
        return
    ratio = likely_ratio(after.quantity, before.quantity)
    params = {"instrument": after.instrument, "before": text(before.quantity), "after": text(after.quantity), "ratio": ratio}
    hold_rules(turn, after.instrument, Note("held.corporate_quantity", params), account=after.account)


def likely_ratio(old: Decimal, new: Decimal) -> str:
    """Return the plain ratio that is nearest to old/new, as `adjust --ratio` takes it: `5:1` for five new for one old."""
    new_shares, old_shares = min(RATIOS, key=lambda ratio: abs(old * ratio[1] - new * ratio[0]) / (new * ratio[0]))
    return f"{new_shares}:{old_shares}"


def hold_rules(turn: Turn, instrument: InstrumentId, note: Note, *, account: AccountName | None = None) -> None:
    """Hold every rule of an instrument that sees prices and every order that has not left, and tell a person once.

    A leg that was held by a price is held for this first: no mark of it moves any more, and it waits for its own decision after.
    """
    legs = [leg for rule_id in _rules_of(turn.book, instrument, account) for leg in turn.book.legs_of(rule_id)]
    held = [leg for leg in legs if leg.status in LEG_SEES_PRICES or is_held_by_a_price(leg)]
    for leg in held:
        if leg.status is LegStatus.HELD:
            turn.put(replace(leg, reason=note, before_pause=LegStatus.HELD))
            turn.journal(leg_key(leg.rule, leg.leg), leg.status.value, leg.status.value, note)
        else:
            turn.move_leg(leg, LegSignal.HOLD, note, before_pause=leg.status)
    for intent in turn.book.open():  # what has not left was decided for the share that there was
        if intent.instrument == instrument and account in (None, intent.account) and intent.status in WAITING:
            hold(turn, intent, Note("held.corporate_order", {"order": intent.id, "instrument": instrument}))
    if held:
        names = ", ".join(dict.fromkeys(leg.rule for leg in held))
        turn.alert(f"market/{instrument}", Note(note.code, {**note.params, "rules": names}))


def _rules_of(book: Book, instrument: InstrumentId, account: AccountName | None) -> Iterable[RuleId]:
    rules = [record.rule for record in book.rules.values() if record.rule.instrument == instrument]
    return [rule.id for rule in rules if account in (None, rule.account)]


def is_held_for_it(leg: LegRecord) -> bool:
    """Tell whether a leg is held because its prices may speak of another share."""
    return leg.status is LegStatus.HELD and leg.reason is not None and leg.reason.code in HELD


def watch_again(turn: Turn, leg: LegRecord, note: Note) -> None:
    """Let a leg that was held for a corporate action go on as it is written. It is judged by the next price as if it were
    new, so that what the split alone has met is rejected and does not fire."""
    rule = turn.book.rules[leg.rule].rule
    # What goes by the clock is armed for its next moment, which is today's when that has not passed.
    not_before = 0 if time_of(leg_named(rule, leg.leg).trigger) else leg.not_before
    anew = {"before_pause": None, "armed": 0, "arm_price": None, "basis": None, "not_before": not_before}
    watching = turn.move_leg(leg, LegSignal.WATCH, note, **anew)
    waiting = turn.move_leg(watching, LegSignal.WAIT, waits_for(rule, leg.leg))
    if leg.before_pause is LegStatus.PAUSED:
        turn.move_leg(waiting, LegSignal.PAUSE, note, before_pause=LegStatus.WAITING)


def tell_of_trades_by_hand(turn: Turn, before: PositionRecord | None, after: PositionRecord) -> None:
    """Say which rules sell more than is held since somebody else sold a part; what they send is cut anyway (safety U7)."""
    if before is None or not ZERO < after.quantity < before.quantity or _explained(turn.book, after):
        return
    for rule_id in _rules_of(turn.book, after.instrument, after.account):
        record = turn.book.rules[rule_id]
        wanted = record.left if record.left is not None else record.rule.quantity
        if record.rule.side is not Side.SELL or turn.book.has_ended(rule_id) or not isinstance(wanted, Decimal) or wanted <= after.quantity:
            continue
        note = Note(
            "position.shrunk", {"rule": rule_id, "wanted": text(wanted), "held": text(after.quantity), "instrument": after.instrument}
        )
        if record.left is not None:
            turn.put(replace(record, left=after.quantity))
        turn.journal(rule_id, "", "", note)
        turn.alert(rule_id, note)


def _explained(book: Book, position: PositionRecord) -> bool:
    """Tell whether an order of ours may have sold what is gone."""
    held = book.intents.reserved(position.account, Side.SELL).get(position.instrument)
    return held is not None and held.total > 0
