"""The inbox log read back as events, so that any day can be decided again (DESIGN 2).

A turn is what the pump took at one moment. Raw frames are decoded by the same dialects as then; a turn without entries is
where a daemon started. Decoding is lazy: a dialect learns its instruments from what the turns before led to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from autotrader.domain.tick import FeedName
from autotrader.engine.effects import Subscribe, Unit
from autotrader.engine.engine import Engine
from autotrader.engine.events import Event
from autotrader.ports import Dialect
from autotrader.store.segment import Entry
from autotrader.store.segments import read_segments

_decode = msgspec.json.Decoder(Event).decode
Dialects = Mapping[FeedName, Dialect]


class LoggedTurn(NamedTuple):
    """What the pump took in one turn, and when."""

    at: int
    events: list[Event]
    is_start: bool = False


def read_turns(state: Path, dialects: Dialects) -> Iterator[LoggedTurn]:
    """Yield what a state directory's log holds, oldest first."""
    for batch in read_segments(state):
        yield LoggedTurn(batch.at, [event for entry in batch.entries for event in _events(entry, dialects)], not batch.entries)


def _events(entry: Entry, dialects: Dialects) -> Iterator[Event]:
    if isinstance(entry, bytes):
        yield _decode(entry)
        return
    feed, frames = entry
    for raw in frames:
        if raw:  # an empty one stands for what the link noticed by itself
            yield from dialects[FeedName(feed)].decode(raw)


def decide_again(engine: Engine, turns: Iterable[LoggedTurn], dialects: Dialects) -> Iterator[tuple[LoggedTurn, Sequence[Unit]]]:
    """Yield each turn with what the engine makes of it; the engine stands where the first of these turns found it."""
    for turn in turns:
        engine.at(turn.at)
        units = [unit for event in turn.events for unit in engine.handle(event)]
        tell_dialects(units, dialects)
        yield turn, units


def tell_dialects(units: Iterable[Unit], dialects: Dialects) -> None:
    """Let the dialects know the instruments that units subscribe to, as the feeds did."""
    for unit in units:
        for act in unit.acts:
            if isinstance(act, Subscribe):
                dialects[FeedName(act.feed)].subscribe(sorted(act.instruments))
