"""What comes over the control socket: the engine answers most through the inbox, the shell what needs files or the store."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from autotrader import __version__
from autotrader.control.protocol import Alerts, History, Journal, Ping, PlanFile, Reload, Request, Templates, success
from autotrader.daemon.inbox import Inbox
from autotrader.daemon.listing import list_in_slices
from autotrader.daemon.performing import Replies
from autotrader.daemon.rulesfile import RulesFile
from autotrader.daemon.views import alert_view, fire_view, row_view
from autotrader.engine.engine import Engine
from autotrader.engine.events import Add, Command, Edit, Held, ListRules, Resolve, Resume, Status, Verb
from autotrader.engine.index import LARGEST
from autotrader.engine.views import templates_view
from autotrader.errors import AutotraderError
from autotrader.store.sqlite import SqliteStore

MOST_ROWS = 5_000
"""So many rows one answer has at most: more would hold prices up while they are put into words."""


class Desk:
    """Answers requests, each with the `{"ok": …}` part of its reply."""

    def __init__(
        self,
        inbox: Inbox,
        replies: Replies,
        engine: Engine,
        store: SqliteStore,
        file: RulesFile,
        state: str,
        look_again: Callable[[], None],
    ) -> None:
        self._inbox = inbox
        self._replies = replies
        self._engine = engine
        self._store = store
        self._file = file
        self._state = state
        self._look_again = look_again

    async def answer(self, request: Request) -> dict[str, Any]:
        """Carry a request out; the reply to a command comes after its commit."""
        match request.verb:
            case Ping():
                return success(self._ping())
            case Reload(confirmed, digest):
                return await self._reload(request, confirmed=confirmed, digest=digest)
            case PlanFile():
                return await self._plan(request)
            case Templates():
                await self._asked(request, Held())  # nobody is told what is not committed yet (safety F9)
                return success({"templates": templates_view(self._engine.book)})
            case History(limit, rule):
                return success({"fires": [fire_view(fire) for fire in await self._store.fires(_bounded(limit), rule)]})
            case Journal(subject, limit):
                return success({"rows": [row_view(row) for row in await self._store.journal(subject, _bounded(limit))]})
            case Alerts(seen):
                if seen:
                    await self._store.mark_seen([number for number in seen if 0 < number <= LARGEST])
                return success({"alerts": [alert_view(alert) for alert in await self._store.alerts()]})
            case ListRules():
                rules = await list_in_slices(self._engine)
                # What the list shows was decided, and perhaps not yet committed: nobody is told before that (safety F9).
                await self._asked(request, Held())
                return success({"rules": rules})
            case verb:
                body = await self._asked(request, verb)
                if isinstance(verb, Resolve):
                    self._look_again()
                return await self._with_shell_facts(body) if isinstance(verb, Status) else body

    async def _asked(self, request: Request, verb: Verb) -> dict[str, Any]:
        """Ask the engine; its answer comes when all that was decided before is committed."""

        async def send() -> None:
            self._inbox.put(Command(request.id, verb, request.by))

        return await self._through_the_inbox(request, send)

    async def _through_the_inbox(self, request: Request, send: Callable[[], Awaitable[None]]) -> dict[str, Any]:
        if self._inbox.is_full:
            raise AutotraderError("daemon.overloaded")
        if self._store.full and isinstance(request.verb, Add | Edit | Resume):
            raise AutotraderError("store.full", directory=self._state)
        reply, asked_before = self._replies.expect(request.id)
        if not asked_before:
            try:
                await send()
            except BaseException:
                self._replies.forget(request.id)
                raise
        # Shielded: one who hangs up must not take the answer from the one who asks again under the same id.
        return await asyncio.shield(reply)

    async def _plan(self, request: Request) -> dict[str, Any]:
        """Answer what the file would change, with the digest by which `apply` names it."""
        digest = ""

        async def send() -> None:
            nonlocal digest
            digest = await self._file.rehearse(request.id, request.by)

        body = await self._through_the_inbox(request, send)
        return {**body, "result": {**body["result"], "file": str(self._file.path.absolute()), "digest": digest}} if body["ok"] else body

    async def _reload(self, request: Request, *, confirmed: bool, digest: str) -> dict[str, Any]:
        async def send() -> None:
            await self._file.read(confirmed=confirmed, request=request.id, by=request.by, expected=digest)

        body = await self._through_the_inbox(request, send)
        if body["ok"] and self._file.restart_needed:
            body = {**body, "result": {**body["result"], "restart_needed": True}}
        return body

    async def _with_shell_facts(self, body: dict[str, Any]) -> dict[str, Any]:
        """Add to the engine's status what only the shell knows."""
        alerts = await self._store.alerts()
        extra = {"version": __version__, "pid": os.getpid(), "config": str(self._file.path.absolute()), "state": self._state}
        notes = [{"code": note.code, "params": dict(note.params)} for note in self._store.notes]
        crowded = {"conflated": sum(self._inbox.conflated.values()), "store_notes": notes, "alerts": len(alerts)}
        return {**body, "result": {**body["result"], **extra, **crowded}}

    def _ping(self) -> dict[str, Any]:
        world = self._engine.world
        return {
            "version": __version__,
            "pid": os.getpid(),
            "mode": world.mode.value,
            "config": str(self._file.path.absolute()),
            "market_facts": self._file.settings.market_facts,
            "state": self._state,
            "accounts": sorted(world.accounts),
            "feeds": [{"name": feed.name, "patterns": list(feed.patterns)} for feed in world.feeds],
        }


def _bounded(limit: int) -> int:
    return max(0, min(limit, MOST_ROWS))
