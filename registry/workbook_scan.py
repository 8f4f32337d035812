"""What the XML of a workbook says before any spreadsheet library sees it: one pass, no tree, a few kilobytes.

Names are compared without their namespace, as the libraries do that read the file afterwards.
"""

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from xml.parsers import expat

from registry.zip_stream import Refused

if TYPE_CHECKING:
    from registry.upload_guard import Limits

COLUMN_LIMIT = 16_384  # of the format itself: XFD
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})", re.ASCII)
# What follows the cells in a sheet; an "f" in there is a rule of formatting, not a formula in a cell.
AFTER_THE_CELLS = frozenset(
    {"mergeCells", "conditionalFormatting", "dataValidations", "hyperlinks", "drawing", "extLst"}
)
UTF8 = frozenset({None, "utf-8", "utf8", "us-ascii", "ascii"})


def column_letter(column: int) -> str:
    """``1`` is ``A``, ``27`` is ``AA``."""
    letters = ""
    while column:
        column, remainder = divmod(column - 1, 26)
        letters = LETTERS[remainder] + letters
    return letters


COLUMNS = {column_letter(number): number for number in range(1, COLUMN_LIMIT + 1)}


def cell_key(row: int, column: int) -> int:
    return row * COLUMN_LIMIT + column - 1


def range_edges(reference: str) -> tuple[int, int, int, int]:
    """First row, first column, last row, last column of ``B2:C9`` or ``B2``."""
    corners = [REFERENCE.fullmatch(corner) for corner in reference.split(":")]
    if not 1 <= len(corners) <= 2:
        raise Refused
    places = [(int(found[2]), COLUMNS[found[1]]) for found in corners if found and found[1] in COLUMNS]
    if len(places) != len(corners):
        raise Refused
    return *places[0], *places[-1]


class Elements:
    """The content of a part that is none of our business beyond its size and depth."""

    def __init__(self, limits: "Limits") -> None:
        self.limits = limits
        self.started = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.started += 1


class Sheet(Elements):
    """``formulas`` and ``errors`` hold keys made by ``cell_key``; ``last_row`` and ``last_column`` are those
    of cells with a value, not merely a format.
    """

    def __init__(self, limits: "Limits") -> None:
        super().__init__(limits)
        self.row = self.column = self.cells = self.last_row = self.last_column = 0
        self.row_text = "0"
        self.is_among_cells = False
        self.formulas, self.errors = array("Q"), array("Q")
        self.merged: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.started += 1
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":
            self._cell(attributes)
        elif name == "v" or name == "is":
            self.last_row = self.row
            if self.column > self.last_column:
                self.last_column = self.column
        elif name == "row":
            self._row(attributes.get("r"))
        elif name == "f":
            if self.is_among_cells:
                self._formula(attributes)
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif name in AFTER_THE_CELLS:
            self.is_among_cells = False

    def _row(self, number: str | None) -> None:
        if number is None:
            row = self.row + 1
        else:
            row = int(number) if number.isdecimal() and len(number) <= 7 else 0
        if row <= self.row or (number is not None and number != str(row)):
            raise Refused
        if row > self.limits.rows:
            raise Refused("too_many_rows", found=row, limit=self.limits.rows)
        self.row, self.row_text, self.column = row, str(row), 0

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            column = self.column + 1
        else:
            size = len(self.row_text)
            column = COLUMNS.get(reference[:-size], 0)
            if reference[-size:] != self.row_text:
                raise Refused
        if column <= self.column:
            raise Refused
        if column > self.limits.columns:
            raise Refused("too_many_columns", found=column_letter(column), limit=self.limits.columns)
        self.column = column
        self.cells += 1
        if self.cells > self.limits.cells:
            raise Refused("too_many_cells", limit=self.limits.cells)
        self.is_among_cells = True
        if attributes.get("t") == "e":
            if len(self.errors) >= self.limits.errors:
                raise Refused("too_many_errors", limit=self.limits.errors)
            self.errors.append(cell_key(self.row, column))

    def _formula(self, attributes: dict[str, str]) -> None:
        """A formula that fills a range is written once, at its first cell."""
        top, left, bottom, right = self.row, self.column, self.row, self.column
        if attributes.get("t") in {"array", "dataTable"} and "ref" in attributes:
            top, left, bottom, right = range_edges(attributes["ref"])
        if len(self.formulas) + max(0, bottom - top + 1) * max(0, right - left + 1) > self.limits.formulas:
            raise Refused("too_many_formulas", limit=self.limits.formulas)
        for row in range(top, bottom + 1):
            self.formulas.extend(cell_key(row, column) for column in range(left, right + 1))

    def _merge(self, reference: str) -> None:
        range_edges(reference)
        if len(self.merged) >= self.limits.merged_ranges:
            raise Refused("too_many_merged_cells", limit=self.limits.merged_ranges)
        self.merged.append(reference)


@dataclass(frozen=True)
class Listed:
    name: str
    relation: str
    is_hidden: bool


class Workbook(Elements):
    def __init__(self, limits: "Limits") -> None:
        super().__init__(limits)
        self.sheets: list[Listed] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.started += 1
        if name.rpartition(":")[2] != "sheet":
            return
        relations = [value for key, value in attributes.items() if key.endswith(":id")]
        if len(relations) != 1 or "name" not in attributes or len(self.sheets) >= self.limits.sheets:
            raise Refused
        is_hidden = attributes.get("state", "visible") != "visible"
        self.sheets.append(Listed(attributes["name"], relations[0], is_hidden))


@dataclass(frozen=True)
class Relation:
    key: str
    kind: str  # the last word of the type's address: worksheet, sharedStrings, hyperlink
    target: str


class Relations(Elements):
    """Only hyperlinks may lead out of the file: Excel makes one of every e-mail address that is typed."""

    def __init__(self, limits: "Limits") -> None:
        super().__init__(limits)
        self.all: list[Relation] = []
        self.has_hyperlink = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.started += 1
        kind = attributes.get("Type", "").rpartition("/")[2]
        if kind == "externalLink" or (attributes.get("TargetMode") == "External" and kind != "hyperlink"):
            raise Refused("external_links")
        if kind == "hyperlink" and self.has_hyperlink:
            return  # a sheet may have thousands; that there is one is enough to know
        self.has_hyperlink |= kind == "hyperlink"
        self.all.append(Relation(attributes.get("Id", ""), kind, attributes.get("Target", "")))
        if len(self.all) > self.limits.relations:
            raise Refused


class ContentTypes(Elements):
    def __init__(self, limits: "Limits") -> None:
        super().__init__(limits)
        self.of_part: dict[str, str] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.started += 1
        kind = attributes.get("ContentType", "")
        if "macroEnabled" in kind or "vbaProject" in kind:
            raise Refused("macros")
        if "PartName" in attributes:
            self.of_part[attributes["PartName"].lstrip("/").casefold()] = kind
        if len(self.of_part) > self.limits.relations:
            raise Refused


class MacroSheet(Elements):
    def __init__(self, limits: "Limits") -> None:
        raise Refused("macros")


BY_ROOT: dict[str, type[Elements]] = {
    "worksheet": Sheet,
    "workbook": Workbook,
    "Relationships": Relations,
    "Types": ContentTypes,
    "macrosheet": MacroSheet,
}


@dataclass
class XmlScan:
    """Feeds one part to expat; stops at what no honest workbook holds: a DTD, endless depth, endless text, or
    more than ``elements``.
    """

    limits: "Limits"
    elements: int
    content: Elements = field(init=False)
    _ended: list[str] = field(init=False, default_factory=list)
    _depth_before: int = field(init=False, default=0)
    _silent_bytes: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.content = Elements(self.limits)
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._root
        self._parser.EndElementHandler = (
            self._ended.append
        )  # runs in C: a Python handler would double the time
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.XmlDeclHandler = self._declaration

    def read(self, blocks: Iterable[bytes]) -> Elements:
        """The scan of the part, which is one of the classes above by the name of its root."""
        for block in blocks:
            self._feed(block, is_last=False)
        self._feed(b"", is_last=True)
        return self.content

    def _feed(self, block: bytes, *, is_last: bool) -> None:
        before = self.content.started
        try:
            self._parser.Parse(block, is_last)
        except (
            expat.ExpatError,
            ValueError,
            LookupError,
        ) as error:  # the latter two: an encoding nobody knows
            raise Refused from error
        started, ended = self.content.started - before, len(self._ended)
        self._ended.clear()
        if self.content.started > self.elements:
            raise Refused("too_slow")
        self._depth_before += started - ended
        self._silent_bytes = 0 if started else self._silent_bytes + len(block)
        if self._silent_bytes > self.limits.text_bytes:
            raise Refused("long_text")
        if self._depth_before > self.limits.depth or len(self._parser.intern) > self.limits.names:
            raise Refused

    def _root(self, name: str, attributes: dict[str, str]) -> None:
        self.content = BY_ROOT.get(name.rpartition(":")[2], Elements)(self.limits)
        self.content.started = 1
        self._parser.StartElementHandler = self.content.start

    def _doctype(self, *_declared: object) -> None:
        raise Refused("doctype")

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if (encoding.lower() if encoding else None) not in UTF8:
            raise Refused
