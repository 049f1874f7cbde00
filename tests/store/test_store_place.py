"""Opening a store: made whole, checked, brought forward, and never touched when something is wrong with it."""

import random
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest
from store_records import NOW, a_fire

from autotrader.engine.records import Snapshot
from autotrader.errors import CorruptState, NewerStore
from autotrader.store import reading
from autotrader.store.making import migrate
from autotrader.store.place import SCHEMA, CannotRead, connect, schema_version, store_path, version_of
from autotrader.store.writer import CommitFailed, Writer

RELEASED = Path(__file__).parent / "released"
PAGE = 4096


def contents(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.fixture
def used(tmp_path: Path) -> Path:
    """Return a directory whose store was used and closed."""
    with closing(Writer(tmp_path, NOW)) as writer:
        writer.commit([a_fire(f"rule-{number}") for number in range(60)], NOW)
    return tmp_path


def test_a_store_is_made_whole(tmp_path: Path) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        settings = {
            name: writer.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ["journal_mode", "synchronous", "foreign_keys"]
        }
        assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        assert version_of(writer.connection) == schema_version()
    assert set(contents(tmp_path)) == {"store.sqlite", "store.reserve"}
    assert stat.S_IMODE(store_path(tmp_path).stat().st_mode) == 0o600


def test_a_making_that_a_crash_interrupted_is_begun_again(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite.new").write_bytes(b"half a st")
    (tmp_path / "store.sqlite.new-journal").write_bytes(b"of a dead process")
    with closing(Writer(tmp_path, NOW)) as writer:
        assert writer.load() == Snapshot()
    assert set(contents(tmp_path)) == {"store.sqlite", "store.reserve"}


def keep(length: int) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:length]


def overwrite(at: int, new: bytes) -> Callable[[bytes], bytes]:
    return lambda raw: raw[:at] + new + raw[at + len(new) :]


def version_zero(raw: bytes) -> bytes:
    return overwrite(60, bytes(4))(raw)


DAMAGE = [
    pytest.param(keep(0), "the file is empty", id="emptied"),
    pytest.param(keep(50), "not an SQLite database", id="cut inside the header"),
    pytest.param(keep(PAGE), "", id="cut after the first page"),
    pytest.param(keep(9 * PAGE + 700), "", id="cut inside a page"),
    pytest.param(lambda raw: b"rules: {}\n" * 1000, "not an SQLite database", id="a text file"),
    pytest.param(overwrite(0, b"SQLite format 4"), "not an SQLite database", id="a wrong magic"),
    pytest.param(overwrite(100, bytes(200)), "", id="the schema's page header zeroed"),
    pytest.param(overwrite(PAGE, bytes(PAGE)), "", id="a page zeroed"),
    pytest.param(overwrite(3 * PAGE, b"\xff" * 64), "", id="a page header overwritten"),
    pytest.param(version_zero, "no schema of ours", id="a database without our schema"),
]


@pytest.mark.parametrize(("damage", "finding"), DAMAGE)
def test_a_damaged_store_is_refused_and_left_as_it_is(used: Path, damage: Callable[[bytes], bytes], finding: str) -> None:
    path = store_path(used)
    path.write_bytes(damage(path.read_bytes()))
    before = path.read_bytes()
    with pytest.raises(CorruptState) as refusal:
        Writer(used, NOW)
    assert path.read_bytes() == before
    told = str(refusal.value)
    assert str(path) in told
    assert finding in told
    assert "restore a backup" in told


@pytest.mark.parametrize("seed", range(25))
def test_flipped_bytes_are_found_or_harmless_and_never_written_over(used: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = store_path(used)
    raw = bytearray(path.read_bytes())
    for _ in range(40):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    path.write_bytes(raw)
    try:
        writer = Writer(used, NOW)
    except CorruptState:
        assert path.read_bytes() == raw
    else:
        with closing(writer), suppress(CorruptState):
            writer.load()


def test_a_store_with_a_log_but_without_its_file_is_not_replaced(used: Path) -> None:
    store_path(used).rename(used / "store.sqlite-wal")
    with pytest.raises(CorruptState, match="the file is gone"):
        Writer(used, NOW)
    assert not store_path(used).exists()


def test_an_intent_whose_shot_is_gone_is_found_at_the_start(used: Path) -> None:
    with closing(sqlite3.connect(store_path(used))) as connection:
        connection.execute("DROP TRIGGER shots_are_kept")
        connection.execute("DELETE FROM shots WHERE rule = 'rule-7'")
        connection.commit()
    with pytest.raises(CorruptState, match="intents row without its shots"):
        Writer(used, NOW)


def in_file(directory: Path) -> None:
    """Write the version where a closed store has it."""
    with closing(sqlite3.connect(store_path(directory))) as connection:
        connection.execute(f"PRAGMA user_version = {schema_version() + 1}")


def test_a_newer_store_is_refused_untouched(used: Path) -> None:
    in_file(used)
    before = contents(used)
    with pytest.raises(NewerStore, match=f"schema {schema_version() + 1}, this one knows {schema_version()}"):
        Writer(used, NOW)
    with pytest.raises(NewerStore):
        reading.read_snapshot(used)
    assert contents(used) == before


def test_a_newer_store_whose_log_was_not_folded_in_is_refused_too(used: Path) -> None:
    newer = connect(store_path(used), "rw")
    with closing(newer):
        newer.execute(f"PRAGMA user_version = {schema_version() + 1}")
        before = store_path(used).read_bytes()
        with pytest.raises(NewerStore):
            Writer(used, NOW)
        assert store_path(used).read_bytes() == before


def rebuilt(dump: Path, directory: Path) -> Path:
    """Make a store file from the SQL of a released one."""
    with closing(sqlite3.connect(store_path(directory))) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
        connection.execute(f"PRAGMA user_version = {int(dump.stem)}")
        connection.execute("PRAGMA journal_mode = WAL")
    return directory


@pytest.mark.parametrize("dump", sorted(RELEASED.glob("*.sql")), ids=lambda dump: dump.stem)
def test_a_store_of_every_release_still_opens(tmp_path: Path, dump: Path) -> None:
    directory = rebuilt(dump, tmp_path)
    with closing(Writer(directory, NOW)) as writer:
        snapshot = writer.load()
        assert version_of(writer.connection) == schema_version()
    assert [rule.rule.id for rule in snapshot.rules] == ["samsung", "hynix"]
    assert (len(snapshot.legs), len(snapshot.marks), len(snapshot.intents), len(snapshot.fills)) == (2, 1, 1, 1)
    assert [fire.shot.level for fire in reading.read_fires(directory, 5)] == ["68000"]
    assert [alert.alert.note.code for alert in reading.read_alerts(directory)] == ["store.full"]
    assert len(reading.read_journal(directory, "samsung", 5)) == 1


def test_every_released_schema_is_kept() -> None:
    assert [int(dump.stem) for dump in sorted(RELEASED.glob("*.sql"))] == list(range(1, schema_version() + 1))


def test_a_released_schema_file_is_never_edited(tmp_path: Path) -> None:
    """A change is a new numbered file; `keep_release.py` then keeps a store of it."""
    (tmp_path / "old").mkdir()
    (tmp_path / "new").mkdir()
    rebuilt(sorted(RELEASED.glob("*.sql"))[-1], tmp_path / "old")
    with closing(Writer(tmp_path / "old", NOW)) as old, closing(Writer(tmp_path / "new", NOW)) as new:
        schemas = [set(one.connection.execute("SELECT type, name, sql FROM sqlite_schema")) for one in (old, new)]
    assert schemas[0] == schemas[1]


@pytest.mark.parametrize(
    ("sql", "further", "columns"),
    [
        pytest.param("ALTER TABLE cash ADD COLUMN lent TEXT;", 1, 5, id="whole"),
        pytest.param("ALTER TABLE cash ADD COLUMN lent TEXT; ALTER TABLE nowhere ADD COLUMN lent TEXT;", 0, 4, id="failing half-way"),
    ],
)
def test_a_migration_happens_whole_or_not_at_all(used: Path, sql: str, further: int, columns: int) -> None:
    files = [*sorted(SCHEMA.glob("*.sql")), used / f"{schema_version() + 1:04}_lent.sql"]
    files[-1].write_text(sql)
    with closing(connect(store_path(used), "rw")) as connection:
        with suppress(sqlite3.OperationalError):
            migrate(connection, files)
        assert version_of(connection) == schema_version() + further
        assert len(connection.execute("PRAGMA table_info(cash)").fetchall()) == columns
        assert not connection.in_transaction


def test_a_store_that_another_program_holds_is_not_called_damaged(used: Path) -> None:
    with closing(connect(store_path(used), "rw")) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with closing(connect(store_path(used), "ro")) as impatient:
            impatient.execute("PRAGMA busy_timeout = 0")
            with pytest.raises(CannotRead, match="locked"):
                reading.answer(impatient, store_path(used), reading.snapshot)


def test_a_place_that_is_no_directory_is_told_as_a_failed_write(tmp_path: Path) -> None:
    with pytest.raises(CommitFailed, match="unable to open"):
        Writer(tmp_path / "nowhere", NOW)


def test_a_store_that_is_no_file_cannot_be_read(tmp_path: Path) -> None:
    store_path(tmp_path).mkdir()
    with pytest.raises(CannotRead, match="directory"):
        reading.read_snapshot(tmp_path)
