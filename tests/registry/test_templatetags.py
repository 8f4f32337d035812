"""How numbers, money, moments and identifiers read, in both languages."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import models
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from registry.templatetags import simpul


@pytest.mark.parametrize(
    ("value", "places", "indonesian", "english"),
    [
        (1234567, 0, "1.234.567", "1,234,567"),
        (999, 0, "999", "999"),
        (1000, 0, "1.000", "1,000"),
        (0, 0, "0", "0"),
        (-1234, 0, "-1.234", "-1,234"),
        (Decimal("1234.5"), 1, "1.234,5", "1,234.5"),
        (Decimal("2.5"), 0, "3", "3"),
        (Decimal("-2.5"), 0, "-3", "-3"),
        (Fraction(1, 3), 2, "0,33", "0.33"),
        (0.125, 2, "0,13", "0.13"),
        (None, 0, "–", "–"),
        ("", 0, "–", "–"),
    ],
)
def test_number_is_written_as_the_reader_writes_it(value, places, indonesian, english):
    with override("id"):
        assert simpul.number(value, places) == indonesian
    with override("en"):
        assert simpul.number(value, places) == english


@pytest.mark.parametrize(
    ("value", "indonesian", "english"),
    [
        (1500000, "Rp1.500.000", "Rp1,500,000"),
        (Decimal("1499999.50"), "Rp1.500.000", "Rp1,500,000"),
        (0, "Rp0", "Rp0"),
        (-75000, "-Rp75.000", "-Rp75,000"),
        (None, "–", "–"),
    ],
)
def test_rupiah_has_no_space_and_no_decimals(value, indonesian, english):
    with override("id"):
        assert simpul.rupiah(value) == indonesian
    with override("en"):
        assert simpul.rupiah(value) == english


@pytest.mark.parametrize(
    ("ratio", "places", "indonesian", "english"),
    [
        (Decimal("0.076"), 1, "7,6%", "7.6%"),
        (Fraction(1, 3), 1, "33,3%", "33.3%"),
        (Decimal("0.07955"), 2, "7,96%", "7.96%"),
        (Decimal("0.0005"), 1, "0,1%", "0.1%"),
        (0.285, 1, "28,5%", "28.5%"),
        (1, 1, "100,0%", "100.0%"),
        (0, 1, "0,0%", "0.0%"),
        (None, 1, "–", "–"),
    ],
)
def test_percent_takes_a_ratio(ratio, places, indonesian, english):
    with override("id"):
        assert simpul.percent(ratio, places) == indonesian
    with override("en"):
        assert simpul.percent(ratio, places) == english


def test_moment_is_shown_in_central_indonesian_time():
    evening_before = datetime(2026, 11, 23, 18, 14, tzinfo=UTC)
    with override("id"):
        assert simpul.wita(evening_before) == "24 November 2026 02.14 WITA"
    with override("en"):
        assert simpul.wita(evening_before) == "24 November 2026 02:14 WITA"


@pytest.mark.parametrize(
    ("day", "expected"),
    [(date(2026, 8, 17), "17 Agustus 2026"), (date(2011, 12, 28), "28 Desember 2011"), (None, "–")],
)
def test_plain_date_has_a_whole_month_and_no_time(day, expected):
    with override("id"):
        assert simpul.wita(day) == expected


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("9902060101900001", "990206******0001"),
        ("990206010190000", "***************"),
        ("1", "*"),
        ("", "–"),
        (None, "–"),
    ],
)
def test_masked_hides_the_middle_and_hides_all_of_what_is_not_an_identifier(identifier, expected):
    assert simpul.masked(identifier) == expected


class Grade(models.TextChoices):
    GOOD = "good", "Good"
    WEAK = "weak", "Weak"


@pytest.mark.parametrize("choices", [Grade, Grade.choices])
def test_choice_label_gives_the_words_and_shows_a_code_it_does_not_know(choices):
    assert simpul.choice_label("weak", choices) == "Weak"
    assert simpul.choice_label(99, choices) == "99"


@pytest.mark.parametrize(
    ("address", "tag", "expected"),
    [
        ("/?area=64.02&page=3", "{% query_with %}", "?area=64.02"),
        ("/?area=64.02&page=3", "{% query_with page=4 %}", "?area=64.02&amp;page=4"),
        ("/?status=poor&status=near_poor&cursor=x", "{% query_with sort='size' %}",
         "?status=poor&amp;status=near_poor&amp;sort=size"),
        ("/?area=64.02&sort=size", "{% query_with sort=None %}", "?area=64.02"),
        ("/?area=64.02", "{% query_with area='' %}", "?"),
        ("/?q=a%26b", "{% query_with page=2 %}", "?q=a%26b&amp;page=2"),
    ],
)  # fmt: skip
def test_query_with_keeps_the_filters_and_forgets_the_place(address, tag, expected):
    context = Context({"request": RequestFactory().get(address)})
    assert Template("{% load simpul %}" + tag).render(context) == expected


def test_stacked_parts_lie_end_to_end_and_fill_the_bar():
    segments = simpul.stacked([{"value": 1}, {"value": None}, {"value": 3}])
    assert [(segment.start, segment.width) for segment in segments] == [
        ("0", "25"),
        ("25", "0"),
        ("25", "75"),
    ]


def test_stacked_parts_keep_to_a_shared_scale():
    segments = simpul.stacked([{"value": 1}, {"value": 3}], 8)
    assert [(segment.start, segment.width) for segment in segments] == [("0", "12.5"), ("12.5", "37.5")]


def test_stack_of_nothing_draws_nothing():
    assert simpul.stacked([{"value": 0}, {"value": None}]) == []


def test_scroll_box_is_named_reachable_by_keyboard_and_escapes_its_name():
    page = Template("{% load simpul %}{% scroll_box label %}<table></table>{% endscroll_box %}")
    box = page.render(Context({"label": 'a "b"'}))
    assert box.startswith('<div class="scroll-box" role="region" aria-label="a &quot;b&quot;" tabindex="0">')
    assert box.endswith("<table></table></div>")
