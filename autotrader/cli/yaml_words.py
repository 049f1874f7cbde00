"""Rules as the lines of a file: what `export` prints and `diff` compares. No YAML library: these words are few."""

import json
import re
from collections.abc import Mapping
from typing import Any

PLAIN = re.compile(r"[A-Za-z0-9+.][A-Za-z0-9+._:/%-]*( ticks?)?|-[0-9][0-9.]*%?|[0-9.]+% of sellable")
"""What YAML reads as it stands, inside braces too."""


def rule_line(name: str, fields: Mapping[str, Any]) -> str:
    """Return a rule as one line under `rules:`."""
    return f"  {quoted(name)}: {flow(fields)}"


def rule_lines(name: str, fields: Mapping[str, Any]) -> list[str]:
    """Return a rule as a line for its name and one for each key, so that a difference shows the key."""
    return [f"  {quoted(name)}:", *(f"    {key}: {value_text(value)}" for key, value in fields.items())]


def flow(fields: Mapping[str, Any]) -> str:
    """Return a mapping on one line."""
    return "{" + ", ".join(f"{key}: {value_text(value)}" for key, value in fields.items()) + "}"


def value_text(value: Any) -> str:
    """Return a value as it is written on one line."""
    if isinstance(value, Mapping):
        return flow(value)
    return f"[{', '.join(value_text(item) for item in value)}]" if isinstance(value, list | tuple) else quoted(str(value))


def quoted(text: str) -> str:
    """Return a text as YAML reads it back letter by letter: as it stands, or in double quotes."""
    if PLAIN.fullmatch(text) and not text.endswith(":"):
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())
