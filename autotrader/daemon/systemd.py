"""What the service manager hears: ready, reloading, stopping, a status line, and that we are alive (sd_notify(3)).

Without a service manager everything here does nothing. Messages are datagrams to a socket that systemd keeps reading;
one that cannot be delivered is dropped, for telling is never worth dying.
"""

import socket
import time
from collections.abc import Callable, Mapping

_FEEDS_A_TERM = 3
"""How often the watchdog is fed within its term: one late turn does not kill us."""


class ServiceManager:
    """The notification socket that systemd handed to us, or nobody."""

    def __init__(self, address: str, watchdog_usec: int | None = None, *, monotonic_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._watchdog_usec = watchdog_usec
        self._monotonic_ns = monotonic_ns

    def ready(self) -> None:
        """Say that the store and the control socket are up (safety O1), also after a reload."""
        self._tell("READY=1")

    def reloading(self) -> None:
        """Say that the configuration is read again; `ready` says that this is over."""
        self._tell(f"RELOADING=1\nMONOTONIC_USEC={self._monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Say that we are on our way out."""
        self._tell("STOPPING=1")

    def status(self, text: str) -> None:
        """Say in one line how things are: `systemctl status` shows it."""
        self._tell("STATUS=" + " ".join(text.split()))

    def watchdog(self) -> None:
        """Say that we are alive."""
        self._tell("WATCHDOG=1")

    def watchdog_interval(self) -> float | None:
        """Return how many seconds may lie between two signs of life, or None when nobody waits for them."""
        return self._watchdog_usec / 1_000_000 / _FEEDS_A_TERM if self._watchdog_usec else None

    def _tell(self, message: str) -> None:
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as link:
            link.setblocking(False)
            try:
                link.sendto(message.encode(), self._address)
            except OSError:
                return


def open_service_manager(environment: Mapping[str, str], pid: int) -> ServiceManager:
    """Return the service manager that the environment names; a watchdog meant for another process is not ours."""
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        address = ""
    ours = environment.get("WATCHDOG_PID", str(pid)) == str(pid)
    term = environment.get("WATCHDOG_USEC", "")
    return ServiceManager(address, int(term) if ours and term.isascii() and term.isdigit() else None)
