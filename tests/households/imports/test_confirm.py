"""The confirmation: one transaction, once, and only what was shown."""

import threading
from datetime import date
from time import perf_counter

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from openpyxl import load_workbook

from households.imports import batches, check, confirm, request_confirm
from households.imports.rejected import rejected_workbook
from households.models import (
    Assessment,
    Family,
    Household,
    ImportBatch,
    Member,
    MemberAssessment,
    PovertyStatus,
    WelfareDecile,
)
from households.services import (
    add_member,
    change_household,
    close_household,
    record_assessment,
    register_household,
)
from registry import jobs
from registry.changes import changes_of
from registry.errors import Conflict
from registry.models import AuditEvent
from registry.permissions import scope_of
from tests import factories
from tests.households.imports.files import DAY, counts, home, nik, person, problems

State = ImportBatch.State
HOMES, PEOPLE = "Households", "Members"
DECILE = {"decile": 2, "decile_source": "DTSEN", "decile_on": date(2026, 1, 1)}


def everything() -> dict[str, int]:
    models = (Household, Family, Member, Assessment, MemberAssessment, WelfareDecile, PovertyStatus)
    return {model.__name__: model.objects.count() for model in models}


@pytest.mark.django_db
def test_a_confirmed_file_stands_in_the_registry_in_one_deed(ana, bps14, village, files):
    batch = files.take_in(files.write(home(1, **DECILE), home(2)), ana)
    assert batch.state == State.CONFIRMED
    assert everything() == {
        "Household": 2,
        "Family": 2,
        "Member": 6,
        "Assessment": 2,
        "MemberAssessment": 6,
        "WelfareDecile": 1,
        "PovertyStatus": 2,
    }
    deed = AuditEvent.objects.get(verb="confirm_import")
    assert (deed.by, deed.subject) == (ana, f"importbatch:{batch.pk}")
    assert deed.details == {
        "households": 2,
        "rows_read": 8,
        "rows_new": 8,
        "rows_changed": 0,
        "rows_same": 0,
        "rows_rejected": 0,
    }


@pytest.mark.django_db
def test_what_the_file_says_is_what_the_registry_holds(ana, bps14, village, files):
    number, (head, second, third) = home(
        1, latitude="-0,4123", longitude="116,9876", enumerator="Sampel Petugas", **DECILE
    )
    second |= {
        "nik": None,
        "nik_missing": "infant",
        "family_number": 2,
        "card_number": None,
        "documents": "1; 4",
    }
    files.take_in(files.write((number, [head, second, third])), ana)
    household = Household.objects.get()
    assert (household.area, household.number, household.rt) == (village, "RT-001", "003")
    assert f"{household.latitude} {household.longitude}" == "-0.412300 116.987600"
    assert household.decile == 2
    assert household.status_on == timezone.localdate()
    seen = household.current_assessment
    assert (seen.assessed_on, seen.enumerator, seen.source) == (DAY, "Sampel Petugas", "workbook")
    assert (seen.import_batch, seen.recorded_by) == (ImportBatch.objects.get(), ana)
    assert (seen.floor, seen.water, seen.has_dwelling, seen.wall) == (8, 9, True, None)
    first, child = household.members.filter(position__lte=2)
    assert (first.nik, first.sex, first.birth_date) == (nik(11), 1, date(1980, 5, 17))
    assert first.family.card_number == "9902060101000001"
    assert (child.nik, child.nik_missing, child.family.position, child.family.card_number) == (
        "",
        "infant",
        2,
        "",
    )
    assert first.answers.get().monthly_income == 1_500_000
    assert child.answers.get().documents == 5


@pytest.mark.django_db
def test_a_form_and_a_file_are_judged_alike(ana, bps14, village, files):
    answers, on = factories.POOR_ANSWERS, date(2026, 10, 1)
    typed = factories.household(village)
    head = typed.members.get()
    record_assessment(
        household=typed,
        assessed_on=on,
        answers=answers,
        member_answers={head.pk: factories.POOR_HEAD},
        by=ana,
    )
    row, people = home(1, people=1)
    row |= answers | {"assessed_on": on}
    files.take_in(files.write((row, [people[0] | factories.POOR_HEAD])), ana)
    verdicts = [(v.status, v.score, v.reasons, v.judged_on) for v in PovertyStatus.objects.order_by("pk")]
    assert len(verdicts) == 2
    assert verdicts[0] == verdicts[1]
    assert (
        Household.objects.get(number="RT-001").status
        == Household.objects.get(pk=typed.pk).status
        != "unknown"
    )


@pytest.mark.django_db
def test_the_same_file_again_changes_nothing(ana, bps14, village, files):
    path = files.write(home(1, **DECILE), home(2, enumerator="Sampel"), home(3, floor=99))
    files.take_in(path, ana)
    before = everything()
    again = files.check(path, ana)
    assert counts(again) == (0, 0, 8, 4)
    assert confirm(again, by=ana).state == State.CONFIRMED
    assert everything() == before


@pytest.mark.django_db
def test_a_changed_answer_is_a_new_assessment_beside_the_old_one(ana, bps14, village, files):
    files.take_in(files.write(home(1), home(2)), ana)
    batch = files.check(files.write(home(1, water=1), home(2)), ana)
    assert counts(batch) == (0, 1, 7, 0)
    assert batch.rows.get(verdict="changed").changes == [{"field": "water", "before": 9, "after": 1}]
    confirm(batch, by=ana)
    household = Household.objects.get(number="RT-001")
    assert [seen.water for seen in household.assessments.order_by("pk")] == [9, 1]
    assert household.current_assessment.water == 1
    assert household.current_assessment.members.count() == 3


@pytest.mark.django_db
def test_a_changed_person_and_address_leave_their_history_with_the_deed(ana, village, files):
    files.take_in(files.write(home(1)), ana)
    number, (head, second, third) = home(1, address="Jalan Melati 2")
    batch = files.check(files.write((number, [head, second | {"name": "Sampel Baru"}, third])), ana)
    assert counts(batch) == (0, 2, 2, 0)
    confirm(batch, by=ana)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT person.name, home.address, person.pgh_context->>'deed', home.pgh_context->>'deed' "
            "FROM households_memberevent AS person, households_householdevent AS home"
        )
        ((name, address, *deeds),) = cursor.fetchall()
    assert (name, address) == ("Sampel 1 2", "Jalan Mawar 1")
    imported = AuditEvent.objects.filter(verb="confirm_import").first()
    assert deeds == [str(imported.deed)] * 2
    assert {change[2:5] for change in changes_of(imported.deed)} == {
        ("address", "Jalan Mawar 1", "Jalan Melati 2"),
        ("name", "Sampel 1 2", "Sampel Baru"),
    }
    assert Assessment.objects.count() == 1


@pytest.mark.django_db
def test_an_assessment_of_another_day_changes_every_row_and_the_newest_day_counts(ana, village, files):
    files.take_in(files.write(home(1)), ana)
    older = files.check(files.write(home(1, assessed_on=date(2025, 1, 1), water=1)), ana)
    assert counts(older) == (0, 4, 0, 0)
    assert (HOMES, 2, "assessed_on", "newer_known") in problems(older, "warnings")
    confirm(older, by=ana)
    household = Household.objects.get()
    assert household.assessments.count() == 2
    assert household.current_assessment.assessed_on == DAY


@pytest.mark.django_db
def test_an_empty_cell_takes_nothing_away(ana, village, files):
    files.take_in(files.write(home(1)), ana)
    number, (head, second, third) = home(1, address=None, rt=None)
    second |= {"nik": None, "nik_missing": "card_lost", "birth_date": None, "card_number": None}
    batch = files.check(files.write((number, [head, second, third])), ana)
    assert counts(batch) == (0, 0, 4, 0)
    assert (PEOPLE, 3, "nik", "nik_kept") in problems(batch, "warnings")


@pytest.mark.django_db
def test_a_missing_nik_is_filled_in_later_and_the_reason_goes(ana, village, files):
    number, (head, second, third) = home(1)
    files.take_in(files.write((number, [head, second | {"nik": None, "nik_missing": "infant"}, third])), ana)
    batch = files.take_in(files.write((number, [head, second, third])), ana)
    assert counts(batch) == (0, 1, 3, 0)
    assert batch.rows.get(verdict="changed").changes[0]["after"] == "990206******0012"
    child = Member.objects.get(position=2)
    assert (child.nik, child.nik_missing) == (nik(12), "")


@pytest.mark.django_db
def test_the_head_may_change_and_a_left_out_head_may_not_be_doubled(ana, village, files):
    number, (head, second, third) = home(1)
    files.take_in(files.write((number, [head, second, third])), ana)
    left_out = files.check(files.write((number, [second | {"household_relationship": 1}, third])), ana)
    assert problems(left_out) == {(HOMES, 2, "household_number", "other_head")}
    swapped = [head | {"household_relationship": 2}, second | {"household_relationship": 1}, third]
    files.take_in(files.write((number, swapped)), ana)
    assert Member.objects.get(household_relationship=1).position == 2


@pytest.mark.django_db
def test_people_left_out_of_the_file_stay_and_are_named_by_number(ana, village, files):
    number, people = home(1)
    files.take_in(files.write((number, people)), ana)
    batch = files.take_in(files.write((number | {"water": 1}, people[:2])), ana)
    assert (HOMES, 2, "household_number", "left_out") in problems(batch, "warnings")
    assert Member.objects.active().count() == 3
    assert Household.objects.get().current_assessment.members.count() == 3


@pytest.mark.django_db
def test_people_are_matched_by_nik_before_number(ana, village, files):
    number, (head, second, third) = home(1)
    files.take_in(files.write((number, [head, second, third])), ana)
    exchanged = [head, second | {"member_number": 3}, third | {"member_number": 2}]
    batch = files.check(files.write((number, exchanged)), ana)
    assert counts(batch) == (0, 0, 4, 0)
    assert (PEOPLE, 3, "member_number", "other_number") in problems(batch, "warnings")
    taken = files.check(
        files.write((number, [head, second, third, person(1, 2, nik=nik(77), name="Lain", birth_date=None)])),
        ana,
    )
    assert (PEOPLE, 5, "member_number", "repeated") in problems(taken)
    stranger = person(1, 2, nik=nik(77), name="Lain", birth_date=None)
    swapped = files.check(files.write((number, [head, stranger, third])), ana)
    assert (PEOPLE, 3, "member_number", "number_taken") in problems(swapped)


@pytest.mark.django_db
def test_a_closed_household_takes_no_rows(ana, village, files):
    path = files.write(home(1))
    files.take_in(path, ana)
    close_household(household=Household.objects.get(), on=DAY, reason="moved", evidence="surat", by=ana)
    assert problems(files.check(path, ana)) == {(HOMES, 2, "household_number", "closed")}


@pytest.mark.django_db
def test_a_decile_of_a_known_source_and_date_is_not_overwritten(ana, village, files):
    files.take_in(files.write(home(1, **DECILE)), ana)
    other = files.check(files.write(home(1, **DECILE | {"decile": 5})), ana)
    assert problems(other) == {(HOMES, 2, "decile", "other_decile")}
    newer = files.take_in(files.write(home(1, **DECILE | {"decile": 5, "decile_on": date(2026, 7, 1)})), ana)
    assert counts(newer) == (0, 1, 3, 0)
    assert Household.objects.get().decile == 5
    assert Assessment.objects.count() == 1


@pytest.mark.django_db
def test_a_card_moves_to_no_other_family_by_import(ana, village, files):
    number, (head, second, third) = home(1)
    split = [head, second, third | {"family_number": 2, "card_number": "9902060101000777"}]
    files.take_in(files.write((number, split)), ana)
    exchanged = [
        head | {"card_number": "9902060101000777"},
        second | {"card_number": "9902060101000777"},
        third | {"family_number": 2, "card_number": "9902060101000001"},
    ]
    batch = files.check(files.write((number, exchanged)), ana)
    assert {code for _sheet, _row, _column, code in problems(batch)} == {"other_family"}
    renewed = [row | {"card_number": "9902060101000888"} for row in (head, second)]
    files.take_in(files.write((number, [*renewed, split[2]])), ana)
    assert Family.objects.get(position=1).card_number == "9902060101000888"


@pytest.mark.django_db
def test_confirming_twice_writes_once(ana, village, files):
    batch = files.take_in(files.write(home(1)), ana)
    before = everything()
    confirm(batch, by=ana)
    assert everything() == before
    assert AuditEvent.objects.filter(verb="confirm_import").count() == 1


@pytest.mark.django_db
def test_a_registry_that_changed_meanwhile_is_shown_again_before_anything_is_written(ana, village, files):
    batch = files.check(files.write(home(1), home(2)), ana)
    register_household(area=village, number="RT-001", by=ana)
    confirm(batch, by=ana)
    assert batch.state == State.CHECKED
    assert batch.refusal
    assert counts(batch) == (7, 1, 0, 0)
    assert Household.objects.count() == 1
    assert confirm(batch, by=ana).state == State.CONFIRMED
    assert Household.objects.count() == 2


@pytest.mark.django_db
def test_another_before_than_the_one_shown_is_shown_again(ana, village, files):
    files.take_in(files.write(home(1)), ana)
    batch = files.check(files.write(home(1, address="Jalan Baru")), ana)
    change_household(household=Household.objects.get(), by=ana, address="Jalan Lain")
    assert confirm(batch, by=ana).state == State.CHECKED
    assert Household.objects.get().address == "Jalan Lain"


@pytest.mark.django_db
def test_rights_lost_between_check_and_confirmation_stop_the_import(ana, village, next_village, files):
    batch = files.check(files.write(home(1)), ana)
    ana.area = next_village
    ana.save()
    confirm(batch, by=ana)
    assert batch.state == State.CHECKED
    assert counts(batch) == (0, 0, 0, 4)
    assert not Household.objects.exists()


@pytest.mark.django_db
def test_who_confirms_must_cover_the_villages_too(ana, ben, next_village, files):
    batch = files.check(files.write(home(1)), ana)
    assert not scope_of(ben).covers("64.02.06.1001")
    assert confirm(batch, by=ben).state == State.CHECKED
    assert not Household.objects.exists()


@pytest.mark.django_db
def test_the_worker_checks_and_confirms(ana, village, files):
    batch = files.upload(files.write(home(1)), ana)
    call_command("worker", "--once")
    batch.refresh_from_db()
    assert counts(batch) == (4, 0, 0, 0)
    job = request_confirm(batch, by=ana)
    assert request_confirm(batch, by=ana) == job
    call_command("worker", "--once")
    batch.refresh_from_db()
    assert (batch.state, Member.objects.count()) == (State.CONFIRMED, 3)
    with pytest.raises(Conflict):
        request_confirm(batch, by=ana)


@pytest.mark.django_db
def test_a_file_with_nothing_to_take_in_is_not_confirmed(ana, village, files):
    batch = files.check(files.write(home(1, floor=99)), ana)
    with pytest.raises(Conflict) as conflict:
        request_confirm(batch, by=ana)
    assert conflict.value.code == "nothing_to_do"


@pytest.mark.django_db
def test_a_worker_killed_between_check_and_confirmation_leaves_the_registry_untouched(ana, village, files):
    batch = files.upload(files.write(home(1)), ana)
    check(batch)  # the work was done, but its worker died before it could say so
    assert not Household.objects.exists()
    jobs.run_pending()
    batch.refresh_from_db()
    assert (batch.state, batch.rows.count()) == (State.CHECKED, 4)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "step", ["_write_families", "_write_members", "_write_assessments", "_point_at_newest"]
)
def test_a_confirmation_that_breaks_at_any_step_writes_nothing(ana, village, files, monkeypatch, step):
    def fails(*args, **kwargs):
        raise RuntimeError(step)

    batch = files.check(files.write(home(1)), ana)
    with monkeypatch.context() as patch:
        patch.setattr(f"households.imports.writing.{step}", fails)
        with pytest.raises(RuntimeError):
            confirm(batch, by=ana)
    assert not any(everything().values())
    assert confirm(batch, by=ana).state == State.CONFIRMED


@pytest.mark.django_db
def test_rejected_rows_corrected_and_uploaded_again_leave_none_rejected(ana, village, tmp_path, files):
    number, (head, second, third) = home(2, floor=99)
    bad = second | {"birth_date": "30/02/2001", "name": "=Sampel"}
    path = files.edited(
        files.write(home(1), (number, [head, bad, third])),
        {(HOMES, "BX1"): "Catatan", (HOMES, "BX3"): "biru"},
    )
    batch = files.take_in(path, ana)
    assert counts(batch) == (4, 0, 0, 4)
    rejected_workbook(tmp_path / "back.xlsx", batch)
    workbook = load_workbook(tmp_path / "back.xlsx")
    homes, people = workbook[HOMES], workbook[PEOPLE]
    assert homes.max_row - 1 + people.max_row - 1 == batch.rows_rejected
    heads = [cell.value for cell in homes[1]]
    assert heads[-3:] == ["Catatan", "Columns in error", "How to fix it"]
    assert homes.cell(2, len(heads) - 2).value == "biru"
    assert homes.cell(2, len(heads) - 1).value == "Main floor material"
    assert "Accepted" in homes.cell(2, len(heads)).value
    assert people["F2"].value == nik(21)
    assert people["E3"].value == "=Sampel"
    assert people["E3"].data_type == "s"
    names = [cell.value for cell in people[1]]
    people.cell(3, names.index("Date of birth") + 1).value = date(2001, 2, 28)
    homes.cell(2, heads.index("Main floor material") + 1).value = 1
    workbook.save(tmp_path / "mended.xlsx")
    mended = files.take_in(tmp_path / "mended.xlsx", ana)
    assert counts(mended) == (4, 0, 0, 0)
    assert Household.objects.count() == 2


@pytest.mark.django_db
def test_a_row_written_by_somebody_else_at_the_last_moment_is_seen_and_not_doubled(
    ana, village, files, monkeypatch
):
    """The form writes between our look at the registry and our writing, and the database refuses."""
    batch = files.check(files.write(home(1)), ana)
    write = batches.write

    def late(*args, **kwargs):
        Household.objects.create(area=village, number="RT-001")
        return write(*args, **kwargs)

    monkeypatch.setattr(batches, "write", late)
    assert confirm(batch, by=ana).state == State.CHECKED
    assert batch.refusal


@pytest.mark.django_db
def test_a_person_added_by_form_meanwhile_is_matched_by_nik(ana, village, files):
    files.take_in(files.write(home(1)), ana)
    household = Household.objects.get()
    family = household.families.get()
    add_member(
        family=family,
        by=ana,
        name="Sampel 1 4",
        nik=nik(14),
        sex=1,
        birth_date=date(1980, 5, 17),
        household_relationship=3,
        family_relationship=3,
    )
    number, people = home(1, people=4)
    batch = files.take_in(files.write((number | {"household_size": 3}, people)), ana)
    assert counts(batch) == (0, 1, 4, 0)
    assert Member.objects.count() == 4
    assert counts(files.check(files.write((number | {"household_size": 3}, people)), ana)) == (0, 0, 5, 0)


@pytest.mark.django_db(transaction=True)
def test_two_confirmations_at_once_write_once(ana, village, files):
    batch = files.check(files.write(*(home(serial) for serial in range(20))), ana)
    start = threading.Barrier(2)

    def go() -> None:
        start.wait()
        try:
            confirm(ImportBatch.objects.get(pk=batch.pk), by=ana)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (Household.objects.count(), Assessment.objects.count()) == (20, 20)
    assert AuditEvent.objects.filter(verb="confirm_import").count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_file_confirmed_twice_at_once_is_taken_in_once(ana, village, files):
    path = files.write(*(home(serial) for serial in range(20)))
    batches = [files.check(path, ana) for _ in range(2)]
    start = threading.Barrier(2)

    def go(pk: int) -> None:
        start.wait()
        try:
            confirm(ImportBatch.objects.get(pk=pk), by=ana)
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[batch.pk]) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Household.objects.count() == 20
    assert sorted(ImportBatch.objects.values_list("state", flat=True)) == [State.CHECKED, State.CONFIRMED]
    assert ImportBatch.objects.get(state=State.CHECKED).rows_same == 80


@pytest.mark.benchmark
@pytest.mark.django_db
def test_five_thousand_households_are_taken_in_under_a_minute(ana, bps14, village, files):
    path = files.write(*(home(serial, people=4) for serial in range(5_000)))
    started = perf_counter()
    batch = files.take_in(path, ana)
    assert perf_counter() - started < 60
    assert counts(batch) == (25_000, 0, 0, 0)


def test_what_changed_is_told_without_a_number_that_an_old_address_holds(ana, village, files):
    files.take_in(files.write(home(1)), ana)
    Household.objects.update(address="NIK 9902061705800001")
    batch = files.check(files.write(home(1)), ana)
    change = batch.rows.get(verdict="changed").changes[0]
    assert (change["before"], change["after"]) == ("NIK 990206******0001", "Jalan Mawar 1")
