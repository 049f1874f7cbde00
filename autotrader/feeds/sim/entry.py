"""How orders are spoken with the sim: requests with a number, answers with the same number, and what became of orders. Pure.

A connection to `/orders` names its owner first and the last event it has heard; so a line that broke goes on where it was.
"""

from typing import cast

import msgspec

from autotrader.ports import VenueAnswer, VenueEvent, VenueOrder

PATH = "/orders"
"""Where at the sim's address orders are taken."""
ORDERS = "Autotrader-Orders"
"""Response header by which a server says that it takes orders, on every connection."""


class Open(msgspec.Struct, frozen=True, tag="open"):
    """The first thing that a client says. `after` is the number of the last event that it knows of, 0 for none."""

    owner: str
    after: int = 0


class Enter(msgspec.Struct, frozen=True, tag="enter"):
    number: int
    order: VenueOrder


class CancelOrder(msgspec.Struct, frozen=True, tag="cancel"):
    number: int
    id: str


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """The answer to request `number`."""

    number: int
    answer: VenueAnswer


class Happened(msgspec.Struct, frozen=True, tag="happened"):
    """What became of an order. `sequence` counts the events of an owner, from 1."""

    sequence: int
    event: VenueEvent


Request = Open | Enter | CancelOrder
Said = Answer | Happened

_REQUESTS: msgspec.json.Decoder[Request] = msgspec.json.Decoder(cast("type[Request]", Open | Enter | CancelOrder))
_SAID: msgspec.json.Decoder[Said] = msgspec.json.Decoder(cast("type[Said]", Answer | Happened))


def write(said: Request | Said) -> str:
    """Return a frame as text."""
    return msgspec.json.encode(said).decode()


def read_request(message: bytes) -> Request | None:
    """Return what a client asks, None when it cannot be understood."""
    try:
        return _REQUESTS.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def read_said(message: bytes | str) -> Said | None:
    """Return what the sim said, None when it cannot be understood."""
    try:
        return _SAID.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
