from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from households.models import SubjectRequest
from households.models.household import StatusChoice
from households.models.rights import TIME_TO_ANSWER
from households.rights.requests import decide_request, receive_request
from households.services import record_assessment
from households.views.requests import clock
from registry.errors import Conflict
from registry.models import AccessLog, Area, AuditEvent
from registry.roles import Role
from tests import factories

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


def ask(household, by, kind="correction", **details):
    words = {"asker": "Siti Sampel", "asked": "Nama saya salah tulis."}
    return receive_request(household=household, kind=kind, by=by, **(words | details))


@pytest.fixture
def judged(household, ana, bps14):
    record_assessment(
        household=household,
        assessed_on=timezone.localdate(),
        answers=factories.POOR_ANSWERS,
        member_answers={household.members.get().pk: factories.POOR_HEAD},
        by=ana,
    )
    return household


def test_the_answer_is_due_72_running_hours_after_the_request_came(household, ana):
    friday = datetime(2026, 11, 27, 9, tzinfo=UTC)
    assert ask(household, ana, now=friday).due_at == datetime(2026, 11, 30, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "left", "words"),
    [
        (timedelta(0), 72, "72 hours left"),
        (timedelta(hours=71), 1, "1 hour left"),
        (timedelta(hours=71, minutes=59), 1, "1 hour left"),
        (timedelta(hours=72), 0, "0 hours left"),
        (timedelta(hours=72, seconds=1), -1, "overdue by 1 hour"),
        (timedelta(hours=73), -1, "overdue by 1 hour"),
        (timedelta(hours=74), -2, "overdue by 2 hours"),
    ],
)
@pytest.mark.english
def test_the_clock_tells_the_hours_left_and_then_the_hours_overdue(household, ana, after, left, words):
    request = ask(household, ana, now=NOON)
    assert request.hours_left(NOON + after) == left
    assert clock(request, NOON + after) == {"words": words, "is_late": left < 0}


@pytest.mark.parametrize(("hours", "is_late"), [(71, False), (73, True)])
def test_the_pages_say_at_71_hours_that_there_is_time_and_at_73_that_there_is_none(
    client, household, ana, hours, is_late
):
    request = ask(household, ana, now=timezone.now() - timedelta(hours=hours))
    client.force_login(ana)
    for address in (reverse("request-list"), request.get_absolute_url()):
        page = client.get(address).content.decode()
        assert ("tag-danger" in page) is is_late


def test_a_decision_is_in_time_or_late_by_when_it_was_made(household, ana, hal):
    late = ask(household, ana, now=timezone.now() - timedelta(hours=73))
    in_time = ask(household, ana, now=timezone.now() - timedelta(hours=71))
    for request, is_late in ((late, True), (in_time, False)):
        decided = decide_request(request=request, is_granted=True, outcome="Sudah", by=hal)
        assert clock(decided, timezone.now() + timedelta(days=9))["is_late"] is is_late


def test_the_database_keeps_the_clock_and_the_second_person(household, ana):
    request = ask(household, ana, kind="erasure")
    with pytest.raises(IntegrityError, match="request_due_in_72_hours"), transaction.atomic():
        SubjectRequest.objects.filter(pk=request.pk).update(due_at=request.due_at + timedelta(hours=1))
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        SubjectRequest.objects.filter(pk=request.pk).update(
            state="granted", decided_by=ana, decided_at=timezone.now()
        )


@given(st.integers(0, 200 * 60), st.integers(0, 200 * 60))
def test_the_hours_left_only_shrink_and_turn_negative_when_the_time_is_over(one, other):
    request = SubjectRequest(due_at=NOON + TIME_TO_ANSWER)
    earlier, later = (NOON + timedelta(minutes=minutes) for minutes in sorted((one, other)))
    assert request.hours_left(earlier) >= request.hours_left(later)
    assert (request.hours_left(later) < 0) is (later > request.due_at)
    assert abs(timedelta(hours=request.hours_left(later)) - (request.due_at - later)) < timedelta(hours=1)


@pytest.mark.parametrize("number", ["9902064101900077", "990206 410190 0077"])
@pytest.mark.parametrize("field", ["asker", "asked"])
def test_an_identity_number_is_refused_among_the_words(client, ana, household, field, number):
    typed = {"kind": "access", "asker": "Siti", "asked": "Minta data"}
    client.force_login(ana)
    page = client.post(reverse("request-create", args=[household.pk]), typed | {field: f"Siti {number}"})
    assert list(page.context["form"].errors) == [field]
    assert not SubjectRequest.objects.exists()


def test_the_list_shows_the_own_area_only_and_the_most_urgent_first(
    client, ana, hal, household, next_village
):
    late = ask(household, ana, now=NOON)
    early = ask(household, ana, kind="access", now=NOON - timedelta(hours=5))
    stranger = ask(factories.household(next_village), hal)
    client.force_login(ana)
    page = client.get(reverse("request-list"))
    assert [row.pk for row in page.context["page"]] == [early.pk, late.pk]
    client.force_login(hal)
    assert stranger.pk in [row.pk for row in client.get(reverse("request-list")).context["page"]]


def test_the_list_costs_the_same_for_ten_requests(client, ana, village, django_assert_num_queries):
    for _each in range(10):
        ask(factories.household(village), ana)
    client.force_login(ana)
    with django_assert_num_queries(5):
        assert len(client.get(reverse("request-list")).context["rows"]) == 10


def test_an_operator_of_the_next_village_gets_404(client, ben, ana, household):
    request = ask(household, ana)
    client.force_login(ben)
    assert client.get(request.get_absolute_url()).status_code == 404
    assert client.get(reverse("request-create", args=[household.pk])).status_code == 404


@pytest.mark.parametrize("reader", ["dee", "eka", "fia"])
def test_who_has_no_part_in_requests_may_not_open_them(client, request, ana, household, reader):
    found = ask(household, ana)
    client.force_login(request.getfixturevalue(reader))
    assert client.get(reverse("request-list")).status_code == 403
    assert client.get(found.get_absolute_url()).status_code == 403


def test_an_auditor_reads_requests_and_can_neither_record_nor_decide(client, chi, ana, household):
    found = ask(household, ana)
    client.force_login(chi)
    assert client.get(found.get_absolute_url()).context["form"] is None
    assert client.post(found.get_absolute_url(), {"decision": "granted", "outcome": "x"}).status_code == 403
    assert client.get(reverse("request-create", args=[household.pk])).status_code == 403
    found.refresh_from_db()
    assert found.is_open


def test_a_request_is_recorded_on_the_households_page_as_a_deed(client, ana, household):
    client.force_login(ana)
    member = household.members.get()
    typed = {"kind": "correction", "member": member.pk, "asker": "Siti", "asked": "Tanggal lahir salah"}
    client.post(reverse("request-create", args=[household.pk]), typed)
    found = SubjectRequest.objects.get()
    assert (found.member, found.area, found.received_by) == (member, household.area, ana)
    event = AuditEvent.objects.get()
    assert (event.verb, event.subject) == ("receive_request", f"subjectrequest:{found.pk}")
    assert "Siti" not in str(event.details)


def test_a_member_of_another_household_cannot_be_named(client, ana, household, village):
    other = factories.household(village).members.get()
    client.force_login(ana)
    typed = {"kind": "access", "member": other.pk, "asker": "Siti", "asked": "Minta data"}
    page = client.post(reverse("request-create", args=[household.pk]), typed)
    assert "member" in page.context["form"].errors
    assert not SubjectRequest.objects.exists()


def test_every_reading_of_a_request_is_recorded(client, ana, household):
    found = ask(household, ana)
    client.force_login(ana)
    client.get(reverse("request-list"))
    client.get(found.get_absolute_url())
    readings = AccessLog.objects.order_by("pk").values_list("route", "household_ids")
    assert list(readings) == [("request-list", [household.pk]), ("request-detail", [household.pk])]


def test_a_page_of_persons_and_of_whole_households_loses_nobody(client, ana, household, village):
    other = factories.household(village)
    ask(household, ana, member=household.members.get())
    ask(other, ana)
    client.force_login(ana)
    client.get(reverse("request-list"))
    readings = AccessLog.objects.values_list("household_ids", "member_ids")
    assert list(readings.order_by("pk")) == [([household.pk], [household.members.get().pk]), ([other.pk], [])]


def test_nobody_records_a_request_about_a_household_elsewhere(ben, household):
    with pytest.raises(PermissionDenied):
        ask(household, ben)


@pytest.mark.parametrize("name", ["ana", "gus"], ids=["an operator", "the administrator of accounts"])
def test_who_only_records_requests_does_not_decide_them(ana, household, request, name):
    with pytest.raises(PermissionDenied):
        decide_request(
            request=ask(household, ana), is_granted=True, outcome="Sudah", by=request.getfixturevalue(name)
        )


def test_a_verifier_of_another_district_does_not_decide(ana, household, far_village):
    stranger = factories.user(
        "jon", Role.DISTRICT_VERIFIER, area=Area.objects.get(code=far_village.district_code)
    )
    with pytest.raises(PermissionDenied):
        decide_request(request=ask(household, ana), is_granted=True, outcome="Sudah", by=stranger)


def test_the_decision_and_its_reason_are_kept_with_who_and_when(client, ana, hal, household):
    found = ask(household, ana)
    client.force_login(hal)
    empty = client.post(found.get_absolute_url(), {"decision": "refused", "outcome": ""})
    assert "outcome" in empty.context["form"].errors
    client.post(found.get_absolute_url(), {"decision": "refused", "outcome": "KK menyebut nama yang sama."})
    found.refresh_from_db()
    assert (found.state, found.decided_by, found.outcome) == ("refused", hal, "KK menyebut nama yang sama.")
    assert found.events.get().state == "open"
    assert AuditEvent.objects.filter(verb="decide_request", by=hal).exists()
    with pytest.raises(Conflict):
        decide_request(request=found, is_granted=True, outcome="Berubah pikiran", by=hal)


def test_an_objection_names_the_verdict_and_shows_on_the_household_until_it_is_decided(
    client, judged, ana, hal
):
    found = ask(judged, ana, kind="objection")
    assert found.objected == judged.statuses.get()
    client.force_login(ana)
    waiting = client.get(judged.get_absolute_url())
    assert [row.pk for row in waiting.context["requests"]] == [found.pk]
    assert found.get_absolute_url() in waiting.content.decode()
    decide_request(request=found, is_granted=True, outcome="Didata ulang", by=hal)
    assert found.get_absolute_url() not in client.get(judged.get_absolute_url()).content.decode()


def test_an_objection_needs_a_status(household, ana):
    with pytest.raises(Conflict) as refused:
        ask(household, ana, kind="objection")
    assert refused.value.code == "no_status"


def test_a_granted_objection_writes_no_status_but_leads_to_a_new_assessment(client, judged, ana, hal):
    before = list(judged.statuses.values_list("pk", flat=True))
    found = ask(judged, ana, kind="objection")
    decide_request(request=found, is_granted=True, outcome="Didata ulang", by=hal)
    judged.refresh_from_db()
    assert judged.status == StatusChoice.VERY_POOR
    assert list(judged.statuses.values_list("pk", flat=True)) == before
    client.force_login(hal)
    page = client.get(found.get_absolute_url()).content.decode()
    assert reverse("assessment-create", args=[judged.pk]) in page


@pytest.mark.parametrize("kind", ["objection", "erasure"])
def test_whoever_received_it_does_not_decide_on_an_objection_or_an_erasure(judged, hal, kind):
    found = ask(judged, hal, kind=kind)
    with pytest.raises(Conflict) as refused:
        decide_request(request=found, is_granted=False, outcome="Tidak", by=hal)
    assert refused.value.code == "received_by_same"
    found.refresh_from_db()
    assert found.is_open


def test_whoever_recorded_the_assessment_does_not_decide_on_the_objection(household, bps14, ana, hal, ida):
    record_assessment(
        household=household,
        assessed_on=timezone.localdate(),
        answers=factories.POOR_ANSWERS,
        member_answers={},
        by=hal,
    )
    found = ask(household, ana, kind="objection")
    with pytest.raises(Conflict) as refused:
        decide_request(request=found, is_granted=False, outcome="Tidak", by=hal)
    assert refused.value.code == "assessed_by_same"
    assert decide_request(request=found, is_granted=False, outcome="Tidak", by=ida).decided_by == ida


def test_a_correction_may_be_decided_by_who_received_it(household, hal):
    assert (
        decide_request(request=ask(household, hal), is_granted=True, outcome="Sudah", by=hal).decided_by
        == hal
    )
