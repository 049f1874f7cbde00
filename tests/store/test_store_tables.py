"""How records become rows and rows records."""

import re
import sqlite3
import tempfile
from contextlib import closing
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from store_records import NOW, OUTCOMES, a_leg, a_mark, a_rule, structs, unit

from autotrader.domain.order import OutcomeKind
from autotrader.domain.rule import LegName, OrderType, Origin, Rule, RuleId, Side
from autotrader.engine import records
from autotrader.engine.records import IntentStatus, LegStatus, Record, Snapshot
from autotrader.errors import CorruptState
from autotrader.store import reading, tables
from autotrader.store.writer import CommitFailed, Writer


@pytest.fixture
def connection(tmp_path: Path) -> Any:
    with closing(Writer(tmp_path, NOW)) as writer:
        yield writer.connection


def test_every_record_type_can_be_kept() -> None:
    assert set(tables.STATEMENTS) == set(get_args(Record))


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.name)
def test_a_table_has_a_column_a_field(connection: sqlite3.Connection, table: tables.Table[Any]) -> None:
    columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
    kept_beside = {"rules": {"seat", "id"}, "journal": {"number"}, "alerts": {"number", "seen"}}.get(table.name, set())
    assert columns - kept_beside == set(table.columns)


@pytest.mark.parametrize("table", tables.TABLES, ids=lambda table: table.name)
def test_no_table_takes_a_value_of_another_type(connection: sqlite3.Connection, table: tables.Table[Any]) -> None:
    (strict,) = connection.execute("SELECT strict FROM pragma_table_list WHERE name = ?", (table.name,)).fetchone()
    assert strict == 1


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        pytest.param("rules", "origin", Origin, id="origin"),
        pytest.param("legs", "status", LegStatus, id="leg status"),
        pytest.param("legs", "before_pause", LegStatus, id="leg status before a pause"),
        pytest.param("intents", "status", IntentStatus, id="intent status"),
        pytest.param("intents", "side", Side, id="side"),
        pytest.param("intents", "type", OrderType, id="order type"),
        pytest.param("fills", "side", Side, id="side of a fill"),
        pytest.param("attempts", "outcome", OutcomeKind, id="outcome"),
    ],
)
def test_the_words_of_a_column_are_those_of_its_enum(connection: sqlite3.Connection, table: str, column: str, words: type[Enum]) -> None:
    (schema,) = connection.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
    found = re.search(rf"CHECK \({column} IN \(([^)]*)\)", schema)
    assert found
    assert set(re.findall(r"'([^']*)'", found[1])) - {""} == {word.value for word in words}


@st.composite
def books(draw: st.DrawFn) -> Snapshot:
    """Draw one record of every kind that a start reads back, each any value that its type allows."""
    rule = draw(structs(records.RuleRecord))
    key = {"rule": rule.rule.id, "leg": draw(st.text(min_size=1))}
    shot = draw(structs(records.ShotRecord, **key))
    status = draw(
        st.sampled_from([IntentStatus.INTENT, IntentStatus.SENDING, IntentStatus.UNKNOWN, IntentStatus.PARTIAL, IntentStatus.HELD])
    )
    intent = draw(structs(records.IntentRecord, **key, generation=shot.generation, status=status))
    attempt = msgspec.structs.replace(draw(structs(records.AttemptRecord, intent=intent.id)), outcome=draw(OUTCOMES))
    return Snapshot(
        rules=(rule,),
        legs=(draw(structs(records.LegRecord, **key)),),
        marks=(draw(structs(records.MarkRecord, **key)),),
        shots=(shot,),
        intents=(intent,),
        attempts=(attempt,),
        fills=(draw(structs(records.FillRecord, intent=intent.id)),),
        positions=(draw(structs(records.PositionRecord)),),
        cash=(draw(structs(records.CashRecord)),),
        prices=(draw(structs(records.PriceRecord)),),
        requests=(draw(structs(records.RequestRecord, at=NOW, reply='{"ok": true}')),),
        last_alive=NOW,
    )


@settings(max_examples=60, deadline=None)
@given(book=books(), row=structs(records.JournalRow), alert=structs(records.AlertRecord))
def test_every_record_comes_back_as_it_was(book: Snapshot, row: records.JournalRow, alert: records.AlertRecord) -> None:
    kept: list[Record] = [record for part in msgspec.structs.astuple(book)[:-1] for record in part]
    with tempfile.TemporaryDirectory() as place:
        with closing(Writer(Path(place), NOW)) as writer:
            writer.commit([unit(*kept, row, alert)], NOW)
            assert writer.load() == book
        assert reading.read_snapshot(Path(place)) == book
        assert reading.read_journal(Path(place), None, 10) == [row]
        assert [told.alert for told in reading.read_alerts(Path(place))] == [alert]


def kept_of(table: tables.Table[Any], record: msgspec.Struct, column: str) -> object:
    """Return what a column holds of a record."""
    return dict(zip(table.columns, table.row(record)[-len(table.columns) :], strict=True))[column]


@settings(max_examples=200)
@given(rule=structs(Rule))
def test_the_text_of_a_rule_can_be_read_back(rule: Rule) -> None:
    kept = kept_of(tables.RULES, records.RuleRecord(rule, 1, 1, Origin.CLI, NOW, NOW, "2026-12-31"), "rule")
    assert msgspec.json.decode(kept, type=Rule) == rule  # type: ignore[arg-type]  # a rule's cell is text


def test_a_rule_is_kept_without_what_it_leaves_at_its_default() -> None:
    plain = a_rule("r").rule
    kept = kept_of(tables.RULES, a_rule("r"), "rule")
    assert set(msgspec.json.decode(str(kept))) == {"id", "account", "instrument", "side", "quantity", "legs"}
    assert msgspec.json.decode(str(kept), type=Rule) == plain


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        pytest.param("0.00000001", "0.00000001", id="small"),
        pytest.param("1E+3", "1000", id="no exponent"),
        pytest.param("69161.00", "69161.00", id="as written"),
        pytest.param("12345678901234567890.123456789", "12345678901234567890.123456789", id="more digits than a float has"),
    ],
)
def test_people_can_read_the_numbers_in_a_column(value: str, kept: str) -> None:
    assert kept_of(tables.PEAKS, records.PeakRecord("p", Decimal(value), NOW), "price") == kept


@pytest.mark.parametrize(
    ("column", "kept"),
    [("status", "paused"), ("crossed", 1), ("gap_ok", 0), ("before_pause", None), ("reason", '{"code":"leg.paused","params":{}}')],
)
def test_people_can_read_what_a_column_holds(column: str, kept: object) -> None:
    leg = records.LegRecord(RuleId("r"), LegName("stop"), 1, LegStatus.PAUSED, reason=records.Note("leg.paused"))
    found = kept_of(tables.LEGS, leg, column)
    assert (found, type(found)) == (kept, type(kept))


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        pytest.param("legs", "status", "'asleep'", id="a status that there is not"),
        pytest.param("legs", "reason", "'[1]'", id="JSON of something else"),
        pytest.param("legs", "arm_price", "'dear'", id="no number"),
        pytest.param("legs", "arm_price", "'NaN'", id="not a number"),
    ],
)
def test_a_row_that_cannot_be_a_record_is_named(tmp_path: Path, table: str, column: str, cell: str) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        writer.commit([unit(a_rule("r"), a_leg("r"))], NOW)
        writer.connection.execute("PRAGMA ignore_check_constraints = ON")
        writer.connection.execute(f"UPDATE {table} SET {column} = {cell}")
        with pytest.raises(CorruptState, match=table):
            writer.load()


@pytest.mark.parametrize("price", ["NaN", "Infinity"])
def test_a_price_that_is_no_number_is_never_kept(tmp_path: Path, price: str) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        with pytest.raises(CommitFailed, match="is not a number that can be kept"):
            writer.commit([unit(a_rule(), a_mark(price=price))], NOW)
        assert writer.load().rules == ()


@pytest.mark.parametrize(
    ("damage", "table"),
    [
        pytest.param("UPDATE marks SET price = 'seventy'", "marks", id="a price that is no number"),
        pytest.param("UPDATE rules SET rule = '{}'", "rules", id="a rule without a text"),
        pytest.param("DELETE FROM meta WHERE key = 'last_alive'", "meta", id="a missing fact"),
    ],
)
def test_a_row_that_cannot_be_true_is_corruption_and_named(tmp_path: Path, damage: str, table: str) -> None:
    with closing(Writer(tmp_path, NOW)) as writer:
        writer.commit([unit(a_rule(), a_mark())], NOW)
        writer.connection.execute(damage)
        with pytest.raises(CorruptState, match=f"table {table} has a row"):
            writer.load()
