"""Wrong files about options, conditions and templates and every word said about each, as in `bad_files.py`."""

from bad_files import HEAD, rule


def of_sell(keys: str) -> str:
    return rule(f"side: sell, quantity: 10, stop: -5%, {keys}")


def of_buy(keys: str) -> str:
    return rule(f"side: buy, quantity: 10, below: 60000, {keys}")


def template(keys: str, rules: str = "{}") -> str:
    """Return a good file with one template of these keys, which begin in column 6 of line 5."""
    return f"{HEAD}rules: {rules}\ntemplates:\n  t: {keys}\n"


BAD_LANGUAGE: list[tuple[str, str, list[str]]] = [
    (
        "options that take entries",
        of_sell("unfilled: 30s, rearm: 3"),
        [
            (
                "config.yaml:4:78: `unfilled` takes several entries; write `unfilled: {after: 30s, action: reprice, "
                "step_ticks: 1, max: 5, final: market}`"
            ),
            "config.yaml:4:90: `rearm` takes several entries; write `rearm: {max: 3, cooldown: 10m, hysteresis: 1%}`",
        ],
    ),
    (
        "options whose entries are missing",
        of_sell("unfilled: {action: keep}, rearm: {max: 3}"),
        [
            (
                "config.yaml:4:68: `unfilled` lacks `after`; write `unfilled: {after: 30s, action: reprice, step_ticks: 1, "
                "max: 5, final: market}`"
            ),
            "config.yaml:4:94: `rearm` lacks `hysteresis`; write `rearm: {max: 3, cooldown: 10m, hysteresis: 1%}`",
        ],
    ),
    (
        "cost options on a buy",
        of_buy("cost_basis: 60000, net: yes, on_position_change: freeze"),
        [
            "config.yaml:4:70: `cost_basis` is about the cost of a holding, and a buy has none yet; delete it",
            "config.yaml:4:89: `net` is about the cost of a holding, and a buy has none yet; delete it",
            "config.yaml:4:99: `on_position_change` is about the cost of a holding, and a buy has none yet; delete it",
        ],
    ),
    (
        "a shadow of an alert",
        of_sell("shadow: yes, action: alert"),
        ["config.yaml:4:68: `shadow` records an order, but `action: alert` decides none; delete one of them"],
    ),
    (
        "new prices without reprice",
        of_sell("unfilled: {after: 30s, action: cancel, step_ticks: 2}"),
        ["config.yaml:4:107: `step_ticks` goes with `action: reprice`, not with cancel; delete it, or write `action: reprice`"],
    ),
    (
        "a final that never ends",
        of_sell("unfilled: {after: 30s, action: reprice, final: reprice}"),
        [("config.yaml:4:115: `final` is what comes after the last new price, so it cannot be `reprice`; write keep, market or cancel")],
    ),
    (
        "counts out of range",
        of_sell("unfilled: {after: 30s, action: reprice, max: 0}, rearm: {max: 0, hysteresis: 1%}"),
        [
            "config.yaml:4:113: 0 is out of range; write a whole number from 1 to 1000",
            "config.yaml:4:130: 0 is out of range; write a whole number from 1 to 1000",
        ],
    ),
    ("too many tags", of_sell("tags: [a, b, c, d, e, f, g, h, i, j, k]"), ["config.yaml:4:74: a rule has at most 10 tags; delete some"]),
    (
        "neither yes nor no",
        of_sell("net: perhaps, shadow: 1"),
        [
            "config.yaml:4:73: 'perhaps' is neither yes nor no; write `yes` or `no`",
            "config.yaml:4:90: '1' is neither yes nor no; write `yes` or `no`",
        ],
    ),
    (
        "confirmations of nothing",
        of_sell("confirm: often"),
        ["config.yaml:4:77: 'often' does not say how long to wait; write `3 prints` or a time span such as `5s`"],
    ),
    (
        "a confirmation by one print",
        of_sell("confirm: 1 prints"),
        ["config.yaml:4:77: '1 prints' is out of range; write 2 to 100 prints, or delete the key where one print is enough"],
    ),
    (
        "conditions without a list",
        of_sell("when: soon"),
        [
            (
                'config.yaml:4:74: `when` is a list of conditions; write `when: [{time: "10:00-close"}]`, or `when: {any: '
                "[...]}` where one is enough"
            )
        ],
    ),
    (
        "seven conditions",
        of_sell("when: [" + ", ".join(['{volume: ">= 1"}'] * 7) + "]"),
        ["config.yaml:4:74: a rule has at most 6 conditions; delete some"],
    ),
    (
        "a condition that is a word",
        of_sell("when: [noon]"),
        ['config.yaml:4:75: a condition is one of time, change, volume and price; write one such as `{change: "<= -3%"}`'],
    ),
    (
        "a condition of another kind",
        of_sell("when: [{prise: 5}]"),
        ["config.yaml:4:76: `prise` is not a condition; did you mean price?; there are time, change, volume and price"],
    ),
    (
        "a condition without a comparison",
        of_sell("when: [{volume: 5000}]"),
        ["config.yaml:4:84: '5000' is not a comparison; write one such as \">= 100000\""],
    ),
    (
        "a strict comparison",
        of_sell('when: [{price: "> 70000"}]'),
        [
            (
                "config.yaml:4:83: '> 70000' does not compare with `>=` or `<=`, and both count the limit itself; write one "
                'such as "KRX:000660 >= 180000"'
            )
        ],
    ),
    (
        "a change without a sign",
        of_sell('when: [{change: "<= 3%"}]'),
        ["config.yaml:4:84: '<= 3%' does not say whether the price rose or fell; write +3% or -3%"],
    ),
    (
        "a volume that must not grow",
        of_sell('when: [{volume: "<= 5000"}]'),
        ["config.yaml:4:84: the day's volume only grows, so '<= 5000' cannot be waited for; write \">= 5000\""],
    ),
    (
        "a condition on what no feed serves",
        of_sell('when: [{price: "KRX:000660 >= 5"}]'),
        [
            (
                "config.yaml:4:83: no feed serves KRX:000660, so this condition would never be judged; add it to a feed, or "
                "delete the condition"
            )
        ],
    ),
    (
        "a template with an instrument and a feed",
        template("{instrument: KRX:005930, feed: demo, side: sell, quantity: all, stop: -5%}"),
        [
            ("config.yaml:5:7: `instrument` comes from the holding that a template attaches to; delete it, and choose holdings with `for`"),
            "config.yaml:5:31: `feed` comes from the holding that a template attaches to; delete it, and choose holdings with `for`",
        ],
    ),
    (
        "a template that buys",
        template("{side: buy, quantity: 1, below: 5}"),
        ["config.yaml:5:13: a template sells what was bought; write `side: sell`"],
    ),
    (
        "a template whose `for` is a word",
        template("{side: sell, quantity: all, stop: -5%, for: KRX}"),
        ["config.yaml:5:50: `for` takes several entries; write `for: {markets: [KRX], min_value: 1000000}`"],
    ),
    (
        "a template for a market that is not there",
        template("{side: sell, quantity: all, stop: -5%, for: {markets: [KOSPI], market: KRX}}"),
        [
            "config.yaml:5:61: 'KOSPI' is not a market; there are BINANCE, KRX, NXT, UPBIT, US",
            "config.yaml:5:69: `market` is not a key here; did you mean markets?",
        ],
    ),
    (
        "a condition of a template on its own price",
        template('{side: sell, quantity: all, stop: -5%, when: [{price: ">= 5"}]}'),
        ["config.yaml:5:60: a template has no instrument of its own that '>= 5' could mean; write one such as \"KRX:000660 >= 5\""],
    ),
    (
        "a template with the name of a rule",
        template("{side: sell, quantity: all, stop: -5%}", "{t: {instrument: KRX:005930, side: sell, quantity: 1, stop: 5}}"),
        ["config.yaml:5:3: a rule is called t, too, and one name means one thing; give the template another"],
    ),
    (
        "a template that is a word",
        template("5"),
        ["config.yaml:5:6: `templates.t` needs keys under it; write `key: value` lines or {key: value}"],
    ),
    (
        "templates that are a list",
        HEAD + "rules: {}\ntemplates: []\n",
        ["config.yaml:4:12: `templates` needs keys under it; write `key: value` lines or {key: value}"],
    ),
]
