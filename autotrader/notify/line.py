"""One line of the log, for the person at 9:01: when, what it is about, what changed, why, and the ids to look for.

Pure. A line never breaks in two and never carries a control character: what a broker or a feed said stays inside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import Enum
from typing import NamedTuple

from autotrader.engine.records import AlertRecord, JournalRow, Note
from autotrader.messages import say

SECOND = 1_000_000_000


class Priority(Enum):
    """How much a line matters, as syslog numbers it."""

    ERROR = 3
    WARNING = 4
    INFO = 6


_COLOURS = {Priority.ERROR: "\x1b[1;31m", Priority.WARNING: "\x1b[33m", Priority.INFO: ""}
_PLAIN = "\x1b[0m"
_GRAVE = {"failed": Priority.ERROR, "held": Priority.ERROR, "unknown": Priority.ERROR}
_UNUSUAL = {"rejected": Priority.WARNING, "refused": Priority.WARNING, "not_sent": Priority.WARNING}
PRIORITIES: Mapping[str, Priority] = {**_GRAVE, **_UNUSUAL}
"""What a state that was just reached means to the reader; all others are information."""

_ESCAPED = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160))} | {0x2028: "\\u2028", 0x2029: "\\u2029"}
_UNPRINTABLE = _ESCAPED | {ord("\n"): " | "}
"""A sentence of several lines, such as the mistakes of a file, stays one line of the log."""


class Line(NamedTuple):
    """What a line says, before it is known where it is read."""

    at: int
    priority: Priority
    subject: str
    change: str
    note: Note
    by: str = ""


@dataclass(frozen=True, slots=True)
class Style:
    """Where it is read: the journal keeps the time itself and wants a priority, a terminal can show colours."""

    language: str = "en"
    journal: bool = False
    colour: bool = False
    ids: bool = True
    """Whether a line ends with the ids to search for; at a terminal they would drown the sentence."""
    zone: tzinfo | None = None
    """None is the machine's own."""


def of_row(row: JournalRow) -> Line:
    """Return the line for a change of state."""
    change = f"{row.before} -> {row.after}" if row.before else row.after
    return Line(row.at, PRIORITIES.get(row.after, Priority.INFO), row.subject, change, row.note, row.by)


def of_alert(alert: AlertRecord) -> Line:
    """Return the line for what a person must see."""
    return Line(alert.at, Priority.WARNING, alert.subject, "ALERT", alert.note)


def shape(line: Line, style: Style) -> str:
    """Return the text of a line in a style, without its end."""
    parts = [line.subject, line.change and f" {line.change}", f" {_sentence(line.note, style.language)}", style.ids and f" {_ids(line)}"]
    text = " ".join(part for part in parts if part).translate(_UNPRINTABLE)
    if style.journal:
        return f"<{line.priority.value}>{text}"
    text = f"{_local(line.at, style.zone)} {text}"
    colour = _COLOURS[line.priority] if style.colour else ""
    return f"{colour}{text}{_PLAIN}" if colour else text


def _sentence(note: Note, language: str) -> str:
    """Return the note's sentence; a line without one is better than none, so a gap in the catalogue shows the bare facts."""
    try:
        return say(note.code, note.params, language)
    except (KeyError, ValueError, IndexError, AttributeError, TypeError):
        return " ".join([note.code, *(f"{name}={value}" for name, value in note.params.items())])


def _ids(line: Line) -> str:
    """Return the ids by which the same thing is found elsewhere (safety O9)."""
    ids = _subject_ids(line.subject)
    if order := line.note.params.get("order"):
        ids["order"] = order
    if line.by:
        ids["by"] = line.by
    ids["code"] = line.note.code
    return " ".join(f"{name}={_quoted(value)}" for name, value in ids.items())


def _subject_ids(subject: str) -> dict[str, str]:
    """Read `account/name`, `feed/name`, `rule/leg`, a shot `rule/leg/generation` or an intent `rule/leg/generation/number`."""
    parts = subject.split("/")
    if len(parts) < 2:
        return {}
    if parts[0] in ("account", "feed"):
        return {parts[0]: parts[1]}
    ids = {"rule": parts[0], "leg": parts[1]}
    if len(parts) > 2:
        ids["shot"] = "/".join(parts[:3])
    if len(parts) > 3:
        ids["intent"] = subject
    return ids


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value or not value else value


def _local(at: int, zone: tzinfo | None) -> str:
    return datetime.fromtimestamp(at // SECOND, tz=UTC).astimezone(zone).strftime("%H:%M:%S")
