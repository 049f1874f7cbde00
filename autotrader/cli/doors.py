"""What the commands reach the world through, as values: a test hands in its own.

The daemon's modules are imported by the first use and not before, so that each verb pays only for what it does.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autotrader.control.protocol import AnyVerb
    from autotrader.domain.settings import Settings

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunCall:
    """What `autotrader run` was told. `prices` None leaves it to the daemon."""

    config: Path
    state: Path
    language: str
    prices: bool | None = None


def look(state: Path, verb: "AnyVerb") -> View:
    """Answer a question from the store, without a daemon."""
    from autotrader.daemon.offline import look

    return look(state, verb)


def answer(state: Path, settings: "Settings", verb: Any, by: str) -> View:
    """Carry out a command under the instance lock, without a daemon."""
    from autotrader.daemon.offline import answer

    return answer(state, settings, verb, by)


def judge(settings: "Settings", now: int) -> View:
    """Answer what the engine says of a file by itself."""
    from autotrader.daemon.judge import judge_file

    return judge_file(settings, now)


def run(call: RunCall) -> int:
    """Be the daemon."""
    from autotrader.daemon.run import RunOptions, run

    return run(RunOptions(call.config, call.state, call.language, call.prices))


def replay(settings: "Settings", prints: Path, *, every: bool = False) -> Iterator[View]:
    """Run the engine over the prints of a file; `every`: tell how the rules stand after each."""
    from autotrader.daemon.replay import replay

    return iter(replay(settings, prints, every=every))


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything outside of a command. `service_*` are the places of the system service."""

    environ: Mapping[str, str]
    look: Callable[[Path, "AnyVerb"], View] = look
    answer: Callable[[Path, "Settings", Any, str], View] = answer
    judge: Callable[["Settings", int], View] = judge
    run: Callable[[RunCall], int] = run
    replay: Callable[..., Iterator[View]] = replay
    now: Callable[[], int] = time.time_ns
    service_state: Path = Path("/var/lib/autotrader")
    service_config: Path = Path("/etc/autotrader/config.yaml")


REAL = Doors(environ=os.environ)
