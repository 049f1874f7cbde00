"""`autotrader exchange run`: from a file or standard input, in JSON or in words, with the exit code of its worst line."""

import json
import subprocess
import sys
from pathlib import Path

ORDER = '{"op":"order","id":"a","side":"sell","type":"limit","price":"10000","quantity":10}\n'


def run(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "autotrader", "exchange", "run", *words], input=said, capture_output=True, text=True, timeout=60
    )


def test_a_file_is_played_as_json_lines(tmp_path: Path) -> None:
    script = tmp_path / "script.jsonl"
    script.write_text(ORDER + '{"op":"book"}\n')
    done = run(str(script), "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == ["accepted", "rest", "book"]


def test_standard_input_is_played_in_words_and_a_bad_line_ends_with_two() -> None:
    done = run("-", said=ORDER + "nonsense\n" + '{"op":"book"}\n')
    assert done.returncode == 2
    assert done.stdout.splitlines()[:2] == ["a: accepted", "a: 10 wait at 10,000"]
    assert done.stdout.splitlines()[2].startswith("line 2: this cannot be read")
    assert done.stdout.splitlines()[3] == "asks 10 at 10,000 | bids none | last -"


def test_each_answer_comes_before_the_next_line_is_written() -> None:
    words = [sys.executable, "-m", "autotrader", "exchange", "run", "-", "--json"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(ORDER)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["type"] == "accepted"
        process.stdin.close()
        assert process.wait(30) == 0


def test_a_file_that_is_not_there_is_said() -> None:
    done = run("/nowhere/script.jsonl")
    assert done.returncode != 0
    assert "/nowhere/script.jsonl: No such file or directory" in done.stderr
