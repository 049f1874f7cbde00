"""docs/plans.md is worked through as it is written: each command that shows an answer gives it."""

import re
import shlex
from pathlib import Path

import pytest
from pages import FENCE, ROOT

from autotrader.cli.doors import Doors
from autotrader.cli.main import main

PAGE = (ROOT / "docs" / "plans.md").read_text(encoding="utf-8")
FILE = next(found[2] for found in FENCE.finditer(PAGE) if found[1] == "yaml")
ANSWERS = [
    (found[1].strip().splitlines(), found[2].strip().splitlines())
    for found in re.finditer(r"```sh\n([^`]+)```\s+(?:says\s+)?```text\n([^`]+)```", PAGE)
]


def test_each_answer_on_the_page_is_what_comes(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    doors = Doors(environ={"HOME": str(tmp_path), "AUTOTRADER_STATE": str(tmp_path / "state"), "AUTOTRADER_CONFIG": "config.yaml"})

    def call(line: str) -> list[str]:
        assert main(shlex.split(line)[1:], doors) == 0
        return capsys.readouterr().out.strip().splitlines()

    Path("config.yaml").write_text(FILE)
    first, *others = ANSWERS
    assert call(first[0][-1]) == first[1]
    # The first change without a daemon takes the file's rules into the store, as a start of the daemon would.
    call("autotrader add sell KRX:005930 -q 1 --stop 50000 --id passing")
    call("autotrader cancel passing")
    Path("config.yaml").write_text(FILE.replace("68000", "67000"))
    assert len(others) == 3
    for lines, answer in others:
        assert [call(line) for line in lines][-1] == answer
