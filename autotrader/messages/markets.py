"""What is said of markets and instruments."""

ENGLISH: dict[str, str] = {
    "market.unknown": "{instrument!r} is not an instrument: write MARKET:code with one of {markets}, for example KRX:005930",
    "market.no_currency": "the currency of {instrument} is not known: its code should match one of {known}",
}

KOREAN: dict[str, str] = {}
