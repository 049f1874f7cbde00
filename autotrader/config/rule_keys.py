"""The keys of a rule and of its legs: which there are, which side each trigger belongs to, and which come with a later release."""

from autotrader.config.rule_options import OPTION_KEYS
from autotrader.config.values import instead
from autotrader.domain.rule import Side

TRIGGERS: dict[Side, tuple[str, ...]] = {
    Side.SELL: ("stop", "target", "trail", "preserve", "time_exit"),
    Side.BUY: ("above", "below", "rebound", "at"),
}
TRAILING = ("trail", "rebound")
CLOCK = ("time_exit", "at")
BESIDE = ("activate", "step", "start", "base", "limit_offset")
"""Keys that stand beside a trigger, in a leg or in a rule with a single trigger."""
LEG_KEYS = (*TRIGGERS[Side.SELL], *TRIGGERS[Side.BUY], *BESIDE, "share", "then", "order", "name")

TRIGGER_KEYS = (
    *("instrument", "account", "side", "quantity", "amount", "legs", *TRIGGERS[Side.SELL], *TRIGGERS[Side.BUY]),
    *(*BESIDE, "exits", "order"),
)
"""What a rule sends, how much, and when."""
MARKET_KEYS = (
    *("sessions", "watch", "venue", "window", "after_close", "on_inadmissible", "on_halt"),
    *("until", "already_met", "recovery", "bind"),
)
KEYS = (*TRIGGER_KEYS, *MARKET_KEYS, *OPTION_KEYS, "feed", "note")

INSIDE = {
    "share": "legs: [{target: +10%, share: 50%}, {stop: -5%}]",
    "then": "legs: [{target: +10%, share: 50%, then: stop_to_breakeven}, {stop: -5%}]",
    "name": "legs: [{stop: -5%, name: floor}]",
    "arm": "preserve: {arm: +7%, floor: +5%}",
    "floor": "preserve: {arm: +7%, floor: +5%}",
    "cooldown": "rearm: {max: 3, cooldown: 10m, hysteresis: 1%}",
    "hysteresis": "rearm: {max: 3, cooldown: 10m, hysteresis: 1%}",
}
"""Words that stand inside another key, with an example of where."""

LATER = frozenset(("check", "delegate", "eod", "group", "join_open_auction", "settlement"))
"""Words of the whole language (semantics 2) that this release does not speak yet: a promise, not a typing mistake."""


def side_of(trigger: str) -> Side:
    """Return the side that a trigger's key belongs to."""
    return next(side for side, keys in TRIGGERS.items() if trigger in keys)


def unknown_key(key: str) -> tuple[str, dict[str, str]]:
    """Return the code and parameters for a key that a rule does not have."""
    if key in LATER:
        return "config.later_key", {"key": key}
    if key in INSIDE:
        return "config.leg_inside", {"key": key, "example": INSIDE[key]}
    return "config.unknown_key", {"key": key[:60], "instead": instead(key, list(KEYS))}


def unknown_leg_key(key: str) -> tuple[str, dict[str, str]]:
    """Return the code and parameters for a key that a leg does not have."""
    if key in KEYS:
        return "config.leg_key_of_rule", {"key": key}
    if key in INSIDE:
        return unknown_key(key)
    return "config.unknown_key", {"key": key[:60], "instead": instead(key, list(LEG_KEYS))}
