"""docs/cli.md says what the commands are."""

from pathlib import Path

from autotrader.cli.main import VERBS, build
from autotrader.cli.reference import lines

PAGE = Path(__file__).resolve().parent.parent.parent / "docs" / "cli.md"
ISSUE = {
    *("add", "list", "show", "edit", "pause", "resume", "cancel", "run"),
    *("reload", "status", "history", "held", "resolve", "check", "replay", "version"),
}


def test_the_reference_is_current():
    assert PAGE.read_text() == "\n".join(lines()).rstrip() + "\n", "python -m autotrader.cli.reference > docs/cli.md"


def test_every_verb_is_there_and_described():
    page = "\n".join(lines())
    assert set(VERBS) >= ISSUE
    for verb in VERBS:
        assert f"### autotrader {verb}" in page


def test_every_verb_begins_its_help_with_a_short_sentence():
    command = build()
    for verb in VERBS:
        inner = command.get_command(None, verb)
        first = (inner.help or "").strip().split("\n\n")[0]
        assert first.endswith("."), verb
        assert len(first) <= 60, verb
