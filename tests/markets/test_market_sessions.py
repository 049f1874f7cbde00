"""Every session boundary of the special days 2024-2027 and of ordinary weeks, written down by hand from the market rules."""

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from markets_local import clock, market, ns, on

from autotrader.markets.facts import Calendar, Grade, Matching, SessionRow, SpecialDay
from autotrader.markets.profile import MarketProfile
from autotrader.markets.sessions import (
    Session,
    next_change,
    printing,
    regular_hours,
    session_of_print,
    sessions_at,
    sessions_on,
    settlement_day,
    trading_day,
    validity_end,
)

# Market rules 1.1 and 1.3. KRX had the off-hours single price until 2026-09-11 and has the after-market from 2026-09-14.
KRX_DAY = [
    "pre_close_price 08:30-08:40",
    "open_call 08:30-09:00",
    "continuous 09:00-15:20",
    "close_call 15:20-15:30",
    "post_close_price 15:30-16:00",
]
KRX_LATE = [
    "pre_close_price 09:30-09:40",
    "open_call 09:30-10:00",
    "continuous 10:00-15:20",
    "close_call 15:20-15:30",
    "post_close_price 15:30-16:00",
]
KRX_CSAT = [
    "pre_close_price 09:30-09:40",
    "open_call 09:30-10:00",
    "continuous 10:00-16:20",
    "close_call 16:20-16:30",
    "post_close_price 16:30-17:00",
]
SINGLE, AFTER = ["off_hours_single 16:00-18:00"], ["after 16:00-20:00"]
CSAT_SINGLE, CSAT_AFTER = ["off_hours_single 17:00-18:00"], ["after 17:00-20:00"]
# Market rules 1.2 and 1.3.
NXT_DAY = ["pre 08:00-08:50", "main 09:00:30-15:20", "after_call 15:30-15:40", "close_price 15:30-16:00", "after 15:40-20:00"]
NXT_LATE = ["main 10:00-15:20", "after_call 15:30-15:40", "close_price 15:30-16:00", "after 15:40-20:00"]
NXT_CSAT = ["main 10:00-16:20", "after_call 16:30-16:40", "close_price 16:30-17:00", "after 16:40-20:00"]
# Market rules 1.4.
US_DAY = ["overnight 20:00-04:00", "pre 04:00-09:30", "regular 09:30-16:00", "post 16:00-20:00"]
US_HALF = ["overnight 20:00-04:00", "pre 04:00-09:30", "regular 09:30-13:00", "post 13:00-17:00"]

DAYS = [
    # The first trading days and the days of the university entrance examination, 2024-2027.
    ("KRX", "2024-01-02", KRX_LATE + SINGLE),
    ("KRX", "2024-11-14", KRX_CSAT + CSAT_SINGLE),
    ("KRX", "2025-01-02", KRX_LATE + SINGLE),
    ("KRX", "2025-11-13", KRX_CSAT + CSAT_SINGLE),
    ("KRX", "2026-01-02", KRX_LATE + SINGLE),
    ("KRX", "2026-11-19", KRX_CSAT + CSAT_AFTER),
    ("KRX", "2027-01-04", KRX_LATE + AFTER),
    ("KRX", "2027-11-18", KRX_CSAT + CSAT_AFTER),
    # The ATS opened on 2025-03-04.
    ("NXT", "2025-01-02", []),
    ("NXT", "2025-02-28", []),
    ("NXT", "2025-03-04", NXT_DAY),
    ("NXT", "2025-11-13", NXT_CSAT),
    ("NXT", "2026-01-02", NXT_LATE),
    ("NXT", "2026-11-19", NXT_CSAT),
    ("NXT", "2027-01-04", NXT_LATE),
    ("NXT", "2027-11-18", NXT_CSAT),
    ("SOR", "2026-11-19", ["regular 10:00-16:20", "after 17:00-20:00"]),
    ("SOR", "2026-11-20", ["pre 08:00-08:50", "regular 09:00-15:20", "after 16:00-20:00"]),
    ("SOR", "2027-01-04", ["regular 10:00-15:20", "after 16:00-20:00"]),
    # The days beside the special ones are ordinary.
    ("KRX", "2024-01-03", KRX_DAY + SINGLE),
    ("KRX", "2025-11-12", KRX_DAY + SINGLE),
    ("KRX", "2025-11-14", KRX_DAY + SINGLE),
    ("KRX", "2026-11-18", KRX_DAY + AFTER),
    ("NXT", "2026-11-18", NXT_DAY),
    ("NXT", "2026-11-20", NXT_DAY),
    # The change of the evening.
    ("KRX", "2026-09-11", KRX_DAY + SINGLE),
    ("KRX", "2026-09-12", []),
    ("KRX", "2026-09-14", KRX_DAY + AFTER),
    # An ordinary week.
    ("KRX", "2026-11-22", []),
    ("KRX", "2026-11-23", KRX_DAY + AFTER),
    ("KRX", "2026-11-24", KRX_DAY + AFTER),
    ("KRX", "2026-11-25", KRX_DAY + AFTER),
    ("KRX", "2026-11-26", KRX_DAY + AFTER),
    ("KRX", "2026-11-27", KRX_DAY + AFTER),
    ("KRX", "2026-11-28", []),
    ("NXT", "2026-11-22", []),
    ("NXT", "2026-11-23", NXT_DAY),
    ("NXT", "2026-11-24", NXT_DAY),
    ("NXT", "2026-11-25", NXT_DAY),
    ("NXT", "2026-11-26", NXT_DAY),
    ("NXT", "2026-11-27", NXT_DAY),
    ("NXT", "2026-11-28", []),
    # The half days, 2024-2027, and what surrounds Thanksgiving.
    ("US", "2024-07-03", US_HALF),
    ("US", "2024-11-29", US_HALF),
    ("US", "2024-12-24", US_HALF),
    ("US", "2025-07-03", US_HALF),
    ("US", "2025-11-28", US_HALF),
    ("US", "2025-12-24", US_HALF),
    ("US", "2026-11-25", US_DAY),
    ("US", "2026-11-26", []),
    ("US", "2026-11-27", US_HALF),
    ("US", "2026-11-30", US_DAY),
    ("US", "2026-12-24", US_HALF),
    ("US", "2027-11-26", US_HALF),
    # Clocks go forward on Sunday 2026-03-08 and back on Sunday 2026-11-01: the hours on the wall stay.
    ("US", "2026-03-06", US_DAY),
    ("US", "2026-03-08", []),
    ("US", "2026-03-09", US_DAY),
    ("US", "2026-10-30", US_DAY),
    ("US", "2026-11-01", []),
    ("US", "2026-11-02", US_DAY),
    ("US", "2026-11-03", US_DAY),
    ("UPBIT", "2026-11-01", ["continuous 00:00-24:00"]),
]


def written(name: str, day: str, row: str) -> tuple[str, int, int]:
    """Return id, open and close of a row of the tables; one that opens after it closes opens on the eve."""
    word, hours = row.split()
    opens, closes = hours.split("-")
    eve = (date.fromisoformat(day) - timedelta(days=1)).isoformat() if opens > closes else day
    return f"{name.lower()}.{word}", on(name, eve, opens), on(name, day, closes)


@pytest.mark.parametrize(("name", "day", "rows"), DAYS, ids=[f"{name}-{day}" for name, day, _ in DAYS])
def test_a_day_has_its_sessions_to_the_second(name: str, day: str, rows: list[str]) -> None:
    profile, expected = market(name), [written(name, day, row) for row in rows]
    found = sessions_on(profile, date.fromisoformat(day))
    assert [(session.id, session.open, session.close) for session in found] == expected
    for session in found:
        assert session not in sessions_at(profile, session.open - 1) and session in sessions_at(profile, session.open)
        assert session in sessions_at(profile, session.close - 1) and session not in sessions_at(profile, session.close)
        assert trading_day(profile, session).isoformat() == day
    changes = sorted({at for _, opens, closes in expected for at in (opens, closes)})
    for before, after in pairwise(changes):
        assert next_change(profile, before) == next_change(profile, after - 1) == after


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        # 23:30 to 06:00 in Seoul in winter, 22:30 to 05:00 in summer.
        ("2026-03-06", "2026-03-06T23:30+09:00", "2026-03-07T06:00+09:00"),
        ("2026-03-09", "2026-03-09T22:30+09:00", "2026-03-10T05:00+09:00"),
        ("2026-10-30", "2026-10-30T22:30+09:00", "2026-10-31T05:00+09:00"),
        ("2026-11-02", "2026-11-02T23:30+09:00", "2026-11-03T06:00+09:00"),
        ("2026-11-27", "2026-11-27T14:30+00:00", "2026-11-27T18:00+00:00"),
        ("2025-07-03", "2025-07-03T13:30+00:00", "2025-07-03T17:00+00:00"),
        ("2027-03-12", "2027-03-12T14:30+00:00", "2027-03-12T21:00+00:00"),
        ("2027-03-15", "2027-03-15T13:30+00:00", "2027-03-15T20:00+00:00"),
    ],
)
def test_new_york_is_where_it_is_on_our_clock(day: str, opens: str, closes: str) -> None:
    assert regular_hours(market("US"), date.fromisoformat(day)) == (ns(opens), ns(closes))


@pytest.mark.parametrize(
    ("day", "opens", "closes"),
    [
        # The eve of Monday is Sunday: after a change of the clocks, both ends are in the new time.
        ("2026-03-09", "2026-03-09T00:00+00:00", "2026-03-09T08:00+00:00"),
        ("2026-11-02", "2026-11-02T01:00+00:00", "2026-11-02T09:00+00:00"),
        ("2026-11-03", "2026-11-03T01:00+00:00", "2026-11-03T09:00+00:00"),
    ],
)
def test_the_overnight_session_opens_on_the_eve_and_is_only_a_brokers(day: str, opens: str, closes: str) -> None:
    night = sessions_on(market("US"), date.fromisoformat(day))[0]
    assert (night.id, night.open, night.close, night.broker_only) == ("us.overnight", ns(opens), ns(closes), True)
    assert [session.broker_only for session in sessions_on(market("US"), date.fromisoformat(day))[1:]] == [False] * 3


@pytest.mark.parametrize(("day", "hours"), [("2026-11-01", 24), ("2026-03-08", 24)])
def test_a_market_without_a_close_has_one_session_a_day(day: str, hours: int) -> None:
    (session,) = sessions_on(market("UPBIT"), date.fromisoformat(day))
    assert session.close - session.open == hours * 3600 * 10**9
    assert sessions_at(market("UPBIT"), session.close)[0].open == session.close == next_change(market("UPBIT"), session.open)


@pytest.mark.parametrize(
    ("name", "at", "change"),
    [
        ("KRX", "2026-11-20T20:00:00", "2026-11-23T08:30:00"),
        ("KRX", "2026-11-20T19:59:59", "2026-11-20T20:00:00"),
        ("KRX", "2026-09-23T21:00:00", "2026-09-28T08:30:00"),  # Chuseok and a weekend
        ("KRX", "2025-10-02T18:00:00", "2025-10-10T08:30:00"),  # eight days without a market
        ("KRX", "2026-12-30T20:00:00", "2027-01-04T09:30:00"),  # the first trading day begins late
        ("NXT", "2026-11-18T20:00:00", "2026-11-19T10:00:00"),  # no pre-market on CSAT day
        ("NXT", "2026-11-20T08:50:00", "2026-11-20T09:00:30"),
        ("US", "2026-11-25T20:00:00", "2026-11-26T20:00:00"),  # Thanksgiving: the night before the half day
        ("US", "2026-11-27T17:00:00", "2026-11-29T20:00:00"),
        ("US", "2026-03-06T20:00:00", "2026-03-08T20:00:00"),
    ],
)
def test_what_changes_next_is_found_across_closed_days(name: str, at: str, change: str) -> None:
    zone = "America/New_York" if name == "US" else "Asia/Seoul"
    assert next_change(market(name), ns(at, zone)) == ns(change, zone)


PRINTS = [
    ("KRX", "2026-11-20T08:29:59", ""),
    ("KRX", "2026-11-20T08:30:00", "krx.pre_close_price"),
    ("KRX", "2026-11-20T08:40:00", ""),
    ("KRX", "2026-11-20T08:59:59", ""),
    ("KRX", "2026-11-20T09:00:00", "krx.continuous"),
    ("KRX", "2026-11-20T15:19:59", "krx.continuous"),
    ("KRX", "2026-11-20T15:20:00", ""),
    ("KRX", "2026-11-20T15:29:59", ""),
    ("KRX", "2026-11-20T15:30:00", "krx.close_call"),
    ("KRX", "2026-11-20T15:30:59", "krx.close_call"),
    ("KRX", "2026-11-20T15:31:00", ""),
    ("KRX", "2026-11-20T15:40:00", "krx.post_close_price"),
    ("KRX", "2026-11-20T16:00:00", "krx.after"),
    ("KRX", "2026-11-20T20:00:00", ""),
    ("KRX", "2026-11-19T09:00:00", ""),
    ("KRX", "2026-11-19T16:30:20", "krx.close_call"),
    ("KRX", "2026-11-21T11:00:00", ""),
    ("NXT", "2026-11-20T08:49:59", "nxt.pre"),
    ("NXT", "2026-11-20T08:50:00", ""),
    ("NXT", "2026-11-20T09:00:29", ""),
    ("NXT", "2026-11-20T09:00:30", "nxt.main"),
    ("NXT", "2026-11-20T15:35:00", "nxt.close_price"),
    ("NXT", "2026-11-20T15:40:00", "nxt.after"),
    ("NXT", "2026-11-20T15:59:00", "nxt.after"),
    ("US", "2026-11-27T12:59:59", "us.regular"),
    ("US", "2026-11-27T13:00:00", "us.post"),
    ("US", "2026-11-27T17:00:00", ""),
    ("US", "2026-11-29T19:59:59", ""),
    ("US", "2026-11-29T20:00:00", "us.overnight"),
    ("US", "2026-11-30T00:00:00", "us.overnight"),
    ("US", "2026-11-30T03:59:59", "us.overnight"),
    ("US", "2026-11-30T04:00:00", "us.pre"),
]


@pytest.mark.parametrize(("name", "at", "session"), PRINTS)
def test_a_print_is_a_trade_of_the_session_that_made_it(name: str, at: str, session: str) -> None:
    assert session_of_print(market(name), ns(at, "America/New_York" if name == "US" else "Asia/Seoul")) == session


@pytest.mark.parametrize(("name", "day", "rows"), DAYS, ids=[f"{name}-{day}" for name, day, _ in DAYS])
def test_spans_of_prints_are_in_order_and_never_overlap(name: str, day: str, rows: list[str]) -> None:
    spans = printing(market(name), date.fromisoformat(day))
    assert all(start < end for start, end, _ in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    assert all(on(name, day, "00:00") <= start and end <= on(name, day, "24:00") for start, end, _ in spans)


def test_the_matching_and_the_regular_sessions_are_said() -> None:
    found = {session.id: session for session in sessions_on(market("KRX"), date(2026, 11, 20))}
    kinds = {name: session.matching for name, session in found.items()}
    assert kinds == {
        "krx.pre_close_price": Matching.FIXED,
        "krx.open_call": Matching.CALL,
        "krx.continuous": Matching.CONTINUOUS,
        "krx.close_call": Matching.CALL,
        "krx.post_close_price": Matching.FIXED,
        "krx.after": Matching.CONTINUOUS,
    }
    assert {name for name, session in found.items() if session.regular} == {"krx.open_call", "krx.continuous", "krx.close_call"}
    assert clock(found["krx.post_close_price"].matches_from, "KRX") == "15:40:00"
    assert clock(found["krx.close_call"].matches_from, "KRX") == "15:30:00"
    assert found["krx.open_call"].random_end == found["krx.close_call"].random_end == 30 * 10**9


@pytest.mark.parametrize(
    ("name", "day", "end"),
    [
        ("KRX", "2026-11-20", "2026-11-20T20:00+09:00"),
        ("KRX", "2026-09-11", "2026-09-11T18:00+09:00"),
        ("KRX", "2026-11-21", "2026-11-22T00:00+09:00"),
        ("US", "2026-11-30", "2026-11-30T20:00-05:00"),
        ("US", "2026-11-27", "2026-11-27T17:00-05:00"),
        ("UPBIT", "2026-11-20", "2026-11-21T00:00+09:00"),
    ],
)
def test_a_rule_ends_with_the_last_session_of_its_last_day(name: str, day: str, end: str) -> None:
    assert validity_end(market(name), date.fromisoformat(day)) == ns(end)


@pytest.mark.parametrize(
    ("name", "traded", "settled"),
    [
        ("KRX", "2026-11-20", "2026-11-24"),
        ("KRX", "2026-09-22", "2026-09-28"),
        ("KRX", "2026-12-29", "2027-01-04"),
        ("KRX", "2026-12-30", "2027-01-05"),
        ("NXT", "2026-11-19", "2026-11-23"),
        ("US", "2026-11-25", "2026-11-27"),
        ("US", "2024-05-24", "2024-05-29"),  # the last Friday with two days; Monday is Memorial Day
        ("US", "2024-05-28", "2024-05-29"),
        ("UPBIT", "2026-11-21", "2026-11-21"),
    ],
)
def test_a_trade_settles_so_many_open_days_later(name: str, traded: str, settled: str) -> None:
    assert settlement_day(market(name), date.fromisoformat(traded)).isoformat() == settled


def by_hand(*rows: SessionRow, special: tuple[SpecialDay, ...] = ()) -> MarketProfile:
    return MarketProfile("HAND", "Asia/Seoul", 90, 1, (), (), (), sessions=rows, calendar=Calendar(special=special))  # type: ignore[arg-type]


def row(name: str, opens: str, closes: str, day: str = "", since: date = date(2020, 1, 1), until: date | None = None) -> SessionRow:
    return SessionRow(
        id=name, open=time.fromisoformat(opens), close=time.fromisoformat(closes), matching=Matching.CONTINUOUS, regular=True,
        day=day, effective_from=since, effective_to=until, source="the test", grade=Grade.V,
    )  # fmt: skip


def ids(profile: MarketProfile, day: date) -> list[str]:
    return [session.id for session in sessions_on(profile, day)]


def test_a_special_kind_replaces_the_whole_day_where_it_has_rows() -> None:
    day = date(2026, 7, 1)
    special = (
        SpecialDay(day=day, kind="short"),
        SpecialDay(day=date(2026, 7, 2), kind="rowless"),
        SpecialDay(day=date(2026, 7, 4), kind="short"),
    )
    profile = by_hand(row("am", "09:00", "12:00"), row("pm", "13:00", "16:00"), row("brief", "10:00", "11:00", "short"), special=special)
    assert ids(profile, day) == ["brief"]
    assert ids(profile, date(2026, 7, 2)) == ids(profile, date(2026, 7, 3)) == ["am", "pm"]
    assert ids(profile, date(2026, 7, 4)) == ["brief"], "a special day may be a Saturday"
    assert ids(profile, date(2026, 7, 5)) == []


def test_a_row_holds_from_its_first_to_its_last_day() -> None:
    profile = by_hand(row("old", "09:00", "12:00", until=date(2026, 7, 1)), row("new", "09:00", "13:00", since=date(2026, 7, 2)))
    assert (ids(profile, date(2026, 7, 1)), ids(profile, date(2026, 7, 2)), ids(profile, date(2019, 12, 31))) == (["old"], ["new"], [])


def test_a_market_that_never_opens_changes_at_the_horizon() -> None:
    assert next_change(by_hand(), ns("2026-07-01T00:00+09:00")) == ns("2027-08-06T00:00+09:00")


def test_equal_profiles_are_asked_once_each_and_answer_alike() -> None:
    one, other = by_hand(row("am", "09:00", "12:00")), by_hand(row("am", "09:00", "12:00"))
    assert sessions_on(one, date(2026, 7, 1)) == sessions_on(other, date(2026, 7, 1))
    assert sessions_on(one, date(2026, 7, 1)) is sessions_on(one, date(2026, 7, 1))


def test_more_profiles_than_are_remembered_still_answer_right() -> None:
    many = [by_hand(row(f"s{number}", "09:00", "12:00")) for number in range(200)]
    assert [ids(profile, date(2026, 7, 1)) for profile in many] == [[f"s{number}"] for number in range(200)]
    assert [ids(profile, date(2026, 7, 1)) for profile in reversed(many)] == [[f"s{number}"] for number in reversed(range(200))]


def test_a_session_of_the_type_is_a_plain_value() -> None:
    assert Session._fields == ("id", "name", "open", "close", "matches_from", "matching", "regular", "broker_only", "random_end")
