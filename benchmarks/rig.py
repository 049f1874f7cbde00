"""What several benchmarks need: an engine whose account is armed and that watches stops or trails, each with a level of its own."""

from collections.abc import Iterable
from decimal import Decimal

from autotrader.config.markets import load_markets
from autotrader.domain.order import Balance, BrokerOrder, Execution, Holding, OrderId, OrderRequest, OrderStatus, OutcomeKind, Statement
from autotrader.domain.rule import AccountName, AtPrice, Leg, LegName, Percent, Rule, RuleId, Side, Stop, Trail, Trigger
from autotrader.domain.settings import Guards, Mode
from autotrader.domain.tick import FeedName, InstrumentId, Tick
from autotrader.engine.engine import Engine
from autotrader.engine.events import Event, FeedClock, Link, LinkState, Outcome, Plan, Recovered, Report
from autotrader.engine.records import Snapshot
from autotrader.engine.world import AccountFacts, FeedFacts, World

BITCOIN = InstrumentId("BINANCE:BTCUSDT")
MAIN = AccountName("main")
FEED = FeedName("x")
TOP = 200_000
"""The price from which the benchmarks fall: above every level."""
PLENTY = Decimal(10**9)


def stops(count: int, *, distinct: bool) -> tuple[Rule, ...]:
    """Return sells of one share, their levels one apart below the top, or all the same."""
    return tuple(_rule(n, Stop(AtPrice(Decimal(TOP - 1 - n * distinct)))) for n in range(count))


def one_each(count: int) -> tuple[Rule, ...]:
    """Return as many sells, each of an instrument of its own, all at the same level."""
    return tuple(_rule(n, Stop(AtPrice(Decimal(TOP - 1))), coin(n)) for n in range(count))


def coin_name(number: int) -> str:
    """Return the text of an instrument's id."""
    return f"BINANCE:S{number}USDT"


def coin(number: int) -> InstrumentId:
    """Return an instrument."""
    return InstrumentId(coin_name(number))


def held(instruments: Iterable[InstrumentId]) -> Statement:
    """Return a ledger with plenty of everything."""
    return Statement(tuple(Holding(i, PLENTY, PLENTY, PLENTY) for i in instruments), (Balance("USDT", PLENTY, PLENTY),))


def trails_of_their_own(count: int) -> list[Event]:
    """Return what makes an engine trail as many instruments, each with one rule."""
    return opening(tuple(_rule(n, Trail(Percent(Decimal(3))), coin(n)) for n in range(count)))


def _rule(number: int, trigger: Trigger, instrument: InstrumentId = BITCOIN) -> Rule:
    leg = Leg(LegName(type(trigger).__name__.lower()), trigger)
    return Rule(RuleId(f"r{number}"), MAIN, instrument, Side.SELL, Decimal(1), (leg,))


def world() -> World:
    """Return one account with lasting ids and one feed on its own time, the guards at their defaults."""
    feeds = (FeedFacts(FEED, FeedClock.RECORDED, ("BINANCE:*",)),)
    return World("bench", Mode.PAPER, load_markets(), Guards(), {MAIN: AccountFacts(MAIN, lasting_ids=True)}, feeds)


def opening(rules: tuple[Rule, ...]) -> list[Event]:
    """Return what makes an engine watch these rules: a ledger, a link, the file, and a first print above all levels."""
    instruments = list(dict.fromkeys(rule.instrument for rule in rules))
    first = [tick(TOP, 1, instrument) for instrument in instruments]
    return [Recovered(MAIN, (), held(instruments)), Link(FEED, LinkState.UP), Plan(rules, confirmed=True), *first]


def engine() -> Engine:
    """Return an engine with an empty book."""
    return Engine(world(), Snapshot(), 1)


def tick(price: int, number: int, instrument: InstrumentId = BITCOIN) -> Tick:
    """Return a print."""
    return Tick(instrument, Decimal(price), Decimal(1), number * 1_000_000, number, number)


def answers(request: OrderRequest, price: int) -> list[Event]:
    """Return what a broker says to an order: taken, then filled."""
    order_id = OrderId(f"o-{request.intent}")
    fill = Execution(f"e-{request.intent}", Decimal(price), request.quantity, Decimal(0), 1)
    order = BrokerOrder(
        order_id=order_id,
        client_id=request.client_id,
        instrument=request.instrument,
        side=request.side,
        type=request.type,
        quantity=request.quantity,
        price=None,
        status=OrderStatus.FILLED,
        filled=request.quantity,
        executions=(fill,),
    )
    return [Outcome(request.intent, request.attempt, OutcomeKind.ACCEPTED, order_id), Report(request.account, order)]
