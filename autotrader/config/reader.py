"""YAML text to a tree of nodes with their places; every scalar stays the text that was written (000660, 15:20, no).

It reads PyYAML's *event* stream, so that nothing is guessed, nothing is constructed, and a hostile file ends at the first
event beyond a limit. What the language of the file does not have (tags, aliases, several documents) is noted as a mistake.
"""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from autotrader.config.mistakes import MAX_MISTAKES, Mistake
from autotrader.config.rule_keys import KEYS
from autotrader.config.tree import Mapping, Node, Scalar, Sequence

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 32
MAX_NODES = 400_000
"""About 25,000 rules. A file of tiny nodes within the size limit must not cost more than two seconds (safety Y3)."""
MAX_ENTRIES = 30_000
"""Of one mapping or list."""
RULES_A_LOOK = 10_000
LOOKED_AT = 100
NODES_A_RULE = 20
"""Every so many rules the last of them are looked at. Where all are made of the keys of rules, as many more rules may follow, each of
so many nodes: a file of a hundred thousand rules is taken, one of a million words is not."""
MAX_RULES = 120_000

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
RULE_KEYS = frozenset(KEYS)
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
DIRECTIVE = re.compile("^%", re.MULTILINE)


class Document(NamedTuple):
    """What a file holds. `root` is None when there is no tree worth looking at."""

    root: Node | None
    mistakes: tuple[Mistake, ...]


def _spot(event: Any) -> tuple[int, int]:
    """Return the 1-based line and column of an event."""
    return event.start_mark.line + 1, event.start_mark.column + 1


class _Enough(Exception):
    """Reading ends here; the reason is among the mistakes."""


class _Reader:
    """One pass over the events of one file."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.mistakes: list[Mistake] = []
        self.whole = True
        self.nodes = 0
        self.most_nodes = MAX_NODES
        self.section = ""
        self.events: Iterator[Any] = iter(yaml.parse(text, Loader=LOADER))

    def note(self, spot: tuple[int, int], code: str, **params: str) -> None:
        self.mistakes.append(Mistake(self.file, *spot, code, params))
        if len(self.mistakes) >= MAX_MISTAKES:
            raise _Enough

    def at(self, event: Any, code: str, **params: str) -> None:
        """Note a mistake at the place of an event."""
        self.note(_spot(event), code, **params)

    def document(self) -> Node | None:
        """Return the root of the only document, None when the file holds none."""
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            self.note((0, 0), "config.empty")
            return None
        root = self.node(next(self.events), depth=1)
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            self.at(after, "config.several_documents")
        return root if self.whole else None

    def node(self, event: Any, depth: int) -> Node:
        """Return the node that starts with this event."""
        self.nodes += 1
        if type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None and self.nodes <= self.most_nodes:
            mark: Any = event.start_mark  # nearly all events are plain words: this is the short way
            return Scalar(event.value, mark.line + 1, mark.column + 1)
        if self.nodes > self.most_nodes:
            self.at(event, "config.too_many_nodes", most=f"{self.most_nodes:,}")
            raise _Enough
        if isinstance(event, yaml.AliasEvent):
            self.at(event, "config.alias", name=str(event.anchor))
            return self.broken(event)
        self.refuse_extras(event)
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(event.value, *_spot(event))
        if depth > MAX_DEPTH:
            self.at(event, "config.too_deep", most=str(MAX_DEPTH))
            raise _Enough
        return self.mapping(event, depth) if isinstance(event, yaml.MappingStartEvent) else self.sequence(event, depth)

    def refuse_extras(self, event: Any) -> None:
        """Note an anchor or a tag; the node under it is read as if they were not there."""
        if event.anchor is not None:
            self.at(event, "config.anchor", name=event.anchor)
        if event.tag is not None:
            self.at(event, "config.tag", tag=event.tag.replace("tag:yaml.org,2002:", "!!"))

    def broken(self, event: Any) -> Scalar:
        """Return a stand-in for what cannot be read; the tree is not judged any further."""
        self.whole = False
        return Scalar("", *_spot(event))

    def sequence(self, start: Any, depth: int) -> Sequence:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
            if len(items) > MAX_ENTRIES:
                self.at(event, "config.too_many_entries", most=f"{MAX_ENTRIES:,}")
                raise _Enough
        return Sequence(items, *_spot(start))

    def mapping(self, start: Any, depth: int) -> Mapping:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            if depth == 1 and isinstance(key, Scalar):
                self.section = key.text
            value = self.node(next(self.events), depth + 1)
            self.enter(entries, event, key, value)
            if depth == 2 and len(entries) % RULES_A_LOOK == 0 and self.section == "rules":
                self.look(entries)
            if len(entries) > (MAX_RULES if depth == 2 and self.section == "rules" else MAX_ENTRIES):
                self.at(event, "config.too_many_entries", most=f"{len(entries) - 1:,}")
                raise _Enough
        return Mapping(entries, *_spot(start))

    def enter(self, entries: dict[str, tuple[Scalar, Node]], event: Any, key: Node, value: Node) -> None:
        """Keep an entry, unless its key is no text or stands there already."""
        if not isinstance(key, Scalar):
            self.at(event, "config.key_not_text")
            self.whole = False
        elif key.text in entries:
            self.at(event, "config.duplicate_key", key=key.text, line=str(entries[key.text][0].line))
        else:
            entries[key.text] = (key, value)

    def look(self, entries: dict[str, tuple[Scalar, Node]]) -> None:
        """Let as many more rules follow as were read, if what was read are rules."""
        last = islice(reversed(entries.values()), LOOKED_AT)
        if all(isinstance(node, Mapping) and node.entries and node.entries.keys() <= RULE_KEYS for _, node in last):
            self.most_nodes += RULES_A_LOOK * NODES_A_RULE

    def syntax(self, error: yaml.YAMLError) -> None:
        """Note what the parser could not read, where it noticed."""
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        context, opened = getattr(error, "context", None), getattr(error, "context_mark", None)
        since = f" ({context} that starts in line {opened.line + 1})" if context and opened else ""
        spot = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        problem = str(getattr(error, "problem", None) or "it cannot be read").replace("\t", "\\t")
        if "nesting depth" in problem:  # newer parsers look so far ahead that they meet a limit of their own before we see ours
            self.note(spot, "config.too_deep", most=str(MAX_DEPTH))
            return
        self.note(spot, "config.syntax", problem=problem, since=since)


def _unreadable_place(text: str) -> tuple[int, int, str, dict[str, str]] | None:
    """Return the place and code of the first thing that is refused before any parsing, None when there is none."""
    found, code = UNPRINTABLE.search(text), "config.unprintable"
    if found is None:
        # A thousand %TAG lines cost the parser a million comparisons, and this file's language has none of them.
        found, code = DIRECTIVE.search(text), "config.directive"
    if found is None:
        return None
    line, column = place_of(text, found.start())
    return line, column, code, {"character": f"U+{ord(found.group()):04X}"}


def place_of(text: str, offset: int) -> tuple[int, int]:
    """Return the 1-based line and column of an offset."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def read_text(text: str, file: str) -> Document:
    """Return the tree of a text, with every mistake that the stream permits to see."""
    if (refused := _unreadable_place(text)) is not None:
        line, column, code, params = refused
        return Document(None, (Mistake(file, line, column, code, params),))
    reader = _Reader(file, text)
    root = None
    try:
        root = reader.document()
    except _Enough:
        pass
    except yaml.YAMLError as error:
        if len(reader.mistakes) < MAX_MISTAKES - 1:
            reader.syntax(error)
    return Document(root, tuple(reader.mistakes))


def read_bytes(raw: bytes, file: str) -> Document:
    """Return the tree of a file's bytes; they must be UTF-8 and within the size limit."""
    if len(raw) > MAX_BYTES:
        return Document(None, (Mistake(file, 0, 0, "config.too_big", {"most": f"{MAX_BYTES // 1024 // 1024} MB"}),))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = raw[: error.start].decode("utf-8", "replace")
        line, column = place_of(good, len(good))
        return Document(None, (Mistake(file, line, column, "config.not_utf8", {"byte": f"0x{raw[error.start]:02X}"}),))
    return read_text(text, file)


def read_file(path: Path) -> bytes | Mistake:
    """Return a file's bytes (at most one more than is allowed), or why there are none."""
    try:
        if path.is_dir():
            return Mistake(str(path), 0, 0, "config.directory")
        if path.exists() and not path.is_file():
            return Mistake(str(path), 0, 0, "config.not_a_file")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Mistake(str(path), 0, 0, "config.no_file")
    except OSError as error:
        return Mistake(str(path), 0, 0, "config.unreadable", {"reason": error.strerror or type(error).__name__})
