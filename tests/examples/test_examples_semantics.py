"""The worked examples of the manual, sections 2.3 to 2.13: rules and prints are files, replayed as a user would.

`NAME.yaml` and `NAME.csv` give what `NAME.txt` says, one line a fire, an order, a fill or another end; the tables of section 2.4 are
`NAME.table`.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autotrader.config.load import load_file
from autotrader.daemon.replay import replay

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent / "semantics"
EXAMPLES = sorted(HERE.glob("*.yaml"), key=lambda path: path.name)
TABLES = sorted(HERE.glob("*.table"), key=lambda path: path.name)
ENDS = ("superseded", "failed", "expired", "held", "rejected", "crossed")


def lines_of(rules: Path) -> Iterator[str]:
    """Yield what happened, by the row of the print."""
    loaded = load_file(rules, None, require_accounts=False, past_is_mistake=False)
    assert loaded.settings is not None, [mistake.sentence() for mistake in loaded.mistakes]
    for line in replay(loaded.settings, rules.with_suffix(".csv")):
        where = f"{line.get('print')}: {line.get('rule')}/{line.get('leg')}"
        match line["type"]:
            case "fired":
                yield f"{where} fires at {line['level'] or 'its time'}"
            case "order":
                yield f"{where} {line['side']} {line['quantity']} {line['order_type']} {line['price'] or ''}".rstrip()
            case "fill":
                yield f"{where} filled {line['quantity']} at {line['price']}"
            case kind if kind in ENDS:
                yield f"{where} {kind}"


def table_of(rules: Path, state: Path) -> str:
    """Return what the command prints of an example as a table."""
    call = [sys.executable, "-m", "autotrader", "replay", str(rules), "--prints", str(rules.with_suffix(".csv")), "--table"]
    return subprocess.run(call, cwd=state, capture_output=True, check=True, text=True).stdout


@pytest.mark.parametrize("rules", EXAMPLES, ids=lambda path: path.stem)
def test_a_worked_example_of_the_manual_comes_out_as_written(rules: Path) -> None:
    assert "".join(f"{line}\n" for line in lines_of(rules)) == rules.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("expected", TABLES, ids=lambda path: path.stem)
def test_a_table_of_the_manual_is_printed_exactly(expected: Path, tmp_path: Path) -> None:
    assert table_of(expected.with_suffix(".yaml"), tmp_path) == expected.read_text(encoding="utf-8")


def test_every_section_of_worked_examples_has_files() -> None:
    assert {path.stem.partition("-")[0] for path in EXAMPLES} == {f"2.{section}" for section in (3, 4, 5, 6, 8, 9, 10, 11, 12, 13)}
    assert len(TABLES) >= 4


def test_the_table_on_the_page_is_what_the_command_prints(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "replay.md").read_text(encoding="utf-8")
    block = page.partition("<!-- table -->\n```text\n")[2].partition("\n```")[0]
    assert table_of(ROOT / "docs" / "examples" / "trail.yaml", tmp_path).rstrip() == block
