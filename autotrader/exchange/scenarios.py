"""Scripted days of the simulated market, by name: how the value leaves its walk by the clock, and who is there to trade.

Percentages are of the walk's own value. Between two points of a script the value moves in a straight line; before the first
it is the walk's, after the last it stays where it was left. Hours are market-local; day 0 is the day on which the sim begins.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from autotrader.exchange.population import QUIET, THIN, Temper

SECOND = 1_000_000_000
PARTS = 100_000
"""A hundredth of a percent of a percent: the value is bent in whole parts, so that no float comes near a price."""

FRIDAY = "2026-11-20T08:00"
"""A Friday without anything special, before the first session of the day."""


class Point(NamedTuple):
    """At this hour of this day the value is so many percent away from its walk."""

    day: int
    hour: str
    percent: Decimal


class Scenario(NamedTuple):
    """One scripted day. `whole_market`: the script moves every instrument, otherwise the first one only.

    `split`: from day 1 on a share is so many shares, so the base price of day 1 is not the close before it.
    """

    begin: str = FRIDAY
    points: tuple[Point, ...] = ()
    whole_market: bool = True
    after: Temper = QUIET
    """Who trades in the hours before and after the regular session."""
    split: int = 1


def _points(*rows: tuple[str, str]) -> tuple[Point, ...]:
    """Return the points of day 0 from `hour`, `percent`."""
    return tuple(Point(0, hour, Decimal(percent)) for hour, percent in rows)


ORDINARY = Scenario()
"""A day without a script."""

SCENARIOS: dict[str, Scenario] = {
    "ordinary": ORDINARY,
    "crash_day": Scenario(
        points=_points(
            ("09:10", "0"), ("10:00", "-7"), ("10:10", "-9"), ("11:00", "-9"), ("13:00", "-16.5"), ("14:00", "-16.5"), ("15:20", "-14")
        )
    ),
    "gap_down": Scenario(begin="2026-11-20T15:00", points=(Point(2, "12:00", Decimal(0)), Point(2, "12:01", Decimal(-7)))),
    "limit_up": Scenario(points=_points(("09:10", "0"), ("10:30", "32")), whole_market=False),
    "thin_after": Scenario(points=_points(("17:00", "0"), ("17:01", "-3"), ("17:40", "-3"), ("17:50", "0")), after=THIN),
    "split": Scenario(begin="2026-11-20T15:00", split=5),
    "vi_day": Scenario(
        points=_points(
            ("10:00:00", "0"), ("10:00:10", "7.5"), ("11:00", "7.5"), ("11:40", "-4"), ("13:00:00", "-4"), ("13:00:10", "4"), ("14:30", "0")
        ),
        whole_market=False,
    ),
}


def local_moment(text: str, zone: str) -> int:
    """Return a market-local time (`2026-11-20T08:00`) in ns since the epoch."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND


class Bend:
    """A scenario's script for one instrument: from a moment to what the walk's value is multiplied by."""

    def __init__(self, points: Sequence[Point], first_day: date, zone: str) -> None:
        self._moments: list[int] = []
        self._parts: list[int] = []
        for point in points:
            day = first_day + timedelta(days=point.day)
            local = datetime.combine(day, time.fromisoformat(point.hour), ZoneInfo(zone))
            self._moments.append(int(local.timestamp()) * SECOND)
            self._parts.append(int(point.percent * (PARTS // 100)))

    def at(self, value: Decimal, moment: int) -> Decimal:
        """Return the walk's value as the script has it at a moment; it need not be on a tick."""
        parts = PARTS + self._away(moment)
        return value if parts == PARTS else value * parts / PARTS

    def _away(self, moment: int) -> int:
        place = bisect_right(self._moments, moment)
        if place == 0:
            return 0
        if place == len(self._moments):
            return self._parts[-1]
        start, end = self._moments[place - 1 : place + 1]
        here, there = self._parts[place - 1 : place + 1]
        return here + (there - here) * (moment - start) // (end - start)
