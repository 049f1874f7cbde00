"""What counts as progress: the pump turns, no lane waits for ever, and a live link brings frames or is known not to."""

from autotrader.daemon.outbox import Outbox
from autotrader.daemon.pump import Pump
from autotrader.daemon.watchdog import Party, Watchdog
from autotrader.domain.tick import FeedName
from autotrader.engine.events import LinkState

WITHIN = 20.0
LANE_WITHIN = 60.0


class Vitals:
    """Beats for the watchdog's parties from counters that only real progress moves."""

    def __init__(self, watchdog: Watchdog, pump: Pump, outbox: Outbox, frames: dict[str, int]) -> None:
        self._pump = pump
        self._outbox = outbox
        self._frames = frames
        self._seen_frames: dict[str, int] = {}
        self._seen_turns = -1
        self._sent = -1
        self._pump_party = watchdog.register("pump", WITHIN)
        self._lanes = watchdog.register("brokers", LANE_WITHIN)
        self._feeds: dict[FeedName, Party] = {name: watchdog.register(f"feed {name}", LANE_WITHIN) for name in pump.engine.links.views}

    def look(self) -> None:
        """Beat for every party that has moved, or has nothing to do, since the last look."""
        if self._pump.turns != self._seen_turns:
            self._seen_turns = self._pump.turns
            self._pump_party.beat()
        if not self._outbox.in_flight or self._outbox.answered != self._sent:
            self._sent = self._outbox.answered
            self._lanes.beat()
        for name, party in self._feeds.items():
            link, frames = self._pump.engine.links.views[name], self._frames.get(name, 0)
            if link.state is not LinkState.UP or frames != self._seen_frames.get(name) or not self._pump.engine.world.guards.stale:
                party.beat()
            self._seen_frames[name] = frames
