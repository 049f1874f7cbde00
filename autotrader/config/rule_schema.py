"""What an editor is told of a rule and of the small words in it: JSON schema with descriptions, per side the keys that it takes."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from autotrader.config import values
from autotrader.config.order_words import PRICE_KEYS, TIF
from autotrader.config.order_words import WORDS as ORDER_WORDS
from autotrader.config.rule_keys import TRIGGERS
from autotrader.domain.rule import AfterClose, AlreadyMet, Bind, OnHalt, OnInadmissible, OnRecovery, OrderType, Side, TimeInForce

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
STALE: Schema = {"anyOf": [DURATION, OFF]}
NAME: Schema = {"type": "string", "pattern": f"^{values.NAME.pattern}$"}
INSTRUMENT: Schema = {
    "type": "string",
    "pattern": "^[A-Z]+:[A-Za-z0-9][A-Za-z0-9._/-]*$",
    "examples": ["KRX:005930", "UPBIT:KRW-BTC", "BINANCE:BTCUSDT"],
}
SPEED: Schema = {"anyOf": [PRICE, {"const": "max"}]}
UNTIL: Schema = {"type": "string", "pattern": f"^({values.DAYS.pattern}|{values.DATE.pattern})$"}
QUANTITY: Schema = {"anyOf": [PRICE, {"const": "all"}]}
BASE: Schema = {"anyOf": [PRICE, {"enum": ["arm", "previous_close"]}]}


def _one_of(choices: Any) -> Schema:
    return {"enum": [choice.value for choice in choices]}


def _price_under(kind: str) -> Schema:
    """Return the schema of an order with the owner's price; only a plain limit may say what becomes of the rest."""
    tif = _one_of(TimeInForce) if kind == OrderType.LIMIT.value else {"const": TimeInForce.DAY.value}
    return {"type": "object", "properties": {kind: PRICE, TIF: tif}, "required": [kind], "additionalProperties": False}


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


def _forbidden(keys: tuple[str, ...]) -> Schema:
    return dict.fromkeys(keys, False)


def _side(side: Side, other: Side, extra: Schema) -> Schema:
    """Return what holds for the rules of one side: exactly one of its triggers, none of the other's."""
    then = {"oneOf": [{"required": [key]} for key in TRIGGERS[side]], "properties": _forbidden(TRIGGERS[other]) | extra}
    return {"if": {"properties": {"side": {"const": side.value}}, "required": ["side"]}, "then": then}


PER_SIDE: Schema = {
    "allOf": [
        _side(Side.SELL, Side.BUY, {}),
        _side(Side.BUY, Side.SELL, {"bind": False, "quantity": PRICE}),
        {"if": {"required": ["activate"]}, "then": {"anyOf": [{"required": ["trail"]}, {"required": ["rebound"]}]}},
    ]
}

Level = Annotated[str, WithJsonSchema(LEVEL)]
Distance = Annotated[str, WithJsonSchema(DISTANCE)]


class RuleText(BaseModel):
    """One rule: what to watch, and what to send when it is met."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=PER_SIDE)

    instrument: Annotated[str, WithJsonSchema(INSTRUMENT)] = Field(description="`MARKET:code`, for example KRX:005930.")
    account: Annotated[str, WithJsonSchema(NAME)] = Field("", description="May be left out when there is one account.")
    side: Annotated[str, WithJsonSchema(_one_of(Side))] = Field(description="sell or buy.")
    quantity: Annotated[str, WithJsonSchema(QUANTITY)] = Field(description="How many; `all` sells all that can be sold.")
    stop: Level = Field("", description="Sell at or under this price, or profit rate on average cost (-5%).")
    target: Level = Field("", description="Sell at or over this price, or profit rate on average cost (+10%).")
    trail: Distance = Field("", description="Sell when the price falls this far from its high: an amount, 3% or 5 ticks.")
    above: Level = Field("", description="Buy at or over this price.")
    below: Level = Field("", description="Buy at or under this price.")
    rebound: Distance = Field("", description="Buy when the price rises this far from its low: an amount, 3% or 5 ticks.")
    activate: Level = Field("", description="The price at which trail or rebound begins to follow.")
    base: Annotated[str, WithJsonSchema(BASE)] = Field("", description="What a percentage or ticks of a level are measured from.")
    order: Annotated[str, WithJsonSchema(ORDER)] = Field(
        "market", description="What is sent: a kind (`market`, `best` …) or a price under its kind (`{limit: 70000, tif: ioc}`)."
    )
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
    feed: Annotated[str, WithJsonSchema(NAME)] = Field("", description="Which feed to watch when several serve the instrument.")
    note: Annotated[str, WithJsonSchema({"type": "string", "maxLength": 500})] = Field("", description="A word to yourself.")
