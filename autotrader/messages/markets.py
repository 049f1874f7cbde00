"""What is said of markets and instruments."""

ENGLISH: dict[str, str] = {
    "market.unknown": "{instrument!r} is not an instrument: write MARKET:code with one of {markets}, for example KRX:005930",
    "market.no_currency": "the currency of {instrument} is not known: its code should match one of {known}",
    # a file of market facts
    "market.facts_unread": "the file of market facts cannot be read ({reason}); check `market_facts`",
    "market.facts_too_large": "a file of market facts has at most {limit} bytes; keep only the rows that differ from ours",
    "market.facts_toml": "this is not TOML: {reason}",
    "market.fact_table": "`{where}` must be a table of keys and values",
    "market.fact_rows": "`{where}` must be rows: write each under a header of its own in double brackets",
    "market.fact_unknown": "`{where}` is no key that a market fact has; there are {known}",
    "market.fact_missing": "`{where}` lacks `{key}`; add it",
    "market.fact_value": "`{where}` cannot be {value}; write {wanted}",
    "market.fact_twice": "`{where}` and an earlier row say two things of the same fact on the same day; end one with `to`",
    "market.fact_market": "{market!r} cannot be the name of a market; write capital letters and digits such as MOON",
}

KOREAN: dict[str, str] = {}
