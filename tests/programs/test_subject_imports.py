"""``manage.py subject_report`` on the rows of workbooks that hold a person, and on who looked into them."""

import json

import pytest
from django.core.management import CommandError

from households.models import ImportBatch, ImportRow, Member
from households.services import change_household
from registry.audit import log_reading
from registry.bulk import new_ids
from registry.models import AccessLog, Shown
from tests import factories
from tests.programs.reports import report


def test_whoever_looked_into_a_workbook_before_she_was_registered_is_told(person, fia, ana):
    batch = ImportBatch.objects.create(file_name="isian.xlsx", sha256="0" * 64, uploaded_by=ana)
    ImportRow.objects.create(
        batch=batch,
        sheet="Anggota",
        number=7,
        verdict="new",
        household_number=person.household.number,
        village=person.household.area,
    )
    preview = {"shown": Shown.IMPORT, "household_ids": [], "route": "import-detail", "purpose": "preview"}
    for pk in (batch.pk, batch.pk + 1):
        log_reading(user=ana, subject=f"importbatch:{pk}", count=1, **preview)
    [found] = report(member=person.pk)["people"]
    assert [each["route"] for each in found["readings"] if each["by"] == "ana"] == ["import-detail"]


def test_whoever_looked_before_her_rows_went_is_told_by_her_assessment(person, fia, ana):
    batch = ImportBatch.objects.create(file_name="isian.xlsx", sha256="0" * 64, uploaded_by=ana)
    factories.assessment(person.household, ana, import_batch=batch, **factories.POOR_ANSWERS)
    preview = {"shown": Shown.IMPORT, "household_ids": [], "route": "import-detail", "purpose": "preview"}
    log_reading(user=ana, subject=f"importbatch:{batch.pk}", count=1, **preview)
    [found] = report(member=person.pk)["people"]
    assert [each["route"] for each in found["readings"] if each["by"] == "ana"] == ["import-detail"]


@pytest.fixture
def row_of(ana, village):
    """A row of the members' sheet, of a batch of its own."""

    def write(
        number: int, *, home: str = "RT-900", nik: str = "", verdict: str = "new", **about
    ) -> ImportRow:
        batch = ImportBatch.objects.create(file_name=f"{number}.xlsx", sha256="0" * 64, uploaded_by=ana)
        error = {"column": "nik", "code": "x", "message": "x", "value": ""}
        [pk] = new_ids(ImportRow, 1)
        row = ImportRow(
            pk=pk,
            **{"batch": batch, "sheet": "Anggota", "village": village, **about},
            number=number,
            verdict=verdict,
            household_number=home,
            errors=[error] if verdict == "rejected" else [],
        )
        row.packed = json.dumps({"nik": nik, "name": f"Sampel {number}", "family_card_number": CARD})
        row.save(force_insert=True)
        return row

    return write


CARD = "9902061705808888"


def files_of(person: Member) -> list[str]:
    [found] = report(member=person.pk)["people"]
    return [row["file_name"] for row in found["imports"]]


def test_after_a_renumbering_her_rows_are_still_hers(person, fia, ana, row_of, village):
    home = person.household
    old = home.number
    row_of(1, home=old, nik=person.nik.reveal())
    row_of(2, home=old)
    change_household(household=home, by=ana, number="RT-777")
    assert files_of(person) == ["1.xlsx", "2.xlsx"]
    heir = factories.household(village, number=old).members.get()
    row_of(3, home=old, nik=heir.nik.reveal())
    assert files_of(person) == ["1.xlsx"], "a row under a number of two households is known by its NIK"
    assert files_of(heir) == ["3.xlsx"]
    row_of(4, home="RT-777")
    assert files_of(person) == ["1.xlsx", "4.xlsx"]


def test_who_stands_only_in_a_rejected_row_is_known(fia, ana, row_of, monkeypatch):
    nik = factories.nik()
    row = row_of(5, nik=f"{nik[:6]} {nik[6:]}", verdict="rejected", village=None)
    row_of(6, nik=factories.nik(), verdict="rejected")
    log_reading(
        user=ana,
        route="import-detail",
        purpose="preview",
        shown=Shown.IMPORT,
        household_ids=[],
        subject=f"importbatch:{row.batch_id}",
        count=1,
    )
    found = report(nik, monkeypatch)
    [told] = found["imports"]
    assert (found["people"], told["row"], told["file_name"]) == ([], 5, "5.xlsx")
    assert list(told["cells"].values()) == [f"{nik[:6]}******{nik[-4:]}", "Sampel 5", "990206******8888"]
    assert [(each["by"], each["shown"]) for each in found["readings"]] == [
        ("ana", "rows of a workbook"),
        ("fia", "rows of a workbook"),
    ]
    assert "not_searched" not in found


def test_numbers_of_a_rejected_row_in_full_need_the_right(ida, row_of, monkeypatch):
    nik = factories.nik()
    row_of(5, nik=nik, verdict="rejected")
    found = report(nik, monkeypatch, by="ida", full=True)
    assert list(found["imports"][0]["cells"].values()) == [nik, "Sampel 5", CARD]
    assert AccessLog.objects.get().is_full


def test_a_row_that_waits_for_confirmation_is_hers_wherever_it_stands(person, fia, row_of, monkeypatch):
    row = row_of(5, home="RT-555", nik=person.nik.reveal())
    assert "imports" not in report(person.nik.reveal(), monkeypatch)
    ImportBatch.objects.filter(pk=row.batch_id).update(state="checked")
    found = report(person.nik.reveal(), monkeypatch)
    assert [each["row"] for each in found["imports"]] == [5]
    assert [each["row"] for each in report(member=person.pk)["imports"]] == [5]


def test_outside_ones_area_a_rejected_row_is_not_told(ben, row_of, monkeypatch):
    first, second = factories.nik(), factories.nik()
    row_of(5, nik=first, verdict="rejected")
    row_of(6, nik=second, verdict="rejected", village=None)
    for nik in (first, second):
        with pytest.raises(CommandError, match="No such person"):
            report(nik, monkeypatch, by="ben")


def test_rows_that_were_not_searched_are_counted(fia, row_of, monkeypatch):
    older, newer = factories.nik(), factories.nik()
    row_of(5, nik=older, verdict="rejected")
    row_of(6, nik=newer, verdict="rejected")
    monkeypatch.setattr("households.management.commands.subject_report.SEARCHED", 1)
    assert report(newer, monkeypatch)["not_searched"] == 1
    with pytest.raises(CommandError, match="No such person"):
        report(older, monkeypatch)
    found = report(older, monkeypatch, every_row=True)
    assert len(found["imports"]) == 1
    assert "not_searched" not in found
