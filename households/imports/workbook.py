"""The pen: writes the two sheets with text columns and drop-downs. Text never becomes a formula."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.datavalidation import DataValidation

from households.imports.layout import TYPED_AS_TEXT, Column, Kind, SheetLayout
from registry.csv_files import without_control_characters
from registry.spreadsheets import column_letter

Target = Path | str | BinaryIO
Sheet = Any  # openpyxl's write-only sheet, whose published types leave out half of what it has

LAST_ROW = 20_000  # the drop-downs reach this far
LONGEST_TEXT = 32_767
REQUIRED_FILL = PatternFill("solid", fgColor="0C3B37")
OPTIONAL_FILL = PatternFill("solid", fgColor="3F7D74")
WRONG_FILL = PatternFill("solid", fgColor="F6D5C9")
WIDTHS = {Kind.TEXT: 26, Kind.NIK: 20, Kind.CARD: 20, Kind.DATE: 13, Kind.CODE: 20, Kind.BOXES: 20}


@dataclass(frozen=True, slots=True)
class Line:
    """One row to write: values by field name, its cells in error, and the texts of extra columns."""

    values: Mapping[str, Any]
    wrong: frozenset[str] = frozenset()
    extra: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class FilledSheet:
    layout: SheetLayout
    lines: Iterable[Line]
    unknown: Sequence[str] = ()  # headings the template does not have, kept as they came
    extra: Sequence[str] = ()


class SheetPen:
    """One cell of each style is filled anew for each value: openpyxl writes it at once."""

    def __init__(self, worksheet: Sheet) -> None:
        self.worksheet = worksheet
        self.text = self._style("@")
        self.wrong_text = self._style("@", WRONG_FILL)
        self.wrong_plain = self._style("General", WRONG_FILL)
        self.day = self._style("dd/mm/yyyy")
        self.wrong_day = self._style("dd/mm/yyyy", WRONG_FILL)

    def _style(self, number_format: str, fill: PatternFill | None = None) -> Cell:
        cell = WriteOnlyCell(self.worksheet)
        cell.number_format = number_format
        if fill:
            cell.fill = fill
        return cell

    def cell(self, value: Any, is_wrong: bool = False) -> Any:
        if value is None:
            return self._filled(self.wrong_text, "") if is_wrong else None
        if isinstance(value, bool | int | float | Decimal):
            if not is_wrong:
                return value
            self.wrong_plain.value = value
            return self.wrong_plain
        if isinstance(value, date):
            cell = self.wrong_day if is_wrong else self.day
            cell.value = value.replace(tzinfo=None) if isinstance(value, datetime) else value
            return cell
        return self._filled(self.wrong_text if is_wrong else self.text, str(value))

    def _filled(self, cell: Cell, text: str) -> Cell:
        cell.value = without_control_characters(text)[:LONGEST_TEXT]
        cell.data_type = "s"  # "=1+1" stays text
        return cell

    def heading(self, text: str, *, fill: PatternFill = OPTIONAL_FILL) -> Cell:
        cell = WriteOnlyCell(self.worksheet, without_control_characters(text))
        cell.data_type = "s"
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = fill
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.border = Border(right=Side("thin", color="FFFFFF"))
        return cell

    def note(self, text: str, *, is_bold: bool = False) -> Cell:
        cell = WriteOnlyCell(self.worksheet, text)
        cell.data_type = "s"
        cell.font = Font(bold=is_bold, size=14 if is_bold else 11)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        return cell


def save(workbook: Workbook, target: Target) -> None:
    try:
        workbook.save(target)
    finally:
        sheets: list[Sheet] = list(workbook.worksheets)
        for worksheet in sheets:  # what openpyxl leaves behind when it is interrupted
            Path(worksheet._writer.out).unlink(missing_ok=True)


def write_sheet(workbook: Workbook, sheet: FilledSheet, choices: Mapping[str, str]) -> None:
    """``choices``: by field name, the range of cells that its drop-down offers."""
    worksheet = workbook.create_sheet(str(sheet.layout.title))
    _set_up_columns(worksheet, sheet)
    _add_validations(worksheet, sheet.layout, choices)
    pen = SheetPen(worksheet)
    columns = sheet.layout.columns
    worksheet.append(
        [pen.heading(str(c.heading), fill=REQUIRED_FILL if c.is_required else OPTIONAL_FILL) for c in columns]
        + [pen.heading(heading) for heading in (*sheet.unknown, *sheet.extra)]
    )
    names = [column.name for column in columns]
    for line in sheet.lines:
        worksheet.append(_cells(pen, names, sheet.unknown, line))
    worksheet.close()


def _cells(pen: SheetPen, names: Sequence[str], unknown: Sequence[str], line: Line) -> Iterable[Any]:
    """A generator: each cell is written before the next one takes its place."""
    for name in names:
        yield pen.cell(line.values.get(name), name in line.wrong)
    for heading in unknown:
        yield pen.cell(line.values.get(heading))
    for text in line.extra:
        yield pen.cell(text)


def _set_up_columns(worksheet: Sheet, sheet: FilledSheet) -> None:
    worksheet.freeze_panes = "B2"
    worksheet.row_dimensions[1].height = 60
    for number, column in enumerate(sheet.layout.columns, start=1):
        dimension = worksheet.column_dimensions[column_letter(number)]
        dimension.width = WIDTHS.get(column.kind, 14)
        if column.kind in TYPED_AS_TEXT:
            dimension.number_format = "@"
        elif column.kind is Kind.DATE:
            dimension.number_format = "dd/mm/yyyy"
    first = len(sheet.layout.columns) + len(sheet.unknown) + 1
    for number in range(first, first + len(sheet.extra)):
        worksheet.column_dimensions[column_letter(number)].width = 48


def _add_validations(worksheet: Sheet, layout: SheetLayout, choices: Mapping[str, str]) -> None:
    for number, column in enumerate(layout.columns, start=1):
        validation = _validation(column, choices)
        if validation:
            letter = column_letter(number)
            validation.add(f"{letter}2:{letter}{LAST_ROW}")
            worksheet.data_validations.append(validation)


def _validation(column: Column, choices: Mapping[str, str]) -> DataValidation | None:
    if column.name in choices:
        # Without an error message: whoever types bare codes is faster, and the check reads them.
        return DataValidation(
            type="list", formula1=choices[column.name], allow_blank=True, showErrorMessage=False
        )
    if column.kind in (Kind.NIK, Kind.CARD):
        return DataValidation(
            type="textLength",
            operator="equal",
            formula1="16",
            allow_blank=True,
            showErrorMessage=True,
            errorStyle="warning",
            errorTitle=str(column.heading)[:32],
            error=_("Sixteen digits are expected."),
        )
    return None
