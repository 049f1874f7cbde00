"""The paper broker's file and its order of things: durable first, told afterwards, never before and never half."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from decimal import Decimal
from importlib import resources
from pathlib import Path

import pytest
from broker_contract import SAMSUNG, attempt, kept, placed, settings, told, won
from fakes import FakeClock
from msgspec.structs import replace

from autotrader.brokers.paper.book import PaperBook
from autotrader.brokers.paper.client import PaperBroker, open_broker
from autotrader.brokers.paper.file import PaperFile
from autotrader.brokers.paper.records import Account, Changes
from autotrader.config.markets import load_markets
from autotrader.domain.order import OrderId, OutcomeKind
from autotrader.domain.rule import AccountName, TimeInForce
from autotrader.domain.tick import Tick
from autotrader.errors import BrokerUnreachable, CorruptState, NewerStore

NOON = 1_786_676_400_000_000_000


class FullDisk(PaperFile):
    """A file that can be written so many times, and then no more."""

    writes = 1_000_000

    def write(self, changes: Changes) -> None:
        if self.writes == 0:
            raise sqlite3.OperationalError("database or disk is full")
        self.writes -= 1
        super().write(changes)


def made(state: Path, file: PaperFile | None = None) -> PaperBroker:
    return PaperBroker(settings(), file or PaperFile(state / "paper-main.sqlite3"), load_markets(), FakeClock(NOON))


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[PaperBroker]:
    paper = made(tmp_path)
    await paper.start()
    yield paper
    await paper.close()


def samsung(price: str, size: str = "1000") -> Tick:
    return Tick(SAMSUNG, Decimal(price), Decimal(size), NOON)


async def test_the_opening_balance_is_taken_only_when_the_file_is_new(tmp_path: Path) -> None:
    first = made(tmp_path)
    await first.start()
    await first.close()
    richer = replace(settings(), cash={"KRW": Decimal(99)})
    again = open_broker(richer, state=str(tmp_path), markets=load_markets(), clock=FakeClock())
    await again.start()
    assert won(await again.statement()).total == 10_000_000
    await again.close()


async def test_nobody_else_may_read_what_an_account_holds(tmp_path: Path, broker: PaperBroker) -> None:
    await placed(broker, attempt())
    assert {path.stat().st_mode & 0o077 for path in tmp_path.glob("paper-*")} == {0}


async def test_an_account_in_memory_leaves_no_file(tmp_path: Path) -> None:
    before = set(Path.cwd().iterdir())
    paper = made(tmp_path, PaperFile(Path(":memory:")))
    await paper.start()
    await paper.close()
    assert set(Path.cwd().iterdir()) == before


async def test_two_accounts_in_one_state_directory_are_kept_apart(tmp_path: Path, broker: PaperBroker) -> None:
    other = open_broker(replace(settings(), name=AccountName("other")), state=str(tmp_path), markets=load_markets(), clock=FakeClock())
    await other.start()
    await placed(broker, attempt())
    assert await other.ledger() == ()
    await other.close()


async def test_a_print_shown_before_a_placement_never_fills_it(broker: PaperBroker) -> None:
    broker.show(samsung("70000"))
    async with asyncio.TaskGroup() as group:
        placing = group.create_task(broker.place(attempt()))
        broker.show(samsung("70000"))  # The task has not begun yet.
    assert (await kept(broker, OrderId(placing.result().order_id))).filled == 0


async def test_a_print_shown_while_the_acceptance_is_written_fills_after_it(broker: PaperBroker) -> None:
    reports = broker.reports()
    async with asyncio.TaskGroup() as group:
        placing = group.create_task(broker.place(attempt()))
        group.create_task(_show(broker, samsung("70000", "4")))
    await told(reports, OrderId(placing.result().order_id), "4")


async def _show(broker: PaperBroker, tick: Tick) -> None:
    broker.show(tick)


async def test_a_slow_reader_gets_the_newest_state_and_misses_no_execution(broker: PaperBroker) -> None:
    order_id = await placed(broker, attempt())
    for _ in range(10):
        broker.show(samsung("70000", "1"))
    await broker.ledger()
    report = await anext(aiter(broker.reports()))
    assert (report.order.order_id, len(report.order.executions), report.order.filled) == (order_id, 10, 10)


async def test_the_last_report_told_after_a_slow_write_carries_the_newest_statement(broker: PaperBroker) -> None:
    await placed(broker, attempt("a/below/1/1"))
    await placed(broker, attempt("b/above/1/1", limit=None))
    reports = broker.reports()
    for _ in range(2):
        await anext(aiter(reports))
    for price in ("70000", "70000", "70100", "70000"):  # the first begins a write, the others wait for its end
        broker.show(samsung(price, "1"))
    await broker.ledger()
    last = [await anext(aiter(reports)) for _ in range(2)][-1]
    assert last.statement == await broker.statement()


async def test_a_caller_that_is_cancelled_does_not_undo_the_acceptance(broker: PaperBroker) -> None:
    placing = asyncio.ensure_future(broker.place(attempt()))
    asyncio.get_running_loop().call_soon(placing.cancel)
    with pytest.raises(asyncio.CancelledError):
        await placing
    order = await broker.find("r-stop-1-1")
    assert order is not None
    assert (await broker.place(attempt())).order_id == order.order_id


async def test_an_acceptance_that_cannot_be_written_is_unknown_and_nothing_more_is_taken(tmp_path: Path) -> None:
    file = FullDisk(tmp_path / "paper-main.sqlite3")
    broker = made(tmp_path, file)
    await broker.start()
    first = await placed(broker, attempt("a/stop/1/1"))
    file.writes = 0
    assert (await broker.place(attempt("b/stop/1/1"))).kind is OutcomeKind.UNKNOWN
    file.writes = 9
    assert (await broker.place(attempt("c/stop/1/1"))).kind is OutcomeKind.NOT_SENT
    assert (await broker.withdraw("w", first)).kind is OutcomeKind.NOT_SENT
    with pytest.raises(BrokerUnreachable):
        await broker.ledger()
    with pytest.raises(sqlite3.OperationalError, match="disk is full"):
        _ = [report async for report in broker.reports()]
    await broker.close()
    again = made(tmp_path)
    await again.start()
    assert [order.order_id for order in await again.ledger()] == [first]
    await again.close()


async def test_a_fill_that_cannot_be_written_is_never_told(tmp_path: Path) -> None:
    file = FullDisk(tmp_path / "paper-main.sqlite3")
    broker = made(tmp_path, file)
    await broker.start()
    order_id = await placed(broker, attempt())
    file.writes = 0
    broker.show(samsung("70000"))
    seen = []
    with pytest.raises(sqlite3.OperationalError):
        async for report in broker.reports():
            seen.append((report.order.order_id, report.order.filled))
    assert seen == [(order_id, 0)]
    await broker.close()


async def test_a_broker_that_is_not_open_takes_and_tells_nothing(tmp_path: Path) -> None:
    broker = made(tmp_path)
    broker.show(samsung("70000"))
    assert (await broker.place(attempt())).kind is OutcomeKind.NOT_SENT
    with pytest.raises(BrokerUnreachable):
        await broker.statement()
    await broker.close()


async def test_quiet_prints_write_nothing(broker: PaperBroker, tmp_path: Path) -> None:
    await placed(broker, attempt())
    broker.show(samsung("71000"))
    await broker.ledger()
    before = (tmp_path / "paper-main.sqlite3-wal").stat().st_size
    for _ in range(100):
        broker.show(samsung("71000"))
    await broker.ledger()
    assert (tmp_path / "paper-main.sqlite3-wal").stat().st_size == before


async def test_an_order_that_rested_still_rests_after_a_restart(tmp_path: Path) -> None:
    broker = made(tmp_path)
    await broker.start()
    order_id = await placed(broker, attempt())
    broker.show(samsung("71000"))
    await broker.close()
    again = made(tmp_path)
    await again.start()
    again.show(samsung("69000"))
    assert [execution.price for execution in (await kept(again, order_id)).executions] == [70000]
    await again.close()


def fresh() -> Account:
    return Account("main", 0, {"KRW": Decimal(1)}, {})


def test_a_damaged_file_is_left_as_it_is_and_named(tmp_path: Path) -> None:
    path = tmp_path / "paper-main.sqlite3"
    path.write_bytes(b"this is not a database, and it never was one" * 100)
    before = path.read_bytes()
    with pytest.raises(CorruptState, match=r"paper-main\.sqlite3 cannot be read"):
        PaperFile(path).open(fresh())
    assert path.read_bytes() == before


def test_a_file_whose_executions_do_not_add_up_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "paper-main.sqlite3"
    file = PaperFile(path)
    file.open(fresh())
    file.close()
    with sqlite3.connect(path) as db:
        columns = "number,order_id,client_id,instrument,side,type,quantity,price,status,filled,reason,resting"
        db.execute(f"INSERT INTO orders ({columns}) VALUES (1,'o','','KRX:005930','buy','market','2',NULL,'partial','1','',0)")
    db.close()
    with pytest.raises(CorruptState, match="add up"):
        PaperFile(path).open(fresh())


def test_a_file_of_the_first_version_opens_and_its_orders_go_on(tmp_path: Path) -> None:
    path = tmp_path / "paper-main.sqlite3"
    first = resources.files("autotrader.brokers.paper").joinpath("schema/001.sql").read_text(encoding="utf-8")
    with sqlite3.connect(path) as db:
        db.executescript(first)
        db.executescript("""
            PRAGMA user_version=1;
            INSERT INTO account VALUES ('main', 0);
            INSERT INTO cash VALUES ('KRW', '1000000');
            INSERT INTO orders VALUES (1,'main-0-1','a','KRX:005930','buy','limit','3','70000','partial','1','',1);
            INSERT INTO executions VALUES (1,'main-0-1','main-0-x1','70000','1','10',5);
            INSERT INTO answers VALUES ('a','accepted','main-0-1','');
        """)
    db.close()
    file = PaperFile(path)
    book = PaperBook(file.open(fresh()), load_markets())
    (before,) = book.ledger()
    assert (before.filled, before.range, before.tif, before.venue) == (1, None, TimeInForce.DAY, "")
    book.show(samsung("69000"))
    assert [execution.price for execution in book.ledger()[0].executions] == [70000, 70000]
    file.write(book.unsaved())
    file.close()
    assert PaperBook(PaperFile(path).open(fresh()), load_markets()).ledger() == book.ledger()


def test_a_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "paper-main.sqlite3"
    file = PaperFile(path)
    file.open(fresh())
    file.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(NewerStore, match="format 99"):
        PaperFile(path).open(fresh())


def test_a_directory_that_is_not_there_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(BrokerUnreachable, match="cannot be opened"):
        PaperFile(tmp_path / "nowhere" / "paper-main.sqlite3").open(fresh())


def test_a_file_that_was_created_but_not_finished_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "paper-main.sqlite3"
    sqlite3.connect(path).close()
    file = PaperFile(path)
    assert file.open(fresh()) == fresh()
    file.close()


def test_the_file_is_flushed_on_every_commit(tmp_path: Path) -> None:
    file = PaperFile(tmp_path / "paper-main.sqlite3")
    file.open(fresh())
    assert [file._db().execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")] == ["wal", 2]
    file.close()
