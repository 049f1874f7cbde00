"""Exit codes: what a script can know of a command without reading a word of it. The CLI reference documents these."""

from autotrader.errors import AnotherInstance, AutotraderError, DaemonNotRunning, RefusedByState, UserMistake

DONE = 0
FAILED = 1
MISTAKE = 2
NOT_RUNNING = 3
REFUSED = 5
ANOTHER_INSTANCE = 75
BAD_CONFIG = 78
"""Only of `run`: systemd does not restart it (safety O3)."""

_BY_KIND: dict[type[AutotraderError], int] = {
    UserMistake: MISTAKE,
    DaemonNotRunning: NOT_RUNNING,
    RefusedByState: REFUSED,
    AnotherInstance: ANOTHER_INSTANCE,
}


def exit_code(error: AutotraderError) -> int:
    """Return the exit code that a command which met this error ends with."""
    return next((code for kind, code in _BY_KIND.items() if isinstance(error, kind)), FAILED)
