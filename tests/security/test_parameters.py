"""Filters, ordering, search and fields are whitelists: what else is asked for is refused, never ignored."""

import inspect

import pytest
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from django.urls import resolve, reverse

from households.models import Household, ImportBatch, Member
from programs.models import TargetList
from registry.admin.base import _name_of
from registry.parameters import StrictParameters
from registry.roles import Role
from tests.admin_pages import shown
from tests.security.walk import addresses, documented, paths

CHUNK = 300  # of 1,000 that Django takes in one address
SORTING = ("ordering", "order_by", "sort", "o", "fields", "expand", "include", "search", "distinct")
LOOKUPS = ("__regex", "__startswith", "__isnull", "__in", "__gt")
HOSTILE = ["\0", "x" * 5_000, "\u202etxt.exe", "%", "_", "\\", "' OR 1=1 --", "९", "-1", "9" * 40, "NaN"]
API = [address for address in addresses() if address.is_api and address.name.startswith(("api-", "report-"))]
PAGES = [address for address in addresses() if not address.is_api and not address.is_admin]
# Django's own, which read ``next``; and what answers machines.
OF_DJANGO = {"login", "logout", "set_language"}
CHANGELISTS = [address for address in addresses() if address.name.endswith("_changelist")]


def model_of(address):
    queryset = getattr(address.view.cls, "queryset", None)
    return None if queryset is None else queryset.model


def asker(world, address):
    """Somebody who may ask for this address."""
    people = ("households", "members", "assessments", "statuses", "areas")
    return world.client(
        Role.VILLAGE_OPERATOR if any(f"/{name}" in address.route for name in people) else Role.SECRETARIAT
    )


@pytest.mark.parametrize("address", API, ids=lambda address: address.name)
def test_the_api_names_every_parameter_that_it_does_not_know(world, address):
    url = address.url(world.known)
    client = asker(world, address)
    known = documented(url)
    needed = "since=1&" if "since" in known else ""
    model = model_of(address)
    names = {
        *SORTING,
        *(f"{name}{lookup}" for name in known for lookup in LOOKUPS),
        *(paths(model) if model else ()),
    }
    unknown = sorted(names - known)
    assert len(unknown) > 10
    for start in range(0, len(unknown), CHUNK):
        asked = unknown[start : start + CHUNK]
        answer = client.get(f"{url}?{needed}" + "&".join(f"{name}=x" for name in asked))
        assert answer.status_code == 400
        assert {error["pointer"] for error in answer.json()["errors"]} == {f"/{name}" for name in asked}


def test_a_report_of_deliveries_takes_no_parameters(world):
    url = reverse("api-realisation-list")
    answer = world.client(Role.AGENCY_OFFICE).post(f"{url}?area=x", {}, content_type="application/json")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/area"]


@pytest.mark.parametrize("name", ["status", "area", "closed", "cursor", "limit"])
def test_an_empty_parameter_of_the_api_is_no_filter_and_so_an_error(world, name):
    client = world.client(Role.VILLAGE_OPERATOR)
    answer = client.get(reverse("api-household-list") + f"?{name}=")
    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == [f"/{name}"]


def refuses(url, names):
    """The names among ``names`` that the page at ``url`` turns away."""
    match = resolve(url)
    guard = StrictParameters(lambda request: None)
    refused = set()
    for name in names:
        request = RequestFactory().get(url, {name: "x"})
        request.resolver_match = match
        try:
            guard.process_view(request, match.func, match.args, match.kwargs)
        except BadRequest:
            refused.add(name)
    return refused


@pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)
def test_a_page_takes_no_path_into_the_tables(world, address):
    url = address.url(world.known)
    takes = resolve(url).func
    own = takes.parameters(**resolve(url).kwargs) if hasattr(takes, "parameters") else set()
    names = {
        *SORTING,
        *(path for model in (Household, Member, ImportBatch, TargetList) for path in paths(model)),
    }
    assert refuses(url, names | own) == names - own


@pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)
def test_a_page_with_an_unknown_parameter_is_400(world, address):
    client = world.client(Role.SUPERADMIN)
    for query in ("members__nik=1", "ordering=nik", "next=/&formula=1"):
        answer = client.get(f"{address.url(world.known)}?{query}")
        assert answer.status_code == 400, query
    assert client.get(f"{address.url(world.known)}?next=/").status_code != 400


def test_whoever_reads_the_address_says_so():
    """A view that reads ``request.GET`` names its parameters, or the page could not be used."""
    silent = [
        address.name
        for address in PAGES
        if address.name not in OF_DJANGO
        and "request.GET" in inspect.getsource(inspect.unwrap(address.view))
        and not hasattr(address.view, "parameters")
    ]
    assert silent == []


@pytest.mark.parametrize("address", CHANGELISTS, ids=lambda address: address.name)
def test_the_staffs_lists_filter_by_their_own_filters_only(world, address):
    client = world.client(Role.SUPERADMIN)
    url = address.url(world.known)
    model_admin = next(
        each for model, each in admin.site._registry.items() if address.name == _changelist(model)
    )
    request = RequestFactory().get(url)
    request.user = world.users[Role.SUPERADMIN]
    allowed = {path for path in paths(model_admin.model) if model_admin.lookup_allowed(path, "x", request)}
    assert allowed <= {_name_of(each) for each in model_admin.list_filter}
    assert not any(
        model_admin.lookup_allowed(f"{path}__startswith", "x", request) for path in paths(model_admin.model)
    )
    unsorted = [row.pk for row in shown(client.get(f"{url}?o=none"))]
    for query in ("household__members__nik=1", "password__startswith=a", "members__nik__regex=.", "id__gt=0"):
        answer = client.get(f"{url}?{query}")
        assert answer.status_code == 400, query
    for query in ("o=nik", "o=password", "o=99", "o=-members__nik", "ot=x"):
        answer = client.get(f"{url}?{query}")
        assert answer.status_code in (302, 400) or [row.pk for row in shown(answer)] == unsorted, query
    assert client.get(f"{url}?_to_field=password").status_code == 400


@pytest.mark.parametrize(
    "address",
    [
        each
        for each in addresses()
        if each.is_admin and each not in CHANGELISTS and each.name != "admin:login"
    ],
    ids=lambda address: address.name or address.route,
)
def test_a_form_of_the_staff_takes_no_parameter_but_the_way_back(world, address):
    client = world.client(Role.SUPERADMIN)
    url = address.url(world.known)
    for query in ("x=1", "name=Budi", "_to_field=password"):
        assert client.get(f"{url}?{query}").status_code == 400, query
    assert client.get(f"{url}?_changelist_filters=q%3Da").status_code in (200, 302, 400, 403, 404)


def _changelist(model):
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"


@pytest.mark.parametrize("address", API, ids=lambda address: address.name)
def test_no_value_breaks_a_list_of_the_api(world, address):
    client = asker(world, address)
    url = address.url(world.known)
    for name in documented(url):
        for value in HOSTILE:
            assert client.get(url, {name: value}).status_code < 500, (name, value[:20])


@pytest.mark.parametrize(
    "address", [page for page in PAGES if hasattr(page.view, "parameters")], ids=lambda address: address.name
)
def test_no_value_breaks_a_page(world, address):
    client = world.client(Role.SUPERADMIN)
    url = address.url(world.known)
    asked = {"measure": "poor", "year": "2026"} if address.name == "coverage-list" else {}
    for name in address.view.parameters(**resolve(url).kwargs):
        for value in HOSTILE:
            assert client.get(url, asked | {name: value}).status_code < 500, (name, value[:20])


@pytest.mark.parametrize("address", CHANGELISTS, ids=lambda address: address.name)
def test_no_value_breaks_a_list_of_the_staff(world, address):
    client = world.client(Role.SUPERADMIN)
    url = address.url(world.known)
    for name in ("q", "p", "o", "district", "state", "role", "at__gte"):
        for value in HOSTILE:
            assert client.get(url, {name: value}).status_code < 500, (name, value[:20])
