"""The rejected rows as a workbook: the template's columns as they came, and two more that say what to do."""

from collections.abc import Iterator
from typing import Any

from households.imports.layout import HOW_TO_FIX, SHEETS, WRONG_COLUMNS, SheetLayout, layout_of
from households.imports.rows import UNKNOWN, cell_from_json
from households.imports.template import write_template
from households.imports.workbook import FilledSheet, Line, Target
from households.models import ImportBatch, ImportRow
from registry.spreadsheets import Kind as CellKind

EXCEL_ERROR = "#ERROR"


def rejected_workbook(target: Target, batch: ImportBatch) -> None:
    """As many rows as the batch counts rejected. Corrected and uploaded again, it is a file like others."""
    extra = (str(WRONG_COLUMNS), str(HOW_TO_FIX))
    rows = list(batch.rows.filter(verdict=ImportRow.Verdict.REJECTED).order_by("pk"))
    sheets = []
    for layout in SHEETS:
        own = [row for row in rows if layout_of(row.sheet) is layout]
        unknown = dict.fromkeys(
            name.removeprefix(UNKNOWN) for row in own for name in row.cells if name[0] == UNKNOWN
        )
        sheets.append(FilledSheet(layout, _lines(layout, own), list(unknown), extra))
    write_template(target, sheets, batch.uploaded_by.area)


def _lines(layout: SheetLayout, rows: list[ImportRow]) -> Iterator[Line]:
    for row in rows:
        values = {name.removeprefix(UNKNOWN): _as_it_came(cell) for name, cell in row.cells.items()}
        names = [error["column"] for error in row.errors if error["column"]]
        wrong = ", ".join(layout.heading(name) for name in dict.fromkeys(names))
        fixes = " ".join(dict.fromkeys(_sentence(layout, error) for error in row.errors))
        yield Line(values, frozenset(names), (wrong, fixes))


def _sentence(layout: SheetLayout, error: dict[str, str]) -> str:
    return f"{layout.heading(error['column'])}: {error['message']}" if error["column"] else error["message"]


def _as_it_came(stored: Any) -> Any:
    cell = cell_from_json(stored)
    return EXCEL_ERROR if cell.kind is CellKind.ERROR else cell.value
