"""The legs of a rule from its keys: a list under `legs` or `exits`, or the one trigger that stands in the rule itself.

A leg is known by its name: its own, or else its kind, with an ordinal where the rule has several of a kind (`stop`,
`target-1`, `target-2`). So a leg keeps its name, and with it its state, when the order of the list changes around it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from msgspec.structs import replace

from autotrader.config import values
from autotrader.config.mistakes import Findings, Path
from autotrader.config.order_words import read_order
from autotrader.config.rule_keys import BESIDE, CLOCK, LEG_KEYS, TRIGGERS, unknown_leg_key
from autotrader.config.triggers import TriggerReader
from autotrader.domain.money import text as plain_text
from autotrader.domain.rule import MOST_LEGS, Distance, Leg, LegName, Side, Target, Then, Trigger, trigger_kind
from autotrader.engine.coherence import moves_no_stop, total_share

LISTS = ("legs", "exits")


def default_names(triggers: Sequence[Trigger]) -> list[LegName]:
    """Return what the legs of these triggers are called when they have no names of their own."""
    kinds = [trigger_kind(trigger) for trigger in triggers]
    several = {kind for kind, count in Counter(kinds).items() if count > 1}
    seen: Counter[str] = Counter()
    names = []
    for kind in kinds:
        seen[kind] += 1
        names.append(LegName(f"{kind}-{seen[kind]}" if kind in several else kind))
    return names


class LegsReader:
    """The keys of one rule that name its legs; what is wrong with them is noted."""

    def __init__(self, fields: Mapping[str, Any], findings: Findings) -> None:
        self.fields = fields
        self.findings = findings

    def legs(self, side: Side | None) -> tuple[Leg, ...] | None:
        """Return the legs that watch, None once a mistake is noted."""
        if side is None:
            return None
        if "legs" in self.fields:
            for key in self.fields:
                if key in (*TRIGGERS[Side.SELL], *TRIGGERS[Side.BUY], *BESIDE):
                    self.findings.note(key, code="config.leg_beside_legs", at_key=True, key=key)
            return self.listed("legs", side)
        trigger = TriggerReader(self.fields, self.findings).trigger(side)
        limit_offset = self.limit_offset(self.fields, ())
        return None if trigger is None else (Leg(LegName(trigger_kind(trigger)), trigger, limit_offset=limit_offset),)

    def exits(self, side: Side | None) -> tuple[Leg, ...] | None:
        """Return the legs of the sell rule that begins with what this buy has bought: none for most."""
        if "exits" not in self.fields:
            return ()
        if side is Side.SELL:
            self.findings.note("exits", code="config.leg_exits_of_sell", at_key=True)
            return None
        return self.listed("exits", Side.SELL)

    def listed(self, key: str, side: Side) -> tuple[Leg, ...] | None:
        """Return the legs of a list."""
        written = self.fields[key]
        if not isinstance(written, list) or not written:
            self.findings.note(key, code="config.leg_list", key=key)
            return None
        if len(written) > MOST_LEGS:
            self.findings.note(key, MOST_LEGS, code="config.leg_too_many", most=MOST_LEGS)
            return None
        legs = [self.leg(item, (key, place), side) for place, item in enumerate(written)]
        read = [leg for leg in legs if leg is not None]
        return self.named(key, read) if len(read) == len(legs) else None

    def leg(self, written: object, path: Path, side: Side) -> Leg | None:
        """Return one leg, its name empty where it has none of its own."""
        if not isinstance(written, Mapping):
            self.findings.add(path, "config.leg", {})
            return None
        for key in written:
            if key not in LEG_KEYS and not self.findings.full:
                code, params = unknown_leg_key(key)
                self.findings.add((*path, key), code, params, at_key=True)
        trigger = TriggerReader(written, self.findings, path).trigger(side)
        name = self.findings.read(values.name, written["name"], *path, "name") if "name" in written else ""
        order = read_order(written["order"], self.findings, (*path, "order")) if "order" in written else None
        share, then = self.share(written, path, side), self.then(written, path, trigger)
        limit_offset = self.limit_offset(written, path)
        if trigger is None:
            return None
        return Leg(LegName(name or ""), trigger, share, limit_offset, then, order)

    def share(self, written: Mapping[str, Any], path: Path, side: Side) -> Decimal | None:
        """Return which part of the rule's quantity a leg sells."""
        if "share" not in written:
            return None
        if side is Side.BUY:
            self.findings.add((*path, "share"), "config.share_of_buy", {}, at_key=True)
            return None
        return self.findings.read(values.part, written["share"], *path, "share")

    def then(self, written: Mapping[str, Any], path: Path, trigger: Trigger | None) -> Then | None:
        """Return what a target does to its siblings once it has filled."""
        if "then" not in written:
            return None
        if trigger is not None and not isinstance(trigger, Target):
            self.findings.add((*path, "then"), "config.leg_then", {"kind": trigger_kind(trigger)}, at_key=True)
        return self.findings.read(partial(values.one_of, Then), written["then"], *path, "then")

    def limit_offset(self, written: Mapping[str, Any], path: Path) -> Distance | None:
        """Return how far beyond its level the limit of a leg lies, None where it sends another order."""
        if "limit_offset" not in written:
            return None
        clock = next((key for key in written if key in CLOCK), None)
        if clock is not None:
            self.findings.add((*path, "limit_offset"), "config.leg_offset_by_clock", {"key": clock}, at_key=True)
        # A leg's own order would never be sent; of the rule's, only one that differs from the usual was written for something.
        if "order" in written and (path or written["order"] != "market"):
            self.findings.add((*path, "limit_offset"), "config.leg_offset_and_order", {}, at_key=True)
        return self.findings.read(values.offset, written["limit_offset"], *path, "limit_offset")

    def named(self, key: str, legs: list[Leg]) -> tuple[Leg, ...]:
        """Return the legs with their names, which differ; the shares come to a whole at most, and breakeven has a stop to move."""
        names = default_names([leg.trigger for leg in legs])
        named = tuple(replace(leg, name=leg.name or usual) for leg, usual in zip(legs, names, strict=True))
        for place, leg in enumerate(named):
            if leg.name in [other.name for other in named[:place]]:
                self.findings.note(key, place, code="config.leg_twice", name=leg.name)
        total = total_share(named)
        if total > 100:
            self.findings.note(key, code="config.share_total", total=plain_text(total))
        if moves_no_stop(named):
            moved = next(place for place, leg in enumerate(named) if leg.then is not None)
            self.findings.note(key, moved, "then", code="config.leg_then_no_stop")
        return named
