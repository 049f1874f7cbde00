"""`python variants.py VARIANT CONFIG STATE`: the daemon, plain or with one fault of ours in it.

A variant replaces one part of the wiring before the daemon starts; the parts themselves are the shipped ones.

- `plain`: as shipped.
- `mortal`: kills itself at the point that the file named by AUTOTRADER_TEST_MOMENT tells: `before_commit 3` and so on.
- `resending`: planted; at its start it takes every order without an answer for one that never left, and sends it again.
- `hasty`: planted; it performs first and commits afterwards.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from autotrader.daemon import run as wiring
from autotrader.daemon.outbox import Order, Outbox
from autotrader.daemon.pump import Pump
from autotrader.domain.rule import AccountName
from autotrader.engine import engine as deciding
from autotrader.engine.book import Turn
from autotrader.engine.effects import Place, Unit
from autotrader.engine.lifecycle import IntentSignal
from autotrader.engine.records import IntentStatus, Note
from autotrader.store.sqlite import SqliteStore


class Moment:
    """The point of death, read anew each time, for it is told while the daemon runs."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)
        self._passed = 0

    def reach(self, point: str) -> None:
        """Die here, if this is the point and often enough passed."""
        try:
            wanted, _, count = self._file.read_text().partition(" ")
        except FileNotFoundError:
            self._passed = 0
            return
        if wanted == point:
            self._passed += 1
            if self._passed >= int(count or 1):
                self._file.unlink()
                os.kill(os.getpid(), signal.SIGKILL)


MOMENT = Moment(os.environ.get("AUTOTRADER_TEST_MOMENT", "/nonexistent"))


def make_mortal() -> None:
    """Die around commits and around sendings."""
    commit, put, settle_outcome = SqliteStore.commit, Outbox.put, wiring.Daemon._answered

    async def mortal_commit(self: SqliteStore, units: Sequence[Unit]) -> None:
        MOMENT.reach("before_commit")
        await commit(self, units)
        MOMENT.reach("after_commit")

    def mortal_put(self: Outbox, account: AccountName, order: Order) -> None:
        MOMENT.reach("before_send")
        put(self, account, order)

    def mortal_answered(self: wiring.Daemon, outcome: object) -> None:
        MOMENT.reach("after_answer")
        settle_outcome(self, outcome)  # type: ignore[arg-type]  # handed on as it came

    SqliteStore.commit = mortal_commit  # type: ignore[method-assign]  # the fault is the point of this file
    Outbox.put = mortal_put  # type: ignore[method-assign]
    wiring.Daemon._answered = mortal_answered  # type: ignore[method-assign]


def begin_by_resending(turn: Turn, version: str, down_since: int) -> None:
    """What must never be done: an attempt without an answer is taken for one that never left."""
    for intent in turn.book.open():
        if intent.status is IntentStatus.SENDING:
            turn.move_intent(intent, IntentSignal.NOT_SEND, Note("intent.not_sent", {"order": "", "detail": "planted", "attempt": "1"}))


async def settle_hastily(self: Pump, units: Sequence[Unit]) -> None:
    """What must never be done: act first, write down later."""
    for unit in units:
        for act in unit.acts:
            self.world.perform(act)
    if any(isinstance(act, Place) for unit in units for act in unit.acts):
        await asyncio.sleep(0.3)
    await self.store.commit(units)
    while self.engine.unfinished:
        await settle_hastily(self, self.engine.go_on())


def main() -> int:
    """Be the variant that the command line names."""
    variant, config, state = sys.argv[1:]
    if variant in ("mortal", "resending", "hasty"):
        make_mortal()
    if variant == "resending":
        vars(deciding)["begin"] = begin_by_resending
    if variant == "hasty":
        Pump.settle = settle_hastily  # type: ignore[method-assign]
    return wiring.run(wiring.RunOptions(Path(config), Path(state)))


if __name__ == "__main__":
    sys.exit(main())
