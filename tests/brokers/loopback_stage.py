"""The rehearsal broker in a process of its own, and a raw server that counts what really arrives on the wire."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
from broker_contract import settings
from msgspec.structs import replace

from autotrader.brokers.loopback.client import CAPABILITIES, LoopbackBroker
from autotrader.domain.order import OrderId
from autotrader.domain.tick import InstrumentId
from autotrader.ports import Broker, Capabilities

IMPATIENT = replace(CAPABILITIES, acceptance_time=0.4)
OPENING = ("--cash", '{"KRW": "10000000", "USDT": "100000"}', "--positions", '{"KRX:005930": {"quantity": "100", "cost": "70000"}}')


@dataclass
class ServerProcess:
    url: str
    audit: Path
    process: subprocess.Popen[bytes]

    def lines(self) -> list[dict[str, Any]]:
        """Return the audit, as far as it is written."""
        return [json.loads(line) for line in self.audit.read_bytes().splitlines()]


@contextmanager
def server_process(audit: Path, *more: str) -> Iterator[ServerProcess]:
    """Run the rehearsal broker until the end of the block."""
    words = [sys.executable, "-m", "autotrader.brokers.loopback.server", "--with-parent", "--audit", str(audit), *OPENING, *more]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        port = json.loads(process.stdout.readline())["port"]
        yield ServerProcess(f"http://127.0.0.1:{port}", audit, process)
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(timeout=10)


@dataclass
class LoopbackStage:
    broker: Broker
    server: ServerProcess
    control: aiohttp.ClientSession
    capabilities: Capabilities = IMPATIENT
    sell_tax: Decimal = Decimal(0)

    async def trade(self, order: OrderId, instrument: InstrumentId, price: str, quantity: str) -> None:
        await self.post("/fill", {"order_id": order, "price": price, "quantity": quantity})

    async def reopen(self) -> None:
        await self.broker.close()
        self.broker = LoopbackBroker(settings(self.server.url), self.capabilities)
        await self.broker.start()

    async def post(self, path: str, body: object) -> None:
        """Tell the server what to do next."""
        async with self.control.post(self.server.url + path, json=body) as answer:
            assert answer.status == 200, await answer.text()


@asynccontextmanager
async def staged(server: ServerProcess) -> AsyncIterator[LoopbackStage]:
    """Open the account at a server that begins again."""
    async with aiohttp.ClientSession() as control:
        stage = LoopbackStage(LoopbackBroker(settings(server.url), IMPATIENT), server, control)
        await stage.post("/reset", {})
        await stage.broker.start()
        yield stage
        await stage.broker.close()


@dataclass
class Wiretap:
    """A socket that reads whole requests, writes down their first lines, and answers or breaks off as it is told."""

    answer: bytes | None
    reset: bool = False
    requests: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take requests on one connection for as long as it lasts."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(_length(head))
                self.requests.append(head.split(b"\r\n")[0].decode())
                if self.answer is None:
                    break
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            if self.reset:
                writer.transport.abort()
            writer.close()


def _length(head: bytes) -> int:
    fields = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    return next((int(value) for name, _, value in fields if name == b"content-length"), 0)


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """Return a raw answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def wiretap(answer: bytes | None, *, reset: bool = False) -> AsyncIterator[Wiretap]:
    """Listen until the end of the block."""
    tap = Wiretap(answer, reset)
    server = await asyncio.start_server(tap.serve, "127.0.0.1", 0)
    tap.port = server.sockets[0].getsockname()[1]
    try:
        yield tap
    finally:
        server.close()
