"""What lies where in a state directory, and that paper and live never share one (safety L5)."""

import os
from pathlib import Path

from autotrader.domain.settings import Mode
from autotrader.errors import UserMistake

SOCKET = "control.sock"
MODE = "mode"


def socket_path(state: Path) -> Path:
    """Return the control socket of a state directory."""
    return state / SOCKET


def check_mode(state: Path, wanted: Mode) -> None:
    """Remember the mode of a new state directory; raise UserMistake when it belongs to the other one."""
    present = mode_of(state)
    if present is None:
        _remember(state / MODE, wanted)
    elif present is not wanted:
        raise UserMistake("daemon.wrong_mode", state=state, present=present.value, wanted=wanted.value)


def mode_of(state: Path) -> Mode | None:
    """Return the mode of a state directory, None for one that has none yet; raise UserMistake when nobody can tell."""
    path = state / MODE
    try:
        written = path.read_text(encoding="ascii", errors="backslashreplace").strip()
    except FileNotFoundError:
        return None
    try:
        return Mode(written)
    except ValueError:
        raise UserMistake("daemon.unreadable_mode", file=path, found=written[:40]) from None


def _remember(path: Path, mode: Mode) -> None:
    """Write the mode whole or not at all: half of it would keep every later start from beginning."""
    draft = path.with_name(MODE + ".new")
    with draft.open("w", encoding="ascii") as file:
        file.write(mode.value + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
