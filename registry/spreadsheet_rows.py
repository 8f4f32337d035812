"""Rows of an uploaded spreadsheet, each cell as the file has it: nothing is converted or repaired."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from registry.workbook_scan import range_edges


class Kind(StrEnum):
    EMPTY = "empty"
    TEXT = "text"
    NUMBER = "number"  # value is int where it is whole, else Decimal
    BOOLEAN = "boolean"
    DATE = "date"  # value is a date, or a datetime where the time is not midnight
    TIME = "time"  # value is text: 14:05:00, or a duration
    FORMULA = "formula"  # value is what Excel last computed, of any of the types above
    ERROR = "error"  # value is None


class Cell(NamedTuple):
    kind: Kind
    value: bool | int | Decimal | str | date | None

    def __str__(self) -> str:
        """Plain text: no exponent, ISO dates, nothing for an empty cell."""
        if self.value is None:
            return ""
        return format(self.value, "f") if isinstance(self.value, Decimal) else str(self.value)


EMPTY = Cell(Kind.EMPTY, None)
ERROR = Cell(Kind.ERROR, None)


@dataclass(frozen=True, slots=True)
class Row:
    """``number`` is the one Excel shows. ``cells`` ends with the last cell that holds something."""

    number: int
    cells: list[Cell]

    def cell(self, column: int) -> Cell:
        """Counted from 1, as ``column_letter`` counts; EMPTY beyond the end."""
        return self.cells[column - 1] if column <= len(self.cells) else EMPTY


@dataclass(frozen=True)
class Sheet:
    """``rows()`` starts from the top each time and keeps one row in memory; blank rows are left out."""

    name: str
    rows: Callable[[], Iterator[Row]]
    is_hidden: bool = False
    merged_ranges: tuple[str, ...] = ()

    def merged_below(self, row: int) -> list[str]:
        """Merged ranges that reach below row ``row``, usually the header: there a value belongs to nobody."""
        return [reference for reference in self.merged_ranges if range_edges(reference)[2] > row]
