"""Before and after of every deed, from the history that triggers keep."""

from datetime import date

import pytest
from django.urls import reverse

from households.models import Family, Household, Member
from households.services import change_household, change_member, close_household
from registry.audit import deed
from registry.changes import changes_of
from registry.models import AccessLog, Area, AuditEvent, Shown, User
from registry.roles import Role
from tests import factories
from tests.admin_pages import page, sign_in


def last_deed() -> AuditEvent:
    return AuditEvent.objects.latest("pk")


def told(event: AuditEvent) -> list[tuple]:
    return [
        (change.model, change.row, change.field, change.before, change.after)
        for change in changes_of(event.deed)
    ]


def test_a_changed_member_shows_what_was_and_what_became(ana, household):
    head = household.members.get()
    old = head.name
    change_member(member=head, by=ana, why="ejaan", name="Sampel Baru")
    assert told(last_deed()) == [(Member, head.pk, "name", old, "Sampel Baru")]
    assert last_deed().why == "ejaan"


def test_identity_numbers_are_masked_before_and_after(ana, household):
    head = household.members.get()
    old, new = head.nik.reveal(), factories.nik(born=date(1990, 1, 2))
    change_member(member=head, by=ana, nik=new)
    [change] = changes_of(last_deed().deed)
    assert (change.field, change.before, change.after) == (
        "nik",
        f"{old[:6]}******{old[-4:]}",
        f"{new[:6]}******{new[-4:]}",
    )


def test_a_number_that_came_and_one_that_went_are_told(ana, household):
    family = household.families.get()
    with deed("try", by=ana):
        family.card_number = (card := "9902061705808888")
        family.save()
    came = last_deed()
    with deed("try", by=ana):
        family.card_number = ""
        family.save()
    assert told(came) == [(Family, family.pk, "card_number", "", f"{card[:6]}******{card[-4:]}")]
    assert told(last_deed()) == [(Family, family.pk, "card_number", f"{card[:6]}******{card[-4:]}", "")]
    (change,) = changes_of(came.deed)
    assert (change.label, change.household) == ("nomor KK", household.pk)


def test_the_same_number_written_again_is_no_change(ana, household):
    """Its seal is another, as every seal is."""
    head = household.members.get()
    sealed = bytes(head.nik_sealed)
    change_member(member=head, by=ana, nik=head.nik.reveal(), name="Sampel Baru")
    with deed("try", by=ana):
        head.nik = head.nik.reveal()
        head.save()
    head.refresh_from_db()
    assert bytes(head.nik_sealed) != sealed
    assert told(last_deed()) == []


def test_a_number_of_a_removed_row_is_masked(ana, household):
    member = factories.member(household)
    pk, digits = member.pk, member.nik.reveal()
    with deed("try", by=ana):
        member.delete()
    changes = {change.field: change for change in changes_of(last_deed().deed)}
    assert (changes["nik"].row, changes["nik"].before, changes["nik"].after) == (
        pk,
        f"{digits[:6]}******{digits[-4:]}",
        "",
    )
    assert not {"nik_sealed", "nik_index"} & set(changes)


def test_after_is_what_this_deed_made_not_what_came_later(ana, household):
    change_household(household=household, by=ana, address="Jalan A")
    first = last_deed()
    change_household(household=household, by=ana, address="Jalan B")
    second = last_deed()
    assert told(first) == [(Household, household.pk, "address", "", "Jalan A")]
    assert told(second) == [(Household, household.pk, "address", "Jalan A", "Jalan B")]


def test_every_row_of_a_deed_is_told(ana, household):
    factories.member(household)
    change = {"on": date(2026, 11, 1), "reason": "moved", "evidence": "surat"}
    close_household(household=household, by=ana, **change)
    fields = {(row.model, row.field) for row in changes_of(last_deed().deed)}
    assert fields == {
        *((Household, name) for name in ("closed_on", "closed_reason", "closed_evidence")),
        (Member, "closed_on"),
    }
    assert len(changes_of(last_deed().deed)) == 3 + 2
    assert {row.household for row in changes_of(last_deed().deed)} == {household.pk}


def test_a_removed_row_has_no_after(ana, household):
    member = factories.member(household)
    with deed("try", by=ana):
        member.delete()
    changes = {change.field: change for change in changes_of(last_deed().deed)}
    assert changes["name"].before == member.name
    assert {change.after for change in changes.values()} <= {None, ""}


def test_a_new_row_has_no_before(ana, household):
    with deed("try", by=ana):
        factories.member(household)
    assert changes_of(last_deed().deed) == []


def test_the_staff_form_shows_them_and_is_itself_a_reading(ana, chi, household):
    head = household.members.get()
    old, nik, masked = head.name, head.nik.reveal(), str(head.nik)
    change_member(member=head, by=ana, name="Sampel Baru", nik=factories.nik())
    text = sign_in(chi).get(page("registry_auditevent_change", last_deed().pk)).content.decode()
    assert old in text
    assert "Sampel Baru" in text
    assert nik not in text
    assert masked in text
    assert "NIK" in text
    reading = AccessLog.objects.get()
    assert (reading.user, reading.shown, reading.household_ids) == (chi, Shown.CHANGES, [household.pk])


def test_a_deed_that_changed_no_row_says_so(chi, fia):
    with deed("try", by=fia):
        pass
    answer = sign_in(chi).get(page("registry_auditevent_change", last_deed().pk))
    assert "<table>" not in answer.content.decode()
    assert not AccessLog.objects.exists()


def test_a_new_role_of_a_user_is_told_and_a_password_never(gus, chi, fia):
    user = chi
    with deed("change_user", by=gus, about=user):
        user.role, user.password = Role.SECRETARIAT, "another"
        user.save()
    assert told(last_deed()) == [(User, user.pk, "role", Role.AUDITOR, Role.SECRETARIAT)]
    text = sign_in(gus).get(page("registry_auditevent_change", last_deed().pk)).content.decode()
    assert str(Role.AUDITOR.label) in text
    assert str(Role.SECRETARIAT.label) in text


def test_a_renamed_area_and_a_changed_scheme_are_told(gus, village, bps14):
    with deed("try", by=gus):
        village.name = "Timbau Baru"
        village.save()
        bps14.parameters = {"near_poor_at": 8, "very_poor_at": 12}
        bps14.save()
    assert set(told(last_deed())[:1]) == {(Area, village.pk, "name", "Timbau", "Timbau Baru")}
    (change,) = told(last_deed())[1:]
    assert (change[2], change[4]) == ("parameters", {"near_poor_at": 8, "very_poor_at": 12})
    answer = sign_in(gus).get(page("registry_auditevent_change", last_deed().pk))
    assert "Timbau Baru" in answer.content.decode()


@pytest.mark.parametrize("name", ["ana", "fia", "eka"])
def test_others_do_not_see_the_trails(name, request, chi):
    with deed("try", by=chi):
        pass
    client = sign_in(request.getfixturevalue(name))
    assert client.get(page("registry_auditevent_change", last_deed().pk)).status_code in (302, 403)
    assert client.get(reverse("admin:registry_accesslog_changelist")).status_code in (302, 403)
