"""The shape of the configuration file as pydantic models: which keys there are, how each text is typed, and the JSON schema.

Validators are the functions of `values.py`, so the file speaks the words of the command line. Rules are typed by `rules.py`,
which the command line uses too; `RuleText` describes them to editors, and a test holds the two together.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError, ValidationInfo, WithJsonSchema
from pydantic_core import ErrorDetails, PydanticCustomError

from autotrader.config import values
from autotrader.config.instruments import instrument
from autotrader.config.kinds import BROKERS, DIALECTS, KINDS
from autotrader.config.mistakes import MAX_MISTAKES, FieldMistake, Path
from autotrader.config.option_schema import YES_NO
from autotrader.config.rule_schema import COLLAR, COST, DURATION, FEE, INSTRUMENT, MAX_RULES, NAME, PRICE, RATE, SPEED, STALE, RuleText
from autotrader.config.template_schema import TemplateText
from autotrader.domain.settings import Mode
from autotrader.errors import UserMistake
from autotrader.exchange.scenarios import SCENARIOS
from autotrader.markets.profile import Markets

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def typed(parse: Callable[[str], Any]) -> PlainValidator:
    """Return a validator that reads text by one of our functions and keeps its code and parameters."""
    return PlainValidator(partial(_read, parse))


def _read(parse: Callable[[str], Any], value: object) -> Any:
    if not isinstance(value, str):
        raise PydanticCustomError("config.needs_text", "needs one value")
    try:
        return parse(value)
    except UserMistake as wrong:
        raise PydanticCustomError(wrong.code, "refused", dict(wrong.params)) from None


def _known_instrument(value: object, info: ValidationInfo) -> Any:
    """Return the id of an instrument of the markets that the file is read with."""
    markets: Any = info.context
    return _read(partial(instrument, markets), value)


def or_off(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a reader that also takes `off`, as None."""
    return lambda text: None if values.is_off(text) else parse(text)


def _collar(text: str) -> Decimal:
    return values.share(text)


def _limit(text: str) -> int:
    value = values.integer(text)
    if value < 1:
        raise UserMistake("config.not_positive", text=text)
    return value


def _listed(raw: object) -> object:
    """Take a list of instruments as a mapping without details."""
    return {item: {} for item in raw} if isinstance(raw, list) and all(isinstance(item, str) for item in raw) else raw


def _or_list(schema: dict[str, Any]) -> None:
    """Let the schema of a mapping of instruments take a list of them, too."""
    mapping = {key: schema.pop(key) for key in list(schema) if key not in {"description", "default", "title"}}
    schema["anyOf"] = [mapping, {"type": "array", "items": INSTRUMENT}]


Text = Annotated[str, typed(str), WithJsonSchema({"type": "string"})]
Instrument = Annotated[str, PlainValidator(_known_instrument), WithJsonSchema(INSTRUMENT)]
Name = Annotated[str, typed(values.name), WithJsonSchema(NAME)]
Currency = Annotated[str, typed(values.currency), WithJsonSchema({"type": "string", "pattern": f"^{values.CURRENCY.pattern}$"})]
Price = Annotated[Decimal, typed(values.positive), WithJsonSchema(PRICE)]
Money = Annotated[Decimal, typed(values.not_negative), WithJsonSchema(COST)]


class Strict(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class GuardsText(Strict):
    """The two price guards and the limit of rules; each can be off."""

    collar: Annotated[Decimal | None, typed(or_off(_collar)), WithJsonSchema(COLLAR)] = Field(
        Decimal(10), description="A print further than this from the last good one counts only when a second print confirms it."
    )
    stale: Annotated[int | None, typed(or_off(values.duration)), WithJsonSchema(STALE)] = Field(
        5_000_000_000,
        description="A price link without any sign of life for so long is stale: it is dialled again, nothing fires meanwhile.",
    )
    max_rules: Annotated[int | None, typed(or_off(_limit)), WithJsonSchema(MAX_RULES)] = Field(
        None, description="An account has at most so many rules that have not ended; exits of an entry do not count."
    )


class PositionText(Strict):
    """What a paper account holds when it is opened."""

    quantity: Price = Field(description="How many.")
    cost: Money = Field(description="Average cost per unit.")


class AccountText(Strict):
    """One account at a broker."""

    broker: Annotated[str, typed(str), WithJsonSchema({"enum": list(BROKERS)})] = Field(
        "paper", description="`paper` (fills from prints, no money) or `loopback` (a rehearsal over HTTP)."
    )
    cash: dict[Currency, Money] = Field({}, description="Opening cash of a paper account, by currency.")
    positions: dict[Instrument, PositionText] = Field({}, description="Opening holdings of a paper account.")
    url: Text = Field("", description="Address of an HTTP broker.")
    fee: Annotated[Decimal | None, typed(values.rate), WithJsonSchema(FEE)] = Field(
        None, description="Commission in percent of the traded value, instead of the market's."
    )


class SimText(Strict):
    """How the sim moves an instrument."""

    start: Annotated[Decimal | None, typed(values.positive), WithJsonSchema(PRICE)] = Field(None, description="First price.")
    volatility: Annotated[Decimal, typed(values.swing), WithJsonSchema(RATE)] = Field(
        Decimal("0.15"), description="Percent per step; `0.01` in a sim that keeps the market's hours."
    )
    drift: Annotated[Decimal, typed(values.step_rate), WithJsonSchema(RATE)] = Field(Decimal(0), description="Percent per step.")
    path: list[Price] = Field([], description="A script instead of a walk: one price a step.")


class FeedText(Strict):
    """One source of prices."""

    kind: Annotated[str, typed(str), WithJsonSchema({"enum": list(KINDS)})] = Field(description="`sim`, `recording`, `upbit` or `binance`.")
    url: Text = Field("", description="Address to use instead of the usual one.")
    instruments: Annotated[dict[Instrument, SimText], BeforeValidator(_listed)] = Field(
        {}, json_schema_extra=_or_list, description="What a sim or a recording serves."
    )
    seed: Annotated[int, typed(values.integer), WithJsonSchema({"type": "integer", "minimum": 0})] = Field(
        1, description="The same seed walks the same prices."
    )
    speed: Annotated[Decimal, typed(values.speed), WithJsonSchema(SPEED)] = Field(
        Decimal(1), description="How much faster than the clock on the wall; `max` for a recording."
    )
    every: Annotated[int, typed(values.duration), WithJsonSchema(DURATION)] = Field(
        500_000_000, description="The sim's step in market time, `200ms` or `1s`."
    )
    begin: Annotated[str, typed(values.local_time), WithJsonSchema({"type": "string", "pattern": values.LOCAL_TIME.pattern})] = Field(
        "", description="The sim keeps the market's hours from this market-local moment on, `2026-11-20T08:00`."
    )
    scenario: Annotated[str, typed(str), WithJsonSchema({"enum": list(SCENARIOS)})] = Field(
        "", description="A scripted day of the sim, which keeps the market's hours ([there are some](simulation.md))."
    )
    quotes: Annotated[bool, typed(values.yes_or_no), WithJsonSchema(YES_NO)] = Field(
        True, description="Whether to ask for the best bid and ask too: paper fills and stand-in limit prices rest on them."
    )
    file: Text = Field("", description="A recording, from the directory of this file.")
    dialect: Annotated[str, typed(str), WithJsonSchema({"enum": list(DIALECTS)})] = Field("", description="The language of a recording.")


class FileText(Strict):
    """autotrader's configuration: accounts, price feeds and rules."""

    mode: Annotated[Mode, typed(partial(values.one_of, Mode)), WithJsonSchema({"enum": ["paper", "live"]})] = Field(
        Mode.PAPER, description="`paper` sends no order to a real broker."
    )
    guards: GuardsText | None = Field(None, description="The two price guards, and a limit of rules.")
    market_facts: Text = Field(
        "", description="A TOML file of your own market facts, from the directory of this file; its rows replace ours."
    )
    accounts: dict[Name, AccountText] = Field({}, description="Accounts by name.")
    feeds: dict[Name, FeedText] = Field({}, description="Price feeds by name; the first that serves an instrument is used.")
    rules: dict[Name, RuleText] = Field({}, description="Rules by id.")
    templates: dict[Name, TemplateText] = Field({}, description="Rules that [attach to new holdings](attach.md), by name.")


INNER: dict[str, type[Strict]] = {"positions": PositionText, "instruments": SimText}
"""The models of the mappings inside a section's entry, by the key they stand under."""


def json_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that editors use to complete and check the file."""
    return {"$schema": DRAFT, **_shown(FileText.model_json_schema()), "title": "autotrader configuration"}


def _shown(schema: Any) -> Any:
    """Return the schema as an editor needs it: closed, and without the titles and defaults that pydantic adds as they are inside."""
    if isinstance(schema, dict):
        closed = {"additionalProperties": False} if "patternProperties" in schema else {}
        return {key: _shown(value) for key, value in schema.items() if key not in {"title", "default"}} | closed
    return [_shown(item) for item in schema] if isinstance(schema, list) else schema


def read_model(model: type[Strict], raw: object, path: Path, markets: Markets) -> tuple[Any, list[FieldMistake]]:
    """Return the typed section, or None and its mistakes with their paths."""
    try:
        return model.model_validate(raw, context=markets), []
    except ValidationError as wrong:
        return None, [_mistake(model, error, path) for error in wrong.errors(include_url=False)[: MAX_MISTAKES + 1]]


def _mistake(model: type[Strict], error: ErrorDetails, path: Path) -> FieldMistake:
    """Return our mistake for one of pydantic's."""
    keys = (*path, *(step for step in error["loc"] if step != "[key]"))
    at_key = "[key]" in error["loc"]
    match error["type"]:
        case "missing":
            return FieldMistake(keys[:-1], "config.section_needs", {"key": str(keys[-1]), "where": where(keys[:-1])}, at_key=True)
        case "extra_forbidden":
            return _unknown(model, keys, len(path))
        case "model_type" | "dict_type" | "model_attributes_type":
            return FieldMistake(keys, "config.needs_mapping", {"where": where(keys)})
        case "list_type":
            return FieldMistake(keys, "config.needs_list", {"where": where(keys)})
        case "config.needs_text":
            return FieldMistake(keys, "config.needs_text", {"key": str(keys[-1])}, at_key)
        case code:
            return FieldMistake(keys, code, {name: str(value) for name, value in error.get("ctx", {}).items()}, at_key)


def _unknown(model: type[Strict], keys: Path, depth: int) -> FieldMistake:
    """Return the mistake for a key that its mapping does not have, with the nearest one that it has."""
    owner = INNER.get(str(keys[depth]), model) if len(keys) > depth + 1 else model
    known = list(owner.model_fields)
    key = str(keys[-1])
    return FieldMistake(keys, "config.unknown_key", {"key": key[:60], "instead": values.instead(key, known)}, at_key=True)


def where(keys: Path) -> str:
    """Return a path as people write it: `accounts.main.cash`."""
    return ".".join(str(key) for key in keys) or "the file"
