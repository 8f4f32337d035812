"""The empty template, and the same workbook filled in."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _
from openpyxl import Workbook

from households.imports.layout import HOUSEHOLDS, MEMBERS, SHEETS, Column, Kind, SheetLayout
from households.imports.workbook import FilledSheet, Line, SheetPen, Target, save, write_sheet
from registry.models import Area
from registry.spreadsheets import column_letter

Choices = list[tuple[str, list[str]]]  # heading and answers of each list


def template_workbook(target: Target, village: Area | None = None) -> None:
    """In the language in use. ``village`` may also be a district: the drop-down offers its villages."""
    write_template(target, [FilledSheet(sheet, []) for sheet in SHEETS], village)


def fill_template(
    target: Target,
    households: Iterable[Mapping[str, Any]],
    members: Iterable[Mapping[str, Any]],
    village: Area | None = None,
) -> None:
    """Rows by field name, written as they are: wrong values too, so that a file may hold any error."""
    sheets = [
        FilledSheet(HOUSEHOLDS, (Line(row) for row in households)),
        FilledSheet(MEMBERS, (Line(row) for row in members)),
    ]
    write_template(target, sheets, village)


def write_template(target: Target, sheets: Sequence[FilledSheet], village: Area | None = None) -> None:
    workbook = Workbook(write_only=True)
    title = _("Choices")
    lists, ranges = _choices(title, village)
    _write_guide(workbook)
    for sheet in sheets:
        write_sheet(workbook, sheet, ranges)
    _write_choices(workbook, title, lists)
    save(workbook, target)


def _choices(title: str, village: Area | None) -> tuple[Choices, dict[str, str]]:
    """Every list once, and by field name the cells where it stands."""
    lists: Choices = []
    places: dict[Any, int] = {}
    ranges: dict[str, str] = {}
    for column in (*HOUSEHOLDS.columns, *MEMBERS.columns):
        key, answers = _answers(column, village)
        if not answers:
            continue
        if key not in places:
            lists.append((str(column.heading), answers))
            places[key] = len(lists)
        letter = column_letter(places[key])
        ranges[column.name] = f"'{title}'!${letter}$2:${letter}${len(lists[places[key] - 1][1]) + 1}"
    return lists, ranges


def _answers(column: Column, village: Area | None) -> tuple[Any, list[str]]:
    """What makes the list unlike others, and its answers; no answers where one types freely."""
    if column.kind is Kind.YES_NO:
        return Kind.YES_NO, [_("Yes"), _("No")]
    if column.name in ("district", "village"):
        return column.name, _area_names(column.name, village)
    return column.codes, answers_of(column.codes) if column.codes else []


def answers_of(choices: type[models.Choices]) -> list[str]:
    return [
        f"{value} - {label}" if isinstance(value, int) else str(label) for value, label in choices.choices
    ]


def _area_names(level: str, within: Area | None) -> list[str]:
    code = within.code if within else settings.HOME_REGENCY
    if level == "district":
        areas = Area.objects.districts().filter(code__startswith=code[:8])
    else:
        areas = Area.objects.villages().within(code)
    return sorted(set(areas.values_list("name", flat=True)))


def _write_choices(workbook: Workbook, title: str, lists: Choices) -> None:
    worksheet = workbook.create_sheet(title)
    worksheet.freeze_panes = "A2"
    for number in range(1, len(lists) + 1):
        worksheet.column_dimensions[column_letter(number)].width = 30
    pen = SheetPen(worksheet)
    worksheet.append([pen.heading(heading) for heading, _answers in lists])
    longest = max(len(answers) for _heading, answers in lists)
    for place in range(longest):
        worksheet.append(
            pen.cell(answers[place] if place < len(answers) else None) for _heading, answers in lists
        )
    worksheet.close()


def _write_guide(workbook: Workbook) -> None:
    worksheet = workbook.create_sheet(_("Guide"))
    for letter, width in zip("ABCDEF", (18, 38, 12, 52, 70, 12), strict=True):
        worksheet.column_dimensions[letter].width = width
    pen = SheetPen(worksheet)
    worksheet.append([pen.note(_("How to fill in this workbook"), is_bold=True)])
    for sentence in _guide_sentences():
        worksheet.append([None, pen.note(sentence)])
    worksheet.append([])
    headings = (_("Sheet"), _("Column"), _("Required"), _("How to fill it in"), _("Answers"), _("Regsosek"))
    worksheet.append([pen.heading(heading) for heading in headings])
    for sheet in SHEETS:
        for column in sheet.columns:
            worksheet.append([pen.note(text) for text in _guide_line(sheet, column)])
    worksheet.close()


def _guide_sentences() -> list[str]:
    return [
        _("One row for each household, one row for each person. The household number joins the two sheets."),
        _("Keep the headings; the order of the columns is free, and columns you do not need may be deleted."),
        _("NIK and family card numbers are typed as text. Never let Excel turn them into numbers."),
        _("Leave a cell empty when the answer is not known. Empty never means “no”."),
        _("Answers may be chosen from the list, or typed as the bare code or the bare words."),
        _("Dates are typed day first: 28/12/2011 or 28 Desember 2011."),
        _("A household with an error in any of its rows is not taken in; all the others are."),
        _("Uploading the same file again changes nothing. People left out of the file stay in the registry."),
    ]


def _guide_line(sheet: SheetLayout, column: Column) -> tuple[str, ...]:
    answers = "; ".join(answers_of(column.codes)) if column.codes else ""
    if column.kind is Kind.YES_NO:
        answers = f"{_('Yes')}; {_('No')}"
    elif column.limits:
        answers = _("%(lowest)s to %(highest)s") % {"lowest": column.limits[0], "highest": column.limits[1]}
    required = _("required") if column.is_required else ""
    hint = str(column.hint)
    if column.kind is Kind.BOXES:
        hint = f"{hint} {_('Several answers are written apart by semicolons, such as 1; 4.')}".strip()
    return str(sheet.title), str(column.heading), required, hint, answers, column.question
