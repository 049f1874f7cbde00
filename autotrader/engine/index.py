"""Which rules a print can matter to. Per instrument one band: a print strictly inside it touches nothing.

The band is the intersection of its legs' bands and of a window around the last good price inside which no step can
exceed the collar. A print outside asks the index of the legs (`flat.py`), and only for those to which it can matter.
"""

from decimal import Context, Decimal
from typing import Any, NamedTuple

from autotrader.domain.money import INFINITY, ZERO
from autotrader.domain.rule import AccountName, Leg, LegName, Rule, RuleId, leg_named
from autotrader.domain.tick import QUOTED, FeedName, Tick
from autotrader.engine.flat import Flat, Group, Item
from autotrader.engine.hours import ALWAYS, Span, View
from autotrader.engine.marks import Marks
from autotrader.engine.records import LegRecord, RuleRecord
from autotrader.engine.triggers import EVERYTHING, Band, Sight, band, confirmation_of, moving_by, only_fires, rank, time_of
from autotrader.markets.limits import Limits
from autotrader.markets.profile import Instrument

_WINDOW = Context(prec=28)
_NEXT = Context(prec=34)
_NAMELESS = ("",)
"""What a print's venue is where the feed does not say: the instrument's own market."""
LARGEST = 2**63 - 1
"""No time and no sequence is above what the store can hold; one that is would make every later print look old."""


class Watched(NamedTuple):
    """A leg that sees prices, with its levels worked out."""

    record: RuleRecord
    leg: LegRecord
    sight: Sight
    band: Band
    order: int = 0
    """Of two legs that one print meets, the one with the lower number fires first; of one rule, the one with the lower `place`."""
    place: int = 0
    quick: bool = False
    """A print does nothing to the leg but fire it, so it need not be asked before its turn comes."""
    confirms: bool = False
    """One print is not enough: it may neither fire the leg nor move its mark."""

    @property
    def key(self) -> tuple[RuleId, LegName]:
        """Return the leg's name."""
        return self.leg.rule, self.leg.leg

    @property
    def turn(self) -> int:
        """Return when the leg's turn comes, as what stands for it in the index says it."""
        return self.order

    @property
    def armed(self) -> bool:
        """Tell whether the leg was armed: an unarmed one takes the next eligible print as its arm price."""
        return self.leg.armed > 0

    @property
    def text(self) -> Leg:
        """Return the leg as its owner wrote it."""
        return leg_named(self.record.rule, self.leg.leg)


def watched(record: RuleRecord, leg: LegRecord, sight: Sight) -> Watched:
    """Return a leg as the index keeps it. Every price matters to a leg that is not armed or has not crossed yet, and to one that
    may fire however far the price has gone, until it has come back."""
    bounds = band(sight) if leg.armed and leg.crossed and not leg.gap_ok else EVERYTHING
    order, place = _firing_order(record, sight), _place_of(record.rule, leg.leg)
    confirms = confirmation_of(record.rule) is not None
    return Watched(record, leg, sight, bounds, order, place, not confirms and bounds is not EVERYTHING and only_fires(sight), confirms)


def _firing_order(record: RuleRecord, sight: Sight) -> int:
    """Stops, trails, targets, then entries; within a kind by creation (semantics 2.15)."""
    return rank(sight.trigger) * (LARGEST + 1) + record.created


def _place_of(rule: Rule, name: LegName) -> int:
    """Return where a leg stands in the text of its rule."""
    return next(place for place, leg in enumerate(rule.legs) if leg.name == name) if len(rule.legs) > 1 else 0


class Watch:
    """One instrument in one view, as one feed sees it: the last print, the order of time, the legs and their common band.

    `spans` says per venue (as the feed writes it) during which time its prints are known to count; outside it the calendar
    is asked again.
    """

    __slots__ = (
        "before",
        "blind_since",
        "candidate",
        "clocked",
        "collar",
        "confirming",
        "counts_volume",
        "feed",
        "flat",
        "high",
        "ids",
        "instrument",
        "last",
        "last_id",
        "late",
        "legs",
        "limits",
        "low",
        "marks",
        "printed",
        "printed_lately",
        "quoted",
        "sequence",
        "sessions",
        "shown_to",
        "spans",
        "time",
        "unarmed",
        "view",
    )

    def __init__(self, instrument: Instrument, feed: FeedName, view: View, collar: Decimal | None, marks: Marks, *, hours: bool) -> None:
        self.instrument = instrument
        self.feed = feed
        self.view = view
        self.sessions = view.sessions
        # Without hours only the venue is judged, and the session where a print names one.
        self.spans: dict[str, Span] = {} if hours else dict.fromkeys((*view.venues, *_NAMELESS[: instrument.market in view.venues]), ALWAYS)
        self.collar = collar
        self.limits: Limits | None = None
        self.legs: dict[tuple[RuleId, LegName], Watched] = {}
        self.marks = marks
        self.flat = Flat(instrument.ladder)
        # Legs that wait for an arm price, and legs that go by the clock.
        self.unarmed: dict[tuple[RuleId, LegName], None] = {}
        self.clocked: dict[tuple[RuleId, LegName], None] = {}
        self.shown_to: frozenset[AccountName] = frozenset()
        self.last: Tick | None = None
        # The last print, where `last` is a best price that came after it, and whether it was seen since the feed was blind.
        self.printed: Tick | None = None
        self.printed_lately = False
        self.before: Tick | None = None
        self.candidate: Tick | None = None
        self.blind_since: int | None = None
        # Legs whose late fire waits for their account, with since when nobody watched: they stay late until they may fire.
        self.late: dict[tuple[RuleId, LegName], int] = {}
        # Legs whose condition is met and must go on being met for a while.
        self.confirming: dict[tuple[RuleId, LegName], Any] = {}
        self.counts_volume = False
        self.restart_time()
        self.low, self.high = EVERYTHING

    def restart_time(self) -> None:
        """Forget the order of time: another simulated or recorded day begins."""
        self.time = 0
        self.sequence = 0
        self.last_id = 0
        self.ids: set[int] = set()
        # Best prices have an order of their own: one without a time comes at ours, which says nothing about a print's.
        self.quoted: dict[str, int] = {}

    def misplaced(self, tick: Tick) -> str:
        """Return why a print is out of order (`older`, `duplicate`, `wrong_sequence`), or nothing.

        Order is the sequence's where there is one.

        A print without a sequence is a duplicate only by its id (safety P4a): real prints share time, price and size.
        """
        if tick.sequence:
            if self.sequence < tick.sequence <= LARGEST:
                return ""
            return "duplicate" if tick.sequence == self.sequence else "older" if tick.sequence < self.sequence else "wrong_sequence"
        if tick.flags & QUOTED:
            return "" if tick.time >= self.quoted.get(tick.venue, 0) else "older"
        if tick.time != self.time:
            return "" if tick.time > self.time else "older"
        return "duplicate" if tick.print_id and (tick.print_id == self.last_id or tick.print_id in self.ids) else ""

    def advance(self, tick: Tick) -> None:
        """Remember a print's place in the order of time."""
        if tick.sequence:
            self.sequence = tick.sequence
        elif tick.flags & QUOTED:
            self.quoted[tick.venue] = tick.time
            return
        if tick.time == self.time:
            if tick.print_id:
                self.ids.add(tick.print_id)
        else:
            self.time = tick.time
            self.last_id = tick.print_id
            if self.ids:
                self.ids.clear()

    def accept(self, tick: Tick) -> None:
        """Take an eligible print, or a best price, as the last one."""
        if tick.flags & QUOTED:
            if self.last is not None and not self.last.flags & QUOTED:
                self.printed, self.printed_lately = self.last, True
            if self.blind_since is not None:
                self.printed_lately = False
        self.before = self.last
        self.last = tick

    @property
    def last_print(self) -> Tick | None:
        """The last executed print: `last` may be a best price, in a view that goes by those too."""
        return self.last if self.last is None or not self.last.flags & QUOTED else self.printed

    @property
    def is_fresh(self) -> bool:
        """Tell whether the last print was seen by a feed that is watched since."""
        if self.blind_since is not None or self.last is None:
            return False
        return not self.last.flags & QUOTED or self.printed_lately

    def keep(self, key: tuple[RuleId, LegName], leg: Watched | None) -> None:
        """Take or drop a leg. Until the next print settles it, every price matters."""
        self.unsettle()
        if key in self.legs:
            self.unarmed.pop(key, None)
            self.clocked.pop(key, None)
            if self.flat.discard(key) is not None:
                self.marks.leave(key)
        if leg is None:
            self.legs.pop(key, None)
            return
        self.legs[key] = leg
        if not leg.armed:
            self.unarmed[key] = None
        if time_of(leg.sight.trigger):
            self.clocked[key] = None
        self._place(key, leg)

    def _place(self, key: tuple[RuleId, LegName], leg: Watched) -> None:
        """Put a leg where the prices that matter to it find it."""
        trigger, mark, turn = leg.sight.trigger, leg.sight.mark, leg.order if leg.quick else None
        if leg.band is EVERYTHING:
            self.flat.always[key] = None
        elif (trailed := moving_by(trigger)) is not None and mark is not None and key in self.marks and not leg.confirms:
            self.marks.follow(self.flat.add_trail(key, *trailed, mark, self.marks[key].time, turn))
        else:
            if mark is not None:
                self.marks.leave(key)
            self.flat.add_band(key, *leg.band, turn)

    def seen(self, key: tuple[RuleId, LegName]) -> Watched | None:
        """Return a leg with its mark as it stands now."""
        leg = self.legs.get(key)
        return None if leg is None else leg._replace(sight=self.sight_of(leg))

    def sight_of(self, leg: Watched) -> Sight:
        """Return what a leg sees, its mark where it stands now."""
        group = self.flat.group_of((leg.leg.rule, leg.leg.leg))
        return leg.sight if group is None else leg.sight._replace(mark=group.price)

    def ratchet(self, price: Decimal, time: int) -> list[Group]:
        """Move the marks that a print is beyond, each once however many legs follow it; return what moved."""
        moved = self.flat.ratchet(price, time)
        for group in moved:
            self.marks.moved[group] = None
        return moved

    def unsettle(self) -> None:
        """Let every price matter until the band is worked out again."""
        self.low, self.high = EVERYTHING

    def settle(self) -> None:
        """Work out the common band. While a broker fills from these prints, or the feed was blind, every print matters."""
        if (
            self.shown_to
            or self.last is None
            or self.blind_since is not None
            or self.candidate is not None
            or self.late
            or self.confirming
            or self.counts_volume
        ):
            self.unsettle()
            return
        low, high = _quiet_window(self.last.price, self.collar)
        if self.limits is not None:
            low, high = max(low, _NEXT.next_minus(self.limits.lower)), min(high, _NEXT.next_plus(self.limits.upper))
        if self.flat.always:
            self.unsettle()
            return
        nearest, farthest = self.flat.bounds(_beyond)
        self.low, self.high = max(low, nearest), min(high, farthest)

    def woken(self, price: Decimal) -> tuple[list[Watched], list[Item]]:
        """Return the legs to which a price can matter: those to be asked, with their marks as they stand now, and the quick ones."""
        asked, quick = self.flat.woken(price)
        return [leg._replace(sight=self.sight_of(leg)) for leg in map(self.legs.__getitem__, asked)], quick


def _beyond(price: Decimal, direction: int) -> Decimal:
    """Return the next number over (1) or under (-1) a price: a print that equals a mark changes nothing."""
    return _NEXT.next_plus(price) if direction > 0 else _NEXT.next_minus(price)


def _quiet_window(price: Decimal, collar: Decimal | None) -> tuple[Decimal, Decimal]:
    """Return bounds around a price between which any step from one print to the next stays under the collar.

    With w = c / (2 + c), the widest step is from p(1-w) to p(1+w): 2w/(1-w) = c. Two parts in a thousand are kept off
    because the quotient is rounded.
    """
    if collar is None:
        return ZERO, INFINITY
    share = _WINDOW.divide(collar, collar + 200)
    reach = _WINDOW.multiply(_WINDOW.multiply(price, share), Decimal("0.998"))
    return _WINDOW.subtract(price, reach), _WINDOW.add(price, reach)
