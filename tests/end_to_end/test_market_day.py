"""A day of the simulated KRX and NXT, 08:00 to 20:00: the venue refuses nothing, and the journal explains what went otherwise."""

from datetime import date

import pytest
from market_day import DAY, Cell, MarketDay, cells, spread
from msgspec.structs import replace

from autotrader.config.markets import load_markets
from autotrader.exchange.scenarios import SCENARIOS
from autotrader.markets.facts import AcceptanceRow, Grade
from autotrader.markets.orders import accepted
from autotrader.markets.profile import Markets

SMALL = {"symbols": 6, "every": 60_000}


def with_cell(session: str, kind: str, *, takes: bool) -> Markets:
    """Return the market facts with one cell of the matrix wrong."""
    markets = dict(load_markets())
    venue = markets[session.partition(".")[0].upper()]
    if takes:
        row = AcceptanceRow(effective_from=date(2024, 1, 1), source="planted", grade=Grade.U, session=session, kinds=(kind,))
        rows: tuple[AcceptanceRow, ...] = (*venue.acceptance, row)
    else:
        rows = tuple(
            replace(row, kinds=tuple(k for k in row.kinds if k != kind)) if row.session == session else row for row in venue.acceptance
        )
    markets[venue.id] = replace(venue, acceptance=rows)
    return markets


def played(wanted: list[Cell], **changes: object) -> MarketDay:
    day = MarketDay(wanted, **{**SMALL, **changes})  # type: ignore[arg-type]  # the names are MarketDay's
    day.run()
    return day


def test_every_cell_of_the_matrix_gets_its_order_and_none_is_refused() -> None:
    day = played(list(cells()))
    assert [(sent.request.intent, sent.refusal) for sent in day.refused()] == []
    assert day.unexpected() == []
    assert day.unexplained() == []


def test_the_cells_are_all_that_the_facts_accept_but_the_native_stop() -> None:
    """The cells above are written by hand: a cell that the data has and nobody tries would be a hole."""
    markets, day = load_markets(), date.fromisoformat(DAY)
    tried = {(cell.session, cell.kind) for cell in cells()}
    known = {
        (row.id, kind)
        for venue in (markets["KRX"], markets["NXT"])
        for row in venue.sessions
        if row.holds(day) and not row.day
        for kind in accepted(venue, row.id, day)
    }
    assert {cell for cell in known - tried if cell[1] not in ("stop_limit", "midpoint_ioc", "midpoint_fok")} == set()
    assert tried - known == set()


PLANTED = [
    pytest.param("krx.after", "market", True, "refused", id="a market order in the after-market"),
    pytest.param("nxt.main", "market", True, "refused", id="a resting market order at NXT"),
    pytest.param("krx.continuous", "midpoint", False, "unexpected", id="no midpoint on KRX"),
    pytest.param("nxt.pre", "best_fok", False, "unexpected", id="no best FOK before the open"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("session", "kind", "takes", "judge"), PLANTED)
def test_one_wrong_cell_is_caught(session: str, kind: str, takes: bool, judge: str) -> None:
    day = played(list(cells()), engine_markets=with_cell(session, kind, takes=takes))
    assert getattr(day, judge)()


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [pytest.param(spread(), id="500 rules"), pytest.param(list(cells()) * 20, id="20 in every cell")])
def test_a_whole_day_of_50_symbols(wanted: list[Cell]) -> None:
    day = played(wanted, symbols=50, every=30_000)
    assert [(sent.request.intent, sent.refusal) for sent in day.refused()] == []
    assert day.unexpected() == []
    assert day.unexplained() == []
    arrived = day.arrivals()
    assert {cell.session for cell in cells()} <= {session for session, kinds in arrived.items() if kinds.total() >= 20}
    in_all = {kind: sum(kinds[kind] for kinds in arrived.values()) for cell in cells() for kind in [cell.kind]}
    assert min(in_all.values()) >= 20
    assert len(wanted) >= 500


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_a_scripted_day_is_explained_too(name: str) -> None:
    """Halts, interruptions and circuit breakers refuse nothing that we send, and leave nothing unexplained."""
    day = played(list(cells()), scenario=SCENARIOS[name], every=20_000)
    assert [(sent.request.intent, sent.refusal) for sent in day.refused()] == []
    assert day.unexplained() == []
