"""A page that cannot write down who looks does not show."""

import pytest
from django.db import connection
from django.urls import reverse

from registry.audit import log_reading
from registry.errors import NotRecorded
from registry.models import AccessLog, Shown
from tests.admin_pages import page


@pytest.fixture
def broken_log(household) -> None:
    """Every new row of the access log is refused by the database."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE registry_accesslog ADD CONSTRAINT full_up CHECK (false) NOT VALID")


@pytest.mark.parametrize(
    "address",
    [
        "/households/",
        "/households/{}/",
        "/members/",
        "/api/v1/households/",
        "/api/v1/households/{}/",
        "admin",
    ],
)
@pytest.mark.usefixtures("broken_log")
def test_no_reading_no_page(address, client, ana, household):
    head = household.members.get().name
    client.force_login(ana)
    if address == "admin":
        address = page("households_member_changelist")
    answer = client.get(address.format(household.pk))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert head not in answer.content.decode()
    assert household.number not in answer.content.decode()


def test_an_empty_page_needs_no_record(client, ana):
    client.force_login(ana)
    assert client.get(reverse("household-list")).status_code == 200
    assert not AccessLog.objects.exists()


@pytest.mark.usefixtures("broken_log")
def test_the_refusal_of_the_database_is_not_swallowed(ana):
    with pytest.raises(NotRecorded):
        log_reading(user=ana, route="test", purpose="test", shown=Shown.LINE, household_ids=[1])


def test_ids_are_kept_once_and_counted_as_shown(ana):
    log_reading(
        user=ana,
        route="test",
        purpose="test",
        shown=Shown.PERSON,
        household_ids=[7, 7, 8],
        member_ids=[1, 2, 3],
    )
    reading = AccessLog.objects.get()
    assert (reading.household_ids, reading.member_ids, reading.record_count) == ([7, 8], [1, 2, 3], 3)


def test_who_looked_at_a_household_is_a_look_up_by_index(ana):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = AccessLog.objects.filter(household_ids__contains=[7]).explain()
    assert "household_ids_idx" in plan
    assert "Seq Scan" not in plan
