"""Editing one rule in the user's own file keeps everything else as it was."""

import stat
from datetime import date
from pathlib import Path

import pytest

from autotrader.cli.yaml_edit import Changes, digest, edit_rule
from autotrader.errors import UnknownThing, UserMistake

TODAY = date(2026, 11, 20)

FILE = """\
# my rules
mode: 'paper'          # not yet real
guards: {stale: off}
accounts: {main: {broker: "paper"}}
feeds: {demo: {kind: sim, seed: 007, instruments: {KRX:000660: {start: 300000}}}}
rules:
  # the first
  stop:
    instrument: KRX:000660   # hynix
    side: sell
    quantity: 010

    stop: 280000  # below the spring
    until: 90d    # a quarter

  # the second
  flow: {instrument: 'KRX:000660', side: sell, quantity: all, target: "+10%", note: 15:20}

  # the third
  last:
    instrument: KRX:000660
    side: sell
    quantity: 1
    trail: 3%
# the end
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a user's file."""
    path = tmp_path / "config.yaml"
    path.write_text(FILE, encoding="utf-8")
    return path


def edit(file: Path, rule: str, changes: Changes) -> str:
    """Edit the file as it is now."""
    return edit_rule(file, rule, changes, digest(file.read_bytes()), today=TODAY)


@pytest.mark.parametrize(
    ("rule", "changes", "old", "new"),
    [
        pytest.param("stop", {"stop": "270000"}, "stop: 280000  #", "stop: 270000  #", id="a value keeps its comment"),
        pytest.param("stop", {"until": None}, "    until: 90d    # a quarter\n", "", id="a removed key leaves the next heading"),
        pytest.param(
            "stop",
            {"note": "a: b # c"},
            "# a quarter\n",
            "# a quarter\n    note: 'a: b # c'\n",
            id="a new key stands before the next heading",
        ),
        pytest.param("stop", {"quantity": "000012"}, "quantity: 010", "quantity: 000012", id="zeros stay"),
        pytest.param("flow", {"target": "+12%"}, '"+10%"', '"+12%"', id="a value keeps its quotes"),
        pytest.param("flow", {"note": None}, ", note: 15:20", "", id="a key removed from one line"),
        pytest.param("flow", {"order": {"limit": "320000"}}, "15:20}", "15:20, order: {limit: 320000}}", id="a limit order"),
        pytest.param("last", {"trail": "2%"}, "trail: 3%", "trail: 2%", id="the last rule"),
        pytest.param("last", {"activate": "+5%"}, "trail: 3%\n", "trail: 3%\n    activate: +5%\n", id="a key added at the very end"),
        pytest.param("last", {"trail": None, "stop": "-5%"}, "trail: 3%", "stop: -5%", id="one trigger for another"),
    ],
)
def test_an_edit_changes_what_it_says_and_nothing_else(file: Path, rule: str, changes: Changes, old: str, new: str) -> None:
    assert FILE.count(old) == 1
    assert edit(file, rule, changes) == FILE.replace(old, new)
    assert file.read_text(encoding="utf-8") == FILE.replace(old, new)


def test_a_file_that_changed_meanwhile_is_left_alone(file: Path) -> None:
    seen = digest(file.read_bytes())
    file.write_text(FILE.replace("280000", "260000"), encoding="utf-8")
    with pytest.raises(UserMistake) as caught:
        edit_rule(file, "stop", {"stop": "270000"}, seen, today=TODAY)
    assert caught.value.code == "config.changed_meanwhile"
    assert file.read_text(encoding="utf-8") == FILE.replace("280000", "260000")


def test_a_file_that_vanished_is_not_made_again(tmp_path: Path) -> None:
    with pytest.raises(UserMistake) as caught:
        edit_rule(tmp_path / "none.yaml", "stop", {}, digest(FILE.encode()))
    assert caught.value.code == "config.changed_meanwhile"
    assert list(tmp_path.iterdir()) == []


def test_an_edit_that_makes_no_sense_changes_nothing(file: Path) -> None:
    with pytest.raises(UserMistake) as caught:
        edit(file, "stop", {"stop": "27_000", "until": "91d"})
    assert str(caught.value) == (
        "the edit would make config.yaml invalid, so nothing was changed:\n"
        f"{file}:13:11: '27_000' is not a plain number; write 27000\n"
        f"{file}:14:12: 91d is too long, a rule for KRX lasts 90 days at most; write 2027-02-18 or 90d at the latest"
    )
    assert file.read_text(encoding="utf-8") == FILE
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.parametrize("rule", ["missing", "rules", ""])
def test_a_rule_that_is_not_in_the_file_is_unknown(file: Path, rule: str) -> None:
    with pytest.raises(UnknownThing) as caught:
        edit(file, rule, {"stop": "1"})
    assert caught.value.code == "config.no_such_rule"
    assert file.read_text(encoding="utf-8") == FILE


def test_the_permissions_of_the_file_stay(file: Path) -> None:
    file.chmod(0o640)
    edit(file, "stop", {"stop": "270000"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_link_to_the_file_stays_a_link(file: Path) -> None:
    link = file.parent / "link.yaml"
    link.symlink_to(file)
    edit(link, "stop", {"stop": "270000"})
    assert link.is_symlink()
    assert "stop: 270000" in file.read_text(encoding="utf-8")


def test_the_line_ends_of_the_file_stay(file: Path) -> None:
    file.write_bytes(FILE.replace("\n", "\r\n").encode())
    edit(file, "last", {"trail": "2%"})
    assert file.read_bytes() == FILE.replace("trail: 3%", "trail: 2%").replace("\n", "\r\n").encode()


def test_a_comment_is_never_lost_in_silence(file: Path) -> None:
    text = FILE.replace(
        "  last:\n    instrument: KRX:000660\n", "  last:\n    note: x\n    # about the instrument\n    instrument: KRX:000660\n"
    )
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UserMistake) as caught:
        edit(file, "last", {"note": None})
    assert caught.value.code == "config.edit_strays"
    assert file.read_text(encoding="utf-8") == text


def test_the_example_survives_an_edit_of_each_of_its_rules(tmp_path: Path) -> None:
    example = (Path(__file__).parent.parent.parent / "config.example.yaml").read_text(encoding="utf-8")
    file = tmp_path / "config.yaml"
    file.write_text(example, encoding="utf-8")
    for line in [line for line in example.splitlines() if line.startswith("  ") and "side:" in line]:
        edit(file, line.split(":")[0].strip(), {"note": "seen"})
    lines = zip(example.splitlines(), file.read_text(encoding="utf-8").splitlines(), strict=True)
    assert all(after == before or "note: seen}" in after for before, after in lines)
