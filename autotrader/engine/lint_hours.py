"""Times in a rule that do not go together: a moment outside its window, a condition that never holds while it may fire.

Judged on the next day with the usual hours; a session, a window or a time that such a day does not have is left alone.
"""

from collections.abc import Iterator
from datetime import date

from autotrader.domain.rule import AfterClose, Rule, Within
from autotrader.engine.book import Book
from autotrader.engine.hours import enabled_on, keeps_hours, market_time, order_venue
from autotrader.engine.records import Note
from autotrader.engine.triggers import time_of
from autotrader.engine.world import World
from autotrader.errors import UserMistake
from autotrader.markets.calendar import local_date, next_open_day, ordinary_day
from autotrader.markets.profile import MarketProfile
from autotrader.markets.sessions import Session, sessions_on
from autotrader.markets.windows import time_on, window_on

Span = tuple[int, int]


def lint_hours(world: World, book: Book, rule: Rule, now: int) -> Iterator[Note]:
    """Yield what of a rule's times its other times do not let happen."""
    if not rule.window and not _times(rule):
        return
    venue = order_venue(world.markets, rule)
    day = ordinary_day(venue, local_date(venue, market_time(world, book, rule, now)))
    yield from _moments(venue, rule, day)
    yield from _conditions(venue, rule, day, hours=keeps_hours(world, rule))


def _times(rule: Rule) -> list[str]:
    """Return the hours that a rule's conditions name."""
    return [condition.window for condition in rule.when.conditions if isinstance(condition, Within)] if rule.when is not None else []


def _span(venue: MarketProfile, window: str, day: date) -> Span | None:
    try:
        return window_on(venue, window, day)
    except UserMistake:
        return None


def _moments(venue: MarketProfile, rule: Rule, day: date) -> Iterator[Note]:
    """Yield the legs that go by the clock and are due while the rule may not fire: they do so when it next may."""
    needed = [rule.window] if rule.window else []
    needed += _times(rule) if rule.when is not None and not rule.when.any_of else []
    for leg in rule.legs:
        written = time_of(leg.trigger)
        try:
            at = time_on(venue, written, day) if written else None
        except UserMistake:
            continue
        for window in needed if at is not None else []:
            span = _span(venue, window, day)
            if span is not None and at is not None and not span[0] <= at < span[1]:
                yield Note("lint.time_outside_window", {"leg": leg.name, "time": written, "window": window})


def _conditions(venue: MarketProfile, rule: Rule, day: date, *, hours: bool) -> Iterator[Note]:
    """Yield the conditions whose hours are none of those in which the rule may fire."""
    window = _span(venue, rule.window, day) if rule.window else None
    sessions = _sessions(venue, rule, day) if hours and not venue.always_open and rule.after_close is not AfterClose.CARRY else []
    names = [*dict.fromkeys(session.id for session in sessions), *([rule.window] if rule.window else [])]
    for written in _times(rule):
        own = _span(venue, written, day)
        if own is None or not names:
            continue
        start, end = own if window is None else (max(own[0], window[0]), min(own[1], window[1]))
        if start >= end or (sessions and not any(start < session.close and session.open < end for session in sessions)):
            yield Note("lint.condition_never", {"time": written, "hours": ", ".join(names)})


def _sessions(venue: MarketProfile, rule: Rule, day: date) -> list[Session]:
    """Return the sessions in which a rule orders on a date: those of that trading day, and of the next one, which may begin the
    evening before."""
    enabled = enabled_on(venue, rule.sessions)
    days = (day, next_open_day(venue, day))
    return [session for day in days for session in sessions_on(venue, day) if session.id in enabled]
