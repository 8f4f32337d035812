"""What one cell may hold, and what it must not."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from households.imports.cells import CellError, read, shown
from households.imports.layout import HOUSEHOLDS, MEMBERS, SHEETS, folded, headings, names_of
from households.imports.rows import cell_from_json, cell_to_json
from registry.spreadsheets import Cell
from registry.spreadsheets import Kind as CellKind

COLUMNS = {column.name: column for sheet in (MEMBERS, HOUSEHOLDS) for column in sheet.columns}


def cell(value) -> Cell:
    kinds = ((bool, "boolean"), (str, "text"), (int | Decimal, "number"), (date, "date"))
    return Cell(
        next((CellKind(kind) for type_, kind in kinds if isinstance(value, type_)), CellKind.EMPTY), value
    )


@pytest.mark.parametrize(
    ("column", "held", "value"),
    [
        ("name", "  Siti \u200bAminah\u00a0 ", "Siti Aminah"),
        ("name", "-", ""),
        ("name", None, ""),
        ("address", 12, "12"),
        ("household_number", "'0012", "0012"),
        ("household_number", 12, "12"),
        ("rt", 3, "003"),
        ("rt", "RT 03", "003"),
        ("rw", "012", "012"),
        ("water", 3, 3),
        ("water", "03", 3),
        ("water", "3", 3),
        ("water", "3 - Piped with meter", None),
        ("sex", "1 - Male", 1),
        ("sex", "male", 1),
        ("sex", "P", 2),
        ("sex", " LK ", 1),
        ("nik_missing", "Infant without papers", "infant"),
        ("nik_missing", "infant", "infant"),
        ("documents", 5, 5),
        ("documents", "1;4", 5),
        ("documents", "1, 4", 5),
        ("documents", "Birth certificate; Identity card (KTP)", 5),
        ("documents", "0", 0),
        ("works", "Ya", True),
        ("works", "Y", True),
        ("works", "yes", True),
        ("works", 1, True),
        ("works", True, True),
        ("works", "Tidak", False),
        ("works", "T", False),
        ("works", "2", False),
        ("works", None, None),
        ("monthly_income", "1.500.000", 1_500_000),
        ("monthly_income", "Rp 500.000", 500_000),
        ("monthly_income", 500_000, 500_000),
        ("protein_per_week", "0", 0),
        ("latitude", "-0,4123", Decimal("-0.4123")),
        ("latitude", Decimal("-0.41234567"), Decimal("-0.412346")),
        ("longitude", "116.987", Decimal("116.987")),
        ("birth_date", date(2011, 12, 28), date(2011, 12, 28)),
        ("birth_date", datetime(2011, 12, 28, 7, 30), date(2011, 12, 28)),
        ("birth_date", "28/12/2011", date(2011, 12, 28)),
        ("birth_date", "28-12-2011", date(2011, 12, 28)),
        ("birth_date", "28 Desember 2011", date(2011, 12, 28)),
        ("birth_date", "28 Des 2011", date(2011, 12, 28)),
        ("birth_date", "2011-12-28", date(2011, 12, 28)),
        ("birth_date", "29/02/2012", date(2012, 2, 29)),
        ("nik", "9902 0617 0580 0001", "9902061705800001"),
        ("nik", "'9902061705800001", "9902061705800001"),
        ("nik", "-", ""),
        ("card_number", "9902060101110001", "9902060101110001"),
    ],
)
def test_a_cell_is_read_as_people_here_write(column, held, value):
    if value is None and held is not None:
        label = dict(COLUMNS[column].codes.choices)[3]
        held, value = f"3 - {label}", 3
    assert read(COLUMNS[column], cell(held)) == value


@pytest.mark.parametrize(
    ("column", "held", "code"),
    [
        ("name", "x" * 101, "too_long"),
        ("address", date(2026, 2, 1), "excel_date"),
        ("rt", "001/002", "not_a_neighbourhood"),
        ("rt", 1234, "not_a_neighbourhood"),
        ("rt", date(2026, 2, 1), "excel_date"),
        ("water", 99, "not_an_answer"),
        ("water", Decimal("3.5"), "not_an_answer"),
        ("water", "3 - kayu", "not_an_answer"),
        ("water", True, "not_an_answer"),
        ("sex", "X", "not_an_answer"),
        ("nik_missing", "entah", "not_an_answer"),
        ("documents", "0;1", "stands_alone"),
        ("documents", 8, "not_an_answer"),
        ("documents", Decimal("1.4"), "not_an_answer"),
        ("works", 3, "not_yes_or_no"),
        ("works", "0", "not_yes_or_no"),
        ("works", "mungkin", "not_yes_or_no"),
        ("monthly_income", "1,5", "not_a_whole_number"),
        ("monthly_income", "1,500", "not_a_whole_number"),
        ("monthly_income", "1.50", "not_a_whole_number"),
        ("monthly_income", Decimal("1.5"), "not_a_whole_number"),
        ("monthly_income", "-5", "out_of_range"),
        ("protein_per_week", 8, "out_of_range"),
        ("decile", 11, "out_of_range"),
        ("decile", 0, "out_of_range"),
        ("latitude", "91", "not_a_coordinate"),
        ("latitude", "1.500,25", "not_a_coordinate"),
        ("birth_date", "12/28/2011", "month_first"),
        ("birth_date", "30/02/2011", "no_such_day"),
        ("birth_date", "29/02/2011", "no_such_day"),
        ("birth_date", "28/12/11", "not_a_date"),
        ("birth_date", "kemarin", "not_a_date"),
        ("birth_date", 40905, "not_a_date"),
        ("birth_date", "01/01/1099", "too_early"),
        ("nik", 9902061705800001, "identifier"),
        ("nik", "9,90206E+15", "identifier"),
        ("nik", "99020617058001", "identifier"),
        ("nik", "9902063002800001", "identifier"),
        ("card_number", Decimal("9902060101110001"), "identifier"),
        ("card_number", "99", "identifier"),
    ],
)
def test_a_cell_that_is_not_plain_is_refused(column, held, code):
    with pytest.raises(CellError) as refusal:
        read(COLUMNS[column], cell(held))
    assert refusal.value.code == code
    assert refusal.value.sentence


@pytest.mark.parametrize(
    ("held", "code"),
    [
        (Cell(CellKind.ERROR, None), "excel_error"),
        (Cell(CellKind.FORMULA, None), "formula"),
        (Cell(CellKind.TIME, "14:05:00"), "excel_time"),
    ],
)
def test_what_excel_left_behind_is_named(held, code):
    with pytest.raises(CellError) as refusal:
        read(COLUMNS["address"], held)
    assert refusal.value.code == code


def test_a_formula_counts_by_its_result():
    assert read(COLUMNS["water"], Cell(CellKind.FORMULA, 3)) == 3


def test_an_unknown_answer_is_told_with_all_that_are_accepted():
    with pytest.raises(CellError) as refusal:
        read(COLUMNS["sex"], cell("X"))
    assert "1 - Male" in refusal.value.sentence
    assert "2 - Female" in refusal.value.sentence


@pytest.mark.parametrize(
    "held",
    [
        cell("teks"),
        cell(3),
        cell(Decimal("3.50")),
        cell(True),
        cell(date(2011, 12, 28)),
        cell(datetime(2011, 12, 28, 7, 30)),
        Cell(CellKind.EMPTY, None),
        Cell(CellKind.FORMULA, Decimal("3.5")),
        Cell(CellKind.FORMULA, None),
        Cell(CellKind.ERROR, None),
        Cell(CellKind.TIME, "14:05:00"),
    ],
)
def test_a_stored_cell_comes_back_as_it_was(held):
    assert cell_from_json(cell_to_json(held)) == held


def test_characters_the_database_cannot_keep_are_dropped_before_storing():
    assert cell_to_json(cell("a\0b\ud800c")) == "ab?c"


def test_a_cell_is_shown_as_people_read_it():
    assert shown(cell(date(2011, 12, 28))) == "28/12/2011"
    assert shown(cell(datetime(2011, 12, 28, 7, 30))) == "28/12/2011 07:30"
    assert shown(cell(Decimal("1.50"))) == "1.50"


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_no_two_columns_share_a_heading_in_either_language(sheet):
    spellings = [
        name for column in sheet.columns for name in {folded(column.name)} | names_of(column.heading)
    ]
    assert len(spellings) == len(set(spellings))
    assert set(spellings) == set(headings(sheet))
