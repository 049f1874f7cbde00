"""The keys of a rule: which there are, which side each trigger belongs to, and which come with a later release."""

from autotrader.config.values import instead
from autotrader.domain.rule import Side

TRIGGERS: dict[Side, tuple[str, ...]] = {Side.SELL: ("stop", "target", "trail"), Side.BUY: ("above", "below", "rebound")}
TRAILING = ("trail", "rebound")

KEYS = (
    "instrument",
    "account",
    "side",
    "quantity",
    *TRIGGERS[Side.SELL],
    *TRIGGERS[Side.BUY],
    "activate",
    "base",
    "order",
    "sessions",
    "watch",
    "venue",
    "window",
    "after_close",
    "on_inadmissible",
    "on_halt",
    "until",
    "already_met",
    "recovery",
    "bind",
    "feed",
    "note",
)

LATER = frozenset(
    (
        *("action", "amount", "basis", "check", "confirm", "cooldown", "cost_basis", "delegate", "eod", "floor", "gap_guard", "group"),
        *("hysteresis", "join_open_auction", "legs", "limit_offset", "name", "on_position_change", "preserve", "rearm"),
        *("rearm_next_session", "repeat", "shadow", "share", "start", "step", "tag", "then", "time_exit", "unfilled"),
    )
)
"""Words of the whole language (semantics 2) that this release does not speak yet: a promise, not a typing mistake."""


def side_of(trigger: str) -> Side:
    """Return the side that a trigger's key belongs to."""
    return next(side for side, keys in TRIGGERS.items() if trigger in keys)


def unknown_key(key: str) -> tuple[str, dict[str, str]]:
    """Return the code and parameters for a key that a rule does not have."""
    if key in LATER:
        return "config.later_key", {"key": key}
    return "config.unknown_key", {"key": key[:60], "instead": instead(key, list(KEYS))}
