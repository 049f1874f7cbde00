"""Edits one rule in the user's own YAML file: comments and order stay, nothing is lost to a race or a power cut.

Compare, then swap: the file must still be what the caller has read. The new text must be a valid configuration in which no
other rule has changed; it is written beside the file, flushed and renamed over it (safety Y5).
"""

import hashlib
import io
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.tokens import CommentToken
from ruamel.yaml.util import load_yaml_guess_indent

from autotrader.config.load import Loaded, load_text
from autotrader.domain.rule import Rule
from autotrader.errors import UnknownThing, UserMistake
from autotrader.markets.calendar import Today

Changes = Mapping[str, Any]
"""New text by key, or a mapping or list of texts, mappings and lists; None removes the key."""


class _TextResolver(VersionedResolver):
    """Takes every scalar for text, so that 000660 and 15:20 go out as they came in."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        return super().resolve(kind, None, (False, False)) if value is not None else super().resolve(kind, value, implicit)


def digest(raw: bytes) -> str:
    """Return the hash by which a caller says which version of the file it has read."""
    return hashlib.sha256(raw).hexdigest()


def edit_rule(path: Path | str, rule_id: str, changes: Changes, expected_sha256: str, *, today: Today | None = None) -> str:
    """Change one rule's keys in the file and return its new text; raise UserMistake and change nothing if that cannot be."""
    file = Path(path).resolve()
    raw = _read(file, expected_sha256)
    before = raw.decode("utf-8-sig")
    text = _edited(file, before.replace("\r\n", "\n"), rule_id, changes)
    if "\r\n" in before:
        text = text.replace("\n", "\r\n")
    _judge(file, raw, text, rule_id, today)
    _swap(file, text.encode("utf-8"), expected_sha256)
    return text


def put_back(path: Path | str, raw: bytes, written_sha256: str) -> None:
    """Put the content of before an edit back in its place, as long as the file still is what the edit has written."""
    _swap(Path(path).resolve(), raw, written_sha256)


def _read(file: Path, expected_sha256: str) -> bytes:
    """Return the file's bytes if they still are what the caller has seen."""
    try:
        raw = file.read_bytes()
    except OSError:
        raw = b""
    if digest(raw) != expected_sha256:
        raise UserMistake("config.changed_meanwhile", file=file.name)
    return raw


def _edited(file: Path, text: str, rule_id: str, changes: Changes) -> str:
    """Return the text with the rule's keys changed."""
    yaml = YAML(typ="rt")
    yaml.Resolver = _TextResolver
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.brace_single_entry_mapping_in_flow_sequence = True
    _, indent, offset = load_yaml_guess_indent(text)
    yaml.indent(mapping=_mapping_indent(text), sequence=indent, offset=offset)
    tree = yaml.load(text)
    rules = tree.get("rules") if isinstance(tree, CommentedMap) else None
    if not isinstance(rules, CommentedMap) or not isinstance(rules.get(rule_id), CommentedMap):
        raise UnknownThing("config.no_such_rule", file=file.name, rule=rule_id)
    for key, value in changes.items():
        _change(rules[rule_id], key, value)
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def _mapping_indent(text: str) -> int:
    """Return how far the first indented line of the file is in."""
    lines = (line for line in text.splitlines() if line.startswith(" ") and not line.lstrip().startswith(("#", "-")))
    first = next(lines, "  ")
    return len(first) - len(first.lstrip(" ")) or 2


def _change(rule: CommentedMap, key: str, value: Any) -> None:
    """Change one key; a mapping or a list is written on one line."""
    if value is None:
        _remove(rule, key)
        return
    new = _on_one_line(value)
    last = next(reversed(rule), None)
    added = key not in rule
    rule[key] = new
    if added and last is not None:
        _hand_on(rule, last, key)


def _on_one_line(value: Any) -> Any:
    """Return a text, or a mapping or list as the file's tree has it."""
    if isinstance(value, str):
        return value
    items = [_on_one_line(item) for item in (value.values() if isinstance(value, Mapping) else value)]
    new: Any = CommentedMap(zip(value, items, strict=True)) if isinstance(value, Mapping) else CommentedSeq(items)
    new.fa.set_flow_style()
    return new


def _remove(rule: CommentedMap, key: str) -> None:
    """Remove a key; what is written under it, such as the heading of the next rule, moves up to the key before."""
    if key not in rule:
        return
    keys = list(rule)
    place = keys.index(key)
    if place > 0:
        _hand_on(rule, key, keys[place - 1])
    del rule[key]


def _hand_on(rule: CommentedMap, giver: str, taker: str) -> None:
    """Give the comment lines under one key to another key; the comment on its own line stays with it."""
    slot = rule.ca.items.get(giver)
    if not slot or slot[2] is None or rule.fa.flow_style():
        return
    own, _, lines_under = slot[2].value.partition("\n")
    if not lines_under:
        return
    slot[2].value = own + "\n"
    theirs = rule.ca.items.setdefault(taker, [None, None, None, None])
    if theirs[2] is None:
        theirs[2] = CommentToken("\n" + lines_under, slot[2].start_mark)
    else:
        theirs[2].value += lines_under


def _judge(file: Path, before: bytes, after: str, rule_id: str, today: Today | None) -> None:
    """Refuse a text that is not valid, or in which anything but this rule has changed."""
    loaded = load_text(after, str(file), today, past_is_mistake=False)
    if loaded.settings is None:
        raise UserMistake("config.edit_invalid", file=file.name, mistakes="\n".join(m.sentence() for m in loaded.mistakes))
    if _others(load_text(before, str(file), today, past_is_mistake=False), rule_id) != _others(loaded, rule_id):
        raise UserMistake("config.edit_strays", file=file.name)
    if not _comment_lines(before.decode("utf-8-sig")) <= _comment_lines(after):
        raise UserMistake("config.edit_strays", file=file.name)


def _comment_lines(text: str) -> Counter[str]:
    """Return the lines that are nothing but a comment."""
    return Counter(line.strip() for line in text.splitlines() if line.lstrip().startswith("#"))


def _others(loaded: Loaded, rule_id: str) -> tuple[object, dict[str, Rule]] | None:
    """Return everything in the file but this rule; None when the file was not valid, so that any edit is a mending."""
    if loaded.settings is None:
        return None
    settings = loaded.settings
    rules = {str(rule.id): rule for rule in settings.rules if rule.id != rule_id}
    return (settings.mode, settings.guards, settings.accounts, settings.feeds), rules


def _swap(file: Path, raw: bytes, expected_sha256: str) -> None:
    """Put the new content in the file's place at once and for good."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as new:
            os.fchmod(new.fileno(), file.stat().st_mode & 0o7777)
            new.write(raw)
            new.flush()
            os.fsync(new.fileno())
        _read(file, expected_sha256)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _flush_directory(file.parent)


def _flush_directory(directory: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
