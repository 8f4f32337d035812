"""Spreadsheets in and out: the only place that reads uploads, and the only one that writes XLSX and CSV."""

import json
import logging
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell as ExcelCell
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from registry import upload_guard
from registry.csv_files import (
    Value,
    local_time,
    looks_like_formula,
    read_csv,
    without_control_characters,
    write_csv,
)
from registry.spreadsheet_reader import OUT_OF_MEMORY, TOO_MUCH_OUTPUT
from registry.spreadsheet_rows import EMPTY, ERROR, Cell, Kind, Row, Sheet
from registry.upload_guard import LIMITS, MEGABYTE, Limits, SheetFacts, UnsafeFile, refuse
from registry.workbook_scan import COLUMN_LIMIT, column_letter

__all__ = [
    "EMPTY",
    "Cell",
    "Column",
    "Kind",
    "Row",
    "Sheet",
    "SheetToWrite",
    "UnsafeFile",
    "column_letter",
    "read_csv",
    "read_sheets",
    "write_csv",
    "write_workbook",
]

logger = logging.getLogger(__name__)

PROJECT_ROOT = Path(__file__).resolve().parent.parent
FAST_CELLS = 4_000_000  # of the rectangle from A1 to the last value: about 500 MB in the fast reader
OUTPUT_BYTES = 1024 * MEGABYTE
LONGEST_TEXT = 32_767  # in a cell of Excel
LARGEST_EXACT = 10**15 - 1  # Excel keeps 15 digits
FIRST_DAY = date(1900, 3, 1)  # before it, Excel counts a 29 February that never was
LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def read_sheets(
    path: Path | str,
    *,
    sheets: Sequence[str] | None = None,
    timeout: int = 300,
    memory: int = 1024 * MEGABYTE,
    limits: Limits = LIMITS,
    fast_cells: int = FAST_CELLS,
) -> dict[str, Sheet]:
    """The worksheets called ``sheets``, or all, in their order in the workbook; UnsafeFile if that fails.

    The guard looks through the file first; then a child process reads it, with ``timeout`` seconds and
    ``memory`` bytes; sheets of more than ``fast_cells`` take the reader that is slow and frugal. What was
    read waits in a nameless file on disk that lives as long as the sheets do.
    """
    facts = upload_guard.inspect(path, limits)
    if sheets is not None:
        names = [fact.name for fact in facts]
        for missing in (name for name in sheets if name not in names):
            refuse("missing_sheet", found=missing, names=", ".join(names))
        facts = [fact for fact in facts if fact.name in sheets]
    order = {
        "memory": memory,
        "seconds": timeout,
        "output": OUTPUT_BYTES,
        "sheets": [{"name": fact.name, "reader": _reader(fact, fast_cells)} for fact in facts],
    }
    answer = _read_in_child(path, order, timeout)
    return {fact.name: sheet for fact, sheet in zip(facts, _index(answer, facts), strict=True)}


class _Answer:
    """What the child printed, in a nameless file that goes with the last sheet that reads from it."""

    def __init__(self) -> None:
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed below

    def __del__(self) -> None:
        self.file.close()


def _read_in_child(path: Path | str, order: dict[str, object], timeout: int) -> _Answer:
    """The child is handed the open file: it may have no name that another process could go by."""
    answer = _Answer()
    try:
        with open(path, "rb") as file:
            child = subprocess.run(
                [sys.executable, "-X", "utf8", "-m", "registry.spreadsheet_reader"],
                input=json.dumps(order | {"path": f"/proc/self/fd/{file.fileno()}"}).encode(),
                stdout=answer.file,
                stderr=subprocess.PIPE,
                cwd=PROJECT_ROOT,
                env={"PATH": os.defpath},  # no secrets for a process that reads strangers' files
                pass_fds=[file.fileno()],
                timeout=timeout + 5,
                check=False,
            )
    except subprocess.TimeoutExpired:
        refuse("too_slow")
    if child.returncode:
        _explain(child.returncode, child.stderr)
    return answer


def _reader(fact: SheetFacts, fast_cells: int) -> str:
    return "fast" if fact.scan.last_row * fact.scan.last_column <= fast_cells else "frugal"


def _explain(code: int, complaint: bytes) -> None:
    last_word = complaint.decode("utf-8", "replace").strip().rpartition("\n")[2]
    logger.warning("The spreadsheet reader ended with %s (%s).", code, last_word[:80])
    if code == -signal.SIGXCPU:
        refuse("too_slow")
    if code in (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV):
        refuse("too_much_memory")
    if code == TOO_MUCH_OUTPUT:
        refuse("too_large", limit=OUTPUT_BYTES // MEGABYTE)
    refuse("damaged")


def _index(answer: _Answer, facts: list[SheetFacts]) -> Iterator[Sheet]:
    """Finds where each sheet's rows begin and end, and whether they are all there."""
    lines = answer.file
    lines.seek(0)
    for fact in facts:
        if json.loads(lines.readline() or "null") != {"sheet": fact.name}:
            refuse("rows_lost", name=fact.name)
        start, count = lines.tell(), 0
        while (line := lines.readline()).startswith(b"["):
            count += 1
        end = lines.tell() - len(line)
        footer = json.loads(line or "{}")
        if footer.get("rows") != count or footer.get("seen", 0) < fact.scan.last_row:
            refuse("rows_lost", name=fact.name)
        rows = _RowsOnDisk(answer, start, end, fact)
        yield Sheet(fact.name, rows, fact.is_hidden, tuple(fact.scan.merged))


@dataclass(frozen=True)
class _RowsOnDisk:
    """Called, it reads its stretch of the child's answer and marks what the libraries hide."""

    answer: _Answer
    start: int
    end: int
    fact: SheetFacts

    def __call__(self) -> Iterator[Row]:
        marks = self._marks()
        waiting = iter(sorted(marks))
        marked = next(waiting, None)
        for line in self._stretch():
            number, values = json.loads(line, parse_float=Decimal)
            while marked is not None and marked <= number:
                if marked < number:
                    yield _row(marked, [], marks[marked])
                marked = next(waiting, None)
            yield _row(number, values, marks.get(number))
        while marked is not None:
            yield _row(marked, [], marks[marked])
            marked = next(waiting, None)

    def _marks(self) -> dict[int, list[tuple[int, Kind]]]:
        """By row, the columns that hold errors or formulas; a formula in error counts as a formula."""
        marks: dict[int, list[tuple[int, Kind]]] = {}
        for keys, kind in ((self.fact.scan.errors, Kind.ERROR), (self.fact.scan.formulas, Kind.FORMULA)):
            for key in keys:
                row, column = divmod(key, COLUMN_LIMIT)
                marks.setdefault(row, []).append((column, kind))
        return marks

    def _stretch(self) -> Iterator[bytes]:
        """By ``pread``, which leaves no position behind, so that several readers can share the file."""
        position, rest = self.start, b""
        while position < self.end:
            block = os.pread(self.answer.file.fileno(), min(MEGABYTE, self.end - position), position)
            position += len(block)
            *whole, rest = (rest + block).split(b"\n")
            yield from whole


def _row(number: int, values: list[object], marks: list[tuple[int, Kind]] | None) -> Row:
    cells = [_cell(value) for value in values]
    for column, kind in marks or ():
        cells.extend([EMPTY] * (column + 1 - len(cells)))
        cells[column] = ERROR if kind is Kind.ERROR else Cell(kind, cells[column].value)
    return Row(number, cells)


def _cell(value: object) -> Cell:
    if value is None:
        return EMPTY
    if isinstance(value, str):
        return Cell(Kind.TEXT, value)
    if isinstance(value, bool):
        return Cell(Kind.BOOLEAN, value)
    if isinstance(value, (int, Decimal)):
        return Cell(Kind.NUMBER, value)
    if isinstance(value, dict) and "date" in value:
        text = value["date"]
        return Cell(Kind.DATE, date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text))
    if isinstance(value, dict) and "time" in value:
        return Cell(Kind.TIME, value["time"])
    return ERROR


@dataclass(frozen=True, slots=True)
class Column:
    """An identifier (NIK, No. KK, a code) stays text even when someone types below the table."""

    heading: str
    is_identifier: bool = False
    width: int | None = None  # characters; without it, from the heading


@dataclass(frozen=True, slots=True)
class SheetToWrite:
    """``rows`` may be a generator: it is walked once and never held."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]


def write_workbook(
    target: Path | str | BinaryIO, sheets: Iterable[SheetToWrite], *, about: Sequence[tuple[str, Value]] = ()
) -> None:
    """One worksheet each, and ``about`` as pairs on a last one. Streams: memory does not grow with the rows.

    Text is written as text whatever it begins with: Excel computes only cells that have a formula element,
    and none is ever made here. Text that looks like a formula is also marked as quoted, so that editing the
    cell does not make it one.
    """
    workbook = Workbook(write_only=True)
    try:
        for sheet in sheets:
            _SheetPen(workbook, sheet).write()
        if about:
            columns = [Column(_("Item"), width=32), Column(_("Content"), width=80)]
            _SheetPen(workbook, SheetToWrite(_("About this data"), columns, about)).write()
        workbook.save(target)
    finally:
        for worksheet in workbook.worksheets:
            _discard(worksheet)


def _discard(worksheet: object) -> None:
    """Interrupted, openpyxl would leave people's data in the temporary folder."""
    rows, writer = getattr(worksheet, "_rows", None), getattr(worksheet, "_writer", None)
    if rows:
        rows.close()
    if writer:
        writer.close()
        Path(writer.out).unlink(missing_ok=True)


class _SheetPen:
    """Writes one sheet with one cell of each style, filled anew for each value: openpyxl writes at once.

    Every such cell must have a style: openpyxl would go on to use one without as its own.
    """

    def __init__(self, workbook: Workbook, sheet: SheetToWrite) -> None:
        self.sheet = sheet
        self.worksheet = workbook.create_sheet(_sheet_title(sheet.title, workbook.sheetnames))
        self.worksheet.freeze_panes = "A2"
        self.heading = self._style("General", font=Font(bold=True))
        self.as_text, self.quoted = self._style("@"), self._style("@")
        self.quoted.quotePrefix = True
        self.day, self.moment = self._style("dd/mm/yyyy"), self._style("dd/mm/yyyy hh:mm")
        for number, column in enumerate(sheet.columns, start=1):
            dimension = self.worksheet.column_dimensions[column_letter(number)]
            dimension.width = column.width or max(10, min(len(str(column.heading)) + 4, 40))
            if column.is_identifier:
                dimension.number_format = "@"

    def _style(self, number_format: str, font: Font | None = None) -> ExcelCell:
        cell = WriteOnlyCell(self.worksheet)
        cell.number_format = number_format
        if font:
            cell.font = font
        return cell

    def write(self) -> None:
        self.worksheet.append(self._headings())
        height = 1
        for row in self.sheet.rows:
            self.worksheet.append(self._cells(row))
            height += 1
        self.worksheet.auto_filter.ref = f"A1:{column_letter(len(self.sheet.columns))}{height}"
        self.worksheet.close()

    def _headings(self) -> Generator[ExcelCell]:
        for column in self.sheet.columns:
            yield self._written(self.heading, str(column.heading))

    def _cells(self, row: Sequence[Value]) -> Generator[object]:
        for column, value in zip(self.sheet.columns, row, strict=True):
            yield self._cell(value, column.is_identifier)

    def _cell(self, value: Value, is_identifier: bool) -> object:
        """The bare value where the cell needs no style, which is faster."""
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float, Decimal)):
            is_number = math.isfinite(value) and not (isinstance(value, int) and abs(value) > LARGEST_EXACT)
            return value if is_number and not is_identifier else self._written(self.as_text, str(value))
        if isinstance(value, date):
            return self._date(value)
        if isinstance(value, (str, Promise)):
            return self._text(str(value), is_identifier)
        raise TypeError(f"A spreadsheet cell cannot hold a {type(value).__name__}.")

    def _date(self, value: date) -> ExcelCell:
        day = value.date() if isinstance(value, datetime) else value
        if day < FIRST_DAY:
            return self._written(self.as_text, value.isoformat())
        cell = self.moment if isinstance(value, datetime) else self.day
        cell.value = local_time(value) if isinstance(value, datetime) else value
        return cell

    def _text(self, text: str, is_identifier: bool) -> object:
        """Digits would become a number, a long one a wrong number, as soon as somebody edits a plain cell."""
        if not text.strip():
            return None  # nobody can see it, and readers do not agree on it
        if looks_like_formula(text):
            return self._written(self.quoted, text)
        if is_identifier or text.isdigit() or text.startswith("#"):
            return self._written(self.as_text, text)
        return _as_excel_keeps_it(text)

    def _written(self, cell: ExcelCell, text: str) -> ExcelCell:
        cell.value = _as_excel_keeps_it(text)
        cell.data_type = "s"  # openpyxl takes "=1" for a formula and "#N/A" for an error
        return cell


def _as_excel_keeps_it(text: str) -> str:
    text = without_control_characters(text)
    if len(text) > LONGEST_TEXT:
        text = text[: LONGEST_TEXT - 1] + "…"
    return LOOKS_ESCAPED.sub("_x005F_", text).replace("\r", "_x000D_")


def _sheet_title(title: str, taken: Sequence[str]) -> str:
    """As Excel allows it: at most 31 characters, none of ``[]:*?/\\``, and different from the others."""
    base = re.sub(r"[\[\]:*?/\\]", " ", without_control_characters(str(title))).strip(" '")[:31] or "Sheet"
    known = {name.casefold() for name in taken}
    number, unique = 1, base
    while unique.casefold() in known:
        number += 1
        unique = f"{base[: 31 - len(str(number)) - 1]} {number}"
    return unique
