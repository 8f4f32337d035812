"""What was typed comes out as it was typed: into a file, out of a file, or as a refusal that says why."""

import csv
import io
import random
import subprocess
import sys
import tempfile
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

from registry import spreadsheets, upload_guard
from registry.spreadsheets import (
    EMPTY,
    Cell,
    Column,
    Kind,
    SheetToWrite,
    UnsafeFile,
    read_csv,
    read_sheets,
    write_csv,
    write_workbook,
)
from tests.registry import workbooks as w

NS = {"m": w.MAIN}
READERS = pytest.mark.parametrize("fast_cells", [spreadsheets.FAST_CELLS, 0], ids=["fast", "frugal"])
SHARED = ' t="s"'
FORMULAS = [
    start + "1+1"
    for start in ("=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "\N{NO-BREAK SPACE}=", "\ufeff=", "'=")
] + [
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://example.org")',
    "@",
    "-",
    "=",
]

LOWERED = """
import resource
from registry.spreadsheet_reader import limit_this_process
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
limit_this_process(2_000_000_000, 60, 1_000_000)
print(*resource.getrlimit(resource.RLIMIT_CPU), resource.getrlimit(resource.RLIMIT_FSIZE)[0])
"""


@pytest.fixture
def upload(tmp_path: Path):
    def write(data: bytes, name: str = "upload.xlsx") -> Path:
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return write


def number(reference: str, value: str, more: str = "") -> str:
    return f'<c r="{reference}"{more}><v>{value}</v></c>'


def inline(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def rows_of(path: Path, fast_cells: int = spreadsheets.FAST_CELLS) -> list[tuple[int, list[Cell]]]:
    sheet = next(iter(read_sheets(path, fast_cells=fast_cells).values()))
    return [(row.number, row.cells) for row in sheet.rows()]


@READERS
def test_cells_come_back_as_they_are_in_the_file(upload, fast_cells):
    row = (
        '<row r="3">'
        + number("B3", "12") + number("C3", "1.1") + number("D3", "1", ' t="b"')
        + number("E3", "#N/A", ' t="e"')
        + number("F3", "0", SHARED) + inline("G3", "_x0041_ b_x000D_c") + number("H3", "1e999")
        + '<c r="I3"><f>1+1</f><v>2</v></c><c r="J3"><f>1+1</f></c></row>'
    )  # fmt: skip
    assert rows_of(upload(w.xlsx(row, strings="<si><t>Siti</t></si>")), fast_cells) == [
        (
            3,
            [
                EMPTY,
                Cell(Kind.NUMBER, 12),
                Cell(Kind.NUMBER, Decimal("1.1")),
                Cell(Kind.BOOLEAN, True),
                Cell(Kind.ERROR, None),
                Cell(Kind.TEXT, "Siti"),
                Cell(Kind.TEXT, "A b\rc"),
                Cell(Kind.ERROR, None),
                Cell(Kind.FORMULA, 2),
                Cell(Kind.FORMULA, None),
            ],
        )
    ]


@READERS
@pytest.mark.parametrize("stored", ["9901010101900001", "9.901010101900001E15", "9901010101900001.0"])
def test_a_nik_that_excel_made_a_number_can_be_told_from_text(upload, fast_cells, stored):
    ((_number, cells),) = rows_of(upload(w.xlsx(f'<row r="1">{number("A1", stored)}</row>')), fast_cells)
    assert cells[0].kind is Kind.NUMBER
    assert len(str(cells[0])) == 16
    assert str(cells[0]).isdecimal()


@READERS
def test_blank_rows_are_left_out_and_the_others_keep_their_numbers(upload, fast_cells):
    rows = (
        f'<row r="2">{number("A2", "1")}</row><row r="3"><c r="A3" s="0"/></row>'
        f'<row r="4">{inline("A4", "")}</row>'
        f'<row r="7">{number("C7", "2")}</row>'
    )
    assert rows_of(upload(w.xlsx(rows)), fast_cells) == [
        (2, [Cell(Kind.NUMBER, 1)]),
        (7, [EMPTY, EMPTY, Cell(Kind.NUMBER, 2)]),
    ]


@READERS
def test_rows_without_references_are_counted(upload, fast_cells):
    rows = "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>"
    assert [number for number, _cells in rows_of(upload(w.xlsx(rows)), fast_cells)] == [1, 2]


@READERS
@pytest.mark.parametrize("dimension", ["A1", "A1:A2", "A1:XFD1048576"])
def test_a_dimension_tag_that_lies_drops_no_row(upload, fast_cells, dimension):
    rows = "".join(
        f'<row r="{row}">{number(f"A{row}", "1")}{number(f"B{row}", "2")}</row>' for row in range(1, 8)
    )
    read = rows_of(upload(w.xlsx(rows, before=f'<dimension ref="{dimension}"/>')), fast_cells)
    assert [(row, len(cells)) for row, cells in read] == [(row, 2) for row in range(1, 8)]


@READERS
def test_formulas_and_errors_in_rows_of_their_own_are_not_lost(upload, fast_cells):
    def formula(row: int) -> str:
        return f'<row r="{row}"><c r="B{row}"><f>1+1</f></c></row>'

    rows = (
        formula(2)
        + f'<row r="3">{number("A3", "1")}</row>'
        + formula(4)
        + f'<row r="5">{number("A5", "2")}</row>'
    )
    read = rows_of(upload(w.xlsx(rows + formula(9) + formula(10))), fast_cells)
    assert [row for row, _cells in read] == [2, 3, 4, 5, 9, 10]
    assert [row for row, cells in read if cells[-1].kind is Kind.FORMULA] == [2, 4, 9, 10]


@READERS
@pytest.mark.parametrize("epoch", [CALENDAR_WINDOWS_1900, CALENDAR_MAC_1904])
def test_dates_are_right_in_both_calendars_of_excel(tmp_path, fast_cells, epoch):
    book = Workbook()
    book.epoch = epoch
    book.active.append([date(1988, 2, 29), datetime(2024, 5, 1, 10, 30), datetime(2011, 12, 28).time()])
    book.save(tmp_path / "dates.xlsx")
    ((_number, cells),) = rows_of(tmp_path / "dates.xlsx", fast_cells)
    assert cells[:2] == [Cell(Kind.DATE, date(1988, 2, 29)), Cell(Kind.DATE, datetime(2024, 5, 1, 10, 30))]


@READERS
def test_a_sheet_of_200_columns_is_read(upload, fast_cells):
    cells = "".join(number(f"{spreadsheets.column_letter(column)}1", str(column)) for column in range(1, 201))
    ((_number, read),) = rows_of(upload(w.xlsx(f'<row r="1">{cells}</row>')), fast_cells)
    assert [cell.value for cell in read] == list(range(1, 201))


@READERS
def test_null_characters_become_visible(upload, fast_cells):
    ((_number, cells),) = rows_of(
        upload(w.xlsx(f'<row r="1">{inline("A1", "a_x0000_b_xD800_")}</row>')), fast_cells
    )
    assert "\0" not in cells[0].value
    assert cells[0].value.startswith("a\N{REPLACEMENT CHARACTER}b")
    cells[0].value.encode()


@READERS
def test_an_empty_sheet_has_no_rows(upload, fast_cells):
    assert rows_of(upload(w.xlsx("")), fast_cells) == []


@READERS
@pytest.mark.parametrize(
    "data",
    [
        w.xlsx(f'<row r="1">{number("A1", "7", SHARED)}</row>'),
        w.xlsx(f'<row r="1">{number("A1", "-1", SHARED)}</row>'),
        w.xlsx_with(
            links=w.relations(("rId1", "worksheet", "worksheets/sheet1.xml")),
            sheet=w.worksheet(f'<row r="1">{number("A1", "9", SHARED)}</row>'),
        ),
        w.xlsx(before='<dimension ref="nonsense"/>'),
    ],
    ids=["shared text out of range", "shared text below zero", "no shared texts", "a dimension that is none"],
)
def test_what_only_the_parser_notices_is_refused_with_a_sentence(upload, fast_cells, data):
    with pytest.raises(UnsafeFile) as caught:
        read_sheets(upload(data), fast_cells=fast_cells)
    assert caught.value.code == "damaged"


def test_merged_ranges_below_the_header_are_reported(upload):
    after = (
        "<mergeCells>"
        + "".join(f'<mergeCell ref="{ref}"/>' for ref in ("A1:B1", "A1:A3", "B5:C5"))
        + "</mergeCells>"
    )
    sheet = read_sheets(upload(w.xlsx(after=after)))["Data"]
    assert sheet.merged_ranges == ("A1:B1", "A1:A3", "B5:C5")
    assert sheet.merged_below(1) == ["A1:A3", "B5:C5"]


def test_sheets_are_chosen_by_name_and_hidden_ones_are_said_to_be(tmp_path):
    book = Workbook()
    book.active.title = "Petunjuk"
    for title in ("Keluarga", "Anggota"):
        book.create_sheet(title).append([title])
    book["Anggota"].sheet_state = "hidden"
    book.save(tmp_path / "three.xlsx")
    sheets = read_sheets(tmp_path / "three.xlsx", sheets=["Anggota", "Keluarga"])
    assert [(sheet.name, sheet.is_hidden) for sheet in sheets.values()] == [
        ("Keluarga", False),
        ("Anggota", True),
    ]
    left, right = (sheet.rows() for sheet in sheets.values())
    assert (str(next(left).cell(1)), str(next(right).cell(1))) == ("Keluarga", "Anggota")
    with pytest.raises(UnsafeFile, match="Petunjuk, Keluarga, Anggota") as caught:
        read_sheets(tmp_path / "three.xlsx", sheets=["Usulan"])
    assert caught.value.code == "missing_sheet"


def test_a_reader_that_aborts_costs_a_child_and_not_the_parent(upload):
    """Two cells span a rectangle that the fast reader lays out whole, which is more than it may have."""
    path = upload(
        w.xlsx(f'<row r="1">{number("A1", "1")}</row><row r="15000">{number("IV15000", "1")}</row>')
    )
    with pytest.raises(UnsafeFile) as caught:
        read_sheets(path, memory=100 * 1024 * 1024)
    assert caught.value.code == "too_much_memory"
    assert [row for row, _cells in rows_of(path)] == [1, 15000]


def test_a_reader_that_takes_too_long_is_stopped(upload):
    cells = [spreadsheets.column_letter(column) for column in range(1, 101)]
    rows = "".join(
        f'<row r="{row}">{"".join(number(f"{letters}{row}", "1") for letters in cells)}</row>'
        for row in range(1, 6001)
    )
    with pytest.raises(UnsafeFile) as caught:
        read_sheets(upload(w.xlsx(rows)), timeout=1, fast_cells=0)
    assert caught.value.code == "too_slow"


def test_a_limit_of_the_machine_is_kept_and_no_obstacle():
    told = subprocess.check_output([sys.executable, "-c", LOWERED], text=True)
    assert told.split() == ["20", "20", "1000000"]


def test_a_small_file_cannot_fill_the_disk(upload, monkeypatch):
    """One long shared text stands in a thousand cells."""
    monkeypatch.setattr(spreadsheets, "OUTPUT_BYTES", 1024 * 1024)
    rows = "".join(f'<row r="{row}">{number(f"A{row}", "0", SHARED)}</row>' for row in range(1, 1001))
    with pytest.raises(UnsafeFile) as caught:
        read_sheets(upload(w.xlsx(rows, strings=f"<si><t>{'x' * 30_000}</t></si>")))
    assert caught.value.code == "too_large"


@READERS
@pytest.mark.parametrize("seed", range(15))
def test_a_workbook_with_bytes_changed_at_random_is_read_or_refused(upload, fast_cells, seed):
    chance = random.Random(seed)
    parts = w.parts(f'<row r="1">{number("A1", "0", SHARED)}</row>', strings="<si><t>Siti</t></si>")
    name = chance.choice(sorted(parts))
    content = bytearray(parts[name].encode())
    for _change in range(chance.randrange(1, 4)):
        content[chance.randrange(len(content))] = chance.choice(b"<>/&\"'=; 09azAZ\x00\xff")
    path = upload(w.zipped(parts | {name: bytes(content)}))
    try:
        for sheet in read_sheets(path, fast_cells=fast_cells).values():
            list(sheet.rows())
    except UnsafeFile as refused:
        assert refused.code in upload_guard.SENTENCES  # noqa: PT017 - both ends are right, a traceback is not


def test_the_child_starts_without_django():
    program = (
        "import sys, registry.spreadsheet_reader; print([m for m in sys.modules if m.startswith('django')])"
    )
    root = Path(spreadsheets.__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    assert done.stdout.strip() == "[]"


def written(
    rows: list[list[object]], *columns: Column, about: tuple[tuple[str, str], ...] = ()
) -> io.BytesIO:
    stream = io.BytesIO()
    write_workbook(stream, [SheetToWrite("Data", columns, rows)], about=about)
    stream.seek(0)
    return stream


def cells_in_xml(stream: io.BytesIO, part: str = w.SHEET) -> list[Element]:
    return ElementTree.fromstring(zipfile.ZipFile(stream).read(part)).findall(".//m:c", NS)


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula_in_a_workbook(text):
    stream = written([[text, text]], Column(text), Column("Nama", is_identifier=True))
    for cell in cells_in_xml(stream):
        assert cell.get("t") == "inlineStr"
        assert cell.find("m:f", NS) is None
        assert cell.find("m:v", NS) is None
    assert b"<f" not in zipfile.ZipFile(stream).read(w.SHEET)
    values = load_workbook(stream)["Data"]
    assert values["A2"].quotePrefix
    assert values["A2"].number_format == "@"
    assert values["A2"].data_type == "s"


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_no_text_becomes_a_formula_in_a_csv_file_and_the_text_comes_back(tmp_path, text, delimiter):
    path = tmp_path / "out.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, [text, "b"], [[text, 1], ["'" + text, 2]], delimiter=delimiter)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for first, _second in csv.reader(stream, delimiter=delimiter):
            assert first.startswith("'")
    assert [row.cells[0].value for row in read_csv(path).rows()] == [text, text, "'" + text]


def test_numbers_are_numbers_even_below_zero():
    stream = io.StringIO()
    write_csv(stream, ["a"], [[-5], [Decimal("-1.50")], [2.5], [True], [None]])
    assert stream.getvalue().removeprefix("\ufeff").split() == [
        '"a"',
        "-5",
        '"-1,50"',
        '"2,5"',
        '"TRUE"',
        '""',
    ]
    stream = io.StringIO()
    write_csv(stream, ["a"], [[Decimal("1.50")], [date(2024, 5, 1)]], delimiter=",")
    assert stream.getvalue().split() == ['\ufeff"a"', '"1.50"', '"2024-05-01"']
    cells = cells_in_xml(written([[-5, Decimal("-1.5")]], Column("a"), Column("b")))
    assert [(cell.get("t"), cell.findtext("m:v", namespaces=NS)) for cell in cells[2:]] == [
        ("n", "-5"),
        ("n", "-1.5"),
    ]


def test_identifiers_stay_text_and_long_numbers_keep_their_digits():
    columns = Column("NIK", is_identifier=True), Column("Catatan"), Column("Kode", is_identifier=True)
    sheet = load_workbook(
        written([["9901014101900001", 9901014101900001, 7], [None, "0811", "#N/A"]], *columns)
    )["Data"]
    assert [cell.value for cell in sheet[2]] == ["9901014101900001", "9901014101900001", "7"]
    assert [cell.value for cell in sheet[3]] == [None, "0811", "#N/A"]
    assert {cell.data_type for row in (2, 3) for cell in sheet[row] if cell.value} == {"s"}
    assert [cell.number_format for cell in sheet[2]] == ["@", "@", "@"]
    assert sheet["B3"].number_format == "@"
    assert sheet.column_dimensions["A"].number_format == "@"


def test_dates_are_dates_shown_day_first_and_moments_are_local():
    row = [date(2024, 5, 1), datetime(2024, 5, 1, 16, 30, tzinfo=UTC), date(1899, 12, 31)]
    sheet = load_workbook(written([row], Column("a"), Column("b"), Column("c")))["Data"]
    assert [cell.number_format for cell in sheet[2]] == ["dd/mm/yyyy", "dd/mm/yyyy hh:mm", "@"]
    assert [cell.value for cell in sheet[2]] == [
        datetime(2024, 5, 1),
        datetime(2024, 5, 2, 0, 30),
        "1899-12-31",
    ]


def test_the_header_is_bold_and_stays_and_filters_and_the_source_is_told():
    stream = written([["a", 1]], Column("Nama", width=30), Column("Nilai"), about=(("Filter", "=Desa"),))
    book = load_workbook(stream)
    sheet, about = book.worksheets
    assert (sheet["A1"].font.bold, sheet["A2"].font.bold) == (True, False)
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B2")
    assert sheet.column_dimensions["A"].width == 30
    assert [[cell.value for cell in row] for row in about.iter_rows(min_row=2)] == [["Filter", "=Desa"]]


def test_sheet_titles_are_made_what_excel_allows():
    stream = io.BytesIO()
    titles = ["a/b:c", "A?b*c", "x" * 40, "x" * 31, ""]
    write_workbook(stream, [SheetToWrite(title, [Column("a")], []) for title in titles])
    assert load_workbook(stream).sheetnames == ["a b c", "A b c 2", "x" * 31, "x" * 29 + " 2", "Sheet"]


def test_characters_that_no_file_may_hold_are_replaced_visibly():
    text = "a\0b\x0bc\ud800d\uffffe"
    shown = "a\ufffdb\ufffdc\ufffdd\ufffde"
    assert load_workbook(written([[text]], Column(text)))["Data"]["A2"].value == shown
    stream = io.StringIO()
    write_csv(stream, ["a"], [[text]])
    assert shown in stream.getvalue()
    cut = load_workbook(written([["x" * 40_000]], Column("a")))["Data"]["A2"].value
    assert (len(cut), cut[-2:]) == (32_767, "x…")


def test_an_interrupted_export_leaves_nobody_s_data_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield ["9901014101900001"]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        write_workbook(io.BytesIO(), [SheetToWrite("Data", [Column("NIK")], rows())])
    assert list(tmp_path.iterdir()) == []


def test_text_of_blanks_only_is_an_empty_cell():
    assert load_workbook(written([[" \n"]], Column("a")))["Data"]["A2"].value is None


def test_a_row_of_another_width_or_an_unknown_type_is_a_bug():
    with pytest.raises(ValueError, match="zip"):
        written([["a", "b"]], Column("a"))
    with pytest.raises(TypeError, match="object"):
        written([[object()]], Column("a"))


CHARACTERS = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
ODD = [
    "_x0041_",
    "__x000D_",
    "a\r\nb",
    "\na",
    " a ",
    "#N/A",
    "TRUE",
    "007",
    "1E5",
    "9901014101900001",
    *FORMULAS,
]
TEXT = st.text(CHARACTERS, min_size=1).filter(str.strip) | st.sampled_from(ODD)
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.decimals(-(10**6), 10**6, places=2).filter(lambda value: value != int(value)),
    st.dates(date(1900, 3, 1), date(2199, 12, 31)),
    TEXT,
)


@pytest.mark.parametrize("fast_cells", [spreadsheets.FAST_CELLS, 0], ids=["fast", "frugal"])
@given(table=st.lists(st.tuples(VALUES, VALUES, TEXT, VALUES), max_size=30))
@settings(max_examples=12, deadline=None)
def test_what_is_written_to_a_workbook_is_read_from_it(fast_cells, table):
    columns = [Column("a"), Column("b"), Column("c", is_identifier=True), Column("d")]
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as file:
        write_workbook(file.name, [SheetToWrite("Data", columns, table)])
        (_header, *read) = read_sheets(file.name, fast_cells=fast_cells)["Data"].rows()
    assert [row.number for row in read] == list(range(2, len(table) + 2))
    assert [tuple(row.cell(column).value for column in range(1, 5)) for row in read] == [
        tuple(without_trailing_zero(value) for value in row) for row in table
    ]


def without_trailing_zero(value: object) -> object:
    return Decimal(repr(float(value))) if isinstance(value, Decimal) else value


@given(table=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=20), delimiter=st.sampled_from(";,\t"))
@settings(max_examples=100, deadline=None)
def test_what_is_written_to_csv_is_read_from_it(table, delimiter):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "out.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_csv(stream, ["first", "second"], table, delimiter=delimiter)
        rows = [tuple(str(cell) for cell in row.cells) for row in read_csv(path).rows()]
    assert rows == [("first", "second"), *table]


CSV_TEXT = "nama;tempat\nSiti Nurhaliza;Kota Bangun\nÉmile;“Sebulu”\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encoding_and_delimiter_are_found_out(upload, encoding, delimiter):
    path = upload(CSV_TEXT.replace(";", delimiter).encode(encoding), "data.csv")
    assert [[str(cell) for cell in row.cells] for row in read_csv(path).rows()] == [
        ["nama", "tempat"],
        ["Siti Nurhaliza", "Kota Bangun"],
        ["Émile", "“Sebulu”"],
    ]


def test_csv_rows_are_numbered_as_excel_shows_them(upload):
    path = upload(b'sep=|\nnama|alamat\n\nSiti|"RT 1\nRT 2"\nBudi|\n', "data.csv")
    rows = list(read_csv(path).rows())
    assert [row.number for row in rows] == [1, 3, 4]
    assert str(rows[1].cell(2)) == "RT 1\nRT 2"
    assert rows[2].cell(2) == rows[2].cell(9) == EMPTY


def test_numbers_in_csv_stay_text(upload):
    (row,) = read_csv(upload(b"9901014101900001;1.500.000;1,5;6,40203E+15\n", "data.csv")).rows()
    assert [cell.value for cell in row.cells] == ["9901014101900001", "1.500.000", "1,5", "6,40203E+15"]
    assert {cell.kind for cell in row.cells} == {Kind.TEXT}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"a;b\n" + b"\x81\x8d\xff;1\n", "unknown_encoding"),
        (b"a;b" + b"\0" * 9 + b"\n", "unknown_encoding"),
        (b"a;b\n" + b"x" * 2000 + b"\0", "unknown_encoding"),
        (b'a;b\n"' + b"x" * 200_000, "long_text"),
        (b";" * 256, "too_many_columns"),
        (b"a;b\n" * 300_001, "too_many_rows"),
    ],
)
def test_a_bad_csv_file_is_refused_with_a_sentence(upload, data, code):
    with pytest.raises(UnsafeFile) as caught:
        read_csv(upload(data, "data.csv"))
    assert caught.value.code == code
