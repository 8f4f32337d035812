from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from registry.forms import DateField, DecimalField, IntegerField, YesNoField


@pytest.mark.parametrize(
    ("typed", "number"),
    [("0", 0), ("1500", 1500), ("1.500", 1500), ("1.500.000", 1_500_000), (" 12 ", 12), ("-3", -3)],
)
def test_whole_numbers_are_read_as_indonesians_type_them(typed, number):
    assert IntegerField().clean(typed) == number


@pytest.mark.parametrize(
    "typed", ["1,500,000", "15.00", "1.5", "1 500", "seribu", "1e3", "Rp1.000", "1.0000"]
)
def test_what_is_not_a_whole_number_is_refused(typed):
    with pytest.raises(ValidationError):
        IntegerField().clean(typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1,5", "1.5"), ("1.500,25", "1500.25"), ("1.500", "1500"), ("0,125", "0.125"), ("-0,5", "-0.5")],
)
def test_a_comma_is_the_decimal_mark(typed, number):
    assert DecimalField().clean(typed) == Decimal(number)


def test_in_english_the_marks_change_places():
    with translation.override("en"):
        assert DecimalField().clean("1,500.25") == Decimal("1500.25")
        with pytest.raises(ValidationError):
            DecimalField().clean("1.500,25")


def test_a_number_is_shown_with_the_mark_of_the_language():
    assert DecimalField().widget.format_value(Decimal("0.5")) == "0,5"


@pytest.mark.parametrize(
    "typed",
    [
        "28/12/2011",
        "28-12-2011",
        "2011-12-28",
        "28 Desember 2011",
        "28 des 2011",
        "28 December 2011",
        "28-Des-2011",
    ],
)
def test_dates_are_read_in_every_usual_form(typed):
    assert DateField().clean(typed) == date(2011, 12, 28)


@pytest.mark.parametrize(
    "typed", ["12/28/2011", "30 Februari 2011", "31/4/2011", "28 Foo 2011", "2011", "28/12/11"]
)
def test_other_dates_are_refused(typed):
    with pytest.raises(ValidationError):
        DateField().clean(typed)


@pytest.mark.parametrize(("typed", "answer"), [("yes", True), ("no", False), ("", None), (None, None)])
def test_not_answered_is_not_no(typed, answer):
    assert YesNoField(required=False).clean(typed) is answer
