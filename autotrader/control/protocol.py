"""The language of the control socket: one JSON object a line, versioned, every request with an id of its own.

Pure: bytes in, values out, and back. A request repeated under the same id is answered again and not carried out again,
so a lost answer costs nothing. What cannot be read is answered with a `control.*` code, and then the line is cut.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from autotrader.control.exits import exit_code
from autotrader.domain.rule import RuleId
from autotrader.engine.events import Verb
from autotrader.engine.records import RequestId
from autotrader.errors import AutotraderError, UserMistake

VERSION = 1
REQUEST_LIMIT = 64 * 1024
REPLY_LIMIT = 64 * 1024 * 1024


class Reload(Struct, frozen=True, tag="reload"):
    """Read the YAML file again. `confirmed` lets a large change through (safety Y6), `digest` names the content that is meant:
    a file that has another one is refused."""

    confirmed: bool = False
    digest: str = ""


class PlanFile(Struct, frozen=True, tag="plan"):
    """What would the YAML file change? Nothing is changed by asking. The answer has the digest of what was read."""


class Templates(Struct, frozen=True, tag="templates"):
    """The templates that attach rules to new holdings, and what they attached."""


class History(Struct, frozen=True, tag="history"):
    """The newest fires with their orders and fills, of one rule or of all."""

    limit: int = 20
    rule: RuleId | None = None


class Journal(Struct, frozen=True, tag="journal"):
    """The newest changes of state, of a subject and all under it or of everything."""

    subject: str | None = None
    limit: int = 100


class Alerts(Struct, frozen=True, tag="alerts"):
    """What nobody has seen yet. The numbers in `seen` are marked as seen first."""

    seen: list[int] = []


class Ping(Struct, frozen=True, tag="ping"):
    """Is anybody there?"""


AnyVerb = Verb | Reload | PlanFile | Templates | History | Journal | Alerts | Ping
"""The engine answers a Verb, the daemon's shell the others."""

PATIENCE = 10.0
PATIENCE_WITH_FILES = 40.0
"""Seconds for an answer. A reload waits for a child process that may take 30 s over a hostile file."""


class Request(Struct, frozen=True):
    """One command. `by` says for the journal who asks."""

    id: RequestId
    by: str
    verb: AnyVerb


class Reply(Struct, frozen=True, omit_defaults=True):
    """One answer: a result, or a code with parameters for the catalogue and the exit code of the command."""

    id: str
    ok: bool
    result: dict[str, Any] = {}
    code: str = ""
    params: dict[str, Any] = {}
    exit: int = 0


class _Head(Struct):
    """The part of a line that every version has: looked at first, so that another version is named as such."""

    v: int = 0
    id: str = ""


class _WireRequest(Request, frozen=True):
    v: int = VERSION


class _WireReply(Reply, frozen=True):
    v: int = VERSION


class Unreadable(UserMistake):
    """What came is not a line of this protocol. `request` is its id, as far as it could be read."""

    def __init__(self, code: str, /, request: str = "", **params: object) -> None:
        super().__init__(code, **params)
        self.request = request


_head = msgspec.json.Decoder(_Head)
_request = msgspec.json.Decoder(_WireRequest)
_reply = msgspec.json.Decoder(_WireReply)


def patience(verb: AnyVerb) -> float:
    """Return how many seconds an answer to this may take."""
    return PATIENCE_WITH_FILES if isinstance(verb, Reload | PlanFile) else PATIENCE


def encode_request(request: Request) -> bytes:
    """Return the line for a request, or raise Unreadable when it is longer than the daemon takes."""
    line = msgspec.json.encode({"v": VERSION, "id": request.id, "by": request.by, "verb": request.verb})
    if len(line) > REQUEST_LIMIT:
        raise Unreadable("control.too_long", request.id, limit=REQUEST_LIMIT)
    return line + b"\n"


def decode_request(line: bytes) -> Request:
    """Return the request in a line, or raise Unreadable."""
    head = _read_head(line)
    try:
        wire = _request.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Unreadable("control.unreadable", head.id, fault=str(fault)) from None
    return Request(wire.id, wire.by, wire.verb)


def encode_reply(request: str, body: Mapping[str, Any]) -> bytes:
    """Return the line that answers a request; `body` is the `{"ok": …}` part."""
    line = msgspec.json.encode({"v": VERSION, "id": request, **body})
    if len(line) > REPLY_LIMIT:
        return encode_reply(request, refusal(Unreadable("control.reply_too_long", request, limit=REPLY_LIMIT)))
    return line + b"\n"


def decode_reply(line: bytes) -> Reply:
    """Return the reply in a line, or raise Unreadable."""
    head = _read_head(line)
    try:
        wire = _reply.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Unreadable("control.unreadable", head.id, fault=str(fault)) from None
    return Reply(wire.id, wire.ok, wire.result, wire.code, wire.params, wire.exit)


def success(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body of an answer that carries a result."""
    return {"ok": True, "result": dict(result)}


def refusal(error: AutotraderError) -> dict[str, Any]:
    """Return the body of an answer that says no."""
    return {"ok": False, "code": error.code, "params": error.params, "exit": exit_code(error)}


def _read_head(line: bytes) -> _Head:
    try:
        head = _head.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise Unreadable("control.unreadable", fault=str(fault)) from None
    if head.v != VERSION:
        raise Unreadable("control.version", head.id, theirs=head.v, ours=VERSION)
    return head
