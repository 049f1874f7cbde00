"""A home with a configuration, and the command line called inside this process."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli_stage import Result, Stage, doors_of, listening

from autotrader.cli.doors import Doors
from autotrader.cli.main import main

CONFIG = """\
# mine
mode: paper
accounts: {main: {broker: paper, cash: {KRW: 10000000, USDT: 100000}}}
feeds:
  demo: {kind: sim, instruments: {KRX:005930: {start: 70000}, BINANCE:BTCUSDT: {start: 60000}}}
rules:
  # keep me
  from-file: {instrument: KRX:005930, side: sell, quantity: 5, stop: 60000}  # and me
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def cli(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """Return what calls the command line in this home; other doors can be handed in."""

    def call(*arguments: str, doors: Doors | None = None) -> Result:
        code = main(list(arguments), doors or doors_of(home))
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return call


@pytest.fixture
def daemon(home: Path) -> Iterator[Stage]:
    """Return a daemon that answers in this home."""
    (home / "state").mkdir(mode=0o700)
    stage = Stage(home / "config.yaml", home / "state")
    with listening(stage, home / "state" / "control.sock"):
        yield stage
