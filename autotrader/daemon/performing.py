"""Who performs what the engine decided: the outbox, the feeds, the brokers that fill from prints, the replies."""

import asyncio
from typing import Any

from autotrader.daemon.outbox import Outbox
from autotrader.domain.rule import AccountName
from autotrader.engine.effects import Act, Ignored, Place, Reply, Show, Subscribe, Withdraw
from autotrader.engine.records import RequestId
from autotrader.ports import Broker, Feed


class Replies:
    """Commands that wait for their answer. A request asked twice at once gets one answer twice."""

    def __init__(self) -> None:
        self._waiting: dict[RequestId, asyncio.Future[dict[str, Any]]] = {}

    def expect(self, request: RequestId) -> tuple[asyncio.Future[dict[str, Any]], bool]:
        """Return the answer-to-be of a request, and whether it was waited for already."""
        known = self._waiting.get(request)
        if known is not None:
            return known, True
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[request] = future
        return future, False

    def forget(self, request: RequestId) -> None:
        """Expect no answer any more: the command never reached the engine. Whoever else waits for it is let go."""
        future = self._waiting.pop(request, None)
        if future is not None:
            future.cancel()

    def give(self, reply: Reply) -> None:
        """Give an answer to whoever still waits for it."""
        future = self._waiting.pop(reply.request, None)
        if future is not None and not future.done():
            future.set_result(reply.body)


class Performers:
    """`daemon.pump.World` of the running daemon."""

    def __init__(self, outbox: Outbox, brokers: dict[AccountName, Broker], feeds: dict[str, Feed], replies: Replies) -> None:
        self._outbox = outbox
        self._brokers = brokers
        self._feeds = feeds
        self._replies = replies

    def perform(self, act: Act) -> None:
        """Do one act; nothing here waits."""
        match act:
            case Place(request):
                self._outbox.put(request.account, act)
            case Withdraw(account):
                self._outbox.put(account, act)
            case Show(account, tick):
                self._brokers[account].show(tick)
            case Reply():
                self._replies.give(act)
            case Subscribe(feed, instruments):
                self._feeds[feed].subscribe(instruments)
            case Ignored():
                pass  # the engine has counted it
