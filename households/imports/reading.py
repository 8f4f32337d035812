"""From the file to rows: which sheet is which, which column is which. Another form of workbook is refused."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from households.imports.layout import SHEETS, Column, SheetLayout, folded, headings, is_extra, sheet_called
from households.imports.rows import UNKNOWN, SheetRow
from registry.numbers import mask_numbers
from registry.spreadsheets import Cell, Row, Sheet, column_letter, read_sheets
from registry.spreadsheets import Kind as CellKind

SEARCHED_ROWS = 10  # people write a title above the headings
RANGES_SHOWN = 5
BLANK = Cell(CellKind.EMPTY, None)


class WrongTemplate(ValueError):
    """``str()`` says what is missing, for the person who uploaded the file."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns stand: by number from 1, the field's name, or UNKNOWN and the heading as written."""

    row: int
    names: Mapping[int, str]


def read_workbook(path: Path | str) -> Iterator[SheetRow]:
    """Every row that holds something, both sheets, top to bottom, one at a time.

    UnsafeFile or WrongTemplate are raised at once, before the first row.
    """
    found = _sheets(read_sheets(path))
    headers = {layout: _header(layout, sheet) for layout, sheet in found.items()}
    rows = chain.from_iterable(_rows(layout, sheet, headers[layout]) for layout, sheet in found.items())
    first = next(rows, None)
    if first is None:
        raise WrongTemplate(_("The workbook holds no rows: both sheets are empty below their headings."))
    return chain([first], rows)


def _sheets(sheets: Mapping[str, Sheet]) -> dict[SheetLayout, Sheet]:
    found: dict[SheetLayout, Sheet] = {}
    for name, sheet in sheets.items():
        layout = sheet_called(name)
        if layout in found:
            raise WrongTemplate(_("Two sheets are both “%(sheet)s”. Delete one.") % {"sheet": layout.title})
        if layout:
            found[layout] = sheet
    missing = [str(layout.title) for layout in SHEETS if layout not in found]
    if missing:
        sentence = _(
            "This is not the template: the sheet %(missing)s is missing. The workbook has: %(names)s."
        )
        raise WrongTemplate(sentence % {"missing": _quoted(missing), "names": _quoted(sheets)})
    return {layout: found[layout] for layout in SHEETS}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def _rows(layout: SheetLayout, sheet: Sheet, header: Header) -> Iterator[SheetRow]:
    unknown = [name for name in header.names.values() if name.startswith(UNKNOWN)]
    is_first = True
    for row in sheet.rows():
        if row.number <= header.row or _is_blank(row):
            continue
        cells = {
            name: cell
            for number, name in header.names.items()
            if (cell := row.cell(number)).kind is not CellKind.EMPTY
        }
        if is_first:  # said once even of columns that are empty
            cells = dict.fromkeys(unknown, BLANK) | cells
            is_first = False
        yield SheetRow(sheet.name, layout, row.number, cells)


def _is_blank(row: Row) -> bool:
    return all(
        cell.kind is CellKind.EMPTY
        or (cell.kind is CellKind.TEXT and not str(cell.value).strip(" -\t\n\xa0"))
        for cell in row.cells
    )


def _header(layout: SheetLayout, sheet: Sheet) -> Header:
    """The row among the first ten with the most headings of the template."""
    known = headings(layout)
    best, most = None, 0
    for row in sheet.rows():
        if row.number > SEARCHED_ROWS:
            break
        count = sum(folded(str(cell)) in known for cell in row.cells)
        if count > most:
            best, most = row, count
    cells = best.cells if best else []
    _refuse_missing(layout, sheet, [known.get(folded(str(cell))) for cell in cells])
    names: dict[int, str] = {}
    for number, cell in enumerate(cells, start=1):
        heading = " ".join(str(cell).split())
        column = known.get(folded(heading))
        if column and column.name in names.values():
            _refuse_twice(sheet, column, names, number)
        if column or (heading and not is_extra(heading)):
            names[number] = column.name if column else UNKNOWN + mask_numbers(heading)
    header = Header(best.number if best else 0, names)
    _refuse_merged(sheet, header)
    return header


def _refuse_missing(layout: SheetLayout, sheet: Sheet, found: list[Column | None]) -> None:
    missing = [str(column.heading) for column in layout.required if column not in found]
    if missing:
        sentence = ngettext(
            "This is not the template: on the sheet “%(sheet)s” the column %(columns)s is missing.",
            "This is not the template: on the sheet “%(sheet)s” the columns %(columns)s are missing.",
            len(missing),
        )
        raise WrongTemplate(sentence % {"sheet": sheet.name, "columns": _quoted(missing)})


def _refuse_twice(sheet: Sheet, column: Column, names: Mapping[int, str], number: int) -> None:
    first = next(place for place, name in names.items() if name == column.name)
    sentence = _(
        "On the sheet “%(sheet)s” the column “%(column)s” stands twice, in %(first)s and %(second)s."
    )
    letters = {"first": column_letter(first), "second": column_letter(number)}
    raise WrongTemplate(sentence % {"sheet": sheet.name, "column": column.heading, **letters})


def _refuse_merged(sheet: Sheet, header: Header) -> None:
    merged = sheet.merged_below(header.row)
    if merged:
        sentence = _(
            "On the sheet “%(sheet)s” cells are merged (%(ranges)s): one value cannot belong to several rows."
        )
        raise WrongTemplate(sentence % {"sheet": sheet.name, "ranges": ", ".join(merged[:RANGES_SHOWN])})
