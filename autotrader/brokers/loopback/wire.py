"""One HTTP request, at most once on the wire, and whether a byte of it can have left.

aiohttp sends an idempotent request (our DELETE) a second time when the connection breaks, on a fresh connection too. So
every connection serves one request, and a trace lets a request have one connection only. The same trace is the proof of
"not sent": without a connection nothing can have been written.
"""

from types import SimpleNamespace
from typing import NamedTuple

import aiohttp

from autotrader.ports import Capabilities


class Answered(NamedTuple):
    """What came back, whole."""

    status: int
    body: bytes


class NotSent(Exception):
    """No byte of the request was written."""


class NoAnswer(Exception):
    """The request may have arrived; no whole answer came."""


class _SecondRequest(Exception):
    """The library wanted to send again."""


class Wire:
    """A broker's base URL."""

    def __init__(self, url: str, capabilities: Capabilities) -> None:
        self._url = url.rstrip("/")
        patience = capabilities.acceptance_time
        self._timeout = aiohttp.ClientTimeout(total=patience, sock_connect=min(patience, 5.0))
        self._session: aiohttp.ClientSession | None = None
        self._closed = False

    async def send(self, method: str, path: str, body: bytes | None = None) -> Answered:
        """Send one request and return its whole answer; raises NotSent with proof, else NoAnswer."""
        link = SimpleNamespace(tried=False, made=False)
        if self._closed:
            raise NotSent("closed")
        session = self._opened()
        try:
            async with session.request(
                method,
                self._url + path,
                data=body,
                headers={"Content-Type": "application/json"} if body is not None else None,
                allow_redirects=False,
                trace_request_ctx=link,
            ) as response:
                return Answered(response.status, await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError, _SecondRequest) as trouble:
            reason = f"{type(trouble).__name__} {trouble}".strip()
            raise (NoAnswer(reason) if link.made else NotSent(reason)) from trouble

    async def close(self) -> None:
        """Close what is open, for good."""
        self._closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(force_close=True),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                trace_configs=[_one_connection()],
                trust_env=False,
            )
        return self._session


def _one_connection() -> aiohttp.TraceConfig:
    """Return the trace that notes the connection of a request and forbids it a second one."""
    trace = aiohttp.TraceConfig()
    trace.on_connection_create_start.append(_try)
    trace.on_connection_create_end.append(_made)
    trace.on_connection_reuseconn.append(_made)
    return trace


async def _try(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
    link = context.trace_request_ctx
    if link.tried:
        raise _SecondRequest("the connection broke, and a second request was stopped")
    link.tried = True


async def _made(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
    context.trace_request_ctx.made = True
