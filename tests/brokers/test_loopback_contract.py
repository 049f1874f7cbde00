"""The rehearsal broker, in a process of its own, keeps the broker contract."""

from collections.abc import AsyncIterator, Iterator

import pytest
from broker_contract import BrokerContract
from loopback_stage import LoopbackStage, ServerProcess, server_process, staged


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with server_process(tmp_path_factory.mktemp("loopback") / "audit.jsonl") as process:
        yield process


@pytest.fixture
async def stage(server: ServerProcess) -> AsyncIterator[LoopbackStage]:
    async with staged(server) as made:
        yield made


class TestLoopback(BrokerContract):
    """All of the contract."""
