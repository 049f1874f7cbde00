"""The small words of the file and of the command line, each read from its text or refused with a remedy.

Every function returns a value or raises UserMistake with a code of the catalogue. No floats, no guesses: what could mean two
things is a mistake.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from enum import Enum
from typing import TypeVar

from autotrader.domain.money import ZERO
from autotrader.domain.money import text as plain_text
from autotrader.domain.rule import LONGEST_SPAN, MOST_DIGITS, MOST_TICKS, NAME, Amount, Distance, Percent, Ticks
from autotrader.errors import UserMistake
from autotrader.markets.calendar import read_until

NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
UNDERSCORES = re.compile(r"[+-]?[0-9]+(_[0-9]+)+(\.[0-9]+)?")
THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
EXPONENT = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]{1,2}")
TICKS = re.compile(r"([+-]?)([0-9]+) ?ticks?")
DURATION = re.compile(r"([0-9]+)(ms|s|m|h|d)")
DAYS = re.compile(r"([1-9][0-9]{0,3})d")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LOCAL_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?")
CURRENCY = re.compile(r"[A-Z][A-Z0-9]{1,9}")

NANOSECONDS = {"ms": 1_000_000, "s": 1_000_000_000, "m": 60_000_000_000, "h": 3_600_000_000_000, "d": 86_400_000_000_000}

Choice = TypeVar("Choice", bound=Enum)


def number(text: str) -> Decimal:
    """Return the signed number: digits and at most one point."""
    if not NUMBER.fullmatch(text):
        _refuse_number(text)
    whole, _, rest = text.lstrip("+-").partition(".")
    if len(whole) > MOST_DIGITS or len(rest) > MOST_DIGITS:
        raise UserMistake("config.number_too_long", text=_short(text), most=MOST_DIGITS)
    value = Decimal(text)
    return value if value else abs(value)


def _refuse_number(text: str) -> None:
    """Say what is wrong with the spelling of a number, with the right one where it is plain."""
    meant = None
    if UNDERSCORES.fullmatch(text) or THOUSANDS.fullmatch(text):
        meant = text.replace("_", "").replace(",", "")
    elif EXPONENT.fullmatch(text):
        meant = plain_text(Decimal(text))
    if meant is not None and len(meant) <= 2 * MOST_DIGITS:
        raise UserMistake("config.number_spelling", text=_short(text), meant=meant)
    raise UserMistake("config.not_a_number", text=_short(text))


def _short(text: str) -> str:
    """Return the text, cut where nobody would read on."""
    return text if len(text) <= 60 else text[:57] + "..."


def positive(text: str) -> Decimal:
    """Return a number above zero, written without a sign."""
    value = number(text)
    if text.startswith(("+", "-")) or value <= 0:
        raise UserMistake("config.not_positive", text=text)
    return value


def not_negative(text: str) -> Decimal:
    """Return a number that is zero or above."""
    value = number(text)
    if text.startswith("-"):
        raise UserMistake("config.negative", text=text)
    return value


def integer(text: str) -> int:
    """Return a whole number that is zero or above."""
    if not re.fullmatch("[0-9]{1,18}", text):
        raise UserMistake("config.not_an_integer", text=_short(text))
    return int(text)


def is_percentage(text: str) -> bool:
    """Return whether the text ends in a percent sign."""
    return text.endswith("%")


def percentage(text: str) -> Decimal:
    """Return the signed number before a percent sign."""
    if not is_percentage(text):
        raise UserMistake("config.not_a_percentage", text=_short(text), meant=f"{text}%" if NUMBER.fullmatch(text) else "10%")
    return number(text[:-1].rstrip())


def share(text: str) -> Decimal:
    """Return a percentage above 0 and under 100, written without a sign."""
    value = percentage(text)
    if text.startswith(("+", "-")) or not 0 < value < 100:
        raise UserMistake("config.percent_out_of_range", text=text)
    return value


def part(text: str) -> Decimal:
    """Return a percentage above 0 and up to 100, written without a sign: a part of a whole."""
    value = percentage(text)
    if text.startswith(("+", "-")) or not 0 < value <= 100:
        raise UserMistake("config.share_out_of_range", text=_short(text))
    return value


def rate(text: str) -> Decimal:
    """Return a percentage of a traded value: zero or above, under 100."""
    value = percentage(text)
    if text.startswith("-") or value >= 100:
        raise UserMistake("config.rate_out_of_range", text=text)
    return value


def step_rate(text: str) -> Decimal:
    """Return percent per step of a simulated walk; the percent sign may be left out."""
    value = percentage(text) if is_percentage(text) else number(text)
    if abs(value) >= 100:
        raise UserMistake("config.step_rate", text=text)
    return value


def swing(text: str) -> Decimal:
    """Return a step rate that is zero or above."""
    value = step_rate(text)
    if value < 0:
        raise UserMistake("config.negative", text=text)
    return value


def is_ticks(text: str) -> bool:
    """Return whether the text is meant as a number of price steps."""
    return "tick" in text


def ticks(text: str) -> int:
    """Return a signed number of price steps, at least one and few enough to be walked one by one."""
    match = TICKS.fullmatch(text)
    if match is None:
        raise UserMistake("config.not_ticks", text=_short(text))
    sign, digits = match.groups()
    if len(digits) > 6 or not 1 <= int(digits) <= MOST_TICKS:
        raise UserMistake("config.ticks_out_of_range", text=_short(text), most=MOST_TICKS)
    return -int(digits) if sign == "-" else int(digits)


def distance(text: str) -> Distance:
    """Return how far a trail or a rebound stays behind, or a mark moves at once: an amount, a percentage or ticks, without a sign."""
    if text.startswith(("+", "-")):
        raise UserMistake("config.signed_distance", text=_short(text), meant=_short(text.lstrip("+-")))
    if is_percentage(text):
        return Percent(share(text))
    return Ticks(ticks(text)) if is_ticks(text) else Amount(positive(text))


def offset(text: str) -> Distance:
    """Return how far a limit lies beyond its level: a distance, or nothing (`0`, `0%`, `0 ticks` are the same)."""
    if text.startswith(("+", "-")):
        raise UserMistake("config.leg_offset_sign", text=_short(text), meant=_short(text.lstrip("+-")))
    bare = text.rstrip("%").rstrip() if is_percentage(text) else text.partition("tick")[0].rstrip()
    return Amount(ZERO) if re.fullmatch(r"0+(\.0+)?", bare) else distance(text)


def duration(text: str) -> int:
    """Return nanoseconds: `500ms`, `5s`, `2m`, `1h`, `1d`."""
    match = DURATION.fullmatch(text)
    spans = int(match[1]) * NANOSECONDS[match[2]] if match is not None and len(match[1]) <= 9 else 0
    if not 0 < spans <= LONGEST_SPAN:
        raise UserMistake(
            "config.not_a_duration", text=_short(text), meant=f"{text}s" if re.fullmatch("[1-9][0-9]?", text) else "5s or 500ms"
        )
    return spans


def duration_text(nanoseconds: int) -> str:
    """Return a duration as it is written, in the largest unit that divides it."""
    unit = next(unit for unit in ("d", "h", "m", "s", "ms") if nanoseconds % NANOSECONDS[unit] == 0)
    return f"{nanoseconds // NANOSECONDS[unit]}{unit}"


def local_time(text: str) -> str:
    """Return a market-local time as it is written, `2026-11-20T08:00`."""
    if LOCAL_TIME.fullmatch(text):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return text
    raise UserMistake("config.not_a_local_time", text=_short(text))


def speed(text: str) -> Decimal:
    """Return how much faster than the wall clock; `max` is 0, as fast as the machine can."""
    return ZERO if text == "max" else positive(text)


def is_off(text: str) -> bool:
    """Return whether the text switches something off."""
    return text == "off"


def until(text: str) -> date | int:
    """Return the last day, or the number of days from the arm day: at least one."""
    found = read_until(text)
    if isinstance(found, int) and not DAYS.fullmatch(text):
        raise UserMistake("config.not_a_validity", text=_short(text))
    return found


def name(text: str) -> str:
    """Return an id or a name as people type it on a command line."""
    if not NAME.fullmatch(text):
        raise UserMistake("config.bad_name", text=_short(text))
    return text


def currency(text: str) -> str:
    """Return a currency's code."""
    if not CURRENCY.fullmatch(text):
        raise UserMistake("config.not_a_currency", text=_short(text))
    return text


def one_of(choices: type[Choice], text: str) -> Choice:
    """Return the member with this value, or name the ones there are."""
    try:
        return choices(text)
    except ValueError:
        known = [str(member.value) for member in choices]
        raise UserMistake("config.not_one_of", text=_short(text), choices=", ".join(known), perhaps=perhaps(text, known)) from None


YES = ("yes", "true")
NO = ("no", "false")


def yes_or_no(written: str) -> bool:
    """Return a choice of two."""
    if written not in (*YES, *NO):
        raise UserMistake("config.option_yes_or_no", text=written[:60])
    return written in YES


def perhaps(text: str, known: list[str]) -> str:
    """Return `; did you mean X?` for the nearest known word, or nothing."""
    near = get_close_matches(text[:100].lower(), known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def instead(text: str, known: list[str]) -> str:
    """Return the nearest known word, or all of them when none is near."""
    return perhaps(text, known).removeprefix("; ") or f"there are {', '.join(known)}"
