"""What the exchange refuses (market-rules 2.2, 3, 5), with a code, and a sentence that names the thing and the way out."""

from datetime import date

import pytest
from exchange_stories import do, exchange_of, tell

from autotrader.config.markets import load_markets
from autotrader.exchange.events import Accepted, Rejected
from autotrader.exchange.exchange import Exchange
from autotrader.markets.orders import type_and_tif
from autotrader.markets.profile import find_instrument


@pytest.mark.parametrize(
    ("lines", "code", "sentence"),
    [
        (["a buy limit 1 10000", "a buy limit 1 10000"], "duplicate", "used before"),
        (["a buy limit 1 10000", "cancel a", "a buy limit 1 10000"], "duplicate", "used before"),
        (["a buy limit 0 10000"], "quantity", "multiple of the lot 1"),
        (["a buy limit -1 10000"], "quantity", "above zero"),
        (["a buy limit 1.5 10000"], "quantity", "1.5"),
        (["a buy limit NaN 10000"], "quantity", "NaN"),
        (["a buy limit Infinity 10000"], "quantity", "Infinity"),
        (["a buy limit 1e18 10000"], "quantity", "1E+18"),
        (["a buy limit 1"], "no_price", "needs a price"),
        (["a buy conditional 1"], "no_price", "needs a price"),
        (["a buy limit 1 0"], "price", "above zero"),
        (["a buy limit 1 NaN"], "price", "NaN"),
        (["a buy limit 1 10005"], "tick", "10000 and 10010"),
        (["a buy limit 1 10000.5"], "tick", "10000 and 10010"),
        (["a buy limit 1 13010"], "limits", "7000 to 13000"),
        (["a buy limit 1 6990"], "limits", "7000 to 13000"),
        (["a sell stop_limit 1 6900 stop=7000"], "limits", "7000 to"),
        (["a sell stop_limit 1 7000 stop=13010"], "limits", "13,010"),
        (["a buy conditional 1 13000"], "conditional_at_limit", "13,000"),
        (["a sell conditional 1 7000"], "conditional_at_limit", "7,000"),
        (["a buy close_price 1"], "no_window", "close price"),
        (["a buy moo 1"], "inadmissible", "krx.continuous does not take moo"),
        (["phase after", "a buy market 1"], "inadmissible", "krx.after does not take market"),
        (["phase close_call", "a buy conditional 1 10000"], "inadmissible", "it takes: limit, market"),
        (["phase open_call", "a buy limit_ioc 1 10000"], "inadmissible", "limit_ioc"),
        (["phase vi", "a buy best 1"], "inadmissible", "vi does not take best"),
        (["phase halt", "a buy limit 1 10000"], "halted", "only cancels"),
        (["phase pause", "a buy limit 1 10000"], "between", "next one"),
        (["phase closed", "a buy limit 1 10000"], "closed", "for the day"),
        (["cancel a"], "unknown", "no order a"),
        (["a buy limit 1 10000", "cancel a", "cancel a"], "over", "is over"),
        (["a buy limit 5 10000", "cancel a 6"], "too_much", "6 is more than the 5"),
        (["a buy limit 5 10000", "cancel a 0"], "quantity", "above zero"),
        (["a buy limit 5 10000", "amend a quantity=5"], "nothing", "changes nothing"),
        (["a buy limit 5 10000", "amend a price=10001"], "tick", "10010"),
        (["a buy limit 5 10000", "amend a stop=10000"], "no_stop_to_change", "no stop"),
        (["a sell stop_limit 5 9000 stop=9500", "amend a quantity=4"], "stop_needs_change", "must change"),
        (["a buy limit 5 10000", "phase halt", "amend a price=9990"], "halted", "only cancels"),
        (["a buy limit 5 10000", "phase close_call", "amend a type=best"], "inadmissible", "best"),
        (["a buy limit 5 10000", "phase closed", "cancel a"], "over", "over"),
    ],
)
def test_refusals(lines, code, sentence):
    exchange = exchange_of(base="10000", limited=True)
    tell(exchange, *lines[:-1])
    (refused,) = do(exchange, lines[-1], 99)
    assert isinstance(refused, Rejected)
    assert (refused.code, sentence in refused.reason) == (f"exchange.{code}", True), refused.reason
    assert refused.inadmissible == (code == "inadmissible")


def test_a_halt_takes_cancels_and_the_end_of_the_day_takes_nothing():
    exchange = exchange_of(base="10000")
    tell(exchange, "a buy limit 5 10000", "b buy limit 5 10000", "phase halt")
    assert tell(exchange, "cancel a") == ["a ends 5 by_owner"]
    assert tell(exchange, "phase closed") == ["b ends 5 day_over", "phase closed"]


MATRIX = {
    # market-rules 2.2, transcribed by hand, row by row.
    "krx.open_call": "limit market conditional",
    "krx.continuous": "limit limit_ioc limit_fok market market_ioc market_fok conditional "
    "best best_ioc best_fok priority midpoint stop_limit",
    "krx.close_call": "limit market",
    "vi": "limit market",
    "restart": "limit market",
    "krx.after": "limit limit_ioc limit_fok best best_ioc best_fok priority",
    "nxt.pre": "limit limit_ioc limit_fok best best_ioc best_fok priority",
    "nxt.main": "limit limit_ioc limit_fok market_ioc market_fok best best_ioc best_fok priority midpoint stop_limit",
    "nxt.after": "limit limit_ioc limit_fok best best_ioc best_fok priority",
}
PHASES = {
    "krx.open_call": "open_call",
    "krx.continuous": "continuous",
    "krx.close_call": "close_call",
    "vi": "vi",
    "restart": "restart",
    "krx.after": "after",
    "nxt.pre": "pre",
    "nxt.main": "continuous",
    "nxt.after": "after",
}
KINDS = MATRIX["krx.continuous"].split()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("session", MATRIX)
def test_the_acceptance_matrix_is_kept_cell_by_cell(session, kind):
    exchange = exchange_of("NXT" if session.startswith("nxt") else "KRX", base="10000")
    tell(exchange, f"phase {PHASES[session]}")
    type_, _ = type_and_tif(kind)
    prices = {"limit": " 10000", "conditional": " 10000", "stop_limit": " 9000 stop=9500"}
    event = do(exchange, f"o sell {kind} 1{prices.get(type_.value, '')}", 9)[0]
    assert isinstance(event, Accepted) == (kind in MATRIX[session].split()), event


@pytest.mark.parametrize(
    ("issue", "kind", "taken"),
    [
        ("elw", "market", False),
        ("elw", "limit", True),
        ("konex", "best", False),
        ("konex", "market", True),
        ("single_price", "midpoint", False),
    ],
)
def test_some_issues_take_fewer_kinds(issue, kind, taken):
    from msgspec.structs import replace

    day = date(2026, 11, 20)
    instrument = replace(find_instrument(load_markets(), "KRX:005930", day), kind=issue)
    exchange = Exchange(load_markets()["KRX"], instrument, day=day)
    event = do(exchange, f"o sell {kind} 1" + (" 10000" if kind == "limit" else ""), 1)[0]
    assert isinstance(event, Accepted) == taken
