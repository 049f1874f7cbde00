"""The page of the linter has every finding in the words in which it is told."""

from pages import ROOT

from autotrader.messages.lint import ENGLISH


def test_every_finding_is_on_its_page_in_its_words() -> None:
    text = (ROOT / "docs" / "linter.md").read_text(encoding="utf-8")
    rows = dict(line.strip("| ").split("` | ", 1) for line in text.splitlines() if line.startswith("| `lint."))
    assert {code.strip("`"): sentence for code, sentence in rows.items()} == ENGLISH
