"""Real processes for the benchmarks: the shipped daemon, asked over its socket, and children that tell their port."""

import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from autotrader.control.client import ask
from autotrader.control.protocol import Request
from autotrader.daemon.places import socket_path
from autotrader.engine.events import Status
from autotrader.engine.records import RequestId
from autotrader.errors import AutotraderError

PATIENCE = 60.0
_numbers = itertools.count(1)


def wait_until(true: Callable[[], bool], every: float = 0.002) -> None:
    """Wait until something is so; fail after a minute."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(every)


class Child(NamedTuple):
    """A process with pipes, and the port that it told."""

    process: subprocess.Popen[bytes]
    port: int

    def tell(self, line: str) -> str:
        """Say a line and return the line that it answers."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().decode()


@contextmanager
def child(*words: str) -> Iterator[Child]:
    """Run a Python module that prints `{"port": N}` first; it ends with the block."""
    with subprocess.Popen([sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        try:
            yield Child(process, json.loads(process.stdout.readline())["port"])
        finally:
            process.stdin.close()
            process.terminate()


class Running(NamedTuple):
    """The shipped daemon as a process."""

    process: subprocess.Popen[bytes]
    state: Path
    errors: Path

    def status(self) -> dict[str, Any]:
        """Return what `autotrader status` shows; empty while the daemon does not answer yet."""
        assert self.process.poll() is None, self.errors.read_text()[-2000:]
        try:
            reply = ask(socket_path(self.state), Request(RequestId(f"b-{next(_numbers)}"), "benchmark", Status()), timeout=10.0)
        except (AutotraderError, OSError):
            return {}
        return reply.result if reply.ok else {}

    def armed(self) -> bool:
        """Tell whether every account is armed."""
        accounts = self.status().get("accounts", ())
        return bool(accounts) and all(account["state"] == "armed" for account in accounts)

    def watches(self, count: int) -> bool:
        """Tell whether so many rules watch."""
        return bool(self.status().get("rules", {}).get("watching", 0) == count)


@contextmanager
def daemon(place: Path, config: str, options: Sequence[str] = ()) -> Iterator[Running]:
    """Run `autotrader run` on a configuration until the block ends."""
    file, state, errors = place / "config.yaml", place / "state", place / "errors"
    file.write_text(config)
    state.mkdir(mode=0o700, exist_ok=True)
    words = [sys.executable, *options, "-m", "autotrader", "run", "-c", str(file), "--state", str(state), "--no-prices"]
    environment = {key: value for key, value in os.environ.items() if key not in ("NOTIFY_SOCKET", "JOURNAL_STREAM")}
    with errors.open("wb") as sink, subprocess.Popen(words, stdout=sink, stderr=sink, env=environment) as process:
        try:
            yield Running(process, state, errors)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
