"""Every file that must not reach a parser is told apart by its bytes, and answered with a sentence."""

import random
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registry import upload_guard
from registry.upload_guard import LIMITS, Limits, UnsafeFile, check
from registry.workbook_scan import cell_key
from tests.registry import workbooks as w

LAUGHS = (
    '<!DOCTYPE w [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {after} "&{name};&{name};&{name};">' for name, after in pairwise("abcdef"))
    + "]>"
)
EXTERNAL_ENTITY = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
PROJECT_ROOT = Path(upload_guard.__file__).parent.parent


def noise(size: int) -> bytes:
    return random.Random(99).randbytes(size)


def cell(reference: str, row: int = 1) -> str:
    return f'<row r="{row}"><c r="{reference}"><v>1</v></c></row>'


def deep(levels: int) -> str:
    """Nested without an end, and varied enough not to be caught by its compression."""
    chance = random.Random(99)
    return "".join(f"<{chance.choice('abcdefgh')}{chance.randrange(400)}>" for _ in range(levels))


def many_names(count: int) -> str:
    return "".join(f"<n{number}/>" for number in range(count))


def links(kind: str, mode: str = "External") -> str:
    address = f'Target="http://example.org" TargetMode="{mode}"'
    return w.relations(
        ("rId1", "worksheet", "worksheets/sheet1.xml"),
        ("rId2", "sharedStrings", "sharedStrings.xml"),
        extra=f'<Relationship Id="rId9" Type="{w.OFFICE}/{kind}" {address}/>',
    )


SHEET_AND_TEXTS = (
    ("rId1", "worksheet", "worksheets/sheet1.xml"),
    ("rId2", "sharedStrings", "sharedStrings.xml"),
)


def sheet_at(target: str, kind: str = "worksheet") -> bytes:
    """The honest sheet, the same in a picture and further down, and a relation that leads to ``target``."""
    links = w.relations(("rId1", kind, target), SHEET_AND_TEXTS[1])
    places = ("xl/media/a.png", "xl/xl/worksheets/sheet1.xml", "xl/worksheets/./sheet1.xml")
    others = dict.fromkeys(places, w.worksheet(w.ROW))
    return w.zipped(w.parts() | {"xl/_rels/workbook.xml.rels": links} | others)


REFUSED = {
    "an empty file": (b"", "empty"),
    "noise": (noise(5000), "not_xlsx"),
    "a text file": (b"nik;nama\n", "not_xlsx"),
    "a web page": (b"\xef\xbb\xbf <HTML><table><tr><td>1</td></tr></table>", "web_page"),
    "a spreadsheet of 2003 in XML": (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>',
        "web_page",
    ),
    "an old Excel file": (w.compound_file("Root Entry", "Workbook"), "old_excel"),
    "a still older Excel file": (b"\x09\x04\x06\x00\x00\x00\x10\x00" + bytes(100), "old_excel"),
    "a file with a password": (
        w.compound_file("Root Entry", "EncryptionInfo", "EncryptedPackage"),
        "password",
    ),
    "an encrypted part": (w.with_flags(1), "password"),
    "a document of Word": (
        w.zipped({"[Content_Types].xml": w.types(), "word/document.xml": "<a/>"}),
        "not_xlsx",
    ),
    "an OpenDocument file": (
        w.zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"}),
        "open_document",
    ),
    "a binary workbook": (w.xlsx_and("xl/workbook.bin"), "binary_workbook"),
    "a workbook with macros": (w.xlsx_and("xl/vbaProject.bin"), "macros"),
    "macros by declaration": (
        w.xlsx_with(types=w.types("application/vnd.ms-excel.sheet.macroEnabled.main+xml")),
        "macros",
    ),
    "a sheet of Excel 4 macros": (
        w.xlsx_and("xl/macrosheets/sheet1.xml", '<xm:macrosheet xmlns:xm="urn:m"/>'),
        "macros",
    ),
    "a workbook under another name": (w.with_workbook_named("xl/w2.xml"), "damaged"),
    "a second workbook": (w.xlsx_and("xl/w2.xml", w.workbook("Data")), "damaged"),
    "a second part declared as a workbook": (
        w.xlsx_with(types=w.types(extra=w.declared("xl/media/a.xml", w.WORKBOOK_TYPE))),
        "damaged",
    ),
    "shared texts in a picture": (
        w.xlsx_with(types=w.types(extra=w.declared("xl/media/a.png", w.STRINGS_TYPE))),
        "damaged",
    ),
    "a sheet in a picture": (sheet_at("media/a.png"), "damaged"),
    "a sheet in a picture, by another kind of relation": (sheet_at("media/a.png", kind="image"), "damaged"),
    "a sheet that is found twice": (sheet_at("xl/worksheets/sheet1.xml"), "damaged"),
    "a sheet on a winding path": (sheet_at("worksheets/./sheet1.xml"), "damaged"),
    "two relations of one name": (
        w.xlsx_with(links=w.relations(*SHEET_AND_TEXTS, ("rId1", "image", "media/a.png"))),
        "damaged",
    ),
    "a link of the name of a relation": (
        w.xlsx_with(links=w.relations(*SHEET_AND_TEXTS, ("rId1", "hyperlink", "media/a.png"))),
        "damaged",
    ),
    "a part with a second name in the directory": (
        w.with_unicode_name("xl/media/a.png", w.SHEET, is_central=True),
        "unsafe_names",
    ),
    "a part with a second name in its header": (
        w.with_unicode_name("xl/media/a.png", w.SHEET, is_central=False),
        "unsafe_names",
    ),
    "half a file": (w.xlsx()[:700], "damaged"),
    "bytes behind the end": (w.xlsx() + b"x", "damaged"),
    "a part that lies about its size": (w.with_lying_size(), "damaged"),
    "a part whose checksum is wrong": (w.with_damaged_byte(), "damaged"),
    "two parts in the same bytes": (w.with_overlap(), "damaged"),
    "a part with two names": (w.with_another_local_name(), "damaged"),
    "two parts with the same name": (w.xlsx_and("XL/Worksheets/Sheet1.xml", "<a/>"), "damaged"),
    "a method nobody uses": (w.zipped(w.parts(), method=w.zipfile.ZIP_BZIP2), "damaged"),
    "thousands of parts": (
        w.zipped(w.parts() | {f"xl/media/{n}.png": b"" for n in range(1200)}),
        "too_many_parts",
    ),
    "a name that climbs": (w.xlsx_and("xl/../../etc/passwd"), "unsafe_names"),
    "a name from the root": (w.xlsx_and("/etc/passwd"), "unsafe_names"),
    "a name of Windows": (w.xlsx_and("C:\\autoexec.bat"), "unsafe_names"),
    "a name without end": (w.xlsx_and("a/" * 150 + "b"), "unsafe_names"),
    "a bomb in a picture": (w.xlsx_and("xl/media/a.png", bytes(20_000_000)), "too_compressed"),
    "a bomb in the sheet": (w.xlsx_with(sheet=w.worksheet("<a/>" * 500_000)), "too_compressed"),
    "a billion laughs": (w.xlsx_with(strings=LAUGHS + f'<sst xmlns="{w.MAIN}">&f;</sst>'), "doctype"),
    "an external entity": (w.xlsx_with(sheet=EXTERNAL_ENTITY + w.worksheet("")), "doctype"),
    "a sheet in UTF-16": (w.xlsx_with(sheet=w.worksheet(w.ROW).encode("utf-16")), "damaged"),
    "a sheet in UTF-7": (
        w.xlsx_with(sheet='<?xml version="1.0" encoding="utf-7"?>' + w.worksheet("")),
        "damaged",
    ),
    "XML that breaks off": (w.xlsx_with(sheet=w.worksheet(w.ROW)[:-9]), "damaged"),
    "XML that is noise": (w.xlsx_with(sheet=noise(900)), "damaged"),
    "elements without bottom": (w.xlsx_with(sheet=deep(100_000)), "damaged"),
    "thousands of names": (w.xlsx_with(sheet=w.worksheet(many_names(6000))), "damaged"),
    "a text without end": (w.xlsx(strings=f"<si><t>{noise(200_000).hex()}</t></si>"), "long_text"),
    "a tag without end": (w.xlsx(strings=f'<si a="{noise(200_000).hex()}"/>'), "long_text"),
    "the last cell there is": (w.xlsx(cell("XFD1048576", 1048576)), "too_many_rows"),
    "one row too many": (w.xlsx(cell("A300001", 300_001)), "too_many_rows"),
    "one column too many": (w.xlsx(cell("IW1")), "too_many_columns"),
    "a column that Excel has not": (w.xlsx(cell("XFE1")), "damaged"),
    "a cell in another row": (w.xlsx(cell("A2")), "damaged"),
    "a row above the one before": (w.xlsx(cell("A5", 5) + cell("A2", 2)), "damaged"),
    "the same row twice": (w.xlsx(cell("A2", 2) + cell("A2", 2)), "damaged"),
    "a cell left of the one before": (
        w.xlsx('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>'),
        "damaged",
    ),
    "a row without a number": (w.xlsx('<row r="x"/>'), "damaged"),
    "a link to another workbook": (
        w.xlsx_and("xl/externalLinks/externalLink1.xml", "<a/>"),
        "external_links",
    ),
    "a relation to another workbook": (
        w.xlsx_with(links=links("externalLink", "Internal")),
        "external_links",
    ),
    "a template on another machine": (w.xlsx_with(links=links("attachedTemplate")), "external_links"),
    "two sheets of one name": (w.xlsx_with(workbook=w.workbook("Data", "DATA")), "duplicate_sheets"),
    "a sheet that is not there": (
        w.xlsx_with(links=w.relations(("rId1", "worksheet", "gone.xml"))),
        "damaged",
    ),
    "a sheet without a relation": (w.xlsx_with(links=w.relations()), "damaged"),
    "shared texts that are not there": (
        w.zipped({name: part for name, part in w.parts().items() if "sharedStrings" not in name}),
        "damaged",
    ),
    "a workbook declared as a picture": (w.xlsx_with(types=w.types("image/png")), "damaged"),
    "a workbook without a workbook": (w.xlsx_with(workbook="<a/>"), "not_xlsx"),
    "a workbook with charts only": (w.xlsx_with(sheet=f'<chartsheet xmlns="{w.MAIN}"/>'), "no_sheets"),
}


@pytest.fixture
def upload(tmp_path: Path):
    def write(data: bytes) -> Path:
        path = tmp_path / "upload.xlsx"
        path.write_bytes(data)
        return path

    return write


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED)
def test_a_bad_file_is_refused_with_a_sentence(upload, data, code):
    with pytest.raises(UnsafeFile) as caught:
        check(upload(data))
    assert caught.value.code == code
    assert str(caught.value).endswith(".")
    assert "%(" not in str(caught.value)


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_file_cut_anywhere_is_refused(upload, tenth):
    whole = w.xlsx("".join(cell(f"A{row}", row) for row in range(1, 500)))
    with pytest.raises(UnsafeFile) as caught:
        check(upload(whole[: len(whole) * tenth // 10]))
    assert caught.value.code == "damaged"


HONEST = {
    "plain": w.xlsx(),
    "not packed": w.zipped(w.parts(), method=w.zipfile.ZIP_STORED),
    "the last place allowed": w.xlsx(cell("IV300000", 300_000)),
    "no references": w.xlsx("<row><c><v>1</v></c></row>"),
    "declared": w.xlsx_with(sheet='<?xml version="1.0" encoding="UTF-8"?>\n' + w.worksheet(w.ROW)),
    "a byte order mark": w.xlsx_with(sheet=b"\xef\xbb\xbf" + w.worksheet(w.ROW).encode()),
    "a logo": w.xlsx_and("xl/media/logo.png", noise(300_000)),
    "a path from the root": w.xlsx_with(
        links=w.relations(("rId1", "worksheet", "/xl/worksheets/sheet1.xml"), SHEET_AND_TEXTS[1])
    ),
    "settings of a printer": w.xlsx_with(
        types=w.types(
            extra=w.declared(
                "xl/printerSettings/printerSettings1.bin",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings",
            )
        )
    ),
    "an e-mail address": w.xlsx_and("xl/worksheets/_rels/sheet1.xml.rels", links("hyperlink")),
    "the longest text": w.xlsx(strings=f"<si><t>{'é' * 32_767}</t></si>"),
}


@pytest.mark.parametrize("data", HONEST.values(), ids=HONEST)
def test_an_honest_file_passes(upload, data):
    check(upload(data))


@pytest.mark.parametrize(
    ("limits", "data", "code"),
    [
        ({"file_bytes": 1000}, w.xlsx(), "too_large_file"),
        ({"unpacked_bytes": 100_000}, w.xlsx_and("xl/media/a.png", noise(100_000)), "too_large"),
        ({"cells": 2}, w.xlsx(cell("A1") + cell("A2", 2) + cell("A3", 3)), "too_many_cells"),
        (
            {"formulas": 5},
            w.xlsx('<row r="1"><c r="A1"><f t="array" ref="A1:B3">1</f></c></row>'),
            "too_many_formulas",
        ),
        (
            {"elements": 1_000},  # of all parts together
            w.xlsx_and("xl/a.xml", f"<a>{'<b/>' * 600}</a>", after=f"<extLst>{'<d/>' * 600}</extLst>"),
            "too_slow",
        ),
        (
            {"errors": 1},
            w.xlsx('<row r="1"><c r="A1" t="e"><v>#REF!</v></c><c r="B1" t="e"><v>#N/A</v></c></row>'),
            "too_many_errors",
        ),
        (
            {"merged_ranges": 1},
            w.xlsx(after='<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A2:B2"/></mergeCells>'),
            "too_many_merged_cells",
        ),
    ],
)
def test_each_limit_is_kept(upload, limits, data, code):
    path = upload(data)
    check(path)
    with pytest.raises(UnsafeFile) as caught:
        check(path, replace(LIMITS, **limits))
    assert caught.value.code == code


def test_what_was_seen_names_formulas_errors_and_merged_ranges(upload):
    rows = (
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="C2" t="e"><v>#N/A</v></c></row>'
        '<row r="4"><c r="B4"><f t="array" ref="B4:B5">1</f><v>1</v></c></row>'
        '<row r="5"><c r="B5"><v>1</v></c></row>'
        '<row r="9"><c r="Z9" s="1"/></row>'
    )
    after = '<mergeCells count="1"><mergeCell ref="A4:B5"/></mergeCells><extLst><f>not a cell</f></extLst>'
    (facts,) = upload_guard.inspect(upload(w.xlsx(rows, after=after)))
    assert facts.name == "Data"
    assert list(facts.scan.formulas) == [cell_key(2, 1), cell_key(4, 2), cell_key(5, 2)]
    assert list(facts.scan.errors) == [cell_key(2, 3)]
    assert facts.scan.merged == ["A4:B5"]
    assert (facts.scan.last_row, facts.scan.last_column) == (5, 3)


MEASURE = """
import resource, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from registry import upload_guard
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    upload_guard.check(sys.argv[1])
except upload_guard.UnsafeFile:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize(
    "build",
    [
        lambda: w.xlsx_and("xl/media/a.png", bytes(100_000_000)),
        lambda: w.xlsx_with(sheet=deep(1_000_000)),
        lambda: w.xlsx_with(sheet=w.worksheet(many_names(300_000))),
        lambda: w.xlsx_with(strings=f'<si a="{noise(5_000_000).hex()}"/>'),
        lambda: w.zipped({f"xl/media/{n}.png": b"" for n in range(60_000)}),
        lambda: w.xlsx("".join(cell(f"A{row}", row) for row in range(1, 200_000))),
    ],
    ids=["bomb", "depth", "names", "one tag", "parts", "an honest long sheet"],
)
def test_looking_through_a_file_takes_little_memory(upload, build):
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(upload(build()))],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT_ROOT,
    )
    assert int(done.stdout) < 16 * 1024  # kilobytes


def test_a_stranger_cannot_fill_the_disk(client, db, monkeypatch):
    """Files end the request at the size of the largest workbook, also where none is asked for."""
    monkeypatch.setattr("registry.uploads.LIMITS", Limits(file_bytes=100_000))
    small, large = (SimpleUploadedFile("x.xlsx", b"x" * size) for size in (100_000, 100_001))
    assert client.post("/login/", {"username": "a", "password": "b", "x": small}).status_code == 200
    assert client.post("/login/", {"username": "a", "password": "b", "x": large}).status_code == 400
