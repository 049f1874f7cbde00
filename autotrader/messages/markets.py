"""What is said of markets and instruments."""

ENGLISH: dict[str, str] = {
    "market.unknown": "{instrument!r} is not an instrument: write MARKET:code with one of {markets}, for example KRX:005930",
    "market.no_currency": "the currency of {instrument} is not known: its code should match one of {known}",
    "market.bad_time": "{text!r} is no time of day: write 15:15, or one that moves with the market's hours, such as open+10m or close-5m",
    "market.bad_window": "{text!r} is no window: write two times of day with a dash, such as 09:05-15:15 or open+5m-close-5m",
    "market.window_turned": "the end of the window {text!r} does not lie after its beginning: write the earlier time first, such as 09:05-15:15",
    "market.window_backwards": "{text!r} ends before it begins on {day} ({start} to {end}): write the earlier time first",
    "market.no_hours": "{market} has no regular hours on {day}, so {text!r} is no time there: write a time such as 15:15, or an open day",
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

KOREAN: dict[str, str] = {
    "market.bad_time": "{text!r}은(는) 시각이 아닙니다. 15:15처럼 쓰거나, 장 시간에 따라 움직이는 open+10m, close-5m처럼 쓰세요",
    "market.bad_window": "{text!r}은(는) 시간대가 아닙니다. 09:05-15:15 또는 open+5m-close-5m처럼 두 시각을 붙임표로 이어 쓰세요",
    "market.window_turned": "{text!r}의 끝이 시작보다 늦지 않습니다. 09:05-15:15처럼 이른 시각을 앞에 쓰세요",
    "market.window_backwards": "{text!r}은(는) {day}에 시작({start})보다 먼저 끝납니다({end}). 이른 시각을 앞에 쓰세요",
}
