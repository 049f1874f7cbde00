"""The sessions of a day, what is open at a moment and what opens next, exact in the market's own zone.

An ordinary day has the ordinary rows; a special day has the rows of its kind, if there are any. Trading days are named by
their date: `us.overnight` belongs to the day on whose eve it opens.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import NamedTuple

from autotrader.markets.calendar import (
    ONE_DAY,
    SECOND,
    end_of_day,
    is_open_day,
    local_date,
    moment_of,
    next_open_day,
    previous_open_day,
    special_kind,
    start_of_day,
)
from autotrader.markets.facts import Matching, SessionRow
from autotrader.markets.memo import Remembered
from autotrader.markets.profile import MarketProfile, in_force

__all__ = [
    "Session",
    "is_open_day",
    "next_change",
    "next_open_day",
    "previous_open_day",
    "printing",
    "regular_hours",
    "session_of_print",
    "sessions_at",
    "sessions_on",
    "settlement_day",
    "special_kind",
    "trading_day",
    "validity_end",
]

REPORTING = 30 * SECOND
"""The match of a call is printed this long after its last possible moment at the latest: allowance for the feed."""
HORIZON = 400
"""Days looked ahead for a change of sessions."""


class Session(NamedTuple):
    """A session of one day. Times are ns since the epoch; it takes orders at `open <= at < close`.

    `matches_from` is when its trades begin: a call's at its close, others' at their open unless the row says later.
    `random_end` is in ns too: by so much the match of a call may come after its close.
    """

    id: str
    name: str
    open: int
    close: int
    matches_from: int
    matching: Matching
    regular: bool
    broker_only: bool
    random_end: int


Span = tuple[int, int, str]
"""From, up to but not including (ns), and the id of the session whose trades are printed."""


def sessions_on(profile: MarketProfile, day: date) -> tuple[Session, ...]:
    """Return the sessions of a trading day in order of open, then close; none on a closed day."""
    return _ON.of(profile, day)


def sessions_at(profile: MarketProfile, at: int) -> tuple[Session, ...]:
    """Return the sessions that are open at a moment."""
    return tuple(session for session in _AROUND.of(profile, local_date(profile, at)) if session.open <= at < session.close)


def trading_day(profile: MarketProfile, session: Session) -> date:
    """Return the day that a session belongs to: the market's date at its end."""
    return local_date(profile, session.close - 1)


def next_change(profile: MarketProfile, at: int) -> int:
    """Return the first open or close of a session strictly after a moment; the end of the horizon where there is none."""
    day = local_date(profile, at)
    for ahead in range(HORIZON):
        changes = _CHANGES.of(profile, day + timedelta(days=ahead))
        if changes and changes[-1] > at:
            return changes[bisect_right(changes, at)]
    return end_of_day(profile, day + timedelta(days=HORIZON))


def session_of_print(profile: MarketProfile, at: int) -> str:
    """Return the id of the session whose trade a print at a moment is, '' when nobody trades.

    A continuous session goes before a call that has just ended (the opening print counts as the session's), that before one
    at a fixed price: the close that is printed at 15:30:20 is the closing call's.
    """
    return next((name for start, end, name in printing(profile, local_date(profile, at)) if start <= at < end), "")


def printing(profile: MarketProfile, day: date) -> tuple[Span, ...]:
    """Return whose trades are printed when on a market-local date: spans in order that do not overlap, cut at midnight."""
    return _PRINTING.of(profile, day)


def regular_hours(profile: MarketProfile, day: date) -> tuple[int, int] | None:
    """Return when a day's regular market opens for trading and when it closes, calls after it included; None when it does not."""
    regular = [session for session in sessions_on(profile, day) if session.regular]
    opens = [session.open for session in regular if session.matching is Matching.CONTINUOUS]
    return (min(opens), max(session.close for session in regular)) if opens else None


def validity_end(profile: MarketProfile, day: date) -> int:
    """Return when a rule ends whose last day this is: with the last session of that day, on a closed day at midnight."""
    sessions = sessions_on(profile, day)
    return max(session.close for session in sessions) if sessions else end_of_day(profile, day)


def settlement_day(profile: MarketProfile, day: date) -> date:
    """Return when a trade of a day settles: so many open days later as the market has it, the same day where nothing is said.

    Days on which the market is open and its banks are closed (in the US two a year) count, which they should not.
    """
    for _ in range(max((row.days for row in in_force(profile.settlement, day)), default=0)):
        day = next_open_day(profile, day)
    return day


def _on(profile: MarketProfile, day: date) -> tuple[Session, ...]:
    if not is_open_day(profile, day):
        return ()
    rows = in_force(profile.sessions, day)
    kind = special_kind(profile, day)
    own = [row for row in rows if kind and row.day == kind]
    sessions = [_session(profile, day, row) for row in (own or [row for row in rows if not row.day])]
    return tuple(sorted(sessions, key=lambda session: (session.open, session.close)))


def _session(profile: MarketProfile, day: date, row: SessionRow) -> Session:
    opens = moment_of(profile, day - ONE_DAY if row.day_before else day, row.open)
    close = end_of_day(profile, day) if row.close == time() else moment_of(profile, day, row.close)
    if row.matches_from is not None:
        matches = moment_of(profile, day, row.matches_from)
    else:
        matches = close if row.matching is Matching.CALL else opens
    random_end = row.random_end * SECOND
    return Session(row.id, row.name, opens, close, matches, row.matching, row.regular, row.broker_only, random_end)


def _around(profile: MarketProfile, day: date) -> tuple[Session, ...]:
    """Return the sessions that may be open on a market-local date: its own, and those of the next day that open on its eve."""
    return (*sessions_on(profile, day), *sessions_on(profile, day + ONE_DAY))


def _changes(profile: MarketProfile, day: date) -> tuple[int, ...]:
    """Return the moments of a market-local date at which a session opens or closes."""
    start, end = start_of_day(profile, day), end_of_day(profile, day)
    sessions = (*sessions_on(profile, day - ONE_DAY), *_around(profile, day))
    return tuple(sorted({at for session in sessions for at in (session.open, session.close) if start <= at < end}))


def _printing(profile: MarketProfile, day: date) -> tuple[Span, ...]:
    start, end = start_of_day(profile, day), end_of_day(profile, day)
    sessions = (*sessions_on(profile, day - ONE_DAY), *_around(profile, day))
    spans: list[Span] = []
    # The foremost first; each later kind fills what is left.
    for matching in (Matching.CONTINUOUS, Matching.CALL, Matching.FIXED):
        for session in sessions:
            if session.matching is matching:
                first, last = max(session.matches_from, start), min(_last_print(session), end)
                spans.extend((*gap, session.id) for gap in _gaps(first, last, spans))
    return tuple(sorted(spans))


def _last_print(session: Session) -> int:
    return session.close + session.random_end + REPORTING if session.matching is Matching.CALL else session.close


def _gaps(start: int, end: int, taken: Iterable[Span]) -> list[tuple[int, int]]:
    """Return the parts of start..end that no span holds yet."""
    gaps = []
    for first, last, _ in sorted(taken):
        if first > start and start < end:
            gaps.append((start, min(first, end)))
        start = max(start, last)
    return [*gaps, (start, end)] if start < end else gaps


_ON = Remembered(_on)
_AROUND = Remembered(_around)
_CHANGES = Remembered(_changes)
_PRINTING = Remembered(_printing)
