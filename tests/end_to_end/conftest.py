"""Homes, venues and brokers that end with their test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from real_processes import Broker, Home, Venue, home_in


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Callable[[str], Home]]:
    """Make homes by name."""
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(home_in(tmp_path / name))


@pytest.fixture
def home(homes: Callable[[str], Home]) -> Home:
    return homes("home")


@pytest.fixture
def venue() -> Iterator[Venue]:
    market = Venue()
    yield market
    market.close()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    """The rehearsal broker; it fills market orders at the price it was told."""
    counter = Broker(tmp_path / "audit.jsonl")
    yield counter
    counter.close()
