"""The links to the feeds: which are up, whose instruments are not seen, what each should send, and what time it is there."""

from msgspec import Struct

from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.book import Book, Turn
from autotrader.engine.effects import Subscribe
from autotrader.engine.events import FeedClock, Link, LinkState
from autotrader.engine.index import Watch
from autotrader.engine.records import IntentStatus, Note
from autotrader.engine.views import View
from autotrader.engine.watches import Watches
from autotrader.engine.world import World
from autotrader.markets.calendar import SECOND

NOT_YET = "not connected yet"


class LinkView(Struct):
    """A feed's link as last told."""

    state: LinkState = LinkState.DOWN
    reason: str = NOT_YET
    since: int = 0
    day: str = ""


class Links:
    """Every feed's link, by name. A feed that is not up is blind: its next print will be judged as late."""

    def __init__(self, world: World, book: Book, watches: Watches, now: int) -> None:
        self.book = book
        self.watches = watches
        self.views = {feed.name: LinkView(since=now) for feed in world.feeds}
        self.clocks = {feed.name: feed.clock for feed in world.feeds}
        self._clock_told: set[FeedName] = set()
        self._subscribed: dict[FeedName, frozenset[InstrumentId]] = {}

    def on_link(self, turn: Turn, link: Link) -> None:
        """Take what a feed says of its link."""
        view = self.views.get(link.feed)
        if view is None:
            return
        if link.day and link.day != view.day:
            self._new_day(link)
        before = view.state
        if (before, view.reason) != (link.state, link.reason):
            note = Note(f"link.{link.state.value}", {"feed": link.feed, "reason": link.reason})
            turn.journal(f"feed/{link.feed}", before.value, link.state.value, note)
            # A link that nobody needs is let go on purpose: that is no news for a person.
            is_news = before is LinkState.UP or view.reason == NOT_YET  # one that never came up is a rule that nobody watches
            if link.state is not LinkState.UP and is_news and self._subscribed.get(link.feed):
                turn.alert(f"feed/{link.feed}", note)
        self._clock_told.discard(link.feed)
        self.views[link.feed] = LinkView(link.state, link.reason, turn.now, link.day or view.day)
        if link.state is not LinkState.UP:
            self._go_blind(link.feed, turn.now)

    def on_clock_step(self, turn: Turn, by: int) -> None:
        """Trust no price that came before our clock was set; the step alone fires nothing (safety T2)."""
        for feed, clock in self.clocks.items():
            if clock is FeedClock.LIVE:
                self._go_blind(feed, turn.now)
        turn.alert("daemon", Note("clock.stepped", {"seconds": f"{by / SECOND:.1f}"}))

    def is_ahead(self, turn: Turn, feed: FeedName, by: int) -> None:
        """Say once a link that a live feed's prints are ahead of our clock (ns)."""
        if feed not in self._clock_told:
            self._clock_told.add(feed)
            turn.alert(f"feed/{feed}", Note("clock.future", {"feed": feed, "seconds": str(by // SECOND)}))

    def tell_times(self) -> None:
        """Take the time of simulated and recorded feeds from their newest prints, the quiet ones too."""
        for watch in self.watches:
            if watch.last is not None and self.clocks[watch.feed] is not FeedClock.LIVE and watch.blind_since is None:
                self.book.feed_times[watch.feed] = max(watch.last.time, self.book.feed_times.get(watch.feed, 0))

    def subscribe(self, turn: Turn) -> None:
        """Say which instruments each feed should send, when that changed."""
        wanted: dict[FeedName, set[InstrumentId]] = {feed: set() for feed in self.views}
        trading = {i.instrument for i in self.book.open() if i.status is not IntentStatus.HELD}
        asked_for = frozenset(instrument for others in self.watches.others.values() for instrument in others)
        for watch in self.watches:
            if watch.legs or watch.instrument.id in trading or watch.instrument.id in asked_for:
                wanted[watch.feed].add(watch.instrument.id)
        for watch in self.watches:
            if watch.instrument.id not in wanted[watch.feed]:
                _look_away(watch, turn.now)
        for feed, instruments in wanted.items():
            if self._subscribed.get(feed) != frozenset(instruments):
                self._subscribed[feed] = frozenset(instruments)
                turn.act(Subscribe(feed, self._subscribed[feed]))

    def view(self, feed: FeedName) -> View:
        """Show a feed as `status` does."""
        link = self.views[feed]
        seen = [watch for watch in self.watches.of_feed(feed) if watch.last is not None]
        oldest = min((watch.last.time for watch in seen if watch.last is not None), default=0)
        return {
            "name": feed,
            "clock": self.clocks[feed].value,
            "state": link.state.value,
            "reason": link.reason,
            "since": link.since,
            "instruments": len(self._subscribed.get(feed, ())),
            "oldest_print": oldest,
        }

    def _new_day(self, link: Link) -> None:
        """Begin another simulated or recorded day: its times are not comparable with those before."""
        if self.clocks[link.feed] is not FeedClock.LIVE:
            self.book.feed_times.pop(link.feed, None)
            for watch in self.watches.of_feed(link.feed):
                watch.restart_time()

    def _go_blind(self, feed: FeedName, now: int) -> None:
        """Remember since when a feed's instruments are not seen."""
        for watch in self.watches.of_feed(feed):
            _look_away(watch, now)
            for key in [key for key in self.book.quotes if key[0] == watch.instrument.id]:
                del self.book.quotes[key]


def _look_away(watch: Watch, now: int) -> None:
    """Remember that nobody listens to an instrument any more: its last price grows old, arms nothing and confirms nothing."""
    if watch.blind_since is None and watch.last is not None:
        watch.blind_since = now
        watch.confirming.clear()
        watch.unsettle()
