"""From a user to what she may do and whose rows she may read: nobody's, unless a role says otherwise."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from households.models import Household
from registry.models import Area
from registry.permissions import (
    NOTHING,
    RoleBackend,
    Scope,
    first_code_after,
    grant_of,
    scope_of,
    within,
)
from registry.roles import GRANTS, Role, Sees
from registry.scope import NOBODY, Floor, floor_of
from tests import factories

LENGTHS = (2, 5, 8, 13)
villages = st.from_regex(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}", fullmatch=True)
codes = st.builds(lambda village, length: village[:length], villages, st.sampled_from(LENGTHS))


@given(codes, codes)
def test_an_area_covers_itself_and_what_lies_beneath_it(area: str, other: str) -> None:
    scope = Scope(Sees.OWN_AREA, area)
    assert scope.covers(other) == (other == area or other.startswith(f"{area}."))
    assert scope.covers(other) == (area <= other < first_code_after(area))
    assert all(scope.covers(f"{area}{below}") for below in ("", ".01", ".99.9999"))


def test_a_longer_code_is_not_beneath() -> None:
    assert not Scope(Sees.OWN_AREA, "64.02.06").covers("64.02.060")
    assert not Scope(Sees.OWN_AREA, "64.02.06").covers(first_code_after("64.02.06"))


@given(codes)
def test_the_filter_of_an_area_is_a_range(area: str) -> None:
    scope = Scope(Sees.OWN_AREA, area)
    assert scope.q() == within(area) == Q(area__code__gte=area, area__code__lt=f"{area}/")
    assert scope.q("code") == within(area, "code") == Q(code__gte=area, code__lt=f"{area}/")


def test_without_a_code_within_is_everywhere_and_a_scope_is_nobody() -> None:
    assert within("") == Q()
    assert Scope(Sees.OWN_AREA).q() is None
    assert not Scope(Sees.OWN_AREA).covers("64")
    assert not Scope(Sees.OWN_AREA).covers("")


def test_everybody_is_everybody_and_nobody_nobody() -> None:
    everybody, nobody = Scope(Sees.EVERYBODY), Scope(Sees.NOBODY, "64")
    assert (everybody.q(), everybody.q("x"), everybody.covers("64.02")) == (Q(), Q(), True)
    assert (nobody.q(), nobody.covers("64")) == (None, False)


def test_the_filter_and_the_question_agree_on_every_row(db) -> None:
    for code in ("64.02.06.1001", "64.02.06.9999", "64.02.07.1001", "64.03.06.1001", "65.02.06.1001"):
        factories.household(factories.area(code, code))
    for area in Area.objects.all():
        scope = Scope(Sees.OWN_AREA, area.code)
        found = set(Household.objects.filter(scope.q()).values_list("area_id", flat=True))
        assert found == {home.area_id for home in Household.objects.all() if scope.covers(home.area_id)}
        assert found


def test_a_role_is_granted_only_while_the_user_is_active(ana, village) -> None:
    assert grant_of(ana) is GRANTS[Role.VILLAGE_OPERATOR]
    assert scope_of(ana) == Scope(Sees.OWN_AREA, village.code)
    ana.is_active = False
    assert (grant_of(ana), scope_of(ana)) == (NOTHING, Scope(Sees.NOBODY))
    assert grant_of(AnonymousUser()) is NOTHING
    assert scope_of(AnonymousUser()) == Scope(Sees.NOBODY)
    ana.is_active, ana.role = True, "no such role"
    assert grant_of(ana) is NOTHING


def test_an_operator_without_an_area_sees_nobody(ana) -> None:
    ana.area = None
    assert scope_of(ana) == Scope(Sees.OWN_AREA, "")
    assert scope_of(ana).q() is None
    assert floor_of(ana) == Floor(account=str(ana.pk))


def test_the_floor_of_each_role(ana, chi, dee, eka, village) -> None:
    code = village.code
    assert floor_of(ana) == Floor(code, f"{code}/", account=str(ana.pk))
    assert floor_of(chi) == Floor("0", ":", account=str(chi.pk))
    assert floor_of(dee) == Floor(account=str(dee.pk))
    assert floor_of(eka) == Floor(agency=str(eka.agency_id), account=str(eka.pk))
    chi.agency = eka.agency
    assert floor_of(chi).agency == "", "who is not of an agency only has no agency's rows"
    eka.agency = None
    assert floor_of(eka) == Floor(account=str(eka.pk))
    assert floor_of(AnonymousUser()) == NOBODY == Floor("", "", "", "")


def test_the_floor_is_four_settings_of_the_connection() -> None:
    assert Floor("64", "64/", "7", "9").settings == {
        "simpul.area_from": "64",
        "simpul.area_below": "64/",
        "simpul.agency": "7",
        "simpul.account": "9",
    }


def test_permissions_come_from_the_role_alone(ana, chi) -> None:
    backend = RoleBackend()
    assert backend.get_all_permissions(ana) == set(GRANTS[Role.VILLAGE_OPERATOR].may)
    assert backend.has_perm(ana, "households.add_household")
    assert not backend.has_perm(chi, "households.add_household")
    assert ana.has_perms(["households.add_household", "households.reveal_number"])
    assert (ana.has_module_perms("households"), ana.has_module_perms("programs")) == (True, False)
    assert not ana.has_module_perms("house"), "the name of an app is a whole word"
    assert backend.get_all_permissions(AnonymousUser()) == set()
    assert not backend.has_module_perms(AnonymousUser(), "households")


@pytest.mark.django_db
def test_who_is_signed_in_comes_with_area_and_agency(ana, eka, django_assert_num_queries) -> None:
    backend = RoleBackend()
    for user in (ana, eka):
        with django_assert_num_queries(1):
            found = backend.get_user(user.pk)
            assert (found, found.area, found.agency) == (user, user.area, user.agency)
    assert backend.get_user(0) is None
    ana.is_active = False
    ana.save()
    assert backend.get_user(ana.pk) is None
    assert authenticate(username="ana", password="a long password") is None
