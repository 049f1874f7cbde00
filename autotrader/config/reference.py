"""The YAML reference of the manual, printed from the schema: `python -m autotrader.config.reference > docs/yaml.md`.

What a key is called, takes, defaults to and means is said once, in the schema; a test keeps the page equal to it.
"""

from collections.abc import Callable, Iterator
from datetime import time
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel, WithJsonSchema
from pydantic.fields import FieldInfo

from autotrader.config import option_schema as options
from autotrader.config import rule_schema as words
from autotrader.config.kinds import BELONGS
from autotrader.config.markets import load_markets
from autotrader.config.order_words import KINDS
from autotrader.config.rule_keys import LATER, TRIGGERS
from autotrader.config.rule_schema import RuleText
from autotrader.config.schema import AccountText, FeedText, FileText, GuardsText, PositionText, SimText
from autotrader.config.values import NANOSECONDS
from autotrader.domain.money import text
from autotrader.domain.rule import Side
from autotrader.markets.facts import SessionRow
from autotrader.markets.profile import MarketProfile

TAKES: tuple[tuple[words.Schema, str], ...] = (
    (words.COLLAR, "a percentage, or `off`"),
    (words.STALE, "a duration, or `off`"),
    (words.MAX_RULES, "a whole number above zero, or `off`"),
    (words.DURATION, "a duration"),
    (words.FEE, "a percentage"),
    (words.RATE, "a percentage"),
    (words.COST, "a number, zero or above"),
    (words.PRICE, "a number above zero"),
    (words.LEVEL, "a level"),
    (words.DISTANCE, "a distance"),
    (words.NAME, "a name"),
    (words.INSTRUMENT, "an instrument"),
    (words.SPEED, "a number above zero, or `max`"),
    (words.UNTIL, "a date or a number of days"),
    (words.QUANTITY, "a number above zero, a part, or `all`"),
    (words.LEGS, "a list of [legs](#legs)"),
    (words.EXITS, "a list of [legs](#legs) of a sell"),
    (words.OFFSET, "a distance, or `0`"),
    (words.CLOCK_TIME, "a time of day"),
    (words.PRESERVE, "two levels: `{arm: +7%, floor: +5%}`"),
    (words.BASE, "`arm`, `previous_close` or a price"),
    (words.ORDER, "an order"),
    (words.SESSIONS, "a session, or a list of sessions"),
    (words.WATCH, "a venue, or `ALL`"),
    (words.ORDER_VENUE, "a venue"),
    (words.WINDOW, "a window"),
    (options.WHEN, "a list of [conditions](#conditions)"),
    (options.CONFIRM, "a number of prints, or a duration"),
    (options.GAP_GUARD, "a percentage, or `off`"),
    (options.COST_BASIS, "`broker` or a price"),
    (options.YES_NO, "`yes` or `no`"),
    (options.UNFILLED, "entries: `{after: 30s, action: reprice}`"),
    (options.REARM, "entries: `{max: 3, cooldown: 10m, hysteresis: 1%}`"),
    (options.TAGS, "a name, or a list of names"),
)
"""The first schema that equals a key's own says in words what it takes; `a level` and the others are explained under Words."""

MAPPINGS = {
    "guards": "the keys under [guards](#guards)",
    "accounts": "names, each with the keys of [an account](#accounts)",
    "feeds": "names, each with the keys of [a feed](#feeds)",
    "rules": "ids, each with the keys of [a rule](#rules)",
    "templates": "names, each with the keys of [a template](#templates)",
    "cash": "currencies, each with a number: `{KRW: 10000000}`",
    "positions": "instruments, each with [a holding](#positions)",
    "instruments": "a list of instruments, or instruments with [how each moves](#instruments)",
    "path": "a list of numbers above zero",
}

INTRODUCTION = """\
# The configuration file

<!-- Printed by `python -m autotrader.config.reference`; a test keeps it equal to the schema. -->

One YAML file holds the accounts, the price feeds and the rules. `autotrader check FILE` shows every mistake in it with line,
column and remedy; `autotrader check --schema` prints the JSON schema for an editor that completes and checks while you type.
A whole example with comments is [config.example.yaml](../config.example.yaml); what the words of a rule mean in the market is
told in [the guide](guide.md).

Values are read exactly as they are written: `000660` keeps its zeros, `15:20` stays a time, `off` means off; a choice
of two is `yes` or `no`, and `true` or `false` are taken for them. Anchors, aliases,
tags, duplicate keys and unknown keys are mistakes. A file is taken whole or not at all. While the daemon runs it takes new
rules at once; a change of `mode`, `guards`, `accounts` or `feeds` is taken at the next start.

There is an end to a file: 16 MB, 120,000 rules, 30,000 entries in any other place, 32 levels. A file with `templates:` may leave `rules:`
out; once rules came from a file, one without `rules:` is not taken any more (`rules: {}` says that there shall be none)."""

WORDS = """\
## Words

| word | written | means |
|---|---|---|
| a number | `68000`, `0.01`, `-5` | digits and one point: no thousands separators, no exponent, 18 digits on each side at most |
| a percentage | `3%`, `0.015%` | a number and a percent sign |
| a level | `68000` | a price |
| | `-5%`, `+10%` | with a sign: a profit rate on the average cost of what the account holds; for sells only |
| | `5%`, `5 ticks` | with `base`: so far from it, under it for `stop` and `below`, over it for `target` and `above` |
| a part | `50%`, `50% of sellable` | of the position, or of what can be sold, as the rule fires; in whole lots; for sells only |
| a distance | `1000`, `3%`, `5 ticks` | an amount of money per unit, a percentage of the mark, or price steps of the market |
| an order | `market`, `best`, `priority`, `midpoint` | finds its price: any, the opposite best quote, the own best quote, between them |
| | `market_ioc`, `market_fok`, `best_ioc`, `best_fok` | what is not filled at once is cancelled (IOC); all at once or nothing (FOK) |
| | `close_price`, `moo`, `moc` | at the close, in the sessions that trade at it; market-on-open, market-on-close |
| | `{limit: 70000}`, `{limit: 70000, tif: ioc}` | a limit order; with `tif: ioc` or `tif: fok` |
| | `{limit: last}`, `{limit: bid - 2 ticks}` | a limit order at a price of the moment: `last`, `bid` or `ask`, and ticks from it |
| | `{conditional: 70000}` | a limit order whose rest becomes a market order for the closing call |
| | `{loo: 70}`, `{loc: 70}` | limit-on-open, limit-on-close |
| a session | `regular`, `nxt.pre`, `krx.after` | an id of the table under [Sessions](#sessions); `regular` stands for the usual ones |
| a window | `09:05-15:15` | market-local times |
| | `open+5m-close-5m` | counted from the opening and the close of the regular market, so that it moves with special days |
| a time of day | `"15:15"`, `close-5m`, `open` | market-local; one that counts from `open` or `close` moves with special days |
| a duration | `500ms`, `5s`, `2m`, `1h`, `1d` | milliseconds, seconds, minutes, hours or days |
| a date or a number of days | `2026-12-31`, `90d` | the last day, in the market's time zone, itself included; days count from the start |
| a name | `samsung-stop` | letters, digits, `_`, `.` and `-`, up to 64, the first a letter or a digit |
| an instrument | `KRX:005930` | `MARKET:code`; the markets are listed below |"""

LEGS = """\
### legs

A leg is a mapping with one trigger of the rule's side and what goes beside it; the legs of a rule share its quantity, and the first
that is met wins: the others have nothing left to do, or what its share leaves.

| key | goes with | meaning |
|---|---|---|
| a trigger | | `stop`, `target`, `trail`, `preserve`, `time_exit`; of a buy `above`, `below`, `rebound`, `at` |
| `activate`, `step`, `start` | `trail`, `rebound` | as in a rule |
| `base` | levels | as in a rule; each leg has its own |
| `limit_offset` | all but the clock | as in a rule; not together with `order` |
| `share` | sells | the part of the quantity that this leg sells, `50%`; without it all that is left. Together 100% at most |
| `then` | `target` | `stop_to_breakeven`: once it has filled, the stops move up to where the rest loses nothing, fees and taxes included |
| `order` | | what this leg sends, instead of the rule's `order` |
| `name` | | what it is called; without it its kind, with a number where there are several of a kind: `stop`, `target-1`, `target-2` |

A rule has 20 legs at most. `exits` takes the same legs for a sell that begins with what a buy has bought. This file sells half at
+10% and then lets no more be lost, sells the rest at -5%, or 2% under its high once +5% was reached; and it buys for 3,000,000 won at
the opening with exits of its own:

```yaml
accounts: {main: {broker: paper, cash: {KRW: 10000000}, positions: {KRX:005930: {quantity: 100, cost: 70000}}}}
feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}, KRX:000660: {start: 300000}}}}
rules:
  samsung-ways-out:
    instrument: KRX:005930
    side: sell
    quantity: all
    legs:
      - {stop: -5%}
      - {target: +10%, share: 50%, then: stop_to_breakeven}
      - {trail: 2%, activate: +5%, limit_offset: 100}
  samsung-keep: {instrument: KRX:005930, side: sell, quantity: 50% of sellable, preserve: {arm: +7%, floor: +5%}}
  samsung-today: {instrument: KRX:005930, side: sell, quantity: 10, time_exit: close-20m, order: {limit: bid - 2 ticks}}
  hynix-open:
    instrument: KRX:000660
    side: buy
    amount: 3000000
    at: open
    exits: [{stop: -3%}, {target: +6%}]
```"""

OPTIONS = """\
### conditions

`when` is a list of at most six conditions that must all hold as the rule fires; `when: {any: [...]}` asks for one of them. What is
met while they do not hold does not fire; marks go on.

| condition | written | holds |
|---|---|---|
| `time` | `{time: "10:00-close"}` | inside a window of the day |
| `change` | `{change: "<= -3%"}`, `{change: ">= +2%"}` | while the price is so far from the base price of the day |
| `volume` | `{volume: ">= 100000"}` | once so much was traded on the day, as far as it was seen |
| `price` | `{price: "KRX:000660 >= 180000"}`, `{price: ">= 180000"}` | while the last price of it, or of the rule's own, is there |

### unfilled

`after` is how long the order may wait (it must be there), `action` what comes then: `keep` it, `cancel` it, make it a `market` order, or
`reprice` it: `step_ticks` towards the market, `max` times at most, and then `final` (`keep`, `market` or `cancel`).

### rearm

`max` is how often the rule begins again after a fill, `cooldown` how long it waits first, and `hysteresis` (a distance, it must be
there) how far from its level on the safe side the price has to have been before it counts again.

```yaml
accounts: {main: {broker: paper, cash: {KRW: 10000000}, positions: {KRX:005930: {quantity: 100, cost: 70000}}}}
feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}, KRX:000660: {start: 300000}}}}
rules:
  samsung-careful:
    instrument: KRX:005930
    side: sell
    quantity: 10
    stop: -5%
    net: yes
    confirm: 3 prints
    when: [{time: "09:05-close"}, {price: "KRX:000660 <= 290000"}]
    order: {limit: bid - 2 ticks}
    unfilled: {after: 30s, action: reprice, step_ticks: 2, max: 3, final: market}
    tags: [core]
  samsung-again:
    instrument: KRX:005930
    side: buy
    quantity: 10
    below: 66000
    rearm: {max: 3, cooldown: 10m, hysteresis: 1%}
    tags: swing
```"""

TEMPLATES = """\
## templates

A template is a sell rule without an instrument: it [attaches to what is newly bought](attach.md). It takes the keys of
[a rule](#rules) but `instrument` and `feed`, and these:

| key | takes | if left out | meaning |
|---|---|---|---|
| `account` | a name | every account | holdings of this account only |
| `for` | entries: `{markets: [KRX], min_value: 1000000}` | every holding | the holdings that it attaches to; all entries must fit |
| `include_existing` | `yes` or `no` | `no` | whether it also attaches to what is held already when it is taken |

| entry of `for` | takes | meaning |
|---|---|---|
| `markets` | markets | holdings of these markets |
| `instruments` | instruments | these holdings |
| `except` | instruments | all but these |
| `min_value` | a number above zero | holdings that cost so much or more |
| `bought_by` | a name | what a rule with this tag has bought |

Rules and templates share their names: a name is a rule's or a template's.

```yaml
accounts: {main: {broker: paper, cash: {KRW: 10000000}}}
feeds: {demo: {kind: sim, instruments: {KRX:005930: {start: 70000}}}}
rules: {}
templates:
  guard:
    side: sell
    quantity: all
    legs: [{stop: -5%}, {target: +10%, share: 50%}]
    for: {markets: [KRX], except: [KRX:000660], min_value: 1000000}
    include_existing: yes
```"""

SESSIONS_SAID = """\
Hours are market-local. A rule watches and orders in the sessions under `sessions`, the regular ones unless it names others; a call
goes with the continuous session that it opens or closes. Sessions of another venue than the instrument's own need `watch` or
`venue`. What a session does not take as written is sent in another form, waits or fails, as `on_inadmissible` says."""


def page() -> str:
    """Return the whole page."""
    parts = [
        INTRODUCTION,
        _section("The file", FileText),
        _section("guards", GuardsText),
        _section("accounts", AccountText),
        _section("positions", PositionText, level=3),
        _section("feeds", FeedText, extra=_kinds),
        _section("instruments", SimText, level=3),
        _section("rules", RuleText),
        _triggers(),
        LEGS,
        OPTIONS,
        TEMPLATES,
        WORDS,
        _markets(),
        _sessions(),
        _later(),
    ]
    return "\n\n".join(parts) + "\n"


def _section(title: str, model: type[BaseModel], *, level: int = 2, extra: Callable[[str], str] = lambda _: "") -> str:
    """Return the table of a mapping's keys."""
    rows = [_row(key, field, extra(key)) for key, field in model.model_fields.items()]
    return "\n".join([f"{'#' * level} {title}", "", "| key | takes | if left out | meaning |", "|---|---|---|---|", *rows])


def _row(key: str, field: FieldInfo, extra: str) -> str:
    return f"| `{key}` | {takes(key, field)} | {default(key, field)} | {field.description or ''}{extra} |".replace("  ", " ")


def takes(key: str, field: FieldInfo) -> str:
    """Return in words what a key takes."""
    if key in MAPPINGS:
        return MAPPINGS[key]
    schema = next((item.json_schema for item in field.metadata if isinstance(item, WithJsonSchema)), None) or {}
    for known, said in TAKES:
        if schema == known:
            return said
    if "enum" in schema:
        return _or([f"`{choice}`" for choice in schema["enum"]])
    return "a whole number" if schema.get("type") == "integer" else "text"


def default(key: str, field: FieldInfo) -> str:
    """Return what a key that is left out means, as it would be written; a dash where that is nothing."""
    if field.is_required():
        return "must be there"
    value = field.default
    schemas = [item.json_schema for item in field.metadata if isinstance(item, WithJsonSchema)]
    if value in (None, "", {}, []):
        return "–"
    if any(schema in (words.DURATION, words.STALE) for schema in schemas):
        return f"`{_duration(value)}`"
    if any(schema in (words.COLLAR, words.FEE, words.RATE) for schema in schemas):
        return f"`{text(value)}%`"
    return f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return text(value) if isinstance(value, Decimal) else str(value.value if isinstance(value, Enum) else value)


def _duration(nanoseconds: int) -> str:
    """Return a duration in the largest unit that divides it."""
    unit = next(unit for unit in ("m", "s", "ms") if nanoseconds % NANOSECONDS[unit] == 0)
    return f"{nanoseconds // NANOSECONDS[unit]}{unit}"


def _kinds(key: str) -> str:
    """Return which kinds of feed have a key, when not all have it."""
    return f" (Only {' and '.join(f'`{kind}`' for kind in BELONGS[key])}.)" if key in BELONGS else ""


def _or(choices: list[str]) -> str:
    return choices[0] if len(choices) == 1 else f"{', '.join(choices[:-1])} or {choices[-1]}"


def _triggers() -> str:
    """Say which triggers a side has."""
    sell, buy = (_or([f"`{key}`" for key in TRIGGERS[side]]) for side in (Side.SELL, Side.BUY))
    return (
        f"A rule has exactly one trigger (a sell {sell}, a buy {buy}) or several of them as `legs`. "
        "`activate`, `step` and `start` go with `trail` and `rebound`, `base` with a level or an activation that is a percentage "
        "without a sign or a number of ticks, `bind`, parts of a quantity and `quantity: all` with sells, `amount` and `exits` "
        "with buys."
    )


def _markets() -> str:
    """Return the table of the markets that this release knows."""
    rows = [
        f"| `{market.id}` | {', '.join(dict.fromkeys(name for _, name in market.currencies))} | {text(market.lot)} "
        f"| {market.zone} | {market.validity_cap} days | {'all day' if market.always_open else 'sessions'} |"
        for market in load_markets().values()
        if market.currencies
    ]
    head = ["## Markets", "", "| market | currencies | lot | time zone | longest validity | open |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows, "", "A rule without `until` is valid for the longest validity of its market."])


def _sessions() -> str:
    """Return the table of the sessions that rules may name, as they are on an ordinary day now."""
    rows = [
        f"| `{row.id}` | {_hours(row)} | {_kinds_taken(market, row.id)} | {'yes' if row.regular else ''} |"
        for market in load_markets().values()
        if not market.always_open
        for row in market.sessions
        if row.effective_to is None and not row.day
    ]
    head = ["## Sessions", "", "| session | hours of an ordinary day | order kinds taken | regular |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, "", SESSIONS_SAID])


def _hours(row: SessionRow) -> str:
    return f"{_time(row.open)}–{_time(row.close)}"


def _time(at: time) -> str:
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def _kinds_taken(market: MarketProfile, session: str) -> str:
    taken = {kind for row in market.acceptance if row.session == session and row.effective_to is None for kind in row.kinds}
    return ", ".join(f"`{kind}`" for kind in KINDS if kind in taken) or "none"


def _later() -> str:
    """Say which words of a rule come with a later release."""
    listed: Iterator[str] = (f"`{key}`" for key in sorted(LATER))
    return (
        "## Words that come later\n\n"
        "These belong to the language of rules and are not spoken by this release; each is refused by name, not ignored: "
        f"{', '.join(listed)}."
    )


def main() -> None:
    """Print the page."""
    print(page(), end="")


if __name__ == "__main__":
    main()
