"""What the matrix and the canaries have found; each was open once."""

import pytest
from django.urls import reverse

from registry.models import AccessLog, AuditEvent
from registry.roles import GRANTS, Role
from tests import factories


def test_a_superadmin_may_do_what_the_role_says_and_no_more(client, gus):
    """Django lets ``is_superuser`` pass every question without asking."""
    assert gus.get_all_permissions() == set(GRANTS[Role.SUPERADMIN].may)
    assert not gus.has_perm("registry.issue_token")
    client.force_login(gus)
    assert client.get(reverse("token-create")).status_code == 403


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
@pytest.mark.parametrize("name", ["household-list", "swagger", "admin:index"])
def test_pages_take_no_method_they_have_no_use_for(client, gus, name, method):
    """They were answered as GET; OPTIONS on the API description was a server error for anybody."""
    client.force_login(gus)
    answer = getattr(client, method)(reverse(name))
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, POST")


def test_who_may_not_read_a_trail_does_not_learn_which_rows_it_has(client, ana, household):
    AuditEvent.objects.create(deed="00000000-0000-0000-0000-000000000001", verb="judge_households")
    client.force_login(ana)
    known = AuditEvent.objects.latest("pk").pk
    codes = {
        client.get(reverse("admin:registry_auditevent_change", args=[pk])).status_code
        for pk in (known, known + 1000)
    }
    assert codes == {403}


@pytest.mark.parametrize("name", ["household-change", "household-close", "family-create"])
def test_a_form_that_shows_a_household_is_recorded_as_a_reading(client, ana, household, name):
    client.force_login(ana)
    client.get(reverse(name, args=[household.pk]))
    assert AccessLog.objects.get().household_ids == [household.pk]


def test_the_form_of_a_new_member_is_recorded_as_a_reading(client, ana, household):
    client.force_login(ana)
    client.get(reverse("member-create", args=[factories.family(household).pk]))
    assert AccessLog.objects.get().household_ids == [household.pk]
