"""The one trigger of a rule from its keys: stop, target or trail of a sell; above, below or rebound of a buy."""

from collections.abc import Mapping
from typing import Any

from autotrader.config import levels, values
from autotrader.config.mistakes import Findings
from autotrader.config.rule_keys import TRAILING, TRIGGERS, side_of
from autotrader.domain.rule import Above, AtPrice, Base, Below, Level, Rebound, Side, Stop, Target, Trail, Trigger

LEVELLED: dict[str, type[Stop | Target | Above | Below]] = {"stop": Stop, "target": Target, "above": Above, "below": Below}


class TriggerReader:
    """The keys of one rule that say when it fires; what is wrong with them is noted."""

    def __init__(self, fields: Mapping[str, Any], findings: Findings) -> None:
        self.fields = fields
        self.findings = findings

    def trigger(self, side: Side | None) -> Trigger | None:
        """Return the one trigger of the rule."""
        written = [key for key in self.fields if key in (*TRIGGERS[Side.SELL], *TRIGGERS[Side.BUY])]
        if side is None:
            return None
        fitting = [key for key in written if side_of(key) is side]
        for key in written:
            if key not in fitting:
                self.wrong_side(key, side)
        for key in fitting[1:]:
            self.findings.note(key, code="config.one_trigger", at_key=True, key=key, first=fitting[0])
        if not written:
            self.findings.note(code="config.no_trigger", side=side.value, triggers=_or(TRIGGERS[side]))
        base_ok, base = self.base(written)
        if not fitting:
            return None
        return self.made(fitting[0], side, base_ok, base)

    def wrong_side(self, key: str, side: Side) -> None:
        """Say which side a trigger belongs to, and what this side uses."""
        params = {"key": key, "owner": side_of(key).value, "side": side.value, "triggers": _or(TRIGGERS[side])}
        self.findings.add((key,), "config.wrong_side", params, at_key=True)

    def base(self, triggers: list[str]) -> tuple[bool, Base | AtPrice | None]:
        """Return whether the base makes sense, and the base."""
        if "base" not in self.fields:
            return True, None
        base = self.findings.read(levels.read_base, self.fields["base"], "base")
        texts = [self.fields.get(key) for key in (*triggers, "activate") if key not in TRAILING]
        if base is not None and not any(isinstance(text, str) and levels.is_relative(text) for text in texts):
            self.findings.note("base", code="config.base_unused", at_key=True)
        return base is not None, base

    def made(self, key: str, side: Side, base_ok: bool, base: Base | AtPrice | None) -> Trigger | None:
        """Return the trigger of this key."""
        if key in TRAILING:
            distance = self.findings.read(values.distance, self.fields[key], key)
            activate = self.level("activate", side, base_ok, base) if "activate" in self.fields else None
            if distance is None:
                return None
            return Trail(distance, activate) if key == "trail" else Rebound(distance, activate)
        if "activate" in self.fields:
            self.findings.note("activate", code="config.activate_alone", at_key=True, key=key)
        level = self.level(key, side, base_ok, base)
        if level is None:
            return None
        return LEVELLED[key](level)

    def level(self, key: str, side: Side, base_ok: bool, base: Base | AtPrice | None) -> Level | None:
        """Return a level; one that is measured from a base that nobody could read is not judged."""
        written = self.fields[key]
        if not base_ok and isinstance(written, str) and levels.is_relative(written):
            return None
        return self.findings.read(lambda text: levels.read_level(key, text, side, base), written, key)


def _or(words: tuple[str, ...]) -> str:
    """Return `a, b or c`."""
    return f"{', '.join(words[:-1])} or {words[-1]}"
