"""The owner's rows over ours: where both state the same fact, the owner's holds on its days and ours on the others."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TypeVar

from msgspec.structs import replace

from autotrader.markets.facts import Dated

D = TypeVar("D", bound=Dated)


def meet(one: Dated, other: Dated) -> bool:
    """Tell whether two rows hold on a common day."""
    return (one.effective_to is None or other.effective_from <= one.effective_to) and (
        other.effective_to is None or one.effective_from <= other.effective_to
    )


def laid_over(ours: tuple[D, ...], theirs: tuple[D, ...], key: Callable[[D], object]) -> tuple[D, ...]:
    """Return their rows, and of ours what holds on days that no row of theirs with the same key claims."""
    kept: list[D] = []
    for row in ours:
        pieces = [row]
        for cut in (other for other in theirs if key(other) == key(row)):
            pieces = [rest for piece in pieces for rest in _without(piece, cut)]
        kept.extend(pieces)
    return (*theirs, *kept)


def _without(row: D, cut: Dated) -> Iterator[D]:
    """Yield a row for its days before and after those of another."""
    if not meet(row, cut):
        yield row
        return
    if row.effective_from < cut.effective_from:
        yield replace(row, effective_to=cut.effective_from - timedelta(days=1))
    if cut.effective_to is not None and (row.effective_to is None or row.effective_to > cut.effective_to):
        yield replace(row, effective_from=cut.effective_to + timedelta(days=1))
