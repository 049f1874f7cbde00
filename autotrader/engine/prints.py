"""What an eligible print that can matter does: it arms, crosses, activates, moves marks, fires — in that order.

The quiet path is in `engine.py`; only a print outside the watch's band, or the first after the feed was blind, comes here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from heapq import nsmallest
from operator import attrgetter

from msgspec.structs import replace

from autotrader.domain.money import HUNDRED, exact, text
from autotrader.domain.rule import AccountName, AfterClose, OnRecovery, Rule, RuleId
from autotrader.domain.tick import Tick
from autotrader.engine.admission import Answer, Clearance
from autotrader.engine.arming import arm, is_a_rest, look, sees_prices, start_mark, watch_or_stay_paused
from autotrader.engine.book import Book, LegKey, Turn
from autotrader.engine.clockwork import ON_TIME, arm_by_clock, by_the_clock, is_due
from autotrader.engine.confirming import break_off, confirmed_by_time, count
from autotrader.engine.effects import Unit
from autotrader.engine.events import leg_key
from autotrader.engine.firing import Cause, as_print, fire, shown
from autotrader.engine.flat import Item
from autotrader.engine.index import Watch, Watched
from autotrader.engine.lifecycle import LegSignal
from autotrader.engine.records import LegStatus, MarkRecord, Note, Print
from autotrader.engine.repeating import is_on_the_safe_side
from autotrader.engine.triggers import fire_level, is_blind, keeps_mark, meet, time_of, usual_gap
from autotrader.engine.world import World

Gate = Callable[[Watched, Tick], Clearance]


_ORDER = attrgetter("turn")


def _turn_of(leg: Watched) -> tuple[int, RuleId, int]:
    """Return what says which of the legs that one print meets fires first."""
    return leg.order, leg.leg.rule, leg.place


class PrintStory:
    """One print and the legs that it wakes. Each change is a unit of its own; fires come last, exits first."""

    def __init__(self, world: World, book: Book, watch: Watch, dirty: dict[LegKey, None], now: int) -> None:
        self.world = world
        self.book = book
        self.watch = watch
        self.dirty = dirty
        self.now = now
        self.units: list[Unit] = []
        self.traded = False
        self.unwatched: dict[LegKey, int] = {}
        self.returned: dict[RuleId, None] = {}
        """Rules that began again on this print, with legs that had ended: all that is kept by rule is to know them."""
        self._counted: set[LegKey] = set()
        self._met: list[Watched | Item] = []
        self._first: frozenset[LegKey] = frozenset()
        self._queue: list[Watched] | None = None
        self._at = 0

    def _turn(self) -> Turn:
        return Turn(self.book, self.now, "price")

    def _close(self, turn: Turn) -> None:
        """Keep a turn's unit and show the index what changed."""
        for rule_id in turn.touched:
            record = self.book.rules[rule_id]
            for leg in self.book.legs_of(rule_id):
                if record.rule.instrument == self.watch.instrument.id:
                    key = (leg.rule, leg.leg)
                    seen = look(self.world, self.book, record, leg) if sees_prices(record, leg) else None
                    if seen is not None and key not in self.watch.legs:
                        self.returned[rule_id] = None
                    self.watch.keep(key, seen)
        self.traded = self.traded or bool(turn.traded)
        if turn.records or turn.acts:
            self.units.append(turn.unit())

    def tell(self, tick: Tick, blind_since: int, ready: Mapping[AccountName, bool]) -> None:
        """Let the print do all that it does short of firing; `blind_since`: from then on nobody had watched (0: it was watched).

        Nothing is armed for an account that is not recovered (safety U2).
        """
        at = as_print(tick)
        assert at is not None
        late_before, self.watch.late = self.watch.late, {}
        if blind_since:
            self.unwatched = {key: blind_since for key, leg in self.watch.legs.items() if leg.armed}
        self.unwatched |= late_before
        unarmed = [self.watch.legs[key] for key in self.watch.unarmed if key not in self.watch.clocked]
        for leg in [leg for leg in unarmed if self._may_arm(leg, ready)]:
            self._arm(leg, at)
        self.follow_by_time(tick)
        self.watch.ratchet(tick.price, tick.time)
        asked, quick = self.watch.woken(tick.price)
        met = [leg for leg in asked if self._touch(leg, tick)]
        if self.watch.confirming:
            break_off(self.watch, self._counted)
        self.take_met([*met, *quick])

    def take_met(self, met: Iterable[Watched | Item]) -> None:
        """Take the legs that are to fire. Quick ones are looked at when their turn comes, and all are put in order only after the
        first have fired: in a storm the first order must not wait until ten thousand legs were looked at and sorted."""
        self._met, self._first, self._queue, self._at = [*met], frozenset(), None, 0

    def _next(self, most: int) -> list[Watched]:
        """Return the legs whose turn is next."""
        if self._queue is None and not self._first and most < len(self._met):
            last = nsmallest(most, map(_ORDER, self._met))[-1]
            chosen = sorted(self._looked_at(leg for leg in self._met if _ORDER(leg) <= last), key=_turn_of)[:most]
            self._first = frozenset(leg.key for leg in chosen)
            return chosen
        chosen = self._in_order()[self._at : self._at + most]
        self._at += len(chosen)
        return chosen

    def _in_order(self) -> list[Watched]:
        """Return all legs that were not among the first, in their order."""
        if self._queue is None:
            self._queue = sorted(self._looked_at(leg for leg in self._met if leg.key not in self._first), key=_turn_of)
        return self._queue

    @property
    def turn(self) -> tuple[int, RuleId, int] | None:
        """Return what says when the next leg's turn comes among those of other views, None when all have had theirs."""
        return _turn_of(self._in_order()[self._at]) if self._at < len(self._in_order()) else None

    def _looked_at(self, met: Iterable[Watched | Item]) -> Iterator[Watched]:
        """Yield the legs that are still there; one that fired before may have ended others."""
        for one in met:
            leg = one if isinstance(one, Watched) else self.watch.legs.get(one.key)
            if leg is not None:
                yield leg

    @property
    def unfired(self) -> bool:
        """Tell whether legs that the print met have not had their turn."""
        return self._at < len(self._queue) if self._queue is not None else len(self._first) < len(self._met)

    def arm_by_clock(self, ready: Mapping[AccountName, bool]) -> None:
        """Arm the legs that go by the clock and have no need of a price."""
        for leg in by_the_clock(self.watch):
            if self._may_arm(leg, ready):
                turn = self._turn()
                arm_by_clock(self.world, turn, leg.record, leg.leg)
                self._close(turn)

    def follow_by_time(self, tick: Tick) -> None:
        """Let marks go where the price has stood for long enough, until this print or with the last one still standing."""
        if self.watch.confirming:
            for leg, price in confirmed_by_time(self.watch, self.now, met=False):
                self._follow(leg, tick, price)

    def miss_a_price(self, due: Iterable[Watched]) -> None:
        """Say of legs whose time has come that no price has ever been seen: what they would send cannot be judged."""
        for leg in due:
            turn = self._turn()
            self._blocked(turn, leg, Note("blocked.no_price", {"instrument": leg.record.rule.instrument}))
            self._close(turn)

    def fire(self, tick: Tick, gate: Gate, most: int) -> None:
        """Fire the next legs that the print met, so many at most."""
        for leg in self._next(most):
            since = self.unwatched.get((leg.leg.rule, leg.leg.leg))
            down = max(0, self.now - since) if since else 0
            overdue = is_due(self.world, self.book, leg, self.now) if time_of(leg.sight.trigger) else None
            if overdue is not None:
                down = overdue if overdue > ON_TIME else 0
            self._fire(leg, Cause(self.watch, tick, down), gate)

    def taken(self) -> list[Unit]:
        """Hand over the units made since the last time."""
        units, self.units = self.units, []
        return units

    def _may_arm(self, leg: Watched, ready: Mapping[AccountName, bool]) -> bool:
        """Tell whether the print is the arm price of a leg: its account is recovered, and its cooldown is over."""
        return not leg.armed and leg.leg.not_before <= self.now and bool(ready.get(leg.record.rule.account))

    def _arm(self, leg: Watched, at: Print) -> None:
        turn = self._turn()
        arm(self.world, turn, leg.record, leg.leg, at)
        self._close(turn)

    def _touch(self, leg: Watched, tick: Tick) -> bool:
        """Do what the print does to one armed leg short of firing; tell whether its trigger is met."""
        if not leg.armed:
            return False
        meeting = meet(leg.sight, tick.price)
        if not leg.leg.crossed:
            if not meeting.met and not is_blind(leg.sight) and is_on_the_safe_side(leg.record, leg.sight, tick.price):
                self._cross(leg, tick, None if leg.confirms else meeting.mark)  # what wants a confirmation follows from the next one on
            return False
        if leg.leg.gap_ok and not meeting.met and not is_blind(leg.sight):
            leg = self._end_consent(leg, tick)
        if meeting.mark is not None and meeting.mark != leg.sight.mark:
            self._follow(leg, tick, self._count(leg, tick, met=False))
            return False
        return meeting.met and leg.leg.status is LegStatus.WATCHING and self._count(leg, tick, met=True) is not None

    def _count(self, leg: Watched, tick: Tick, *, met: bool) -> Decimal | None:
        """Return the price that the print confirms; its own, for a leg that wants no confirmation."""
        self._counted.add((leg.leg.rule, leg.leg.leg))
        return count(self.watch, leg, tick.price, self.now, met=met)

    def _follow(self, leg: Watched, tick: Tick, price: Decimal | None) -> None:
        """Activate a leg, or move its mark, by a price that is confirmed."""
        mark = None if price is None else meet(leg.sight, price).mark
        if mark is None or mark == leg.sight.mark:
            return
        if leg.sight.mark is None:
            self._activate(leg, Print(mark, tick.time, tick.sequence))
        else:
            self._move_mark(leg, tick, mark)

    def _cross(self, leg: Watched, tick: Tick, mark: Decimal | None) -> None:
        """Let a leg watch from the print that is on the safe side, which may move its mark."""
        turn = self._turn()
        if mark is not None and mark != leg.sight.mark:
            turn.put(replace(self.book.marks[leg.leg.rule, leg.leg.leg], price=mark, time=tick.time, peak=""))
        watch_or_stay_paused(turn, leg.leg, Note("leg.crossed", {"price": text(tick.price)}), crossed=True)
        self._close(turn)

    def _end_consent(self, leg: Watched, tick: Tick) -> Watched:
        """End a person's word that a leg may fire however far the price has gone: it was for the excursion that is over now."""
        turn, kept = self._turn(), leg.leg
        note = Note("leg.safe_again", {"price": text(tick.price)})
        turn.put(replace(kept, gap_ok=False, reason=note if kept.status is LegStatus.WATCHING else kept.reason))
        turn.journal(leg_key(kept.rule, kept.leg), kept.status.value, kept.status.value, note)
        self._close(turn)
        return self.watch.seen((kept.rule, kept.leg)) or leg

    def _activate(self, leg: Watched, at: Print) -> None:
        """Activate a trailing leg: durable at once (safety D3), and no fire on this print."""
        turn = self._turn()
        start_mark(turn, leg.leg, at)
        watch_or_stay_paused(turn, leg.leg, Note("leg.activated", {"price": text(at.price)}))
        turn.touched[leg.leg.rule] = None
        self._close(turn)

    def _move_mark(self, leg: Watched, tick: Tick, to: Decimal) -> None:
        """Ratchet the mark in memory; the timer makes it durable within 250 ms, or the fire does."""
        key = (leg.leg.rule, leg.leg.leg)
        mark = self.book.marks[key]
        self.book.marks[key] = replace(mark, price=to, time=tick.time, peak="")
        self.dirty[key] = None
        self.watch.keep(key, look(self.world, self.book, leg.record, leg.leg))

    def _fire(self, leg: Watched, cause: Cause, gate: Gate) -> None:
        """Fire a leg that is still there (an earlier fire of this print may have superseded it) and may fire now."""
        key = (leg.leg.rule, leg.leg.leg)
        current = self.watch.seen(key)
        if current is None or current.leg.status is not LegStatus.WATCHING:
            return
        if current.quick and not meet(current.sight, cause.tick.price).met:
            return  # the index wakes by bounds that are rounded away from the level
        if current.leg.armed >= self.now:
            cause = cause._replace(down=0)  # armed by this very print: nobody could have watched it before
        turn = self._turn()
        self.watch.confirming.pop(key, None)
        clearance = gate(current, cause.tick)
        if not may_fire(current.record.rule, clearance):
            self._blocked(turn, current, clearance.note)
            if cause.down and key in self.unwatched:
                self.watch.late[key] = self.unwatched[key]
        elif (note := _asks_first(current, cause, just_armed=current.leg.armed >= self.now)) is not None:
            turn.move_leg(current.leg, LegSignal.HOLD, note)
            turn.alert(leg_key(*key), note)
        else:
            if keeps_mark(current.sight.trigger):
                self._mark_with_the_fire(turn, key)
            fire(self.world, turn, current, cause, clearance)
        self._close(turn)

    def _mark_with_the_fire(self, turn: Turn, key: LegKey) -> None:
        """Put the mark that a fire rests on into the same transaction (semantics 2.14)."""
        mark: MarkRecord = self.book.marks[key]
        turn.put(replace(mark, peak=""))
        self.dirty.pop(key, None)

    def _blocked(self, turn: Turn, leg: Watched, note: Note | None) -> None:
        """Say once why a met trigger may not fire now; no shot is consumed."""
        if note is None or (leg.leg.reason is not None and _same(leg.leg.reason, note)):
            return
        turn.put(replace(leg.leg, reason=note))
        turn.journal(leg_key(leg.leg.rule, leg.leg.leg), leg.leg.status.value, leg.leg.status.value, note)
        if note.code not in SAID_QUIETLY:
            turn.alert(leg_key(leg.leg.rule, leg.leg.leg), note)


SAID_QUIETLY = frozenset({"blocked.when", "blocked.window"})
"""Why a met trigger does not fire where its owner wrote that it should not: told, and no alarm."""


def _asks_first(leg: Watched, cause: Cause, *, just_armed: bool) -> Note | None:
    """Return why a met leg is held for its owner: nobody watched, or the price is farther beyond the level than he wants.

    What was met as it was armed has not gapped: whether that fires is `already_met`. A rest that waited for the night may have.
    """
    rule = leg.record.rule
    if cause.down and rule.recovery is OnRecovery.HOLD:
        return Note("held.recovery", {"price": text(cause.tick.price), "down": f"{cause.down / 1e9:.1f}"})
    line, most = fire_level(leg.sight), gap_guard_of(leg)
    if line is None or not most or leg.leg.gap_ok or (just_armed and not is_a_rest(leg.record)):
        return None
    with exact():
        gap = abs(cause.tick.price * line.bottom - line.top)
        if gap * HUNDRED <= most * line.top:
            return None
    return Note("held.gap", {"price": text(cause.tick.price), "level": shown(line), "percent": text(most)})


def gap_guard_of(leg: Watched) -> Decimal:
    """Return how far (percent) beyond its level a print may be that fires a leg, 0 for any distance (semantics 2.6)."""
    written = leg.record.rule.gap_guard
    if written is not None:
        return written
    return usual_gap(leg.sight.trigger)


def may_fire(rule: Rule, clearance: Clearance) -> bool:
    """Tell whether a shot is consumed now: also by an order that waits for the next session, and by one that fails."""
    match clearance.answer:
        case Answer.GO | Answer.FAIL | Answer.LATER:
            return True
        case Answer.CLOSED:
            return rule.after_close is AfterClose.CARRY
        case _:
            return False


def _same(told: Note, note: Note) -> bool:
    """Tell whether a reason was told before: of the same kind, and for the same session or opening."""
    return told.code == note.code and all(told.params.get(name) == note.params.get(name) for name in ("session", "opens", "state"))
