"""A price server in a process of its own."""

import asyncio

import pytest

from autotrader.errors import FeedBroken
from autotrader.feeds.child import LEAVE, Child


@pytest.mark.parametrize(
    ("module", "first_line"),
    [
        pytest.param("autotrader.feeds.nowhere", b"", id="a module that is not there"),
        pytest.param("autotrader.feeds.sim.server", b"{}\n", id="settings that it cannot read"),
    ],
)
async def test_a_server_that_does_not_start_breaks_the_link_and_leaves_nothing(
    module: str, first_line: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    child = Child(module, first_line=first_line)
    with pytest.raises(FeedBroken, match=f"the price server {module} did not start"):
        await child.find()
    assert child.pid is None
    assert capfd.readouterr().err  # its own words reach our error stream


async def test_one_server_serves_until_it_is_closed() -> None:
    child = Child("autotrader.feeds.sim.server", first_line=b'{"name":"x","kind":"sim"}\n')
    try:
        assert await child.find() == await child.find()
        assert child.pid is not None
    finally:
        async with asyncio.timeout(LEAVE - 1):  # it leaves by itself when its input ends; nobody has to kill it
            await child.close()
    assert child.pid is None
