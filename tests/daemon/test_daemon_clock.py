"""Our own clocks: a step or a sleep is noticed, and passing time is not one."""

import pytest
from fakes import SECOND, FakeClock

from autotrader.daemon.clock import ClockWatch


@pytest.mark.parametrize(
    ("passed", "stepped", "said"),
    [
        pytest.param(0.2, 0.0, 0, id="time passes"),
        pytest.param(0.2, 0.9, 0, id="a drift that the time service slews"),
        pytest.param(0.2, 1.5, 1.5, id="set forward"),
        pytest.param(0.2, -3600.0, -3600.0, id="set back by an hour"),
        pytest.param(4.9, 0.0, 0, id="a busy machine"),
        pytest.param(600.0, 0.0, 600.0, id="asleep for ten minutes"),
    ],
)
def test_a_step_and_a_sleep_are_noticed_once(passed: float, stepped: float, said: float) -> None:
    clock = FakeClock()
    watch = ClockWatch(clock)
    clock.advance(passed)
    clock.step(stepped)
    assert watch.step() == round(said * SECOND)
    clock.advance(0.2)
    assert watch.step() == 0
