"""README's two commands are found by their marks, so that CI and the tests run the very lines that a newcomer copies."""

import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
GOOD = "# Title\n\n<!-- run -->\n```sh\nmake it && go\n```\n\n<!-- test -->\n\n```sh\npytest -q\n```\n\n```\nnot this\n```\n"


def line(name: str, text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    readme = folder / "README.md"
    readme.write_text(text)
    return subprocess.run([REPOSITORY / ".ci" / "readme-line", name, readme], capture_output=True, text=True, timeout=20)


@pytest.mark.parametrize(("name", "command"), [("run", "make it && go"), ("test", "pytest -q")])
def test_a_marked_line_is_found(tmp_path, name, command):
    found = line(name, GOOD, tmp_path)
    assert (found.returncode, found.stdout) == (0, command + "\n")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty file"),
        pytest.param(GOOD.replace("<!-- test -->", ""), id="no mark"),
        pytest.param(GOOD + GOOD, id="the mark twice"),
        pytest.param(GOOD.replace("pytest -q", "pytest -q\nrm -rf x"), id="two lines"),
        pytest.param(GOOD.replace("pytest -q\n", ""), id="no line"),
        pytest.param(GOOD.replace("<!-- test -->", "<!-- test -->\nBut first:"), id="words between mark and block"),
        pytest.param(GOOD.partition("pytest -q\n")[0] + "pytest -q\n", id="a block without an end"),
    ],
)
def test_a_readme_without_exactly_one_such_line_is_refused(tmp_path, text):
    found = line("test", text, tmp_path)
    assert (found.returncode, found.stdout) == (1, "")
    assert "must have <!-- test --> once" in found.stderr
