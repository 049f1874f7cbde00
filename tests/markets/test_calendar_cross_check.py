"""Our days and regular hours against an independent calendar package, whose known errors are listed here one by one."""

from datetime import date, timedelta

import pytest
from markets_local import market

from autotrader.markets.sessions import is_open_day, regular_hours

FIRST, LAST = date(2024, 1, 1), date(2027, 12, 31)
# Measured with exchange_calendars 4.13.2. It has no election day of 2026, no Constitution Day, which is a holiday again since
# 2026 (of 2027 the substitute), and the ordinary hours on the days of the university entrance examination.
MISSING_CLOSURES = {"XKRX": {date(2026, 6, 3), date(2026, 7, 17), date(2027, 7, 19)}, "XNYS": set()}
OTHER_HOURS = {"XKRX": {date(2024, 11, 14), date(2025, 11, 13), date(2026, 11, 19), date(2027, 11, 18)}, "XNYS": set()}


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # of foreign packages
@pytest.mark.parametrize(("code", "name"), [("XKRX", "KRX"), ("XNYS", "US")])
def test_the_calendars_differ_on_the_days_that_are_listed_and_no_others(code: str, name: str) -> None:
    exchange_calendars = pytest.importorskip("exchange_calendars")
    schedule = exchange_calendars.get_calendar(code, start=str(FIRST), end=str(LAST)).schedule
    theirs = {
        day.date(): (opens.value, closes.value)
        for day, opens, closes in zip(schedule.index, schedule["open"], schedule["close"], strict=True)
    }
    profile, days = market(name), [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
    assert len(theirs) > 900
    assert {day for day in days if is_open_day(profile, day) != (day in theirs)} <= MISSING_CLOSURES[code]
    assert {day for day in days if day in theirs and regular_hours(profile, day) not in (None, theirs[day])} <= OTHER_HOURS[code]
