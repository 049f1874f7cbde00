"""Real processes for the end-to-end tests: a home with its daemon, a venue that speaks when told, the rehearsal broker.

Nothing here waits for ever and nothing outlives its test: every wait has an end, and what a test started is killed with it.
"""

import hashlib
import itertools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from waiting import until_true
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from autotrader.control.client import ask
from autotrader.control.protocol import AnyVerb, History, Reply, Request
from autotrader.daemon.places import socket_path
from autotrader.engine.events import ListRules, Status
from autotrader.engine.records import RequestId
from autotrader.feeds.sim.dialect import Hello, Trade, read_asked, write

SECOND = 1_000_000_000
VARIANTS = Path(__file__).with_name("variants.py")
PATIENCE = 15.0
_numbers = itertools.count(1)
Json = dict[str, Any]


@dataclass
class Said:
    """What a command did: its exit code and its words."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Json:
        """Return the one JSON object that the command printed."""
        shown: Json = json.loads(self.out)
        return shown


class Daemon:
    """A running daemon. Its lines are kept as they come, and somebody may look at each one the moment it is said."""

    def __init__(self, words: Sequence[str], environment: dict[str, str]) -> None:
        name = f"autotrader-test-{os.getpid()}-{next(_numbers)}"
        self._ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._ready.bind("\0" + name)
        self.process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={**environment, "NOTIFY_SOCKET": "@" + name},
        )
        self.pid = self.process.pid
        self._pidfd = os.pidfd_open(self.pid)
        self.lines: list[str] = []
        self.watcher: Callable[[str], None] = lambda line: None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for raw in self.process.stdout:
            line = raw.decode("utf-8", "replace").rstrip()
            self.lines.append(line)
            self.watcher(line)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def until_ready(self) -> "Daemon":
        """Wait for READY=1; fail with the daemon's own words when it ends before that."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            readable = select.select([self._ready.fileno(), self._pidfd], [], [], deadline - time.monotonic())[0]
            if self._ready.fileno() in readable:
                if b"READY=1" in self._ready.recv(4096):
                    return self
            elif readable:
                self.until_dead()
                raise AssertionError(f"ended with {self.process.returncode} before it was ready:\n{self.text}")
        raise AssertionError(f"not ready within {PATIENCE} s:\n{self.text}")

    def until_dead(self, timeout: float = PATIENCE) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait(timeout)
        self._reader.join(timeout)
        return code

    def lives(self, seconds: float) -> bool:
        """Return whether the process is still there after this long."""
        return not select.select([self._pidfd], [], [], max(0.0, seconds))[0]

    def until_said(self, *parts: str, timeout: float = PATIENCE) -> str:
        """Wait for a line with all these parts in it and return it."""
        found: list[str] = []

        def said() -> bool:
            found[:] = [line for line in list(self.lines) if all(part in line for part in parts)]
            return bool(found)

        try:
            until_true(said, timeout)
        except AssertionError:
            raise AssertionError(f"{parts} was not said within {timeout} s:\n{self.text}") from None
        return found[0]

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()
        self.until_dead()

    def stop(self, timeout: float = 20.0) -> int:
        """SIGTERM, and wait."""
        self.process.send_signal(signal.SIGTERM)
        return self.until_dead(timeout)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
        self.until_dead()
        if self.process.stdout is not None:
            self.process.stdout.close()
        os.close(self._pidfd)
        self._ready.close()


@dataclass
class Home:
    """A configuration file and a state directory, and whoever works on them."""

    folder: Path
    daemons: list[Daemon] = field(default_factory=list)

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def settle(self, venue_url: str, rules: str, account: str = "", more: str = "") -> None:
        """Write a file with one feed, one account (paper, unless said otherwise) and these rules, one a line."""
        account = account or "{broker: paper, cash: {KRW: 100000000}, positions: {KRX:005930: {quantity: 1000, cost: 70000}}}"
        codes = "{KRX:005930: {start: 70000}, KRX:000660: {start: 300000}}"
        head = f"guards: {{collar: off}}\naccounts: {{main: {account}}}\n"
        listed = "\n".join(f"  {line.strip()}" for line in rules.strip().splitlines()) if rules.strip() else "  {}"
        self.write(f"{more}{head}feeds: {{demo: {{kind: sim, url: '{venue_url}', instruments: {codes}}}}}\nrules:\n{listed}\n")

    def write(self, text: str) -> None:
        """Replace the file as an editor does: at once."""
        draft = self.folder / "draft.yaml"
        draft.write_text(text, encoding="utf-8")
        draft.replace(self.config)

    def launch(self, variant: str = "plain", *, config: Path | None = None, environment: dict[str, str] | None = None) -> Daemon:
        """Start a daemon and return at once."""
        words = [sys.executable, str(VARIANTS), variant, str(config or self.config), str(self.state)]
        daemon = Daemon(words, {**os.environ, **(environment or {})})
        self.daemons.append(daemon)
        return daemon

    def start(self, variant: str = "plain", **environment: str) -> Daemon:
        """Start a daemon and wait until it is ready."""
        return self.launch(variant, environment=environment).until_ready()

    def cli(self, *words: str, config: bool = True, timeout: float = PATIENCE) -> Said:
        """Run the command line in a process of its own."""
        where = ["--state", str(self.state), *(["-c", str(self.config)] if config else [])]
        return run_cli(*where, *words, timeout=timeout)

    def reply(self, verb: AnyVerb) -> Reply:
        """Ask the daemon over its socket and return what it says."""
        return ask(socket_path(self.state), Request(RequestId(f"t-{os.getpid()}-{next(_numbers)}"), "test", verb), timeout=15.0)

    def ask(self, verb: AnyVerb) -> Json:
        """Ask the daemon over its socket and return the result; fail on a refusal."""
        reply = self.reply(verb)
        assert reply.ok, (verb, reply)
        return reply.result

    def rules(self) -> dict[str, Json]:
        """Return the rules as the daemon shows them, by id."""
        return {rule["id"]: rule for rule in self.ask(ListRules())["rules"]}

    def until_state(self, rule: str, *states: str) -> Json:
        """Wait until a rule is in one of these states and return it."""
        try:
            until_true(lambda: self.rules()[rule]["state"] in states, PATIENCE)
        except AssertionError:
            raise AssertionError(f"{rule} is not {states}: {self.rules()[rule]}\n{self.daemons[-1].text}") from None
        return self.rules()[rule]

    def until_priced(self, rule: str, price: int | str) -> Json:
        """Wait until the last price of a rule's instrument is this one and return the rule."""
        try:
            until_true(lambda: self.rules()[rule]["last_price"] == str(price), PATIENCE)
        except AssertionError:
            raise AssertionError(f"{price} did not reach {rule}: {self.rules()[rule]}\n{self.daemons[-1].text}") from None
        return self.rules()[rule]

    def until_armed(self) -> None:
        """Wait until every account is recovered."""
        until_true(lambda: all(account["state"] == "armed" for account in self.ask(Status())["accounts"]), PATIENCE)

    def until_watching(self, venue: "Venue", *instruments: str) -> None:
        """Wait until the accounts are recovered and these instruments are listened to: from now on a print counts."""
        self.until_armed()
        venue.until_wanted(*instruments)

    def fires(self) -> list[Json]:
        """Return the fires as the daemon shows them, oldest first."""
        shown: list[Json] = self.ask(History(100))["fires"]
        return shown

    def only_fire(self) -> Json:
        """Return the one fire there is, once the store has what `list` says of it: history reads what is committed."""

        def is_told() -> bool:
            fires = self.fires()
            if len(fires) != 1:
                return False
            done = self.rules()[fires[0]["rule"]]["state"] == "done"
            return not done or any(order["state"] == "filled" for order in fires[0]["orders"])

        until_true(is_told, PATIENCE)
        (fire,) = self.fires()
        return fire

    def digest(self) -> dict[str, str]:
        """Return every file under the state directory with the hash of its content.

        SQLite's own index (`-shm`) and an empty log (`-wal`) hold nothing of ours and come with every reader.
        """
        files = (path for path in sorted(self.state.rglob("*")) if path.is_file() and not path.name.endswith("-shm"))
        contents = {str(path.relative_to(self.state)): path.read_bytes() for path in files}
        return {name: hashlib.sha256(held).hexdigest() for name, held in contents.items() if held or not name.endswith("-wal")}

    def close(self) -> None:
        """End all daemons."""
        for daemon in self.daemons:
            daemon.close()


def run_cli(*words: str, timeout: float = PATIENCE, folder: Path | None = None) -> Said:
    """Run `autotrader` in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "autotrader", *words], capture_output=True, text=True, timeout=timeout, cwd=folder)
    return Said(done.returncode, done.stdout, done.stderr)


class Venue:
    """A market in this process, in the sim's language over a real websocket: it says a print when the test says so."""

    def __init__(self) -> None:
        self.wanted: frozenset[str] = frozenset()
        self.dials = 0
        self.says_hello = True
        self._listeners: set[ServerConnection] = set()
        self._sequence = 0
        self._last: dict[str, Decimal] = {}
        self._lock = threading.Lock()
        self._server: Server = serve(self._attend, "127.0.0.1", 0, close_timeout=0.2)
        self.url = f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _attend(self, connection: ServerConnection) -> None:
        self.dials += 1
        if not self.says_hello:
            return
        with self._lock:
            self._listeners.add(connection)
        try:
            for message in connection:
                connection.send(write(Hello({})))
                raw = message if isinstance(message, bytes) else message.encode()
                self.wanted = read_asked(raw)
        except ConnectionClosed:
            pass
        finally:
            with self._lock:
                self._listeners.discard(connection)
                if not self._listeners:
                    self.wanted = frozenset()

    def until_wanted(self, *instruments: str) -> None:
        """Wait until a daemon listens to these."""
        until_true(lambda: set(instruments) <= self.wanted, PATIENCE)

    def say_until(self, condition: Callable[[], object], instrument: str, price: int | str) -> None:
        """Say a print again and again until something has come of it: a paper order fills from the next one."""
        until_true(lambda: self.say(instrument, price) and condition(), PATIENCE)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def until_alone(self) -> None:
        """Wait until nobody listens any more."""
        until_true(lambda: not self._listeners, PATIENCE)

    def say(self, instrument: str, *prices: int | str) -> int:
        """Say prints; return the sequence of the last one."""
        for price in prices:
            self._sequence += 1
            trade = Trade(instrument, Decimal(price), Decimal(10_000), time.time_ns(), self._sequence)
            self._tell(write(trade))
        return self._sequence

    def _tell(self, frame: str) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            try:
                listener.send(frame)
            except ConnectionClosed:
                continue

    def hang_up(self) -> None:
        """Close every connection."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener.close()

    def close(self) -> None:
        self.says_hello = False
        self.hang_up()
        self._server.shutdown()
        self._thread.join(10)


class Broker:
    """The rehearsal broker in a process of its own, and its own account of what reached it."""

    def __init__(self, audit: Path, *, positions: dict[str, Json] | None = None, fill: str = "immediate") -> None:
        held = positions if positions is not None else {"KRX:005930": {"quantity": "1000", "cost": "70000"}}
        words = ["-m", "autotrader.brokers.loopback.server", "--with-parent", "--audit", str(audit), "--fill", fill]
        self.audit = audit
        self.process = subprocess.Popen(
            [sys.executable, *words, "--cash", '{"KRW": "100000000"}', "--positions", json.dumps(held)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{json.loads(self.process.stdout.readline())['port']}"

    def post(self, path: str, body: object) -> None:
        """Tell the broker what to do."""
        request = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
            assert answer.status in (200, 201)

    def price(self, instrument: str, price: int | str) -> None:
        """Let market orders in an instrument fill at this price."""
        self.post("/price", {"instrument": instrument, "price": str(price)})

    def script(self, *faults: str) -> None:
        """Say what goes wrong with the next placements."""
        self.post("/script", list(faults))

    def lines(self) -> list[Json]:
        """Return the audit, as far as it is written."""
        return [json.loads(line) for line in self.audit.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]

    def received(self, quantity: int | str | None = None) -> list[Json]:
        """Return the requests to place, of one quantity or all."""
        return _of_quantity(self.lines(), "received", quantity)

    def accepted(self, quantity: int | str | None = None) -> list[Json]:
        """Return the orders that exist, of one quantity or all."""
        return _of_quantity(self.lines(), "accepted", quantity)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


def _of_quantity(lines: list[Json], event: str, quantity: int | str | None) -> list[Json]:
    found = [line for line in lines if line["event"] == event]
    return [line for line in found if quantity is None or Decimal(str(line["body"]["quantity"])) == Decimal(quantity)]


@contextmanager
def home_in(folder: Path) -> Iterator[Home]:
    """Open a home and close all that works in it."""
    folder.mkdir(parents=True, exist_ok=True)
    home = Home(folder)
    home.state.mkdir(mode=0o700, exist_ok=True)
    try:
        yield home
    finally:
        home.close()
