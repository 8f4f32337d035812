"""Who reads and who writes which field is a snapshot: a change fails here, and is accepted by name.

    ACCEPT_FIELDS=1 .venv/bin/python -m pytest tests/security/test_fields.py -k snapshot

rewrites tests/security/fields.json, whose difference is then reviewed like code.
"""

import difflib
import json
import os
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.contrib import admin
from django.db import models
from django.test import RequestFactory
from django.urls import resolve, reverse
from rest_framework import serializers

from households.models import Family, Household, Member
from programs.models import Criterion, Program, Realisation, TargetList, TargetRow
from registry.admin.base import ReadOnlyAdmin
from registry.models import Agency, Area, User
from registry.parameters import OF_STAFF_FORMS
from registry.roles import Role
from tests.admin_pages import fields_of
from tests.security.walk import addresses, documented

SNAPSHOT = Path(__file__).with_name("fields.json")
ACCEPT = "ACCEPT_FIELDS=1 .venv/bin/python -m pytest tests/security/test_fields.py -k snapshot"
NOBODY = "nobody"
ROLES = [NOBODY, *Role.values]
PEOPLE = (Household, Family, Member)
WRITABLE = (*PEOPLE, Area, Agency, User, Program, Criterion, TargetList, TargetRow, Realisation)


def below(kind: type) -> Iterable[type]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def ours(kind: type) -> list[type]:
    """The classes of the product beneath ``kind``, by name; those that Django makes on the way are not."""
    rooms = ("registry.", "households.", "programs.")
    found = {f"{each.__module__}.{each.__qualname__}": each for each in below(kind)}
    return [
        each
        for name, each in sorted(found.items())
        if name.startswith(rooms) and each.__name__ in vars(import_module(each.__module__))
    ]


def keys(value, before="") -> set[str]:
    """``results[].members[].nik``: the shape of an answer without its values."""
    if isinstance(value, dict):
        return {name for key, inner in value.items() for name in keys(inner, f"{before}.{key}".lstrip("."))}
    if isinstance(value, list):
        return {name for inner in value for name in keys(inner, f"{before}[]")} or {f"{before}[]"}
    return {before}


def by_roles(found: dict[str, object]) -> dict[str, object]:
    """Roles that get the same are told once."""
    groups: dict[str, list[str]] = {}
    for role, what in found.items():
        groups.setdefault(json.dumps(what), []).append(role)
    return {", ".join(roles): json.loads(what) for what, roles in groups.items()}


def serializer_fields() -> dict[str, object]:
    found = {}
    for each in ours(serializers.BaseSerializer):
        fields = each().fields
        found[f"{each.__module__}.{each.__name__}"] = {
            "read": sorted(name for name, field in fields.items() if not field.write_only),
            "write": sorted(name for name, field in fields.items() if not field.read_only),
        }
    return found


def api_answers(world) -> dict[str, object]:
    found = {}
    for address in addresses():
        if not address.is_api or address.name in ("openapi", "swagger"):
            continue
        query = "?since=1" if address.name.endswith("changes") else ""
        answers = {}
        for role in ROLES:
            answer = world.client("" if role == NOBODY else role).get(address.url(world.known) + query)
            is_json = answer.headers["Content-Type"] == "application/json" and not answer.streaming
            answers[role] = sorted(keys(answer.json())) if is_json else answer.status_code
        found[address.name] = by_roles(answers)
    return found


def form_fields(form: forms.BaseForm) -> list[str]:
    return sorted(name for name, field in form.fields.items() if not field.disabled)


def page_forms(world) -> dict[str, object]:
    """The fields of the form on each page, as each role is given it: those that are sent and read back."""
    found = {}
    for address in addresses():
        if address.is_api or address.is_admin or address.name in ("logout", "login", "set_language"):
            continue
        shown = {}
        for role in ROLES:
            answer = world.client("" if role == NOBODY else role).get(address.url(world.known))
            context = getattr(answer, "context", None) or {}
            form = context.get("form") if answer.status_code == 200 else None
            shown[role] = form_fields(form) if form is not None else None
            for member in (context.get("members") or []) if form is not None else []:
                shown[role] = sorted({*shown[role], *(f"member.{name}" for name in form_fields(member))})
        if any(shown.values()):
            found[address.name] = by_roles(
                {role: fields if fields is not None else "no form" for role, fields in shown.items()}
            )
    return found


def staff_forms(world) -> dict[str, object]:
    found = {}
    for model, model_admin in admin.site._registry.items():
        row = model._default_manager.order_by("pk").last()
        for deed, thing in (("add", None), ("change", row)):
            fields = {
                role: staff_fields(world.users[role], model_admin, thing) if role != NOBODY else "refused"
                for role in ROLES
            }
            found[f"{deed} {model._meta.label}"] = by_roles(fields)
    return found


def staff_fields(user, model_admin, thing) -> object:
    request = RequestFactory().get("/")
    request.user, request.resolver_match = user, None
    is_open = user.has_perm("registry.open_admin")
    may = (
        model_admin.has_change_permission(request, thing)
        if thing
        else model_admin.has_add_permission(request)
    )
    if not (is_open and may):
        return "refused"
    read_only = set(model_admin.get_readonly_fields(request, thing))
    names = set(model_admin.get_form(request, thing, change=thing is not None).base_fields) - read_only
    for formset, inline in model_admin.get_formsets_with_inlines(request, thing):
        if inline.has_change_permission(request, thing):
            names |= {f"{inline.model._meta.model_name}.{name}" for name in formset.form.base_fields}
    return sorted(names)


def parameters(world) -> dict[str, object]:
    """What may be asked for in an address: filters, searches and orders."""
    found = {}
    for address in addresses():
        url = address.url(world.known)
        match = resolve(url)
        if address.name.startswith(("api-", "report-data")):
            found[address.name] = sorted(documented(url))
        elif hasattr(match.func, "parameters"):
            found[address.name] = sorted(match.func.parameters(**match.kwargs))
    for model, model_admin in admin.site._registry.items():
        found[f"list of {model._meta.label}"] = {
            "filters": [str(getattr(each, "parameter_name", each)) for each in model_admin.list_filter],
            "searched": list(model_admin.search_fields),
            "sorted": list(model_admin.sortable_by or model_admin.list_display),
        }
    return found | {f"staff: {end}": sorted(names) for end, names in OF_STAFF_FORMS.items()}


def test_who_reads_and_writes_which_field_is_as_in_the_snapshot(world):
    found = {
        "parameters": parameters(world),
        "answers of the API": api_answers(world),
        "serializers": serializer_fields(),
        "forms of the pages": page_forms(world),
        "forms of the staff": staff_forms(world),
    }
    text = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("ACCEPT_FIELDS") == "1":
        SNAPSHOT.write_text(text)
    kept = SNAPSHOT.read_text()
    difference = "\n".join(
        difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "found", lineterm="")
    )
    assert text == kept, f"{difference}\n\nIf this is meant:\n{ACCEPT}"


def test_every_form_names_its_fields():
    for form in ours(forms.ModelForm):
        options = form._meta
        if options.model is not None:
            assert options.fields not in (None, forms.ALL_FIELDS), form
            assert options.exclude is None, form
    for serializer in ours(serializers.ModelSerializer):
        assert isinstance(serializer.Meta.fields, list), serializer
        assert not hasattr(serializer.Meta, "exclude"), serializer


def test_nobody_but_the_model_decides_whose_a_row_is():
    """Area, household, programme and owner are never a field of a form that changes what exists."""
    snapshot = json.loads(SNAPSHOT.read_text())
    belonging = {"area", "household", "program", "owner", "uploaded_by", "recorded_by", "target_list"}
    for name, serializer in snapshot["serializers"].items():
        if not name.endswith("RealisationReportSerializer"):
            assert not belonging & set(serializer["write"]), name
    changing = {
        name: {field for fields in by_role.values() if isinstance(fields, list) for field in fields}
        for name, by_role in (snapshot["forms of the pages"] | snapshot["forms of the staff"]).items()
        if name.endswith("-change") or name.startswith("change ")
    }
    assert len(changing) > 6
    # A person may move to another post; a district's quota and an area's old codes are parts of their whole.
    del changing["change registry.User"]
    assert {name for name, fields in changing.items() if belonging & fields} == set()


def everything() -> dict[str, list[dict[str, object]]]:
    """All rows that a body could change, with all their columns."""
    found = {model.__name__: list(model.objects.order_by("pk").values()) for model in WRITABLE}
    for user in found["User"]:
        del user["last_login"]  # the tests sign in
    return found


def other_values(row: models.Model, world) -> dict[str, str]:
    """For every column of ``row`` a value that another row could have, as a form would send it."""
    values = {}
    foreign = {
        Area: world.other.area.pk,
        Household: world.other.household.pk,
        Agency: world.other.agency.pk,
        Program: world.other.program.pk,
        User: world.users[Role.SECRETARIAT].pk,
    }
    for column in row._meta.concrete_fields:
        if column.related_model in foreign:
            value = foreign[column.related_model]
        elif column.related_model:
            value = (
                column.related_model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
                or 1
            )
        elif column.choices:
            value = next(value for value, _label in column.flatchoices if value != getattr(row, column.name))
        elif isinstance(column, models.DateField):
            value = "2026-01-01"
        elif isinstance(column, models.CharField | models.TextField):
            value = "X1"
        else:
            value = 7
        values[column.name] = values[column.attname] = str(value)
    return values


PAGES = {
    "household-change": (Household, {"number", "address", "hamlet", "rw", "rt", "latitude", "longitude"}),
    "family-change": (Family, {"card_number_sealed", "card_number_index"}),
    "member-change": (
        Member,
        {
            *("name", "nik", "nik_missing", "sex", "birth_place", "birth_date"),
            *("household_relationship", "family_relationship"),
        },
    ),
}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("role", ROLES)
def test_a_page_changes_no_other_column_than_those_of_its_form(world, name, role):
    model, whitelist = PAGES[name]
    row = model.objects.filter(area=world.own.area).order_by("pk").last()
    url = reverse(name, args=[row.pk])
    client = world.client("" if role == NOBODY else role)
    page, before = client.get(url), everything()
    form = page.context["form"] if page.status_code == 200 else None
    kept = {bound.name: bound.value() for bound in form} if form else {}
    typed = {name: str(value) for name, value in kept.items() if value is not None}
    free = {"address": "Jalan Lain", "name": "Sampel Lain", "card_number": "9902061705809999"}
    answer = client.post(
        url, other_values(row, world) | typed | {k: v for k, v in free.items() if k in typed}
    )
    assert answer.status_code == (302 if form or role == NOBODY else 403)
    changed = differences(before, everything())
    assert {table for table, _pk, _column in changed} <= {model.__name__}
    assert {pk for _table, pk, _column in changed} <= {row.pk}
    columns = {column for _table, _pk, column in changed}
    assert columns <= whitelist
    assert bool(columns) == bool(form)


def differences(before, after) -> set[tuple[str, object, str]]:
    changed = set()
    for table, rows in after.items():
        known = {row.get("id", row.get("code")): row for row in before[table]}
        assert len(rows) == len(known), table
        for row in rows:
            key = row.get("id", row.get("code"))
            changed |= {(table, key, name) for name, value in row.items() if known[key][name] != value}
    return changed


STAFF = [model for model, each in admin.site._registry.items() if not isinstance(each, ReadOnlyAdmin)]


@pytest.mark.parametrize("model", STAFF, ids=lambda model: model._meta.model_name)
def test_a_staff_form_changes_no_other_column_than_those_of_its_form(world, model):
    """The form sent back as it was given, and with it every column that the form does not have."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_"
    row = model._default_manager.get(pk=world.known.get(name, world.own.household.pk))
    url = reverse(f"{name}change", args=[row.pk])
    saved = []
    for role in ROLES:
        client = world.client("" if role == NOBODY else role)
        page, before = client.get(url), everything()
        form = page.context["adminform"].form if page.status_code == 200 else None
        known = set(form.fields) if form else set()
        strange = {column: value for column, value in other_values(row, world).items() if column not in known}
        answer = client.post(url, strange | (fields_of(page) if form else {}))
        assert answer.status_code in (302, 403, 404), (role, answer.status_code)
        assert differences(before, everything()) == set(), role
        saved += [role] if form and answer.status_code == 302 else []
    assert saved


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_changes_nothing_that_exists(world, method):
    before = everything()
    for role in ROLES:
        client = world.client("" if role == NOBODY else role)
        for address in addresses():
            if not address.is_api:
                continue
            body = other_values(world.own.household, world) | {"area": world.other.area.pk, "household": 1}
            url = address.url(world.known)
            answer = getattr(client, method)(url, body, content_type="application/json")
            assert answer.status_code in (400, 401, 403, 404, 405), (role, address.name)
    assert everything() == before


@pytest.mark.parametrize(
    "name",
    sorted({f.name for f in Realisation._meta.concrete_fields} | {"program", "owner", "id", "area_id"}),
)
def test_a_report_of_a_delivery_says_only_what_it_may(world, name):
    row = world.own.target_list.rows.last()
    body = {"target_row": row.pk, "outcome": "refused", "realised_on": "2026-11-02", "reference": "9"}
    foreign = world.other.target_list.rows.first().pk
    values = other_values(world.own.realisation, world) | {"program": world.other.program.pk, "owner": 1}
    allowed = {"outcome", "realised_on", "amount", "note", "reference"}
    count = Realisation.objects.count()
    body[name] = foreign if name == "target_row" else values.get(name, "1")
    answer = world.client(Role.AGENCY_OFFICE).post(
        reverse("api-realisation-list"), body, content_type="application/json"
    )
    if name in allowed - {"outcome", "amount"}:
        assert answer.status_code == 201
        assert Realisation.objects.latest("pk").area_id == row.area_id
    else:
        assert answer.status_code == (409 if name == "replaces" else 400)
        assert {error["pointer"] for error in answer.json()["errors"]} <= {f"/{name}", "/amount"}
        assert Realisation.objects.count() == count
