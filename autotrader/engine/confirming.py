"""What must hold for a while: that a leg is met, and that it activates or its mark moves (semantics 2.2).

So many prints in a row must say it, or it must be so for so long. One print far away is what a confirmation is to keep out, so a
mark follows only what the price has held: the worst of the last so many prints, or of the last while. What was seen is kept in
memory only: after a restart it must be seen anew.
"""

from bisect import bisect_right
from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from autotrader.domain.rule import Confirm, Rule, Side
from autotrader.engine.index import Watch, Watched
from autotrader.engine.triggers import confirmation_of, trailing_side


class Since(NamedTuple):
    """From a place on, the worst price: nothing in a run was farther back. A place is a print's number in its run, or ns."""

    place: int
    price: Decimal


class Run:
    """Prints in a row that say the same of a leg: that it is met (`met`), or that it activates or its mark moves.

    `worst` is what the price has held since when, oldest first, each better than the one before. `version` is that of the rule
    whose words are confirmed: an edit or an adjust begins from nothing.
    """

    __slots__ = ("met", "prints", "version", "worst")

    def __init__(self, version: int, *, met: bool) -> None:
        self.version = version
        self.met = met
        self.prints = 0
        self.worst: list[Since] = []

    def add(self, wanted: Confirm, price: Decimal, now: int, *, falling: bool) -> None:
        """Take one more print; `falling`: the mark is a low, so a higher price is farther back."""
        self.prints += 1
        place = self.prints if wanted.prints else now
        while self.worst and (self.worst[-1].price <= price if falling else self.worst[-1].price >= price):
            place = self.worst.pop().place
        self.worst.append(Since(place, price))

    def held(self, wanted: Confirm, now: int) -> Decimal | None:
        """Return the best price that has been held for long enough, None where none has."""
        latest = self.prints - wanted.prints + 1 if wanted.prints else now - wanted.span
        reached = bisect_right(self.worst, latest, key=_place)
        if not reached:
            return None
        del self.worst[: reached - 1]
        return self.worst[0].price


def _place(since: Since) -> int:
    return since.place


def waits_for(rule: Rule) -> int:
    """Return for how long (ns) a print may be waited on before it fires: it is so much older then."""
    confirm = confirmation_of(rule)
    return 0 if confirm is None else confirm.span


def count(watch: Watch, leg: Watched, price: Decimal, now: int, *, met: bool) -> Decimal | None:
    """Count a print that meets a leg, or else is beyond its activation or mark; return the price that is confirmed now, if any."""
    wanted = confirmation_of(leg.record.rule)
    if wanted is None:
        return price
    key = (leg.leg.rule, leg.leg.leg)
    run = watch.confirming.get(key)
    if run is None or run.met is not met or run.version != leg.record.version:
        run = watch.confirming[key] = Run(leg.record.version, met=met)
    run.add(wanted, price, now, falling=trailing_side(leg.sight.trigger) is Side.BUY)
    return run.held(wanted, now)


def break_off(watch: Watch, counted: Collection[tuple[object, object]]) -> None:
    """Forget what a print has not confirmed: the next one that says it counts from the beginning."""
    for key in [key for key in watch.confirming if key not in counted]:
        del watch.confirming[key]


def confirmed_by_time(watch: Watch, now: int, *, met: bool) -> list[tuple[Watched, Decimal]]:
    """Return what has held for long enough although nothing was printed meanwhile: legs with the price that is confirmed."""
    found = []
    for key, run in watch.confirming.items():
        leg = watch.seen(key) if run.met is met else None
        wanted = confirmation_of(leg.record.rule) if leg is not None and leg.record.version == run.version else None
        price = run.held(wanted, now) if wanted is not None and wanted.span else None
        if leg is not None and price is not None:
            found.append((leg, price))
    return found
