"""What lies where in a state directory, and that paper and live never share one (safety L5)."""

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
    path = state / MODE
    try:
        present = path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        path.write_text(wanted.value + "\n", encoding="ascii")
        return
    if present != wanted.value:
        raise UserMistake("daemon.wrong_mode", state=state, present=present, wanted=wanted.value)
