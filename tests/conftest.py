"""What several floors' tests need: the recorded data when it is there, and a clock that is told the time."""

import os
from pathlib import Path

import pytest
from fakes import FakeClock

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Return the folder of recorded market data, or skip: it is not part of the repository."""
    place = Path(os.environ.get("AUTOTRADER_DATA") or REPOSITORY.parent / "shared" / "data")
    if not place.is_dir():
        pytest.skip(f"no recorded data at {place}: set AUTOTRADER_DATA")
    return place


@pytest.fixture
def clock() -> FakeClock:
    """Return a clock that stands at 09:00:00 in Seoul until it is moved."""
    return FakeClock()
