"""``manage.py subject_report``: everything held of one person, from where, who received it and who looked."""

import io
import json
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.translation import override

from households.models import ImportBatch, ImportRow, Member, WelfareDecile
from households.services import change_member, record_assessment
from programs.services import report_realisation
from registry.errors import NotRecorded
from registry.models import AccessLog, Shown
from tests import factories

ASKED = {"by": "fia", "why": "permintaan 12"}


@pytest.fixture
def person(poor) -> Member:
    return poor[3].members.get()


def report(nik: str | None = None, monkeypatch=None, **options) -> dict:
    out = io.StringIO()
    if nik is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{nik}\n"))
    with override("en"):  # a page asked for before it has left its own language behind
        call_command("subject_report", stdout=out, **{**ASKED, **options})
    return json.loads(out.getvalue())


def test_a_person_is_found_by_the_nik_on_the_standard_input(person, fia, monkeypatch):
    [found] = report(person.nik, monkeypatch)["people"]
    assert (found["member_id"], found["identity"]["name"]) == (person.pk, person.name)
    assert person.nik not in json.dumps(found), "masked unless asked for in full"
    assert found["identity"]["nik"] == f"{person.nik[:6]}******{person.nik[-4:]}"


def test_numbers_in_full_need_the_right_to_change_them(person, fia, gus):
    [found] = report(member=person.pk, full=True, by="gus")["people"]
    assert found["identity"]["nik"] == person.nik
    assert AccessLog.objects.get().is_full
    with pytest.raises(CommandError, match="may do this"):
        report(member=person.pk, full=True)


def test_assessments_name_their_source_and_who_recorded_them(person, fia, ana, bps14):
    batch = ImportBatch.objects.create(file_name="isian.xlsx", sha256="0" * 64, uploaded_by=ana)
    factories.assessment(
        person.household, ana, source="workbook", import_batch=batch, **factories.POOR_ANSWERS
    )
    [found] = report(member=person.pk)["people"]
    told = [assessment for assessment in found["assessments"] if assessment["file_name"]]
    assert [(each["source"], each["file_name"], each["recorded_by"]) for each in told] == [
        ("workbook", "isian.xlsx", "ana")
    ]
    assert told[0]["household_answers"]["floor_area"] == 28
    assert told[0]["household_answers"]["has_dwelling"] is True


def test_statuses_come_with_scheme_and_reasons(person, fia, ana, bps14):
    answers = {person.pk: factories.POOR_HEAD}
    record_assessment(
        household=person.household,
        assessed_on=date(2026, 11, 2),
        answers=factories.POOR_ANSWERS,
        member_answers=answers,
        by=ana,
    )
    [found] = report(member=person.pk)["people"]
    [status] = found["statuses"]
    assert (status["scheme"], status["legal_reference"]) == (str(bps14), "for tests")
    assert len(status["reasons"]) == 14
    assert {reason["is_met"] for reason in status["reasons"]} >= {True}
    assert found["assessments"][-1]["own_answers"]


def test_deciles_and_rows_of_workbooks_are_held_too(person, fia, ana):
    home = person.household
    WelfareDecile.objects.create(
        household=home, area=home.area, decile=2, source="DTSEN", as_of=date(2026, 7, 1)
    )
    batch = ImportBatch.objects.create(file_name="isian.xlsx", sha256="0" * 64, uploaded_by=ana)
    ImportRow.objects.create(
        batch=batch,
        sheet="Anggota",
        number=7,
        verdict="same",
        household_number=home.number,
        village=home.area,
    )
    [found] = report(member=person.pk)["people"]
    assert found["deciles"] == [{"decile": 2, "source": "DTSEN", "as_of": "2026-07-01"}]
    assert [(row["file_name"], row["row"], row["uploaded_by"]) for row in found["imports"]] == [
        ("isian.xlsx", 7, "ana")
    ]


def test_who_received_it_is_told_by_list_by_delivery_and_by_token(person, frozen, as_eka, eka):
    assert as_eka.get(f"/api/v1/target-lists/{frozen.pk}/rows.csv").status_code == 200
    assert as_eka.get(f"/api/v1/target-lists/{frozen.pk}/rows.csv").status_code == 200
    row = frozen.rows.get(household=person.household)
    report_realisation(
        target_row=row,
        outcome="delivered",
        realised_on=date(2026, 11, 20),
        amount=Decimal(500_000),
        reference="R-1",
        by=eka,
    )
    [found] = report(member=person.pk)["people"]
    [support] = found["support"]
    assert (support["agency"], support["rank"], support["version"]) == ("Dinas Perumahan", row.rank, 1)
    assert [(each["reference"], each["amount"], each["reported_by"]) for each in support["realisations"]] == [
        ("R-1", "500000", "eka")
    ]
    assert [(each["token"], each["times"]) for each in support["pulled"]] == [("skrip (Dinas Perumahan)", 2)]
    assert person.nik not in json.dumps(found)


def test_a_list_of_another_household_is_not_hers(person, frozen, fia):
    other = frozen.rows.exclude(household=person.household).first()
    assert other.name not in json.dumps(report(member=person.pk))


def test_every_deed_is_told_with_before_and_after_of_her_rows_only(person, fia, ana):
    sibling = factories.member(person.household, name="Sampel Saudara")
    old = person.name
    change_member(member=person, by=ana, why="salah eja", name="Sampel Baru")
    change_member(member=sibling, by=ana, name="Sampel Lain")
    [found] = report(member=person.pk)["people"]
    first, second = found["deeds"]
    assert (first["by"], first["why"], first["deed"]) == ("ana", "salah eja", "changed a member")
    assert first["changes"] == [{"field": "name", "before": old, "after": "Sampel Baru"}]
    assert second["changes"] == []
    assert "Sampel Saudara" not in json.dumps(found)


def test_every_reading_is_told_this_one_included(person, fia, ana, client):
    other = factories.member(person.household)
    client.force_login(ana)
    client.get(f"/members/{person.pk}/change/")
    client.get(f"/members/{other.pk}/change/")
    client.get(f"/households/{person.household_id}/")
    client.get("/households/")
    [found] = report(member=person.pk)["people"]
    assert [(each["by"], each["route"], each["is_full"]) for each in found["readings"]] == [
        ("ana", "member-change", True),
        ("ana", "household-detail", False),
        ("ana", "household-list", False),
        ("fia", "manage.py subject_report", False),
    ]
    assert found["readings"][-1]["purpose"] == "permintaan 12"
    assert found["readings"][0]["role"] == "Village operator"


def test_the_report_is_itself_a_reading(person, fia):
    report(member=person.pk)
    reading = AccessLog.objects.get()
    assert (reading.user, reading.purpose, reading.shown) == (fia, "permintaan 12", Shown.REPORT)
    assert (reading.household_ids, reading.member_ids) == ([person.household_id], [person.pk])


def test_without_its_record_there_is_no_report(person, fia):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE registry_accesslog ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    out = io.StringIO()
    with pytest.raises(NotRecorded):
        call_command("subject_report", stdout=out, member=person.pk, **ASKED)
    assert out.getvalue() == ""


def test_a_person_who_moved_is_reported_at_both_places(person, fia, next_village, monkeypatch):
    nik, old = person.nik, person.household
    person.closed_on = date(2026, 11, 1)
    person.save()
    home = factories.household(next_village)
    factories.member(home, nik=nik)
    found = report(nik, monkeypatch)["people"]
    assert [each["household"]["household_id"] for each in found] == [old.pk, home.pk]


@pytest.mark.parametrize("by", ["dee", "nobody"])
def test_who_may_not_see_people_gets_no_report(by, person, dee):
    with pytest.raises(CommandError, match="may do this"):
        report(member=person.pk, by=by)
    assert not AccessLog.objects.exists()


def test_outside_ones_area_nobody_is_known(person, ben, monkeypatch):
    with pytest.raises(CommandError, match="No such person"):
        report(person.nik, monkeypatch, by="ben")


@pytest.mark.parametrize("typed", ["", "12", "99020617058O0001"])
def test_what_is_no_nik_is_said(typed, fia, monkeypatch):
    with pytest.raises(CommandError):
        report(typed, monkeypatch)


def test_on_paper_it_is_text_with_words_for_every_key(person, frozen, as_eka, fia):
    as_eka.get(f"/api/v1/target-lists/{frozen.pk}/rows/")
    out = io.StringIO()
    with override("en"):
        call_command("subject_report", stdout=out, member=person.pk, text=True, **ASKED)
    lines = out.getvalue().splitlines()
    assert any(line.strip() == f"Name: {person.name}" for line in lines)
    assert "  1." in lines
    headings = [line.partition(":")[0].strip() for line in lines if ":" in line]
    assert not [heading for heading in headings if "_" in heading], "a key without words"


def test_it_costs_the_same_however_many_people_there_are(person, frozen, fia, django_assert_max_num_queries):
    with django_assert_max_num_queries(32):
        report(member=person.pk)
