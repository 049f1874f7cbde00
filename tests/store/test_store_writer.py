"""What a commit promises."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from store_records import (
    MAIN,
    NOW,
    SAMSUNG,
    a_fill,
    a_fire,
    a_leg,
    a_mark,
    a_row,
    a_rule,
    a_shot,
    an_attempt,
    an_intent,
    unit,
)

from autotrader.domain.rule import RuleId
from autotrader.engine.records import (
    AlertRecord,
    Forget,
    IntentStatus,
    LegStatus,
    Note,
    PositionRecord,
    PriceRecord,
    Record,
    RequestId,
    RequestRecord,
    Snapshot,
)
from autotrader.store import reading
from autotrader.store.reserve import SIZE, Reserve
from autotrader.store.writer import CommitFailed, Fenced, Writer

DAY = 86_400_000_000_000


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with closing(Writer(tmp_path, NOW)) as opened:
        yield opened


def test_a_new_store_is_empty(writer: Writer) -> None:
    assert writer.load() == Snapshot()


def test_a_shot_fires_once_and_nothing_of_a_second_firing_stays(writer: Writer, tmp_path: Path) -> None:
    writer.commit([a_fire()], NOW)
    before = reading.read_snapshot(tmp_path)
    with pytest.raises(CommitFailed, match="UNIQUE"):
        writer.commit([unit(a_mark(price="99999"), a_row("other")), a_fire(), unit(a_row("later"))], NOW + 1)
    assert reading.read_snapshot(tmp_path) == before
    assert [row.subject for row in reading.read_journal(tmp_path, None, 10)] == ["samsung/stop"]


def test_the_next_generation_may_fire(writer: Writer) -> None:
    writer.commit([a_fire(), a_fire(generation=2)], NOW)
    snapshot = writer.load()
    assert [shot.generation for shot in snapshot.shots] == [2]
    assert len(snapshot.intents) == 2


@pytest.mark.parametrize(
    "orphan",
    [
        pytest.param([a_leg("nobody")], id="a leg without a rule"),
        pytest.param([a_rule(), a_leg(), an_intent()], id="an intent without a shot"),
        pytest.param([a_rule(), a_leg(), a_shot(), an_attempt()], id="a sending without an intent"),
    ],
)
def test_what_rests_on_nothing_is_refused(writer: Writer, tmp_path: Path, orphan: list[Record]) -> None:
    with pytest.raises(CommitFailed, match="FOREIGN KEY"):
        writer.commit([unit(*orphan)], NOW)
    assert reading.read_snapshot(tmp_path) == Snapshot()


def test_the_order_of_records_within_a_commit_does_not_matter_to_what_they_rest_on(writer: Writer) -> None:
    writer.commit([unit(an_attempt(), an_intent()), unit(a_shot(), a_leg(), a_rule())], NOW)
    assert len(writer.load().attempts) == 1


def test_a_fill_is_kept_once_as_it_was_first_told(writer: Writer) -> None:
    writer.commit([a_fire(), unit(a_fill(price="67900"))], NOW)
    writer.commit([unit(a_fill(price="1"), a_fill("e-2"))], NOW)
    assert {fill.execution_id: fill.price for fill in writer.load().fills} == {"e-1": Decimal(67900), "e-2": Decimal(67900)}


def test_a_repeated_request_keeps_the_first_answer(writer: Writer) -> None:
    writer.commit([unit(RequestRecord(RequestId("q"), NOW, '"first"'))], NOW)
    writer.commit([unit(RequestRecord(RequestId("q"), NOW + 1, '"second"'))], NOW)
    assert [request.reply for request in writer.load().requests] == ['"first"']


def test_answers_are_forgotten_after_a_day_and_only_at_a_start(tmp_path: Path) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        writer.commit([unit(RequestRecord(RequestId("old"), NOW, "1"), RequestRecord(RequestId("new"), NOW + 5, "2"))], NOW)
    with closing(Writer(tmp_path, NOW + DAY + 1)) as writer:
        assert [request.id for request in writer.load().requests] == ["new"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(a_leg(), a_leg(status=LegStatus.PAUSED), id="leg"),
        pytest.param(a_mark(), a_mark(price="72000"), id="mark"),
        pytest.param(an_intent(), an_intent(status=IntentStatus.SENDING), id="intent"),
        pytest.param(an_attempt(), msgspec.structs.replace(an_attempt(), outcome="unknown", answered=NOW), id="attempt"),
        pytest.param(a_rule(), a_rule(version=2, stop="69000"), id="rule"),
        pytest.param(
            PositionRecord(MAIN, SAMSUNG, Decimal(10), Decimal(10), None, 1),
            PositionRecord(MAIN, SAMSUNG, Decimal(0), Decimal(0), Decimal(0), 2),
            id="position",
        ),
        pytest.param(PriceRecord(SAMSUNG, Decimal(1), 1, 1, "sim"), PriceRecord(SAMSUNG, Decimal(2), 2, 2, "sim"), id="price"),
    ],
)
def test_a_change_is_a_new_record_with_the_same_key(writer: Writer, first: Record, second: Record) -> None:
    writer.commit([a_fire(), unit(first)], NOW)
    writer.commit([unit(second)], NOW)
    snapshot = writer.load()
    kept = [record for part in msgspec.structs.astuple(snapshot)[:-1] for record in part if type(record) is type(second)]
    assert kept == [second]


def test_a_mark_is_forgotten_and_a_later_one_in_the_same_unit_stays(writer: Writer) -> None:
    writer.commit([unit(a_rule(), a_leg(), a_mark())], NOW)
    writer.commit([unit(a_mark(price="72000"), Forget(RuleId("samsung"), a_mark().leg), a_mark(price="65000"))], NOW)
    assert [mark.price for mark in writer.load().marks] == [Decimal(65000)]
    writer.commit([unit(Forget(RuleId("samsung"), a_mark().leg))], NOW)
    assert writer.load().marks == ()


@pytest.mark.parametrize("status", list(IntentStatus))
def test_a_start_reads_every_intent_that_has_not_ended_and_the_newest_that_have(writer: Writer, status: IntentStatus) -> None:
    writer.commit([a_fire(), unit(an_intent(status=status), a_fill())], NOW)
    newer = [
        msgspec.structs.replace(an_intent(generation=n + 2, status=IntentStatus.FILLED), created=NOW + n + 1)
        for n in range(reading.REMEMBERED)
    ]
    writer.commit([piece for later in newer for piece in (a_fire(generation=later.generation), unit(later))], NOW)
    ended = {IntentStatus.REFUSED, IntentStatus.NOT_SENT, IntentStatus.FILLED, IntentStatus.CANCELLED, IntentStatus.EXPIRED}
    snapshot = writer.load()
    old = [intent for intent in snapshot.intents if intent.generation == 1]
    assert len(snapshot.intents) == reading.REMEMBERED + len(old)
    assert (len(old), len(snapshot.fills)) == ((0, 0) if status in ended else (1, 1))


def test_an_intent_not_sent_is_open_while_it_will_be_tried_again(writer: Writer) -> None:
    writer.commit([a_fire(), unit(an_intent(status=IntentStatus.NOT_SENT, retry_at=NOW + 1))], NOW)
    assert len(writer.load().intents) == 1


def test_rules_keep_the_order_in_which_they_were_made(writer: Writer) -> None:
    names = ["c", "a", "d", "b"]
    writer.commit([unit(*[a_rule(name) for name in names])], NOW)
    writer.commit([unit(a_rule("c", version=2), a_rule("older", created=NOW - 1))], NOW)
    assert [rule.rule.id for rule in writer.load().rules] == ["older", *names]


def test_every_version_of_a_rule_is_kept(writer: Writer, tmp_path: Path) -> None:
    writer.commit([unit(a_rule(version=1, stop="68000")), a_fire()], NOW)
    writer.commit([unit(a_rule(version=2, stop="1"))], NOW)
    writer.commit([unit(a_rule(version=2, stop="2"))], NOW)
    assert [row[0] for row in writer.connection.execute("SELECT version FROM rule_versions ORDER BY version")] == [1, 2]
    (fire,) = reading.read_fires(tmp_path, 5)
    assert fire.rule == a_rule(stop="68000").rule


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET after = 'never happened'",
        "DELETE FROM journal",
        "UPDATE shots SET level = '1'",
        "DELETE FROM shots",
        "INSERT OR REPLACE INTO shots SELECT * FROM shots",
        "UPDATE fills SET price = '1'",
        "DELETE FROM fills",
        "UPDATE alerts SET subject = 'nothing'",
        "DELETE FROM alerts",
    ],
)
def test_what_happened_cannot_be_changed(writer: Writer, change: str) -> None:
    writer.commit([a_fire(), unit(a_fill(), AlertRecord(NOW, "daemon", Note("store.full")))], NOW)
    with pytest.raises(sqlite3.IntegrityError):
        writer.connection.execute(change)


def test_every_commit_says_when_we_were_last_alive(writer: Writer) -> None:
    writer.commit([], NOW + 5)
    assert writer.load().last_alive == NOW + 5


def test_an_older_writer_is_fenced_off(tmp_path: Path) -> None:
    with closing(Writer(tmp_path, NOW)) as older:
        older.commit([unit(a_rule())], NOW)
        with closing(Writer(tmp_path, NOW)) as newer:
            assert newer.epoch == older.epoch + 1
            with pytest.raises(Fenced, match="opened by another process"):
                older.commit([a_fire()], NOW)
            assert newer.load().shots == ()
            newer.commit([a_fire()], NOW)
            assert len(newer.load().shots) == 1


def test_a_store_keeps_its_identity(tmp_path: Path) -> None:
    with closing(Writer(tmp_path, NOW)) as first, closing(Writer(tmp_path, NOW)) as second:
        assert first.instance == second.instance != ""


class FailsToFlush(Writer):
    """A disk whose flush fails once, after which it says that all is well again."""

    failing = False

    def flush(self) -> None:
        if self.failing:
            self.failing = False
            raise sqlite3.OperationalError("disk I/O error")
        super().flush()


def test_a_failed_flush_is_never_repeated(tmp_path: Path) -> None:
    with closing(FailsToFlush(tmp_path, NOW)) as writer:
        writer.failing = True
        with pytest.raises(CommitFailed, match="disk I/O error"):
            writer.commit([a_fire()], NOW)
        with pytest.raises(CommitFailed, match="takes nothing more"):
            writer.commit([unit(a_rule())], NOW)
        with pytest.raises(CommitFailed, match="takes nothing more"):
            writer.mark_seen([1], NOW)
    assert reading.read_snapshot(tmp_path) == Snapshot()


class SkipsTheFlush(Writer):
    """A planted fault: fast, and gone after a power cut."""

    def prepare(self, connection: sqlite3.Connection) -> None:
        super().prepare(connection)
        connection.execute("PRAGMA synchronous = NORMAL")


class ForgetsReferences(Writer):
    """A planted fault: intents without a shot would be taken."""

    def prepare(self, connection: sqlite3.Connection) -> None:
        super().prepare(connection)
        connection.execute("PRAGMA foreign_keys = OFF")


@pytest.mark.parametrize(("faulty", "setting"), [(SkipsTheFlush, "synchronous"), (ForgetsReferences, "foreign_keys")])
def test_a_store_that_is_not_power_safe_does_not_open(tmp_path: Path, faulty: type[Writer], setting: str) -> None:
    with pytest.raises(CommitFailed, match=setting):
        faulty(tmp_path, NOW)


class Room(Reserve):
    """A reserve on a disk of a few pages: freeing it makes the disk some pages larger."""

    connection: sqlite3.Connection
    pages = 0

    def free(self) -> bool:
        freed = super().free()
        if freed:
            self.connection.execute(f"PRAGMA max_page_count = {self.pages}")
        return freed


def test_a_full_disk_still_takes_what_is_in_flight(tmp_path: Path) -> None:
    room = Room(tmp_path)
    with closing(Writer(tmp_path, NOW, room)) as writer:
        assert (tmp_path / "store.reserve").stat().st_size == SIZE
        (pages,) = writer.connection.execute("PRAGMA page_count").fetchone()
        writer.connection.execute(f"PRAGMA max_page_count = {pages}")
        room.connection, room.pages = writer.connection, pages + 60
        committed = 0
        with pytest.raises(CommitFailed, match="full"):
            while committed < 10_000:
                writer.commit([a_fire(generation=committed + 1)], NOW)
                committed += 1
        assert writer.full
        assert not (tmp_path / "store.reserve").exists()
        assert committed > 50
    with closing(Writer(tmp_path, NOW)) as writer:
        assert len(writer.load().intents) == committed
        assert (tmp_path / "store.reserve").exists()


def test_the_reserve_helps_once_and_the_failure_after_it_is_final(tmp_path: Path) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        (pages,) = writer.connection.execute("PRAGMA page_count").fetchone()
        writer.connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(CommitFailed, match="full"):
            writer.commit([a_fire(generation=number) for number in range(1, 500)], NOW)
        with pytest.raises(CommitFailed, match="takes nothing more"):
            writer.commit([unit(a_rule())], NOW)
    assert reading.read_snapshot(tmp_path) == Snapshot()


def test_a_disk_without_room_for_a_reserve_is_told_and_not_fatal(tmp_path: Path) -> None:
    (tmp_path / "store.reserve").mkdir()
    reserve = Reserve(tmp_path / "nowhere")
    with closing(Writer(tmp_path, NOW, reserve)) as writer:
        assert "store.no_reserve" in {note.code for note in writer.notes}


def test_an_old_library_is_told(writer: Writer) -> None:
    assert ("store.old_sqlite" in {note.code for note in writer.notes}) == (sqlite3.sqlite_version_info < (3, 51, 3))
