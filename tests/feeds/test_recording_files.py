"""Recordings on disk."""

import gzip
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autotrader.errors import UserMistake
from autotrader.feeds.recording.files import Frame, Header, read_frames, read_header, write_frame, write_header

HEADER = Header(1, "sim", "ws://127.0.0.1:1", 5, ("KRX:005930",))


def saved(path: Path, *lines: bytes, packed: bool = True) -> Path:
    place = path / "recording.gz"
    place.write_bytes(gzip.compress(b"".join(lines)) if packed else b"".join(lines))
    return place


def test_our_own_header_tells_dialect_and_instruments(tmp_path: Path) -> None:
    assert write_header(HEADER).startswith(b'{"autotrader-recording":1,"dialect":"sim","url":')
    assert read_header(saved(tmp_path, write_header(HEADER))) == HEADER


def test_a_capture_without_header_has_none(tmp_path: Path) -> None:
    assert read_header(saved(tmp_path, b'17 {"stream":"x"}\n')) is None


@pytest.mark.parametrize("packed", [True, False], ids=["gzipped", "plain"])
def test_frames_come_back_in_their_order(tmp_path: Path, packed: bool) -> None:
    frames = [Frame(1, b'{"a": 1}'), Frame(3, b"[]"), Frame(2, '{"말":"한글"}'.encode())]
    assert list(read_frames(saved(tmp_path, write_header(HEADER), *map(write_frame, frames), packed=packed))) == frames


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1)))
def test_any_frame_survives_the_file(tmp_path_factory: pytest.TempPathFactory, raws: list[bytes]) -> None:
    frames = [Frame(place, raw) for place, raw in enumerate(raws)]
    path = saved(tmp_path_factory.mktemp("any"), write_header(HEADER), *map(write_frame, frames))
    assert list(read_frames(path)) == frames


def test_json_text_is_kept_as_it_is_so_that_people_can_read_it() -> None:
    assert write_frame(Frame(7, b'{"a":1}')) == b'7 {"a":1}\n'
    assert write_frame(Frame(7, b'{\n"a":1}')) == b'7 "{\\n\\"a\\":1}"\n'


def test_a_capture_of_python_literals_is_read_and_its_connection_lines_are_not(tmp_path: Path) -> None:
    lines = (
        b"wss://api.upbit.com/websocket/v1 <-> 1618678261.681707\n",
        b'wss://api.upbit.com/websocket/v1 <- 1618678262.670261: [{"ticket":"x"}]\n',
        b'1618678263.010785: b\'{"ty":"trade","cd":"\\xec\\x9b\\x90"}\'\n',
        b"\n",
    )
    assert list(read_frames(saved(tmp_path, *lines))) == [Frame(1_618_678_263_010_785_000, '{"ty":"trade","cd":"원"}'.encode())]


def test_a_file_cut_by_a_crash_gives_what_it_has(tmp_path: Path) -> None:
    frames = [Frame(place, b'{"n":%d}' % place) for place in range(5000)]
    path = saved(tmp_path, write_header(HEADER), *map(write_frame, frames))
    path.write_bytes(path.read_bytes()[:-1000])
    read = list(read_frames(path))
    assert 0 < len(read) < 5000
    assert read == frames[: len(read)]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"hello", id="one word"),
        pytest.param(b"hello world", id="two words"),
        pytest.param(b"12: os.getcwd()", id="code is not run"),
        pytest.param(b"x.y: b'1'", id="no time"),
        pytest.param(b"12: [1]", id="a literal that is no text"),
        pytest.param(b'12 "broken', id="a broken escape"),
        pytest.param(b"12", id="no frame"),
    ],
)
def test_a_line_of_another_kind_is_refused_with_its_number(tmp_path: Path, line: bytes) -> None:
    path = saved(tmp_path, write_header(HEADER), b"1 {}\n", line + b"\n")
    with pytest.raises(UserMistake, match=r"recording\.gz, line 3"):
        list(read_frames(path))
