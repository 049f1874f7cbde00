"""Every sentence that this program says to people, by code, in English and for the things that matter most in Korean.

A message is a code with parameters. Scripts match the code, people read the sentence. A code missing here is a defect
that a test finds.
"""

from collections.abc import Mapping

ENGLISH: dict[str, str] = {
    # markets
    "market.unknown": "{instrument!r} is not an instrument: write MARKET:code with one of {markets}, for example KRX:005930",
    "market.no_currency": "the currency of {instrument} is not known: its code should match one of {known}",
}

KOREAN: dict[str, str] = {}


def say(code: str, params: Mapping[str, object], language: str = "en") -> str:
    """Return the sentence for a code, Korean where it exists and is asked for, else English."""
    pattern = (KOREAN.get(code) if language == "ko" else None) or ENGLISH[code]
    return pattern.format_map(params)
