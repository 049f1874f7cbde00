"""The acceptance matrix of market rules 2.2 cell by cell, the cut-offs of 1.4, and the substitution table of semantics 2.7."""

from datetime import date, timedelta

import pytest
from markets_local import market, ns, on

from autotrader.domain.rule import OrderType, TimeInForce
from autotrader.markets.orders import accepted, accepted_at, auction_of, kind_of, substitute, type_and_tif
from autotrader.markets.sessions import sessions_on

COLUMNS = [
    ("KRX", "krx.open_call"),
    ("KRX", "krx.continuous"),
    ("KRX", "krx.close_call"),
    ("KRX", "vi"),
    ("KRX", "restart"),
    ("KRX", "krx.pre_close_price"),
    ("KRX", "krx.post_close_price"),
    ("KRX", "krx.after"),
    ("NXT", "nxt.pre"),
    ("NXT", "nxt.main"),
    ("NXT", "nxt.after"),
    ("SOR", "sor.regular"),
]
# One character a column, in that order: o taken, - not.
MATRIX = {
    # kind           open cont close vi restart pre post after pre main after sor
    "limit":         "o    o    o    o  o       -   -    o     o   o    o     o",
    "limit_ioc":     "-    o    -    -  -       -   -    o     o   o    o     o",
    "limit_fok":     "-    o    -    -  -       -   -    o     o   o    o     o",
    "market":        "o    o    o    o  o       -   -    -     -   -    -     o",
    "market_ioc":    "-    o    -    -  -       -   -    -     -   o    -     o",
    "market_fok":    "-    o    -    -  -       -   -    -     -   o    -     o",
    "conditional":   "o    o    -    -  -       -   -    -     -   -    -     -",
    "best":          "-    o    -    -  -       -   -    o     o   o    o     o",
    "best_ioc":      "-    o    -    -  -       -   -    o     o   o    o     o",
    "best_fok":      "-    o    -    -  -       -   -    o     o   o    o     o",
    "priority":      "-    o    -    -  -       -   -    o     o   o    o     o",
    "midpoint":      "-    o    -    -  -       -   -    -     -   o    -     -",
    "midpoint_ioc":  "-    -    -    -  -       -   -    -     -   -    -     -",
    "priority_ioc":  "-    -    -    -  -       -   -    -     -   -    -     -",
    "stop_limit":    "-    o    -    -  -       -   -    -     -   o    -     -",
    "close_price":   "-    -    -    -  -       o   o    -     -   -    -     -",
    "moo":           "-    -    -    -  -       -   -    -     -   -    -     -",
    "loo":           "-    -    -    -  -       -   -    -     -   -    -     -",
    "moc":           "-    -    -    -  -       -   -    -     -   -    -     -",
    "loc":           "-    -    -    -  -       -   -    -     -   -    -     -",
}  # fmt: skip
CELLS = [
    (venue, session, kind, mark == "o")
    for kind, marks in MATRIX.items()
    for (venue, session), mark in zip(COLUMNS, marks.split(), strict=True)
]
DAY = date(2026, 11, 20)


@pytest.mark.parametrize(("venue", "session", "kind", "taken"), CELLS, ids=[f"{session}-{kind}" for _, session, kind, _ in CELLS])
def test_a_cell_of_the_matrix(venue: str, session: str, kind: str, taken: bool) -> None:
    assert (kind in accepted(market(venue), session, DAY)) == taken


@pytest.mark.parametrize("column", COLUMNS, ids=[session for _, session in COLUMNS])
def test_no_session_takes_a_kind_that_the_matrix_does_not_list(column: tuple[str, str]) -> None:
    venue, session = column
    assert accepted(market(venue), session, DAY) <= set(MATRIX)


def test_a_planted_error_in_one_cell_is_seen() -> None:
    """The comparison above would fail: a market order in the KRX after-market is a cell that says no."""
    planted = accepted(market("KRX"), "krx.after", DAY) | {"market"}
    assert [kind for kind, marks in MATRIX.items() if (kind in planted) != (marks.split()[7] == "o")] == ["market"]


@pytest.mark.parametrize(
    ("session", "kinds"),
    [
        ("us.pre", "limit moo loo"),
        ("us.regular", "limit limit_ioc limit_fok market market_ioc market_fok stop_limit moo loo moc loc"),
        ("us.post", "limit"),
        ("us.overnight", "limit"),
    ],
)
def test_what_us_sessions_take(session: str, kinds: str) -> None:
    assert accepted(market("US"), session, DAY) == set(kinds.split())


@pytest.mark.parametrize(
    ("venue", "session", "day"),
    [
        ("KRX", "halt", DAY),
        ("KRX", "closed", DAY),
        ("KRX", "", DAY),
        ("KRX", "nxt.pre", DAY),
        ("KRX", "krx.after", date(2026, 9, 11)),
        ("KRX", "krx.off_hours_single", date(2026, 9, 14)),
        ("NXT", "nxt.main", date(2025, 3, 3)),
    ],
)
def test_a_halt_another_venues_session_or_one_of_another_time_takes_nothing(venue: str, session: str, day: date) -> None:
    assert accepted(market(venue), session, day) == frozenset()


def test_midpoint_and_stop_limit_came_to_krx_with_the_ats() -> None:
    before, after = (accepted(market("KRX"), "krx.continuous", day) for day in (date(2025, 2, 28), date(2025, 3, 4)))
    assert after - before == {"midpoint", "stop_limit"} and not before - after


@pytest.mark.parametrize(
    ("venue", "at", "kinds"),
    [
        ("KRX", "2026-11-20T08:29:59", ""),
        ("KRX", "2026-11-20T08:35:00", "close_price conditional limit market"),  # two sessions at a time
        ("KRX", "2026-11-20T08:40:00", "conditional limit market"),
        ("KRX", "2026-11-20T15:20:00", "limit market"),
        ("KRX", "2026-11-20T15:30:00", "close_price"),
        ("KRX", "2026-11-20T20:00:00", ""),
        ("KRX", "2026-11-19T16:25:00", "limit market"),
        ("KRX", "2026-11-21T10:00:00", ""),
        ("NXT", "2026-11-20T08:55:00", ""),
        ("NXT", "2026-11-20T15:25:00", ""),
        ("NXT", "2026-11-20T15:35:00", "close_price limit"),
        ("NXT", "2026-11-20T16:30:00", "best best_fok best_ioc limit limit_fok limit_ioc priority"),
        ("US", "2026-11-20T03:59:59", "limit"),
        ("US", "2026-11-20T09:26:59", "limit loo moo"),
        ("US", "2026-11-20T09:27:00", "limit"),
        ("US", "2026-11-20T15:44:29", "limit limit_fok limit_ioc loc market market_fok market_ioc moc stop_limit"),
        ("US", "2026-11-20T15:44:30", "limit limit_fok limit_ioc market market_fok market_ioc stop_limit"),
        ("US", "2026-11-27T12:44:29", "limit limit_fok limit_ioc loc market market_fok market_ioc moc stop_limit"),
        ("US", "2026-11-27T12:44:30", "limit limit_fok limit_ioc market market_fok market_ioc stop_limit"),
        ("US", "2026-11-27T13:00:00", "limit"),
    ],
)
def test_what_is_taken_at_a_moment(venue: str, at: str, kinds: str) -> None:
    zone = "America/New_York" if venue == "US" else "Asia/Seoul"
    assert sorted(accepted_at(market(venue), ns(at, zone))) == kinds.split()


@pytest.mark.parametrize("order_type", OrderType)
@pytest.mark.parametrize("tif", TimeInForce)
def test_a_kind_is_type_and_time_in_force_in_one_word(order_type: OrderType, tif: TimeInForce) -> None:
    kind = kind_of(order_type, tif)
    assert type_and_tif(kind) == (order_type, tif)
    assert kind == (order_type.value if tif is TimeInForce.DAY else f"{order_type.value}_{tif.value}")


@pytest.mark.parametrize("kind", ["", "limit_", "limit_day", "_ioc", "ioc", "stop", "Limit", "limit_gtc"])
def test_what_is_no_kind_is_refused(kind: str) -> None:
    with pytest.raises(ValueError, match="OrderType"):
        type_and_tif(kind)


@pytest.mark.parametrize(
    ("venue", "session", "wanted", "sent"),
    [
        # Semantics 2.7, column by column.
        ("KRX", "krx.after", "market", "best"),
        ("NXT", "nxt.pre", "market", "best"),
        ("NXT", "nxt.after", "market", "best"),
        ("NXT", "nxt.main", "market", "market_ioc"),
        ("KRX", "krx.open_call", "market", "market"),
        ("KRX", "krx.close_call", "market", "market"),
        ("US", "us.pre", "market", "limit"),
        ("US", "us.post", "market", "limit"),
        ("KRX", "krx.after", "conditional", "limit"),
        ("NXT", "nxt.main", "conditional", "limit"),
        ("KRX", "krx.close_call", "conditional", "limit"),
        ("KRX", "krx.after", "midpoint", "limit"),
        ("NXT", "nxt.main", "midpoint", "midpoint"),
        ("KRX", "krx.close_call", "midpoint", "limit"),
        ("NXT", "nxt.after", "stop_limit", "limit"),
        ("US", "us.pre", "stop_limit", "limit"),
        ("KRX", "krx.open_call", "stop_limit", "limit"),
        # A call takes nothing that must be done at receipt.
        ("KRX", "vi", "best", "limit"),
        ("KRX", "vi", "priority", "limit"),
        ("KRX", "vi", "best_ioc", "limit"),
        ("KRX", "vi", "limit_fok", "limit"),
        ("KRX", "vi", "market_ioc", "market"),
        ("KRX", "restart", "market_fok", "market"),
        ("NXT", "vi", "market_ioc", "limit"),
        ("NXT", "nxt.after_call", "market", "limit"),
        ("KRX", "krx.close_call", "market_ioc", "market"),
        ("SOR", "vi", "best", "limit"),
        # Immediate orders stay immediate in a session that trades.
        ("KRX", "krx.after", "market_ioc", "best_ioc"),
        ("NXT", "nxt.after", "market_fok", "best_fok"),
        ("US", "us.regular", "best_ioc", "limit_ioc"),
        ("US", "us.regular", "best", "limit"),
        ("US", "us.post", "market_ioc", None),
        ("US", "us.pre", "limit_fok", None),
        # US types.
        ("US", "us.post", "moc", None),
        ("US", "us.pre", "moc", None),
        ("US", "us.pre", "loo", "loo"),
        ("KRX", "krx.continuous", "moc", None),
        ("KRX", "krx.open_call", "moc", None),
        ("KRX", "krx.close_call", "moc", "market"),
        ("KRX", "krx.close_call", "loc", "limit"),
        ("KRX", "krx.close_call", "moo", None),
        ("KRX", "krx.open_call", "moo", "market"),
        ("KRX", "krx.open_call", "loo", "limit"),
        ("NXT", "nxt.after_call", "loo", None),
        ("KRX", "vi", "loc", None),
        # The close price is no price of any other session, and no other order is for those at the close price.
        ("KRX", "krx.continuous", "close_price", None),
        ("KRX", "krx.post_close_price", "market", None),
        ("KRX", "krx.post_close_price", "limit", None),
        ("KRX", "halt", "market", None),
    ],
)
def test_what_is_sent_instead(venue: str, session: str, wanted: str, sent: str | None) -> None:
    profile = market(venue)
    found = {row.id: row for row in sessions_on(profile, DAY)}.get(session)
    call = session in ("vi", "restart") or (found is not None and found.matching.value == "call")
    auction = "" if found is None else auction_of(profile, found)
    assert substitute(wanted, accepted(profile, session, DAY), call=call, auction=auction) == sent


@pytest.mark.parametrize(
    ("venue", "day", "auctions"),
    [
        ("KRX", "2026-11-20", {"krx.open_call": "open", "krx.close_call": "close"}),
        ("KRX", "2026-11-19", {"krx.open_call": "open", "krx.close_call": "close"}),
        ("NXT", "2026-11-20", {}),
        ("US", "2026-11-20", {}),
    ],
)
def test_the_opening_and_the_closing_call_are_known(venue: str, day: str, auctions: dict[str, str]) -> None:
    profile = market(venue)
    found = {session.id: auction_of(profile, session) for session in sessions_on(profile, date.fromisoformat(day))}
    assert {name: part for name, part in found.items() if part} == auctions


@pytest.mark.parametrize("venue", ["KRX", "NXT", "SOR", "US"])
def test_whatever_is_sent_instead_is_taken_and_changes_no_more(venue: str) -> None:
    profile = market(venue)
    for session in sessions_on(profile, DAY):
        takes, call, auction = accepted(profile, session.id, DAY), session.matching.value == "call", auction_of(profile, session)
        for kind in MATRIX:
            sent = substitute(kind, takes, call=call, auction=auction)
            assert sent is None or (sent in takes and substitute(sent, takes, call=call, auction=auction) == sent)


def test_a_market_exit_always_finds_a_form_where_prices_are_made() -> None:
    """Every session of every venue in which the market makes its price takes a market order or something in its place."""
    for venue in ("KRX", "NXT", "SOR", "US"):
        for day in (DAY, DAY - timedelta(days=1)):
            for session in sessions_on(market(venue), day):
                if session.matching.value != "fixed":
                    takes = accepted(market(venue), session.id, day)
                    assert substitute("market", takes, call=session.matching.value == "call") is not None, session.id


def test_orders_for_an_auction_come_too_late_relative_to_the_days_own_hours() -> None:
    half, whole = on("US", "2026-11-27", "12:44:30"), on("US", "2026-11-20", "12:44:30")
    assert "moc" not in accepted_at(market("US"), half) and "moc" in accepted_at(market("US"), whole)
