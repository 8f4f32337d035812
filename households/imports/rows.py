"""A row of the workbook on its way: its cells, what they say, and everything found wrong with them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from households.imports.layout import SheetLayout
from households.models import ImportRow
from registry.numbers import mask_numbers
from registry.spreadsheets import Cell
from registry.spreadsheets import Kind as CellKind

Verdict = ImportRow.Verdict
UNKNOWN = "*"  # before the heading of a column that the template does not have
HELD_BACK = "held_back"


@dataclass(frozen=True, slots=True)
class Problem:
    """``code`` groups the same problem of many rows; ``value`` is what the cell holds, masked."""

    column: str
    code: str
    message: str
    value: str = ""

    def as_json(self) -> dict[str, str]:
        return {"column": self.column, "code": self.code, "message": self.message, "value": self.value}


def _problem(column: str, code: str, message: str, value: str) -> Problem:
    """Whatever the cell: a number typed into the wrong column is a number all the same."""
    return Problem(column, code, mask_numbers(message), mask_numbers(value))


@dataclass(slots=True)
class SheetRow:
    """``sheet`` and ``number`` are as Excel shows them, ``packed`` is what the cells held, as JSON.

    ``record`` is what the row was matched to in the registry, ``details`` what is to be written of the
    household or person, ``changes`` the same for people to read.
    """

    sheet: str
    layout: SheetLayout
    number: int
    cells: dict[str, Cell]
    packed: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    record: Mapping[str, Any] | None = None
    details: dict[str, Any] = field(default_factory=dict)
    verdict: Verdict = Verdict.SAME
    is_checked: bool = (
        False  # found free of errors before: what the file says by itself need not be asked again
    )

    def error(self, column: str, code: str, message: str, value: str = "") -> None:
        self.errors.append(_problem(column, code, message, value))

    def warning(self, column: str, code: str, message: str, value: str = "") -> None:
        self.warnings.append(_problem(column, code, message, value))

    def pack(self) -> None:
        """The cells have been read: as text they take a tenth of the memory."""
        self.packed = json.dumps({name: cell_to_json(cell) for name, cell in self.cells.items()})
        self.cells = {}

    @property
    def answers(self) -> dict[str, Any]:
        return {column.name: self.values[column.name] for column in self.layout.questions}


@dataclass(slots=True)
class Home:
    """A household of the file with its members: taken in whole, or not at all."""

    row: SheetRow
    members: list[SheetRow] = field(default_factory=list)
    area_code: str = ""  # empty when the village is not known, or not the user's
    card_numbers: dict[int, str] = field(default_factory=dict)  # by family number
    is_assessed: bool = False  # the registry has this very assessment
    has_new_decile: bool = False

    @property
    def rows(self) -> list[SheetRow]:
        return [self.row, *self.members]

    @property
    def is_rejected(self) -> bool:
        return any(row.errors for row in self.rows)

    @property
    def number(self) -> str:
        return self.row.values["household_number"]


def cell_to_json(cell: Cell) -> Any:
    value: Any = cell.value
    if isinstance(value, str):
        value = _storable(value)
    elif isinstance(value, Decimal):
        value = {"number": str(value)}
    elif isinstance(value, date):
        value = {"date": value.isoformat()}
    if cell.kind in (CellKind.FORMULA, CellKind.ERROR, CellKind.TIME):
        return {cell.kind.value: value}
    return value


def cell_from_json(value: Any) -> Cell:
    if not isinstance(value, dict):
        kind = {str: CellKind.TEXT, bool: CellKind.BOOLEAN, int: CellKind.NUMBER}.get(
            type(value), CellKind.EMPTY
        )
        return Cell(kind, value)
    ((name, inner),) = value.items()
    if name == "number":
        return Cell(CellKind.NUMBER, Decimal(inner))
    if name == "date":
        return Cell(
            CellKind.DATE, date.fromisoformat(inner) if len(inner) == 10 else datetime.fromisoformat(inner)
        )
    return Cell(CellKind(name), cell_from_json(inner).value)


def _storable(text: str) -> str:
    """PostgreSQL keeps neither the zero character nor halves of characters."""
    return (
        text.replace("\0", "") if text.isascii() else text.replace("\0", "").encode(errors="replace").decode()
    )
