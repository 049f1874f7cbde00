"""What a row of facts says and what cannot be, with what to write instead. Its types are right by the time it comes here."""

import re
from collections.abc import Iterator
from datetime import time
from itertools import pairwise

from msgspec import Struct

from autotrader.domain.rule import OrderType, TimeInForce
from autotrader.markets.fact_values import WANTED
from autotrader.markets.facts import (
    AcceptanceRow,
    ClosedDay,
    ContractRow,
    CostRow,
    CutoffRow,
    Dated,
    InstrumentRow,
    InterruptionRow,
    Ladder,
    LadderRow,
    LimitRow,
    SessionRow,
    SettlementRow,
)

KINDS = frozenset(kind.value for kind in OrderType) | {
    f"{kind.value}_{tif.value}" for kind in OrderType for tif in (TimeInForce.IOC, TimeInForce.FOK)
}
ID = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")


def faults(row: Struct) -> Iterator[tuple[str, str]]:
    """Yield field and remedy for everything that a row says and that cannot be."""
    if isinstance(row, Dated) and row.effective_to is not None and row.effective_to < row.effective_from:
        yield "effective_to", "a day not before `from`"
    match row:
        case SessionRow():
            yield from _session_faults(row)
        case AcceptanceRow() | CutoffRow():
            yield from _kind_faults(row)
        case LadderRow():
            if not _is_ladder(row.bands):
                yield "bands", WANTED[Ladder]
        case LimitRow() | InterruptionRow():
            yield from _percent_faults(row)
        case CostRow():
            yield from ((key, "from 0 to 100") for key in ("commission", "tax") if not 0 <= getattr(row, key) <= 100)
            yield from ((key, "zero or more") for key in ("per_share", "per_share_cap") if (getattr(row, key) or 0) < 0)
        case SettlementRow():
            if row.days < 0:
                yield "days", "zero or more"
        case InstrumentRow():
            yield from ((key, "above zero") for key in ("lot", "limit_multiple") if (value := getattr(row, key)) is not None and value <= 0)
        case ContractRow():
            yield from ((key, "above zero") for key in ("multiplier", "tick") if getattr(row, key) <= 0)
        case ClosedDay():
            if row.day.isoweekday() > 5:
                yield "day", "a weekday: on Saturdays and Sundays nothing trades anyway"


def _session_faults(row: SessionRow) -> Iterator[tuple[str, str]]:
    if not ID.fullmatch(row.id):
        yield "id", "an id such as krx.after"
    end = row.close if row.close != time() else time.max
    if row.day_before:
        if row.open <= end:
            yield "open", "after `close` on a session that begins on the evening before"
    elif row.open >= end:
        yield "close", "after `open`"
    elif row.matches_from is not None and not row.open <= row.matches_from < end:
        yield "matches_from", "between `open` and `close`"
    if row.random_end < 0:
        yield "random_end", "zero or more seconds"


def _kind_faults(row: AcceptanceRow | CutoffRow) -> Iterator[tuple[str, str]]:
    if set(row.kinds) - KINDS:
        yield "kinds", "order kinds such as limit, limit_ioc, market or best_fok"
    if isinstance(row, CutoffRow):
        if row.of not in ("open", "close"):
            yield "of", "open or close"
        if row.seconds < 0:
            yield "seconds", "zero or more"


def _percent_faults(row: LimitRow | InterruptionRow) -> Iterator[tuple[str, str]]:
    if not 0 < row.percent <= 100:
        yield "percent", "above 0 and at most 100"
    if isinstance(row, InterruptionRow):
        if row.rule not in ("dynamic", "static"):
            yield "rule", "dynamic or static"
        yield from ((key, "zero or more") for key in ("seconds", "random_end", "spared_below", "spared_ticks") if getattr(row, key) < 0)


def _is_ladder(bands: Ladder) -> bool:
    """Tell whether steps are above zero and bands ascend from 0, each starting on the steps of both sides."""
    if not bands or bands[0].start != 0 or any(band.step <= 0 for band in bands):
        return False
    return all(low.start < high.start and not high.start % low.step and not high.start % high.step for low, high in pairwise(bands))
