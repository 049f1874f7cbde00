"""Prints from a file: every legal way to write them, and the place of whatever cannot be read."""

import gzip
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from autotrader.daemon.prints import count_rows, parse_flags, parse_time, read_prints
from autotrader.domain.tick import Flag, InstrumentId
from autotrader.errors import UserMistake

SAMSUNG, HYNIX = InstrumentId("KRX:005930"), InstrumentId("KRX:000660")
NXT_SAMSUNG = InstrumentId("NXT:005930")
T0 = 1_723_161_600_000_000_000
ROW = f"{T0},70000,10"


def written(tmp_path: Path, text: str | bytes, name: str = "prints.csv") -> Path:
    path = tmp_path / name
    raw = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") and not raw.startswith(b"\x1f") else raw)
    return path


def prices(path: Path, instruments: Sequence[InstrumentId] = (SAMSUNG,)) -> list[tuple[int, str, str]]:
    return [(row.number, row.tick.instrument, str(row.tick.price)) for row in read_prints(path, instruments)]


@pytest.mark.parametrize("name", ["prints.csv", "prints.csv.gz"])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"time,price,size\n{ROW}\n", id="plain"),
        pytest.param(f"\ufefftime,price,size\n{ROW}\n", id="with a byte order mark"),
        pytest.param(f'\ufeff"time","price","size"\n{ROW}\n', id="quoted, with a byte order mark"),
        pytest.param(f"time,price,size\r\n{ROW}\r\n", id="lines of another system"),
        pytest.param(f" Time , PRICE,Size \n{ROW}\n", id="names in any case"),
        pytest.param(f"size,time,price\n10,{T0},70000\n", id="columns in another order"),
        pytest.param(f"time,note,price,size\n{T0},x,70000,10\n", id="a column that nobody knows"),
        pytest.param(f"time,price,size\n\n{ROW}\n\n", id="empty lines"),
        pytest.param(f'time,price,size\n{T0}," 70000 ",10', id="blanks around, no last line end"),
    ],
)
def test_the_same_print_can_be_written_in_many_ways(tmp_path, text, name):
    path = written(tmp_path, text, name)
    (row,) = read_prints(path, [SAMSUNG])
    assert row.tick[:4] == (SAMSUNG, Decimal(70000), Decimal(10), T0)
    assert row.number == 1
    assert count_rows(path) == 1


def test_every_column_arrives(tmp_path):
    text = f"time,price,size,symbol,venue,session,sequence,flags\n{T0},70000.50,0.001,005930,NXT,regular,42,auction|odd_lot\n"
    (row,) = read_prints(written(tmp_path, text), [SAMSUNG])
    assert row.tick == (SAMSUNG, Decimal("70000.50"), Decimal("0.001"), T0, 42, 0, "NXT", "regular", int(Flag.AUCTION | Flag.ODD_LOT))


def test_a_symbol_is_an_id_or_a_code_and_others_keep_their_row_number(tmp_path):
    lines = "".join(f"{T0},{price},1,{symbol}\n" for price, symbol in [(1, "KRX:005930"), (2, "UNKNOWN"), (3, "000660"), (4, "005930")])
    path = written(tmp_path, "time,price,size,symbol\n" + lines)
    assert prices(path, [SAMSUNG, HYNIX]) == [(1, SAMSUNG, "1"), (3, HYNIX, "3"), (4, SAMSUNG, "4")]
    assert count_rows(path) == 4


def test_a_code_of_two_markets_is_not_guessed(tmp_path):
    path = written(tmp_path, f"time,price,size,symbol\n{T0},1,1,NXT:005930\n{T0},2,1,005930\n")
    rows = read_prints(path, [SAMSUNG, NXT_SAMSUNG])
    assert next(rows).tick.instrument == NXT_SAMSUNG
    with pytest.raises(UserMistake, match="line 3: symbol '005930' cannot be read; write MARKET:code"):
        next(rows)


def test_several_instruments_need_a_symbol_column(tmp_path):
    with pytest.raises(UserMistake, match="has no `symbol` column and the rules watch KRX:005930, KRX:000660"):
        prices(written(tmp_path, f"time,price,size\n{ROW}\n"), [SAMSUNG, HYNIX])


@pytest.mark.parametrize("text", ["time,price,size", "time,price,size\n", "time,price,size\n\n"], ids=["bare", "line", "blank"])
def test_a_file_with_a_header_only_has_no_prints(tmp_path, text):
    path = written(tmp_path, text)
    assert prices(path) == []
    assert count_rows(path) == 0


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("", "time, price, size"),
        ("time,price", "size"),
        ("a,b,c", "time, price, size"),
        (ROW, "time, price, size"),
    ],
    ids=["empty file", "one missing", "other names", "no header"],
)
def test_missing_columns_are_named(tmp_path, header, missing):
    with pytest.raises(UserMistake, match=f"line 1: the columns {missing} are missing; needed are time,price,size"):
        prices(written(tmp_path, header))


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        pytest.param(",70000,1", "time", "", id="no time"),
        pytest.param("yesterday,70000,1", "time", "yesterday", id="a word for a time"),
        pytest.param("2024-13-01T00:00:00,70000,1", "time", "2024-13-01T00:00:00", id="month 13"),
        pytest.param("-5,70000,1", "time", "-5", id="a negative time"),
        pytest.param("1" + "0" * 30 + ",70000,1", "time", "1" + "0" * 30, id="a time of no year"),
        pytest.param("²,70000,1", "time", "²", id="a digit that is no number"),
        pytest.param("0001-01-01T00:00:00+09:00,1,1", "time", "0001-01-01T00:00:00+09:00", id="the first year"),
        pytest.param(f"{T0},,1", "price", "", id="no price"),
        pytest.param(f"{T0},70k,1", "price", "70k", id="a price with a letter"),
        pytest.param(f"{T0},NaNs,1", "price", "NaNs", id="hardly a number"),
        pytest.param(f"{T0},7_000,1", "price", "7_000", id="underscores"),
        pytest.param(f'{T0},"70,000",1', "price", "70,000", id="thousands separators"),
        pytest.param(f"{T0},1", "size", "", id="a short row"),
        pytest.param(f"{T0},1,many", "size", "many", id="a size in words"),
        pytest.param(f"{T0},1,1,x", "sequence", "x", id="a sequence in letters"),
        pytest.param(f"{T0},1,1,1.5", "sequence", "1.5", id="half a sequence"),
        pytest.param(f"{T0},1,1,1,shiny", "flags", "shiny", id="a flag that nobody knows"),
        pytest.param(f"{T0},1,1,1,auction|", "flags", "auction|", id="half a flag"),
    ],
)
def test_a_malformed_cell_is_named_with_file_line_column_and_remedy(tmp_path, row, column, value):
    path = written(tmp_path, f"time,price,size,sequence,flags\n{ROW},1,\n\n{row}\n")
    with pytest.raises(UserMistake) as caught:
        prices(path)
    assert str(caught.value).startswith(f"{path}, line 4: {column} {value!r} cannot be read; ")


@pytest.mark.parametrize("columns", ["size,price,time,symbol", "symbol,time,price,size", "time,price,size,symbol"])
def test_a_row_that_is_too_short_is_named_wherever_its_columns_stand(tmp_path, columns):
    path = written(tmp_path, f"{columns}\n005930\n")
    with pytest.raises(UserMistake, match="line 2: "):
        prices(path)


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        pytest.param("p.csv", None, "replay.no_file", id="absent"),
        pytest.param("p.csv.gz", b"\x1f\x8bnot really", "replay.broken_gzip", id="not gzip"),
        pytest.param("p.csv.gz", gzip.compress(b"time,price,size\n" + b"x" * 9)[:-12], "replay.broken_gzip", id="gzip cut off"),
        pytest.param("p.csv.gz", gzip.compress(b"a" * 99)[:10] + b"\xff" * 30, "replay.broken_gzip", id="gzip damaged"),
        pytest.param("p.csv", b"time,price,size\n\xff\xfe,1,1\n", "replay.not_text", id="not UTF-8"),
        pytest.param("p.csv", b"time,price,size\n" + b"1" * 200_000 + b",1,1\n", "replay.no_table", id="a cell without end"),
        pytest.param(".", None, "replay.unreadable", id="a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_in_our_words(tmp_path, name, raw, code):
    path = tmp_path / name
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(UserMistake) as caught:
        prices(path)
    assert caught.value.code == code
    said = str(caught.value)
    assert str(path) in said and "Errno" not in said and "codec" not in said


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2024-08-09T00:00:00Z", T0),
        ("2024-08-09T09:00:00+09:00", T0),
        ("2024-08-09T00:00:00", T0),
        ("2024-08-09 00:00:00", T0),
        ("2024-08-09", T0),
        ("2024-08-09T00:00:00.5", T0 + 500_000_000),
        ("2024-08-09T00:00:00,5", T0 + 500_000_000),
        ("2024-08-09T00:00:00.123456789Z", T0 + 123_456_789),
        ("2024-08-09T09:00:00.000000001+09:00", T0 + 1),
        (" 2024-08-09T00:00:00Z ", T0),
    ],
)
def test_a_time_keeps_all_its_digits_and_is_utc_when_it_names_no_zone(text, ns):
    assert parse_time(text) == ns


@pytest.mark.parametrize(
    ("text", "flags"),
    [("auction", Flag.AUCTION), ("BLOCK|odd_lot", Flag.BLOCK | Flag.ODD_LOT), ("5", 5), (" snapshot | midpoint ", 48), ("none", 0)],
)
def test_flags_are_names_or_their_number(text, flags):
    assert parse_flags(text) == int(flags)


def test_rows_are_read_one_by_one(tmp_path):
    path = written(tmp_path, f"time,price,size\n{ROW}\n{ROW}\nbroken\n")
    rows = read_prints(path, [SAMSUNG])
    assert [next(rows).number, next(rows).number] == [1, 2]
    with pytest.raises(UserMistake, match="line 4"):
        next(rows)
