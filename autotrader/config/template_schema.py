"""What an editor is told of a template: the keys of a rule but those that the holding says, and which holdings it is for."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, create_model

from autotrader.config.option_schema import YES_NO
from autotrader.config.rule_schema import COST, INSTRUMENT, NAME, PER_SIDE, VENUE, RuleText, Schema
from autotrader.config.templates import NEVER
from autotrader.domain.rule import Side

_INSTRUMENTS: Schema = {"anyOf": [INSTRUMENT, {"type": "array", "items": INSTRUMENT}]}
FOR: Schema = {
    "type": "object",
    "properties": {
        "markets": {"anyOf": [VENUE, {"type": "array", "items": VENUE}]},
        "instruments": _INSTRUMENTS,
        "except": _INSTRUMENTS,
        "min_value": COST,
        "bought_by": NAME,
    },
    "additionalProperties": False,
    "examples": [{"markets": ["KRX"], "min_value": 1000000}],
}


_SELLS: Schema = {"allOf": [*PER_SIDE["allOf"], {"properties": {"side": {"const": Side.SELL.value}}}]}


class _Choice(BaseModel):
    """The keys that only templates have; one of them is a word of Python."""

    wanted: Annotated[str, WithJsonSchema(FOR)] = Field("", description="Which holdings; without it every new one.")
    include_existing: Annotated[str, WithJsonSchema(YES_NO)] = Field(
        "no", description="Whether it also attaches to what is held already when it is taken."
    )


def _fields() -> dict[str, Any]:
    """Return the fields of a rule that a template has, then its own."""
    own = {"for": _Choice.model_fields["wanted"], "include_existing": _Choice.model_fields["include_existing"]}
    kept = {key: field for key, field in RuleText.model_fields.items() if key not in NEVER}
    return {key: (field.annotation, field) for key, field in (kept | own).items()}


TemplateText: Any = create_model(
    "TemplateText",
    __config__=ConfigDict(extra="forbid", json_schema_extra=_SELLS),
    __doc__="A rule without an instrument, which attaches to holdings.",
    **_fields(),
)
