"""Times of day as people write them: `15:15`, or `close-5m`, which moves with the hours of a special day.

`open` and `close` are those of the regular market: KRX 09:00 and 15:30 (the closing call included), US 09:30 and 16:00.
"""

import re
from datetime import date, time
from typing import NamedTuple

from autotrader.errors import UserMistake
from autotrader.markets.calendar import SECOND, end_of_day, local_date, moment, moment_of
from autotrader.markets.profile import MarketProfile
from autotrader.markets.sessions import regular_hours

_POINT = r"(?:open|close)(?:[+-]\d{1,5}[smh])?|\d{1,2}:\d{2}(?::\d{2})?"
_RELATIVE = re.compile(r"(open|close)(?:([+-]\d{1,5})([smh]))?", re.ASCII)
_ABSOLUTE = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
_WINDOW = re.compile(rf"\s*({_POINT})\s*-\s*({_POINT})\s*", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Point(NamedTuple):
    """A time of day: seconds after midnight, or with `of` (`open`, `close`) after that of the regular market."""

    of: str
    seconds: int


def read_time(text: str) -> Point:
    """Return the time of day that is written, or raise UserMistake."""
    written = text.strip()
    if found := _RELATIVE.fullmatch(written):
        anchor, count, unit = found.groups()
        return Point(anchor, int(count) * _SECONDS[unit] if count else 0)
    found = _ABSOLUTE.fullmatch(written)
    hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (24, 0, 1)
    total = hours * 3600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > 24 * 3600:
        raise UserMistake("market.bad_time", text=text)
    return Point("", total)


def read_window(text: str) -> tuple[Point, Point]:
    """Return start and end of the window that is written (`09:05-15:15`, `open+5m-close-5m`), or raise UserMistake."""
    found = _WINDOW.fullmatch(text)
    if not found:
        raise UserMistake("market.bad_window", text=text)
    start, end = (read_time(part) for part in found.groups())
    if start.of == end.of and start.seconds >= end.seconds:
        raise UserMistake("market.window_turned", text=text)
    return start, end


def time_on(profile: MarketProfile, text: str, day: date) -> int:
    """Return the moment (ns) of a written time on a market-local day; UserMistake when it is none, or none on that day."""
    return _moment(profile, read_time(text), text, day)


def window_on(profile: MarketProfile, text: str, day: date) -> tuple[int, int]:
    """Return the first moment (ns) of a written window on a market-local day and the first after it.

    Raise UserMistake when it is no window, when it ends before it begins on that day, or is relative on a closed day.
    """
    start, end = (_moment(profile, point, text, day) for point in read_window(text))
    if start >= end:
        shown = [f"{moment(at, profile.zone):%H:%M:%S}" for at in (start, end)]
        raise UserMistake("market.window_backwards", text=text, day=day.isoformat(), start=shown[0], end=shown[1])
    return start, end


def in_window(profile: MarketProfile, text: str, at: int) -> bool:
    """Tell whether a moment is inside a written window on its market-local day; UserMistake only when the text is none.

    On a closed day a relative window does not exist, and one that ends before it begins (`14:00-close` on a half day) is empty.
    """
    start, end = read_window(text)
    day = local_date(profile, at)
    if (start.of or end.of) and regular_hours(profile, day) is None:
        return False
    return _moment(profile, start, text, day) <= at < _moment(profile, end, text, day)


def _moment(profile: MarketProfile, point: Point, text: str, day: date) -> int:
    if not point.of:
        return _clock(profile, point.seconds, day)
    hours = regular_hours(profile, day)
    if hours is None:
        raise UserMistake("market.no_hours", market=profile.id, day=day.isoformat(), text=text)
    return hours[0 if point.of == "open" else 1] + point.seconds * SECOND


def _clock(profile: MarketProfile, seconds: int, day: date) -> int:
    """Return a time of day as a moment: that on the wall, also on days whose clocks are changed."""
    if seconds == 24 * 3600:
        return end_of_day(profile, day)
    return moment_of(profile, day, time(seconds // 3600, seconds // 60 % 60, seconds % 60))
