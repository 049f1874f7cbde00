"""A condition that must hold for a while: so many prints in a row, or for so long (semantics 2.2).

What was seen is kept in memory only: after a restart it must be seen anew.
"""

from typing import NamedTuple

from autotrader.domain.rule import Confirm, Rule
from autotrader.engine.index import Watch, Watched
from autotrader.engine.triggers import confirmation_of


class Progress(NamedTuple):
    """Since when (ns, our clock) a condition holds without a break, and how many prints have said so."""

    since: int
    prints: int


def waits_for(rule: Rule) -> int:
    """Return for how long (ns) a print may be waited on before it fires: it is so much older then."""
    confirm = confirmation_of(rule)
    return 0 if confirm is None else confirm.span


def is_confirmed(watch: Watch, leg: Watched, now: int) -> bool:
    """Count a print that meets a leg's condition; tell whether it holds for long enough now."""
    wanted = confirmation_of(leg.record.rule)
    if wanted is None:
        return True
    key = (leg.leg.rule, leg.leg.leg)
    before = watch.confirming.get(key, Progress(now, 0))
    progress = watch.confirming[key] = Progress(before.since, before.prints + 1)
    return _is_enough(wanted, progress, now)


def _is_enough(wanted: Confirm, progress: Progress, now: int) -> bool:
    return progress.prints >= wanted.prints if wanted.prints else now - progress.since >= wanted.span


def break_off(watch: Watch, still_met: set[tuple[object, object]]) -> None:
    """Forget what a print has not confirmed: the next one that meets the condition counts from the beginning."""
    for key in [key for key in watch.confirming if key not in still_met]:
        del watch.confirming[key]


def confirmed_by_time(watch: Watch, now: int) -> list[Watched]:
    """Return the legs whose condition has held for long enough although nothing was printed meanwhile."""
    legs = [(watch.seen(key), progress) for key, progress in watch.confirming.items()]
    found = []
    for leg, progress in legs:
        wanted = confirmation_of(leg.record.rule) if leg is not None else None
        if leg is not None and wanted is not None and wanted.span and _is_enough(wanted, progress, now):
            found.append(leg)
    return found
