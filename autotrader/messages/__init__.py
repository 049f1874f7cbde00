"""Every sentence that this program says to people, by code, in English and for the things that matter most in Korean.

A message is a code with parameters: scripts match the code, people read the sentence. One catalogue, one file an area;
a code missing here is a defect that a test finds.
"""

import re
from collections.abc import Mapping

from autotrader.messages import (
    attach,
    brokers,
    cli,
    conditions,
    config,
    corporate,
    daemon,
    engine,
    exchange,
    feeds,
    language,
    legs,
    lint,
    markets,
    script,
    store,
    unfilled,
)

_AREAS = (
    *(markets, exchange, config, language, lint, feeds, store, brokers),
    *(engine, legs, conditions, unfilled, attach, corporate, daemon, cli, script),
)
ENGLISH: dict[str, str] = {code: sentence for area in _AREAS for code, sentence in area.ENGLISH.items()}
KOREAN: dict[str, str] = {code: sentence for area in _AREAS for code, sentence in area.KOREAN.items()}


AMOUNTS = frozenset({"price", "level", "mark", "before", "activate", "needed", "available", "average", "limit_price"})
"""Parameters that are prices or sums: people read them with thousands separators, scripts get the parameter as it is."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def say(code: str, params: Mapping[str, object], language: str = "en") -> str:
    """Return the sentence for a code, Korean where it exists and is asked for, else English."""
    pattern = (KOREAN.get(code) if language == "ko" else None) or ENGLISH[code]
    if code.startswith("config."):  # a number to be written into a file is shown as it must be written
        return pattern.format_map(params)
    return pattern.format_map({name: _shown(name, value) for name, value in params.items()})


def _shown(name: str, value: object) -> object:
    if name not in AMOUNTS or not isinstance(value, str) or not _NUMBER.fullmatch(value):
        return value
    whole, point, rest = value.partition(".")
    return f"{int(whole):,}{point}{rest}" if not whole.startswith("-0") else value
