"""One trigger from its keys, of a leg or of a rule with a single one: what a kind of trigger is called and what goes beside it."""

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from autotrader.config import levels, values
from autotrader.config.mistakes import Findings, Path
from autotrader.config.rule_keys import CLOCK, TRAILING, TRIGGERS, side_of
from autotrader.domain.rule import (
    Above,
    At,
    AtPrice,
    Base,
    Below,
    Level,
    Preserve,
    Rebound,
    Side,
    Stop,
    Target,
    TimeExit,
    Trail,
    Trigger,
)
from autotrader.engine.coherence import height
from autotrader.markets.windows import read_time

LEVELLED: dict[str, type[Stop | Target | Above | Below]] = {"stop": Stop, "target": Target, "above": Above, "below": Below}
TRIGGER_SIDES = {key: side for side, keys in TRIGGERS.items() for key in keys}
PRESERVE = ("arm", "floor")


class _BaseRead(NamedTuple):
    """The base of a trigger's percentages and ticks, and whether what was written makes one."""

    ok: bool
    base: Base | AtPrice | None = None


class TriggerReader:
    """The keys that say when a rule, or the leg under `path`, fires; what is wrong with them is noted."""

    def __init__(self, fields: Mapping[str, Any], findings: Findings, path: Path = ()) -> None:
        self.fields = fields
        self.findings = findings
        self.path = path

    def trigger(self, side: Side) -> Trigger | None:
        """Return the one trigger of these keys."""
        written = [key for key in self.fields if key in TRIGGER_SIDES]
        fitting = [key for key in written if TRIGGER_SIDES[key] is side]
        for key in written:
            if key not in fitting:
                self.wrong_side(key, side)
        for key in fitting[1:]:
            self.note(key, code="config.one_trigger", at_key=True, key=key, first=fitting[0])
        if not written:
            code = "config.leg_no_trigger" if self.path else "config.no_trigger"
            self.note(code=code, side=side.value, triggers=_or(TRIGGERS[side]))
        base = self.base(written)
        return self.made(fitting[0], side, base) if fitting else None

    def note(self, *keys: str, code: str, at_key: bool = False, **params: object) -> None:
        """Note a mistake at keys under the path."""
        self.findings.add((*self.path, *keys), code, params, at_key)

    def wrong_side(self, key: str, side: Side) -> None:
        """Say which side a trigger belongs to, and what this side uses."""
        params = {"key": key, "owner": side_of(key).value, "side": side.value, "triggers": _or(TRIGGERS[side])}
        self.findings.add((*self.path, key), "config.wrong_side", params, at_key=True)

    def base(self, triggers: list[str]) -> _BaseRead:
        """Return the base, which must have something to measure."""
        if "base" not in self.fields:
            return _BaseRead(ok=True)
        base = self.findings.read(levels.read_base, self.fields["base"], *self.path, "base")
        texts = [self.fields.get(key) for key in (*triggers, "activate") if key not in (*TRAILING, *CLOCK)]
        texts = [inner for text in texts for inner in (text.values() if isinstance(text, Mapping) else (text,))]
        if base is not None and not any(isinstance(text, str) and levels.is_relative(text) for text in texts):
            self.note("base", code="config.base_unused", at_key=True)
        return _BaseRead(base is not None, base)

    def made(self, key: str, side: Side, base: _BaseRead) -> Trigger | None:
        """Return the trigger of this key."""
        if key in TRAILING:
            return self.trailing(key, side, base)
        for word in ("activate", "step", "start"):
            if word in self.fields:
                self.note(word, code="config.activate_alone", at_key=True, word=word, key=key)
        if key in CLOCK:
            return self.clock(key)
        if key == "preserve":
            return self.preserve(side, base)
        level = self.level((key,), self.fields[key], side, base)
        return None if level is None else LEVELLED[key](level)

    def trailing(self, key: str, side: Side, base: _BaseRead) -> Trail | Rebound | None:
        """Return a trigger that follows the price, with the steps of its mark and where the mark starts."""
        distance = self.read(values.distance, key)
        activate = self.level(("activate",), self.fields["activate"], side, base) if "activate" in self.fields else None
        step = self.read(values.distance, "step") if "step" in self.fields else None
        start = self.read(values.positive, "start") if "start" in self.fields else None
        if "start" in self.fields and "activate" in self.fields:
            self.note("start", code="config.trail_start_and_activate", at_key=True)
        if distance is None:
            return None
        return Trail(distance, activate, step, start) if key == "trail" else Rebound(distance, activate, step, start)

    def read(self, parse: Any, key: str) -> Any:
        """Return the value of a key, None once it is noted as wrong."""
        return self.findings.read(parse, self.fields[key], *self.path, key)

    def clock(self, key: str) -> TimeExit | At | None:
        """Return a trigger of the clock, its time as it is written."""
        text = self.fields[key]
        if self.read(read_time, key) is None:
            return None
        return TimeExit(text.strip()) if key == "time_exit" else At(text.strip())

    def preserve(self, side: Side, base: _BaseRead) -> Preserve | None:
        """Return the profit to keep: once `arm` was seen, not under `floor`."""
        written = self.fields["preserve"]
        if not isinstance(written, Mapping):
            self.note("preserve", code="config.preserve")
            return None
        for key in written:
            if key not in PRESERVE:
                self.note("preserve", key, code="config.preserve_key", at_key=True, key=key[:60])
        for key in PRESERVE:
            if key not in written:
                self.note("preserve", code="config.preserve_needs", key=key)
        arm, floor = (self.level(("preserve", key), written[key], side, base) if key in written else None for key in PRESERVE)
        if arm is None or floor is None:
            return None
        (unit, high), (other, low) = height(arm), height(floor)
        if unit != other:
            self.note("preserve", "floor", code="config.preserve_mixed")
        elif high <= low:
            self.note("preserve", "floor", code="config.preserve_order", arm=written["arm"], floor=written["floor"])
        return Preserve(arm, floor)

    def level(self, keys: tuple[str, ...], written: object, side: Side, base: _BaseRead) -> Level | None:
        """Return a level; one that is measured from a base that nobody could read is not judged."""
        if not base.ok and isinstance(written, str) and levels.is_relative(written):
            return None
        read = partial(levels.read_level, keys[-1], side=side, base=base.base)
        return self.findings.read(read, written, *self.path, *keys)


def _or(words: tuple[str, ...]) -> str:
    """Return `a, b or c`."""
    return f"{', '.join(words[:-1])} or {words[-1]}"
