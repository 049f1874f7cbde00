"""What the engine is told of its surroundings once, at the start: accounts, feeds, markets, guards. Plain values."""

from functools import lru_cache

from msgspec import Struct

from autotrader.domain.rule import AccountName
from autotrader.domain.settings import Guards, Mode
from autotrader.domain.tick import FeedName, InstrumentId
from autotrader.engine.events import FeedClock
from autotrader.markets.profile import Markets


class AccountFacts(Struct, frozen=True):
    """What the engine must know of an account's broker. `lasting_ids`: a client order id can be looked up for ever."""

    name: AccountName
    lasting_ids: bool = False
    fills_from_prints: bool = False


class FeedFacts(Struct, frozen=True):
    """A feed's clock and the instruments it serves: ids, or `MARKET:*`.

    `hours`: it keeps the market's hours, so that sessions are judged by the calendar on its clock; a feed that does not
    trades without a pause, and only a session that its prints name is judged.
    """

    name: FeedName
    clock: FeedClock
    patterns: tuple[str, ...]
    hours: bool = False

    def serves(self, instrument: InstrumentId) -> bool:
        """Tell whether the feed has prices of the instrument."""
        return _serves(self.patterns, instrument)


@lru_cache(maxsize=8192)
def _serves(patterns: tuple[str, ...], instrument: InstrumentId) -> bool:
    market = instrument.partition(":")[0]
    return instrument in patterns or f"{market}:*" in patterns


class World(Struct, frozen=True):
    """Everything around the engine that does not change while it runs. `instance` prefixes client order ids."""

    instance: str
    mode: Mode
    markets: Markets
    guards: Guards
    accounts: dict[AccountName, AccountFacts]
    feeds: tuple[FeedFacts, ...]
    first_print_fires: bool = False
    """In a replay the first print of an instrument may fire; in the daemon a condition met at arm is rejected (semantics 2.9)."""
    judge_validity: bool = True

    def account(self, name: AccountName) -> AccountFacts:
        """Return what is known of an account; of one that the file no longer has, only that it can do nothing."""
        return self.accounts.get(name) or AccountFacts(name)

    def feed_of(self, instrument: InstrumentId, wanted: FeedName | None) -> FeedFacts | None:
        """Return the feed a rule listens to: the one it names, else the first that serves the instrument."""
        for feed in self.feeds:
            if (wanted is None or wanted == feed.name) and feed.serves(instrument):
                return feed
        return None
