"""Every wrong file of the table, through `check` and through `add`: the same sentences, exit code 2, nothing made."""

import importlib.util
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_stage import doors_of

TABLE = Path(__file__).resolve().parent.parent / "config" / "bad_files.py"


def table():
    """Return the table of the configuration's tests, which is no module of ours."""
    spec = importlib.util.spec_from_file_location("bad_files_table", TABLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


BAD = table()
NOON = int(datetime(BAD.TODAY.year, BAD.TODAY.month, BAD.TODAY.day, 12, tzinfo=UTC).timestamp()) * 10**9


def written(home: Path, text: str | bytes) -> None:
    (home / "config.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(("text", "said"), [pytest.param(text, said, id=name) for name, text, said in BAD.BAD_FILES])
def test_check_says_every_word_about_a_wrong_file(cli, home, text, said):
    written(home, text)
    told = [sentence.replace("config.yaml", f"{home}/config.yaml", 1) for sentence in said]
    result = cli("check", doors=doors_of(home, now=lambda: NOON))
    assert (result.code, result.out) == (2, "".join(f"{line}\n" for line in [*told, f"mistakes: {len(said)}"]))


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text, _ in BAD.BAD_FILES if name != "a day that is past"])
def test_no_rule_is_added_beside_a_wrong_file(cli, home, text):
    """Only a day that has passed by itself is no reason to refuse what has nothing to do with it."""
    written(home, text)
    result = cli("add", "sell", "KRX:005930", "-q", "1", "--stop", "1", doors=doors_of(home, now=lambda: NOON))
    assert (result.code, result.out) == (2, "")
    assert not (home / "state").exists()
