"""What a rule leaves out has a meaning for ever: rows are kept without defaults (docs/decisions/0018)."""

import msgspec

from autotrader.domain.rule import Rule
from autotrader.engine.views import text_view

SMALLEST = b'{"id":"r","account":"main","instrument":"KRX:005930","side":"sell","quantity":null,"legs":[]}'
MEANT = {
    "order": {"type": "market", "limit": None, "tif": "day", "peg": None},
    "until": "",
    "already_met": None,
    "recovery": "fire",
    "bind": "holding",
    "feed": None,
    "note": "",
    "sessions": [],
    "watch": "",
    "venue": "",
    "after_close": "recheck",
    "on_inadmissible": None,
    "on_halt": "queue",
    "window": "",
    "basis": "last",
    "confirm": None,
    "gap_guard": None,
    "cost_basis": None,
    "net": False,
    "on_position_change": "follow",
    "unfilled": None,
    "rearm": None,
    "rearm_next_session": False,
    "exits": [],
    "when": None,
    "action": "order",
    "shadow": False,
    "tags": [],
}


def test_a_default_never_changes() -> None:
    """A key of its own says something new. Changing a value here would change rules that are kept already."""
    smallest = msgspec.json.decode(SMALLEST, type=Rule)
    shown = msgspec.json.decode(msgspec.json.encode(text_view(smallest)))
    assert {key: shown[key] for key in shown if key not in msgspec.json.decode(SMALLEST)} == MEANT
    assert msgspec.json.encode(smallest) == SMALLEST
