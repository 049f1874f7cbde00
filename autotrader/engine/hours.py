"""Whose prints a rule sees and when its orders may go: venues and sessions, on the clock of its feed.

A feed that keeps the market's hours (a live one, or a simulated day) is judged by the calendar; one that trades without a
pause is taken to be in the venue's regular session, unless its prints name their session.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.money import exact
from autotrader.domain.rule import Basis, LegName, Rule, Side, leg_named
from autotrader.domain.tick import Quote, Tick
from autotrader.engine.book import Book
from autotrader.engine.events import FeedClock
from autotrader.engine.records import Note, RuleRecord
from autotrader.engine.triggers import time_of
from autotrader.engine.world import FeedFacts, World
from autotrader.markets.calendar import end_of_day, local_date, previous_open_day
from autotrader.markets.facts import Matching, SessionRow
from autotrader.markets.memo import Remembered
from autotrader.markets.profile import MarketProfile, Markets, profile_of
from autotrader.markets.sessions import Session, next_open_day, printing, sessions_at, sessions_on, validity_end

ALL = "ALL"
LAST = "last"
REGULAR = "regular"
ALWAYS = (0, 2**63 - 1)
Span = tuple[int, int]
"""Nanoseconds from, and up to but not including."""


class View(NamedTuple):
    """Whose prices count: of these venues, in these sessions (ids, and the words that feeds use for regular ones), and which:
    prints (`last`), best prices (`bid`, `ask`, `mid`), or prints and a best price (`last+bid`, `last+ask`)."""

    venues: frozenset[str]
    sessions: frozenset[str]
    source: str = LAST

    @property
    def sees_prints(self) -> bool:
        """Tell whether executed prints count."""
        return self.source.startswith(LAST)

    @property
    def sees_quotes(self) -> bool:
        """Tell whether best prices count."""
        return self.source != LAST


def source_of(rule: Rule) -> str:
    """Return which prices a rule goes by (semantics 2.2)."""
    match rule.basis:
        case Basis.BID | Basis.ASK | Basis.MID:
            return str(rule.basis.value)
        case Basis.LAST_OR_QUOTE:
            return f"{LAST}+{'bid' if rule.side is Side.SELL else 'ask'}"
        case _:
            return LAST


def waits_for(rule: Rule, leg: LegName) -> Note:
    """Return why a new leg waits: for its time, for a print of its instrument, or for a best price, which not every feed has."""
    trigger = leg_named(rule, leg).trigger
    if time := time_of(trigger):
        return Note("waiting.time", {"time": time, "instrument": rule.instrument})
    if rule.basis in (Basis.BID, Basis.ASK, Basis.MID):
        return Note("waiting.quotes", {"instrument": rule.instrument, "basis": rule.basis.value})
    return Note("waiting.price", {"instrument": rule.instrument})


def quoted_price(source: str, quote: Quote) -> Decimal | None:
    """Return the price that a quote is to a view, exact; None where a side that it needs is not quoted."""
    match source.rpartition("+")[2]:
        case "bid":
            return quote.bid
        case "ask":
            return quote.ask
        case "mid" if quote.bid is not None and quote.ask is not None:
            with exact():
                return (quote.bid + quote.ask) / 2
        case _:
            return None


def watched_venues(profile: MarketProfile, rule: Rule) -> tuple[str, ...]:
    """Return the venues whose prints a rule sees, its own market first."""
    if rule.watch == ALL:
        return (profile.id, *profile.venues)
    return (rule.watch or profile.id,)


def has_prints(venue: MarketProfile) -> bool:
    """Tell whether trades happen at a venue; one where nothing is listed only routes orders to others."""
    return bool(venue.currencies)


def watchable(markets: Markets, home: MarketProfile) -> list[str]:
    """Return what a rule of a market may watch."""
    return [home.id, *(name for name in home.venues if has_prints(markets[name])), ALL]


def orderable(home: MarketProfile) -> list[str]:
    """Return where the orders of a rule of a market may go."""
    return [home.id, *home.venues]


def venue_of_session(markets: Markets, home: MarketProfile, session: str) -> MarketProfile | None:
    """Return the venue of a market that has, or once had, a session."""
    venues = [home, *(markets[name] for name in home.venues)]
    return next((venue for venue in venues if any(row.id == session for row in venue.sessions)), None)


def is_there(home: MarketProfile, venue: MarketProfile, watch: str, order: str) -> bool:
    """Tell whether a rule with these words for where it watches and orders is at a venue."""
    return venue.id in {name or home.id for name in (watch, order)} or (watch == ALL and has_prints(venue))


def order_venue(markets: Markets, rule: Rule) -> MarketProfile:
    """Return the venue that a rule's orders go to."""
    home = profile_of(markets, rule.instrument)
    return markets.get(rule.venue, home) if rule.venue else home


def enabled_on(profile: MarketProfile, written: tuple[str, ...]) -> frozenset[str]:
    """Return the sessions of one venue in which a rule watches or orders: those it names, else the regular ones.

    A call belongs to the continuous session that it opens or closes: its print is a real trade of that session.
    """
    return _ENABLED.of(profile, written)


def _enabled(profile: MarketProfile, written: tuple[str, ...]) -> frozenset[str]:
    mine = frozenset(row.id for row in profile.sessions)
    named = frozenset(written) & mine
    if not named or REGULAR in written:
        named |= frozenset(row.id for row in profile.sessions if row.regular)
    rows = [row for row in profile.sessions if not row.day]
    return named | frozenset(row.id for row in rows if row.matching is Matching.CALL and _adjoins(row, named, rows))


_ENABLED: Remembered[tuple[str, ...], frozenset[str]] = Remembered(_enabled)


def _adjoins(call: SessionRow, named: frozenset[str], rows: list[SessionRow]) -> bool:
    """Tell whether a call opens or closes a continuous session that is enabled."""
    continuous = [row for row in rows if row.id in named and row.matching is Matching.CONTINUOUS]
    return any(call.close == row.open or call.open == row.close for row in continuous)


def view_of(markets: Markets, rule: Rule) -> View:
    """Return whose prints a rule sees. A rule that names sessions of one venue sees no others there."""
    key = (id(markets), rule.instrument.partition(":")[0], rule.watch, rule.sessions, rule.basis, rule.side)
    kept = _VIEWS.get(key)
    if kept is None:
        if len(_VIEWS) > MOST_VIEWS:
            _VIEWS.clear()
        home = profile_of(markets, rule.instrument)
        venues = tuple(markets[name] for name in watched_venues(home, rule) if name in markets)
        kept = _VIEWS[key] = (markets, _view(home, venues, rule.sessions)._replace(source=source_of(rule)))
    return kept[1]


MOST_VIEWS = 1000
_VIEWS: dict[tuple[object, ...], tuple[Markets, View]] = {}
"""By the identity of the markets, which are kept with the view so that it stays theirs: hashing their facts takes longer."""


def _view(home: MarketProfile, venues: tuple[MarketProfile, ...], written: tuple[str, ...]) -> View:
    sessions: frozenset[str] = frozenset()
    for venue in venues:
        enabled = enabled_on(venue, written) if _names_any(venue, written) or not _names_other(venues, venue, written) else frozenset()
        sessions |= enabled
        if any(row.regular and row.id in enabled for row in venue.sessions):
            sessions |= venue.session_words
    if home.always_open or not any(venue.sessions for venue in venues):
        sessions |= home.session_words
    return View(frozenset(venue.id for venue in venues), sessions)


def _names_any(venue: MarketProfile, written: tuple[str, ...]) -> bool:
    return REGULAR in written or any(row.id in written for row in venue.sessions)


def _names_other(venues: tuple[MarketProfile, ...], mine: MarketProfile, written: tuple[str, ...]) -> bool:
    """Tell whether the rule speaks of another watched venue's sessions only."""
    return any(_names_any(venue, written) for venue in venues if venue is not mine)


def span_of_print(profile: MarketProfile, sessions: frozenset[str], at: int) -> tuple[str, Span]:
    """Return the session whose trade a print at this time is, and for how long that stays so; '' outside all of them.

    A 24-hour market's prints always count.
    """
    if profile.always_open:
        return next(iter(sessions & profile.session_words), ""), ALWAYS
    day = local_date(profile, at)
    return next(((session, (start, end)) for start, end, session in printing(profile, day) if start <= at < end), ("", ALWAYS))


class Days(NamedTuple):
    """The moments at which a validity ends, and from which its end is told."""

    end: int
    notice: int


def end_of_validity(world: World, record: RuleRecord) -> int:
    """Return the first moment after a rule's validity: the end of the last session of its last day (semantics 2.12)."""
    return _days_of(world, record).end


def notice_before_end(world: World, record: RuleRecord) -> int | None:
    """Return the moment from which a rule's owner is told that its validity ends: the beginning of the third trading day
    before its last one (semantics 2.12); None for a rule that is not older than that."""
    at = _days_of(world, record).notice
    return at if record.created < at else None


NOTICE_DAYS = 3
_DAYS: dict[tuple[object, ...], tuple[Markets, Days]] = {}
"""By market and last day: many rules end on the same one, and each asks whenever it changes."""


def _days_of(world: World, record: RuleRecord) -> Days:
    hours = keeps_hours(world, record.rule)
    key = (id(world.markets), record.rule.instrument.partition(":")[0], record.expires, hours)
    kept = _DAYS.get(key)
    if kept is None:
        if len(_DAYS) > MOST_VIEWS:
            _DAYS.clear()
        profile, last = profile_of(world.markets, record.rule.instrument), date.fromisoformat(record.expires)
        end = validity_end(profile, last) if hours else end_of_day(profile, last)
        kept = _DAYS[key] = (world.markets, Days(end, _notice(profile, last)))
    return kept[1]


def _notice(profile: MarketProfile, day: date) -> int:
    """Return the beginning of the third trading day before a day."""
    for _ in range(NOTICE_DAYS):
        day = day - timedelta(days=1) if profile.always_open else previous_open_day(profile, day)
    return end_of_day(profile, day - timedelta(days=1))


def keeps_hours(world: World, rule: Rule) -> bool:
    """Tell whether the feed that a rule listens to keeps the market's hours."""
    feed = world.feed_of(rule.instrument, rule.feed)
    return feed is not None and feed.hours


def market_time(world: World, book: Book, rule: Rule, now: int) -> int:
    """Return now on the clock of the feed that a rule listens to (semantics 2.15)."""
    feed = world.feed_of(rule.instrument, rule.feed)
    return now if feed is None else feed_time(book, feed, now)


def feed_time(book: Book, feed: FeedFacts, now: int) -> int:
    """Return now on a feed's clock."""
    return now if feed.clock is FeedClock.LIVE else book.feed_times.get(feed.name, now)


def any_market_open(world: World, book: Book, now: int) -> bool:
    """Tell whether anything that the feeds serve trades now, each on its feed's clock."""
    return any(not feed.hours or _serves_an_open_one(world.markets, feed, feed_time(book, feed, now)) for feed in world.feeds)


def _serves_an_open_one(markets: Markets, feed: FeedFacts, at: int) -> bool:
    homes = [markets[name] for name in {pattern.partition(":")[0] for pattern in feed.patterns} if name in markets]
    venues = [venue for home in homes for venue in (home, *(markets[name] for name in home.venues if name in markets))]
    return any(venue.always_open or sessions_at(venue, at) for venue in venues)


def sessions_ahead(profile: MarketProfile, enabled: frozenset[str], at: int) -> tuple[date, tuple[Session, ...]]:
    """Return the day on which one of a rule's sessions comes next, and the sessions of that day that have not ended."""
    day = local_date(profile, at)
    left = tuple(session for session in sessions_on(profile, day) if session.close > at)
    if any(session.id in enabled for session in left):
        return day, left
    following = next_open_day(profile, day)
    return following, sessions_on(profile, following)


def named_session(tick: Tick, profile: MarketProfile) -> str:
    """Return the session that a print names, when it is one of the venue's."""
    return tick.session if any(row.id == tick.session for row in profile.sessions) else ""
