"""The gate in front of every spreadsheet library: nothing is parsed that was not looked through first.

The libraries trust what they read. One cell at XFD1048576 makes one of them abort its process, a megabyte can
unpack to a thousand, and a wrong dimension tag makes another drop rows without a word.
"""

import os
import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, NoReturn

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from registry import workbook_scan, zip_stream
from registry.workbook_scan import Elements
from registry.zip_stream import Part, Refused

MEGABYTE = 1024 * 1024
WORKBOOK = "xl/workbook.xml"


@dataclass(frozen=True, slots=True)
class Limits:
    """What an honest workbook of households stays well under, and a hostile one does not."""

    file_bytes: int = 100 * MEGABYTE  # four times what the upload form takes; commands may read larger files
    parts: int = 1_000  # a workbook has a dozen parts, and two for each sheet with a drawing
    part_name: int = 240  # bytes; Excel writes about 40
    unpacked_bytes: int = 512 * MEGABYTE  # 200,000 rows of 60 columns unpack to about 450 MB
    ratio: int = 150  # sheets of real people shrink 5 to 25 times, a bomb up to 1,032 times
    ratio_from_bytes: int = MEGABYTE  # below this a high ratio costs nothing
    columns: int = 256  # the widest national questionnaire asks for fewer than 200
    rows: int = 300_000  # the regency has about 230,000 households
    cells: int = 20_000_000  # 300,000 rows of 66 columns
    elements: int = 45_000_000  # of all parts: as many as that many cells and rows have; 15 seconds of work
    formulas: int = 500_000  # their places are kept, eight bytes each
    errors: int = 500_000  # likewise
    merged_ranges: int = 10_000  # a sheet with more is a drawing, not a table
    text_bytes: int = 256 * 1024  # Excel's cell holds 32,767 characters, at most eight bytes each in XML
    depth: int = 100  # elements within elements; Excel needs about 20
    names: int = 5_000  # different names of elements and attributes in one part
    sheets: int = 255
    relations: int = 5_000


LIMITS = Limits()

SENTENCES = {
    "empty": _("The file is empty."),
    "too_large_file": _("The file is larger than %(limit)s MB. Split it and upload the parts one by one."),
    "not_xlsx": _("This is not an Excel workbook. Choose a file that ends in .xlsx or .csv."),
    "old_excel": _(
        "This is an old Excel file (.xls). Open it in Excel and save it as Excel Workbook (.xlsx)."
    ),
    "web_page": _(
        "This is a web page that was saved with the name of an Excel file. Open it in Excel and save it "
        "as Excel Workbook (.xlsx)."
    ),
    "binary_workbook": _(
        "This is a binary Excel file (.xlsb). Open it in Excel and save it as Excel Workbook (.xlsx)."
    ),
    "open_document": _(
        "This is an OpenDocument file (.ods). Open it in LibreOffice and save it as Excel 2007-365 (.xlsx)."
    ),
    "password": _(
        "This file is locked with a password. Remove the password in Excel (File, Info, Protect Workbook)"
        " and upload it again."
    ),
    "macros": _(
        "This workbook contains macros. Save it as Excel Workbook (.xlsx): the data stay and the macros go."
    ),
    "damaged": _(
        "The file is damaged or incomplete. Open it in Excel, save it as Excel Workbook (.xlsx) and "
        "upload that."
    ),
    "too_many_parts": _("The file is made of more than %(limit)s parts and was not opened."),
    "unsafe_names": _("The file holds parts with unsafe names and was not opened."),
    "too_large": _(
        "Unpacked, the file is larger than %(limit)s MB. Split it and upload the parts one by one."
    ),
    "too_compressed": _("The file unpacks to far more than its size and was not opened."),
    "doctype": _("The file holds declarations that Excel never writes, and was not opened."),
    "long_text": _("A cell holds more text than Excel allows. Save the file in Excel and upload it again."),
    "external_links": _(
        "The workbook takes data from other files. Break the links in Excel (Data, Edit Links) and save "
        "it again."
    ),
    "too_many_columns": _(
        "A sheet reaches column %(found)s; at most %(limit)s columns can be read. Delete the columns "
        "behind the table and save the file again."
    ),
    "too_many_rows": _(
        "A sheet reaches row %(found)s; at most %(limit)s rows can be read. Delete the rows below the "
        "table, or split the file."
    ),
    "too_many_cells": _(
        "A sheet has more than %(limit)s cells. Split the file and upload the parts one by one."
    ),
    "too_many_formulas": _(
        "A sheet has more than %(limit)s formulas. Copy the table and paste it as values, then save the "
        "file again."
    ),
    "too_many_errors": _(
        "A sheet has more than %(limit)s cells in error (#REF!, #N/A). Delete them and save the file again."
    ),
    "too_many_merged_cells": _(
        "A sheet has more than %(limit)s merged cells. Unmerge them and save the file again."
    ),
    "duplicate_sheets": _("Two sheets have the same name. Rename one in Excel and save the file again."),
    "no_sheets": _("The workbook has no sheet with cells."),
    "missing_sheet": _("The workbook has no sheet named “%(found)s”. It has: %(names)s."),
    "too_slow": _("Reading the file took too long. Split it and upload the parts one by one."),
    "too_much_memory": _(
        "The file needs more memory than is allowed. Split it and upload the parts one by one."
    ),
    "rows_lost": _(
        "The sheet “%(name)s” was not read completely. Open the file in Excel, save it again and upload that."
    ),
    "unknown_encoding": _("The characters of this text file are not known. Save it as CSV UTF-8 in Excel."),
}


class UnsafeFile(ValueError):
    """``str()`` is a sentence for the person who uploaded the file; ``code`` is stable for programs."""

    def __init__(self, sentence: str, *, code: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """A worksheet by its name in the workbook, and what its XML holds."""

    name: str
    is_hidden: bool
    scan: workbook_scan.Sheet


def check(path: Path | str, limits: Limits = LIMITS) -> None:
    """Raises UnsafeFile unless ``path`` is a workbook that may be opened. Reads all of it, in about 15 MB."""
    inspect(path, limits)


def inspect(path: Path | str, limits: Limits = LIMITS) -> list[SheetFacts]:
    """``check``, and what was seen on the way: the worksheets in the order of the workbook."""
    with open(path, "rb") as file:
        try:
            check_size(file, limits)
            _check_beginning(file)
            parts = zip_stream.list_parts(file, max_parts=limits.parts, max_name=limits.part_name)
            _check_kind(file, parts)
            return _worksheets(_scan_parts(file, parts, limits))
        except Refused as refused:
            refuse(refused.code, refused)


def refuse(code: str, cause: Refused | None = None, **values: int | str) -> NoReturn:
    """Raises UnsafeFile with the sentence of ``code``."""
    shown = {
        name: number_format(value, force_grouping=True) if isinstance(value, int) else value
        for name, value in (cause.values if cause else values).items()
    }
    raise UnsafeFile(str(SENTENCES[code]) % shown, code=code) from cause


def check_size(file: BinaryIO, limits: Limits) -> None:
    size = os.fstat(file.fileno()).st_size
    if size == 0:
        raise Refused("empty")
    if size > limits.file_bytes:
        raise Refused("too_large_file", limit=limits.file_bytes // MEGABYTE)


def _check_beginning(file: BinaryIO) -> None:
    """The first bytes name the format, whatever the file is called."""
    beginning = file.read(1024)
    if beginning.startswith(b"PK\x03\x04"):
        return
    if beginning.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Refused("password" if _contains(file, "EncryptedPackage".encode("utf-16-le")) else "old_excel")
    if beginning[:2] in (b"\x09\x00", b"\x09\x02", b"\x09\x04", b"\x09\x08"):
        raise Refused("old_excel")
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(b"<") and any(tag in text for tag in (b"<html", b"<table", b"<!doctype", b"excel")):
        raise Refused("web_page")
    raise Refused("not_xlsx")


def _contains(file: BinaryIO, wanted: bytes) -> bool:
    file.seek(0)
    kept = b""
    while block := file.read(zip_stream.BLOCK):
        if wanted in kept + block:
            return True
        kept = block[-len(wanted) :]
    return False


def _check_kind(file: BinaryIO, parts: list[Part]) -> None:
    """Files that Excel opens too, but that are not plain workbooks."""
    names = {part.name.casefold(): part for part in parts}
    if "mimetype" in names and b"opendocument" in next(zip_stream.unpack(file, names["mimetype"]), b""):
        raise Refused("open_document")
    if any(name.endswith("vbaproject.bin") for name in names):
        raise Refused("macros")
    if "xl/workbook.bin" in names:
        raise Refused("binary_workbook")
    if any(name.startswith("xl/externallinks/") for name in names):
        raise Refused("external_links")
    if "[content_types].xml" not in names or "_rels/.rels" not in names:
        raise Refused("not_xlsx")


def _scan_parts(file: BinaryIO, parts: list[Part], limits: Limits) -> dict[str, Elements]:
    """Each XML part by its name in lower case. Other parts, such as pictures, are only measured."""
    scans: dict[str, Elements] = {}
    allowance, elements = limits.unpacked_bytes, limits.elements
    for part in parts:
        blocks = _measured(zip_stream.unpack(file, part), part, allowance, limits)
        name = part.name.casefold()
        if name.endswith((".xml", ".rels")):
            scan = workbook_scan.XmlScan(limits, elements)
            scans[name] = scan.read(_without_other_encodings(blocks))
            elements -= scans[name].started
        else:
            for _block in blocks:
                pass
        allowance -= part.unpacked  # true by now: unpack compared it with what came out
    return scans


def _measured(blocks: Iterator[bytes], part: Part, allowance: int, limits: Limits) -> Iterator[bytes]:
    total = 0
    for block in blocks:
        total += len(block)
        if total > allowance:
            raise Refused("too_large", limit=limits.unpacked_bytes // MEGABYTE)
        if total > limits.ratio_from_bytes and total > limits.ratio * part.packed:
            raise Refused("too_compressed")
        yield block


def _without_other_encodings(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-16 would hide a part from the libraries that come after."""
    first = next(blocks, b"")
    if not first.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<" or b"\0" in first[:4]:
        raise Refused
    return chain([first], blocks)


def _worksheets(scans: dict[str, Elements]) -> list[SheetFacts]:
    workbook = _workbook(scans)
    relations = _workbook_relations(scans)
    names = [listed.name.casefold() for listed in workbook.sheets]
    if len(set(names)) != len(names):
        raise Refused("duplicate_sheets")
    found = []
    for listed in workbook.sheets:
        if listed.relation not in relations:
            raise Refused
        scan = scans.get(_sheet_part(relations[listed.relation].target))
        if scan is None:  # a library would read what nobody looked through
            raise Refused
        if isinstance(scan, workbook_scan.Sheet):  # not a chart on a sheet of its own
            found.append(SheetFacts(listed.name, listed.is_hidden, scan))
    if not found:
        raise Refused("no_sheets")
    return found


def _workbook(scans: dict[str, Elements]) -> workbook_scan.Workbook:
    """The part that lists the sheets. Office finds it by relation, one library by declaration, another by the
    name that Excel, LibreOffice, Google and openpyxl all give it: where these differ, the file is refused.
    """
    workbooks = {name: scan for name, scan in scans.items() if isinstance(scan, workbook_scan.Workbook)}
    if not workbooks:
        raise Refused("not_xlsx")
    leads_to = {_target("", to.target) for to in _relations(scans, "") if to.kind == "officeDocument"}
    if not set(workbooks) == leads_to == _declared_workbooks(scans) == {WORKBOOK}:
        raise Refused
    return workbooks[WORKBOOK]


def _declared_workbooks(scans: dict[str, Elements]) -> set[str]:
    """Refuses a part that is declared as part of a workbook in XML, under a name that was not scanned."""
    types = scans["[content_types].xml"]
    kinds = types.of_part if isinstance(types, workbook_scan.ContentTypes) else {}
    declared = {name: kind for name, kind in kinds.items() if "spreadsheetml" in kind and "+xml" in kind}
    if not all(name.endswith(".xml") for name in declared):
        raise Refused
    return {name for name, kind in declared.items() if ".main+xml" in kind}


def _workbook_relations(scans: dict[str, Elements]) -> dict[str, workbook_scan.Relation]:
    """By key, each once: of two the libraries choose differently, and without a look at the kind."""
    listed = _relations(scans, WORKBOOK)
    for relation in listed:
        is_read = relation.kind in {"worksheet", "sharedStrings", "styles"}
        if relation.kind == "hyperlink" or (is_read and _target(WORKBOOK, relation.target) not in scans):
            raise Refused
    relations = {relation.key: relation for relation in listed}
    if len(relations) != len(listed):
        raise Refused
    return relations


def _relations(scans: dict[str, Elements], path: str) -> list[workbook_scan.Relation]:
    folder, name = posixpath.split(path)
    scan = scans.get(posixpath.join(folder, "_rels", f"{name}.rels"))
    return scan.all if isinstance(scan, workbook_scan.Relations) else []


def _target(source: str, target: str) -> str:
    """Name of the part that ``target`` means when written in the relations of the part ``source``."""
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(source), target)).lstrip("/").casefold()


def _sheet_part(target: str) -> str:
    """The part that ``target`` means in the workbook's relations; refused unless written so that the
    libraries, which do not follow ``..`` and take ``xl/`` for the root's, find the same.
    """
    part = target[1:] if target.startswith("/xl/") else f"xl/{target}"
    if target.startswith("xl/") or posixpath.normpath(part) != part:
        raise Refused
    return part.casefold()
