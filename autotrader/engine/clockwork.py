"""What goes by the clock and not by a price: exits at a time of day, reserved orders (semantics 2.12).

The moment is worked out once, as the leg is armed, on the market's own clock: the next time of that name on a day on which
the market is open. `close-5m` moves with special days.
"""

from datetime import timedelta

from msgspec.structs import replace

from autotrader.domain.rule import Rule, leg_named
from autotrader.engine.arming import missing, sight_of, watch_or_stay_paused
from autotrader.engine.book import Book, Turn
from autotrader.engine.hours import market_time, order_venue
from autotrader.engine.index import Watch, Watched
from autotrader.engine.records import LegRecord, LegStatus, Note, RuleRecord
from autotrader.engine.triggers import time_of
from autotrader.engine.world import World
from autotrader.errors import UserMistake
from autotrader.markets.calendar import local_date, moment, next_open_day
from autotrader.markets.profile import MarketProfile
from autotrader.markets.sessions import regular_hours
from autotrader.markets.windows import time_on

ON_TIME = 5_000_000_000
"""So much after its moment (ns) an exit by the clock still counts as on time: the timer beats a few times a second."""
MOST_DAYS = 30


def next_moment(venue: MarketProfile, text: str, after: int) -> int | None:
    """Return the first moment (ns) strictly after another at which a venue's clock shows a written time on an open day."""
    day = local_date(venue, after)
    if not venue.always_open and regular_hours(venue, day) is None:
        day = next_open_day(venue, day)
    for _ in range(MOST_DAYS):
        try:
            at = time_on(venue, text, day)
        except UserMistake:  # `open` of a day without one
            at = after
        if at > after:
            return at
        day = day + timedelta(days=1) if venue.always_open else next_open_day(venue, day)
    return None


def due_of(world: World, book: Book, rule: Rule, leg: LegRecord, now: int) -> int:
    """Return the moment (ns, the market's clock) at which a leg that goes by the clock is due, armed now."""
    venue = order_venue(world.markets, rule)
    at = next_moment(venue, time_of(leg_named(rule, leg.leg).trigger), market_time(world, book, rule, now))
    return 2**62 if at is None else at


def by_the_clock(watch: Watch) -> list[Watched]:
    """Return a watch's legs that go by the clock."""
    return [watch.legs[key] for key in watch.clocked]


def arm_by_clock(world: World, turn: Turn, record: RuleRecord, leg: LegRecord) -> None:
    """Arm a leg that needs no price: from now on its moment stands."""
    sight = sight_of(world, turn.book, record, leg, None)
    wanting = missing(turn.book, record, leg, sight)
    if wanting is not None:
        if leg.reason != wanting:
            turn.put(replace(leg, reason=wanting))
        return
    position = turn.book.positions.get((record.rule.account, record.rule.instrument))
    due = due_of(world, turn.book, record.rule, leg, turn.now)
    venue = order_venue(world.markets, record.rule)
    note = Note("leg.armed_clock", {"due": _told(venue, due)})
    epoch = position.epoch if position is not None else None
    watch_or_stay_paused(turn, leg, note, armed=turn.now, not_before=due, epoch=epoch)


def is_due(world: World, book: Book, leg: Watched, now: int) -> int | None:
    """Return for how long (ns) a leg that watches has been due, None when it is not."""
    return _since(world, book, leg.record.rule, leg.leg, now) if leg.armed and leg.leg.status is LegStatus.WATCHING else None


def due_in_a_pause(world: World, book: Book, record: RuleRecord, leg: LegRecord) -> Note | None:
    """Return the sentence that says that the time of a paused leg has passed, None where it has not."""
    if not time_of(leg_named(record.rule, leg.leg).trigger) or not leg.armed or _since(world, book, record.rule, leg, book.now) is None:
        return None
    return Note(
        "already_due", {"rule": record.rule.id, "leg": leg.leg, "due": _told(order_venue(world.markets, record.rule), leg.not_before)}
    )


def _since(world: World, book: Book, rule: Rule, leg: LegRecord, now: int) -> int | None:
    """Return for how long (ns) the moment of an armed leg has passed on the market's clock."""
    at = market_time(world, book, rule, now)
    return at - leg.not_before if at >= leg.not_before else None


def _told(venue: MarketProfile, due: int) -> str:
    return f"{moment(due, venue.zone):%Y-%m-%d %H:%M:%S}" if due < 2**62 else "never"
