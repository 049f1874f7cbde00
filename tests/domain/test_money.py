"""Exact decimals: nothing is rounded unseen, and what is shown is what is meant."""

from decimal import Decimal, DivisionByZero, Inexact, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autotrader.domain.money import exact, parse, quotient, text

numbers = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("69161.00", "69161"),
        ("0.00000001", "0.00000001"),
        ("1E+5", "100000"),
        ("1E-8", "0.00000001"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("-1.50", "-1.5"),
        ("100", "100"),
        ("0", "0"),
    ],
)
def test_a_number_is_shown_plainly(number: str, shown: str) -> None:
    assert text(Decimal(number)) == shown


@given(numbers)
def test_what_is_shown_reads_back_as_the_same_number(number: Decimal) -> None:
    assert parse(text(number)) == number


@pytest.mark.parametrize(("raw", "number"), [("3", "3"), (" 3.50 ", "3.5"), ("-1", "-1"), ("+2", "2"), ("1e3", "1000")])
def test_a_number_is_read(raw: str, number: str) -> None:
    assert parse(raw) == Decimal(number)


@pytest.mark.parametrize("raw", ["", " ", "x", "1,000", "1_000", "NaN", "sNaN", "Infinity", "-inf", "0x10", "1.2.3", "--1"])
def test_what_is_no_number_is_none(raw: str) -> None:
    assert parse(raw) is None


def test_an_inexact_result_is_an_error_and_not_a_rounding() -> None:
    with exact(), pytest.raises(Inexact):
        Decimal(1) / Decimal(3)
    with exact(), pytest.raises(DivisionByZero):
        Decimal(1) / Decimal(0)
    with exact(), pytest.raises(InvalidOperation):
        Decimal(0) / Decimal(0)


@given(numbers, numbers)
def test_sums_and_products_of_money_are_exact(one: Decimal, two: Decimal) -> None:
    with exact():
        assert one + two - two == one
        assert one * two == two * one


@pytest.mark.parametrize(
    ("top", "bottom", "places", "expected"),
    [
        ("1", "3", 4, "0.3333"),
        ("2", "3", 4, "0.6667"),
        ("100000", "7", 12, "14285.714285714286"),
        ("0.5", "1", 0, "0"),
        ("1.5", "1", 0, "2"),
    ],
)
def test_a_quotient_for_people_is_rounded_half_even(top: str, bottom: str, places: int, expected: str) -> None:
    assert quotient(Decimal(top), Decimal(bottom), places) == Decimal(expected)
