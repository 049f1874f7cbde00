"""Every watch, by instrument and view, kept in step with the rules' legs; and when their validity ends."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from autotrader.domain.rule import Basis, Rule, RuleId
from autotrader.domain.tick import FeedName, InstrumentId, Tick
from autotrader.engine.admission import limits_of
from autotrader.engine.arming import look, sees_prices
from autotrader.engine.book import Book, LegKey
from autotrader.engine.conditions import needs_volume, others_of
from autotrader.engine.events import FeedClock
from autotrader.engine.hours import View, end_of_validity, feed_time, notice_before_end, view_of
from autotrader.engine.index import Watch
from autotrader.engine.orders import observed
from autotrader.engine.records import LegStatus, Print, RuleRecord
from autotrader.engine.world import FeedFacts, World
from autotrader.markets.calendar import local_date
from autotrader.markets.profile import find_instrument, profile_of

NONE: tuple[Watch, ...] = ()


class Watches:
    """`of_prints` is what a print looks up: the watches of its instrument, one a view; `of_quotes` what a quote does."""

    def __init__(self, world: World, book: Book) -> None:
        self.world = world
        self.book = book
        self.of_prints: dict[InstrumentId, tuple[Watch, ...]] = {}
        self.of_quotes: dict[InstrumentId, tuple[Watch, ...]] = {}
        self.others: dict[RuleId, frozenset[InstrumentId]] = {}
        self._by_view: dict[tuple[InstrumentId, View], Watch] = {}
        self._placed: dict[RuleId, tuple[Watch, list[LegKey]]] = {}
        self._ends: dict[int, dict[LegKey, None]] = {}
        self._expiry: dict[LegKey, int] = {}
        self._notices: dict[int, dict[RuleId, None]] = {}
        self._noticed_at: dict[RuleId, int] = {}

    def __iter__(self) -> Iterator[Watch]:
        return iter(self._by_view.values())

    def of_feed(self, feed: FeedName) -> list[Watch]:
        """Return the watches that a feed serves."""
        return [watch for watch in self if watch.feed == feed]

    def of_rule(self, rule: Rule) -> Watch | None:
        """Return the watch that a rule's legs are in, if there is one."""
        return self._by_view.get((rule.instrument, view_of(self.world.markets, rule)))

    def newest(self, instrument: InstrumentId) -> Print | None:
        """Return the newest print that was seen of an instrument in any view."""
        seen = [last for watch in self.of_prints.get(instrument, NONE) if (last := watch.last_print) is not None]
        last = max(seen, key=lambda tick: tick.time, default=None)
        return None if last is None else Print(last.price, last.time, last.sequence)

    def fresh(self, instrument: InstrumentId) -> Print | None:
        """Return the newest print of an instrument that is watched now."""
        if any(watch.is_fresh for watch in self.of_prints.get(instrument, NONE)):
            return self.newest(instrument)
        return None

    def feed_serving(self, instrument: InstrumentId) -> FeedName | None:
        """Return the feed that watching rules of an instrument listen to."""
        return next((watch.feed for watch in self.of_instrument(instrument) if watch.legs), None)

    def of_instrument(self, instrument: InstrumentId) -> list[Watch]:
        """Return every watch of an instrument."""
        return list(dict.fromkeys((*self.of_prints.get(instrument, NONE), *self.of_quotes.get(instrument, NONE))))

    def see(self, rule_id: RuleId, now: int) -> None:
        """Keep the index in step with a rule's legs."""
        record = self.book.rules[rule_id]
        kept = self.book.legs_of(rule_id)
        legs = [leg for leg in kept if sees_prices(record, leg)]
        waits = [leg for leg in kept if leg.status is LegStatus.HELD and leg not in legs and not self.book.intents_of(rule_id, leg.leg)]
        watch = self.watch_for(record.rule, now) if legs else None
        self._forget(rule_id, watch)
        for text_of in record.rule.legs:
            self._forget_end((rule_id, text_of.name))
        self._notice(record, bool(legs))
        self._look_at_others(record.rule, bool(legs), now)
        keys = [(leg.rule, leg.leg) for leg in (*legs, *waits)]
        if keys:
            end = end_of_validity(self.world, record)
            ending = self._ends.setdefault(end, {})
            for key in keys:
                self._expiry[key] = end
                ending[key] = None
        if watch is None:
            return
        watch.counts_volume = watch.counts_volume or needs_volume(record.rule)
        for key, leg in zip(keys, legs, strict=False):
            watch.keep(key, look(self.world, self.book, record, leg))
        self._placed[rule_id] = (watch, keys[: len(legs)])

    def _forget(self, rule_id: RuleId, watch: Watch | None) -> None:
        """Take a rule's legs out of the watch that they are in; one that has no others is dropped, unless they come back to it."""
        place, keys = self._placed.pop(rule_id, (None, []))
        if place is None:
            return
        for key in keys:
            place.keep(key, None)
        if place is not watch and not place.legs:
            self._drop(place)

    def _look_at_others(self, rule: Rule, lives: bool, now: int) -> None:
        """Watch the other instruments whose prices a rule asks for: on their own market, whoever watches them elsewhere."""
        before = self.others.pop(rule.id, frozenset())
        others = others_of(rule) if lives else frozenset()
        if others:
            self.others[rule.id] = others
        for instrument in others:
            self.watch_for(_plainly(rule, instrument, self.feed_serving(instrument)), now)
        for instrument in before - others:
            watch = self.of_rule(_plainly(rule, instrument))
            if watch is not None and not watch.legs:
                self._drop(watch)

    def _notice(self, record: RuleRecord, lives: bool) -> None:
        """Keep when a rule's owner is to be told that its validity ends soon."""
        rule_id = record.rule.id
        before = self._noticed_at.pop(rule_id, None)
        if before is not None:
            self._notices[before].pop(rule_id)
            if not self._notices[before]:
                del self._notices[before]
        if not lives or record.noticed:
            return
        at = notice_before_end(self.world, record)
        if at is not None:
            self._noticed_at[rule_id] = at
            self._notices.setdefault(at, {})[rule_id] = None

    def to_notice(self, latest: int, time_of: Callable[[RuleId], int]) -> list[RuleId]:
        """Return the rules whose validity ends in three trading days."""
        return [rule for at, rules in self._notices.items() if at <= latest for rule in rules if time_of(rule) >= at]

    def watch_for(self, rule: Rule, now: int) -> Watch | None:
        """Return the watch of a rule, made with its instrument's last known print when there is none yet."""
        feed = self.world.feed_of(rule.instrument, rule.feed)
        view = view_of(self.world.markets, rule)
        watch = self._by_view.get((rule.instrument, view))
        if watch is not None or feed is None:
            return watch
        instrument = find_instrument(self.world.markets, rule.instrument)
        watch = Watch(instrument, feed.name, view, self.world.guards.collar, self.book.marks, hours=feed.hours)
        self._remember(watch, feed, now)
        self._by_view[rule.instrument, view] = watch
        for shelf in self._shelves(watch):
            shelf[rule.instrument] = (*shelf.get(rule.instrument, NONE), watch)
        self.limit(rule.instrument, feed_time(self.book, feed, now))
        return watch

    def _shelves(self, watch: Watch) -> list[dict[InstrumentId, tuple[Watch, ...]]]:
        """Return where a watch is looked up."""
        return [shelf for shelf, sees in ((self.of_prints, watch.view.sees_prints), (self.of_quotes, watch.view.sees_quotes)) if sees]

    def _drop(self, watch: Watch) -> None:
        """Let a view go that no leg has any more, unless it is its instrument's last, which still knows the price, or a
        rule's further conditions ask for that."""
        instrument = watch.instrument.id
        others = [other for other in self.of_instrument(instrument) if other is not watch]
        # An order of the view may still work: the broker that fills from prints must see those of its session.
        orders = any(i.instrument == instrument and self.of_rule(self.book.rules[i.rule].rule) is watch for i in self.book.open())
        last_of_prints = watch.view.sees_prints and not any(other.view.sees_prints for other in others)
        if not others or orders or last_of_prints or self._is_asked_for(watch):
            return
        for shelf in self._shelves(watch):
            shelf[instrument] = tuple(other for other in shelf[instrument] if other is not watch)
        self._by_view.pop((instrument, watch.view), None)

    def _is_asked_for(self, watch: Watch) -> bool:
        """Tell whether a view is the one by which further conditions know its instrument's last price."""
        instrument = watch.instrument.id
        asking = next((rule for rule, others in self.others.items() if instrument in others), None)
        return asking is not None and self.of_rule(_plainly(self.book.rules[asking].rule, instrument)) is watch

    def _remember(self, watch: Watch, feed: FeedFacts, now: int) -> None:
        """Give a new watch the last print that was kept: a price of another day, by which nothing is armed."""
        instrument = watch.instrument.id
        kept = self.book.prices.get(instrument)
        if kept is None or not kept.time or kept.feed != feed.name:
            return
        watch.last = Tick(instrument, kept.price, kept.price * 0, kept.time, kept.sequence)
        watch.blind_since = now
        if feed.clock is FeedClock.LIVE:
            watch.advance(watch.last)

    def observe(self, instrument: InstrumentId) -> None:
        """Show an instrument's prints to the brokers that fill from them."""
        for watch in self.of_prints.get(instrument, NONE):
            watch.shown_to = observed(self.world, self.book, instrument)
            watch.unsettle()

    def limit(self, instrument: InstrumentId, at: int) -> None:
        """Judge an instrument's prints by the price limits of the day, as far as its base price is known."""
        profile = profile_of(self.world.markets, instrument)
        limits = limits_of(self.world, self.book, instrument, local_date(profile, at)) if profile.limits else None
        for watch in self.of_instrument(instrument):
            if watch.limits != limits:
                watch.limits = limits
                watch.unsettle()

    def over(self, latest: int, time_of: Callable[[RuleId], int]) -> list[LegKey]:
        """Return the legs whose validity has ended on their feed's clock. Days that no clock has reached cost one comparison each."""
        return [key for end, keys in self._ends.items() if end <= latest for key in keys if time_of(key[0]) >= end]

    def _forget_end(self, key: LegKey) -> None:
        end = self._expiry.pop(key, None)
        if end is not None:
            self._ends[end].pop(key)
            if not self._ends[end]:
                del self._ends[end]


def _plainly(rule: Rule, instrument: InstrumentId, feed: FeedName | None = None) -> Rule:
    """Return a rule as if it watched another instrument's prints in the regular sessions of its own market."""
    return replace(rule, instrument=instrument, sessions=(), watch="", venue="", basis=Basis.LAST, feed=feed)
