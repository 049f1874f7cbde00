"""What people ask of the store, with or without a daemon."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store_records import NOW, a_fill, a_fire, a_row, an_attempt, an_intent, unit

from autotrader.domain.rule import RuleId
from autotrader.engine.records import AlertRecord, Note
from autotrader.store import reading
from autotrader.store.place import NoStore
from autotrader.store.writer import Writer


@pytest.mark.parametrize(
    ("subject", "limit", "found"),
    [
        pytest.param(None, 10, ["a", "a/stop", "a/stop/1/1", "ab/stop", "a-b", "a0"], id="everything, oldest first"),
        pytest.param("a", 10, ["a", "a/stop", "a/stop/1/1"], id="a rule and all under it"),
        pytest.param("a/stop", 10, ["a/stop", "a/stop/1/1"], id="a leg and all under it"),
        pytest.param("a", 2, ["a/stop", "a/stop/1/1"], id="the newest"),
        pytest.param("b", 10, [], id="nothing"),
    ],
)
def test_the_journal_is_read_by_subject(tmp_path: Path, subject: str | None, limit: int, found: list[str]) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        writer.commit([unit(*[a_row(name) for name in ["a", "a/stop", "a/stop/1/1", "ab/stop", "a-b", "a0"]])], NOW)
    assert [row.subject for row in reading.read_journal(tmp_path, subject, limit)] == found


def test_a_fire_is_told_with_all_that_followed_from_it(tmp_path: Path) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        writer.commit([a_fire("first"), a_fire("samsung"), a_fire("samsung", generation=2), unit(a_fill(), a_fill("e-2"))], NOW)
    fires = reading.read_fires(tmp_path, 10, RuleId("samsung"))
    assert [fire.shot.generation for fire in fires] == [1, 2]
    (sent,) = fires[0].sent
    assert (sent.intent, sent.attempts) == (an_intent(), (an_attempt(),))
    assert [fill.execution_id for fill in sent.fills] == ["e-1", "e-2"]
    assert fires[1].sent[0].fills == ()
    assert len(reading.read_fires(tmp_path, 10)) == 3
    assert len(reading.read_fires(tmp_path, 2)) == 2


def test_an_alert_is_shown_until_a_person_has_seen_it(tmp_path: Path) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        writer.commit([unit(*[AlertRecord(NOW, name, Note("store.full")) for name in "abc"])], NOW)
        assert [alert.number for alert in reading.read_alerts(tmp_path)] == [1, 2, 3]
        writer.mark_seen([1, 3], NOW)
    assert [(alert.number, alert.alert.subject) for alert in reading.read_alerts(tmp_path)] == [(2, "b")]
    assert [alert.seen for alert in reading.read_alerts(tmp_path, unseen_only=False)] == [True, False, True]


def test_a_directory_without_a_store_is_said_to_have_none_and_stays_so(tmp_path: Path) -> None:
    with pytest.raises(NoStore, match="no store in"):
        reading.read_snapshot(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_reading_sees_whole_commits_while_a_writer_writes(tmp_path: Path) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        writer.commit([a_fire("first")], NOW)
        writer.connection.execute("BEGIN IMMEDIATE")
        writer.connection.execute("UPDATE legs SET status = 'done'")
        assert [leg.status for leg in reading.read_snapshot(tmp_path).legs] == ["fired"]
        writer.connection.execute("COMMIT")
        assert [leg.status for leg in reading.read_snapshot(tmp_path).legs] == ["done"]


def test_reading_changes_nothing(tmp_path: Path) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        writer.commit([a_fire()], NOW)
    before = (tmp_path / "store.sqlite").read_bytes()
    reading.read_snapshot(tmp_path)
    reading.read_journal(tmp_path, None, 5)
    assert (tmp_path / "store.sqlite").read_bytes() == before


def test_reading_brings_no_asyncio_along() -> None:
    """Or `list` would start twice as slowly."""
    asked = "import sys, autotrader.store.reading; print([name for name in ('asyncio', 'pydantic', 'aiohttp') if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=30, check=True)
    assert told.stdout.strip() == "[]"
