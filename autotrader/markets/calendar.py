"""Market-local days and moments, and which days are open. The hours of a day are in `sessions.py`."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from autotrader.errors import UserMistake
from autotrader.markets.memo import Remembered
from autotrader.markets.profile import MarketProfile

SECOND = 1_000_000_000
ONE_DAY = timedelta(days=1)
Today = date | int
"""What today is: one day everywhere, or a moment (ns), of which each market has its own day."""
SATURDAY = 5
_DAYS = re.compile(r"([0-9]{1,4})d", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


def moment(at: int, zone: str = "Etc/UTC") -> datetime:
    """Return ns since the epoch as an aware time in a zone (microseconds, for people)."""
    return datetime.fromtimestamp(at // SECOND, UTC).replace(microsecond=at % SECOND // 1000).astimezone(ZoneInfo(zone))


def local_date(profile: MarketProfile, at: int) -> date:
    """Return the market's date at a moment."""
    return datetime.fromtimestamp(at // SECOND, ZoneInfo(profile.zone)).date()


def day_in(profile: MarketProfile, today: Today) -> date:
    """Return a market's own today."""
    return today if isinstance(today, date) else local_date(profile, today)


def moment_of(profile: MarketProfile, day: date, clock: time) -> int:
    """Return ns since the epoch at a market-local time of day; a time that a clock change skips counts as if it had not."""
    return int(datetime.combine(day, clock, ZoneInfo(profile.zone)).timestamp()) * SECOND


def start_of_day(profile: MarketProfile, day: date) -> int:
    """Return the first moment of a market-local date, in ns since the epoch."""
    return moment_of(profile, day, time())


def end_of_day(profile: MarketProfile, day: date) -> int:
    """Return the first moment after a market-local date, in ns since the epoch."""
    return start_of_day(profile, day + ONE_DAY)


def read_until(text: str) -> date | int:
    """Return the last day that is written, or the number of days from the arm day; raise UserMistake when it is neither."""
    if match := _DAYS.fullmatch(text):
        return int(match[1])
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise UserMistake("config.no_such_day", text=text) from None
    raise UserMistake("config.not_a_validity", text=text if len(text) <= 60 else text[:57] + "...")


def last_valid_day(profile: MarketProfile, until: str, today: date) -> date:
    """Return the last day of validity for `until` as written: a date, a number of days (`90d`), or the cap when empty.

    The last day may be closed. When on that day a rule ends is said by `sessions.validity_end`.
    """
    if not until:
        return today + timedelta(days=profile.validity_cap)
    written = read_until(until)
    return today + timedelta(days=written) if isinstance(written, int) else written


def special_kind(profile: MarketProfile, day: date) -> str:
    """Return the kind of a day with hours of its own (`csat`, `half_day` …), '' for an ordinary one."""
    return _SPECIAL.of(profile, None).get(day, "")


def is_open_day(profile: MarketProfile, day: date) -> bool:
    """Tell whether the market trades on a date: a weekday (or a special day) that the calendar does not close."""
    if profile.always_open:
        return True
    return day not in _CLOSED.of(profile, None) and (day.weekday() < SATURDAY or bool(special_kind(profile, day)))


def next_open_day(profile: MarketProfile, day: date) -> date:
    """Return the first open day strictly after a date."""
    return _open_day(profile, day, ONE_DAY)


def ordinary_day(profile: MarketProfile, today: date | None) -> date:
    """Return a trading day with the usual hours: the next one, without a day the first on which today's hours hold."""
    newest = max((row.effective_from for row in profile.sessions), default=date(2000, 1, 1))
    day = next_open_day(profile, (today or newest) - timedelta(days=1))
    while special_kind(profile, day):
        day = next_open_day(profile, day)
    return day


def previous_open_day(profile: MarketProfile, day: date) -> date:
    """Return the last open day strictly before a date."""
    return _open_day(profile, day, -ONE_DAY)


def _open_day(profile: MarketProfile, day: date, step: timedelta) -> date:
    day += step
    while not is_open_day(profile, day):
        day += step
    return day


def _closed(profile: MarketProfile, _: None) -> frozenset[date]:
    return frozenset(row.day for row in profile.calendar.closed)


def _special(profile: MarketProfile, _: None) -> dict[date, str]:
    return {row.day: row.kind for row in profile.calendar.special}


_CLOSED = Remembered(_closed)
_SPECIAL = Remembered(_special)
