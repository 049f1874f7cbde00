"""Volatility interruptions, halts and the circuit breaker (market-rules 3.3)."""

from decimal import Decimal

import pytest
from exchange_stories import do, exchange_of, said, tell

from autotrader.exchange.breaker import MINUTE, Breaker
from autotrader.exchange.events import Interrupted
from autotrader.exchange.phases import Phase

SECOND = 1_000_000_000


def test_a_trade_too_far_from_the_last_begins_a_call_of_two_minutes():
    exchange = exchange_of(base="10000", vi=True)
    tell(exchange, "b buy limit 1 10000", "s sell limit 1 10000", "u sell limit 5 10590", "v sell limit 5 10600")
    assert tell(exchange, "o buy limit 9 10600") == ["o<-u 5@10590", "o rests 4@10600", "interrupted dynamic at 10600", "phase vi vi"]
    assert (exchange.phase_now, exchange.until) == (Phase.VI, 1 + 120 * SECOND)


def test_the_call_is_matched_when_its_time_is_over_and_its_session_goes_on():
    exchange = exchange_of(base="10000", vi=True)
    tell(exchange, "b buy limit 1 10000", "s sell limit 1 10000", "v sell limit 5 10600", "o buy limit 4 10600")
    assert exchange.advance(exchange.until - 1) == []
    assert said(exchange.advance(exchange.until)) == ["auction 4@10600", "o<-v 4@10600", "phase continuous krx.continuous"]
    assert exchange.until == 0
    assert tell(exchange, "p buy limit 1 10600") == ["p<-v 1@10600"]


def test_the_dynamic_reference_is_the_last_price_that_the_order_found():
    """A sweep by small steps is still measured from where it began."""
    exchange = exchange_of(base="10000", vi=True)
    tell(exchange, "b buy limit 1 10000", "s sell limit 1 10000", *(f"t{n} sell limit 1 {10000 + 300 * n}" for n in (1, 2, 3)))
    assert tell(exchange, "o buy market 3") == ["o<-t1 1@10300", "o rests 2@market", "interrupted dynamic at 10600", "phase vi vi"]


def test_the_static_reference_is_the_latest_price_of_a_call():
    exchange = exchange_of(base="10000", vi=True)
    tell(exchange, *(f"t{n} sell limit 1 {10000 + 400 * n}" for n in (1, 2, 3)))
    tell(exchange, "o1 buy limit 1 10400", "o2 buy limit 1 10800")
    assert tell(exchange, "o3 buy limit 1 11200")[1] == "interrupted static at 11200"


@pytest.mark.parametrize(("kind", "ends"), [("limit_ioc", "ioc"), ("limit_fok", "fok")])
def test_immediate_orders_do_not_wait_in_the_call(kind, ends):
    exchange = exchange_of(base="10000", vi=True)
    tell(exchange, "b buy limit 1 10000", "s sell limit 1 10000", "v sell limit 5 10600")
    told = tell(exchange, f"o buy {kind} 5 10600")
    assert told[0] == f"o ends 5 {ends}"
    assert exchange.phase_now is (Phase.VI if ends == "ioc" else Phase.CONTINUOUS)


def test_stops_that_wake_when_an_interruption_begins_wait_in_its_call():
    exchange = exchange_of(base="10000", vi=True)
    tell(exchange, "b buy limit 1 10000", "s sell limit 1 10000", "c buy limit 1 9900", "d buy limit 1 9300")
    tell(exchange, "s1 sell stop_limit 1 9000 stop=9900", "s2 sell stop_limit 1 9000 stop=9900")
    assert tell(exchange, "x sell limit 1 9900") == [
        "c<-x 1@9900",
        "s1 wakes at 9900",
        "s2 wakes at 9900",
        "s1 rests 1@9000",
        "interrupted dynamic at 9300",
        "s2 rests 1@9000",
        "phase vi vi",
    ]


def test_a_price_under_1000_won_that_moves_three_steps_interrupts_nothing():
    exchange = exchange_of(base="40", vi=True)
    assert tell(exchange, "b buy limit 1 40", "s sell limit 1 40", "t sell limit 1 43", "o buy limit 1 43") == ["o<-t 1@43"]


def test_without_interruptions_a_script_drives_every_phase():
    exchange = exchange_of(base="10000")
    assert tell(exchange, "b buy limit 1 10000", "s sell limit 1 10000", "t sell limit 1 12000", "o buy limit 1 12000") == ["o<-t 1@12000"]


def test_a_closing_call_too_far_away_is_prolonged_once():
    exchange = exchange_of(base="10000", vi=True)
    tell(exchange, "b buy limit 1 10000", "s sell limit 1 10000", "phase close_call", "c buy limit 2 10500", "t sell limit 1 10500")
    assert said(exchange.uncross(5)) == ["interrupted dynamic at 10500"]
    assert exchange.until == 5 + 120 * SECOND
    assert said(exchange.advance(exchange.until)) == ["auction 1@10500", "c<-t 1@10500"]
    assert said(exchange.phase(Phase.AFTER, 5 + 120 * SECOND)) == ["c ends 1 session_over", "phase after krx.after"]


def test_an_interruption_that_the_closing_call_meets_goes_on_as_that():
    exchange = exchange_of(base="10000", vi=True)
    tell(exchange, "b buy limit 1 10000", "s sell limit 1 10000", "v sell limit 5 10600", "o buy limit 4 10600")
    assert tell(exchange, "phase close_call") == ["phase close_call krx.close_call"]
    assert exchange.until == 0


def test_a_call_ends_late_as_the_dice_say():
    late = exchange_of(base="10000", vi=True, lateness=lambda most: most - 7)
    tell(late, "b buy limit 1 10000", "s sell limit 1 10000", "v sell limit 5 10600")
    interrupted = do(late, "o buy limit 4 10600", 0)[2]
    assert isinstance(interrupted, Interrupted) and interrupted.until == (120 + 30 - 7) * SECOND


def test_an_issue_halt_takes_cancels_only_and_ends_by_a_call():
    exchange = exchange_of(base="10000")
    tell(exchange, "a buy limit 5 10000", "b buy limit 5 9990")
    assert said(exchange.halt(1, "news")) == ["halted news", "phase halt"]
    assert tell(exchange, "c buy limit 1 10000") == ["c refused halted"]
    assert tell(exchange, "cancel b") == ["b ends 5 by_owner"]
    assert tell(exchange, "phase restart", "s sell limit 3 9900", "phase continuous") == [
        "auction 3@10000",
        "a<-s 3@10000",
        "phase continuous krx.continuous",
    ]


def test_a_halt_ends_a_running_interruption_and_matches_nothing():
    exchange = exchange_of(base="10000", vi=True)
    tell(exchange, "b buy limit 1 10000", "s sell limit 1 10000", "v sell limit 5 10600", "o buy limit 4 10600")
    assert said(exchange.halt(9, "circuit_breaker")) == ["halted circuit_breaker", "phase halt"]
    assert (exchange.until, exchange.advance(10**15)) == (0, [])
    assert tell(exchange, "phase restart", "phase continuous")[:2] == ["auction 4@10600", "o<-v 4@10600"]


def test_a_halt_that_ends_without_a_call_matches_what_crosses_all_the_same():
    exchange = exchange_of(base="10000")
    tell(exchange, "phase vi", "a buy limit 5 10000", "s sell limit 5 9990", "phase halt")
    assert tell(exchange, "phase continuous")[:2] == ["phase continuous krx.continuous", "auction 5@10000"]


OPEN, CLOSE = 9 * 60 * MINUTE, (15 * 60 + 30) * MINUTE


def at(clock: str) -> int:
    hour, minute, *second = (int(part) for part in clock.split(":"))
    return (hour * 60 + minute) * MINUTE + (second[0] if second else 0) * SECOND


@pytest.mark.parametrize(
    ("prints", "triggered"),
    [
        pytest.param([("10:00", "920"), ("10:00:59", "919")], [], id="not for a minute yet"),
        pytest.param([("10:00", "920"), ("10:01", "920")], ["10:01"], id="8 % for a minute"),
        pytest.param([("10:00", "920"), ("10:00:30", "921"), ("10:01", "920")], [], id="it came up in between"),
        pytest.param([("09:00:30", "900"), ("09:01:40", "900"), ("09:02", "900")], ["09:02"], id="not before 09:02"),
        pytest.param([("14:49", "900"), ("14:50", "900")], ["14:50"], id="until 14:50"),
        pytest.param([("14:50", "900"), ("14:51", "900")], [], id="not after"),
        pytest.param([("10:00", "920"), ("10:01", "920"), ("10:32", "850"), ("10:33", "850")], ["10:01", "10:33"], id="the second at 15 %"),
        pytest.param([("10:00", "850"), ("10:01", "850"), ("10:32", "849"), ("10:33", "849")], ["10:01"], id="1 % under the first"),
        pytest.param([("10:00", "850"), ("10:01", "850"), ("10:32", "841.5"), ("10:33", "841.5")], ["10:01", "10:33"], id="1 % is enough"),
        pytest.param([("10:00", "900"), ("10:01", "900"), ("11:00", "900"), ("11:01", "900")], ["10:01"], id="each once a day"),
        pytest.param(
            [("10:00", "920"), ("10:01", "920"), ("10:32", "850"), ("10:33", "850"), ("15:00", "800"), ("15:01", "800"), ("15:02", "700")],
            ["10:01", "10:33", "15:01"],
            id="the third at any time",
        ),
    ],
)
def test_the_circuit_breaker_triggers(prints, triggered):
    breaker = Breaker(Decimal(1000), OPEN, CLOSE)
    steps = [(clock, breaker.show(Decimal(index), at(clock))) for clock, index in prints]
    assert [clock for clock, step in steps if step] == triggered


def test_what_the_circuit_breaker_does():
    breaker = Breaker(Decimal(1000), OPEN, CLOSE)
    steps = [
        breaker.show(Decimal(index), at(clock)) for clock, index in (("10:00", "920"), ("10:01", "920"), ("12:00", "1"), ("12:01", "1"))
    ]
    assert [(step.halt, step.call) for step in steps if step] == [(20 * MINUTE, 10 * MINUTE)] * 2
