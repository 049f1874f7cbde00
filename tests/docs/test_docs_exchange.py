"""Every script on the page of the exchange answers as the page says."""

import re
from pathlib import Path

import pytest
from pages import ROOT

from autotrader.cli.verbs.exchange import told
from autotrader.config.markets import load_markets
from autotrader.exchange.script import play
from autotrader.messages import say

PAGE = ROOT / "docs" / "exchange.md"
PAIR = re.compile(r"^```jsonl\n(.*?)^```\n\n^```(json|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAIRS = PAIR.findall(PAGE.read_text(encoding="utf-8"))


class Speaker:
    """The part of a call that speaks."""

    def tell(self, code: str, **params: object) -> str:
        return say(code, params)


def answer(script: str, language: str) -> str:
    import msgspec

    views = play(script.splitlines(), load_markets())
    lines = (msgspec.json.encode(view).decode() if language == "json" else told(Speaker(), view) for view in views)  # type: ignore[arg-type]
    return "".join(line + "\n" for line in lines)


@pytest.mark.parametrize(("script", "language", "said"), PAIRS)
def test_a_script_on_the_page_answers_as_the_page_says(script: str, language: str, said: str) -> None:
    assert answer(script, language) == said


def test_there_are_scripts_and_the_example_is_one_of_them() -> None:
    assert len(PAIRS) >= 4
    assert Path(ROOT, "docs", "examples", "auction.jsonl").read_text(encoding="utf-8") in [script for script, _, _ in PAIRS]
