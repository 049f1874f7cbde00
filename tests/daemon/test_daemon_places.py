"""Paper and live never share a state directory, and a crash never leaves half a mode behind."""

from pathlib import Path

import pytest

from autotrader.daemon.places import MODE, check_mode, mode_of, socket_path
from autotrader.domain.settings import Mode
from autotrader.errors import UserMistake


@pytest.mark.parametrize("mode", list(Mode))
def test_a_new_directory_remembers_its_first_mode(tmp_path: Path, mode: Mode):
    assert mode_of(tmp_path) is None
    check_mode(tmp_path, mode)
    assert mode_of(tmp_path) is mode
    check_mode(tmp_path, mode)


@pytest.mark.parametrize(("first", "second"), [(Mode.PAPER, Mode.LIVE), (Mode.LIVE, Mode.PAPER)])
def test_the_other_mode_is_refused_and_changes_nothing(tmp_path: Path, first: Mode, second: Mode):
    check_mode(tmp_path, first)
    with pytest.raises(UserMistake, match=f"belongs to mode {first.value}, the file says {second.value}"):
        check_mode(tmp_path, second)
    assert mode_of(tmp_path) is first


def test_a_draft_that_a_crash_left_is_no_mode(tmp_path: Path):
    (tmp_path / (MODE + ".new")).write_text("li")
    assert mode_of(tmp_path) is None
    check_mode(tmp_path, Mode.PAPER)
    assert [path.name for path in tmp_path.iterdir()] == [MODE]


@pytest.mark.parametrize("written", [b"", b"pap", b"PAPER", b"\xff\xfe"])
def test_a_mode_that_nobody_can_read_is_refused_with_a_remedy(tmp_path: Path, written: bytes):
    (tmp_path / MODE).write_bytes(written)
    for asked in (lambda: mode_of(tmp_path), lambda: check_mode(tmp_path, Mode.PAPER)):
        with pytest.raises(UserMistake, match=r"should say paper or live .* write there"):
            asked()
    assert (tmp_path / MODE).read_bytes() == written


def test_the_socket_lies_in_the_state_directory(tmp_path: Path):
    assert socket_path(tmp_path).parent == tmp_path
