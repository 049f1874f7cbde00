"""What the disk costs alone, on the same filesystem as the figure beside it."""

import os
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path


def append_and_flush(place: Path, sizes: Iterable[int]) -> list[float]:
    """Return the seconds of each append + fdatasync of so many bytes."""
    spent = []
    descriptor = os.open(place / "appended", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    for size in sizes:
        row = os.urandom(size)
        begin = time.perf_counter()
        os.write(descriptor, row)
        os.fdatasync(descriptor)
        spent.append(time.perf_counter() - begin)
    os.close(descriptor)
    return spent


def commit_rows(place: Path, sizes: Iterable[int]) -> list[float]:
    """Return the seconds of each commit of one row of so many bytes with bare sqlite3, write-ahead log and full sync."""
    spent = []
    connection = sqlite3.connect(place / "bare.sqlite", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE row (number INTEGER PRIMARY KEY, body BLOB)")
    for size in sizes:
        row = os.urandom(size)
        begin = time.perf_counter()
        connection.execute("INSERT INTO row (body) VALUES (?)", (row,))
        spent.append(time.perf_counter() - begin)
    connection.close()
    return spent
