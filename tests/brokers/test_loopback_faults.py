"""Each thing that can go wrong between an order and its answer has exactly one outcome, and never a second request."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from broker_contract import SAMSUNG, attempt, placed, settings, told
from loopback_stage import IMPATIENT, LoopbackStage, ServerProcess, Wiretap, http, server_process, staged, wiretap
from waiting import until, until_true

from autotrader.brokers.loopback.client import LoopbackBroker
from autotrader.domain.order import OrderId, OrderRequest, OutcomeKind
from autotrader.engine.events import Outcome
from autotrader.errors import BrokerUnreachable

ACCEPTED, REFUSED, NOT_SENT, UNKNOWN = OutcomeKind.ACCEPTED, OutcomeKind.REFUSED, OutcomeKind.NOT_SENT, OutcomeKind.UNKNOWN


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server_process(tmp_path_factory.mktemp("loopback") / "audit.jsonl") as process:
        yield process


@pytest.fixture
async def stage(server: ServerProcess) -> AsyncIterator[LoopbackStage]:
    async with staged(server) as made:
        yield made


FAULTS = [
    pytest.param("ok", ACCEPTED, 1, id="all is well"),
    pytest.param("refuse", REFUSED, 0, id="a listed refusal is proof"),
    pytest.param("refuse_after_delay:0.05", REFUSED, 0, id="a late refusal is proof"),
    pytest.param("unlisted_refusal", UNKNOWN, 0, id="a refusal by another name proves nothing"),
    pytest.param("lose_answer", UNKNOWN, 1, id="accepted and the answer lost"),
    pytest.param("drop_before", UNKNOWN, 0, id="dropped before it was accepted"),
    pytest.param("hang", UNKNOWN, 1, id="accepted and never answered"),
    pytest.param("500_after", UNKNOWN, 1, id="a server error after the acceptance"),
    pytest.param("500_before", UNKNOWN, 0, id="a server error before the acceptance"),
    pytest.param("garbage_answer", UNKNOWN, 1, id="accepted with an unreadable answer"),
    pytest.param("redirect", UNKNOWN, 0, id="a redirect is not followed"),
    pytest.param("slow:0.05", ACCEPTED, 1, id="slow but in time"),
]


@pytest.mark.parametrize(("fault", "kind", "orders"), FAULTS)
async def test_each_fault_of_a_placement_has_its_outcome_and_reached_the_broker_once(
    stage: LoopbackStage, fault: str, kind: OutcomeKind, orders: int
) -> None:
    await stage.post("/script", [fault])
    outcome = await stage.broker.place(attempt())
    assert (outcome.kind, bool(outcome.order_id)) == (kind, kind is ACCEPTED)
    assert (outcome.detail == "") == (kind is ACCEPTED)
    assert len(await stage.broker.ledger()) == orders
    since_reset = _since_reset(stage.server)
    assert [line["event"] for line in since_reset if line["event"] in {"received", "accepted"}] == ["received", "accepted"][: 1 + orders]
    assert since_reset[0]["body"] == {"instrument": SAMSUNG, "side": "buy", "type": "limit", "quantity": "10", "price": "70000"}


@pytest.mark.parametrize(
    ("fault", "kind", "cancelled"),
    [
        pytest.param("ok", ACCEPTED, True, id="all is well"),
        pytest.param("lose_answer", UNKNOWN, True, id="cancelled and the answer lost"),
        pytest.param("drop_before", UNKNOWN, False, id="dropped before it was cancelled"),
        pytest.param("500_after", UNKNOWN, True, id="a server error after the cancel"),
        pytest.param("garbage_answer", UNKNOWN, True, id="cancelled with an unreadable answer"),
        pytest.param("redirect", UNKNOWN, False, id="a redirect is not followed"),
        pytest.param("refuse", UNKNOWN, False, id="a refusal not listed for cancels proves nothing"),
    ],
)
async def test_each_fault_of_a_withdrawal_has_its_outcome_and_reached_the_broker_once(
    stage: LoopbackStage, fault: str, kind: OutcomeKind, cancelled: bool
) -> None:
    order_id = await placed(stage.broker, attempt())
    await stage.post("/script", {"withdrawals": [fault]})
    assert (await stage.broker.withdraw("r/stop/1/2", order_id)).kind is kind
    assert [order.status.value for order in await stage.broker.ledger()] == ["cancelled" if cancelled else "working"]
    assert [line["event"] for line in _since_reset(stage.server)].count("withdraw") == 1


async def test_an_order_that_is_accepted_after_we_gave_up_waiting_is_seen_in_the_reports(stage: LoopbackStage) -> None:
    await stage.post("/script", ["slow:0.6"])
    reports = stage.broker.reports()
    assert (await stage.broker.place(attempt())).kind is UNKNOWN
    assert await stage.broker.ledger() == ()
    assert (await told(reports, OrderId("L1"), "0")).order.instrument == SAMSUNG


WIRE = [
    pytest.param(http("500 Internal Server Error"), False, id="a server error"),
    pytest.param(http("502 Bad Gateway", b"<html>"), False, id="a gateway error"),
    pytest.param(http("503 Service Unavailable", b"", "Retry-After: 0"), False, id="an invitation to try again"),
    pytest.param(http("307 Temporary Redirect", b"", "Location: /orders"), False, id="a redirect to itself"),
    pytest.param(http("301 Moved Permanently", b"", "Location: /orders"), False, id="a move"),
    pytest.param(http("408 Request Timeout"), False, id="a time-out said by the server"),
    pytest.param(http("401 Unauthorized", b"", 'WWW-Authenticate: Digest realm="x", nonce="y"'), False, id="a challenge"),
    pytest.param(http("425 Too Early"), False, id="too early"),
    pytest.param(http("201 Created", b'{"order_id": ""}'), False, id="an acceptance without a number"),
    pytest.param(http("200 OK", b'{"order_id": "X"}'), False, id="a number without an acceptance"),
    pytest.param(http("201 Created", b'{"order_id": "X"')[:-3], False, id="an answer cut short"),
    pytest.param(b"HTTP/1.1 banana\r\n\r\n", False, id="an answer that is no HTTP"),
    pytest.param(None, False, id="a close instead of an answer"),
    pytest.param(None, True, id="a reset instead of an answer"),
]


async def check_one_request(broker: LoopbackBroker, tap: Wiretap) -> None:
    """Fail unless a placement with an uncertain end is unknown and was one request."""
    assert (await broker.place(attempt())).kind is UNKNOWN
    assert tap.requests == ["POST /orders HTTP/1.1"]


@pytest.mark.parametrize(("answer", "reset"), WIRE)
async def test_one_placement_is_one_request_on_the_wire(answer: bytes | None, reset: bool) -> None:
    async with wiretap(answer, reset=reset) as tap, opened(LoopbackBroker(settings(tap.url), IMPATIENT)) as broker:
        await check_one_request(broker, tap)


@pytest.mark.parametrize(("answer", "reset"), WIRE)
async def test_one_withdrawal_is_one_request_on_the_wire(answer: bytes | None, reset: bool) -> None:
    if answer is not None and answer.startswith(b"HTTP/1.1 200"):
        pytest.skip("a 200 with a number is how a cancel is accepted")
    async with wiretap(answer, reset=reset) as tap, opened(LoopbackBroker(settings(tap.url), IMPATIENT)) as broker:
        assert (await broker.withdraw("r/stop/1/2", OrderId("X"))).kind is UNKNOWN
        assert tap.requests == ["DELETE /orders/X HTTP/1.1"]


async def test_the_http_library_alone_would_send_a_withdrawal_twice() -> None:
    """The condition of the trace in `wire.py`: when this fails, the library has changed and the trace may go."""
    async with wiretap(None) as tap, aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        with pytest.raises(aiohttp.ClientError):
            await session.delete(tap.url + "/orders/X")
        assert tap.requests == ["DELETE /orders/X HTTP/1.1"] * 2


async def test_nothing_was_sent_when_nobody_listens() -> None:
    async with opened(LoopbackBroker(settings(f"http://127.0.0.1:{_unused_port()}"), IMPATIENT)) as broker:
        assert (await broker.place(attempt())).kind is NOT_SENT
        assert (await broker.withdraw("r/stop/1/2", OrderId("X"))).kind is NOT_SENT
        for read in (broker.start, broker.ledger, broker.statement):
            with pytest.raises(BrokerUnreachable):
                await read()


async def test_nothing_was_sent_when_the_connection_is_never_made() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        fillers = [_dial(port) for _ in range(4)]
        async with opened(LoopbackBroker(settings(f"http://127.0.0.1:{port}"), IMPATIENT)) as broker:
            assert (await broker.place(attempt())).kind is NOT_SENT
        for filler in fillers:
            filler.close()


async def test_nothing_was_sent_to_an_address_that_is_none() -> None:
    async with opened(LoopbackBroker(settings("nowhere"), IMPATIENT)) as broker:
        assert (await broker.place(attempt())).kind is NOT_SENT


async def test_a_closed_broker_sends_nothing() -> None:
    async with wiretap(http("201 Created", b'{"order_id": "X"}')) as tap:
        broker = LoopbackBroker(settings(tap.url), IMPATIENT)
        await broker.close()
        assert (await broker.place(attempt())).kind is NOT_SENT
        assert tap.requests == []


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'{"holdings": 3}', b"\xff", b'{"holdings":[],"balances":[{"currency":"KRW"}]}'])
async def test_a_statement_that_cannot_be_read_is_no_statement(body: bytes) -> None:
    async with wiretap(http("200 OK", body)) as tap, opened(LoopbackBroker(settings(tap.url), IMPATIENT)) as broker:
        with pytest.raises(BrokerUnreachable):
            await broker.statement()


class TriesAgain(LoopbackBroker):
    """A planted fault: a placement without an answer is sent again."""

    async def place(self, request: OrderRequest) -> Outcome:
        first = await super().place(request)
        return await super().place(request) if first.kind is UNKNOWN else first


class TakesSilenceForNo(LoopbackBroker):
    """A planted fault: no answer is taken for a refusal."""

    async def place(self, request: OrderRequest) -> Outcome:
        outcome = await super().place(request)
        return Outcome(request.intent, request.attempt, REFUSED) if outcome.kind is UNKNOWN else outcome


@pytest.mark.parametrize("faulty", [TriesAgain, TakesSilenceForNo])
async def test_the_check_catches_a_broker_that_resends_or_guesses(faulty: type[LoopbackBroker]) -> None:
    async with wiretap(None) as tap, opened(faulty(settings(tap.url), IMPATIENT)) as broker:
        with pytest.raises(AssertionError):
            await check_one_request(broker, tap)


async def test_a_market_order_fills_by_itself_where_the_venue_does_that(tmp_path: Path) -> None:
    with server_process(tmp_path / "audit.jsonl", "--fill", "immediate") as process:
        async with staged(process) as stage:
            reports = stage.broker.reports()
            waiting = await placed(stage.broker, attempt("a/stop/1/1", quantity="1", limit=None))
            await stage.post("/price", {"instrument": SAMSUNG, "price": "69900"})
            await told(reports, waiting, "1")
            limit = await placed(stage.broker, attempt("b/stop/1/1", quantity="2", limit="70000"))
            await told(reports, limit, "2")
            market = await placed(stage.broker, attempt("c/stop/1/1", quantity="3", limit=None))
            await told(reports, market, "3")
            prices = [execution.price for order in await stage.broker.ledger() for execution in order.executions]
            assert prices == [69900, 70000, 69900]
        assert [line["event"] for line in process.lines()].count("fill") == 3


async def test_the_audit_is_numbered_and_continued(tmp_path: Path) -> None:
    for _ in range(2):
        with server_process(tmp_path / "audit.jsonl") as process:
            async with staged(process) as stage:
                await placed(stage.broker, attempt())
    assert [line["number"] for line in process.lines()] == list(range(1, len(process.lines()) + 1))
    assert [line["event"] for line in process.lines()] == ["reset", "received", "accepted"] * 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "name"),
    [
        pytest.param("POST", "/script", '["no such fault"]', 400, "unreadable", id="a fault that nobody knows"),
        pytest.param("POST", "/script", "[", 400, "unreadable", id="half a script"),
        pytest.param("POST", "/orders", "\\", 400, "unreadable", id="an order that is no JSON"),
        pytest.param("POST", "/fill", '{"order_id": "L9", "price": "1", "quantity": "1"}', 404, "no_such_order", id="a fill of nothing"),
        pytest.param("GET", "/orders/L9", None, 404, "no_such_order", id="an order that never was"),
        pytest.param("DELETE", "/orders/L9", None, 404, "no_such_order", id="a cancel of nothing"),
    ],
)
async def test_what_the_rehearsal_broker_cannot_do_is_said_by_name(
    stage: LoopbackStage, method: str, path: str, body: str | None, status: int, name: str
) -> None:
    async with stage.control.request(method, stage.server.url + path, data=body) as answer:
        assert (answer.status, (await answer.json())["error"]["name"]) == (status, name)


async def test_one_order_can_be_looked_at(stage: LoopbackStage) -> None:
    order_id = await placed(stage.broker, attempt())
    async with stage.control.get(f"{stage.server.url}/orders/{order_id}") as answer:
        assert (await answer.json())["quantity"] == "10"


def test_the_server_ends_with_its_parent(tmp_path: Path) -> None:
    with server_process(tmp_path / "audit.jsonl") as process:
        assert process.process.stdin is not None
        process.process.stdin.close()
        until_true(lambda: process.process.poll() is not None)
    assert process.process.returncode == 0


async def test_reports_go_on_after_a_time_without_a_broker(tmp_path: Path) -> None:
    with server_process(tmp_path / "a.jsonl") as first:
        port = first.url.rpartition(":")[2]
        broker = LoopbackBroker(settings(first.url), IMPATIENT)
        await broker.start()
    seen: list[OrderId] = []

    async def read() -> None:
        async for report in broker.reports():
            seen.append(report.order.order_id)

    async with asyncio.TaskGroup() as group:
        group.create_task(read())
        assert (await broker.place(attempt())).kind is NOT_SENT
        with server_process(tmp_path / "b.jsonl", "--port", port):
            order_id = await placed(broker, attempt())
            await until(lambda: seen == [order_id])
        await broker.close()


@asynccontextmanager
async def opened(broker: LoopbackBroker) -> AsyncIterator[LoopbackBroker]:
    """Close the broker at the end of the block."""
    try:
        yield broker
    finally:
        await broker.close()


def _since_reset(server: ServerProcess) -> list[dict[str, object]]:
    lines = server.lines()
    last = max(place for place, line in enumerate(lines) if line["event"] == "reset")
    return lines[last + 1 :]


def _unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _dial(port: int) -> socket.socket:
    filler = socket.socket()
    filler.setblocking(False)
    filler.connect_ex(("127.0.0.1", port))
    return filler
