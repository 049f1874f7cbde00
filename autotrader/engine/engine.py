"""The engine decides and never acts: events in, units of effects out.

A quiet print costs one look-up and a few comparisons in `on_tick`; everything else is told in the neighbours of this file.
Nothing here awaits, and the time is handed in with `at`.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from autotrader.domain.money import text
from autotrader.domain.rule import AccountName, Rule, RuleId
from autotrader.domain.settings import Mode
from autotrader.domain.tick import QUOTED, InstrumentId, Quote, Tick
from autotrader.engine.accounts import CLOCK_HOLDS, Accounts, gate
from autotrader.engine.admission import Clearance, state_of
from autotrader.engine.attach import attach
from autotrader.engine.book import Book, LegKey, Turn
from autotrader.engine.clockwork import by_the_clock, is_due
from autotrader.engine.commands import CommandDesk
from autotrader.engine.commitments import commitments, protected
from autotrader.engine.conditions import count_volume
from autotrader.engine.confirming import confirmed_by_time
from autotrader.engine.corporate import Seen, guard_against_base
from autotrader.engine.costs import keep_to_cost
from autotrader.engine.effects import Ignored, Reply, Show, Unit
from autotrader.engine.events import (
    ClockStep,
    Command,
    Dropped,
    Event,
    FeedClock,
    Link,
    MarketTime,
    Outcome,
    Plan,
    PlanRefused,
    Recovered,
    Reference,
    Report,
    Stated,
    Timer,
    Trading,
    Unreachable,
    Withdrawn,
)
from autotrader.engine.exits import grow_exits
from autotrader.engine.firing import dispatch
from autotrader.engine.guards import MARKET_SIZED, ineligible, is_price, misses, passes_collar
from autotrader.engine.halts import judge_again, on_trading
from autotrader.engine.hours import feed_time, market_time, quoted_price
from autotrader.engine.index import LARGEST, Watch, Watched
from autotrader.engine.levels import ONE
from autotrader.engine.links import Links
from autotrader.engine.orders import on_outcome, on_report, on_statement, on_withdrawn
from autotrader.engine.plan import STEP, Steps
from autotrader.engine.prints import PrintStory
from autotrader.engine.records import Note, PriceRecord, Print, RuleRecord, Snapshot, TradingState
from autotrader.engine.recovery import begin, recover
from autotrader.engine.rules import RuleDesk
from autotrader.engine.taking import rehearse, taking
from autotrader.engine.timekeeping import PRICES_EVERY, expire, flush_marks, forget_answers, keep_price, pass_deadlines, tell_of_ends
from autotrader.engine.triggers import rests_on_cost
from autotrader.engine.views import View, counts, held_view, markets_view, open_orders, rule_view, story_view
from autotrader.engine.volley import Volley
from autotrader.engine.watches import NONE, Watches
from autotrader.engine.world import FeedFacts, World
from autotrader.markets.calendar import local_date
from autotrader.markets.profile import profile_of

QUIET: tuple[Unit, ...] = ()
ALL_AT_ONCE = 10**9
STEPS_FOR_FIRES = 8
"""A step of a plan takes about as long as so many fires."""
FASTER = 16
"""Once the first orders of a storm are out, so many times more fires are decided in one step."""
T = TypeVar("T")


def _is_shown_again(unit: Unit, tick: Tick, shown: set[AccountName]) -> bool:
    """Tell whether a unit only shows a print to a broker that has seen it by another view: a print fills once."""
    if unit.records or len(unit.acts) != 1:
        return False
    (act,) = unit.acts
    if not isinstance(act, Show) or act.tick is not tick:
        return False
    again = act.account in shown
    shown.add(act.account)
    return again


class Engine:
    """All decisions of one daemon, over one book. `at(now)` sets the time of the events that follow."""

    def __init__(self, world: World, snapshot: Snapshot, now: int, *, fires_at_once: int = ALL_AT_ONCE) -> None:
        self.world = world
        self.book = Book(snapshot)
        self.now = self.book.now = now
        self.started = now
        self.accounts = Accounts(world)
        self.counters: Counter[tuple[str, str]] = Counter()
        self.watches = Watches(world, self.book)
        self.links = Links(world, self.book, self.watches, now)
        self.book.newest = self.watches.newest
        self.dirty: dict[LegKey, None] = {}
        self.pending: Plan | None = None
        self.fires_at_once = fires_at_once
        self._volley: Volley | None = None
        self._gathered: list[PrintStory] | None = None
        self._taking: Steps[list[Unit]] | None = None
        self._down_since = snapshot.last_alive
        self._feeds = {feed.name: feed for feed in world.feeds}
        self._horizon = now + CLOCK_HOLDS
        self._limits_told: set[tuple[InstrumentId, str]] = set()
        self._prices_kept = now
        for rule_id in self.book.rules:
            self.watches.see(rule_id, now)
        for intent in self.book.open():
            self.watches.watch_for(self.book.rules[intent.rule].rule, now)
        for watch in self.watches:
            self.watches.observe(watch.instrument.id)
            watch.blind_since = snapshot.last_alive or None

    def at(self, now: int) -> None:
        """Set the time of the events that follow."""
        self.now = self.book.now = now
        self._horizon = now + CLOCK_HOLDS

    def start(self, version: str) -> list[Unit]:
        """Take over from the process before and say which prices are needed. Nothing is armed before its account is recovered."""
        turn = Turn(self.book, self.now, "daemon")
        begin(turn, version, self._down_since)
        for rule_id, record in self.book.rules.items():
            if not self.book.has_ended(rule_id) and not self._is_served(record):
                params = {"rule": rule_id, "account": record.rule.account, "instrument": record.rule.instrument}
                turn.alert(rule_id, Note("rule.unserved", params))
        return self._close(turn, subscribe=True)

    def _is_served(self, record: RuleRecord) -> bool:
        """Tell whether a kept rule still has its account and a feed in the file."""
        return record.rule.account in self.world.accounts and self.world.feed_of(record.rule.instrument, record.rule.feed) is not None

    def handle(self, event: Event) -> Sequence[Unit]:
        """Return what an event leads to, in atomic units."""
        if event.__class__ is Tick:
            return self.on_tick(event)
        match event:
            case Timer():
                return self.on_timer()
            case Link():
                return self._told(self.links.on_link, event, by="feed")
            case ClockStep(by):
                return self._told(self.links.on_clock_step, by, by="time")
            case Reference():
                return self._on_reference(event)
            case Quote():
                return self._on_quote(event)
            case Trading():
                return self._on_trading(event)
            case MarketTime():
                return self._on_market_time(event)
            case Dropped():
                self.counters[event.feed, event.reason] += event.count
                return QUIET
            case Command():
                return self._on_command(event)
            case Plan():
                return self._on_plan(event)
            case PlanRefused():
                return self._on_plan_refused(event)
            case Unreachable():
                return self._told(self.accounts.lose, event, by="broker")
            case Outcome() | Withdrawn() | Report() | Stated() | Recovered():
                return self._on_broker(event)
            case _:
                raise TypeError(f"not an event: {event!r}")

    def _told(self, told: Callable[[Turn, T], None], what: T, *, by: str) -> Sequence[Unit]:
        """Let a neighbour take an event that concerns it alone."""
        turn = Turn(self.book, self.now, by)
        told(turn, what)
        return self._close(turn)

    def on_tick(self, tick: Tick) -> Sequence[Unit]:
        """Take a print. Strictly inside its watch's band, in order and eligible, it changes nothing but the last price."""
        watches = self.watches.of_prints.get(tick.instrument, NONE)
        if len(watches) == 1:
            return self._take(watches[0], tick)
        if not watches:
            return self._ignore(tick, "not_watched")
        return self._take_in_each_view(watches, tick)

    def _take(self, watch: Watch, tick: Tick) -> Sequence[Unit]:
        """Show a print to one watch."""
        misplaced = watch.misplaced(tick)
        if misplaced:
            return self._ignore(tick, misplaced)
        if tick.time > self._horizon:
            if self.links.clocks[watch.feed] is FeedClock.LIVE and self.world.guards.stale:
                return self._from_the_future(watch, tick)
            if tick.time > LARGEST:
                return self._ignore(tick, "wrong_time")
        try:
            MARKET_SIZED.plus(tick.price)
            quiet = watch.low < tick.price < watch.high and tick.size > 0
        except ArithmeticError:  # not a number, or none that a market prints
            return self._ignore(tick, "wrong_price")
        if quiet and (not tick.flags or tick.flags == QUOTED):
            span = watch.spans.get(tick.venue)
            if span is not None and (tick.session in watch.sessions if tick.session else span[0] <= tick.time < span[1]):
                watch.advance(tick)
                if tick.flags:
                    watch.accept(tick)
                else:
                    watch.before = watch.last
                    watch.last = tick
                return QUIET
        return self._weigh(watch, tick)

    def _take_in_each_view(self, watches: tuple[Watch, ...], tick: Tick) -> list[Unit]:
        """Show a print to every view of its instrument; it was ignored only if no view took it."""
        taken: list[Unit] = []
        ignored: list[Unit] = []
        shown: set[AccountName] = set()
        stories: list[PrintStory] = []
        self._gathered = stories
        for watch in watches:
            units = [unit for unit in self._take(watch, tick) if not _is_shown_again(unit, tick, shown)]
            dropped = bool(units) and any(isinstance(act, Ignored) for unit in units for act in unit.acts)
            (ignored if dropped else taken).extend(units)
        self._gathered = None
        if stories:
            taken += self._fire(Volley(tick, stories), self.fires_at_once)
        return taken or ignored

    def _ignore(self, tick: Tick, reason: str) -> Sequence[Unit]:
        self.counters[tick.instrument, reason] += 1
        return (Unit((), (Ignored(tick, reason),)),)

    def _from_the_future(self, watch: Watch, tick: Tick) -> Sequence[Unit]:
        """Drop a live print that is far ahead of our clock: taken, it would make every later one look old. Say it once a link."""
        units = list(self._ignore(tick, "future"))
        turn = Turn(self.book, self.now, "price")
        self.links.is_ahead(turn, watch.feed, tick.time - self.now)
        return [*units, *self._close(turn)]

    def _weigh(self, watch: Watch, tick: Tick) -> Sequence[Unit]:
        """Take a print that may matter."""
        feed = self._feeds[watch.feed]
        before = watch.last
        if feed.clock is not FeedClock.LIVE:
            self.book.feed_times[feed.name] = max(tick.time, self.book.feed_times.get(feed.name, 0))
        self._on_another_day(watch, tick, before)
        reason = ineligible(watch, tick) or misses(watch, tick, self.world.markets, hours=feed.hours)
        if reason:
            return [*self._ignore(tick, reason), *(self._outside_limits(watch, tick) if reason == "limits" else ())]
        watch.advance(tick)
        if not passes_collar(watch, tick, always_open=profile_of(self.world.markets, tick.instrument).always_open):
            watch.unsettle()
            return self._ignore(tick, "collar")
        watch.candidate = None
        watch.accept(tick)
        since, watch.blind_since = watch.blind_since, None
        story = PrintStory(self.world, self.book, watch, self.dirty, self.now)
        if not tick.flags & QUOTED:
            self._take_note_of_print(story, tick)
        story.units += self._judged_again(watch, tick)
        story.tell(tick, since or 0, self.accounts.ready)
        if self._gathered is not None:  # other views look too, before any of them fires
            self._gathered.append(story)
            return story.taken()
        return self._fire(Volley(tick, [story]), self.fires_at_once)

    def _take_note_of_print(self, story: PrintStory, tick: Tick) -> None:
        """Keep what only an executed print says, and show it to the brokers that fill from prints."""
        watch = story.watch
        if watch.counts_volume:
            count_volume(self.world, self.book, tick)
        self.book.said_sessions[tick.instrument] = tick.session
        if is_price(tick.size):  # a size that no market prints fills nothing
            story.units += [Unit((), (Show(account, tick),)) for account in sorted(watch.shown_to)]

    def _outside_limits(self, watch: Watch, tick: Tick) -> list[Unit]:
        """Say once a day that an issue prints where it cannot: the base price that was told may be the wrong thing."""
        kept = self.book.prices.get(tick.instrument)
        if watch.limits is None or kept is None or (tick.instrument, kept.base_day) in self._limits_told:
            return []
        self._limits_told.add((tick.instrument, kept.base_day))
        turn = Turn(self.book, self.now, "price")
        params = {"instrument": tick.instrument, "price": text(tick.price), "base": text(kept.previous_close or tick.price)}
        limits = {"lower": text(watch.limits.lower), "upper": text(watch.limits.upper)}
        turn.alert(f"market/{tick.instrument}", Note("price.outside_limits", {**params, **limits}))
        return self._close(turn)

    def _on_another_day(self, watch: Watch, tick: Tick, before: Tick | None) -> None:
        """Let end with a day what was of that day: its price limits, since those of the next need its own base price, and what
        was on its way to be confirmed."""
        if before is None or (watch.limits is None and not watch.confirming):
            return
        profile = profile_of(self.world.markets, tick.instrument)
        if local_date(profile, before.time) != local_date(profile, tick.time):
            if watch.limits is not None:
                self.watches.limit(tick.instrument, tick.time)
            if not profile.always_open:
                watch.confirming.clear()

    def _sees(self, watch: Watch, rule: Rule) -> bool:
        """Tell whether a watch is the rule's own, or stands in for one that is gone."""
        return self.watches.of_rule(rule) in (None, watch)

    def _judged_again(self, watch: Watch, tick: Tick) -> list[Unit]:
        """Judge by the first print after a halt what was decided before it and has not left yet."""
        waiting = [i for i in self.book.intents.to_recheck(tick.instrument) if self._sees(watch, self.book.rules[i.rule].rule)]
        if not waiting:
            return []
        turn = Turn(self.book, self.now, "price")
        judge_again(self.world, turn, waiting, tick)
        self._dispatch_all(turn)
        return self._close(turn)

    def _fire(self, volley: Volley, most: int) -> list[Unit]:
        """Let the legs that a print met fire, so many at once."""
        units = volley.fire(self._gate, most)
        self._volley = volley if volley.unfired else None
        if self._volley is None:
            for story in volley.stories:
                if story.traded:
                    self.watches.observe(volley.tick.instrument)
                for rule_id in story.returned:
                    self.watches.see(rule_id, self.now)
                story.watch.settle()
        return units

    @property
    def unfinished(self) -> bool:
        """Tell whether the last print has more to fire, or the last plan more to take: `go_on` before the next event."""
        return self._volley is not None or self._taking is not None

    def go_on(self) -> list[Unit]:
        """Return the next units of a print that fires many rules, whose first orders need not wait for its last, or of a plan."""
        if self._taking is not None:
            return self._go_on_taking()
        return [] if self._volley is None else self._fire(self._volley, self.fires_at_once * FASTER)

    def _gate(self, leg: Watched, tick: Tick) -> Clearance:
        return gate(self.world, self.book, self.accounts, self.watches, leg, tick)

    def _by_time(self) -> list[Unit]:
        """Let fire what goes by the clock, and what has been met for long enough."""
        units: list[Unit] = []
        for watch in [watch for watch in self.watches if watch.clocked or watch.confirming]:
            story = PrintStory(self.world, self.book, watch, self.dirty, self.now)
            story.arm_by_clock(self.accounts.ready)
            alive = watch.blind_since is None
            met = [leg for leg in by_the_clock(watch) if is_due(self.world, self.book, leg, self.now) is not None]
            if alive and watch.confirming and watch.last is not None:
                story.follow_by_time(watch.last)
                met += [leg for leg, _ in confirmed_by_time(watch, self.now, met=True)]
            if met and watch.last is not None and self._volley is None:
                story.take_met(met)
                units += self._fire(Volley(watch.last, [story]), ALL_AT_ONCE)
            else:
                if watch.last is None:
                    story.miss_a_price(met)
                units += story.taken()
        return units

    def on_timer(self) -> Sequence[Unit]:
        """Do what time alone brings."""
        turn = Turn(self.book, self.now, "time")
        flush_marks(turn, self.dirty, f"{self.started}.")
        forget_answers(self.book, self.now)
        self.links.tell_times()
        if self.now - self._prices_kept >= PRICES_EVERY:
            self.keep_prices(turn)
        if self.world.judge_validity:
            expire(turn, self.book, self._over())
            tell_of_ends(turn, self.watches.to_notice(self._latest(), self._market_time))
        pass_deadlines(self.world, turn, self.accounts.ready)
        return [*self._close(turn), *self._by_time()]

    def _market_time(self, rule: RuleId) -> int:
        return market_time(self.world, self.book, self.book.rules[rule].rule, self.now)

    def _latest(self) -> int:
        """Return the latest moment that any clock shows."""
        return max([self.now, *(watch.last.time for watch in self.watches if watch.last is not None), *self.book.feed_times.values()])

    def _over(self) -> list[LegKey]:
        """Return the legs whose validity has ended on their feed's clock."""
        return self.watches.over(self._latest(), self._market_time)

    def keep_prices(self, turn: Turn) -> None:
        """Put every last price that moved."""
        self._prices_kept = self.now
        for watches in self.watches.of_prints.values():
            keep_price(turn, max(watches, key=lambda watch: watch.last_print.time if watch.last_print is not None else 0))

    def stop(self) -> list[Unit]:
        """Put what is only in memory: marks and last prices. A kill at any moment must be as safe as this."""
        turn = Turn(self.book, self.now, "daemon")
        flush_marks(turn, self.dirty, f"{self.started}.")
        self.keep_prices(turn)
        turn.journal("daemon", "", "stopped", Note("daemon.stopped"))
        return self._close(turn)

    def _on_reference(self, reference: Reference) -> Sequence[Unit]:
        """Take the base price of an instrument's day."""
        kept = self.book.prices.get(reference.instrument)
        watches = self.watches.of_prints.get(reference.instrument, NONE)
        if not is_price(reference.previous_close):
            self.counters[reference.instrument, "wrong_reference"] += 1
            return QUIET
        if not watches:
            return QUIET
        feed = self._feeds[watches[0].feed]
        at = feed_time(self.book, feed, self.now)
        # A feed without hours has no days either: its base price would set limits for ever.
        day = local_date(profile_of(self.world.markets, reference.instrument), at).isoformat() if feed.hours else ""
        if kept is not None and (kept.previous_close, kept.base_day) == (reference.previous_close, day):
            return QUIET
        turn = Turn(self.book, self.now, "feed")
        home = profile_of(self.world.markets, reference.instrument)
        if feed.hours:
            guard_against_base(turn, reference.instrument, home, self._seen_at_home(watches, feed, kept), reference.previous_close, at)
        blank = PriceRecord(reference.instrument, reference.previous_close, 0, 0, watches[0].feed)
        turn.put(replace(kept or blank, previous_close=reference.previous_close, base_day=day))
        self.watches.limit(reference.instrument, at)
        for record in self.book.rules.values():
            if record.rule.instrument == reference.instrument:
                turn.touched[record.rule.id] = None
        return self._close(turn)

    def _seen_at_home(self, watches: tuple[Watch, ...], feed: FeedFacts, kept: PriceRecord | None) -> Seen | None:
        """Return the last print of an instrument on its own market, as far as one is known. What a simulated or recorded
        market printed before this process has nothing to do with the one that it sees."""
        live = feed.clock is FeedClock.LIVE
        mine = [watch for watch in watches if live or watch.blind_since is None]
        prints = [last for watch in mine if (last := watch.last_print) is not None and last.venue in ("", watch.instrument.market)]
        newest = max(prints, key=lambda tick: tick.time, default=None)
        if newest is not None:
            return Seen(newest.price, newest.time)
        return Seen(kept.price, kept.time) if live and kept is not None and kept.time else None

    def _on_quote(self, quote: Quote) -> Sequence[Unit]:
        """Remember a venue's best prices, show them to the brokers that fill from what is seen, and to the rules that go by them."""
        watches = self.watches.of_instrument(quote.instrument)
        if not watches:
            return QUIET
        self.book.quotes[quote.instrument, quote.venue or watches[0].instrument.market] = quote
        shown_to = sorted(frozenset(account for watch in watches for account in watch.shown_to))
        units: list[Unit] = [Unit((), (Show(account, quote),)) for account in shown_to]
        for watch in self.watches.of_quotes.get(quote.instrument, NONE):
            units += self._see_quote(watch, quote)
        return units

    def _see_quote(self, watch: Watch, quote: Quote) -> list[Unit]:
        """Show a quote to a view that goes by best prices, as the price that it is to it."""
        price = quoted_price(watch.view.source, quote)
        if price is None or not is_price(price):
            return []
        now = feed_time(self.book, self._feeds[watch.feed], self.now)
        at = quote.time or max(now, watch.quoted.get(quote.venue, 0))
        tick = Tick(quote.instrument, price, ONE, at, venue=quote.venue, flags=QUOTED)
        venue = self.world.markets.get(quote.venue or watch.instrument.market)
        if venue is not None and state_of(self.book, venue, quote.instrument, now) is not TradingState.OPEN:
            return list(self._ignore(tick, "no_trading"))  # in a call or a halt a best price is indicative, and fires nothing
        units = list(self._take(watch, tick))
        while self._volley is not None:  # what one view fires is fired before the next one looks
            units += self.go_on()
        return units

    def _on_trading(self, event: Trading) -> Sequence[Unit]:
        turn = Turn(self.book, self.now, "feed")
        on_trading(self.world, turn, event)
        for watch in self.watches:
            if event.instrument in ("", watch.instrument.id):
                watch.unsettle()
                if event.state is not TradingState.OPEN and event.venue in watch.view.venues:  # nothing goes on being met there
                    watch.confirming.clear()
        self._dispatch_all(turn)
        return self._close(turn)

    def _on_market_time(self, event: MarketTime) -> Sequence[Unit]:
        """Take the time of a feed with a clock of its own; orders that waited for an hour may go."""
        feed = self._feeds.get(event.feed)
        if feed is None or feed.clock is FeedClock.LIVE:
            return QUIET
        self.book.feed_times[event.feed] = max(event.time, self.book.feed_times.get(event.feed, 0))
        turn = Turn(self.book, self.now, "time")
        self._dispatch_all(turn)
        return [*self._close(turn), *self._by_time()]

    def _dispatch_all(self, turn: Turn) -> None:
        """Let what waits go wherever it may."""
        for account, ready in self.accounts.ready.items():
            if ready:
                dispatch(self.world, turn, account)

    def _on_broker(self, event: Outcome | Withdrawn | Report | Stated | Recovered) -> Sequence[Unit]:
        turn = Turn(self.book, self.now, "broker")
        match event:
            case Outcome():
                on_outcome(self.world, turn, event)
            case Withdrawn():
                on_withdrawn(turn, event)
            case Report():
                on_report(self.world, turn, event)
            case Stated(account, statement):
                on_statement(turn, account, statement)
            case Recovered(account):
                recover(self.world, turn, event)
                self.accounts.arm(turn, account)
        desk = self._desk(turn)
        attach(desk)
        grow_exits(desk)
        self._dispatch_all(turn)
        return self._close(turn, subscribe=turn.born > 0)

    def _desk(self, turn: Turn) -> RuleDesk:
        return RuleDesk(self.world, turn, self._arm_price, self.watches.feed_serving)

    def _arm_price(self, rule: Rule) -> Print | None:
        """Return the print by which a rule can be armed at once: the last one, while its feed is watched and its account armed."""
        watch = self.watches.of_rule(rule)
        if watch is None or watch.last is None or watch.blind_since is not None or not self.accounts.ready.get(rule.account):
            return None
        return Print(watch.last.price, watch.last.time, watch.last.sequence)

    def _on_command(self, command: Command) -> Sequence[Unit]:
        turn = Turn(self.book, self.now, command.by)
        desk = CommandDesk(self._desk(turn), self.show, self.list_rules, self.status)
        turn.act(Reply(command.id, desk.answer(command)))
        return self._close(turn, subscribe=True)

    def _on_plan(self, plan: Plan) -> Sequence[Unit]:
        if plan.dry:
            turn = Turn(self.book, self.now, plan.by)
            rehearse(self._desk(turn), plan, self.show_briefly)
            return self._close(turn)
        self._taking = self._take_plan(plan)
        return self._go_on_taking()

    def _take_plan(self, plan: Plan) -> Steps[list[Unit]]:
        """Take a plan in steps; a hundred thousand rules take seconds, and nobody else could do anything meanwhile."""
        turn = Turn(self.book, self.now, plan.by)
        self.pending = yield from taking(self._desk(turn), plan, self.pending)
        touched, turn.touched = list(turn.touched), {}
        for number, rule_id in enumerate(touched):
            if number % STEP == 0:
                yield
            self.watches.see(rule_id, self.now)
        return self._close(turn, subscribe=True)

    def _go_on_taking(self) -> list[Unit]:
        """Take the next steps of a plan, all of them where nobody waits. Its unit comes whole, with the last."""
        assert self._taking is not None
        try:
            for _ in range(self.fires_at_once // STEPS_FOR_FIRES + 1):
                next(self._taking)
        except StopIteration as end:
            self._taking = None
            units: list[Unit] = end.value
            return units
        return [Unit()]

    def _on_plan_refused(self, event: PlanRefused) -> Sequence[Unit]:
        turn = Turn(self.book, self.now, "file")
        params = {"count": str(len(event.mistakes)), "mistakes": "\n".join(event.mistakes)}
        turn.alert("file", Note("plan.refused", params))
        if event.request is not None:
            turn.act(Reply(event.request, {"ok": False, "code": "plan.refused", "params": params, "exit": 2}))
        return self._close(turn)

    def _close(self, turn: Turn, *, subscribe: bool = False) -> list[Unit]:
        """Show the index what a turn changed and return its unit."""
        for account, instrument in turn.recosted:
            resting = dict.fromkeys(self._resting_on_cost(account, instrument))
            keep_to_cost(self.world, turn, resting)
            turn.touched |= resting
        for rule_id in turn.touched:
            self.watches.see(rule_id, self.now)
        for instrument in turn.traded:
            self.watches.observe(instrument)
        if subscribe:
            self.links.subscribe(turn)
        return [turn.unit()] if turn.records or turn.acts else []

    def _resting_on_cost(self, account: AccountName, instrument: InstrumentId) -> list[RuleId]:
        """Return the watching rules whose levels move with what the holding cost; to all others a fill is nothing."""
        seen = [leg for watch in self.watches.of_instrument(instrument) for leg in watch.legs.values()]
        mine = [leg for leg in seen if leg.record.rule.account == account]
        return [leg.leg.rule for leg in mine if leg.leg.breakeven or rests_on_cost(leg.sight.trigger)]

    def show(self, record: RuleRecord) -> View:
        """Show one rule with its fires and orders."""
        return story_view(self.world, self.book, record, self.watches.of_rule(record.rule), self.now)

    def show_briefly(self, record: RuleRecord) -> View:
        """Show one rule as a list does."""
        return rule_view(self.world, self.book, record, self.watches.of_rule(record.rule))

    def list_rules(self) -> list[View]:
        """Show every rule, in the order of creation."""
        return [self.show_briefly(record) for record in self.book.rules.values()]

    def status(self) -> View:
        """Show what an owner asks first: mode, what is armed, held, blind; what is protected; what was dropped and why."""
        promised = commitments(self.world, self.book)
        return {
            "mode": self.world.mode.value,
            "live": self.world.mode is Mode.LIVE,
            "now": self.now,
            "started": self.started,
            "accounts": [self.accounts.view(self.book, name) for name in sorted(self.world.accounts)],
            "feeds": [self.links.view(feed.name) for feed in self.world.feeds],
            "markets": markets_view(self.world, self.book, self.now),
            "rules": counts(self.book),
            "positions": protected(self.book, promised),
            "commitments": promised,
            "open_orders": open_orders(self.book),
            "held": held_view(self.book),
            "pending_plan": self.pending is not None,
            "dropped": [{"where": w, "reason": r, "count": n} for (w, r), n in sorted(self.counters.items())],
        }
