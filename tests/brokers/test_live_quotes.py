"""Best bid and ask from the live dialects: exact, a side that nobody quotes is None, what cannot be is dropped and counted."""

import json
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrader.brokers.binance.dialect import BinanceDialect
from autotrader.brokers.upbit.dialect import UpbitDialect
from autotrader.domain.tick import FeedName, InstrumentId, Quote
from autotrader.engine.events import Dropped
from autotrader.errors import FeedBroken

FEED = FeedName("live")
BTC = InstrumentId("BINANCE:BTCUSDT")
KRW_BTC = InstrumentId("UPBIT:KRW-BTC")
D = Decimal


def binance(*, quotes: bool = True) -> BinanceDialect:
    dialect = BinanceDialect(FEED, quotes=quotes)
    dialect.subscribe([BTC])
    return dialect


def upbit(*, quotes: bool = True) -> UpbitDialect:
    dialect = UpbitDialect(FEED, quotes=quotes)
    dialect.subscribe([KRW_BTC])
    return dialect


def ticker(symbol: str = "BTCUSDT", bid: str = "60000.01", bid_size: str = "1.5", ask: str = "60000.02", ask_size: str = "0.25") -> bytes:
    """Return a frame as the exchange documents it."""
    data = {"u": 400900217, "s": symbol, "b": bid, "B": bid_size, "a": ask, "A": ask_size}
    return json.dumps({"stream": f"{symbol.lower()}@bookTicker", "data": data}, separators=(",", ":")).encode()


def book(code: str = "KRW-BTC", **unit: object) -> bytes:
    """Return a SIMPLE frame of one level."""
    level = {"ap": 92000000, "bp": 91999000, "as": 0.12345678, "bs": 1.0} | unit
    return json.dumps({"ty": "orderbook", "cd": code, "tas": 1, "tbs": 2, "obu": [level], "tms": 1763600000123, "st": "REALTIME"}).encode()


def test_binance_is_asked_for_trades_and_best_prices() -> None:
    asked = json.loads(BinanceDialect(FEED).subscribe([BTC])[0])
    assert asked["params"] == ["btcusdt@trade", "btcusdt@bookTicker"]
    assert json.loads(BinanceDialect(FEED, quotes=False).subscribe([BTC])[0])["params"] == ["btcusdt@trade"]


def test_upbit_is_asked_for_one_level_of_the_book() -> None:
    asked = json.loads(UpbitDialect(FEED).subscribe([KRW_BTC])[0])
    assert asked[1:3] == [{"type": "trade", "codes": ["KRW-BTC"]}, {"type": "orderbook", "codes": ["KRW-BTC.1"]}]
    assert [part.get("type") for part in json.loads(UpbitDialect(FEED, quotes=False).subscribe([KRW_BTC])[0])] == [None, "trade", None]


def test_binance_best_prices_have_no_time() -> None:
    assert binance().decode(ticker()) == (Quote(BTC, D("60000.01"), D("1.5"), D("60000.02"), D("0.25"), 0, "BINANCE"),)


def test_upbit_best_prices_are_exact() -> None:
    quote = Quote(KRW_BTC, D(91999000), D("1.0"), D(92000000), D("0.12345678"), 1763600000123 * 1_000_000, "UPBIT")
    assert upbit().decode(book()) == (quote,)


def test_upbit_in_its_default_words_too() -> None:
    units = [{"ask_price": 3, "bid_price": 2, "ask_size": 5, "bid_size": 4}]
    frame = json.dumps({"type": "orderbook", "code": "KRW-BTC", "orderbook_units": units, "timestamp": 7}).encode()
    assert upbit().decode(frame) == (Quote(KRW_BTC, D(2), D(4), D(3), D(5), 7_000_000, "UPBIT"),)


def test_a_side_padded_with_zeros_is_nobodys() -> None:
    (quote,) = upbit().decode(book(ap=0, **{"as": 0}))
    assert isinstance(quote, Quote)
    assert (quote.bid, quote.ask, quote.ask_size) == (D(91999000), None, None)


WRONG = [
    (binance, ticker(bid="60000.03"), "wrong_quote"),
    (binance, ticker(bid="-1"), "wrong_quote"),
    (binance, ticker(bid="NaN"), "wrong_quote"),
    (upbit, book(bp=92000001), "wrong_quote"),
]


@pytest.mark.parametrize(("make", "frame", "reason"), WRONG)
def test_what_cannot_be_is_dropped(make, frame: bytes, reason: str) -> None:
    (event,) = make().decode(frame)
    assert isinstance(event, Dropped)
    assert event.reason == reason


def test_the_book_of_what_nobody_wants_says_nothing() -> None:
    assert list(binance().decode(ticker("ETHUSDT"))) == []
    assert list(upbit().decode(book("KRW-ETH"))) == []


def test_trades_between_quotes_are_still_told() -> None:
    trade = b'{"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT","t":5,"p":"60000.00","q":"0.1","T":1763600000123}}'
    dialect = binance()
    assert [type(event).__name__ for frame in (ticker(), trade, ticker()) for event in dialect.decode(frame)] == ["Quote", "Tick", "Quote"]


@given(st.binary(max_size=200), st.sampled_from([b'{"stream":"btcusdt@bookTicker","data":', b'{"ty":"orderbook","obu":', b""]))
def test_no_frame_breaks_a_dialect(rest: bytes, head: bytes) -> None:
    for dialect in (binance(), upbit()):
        with suppress(FeedBroken):  # an error frame is told as such
            dialect.decode(head + rest)
