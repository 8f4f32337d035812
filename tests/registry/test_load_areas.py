from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils.translation import override

import registry
from registry.models import Area, AreaAlias, AuditEvent, FormerCode

KUKAR = Path(registry.__file__).parent / "data" / "kukar_areas.csv"
HEADER = "code,name,level,kind,bps_code,former_codes,aliases,latitude,longitude\n"
ABOVE = (
    "99,Sample Province,province\n99.01,Sample Regency,regency,kabupaten\n99.01.01,Sample District,district\n"
)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


def load(file: Path) -> tuple[str, str]:
    """What the command says on its two streams."""
    out, err = StringIO(), StringIO()
    call_command("load_areas", str(file), stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def load_text(folder: Path, text: str, encoding: str = "utf-8") -> tuple[str, str]:
    file = folder / "areas.csv"
    file.write_bytes(text.encode(encoding))
    return load(file)


def refusals_of(folder: Path, text: str) -> str:
    """The command's complaints about a file it refuses."""
    file = folder / "areas.csv"
    file.write_text(text, encoding="utf-8")
    err = StringIO()
    with pytest.raises(CommandError) as refusal:
        call_command("load_areas", str(file), stdout=StringIO(), stderr=err, no_color=True)
    assert not Area.objects.exists()
    return f"{err.getvalue()}{refusal.value}"


def test_loading_twice_changes_nothing_the_second_time(db: None) -> None:
    assert load(KUKAR)[0] == "Areas read: 259 = 259 new + 0 changed + 0 same\n"
    counts = (Area.objects.count(), FormerCode.objects.count(), AreaAlias.objects.count())
    assert counts == (259, 20, 27)
    assert load(KUKAR)[0] == "Areas read: 259 = 0 new + 0 changed + 259 same\n"
    assert (Area.objects.count(), FormerCode.objects.count(), AreaAlias.objects.count()) == counts
    assert AuditEvent.objects.filter(verb="load_areas").count() == 1


def test_kukar_loads_with_its_points_and_without_warnings(db: None) -> None:
    assert load(KUKAR)[1] == ""
    tenggarong = Area.objects.get(code="64.02.06")
    assert (tenggarong.latitude, tenggarong.longitude) == (Decimal("-0.41939"), Decimal("116.93233"))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("99.01.01.2001,Satu,village,desa", "99.01.01.2001,Satu Baru,village,desa"),
        ("99.01.01.2001,Satu,village,desa", "99.01.01.2001,Satu,village,desa,9901010001"),
        ("99.01.01.2001,Satu,village,desa", "99.01.01.2001,Satu,village,desa,,99.01.02.2001"),
        (
            "99.01.01.2001,Satu,village,desa,,99.01.02.2001",
            "99.01.01.2001,Satu,village,desa,,99.01.02.2001@2020-10-19",
        ),
        ("99.01.01.2001,Satu,village,desa", "99.01.01.2001,Satu,village,desa,,,Tunggal"),
        ("99.01.01.2001,Satu,village,desa", "99.01.01.2001,Satu,village,desa,,,,-0.5,116.5"),
    ],
)
def test_a_difference_in_any_column_is_one_change(db: None, tmp_path: Path, before: str, after: str) -> None:
    load_text(tmp_path, HEADER + ABOVE + before)
    assert load_text(tmp_path, HEADER + ABOVE + after)[0] == "Areas read: 4 = 0 new + 1 changed + 3 same\n"
    assert load_text(tmp_path, HEADER + ABOVE + after)[0] == "Areas read: 4 = 0 new + 0 changed + 4 same\n"


def test_aliases_and_dates_that_the_file_no_longer_names_are_kept(db: None, tmp_path: Path) -> None:
    row = "99.01.01.2001,Satu,village,desa,,99.01.02.2001@2020-10-19,Tunggal"
    load_text(tmp_path, HEADER + ABOVE + row)
    row = "99.01.01.2001,Satu Baru,village,desa,,99.01.02.2001,"
    load_text(tmp_path, HEADER + ABOVE + row)
    village = Area.objects.get(code="99.01.01.2001")
    assert village.name == "Satu Baru"
    assert village.former_codes.get().until == date(2020, 10, 19)
    assert village.aliases.get().name == "Tunggal"


def test_a_file_with_few_columns_leaves_the_others_alone(db: None, tmp_path: Path) -> None:
    load_text(tmp_path, HEADER + ABOVE + "99.01.01.2001,Satu,village,desa,9901010001")
    load_text(tmp_path, "code,name,level\n99.01.01.2001,Dua,village\n")
    village = Area.objects.get(code="99.01.01.2001")
    assert (village.name, village.kind, village.bps_code) == ("Dua", "desa", "9901010001")


def test_the_parent_may_be_in_the_database_already(db: None, tmp_path: Path) -> None:
    load_text(tmp_path, HEADER + ABOVE)
    out, _err = load_text(tmp_path, HEADER + "99.01.01.2001,Satu,village,desa\n")
    assert out == "Areas read: 1 = 1 new + 0 changed + 0 same\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_semicolon_file_as_excel_saves_it_is_read(db: None, tmp_path: Path, encoding: str) -> None:
    text = (HEADER + ABOVE).replace(",", ";").replace("\n", "\r\n")
    assert load_text(tmp_path, text, encoding)[0].startswith("Areas read: 3 = 3 new")


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("99.1.01.2001,Satu,village", "Row 5: error: code: "),
        ("99.01.01.2001,,village", "Row 5: error: name: "),
        ("99.01.01.2001,Satu,hamlet", "Row 5: error: level: "),
        ("99.01.01.2001,Satu,village,dusun", "Row 5: error: kind: "),
        (
            "99.01.01.2001,Satu,district",
            "Row 5: error: level: The code 99.01.01.2001 is not that of a district.",
        ),
        ("99.01.01.2001,Satu,village,kota", "Row 5: error: kind: A village cannot be of the kind “kota”."),
        ("99.01.02.2001,Satu,village,desa", "Row 5: error: code: The area above, 99.01.02, is neither in"),
        ("99.01.01,Satu,district", "Row 5: error: code: 99.01.01 stands in row 4 already."),
        (
            "99.01.01.2001,Satu,village,desa,990101",
            "Row 5: error: bps_code: The BPS code of a village has 10",
        ),
        (
            "99.01.01.2001,Satu,village,desa,,99.01",
            "Row 5: error: former_codes: “99.01” is not a former code",
        ),
        ("99.01.01.2001,Satu,village,desa,,99.01.02.2001@2020-02-30", "Row 5: error: former_codes: "),
        (
            "99.01.01.2001,Satu,village,desa,,99.01.02.2001|99.01.02.2001",
            "former_codes: 99.01.02.2001 stands",
        ),
        ("99.01.01.2001,Satu,village,desa,,," + "A" * 101, "Row 5: error: aliases: "),
        (
            "99.01.01.2001,Satu,village,desa,,,,45.5,116.5",
            "Row 5: error: latitude: 45.5 is outside Indonesia.",
        ),
        (
            "99.01.01.2001,Satu,village,desa,,,,-0.5,",
            "Row 5: error: latitude: Give both latitude and longitude",
        ),
        ("99.01.01.2001,Satu,village,desa,,,,north,116", "Row 5: error: latitude: "),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_written(
    db: None, tmp_path: Path, row: str, complaint: str
) -> None:
    complaints = refusals_of(tmp_path, HEADER + ABOVE + row + "\n")
    assert complaint in complaints
    assert "Nothing was written" in complaints


def test_every_error_of_a_file_is_printed_with_its_own_row(db: None, tmp_path: Path) -> None:
    rows = "\n99.01.01.2001,,village,desa,12\n,,,\n99.01.02.2001,Dua,village,desa\n"
    complaints = refusals_of(tmp_path, HEADER + ABOVE + rows)
    assert [line.split(":")[0] for line in complaints.splitlines()] == [
        "Row 6",
        "Row 6",
        "Row 8",
        "Errors",
    ]


def test_two_areas_with_one_bps_code_are_refused(db: None, tmp_path: Path) -> None:
    rows = "99.01.01.2001,Satu,village,desa,9901010001\n99.01.01.2002,Dua,village,desa,9901010001\n"
    complaints = refusals_of(tmp_path, HEADER + ABOVE + rows)
    assert "Row 6: error: bps_code: 9901010001 stands in row 5 already." in complaints


@pytest.mark.parametrize(
    ("kind", "serial", "is_warned"),
    [
        ("kelurahan", "1001", False),
        ("kelurahan", "2001", True),
        ("desa", "2001", False),
        ("desa", "1001", True),
        ("desa_adat", "3001", False),
        ("desa_adat", "2001", True),
    ],
)
def test_a_serial_number_of_another_kind_is_only_a_warning(
    db: None, tmp_path: Path, kind: str, serial: str, is_warned: bool
) -> None:
    out, err = load_text(tmp_path, HEADER + ABOVE + f"99.01.01.{serial},Satu,village,{kind}\n")
    assert out.startswith("Areas read: 4 = 4 new")
    assert ("Row 5: warning: kind: " in err) is is_warned


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "missing columns: code, name, level"),
        ("code,name\n", "missing columns: level"),
        ("code,name,level,population\n", "unknown columns: population"),
        ("code,name,level,name\n", "repeated columns: name"),
        ("code,name,level\n99,Satu,province,desa\n", "Row 2 has more cells than the header."),
        ('code,name,level\n99,"' + "A" * 200_000 + '",province\n', "cannot be read"),
    ],
)
def test_a_file_of_another_form_is_refused(db: None, tmp_path: Path, text: str, complaint: str) -> None:
    assert complaint in refusals_of(tmp_path, text)


def test_a_file_that_is_not_utf8_or_not_there_is_refused(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        load_text(tmp_path, HEADER + "99,Provinsi Contoh é,province\n", encoding="latin-1")
    with pytest.raises(CommandError, match="cannot be read"):
        load(tmp_path / "absent.csv")
