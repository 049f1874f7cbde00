"""Brokers and feeds by name, found as entry points, so that a new one needs no line here and an unused one is not loaded."""

from collections.abc import Sequence
from importlib.metadata import entry_points
from typing import Any

from autotrader.domain.settings import AccountSettings, FeedSettings, Settings
from autotrader.engine.world import AccountFacts, FeedFacts, World
from autotrader.errors import UserMistake
from autotrader.markets.profile import Markets
from autotrader.ports import Broker, ClientIds, Clock, Feed, SimulatedExchange, TakesOrders


def _load(group: str, name: str) -> Any:
    found = entry_points(group=group)
    if name not in found.names:
        raise UserMistake("adapter.unknown", kind=group.rpartition(".")[2], name=name, known=", ".join(sorted(found.names)))
    return found[name].load()


def open_broker(
    account: AccountSettings, *, state: str, markets: Markets, clock: Clock, exchanges: Sequence[SimulatedExchange] = ()
) -> Broker:
    """Return the broker of an account; nothing is connected yet."""
    adapter = _load("autotrader.brokers", account.broker)
    broker: Broker = adapter(account, state=state, markets=markets, clock=clock, exchanges=exchanges)
    return broker


def open_feed(feed: FeedSettings, *, stale: float | None, clock: Clock) -> Feed:
    """Return a feed; nothing is connected yet."""
    opened: Feed = _load("autotrader.feeds", feed.kind)(feed, stale=stale, clock=clock)
    return opened


def world_of(settings: Settings, instance: str, markets: Markets, brokers: list[Broker], feeds: list[Feed]) -> World:
    """Return what the engine must know of its surroundings."""
    by_name = {broker.account: broker.capabilities for broker in brokers}
    accounts = {
        account.name: AccountFacts(
            account.name,
            lasting_ids=by_name[account.name].client_ids is ClientIds.FOREVER,
            fills_from_prints=by_name[account.name].fills_from_prints,
        )
        for account in settings.accounts
    }
    facts = tuple(
        FeedFacts(item.name, feed.clock, feed.patterns, item.keeps_hours) for item, feed in zip(settings.feeds, feeds, strict=True)
    )
    return World(instance, settings.mode, markets, settings.guards, accounts, facts)


def opened_feeds(settings: Settings, clock: Clock) -> list[Feed]:
    """Return every feed of the settings, in their order."""
    stale = None if settings.guards.stale is None else settings.guards.stale / 1e9
    return [open_feed(feed, stale=stale, clock=clock) for feed in settings.feeds]


def opened_brokers(settings: Settings, state: str, markets: Markets, clock: Clock, feeds: Sequence[Feed] = ()) -> list[Broker]:
    """Return the broker of every account of the settings, in their order; simulated markets take the orders of paper accounts."""
    exchanges = [feed.exchange for feed in feeds if isinstance(feed, TakesOrders)]
    return [open_broker(account, state=state, markets=markets, clock=clock, exchanges=exchanges) for account in settings.accounts]
