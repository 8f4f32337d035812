import uuid
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.utils import timezone

from households.models import Household, Member, PovertyStatus, Tombstone, WelfareDecile
from households.models.household import StatusChoice
from households.questionnaire.codes import Relationship, Sex
from households.services import (
    add_family,
    add_member,
    change_family,
    change_household,
    change_member,
    close_household,
    record_assessment,
    register_household,
    rejudge,
)
from registry.errors import Conflict
from registry.models import AccessLog, AuditEvent
from tests import factories

DAY = date(2026, 11, 1)


def _assess(household, by, answers=factories.POOR_ANSWERS, head=factories.POOR_HEAD, on=DAY):
    person = household.members.heads().get()
    return record_assessment(
        household=household, assessed_on=on, answers=answers, member_answers={person.pk: head}, by=by
    )


def test_a_household_is_registered_with_one_audit_row(ana, village):
    home = register_household(area=village, number="001", by=ana, address="Jalan Mawar 3")
    event = AuditEvent.objects.get()
    assert (event.verb, event.by, event.subject) == ("register_household", ana, f"household:{home.pk}")


def test_the_same_number_twice_in_a_village_is_a_conflict(ana, household):
    with pytest.raises(Conflict) as conflict:
        register_household(area=household.area, number=household.number, by=ana)
    assert conflict.value.field == "number"


def test_nobody_registers_outside_their_area(ben, village):
    with pytest.raises(PermissionDenied):
        register_household(area=village, number="001", by=ben)
    assert not Household.objects.exists()


def test_a_taken_nik_is_named_only_to_who_may_see_it(ana, ben, household, next_village):
    taken = household.members.get().nik
    theirs = add_family(household=factories.household(next_village), by=ben)
    person = {"name": "Sampel", "sex": Sex.MALE, "household_relationship": 3, "family_relationship": 1}
    with pytest.raises(Conflict) as hidden:
        add_member(family=theirs, by=ben, nik=taken, **person)
    assert household.number not in hidden.value.message
    with pytest.raises(Conflict) as shown:
        add_member(family=household.families.get(), by=ana, nik=taken, **person)
    assert household.number in shown.value.message


def test_who_is_told_that_a_number_is_taken_has_read_of_its_owner(ana, ben, household, next_village):
    owner, card = household.members.get(), "9902060101000001"
    change_family(family=household.families.get(), by=ana, card_number=card)
    family = add_family(household=factories.household(next_village), by=ben)
    for ask in (
        lambda: add_member(family=family, by=ben, **PERSON | {"nik": owner.nik, "nik_missing": ""}),
        lambda: add_family(household=family.household, by=ben, card_number=card),
        lambda: change_family(family=family, by=ben, card_number=card),
    ):
        with pytest.raises(Conflict):
            ask()
    readings = AccessLog.objects.order_by("pk").values_list("user", "household_ids", "member_ids", "is_full")
    assert list(readings) == [
        (ben.pk, [household.pk], [owner.pk], False),
        (ben.pk, [household.pk], [], False),
        (ben.pk, [household.pk], [], False),
    ]


def test_that_somebody_was_erased_is_told_and_recorded(ben, next_village):
    family = add_family(household=factories.household(next_village), by=ben)
    nik = factories.nik()
    tombstone = Tombstone.objects.create(
        nik_index=Member.nik.index_of(nik), erased_on=DAY, ground="request", deed=uuid.uuid4()
    )
    with pytest.raises(Conflict):
        add_member(family=family, by=ben, **PERSON | {"nik": nik, "nik_missing": ""})
    reading = AccessLog.objects.get()
    assert (reading.household_ids, reading.subject) == ([], f"tombstone:{tombstone.pk}")


PERSON = {
    "name": "Sampel",
    "nik_missing": "infant",
    "sex": Sex.MALE,
    "household_relationship": Relationship.CHILD,
    "family_relationship": Relationship.CHILD,
}


def test_nothing_is_added_to_a_closed_household(ana, household):
    close_household(household=household, on=DAY, reason="moved", evidence="Surat pindah", by=ana)
    family, member = household.families.get(), household.members.get()
    for add in (
        lambda: add_family(household=household, by=ana),
        lambda: add_member(family=family, by=ana, **PERSON),
        lambda: record_assessment(
            household=household, assessed_on=DAY, answers={}, member_answers={}, by=ana
        ),
    ):
        with pytest.raises(Conflict) as conflict:
            add()
        assert conflict.value.code == "closed"
    change_member(member=member, by=ana, name="Sampel Benar")  # a mistake may be corrected
    assert household.members.get().name == "Sampel Benar"


def test_of_an_erased_household_nothing_is_changed(ana, household):
    household.closed_on, household.closed_reason = DAY, Household.ClosedReason.ERASED
    household.save()
    for change in (
        lambda: change_household(household=household, by=ana, address="Jalan Baru"),
        lambda: change_family(family=household.families.get(), by=ana, card_number=""),
        lambda: change_member(member=household.members.get(), by=ana, name="Sampel"),
    ):
        with pytest.raises(Conflict) as conflict:
            change()
        assert conflict.value.code == "erased"


def test_a_household_has_one_head(ana, household):
    with pytest.raises(Conflict) as conflict:
        add_member(
            family=household.families.get(),
            by=ana,
            name="Sampel",
            nik_missing="infant",
            household_relationship=Relationship.HEAD,
            family_relationship=Relationship.HEAD,
        )
    assert conflict.value.code == "second_head"


def test_an_assessment_is_judged_at_once_with_a_reason_for_every_criterion(ana, household, bps14):
    _assess(household, ana)
    status = PovertyStatus.objects.get()
    assert household.status == status.status == StatusChoice.VERY_POOR
    assert household.status_on == timezone.localdate()
    assert len(status.reasons) == 14
    assert status.scheme == bps14


def test_a_missing_answer_makes_the_status_unknown_and_names_it(ana, household, bps14):
    _assess(household, ana, answers=factories.POOR_ANSWERS | {"toilet": None})
    status = PovertyStatus.objects.get()
    assert (status.status, status.score, status.missing) == (StatusChoice.UNKNOWN, None, ["toilet"])


def test_a_newer_assessment_changes_the_status_and_keeps_the_old_verdict(ana, household, bps14):
    _assess(household, ana)
    _assess(household, ana, factories.COMFORTABLE_ANSWERS, factories.COMFORTABLE_HEAD, on=date(2026, 11, 20))
    assert household.status == StatusChoice.NOT_POOR
    assert [s.status for s in household.statuses.order_by("pk")] == [
        StatusChoice.VERY_POOR,
        StatusChoice.NOT_POOR,
    ]


def test_an_assessment_of_an_earlier_day_does_not_become_current(ana, household, bps14):
    newest = _assess(household, ana)
    _assess(household, ana, factories.COMFORTABLE_ANSWERS, factories.COMFORTABLE_HEAD, on=date(2026, 1, 5))
    assert household.current_assessment == newest
    assert household.status == StatusChoice.VERY_POOR


def test_judging_again_adds_no_verdict(ana, fia, household, bps14):
    _assess(household, ana)
    assert rejudge(by=fia, on=DAY) == 0
    assert PovertyStatus.objects.count() == 1


def test_an_assessment_is_never_edited(ana, household, bps14):
    seen = _assess(household, ana)
    seen.floor_area = 99
    with pytest.raises(Exception, match="append_only"):
        seen.save()


def test_every_scheme_in_force_judges_and_one_sets_the_status(ana, household, bps14):
    factories.scheme("kepmensos262")
    factories.scheme("decile", valid_to=date(2020, 12, 31))
    _assess(household, ana)
    assert set(household.statuses.values_list("scheme__code", flat=True)) == {"bps14", "kepmensos262"}
    assert household.status == household.statuses.get(scheme=bps14).status


def test_bulk_judging_costs_the_same_number_of_queries_for_ten_as_for_twenty(
    ana, fia, village, bps14, django_assert_num_queries
):
    for _each in range(10):
        factories.assessment(
            factories.household(village), ana, head=factories.POOR_HEAD, **factories.POOR_ANSWERS
        )
    with django_assert_num_queries(15):
        rejudge(by=fia, on=DAY)
    assert Household.objects.poor().count() == 10


def test_the_judge_command_says_how_many_verdicts_are_new(ana, household, bps14, capsys):
    factories.assessment(household, ana, head=factories.POOR_HEAD, **factories.POOR_ANSWERS)
    for expected in ("1", "0"):
        call_command("judge", verbosity=0)
        assert expected in capsys.readouterr().out


def test_a_newer_decile_is_mirrored_and_an_older_one_is_not(ana, household):
    factories.scheme("decile", sets_status=True)
    for decile, as_of in ((2, date(2026, 6, 1)), (7, date(2025, 6, 1))):
        WelfareDecile.objects.create(
            household=household, area=household.area, decile=decile, source="DTSEN", as_of=as_of
        )
    rejudge(by=ana, on=DAY)
    household.refresh_from_db()
    assert (household.decile, household.status) == (2, StatusChoice.POOR)


def test_a_household_without_assessment_or_decile_is_not_judged(ana, household, bps14):
    assert rejudge(by=ana, on=DAY) == 0
