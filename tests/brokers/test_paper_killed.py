"""A paper account that is killed at any moment keeps what it told, and nothing of it is half applied."""

import json
import os
import random
import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from broker_contract import settings

from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.file import PaperFile
from autotrader.brokers.paper.records import opening
from autotrader.config.markets import load_markets
from autotrader.domain.order import ENDED, BrokerOrder
from autotrader.domain.rule import Side

HERE = Path(__file__).parent
KILLS = 12
Told = list[dict[str, Any]]


def lived(state: Path, seed: int, number: int, moment: str, last: int, place: str = "prints") -> Told:
    """Let the victim live until it kills itself, and return all that it said."""
    path = os.pathsep.join(place for place in sys.path if place)
    command = [sys.executable, str(HERE / "paper_victim.py"), str(state), str(seed), str(number), moment, str(last), place]
    victim = subprocess.run(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}, timeout=20, check=False)
    assert victim.returncode == -signal.SIGKILL
    return [json.loads(line) for line in victim.stdout.splitlines(keepends=True) if line.endswith(b"\n")]


def reopened(state: Path) -> PaperBook:
    """Read the account as a new start does."""
    file = PaperFile(state / "paper-main.sqlite3")
    book = PaperBook(file.open(opening(settings())), load_markets(), settings().fee)
    file.close()
    return book


def missing(told: Told, book: PaperBook) -> list[str]:
    """Return what was told and is not so after the restart."""
    orders = {order.order_id: order for order in book.ledger()}
    return [why for line in told if (why := _missing(line, orders.get(line["order"]), book))]


def _missing(line: dict[str, Any], order: BrokerOrder | None, book: PaperBook) -> str:
    if line["told"] == "outcome":
        return "" if book.find(line["client_id"]) == order else f"the order of {line['client_id']}"
    if order is None:
        return f"the order {line['order']}"
    if line["told"] == "withdrawn":
        return "" if order.status in ENDED else f"the end of {order.order_id}"
    kept = [execution.execution_id for execution in order.executions]
    return "" if kept[: len(line["executions"])] == line["executions"] else f"executions of {order.order_id}"


def check_adds_up(book: PaperBook) -> None:
    """Fail unless cash and quantities are what the executions make of the opening balance."""
    cash = dict(settings().cash)
    held = {name: position.quantity for name, position in settings().positions.items()}
    for order in book.ledger():
        currency = "KRW" if order.instrument.startswith("KRX") else "USDT"
        sign = 1 if order.side is Side.BUY else -1
        assert order.filled == sum(execution.quantity for execution in order.executions) <= order.quantity
        for execution in order.executions:
            held[order.instrument] = held.get(order.instrument, Decimal(0)) + sign * execution.quantity
            cash[currency] -= sign * execution.price * execution.quantity + execution.fee
    statement = book.statement()
    assert {balance.currency: balance.total for balance in statement.balances} == cash
    assert {holding.instrument: holding.quantity for holding in statement.holdings} == {n: q for n, q in held.items() if q}
    ids = [execution.execution_id for order in book.ledger() for execution in order.executions]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("place", ["prints", "exchange"])
def test_a_paper_account_killed_at_any_moment_keeps_what_it_told_and_adds_up(tmp_path: Path, place: str) -> None:
    dice = random.Random(20)
    told = lived(tmp_path, 0, 0, "amidst", 0)
    assert told == []
    for seed in range(KILLS):
        told += lived(tmp_path, seed, len(told), dice.choice(["before", "amidst", "after"]), dice.randrange(1, 90), place)
        book = reopened(tmp_path)
        assert missing(told, book) == []
        check_adds_up(book)
    kinds = {(line["told"], line.get("kind") or line.get("status")) for line in told}
    assert {("outcome", "accepted"), ("outcome", "refused"), ("report", "filled"), ("withdrawn", "accepted")} <= kinds


def test_the_check_catches_an_account_that_forgot_what_it_told(tmp_path: Path) -> None:
    told = lived(tmp_path, 1, 0, "after", 20)
    (tmp_path / "paper-main.sqlite3").unlink()
    (tmp_path / "paper-main.sqlite3-wal").unlink(missing_ok=True)
    assert missing(told, reopened(tmp_path)) != []
