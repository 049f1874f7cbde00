"""Upbit's public stream, frame by frame."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from autotrader.brokers.upbit.dialect import UpbitDialect
from autotrader.domain.tick import FeedName, Flag, InstrumentId, Tick
from autotrader.engine.events import Dropped, FeedEvent, Reference
from autotrader.errors import FeedBroken
from autotrader.feeds.recording.files import read_frames

FEED = FeedName("won")
BTC = InstrumentId("UPBIT:KRW-BTC")
SIMPLE = {
    "ty": "trade",
    "cd": "KRW-BTC",
    "tms": 1700000000250,
    "ttms": 1700000000123,
    "tp": 1,
    "tv": 2,
    "sid": 17000000001230001,
    "st": "REALTIME",
}


def dialect(*codes: str) -> UpbitDialect:
    upbit = UpbitDialect(FEED)
    upbit.subscribe([InstrumentId(f"UPBIT:{code}") for code in codes or ("KRW-BTC",)])
    return upbit


def simple(price: str = "1", size: str = "2", **fields: object) -> bytes:
    """Return a SIMPLE trade with these numbers as they are written."""
    frame = json.dumps({**SIMPLE, **fields, "tp": "PRICE", "tv": "SIZE"}, separators=(",", ":"))
    return frame.replace('"PRICE"', price).replace('"SIZE"', size).encode()


def only(events: Sequence[FeedEvent]) -> FeedEvent:
    (event,) = events
    return event


def test_a_subscription_is_one_frame_with_the_whole_list() -> None:
    (frame,) = UpbitDialect(FEED, quotes=False).subscribe([BTC, InstrumentId("UPBIT:BTC-ETH")])
    ticket, trade, form = json.loads(frame)
    assert len(ticket["ticket"]) == 36
    assert trade == {"type": "trade", "codes": ["KRW-BTC", "BTC-ETH"]}
    assert form == {"format": "SIMPLE"}


def test_a_trade_is_a_print_with_an_id_that_does_not_order_it() -> None:
    tick = only(dialect().decode(simple("93089000.0", "0.00184778")))
    assert tick == Tick(BTC, Decimal(93089000), Decimal("0.00184778"), 1700000000123000000, 0, 17000000001230001, "UPBIT")


def test_the_long_format_says_the_same() -> None:
    frame = (
        b'{"type":"trade","code":"KRW-BTC","trade_price":93089000.0,"trade_volume":8.428e-05,"ask_bid":"ASK","trade_timestamp":1700000000123,'
        b'"timestamp":1700000000250,"sequential_id":17000000001230001,"stream_type":"REALTIME"}'
    )
    assert only(dialect().decode(frame)) == only(dialect().decode(simple("93089000.0", "0.00008428")))


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("1.16539E8", "116539000"),
        ("7.9276E-4", "0.00079276"),
        ("46769000.0", "46769000"),
        ("0.1", "0.1"),
        ("123456789012.123456789012345678", "123456789012.123456789012345678"),
    ],
)
def test_numbers_are_exact_however_they_are_written(written: str, exact: str) -> None:
    tick = only(dialect().decode(simple(written, written)))
    assert isinstance(tick, Tick)
    assert (tick.price, tick.size) == (Decimal(exact), Decimal(exact))


def test_a_snapshot_is_flagged() -> None:
    tick = only(dialect().decode(simple(st="SNAPSHOT")))
    assert isinstance(tick, Tick)
    assert tick.flags == Flag.SNAPSHOT


def test_the_previous_close_is_told_when_first_seen_and_when_it_rolls() -> None:
    upbit = dialect()
    told = [[type(event).__name__ for event in upbit.decode(simple(pcp=close))] for close in (100, 100, 101)]
    assert told == [["Reference", "Tick"], ["Tick"], ["Reference", "Tick"]]
    upbit.subscribe([BTC])
    assert upbit.decode(simple(pcp=101))[0] == Reference(BTC, Decimal(101))


@pytest.mark.parametrize(
    ("frame", "reason", "instrument"),
    [
        pytest.param(simple("0"), "wrong_price", BTC, id="zero price"),
        pytest.param(simple("-1"), "wrong_price", BTC, id="negative price"),
        pytest.param(simple(size="0"), "wrong_price", BTC, id="zero size"),
        pytest.param(simple('"NaN"'), "wrong_price", BTC, id="not a number"),
        pytest.param(simple('"Infinity"'), "wrong_price", BTC, id="infinite"),
        pytest.param(simple("null"), "unreadable", BTC, id="no price"),
        pytest.param(simple(cd="KRW-DOGE"), "unknown_symbol", "KRW-DOGE", id="not asked for"),
        pytest.param(simple(cd="krw-btc"), "unknown_symbol", "krw-btc", id="another case"),
        pytest.param(simple("ABC"), "unreadable", "", id="no JSON"),
        pytest.param(b"", "unreadable", "", id="empty"),
        pytest.param(b'{"ty":"\xff\xfe"}', "unreadable", "", id="no UTF-8"),
        pytest.param(simple()[:-20], "unreadable", "", id="cut off"),
        pytest.param(b'{"x":' + b"[" * 500_000, "unreadable", "", id="nested too deep"),
    ],
)
def test_what_cannot_be_a_print_is_dropped_with_its_reason(frame: bytes, reason: str, instrument: str) -> None:
    assert only(dialect().decode(frame)) == Dropped(FEED, reason, instrument)


@pytest.mark.parametrize(
    "frame",
    [
        pytest.param(b'{"status":"UP"}', id="status"),
        pytest.param(b'{"type":"ticker","code":"KRW-BTC","trade_price":1.5,"trade_timestamp":1}', id="long ticker"),
        pytest.param(b'{"ty":"candle.1s","cd":"KRW-BTC","tp":1.5}', id="candle"),
    ],
)
def test_other_frames_are_signs_of_life_and_no_prints(frame: bytes) -> None:
    assert list(dialect().decode(frame)) == []
    assert dialect().is_sign_of_life(frame)


@pytest.mark.parametrize("frame", [b"{}", b"PONG", b'{"error":{"name":"NO_TICKET","message":"x"}}', b'{"status":"DOWN"}'])
def test_these_are_no_signs_of_life(frame: bytes) -> None:
    assert not dialect().is_sign_of_life(frame)


def test_a_trade_is_a_sign_of_life() -> None:
    assert dialect().is_sign_of_life(simple())


def test_an_error_frame_breaks_the_link() -> None:
    with pytest.raises(FeedBroken, match="NO_CODES: no codes"):
        dialect().decode(b'{"error":{"name":"NO_CODES","message":"no codes"}}')


def test_the_recorded_stream_decodes_whole_and_six_trades_are_older_than_their_predecessor(data_dir: Path) -> None:
    frames = [frame.raw for frame in read_frames(data_dir / "upbit_ws_20210417.capture.gz")]
    codes = {json.loads(frame)["cd"] for frame in frames}
    upbit = dialect(*sorted(codes))
    events = [event for frame in frames for event in upbit.decode(frame)]
    ticks = [event for event in events if isinstance(event, Tick)]
    last: dict[str, int] = {}
    older = 0
    for tick in ticks:
        older += tick.time < last.get(tick.instrument, 0)
        last[tick.instrument] = tick.time
    assert (len(frames), len(ticks), older) == (449, 304, 6)
    assert not [event for event in events if isinstance(event, Dropped)]


def test_the_documented_frames_are_understood() -> None:
    place = Path(__file__).resolve().parents[3] / "shared" / "brokers" / "samples" / "upbit" / "ws" / "trade_frames.jsonl"
    if not place.is_file():
        pytest.skip("no samples of the venue's frames here")
    upbit = dialect("KRW-BTC", "KRW-ETH")
    ticks = [event for line in place.read_bytes().splitlines()[:3] for event in upbit.decode(line) if isinstance(event, Tick)]
    assert [str(tick.size) for tick in ticks] == ["0.00185096", "0.00184778", "0.00008428"]
    assert [tick.flags for tick in ticks] == [0, 0, Flag.SNAPSHOT]
