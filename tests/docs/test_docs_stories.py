"""A page that shows rules, prints and what comes of them tells the truth: each such story is replayed.

A story is a `yaml` block of rules, a `prints` block (prices separated by spaces, one print a second) and a `text` block of what
the replay says, one line a fire, an order or a fill.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pages import name, pages

from autotrader.config.load import load_text
from autotrader.daemon.replay import replay

STORY = re.compile(r"^```yaml\n(.*?)^```\n+^```prints\n(.*?)^```\n+^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Story(NamedTuple):
    """Rules, prices, and the lines that the page shows."""

    rules: str
    prints: list[str]
    told: str


def stories() -> Iterator[Any]:
    for page in pages():
        for number, found in enumerate(STORY.finditer(page.read_text(encoding="utf-8")), start=1):
            yield pytest.param(Story(found[1], found[2].split(), found[3]), id=f"{name(page)}-{number}")


def lines_of(story: Story, folder: Path) -> Iterator[str]:
    """Yield what a replay of the story says: on which print what fired, what was ordered, what was filled."""
    loaded = load_text(story.rules, "rules.yaml", None, require_accounts=False)
    assert loaded.settings is not None, [mistake.sentence() for mistake in loaded.mistakes]
    prints = folder / "prints.csv"
    rows = [f"{1_795_132_800 + n}000000000,{price},1000" for n, price in enumerate(story.prints)]
    prints.write_text("time,price,size\n" + "\n".join(rows) + "\n")
    for line in replay(loaded.settings, prints):
        where = f"{story.prints[line['print'] - 1]}: {line['rule']}/{line['leg']}" if line.get("print") and line.get("leg") else ""
        match line["type"]:
            case "fired":
                yield f"{where} fires at {line['level'] or 'its time'}"
            case "order":
                yield f"{where} {line['side']}s {line['quantity']} ({line['price'] or line['order_type']})"
            case "fill":
                yield f"{where} {line['side']}s {line['quantity']} at {line['price']}"
            case "superseded" | "failed" | "expired" | "held":
                yield f"{where} {line['type']}"


@pytest.mark.parametrize("story", list(stories()))
def test_a_story_on_a_page_is_what_the_replay_says(story: Story, tmp_path: Path) -> None:
    assert "".join(f"{line}\n" for line in lines_of(story, tmp_path)) == story.told


def test_there_are_stories() -> None:
    assert len(list(stories())) >= 4
