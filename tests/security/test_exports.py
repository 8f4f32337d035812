"""No formula leaves: every file the site gives out, found by walking it, with all that a user could type."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from households.imports.layout import HOUSEHOLDS, MEMBERS
from households.imports.workbook import SheetPen
from households.models import ImportRow
from households.models.household import StatusChoice
from programs.models import Criterion, Program
from programs.services import approve_target_list, build_target_list
from registry.csv_files import DELIMITERS, without_control_characters
from registry.models import Area
from registry.roles import Role
from registry.spreadsheets import Column, SheetToWrite, read_csv, write_csv, write_workbook
from tests import factories
from tests.security.conftest import DAY
from tests.security.walk import addresses

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = [
    path
    for room in ("registry", "households", "programs")
    for path in sorted((ROOT / room).rglob("*.py"))
    if "migrations" not in path.parts
]
STARTS = ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠", " =", "\u200b=", "'=", "\u00a0@"]
HOSTILE = [f"{start}HYPERLINK(A{number})" for number, start in enumerate(STARTS, start=1)]
CUTS = [",", ", ", ";", ";'", "\t", "\n", "\r\n", ',"', ',""', ",\u200b", ",\t", ";,"]
# The start of a cell that a spreadsheet program computes; a line break before it is not taken off.
COMPUTED = re.compile("[ \u00a0\u200b\ufeff]*[=+\\-@＝＋－＠]")
FORMULA = re.compile("[\\s\u200b\ufeff]*[=+\\-@\t\r\n\0＝＋－＠]")
NUMBER = re.compile(r"-?\d+([.,]\d+)?")

# Every address that gives out a file, and who fetches it here.
EXPORTERS = {
    "api-target-rows-csv": Role.SECRETARIAT,
    "api-target-rows-json": Role.SECRETARIAT,
    "api-target-rows-xlsx": Role.SECRETARIAT,
    "import-rejected": Role.VILLAGE_OPERATOR,
    "import-template": Role.VILLAGE_OPERATOR,
    "report-file": Role.SECRETARIAT,
}
# The modules that make or send files. A new one is listed here when its files are fetched below.
SENDERS = {
    "households/imports/rejected.py",
    "households/imports/template.py",
    "households/management/commands/breach_report.py",
    "households/views/imports.py",
    "programs/api/files.py",
    "registry/csv_files.py",
    "registry/report_views.py",
    "registry/spreadsheets.py",
}
# These leave the demo's sample workbook in a folder.
SEEDING = {"households/seeding/village_import.py", "households/seeding/workbook.py"}
PENS = {
    "households/imports/template.py",
    "households/imports/workbook.py",
    "registry/csv_files.py",
    "registry/spreadsheets.py",
}
TO_THE_DATABASE = {"households/seeding/write.py"}  # for COPY, which computes nothing
SENDS = re.compile(
    r"\b(write_csv|write_workbook|write_template|template_workbook|rejected_workbook|fill_template|FileResponse"
    r"|StreamingHttpResponse|save_virtual_workbook)\(|Content-Disposition"
)
WRITES = re.compile(r"csv\.(writer|DictWriter)|import .*\bWorkbook\b|import xlsxwriter|\.to_(csv|excel)\(")


def named(pattern):
    return {str(path.relative_to(ROOT)) for path in SOURCES if pattern.search(path.read_text())}


def test_only_known_modules_make_or_send_files():
    assert named(SENDS) - SEEDING == SENDERS


def test_only_the_two_pens_write_csv_and_workbooks():
    assert named(WRITES) - TO_THE_DATABASE == PENS


def test_only_known_addresses_answer_with_a_file(world):
    found = set()
    for role in Role.values:
        for address in addresses():
            answer = world.client(role).get(address.url(world.known))
            if "attachment" in answer.headers.get("Content-Disposition", ""):
                assert answer.status_code == 200
                found.add(address.name)
    assert found == set(EXPORTERS)


@pytest.fixture
def hostile(world):
    """Formulas in every text that a user can type and an exporter sends on."""
    own, by = world.own, world.users[Role.SECRETARIAT]
    for number, text in enumerate(HOSTILE):
        home = factories.household(
            own.area, number=text, address=text, hamlet=text[:60], status=StatusChoice.POOR, decile=1
        )
        home.members.update(name=text, birth_place=text[:60])
        factories.assessment(home, by, **factories.POOR_ANSWERS)
        factories.area(f"64.02.06.2{number:03}", text)
        Program.objects.create(
            code=f"p{number}",
            name=text,
            agency=own.agency,
            cluster=1,
            strategy=1,
            unit="household",
            year=2026,
        )
    Area.objects.filter(code=own.area.district_code).update(name=HOSTILE[0])
    type(own.agency).objects.filter(pk=own.agency.pk).update(name=HOSTILE[1], short_name=HOSTILE[3])
    type(by).objects.filter(pk=by.pk).update(first_name=HOSTILE[3])
    by.refresh_from_db()
    program = Program.objects.create(
        code="daftar", name=HOSTILE[0], agency=own.agency, cluster=1, strategy=1, unit="household", year=2026
    )
    Criterion.objects.create(program=program, fact="status", comparison="one_of", value="poor,very_poor")
    built = build_target_list(program=program, by=by, on=DAY)
    world.own.target_list = approve_target_list(target_list=built, by=by)
    reject_all(world)
    return world


def reject_all(world):
    batch = world.own.batch
    for layout, first in ((HOUSEHOLDS, 100), (MEMBERS, 200)):
        for number, text in enumerate(HOSTILE, start=first):
            row = ImportRow.objects.create(
                batch=batch,
                sheet=str(layout.title),
                number=number,
                verdict=ImportRow.Verdict.REJECTED,
                household_number="1",
                village=world.own.area,
                errors=[{"column": layout.columns[-1].name, "code": "x", "message": text, "value": text}],
            )
            row.packed = json.dumps({column.name: text for column in layout.columns} | {f"?{text}": text})
            row.save()
    count = batch.rows.count()
    type(batch).objects.filter(pk=batch.pk).update(
        rows_read=count, rows_rejected=count, file_name="=cmd\r\nX: y.xlsx"
    )


def fetched(world, name, query="", **arguments):
    answer = world.client(EXPORTERS[name]).get(reverse(name, kwargs=arguments) + query)
    assert answer.status_code == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert re.fullmatch(r'attachment; filename="?[\w.-]+"?', answer.headers["Content-Disposition"])
    return b"".join(answer) if answer.streaming else answer.content


def formulas_in_csv(content):
    text = content.decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline=""), delimiter=";") for cell in row]
    assert len(cells) > 20
    return [cell for cell in cells if FORMULA.match(cell) and not NUMBER.fullmatch(cell)], cells


def formulas_in_workbook(content):
    """Cells that a spreadsheet program computes; the formulas of drop-downs name ranges and are ours."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        raw = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert raw
    assert not any(re.search(rb"<f[ >]", part) for part in raw)
    cells = [
        cell
        for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert len(cells) > 20
    return [cell.value for cell in cells if cell.data_type == "f"], [str(cell.value) for cell in cells]


def held(cells):
    """How many of the hostile texts are in the file at all: an empty file would prove nothing."""
    return sum(
        any(f"HYPERLINK(A{number})" in cell for cell in cells) for number in range(1, len(HOSTILE) + 1)
    )


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_target_list_carries_no_formula(hostile, kind):
    content = fetched(hostile, f"api-target-rows-{kind}", target_list=hostile.own.target_list.pk)
    found, cells = (formulas_in_csv if kind == "csv" else formulas_in_workbook)(content)
    assert found == []
    assert held(cells) == len(HOSTILE)


def test_a_target_list_as_json_keeps_the_text_as_it_is(hostile):
    content = fetched(hostile, "api-target-rows-json", target_list=hostile.own.target_list.pk)
    assert set(HOSTILE) <= {row["name"] for row in json.loads(content)["rows"]}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_report_carries_no_formula(hostile, kind):
    content = fetched(hostile, "report-file", "?year=2026&level=program", slug="coordination", extension=kind)
    found, cells = (formulas_in_csv if kind == "csv" else formulas_in_workbook)(content)
    assert found == []
    assert held(cells) == len(HOSTILE)


def test_the_rejected_rows_carry_no_formula(hostile):
    content = fetched(hostile, "import-rejected", pk=hostile.own.batch.pk)
    found, cells = formulas_in_workbook(content)
    assert found == []
    assert held(cells) == len(HOSTILE)


def test_the_template_carries_no_formula(hostile):
    type(hostile.users[Role.VILLAGE_OPERATOR]).objects.filter(username="ana").update(
        role=Role.DISTRICT_VERIFIER, area=hostile.own.area.district_code
    )
    found, cells = formulas_in_workbook(fetched(hostile, "import-template"))
    assert found == []
    assert held(cells) == len(HOSTILE)


@pytest.mark.parametrize("start", [*STARTS, "\0=", "\x1f=", "\ufeff="])
def test_the_pens_disarm_every_start(start):
    """The zero character too, which no table can hold."""
    text = f"{start}1+1"
    stream = io.StringIO(newline="")
    write_csv(stream, [text], [[text]] * 20)
    assert formulas_in_csv(stream.getvalue().encode())[0] == []
    workbook = io.BytesIO()
    write_workbook(workbook, [SheetToWrite("x", [Column(text)], [[text]] * 20)], about=[(text, text)])
    assert formulas_in_workbook(workbook.getvalue())[0] == []
    book = openpyxl.Workbook(write_only=True)
    pen = SheetPen(book.create_sheet("x"))
    made = [
        pen.cell(text),
        pen.cell(text, True),
        pen.heading(text),
        pen.note(without_control_characters(text)),
    ]
    assert {cell.data_type for cell in made} <= {"s"}


@pytest.mark.parametrize("written_with", DELIMITERS)
@pytest.mark.parametrize("cut", CUTS)
def test_no_text_falls_apart_into_a_formula_in_a_csv_file(tmp_path, cut, written_with):
    """A file is often opened where the list separator is another one, or by a program that ignores quotes."""
    texts = [f"Jalan Mawar{cut}{start}HYPERLINK(A1){cut}" for start in "=+-@＝"]
    path = written(tmp_path, ["a", *texts], written_with)
    for opened_with in DELIMITERS:
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_NONE):
            assert [cell for cell in cells_of(path, opened_with, quoting) if COMPUTED.match(cell)] == []
    assert read_back(path, written_with) == [["a", *texts]] * 3


@given(
    texts=st.lists(st.text(",;\t\r\n'\" =a"), min_size=1, max_size=5),
    written_with=st.sampled_from(DELIMITERS),
)
def test_however_a_text_is_cut_it_is_no_formula_and_comes_back(texts, written_with):
    with TemporaryDirectory() as folder:
        path = written(Path(folder), ["a", *texts], written_with)
        for opened_with in DELIMITERS:
            assert [cell for cell in cells_of(path, opened_with) if COMPUTED.match(cell)] == []
        assert read_back(path, written_with) == [["a", *texts]] * 3


def written(folder, row, delimiter):
    path = folder / "data.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        write_csv(stream, row, [row] * 2, delimiter=delimiter)
    return path


def cells_of(path, delimiter, quoting=csv.QUOTE_MINIMAL):
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return [cell for row in csv.reader(stream, delimiter=delimiter, quoting=quoting) for cell in row]


def read_back(path, delimiter):
    """The delimiter is declared: such texts would lead astray whoever looks for it."""
    declared = path.with_name("declared.csv")
    declared.write_bytes(f"sep={delimiter}\r\n".encode() + path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    return [[str(cell) for cell in row.cells] for row in read_csv(declared).rows()]
