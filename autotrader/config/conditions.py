"""Further conditions of a rule, from the key `when` and back: the clock, the day's change, volume, the price of an instrument."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from autotrader.config import values
from autotrader.config.instruments import instrument, serves
from autotrader.config.mistakes import Findings, Path
from autotrader.config.rule_checks import Surroundings
from autotrader.domain.money import text
from autotrader.domain.rule import MOST_CONDITIONS, Change, Condition, PriceOf, Volume, When, Within
from autotrader.domain.tick import InstrumentId
from autotrader.errors import UserMistake
from autotrader.markets.windows import read_window

GROUPS = ("all", "any")
KINDS = ("time", "change", "volume", "price")
_COMPARED = re.compile(r"(?:([^<>=\s]+) +)?(<=|>=) *([^<>=]+)")
_LOOSE = re.compile(r"[^<>=]*(?:<|>|=|==)[^<>=]*")


def read_when(fields: Mapping[str, Any], own: InstrumentId | None, findings: Findings, around: Surroundings) -> When | None:
    """Return the conditions of a rule, None when it has none or they are wrong."""
    if "when" not in fields:
        return None
    written: Any = fields["when"]
    path: Path = ("when",)
    any_of = False
    if isinstance(written, Mapping) and len(written) == 1 and next(iter(written)) in GROUPS:
        group = next(iter(written))
        written, path, any_of = written[group], ("when", group), group == "any"
    if not isinstance(written, list) or not written:
        findings.note(*path, code="config.when_list")
        return None
    if len(written) > MOST_CONDITIONS:
        findings.note(*path, code="config.when_too_many", most=MOST_CONDITIONS)
        return None
    reader = _Reader(own, findings, around)
    found = [reader.condition(item, (*path, place)) for place, item in enumerate(written)]
    conditions = tuple(condition for condition in found if condition is not None)
    return When(conditions, any_of) if len(conditions) == len(found) else None


class _Reader:
    """Conditions of one rule, read one by one."""

    def __init__(self, own: InstrumentId | None, findings: Findings, around: Surroundings) -> None:
        self.own = own
        self.findings = findings
        self.around = around

    def condition(self, written: object, path: Path) -> Condition | None:
        """Return one condition: a mapping with one kind."""
        if not isinstance(written, Mapping) or len(written) != 1:
            self.findings.note(*path, code="config.when_condition")
            return None
        kind = next(iter(written))
        if kind not in KINDS:
            perhaps = values.perhaps(kind, list(KINDS))
            self.findings.note(*path, kind, code="config.when_kind", at_key=True, kind=kind[:60], perhaps=perhaps)
            return None
        parse: dict[str, Callable[[str], Condition]] = {"time": _within, "change": _change, "volume": _volume, "price": self.price}
        return self.findings.read(parse[kind], written[kind], *path, kind)

    def price(self, written: str) -> PriceOf:
        """Return a price to compare with; without an instrument it is the rule's own."""
        named, over, number = _compared(written, "KRX:000660 >= 180000")
        price = values.positive(number)
        if not named:
            if self.own == "":
                raise UserMistake("config.when_price_of_template", text=written[:60])
            return PriceOf(self.own or InstrumentId(""), price, over)
        found = instrument(self.around.markets, named)
        served = self.around.served
        if served is not None and not any(serves(patterns, found) for patterns in served.values()):
            raise UserMistake("config.when_not_served", instrument=found)
        return PriceOf(found, price, over)


def _compared(written: str, example: str) -> tuple[str, bool, str]:
    """Return the word before `>=` or `<=`, whether it is `>=`, and what comes after."""
    found = _COMPARED.fullmatch(written.strip())
    if found is None:
        raise UserMistake("config.when_strict" if _LOOSE.fullmatch(written) else "config.when_compare", text=written[:60], example=example)
    return found[1] or "", found[2] == ">=", found[3].strip()


def _alone(written: str, example: str) -> tuple[bool, str]:
    """Return a comparison that stands without a word before it."""
    word, over, number = _compared(written, example)
    if word:
        raise UserMistake("config.when_compare", text=written[:60], example=example)
    return over, number


def _within(written: str) -> Within:
    read_window(written)
    return Within(written)


def _change(written: str) -> Change:
    over, number = _alone(written, "<= -3%")
    percent = values.percentage(number)
    if percent and not number.startswith(("+", "-")):
        raise UserMistake("config.when_change_sign", text=written[:60], number=number)
    return Change(percent, over)


def _volume(written: str) -> Volume:
    over, number = _alone(written, ">= 100000")
    if not over:
        raise UserMistake("config.when_volume_under", text=written[:60], number=number)
    return Volume(values.positive(number))


def when_field(when: When | None, own: InstrumentId) -> Any:
    """Return the conditions as they are written; None for none."""
    if when is None:
        return None
    written = [condition_field(condition, own) for condition in when.conditions]
    return {"any": written} if when.any_of else written


def condition_field(condition: Condition, own: InstrumentId) -> dict[str, str]:
    """Return one condition as it is written; the rule's own instrument is left out."""
    match condition:
        case Within(window):
            return {"time": window}
        case Change(percent, over):
            return {"change": f"{_sign(over)} {'+' if percent > 0 else ''}{text(percent)}%"}
        case Volume(least):
            return {"volume": f">= {text(least)}"}
        case PriceOf(of, price, over):
            return {"price": f"{'' if of == own else f'{of} '}{_sign(over)} {text(price)}"}


def _sign(over: bool) -> str:
    return ">=" if over else "<="
