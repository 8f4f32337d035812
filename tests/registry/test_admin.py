from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from registry.audit import deed
from registry.models import AccessLog, Agency, Area, AuditEvent, User
from registry.roles import GRANTS, Role
from tests import factories
from tests.admin_pages import errors_of, fields_of, page, send, shown, sign_in

TABLES = {
    "registry.area": "registry_area",
    "registry.agency": "registry_agency",
    "registry.user": "registry_user",
    "registry.auditevent": "registry_auditevent",
    "registry.accesslog": "registry_accesslog",
    "households.household": "households_household",
    "households.family": "households_family",
    "households.member": "households_member",
    "households.assessment": "households_assessment",
    "households.povertystatus": "households_povertystatus",
    "households.scheme": "households_scheme",
    "programs.program": "programs_program",
}


@pytest.fixture
def people(village, agency):
    """One user of every role."""
    return {role: factories.user(f"as-{role}", role, area=village, agency=agency) for role in Role.values}


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("table", TABLES)
def test_each_role_opens_the_lists_and_forms_that_its_grant_names(role, table, people):
    client, grant = sign_in(people[role]), GRANTS[role].may
    app, model = table.split(".")
    may_enter = "registry.open_admin" in grant
    may_see = may_enter and bool({f"{app}.view_{model}", f"{app}.change_{model}"} & grant)
    may_add = may_enter and f"{app}.add_{model}" in grant and model not in ("family", "member", "assessment")
    listed = client.get(page(f"{TABLES[table]}_changelist"), follow=True).status_code
    added = client.get(page(f"{TABLES[table]}_add"), follow=True).status_code
    assert (listed, added) == (200 if may_see else 403, 200 if may_add else 403)


def test_every_table_of_the_site_is_in_the_list_above():
    assert {model._meta.label_lower for model in admin.site._registry} == set(TABLES)


@pytest.mark.parametrize("role", [role for role in Role.values if "registry.open_admin" in GRANTS[role].may])
def test_the_first_page_lists_what_the_role_may_open(role, people):
    response = sign_in(people[role]).get(reverse("admin:index"))
    labels = {
        f"{app['app_label']}.{model['object_name'].lower()}"
        for app in response.context["app_list"]
        for model in app["models"]
    }
    permissions = GRANTS[role].may
    assert labels == {label for label in TABLES if ".view_".join(label.split(".")) in permissions}


def test_strangers_are_sent_to_the_one_sign_in_page(client, db):
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.request["PATH_INFO"] == reverse("login")
    assert "next=%2Fadmin%2F" in answer.request["QUERY_STRING"]


def test_signing_out_of_the_forms_signs_out_of_all(gus):
    client = sign_in(gus)
    client.post(reverse("admin:logout"))
    assert client.get(reverse("admin:index")).status_code == 302


def test_no_page_tells_which_ids_exist(gus, village):
    assert sign_in(gus).get("/admin/r/1/1/").status_code == 404


def test_an_operator_sees_only_her_own_area(ana, village, next_village):
    client = sign_in(ana)
    assert shown(client.get(page("registry_area_changelist"))) == [village]
    assert client.get(page("registry_area_change", next_village.code)).status_code == 404
    assert client.get(page("registry_area_change", "99.99")).status_code == 404


@pytest.mark.parametrize(
    ("source", "field"), [("user", "area"), ("user", "agency"), ("auditevent", "by"), ("areaalias", "area")]
)
def test_an_operators_autocompletes_stay_in_her_area(source, field, ana, next_village, agency, village):
    question = {"app_label": "registry", "model_name": source, "field_name": field, "term": ""}
    answer = sign_in(ana).get(page("autocomplete"), question)
    found = [each["id"] for each in answer.json().get("results", [])] if answer.status_code == 200 else []
    assert found == ([village.code] if field == "area" else [])


@pytest.mark.parametrize("question", ["password__startswith", "area__users__password", "tokens__digest"])
def test_the_address_bar_cannot_probe_columns(question, gus):
    assert sign_in(gus).get(page("registry_user_changelist"), {question: "a"}).status_code == 400


def test_an_area_with_its_spellings_is_one_audit_row(gus, village):
    sent = {"aliases-TOTAL_FORMS": 1, "aliases-0-name": "Timbaw", "name": "Timbau Baru"}
    assert send(sign_in(gus), page("registry_area_change", village.code), **sent).status_code == 302
    event = AuditEvent.objects.get()
    assert (event.verb, event.by, event.subject) == ("change_area", gus, f"area:{village.code}")
    assert event.details == {"fields": ["aliases", "name"]}
    assert village.aliases.get().name == "Timbaw"


def test_saving_what_did_not_change_records_nothing(gus, village):
    assert send(sign_in(gus), page("registry_area_change", village.code)).status_code == 302
    assert not AuditEvent.objects.exists()


def test_django_keeps_no_log_of_its_own(gus, village):
    send(sign_in(gus), page("registry_area_change", village.code), name="Timbau Baru")
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("code", "level", "field"),
    [("64.02.06.1009", "district", "level"), ("64.03.01", "district", "code"), ("6402", "regency", "code")],
)
def test_an_area_fits_into_the_tree(code, level, field, gus, village):
    answer = send(sign_in(gus), page("registry_area_add"), code=code, level=level, name="Sampel")
    assert field in answer.context["adminform"].form.errors


def test_an_area_keeps_its_code(gus, village):
    send(sign_in(gus), page("registry_area_change", village.code), code="64.02.06.1077", name="Timbau Baru")
    assert not Area.objects.filter(code="64.02.06.1077").exists()


def test_a_coordinate_is_typed_with_a_comma(gus, village):
    client = sign_in(gus)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "id"
    send(client, page("registry_area_change", village.code), latitude="-0,4186", longitude="116,98")
    village.refresh_from_db()
    assert str(village.latitude) == "-0.418600"


def test_an_agency_cannot_end_before_it_begins(fia, agency):
    url = page("registry_agency_change", agency.pk)
    answer = send(sign_in(fia), url, valid_from="1/1/2026", valid_to="31/12/2025")
    assert "valid_to" in answer.context["adminform"].form.errors
    assert send(sign_in(fia), url, valid_from="1 Januari 2026", valid_to="31/12/2026").status_code == 302
    assert Agency.objects.get().valid_from.isoformat() == "2026-01-01"


NEW_USER = {"username": "hana", "password1": "Jembatan tua 77", "password2": "Jembatan tua 77"}


def test_a_user_is_made_with_a_role_and_a_place(gus, village):
    client, url = sign_in(gus), page("registry_user_add")
    operator = NEW_USER | {"role": Role.VILLAGE_OPERATOR}
    assert "area" in send(client, url, **operator).context["adminform"].form.errors
    office = NEW_USER | {"role": Role.AGENCY_OFFICE}
    assert "agency" in send(client, url, **office).context["adminform"].form.errors
    assert send(client, url, **operator, area=village.code).status_code == 302
    made = User.objects.get(username="hana")
    assert made.check_password("Jembatan tua 77")
    event = AuditEvent.objects.get()
    assert (event.verb, event.subject) == ("add_user", f"user:{made.pk}")
    assert "Jembatan" not in str(event.details)


@pytest.mark.parametrize(
    ("role", "code", "is_taken"),
    [
        (Role.VILLAGE_OPERATOR, "64.02.06.1001", True),
        (Role.VILLAGE_OPERATOR, "64.02.06", False),
        (Role.VILLAGE_OPERATOR, "64", False),
        (Role.DISTRICT_VERIFIER, "64.02.06.1001", True),
        (Role.DISTRICT_VERIFIER, "64.02.06", True),
        (Role.DISTRICT_VERIFIER, "64.02", False),
        (Role.DISTRICT_VERIFIER, "64", False),
        (Role.AUDITOR, "64", True),
    ],
)
def test_a_role_of_one_area_works_in_no_wider_one(gus, village, role, code, is_taken):
    """Or it would see names beyond one area, and sign in without a second factor."""
    answer = send(sign_in(gus), page("registry_user_add"), **NEW_USER, role=role, area=code)
    assert (answer.status_code == 302) is is_taken
    if not is_taken:
        assert list(answer.context["adminform"].form.errors) == ["area"]


@pytest.mark.parametrize(("name", "code"), [("ana", "64.02.06"), ("hal", "64.02")])
def test_neither_does_it_by_any_other_door(name, code, request):
    user = request.getfixturevalue(name)
    with pytest.raises(IntegrityError, match="area_roles_work_in_one_area"):
        User.objects.filter(pk=user.pk).update(area=code)


def test_a_short_password_is_refused(gus):
    typed = NEW_USER | {"role": Role.AUDITOR, "password1": "pendek", "password2": "pendek"}
    assert (
        "password2" in send(sign_in(gus), page("registry_user_add"), **typed).context["adminform"].form.errors
    )


def test_a_new_password_is_one_audit_row_and_a_refused_one_is_none(gus, ana):
    client, url = sign_in(gus), reverse("admin:auth_user_password_change", args=[ana.pk])
    assert client.get(url).status_code == 200
    client.post(url, {"password1": "Jembatan tua 77", "password2": "Jembatan tua 78"})
    assert not AuditEvent.objects.exists()
    client.post(url, {"password1": "Jembatan tua 77", "password2": "Jembatan tua 77"})
    ana.refresh_from_db()
    assert ana.check_password("Jembatan tua 77")
    assert (AuditEvent.objects.get().verb, AuditEvent.objects.get().subject) == (
        "set_password",
        f"user:{ana.pk}",
    )


def test_nobody_takes_away_their_own_access(gus):
    url = page("registry_user_change", gus.pk)
    sent = fields_of(sign_in(gus).get(url)) | {"role": Role.AUDITOR, "first_name": "Gus"}
    sent.pop("is_active", None)
    assert sign_in(gus).post(url, sent).status_code == 302
    gus.refresh_from_db()
    assert (gus.first_name, gus.role, gus.is_active) == ("Gus", Role.SUPERADMIN, True)


@pytest.mark.parametrize("spelling", ["{}", "0{}", "%20{}"])
def test_the_own_password_is_changed_with_the_old_one_only(spelling, gus):
    answer = sign_in(gus).get(
        page("auth_user_password_change", gus.pk).replace(str(gus.pk), spelling.format(gus.pk))
    )
    assert (answer.status_code, answer.url) == (302, "/account/password/")


@pytest.mark.parametrize("name", ["chi", "fia", "ana"])
def test_only_the_administrator_changes_users(name, request, gus):
    client = sign_in(request.getfixturevalue(name))
    answer = client.post(page("registry_user_change", gus.pk), {"username": "taken"})
    password = client.get(reverse("admin:auth_user_password_change", args=[gus.pk]))
    assert (answer.status_code, password.status_code) == (403, 403)


def test_an_auditor_sees_no_fingerprint_of_a_password(chi, ana):
    text = sign_in(chi).get(page("registry_user_change", ana.pk)).content.decode()
    assert ana.password.split("$")[-1][:6] not in text
    assert "md5" not in text


def test_the_form_shows_what_the_role_may_do(gus, ana):
    text = sign_in(gus).get(page("registry_user_change", ana.pk)).content.decode()
    assert "<li>May change: families, households, members</li>" in text
    every = sign_in(gus).get(page("registry_user_add")).content.decode()
    assert all(str(Role(role).label) in every for role in Role.values)


def test_the_trails_are_read_and_never_written(chi, gus, village):
    with deed("try", by=chi, about=village):
        pass
    event = AuditEvent.objects.get()
    for user in (chi, gus):
        client = sign_in(user)
        assert shown(client.get(page("registry_auditevent_changelist"), {"role": Role.AUDITOR})) == [event]
        assert client.get(page("registry_auditevent_change", event.pk)).status_code == 200
        assert client.post(page("registry_auditevent_change", event.pk), {}).status_code == 403
        assert client.post(page("registry_auditevent_delete", event.pk), {"post": "yes"}).status_code == 403


def test_the_trail_of_readings_is_filtered_by_day(chi, household):
    reading = AccessLog.objects.create(
        user=chi, role=chi.role, purpose="test", route="test", household_ids=[household.pk], record_count=1
    )
    client, url = sign_in(chi), page("registry_accesslog_changelist")
    now = timezone.localtime()
    assert shown(client.get(url, {"at__gte": str(now - timedelta(days=1))})) == [reading]
    assert shown(client.get(url, {"at__gte": str(now + timedelta(days=1))})) == []
    assert str(household.pk) in client.get(page("registry_accesslog_change", reading.pk)).content.decode()


@pytest.mark.parametrize(
    ("name", "queries"), [("area", 4), ("agency", 4), ("user", 4), ("auditevent", 3), ("accesslog", 3)]
)
def test_a_list_of_ten_costs_as_much_as_a_list_of_one(name, queries, gus, village, django_assert_num_queries):
    for number in range(10):
        factories.area(f"64.02.06.10{number + 10}", f"Sampel {number}")
        user = factories.user(f"user{number}", Role.VILLAGE_OPERATOR, area=village)
        Agency.objects.create(code=f"a{number}", name=f"Dinas {number}", short_name=f"D{number}")
        AccessLog.objects.create(user=user, role=user.role, purpose="test", route="test", record_count=1)
        with deed("try", by=user):
            pass
    client = sign_in(gus)
    with django_assert_num_queries(queries):
        assert len(shown(client.get(page(f"registry_{name}_changelist")))) >= 10


def test_a_taken_user_name_is_a_sentence(gus, ana):
    answer = send(
        sign_in(gus), page("registry_user_add"), **NEW_USER | {"username": "ana"}, role=Role.AUDITOR
    )
    assert "already exists" in errors_of(answer)


@pytest.mark.parametrize("number", ["abc", "0", "-1", "99", ""])
def test_a_page_of_the_search_that_is_not_there_is_a_bad_request(gus, number):
    client = sign_in(gus)
    assert client.get(page("search"), {"s": "a", "page": "1"}).status_code == 200
    assert client.get(page("search"), {"s": "a", "page": number}).status_code == 400
