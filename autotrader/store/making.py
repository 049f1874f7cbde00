"""Making a store, once and completely, and bringing an older one forward.

A new store is built under another name, flushed and renamed, so that a crash while making it leaves either none or a
whole one (safety D2).
"""

import os
import secrets
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from autotrader.store.place import NAME, connect, damaged, migrations, store_path, version_of


def make(directory: Path) -> None:
    """Build the store of a directory that has none."""
    building = directory / (NAME + ".new")
    # What lies under this name was never a store: a crash interrupted the making of it.
    for leftover in directory.glob(NAME + ".new*"):
        leftover.unlink()
    connection = connect(building, "rwc")
    try:
        connection.execute("PRAGMA synchronous = FULL")
        migrate(connection, migrations())
        _name_it(connection)
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()
    building.chmod(0o600)
    flush(building)
    building.rename(store_path(directory))
    flush(directory)


def migrate(connection: sqlite3.Connection, files: Sequence[Path]) -> None:
    """Bring the schema forward, one transaction a file; nothing of a file that fails remains."""
    present = version_of(connection)
    for file in files:
        number = int(file.name.split("_")[0])
        if number > present:
            _apply(connection, file.read_text(encoding="utf-8"), number)


def check_sane(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a file that is a database but was never made by us."""
    if version_of(connection) == 0:
        raise damaged(path, "the database has no schema of ours")


def flush(path: Path) -> None:
    """Return when a file, or a directory's list of names, is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _apply(connection: sqlite3.Connection, schema: str, number: int) -> None:
    try:
        connection.executescript(f"BEGIN IMMEDIATE;\n{schema}\nPRAGMA user_version = {number};\nCOMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _name_it(connection: sqlite3.Connection) -> None:
    """Give the store its identity, which prefixes client order ids, and its counters."""
    facts = {"instance": secrets.token_hex(4), "epoch": "0", "last_alive": "0"}
    connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", facts.items())
