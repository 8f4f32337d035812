"""``manage.py subject_report``: everything held of one person, from where, who received it and who looked."""

import io
import json
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from households.models import ImportBatch, ImportRow, Tombstone, WelfareDecile
from households.rights.erasure import erase_household, erase_member
from households.rights.requests import decide_request, receive_request
from households.services import change_member, record_assessment
from programs.services import report_realisation
from registry.errors import NotRecorded
from registry.models import AccessLog, Shown
from registry.templatetags.simpul import wita
from tests import factories
from tests.programs.reports import ASKED, report


def test_a_person_is_found_by_the_nik_on_the_standard_input(person, fia, monkeypatch):
    nik = person.nik.reveal()
    [found] = report(nik, monkeypatch)["people"]
    assert (found["member_id"], found["identity"]["name"]) == (person.pk, person.name)
    assert nik not in json.dumps(found), "masked unless asked for in full"
    assert found["identity"]["nik"] == f"{nik[:6]}******{nik[-4:]}"


def test_numbers_in_full_need_the_right_to_see_them(person, ida, fia, gus):
    person.family.card_number = "9902061705808888"
    person.family.save()
    [found] = report(member=person.pk, full=True, by="ida")["people"]
    assert found["identity"]["nik"] == person.nik.reveal()
    assert found["family"]["card_number"] == "9902061705808888"
    assert AccessLog.objects.get().is_full
    for other in ("fia", "gus"):  # gus may change members, and compares no cards
        with pytest.raises(CommandError, match="may do this"):
            report(member=person.pk, full=True, by=other)


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
    assert support["nik"] == str(row.nik)
    assert (row.nik.reveal() or "none") not in json.dumps(found)
    assert person.nik.reveal() not in json.dumps(found)


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
    for member in (person, other):
        shown = client.post(f"/members/{member.pk}/number/", {"reason": "dicocokkan dengan kartu"})
        assert member.nik.reveal() in shown.content.decode()
    client.get(f"/members/{other.pk}/change/")
    client.get(f"/households/{person.household_id}/")
    client.get("/households/")
    [found] = report(member=person.pk)["people"]
    assert [(each["by"], each["route"], each["is_full"]) for each in found["readings"]] == [
        ("ana", "member-change", False),
        ("ana", "member-number", False),
        ("ana", "member-number", True),
        ("ana", "household-detail", False),
        ("ana", "household-list", False),
        ("fia", "manage.py subject_report", False),
    ]
    assert found["readings"][-1]["purpose"] == "permintaan 12"
    assert found["readings"][0]["role"] == "Village operator"
    assert found["readings"][2]["purpose"] == "dicocokkan dengan kartu"


def test_a_person_of_whom_the_officer_sees_a_part_gets_no_half_report(person, hal, fia, far_village):
    person.closed_on, person.closed_reason = date(2026, 11, 1), 4
    person.save()
    later = factories.household(far_village).members.get()
    later.nik = person.nik.reveal()
    later.save()
    with pytest.raises(CommandError, match="does not see all"):
        report(member=person.pk, by="hal")
    assert len(report(member=person.pk)["people"]) == 2


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
    nik, old = person.nik.reveal(), person.household
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
        report(person.nik.reveal(), monkeypatch, by="ben")


def test_requests_are_told_with_their_clock_and_who_decided(person, fia, ana, hal):
    sibling = factories.member(person.household)
    words = {"asker": "Sampel Penanya", "asked": "lantai kami tanah", "by": ana}
    hers = receive_request(household=person.household, member=person, kind="correction", **words)
    receive_request(household=person.household, kind="access", **words | {"asked": "data rumah kami"})
    receive_request(household=person.household, member=sibling, kind="erasure", **words)
    decide_request(request=hers, is_granted=False, outcome="sudah benar", by=hal)
    [found] = report(member=person.pk)["people"]
    told, of_all = found["requests"]
    assert (told["kind"], told["state"], told["asked"]) == (
        "correct the data",
        "refused",
        "lantai kami tanah",
    )
    assert (told["received_by"], told["decided_by"], told["outcome"]) == ("ana", "hal", "sudah benar")
    clock = [datetime.fromisoformat(told[name]) for name in ("received_at", "due_at", "decided_at")]
    assert clock[1] - clock[0] == timedelta(hours=72)
    assert clock[0] < clock[2]
    assert of_all.keys() == {"kind", "state", "received_at", "due_at", "received_by", "decided_by"}
    assert (of_all["state"], of_all["decided_by"]) == ("waiting for an answer", "")


def test_the_request_of_somebody_erased_is_nobody_elses(person, fia, ana, gus):
    sibling = factories.member(person.household)
    words = {"asker": "Sampel Penanya", "asked": "hapus data saya", "by": ana}
    receive_request(household=person.household, member=sibling, kind="erasure", **words)
    erase_member(member=sibling, by=gus, ground="request")
    [found] = report(member=person.pk)["people"]
    assert found["requests"] == []


def test_of_who_was_erased_only_that_is_told(person, fia, gus, monkeypatch):
    nik, name = person.nik.reveal(), person.name
    factories.member(person.household)
    erase_member(member=person, by=gus, ground="request")
    found = report(nik, monkeypatch)
    assert found["people"] == []
    assert found["erased"] == {
        "erased_on": timezone.localdate().isoformat(),
        "ground": "the person's own request",
    }
    assert name not in json.dumps(found)
    reading = AccessLog.objects.get()
    assert (reading.user, reading.subject, reading.record_count) == (
        fia,
        f"tombstone:{Tombstone.objects.get().pk}",
        1,
    )
    assert (reading.household_ids, reading.purpose) == ([], "permintaan 12")
    out = io.StringIO()
    monkeypatch.setattr("sys.stdin", io.StringIO(nik))
    with override("en"):
        call_command("subject_report", stdout=out, text=True, **ASKED)
    assert f"  Erased on: {wita(timezone.localdate())}" in out.getvalue().splitlines()
    with pytest.raises(CommandError, match="No such person"):
        report(factories.nik(), monkeypatch)


def test_of_who_was_erased_the_approved_list_is_told_with_what_came_of_it(
    person, frozen, others_list, as_eka, eka, gus, ida, monkeypatch
):
    nik, name, home = person.nik.reveal(), person.name, person.household_id
    assert as_eka.get(f"/api/v1/target-lists/{frozen.pk}/rows.csv").status_code == 200
    row = frozen.rows.get(household=home)
    report_realisation(
        target_row=row,
        outcome="delivered",
        realised_on=date(2026, 11, 20),
        amount=Decimal(500_000),
        reference="R-1",
        by=eka,
    )
    others = others_list.rows.exclude(household=home).first()
    erase_member(member=person, by=gus, ground="request")
    found = report(nik, monkeypatch, by="ida")
    first, second = found["support"]
    assert found["erased"]["ground"] == "the person's own request"
    assert (first["agency"], first["version"], first["name"]) == ("Dinas Perumahan", 1, name)
    assert second["agency"] == "Dinas Kelautan dan Perikanan"
    assert [(each["reference"], each["reported_by"]) for each in first["realisations"]] == [("R-1", "eka")]
    assert [(each["token"], each["times"]) for each in first["pulled"]] == [("skrip (Dinas Perumahan)", 1)]
    assert second["pulled"] == []
    assert nik not in json.dumps(found)
    assert others.name not in json.dumps(found)
    reading = AccessLog.objects.get(route="manage.py subject_report")
    assert (reading.household_ids, reading.subject) == ([home], f"tombstone:{Tombstone.objects.get().pk}")


def test_the_approved_list_is_told_after_the_tombstone_was_lifted(person, frozen, gus, ida, monkeypatch):
    nik = person.nik.reveal()
    erase_member(member=person, by=gus, ground="request")
    Tombstone.objects.all().delete()
    found = report(nik, monkeypatch, by="ida")
    assert "erased" not in found
    assert len(found["support"]) == 1
    assert AccessLog.objects.get().household_ids == [person.household_id]


def test_who_moved_is_told_of_the_list_that_outlived_her_former_household(
    person, frozen, gus, ida, next_village, monkeypatch
):
    nik, old = person.nik.reveal(), person.household
    person.closed_on = date(2026, 11, 1)
    person.save()
    home = factories.household(next_village)
    moved = factories.member(home, nik=nik)
    before = report(nik, monkeypatch, by="ida")
    assert [len(each["support"]) for each in before["people"]] == [1, 0]
    assert "support" not in before, "told once"
    erase_household(household=old, by=gus, ground="retention")
    found = report(nik, monkeypatch, by="ida")
    assert [each["household"]["household_id"] for each in found["people"]] == [home.pk]
    assert [row["name"] for row in found["support"]] == [person.name]
    assert report(member=moved.pk, by="ida")["support"] == found["support"]
    last = AccessLog.objects.order_by("-pk")[:2]
    assert [reading.household_ids for reading in last] == [[old.pk], [home.pk]]


def test_outside_ones_area_the_list_of_who_was_erased_is_not_told(person, frozen, ben, gus, monkeypatch):
    nik = person.nik.reveal()
    erase_member(member=person, by=gus, ground="request")
    assert report(nik, monkeypatch, by="ben")["support"] == []


@pytest.mark.parametrize("typed", ["", "12", "99020617058O0001"])
def test_what_is_no_nik_is_said(typed, fia, monkeypatch):
    with pytest.raises(CommandError):
        report(typed, monkeypatch)


def test_on_paper_it_is_text_with_words_for_every_key(person, frozen, as_eka, fia, ana):
    person.family.card_number = "9902061705808888"
    person.family.save()
    receive_request(
        household=person.household, member=person, kind="access", asker="Sampel", asked="apa saja", by=ana
    )
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
    with django_assert_max_num_queries(34):
        report(member=person.pk)
