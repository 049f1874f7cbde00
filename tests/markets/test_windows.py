"""Windows and times of day as people write them, on ordinary and on special days."""

from datetime import date

import pytest
from markets_local import ZONES, market, ns

from autotrader.errors import UserMistake
from autotrader.markets.windows import in_window, read_time, read_window, time_on, window_on

TIMES = [
    ("KRX", "15:15", "2026-11-20", "2026-11-20T15:15:00"),
    ("KRX", "15:15", "2026-11-19", "2026-11-19T15:15:00"),  # what is written as a time stays
    ("KRX", "15:15", "2026-11-21", "2026-11-21T15:15:00"),
    ("KRX", "9:05", "2026-11-20", "2026-11-20T09:05:00"),
    ("KRX", "09:05:30", "2026-11-20", "2026-11-20T09:05:30"),
    ("KRX", "24:00", "2026-11-20", "2026-11-21T00:00:00"),
    ("KRX", "open", "2026-11-20", "2026-11-20T09:00:00"),
    ("KRX", "close", "2026-11-20", "2026-11-20T15:30:00"),
    ("KRX", "close-5m", "2026-11-20", "2026-11-20T15:25:00"),
    ("KRX", "close-5m", "2026-11-19", "2026-11-19T16:25:00"),  # CSAT day
    ("KRX", "open+10m", "2026-11-19", "2026-11-19T10:10:00"),
    ("KRX", "open+10m", "2027-01-04", "2027-01-04T10:10:00"),  # the first trading day
    ("KRX", "close-5m", "2027-01-04", "2027-01-04T15:25:00"),
    ("KRX", "close+30s", "2026-11-20", "2026-11-20T15:30:30"),
    ("KRX", "open-1h", "2026-11-20", "2026-11-20T08:00:00"),
    ("NXT", "open", "2026-11-20", "2026-11-20T09:00:30"),
    ("NXT", "close-5m", "2026-11-19", "2026-11-19T16:15:00"),
    ("US", "close-5m", "2026-11-20", "2026-11-20T15:55:00"),
    ("US", "close-5m", "2026-11-27", "2026-11-27T12:55:00"),  # a half day
    ("US", "open", "2026-03-09", "2026-03-09T09:30:00"),
    ("UPBIT", "open", "2026-11-21", "2026-11-21T00:00:00"),
    ("UPBIT", "close-5m", "2026-11-21", "2026-11-21T23:55:00"),
]


@pytest.mark.parametrize(("name", "text", "day", "moment"), TIMES)
def test_a_time_of_a_day(name: str, text: str, day: str, moment: str) -> None:
    assert time_on(market(name), text, date.fromisoformat(day)) == ns(moment, ZONES[name])


@pytest.mark.parametrize(
    ("name", "text", "day", "start", "end"),
    [
        ("KRX", "09:05-15:15", "2026-11-20", "09:05:00", "15:15:00"),
        ("KRX", " 9:05 - 15:15 ", "2026-11-19", "09:05:00", "15:15:00"),
        ("KRX", "open+5m-close-5m", "2026-11-20", "09:05:00", "15:25:00"),
        ("KRX", "open+5m-close-5m", "2026-11-19", "10:05:00", "16:25:00"),
        ("KRX", "open+5m-close-5m", "2027-01-04", "10:05:00", "15:25:00"),
        ("KRX", "open-close", "2026-11-20", "09:00:00", "15:30:00"),
        ("KRX", "open-5m-close", "2026-11-20", "08:55:00", "15:30:00"),
        ("KRX", "close-30m-close", "2026-11-20", "15:00:00", "15:30:00"),
        ("KRX", "open+90s-12:00", "2026-11-20", "09:01:30", "12:00:00"),
        ("US", "open+5m-close-5m", "2026-11-27", "09:35:00", "12:55:00"),
        ("US", "10:00-close", "2026-11-30", "10:00:00", "16:00:00"),
    ],
)
def test_a_window_of_a_day(name: str, text: str, day: str, start: str, end: str) -> None:
    expected = (ns(f"{day}T{start}", ZONES[name]), ns(f"{day}T{end}", ZONES[name]))
    assert window_on(market(name), text, date.fromisoformat(day)) == expected


@pytest.mark.parametrize(
    "text", ["", "noon", "25:00", "24:01", "09:60", "09:05:60", "9", "close-", "close-5", "close-5d", "open+", "09:05-15:15", "٠٩:٠٥"]
)
def test_what_is_no_time_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(UserMistake) as refused:
        read_time(text)
    assert (refused.value.code, "close-5m" in str(refused.value)) == ("market.bad_time", True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "market.bad_window"),
        ("09:05", "market.bad_window"),
        ("09:05-", "market.bad_window"),
        ("09:05-15:15-16:00", "market.bad_window"),
        ("15:15-09:05", "market.window_turned"),
        ("09:05-09:05", "market.window_turned"),
        ("close-5m-close-10m", "market.window_turned"),
        ("open+5m-open", "market.window_turned"),
        ("09:05-25:00", "market.bad_time"),
    ],
)
def test_what_is_no_window_is_refused(text: str, code: str) -> None:
    with pytest.raises(UserMistake) as refused:
        read_window(text)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "text", "day", "code"),
    [
        ("KRX", "open+5m-close-5m", "2026-11-21", "market.no_hours"),
        ("KRX", "close-5m-15:00", "2026-11-20", "market.window_backwards"),
        ("US", "14:00-close", "2026-11-27", "market.window_backwards"),  # closed at 13:00 on that day
        ("NXT", "open-12:00", "2025-03-03", "market.no_hours"),
    ],
)
def test_a_window_may_not_exist_on_one_day(name: str, text: str, day: str, code: str) -> None:
    with pytest.raises(UserMistake) as refused:
        window_on(market(name), text, date.fromisoformat(day))
    assert refused.value.code == code and day in str(refused.value)


@pytest.mark.parametrize("text", ["09:05-15:15", "open+5m-close-5m", "14:00-close"])
def test_a_window_that_may_exist_can_be_read_before_its_day(text: str) -> None:
    assert len(read_window(text)) == 2


@pytest.mark.parametrize(
    ("name", "text", "at", "inside"),
    [
        ("KRX", "09:05-15:15", "2026-11-20T09:04:59", False),
        ("KRX", "09:05-15:15", "2026-11-20T09:05:00", True),
        ("KRX", "09:05-15:15", "2026-11-20T15:14:59", True),
        ("KRX", "09:05-15:15", "2026-11-20T15:15:00", False),
        ("KRX", "open+5m-close-5m", "2026-11-19T10:04:59", False),
        ("KRX", "open+5m-close-5m", "2026-11-19T16:24:59", True),
        ("KRX", "open+5m-close-5m", "2026-11-20T16:24:59", False),
        ("US", "open-close", "2026-11-29T20:30:00", False),  # a Sunday evening, when the overnight session trades
        ("US", "10:00-23:00", "2026-11-29T20:30:00", True),
        ("US", "14:00-close", "2026-11-27T12:30:00", False),  # empty on a half day
        ("US", "14:00-close", "2026-11-27T14:30:00", False),
        ("US", "14:00-close", "2026-11-30T14:30:00", True),
        ("UPBIT", "open-close", "2026-11-21T23:59:59", True),
    ],
)
def test_a_moment_is_inside_a_window_or_not_on_any_day(name: str, text: str, at: str, inside: bool) -> None:
    assert in_window(market(name), text, ns(at, ZONES[name])) is inside
