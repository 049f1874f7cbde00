"""Every sentence that this program says to people, by code, in English and for the things that matter most in Korean.

A message is a code with parameters: scripts match the code, people read the sentence. One catalogue, one file an area;
a code missing here is a defect that a test finds.
"""

from collections.abc import Mapping

from autotrader.messages import brokers, cli, config, daemon, engine, feeds, markets, store

_AREAS = (markets, config, feeds, store, brokers, engine, daemon, cli)
ENGLISH: dict[str, str] = {code: sentence for area in _AREAS for code, sentence in area.ENGLISH.items()}
KOREAN: dict[str, str] = {code: sentence for area in _AREAS for code, sentence in area.KOREAN.items()}


def say(code: str, params: Mapping[str, object], language: str = "en") -> str:
    """Return the sentence for a code, Korean where it exists and is asked for, else English."""
    pattern = (KOREAN.get(code) if language == "ko" else None) or ENGLISH[code]
    return pattern.format_map(params)
