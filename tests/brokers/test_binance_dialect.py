"""Binance's spot trade stream, frame by frame."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from autotrader.brokers.binance.dialect import AT_ONCE, BinanceDialect
from autotrader.domain.tick import FeedName, InstrumentId, Quote, Tick
from autotrader.engine.events import Dropped
from autotrader.errors import FeedBroken
from autotrader.feeds.recording.files import read_frames

FEED = FeedName("spot")
BTC = InstrumentId("BINANCE:BTCUSDT")
TRADE = {
    "e": "trade",
    "E": 1723161600101,
    "s": "BTCUSDT",
    "t": 3719,
    "p": "61685.99000000",
    "q": "0.00100000",
    "T": 1723161600100,
    "m": True,
    "M": True,
}
TICK = Tick(BTC, Decimal("61685.99"), Decimal("0.001"), 1723161600100000000, 3719, 3719, "BINANCE")


def dialect() -> BinanceDialect:
    binance = BinanceDialect(FEED)
    binance.subscribe([BTC])
    return binance


def event(**fields: object) -> dict[str, object]:
    return {**TRADE, **fields}


def envelope(data: object, stream: str = "btcusdt@trade") -> bytes:
    return json.dumps({"stream": stream, "data": data}, separators=(",", ":")).encode()


def test_a_subscription_names_the_streams_in_small_letters() -> None:
    (frame,) = BinanceDialect(FEED, quotes=False).subscribe([BTC])
    assert json.loads(frame) == {"method": "SUBSCRIBE", "params": ["btcusdt@trade"], "id": 1}


def test_what_is_no_longer_wanted_is_taken_back() -> None:
    binance = dialect()
    back, asked = map(json.loads, binance.subscribe([InstrumentId("BINANCE:ETHUSDT")]))
    assert (back["method"], back["params"]) == ("UNSUBSCRIBE", ["btcusdt@trade", "btcusdt@bookTicker"])
    assert (asked["method"], asked["params"]) == ("SUBSCRIBE", ["ethusdt@trade", "ethusdt@bookTicker"])


def test_a_long_list_goes_in_several_requests() -> None:
    frames = BinanceDialect(FEED, quotes=False).subscribe([InstrumentId(f"BINANCE:X{number}USDT") for number in range(AT_ONCE + 1)])
    assert [len(json.loads(frame)["params"]) for frame in frames] == [AT_ONCE, 1]


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(envelope(TRADE), id="in the envelope"),
        pytest.param(json.dumps(TRADE).encode(), id="bare"),
        pytest.param(json.dumps({"stream": "btcusdt@trade", "data": TRADE}, indent=1).encode(), id="with spaces"),
        pytest.param(json.dumps({"data": TRADE, "stream": "btcusdt@trade"}).encode(), id="the stream's name last"),
        pytest.param(envelope(event(T=1723161600100000)), id="in microseconds"),
    ],
)
def test_a_trade_is_a_print_ordered_by_its_number(frame: bytes) -> None:
    assert list(dialect().decode(frame)) == [TICK]
    assert dialect().is_sign_of_life(frame)


@pytest.mark.parametrize(
    ("frame", "reason", "instrument"),
    [
        pytest.param(envelope(event(p="0.00000000")), "wrong_price", BTC, id="zero price"),
        pytest.param(envelope(event(p="-1")), "wrong_price", BTC, id="negative price"),
        pytest.param(envelope(event(q="0")), "wrong_price", BTC, id="zero size"),
        pytest.param(envelope(event(p="NaN")), "wrong_price", BTC, id="not a number"),
        pytest.param(envelope(event(p="Infinity")), "wrong_price", BTC, id="infinite"),
        pytest.param(envelope(event(p=None)), "unreadable", BTC, id="no price"),
        pytest.param(envelope(event(s="ETHUSDT")), "unknown_symbol", "ETHUSDT", id="not asked for"),
        pytest.param(envelope(event(p="sixty")), "unreadable", "", id="a word for a price"),
        pytest.param(envelope(TRADE)[:-9], "unreadable", "", id="cut off"),
        pytest.param(b"[1]", "unreadable", "", id="a list"),
        pytest.param(b"\xff", "unreadable", "", id="no UTF-8"),
        pytest.param(b'{"x":' + b"[" * 500_000, "unreadable", "", id="nested too deep"),
        pytest.param(envelope(TRADE)[:-2] + b',"x":' + b"[" * 500_000, "unreadable", "", id="a print nested too deep"),
    ],
)
def test_what_cannot_be_a_print_is_dropped_with_its_reason(frame: bytes, reason: str, instrument: str) -> None:
    assert list(dialect().decode(frame)) == [Dropped(FEED, reason, instrument)]


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b'{"result":null,"id":1}', id="the yes to a request"),
        pytest.param(envelope({"e": "depthUpdate", "E": 1, "s": "BTCUSDT", "b": [["1", "2"]], "a": []}, "btcusdt@depth@100ms"), id="depth"),
        pytest.param(envelope(event(e="aggTrade", a=1), "btcusdt@aggTrade"), id="aggregated trade"),
    ],
)
def test_other_frames_are_signs_of_life_and_no_prints(frame: bytes) -> None:
    assert list(dialect().decode(frame)) == []
    assert dialect().is_sign_of_life(frame)


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        pytest.param(b'{"error":{"code":2,"msg":"Invalid request: unknown variant"},"id":1}', "2: Invalid request", id="under error"),
        pytest.param(b'{"code":2,"msg":"Invalid JSON"}', "2: Invalid JSON", id="bare"),
        pytest.param(b'{"code":2,"id":"btcusdt@trade","msg":"no such stream"}', "2: no such stream", id="naming a trade stream"),
        pytest.param(b'{"e":"serverShutdown","E":1770123456789}', "closes this connection soon", id="shutdown"),
        pytest.param(
            envelope({"e": "serverShutdown", "E": 1770123456789}, "!server"), "closes this connection soon", id="shutdown in an envelope"
        ),
    ],
)
def test_a_refusal_or_an_announced_shutdown_breaks_the_link(frame: bytes, words: str) -> None:
    with pytest.raises(FeedBroken, match=words):
        dialect().decode(frame)


@pytest.mark.parametrize("frame", [b"{}", b"hello", b'{"code":2,"msg":"Invalid JSON"}', b'{"error":{"code":2,"msg":"x"},"id":1}'])
def test_these_are_no_signs_of_life(frame: bytes) -> None:
    assert not dialect().is_sign_of_life(frame)


def test_the_recorded_stream_decodes_whole_with_no_wrong_price(data_dir: Path) -> None:
    binance = dialect()
    events = [event for frame in read_frames(data_dir / "binance_spot_btcusdt_20240809.raw.gz") for event in binance.decode(frame.raw)]
    ticks = [event for event in events if isinstance(event, Tick)]
    quotes = [event for event in events if isinstance(event, Quote)]
    assert (len(events), len(ticks)) == (len(quotes) + 10_147, 10_147)
    # The recording has the book ticker beside the trades: every change of the best prices, never crossed.
    assert len(quotes) == 45_134
    assert all(quote.bid is not None and quote.ask is not None and quote.bid < quote.ask for quote in quotes)
    assert [tick.sequence for tick in ticks] == sorted({tick.sequence for tick in ticks})
