"""Where, when and how a rule orders: what the keys mean, what an exit is warned of, and on which day they are judged."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from autotrader.config.fields import rule_to_fields
from autotrader.config.markets import load_markets
from autotrader.config.order_words import KINDS, WORDS
from autotrader.config.rules import RuleContext, read_rule
from autotrader.domain.rule import AfterClose, OnHalt, OnInadmissible, OrderSpec, OrderType, Rule, TimeInForce
from autotrader.markets.calendar import ordinary_day
from autotrader.markets.orders import kind_of, type_and_tif

TODAY = date(2026, 11, 20)
STOP = {"instrument": "KRX:005930", "side": "sell", "quantity": "1", "stop": "68000"}
DIP = {"instrument": "KRX:005930", "side": "buy", "quantity": "1", "below": "68000"}
APPLE = STOP | {"instrument": "US:AAPL"}
NXT = {"watch": "NXT", "venue": "NXT"}


def read(fields: dict[str, Any], today: date | None = TODAY) -> Rule:
    """Return the rule, which must be valid."""
    reading = read_rule("r", fields, RuleContext(("main",), None, today))
    assert [mistake.sentence() for mistake in reading.mistakes] == []
    assert reading.rule is not None
    return reading.rule


def codes(fields: dict[str, Any], today: date | None = TODAY) -> list[str]:
    """Return the codes of all mistakes."""
    return [mistake.code for mistake in read_rule("r", fields, RuleContext(("main",), None, today)).mistakes]


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ("market", OrderSpec()),
        ("market_fok", OrderSpec(OrderType.MARKET, tif=TimeInForce.FOK)),
        ("best", OrderSpec(OrderType.BEST)),
        ("best_ioc", OrderSpec(OrderType.BEST, tif=TimeInForce.IOC)),
        ("priority", OrderSpec(OrderType.PRIORITY)),
        ("midpoint", OrderSpec(OrderType.MIDPOINT)),
        ({"limit": "67000"}, OrderSpec(OrderType.LIMIT, Decimal(67000))),
        ({"limit": "67000", "tif": "day"}, OrderSpec(OrderType.LIMIT, Decimal(67000))),
        ({"limit": "67000", "tif": "ioc"}, OrderSpec(OrderType.LIMIT, Decimal(67000), TimeInForce.IOC)),
        ({"tif": "fok", "limit": "67000"}, OrderSpec(OrderType.LIMIT, Decimal(67000), TimeInForce.FOK)),
        ({"conditional": "67000"}, OrderSpec(OrderType.CONDITIONAL, Decimal(67000))),
    ],
)
def test_an_order_means(written: Any, order: OrderSpec) -> None:
    assert read(STOP | {"order": written}).order == order


def test_orders_of_the_auctions_are_for_where_they_are_taken() -> None:
    for kind in ("moo", "moc"):
        assert read(APPLE | {"order": kind}).order == OrderSpec(OrderType(kind))
    # Over the stop, because the price of an auction is another one.
    for kind in ("loo", "loc"):
        assert read(APPLE | {"order": {kind: "68001"}}).order == OrderSpec(OrderType(kind), Decimal(68001))


def test_every_kind_of_order_is_one_word_for_a_type_and_a_time_in_force() -> None:
    assert [kind_of(*type_and_tif(kind)) for kind in KINDS] == list(KINDS)
    assert set(WORDS) < set(KINDS)
    assert {type_and_tif(kind)[0] for kind in KINDS} == set(OrderType) - {OrderType.STOP_LIMIT}


@pytest.mark.parametrize(
    ("keys", "places"),
    [
        ({}, ((), "", "")),
        ({"sessions": "regular"}, ((), "", "")),
        ({"sessions": ["regular"], "watch": "KRX", "venue": "KRX"}, ((), "", "")),
        ({"sessions": ["krx.after", "regular", "krx.after"]}, (("krx.after", "regular"), "", "")),
        ({"sessions": "nxt.pre", "watch": "NXT"}, (("nxt.pre",), "NXT", "")),
        ({"sessions": ["nxt.pre", "krx.after"], "watch": "ALL"}, (("nxt.pre", "krx.after"), "ALL", "")),
        ({"sessions": "sor.after", "venue": "SOR"}, (("sor.after",), "", "SOR")),
    ],
)
def test_venues_and_sessions_mean_and_the_usual_is_left_out(keys: dict[str, Any], places: tuple[tuple[str, ...], str, str]) -> None:
    rule = read(STOP | {"order": "best"} | keys)
    assert (rule.sessions, rule.watch, rule.venue) == places
    assert read(rule_to_fields(rule)) == rule


def test_what_is_done_at_the_close_in_a_halt_and_where_an_order_is_not_taken() -> None:
    rule = read(STOP | {"after_close": "carry", "on_halt": "fail", "on_inadmissible": "wait", "window": "09:05-15:15"})
    assert (rule.after_close, rule.on_halt, rule.on_inadmissible) == (AfterClose.CARRY, OnHalt.FAIL, OnInadmissible.WAIT)
    assert rule.window == "09:05-15:15"
    usual = read(STOP)
    assert (usual.after_close, usual.on_halt, usual.on_inadmissible) == (AfterClose.RECHECK, OnHalt.QUEUE, None)
    assert usual.window == ""


@pytest.mark.parametrize(
    ("fields", "sessions", "kind", "instead"),
    [
        (STOP | {"sessions": "krx.after"}, "krx.after", "market", "best in krx.after"),
        (STOP | NXT, "nxt.main", "market", "market_ioc in nxt.main"),
        (
            STOP | NXT | {"sessions": ["nxt.pre", "nxt.after"], "order": {"conditional": "67000"}},
            "nxt.pre, nxt.after_call, nxt.after",
            "conditional",
            "limit in nxt.pre and nxt.after_call and nxt.after",
        ),
        (STOP | {"order": "moc"}, "krx.open_call, krx.continuous, krx.close_call", "moc", "market in krx.close_call"),
        (APPLE | {"sessions": "us.pre"}, "us.pre", "market", "limit in us.pre"),
        (DIP | {"sessions": "krx.after", "on_inadmissible": "substitute"}, "krx.after", "market", "best in krx.after"),
    ],
)
def test_an_order_that_goes_in_another_form_is_a_warning(fields: dict[str, Any], sessions: str, kind: str, instead: str) -> None:
    reading = read_rule("r", fields, RuleContext(("main",), None, TODAY))
    assert reading.mistakes == ()
    assert [warning.sentence() for warning in reading.warnings] == [
        f"--order: no session in which this rule orders ({sessions}) takes {kind}, so another order goes: {instead}; "
        "write one that is taken, or `on_inadmissible: wait` or `fail`"
    ]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(STOP, id="an exit at market"),
        pytest.param(DIP | {"sessions": ["regular", "krx.after"]}, id="one session of several takes it"),
        pytest.param(STOP | NXT | {"order": "market_ioc"}, id="at market, immediately, where only that is taken"),
        pytest.param(STOP | {"order": "close_price", "sessions": "krx.post_close_price"}, id="the closing price where it is traded"),
        pytest.param(STOP | {"instrument": "UPBIT:KRW-BTC", "order": "best_ioc"}, id="a market that never closes"),
        pytest.param(STOP | {"instrument": "UPBIT:KRW-BTC", "window": "22:00-24:00"}, id="hours of a market that never closes"),
    ],
)
def test_an_order_that_is_taken_as_written_needs_no_warning(fields: dict[str, Any]) -> None:
    reading = read_rule("r", fields, RuleContext(("main",), None, TODAY))
    assert (reading.mistakes, reading.warnings) == ((), ())


def test_a_session_that_has_ended_is_still_one_on_its_last_day_and_where_no_day_is_judged() -> None:
    fields = STOP | {"sessions": ["regular", "krx.off_hours_single"]}
    assert codes(fields) == ["config.session_ended"]
    assert codes(fields, date(2026, 9, 12)) == ["config.session_ended"]
    assert codes(fields, date(2026, 9, 11)) == []
    assert codes(fields, None) == []


@pytest.mark.parametrize("window", ["09:30-10:00", "16:00-17:00"])
def test_a_window_is_judged_by_an_ordinary_day(window: str) -> None:
    """On the day of the exam the market is open from 10:00 to 16:30: what is written is meant for the days around it."""
    wanted = [] if window < "12" else ["config.window_outside"]
    assert [codes(STOP | {"window": window}, day) for day in (date(2026, 11, 19), TODAY, None)] == [wanted] * 3


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (TODAY, TODAY),
        (date(2026, 11, 21), date(2026, 11, 23)),
        (date(2026, 11, 19), date(2026, 11, 20)),
        (date(2026, 1, 1), date(2026, 1, 5)),
        (date(2026, 2, 16), date(2026, 2, 19)),
    ],
    ids=["a Friday", "a Saturday", "the day of the exam", "new year, then the late opening, then a weekend", "the lunar new year"],
)
def test_the_next_ordinary_day_is(today: date, day: date) -> None:
    assert ordinary_day(load_markets()["KRX"], today) == day


def test_without_an_instrument_only_the_form_is_judged() -> None:
    fields = STOP | {"instrument": "KOSPI:1", "sessions": [], "venue": "MOON", "window": "never", "order": "bset"}
    assert codes(fields) == ["market.unknown", "config.order_unknown", "config.no_sessions"]
