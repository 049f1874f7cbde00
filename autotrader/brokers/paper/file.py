"""The paper account's own SQLite file: made whole before its first use, every change one flushed transaction.

It is not the daemon's store: it stands for the broker's side of the wire, and survives whatever happens to the other.
"""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib import resources
from pathlib import Path

from autotrader.brokers.paper.records import Account, Answer, Changes, KeptExecution, KeptOrder, Stage
from autotrader.domain.money import ZERO, text
from autotrader.domain.order import BrokerOrder, Cost, Execution, OrderId, OrderStatus, OutcomeKind
from autotrader.domain.rule import OrderType, Side, TimeInForce
from autotrader.domain.tick import InstrumentId
from autotrader.errors import BrokerUnreachable, CorruptState, NewerStore

Row = tuple[str, ...]
_KEEP_ORDER = f"INSERT OR REPLACE INTO orders VALUES ({','.join('?' * 22)})"
IN_MEMORY = ":memory:"
"""SQLite's name for a file that is none."""


class PaperFile:
    """One account's file. Used from one thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection: sqlite3.Connection | None = None

    def open(self, fresh: Account) -> Account:
        """Return the account that the file keeps; a new file begins with the fresh one."""
        try:
            if str(self.path) != IN_MEMORY:
                os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite would make it readable for all
            self._connection = sqlite3.connect(self.path, isolation_level=None, timeout=5)
            self._migrate(fresh)
            return self._read()
        except NewerStore:
            self.close()
            raise
        except (sqlite3.OperationalError, OSError) as trouble:
            self.close()
            raise BrokerUnreachable("paper.cannot_open", path=str(self.path), reason=str(trouble)) from trouble
        except (sqlite3.DatabaseError, ValueError, ArithmeticError) as damage:
            self.close()
            raise CorruptState("paper.damaged_file", path=str(self.path), reason=str(damage)) from damage

    def write(self, changes: Changes) -> None:
        """Write one step, whole or not at all; it is on disk when this returns."""
        with self._transaction() as db:
            db.executemany(_KEEP_ORDER, map(_order_row, changes.orders))
            db.executemany("INSERT INTO executions VALUES (?,?,?,?,?,?,?)", map(_execution_row, changes.executions))
            answers = ((a.client_id, a.kind.value, a.order_id, a.detail, int(a.inadmissible)) for a in changes.answers)
            db.executemany("INSERT INTO answers VALUES (?,?,?,?,?)", answers)
            self._write_wallet(db, changes.cash, changes.positions)

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.ProgrammingError("the file is closed")
        return self._connection

    def _migrate(self, fresh: Account) -> None:
        """Bring the file to the newest schema, each step one transaction; the first one brings the opening balance too."""
        db = self._db()
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        steps = list(_schema())
        (found,) = db.execute("PRAGMA user_version").fetchone()
        if found > len(steps):
            raise NewerStore("paper.newer_file", path=str(self.path), found=found, known=len(steps))
        for number, script in enumerate(steps[found:], start=found + 1):
            with self._transaction(script):
                if number == 1:
                    db.execute("INSERT INTO account VALUES (?,?)", (fresh.name, fresh.born))
                    self._write_wallet(db, fresh.cash, fresh.positions)
                db.execute(f"PRAGMA user_version={number}")
            _flush_directory(self.path.parent)

    @contextmanager
    def _transaction(self, script: str = "") -> Iterator[sqlite3.Connection]:
        db = self._db()
        db.executescript(f"BEGIN IMMEDIATE; {script}") if script else db.execute("BEGIN IMMEDIATE")
        try:
            yield db
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise

    def _write_wallet(self, db: sqlite3.Connection, cash: dict[str, Decimal], positions: dict[InstrumentId, Cost]) -> None:
        db.executemany("INSERT OR REPLACE INTO cash VALUES (?,?)", ((currency, text(total)) for currency, total in cash.items()))
        kept = ((name, text(cost.quantity), text(cost.total)) for name, cost in positions.items() if cost.quantity)
        db.executemany("INSERT OR REPLACE INTO positions VALUES (?,?,?)", kept)
        closed = ((name,) for name, cost in positions.items() if not cost.quantity)
        db.executemany("DELETE FROM positions WHERE instrument = ?", closed)

    def _read(self) -> Account:
        db = self._db()
        ((name, born),) = db.execute("SELECT name, born FROM account")
        executions, count = _executions(db.execute("SELECT * FROM executions ORDER BY number"))
        return Account(
            name=name,
            born=born,
            cash={currency: Decimal(total) for currency, total in db.execute("SELECT * FROM cash")},
            positions={name: Cost(Decimal(cost), Decimal(quantity)) for name, quantity, cost in db.execute("SELECT * FROM positions")},
            orders=tuple(_kept_order(row, executions) for row in db.execute("SELECT * FROM orders ORDER BY number")),
            executions=count,
            answers=tuple(Answer(c, OutcomeKind(kind), o, d, bool(i)) for c, kind, o, d, i in db.execute("SELECT * FROM answers")),
        )


def _schema() -> Iterator[str]:
    files = resources.files("autotrader.brokers.paper").joinpath("schema").iterdir()
    for file in sorted((f for f in files if f.name.endswith(".sql")), key=lambda f: f.name):
        yield file.read_text(encoding="utf-8")


def _flush_directory(path: Path) -> None:
    """Make the new file's name as durable as its contents."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _order_row(row: KeptOrder) -> tuple[object, ...]:
    o = row.order
    fixed = (row.number, o.order_id, o.client_id, o.instrument, o.side.value, o.type.value, text(o.quantity), _text(o.price))
    state = (o.status.value, text(o.filled), o.reason, int(row.resting), o.tif.value, o.venue, row.stage.value, _text(row.stop))
    return (*fixed, *state, int(row.quoted), _text(row.ahead), text(row.least), text(row.most), row.turn, row.ends)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else text(value)


def _number(raw: str | None) -> Decimal | None:
    return None if raw is None else Decimal(raw)


def _kept_order(row: Row, executions: dict[str, list[Execution]]) -> KeptOrder:
    number, order_id, client_id, instrument, side, kind, quantity, price, status, filled, reason, resting, *more = row
    tif, venue, stage, stop, quoted, ahead, least, most, turn, ends = more
    done = tuple(executions.get(order_id, ()))
    if sum((execution.quantity for execution in done), ZERO) != Decimal(filled):
        raise ValueError(f"the executions of {order_id} do not add up to {filled}")
    order = BrokerOrder(
        order_id=OrderId(order_id),
        client_id=client_id,
        instrument=InstrumentId(instrument),
        side=Side(side),
        type=OrderType(kind),
        quantity=Decimal(quantity),
        price=_number(price),
        status=OrderStatus(status),
        filled=Decimal(filled),
        executions=done,
        reason=reason,
        tif=TimeInForce(tif),
        venue=venue,
    )
    return KeptOrder(
        number=int(number),
        order=order,
        resting=bool(resting),
        stage=Stage(stage),
        stop=_number(stop),
        quoted=bool(quoted),
        ahead=_number(ahead),
        least=Decimal(least),
        most=Decimal(most),
        turn=int(turn),
        ends=int(ends),
    )


def _execution_row(row: KeptExecution) -> tuple[object, ...]:
    e = row.execution
    return (row.number, row.order_id, e.execution_id, text(e.price), text(e.quantity), text(e.fee), e.time)


def _executions(rows: Iterable[Row]) -> tuple[dict[str, list[Execution]], int]:
    """Return the executions of every order, and the highest number given."""
    found: dict[str, list[Execution]] = {}
    last = 0
    for number, order_id, execution_id, price, quantity, fee, time in rows:
        found.setdefault(order_id, []).append(Execution(execution_id, Decimal(price), Decimal(quantity), Decimal(fee), int(time)))
        last = int(number)
    return found, last
