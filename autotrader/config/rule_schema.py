"""What an editor is told of a rule and of the small words in it: JSON schema with descriptions, per side the keys that it takes."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from autotrader.config import values
from autotrader.config.option_schema import OptionText
from autotrader.config.order_words import PEGS, PRICE_KEYS, TIF
from autotrader.config.order_words import WORDS as ORDER_WORDS
from autotrader.config.rule_keys import BESIDE, CLOCK, TRAILING, TRIGGERS
from autotrader.config.rule_options import COST_KEYS
from autotrader.domain import rule
from autotrader.domain.rule import AfterClose, AlreadyMet, Bind, OnHalt, OnInadmissible, OnRecovery, OrderType, Side, Then, TimeInForce

Schema = dict[str, Any]

_POSITIVE = "^(?=.*[1-9])[0-9]+(\\.[0-9]+)?$"
_LEVEL = "^[+-]?[0-9]+(\\.[0-9]+)?( ?%)?$|^[+-]?[0-9]+ ?ticks?$"
_TIME = "((open|close)([+-][0-9]{1,5}[smh])?|[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)"
_DISTANCE = "^[0-9]+(\\.[0-9]+)?( ?%)?$|^[0-9]+ ?ticks?$"
OFF: Schema = {"enum": ["off", False]}
"""Editors that follow YAML 1.1 see `off` as false; here it is a word."""


def _text_or_number(pattern: str, **number: int) -> Schema:
    """Return a schema for what an editor sees as a number or as text, depending on how it is spelt."""
    return {"type": ["string", "number"], "pattern": pattern} | number


PRICE = _text_or_number(_POSITIVE, exclusiveMinimum=0)
COST = _text_or_number("^[0-9]+(\\.[0-9]+)?$", minimum=0)
LEVEL = _text_or_number(_LEVEL, exclusiveMinimum=0)
DISTANCE = _text_or_number(_DISTANCE, exclusiveMinimum=0)
RATE = _text_or_number("^[+-]?[0-9]+(\\.[0-9]+)?( ?%)?$")
FEE: Schema = {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? ?%$"}
COLLAR: Schema = {"anyOf": [FEE, OFF]}
DURATION: Schema = {"type": "string", "pattern": f"^{values.DURATION.pattern}$"}
MAX_RULES: Schema = {"anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["off"]}]}
STALE: Schema = {"anyOf": [DURATION, OFF]}
NAME: Schema = {"type": "string", "pattern": f"^{rule.NAME.pattern}$"}
INSTRUMENT: Schema = {
    "type": "string",
    "pattern": "^[A-Z]+:[A-Za-z0-9][A-Za-z0-9._/-]*$",
    "examples": ["KRX:005930", "UPBIT:KRW-BTC", "BINANCE:BTCUSDT"],
}
SPEED: Schema = {"anyOf": [PRICE, {"const": "max"}]}
UNTIL: Schema = {"type": "string", "pattern": f"^({values.DAYS.pattern}|{values.DATE.pattern})$"}
SHARE: Schema = {"type": "string", "pattern": "^(?=.*[1-9])([0-9]{1,2}(\\.[0-9]+)?|100(\\.0+)?) ?%$"}
PART: Schema = {"type": "string", "pattern": f"{SHARE['pattern'][:-1]}( +of +(position|sellable))?$"}
QUANTITY: Schema = {"anyOf": [PRICE, {"const": "all"}, PART]}
OFFSET = _text_or_number(_DISTANCE, minimum=0)
CLOCK_TIME: Schema = {"type": "string", "pattern": f"^{_TIME}$", "examples": ["15:15", "close-5m", "open"]}
PRESERVE: Schema = {
    "type": "object",
    "properties": {"arm": LEVEL, "floor": LEVEL},
    "required": ["arm", "floor"],
    "additionalProperties": False,
    "examples": [{"arm": "+7%", "floor": "+5%"}],
}
BASE: Schema = {"anyOf": [PRICE, {"enum": ["arm", "previous_close"]}]}


PEG: Schema = {"type": "string", "pattern": f"^({'|'.join(PEGS)})( ?[+-] ?[0-9]+ ?ticks?)?$", "examples": ["last", "bid - 2 ticks"]}


def _one_of(choices: Any) -> Schema:
    return {"enum": [choice.value for choice in choices]}


def _price_under(kind: str) -> Schema:
    """Return the schema of an order with the owner's price; only a plain limit may say what becomes of the rest."""
    tif = _one_of(TimeInForce) if kind == OrderType.LIMIT.value else {"const": TimeInForce.DAY.value}
    price: Schema = {"anyOf": [PRICE, PEG]} if kind == OrderType.LIMIT.value else PRICE
    return {"type": "object", "properties": {kind: price, TIF: tif}, "required": [kind], "additionalProperties": False}


ORDER: Schema = {"anyOf": [{"enum": list(ORDER_WORDS)}, *(_price_under(kind) for kind in PRICE_KEYS)]}
SESSION: Schema = {
    "type": "string",
    "pattern": "^[a-z0-9_]+(\\.[a-z0-9_]+)?$",
    "examples": ["regular", "nxt.pre", "nxt.main", "nxt.after", "krx.after", "us.pre", "us.post"],
}
SESSIONS: Schema = {"anyOf": [SESSION, {"type": "array", "items": SESSION, "minItems": 1}]}
VENUE: Schema = {"type": "string", "pattern": "^[A-Z][A-Z0-9]*$"}
WATCH: Schema = {**VENUE, "examples": ["KRX", "NXT", "ALL"]}
ORDER_VENUE: Schema = {**VENUE, "examples": ["KRX", "NXT", "SOR"]}
WINDOW: Schema = {"type": "string", "pattern": f"^{_TIME} *- *{_TIME}$", "examples": ["09:05-15:15", "open+5m-close-5m"]}


SELL, BUY = TRIGGERS[Side.SELL], TRIGGERS[Side.BUY]
SCHEMAS: dict[str, Schema] = {
    **dict.fromkeys((*SELL, *BUY, "activate"), LEVEL),
    **dict.fromkeys((*TRAILING, "step"), DISTANCE),
    **dict.fromkeys(CLOCK, CLOCK_TIME),
    "preserve": PRESERVE,
    "start": PRICE,
    "base": BASE,
    "limit_offset": OFFSET,
}
"""What the triggers and the keys beside them take, in a leg and in the rule itself."""


def _forbidden(keys: tuple[str, ...]) -> Schema:
    return dict.fromkeys(keys, False)


def _any(keys: tuple[str, ...]) -> Schema:
    """Return that one of these keys is there."""
    return {"anyOf": [{"required": [key]} for key in keys]}


def _only_with(keys: tuple[str, ...], others: tuple[str, ...]) -> Schema:
    """Return that none of the keys is there unless one of the others is."""
    return {"if": _any(keys), "then": _any(others)}


TRAIL_WORDS = _only_with(("activate", "step", "start"), TRAILING)
NEVER_BOTH: Schema = {"not": {"required": ["start", "activate"]}}
NEEDS_LEVEL: Schema = {"if": {"required": ["limit_offset"]}, "then": {"properties": _forbidden(CLOCK)}}


def _leg(side: Side) -> Schema:
    """Return the schema of one leg of a side."""
    sells = {"share": SHARE, "then": _one_of(Then)} if side is Side.SELL else {}
    keys = {key: SCHEMAS[key] for key in (*TRIGGERS[side], *BESIDE)} | sells | {"order": ORDER, "name": NAME}
    one = {"oneOf": [{"required": [key]} for key in TRIGGERS[side]]}
    market: Schema = {"not": {"required": ["limit_offset", "order"]}}
    whole = [one, TRAIL_WORDS, NEVER_BOTH, NEEDS_LEVEL, market, *([_only_with(("then",), ("target",))] if sells else [])]
    return {"type": "object", "properties": keys, "additionalProperties": False, "allOf": whole}


def _legs(side: Side) -> Schema:
    return {"type": "array", "items": _leg(side), "minItems": 1, "maxItems": rule.MOST_LEGS}


LEGS: Schema = {"type": "array", "minItems": 1, "maxItems": rule.MOST_LEGS}
EXITS = _legs(Side.SELL)


def _side(side: Side, other: Side, extra: Schema) -> Schema:
    """Return what holds for the rules of one side: exactly one of its triggers or a list of legs, none of the other's."""
    one = {"oneOf": [{"required": [key]} for key in ("legs", *TRIGGERS[side])]}
    then = {**one, "properties": _forbidden(TRIGGERS[other]) | {"legs": _legs(side)} | extra}
    return {"if": {"properties": {"side": {"const": side.value}}, "required": ["side"]}, "then": then}


PER_SIDE: Schema = {
    "allOf": [
        _side(Side.SELL, Side.BUY, {"amount": False, "exits": False}),
        _side(Side.BUY, Side.SELL, {"bind": False, "quantity": PRICE} | _forbidden(COST_KEYS)),
        {"oneOf": [{"required": ["quantity"]}, {"required": ["amount"]}]},
        {"if": {"required": ["legs"]}, "then": {"properties": _forbidden(BESIDE)}},
        {"if": {"required": ["limit_offset"]}, "then": {"properties": {"order": {"const": "market"}}}},
        *(TRAIL_WORDS, NEVER_BOTH, NEEDS_LEVEL),
    ]
}

Level = Annotated[str, WithJsonSchema(LEVEL)]
Distance = Annotated[str, WithJsonSchema(DISTANCE)]
Time = Annotated[str, WithJsonSchema(CLOCK_TIME)]


class TriggerText(BaseModel):
    """The keys of a rule that say what is sent, how much, and when."""

    instrument: Annotated[str, WithJsonSchema(INSTRUMENT)] = Field(description="`MARKET:code`, for example KRX:005930.")
    account: Annotated[str, WithJsonSchema(NAME)] = Field("", description="May be left out when there is one account.")
    side: Annotated[str, WithJsonSchema(_one_of(Side))] = Field(description="sell or buy.")
    quantity: Annotated[str, WithJsonSchema(QUANTITY)] = Field(
        "", description="How many; a sell also takes `50%` of the position, `50% of sellable`, or `all` that can be sold."
    )
    amount: Annotated[str, WithJsonSchema(PRICE)] = Field("", description="For buys instead of `quantity`: as many as so much money buys.")
    legs: Annotated[str, WithJsonSchema(LEGS)] = Field("", description="Several triggers that share the quantity, each a [leg](#legs).")
    stop: Level = Field("", description="Sell at or under this price, or profit rate on average cost (-5%).")
    target: Level = Field("", description="Sell at or over this price, or profit rate on average cost (+10%).")
    trail: Distance = Field("", description="Sell when the price falls this far from its high: an amount, 3% or 5 ticks.")
    preserve: Annotated[str, WithJsonSchema(PRESERVE)] = Field(
        "", description="Keep a profit: once `arm` was reached, sell at or under `floor`: `{arm: +7%, floor: +5%}`."
    )
    time_exit: Time = Field("", description='Sell at a time of day: `"15:15"`, `close-5m`.')
    above: Level = Field("", description="Buy at or over this price.")
    below: Level = Field("", description="Buy at or under this price.")
    rebound: Distance = Field("", description="Buy when the price rises this far from its low: an amount, 3% or 5 ticks.")
    at: Time = Field("", description='Buy at a time of day: `open`, `"09:30"`.')
    activate: Level = Field("", description="The price at which trail or rebound begins to follow.")
    step: Distance = Field("", description="The mark of trail or rebound moves only by whole multiples of this.")
    start: Annotated[str, WithJsonSchema(PRICE)] = Field(
        "", description="Where the mark of trail or rebound starts, unless the first price is better; not with `activate`."
    )
    base: Annotated[str, WithJsonSchema(BASE)] = Field("", description="What a percentage or ticks of a level are measured from.")
    limit_offset: Annotated[str, WithJsonSchema(OFFSET)] = Field(
        "", description="Send a limit order so far beyond the level (under it for a sell, over it for a buy); `0` is at the level."
    )
    exits: Annotated[str, WithJsonSchema(EXITS)] = Field(
        "", description="For buys: [legs](#legs) of a sell that begins with what was bought, as soon as it is bought."
    )
    order: Annotated[str, WithJsonSchema(ORDER)] = Field(
        "market",
        description="What is sent: a kind (`market`, `best` …), a price under its kind (`{limit: 70000, tif: ioc}`), "
        "or one of the moment (`{limit: bid - 2 ticks}`).",
    )


class MarketText(BaseModel):
    """The keys of a rule that say where, until when, and what becomes of it when things go otherwise."""

    sessions: Annotated[str, WithJsonSchema(SESSIONS)] = Field(
        "regular", description="Sessions in which it watches and orders: `[regular, krx.after]`, `nxt.pre`."
    )
    watch: Annotated[str, WithJsonSchema(WATCH)] = Field(
        "", description="Whose prints count: `KRX`, `NXT` or `ALL`; without it the instrument's own market."
    )
    venue: Annotated[str, WithJsonSchema(ORDER_VENUE)] = Field(
        "", description="Where orders go: `KRX`, `NXT` or `SOR`; without it the instrument's own market."
    )
    window: Annotated[str, WithJsonSchema(WINDOW)] = Field(
        "", description="Hours of the day in which it may fire (`09:05-15:15`, `open+5m-close-5m`); marks go on outside."
    )
    after_close: Annotated[str, WithJsonSchema(_one_of(AfterClose))] = Field(
        "recheck", description="When it is met and no session takes an order any more: judge afresh later, or `carry` the order over."
    )
    on_inadmissible: Annotated[str, WithJsonSchema(_one_of(OnInadmissible))] = Field(
        "", description="When the session does not take the order as written (without it: sells `substitute`, buys `fail`)."
    )
    on_halt: Annotated[str, WithJsonSchema(_one_of(OnHalt))] = Field(
        "queue", description="When trading stops before the order left: wait and be judged again, or give up."
    )
    until: Annotated[str, WithJsonSchema(UNTIL)] = Field("", description="Last day (2026-12-31), or days from the start (90d).")
    already_met: Annotated[str, WithJsonSchema(_one_of(AlreadyMet))] = Field("reject", description="When it is met already as it starts.")
    recovery: Annotated[str, WithJsonSchema(_one_of(OnRecovery))] = Field("fire", description="When it was met while nobody watched.")
    bind: Annotated[str, WithJsonSchema(_one_of(Bind))] = Field("holding", description="Whether a sell rule ends with its holding.")


class RuleText(OptionText, MarketText, TriggerText):
    """One rule: what to watch, and what to send when it is met."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=PER_SIDE)

    feed: Annotated[str, WithJsonSchema(NAME)] = Field("", description="Which feed to watch when several serve the instrument.")
    note: Annotated[str, WithJsonSchema({"type": "string", "maxLength": 500})] = Field("", description="A word to yourself.")
