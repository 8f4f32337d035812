"""Workbooks built part by part, good ones and broken ones. All people and numbers in them are invented."""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
STRINGS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
SHEET = "xl/worksheets/sheet1.xml"
ROW = '<row r="1"><c r="A1"><v>1</v></c></row>'

Content = str | bytes


def relations(*entries: tuple[str, str, str], extra: str = "") -> str:
    links = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for key, kind, target in entries
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}{extra}</Relationships>'


def declared(name: str, kind: str) -> str:
    return f'<Override PartName="/{name}" ContentType="{kind}"/>'


def types(workbook: str = WORKBOOK_TYPE, *, extra: str = "") -> str:
    sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f"{declared('xl/workbook.xml', workbook)}{declared(SHEET, sheet)}"
        f"{declared('xl/sharedStrings.xml', STRINGS_TYPE)}{extra}</Types>"
    )


def workbook(*names: str, properties: str = "") -> str:
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId1"/>' for number, name in enumerate(names, start=1)
    )
    return f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{properties}<sheets>{sheets}</sheets></workbook>'


def worksheet(rows: str, *, before: str = "", after: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def parts(rows: str = ROW, *, before: str = "", after: str = "", strings: str = "") -> dict[str, Content]:
    """The parts of a workbook with one sheet named Data."""
    return {
        "[Content_Types].xml": types(),
        "_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": workbook("Data"),
        "xl/_rels/workbook.xml.rels": relations(
            ("rId1", "worksheet", "worksheets/sheet1.xml"), ("rId2", "sharedStrings", "sharedStrings.xml")
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        SHEET: worksheet(rows, before=before, after=after),
    }


def zipped(contents: Mapping[str, Content], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return stream.getvalue()


def xlsx(rows: str = ROW, **details: str) -> bytes:
    return zipped(parts(rows, **details))


def xlsx_with(**replaced: Content) -> bytes:
    """``workbook=``, ``sheet=``, ``types=``, ``links=`` or ``strings=`` takes the place of that part."""
    names = {
        "workbook": "xl/workbook.xml",
        "sheet": SHEET,
        "types": "[Content_Types].xml",
        "links": "xl/_rels/workbook.xml.rels",
        "strings": "xl/sharedStrings.xml",
    }
    return zipped(parts() | {names[name]: content for name, content in replaced.items()})


def xlsx_and(name: str, content: Content = b"x", **details: str) -> bytes:
    return zipped(parts(**details) | {name: content})


def with_workbook_named(name: str) -> bytes:
    """Relations and declarations lead to ``name``; what the fast reader opens by habit is there too."""
    found = parts()
    folder, _slash, file = name.rpartition("/")
    return zipped(
        found
        | {
            name: found["xl/workbook.xml"],
            f"{folder}/_rels/{file}.rels": found["xl/_rels/workbook.xml.rels"],
            "_rels/.rels": relations(("rId1", "officeDocument", name)),
            "[Content_Types].xml": types(extra=declared(name, WORKBOOK_TYPE)),
            "xl/workbook.xml": "<a/>",
        }
    )


def with_unicode_name(name: str, second: str, *, is_central: bool) -> bytes:
    """A part ``name`` whose extra field gives it a second name, which some readers prefer."""
    field = struct.pack("<BL", 1, zlib.crc32(name.encode())) + second.encode()
    extra = struct.pack("<2H", 0x7075, len(field)) + field
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in parts().items():
            archive.writestr(each, content)
        info = zipfile.ZipInfo(name)
        info.extra = b"" if is_central else extra
        archive.writestr(info, worksheet(ROW))  # writes the local header; the directory comes at the end
        info.extra = extra if is_central else b""
    return stream.getvalue()


def patched(data: bytes, offset: int, value: bytes) -> bytes:
    return data[:offset] + value + data[offset + len(value) :]


def central_entry(data: bytes, name: str) -> int:
    """Where the directory speaks of ``name``."""
    return data.rindex(name.encode()) - 46


def with_lying_size(name: str = SHEET) -> bytes:
    """Directory and local header agree on a size of one byte."""
    data = xlsx()
    local = data.index(name.encode()) - 30
    one = struct.pack("<L", 1)
    return patched(patched(data, central_entry(data, name) + 24, one), local + 22, one)


def with_flags(flags: int, name: str = SHEET) -> bytes:
    data = xlsx()
    return patched(data, central_entry(data, name) + 8, struct.pack("<H", flags))


def with_overlap() -> bytes:
    """The entry of the sheet points at the bytes of the shared strings."""
    data = xlsx()
    other = struct.unpack_from("<L", data, central_entry(data, "xl/sharedStrings.xml") + 42)
    return patched(data, central_entry(data, SHEET) + 42, struct.pack("<L", *other))


def with_another_local_name() -> bytes:
    data = xlsx()
    return patched(data, data.index(SHEET.encode()), b"xl/worksheets/sheet9.xml")


def with_damaged_byte() -> bytes:
    data = zipped(parts(), method=zipfile.ZIP_STORED)
    return patched(data, data.index(b"<v>1</v>") + 3, b"2")


def compound_file(*streams: str) -> bytes:
    """The container of old Excel files and of encrypted new ones, with the names of its streams."""
    directory = b"".join(stream.encode("utf-16-le").ljust(128, b"\0") for stream in streams)
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(70_000, b"\0") + directory
