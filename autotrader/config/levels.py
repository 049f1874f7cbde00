"""What the text of a level means, and back: a price, a profit rate on average cost, or a distance from a base (semantics 2.15).

A stop, a dip and the activation of a rebound lie under their base; a target, a breakout, the activation of a trail and both
levels of a kept profit lie over it. An unsigned distance takes that direction, a sign may repeat it and never contradict it.
"""

from typing import assert_never

from autotrader.config import values
from autotrader.domain.money import text as plain_text
from autotrader.domain.rule import Amount, AtPrice, Base, Distance, Level, OffBase, Percent, ProfitRate, Side, Ticks
from autotrader.engine.coherence import lies_under
from autotrader.errors import UserMistake


def is_relative(text: str) -> bool:
    """Return whether the text is a distance and not a price."""
    return values.is_percentage(text) or values.is_ticks(text)


def read_base(text: str) -> Base | AtPrice:
    """Return what a distance is measured from: a named base or a price."""
    names = [base.value for base in Base]
    if text in names:
        return Base(text)
    if not text[:1].isdigit() and not text.startswith(("+", "-")):
        raise UserMistake("config.not_a_base", text=text, perhaps=values.perhaps(text, names))
    return AtPrice(values.positive(text))


def read_level(key: str, text: str, side: Side, base: Base | AtPrice | None) -> Level:
    """Return the level, or raise UserMistake with what would be unambiguous."""
    if not is_relative(text):
        return AtPrice(values.positive(text))
    if base is not None:
        return OffBase(_offset(key, text, side), base)
    if values.is_ticks(text):
        raise UserMistake("config.ticks_need_base", key=key, text=text)
    return _profit_rate(key, text, side)


def _offset(key: str, text: str, side: Side) -> Percent | Ticks:
    """Return the distance from the base with the sign of its natural direction."""
    under = lies_under(key, side)
    if text.startswith("+" if under else "-"):
        _refuse_direction(key, text, under)
    if values.is_ticks(text):
        count = abs(values.ticks(text))
        return Ticks(-count if under else count)
    percent = abs(values.percentage(text))
    if under and percent >= 100:
        raise UserMistake("config.nothing_left", key=key, text=text)
    return Percent(-percent if under and percent else percent)


def _refuse_direction(key: str, text: str, under: bool) -> None:
    """Say that the sign points to the wrong side of the base."""
    where, there = ("under", "over") if under else ("over", "under")
    raise UserMistake("config.against_direction", key=key, text=text, where=where, there=there, meant=text.lstrip("+-"))


def _profit_rate(key: str, text: str, side: Side) -> ProfitRate:
    """Return a signed percentage of a sell as the profit rate that it is."""
    percent = values.percentage(text)
    if side is Side.BUY:
        raise UserMistake("config.buy_needs_base", key=key, text=text)
    if not text.startswith(("+", "-")):
        sign = "-" if lies_under(key, side) else "+"
        raise UserMistake("config.sign_or_base", key=key, text=text, meant=f"{sign}{text}")
    if key == "target" and percent <= 0:
        raise UserMistake("config.target_at_loss", text=text, meant=f"+{plain_text(abs(percent))}%")
    if percent <= -100:
        raise UserMistake("config.nothing_left", key=key, text=text)
    return ProfitRate(percent)


def distance_text(distance: Distance) -> str:
    """Return a distance as it is written: `1000`, `3%`, `5 ticks`."""
    match distance:
        case Amount(value):
            return plain_text(value)
        case Percent(value):
            return f"{plain_text(value)}%"
        case Ticks(count):
            return _ticks(count)
        case _:
            assert_never(distance)


def level_text(level: Level) -> str:
    """Return a level as it is written; its base is another key."""
    match level:
        case AtPrice(price):
            return plain_text(price)
        case ProfitRate(percent):
            return f"{'+' if percent >= 0 else ''}{plain_text(percent)}%"
        case OffBase(Percent(value), _):
            return f"{plain_text(abs(value))}%"
        case OffBase(Ticks(count), _):
            return _ticks(abs(count))
        case _:
            raise AssertionError(level)


def base_text(base: Base | AtPrice) -> str:
    """Return a base as it is written."""
    return base.value if isinstance(base, Base) else plain_text(base.price)


def _ticks(count: int) -> str:
    return f"{count} tick" if count == 1 else f"{count} ticks"
