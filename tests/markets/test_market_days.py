"""Every closure 2024-2027 and the open days on both sides of it, written down by hand from the calendar facts."""

from datetime import date, timedelta

import pytest
from markets_local import days, market

from autotrader.markets.sessions import is_open_day, next_open_day, previous_open_day, sessions_on, special_kind

# The last open day before, the weekdays without trading, the first open day after.
KRX = """
2024-02-08 | 2024-02-09 2024-02-12 | 2024-02-13
2024-02-29 | 2024-03-01 | 2024-03-04
2024-04-09 | 2024-04-10 | 2024-04-11
2024-04-30 | 2024-05-01 | 2024-05-02
2024-05-03 | 2024-05-06 | 2024-05-07
2024-05-14 | 2024-05-15 | 2024-05-16
2024-06-05 | 2024-06-06 | 2024-06-07
2024-08-14 | 2024-08-15 | 2024-08-16
2024-09-13 | 2024-09-16 2024-09-17 2024-09-18 | 2024-09-19
2024-09-30 | 2024-10-01 | 2024-10-02
2024-10-02 | 2024-10-03 | 2024-10-04
2024-10-08 | 2024-10-09 | 2024-10-10
2024-12-24 | 2024-12-25 | 2024-12-26
2024-12-30 | 2024-12-31 2025-01-01 | 2025-01-02
2025-01-24 | 2025-01-27 2025-01-28 2025-01-29 2025-01-30 | 2025-01-31
2025-02-28 | 2025-03-03 | 2025-03-04
2025-04-30 | 2025-05-01 | 2025-05-02
2025-05-02 | 2025-05-05 2025-05-06 | 2025-05-07
2025-06-02 | 2025-06-03 | 2025-06-04
2025-06-05 | 2025-06-06 | 2025-06-09
2025-08-14 | 2025-08-15 | 2025-08-18
2025-10-02 | 2025-10-03 2025-10-06 2025-10-07 2025-10-08 2025-10-09 | 2025-10-10
2025-12-24 | 2025-12-25 | 2025-12-26
2025-12-30 | 2025-12-31 2026-01-01 | 2026-01-02
2026-02-13 | 2026-02-16 2026-02-17 2026-02-18 | 2026-02-19
2026-02-27 | 2026-03-02 | 2026-03-03
2026-04-30 | 2026-05-01 | 2026-05-04
2026-05-04 | 2026-05-05 | 2026-05-06
2026-05-22 | 2026-05-25 | 2026-05-26
2026-06-02 | 2026-06-03 | 2026-06-04
2026-07-16 | 2026-07-17 | 2026-07-20
2026-08-14 | 2026-08-17 | 2026-08-18
2026-09-23 | 2026-09-24 2026-09-25 | 2026-09-28
2026-10-02 | 2026-10-05 | 2026-10-06
2026-10-08 | 2026-10-09 | 2026-10-12
2026-12-24 | 2026-12-25 | 2026-12-28
2026-12-30 | 2026-12-31 2027-01-01 | 2027-01-04
2027-02-05 | 2027-02-08 2027-02-09 | 2027-02-10
2027-02-26 | 2027-03-01 | 2027-03-02
2027-05-04 | 2027-05-05 | 2027-05-06
2027-05-12 | 2027-05-13 | 2027-05-14
2027-07-16 | 2027-07-19 | 2027-07-20
2027-08-13 | 2027-08-16 | 2027-08-17
2027-09-13 | 2027-09-14 2027-09-15 2027-09-16 | 2027-09-17
2027-10-01 | 2027-10-04 | 2027-10-05
2027-10-08 | 2027-10-11 | 2027-10-12
2027-12-24 | 2027-12-27 | 2027-12-28
"""
US = """
2024-01-12 | 2024-01-15 | 2024-01-16
2024-02-16 | 2024-02-19 | 2024-02-20
2024-03-28 | 2024-03-29 | 2024-04-01
2024-05-24 | 2024-05-27 | 2024-05-28
2024-06-18 | 2024-06-19 | 2024-06-20
2024-07-03 | 2024-07-04 | 2024-07-05
2024-08-30 | 2024-09-02 | 2024-09-03
2024-11-27 | 2024-11-28 | 2024-11-29
2024-12-24 | 2024-12-25 | 2024-12-26
2024-12-31 | 2025-01-01 | 2025-01-02
2025-01-08 | 2025-01-09 | 2025-01-10
2025-01-17 | 2025-01-20 | 2025-01-21
2025-02-14 | 2025-02-17 | 2025-02-18
2025-04-17 | 2025-04-18 | 2025-04-21
2025-05-23 | 2025-05-26 | 2025-05-27
2025-06-18 | 2025-06-19 | 2025-06-20
2025-07-03 | 2025-07-04 | 2025-07-07
2025-08-29 | 2025-09-01 | 2025-09-02
2025-11-26 | 2025-11-27 | 2025-11-28
2025-12-24 | 2025-12-25 | 2025-12-26
2025-12-31 | 2026-01-01 | 2026-01-02
2026-01-16 | 2026-01-19 | 2026-01-20
2026-02-13 | 2026-02-16 | 2026-02-17
2026-04-02 | 2026-04-03 | 2026-04-06
2026-05-22 | 2026-05-25 | 2026-05-26
2026-06-18 | 2026-06-19 | 2026-06-22
2026-07-02 | 2026-07-03 | 2026-07-06
2026-09-04 | 2026-09-07 | 2026-09-08
2026-11-25 | 2026-11-26 | 2026-11-27
2026-12-24 | 2026-12-25 | 2026-12-28
2026-12-31 | 2027-01-01 | 2027-01-04
2027-01-15 | 2027-01-18 | 2027-01-19
2027-02-12 | 2027-02-15 | 2027-02-16
2027-03-25 | 2027-03-26 | 2027-03-29
2027-05-28 | 2027-05-31 | 2027-06-01
2027-06-17 | 2027-06-18 | 2027-06-21
2027-07-02 | 2027-07-05 | 2027-07-06
2027-09-03 | 2027-09-06 | 2027-09-07
2027-11-24 | 2027-11-25 | 2027-11-26
2027-12-23 | 2027-12-24 | 2027-12-27
"""
# What lies before the first and after the last year is not known: there every weekday counts as open.
EDGES = {"KRX": "2024-01-01 2027-12-31", "US": "2024-01-01"}


def runs(table: str) -> list[tuple[date, list[date], date]]:
    found = []
    for line in table.strip().splitlines():
        before, closed, after = (days(part) for part in line.split("|"))
        found.append((before[0], closed, after[0]))
    return found


RUNS = [*(("KRX", *run) for run in runs(KRX)), *(("NXT", *run) for run in runs(KRX)), *(("US", *run) for run in runs(US))]


@pytest.mark.parametrize(("name", "before", "closed", "after"), RUNS, ids=[f"{run[0]}-{run[2][0]}" for run in RUNS])
def test_a_closure_is_closed_and_its_neighbours_are_open(name: str, before: date, closed: list[date], after: date) -> None:
    profile = market(name)
    assert is_open_day(profile, before) and is_open_day(profile, after)
    for day in closed:
        assert not is_open_day(profile, day) and sessions_on(profile, day) == ()
        assert (previous_open_day(profile, day), next_open_day(profile, day)) == (before, after)
    assert (next_open_day(profile, before), previous_open_day(profile, after)) == (after, before)


@pytest.mark.parametrize(("name", "table"), [("KRX", KRX), ("NXT", KRX), ("SOR", KRX), ("US", US)])
def test_no_other_weekday_of_four_years_is_closed(name: str, table: str) -> None:
    written = {day for _, closed, _ in runs(table) for day in closed} | set(days(EDGES["US" if name == "US" else "KRX"]))
    every = [date(2024, 1, 1) + timedelta(days=number) for number in range(1461)]
    assert every[-1] == date(2027, 12, 31)
    assert {day for day in every if day.weekday() < 5 and not is_open_day(market(name), day)} == written
    assert not any(is_open_day(market(name), day) for day in every if day.weekday() >= 5)


@pytest.mark.parametrize(
    ("name", "special"),
    [
        (
            "KRX",
            {
                "new_year": "2024-01-02 2025-01-02 2026-01-02 2027-01-04",
                "csat": "2024-11-14 2025-11-13 2026-11-19 2027-11-18",
            },
        ),
        (
            "US",
            {"half_day": "2024-07-03 2024-11-29 2024-12-24 2025-07-03 2025-11-28 2025-12-24 2026-11-27 2026-12-24 2027-11-26"},
        ),
        ("UPBIT", {}),
    ],
)
def test_the_days_with_hours_of_their_own_are_these(name: str, special: dict[str, str]) -> None:
    every = [date(2024, 1, 1) + timedelta(days=number) for number in range(1461)]
    found = {day: special_kind(market(name), day) for day in every if special_kind(market(name), day)}
    assert found == {day: kind for kind, text in special.items() for day in days(text)}


def test_a_24_hour_market_is_open_on_every_day() -> None:
    saturday, holiday = date(2026, 11, 21), date(2026, 1, 1)
    assert is_open_day(market("UPBIT"), saturday) and is_open_day(market("BINANCE"), holiday)
    assert next_open_day(market("UPBIT"), saturday) == date(2026, 11, 22)


def test_outside_the_known_years_only_weekends_are_closed() -> None:
    assert next_open_day(market("KRX"), date(2027, 12, 30)) == date(2028, 1, 3)
    assert is_open_day(market("KRX"), date(2023, 12, 25)) and not is_open_day(market("KRX"), date(2023, 12, 24))
