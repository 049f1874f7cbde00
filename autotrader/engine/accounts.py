"""Which accounts may trade now: recovered ones (safety U2); and whether a met trigger may fire, all that is asked before the venue."""

from autotrader.domain.rule import AccountName, Action, order_of
from autotrader.domain.tick import Tick
from autotrader.engine.admission import Answer, Clearance, clear
from autotrader.engine.book import Book, Turn
from autotrader.engine.conditions import unmet
from autotrader.engine.confirming import waits_for
from autotrader.engine.events import FeedClock, Unreachable
from autotrader.engine.index import Watched
from autotrader.engine.records import Note
from autotrader.engine.triggers import time_of
from autotrader.engine.views import View
from autotrader.engine.watches import Watches
from autotrader.engine.windows import outside_window
from autotrader.engine.world import World
from autotrader.markets.calendar import SECOND
from autotrader.markets.orders import kind_of

CLOCK_HOLDS = 60_000_000_000
"""A live print that is this far from our own time cannot be trusted to fire (safety T3). ns."""


class Accounts:
    """What each account's broker has told since the start: `ready` once its ledger was read, `trouble` while it does not answer."""

    def __init__(self, world: World) -> None:
        self.ready: dict[AccountName, bool] = dict.fromkeys(world.accounts, False)
        self._trouble: dict[AccountName, str] = {}
        self._recovered_at: dict[AccountName, int] = {}

    def arm(self, turn: Turn, account: AccountName) -> None:
        """Take an account whose ledger was read."""
        if not self.ready.get(account):
            turn.journal(f"account/{account}", "recovering", "armed", Note("account.armed", {"account": account}))
        self.ready[account] = True
        self._recovered_at[account] = turn.now
        self._trouble.pop(account, None)

    def lose(self, turn: Turn, event: Unreachable) -> None:
        """Take that an account's broker does not answer; each reason is told once."""
        if self._trouble.get(event.account) == event.reason:
            return
        self.ready[event.account] = False
        self._trouble[event.account] = event.reason
        turn.alert(f"account/{event.account}", Note("account.unreachable", {"account": event.account, "reason": event.reason}))

    def stopped(self, account: AccountName) -> Note | None:
        """Return why an account may not trade now, None when it may."""
        if self.ready.get(account):
            return None
        return Note("blocked.account", {"account": account, "reason": self._trouble.get(account, "recovering")})

    def view(self, book: Book, account: AccountName) -> View:
        """Show an account as `status` does."""
        cash = {c.currency: format(c.total, "f") for (name, _), c in sorted(book.cash.items()) if name == account}
        state = "armed" if self.ready[account] else "recovering"
        return {
            "name": account,
            "state": "unreachable" if account in self._trouble else state,
            "reason": self._trouble.get(account, ""),
            "recovered": self._recovered_at.get(account, 0),
            "cash": cash,
        }


def gate(world: World, book: Book, accounts: Accounts, watches: Watches, leg: Watched, tick: Tick) -> Clearance:
    """Say whether a met trigger may fire now, and what is sent then: the account is recovered, the clock is right, the
    rule's window is open, its conditions hold, and the venue takes the order or one in its place (safety 6). Word to a person
    needs no venue."""
    rule = leg.record.rule
    order = order_of(rule, leg.text)
    kind = kind_of(order.type, order.tif)
    stopped = accounts.stopped(rule.account) or _wrong_clock(world, leg, tick, book.now)
    if stopped is None:
        stopped = outside_window(world, book, rule, book.now) or unmet(world, book, rule, tick.price, watches.fresh, book.now)
    if stopped is not None:
        return Clearance(Answer.STOPPED, kind, stopped)
    return Clearance(Answer.GO, kind) if rule.action is Action.ALERT else clear(world, book, rule, kind, book.now)


def _wrong_clock(world: World, leg: Watched, tick: Tick, now: int) -> Note | None:
    """Return that a live print is too far from our own time to fire what goes by prices."""
    rule = leg.record.rule
    feed = world.feed_of(rule.instrument, rule.feed)
    if feed is None or feed.clock is not FeedClock.LIVE or not world.guards.stale or time_of(leg.sight.trigger):
        return None
    if abs(now - tick.time) <= CLOCK_HOLDS + waits_for(rule):
        return None
    return Note("blocked.clock", {"feed": feed.name, "seconds": str((now - tick.time) // SECOND)})
