"""`autotrader market`: every value here is transcribed by hand from the market rules, none is read from the data files.

The clock of these calls stands at 2024-08-09 09:00:10 in Seoul, a Friday (2024-08-08 20:00:10 in New York).
"""

import subprocess
import sys
from pathlib import Path

import pytest

MARKET = "market"
SEOUL, WINTER, SUMMER = "+09:00", "-05:00", "-04:00"


def day_of(date: str, offset: str, *rows: tuple[str, str, str, str]) -> list[tuple[str, str, str, str]]:
    """Return sessions with full times from their hours on one day."""
    return [(id, f"{date}T{start}:00{offset}", f"{date}T{end}:00{offset}", matching) for id, start, end, matching in rows]


def found(result) -> list[tuple[str, str, str, str]]:
    assert (result.code, result.err) == (0, "")
    return [(row["id"], row["open"], row["close"], row["matching"]) for row in result.json]


SESSIONS = [
    pytest.param(
        "KRX",
        "2026-11-20",
        day_of(
            "2026-11-20",
            SEOUL,
            ("krx.pre_close_price", "08:30", "08:40", "fixed"),
            ("krx.open_call", "08:30", "09:00", "call"),
            ("krx.continuous", "09:00", "15:20", "continuous"),
            ("krx.close_call", "15:20", "15:30", "call"),
            ("krx.post_close_price", "15:30", "16:00", "fixed"),
            ("krx.after", "16:00", "20:00", "continuous"),
        ),
        id="an ordinary day",
    ),
    pytest.param(
        "KRX",
        "2026-11-19",
        day_of(
            "2026-11-19",
            SEOUL,
            ("krx.pre_close_price", "09:30", "09:40", "fixed"),
            ("krx.open_call", "09:30", "10:00", "call"),
            ("krx.continuous", "10:00", "16:20", "continuous"),
            ("krx.close_call", "16:20", "16:30", "call"),
            ("krx.post_close_price", "16:30", "17:00", "fixed"),
            ("krx.after", "17:00", "20:00", "continuous"),
        ),
        id="the day of the university entrance exam",
    ),
    pytest.param(
        "KRX",
        "2026-09-11",
        day_of(
            "2026-09-11",
            SEOUL,
            ("krx.pre_close_price", "08:30", "08:40", "fixed"),
            ("krx.open_call", "08:30", "09:00", "call"),
            ("krx.continuous", "09:00", "15:20", "continuous"),
            ("krx.close_call", "15:20", "15:30", "call"),
            ("krx.post_close_price", "15:30", "16:00", "fixed"),
            ("krx.off_hours_single", "16:00", "18:00", "call"),
        ),
        id="the last day of the off-hours single price",
    ),
    pytest.param(
        "KRX",
        "2027-01-04",
        day_of(
            "2027-01-04",
            SEOUL,
            ("krx.pre_close_price", "09:30", "09:40", "fixed"),
            ("krx.open_call", "09:30", "10:00", "call"),
            ("krx.continuous", "10:00", "15:20", "continuous"),
            ("krx.close_call", "15:20", "15:30", "call"),
            ("krx.post_close_price", "15:30", "16:00", "fixed"),
            ("krx.after", "16:00", "20:00", "continuous"),
        ),
        id="the first trading day of a year",
    ),
    pytest.param("KRX", "2026-12-25", [], id="a holiday"),
    pytest.param("KRX:005930", "2026-11-21", [], id="a Saturday, of an instrument"),
    pytest.param(
        "NXT",
        "2026-11-20",
        [
            ("nxt.pre", "2026-11-20T08:00:00+09:00", "2026-11-20T08:50:00+09:00", "continuous"),
            ("nxt.main", "2026-11-20T09:00:30+09:00", "2026-11-20T15:20:00+09:00", "continuous"),
            ("nxt.after_call", "2026-11-20T15:30:00+09:00", "2026-11-20T15:40:00+09:00", "call"),
            ("nxt.close_price", "2026-11-20T15:30:00+09:00", "2026-11-20T16:00:00+09:00", "fixed"),
            ("nxt.after", "2026-11-20T15:40:00+09:00", "2026-11-20T20:00:00+09:00", "continuous"),
        ],
        id="the alternative venue",
    ),
    pytest.param(
        "US",
        "2026-11-27",
        day_of(
            "2026-11-27",
            WINTER,
            ("us.pre", "04:00", "09:30", "continuous"),
            ("us.regular", "09:30", "13:00", "continuous"),
            ("us.post", "13:00", "17:00", "continuous"),
        ),
        id="half a day",
    ),
    pytest.param(
        "US",
        "2026-07-02",
        day_of(
            "2026-07-02",
            SUMMER,
            ("us.pre", "04:00", "09:30", "continuous"),
            ("us.regular", "09:30", "16:00", "continuous"),
            ("us.post", "16:00", "20:00", "continuous"),
        ),
        id="a summer day in New York",
    ),
    pytest.param(
        "BINANCE",
        "2026-12-25",
        [("binance.continuous", "2026-12-25T00:00:00+00:00", "2026-12-26T00:00:00+00:00", "continuous")],
        id="a market that never closes",
    ),
]


@pytest.mark.parametrize(("market", "day", "expected"), SESSIONS)
def test_the_sessions_of_a_day(cli, market, day, expected):
    assert found(cli(MARKET, "sessions", market, "--on", day, "--json")) == expected


def test_sessions_that_only_brokers_offer_are_shown_when_asked_for(cli):
    result = cli(MARKET, "sessions", "US", "--on", "2026-11-23", "--all", "--json")
    overnight = next(row for row in result.json if row["id"] == "us.overnight")
    assert (overnight["open"], overnight["close"]) == ("2026-11-22T20:00:00-05:00", "2026-11-23T04:00:00-05:00")
    assert overnight["broker_only"] is True
    assert [row["id"] for row in result.json] == ["us.overnight", "us.pre", "us.regular", "us.post"]


def test_a_session_says_more_of_itself(cli):
    row = cli(MARKET, "sessions", "KRX", "--on", "2026-11-20", "--json").json[4]
    assert list(row)[:4] == ["id", "open", "close", "matching"]
    assert (row["name"], row["regular"], row["grade"]) == ("장후 시간외종가", False, "V")
    assert row["matches_from"] == "2026-11-20T15:40:00+09:00"


def test_the_sessions_of_a_moment_are_those_open_then(cli):
    result = cli(MARKET, "sessions", "NXT", "--at", "2026-11-20T15:35", "--json")
    assert [row["id"] for row in result.json] == ["nxt.after_call", "nxt.close_price"]


def test_today_is_the_day_at_the_market(cli):
    assert cli(MARKET, "sessions", "KRX", "--json").json[0]["open"].startswith("2024-08-09T")
    assert cli(MARKET, "sessions", "US", "--json").json[0]["open"].startswith("2024-08-08T")


AFTER = ["limit", "limit_ioc", "limit_fok", "best", "best_ioc", "best_fok", "priority"]
CONTINUOUS = ["limit", "limit_ioc", "limit_fok", "market", "market_ioc", "market_fok", "conditional"]
BY_QUOTE = ["best", "best_ioc", "best_fok", "priority", "midpoint", "stop_limit"]
REGULAR_US = ["limit", "limit_ioc", "limit_fok", "market", "market_ioc", "market_fok", "stop_limit"]
ORDERS = [
    pytest.param("NXT", "2026-11-20T16:30+09:00", AFTER, id="the after-market of the alternative venue takes no market order"),
    pytest.param("NXT", "2026-11-20T08:30", AFTER, id="its pre-market"),
    pytest.param("NXT", "2026-11-20T08:55", [], id="its pause before the main market"),
    pytest.param("NXT", "2026-11-20T15:25", [], id="its pause during the closing call"),
    pytest.param("KRX", "2026-11-20T08:50", ["limit", "market", "conditional"], id="the opening call"),
    pytest.param("KRX", "2026-11-20T10:00", [*CONTINUOUS, *BY_QUOTE], id="continuous trading"),
    pytest.param("KRX", "2026-11-20T01:00:00Z", [*CONTINUOUS, *BY_QUOTE], id="the same moment as Greenwich says it"),
    pytest.param("KRX", "2026-11-20T15:25", ["limit", "market"], id="the closing call takes no conditional order"),
    pytest.param("KRX", "2026-11-19T15:25", [*CONTINUOUS, *BY_QUOTE], id="half past three on the day of the exam is no call"),
    pytest.param("KRX", "2026-11-20T15:45", ["close_price"], id="after the close at its price"),
    pytest.param("KRX", "2026-11-20 18:00", AFTER, id="the after-market"),
    pytest.param("SOR", "2026-11-20T15:00", [*CONTINUOUS[:6], *BY_QUOTE[:4]], id="the router takes neither conditional nor midpoint"),
    pytest.param("KRX", "2026-11-20T20:00", [], id="eight in the evening"),
    pytest.param("KRX", "2026-12-25T10:00", [], id="a holiday"),
    pytest.param("US", "2026-11-20T15:44:29", [*REGULAR_US, "moc", "loc"], id="before the cut-off of on-close orders"),
    pytest.param("US", "2026-11-20T15:44:30", REGULAR_US, id="at the cut-off of on-close orders"),
    pytest.param("US", "2026-11-27T12:44:30", REGULAR_US, id="half a day has its cut-off earlier"),
    pytest.param("US", "2026-11-20T09:26:59", ["limit", "moo", "loo"], id="before the cut-off of on-open orders"),
    pytest.param("US", "2026-11-20T09:27:00", ["limit"], id="at the cut-off of on-open orders"),
]


@pytest.mark.parametrize(("market", "at", "expected"), ORDERS)
def test_the_orders_that_are_accepted(cli, market, at, expected):
    result = cli(MARKET, "orders", market, "--at", at, "--json")
    assert (result.code, result.json) == (0, expected)


def test_the_orders_of_a_day_by_session(cli):
    result = cli(MARKET, "orders", "NXT", "--on", "2026-11-20", "--json")
    kinds = {row["id"]: row["kinds"] for row in result.json}
    assert list(kinds) == ["nxt.pre", "nxt.main", "nxt.after_call", "nxt.close_price", "nxt.after"]
    assert kinds["nxt.after"] == AFTER
    assert kinds["nxt.after_call"] == ["limit"]
    assert "market" not in kinds["nxt.main"]
    assert {"market_ioc", "market_fok", "midpoint", "stop_limit"} <= set(kinds["nxt.main"])
    assert (result.json[0]["open"], result.json[0]["close"]) == ("2026-11-20T08:00:00+09:00", "2026-11-20T08:50:00+09:00")


TICKS = [
    pytest.param("KRX", "20000", ("50", "19990", "20050"), id="the start of a band"),
    pytest.param("KRX", "1999", ("1", "1998", "2000"), id="the end of a band"),
    pytest.param("KRX", "2000", ("5", "1999", "2005"), id="two thousand"),
    pytest.param("KRX", "50000", ("100", "49950", "50100"), id="fifty thousand"),
    pytest.param("KRX", "200000", ("500", "199900", "200500"), id="two hundred thousand"),
    pytest.param("KRX", "500000", ("1000", "499500", "501000"), id="five hundred thousand"),
    pytest.param("KRX", "20010", ("50", "20000", "20050"), id="between two steps"),
    pytest.param("KRX:005930", "69161", ("100", "69100", "69200"), id="a level of an instrument"),
    pytest.param("KRX", "1", ("1", None, "2"), id="nothing is lower than the lowest price"),
    pytest.param("KRX:069500", "2005", ("5", "2000", "2010"), id="an exchange-traded fund"),
    pytest.param("KRX:069500", "35005", ("5", "35000", "35010"), id="a dear exchange-traded fund"),
    pytest.param("NXT", "15450", ("10", "15440", "15460"), id="the alternative venue"),
    pytest.param("SOR:069500", "2005", ("5", "2000", "2010"), id="a fund through the router"),
    pytest.param("US", "1", ("0.01", "0.9999", "1.01"), id="one dollar"),
    pytest.param("US:IBM", "187.2", ("0.01", "187.19", "187.21"), id="a share in New York"),
    pytest.param("UPBIT:KRW-BTC", "150000000", ("1000", "149999000", "150001000"), id="a coin in won"),
]


@pytest.mark.parametrize(("market", "price", "expected"), TICKS)
def test_the_price_step_and_its_neighbours(cli, market, price, expected):
    result = cli(MARKET, "tick", market, "--price", price, "--on", "2026-11-20", "--json")
    assert (result.code, result.json) == (0, dict(zip(("tick", "down", "up"), expected, strict=True)))


def test_a_kind_may_be_named_where_the_code_does_not_tell_it(cli):
    result = cli(MARKET, "tick", "KRX", "--kind", "etf", "--price", "20000", "--on", "2026-11-20", "--json")
    assert result.json == {"tick": "5", "down": "19995", "up": "20005"}


LIMITS = [
    ("9980", "6990", "12970"),
    ("15450", "10820", "20050"),
    ("1803", "1263", "2340"),
    ("2105", "1475", "2735"),
    ("49950", "35000", "64900"),
    ("71300", "50000", "92600"),
    ("199900", "140000", "259500"),
    ("205000", "143500", "266500"),
]


@pytest.mark.parametrize(("base", "lower", "upper"), LIMITS)
@pytest.mark.parametrize("market", ["KRX", "NXT", "SOR"])
def test_the_limits_of_a_day(cli, market, base, lower, upper):
    result = cli(MARKET, "limits", market, "--base", base, "--on", "2026-11-20", "--json")
    assert (result.code, result.json) == (0, {"lower": lower, "upper": upper})


def test_the_limits_of_other_kinds(cli):
    konex = cli(MARKET, "limits", "KRX", "--kind", "konex", "--base", "10000", "--on", "2026-11-20", "--json")
    assert konex.json == {"lower": "8500", "upper": "11500"}
    leveraged = cli(MARKET, "limits", "KRX:122630", "--base", "10000", "--on", "2026-11-20", "--json")
    assert leveraged.json == {"lower": "4000", "upper": "16000"}


def test_a_market_without_limits_has_none(cli):
    result = cli(MARKET, "limits", "US:IBM", "--base", "187.2", "--on", "2026-11-20", "--json")
    assert (result.code, result.json) == (0, {"lower": None, "upper": None})


KRX_2026 = (
    *("2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18", "2026-03-02", "2026-05-01", "2026-05-05", "2026-05-25", "2026-06-03"),
    *("2026-07-17", "2026-08-17", "2026-09-24", "2026-09-25", "2026-10-05", "2026-10-09", "2026-12-25", "2026-12-31"),
)
US_2026 = (
    *("2026-01-01", "2026-01-19", "2026-02-16", "2026-04-03", "2026-05-25", "2026-06-19", "2026-07-03", "2026-09-07"),
    *("2026-11-26", "2026-12-25"),
)


def specials(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    return [(row["date"], row["kind"], row["open"], row["close"], row["certain"]) for row in rows]


def test_the_calendar_of_korea(cli):
    view = cli(MARKET, "calendar", "KRX", "--year", "2026", "--json").json
    assert view["closed"] == list(KRX_2026)
    assert specials(view["special"]) == [
        ("2026-01-02", "new_year", "2026-01-02T10:00:00+09:00", "2026-01-02T15:30:00+09:00", True),
        ("2026-11-19", "csat", "2026-11-19T10:00:00+09:00", "2026-11-19T16:30:00+09:00", False),
    ]
    assert set(view["special"][0]) == {"date", "kind", "name", "open", "close", "certain"}


def test_the_calendar_of_new_york(cli):
    view = cli(MARKET, "calendar", "US", "--year", "2026", "--json").json
    assert view["closed"] == list(US_2026)
    assert specials(view["special"]) == [
        ("2026-11-27", "half_day", "2026-11-27T09:30:00-05:00", "2026-11-27T13:00:00-05:00", True),
        ("2026-12-24", "half_day", "2026-12-24T09:30:00-05:00", "2026-12-24T13:00:00-05:00", True),
    ]


def test_a_market_that_never_closes_has_no_closed_days(cli):
    assert cli(MARKET, "calendar", "BINANCE", "--year", "2026", "--json").json == {"closed": [], "special": []}


def test_the_alternative_venue_opens_late_too(cli):
    view = cli(MARKET, "calendar", "NXT", "--year", "2026", "--json").json
    assert view["closed"] == list(KRX_2026)
    exam = view["special"][-1]
    assert (exam["open"], exam["close"]) == ("2026-11-19T10:00:00+09:00", "2026-11-19T16:20:00+09:00")


TICK = (MARKET, "tick", "KRX")
KNOWN = "BINANCE, KRX, NXT, SOR, UPBIT, US"
A_TIME = "write 2026-11-20T16:30+09:00, or 2026-11-20T16:30 or 16:30 in the market's own zone"
BAD = [
    pytest.param((MARKET,), "Missing command. See `autotrader market --help`.", id="no question"),
    pytest.param((MARKET, "hours"), "No such command 'hours'. See `autotrader market --help`.", id="no such question"),
    pytest.param((MARKET, "sessions"), "Missing argument 'MARKET'. See `autotrader market sessions --help`.", id="of which market"),
    pytest.param(TICK, "Missing option '--price'. See `autotrader market tick --help`.", id="a step without a price"),
    pytest.param(
        (MARKET, "sessions", "krx"),
        f"there is no market 'krx'; there are: {KNOWN}. Write one of them, or MARKET:CODE such as KRX:005930",
        id="a market that is none",
    ),
    pytest.param(
        (MARKET, "sessions", "KRX:"),
        f"there is no market 'KRX:'; there are: {KNOWN}. Write one of them, or MARKET:CODE such as KRX:005930",
        id="a code that is missing",
    ),
    pytest.param((MARKET, "orders", "KRX", "--at", "noon"), f"'noon' is not a time; {A_TIME}", id="a time in words"),
    pytest.param((MARKET, "orders", "KRX", "--at", "2026-11-20"), f"'2026-11-20' is not a time; {A_TIME}", id="a time that is a day"),
    pytest.param((MARKET, "orders", "KRX", "--at", "25:00"), f"'25:00' is not a time; {A_TIME}", id="a time that no clock shows"),
    pytest.param(
        (MARKET, "orders", "KRX", "--at", "10:00", "--on", "2026-11-20"),
        "--at names a moment and --on a day; leave one of them out",
        id="a moment and a day",
    ),
    pytest.param(
        (MARKET, "sessions", "KRX", "--on", "2026-02-30"),
        "'2026-02-30' is not a day; write it like 2026-11-20",
        id="a day of no month",
    ),
    pytest.param((MARKET, "sessions", "KRX", "--on", "20261120"), "'20261120' is not a day; write it like 2026-11-20", id="no dashes"),
    pytest.param(
        (MARKET, "sessions", "KRX", "--on", "1492-10-12"),
        "1492-10-12 is out of reach; name a day from 1970-01-01 to 2199-12-31",
        id="a day long ago",
    ),
    pytest.param(
        (MARKET, "calendar", "KRX", "--year", "2031"),
        "the days of KRX are known from 2024 to 2027, not in 2031; name a year in between, or add the days to a file of your own "
        "(`market_facts`)",
        id="a year that nobody knows",
    ),
    pytest.param((*TICK, "--price", "-5"), "'-5' is not above zero; write a number above zero without a sign", id="a price under zero"),
    pytest.param((*TICK, "--price", "0"), "'0' is not above zero; write a number above zero without a sign", id="a price of nothing"),
    pytest.param((*TICK, "--price", "20,000"), "'20,000' is not a plain number; write 20000", id="separators in a price"),
    pytest.param(
        (*TICK, "--price", "5", "--kind", "bond"),
        "KRX has no kind of instrument 'bond'; there are: stock, kosdaq, konex, etf, etn, elw",
        id="a kind that the market has not",
    ),
    pytest.param(
        (MARKET, "tick", "UPBIT", "--price", "5"),
        "UPBIT trades against several currencies; name an instrument, MARKET:CODE with a code like KRW-*, BTC-*, USDT-*",
        id="a coin without its pair",
    ),
    pytest.param(
        (MARKET, "tick", "BINANCE:SOLUSDT", "--price", "5", "--on", "2026-11-20"),
        "the price steps of BINANCE:SOLUSDT are not known on 2026-11-20; add a row to `[[BINANCE.ladders]]` in a file of your own facts",
        id="a step that nobody knows",
    ),
    pytest.param(
        (MARKET, "tick", "UPBIT:BTC", "--price", "5"),
        "the currency of UPBIT:BTC is not known: its code should match one of KRW-*, BTC-*, USDT-*",
        id="a code without a currency",
    ),
    pytest.param(
        (MARKET, "limits", "KRX", "--base", "x"),
        "'x' is not a number; write digits with at most one point, such as 70000 or 0.01",
        id="a base price in letters",
    ),
    pytest.param(
        (MARKET, "cost", "KRX", "--price", "10000", "--quantity", "0"),
        "'0' is not above zero; write a number above zero without a sign",
        id="nothing bought",
    ),
    pytest.param(
        (MARKET, "cost", "KRX", "--price", "10000", "--commission", "-1"),
        "'-1%' is out of range; write a percentage from 0% to under 100%",
        id="a commission under zero",
    ),
    pytest.param(
        (MARKET, "tick", "KRX", "--price", "5", "--facts", "nowhere.toml"),
        "nowhere.toml: the file of market facts cannot be read (No such file or directory); check `market_facts`",
        id="facts that are not there",
    ),
]


@pytest.mark.parametrize(("words", "said"), BAD)
def test_a_wrong_question_is_refused_with_the_way_out(cli, words, said):
    result = cli(*words)
    assert (result.code, result.out, result.err) == (2, "", f"{said}\n")


def test_a_script_gets_the_refusal_as_json(cli):
    result = cli(MARKET, "sessions", "KRX", "--on", "soon", "--json")
    assert (result.code, result.json["ok"], result.json["code"], result.err) == (2, False, "cli.not_a_day", "")


COST = (MARKET, "cost", "KRX", "--price", "10000", "--on", "2026-11-20")


def test_the_cost_of_a_round_trip(cli):
    view = cli(*COST, "--json").json
    rates = {"commission": "0.015", "tax": "0.2", "buy_fee": "1.5", "sell_fee": "21.5"}
    assert {name: view[name] for name in rates} == rates
    assert (view["break_even"][:8], view["first_profitable_tick"], view["settlement"]) == ("10023.04", "10030", "2026-11-24")


def test_the_cost_of_many_at_my_own_rate(cli):
    view = cli(*COST, "--quantity", "10", "--commission", "0.003%", "--json").json
    assert (view["commission"], view["buy_fee"], view["sell_fee"]) == ("0.003", "3", "203")


@pytest.mark.parametrize(("kind", "tax"), [("etf", "0"), ("konex", "0.1"), ("kosdaq", "0.2"), ("stock", "0.2")])
def test_the_tax_is_that_of_the_kind(cli, kind, tax):
    assert cli(*COST, "--kind", kind, "--json").json["tax"] == tax


def test_a_trade_settles_over_holidays(cli):
    assert cli(MARKET, "cost", "KRX", "--price", "1000", "--on", "2026-12-30", "--json").json["settlement"] == "2027-01-05"
    assert cli(MARKET, "cost", "US:IBM", "--price", "100", "--on", "2026-11-25", "--json").json["settlement"] == "2026-11-27"


TEXT = [
    pytest.param(
        ("sessions", "NXT", "--on", "2026-11-19"),
        """\
NXT on 2026-11-19 Thu (Asia/Seoul): 대학수학능력시험, hours of `csat` (not confirmed by the exchange)
SESSION          FROM   TO     MATCHING     REGULAR  GRADE  NAME
nxt.main         10:00  16:20  continuous   yes      M      메인마켓
nxt.after_call   16:30  16:40  call                  M      애프터마켓 단일가
nxt.close_price  16:30  17:00  fixed price           U      종가매매
nxt.after        16:40  20:00  continuous            M      애프터마켓
grade U is unverified: ask your broker before you rely on it
""",
        id="sessions",
    ),
    pytest.param(
        ("sessions", "KRX", "--on", "2026-12-25"),
        """\
KRX on 2026-12-25 Fri (Asia/Seoul): closed, 성탄절
no session is open
next: krx.pre_close_price at 2026-12-28 08:30 KST
""",
        id="a closed day",
    ),
    pytest.param(
        ("sessions", "KRX", "--on", "2031-01-04"),
        """\
KRX on 2031-01-04 Sat (Asia/Seoul): closed, no trading day
closed days of KRX are known from 2024-01-01 to 2027-12-31; before and after, every weekday counts as open
no session is open
next: krx.pre_close_price at 2031-01-06 08:30 KST
""",
        id="a day beyond the calendar",
    ),
    pytest.param(
        ("orders", "KRX", "--at", "2026-11-20T15:25"),
        """\
KRX at 2026-11-20 15:25 KST
  krx.close_call (call), 15:20 to 15:30
takes: limit, market
""",
        id="orders",
    ),
    pytest.param(
        ("orders", "NXT", "--at", "2026-11-20T15:25"),
        """\
NXT at 2026-11-20 15:25 KST
no order is taken
next: nxt.after_call at 2026-11-20 15:30 KST
""",
        id="orders when it is closed",
    ),
    pytest.param(
        ("orders", "US", "--on", "2026-11-27"),
        """\
US on 2026-11-27 Fri (America/New_York): Day after Thanksgiving, hours of `half_day`
SESSION     FROM   TO     TAKES
us.pre      04:00  09:30  limit, moo, loo
us.regular  09:30  13:00  limit, limit_ioc, limit_fok, market, market_ioc, market_fok, stop_limit, moo, loo, moc, loc
us.post     13:00  17:00  limit
""",
        id="orders by session",
    ),
    pytest.param(
        ("tick", "KRX:005930", "--price", "50000"),
        "KRX:005930 (stock) at 50,000: step 100, next lower 49,950, next higher 50,100\n",
        id="a step",
    ),
    pytest.param(("tick", "KRX", "--price", "1"), "KRX (stock) at 1: step 1, next lower -, next higher 2\n", id="the lowest price"),
    pytest.param(
        ("limits", "KRX", "--base", "71300", "--on", "2026-11-20"),
        "KRX (stock) on 2026-11-20 Fri, base 71,300: from 50,000 to 92,600\n",
        id="limits",
    ),
    pytest.param(
        ("limits", "US:IBM", "--base", "187.2", "--on", "2026-11-20"),
        "US:IBM (stock) has no daily price limits on 2026-11-20 Fri\n",
        id="no limits",
    ),
    pytest.param(("calendar", "UPBIT", "--year", "2026"), "UPBIT trades on all days\n", id="a market without a calendar"),
    pytest.param(
        ("cost", "KRX", "--price", "10000", "--on", "2026-11-20"),
        """\
KRX (stock): 1 bought and sold at 10,000 KRW
commission 0.015% of each trade, tax 0.2% of the sell (since 2026-01-01, grade M)
the buy costs 1.5 KRW, the sell 21.5 KRW
break-even at 10,023.05, first profitable price 10,030
a trade of 2026-11-20 settles on 2026-11-24
""",
        id="a cost",
    ),
    pytest.param(
        ("cost", "US:IBM", "--price", "100", "--on", "2026-11-20"),
        """\
US:IBM (stock): 1 bought and sold at 100 USD
commission 0% of each trade, tax 0.00206% of the sell (since 2026-04-04, grade U)
and 0.000195 USD a share of the sell
the buy costs 0 USD, the sell 0.002255 USD
break-even at 100.0023, first profitable price 100.01
a trade of 2026-11-20 settles on 2026-11-23
""",
        id="a cost in New York",
    ),
    pytest.param(
        ("tick", "KRX", "--price", "20000", "--lang", "ko"), "KRX (stock) 20,000: 호가단위 50, 아래 19,990, 위 20,050\n", id="in Korean"
    ),
]


@pytest.mark.parametrize(("words", "said"), TEXT)
def test_what_a_person_reads(cli, words, said):
    result = cli(MARKET, *words)
    assert (result.code, result.out, result.err) == (0, said, "")


def test_a_person_reads_the_days_of_a_year(cli):
    lines = cli(MARKET, "calendar", "KRX", "--year", "2027").out.splitlines()
    assert lines[0] == "KRX 2027: closed weekdays 15, days with hours of their own 2"
    assert "2027-07-19 Mon  제헌절 대체   no" in lines
    assert lines[-3:] == [
        "SPECIAL         OPENS  CLOSES  KIND      NAME              CONFIRMED",
        "2027-01-04 Mon  10:00  15:30   new_year  개장식            yes",
        "2027-11-18 Thu  10:00  16:30   csat      대학수학능력시험  no",
    ]


MINE = """\
[[KRX.closed]]
day = 2026-12-24

[[KRX.ladders]]
codes = "005930"
bands = [["0", "7"]]
source = "mine"
grade = "U"
"""


@pytest.fixture
def mine(home: Path) -> Path:
    (home / "mine.toml").write_text(MINE)
    return home / "mine.toml"


def test_facts_of_my_own_go_before_those_of_the_program(cli, mine):
    own = ("--facts", str(mine), "--json")
    assert cli(MARKET, "sessions", "KRX", "--on", "2026-12-24", *own).json == []
    assert "2026-12-24" in cli(MARKET, "calendar", "KRX", "--year", "2026", *own).json["closed"]
    assert cli(MARKET, "tick", "KRX:005930", "--price", "20000", *own).json["tick"] == "7"
    assert cli(MARKET, "tick", "KRX:000660", "--price", "20000", *own).json["tick"] == "50"


def test_the_configuration_names_facts_of_my_own(cli, home, mine):
    config = home / "config.yaml"
    assert cli(MARKET, "tick", "KRX:005930", "--price", "20000", "--json").json["tick"] == "50"
    config.write_text(f"market_facts: {mine.name}\n{config.read_text()}")
    assert cli(MARKET, "tick", "KRX:005930", "--price", "20000", "--json").json["tick"] == "7"
    (home / "other.yaml").write_text(config.read_text().replace("mine.toml", "none.toml"))
    refused = cli(MARKET, "tick", "KRX:005930", "--price", "20000", "-c", str(home / "other.yaml"))
    assert (refused.code, refused.out) == (2, "")
    assert "none.toml" in refused.err


def test_a_question_needs_no_configuration(cli, home):
    (home / "config.yaml").unlink()
    assert cli(MARKET, "tick", "KRX", "--price", "20000", "--json").json["tick"] == "50"


HEAVY = {"pydantic", "asyncio", "yaml", "rich", "ruamel", "websockets", "aiohttp", "autotrader.engine.engine"}


def test_a_question_loads_nothing_heavy(tmp_path):
    script = (
        f"import sys\nfrom autotrader.cli.main import main\nmain(['market', 'orders', 'KRX'])\nprint(*sorted({HEAVY!r} & set(sys.modules)))"
    )
    environ = {"HOME": str(tmp_path), "AUTOTRADER_STATE": str(tmp_path), "AUTOTRADER_CONFIG": str(tmp_path / "none.yaml")}
    run = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, timeout=30)
    assert (run.returncode, run.stderr, run.stdout.splitlines()[-1]) == (0, "", "")
