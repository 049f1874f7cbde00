"""Whatever is asked of a paper account and whatever prints: it never has less than nothing and never fills better than the print."""

import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.file import PaperFile
from autotrader.brokers.paper.records import Account
from autotrader.config.markets import load_markets
from autotrader.domain.order import Cost, IntentId, OrderId, OrderRequest
from autotrader.domain.rule import AccountName, OrderType, Side
from autotrader.domain.tick import InstrumentId, Tick

NAMES = [InstrumentId(name) for name in ("KRX:005930", "BINANCE:BTCUSDT", "UPBIT:KRW-BTC")]
PRICES = [Decimal(price) for price in ("69900", "70000", "70100")]
SIZES = [Decimal(size) for size in ("0.5", "1", "3", "7")]
STORIES = 60
START = Account(
    "main", 0, {"KRW": Decimal(500_000), "USDT": Decimal(400_000)}, {name: Cost(Decimal(350_000), Decimal(5)) for name in NAMES[:2]}
)
TIME = 1_786_676_400_000_000_000

Step = tuple[object, ...]


def story(seed: int) -> list[Step]:
    """Return sixty random steps: more prints than orders, few withdrawals."""
    dice = random.Random(seed)
    return [_step(dice) for _ in range(60)]


def _step(dice: random.Random) -> Step:
    kind = dice.choice(["place"] * 5 + ["print"] * 6 + ["withdraw"])
    if kind == "withdraw":
        return kind, dice.randrange(1, 12)
    name, size = dice.choice(NAMES), dice.choice(SIZES)
    if kind == "print":
        return kind, name, dice.choice(PRICES), size
    return kind, name, dice.choice(list(Side)), dice.choice([None, *PRICES]), size


def opened() -> PaperBook:
    return PaperBook(START, load_markets())


def do(paper: PaperBook, number: int, step: Step) -> None:
    match step:
        case ("place", instrument, side, price, quantity):
            kind = OrderType.MARKET if price is None else OrderType.LIMIT
            paper.place(OrderRequest(IntentId("i"), 1, str(number), AccountName("main"), instrument, side, kind, quantity, price))
        case ("print", instrument, price, size):
            check_print(paper, Tick(instrument, price, size, TIME))
        case ("withdraw", which):
            paper.withdraw(IntentId("w"), OrderId(f"main-0-{which}"))


def check_print(paper: PaperBook, tick: Tick) -> None:
    before = {execution.execution_id for order in paper.ledger() for execution in order.executions}
    paper.show(tick)
    made = [(o, e) for o in paper.ledger() for e in o.executions if e.execution_id not in before]
    assert sum(execution.quantity for _, execution in made) <= tick.size
    for order, execution in made:
        assert order.instrument == tick.instrument
        better = tick.price - execution.price if order.side is Side.BUY else execution.price - tick.price
        assert better <= 0
        assert order.price is None or (execution.price <= order.price if order.side is Side.BUY else execution.price >= order.price)


def check(paper: PaperBook) -> None:
    statement = paper.statement()
    assert all(0 <= balance.free <= balance.total for balance in statement.balances)
    assert all(0 <= holding.sellable <= holding.quantity for holding in statement.holdings)
    assert all((holding.cost or 0) >= 0 for holding in statement.holdings)
    assert all(order.filled == sum(e.quantity for e in order.executions) <= order.quantity for order in paper.ledger())


def test_an_account_never_has_less_than_nothing_and_no_fill_is_better_than_its_print() -> None:
    for seed in range(STORIES):
        paper = opened()
        for number, step in enumerate(story(seed)):
            do(paper, number, step)
            check(paper)


def test_an_account_written_and_read_again_goes_on_as_if_nothing_had_happened() -> None:
    for seed in range(STORIES):
        straight, interrupted, file = opened(), opened(), InMemory()
        file.open(START)
        for number, step in enumerate(story(seed)):
            do(straight, number, step)
            do(interrupted, number, step)
            file.write(interrupted.unsaved())
            if number % 20 == 19:
                interrupted = PaperBook(file.read(), load_markets())
        assert (interrupted.ledger(), interrupted.statement()) == (straight.ledger(), straight.statement())
        file.close()


class InMemory(PaperFile):
    """The real file, kept in memory: the disk is not what is tested here."""

    def __init__(self) -> None:
        super().__init__(Path(":memory:"))

    def read(self) -> Account:
        return self._read()


def test_a_daemon_with_paper_accounts_carries_no_http_library() -> None:
    program = "import sys, autotrader.brokers.paper.client, autotrader.brokers.loopback.dialect; sys.exit('aiohttp' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=20).returncode == 0
