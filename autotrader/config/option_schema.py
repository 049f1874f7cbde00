"""What an editor is told of the keys of `rule_options.py`: JSON schema with descriptions."""

from typing import Annotated, Any

from pydantic import BaseModel, Field, WithJsonSchema

from autotrader.config import values
from autotrader.config.rule_options import FINAL
from autotrader.domain.rule import MOST_CONDITIONS, MOST_TAGS, NAME, Action, Basis, OnPositionChange, UnfilledAction

Schema = dict[str, Any]
_PERCENT = "[0-9]{1,2}(\\.[0-9]+)? ?%"
_NUMBER = "[0-9]+(\\.[0-9]+)?"
_DURATION = values.DURATION.pattern
_COUNT: Schema = {"type": ["string", "integer"], "pattern": "^0*[1-9][0-9]*$", "minimum": 1}


def _choice(choices: Any) -> Schema:
    return {"enum": [choice.value for choice in choices]}


YES_NO: Schema = {"enum": ["yes", "no", "true", "false", True, False]}
CONFIRM: Schema = {"type": "string", "pattern": f"^({_DURATION}|([2-9]|[1-9][0-9]{{1,2}}) ?prints?)$", "examples": ["3 prints", "5s"]}
GAP_GUARD: Schema = {"anyOf": [{"type": "string", "pattern": f"^(?=.*[1-9]){_PERCENT}$"}, {"enum": ["off", False]}]}
_COST: Schema = {"type": ["string", "number"], "pattern": f"^(?=.*[1-9]){_NUMBER}$", "exclusiveMinimum": 0}
COST_BASIS: Schema = {"anyOf": [{"const": "broker"}, _COST]}
_SPAN: Schema = {"type": "string", "pattern": f"^{_DURATION}$"}
UNFILLED: Schema = {
    "type": "object",
    "properties": {
        "after": _SPAN,
        "action": _choice(UnfilledAction),
        "step_ticks": _COUNT,
        "max": _COUNT,
        "final": _choice(FINAL),
    },
    "required": ["after"],
    "additionalProperties": False,
    "if": {"anyOf": [{"required": [key]} for key in ("step_ticks", "max", "final")]},
    "then": {"properties": {"action": {"const": "reprice"}}, "required": ["action"]},
    "examples": [{"after": "30s", "action": "reprice", "step_ticks": 1, "max": 5, "final": "market"}],
}
_HYSTERESIS: Schema = {
    "type": ["string", "number"],
    "pattern": f"^(?=.*[1-9]){_NUMBER}$|^(?=.*[1-9]){_PERCENT}$|^[0-9]+ ?ticks?$",
    "exclusiveMinimum": 0,
}
REARM: Schema = {
    "type": "object",
    "properties": {"max": _COUNT, "cooldown": _SPAN, "hysteresis": _HYSTERESIS},
    "required": ["max", "hysteresis"],
    "additionalProperties": False,
    "examples": [{"max": 3, "cooldown": "10m", "hysteresis": "1%"}],
}
_TAG: Schema = {"type": "string", "pattern": f"^{NAME.pattern}$"}
TAGS: Schema = {"anyOf": [_TAG, {"type": "array", "items": _TAG, "maxItems": MOST_TAGS}]}


def _only(key: str, pattern: str) -> Schema:
    return {"type": "object", "properties": {key: {"type": "string", "pattern": pattern}}, "required": [key], "additionalProperties": False}


_CONDITION: Schema = {
    "anyOf": [
        _only("time", "-"),
        _only("change", f"^(<=|>=) *([+-]{_NUMBER}|0+(\\.0+)?) ?%$"),
        _only("volume", f"^>= *{_NUMBER}$"),
        _only("price", f"^([A-Z]+:[A-Za-z0-9._/-]+ +)?(<=|>=) *{_NUMBER}$"),
    ]
}
_CONDITIONS: Schema = {"type": "array", "items": _CONDITION, "minItems": 1, "maxItems": MOST_CONDITIONS}
WHEN: Schema = {
    "anyOf": [
        _CONDITIONS,
        *(
            {"type": "object", "properties": {group: _CONDITIONS}, "required": [group], "additionalProperties": False}
            for group in ("all", "any")
        ),
    ],
    "examples": [[{"time": "10:00-close"}, {"change": "<= -3%"}]],
}


class OptionText(BaseModel):
    """The keys of a rule that say which price counts, what becomes of a rest, and when it begins again."""

    when: Annotated[str, WithJsonSchema(WHEN)] = Field("", description="Further [conditions](#conditions) that must hold as it fires.")
    basis: Annotated[str, WithJsonSchema(_choice(Basis))] = Field("last", description="Which price counts.")
    confirm: Annotated[str, WithJsonSchema(CONFIRM)] = Field(
        "", description="How long it must hold, to fire and to move a mark: `3 prints` in a row, or `5s`."
    )
    gap_guard: Annotated[str, WithJsonSchema(GAP_GUARD)] = Field(
        "", description="A price farther beyond the level than this holds the rule for you (without it: breakouts 3%, others `off`)."
    )
    cost_basis: Annotated[str, WithJsonSchema(COST_BASIS)] = Field(
        "broker", description="For sells: the cost that profit rates are on: the broker's average, or a price."
    )
    net: Annotated[str, WithJsonSchema(YES_NO)] = Field("no", description="For sells: profit rates are after fees and taxes.")
    on_position_change: Annotated[str, WithJsonSchema(_choice(OnPositionChange))] = Field(
        "follow", description="For sells: whether profit rates follow the average cost when more is bought, or keep the first one."
    )
    unfilled: Annotated[str, WithJsonSchema(UNFILLED)] = Field(
        "", description="What is done with an order that does not [fill](#unfilled)."
    )
    rearm: Annotated[str, WithJsonSchema(REARM)] = Field("", description="Begin [again](#rearm) after a fill.")
    rearm_next_session: Annotated[str, WithJsonSchema(YES_NO)] = Field(
        "no", description="What the close left unfilled is watched again in the next session."
    )
    action: Annotated[str, WithJsonSchema(_choice(Action))] = Field("order", description="Send an order, or only tell you.")
    shadow: Annotated[str, WithJsonSchema(YES_NO)] = Field("no", description="Decide and record the order, and never send it.")
    tags: Annotated[str, WithJsonSchema(TAGS)] = Field("", description="Words to choose rules by, ten at most: `[swing, core]`.")
