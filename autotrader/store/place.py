"""Where the store lies, and opening it for reading without changing a byte.

The header is looked at before SQLite is, because SQLite takes an empty file for a new database and would gladly start
over with an empty book.
"""

import sqlite3
from pathlib import Path
from urllib.parse import quote

from autotrader.errors import AutotraderError, CorruptState, NewerStore

NAME = "store.sqlite"
SCHEMA = Path(__file__).parent / "schema"
HEADER_LENGTH = 100
MAGIC = b"SQLite format 3\x00"
BUSY_MILLISECONDS = 5_000
UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
"""What reading a damaged file raises: flipped bits in a text are no longer UTF-8."""


NOT_DAMAGE = {
    sqlite3.SQLITE_AUTH,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""What the system or another process refuses says nothing of the file."""


class NoStore(AutotraderError):
    """There is no store in this directory (yet)."""


class CannotRead(AutotraderError):
    """The system does not let us read the store; it may be whole."""


def store_path(directory: Path) -> Path:
    """Return the file that is the store of a state directory."""
    return directory / NAME


def migrations() -> list[Path]:
    """Return the numbered schema files, oldest first."""
    return sorted(SCHEMA.glob("[0-9]*.sql"))


def schema_version() -> int:
    """Return the version that this program writes: the number of its newest schema file."""
    return int(migrations()[-1].name.split("_")[0])


def damaged(path: Path, finding: str) -> CorruptState:
    """Return the error that names the place, what was found, and the way out."""
    return CorruptState("store.damaged", path=str(path), finding=finding)


def code_of(error: Exception) -> int:
    """Return SQLite's primary result code, 0 for an error of anything else."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def unreadable(path: Path, error: Exception) -> AutotraderError:
    """Return what a failed reading means: damage, or only a refusal."""
    if isinstance(error, OSError) or code_of(error) in NOT_DAMAGE:
        return CannotRead("store.cannot_read", path=str(path), finding=str(error))
    return damaged(path, str(error))


def exists(directory: Path) -> bool:
    """Return whether there is a store; a log without its store is a damaged one, never a new one."""
    path = store_path(directory)
    if path.exists():
        return True
    if path.with_name(NAME + "-wal").exists():
        raise damaged(path, "the file is gone, but its write-ahead log is there")
    return False


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open the file without any implicit transaction: each one is begun and ended in plain sight."""
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, cached_statements=256
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")
    return connection


def open_reader(directory: Path) -> sqlite3.Connection:
    """Open the store for reading only, or say why it cannot be read."""
    if not exists(directory):
        raise NoStore("store.none", directory=str(directory))
    path = store_path(directory)
    _check_header(path)
    try:
        connection = connect(path, "ro")
    except UNREADABLE as error:
        raise unreadable(path, error) from error
    try:
        _check_version(path, version_of(connection))
    except UNREADABLE as error:
        connection.close()
        raise unreadable(path, error) from error
    except AutotraderError:
        connection.close()
        raise
    return connection


def version_of(connection: sqlite3.Connection) -> int:
    """Return the schema version that the store says it has."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def inspect(directory: Path) -> None:
    """Read the whole store and compare it with itself; raise where it cannot be true. Nothing is changed."""
    path = store_path(directory)
    connection = open_reader(directory)
    try:
        findings = [row[0] for row in connection.execute("PRAGMA quick_check(3)") if row[0] != "ok"]
        findings += [f"{table} row without its {parent}" for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check")]
    except UNREADABLE as error:
        raise unreadable(path, error) from error
    finally:
        connection.close()
    if findings:
        raise damaged(path, "; ".join(findings[:3]))


def _check_header(path: Path) -> None:
    try:
        with path.open("rb") as file:
            header = file.read(HEADER_LENGTH)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(header) < HEADER_LENGTH or not header.startswith(MAGIC):
        raise damaged(path, "this is not an SQLite database" if header else "the file is empty")
    _check_version(path, int.from_bytes(header[60:64], "big"))


def _check_version(path: Path, version: int) -> None:
    known = schema_version()
    if version > known:
        raise NewerStore("store.newer", path=str(path), version=version, known=known)
