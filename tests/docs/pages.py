"""Reads the pages for people: their fenced blocks, links, anchors, and the commands that they tell to type."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
INLINE = re.compile(r"`(autotrader [^`]+)`")
A_FILE = str(ROOT / "docs" / "examples" / "trail.csv")
PLACEHOLDER = {"ID": "some-rule", "VERB": "list", "FILE": A_FILE, "friday.gz": A_FILE}
"""Words that stand for another; where a file must be there, it is one that is."""


class Block(NamedTuple):
    """A fenced block: its page, its language and its text."""

    page: str
    language: str
    text: str


def pages() -> list[Path]:
    """Return every page for people."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]


def name(page: Path) -> str:
    """Return a page's path inside the repository."""
    return page.relative_to(ROOT).as_posix()


def blocks(language: str) -> list[Block]:
    """Return the fenced blocks of a language."""
    return [
        Block(name(page), found[1], found[2])
        for page in pages()
        for found in FENCE.finditer(page.read_text(encoding="utf-8"))
        if found[1] == language
    ]


def links(page: Path) -> Iterator[str]:
    """Yield where a page's links lead."""
    yield from LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """Return the places of a page that a link may name: its headings and its marked places."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings} | set(re.findall(r'<a id="([^"]+)"', text))


def commands() -> list[tuple[str, list[str]]]:
    """Return every call of the command line that a page shows, in a shell block or in backticks, with its page."""
    shown = [(block.page, line) for block in blocks("sh") for line in block.text.splitlines() if "autotrader " in line]
    inline = [(name(page), call) for page in pages() for call in INLINE.findall(FENCE.sub("", page.read_text(encoding="utf-8")))]
    return [(page, words) for page, line in shown for words in _calls(line)] + [
        (page, [*words, "--help"] if _is_only_named(words) else words) for page, line in inline for words in _calls(line)
    ]


def _is_only_named(words: list[str]) -> bool:
    """Tell whether a sentence only names a verb, as `feed serve`, without saying what to type after it."""
    return len(words) <= 2 and all(re.fullmatch("[a-z]+", word) for word in words)


def _calls(line: str) -> Iterator[list[str]]:
    """Yield the words after `autotrader` of each call in a line of shell."""
    for part in line.split("&&"):
        words = shlex.split(part, comments=True)
        program = next((word for word in words if word == "autotrader" or word.endswith("bin/autotrader")), None)
        if program is not None and words.index(program) <= 1:
            yield [PLACEHOLDER.get(word, word) for word in words[words.index(program) + 1 :]]
