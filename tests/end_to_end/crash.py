"""A daemon that is killed again and again, and the check of what is left each time.

Each moment has an instrument and two rules of its own, and each rule a quantity of its own, so that the audit file of the
broker (which knows no ids of ours) tells the shots apart. All rules are in the file from the beginning.
"""

import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from real_processes import Broker, Daemon, Home, Json, Venue
from waiting import until_true

from autotrader.control.protocol import Alerts
from autotrader.engine.events import Decision, Held, ListRules, Resolve, Status
from autotrader.store.place import store_path

START = (1000, 1040)
RATCHET = (1050, 1100, 1150, 1200, 1190)
FALL = (1160, 1080, 1000, 985)
AFTERWARDS = (1100, 1200, 1150, 980)
"""After a restart: whatever had happened before, both rules are met by the end of this."""

ENDED = {"done", "failed"}


@dataclass(frozen=True)
class Moment:
    """When to kill: at a point in our own code, when a line is said, when the broker has heard, or some time after a print."""

    kind: str
    at: str = ""
    fault: str = ""
    count: int = 1

    def __str__(self) -> str:
        return "-".join(str(part) for part in (self.kind, self.at.replace(" ", "_"), self.count, self.fault) if part)


POINTS = [Moment("point", name, count=n) for name in ("before_commit", "after_commit") for n in (1, 2, 3, 4, 5, 6, 7)]
SENDINGS = [Moment("point", name, count=n) for name in ("before_send", "after_answer") for n in (1, 2)]
LOST = [Moment("point", "after_answer", fault=fault) for fault in ("lose_answer", "500_after", "garbage_answer", "drop_before", "refuse")]
LINES = [
    Moment("line", f"code={code}")
    for code in (
        "leg.armed",
        "leg.activated",
        "fired.trail",
        "intent.decided",
        "intent.sending",
        "intent.accepted",
        "order.filled",
        "fired.stop",
    )
]
HEARD = [
    *(Moment("audit", "received", fault) for fault in ("slow:0.2", "slow:0.02", "hang", "drop_before", "refuse_after_delay:0.1")),
    *(Moment("audit", "accepted", fault) for fault in ("hang", "ok", "slow:0.1", "lose_answer")),
    *(Moment("audit", event, count=2) for event in ("received", "accepted", "fill")),
]
STARTS = [
    Moment("start", f"code={code}", fault="hang") for code in ("daemon.started", "daemon.listening", "account.armed", "intent.died_sending")
]
ALL = [*POINTS, *SENDINGS, *LOST, *LINES, *HEARD, *STARTS]


def moments(seed: int, number: int) -> list[Moment]:
    """Return so many moments: every exact one once, then some time after a print; in an order that the seed names."""
    dice = random.Random(seed)
    chosen = [*ALL, *(Moment("print", str(dice.randrange(11)), count=dice.randrange(60)) for _ in range(max(0, number - len(ALL))))]
    dice.shuffle(chosen)
    return chosen[:number]


def few(seed: int) -> list[Moment]:
    """Return one moment of each kind that has bitten somebody: for the fast suite."""
    dice = random.Random(seed)
    return [
        Moment("point", "before_commit", count=7),
        Moment("point", "after_commit", count=5),
        Moment("point", "before_send"),
        Moment("point", "after_answer"),
        Moment("line", "code=leg.activated"),
        Moment("line", "code=intent.sending"),
        Moment("audit", "received", "slow:0.1"),
        Moment("audit", "accepted", "hang"),
        Moment("audit", "accepted", "lose_answer"),
        Moment("start", "code=intent.died_sending", "hang"),
        *(Moment("print", str(dice.randrange(2, 11)), count=dice.randrange(60)) for _ in range(2)),
    ]


@dataclass(frozen=True)
class Kept:
    """What the store holds while nobody runs."""

    marks: dict[str, Decimal]
    shots: frozenset[tuple[str, int]]
    states: dict[str, str]
    intents: dict[str, str]

    @classmethod
    def of(cls, state: Path) -> "Kept":
        """Read the store of a killed daemon from a copy, so that looking changes nothing."""
        with closing(sqlite3.connect(":memory:")) as copy:
            with closing(sqlite3.connect(f"file:{store_path(state)}?mode=ro", uri=True)) as store:
                store.backup(copy)
            return cls(
                {str(rule): Decimal(price) for rule, price in copy.execute("SELECT rule, price FROM marks")},
                frozenset(copy.execute("SELECT rule, generation FROM shots")),
                dict(copy.execute("SELECT rule, status FROM legs")),
                dict(copy.execute("SELECT id, status FROM intents")),
            )


@dataclass
class Tally:
    """What a whole run came to."""

    kills: int = 0
    held: int = 0
    orders: int = 0
    states: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)


class CrashRig:
    """One home, one broker, one venue, and as many deaths as there are moments."""

    def __init__(self, home: Home, venue: Venue, broker: Broker, moments: list[Moment], seed: int, variant: str = "mortal") -> None:
        self.home, self.venue, self.broker, self.moments = home, venue, broker, moments
        self.variant = variant
        self.dice = random.Random(seed)
        self.trigger = home.folder / "moment"
        self.tally = Tally()
        home.write(configuration(venue, broker, len(moments)))
        self.daemon = self._start()

    def _start(self) -> Daemon:
        return self.home.start(self.variant, AUTOTRADER_TEST_MOMENT=str(self.trigger))

    def run(self) -> Tally:
        """Die at every moment and look each time."""
        for number, moment in enumerate(self.moments):
            try:
                self._live_and_die(number, moment)
            except AssertionError as broken:
                raise AssertionError(f"moment {number} ({moment}): {broken}") from broken
        return self.tally

    def _live_and_die(self, number: int, moment: Moment) -> None:
        code, rules = instrument(number), rules_of(number)
        self.broker.price(code, 1100)
        self.broker.script(*([moment.fault] if moment.fault else []))
        self._until_armed()
        self._kill_at(moment, code)
        kept = Kept.of(self.home.state)
        if moment.kind == "start":
            kept = self._die_while_starting(moment, kept)
        self.broker.script()
        self.daemon = self._start()
        self._until_armed()
        self._compare(kept)
        self.venue.until_wanted(*([code] if any(kept.states[rule] in ("waiting", "watching") for rule in rules) else []))
        self.venue.say(code, *AFTERWARDS)
        self._until_ended(rules)
        self._judge(rules)

    def _until_armed(self) -> None:
        """Wait until the account is recovered."""
        until_true(lambda: self.home.ask(Status())["accounts"][0]["state"] == "armed", 20)

    def _kill_at(self, moment: Moment, code: str) -> None:
        """Play the story of one instrument until the daemon is dead."""
        self.venue.until_wanted(code)
        at_print = int(moment.at) if moment.kind == "print" else -1
        self._lie_in_wait(moment)
        for index, price in enumerate((*START, *RATCHET, *FALL)):
            self.venue.say(code, price)
            if index == at_print:
                self.daemon.lives(moment.count / 1000)
                break
            if not self.daemon.lives(self.dice.choice((0.0, 0.01, 0.03))):
                break
        if moment.kind != "print" and self.daemon.lives(3.0):
            self.tally.missed.append(str(moment))
        self.daemon.kill()
        self.trigger.unlink(missing_ok=True)
        self.tally.kills += 1

    def _lie_in_wait(self, moment: Moment) -> None:
        daemon = self.daemon
        if moment.kind == "point":
            draft = self.trigger.with_suffix(".draft")
            draft.write_text(f"{moment.at} {moment.count}")
            draft.replace(self.trigger)
        elif moment.kind == "line":
            daemon.watcher = lambda line: daemon.process.kill() if moment.at in line else None
        elif moment.kind in ("audit", "start"):
            event = moment.at if moment.kind == "audit" else "accepted"
            kill_when_heard(self.broker, event, moment.count, daemon)

    def _die_while_starting(self, moment: Moment, kept: Kept) -> Kept:
        """Kill the next process too, while it takes over."""
        daemon = self.home.launch(self.variant, environment={"AUTOTRADER_TEST_MOMENT": str(self.trigger)})
        daemon.watcher = lambda line: daemon.process.kill() if moment.at in line else None
        if daemon.lives(5.0):
            self.tally.missed.append(f"{moment} at start")
            daemon.kill()
        daemon.until_dead()
        self.tally.kills += 1
        after = Kept.of(self.home.state)
        no_worse(kept, after)
        return after

    def _compare(self, kept: Kept) -> None:
        """Compare what the new process shows with what the dead one had on disk."""
        rules = {rule["id"]: rule["legs"][0] for rule in self.home.ask(ListRules())["rules"]}
        for rule, mark in kept.marks.items():
            assert rules[rule]["activated"], f"{rule} has lost its activation"
            assert Decimal(rules[rule]["mark"]) >= mark, f"the mark of {rule} fell from {mark} to {rules[rule]['mark']}"
        for rule, status in kept.states.items():
            if status not in ("waiting", "watching"):
                assert rules[rule]["state"] not in ("waiting", "watching"), f"{rule} was {status} and watches again"

    def _until_ended(self, rules: tuple[str, str]) -> None:
        """Wait until both rules have ended, deciding on held ones as a person would who can see the broker's own list."""
        decided: set[str] = set()

        def ended() -> bool:
            for item in self.home.ask(Held())["held"]:
                if item["item"] not in decided:
                    decided.add(item["item"])
                    self._decide(item)
            states = self._states()
            return all(states[rule] in ENDED for rule in rules)

        try:
            until_true(ended, 20)
        except AssertionError:
            raise AssertionError(f"stranded: {[(rule, self._states()[rule]) for rule in rules]}\n{self.daemon.text}") from None

    def _decide(self, item: Json) -> None:
        self.tally.held += 1
        subjects = {alert["subject"] for alert in self.home.ask(Alerts())["alerts"]}
        assert item["item"] in subjects, f"{item['item']} is held and nobody was told"
        at_broker = self.broker.accepted(item["quantity"])
        choice = Resolve(item["item"], Decision.PLACED, at_broker[0]["order_id"]) if at_broker else Resolve(item["item"], Decision.ABSENT)
        self.home.ask(choice)

    def _states(self) -> dict[str, str]:
        return {rule["id"]: rule["state"] for rule in self.home.ask(ListRules())["rules"]}

    def _judge(self, rules: tuple[str, str]) -> None:
        """Compare how the rules ended with what the broker has seen."""
        states = self._states()
        kept = Kept.of(self.home.state)
        for rule in rules:
            quantity = quantity_of(rule)
            received, accepted = len(self.broker.received(quantity)), len(self.broker.accepted(quantity))
            shots = [shot for shot in kept.shots if shot[0] == rule]
            assert received <= 1, f"{rule} was sent {received} times"
            assert len(shots) == 1, f"{rule} has {len(shots)} shots"
            expected = "done" if accepted else "failed"
            assert states[rule] == expected, f"{rule} is {states[rule]} and the broker has {accepted} orders of it"
            self.tally.orders += accepted
            self.tally.states[states[rule]] = self.tally.states.get(states[rule], 0) + 1


def kill_when_heard(broker: Broker, event: str, count: int, daemon: Daemon) -> None:
    """Kill the daemon as soon as the audit has so many more lines of an event; give up when it is dead."""
    before = sum(line["event"] == event for line in broker.lines())

    def watch() -> None:
        while daemon.lives(0.002):
            if sum(line["event"] == event for line in broker.lines()) >= before + count:
                daemon.process.kill()
                return

    threading.Thread(target=watch, daemon=True).start()


def no_worse(before: Kept, after: Kept) -> None:
    """Check that a death took nothing from what was on disk."""
    for rule, mark in before.marks.items():
        assert after.marks.get(rule, Decimal(-1)) >= mark, f"the mark of {rule} fell"
    assert before.shots <= after.shots, "a shot is gone"
    assert set(before.intents) <= set(after.intents), "an intent is gone"


def instrument(number: int) -> str:
    return f"KRX:{100000 + number * 10}"


def rules_of(number: int) -> tuple[str, str]:
    return f"trail-{number}", f"stop-{number}"


def quantity_of(rule: str) -> int:
    """Return the quantity that tells a rule's orders from all others in the audit."""
    kind, _, number = rule.partition("-")
    return 2 * int(number) + (1 if kind == "trail" else 2)


def positions(number: int) -> dict[str, Json]:
    """Return what the broker must hold for so many moments."""
    return {instrument(n): {"quantity": "10000", "cost": "900"} for n in range(number)}


def configuration(venue: Venue, broker: Broker, number: int) -> str:
    """Return the file with the rules of so many moments."""
    codes = ", ".join(f"{instrument(n)}: {{start: 1000}}" for n in range(number))
    lines = ["guards: {collar: off}", f"accounts: {{main: {{broker: loopback, url: '{broker.url}'}}}}"]
    lines += [f"feeds: {{demo: {{kind: sim, url: '{venue.url}', instruments: {{{codes}}}}}}}", "rules:"]
    for n in range(number):
        trail, stop = rules_of(n)
        head = f"{{instrument: {instrument(n)}, side: sell, quantity"
        lines.append(f"  {trail}: {head}: {quantity_of(trail)}, trail: 3%, activate: 1050}}")
        lines.append(f"  {stop}: {head}: {quantity_of(stop)}, stop: 990}}")
    return "\n".join(lines) + "\n"


@contextmanager
def crash_rig(home: Home, venue: Venue, audit: Path, moments: list[Moment], seed: int, variant: str = "mortal") -> Iterator[CrashRig]:
    """Set the stage for so many moments."""
    broker = Broker(audit, positions=positions(len(moments)))
    try:
        yield CrashRig(home, venue, broker, moments, seed, variant)
    finally:
        broker.close()
