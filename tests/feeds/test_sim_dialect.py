"""The sim's language."""

from decimal import Decimal

import pytest
from links import HYNIX, NAME, SAMSUNG, print_of

from autotrader.domain.tick import Flag, Quote, Tick
from autotrader.engine.events import Dropped, MarketTime, Reference, Trading
from autotrader.engine.records import TradingState
from autotrader.errors import UserMistake
from autotrader.feeds.dialects import find_dialect
from autotrader.feeds.sim.dialect import BestQuotes, Now, SimDialect, State, Trade, read_asked, write


def dialect() -> SimDialect:
    sim = SimDialect(NAME)
    sim.subscribe([SAMSUNG])
    return sim


def test_a_subscription_names_the_instruments() -> None:
    assert [read_asked(frame.encode()) for frame in SimDialect(NAME).subscribe([SAMSUNG, HYNIX])] == [{SAMSUNG, HYNIX}]


def test_a_print_keeps_its_digits() -> None:
    (tick,) = dialect().decode(print_of("70000.50", sequence=3).encode())
    assert isinstance(tick, Tick)
    assert (tick.instrument, str(tick.price), tick.time, tick.sequence, tick.venue) == (SAMSUNG, "70000.50", 3000, 3, "KRX")


def test_a_hello_tells_the_previous_closes_of_what_was_asked() -> None:
    hello = b'{"type":"hello","previous_close":{"KRX:005930":"70000","KRX:000660":"1","KRX:000000":"0"}}'
    assert [(type(event), str(event.previous_close)) for event in dialect().decode(hello)] == [(Reference, "70000")]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        pytest.param(print_of(1, instrument=HYNIX), "unknown_symbol", id="not asked for"),
        pytest.param(print_of(0), "wrong_price", id="zero"),
        pytest.param(print_of(-5), "wrong_price", id="negative"),
        pytest.param(print_of("NaN"), "wrong_price", id="not a number"),
        pytest.param(print_of("Infinity"), "wrong_price", id="infinite"),
        pytest.param(write(BestQuotes(HYNIX, 9, Decimal(1))), "unknown_symbol", id="a quote not asked for"),
        pytest.param(write(BestQuotes(SAMSUNG, 9, Decimal(-1), Decimal(1))), "wrong_price", id="a quote under zero"),
        pytest.param("[]", "unreadable", id="a list"),
        pytest.param('{"type":"trade"}', "unreadable", id="fields are missing"),
        pytest.param('{"x":' + "[" * 500_000, "unreadable", id="nested too deep"),
    ],
)
def test_what_cannot_be_a_print_is_dropped_with_its_reason(frame: str, reason: str) -> None:
    (dropped,) = dialect().decode(frame.encode())
    assert isinstance(dropped, Dropped)
    assert (dropped.feed, dropped.reason) == (NAME, reason)


def test_a_print_says_where_and_in_which_session_it_was_made() -> None:
    frame = write(Trade(SAMSUNG, Decimal(70000), Decimal(1), 9, 1, "NXT", "nxt.pre", int(Flag.EXPECTED)))
    assert dialect().decode(frame.encode()) == (Tick(SAMSUNG, Decimal(70000), Decimal(1), 9, 1, 0, "NXT", "nxt.pre", int(Flag.EXPECTED)),)


def test_a_plain_print_is_as_short_as_before() -> None:
    assert print_of(70000) == '{"type":"trade","instrument":"KRX:005930","price":"70000","size":"1","time":1000,"sequence":1}'


def test_quotes_states_and_the_time_are_told() -> None:
    quote = BestQuotes(SAMSUNG, 9, Decimal(70000), Decimal(5), None, None, "NXT")
    state = State("KRX", TradingState.VI, 9, SAMSUNG, 99, "dynamic")
    decoded = [event for frame in (quote, state, Now(9)) for event in dialect().decode(write(frame).encode())]
    assert decoded == [
        Quote(SAMSUNG, Decimal(70000), Decimal(5), None, None, 9, "NXT"),
        Trading(NAME, "KRX", TradingState.VI, 9, SAMSUNG, 99, "dynamic"),
        MarketTime(NAME, 9),
    ]


def test_a_quote_without_a_venue_is_of_the_instruments_own_market() -> None:
    (quote,) = dialect().decode(write(BestQuotes(SAMSUNG, 9, Decimal(70000), Decimal(5))).encode())
    assert isinstance(quote, Quote)
    assert (quote.venue, quote.ask) == ("KRX", None)


def test_only_our_own_frames_are_signs_of_life() -> None:
    assert dialect().is_sign_of_life(print_of(1).encode())
    assert dialect().is_sign_of_life(b'{"type":"hello","previous_close":{}}')
    assert not dialect().is_sign_of_life(b"{}")


def test_a_message_that_is_no_subscription_asks_for_nothing() -> None:
    assert read_asked(b"hello") == frozenset()


@pytest.mark.parametrize("name", ["sim", "upbit", "binance"])
def test_dialects_are_found_by_their_names(name: str) -> None:
    assert find_dialect(name, NAME).patterns


def test_an_unknown_dialect_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UserMistake, match="'klingon' is not known; there are binance, sim, upbit"):
        find_dialect("klingon", NAME)
