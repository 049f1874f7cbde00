"""Sessions, venues, order types by the hour, halts and price limits, as the engine uses them (semantics 2.6, 2.7; market-rules 8)."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fakes import SECOND
from rig import DEMO, FRIDAY, MAIN, MONDAY, SAMSUNG, Day, Rig, fill, ns, ordered, price, rule, statement

from autotrader.domain.order import Holding, OrderStatus, OutcomeKind
from autotrader.domain.rule import (
    Above,
    AfterClose,
    AlreadyMet,
    Amount,
    OnHalt,
    OnInadmissible,
    OrderSpec,
    OrderType,
    Rule,
    RuleId,
    Stop,
    Target,
    TimeInForce,
    Trail,
)
from autotrader.domain.settings import Guards
from autotrader.domain.tick import Flag, InstrumentId, Quote
from autotrader.engine import admission
from autotrader.engine.events import Cancel, Edit, Outcome, Reference, Trading
from autotrader.engine.records import Note, TradingState

NEW_YORK = ZoneInfo("America/New_York")
APPLE = InstrumentId("US:AAPL")
CSAT = "2026-11-19"
LIMIT_IOC = OrderSpec(OrderType.LIMIT, Decimal(67_000), TimeInForce.IOC)


def stop(rule_id: str = "a", level: object = 68_000, **changes: Any) -> Rule:
    return rule(rule_id, Stop(price(level)), **changes)


COUNTED = [
    # time, venue, flags, rule's changes -> reason it is dropped for, or "" when it fires
    ("09:00:05", "", 0, {}, ""),
    ("09:00:05", "KRX", int(Flag.AUCTION), {}, ""),
    ("15:19:50", "KRX", 0, {}, ""),
    ("08:35:00", "KRX", 0, {}, "session"),
    ("08:59:00", "KRX", int(Flag.EXPECTED), {}, "flag"),
    ("08:30:00", "NXT", 0, {}, "venue"),
    ("10:00:00", "NXT", 0, {}, "venue"),
    ("10:00:00", "KRX", int(Flag.BLOCK), {}, "flag"),
    ("15:45:00", "KRX", int(Flag.OFF_HOURS), {}, "flag"),
    ("16:30:00", "KRX", 0, {}, "session"),
    ("16:30:00", "KRX", 0, {"sessions": ("krx.after",)}, ""),
    ("10:00:00", "KRX", 0, {"sessions": ("krx.after",)}, "session"),
    ("08:30:00", "NXT", 0, {"watch": "NXT", "venue": "NXT"}, "session"),
    ("08:30:00", "NXT", 0, {"watch": "NXT", "venue": "NXT", "sessions": ("nxt.pre",)}, ""),
    ("10:00:00", "NXT", 0, {"watch": "NXT"}, ""),
    ("10:00:00", "KRX", 0, {"watch": "NXT"}, "venue"),
    ("10:00:00", "NXT", 0, {"watch": "ALL"}, ""),
    ("10:00:00", "KRX", 0, {"watch": "ALL"}, ""),
    ("16:30:00", "NXT", 0, {"watch": "ALL", "venue": "NXT"}, "session"),
    ("16:30:00", "NXT", 0, {"watch": "NXT", "venue": "NXT", "sessions": ("nxt.main", "nxt.after")}, ""),
    ("20:00:00", "NXT", 0, {"watch": "NXT", "venue": "NXT", "sessions": ("nxt.main", "nxt.after")}, "session"),
]


@pytest.mark.parametrize(("at", "venue", "flags", "changes", "reason"), COUNTED)
def test_which_prints_count(at: str, venue: str, flags: int, changes: dict[str, Any], reason: str) -> None:
    rig = Day("08:00:00")
    rig.add(stop(**changes))
    rig.at(at, 70_000, venue=venue, flags=flags)
    fired = rig.at(at, 68_000, venue=venue, flags=flags, time=rig.now + SECOND)
    assert ([] if reason else [("a", "68000")]) == fired
    assert set(rig.drops()) == ({reason} if reason else set())


def test_a_holiday_has_no_session_at_all() -> None:
    rig = Day("10:00:00", "2026-06-03")  # local elections
    rig.add(stop())
    assert rig.at("10:00:01", 60_000) == []
    assert rig.drops() == ["session"]


def test_on_csat_day_the_hours_are_shifted() -> None:
    rig = Day("09:30:00", CSAT)
    rig.add(stop())
    assert rig.at("09:59:00", 70_000) == []
    assert rig.drops() == ["session"]
    assert rig.at("10:00:10", 70_000) == []
    assert rig.at("16:19:59", 68_000) == [("a", "68000")]


# -- what is sent when ----------------------------------------------------------------------------------------------------

SENT = [
    # time, venue of the print, the rule -> what leaves
    ("10:00:00", "KRX", {}, ("market", "day", None)),
    ("16:30:00", "KRX", {"sessions": ("krx.after",)}, ("best", "day", None)),
    ("08:30:00", "NXT", {"watch": "NXT", "venue": "NXT", "sessions": ("nxt.pre",)}, ("best", "day", None)),
    ("10:00:00", "NXT", {"watch": "NXT", "venue": "NXT"}, ("market", "ioc", None)),
    ("18:00:00", "NXT", {"watch": "NXT", "venue": "NXT", "sessions": ("nxt.after",)}, ("best", "day", None)),
    ("10:00:00", "KRX", {"venue": "SOR"}, ("market", "day", None)),
    ("10:00:00", "KRX", {"venue": "NXT"}, ("market", "ioc", None)),
    (
        "16:30:00",
        "KRX",
        {"sessions": ("krx.after",), "order": OrderSpec(OrderType.CONDITIONAL, Decimal(67_990))},
        ("limit", "day", "67900"),
    ),
    ("10:00:00", "KRX", {"order": OrderSpec(OrderType.CONDITIONAL, Decimal(67_900))}, ("conditional", "day", "67900")),
    ("10:00:00", "KRX", {"order": OrderSpec(OrderType.PRIORITY)}, ("priority", "day", None)),
    ("10:00:00", "KRX", {"order": LIMIT_IOC}, ("limit", "ioc", "67000")),
]


@pytest.mark.parametrize(("at", "venue", "changes", "sent"), SENT)
def test_what_is_sent_in_each_session(at: str, venue: str, changes: dict[str, Any], sent: tuple[str, str, str | None]) -> None:
    rig = Day("07:59:00")
    rig.add(stop(**changes))
    rig.at(at, 70_000, venue=venue)
    rig.at(at, 68_000, venue=venue, time=rig.now + SECOND)
    assert rig.sent == [sent]
    assert rig.places[0].venue == changes.get("venue", "")
    substituted = sent[:2] != (changes.get("order", OrderSpec()).type.value, changes.get("order", OrderSpec()).tif.value)
    assert bool(rig.notes("order.substituted")) == substituted


def test_an_entry_fails_where_its_order_is_not_taken_and_says_so() -> None:
    rig = Day("16:00:00")
    rig.add(rule("a", Above(price(71_000)), sessions=("krx.after",)))
    rig.at("16:30:00", 70_000)
    assert rig.at("16:31:00", 71_000) == [("a", "71000")]
    assert rig.state("a") == "failed"
    assert rig.reason("a") == "failed.not_taken"
    assert rig.sent == []
    assert "failed.not_taken" in rig.alert_codes()


def test_an_order_that_waits_fires_when_a_session_takes_it_and_the_condition_is_met_then() -> None:
    rig = Day("08:00:00")
    rig.add(stop(watch="ALL", venue="KRX", sessions=("krx.continuous", "krx.after"), on_inadmissible=OnInadmissible.WAIT))
    rig.at("16:10:00", 70_000)
    assert rig.at("16:30:00", 68_000) == []
    assert rig.reason("a") == "blocked.not_taken"
    rig.clock("09:00:20", MONDAY)
    assert rig.at("09:00:25", 67_500) == [("a", "67500")]
    assert rig.sent == [("market", "day", None)]


def test_a_condition_met_by_the_closing_print_is_judged_afresh_at_the_next_open() -> None:
    rig = Day()
    rig.add(stop("falls"), stop("recovers", 68_100))
    rig.at("15:19:00", 70_000)
    assert rig.at("15:30:10", 68_000, flags=int(Flag.AUCTION)) == []
    assert (rig.reason("falls"), rig.reason("recovers")) == ("blocked.closed", "blocked.closed")
    assert rig.notes("blocked.closed")[0]["opens"] == "2026-11-23 08:30"
    assert rig.alert_codes().count("blocked.closed") == 2
    rig.clock("09:00:00", MONDAY)
    assert rig.at("09:00:12", 68_050) == [("recovers", "68050")]
    assert rig.at("09:00:13", 67_000) == [("falls", "67000")]


def test_a_carried_order_goes_in_the_next_enabled_session_in_the_form_that_it_takes() -> None:
    rig = Day()
    rig.add(stop(sessions=("krx.continuous", "krx.after"), after_close=AfterClose.CARRY))
    rig.at("15:19:00", 70_000)
    assert rig.at("15:30:10", 68_000, flags=int(Flag.AUCTION)) == [("a", "68000")]
    assert rig.sent == []
    rig.clock("15:59:59")
    rig.later(0)
    assert rig.sent == []
    rig.later(1)
    assert rig.sent == [("best", "day", None)]
    assert rig.notes("order.substituted") == [{"kind": "market", "session": "krx.after", "instead": "best"}]


def test_a_carried_order_survives_the_weekend_its_deadline_stands_still() -> None:
    rig = Day()
    rig.add(stop(after_close=AfterClose.CARRY))
    rig.at("15:19:00", 70_000)
    rig.at("15:30:10", 68_000, flags=int(Flag.AUCTION))
    rig.clock("08:29:59", MONDAY)
    rig.later(0)
    assert rig.state("a") == "fired"
    assert rig.sent == []
    rig.later(1)  # the opening call takes market orders
    assert rig.sent == [("market", "day", None)]
    assert rig.intent("a").deadline == ns(MONDAY, "08:31:00")


def test_the_stop_of_a_gap_fires_on_the_opening_print_beyond_the_collar() -> None:
    rig = Day("08:00:00", guards=Guards(collar=Decimal(10), stale=None))
    rig.add(stop())
    rig.clock("15:00:00", FRIDAY)
    rig.at("15:00:00", 70_000)
    assert rig.at("15:00:01", 60_000) == []
    assert rig.drops() == ["collar"]
    rig.clock("09:00:00", MONDAY)
    rig.tell(Reference(SAMSUNG, Decimal(70_000)))
    assert rig.at("09:00:09", 60_000, flags=int(Flag.AUCTION)) == [("a", "60000")]


def test_prints_outside_the_days_limits_are_no_prices() -> None:
    rig = Day()
    rig.tell(Reference(SAMSUNG, Decimal(70_000)))
    rig.add(stop(level=50_000), rule("up", Target(price(90_000))))
    rig.tell(Reference(SAMSUNG, Decimal(71_300)))
    rig.at("09:10:00", 70_000)
    assert rig.at("09:10:01", 49_999) == []
    assert rig.at("09:10:02", 92_601) == []
    assert rig.drops() == ["limits", "limits"]
    assert rig.at("09:10:03", 50_000) == [("a", "50000")]
    assert rig.at("09:10:04", 92_600) == [("up", "92600")]


def test_yesterdays_limits_do_not_hold_today() -> None:
    rig = Day()
    rig.add(stop(level=49_000))
    rig.tell(Reference(SAMSUNG, Decimal(71_300)))
    rig.at("09:10:00", 70_000)
    rig.clock("09:00:00", MONDAY)
    assert rig.at("09:00:05", 48_000) == [("a", "48000")]


def test_a_limit_that_we_send_is_on_the_tick_and_inside_the_days_limits() -> None:
    rig = Day()
    rig.add(stop(order=OrderSpec(OrderType.LIMIT, Decimal(45_678))))
    rig.tell(Reference(SAMSUNG, Decimal(71_300)))
    rig.at("09:10:00", 70_000)
    rig.at("09:10:01", 68_000)
    assert rig.sent == [("limit", "day", "50000")]


def test_a_substituted_limit_is_priced_from_the_quote_when_there_is_one() -> None:
    """A midpoint order becomes a limit in the after-market, at the middle of the best quotes."""
    rig = Day()
    rig.add(stop(sessions=("krx.after",), order=OrderSpec(OrderType.MIDPOINT)))
    rig.at("16:10:00", 70_000)
    rig.tell(Quote(SAMSUNG, Decimal(67_800), Decimal(5), Decimal(68_200), Decimal(5), rig.now, "KRX"))
    rig.at("16:11:00", 68_000)
    assert rig.sent == [("limit", "day", "68000")]


def test_on_krx_an_on_close_order_waits_for_the_closing_call_and_goes_as_market_or_limit() -> None:
    rig = Day()
    rig.add(stop("moc", order=OrderSpec(OrderType.MOC)), stop("loc", order=OrderSpec(OrderType.LOC, Decimal(67_900))))
    rig.at("10:00:00", 70_000)
    assert rig.at("10:00:01", 68_000) == [("loc", "68000"), ("moc", "68000")]
    rig.clock("15:19:59")
    rig.later(0)
    assert rig.sent == []
    rig.later(1)
    rig.accept()
    assert sorted(rig.sent, key=str) == [("limit", "day", "67900"), ("market", "day", None)]
    assert [note["session"] for note in rig.notes("order.waits_for_auction")] == ["krx.continuous"] * 2


def test_a_us_on_close_order_after_the_cut_off_waits_for_the_next_day() -> None:
    rig = Day("09:00:00")
    rig.recover(says=statement(others=(Holding(APPLE, Decimal(10), Decimal(10), Decimal(2_000)),)))
    rig.add(rule("a", Stop(price(190)), instrument=APPLE, order=OrderSpec(OrderType.MOC)))
    rig.now = ns("2026-11-20", "15:45:00", NEW_YORK)
    rig.tick(200, APPLE)
    rig.tick(189, APPLE)
    assert (rig.state("a"), rig.sent) == ("fired", [])
    rig.now = ns("2026-11-23", "09:29:59", NEW_YORK)
    rig.later(0)
    assert rig.sent == []
    rig.later(1)
    assert rig.sent == [("moc", "day", None)]


def test_outside_us_regular_hours_a_market_order_goes_as_a_limit_half_a_percent_through_the_bid() -> None:
    rig = Day("09:00:00")
    rig.recover(says=statement(others=(Holding(APPLE, Decimal(10), Decimal(10), Decimal(2_000)),)))
    rig.add(rule("a", Stop(price(190)), instrument=APPLE, sessions=("us.pre", "us.regular")))
    rig.now = ns("2026-11-20", "08:00:00", NEW_YORK)
    rig.tick(200, APPLE)
    rig.tell(Quote(APPLE, Decimal("189.00"), Decimal(100), Decimal("189.10"), Decimal(100), rig.now))
    rig.tick("189.05", APPLE)
    assert rig.sent == [("limit", "day", "188.05")]


# -- halts ----------------------------------------------------------------------------------------------------------------


def queued(**changes: Any) -> Day:
    """A stop that fired while an order of the same account was on its way, so that it stands in the lane as trading stops."""
    rig = Day()
    rig.add(stop("0", 69_000, quantity=Decimal(1)), stop(**changes))
    rig.at("10:00:00", 70_000)
    rig.at("10:00:01", 68_000)
    assert [request.intent for request in rig.places] == ["0/stop/1/1"]
    return rig


def test_an_order_that_has_not_left_waits_for_the_end_of_a_halt_and_goes_when_it_is_still_wanted() -> None:
    rig = queued()
    rig.trading(TradingState.HALT)
    rig.accept()
    rig.later(300)
    assert len(rig.places) == 1
    assert rig.state("a") == "fired"
    rig.trading(TradingState.OPEN)
    assert len(rig.places) == 1
    rig.at("10:06:00", 67_000)
    assert [request.intent for request in rig.places] == ["0/stop/1/1", "a/stop/1/1"]
    assert rig.notes("intent.rechecked") == [{"price": "67000"}]


def test_an_order_that_is_no_longer_wanted_after_a_halt_is_given_up_and_said() -> None:
    rig = queued()
    rig.trading(TradingState.HALT)
    rig.accept()
    rig.later(300)
    rig.trading(TradingState.OPEN)
    rig.at("10:06:00", 68_100)
    assert len(rig.places) == 1
    assert (rig.state("a"), rig.reason("a")) == ("failed", "failed.after_halt")
    assert "failed.after_halt" in rig.alert_codes()
    assert not rig.engine.book.intents_of(*next(key for key in rig.engine.book.legs if key[0] == "a"))


def test_on_halt_fail_gives_it_up_at_once() -> None:
    rig = queued(on_halt=OnHalt.FAIL)
    rig.trading(TradingState.HALT, instrument="")
    assert (rig.state("a"), rig.reason("a")) == ("failed", "failed.halted")


def test_a_halt_outlives_a_crash() -> None:
    rig = queued()
    rig.trading(TradingState.HALT)
    rig.accept()
    rig.places.clear()
    rig.crash()
    rig.recover()
    rig.later(1)
    assert rig.places == []


def test_a_condition_met_in_a_halt_consumes_nothing() -> None:
    """A print of the other venue, while the issue is halted where the order would go."""
    rig = Day()
    rig.add(stop(watch="NXT"))
    rig.at("10:00:00", 70_000, venue="NXT")
    rig.trading(TradingState.HALT)
    assert rig.at("10:00:01", 68_000, venue="NXT") == []
    assert rig.reason("a") == "blocked.halt"
    rig.trading(TradingState.OPEN)
    assert rig.at("10:00:02", 68_000, venue="NXT") == [("a", "68000")]


def test_a_call_takes_a_plain_limit_instead_of_ioc_and_a_market_order_as_it_is() -> None:
    rig = Day()
    rig.add(stop("ioc", order=LIMIT_IOC), stop("market"))
    rig.at("10:00:00", 70_000)
    rig.trading(TradingState.VI)
    rig.at("10:02:10", 68_000, flags=int(Flag.AUCTION))
    rig.accept()
    assert rig.sent == [("limit", "day", "67000"), ("market", "day", None)]


def test_what_is_refused_for_the_session_goes_in_another_form_as_the_next_order_of_the_shot() -> None:
    rig = Day()
    rig.add(stop(order=OrderSpec(OrderType.BEST)))
    rig.at("10:00:00", 70_000)
    rig.at("10:00:01", 68_000)
    rig.tell(Outcome(rig.places[0].intent, 1, OutcomeKind.REFUSED, "", "VI", inadmissible=True))
    assert [(r.intent, r.type.value, r.price) for r in rig.places] == [
        ("a/stop/1/1", "best", None),
        ("a/stop/1/2", "limit", Decimal(68_000)),
    ]
    assert rig.state("a") == "fired"
    rig.accept()
    rig.report(ordered(rig.places[-1], OrderStatus.FILLED, fill(1, 10, 68_000)))
    assert rig.state("a") == "done"


def test_a_refusal_for_another_reason_is_the_end() -> None:
    rig = Day()
    rig.add(stop(order=OrderSpec(OrderType.BEST)))
    rig.at("10:00:00", 70_000)
    rig.at("10:00:01", 68_000)
    rig.outcome(OutcomeKind.REFUSED)
    assert (rig.state("a"), len(rig.places)) == ("failed", 1)


def test_the_rest_of_an_ioc_exit_goes_again_five_times_each_on_the_confirmed_rest() -> None:
    rig = Day()
    rig.add(stop(watch="NXT", venue="NXT"))
    rig.at("10:00:00", 70_000, venue="NXT")
    rig.at("10:00:01", 68_000, venue="NXT")
    for number in range(1, 7):
        rig.accept()
        rig.report(ordered(rig.places[-1], OrderStatus.CANCELLED, fill(number, 1, 68_000)))
        rig.later(20)
    assert [str(request.quantity) for request in rig.places] == ["10", "9", "8", "7", "6", "5"]
    assert {request.intent for request in rig.places} == {f"a/stop/1/{number}" for number in range(1, 7)}
    assert (rig.state("a"), rig.sent[-1]) == ("failed", ("market", "ioc", None))


# -- views, windows, edits ------------------------------------------------------------------------------------------------


def test_rules_of_different_views_share_an_instrument_and_a_print_is_dropped_only_if_none_sees_it() -> None:
    rig = Day()
    rig.add(stop("krx"), stop("nxt", watch="NXT"), stop("all", watch="ALL"))
    rig.at("10:00:00", 70_000, venue="KRX")
    rig.at("10:00:01", 70_000, venue="NXT")
    assert rig.at("10:00:02", 68_000, venue="NXT") == [("all", "68000"), ("nxt", "68000")]  # of the same age: by name
    assert rig.at("10:00:03", 68_000, venue="KRX") == [("krx", "68000")]
    assert rig.drops() == []


def test_marks_of_different_views_are_their_own() -> None:
    rig = Day()
    rig.add(rule("krx", Trail(Amount(Decimal(1_000)))), rule("all", Trail(Amount(Decimal(1_000))), watch="ALL"))
    rig.at("10:00:00", 70_000, venue="KRX")
    rig.at("10:00:01", 72_000, venue="NXT")
    assert (rig.mark("krx"), rig.mark("all")) == (Decimal(70_000), Decimal(72_000))


def test_an_edit_of_the_watched_venue_moves_the_rule_to_another_view() -> None:
    rig = Day()
    rig.add(stop())
    rig.at("10:00:00", 70_000, venue="KRX")
    rig.do(Edit(stop(watch="NXT"), 1))
    assert rig.at("10:00:02", 68_000, venue="KRX") == []
    rig.at("10:00:03", 70_000, venue="NXT")
    assert rig.at("10:00:04", 68_000, venue="NXT") == [("a", "68000")]


def test_outside_its_window_nothing_fires_and_marks_go_on() -> None:
    rig = Day()
    rig.add(rule("a", Trail(Amount(Decimal(1_000))), window="09:05-15:15"))
    rig.at("09:01:00", 70_000)
    rig.at("09:02:00", 72_000)
    assert rig.at("09:03:00", 71_000) == []
    assert rig.reason("a") == "blocked.window"
    assert rig.mark("a") == Decimal(72_000)
    assert rig.at("09:05:00", 71_000) == [("a", "71000")]


def test_a_window_by_the_close_is_shifted_on_csat_day() -> None:
    rig = Day("10:00:10", CSAT)
    rig.add(stop(window="close-15m-close"))
    rig.at("10:00:11", 70_000)
    assert rig.at("15:29:00", 68_000) == []
    assert rig.at("16:18:00", 68_000) == [("a", "68000")]


def test_the_outlook_says_what_would_be_sent_in_each_session() -> None:
    rig = Day("08:00:00")
    view = rig.add(stop(sessions=("krx.continuous", "krx.after")))["result"]["rule"]
    told = [(item["session"], item["sends"], item["why"] and item["why"]["code"]) for item in view["outlook"]]
    assert told == [
        ("krx.pre_close_price", None, "outlook.not_enabled"),
        ("krx.open_call", "market", None),
        ("krx.continuous", "market", None),
        ("krx.close_call", "market", None),
        ("krx.post_close_price", None, "outlook.not_enabled"),
        ("krx.after", "best", "outlook.not_taken"),
    ]


def test_a_feed_without_hours_is_in_the_regular_session_unless_its_prints_say_otherwise() -> None:
    rig = Rig()
    rig.add(stop(sessions=("krx.continuous", "krx.after")), stop("b", 67_000))
    rig.tick(70_000)
    rig.tick(67_500, session="krx.after")
    assert [(r.type.value) for r in rig.places] == ["best"]
    rig.accept()
    rig.tick(66_000, session="krx.continuous")
    assert [(r.type.value) for r in rig.places] == ["best", "market"]


def test_the_reason_of_a_block_is_told_once() -> None:
    rig = Day()
    rig.add(stop(watch="NXT"))
    rig.at("10:00:00", 70_000, venue="NXT")
    rig.trading(TradingState.HALT)
    for second in range(5):
        rig.at(f"10:01:0{second}", 68_000, venue="NXT")
    assert rig.alerts().count(Note("blocked.halt", {"instrument": SAMSUNG, "venue": "KRX", "state": "halt"})) == 1
    assert MAIN in rig.engine.accounts.ready


# -- what must not happen --------------------------------------------------------------------------------------------------


def test_a_rest_is_not_sent_again_after_its_owner_asked_to_cancel() -> None:
    rig = Day()
    rig.add(stop(watch="NXT", venue="NXT"))
    rig.at("10:00:00", 70_000, venue="NXT")
    rig.at("10:00:01", 68_000, venue="NXT")
    rig.accept()
    rig.do(Cancel(RuleId("a")))
    rig.report(ordered(rig.places[-1], OrderStatus.CANCELLED, fill(1, 1, 68_000)))
    rig.later(30)
    assert (len(rig.places), rig.state("a")) == (1, "failed")


def test_the_cancel_of_a_rule_whose_rest_waits_to_be_sent_again_ends_it() -> None:
    rig = Day()
    rig.add(stop(watch="NXT", venue="NXT"))
    rig.at("10:00:00", 70_000, venue="NXT")
    rig.at("10:00:01", 68_000, venue="NXT")
    for number in (1, 2):
        rig.accept()
        rig.report(ordered(rig.places[-1], OrderStatus.CANCELLED, fill(number, 1, 68_000)))
    rig.do(Cancel(RuleId("a")))
    rig.later(30)
    assert (len(rig.places), rig.state("a")) == (2, "failed")


def test_a_fill_after_the_rest_went_again_counts_and_the_shares_are_never_sold_twice() -> None:
    """The late fill lowers what is sellable; the second order was for the confirmed rest of the first."""
    rig = Day()
    rig.add(stop(watch="NXT", venue="NXT"))
    rig.at("10:00:00", 70_000, venue="NXT")
    rig.at("10:00:01", 68_000, venue="NXT")
    rig.accept()
    rig.report(ordered(rig.places[0], OrderStatus.CANCELLED, fill(1, 4, 68_000)))
    rig.report(ordered(rig.places[0], OrderStatus.CANCELLED, fill(1, 4, 68_000)))
    assert [str(request.quantity) for request in rig.places] == ["10", "6"]


def test_an_entry_that_came_too_late_for_its_session_is_given_up() -> None:
    rig = Day()
    best = OrderSpec(OrderType.BEST)
    rig.add(stop("0", 70_000, already_met=AlreadyMet.FIRE), rule("a", Above(price(69_000)), order=best, already_met=AlreadyMet.FIRE))
    rig.at("15:19:58", 69_500)
    assert [request.intent for request in rig.places] == ["0/stop/1/1"]
    rig.clock("15:20:01")
    rig.accept()
    assert (rig.state("a"), rig.reason("a"), len(rig.places)) == ("failed", "failed.not_taken", 1)


def test_an_exit_that_came_too_late_for_its_session_is_judged_by_the_next_days_first_print() -> None:
    rig = Day()
    nxt = {"watch": "NXT", "venue": "NXT"}
    rig.add(stop("0", 70_000, quantity=Decimal(1), already_met=AlreadyMet.FIRE, **nxt), stop(**nxt))
    rig.at("15:19:00", 68_500, venue="NXT")
    rig.at("15:19:58", 68_000, venue="NXT")
    assert [request.intent for request in rig.places] == ["0/stop/1/1"]
    rig.clock("15:20:05")
    rig.accept()
    rig.clock("09:00:31", MONDAY)
    rig.later(0)
    assert len(rig.places) == 1
    rig.at("09:00:35", 69_000, venue="NXT")
    assert (rig.state("a"), rig.reason("a"), len(rig.places)) == ("failed", "failed.after_halt", 1)


def test_a_venue_that_closed_for_the_day_is_open_on_the_next_without_a_word() -> None:
    rig = Day()
    rig.add(stop())
    rig.at("13:00:00", 70_000)
    rig.trading(TradingState.CLOSED, instrument="")
    assert rig.at("13:00:01", 68_000) == []
    assert rig.reason("a") == "blocked.halt"
    rig.clock("09:00:00", MONDAY)
    assert rig.at("09:00:05", 67_000) == [("a", "67000")]
    assert rig.sent == [("market", "day", None)]


def test_an_interruption_whose_end_was_told_is_over_though_nobody_said_so() -> None:
    rig = Day()
    rig.add(stop(order=LIMIT_IOC))
    rig.at("10:00:00", 70_000)
    rig.tell(Trading(DEMO, "KRX", TradingState.VI, rig.now, SAMSUNG, until=rig.now + 120 * SECOND))
    assert rig.at("10:05:00", 67_900) == [("a", "67900")]
    assert rig.sent == [("limit", "ioc", "67000")]


def test_an_issue_that_trades_again_waits_while_its_venue_is_halted() -> None:
    rig = queued()
    rig.trading(TradingState.HALT)
    rig.trading(TradingState.HALT, instrument="")
    rig.accept()
    rig.trading(TradingState.OPEN)
    rig.at("10:06:00", 67_000)
    assert len(rig.places) == 1
    rig.trading(TradingState.OPEN, instrument="")
    rig.at("10:06:02", 67_000)
    assert [request.intent for request in rig.places] == ["0/stop/1/1", "a/stop/1/1"]


def test_prints_outside_the_limits_are_said_once_a_day() -> None:
    rig = Day()
    rig.add(stop())
    rig.tell(Reference(SAMSUNG, Decimal(71_300)))
    rig.at("09:10:00", 70_000)
    for second in range(1, 4):
        rig.at(f"09:10:0{second}", 49_000)
    assert rig.alert_codes().count("price.outside_limits") == 1


def test_a_thousand_orders_that_wait_for_the_morning_ask_the_calendar_once() -> None:
    rig = Day()
    rig.recover(says=statement(shares=100_000, sellable=100_000))
    rig.add(*(stop(f"r{number}", after_close=AfterClose.CARRY, quantity=Decimal(1)) for number in range(60)))
    rig.at("15:19:00", 70_000)
    rig.at("15:30:10", 68_000, flags=int(Flag.AUCTION))
    asked = []
    real = admission.taking_at

    def counting(*words: Any) -> bool:
        asked.append(words)
        return real(*words)

    admission.taking_at = counting
    try:
        for _ in range(10):
            rig.later(0.2)
    finally:
        admission.taking_at = real
    assert asked == []
    assert rig.sent == []
