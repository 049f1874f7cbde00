"""Wrong configuration files and every word said about each: (what is wrong, the file, the sentences in order).

The file is called config.yaml and today is 2026-11-20. A sentence that changes here changes for users.
"""

from datetime import date

TODAY = date(2026, 11, 20)

ACCOUNT = "accounts: {main: {broker: paper}}\n"
FEED = "feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}, BINANCE:BTCUSDT: {start: 1}, BINANCE:XRPUSDT: {start: 1}}}}\n"
HEAD = ACCOUNT + FEED


def rule(keys: str, instrument: str = "KRX:005930") -> str:
    """Return a good file with one rule of these keys, which begin in column 31 of line 4."""
    return f"{HEAD}rules:\n  r: {{instrument: {instrument}, {keys}}}\n"


BAD_FILES: list[tuple[str, str, list[str]]] = [
    (
        "an empty file",
        "",
        ["config.yaml: the file is empty, which never means to delete everything; write `rules: {}` if there shall be no rules"],
    ),
    (
        "only comments",
        "# nothing\n",
        ["config.yaml: the file is empty, which never means to delete everything; write `rules: {}` if there shall be no rules"],
    ),
    (
        "a list instead of sections",
        "- mode: paper\n",
        ["config.yaml:1:1: the file must be a mapping of sections; start with `mode: paper`"],
    ),
    ("a word instead of sections", "paper\n", ["config.yaml:1:1: the file must be a mapping of sections; start with `mode: paper`"]),
    (
        "a bracket left open",
        "mode: paper\nguards: {collar: 10%\nrules: {}\n",
        [
            "config.yaml:3:6: this is not YAML: did not find expected ',' or '}' (while parsing a flow mapping that "
            "starts in line 2); check the brackets, quotes, colons and spaces up to here"
        ],
    ),
    (
        "a quote left open",
        "mode: 'paper\nrules: {}\n",
        [
            "config.yaml:3:1: this is not YAML: found unexpected end of stream (while scanning a quoted scalar that "
            "starts in line 1); check the brackets, quotes, colons and spaces up to here"
        ],
    ),
    (
        "a tab as indentation",
        "guards:\n\tcollar: 10%\n",
        [
            "config.yaml:2:1: this is not YAML: found character that cannot start any token (while scanning for the "
            "next token that starts in line 2); check the brackets, quotes, colons and spaces up to here"
        ],
    ),
    (
        "a colon too many",
        "mode: paper: live\n",
        [
            "config.yaml:1:12: this is not YAML: mapping values are not allowed in this context; check the brackets, "
            "quotes, colons and spaces up to here"
        ],
    ),
    (
        "wrong indentation",
        "mode: paper\n  rules: {}\n",
        [
            "config.yaml:2:8: this is not YAML: mapping values are not allowed in this context; check the brackets, "
            "quotes, colons and spaces up to here"
        ],
    ),
    (
        "a second document",
        "mode: paper\n---\nmode: live\n",
        ["config.yaml:2:1: a second document starts here; keep everything in one document and delete the `---`"],
    ),
    ("a directive", "%YAML 1.1\n---\nmode: paper\n", ["config.yaml:1:1: a line may not begin with %; delete it or indent it"]),
    ("a control character", "mode: paper\u0007\n", ["config.yaml:1:12: the character U+0007 does not belong in a text file; delete it"]),
    ("a tag", "mode: !!str paper\n", ["config.yaml:1:7: the tag !!str is not allowed; write the value without it"]),
    (
        "an object of python",
        "rules: !!python/object:os.system {}\n",
        ["config.yaml:1:8: the tag !!python/object:os.system is not allowed; write the value without it"],
    ),
    ("an anchor", "mode: &m paper\n", ["config.yaml:1:7: the anchor &m is not allowed; write the value out where it is needed"]),
    (
        "an alias",
        "mode: &m paper\nrules: *m\n",
        [
            "config.yaml:1:7: the anchor &m is not allowed; write the value out where it is needed",
            "config.yaml:2:8: the alias *m is not allowed; write the value out here",
        ],
    ),
    ("a key twice", "mode: paper\nmode: live\n", ["config.yaml:2:1: `mode` stands twice, first in line 1; keep one of them"]),
    (
        "a rule id twice",
        HEAD + "rules:\n"
        "  r: {instrument: KRX:005930, side: sell, quantity: 1, stop: 1}\n"
        "  r: {instrument: KRX:005930, side: sell, quantity: 1, stop: 2}\n",
        ["config.yaml:5:3: `r` stands twice, first in line 4; keep one of them"],
    ),
    ("a list as key", "? [a, b]\n: 1\n", ["config.yaml:1:3: a key must be one word; write `key: value`"]),
    ("an unknown section", "mode: paper\nrule: {}\n", ["config.yaml:2:1: `rule` is not a key here; did you mean rules?"]),
    (
        "a section with nothing under it",
        "mode: paper\nrules:\n",
        ["config.yaml:2:1: `rules` has nothing under it; write `rules: {}` if there shall be none, or delete the line"],
    ),
    ("rules as a list", HEAD + "rules: [r]\n", ["config.yaml:3:8: `rules` needs keys under it; write `key: value` lines or {key: value}"]),
    ("an unknown mode", "mode: papr\n", ["config.yaml:1:7: 'papr' is not possible here; did you mean paper?; write one of paper, live"]),
    (
        "live without a real broker",
        "mode: live\naccounts: {main: {broker: paper}}\n",
        [
            "config.yaml:1:7: mode live needs an account at a real broker; add one, or write `mode: paper`",
            "config.yaml:2:27: account main is a paper account, which mode live does not allow; delete it, or write `mode: paper`",
        ],
    ),
    ("a guard without percent sign", "guards: {collar: 10}\n", ["config.yaml:1:18: '10' is not a percentage; write one such as 10%"]),
    (
        "a guard of a hundred percent",
        "guards: {collar: 100%}\n",
        ["config.yaml:1:18: '100%' is out of range; write a percentage above 0% and under 100%, without a sign"],
    ),
    (
        "a limit of no rules",
        "guards: {max_rules: 0}\n",
        ["config.yaml:1:21: '0' is not above zero; write a number above zero without a sign"],
    ),
    ("a duration without unit", "guards: {stale: 5}\n", ["config.yaml:1:17: '5' is not a time span; write one such as 5s"]),
    ("an unknown guard", "guards: {colar: 10%}\n", ["config.yaml:1:10: `colar` is not a key here; did you mean collar?"]),
    (
        "an unknown broker",
        "accounts: {main: {broker: papr}}\n",
        ["config.yaml:1:27: 'papr' is not a broker; did you mean paper?; there are paper, loopback"],
    ),
    (
        "an unknown key of an account",
        "accounts: {main: {broker: paper, csh: {KRW: 1}}}\n",
        ["config.yaml:1:34: `csh` is not a key here; did you mean cash?"],
    ),
    (
        "a bad account name",
        "accounts: {my account: {broker: paper}}\n",
        [
            "config.yaml:1:12: 'my account' is not a name; use 1 to 64 letters, digits, dots, dashes and underscores, "
            "a letter or digit first"
        ],
    ),
    (
        "a lower-case currency",
        "accounts: {main: {cash: {krw: 1}}}\n",
        ["config.yaml:1:26: 'krw' is not a currency; write its code such as KRW or USDT"],
    ),
    ("negative cash", "accounts: {main: {cash: {KRW: -5}}}\n", ["config.yaml:1:31: '-5' is below zero; write 0 or more"]),
    (
        "a position without cost",
        "accounts: {main: {positions: {KRX:005930: {quantity: 1}}}}\n",
        ["config.yaml:1:31: `accounts.main.positions.KRX:005930` lacks `cost`; add it"],
    ),
    (
        "half a share held",
        "accounts: {main: {positions: {KRX:005930: {quantity: 0.5, cost: 1}}}}\n",
        ["config.yaml:1:54: 0.5 is not a multiple of 1, the smallest lot of KRX:005930; round it"],
    ),
    (
        "a loopback broker without address",
        "accounts: {main: {broker: loopback}}\n",
        ["config.yaml:1:12: `accounts.main` lacks `url`; add it"],
    ),
    (
        "paper with an address",
        "accounts: {main: {broker: paper, url: 'http://127.0.0.1:1'}}\n",
        ["config.yaml:1:34: a paper account has no address; delete `url`"],
    ),
    (
        "a fee without percent sign",
        "accounts: {main: {fee: 0.015}}\n",
        ["config.yaml:1:24: '0.015' is not a percentage; write one such as 0.015%"],
    ),
    (
        "an unknown kind of feed",
        "feeds: {demo: {kind: simm}}\n",
        ["config.yaml:1:22: 'simm' is not a kind of feed; did you mean sim?; there are sim, recording, upbit, binance"],
    ),
    ("a feed without kind", "feeds: {demo: {seed: 7}}\n", ["config.yaml:1:9: `feeds.demo` lacks `kind`; add it"]),
    (
        "a sim without instruments",
        "feeds: {demo: {kind: sim}}\n",
        ["config.yaml:1:9: feed demo has no instruments; add `instruments: {KRX:005930: {start: 70000}}`"],
    ),
    (
        "a sim instrument without start",
        "feeds: {demo: {kind: sim, instruments: {KRX:005930: {volatility: 1}}}}\n",
        ["config.yaml:1:41: KRX:005930 has no first price; add `start: 70000` or a `path`"],
    ),
    (
        "an unknown key of a sim instrument",
        "feeds: {demo: {kind: sim, instruments: {KRX:005930: {strat: 1}}}}\n",
        ["config.yaml:1:54: `strat` is not a key here; did you mean start?"],
    ),
    (
        "a recording without file",
        "feeds: {tape: {kind: recording, dialect: upbit}}\n",
        ["config.yaml:1:9: `feeds.tape` lacks `file`; add it"],
    ),
    (
        "a recording without dialect",
        "feeds: {tape: {kind: recording, file: a.gz}}\n",
        ["config.yaml:1:9: a recording needs to know its language; write `dialect:` with one of upbit, binance, sim"],
    ),
    (
        "a seed for upbit",
        "feeds: {coins: {kind: upbit, seed: 7}}\n",
        ["config.yaml:1:30: `seed` does not belong to a feed of kind upbit, only to sim; delete it"],
    ),
    (
        "a feed over http",
        "feeds: {coins: {kind: upbit, url: 'http://127.0.0.1'}}\n",
        ["config.yaml:1:35: 'http://127.0.0.1' is not the address of a feed; write ws://host:port or wss://host"],
    ),
    (
        "rules without an account",
        "rules: {r: {instrument: KRX:005930, side: sell, quantity: 1, stop: 68000}}\n"
        "feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 1}}}}\n",
        ["config.yaml:1:1: there are rules but no account; add `accounts: {main: {broker: paper, cash: {KRW: 10000000}}}`"],
    ),
    (
        "two accounts and none named",
        "accounts: {a: {}, b: {}}\n"
        "feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 1}}}}\n"
        "rules: {r: {instrument: KRX:005930, side: sell, quantity: 1, stop: 1}}\n",
        ["config.yaml:3:9: there are several accounts (a, b); add `account:` with one of them"],
    ),
    (
        "an unknown account",
        rule("side: sell, quantity: 1, stop: 68000, account: mian"),
        ["config.yaml:4:78: there is no account 'mian'; did you mean main?; there are: main"],
    ),
    (
        "an unknown feed",
        rule("side: sell, quantity: 1, stop: 68000, feed: dmo"),
        ["config.yaml:4:75: there is no feed 'dmo'; did you mean demo?; there are: demo"],
    ),
    (
        "an instrument that no feed serves",
        rule("side: sell, quantity: 1, stop: 68000", "KRX:000660"),
        ["config.yaml:4:19: no feed serves KRX:000660; list it under the `instruments` of a feed"],
    ),
    (
        "a coin that no feed serves",
        rule("side: sell, quantity: 1, stop: 68000", "UPBIT:KRW-BTC"),
        ["config.yaml:4:19: no feed serves UPBIT:KRW-BTC; list it under the `instruments` of a feed, or add a feed with `kind: upbit`"],
    ),
    (
        "an unknown market",
        rule("side: sell, quantity: 1, stop: 68000", "KOSPI:005930"),
        [
            "config.yaml:4:19: 'KOSPI:005930' is not an instrument: write MARKET:code with one of BINANCE, KRX, NXT, "
            "UPBIT, US, for example KRX:005930"
        ],
    ),
    (
        "lost zeros",
        rule("side: sell, quantity: 1, stop: 68000", "KRX:5930"),
        ["config.yaml:4:19: KRX:5930 has lost its leading zeros; write KRX:005930"],
    ),
    (
        "several of every sort in one rule",
        rule("side: sell, quantity: 0.5, stop: x, until: 91d, feed: dmo"),
        [
            "config.yaml:4:53: 0.5 is not a multiple of 1, the smallest lot of KRX:005930; round it",
            "config.yaml:4:64: 'x' is not a number; write digits with at most one point, such as 70000 or 0.01",
            "config.yaml:4:74: 91d is too long, a rule for KRX lasts 90 days at most; write 2027-02-18 or 90d at the latest",
            "config.yaml:4:85: there is no feed 'dmo'; did you mean demo?; there are: demo",
        ],
    ),
    ("no side", rule("quantity: 1, stop: 68000"), ["config.yaml:4:3: the rule lacks `side`; add it"]),
    (
        "a side that is none",
        rule("side: short, quantity: 1, stop: 68000"),
        ["config.yaml:4:37: 'short' is not possible here; write one of buy, sell"],
    ),
    ("no quantity", rule("side: sell, stop: 68000"), ["config.yaml:4:3: the rule lacks `quantity`; add it"]),
    (
        "a quantity of nothing",
        rule("side: sell, quantity: 0, stop: 68000"),
        ["config.yaml:4:53: '0' is not above zero; write a number above zero without a sign"],
    ),
    (
        "half a share",
        rule("side: sell, quantity: 0.5, stop: 68000"),
        ["config.yaml:4:53: 0.5 is not a multiple of 1, the smallest lot of KRX:005930; round it"],
    ),
    ("a buy of all", rule("side: buy, quantity: all, above: 68000"), ["config.yaml:4:52: a buy cannot take `all`; write how many"]),
    (
        "no trigger",
        rule("side: sell, quantity: 1"),
        ["config.yaml:4:3: the rule has no trigger; a sell takes stop, target, trail, preserve or time_exit"],
    ),
    (
        "two triggers",
        rule("side: sell, quantity: 1, stop: 68000, target: 75000"),
        ["config.yaml:4:69: `target` is a second trigger beside `stop`; write each as a leg of its own: `legs: [{stop: …}, {target: …}]`"],
    ),
    (
        "a trigger of the other side",
        rule("side: buy, quantity: 1, stop: 68000"),
        ["config.yaml:4:55: `stop` belongs to sells; a buy takes above, below, rebound or at"],
    ),
    (
        "a misspelt key",
        rule("side: sell, quantity: 1, stpo: 68000, stop: 68000"),
        ["config.yaml:4:56: `stpo` is not a key here; did you mean stop?"],
    ),
    (
        "a key of a later release",
        rule("side: sell, quantity: 1, stop: 68000, delegate: exchange"),
        ["config.yaml:4:69: `delegate` is not in this release; delete it"],
    ),
    (
        "thousands commas",
        rule("side: sell, quantity: 1, stop: '68,000'"),
        ["config.yaml:4:62: '68,000' is not a plain number; write 68000"],
    ),
    ("underscores", rule("side: sell, quantity: 1, stop: 68_000"), ["config.yaml:4:62: '68_000' is not a plain number; write 68000"]),
    ("an exponent", rule("side: sell, quantity: 1, stop: 6.8e4"), ["config.yaml:4:62: '6.8e4' is not a plain number; write 68000"]),
    (
        "a word as price",
        rule("side: sell, quantity: 1, stop: low"),
        ["config.yaml:4:62: 'low' is not a number; write digits with at most one point, such as 70000 or 0.01"],
    ),
    (
        "a negative price",
        rule("side: sell, quantity: 1, stop: -68000"),
        ["config.yaml:4:62: '-68000' is not above zero; write a number above zero without a sign"],
    ),
    (
        "too many digits",
        rule("side: sell, quantity: 1, stop: 1234567890123456789"),
        ["config.yaml:4:62: '1234567890123456789' has more than 18 digits before or after the point; write a shorter number"],
    ),
    (
        "an unsigned percentage of a sell",
        rule("side: sell, quantity: 1, stop: 5%"),
        [
            "config.yaml:4:62: `stop: 5%` could mean two things; write -5% for a profit rate on the average cost, or "
            "add `base: arm`, `base: previous_close` or `base: PRICE`"
        ],
    ),
    (
        "a percentage of a buy",
        rule("side: buy, quantity: 1, above: +3%"),
        [
            "config.yaml:4:62: a buy has no average cost, so `above: +3%` needs a base; add `base: arm`, `base: "
            "previous_close` or `base: PRICE`"
        ],
    ),
    (
        "ticks without base",
        rule("side: sell, quantity: 1, stop: 5 ticks"),
        ["config.yaml:4:62: `stop: 5 ticks` needs a base; add `base: arm`, `base: previous_close` or `base: PRICE`"],
    ),
    (
        "a target at a loss",
        rule("side: sell, quantity: 1, target: -5%"),
        ["config.yaml:4:64: a target of -5% is no profit; write one such as +5%, or use `stop`"],
    ),
    (
        "a stop at total loss",
        rule("side: sell, quantity: 1, stop: -100%"),
        ["config.yaml:4:62: `stop: -100%` leaves no price above zero; write less than 100%"],
    ),
    (
        "a stop over its base",
        rule("side: sell, quantity: 1, stop: +5%, base: arm"),
        ["config.yaml:4:62: `stop` lies under its base, and +5% would put it over; write 5%"],
    ),
    (
        "a breakout under its base",
        rule("side: buy, quantity: 1, above: -3%, base: previous_close"),
        ["config.yaml:4:62: `above` lies over its base, and -3% would put it under; write 3%"],
    ),
    (
        "an unknown base",
        rule("side: sell, quantity: 1, stop: 5%, base: previous-close"),
        ["config.yaml:4:72: 'previous-close' is not a base; did you mean previous_close?; write arm, previous_close or a price"],
    ),
    (
        "a base for a price",
        rule("side: sell, quantity: 1, stop: 68000, base: arm"),
        ["config.yaml:4:69: `base` has no percentage or ticks to measure; write such a level, or delete `base`"],
    ),
    (
        "a trail with a sign",
        rule("side: sell, quantity: 1, trail: -3%"),
        ["config.yaml:4:63: '-3%' has a sign, but this is a distance; write 3%"],
    ),
    (
        "a trail of everything",
        rule("side: sell, quantity: 1, trail: 100%"),
        ["config.yaml:4:63: '100%' is out of range; write a percentage above 0% and under 100%, without a sign"],
    ),
    (
        "a trail of no ticks",
        rule("side: sell, quantity: 1, trail: 0 ticks"),
        ["config.yaml:4:63: '0 ticks' is out of range; write 1 to 10000 ticks"],
    ),
    (
        "ticks where they are not known",
        rule("side: sell, quantity: 1, trail: 5 ticks", "BINANCE:XRPUSDT"),
        ["config.yaml:4:68: the ticks of BINANCE:XRPUSDT are not known; write an amount or a percentage"],
    ),
    (
        "an activation of a stop",
        rule("side: sell, quantity: 1, stop: 68000, activate: 75000"),
        ["config.yaml:4:69: `activate` belongs to trail and rebound, `stop` needs none; delete it"],
    ),
    (
        "a limit order without its price",
        rule("side: sell, quantity: 1, stop: 68000, order: limit"),
        [
            "config.yaml:4:76: `limit` needs a price; write `order: {limit: 70000}`, with `tif: ioc` or `tif: fok` where that is meant",
        ],
    ),
    (
        "a conditional order without its price",
        rule("side: sell, quantity: 1, stop: 68000, order: conditional_ioc"),
        [
            "config.yaml:4:76: `conditional_ioc` needs a price; write `order: {conditional: 70000}`, "
            "with `tif: ioc` or `tif: fok` where that is meant",
        ],
    ),
    (
        "an order of an unknown kind",
        rule("side: sell, quantity: 1, stop: 68000, order: bset"),
        [
            "config.yaml:4:76: 'bset' is not an order; did you mean best?; write `order: {limit: 70000}` or one of market, market_ioc, "
            "market_fok, best, best_ioc, best_fok, priority, midpoint, close_price, moo, moc",
        ],
    ),
    (
        "the exchange's own stop-limit",
        rule("side: sell, quantity: 1, stop: 68000, order: stop_limit"),
        [
            "config.yaml:4:76: the exchange's own stop-limit is not in this release; write the stop as the trigger (`stop: 68000`) and "
            "`order: {limit: 67900}`, the daemon then watches it",
        ],
    ),
    (
        "the exchange's own stop-limit with a price",
        rule("side: sell, quantity: 1, stop: 68000, order: {stop_limit: 67000}"),
        [
            "config.yaml:4:77: the exchange's own stop-limit is not in this release; write the stop as the trigger (`stop: 68000`) and "
            "`order: {limit: 67900}`, the daemon then watches it",
        ],
    ),
    (
        "a price for an order that finds its own",
        rule("side: sell, quantity: 1, stop: 68000, order: {best: 67000}"),
        ["config.yaml:4:77: `best` takes no price, it finds its own; write `order: best`"],
    ),
    (
        "two prices in an order",
        rule("side: sell, quantity: 1, stop: 68000, order: {limit: 67000, loc: 66000}"),
        ["config.yaml:4:91: `loc` is a second price beside `limit`; keep one of them"],
    ),
    (
        "an order without price or kind",
        rule("side: sell, quantity: 1, stop: 68000, order: {tif: ioc}"),
        ["config.yaml:4:76: an order is a kind or a price under its kind; write `order: market` or `order: {limit: 70000}`"],
    ),
    (
        "an order with an unknown key",
        rule("side: sell, quantity: 1, stop: 68000, order: {limit: 67000, fit: day}"),
        [
            "config.yaml:4:91: `fit` is not a key of an order; write `order: {limit: 70000}`, "
            "with `tif: ioc` or `tif: fok` where that is meant",
        ],
    ),
    (
        "a time in force that is none",
        rule("side: sell, quantity: 1, stop: 68000, order: {limit: 67000, tif: gtc}"),
        ["config.yaml:4:96: 'gtc' is not possible here; write one of day, ioc, fok"],
    ),
    (
        "a conditional order that is IOC",
        rule("side: sell, quantity: 1, stop: 68000, order: {conditional: 67000, tif: ioc}"),
        ["config.yaml:4:102: a conditional order cannot be ioc; delete `tif`, or write `{limit: 70000, tif: ioc}`"],
    ),
    (
        "a conditional limit over its stop",
        rule("side: sell, quantity: 1, stop: 68000, order: {conditional: 68100}"),
        ["config.yaml:4:90: the limit 68100 is over the stop 68000 and could not fill there; write 68000 or less"],
    ),
    (
        "an order that only other sessions take",
        rule("side: sell, quantity: 1, stop: 68000, order: close_price"),
        [
            "config.yaml:4:76: no session in which this rule orders (krx.open_call, krx.continuous, krx.close_call) takes close_price "
            "(krx.pre_close_price, krx.post_close_price would); write one that is taken (limit, limit_ioc, limit_fok, market, "
            "market_ioc, market_fok, best, best_ioc, best_fok, priority, midpoint, conditional)",
        ],
    ),
    (
        "an entry that its session does not take",
        rule("side: buy, quantity: 1, below: 68000, sessions: [krx.after]"),
        [
            "config.yaml:4:6: no session in which this rule orders (krx.after) takes market (krx.open_call, krx.continuous, krx.close_call "
            "would); write one that is taken (limit, limit_ioc, limit_fok, best, best_ioc, best_fok, priority), or `on_inadmissible: "
            "substitute` to send best in krx.after",
        ],
    ),
    (
        "an exit that shall wait for what never comes",
        rule("side: sell, quantity: 1, stop: 68000, order: midpoint, venue: NXT, watch: NXT, sessions: nxt.pre, on_inadmissible: wait"),
        [
            "config.yaml:4:76: no session in which this rule orders (nxt.pre) takes midpoint (nxt.main would); write one that is taken "
            "(limit, limit_ioc, limit_fok, best, best_ioc, best_fok, priority), or `on_inadmissible: substitute` to send limit in nxt.pre",
        ],
    ),
    (
        "an order of another market",
        rule("side: sell, quantity: 1, stop: 68000, order: moc", "BINANCE:BTCUSDT"),
        [
            "config.yaml:4:81: no session in which this rule orders (binance.continuous) takes moc; write one that is taken "
            "(limit, limit_ioc, limit_fok, market)",
        ],
    ),
    (
        "a session with a typing mistake",
        rule("side: sell, quantity: 1, stop: 68000, sessions: [regular, krx.aftre]"),
        [
            "config.yaml:4:89: 'krx.aftre' is not a session of KRX; did you mean krx.after?; there are regular, krx.pre_close_price, "
            "krx.open_call, krx.continuous, krx.close_call, krx.post_close_price, krx.after, nxt.pre, nxt.main, nxt.close_price, "
            "nxt.after_call, nxt.after, sor.pre, sor.regular, sor.after",
        ],
    ),
    (
        "a session of another market",
        rule("side: sell, quantity: 1, stop: 68000, sessions: us.pre", "BINANCE:BTCUSDT"),
        ["config.yaml:4:84: 'us.pre' is not a session of BINANCE; there are regular, binance.continuous"],
    ),
    (
        "a session that was abolished",
        rule("side: sell, quantity: 1, stop: 68000, sessions: [regular, krx.off_hours_single]"),
        ["config.yaml:4:89: krx.off_hours_single ended on 2026-09-11; delete it"],
    ),
    (
        "a session of a venue where the rule is not",
        rule("side: sell, quantity: 1, stop: 68000, sessions: [nxt.pre, krx.after], order: best"),
        [
            "config.yaml:4:80: nxt.pre is a session of NXT, where this rule neither watches nor orders; add `watch: NXT` or `venue: NXT`, "
            "or delete it",
        ],
    ),
    (
        "no sessions at all",
        rule("side: sell, quantity: 1, stop: 68000, sessions: []"),
        ["config.yaml:4:79: no session is named; write `sessions: regular`, or delete it"],
    ),
    (
        "sessions as a mapping",
        rule("side: sell, quantity: 1, stop: 68000, sessions: {nxt: pre}"),
        ["config.yaml:4:79: `sessions` needs a list; write [first, second]"],
    ),
    (
        "a list among the sessions",
        rule("side: sell, quantity: 1, stop: 68000, sessions: [regular, [nxt.pre]]"),
        ["config.yaml:4:89: `sessions` takes one value here; write `sessions: value`"],
    ),
    (
        "prints of a venue that only routes",
        rule("side: sell, quantity: 1, stop: 68000, watch: SOR"),
        ["config.yaml:4:76: 'SOR' is not possible for KRX; write `watch:` with one of KRX, NXT, ALL"],
    ),
    (
        "a venue of another market",
        rule("side: sell, quantity: 1, stop: 68000, venue: nxt, watch: US", "BINANCE:BTCUSDT"),
        [
            "config.yaml:4:81: 'nxt' is not possible for BINANCE; write `venue:` with one of BINANCE",
            "config.yaml:4:93: 'US' is not possible for BINANCE; write `watch:` with one of BINANCE, ALL",
        ],
    ),
    (
        "a venue in small letters",
        rule("side: sell, quantity: 1, stop: 68000, venue: nxt"),
        ["config.yaml:4:76: 'nxt' is not possible for KRX; did you mean NXT?; write `venue:` with one of KRX, NXT, SOR"],
    ),
    (
        "a window that is none",
        rule("side: sell, quantity: 1, stop: 68000, window: morning"),
        [
            "config.yaml:4:77: 'morning' is no window: write two times of day with a dash, such as 09:05-15:15 or open+5m-close-5m",
        ],
    ),
    (
        "a window that ends before it begins",
        rule("side: sell, quantity: 1, stop: 68000, window: close-5m-open+5m"),
        [
            "config.yaml:4:77: 'close-5m-open+5m' ends before it begins on 2026-11-20 (15:25:00 to 09:05:00): write the earlier time first",
        ],
    ),
    (
        "a window outside the sessions",
        rule("side: sell, quantity: 1, stop: 68000, window: 16:00-19:00"),
        [
            "config.yaml:4:77: no session of this rule (krx.open_call, krx.continuous, krx.close_call) is open in the window 16:00-19:00, "
            "so it could never fire; write another window, or add sessions",
        ],
    ),
    (
        "words for after the close and for halts that are none",
        rule("side: sell, quantity: 1, stop: 68000, after_close: cary, on_halt: wait, on_inadmissible: substitut"),
        [
            "config.yaml:4:82: 'cary' is not possible here; did you mean carry?; write one of recheck, carry",
            "config.yaml:4:97: 'wait' is not possible here; write one of queue, fail",
            "config.yaml:4:120: 'substitut' is not possible here; did you mean substitute?; write one of substitute, wait, fail",
        ],
    ),
    (
        "a sell limit over its stop",
        rule("side: sell, quantity: 1, stop: 68000, order: {limit: 68100}"),
        ["config.yaml:4:84: the limit 68100 is over the stop 68000 and could not fill there; write 68000 or less"],
    ),
    (
        "a buy limit under its trigger",
        rule("side: buy, quantity: 1, above: 68000, order: {limit: 67900}"),
        ["config.yaml:4:84: the limit 67900 is under the trigger 68000 and could not fill there; write 68000 or more"],
    ),
    (
        "a day that is past",
        rule("side: sell, quantity: 1, stop: 68000, until: 2026-11-19"),
        ["config.yaml:4:76: 2026-11-19 is past (today is 2026-11-20), so the rule has expired; write a later day, or delete the rule"],
    ),
    (
        "a day beyond the cap",
        rule("side: sell, quantity: 1, stop: 68000, until: 2027-02-19"),
        ["config.yaml:4:76: 2027-02-19 is too long, a rule for KRX lasts 90 days at most; write 2027-02-18 or 90d at the latest"],
    ),
    (
        "more days than the cap",
        rule("side: sell, quantity: 1, stop: 68000, until: 91d"),
        ["config.yaml:4:76: 91d is too long, a rule for KRX lasts 90 days at most; write 2027-02-18 or 90d at the latest"],
    ),
    (
        "a day that does not exist",
        rule("side: sell, quantity: 1, stop: 68000, until: 2026-11-31"),
        ["config.yaml:4:76: 2026-11-31 is not in the calendar; write a day that exists"],
    ),
    (
        "a validity in words",
        rule("side: sell, quantity: 1, stop: 68000, until: tomorrow"),
        ["config.yaml:4:76: 'tomorrow' is neither a date nor a number of days; write one such as 2026-12-31 or 90d"],
    ),
    (
        "an unknown recovery",
        rule("side: sell, quantity: 1, stop: 68000, recovery: hodl"),
        ["config.yaml:4:79: 'hodl' is not possible here; did you mean hold?; write one of fire, limit, hold"],
    ),
    (
        "an unknown answer to already met",
        rule("side: sell, quantity: 1, stop: 68000, already_met: wait"),
        ["config.yaml:4:82: 'wait' is not possible here; write one of reject, fire, wait_cross"],
    ),
    (
        "bind on a buy",
        rule("side: buy, quantity: 1, above: 68000, bind: none"),
        ["config.yaml:4:69: `bind` belongs to sells, a buy has no holding yet; delete it"],
    ),
    (
        "a list as quantity",
        rule("side: sell, quantity: [1, 2], stop: 68000"),
        ["config.yaml:4:53: `quantity` takes one value here; write `quantity: value`"],
    ),
    (
        "a rule id with a space",
        HEAD + "rules:\n  my rule: {instrument: KRX:005930, side: sell, quantity: 1, stop: 68000}\n",
        ["config.yaml:4:3: 'my rule' is not a name; use 1 to 64 letters, digits, dots, dashes and underscores, a letter or digit first"],
    ),
    (
        "a rule that is a word",
        HEAD + "rules:\n  r: sell\n",
        ["config.yaml:4:6: `rules.r` needs keys under it; write `key: value` lines or {key: value}"],
    ),
    (
        "several at once",
        HEAD + "rules:\n"
        "  late: {instrument: KRX:005930, side: sell, quantity: 1, stop: 5%}\n"
        "  side: {instrument: KRX:005930, side: buy, quantity: 0, stop: 68000}\n"
        "mode: papr\n"
        "guards: {collar: 10, stale: 5}\n",
        [
            "config.yaml:4:65: `stop: 5%` could mean two things; write -5% for a profit rate on the average cost, or "
            "add `base: arm`, `base: previous_close` or `base: PRICE`",
            "config.yaml:5:55: '0' is not above zero; write a number above zero without a sign",
            "config.yaml:5:58: `stop` belongs to sells; a buy takes above, below, rebound or at",
            "config.yaml:6:7: 'papr' is not possible here; did you mean paper?; write one of paper, live",
            "config.yaml:7:18: '10' is not a percentage; write one such as 10%",
            "config.yaml:7:29: '5' is not a time span; write one such as 5s",
        ],
    ),
    (
        "several in one rule",
        rule("side: sell, quantity: many, trail: 0, activate: 5%, until: soon, order: {limit: x}, eod: [], nte: x"),
        [
            "config.yaml:4:53: 'many' is not a number; write digits with at most one point, such as 70000 or 0.01",
            "config.yaml:4:66: '0' is not above zero; write a number above zero without a sign",
            "config.yaml:4:79: `activate: 5%` could mean two things; write +5% for a profit rate on the average cost, "
            "or add `base: arm`, `base: previous_close` or `base: PRICE`",
            "config.yaml:4:90: 'soon' is neither a date nor a number of days; write one such as 2026-12-31 or 90d",
            "config.yaml:4:111: 'x' is not a number; write digits with at most one point, such as 70000 or 0.01",
            "config.yaml:4:115: `eod` is not in this release; delete it",
            "config.yaml:4:124: `nte` is not a key here; did you mean note?",
        ],
    ),
    (
        "duplicates and wrong values together",
        "mode: papr\nmode: live\nguards: {stale: never}\n",
        [
            "config.yaml:1:7: 'papr' is not possible here; did you mean paper?; write one of paper, live",
            "config.yaml:2:1: `mode` stands twice, first in line 1; keep one of them",
            "config.yaml:3:17: 'never' is not a time span; write one such as 5s or 500ms",
        ],
    ),
    (
        "a paper account in live mode among others",
        "mode: live\naccounts: {main: {broker: paper}, far: {broker: loopback, url: 'http://127.0.0.1:1'}}\n",
        ["config.yaml:2:27: account main is a paper account, which mode live does not allow; delete it, or write `mode: paper`"],
    ),
    (
        "positions of an account that tells them itself",
        "accounts: {far: {broker: loopback, url: 'http://127.0.0.1:1', cash: {KRW: 1}}}\n",
        ["config.yaml:1:63: `cash` is for paper accounts, this broker tells what it holds; delete it"],
    ),
    (
        "a sim at speed max",
        "feeds: {demo: {kind: sim, speed: max, instruments: {KRX:005930: {start: 1}}}}\n",
        ["config.yaml:1:34: a sim cannot run at speed max; write a number such as 20"],
    ),
    (
        "a price path that is no list",
        "feeds: {demo: {kind: sim, instruments: {KRX:005930: {path: 5}}}}\n",
        ["config.yaml:1:60: `feeds.demo.instruments.KRX:005930.path` needs a list; write [first, second]"],
    ),
    (
        "a wrong price in a path",
        "feeds: {demo: {kind: sim, instruments: {KRX:005930: {path: [70000, 0]}}}}\n",
        ["config.yaml:1:68: '0' is not above zero; write a number above zero without a sign"],
    ),
    (
        "a seed in words",
        "feeds: {demo: {kind: sim, seed: lucky, instruments: {KRX:005930: {start: 1}}}}\n",
        ["config.yaml:1:33: 'lucky' is not a whole number; write one such as 7"],
    ),
    (
        "a walk that doubles at every step",
        "feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 1, volatility: 100%}}}}\n",
        ["config.yaml:1:76: '100%' is too much for one step; write less than 100%"],
    ),
    (
        "a walk of negative width",
        "feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 1, volatility: -1%}}}}\n",
        ["config.yaml:1:76: '-1%' is below zero; write 0 or more"],
    ),
    (
        "a fee of everything",
        "accounts: {main: {fee: 100%}}\n",
        ["config.yaml:1:24: '100%' is out of range; write a percentage from 0% to under 100%"],
    ),
    (
        "a broker's address without http",
        "accounts: {far: {broker: loopback, url: 'localhost:80'}}\n",
        ["config.yaml:1:41: 'localhost:80' is not the address of a broker; write http://host:port"],
    ),
    (
        "ticks in words",
        rule("side: sell, quantity: 1, trail: five ticks"),
        ["config.yaml:4:63: 'five ticks' is not a number of ticks; write one such as 5 ticks"],
    ),
    (
        "a mapping as trail",
        rule("side: sell, quantity: 1, trail: {percent: 3}"),
        ["config.yaml:4:63: `trail` takes one value here; write `trail: value`"],
    ),
    (
        "a feed that does not serve the instrument",
        "accounts: {main: {}}\n"
        "feeds: {a: {kind: upbit}, b: {kind: binance}}\n"
        "rules: {r: {instrument: BINANCE:BTCUSDT, side: buy, quantity: 1, below: 5, feed: a}}\n",
        ["config.yaml:3:82: feed a does not serve BINANCE:BTCUSDT; it is served by b; name another feed, or list the instrument there"],
    ),
    (
        "an unknown scenario",
        "feeds: {demo: {kind: sim, scenario: crash, instruments: {KRX:005930: {start: 1}}}}\n",
        [
            "config.yaml:1:37: 'crash' is not a scenario; did you mean crash_day?; there are ordinary, crash_day, gap_down, limit_up, "
            "thin_after, split, vi_day"
        ],
    ),
    (
        "a beginning without an hour",
        "feeds: {demo: {kind: sim, begin: 2026-11-20, instruments: {KRX:005930: {start: 1}}}}\n",
        ["config.yaml:1:34: '2026-11-20' is not a market-local time; write the day and the hour, such as 2026-11-20T08:00"],
    ),
    (
        "a beginning on a day that does not exist",
        "feeds: {demo: {kind: sim, begin: 2026-02-30T09:00, instruments: {KRX:005930: {start: 1}}}}\n",
        ["config.yaml:1:34: '2026-02-30T09:00' is not a market-local time; write the day and the hour, such as 2026-11-20T08:00"],
    ),
    (
        "a trigger beside legs",
        rule("side: sell, quantity: 1, legs: [{stop: -5%}], trail: 3%, activate: +5%"),
        [
            "config.yaml:4:77: `trail` stands beside `legs`, but a rule with `legs` has its triggers there; move it into a leg, "
            "or delete `legs`",
            "config.yaml:4:88: `activate` stands beside `legs`, but a rule with `legs` has its triggers there; "
            "move it into a leg, or delete `legs`",
        ],
    ),
    (
        "a single leg that is no list",
        rule("side: sell, quantity: 1, legs: {stop: -5%}"),
        ["config.yaml:4:62: `legs` is a list of one or more legs; write `legs: [{stop: -5%}, {target: +10%}]`"],
    ),
    (
        "legs of nothing",
        rule("side: sell, quantity: 1, legs: []"),
        ["config.yaml:4:62: `legs` is a list of one or more legs; write `legs: [{stop: -5%}, {target: +10%}]`"],
    ),
    (
        "a leg that is a word",
        rule("side: sell, quantity: 1, legs: [stop, {stop: -5%}]"),
        ["config.yaml:4:63: a leg is a trigger with what goes beside it; write one such as {stop: -5%} or {target: +10%, share: 50%}"],
    ),
    (
        "a leg too many",
        rule(f"side: sell, quantity: 1, legs: [{', '.join(['{stop: 5}'] * 21)}]"),
        ["config.yaml:4:283: a rule has at most 20 legs; write two rules"],
    ),
    (
        "a leg without trigger and one with two",
        rule("side: sell, quantity: 1, legs: [{share: 50%}, {stop: -5%, trail: 3%}]"),
        [
            "config.yaml:4:63: the leg has no trigger; a leg of a sell takes stop, target, trail, preserve or time_exit",
            "config.yaml:4:89: `trail` is a second trigger beside `stop`; write each as a leg of its own: `legs: [{stop: …}, {trail: …}]`",
        ],
    ),
    (
        "mistakes inside legs",
        rule("side: sell, quantity: 1, legs: [{stop: 5%}, {trail: 3%, activate: x, stpe: 1}, {above: 5, until: 5d}]"),
        [
            "config.yaml:4:70: `stop: 5%` could mean two things; write -5% for a profit rate on the average cost, "
            "or add `base: arm`, `base: previous_close` or `base: PRICE`",
            "config.yaml:4:97: 'x' is not a number; write digits with at most one point, such as 70000 or 0.01",
            "config.yaml:4:100: `stpe` is not a key here; did you mean stop?",
            "config.yaml:4:111: `above` belongs to buys; a sell takes stop, target, trail, preserve or time_exit",
            "config.yaml:4:121: `until` is a key of the whole rule, not of a leg; write it beside the list of legs",
        ],
    ),
    (
        "words of a leg beside the rule's",
        rule("side: sell, quantity: 1, stop: 68000, share: 50%, floor: 5%"),
        [
            "config.yaml:4:69: `share` does not stand here but inside another key; write `legs: [{target: +10%, share: 50%}, {stop: -5%}]`",
            "config.yaml:4:81: `floor` does not stand here but inside another key; write `preserve: {arm: +7%, floor: +5%}`",
        ],
    ),
    (
        "two legs of one name",
        rule("side: sell, quantity: 1, legs: [{stop: 5}, {trail: 3%, name: stop}, {target: 9, name: big one}]"),
        [
            "config.yaml:4:74: there are two legs called stop; give one of them a `name:` of its own",
            "config.yaml:4:117: 'big one' is not a name; use 1 to 64 letters, digits, dots, dashes and underscores, a letter or "
            "digit first",
        ],
    ),
    (
        "a name that another leg has anyway",
        rule("side: sell, quantity: 1, legs: [{stop: 5}, {trail: 3%, name: stop}]"),
        ["config.yaml:4:74: there are two legs called stop; give one of them a `name:` of its own"],
    ),
    (
        "exits of a sell",
        rule("side: sell, quantity: 1, stop: 5, exits: [{stop: -5%}]"),
        ["config.yaml:4:65: `exits` belong to buys, they sell what was bought; delete it, a sell has its own `legs`"],
    ),
    (
        "exits that buy",
        rule("side: buy, quantity: 1, below: 5, exits: [{above: 9}]"),
        ["config.yaml:4:74: `above` belongs to buys; a sell takes stop, target, trail, preserve or time_exit"],
    ),
    (
        "a share of a buy",
        rule("side: buy, quantity: 1, legs: [{below: 5, share: 50%}, {above: 9}]"),
        ["config.yaml:4:73: `share` is a part of what is sold, and this is a buy; delete it"],
    ),
    (
        "a share without percent sign, one of too much, and one of nothing",
        rule("side: sell, quantity: 1, legs: [{target: 5, share: 50}, {target: 6, share: 101%}, {target: 7, share: 0%}]"),
        [
            "config.yaml:4:82: '50' is not a percentage; write one such as 50%",
            "config.yaml:4:106: '101%' is out of range; write a percentage above 0% and up to 100%, without a sign",
            "config.yaml:4:132: '0%' is out of range; write a percentage above 0% and up to 100%, without a sign",
        ],
    ),
    (
        "shares of more than there is",
        rule("side: sell, quantity: 1, legs: [{target: 5, share: 50%}, {target: 6, share: 50.5%}, {stop: 1}]"),
        ["config.yaml:4:62: the shares of the legs come to 100.5%, more than there is; write shares of 100% together at most"],
    ),
    (
        "something that follows a stop",
        rule("side: sell, quantity: 1, legs: [{stop: 5, then: stop_to_breakeven}, {target: 9, then: nothing}]"),
        [
            "config.yaml:4:73: `then` follows a target that has filled, not a stop; delete it",
            "config.yaml:4:117: 'nothing' is not possible here; write one of stop_to_breakeven",
        ],
    ),
    (
        "breakeven without a stop",
        rule("side: sell, quantity: 1, legs: [{target: 9, share: 50%, then: stop_to_breakeven}, {trail: 3%}]"),
        ["config.yaml:4:93: `then: stop_to_breakeven` needs a stop to move; add a leg such as {stop: -5%}, or delete `then`"],
    ),
    (
        "a limit on the wrong side of its stop",
        rule("side: sell, quantity: 1, stop: 68000, limit_offset: -100"),
        [
            "config.yaml:4:83: '-100' has a sign, but `limit_offset` is how far the limit lies beyond the level, so that the "
            "order can fill; "
            "write 100, or 0 for a limit at the level",
        ],
    ),
    (
        "a limit offset beside a price",
        rule("side: sell, quantity: 1, stop: 68000, limit_offset: 100, order: {limit: 67000}"),
        ["config.yaml:4:69: `limit_offset` makes the order a limit beyond the level, so `order` would never be sent; delete one of them"],
    ),
    (
        "a limit offset beyond everything",
        rule("side: sell, quantity: 1, stop: 68000, limit_offset: 68000"),
        ["config.yaml:4:83: a limit 68000 under 68000 leaves no price above zero; write a smaller `limit_offset`"],
    ),
    (
        "a limit offset by the clock",
        rule("side: sell, quantity: 1, time_exit: '15:15', limit_offset: 100"),
        [
            "config.yaml:4:76: `time_exit` goes by the clock and has no level for `limit_offset`; delete it, or write "
            "`order: {limit: last - 2 ticks}`",
        ],
    ),
    (
        "an order that no leg sends",
        rule("side: sell, quantity: 1, legs: [{stop: 5, order: best}, {target: 9, limit_offset: 1}], order: {limit: 9}"),
        ["config.yaml:4:118: every leg sends an order of its own, so this one would never be sent; delete it"],
    ),
    (
        "a leg's limit over its stop",
        rule("side: sell, quantity: 1, legs: [{stop: 68000, order: {limit: 68100}}, {target: 75000}]"),
        ["config.yaml:4:92: the limit 68100 is over the stop 68000 and could not fill there; write 68000 or less"],
    ),
    (
        "an exit's order that no session takes",
        rule("side: buy, quantity: 1, below: 68000, exits: [{stop: -5%, order: moc, name: x}], on_inadmissible: fail"),
        [
            "config.yaml:4:96: no session in which this rule orders (krx.open_call, krx.continuous, krx.close_call) takes moc; "
            "write one that "
            "is taken (limit, limit_ioc, limit_fok, market, market_ioc, market_fok, best, best_ioc, best_fok, priority, midpoint, "
            "conditional), or `on_inadmissible: substitute` to send market in krx.close_call",
        ],
    ),
    (
        "a step and a start of a stop",
        rule("side: sell, quantity: 1, stop: 68000, step: 100, start: 70000"),
        [
            "config.yaml:4:69: `step` belongs to trail and rebound, `stop` needs none; delete it",
            "config.yaml:4:80: `start` belongs to trail and rebound, `stop` needs none; delete it",
        ],
    ),
    (
        "a start and an activation",
        rule("side: sell, quantity: 1, trail: 3%, activate: 75000, start: 70000"),
        ["config.yaml:4:84: `start` and `activate` both say where the mark begins; keep one of them"],
    ),
    (
        "ticks of a step where they are not known",
        rule("side: sell, quantity: 1, trail: 3%, step: 5 ticks, limit_offset: 1 tick", "BINANCE:XRPUSDT"),
        [
            "config.yaml:4:78: the ticks of BINANCE:XRPUSDT are not known; write an amount or a percentage",
            "config.yaml:4:101: the ticks of BINANCE:XRPUSDT are not known; write an amount or a percentage",
        ],
    ),
    (
        "a profit to keep in one word",
        rule("side: sell, quantity: 1, preserve: +7%"),
        ["config.yaml:4:66: `preserve` takes two levels; write `preserve: {arm: +7%, floor: +5%}`"],
    ),
    (
        "a profit to keep without its floor",
        rule("side: sell, quantity: 1, preserve: {arm: +7%, flor: +5%}"),
        [
            "config.yaml:4:66: `preserve` lacks `floor`; write `preserve: {arm: +7%, floor: +5%}`",
            "config.yaml:4:77: `flor` is not a key of `preserve`; write `preserve: {arm: +7%, floor: +5%}`",
        ],
    ),
    (
        "a profit that is sold the moment it is armed",
        rule("side: sell, quantity: 1, preserve: {arm: +7%, floor: +7%}"),
        [
            "config.yaml:4:84: the profit to keep, +7%, must lie under `arm`, +7%, or it would be sold the moment it is armed; "
            "write a lower `floor`",
        ],
    ),
    (
        "a profit to keep of two kinds",
        rule("side: sell, quantity: 1, preserve: {arm: 75000, floor: +5%}"),
        [
            "config.yaml:4:86: `arm` and `floor` are counted differently and cannot be compared; write both as prices, "
            "both as rates of profit, or both as distances of one kind from `base`",
        ],
    ),
    (
        "a time of day that is none",
        rule("side: sell, quantity: 1, time_exit: noon"),
        [
            "config.yaml:4:67: 'noon' is no time of day: write 15:15, or one that moves with the market's hours, such as "
            "open+10m or close-5m",
        ],
    ),
    (
        "a time of day after the close",
        rule("side: buy, quantity: 1, at: close"),
        [
            "config.yaml:4:59: from close on none of this rule's sessions (krx.open_call, krx.continuous, krx.close_call) is open, "
            "so it could never fire; write an earlier time, or add sessions",
        ],
    ),
    (
        "an amount and a quantity",
        rule("side: buy, quantity: 1, amount: 1000000, below: 5"),
        ["config.yaml:4:55: `amount` and `quantity` both say how many; keep one of them"],
    ),
    (
        "an amount of a sell",
        rule("side: sell, amount: 1000000, stop: 5"),
        ["config.yaml:4:43: `amount` is money to buy for, and this is a sell; write `quantity: 10`, `50%` or `all`"],
    ),
    (
        "a part of what is to be bought",
        rule("side: buy, quantity: 50%, below: 5"),
        ["config.yaml:4:52: a buy has no holding yet to take 50% of; write how many, or `amount: 1000000` for so much money"],
    ),
    (
        "a part of something unknown",
        rule("side: sell, quantity: 50% of selable, stop: 5"),
        [
            "config.yaml:4:53: '50% of selable' is not a part of a holding; did you mean sellable?; write `50%` (of the position) "
            "or `50% of sellable`",
        ],
    ),
    (
        "more than everything",
        rule("side: sell, quantity: 120%, stop: 5"),
        ["config.yaml:4:53: '120%' is out of range; write a percentage above 0% and up to 100%, without a sign"],
    ),
    (
        "a price of the moment that is none",
        rule("side: sell, quantity: 1, stop: 68000, order: {limit: mid - 2 ticks}"),
        [
            "config.yaml:4:84: 'mid - 2 ticks' is not a price of the moment; write `last`, `bid - 2 ticks` or `ask + 1 tick`, "
            "or a price such as 70000",
        ],
    ),
    (
        "a price of the moment less an amount",
        rule("side: sell, quantity: 1, stop: 68000, order: {limit: bid - 100}"),
        [
            "config.yaml:4:84: 'bid - 100' is not a price of the moment; write `last`, `bid - 2 ticks` or `ask + 1 tick`, "
            "or a price such as 70000",
        ],
    ),
    (
        "a price of the moment for an auction",
        rule("side: sell, quantity: 1, stop: 68000, order: {conditional: last}"),
        ["config.yaml:4:90: a conditional order takes a plain price, not 'last'; write a number, or `{limit: last}`"],
    ),
]
