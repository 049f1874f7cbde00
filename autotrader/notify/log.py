"""The notifier that everybody has: lines on stderr, which may be a terminal, the journal, or a pipe that nobody reads.

It never raises and never blocks a firing: lines wait in a bounded queue for a thread of their own, and those that
nothing took are counted and reported once something takes lines again.
"""

import os
import queue
import threading
from collections.abc import Callable, Mapping

from autotrader.engine.records import AlertRecord, JournalRow, Note
from autotrader.notify.line import Line, Priority, Style, of_alert, of_row, shape

WAITING = 2000
CLOSE_WITHIN = 2.0

Write = Callable[[bytes], None]


class LogNotifier:
    """Writes what happens, one line each (`ports.Notifier`)."""

    def __init__(self, write: Write, style: Style, *, waiting: int = WAITING) -> None:
        self.dropped = 0
        self._write = write
        self._style = style
        self._lines: queue.Queue[Line | None] = queue.Queue(waiting)
        self._lost = 0
        self._counting = threading.Lock()
        # A daemon thread: a pipe that nobody reads must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def told(self, row: JournalRow) -> None:
        """Take a change of state."""
        self._take(of_row(row))

    def alerted(self, alert: AlertRecord) -> None:
        """Take what a person must see."""
        self._take(of_alert(alert))

    def said(self, subject: str, note: Note, at: int, priority: Priority = Priority.INFO) -> None:
        """Take a sentence of the daemon itself that changes no state: started, listening, stopping."""
        self._take(Line(at, priority, subject, "", note))

    def close(self, within: float = CLOSE_WITHIN) -> None:
        """Write what waits, for as long as that takes but not longer than this many seconds."""
        try:
            self._lines.put(None, timeout=within)
        except queue.Full:
            return
        self._thread.join(within)

    def _take(self, line: Line) -> None:
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            self._lose(1)

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            self._put(line)

    def _put(self, line: Line) -> None:
        """Write a line, and before it how many were lost since the last one that was taken."""
        lost = self._lost
        try:
            if lost:
                self._write(self._bytes(_loss(line.at, lost)))
                self._lose(-lost)
            self._write(self._bytes(line))
        except (OSError, ValueError):
            self._lose(1)

    def _bytes(self, line: Line) -> bytes:
        return (shape(line, self._style) + "\n").encode("utf-8", "backslashreplace")

    def _lose(self, count: int) -> None:
        with self._counting:
            self._lost += count
            self.dropped += max(count, 0)


def open_log(environment: Mapping[str, str], *, fd: int = 2, language: str = "en") -> LogNotifier:
    """Return the notifier for a file descriptor, in the style that its reader can use."""
    journal = _is_journal(fd, environment.get("JOURNAL_STREAM", ""))
    terminal = not journal and os.isatty(fd)
    colour = terminal and "NO_COLOR" not in environment
    return LogNotifier(_writer(fd), Style(language=language, journal=journal, colour=colour, ids=not terminal))


def _loss(at: int, count: int) -> Line:
    return Line(at, Priority.WARNING, "daemon", "", Note("notify.dropped", {"count": str(count)}))


def _is_journal(fd: int, stream: str) -> bool:
    """Return whether the descriptor is the very stream that systemd named; a redirected one is not (systemd.exec(5))."""
    try:
        status = os.fstat(fd)
    except OSError:
        return False
    return stream == f"{status.st_dev}:{status.st_ino}"


def _writer(fd: int) -> Write:
    def write(text: bytes) -> None:
        while text:
            text = text[os.write(fd, text) :]

    return write
