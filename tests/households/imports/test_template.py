"""The template: one declaration, so that what is written can be read."""

import pytest
from django.utils.translation import override
from openpyxl import load_workbook

from households.imports import template_workbook
from households.imports.layout import HOUSEHOLDS, MEMBERS, SHEETS
from households.imports.template import answers_of
from households.questionnaire.blocks import HOUSEHOLD_BLOCKS, MEMBER_BLOCKS
from registry import upload_guard
from tests import factories
from tests.households.imports.files import counts, home

pytestmark = pytest.mark.django_db


@pytest.fixture
def template(village, tmp_path):
    factories.area("64.02.12.2001", "Sidomulyo")
    template_workbook(tmp_path / "template.xlsx", village)
    return load_workbook(tmp_path / "template.xlsx")


def test_every_question_of_the_form_is_a_column_of_its_sheet_once():
    for sheet, blocks in ((HOUSEHOLDS, HOUSEHOLD_BLOCKS), (MEMBERS, MEMBER_BLOCKS)):
        questions = [question.field for block in blocks for question in block.questions]
        assert [column.name for column in sheet.questions] == questions
        names = [column.name for column in sheet.columns]
        assert len(names) == len(set(names))


def test_the_template_has_a_guide_two_sheets_and_the_choices(template):
    assert template.sheetnames == ["Guide", "Households", "Members", "Choices"]
    for sheet in SHEETS:
        written = [cell.value for cell in template[str(sheet.title)][1]]
        assert written == [str(column.heading) for column in sheet.columns]
    told = {row[1].value for row in template["Guide"].iter_rows() if row[1].value}
    assert told >= {str(column.heading) for sheet in SHEETS for column in sheet.columns}


def test_identity_number_columns_are_text_before_anybody_types(template):
    members = template["Members"]
    for column in members[1]:
        if column.value in ("NIK", "Family card number", "Household number"):
            assert members.column_dimensions[column.column_letter].number_format == "@"


def test_coded_columns_offer_their_answers(template):
    sheet = template["Members"]
    lists = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation if v.type == "list"}
    letter = next(cell.column_letter for cell in sheet[1] if cell.value == "Sex")
    reference = next(formula for cells, formula in lists.items() if cells.startswith(f"{letter}2:"))
    title, _mark, cells = reference.replace("'", "").replace("$", "").partition("!")
    assert [row[0].value for row in template[title][cells]] == ["1 - Male", "2 - Female"]


def test_only_the_villages_of_the_area_are_offered(template):
    offered = [[cell.value for cell in column if cell.value] for column in template["Choices"].columns]
    assert ["Village", "Timbau"] in offered
    assert ["District", "Tenggarong"] in offered


def test_the_template_passes_the_guard(village, tmp_path):
    template_workbook(tmp_path / "template.xlsx")
    upload_guard.check(tmp_path / "template.xlsx")


@pytest.mark.parametrize("language", ["id", "en"])
def test_an_answer_taken_from_the_drop_down_is_read_back(village, language, files, ana):
    """Written in one language, checked in the other."""
    with override(language):
        codes = [column for column in HOUSEHOLDS.questions if column.codes]
        answers = {column.name: answers_of(column.codes)[-1] for column in codes}
        path = files.write(home(1, **answers))
    with override("en" if language == "id" else "id"):
        batch = files.check(path, ana)
    assert counts(batch) == (4, 0, 0, 0)
