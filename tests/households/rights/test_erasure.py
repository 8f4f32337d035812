"""After an erasure nothing of the person is found anywhere; whoever tries to bring her back is told."""

import json
import uuid
from datetime import date
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from households.imports import check, confirm
from households.models import (
    Household,
    ImportBatch,
    Member,
    MemberAssessment,
    SubjectRequest,
    Tombstone,
)
from households.rights import ledger
from households.rights.erasure import erase_household, erase_member
from households.rights.requests import decide_request, receive_request
from households.services import add_member
from registry.errors import Conflict
from registry.models import AuditEvent
from registry.scope import chosen_rows, working_for
from registry.seals import blind_index
from tests import factories
from tests.households.imports import files as workbooks
from tests.households.rights.forgotten import (
    CARD,
    NAME,
    NIK,
    OLD_NAME,
    STREET,
    Typed,
    decided,
    granted,
    in_the_night,
    tables_holding,
)

REQUEST, RETENTION = Tombstone.Ground.REQUEST, Tombstone.Ground.RETENTION


def test_the_search_would_find_the_person_where_she_is(home):
    assert tables_holding(NAME, OLD_NAME) >= {
        "households_member",
        "households_memberevent",
        "households_subjectrequest",
    }
    assert tables_holding(NIK) == {"households_member", "households_memberevent"}
    assert tables_holding(blind_index("nik", NIK)) == {"households_member", "households_memberevent"}
    assert tables_holding(CARD) == tables_holding(blind_index("card", CARD)) == {"households_family"}
    assert tables_holding(CARD, STREET) >= {"households_family", "households_household"}
    assert tables_holding("777001") == {"households_memberassessment", "households_povertystatus"}


def test_after_an_erasure_no_table_holds_name_or_nik_or_answers(home, head, ana, hal):
    answers = head.answers.get().pk
    home.refresh_from_db()
    assert home.status == "very_poor"
    request = granted(home, head, ana, hal)
    assert tables_holding(NAME, OLD_NAME, NIK, "777001") == set()
    assert tables_holding(blind_index("nik", NIK)) == {"households_tombstone"}
    assert not MemberAssessment.objects.filter(pk=answers).exists()
    assert not Member.objects.filter(pk=head.pk).exists()
    assert (request.state, request.outcome, request.asked) == ("granted", "Sudah dihapus.", "")
    assert home.members.get().name == "Anak Tinggal"
    verdict = home.statuses.get()
    assert (verdict.status, verdict.reasons) == (home.status, [])
    assert tables_holding(CARD, STREET) >= {"households_family", "households_household"}


def test_the_last_person_takes_the_household_along(home, head, ana, hal):
    granted(home, head, ana, hal)
    granted(home, home.members.get(), ana, hal)
    assert not Household.objects.filter(pk=home.pk).exists()
    assert tables_holding("Anak Tinggal", STREET, CARD, "Gang Lama") == set()


def test_a_household_is_erased_with_everything_about_it(home, ana, hal):
    granted(home, None, ana, hal)
    assert not Household.objects.filter(pk=home.pk).exists()
    assert tables_holding(NAME, OLD_NAME, NIK, CARD, STREET, "Gang Lama", "Anak Tinggal", "777001") == set()
    assert tables_holding(blind_index("card", CARD)) == set()


@pytest.mark.english
def test_until_the_night_nothing_is_erased_and_both_pages_say_so(client, home, head, ana, hal, gus):
    request = decided(home, head, ana, hal)
    head.refresh_from_db()
    assert (head.name, head.nik, Tombstone.objects.count()) == (NAME, NIK, 0)
    client.force_login(hal)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    page = client.get(home.get_absolute_url())
    assert request in page.context["requests"]
    assert "Erasure granted" in page.content.decode()
    assert f"The data of {NAME} go for good." in page.content.decode()
    assert request.get_absolute_url() in page.content.decode()
    assert "Granted, not yet carried out" in client.get(request.get_absolute_url()).content.decode()
    call_command("purge", "--by", "gus", "--why", "setiap malam", verbosity=0)
    assert not Member.objects.filter(pk=head.pk).exists()
    assert "Granted, not yet carried out" not in client.get(request.get_absolute_url()).content.decode()
    assert "Erasure granted" not in client.get(home.get_absolute_url()).content.decode()


def test_the_household_page_costs_the_same_for_ten_granted_erasures(
    client, home, ana, hal, django_assert_num_queries
):
    for _each in range(10):
        decided(home, factories.member(home), ana, hal)
    client.force_login(ana)
    with django_assert_num_queries(9):
        assert len(client.get(home.get_absolute_url()).context["requests"]) == 11


def test_two_erasures_of_one_person_granted_on_one_day_do_not_take_the_household(home, head, ana, hal):
    first, second = decided(home, head, ana, hal), decided(home, head, ana, hal)
    in_the_night()
    assert home.members.get().name == "Anak Tinggal"
    for request in (first, second):
        request.refresh_from_db()
        assert (request.state, request.outcome, request.asked) == ("granted", "Sudah dihapus.", "")


def test_a_refused_or_open_erasure_waits_for_no_night(home, head, ana, hal):
    receive_request(household=home, member=head, kind="erasure", asker=NAME, asked="Hapus", by=ana)
    refused = receive_request(household=home, kind="erasure", asker=NAME, asked="Hapus semua", by=ana)
    decide_request(request=refused, is_granted=False, outcome="Masih menerima bantuan.", by=hal)
    corrected = SubjectRequest.objects.get(kind="correction")
    decide_request(request=corrected, is_granted=True, outcome="Sudah.", by=hal)
    in_the_night()
    head.refresh_from_db()
    assert head.name == NAME
    assert not SubjectRequest.objects.to_carry_out().exists()


def test_what_the_accounts_that_serve_pages_cannot_do_the_purge_does(home, head, ana, hal, gus):
    """The reason why a decision erases nothing: they may not remove what was recorded."""
    decided(home, head, ana, hal)
    with pytest.raises(DatabaseError) as refused, working_for(gus), chosen_rows(), transaction.atomic():
        erase_member(member=Member.objects.get(pk=head.pk), by=gus, ground=REQUEST)
    assert "permission denied" in str(refused.value.__context__)
    assert tables_holding(NIK) == {"households_member", "households_memberevent"}
    in_the_night()
    assert tables_holding(NIK) == set()


def test_a_second_request_about_an_erased_person_does_not_take_the_household(home, head, ana, hal):
    second = receive_request(
        household=home, member=head, kind="erasure", asker=NAME, asked="Hapus saya", by=ana
    )
    granted(home, head, ana, hal)
    with pytest.raises(Conflict) as refused:
        decide_request(request=second, is_granted=True, outcome="Hapus", by=hal)
    assert refused.value.code == "already_erased"
    assert home.members.count() == 1


def test_an_erasure_is_one_deed_and_leaves_a_tombstone_that_names_nobody(home, head, ana, hal):
    request = granted(home, head, ana, hal)
    tombstone = Tombstone.objects.get()
    assert (tombstone.nik_index, tombstone.erased_on) == (blind_index("nik", NIK), timezone.localdate())
    event = AuditEvent.objects.get(deed=tombstone.deed)
    assert (event.verb, event.details) == ("erase_member", {"people": 1, "ground": "request"})
    assert (event.by.username, event.why) == ("gus", f"subjectrequest:{request.pk}")
    decision = AuditEvent.objects.get(verb="decide_request", subject=event.why)
    assert (decision.by, decision.details) == (hal, {"kind": "erasure", "state": "granted"})
    assert json.loads(ledger.read()[0]["nik_index"].join('""')) == tombstone.nik_index


def test_the_page_of_a_granted_erasure_stays_and_names_nobody(client, home, ana, hal):
    asked = receive_request(household=home, kind="erasure", asker=NAME, asked=f"Hapus {NAME}", by=ana)
    client.force_login(hal)
    answer = client.post(asked.get_absolute_url(), {"decision": "granted", "outcome": "Sudah."}, follow=True)
    assert answer.redirect_chain == [(asked.get_absolute_url(), 302)]
    assert "Sudah." in answer.content.decode()
    in_the_night()
    answer = client.get(asked.get_absolute_url())
    assert "Sudah." in answer.content.decode()
    assert NAME not in answer.content.decode()
    decided = client.get(reverse("request-list"), {"show": "decided"})
    assert [row.pk for row in decided.context["page"]] == [asked.pk]
    assert NAME not in decided.content.decode()


def test_a_refused_erasure_changes_nothing(home, head, ana, hal):
    asked = receive_request(household=home, member=head, kind="erasure", asker=NAME, asked="Hapus", by=ana)
    decide_request(request=asked, is_granted=False, outcome="Masih menerima bantuan.", by=hal)
    head.refresh_from_db()
    assert (head.name, head.nik) == (NAME, NIK)
    assert not Tombstone.objects.exists()


def test_nobody_erases_outside_the_own_area(home, head, ben):
    with pytest.raises(PermissionDenied):
        erase_member(member=head, by=ben, ground=REQUEST)
    with pytest.raises(PermissionDenied):
        erase_household(household=home, by=ben, ground=REQUEST)


def test_what_cannot_be_noted_outside_is_not_erased(home, head, hal, settings, tmp_path):
    settings.ERASURES_FILE = tmp_path
    with pytest.raises(IsADirectoryError):
        erase_member(member=head, by=hal, ground=REQUEST)
    head.refresh_from_db()
    assert head.name == NAME


def test_a_person_is_forgotten_in_her_former_household_too(home, head, next_village, ana, hal):
    former = Household.objects.create(area=next_village, number="ZQ-8")
    old = factories.member(former, name=NAME, nik=NIK, closed_on=date(2020, 1, 1), position=1)
    granted(home, head, ana, hal)
    assert not Member.objects.filter(pk=old.pk).exists()
    assert tables_holding(NAME, NIK) == set()


def test_retention_forgets_the_old_row_and_leaves_who_lives_elsewhere(home, head, next_village, hal):
    former = Household.objects.create(
        area=next_village, number="ZQ-8", closed_on=date(2020, 1, 1), closed_reason="moved"
    )
    factories.member(former, name=NAME, nik=NIK, closed_on=date(2020, 1, 1), position=1)
    erase_household(household=former, by=hal, ground=RETENTION)
    head.refresh_from_db()
    assert head.name == NAME
    assert not Tombstone.objects.exists()


# Coming back


def test_a_form_with_the_nik_of_an_erased_person_is_refused_at_the_field(client, home, head, ana, hal):
    family = home.families.get()
    granted(home, head, ana, hal)
    client.force_login(ana)
    person = {
        "name": "Siapa Saja",
        "nik": NIK,
        "sex": "2",
        "birth_date": "1/1/1990",
        "household_relationship": "3",
        "family_relationship": "3",
    }
    page = client.post(reverse("member-create", args=[family.pk]), person)
    assert page.status_code == 200
    assert f"{timezone.localdate():%d/%m/%Y}" in str(page.context["form"].errors["nik"])
    assert home.members.count() == 1


def erased_from(imported, ana, hal, capture):
    person = Member.objects.get(name="Sampel 1 3")
    with capture(execute=True):
        granted(person.household, person, ana, hal)
    return person


def test_the_rows_and_the_file_of_the_import_are_forgotten_too(
    imported, ana, hal, django_capture_on_commit_callbacks
):
    path = imported.file.path
    assert tables_holding("Sampel 1 3") == {"households_member", "households_importrow"}
    erased_from(imported, ana, hal, django_capture_on_commit_callbacks)
    assert tables_holding("Sampel 1 3", workbooks.nik(13)) == set()
    imported.refresh_from_db()
    assert not imported.file
    with pytest.raises(FileNotFoundError):
        Path(path).stat()
    kept = imported.rows.exclude(packed_sealed=None)
    assert sorted(row.cells.get("name", "") for row in kept) == ["", "Sampel 1 1", "Sampel 1 2"]


def test_the_same_workbook_again_is_flagged_at_the_cell_and_held_back(
    imported, files, ana, hal, django_capture_on_commit_callbacks
):
    erased_from(imported, ana, hal, django_capture_on_commit_callbacks)
    again = files.check(files.write(workbooks.home(1), workbooks.home(2)), ana)
    assert [code for *_cell, code in workbooks.problems(again)] == ["erased"]
    assert again.rows_rejected == 4
    confirm(again, by=ana)
    assert not Member.objects.filter(name="Sampel 1 3").exists()
    assert Household.objects.filter(number="RT-002").exists()


def test_an_erasure_between_check_and_confirmation_is_seen(
    imported, files, ana, hal, django_capture_on_commit_callbacks
):
    waiting = files.check(files.write(workbooks.home(1, floor=2)), ana)
    erased_from(imported, ana, hal, django_capture_on_commit_callbacks)
    confirm(waiting, by=ana)
    waiting.refresh_from_db()
    assert waiting.state == ImportBatch.State.CHECKED
    assert not Member.objects.filter(name="Sampel 1 3").exists()
    assert tables_holding("Sampel 1 3", workbooks.nik(13)) == set()


def test_a_rejected_row_elsewhere_that_holds_the_nik_is_forgotten(
    imported, files, ana, hal, django_capture_on_commit_callbacks
):
    row, people = workbooks.home(5, people=1)
    people.append(workbooks.person(5, 2, name="Sampel 1 3", nik=workbooks.nik(13)))
    elsewhere = files.check(files.write((row, people)), ana)
    assert elsewhere.rows_rejected
    erased_from(imported, ana, hal, django_capture_on_commit_callbacks)
    assert tables_holding("Sampel 1 3", workbooks.nik(13)) == set()
    assert {error["code"] for error in elsewhere.rows.get(packed_sealed=None).errors} == {"erased"}


def test_an_import_of_other_people_pays_nothing_for_tombstones(files, ana, village, bps14):
    Tombstone.objects.create(
        nik_index=blind_index("nik", NIK), erased_on=date(2026, 1, 1), ground=REQUEST, deed=uuid.uuid4()
    )
    assert files.check(files.write(workbooks.home(1)), ana).rows_rejected == 0


def test_a_lifted_tombstone_lets_the_person_register_again(home, head, ana, hal, monkeypatch):
    family = home.families.get()
    granted(home, head, ana, hal)
    monkeypatch.setattr("sys.stdin", Typed(f"{NIK}\n"))
    call_command("lift_erasure", "--by", "hal", "--why", "mendaftar lagi")
    details = {"name": NAME, "nik": NIK, "household_relationship": 1, "family_relationship": 1}
    assert add_member(family=family, by=ana, **details).pk
    monkeypatch.setattr("sys.stdin", Typed(f"{NIK}\n"))
    with pytest.raises(CommandError):
        call_command("lift_erasure", "--by", "hal", "--why", "sekali lagi")


@pytest.mark.parametrize(("by", "why"), [("ana", "alasan"), ("nobody", "alasan"), ("hal", " ")])
def test_a_tombstone_is_lifted_by_who_may_decide_and_with_a_reason(
    home, head, ana, hal, by, why, monkeypatch
):
    granted(home, head, ana, hal)
    monkeypatch.setattr("sys.stdin", Typed(f"{NIK}\n"))
    with pytest.raises(CommandError):
        call_command("lift_erasure", "--by", by, "--why", why)
    assert Tombstone.objects.exists()


def test_a_checked_batch_is_read_from_its_rows_after_the_file_is_gone(
    imported, files, ana, hal, django_capture_on_commit_callbacks
):
    """A file not yet read stays: its rows are flagged when it is."""
    waiting = files.upload(files.write(workbooks.home(1)), ana)
    erased_from(imported, ana, hal, django_capture_on_commit_callbacks)
    waiting.refresh_from_db()
    assert waiting.file
    assert [code for *_cell, code in workbooks.problems(check(waiting))] == ["erased"]
