"""Numbers, times and tables as people read them."""

import os
import subprocess
import sys

import pytest
from fakes import NINE_IN_SEOUL, SECOND

from autotrader.cli.table import table, width
from autotrader.cli.words import age, because, level_words, number, percent_between, with_separators


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        (None, "-"),
        ("69161.5", "69,161.5"),
        ("0.00001234", "0.00001234"),
        ("65687.923951705826", "~65,687.92"),
        ("0.123456789012", "~0.12345679"),
    ],
)
def test_a_level_that_does_not_end_is_shown_to_a_few_places(exact, shown):
    assert level_words(exact) == shown


@pytest.mark.parametrize(
    ("exact", "shown"),
    [
        ("68000", "68,000"),
        ("999", "999"),
        ("1234567.891", "1,234,567.891"),
        ("0.00000001", "0.00000001"),
        ("-0.5", "-0.5"),
        ("-12345.50", "-12,345.5"),
        ("3%", "3%"),
        ("5 ticks", "5 ticks"),
        (None, "-"),
    ],
)
def test_a_number_has_separators_and_every_digit(exact, shown):
    assert number(exact) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (86_399, "23 h"), (86_400, "1 d"), (-5, "0 s")],
)
def test_an_age_is_in_the_largest_unit_that_is_full(seconds, shown):
    assert age(NINE_IN_SEOUL, NINE_IN_SEOUL + seconds * SECOND) == shown


def test_no_time_has_no_age():
    assert age(None, NINE_IN_SEOUL) == age(0, NINE_IN_SEOUL) == "-"


@pytest.mark.parametrize(("zone", "shown"), [("Asia/Seoul", "2024-08-09 09:00:00 KST"), ("UTC", "2024-08-09 00:00:00 UTC")])
def test_times_are_in_the_zone_of_the_machine(zone, shown):
    script = f"from autotrader.cli.words import moment; print(moment({NINE_IN_SEOUL}))"
    run = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, "TZ": zone}, capture_output=True, text=True, timeout=30, check=True
    )
    assert run.stdout.strip() == shown


@pytest.mark.parametrize(
    ("level", "last", "percent"),
    [("68000", "70000", "-2.86"), ("75000", "70000", "7.14"), ("70000", "70000", "0.00"), ("1", "3", "-66.67")],
)
def test_distances_are_of_the_last_price(level, last, percent):
    assert str(percent_between(level, last)) == percent


def test_only_amounts_of_a_message_get_separators():
    assert with_separators({"price": "68000", "order": "12345678", "version": 1000}) == {
        "price": "68,000",
        "order": "12345678",
        "version": 1000,
    }


def test_a_reason_that_only_another_version_knows_stands_for_itself():
    assert because({"code": "future.thing", "params": {"a": "1"}}, "en") == "future.thing {'a': '1'}"
    assert because(None, "en") == ""


def test_a_table_is_aligned_also_with_letters_that_take_two_columns():
    lines = table(["ID", "상태", "N"], [["a", "감시 중", "1"], ["long", "x", "1,000"]], right="  r")
    assert {width(line) for line in lines} == {4 + 2 + 7 + 2 + 5}
    assert lines[1].startswith("a     감시 중      1")
