"""The daemon reads its file through a process of its own, and survives whatever that process dies of."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest
from bad_files import BAD_FILES

from autotrader.config.child import RULES_A_LINE, Reading, _lines_of, _understood, read_in_child
from autotrader.config.load import load_file, load_text

TODAY = date(2026, 11, 20)
EXAMPLE = Path(__file__).parent.parent.parent / "config.example.yaml"


async def test_the_child_reads_what_the_loader_reads() -> None:
    reading = await read_in_child(str(EXAMPLE), today=TODAY)
    assert reading.mistakes == ()
    assert reading.settings == load_file(EXAMPLE, TODAY).settings
    assert reading.rules_written


async def test_mistakes_come_as_whole_sentences(tmp_path: Path) -> None:
    cause, text, sentences = next(row for row in BAD_FILES if row[0] == "several at once")
    file = tmp_path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    reading = await read_in_child(str(file), today=TODAY)
    assert reading.settings is None, cause
    assert list(reading.mistakes) == [f"{tmp_path}/{sentence}" for sentence in sentences]


async def test_a_date_that_has_passed_does_not_keep_the_daemon_from_starting(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    text = EXAMPLE.read_text(encoding="utf-8").replace("until: 90d", "until: 2026-11-19")
    file.write_text(text, encoding="utf-8")
    reading = await read_in_child(str(file), today=TODAY)
    assert reading.settings is not None
    assert len(reading.warnings) == 1
    assert "2026-11-19 is past (today is 2026-11-20)" in reading.warnings[0]


async def test_a_missing_file_is_a_mistake(tmp_path: Path) -> None:
    reading = await read_in_child(str(tmp_path / "none.yaml"), today=None)
    assert reading.settings is None
    assert reading.mistakes[0].startswith(f"{tmp_path}/none.yaml: there is no such file")


async def test_a_child_that_takes_too_long_is_ended() -> None:
    reading = await read_in_child(str(EXAMPLE), today=TODAY, timeout=0.001)
    assert reading.settings is None
    assert reading.mistakes == (f"{EXAMPLE}: reading it took more than 0.001 seconds; make the file smaller",)


async def test_a_child_that_dies_of_a_name_it_cannot_say_is_a_mistake() -> None:
    reading = await read_in_child("a\udcff\n.yaml", today=TODAY)
    assert reading.settings is None
    assert len(reading.mistakes) == 1
    assert reading.mistakes[0].startswith("a?\n.yaml: the process that reads it ended early (UnicodeEncodeError")


def test_the_daemon_s_part_carries_neither_pydantic_nor_yaml() -> None:
    names = "child, fields, instruments, kinds, levels, markets, mistakes, rule_checks, rule_keys, rules, values"
    loaded = "sorted({name.partition('.')[0] for name in sys.modules} & {'pydantic', 'pydantic_core', 'yaml', 'ruamel'})"
    code = f"import sys; from autotrader.config import {names}; print({loaded})"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=True)
    assert answer.stdout == "[]\n"


async def test_a_child_that_cannot_even_be_started_is_a_mistake_and_not_the_end_of_the_daemon() -> None:
    reading = await read_in_child("a" * 200_000, today=TODAY)  # longer than the system takes for one argument
    assert reading.settings is None
    assert "the process that reads it ended early" in reading.mistakes[0]


class TestManyRules:
    """More rules than one line of the child's answer has."""

    @staticmethod
    def answer(count: int) -> tuple[Reading, bytes]:
        rules = "".join(f"  r{n}: {{instrument: BINANCE:BTCUSDT, side: sell, quantity: 1, stop: 68000}}\n" for n in range(count))
        text = f"accounts: {{main: {{broker: paper}}}}\nfeeds: {{f: {{kind: binance}}}}\nrules:\n{rules}"
        loaded = load_text(text, "f", None)
        reading = Reading(loaded.settings, (), (), loaded.rules_written)
        return reading, b"".join(line + b"\n" for line in _lines_of(reading))

    @pytest.mark.parametrize("count", [1, RULES_A_LINE, RULES_A_LINE + 1])
    async def test_they_come_over_as_they_were_read(self, count: int) -> None:
        reading, answer = self.answer(count)
        assert reading.settings is not None
        assert len(reading.settings.rules) == count
        assert await _understood(answer) == reading

    async def test_an_answer_that_was_cut_off_is_none(self) -> None:
        _, answer = self.answer(RULES_A_LINE + 1)
        for end in (0, 10, answer.index(b"\n") + 1, len(answer) - 2):
            with pytest.raises((EOFError, msgspec.DecodeError)):
                await _understood(answer[:end])
