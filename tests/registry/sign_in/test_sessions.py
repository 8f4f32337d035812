"""A session ends when its holder's rights change, when nobody is there, and at the end of the day."""

import pytest

from registry.models import AuditEvent, User
from registry.roles import Role
from tests.admin_pages import page, send
from tests.admin_pages import sign_in as staff
from tests.registry.sign_in.conftest import PASSWORD, type_password

NEW = {"new_password1": "Jembatan tua 77", "new_password2": "Jembatan tua 77"}


def is_open(client, address="/households/"):
    return client.get(address).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"role": Role.TKPK_MEMBER},
        {"area_id": "64.02.06.1002"},
        {"agency_id": 0},
        {"is_active": False},
        {"password": "md5$x$0"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_whoever_changes_a_right_ends_the_session(client, ana, next_village, agency, change):
    """Even SQL that knows nothing of sessions."""
    client.force_login(ana)
    assert is_open(client)
    User.objects.filter(pk=ana.pk).update(
        **{k: agency.pk if k == "agency_id" else v for k, v in change.items()}
    )
    answer = client.get("/households/")
    assert (answer.status_code, answer.url) == (302, "/login/?next=/households/")
    assert client.get("/api/v1/areas/").status_code == 401


def test_a_role_changed_in_the_middle_of_a_session_ends_it(client, ana, gus, household):
    type_password(client, "ana")
    assert household.number in client.get(household.get_absolute_url()).content.decode()
    send(staff(gus), page("registry_user_change", ana.pk), role=Role.TKPK_MEMBER)
    answer = client.get(household.get_absolute_url())
    assert answer.status_code == 302
    assert household.number not in answer.content.decode()


def test_a_right_taken_and_given_back_does_not_revive_a_session(client, ana, gus):
    type_password(client, "ana")
    office, url = staff(gus), page("registry_user_change", ana.pk)
    send(office, url, role=Role.DISTRICT_VERIFIER)
    send(office, url, role=Role.VILLAGE_OPERATOR)
    assert not is_open(client)


@pytest.mark.parametrize(
    ("column", "meanwhile"),
    [("role", Role.TKPK_MEMBER), ("area_id", "64.02.06.1002"), ("agency_id", 0), ("is_active", False)],
)
def test_neither_does_one_given_back_in_a_shell(client, ana, next_village, agency, column, meanwhile):
    """With no page asked for in between, and saved once more by whoever read the row before."""
    type_password(client, "ana")
    ana.refresh_from_db()
    before = getattr(ana, column)
    for value in (agency.pk if column == "agency_id" else meanwhile, before):
        setattr(ana, column, value)
        ana.save()
    ana.first_name = "Ana"
    ana.save()
    assert not is_open(client)


def test_another_name_in_the_form_ends_nothing(client, ana, gus):
    type_password(client, "ana")
    send(staff(gus), page("registry_user_change", ana.pk), first_name="Ana")
    assert is_open(client)


def test_changing_ones_password_keeps_this_session_and_ends_the_others(client, ana, clock):
    other = type(client)()
    type_password(client, "ana")
    type_password(other, "ana")
    answer = client.post("/account/password/", NEW | {"old_password": PASSWORD, "next": "/households/"})
    assert answer.url == "/households/"
    assert is_open(client)
    assert not is_open(other)
    assert AuditEvent.objects.get(verb="set_password").by == ana
    ana.refresh_from_db()
    assert ana.check_password("Jembatan tua 77")


def test_a_wrong_old_password_changes_nothing(client, ana):
    client.force_login(ana)
    answer = client.post("/account/password/", NEW | {"old_password": "wrong"})
    assert "old_password" in answer.context["form"].errors
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    assert not AuditEvent.objects.filter(verb="set_password").exists()


def test_everybody_has_the_page_and_it_shows_the_rules(client, dee):
    client.force_login(dee)
    shown = client.get("/account/password/").content.decode()
    assert "128" in shown
    assert 'autocomplete="new-password"' in shown
    assert 'href="/account/"' in shown


@pytest.mark.english
def test_half_an_hour_without_a_page_ends_it(client, ana, clock):
    type_password(client, "ana")
    clock.pass_(minutes=29, seconds=59)
    assert is_open(client)
    clock.pass_(minutes=30)
    assert client.get("/households/").status_code == 302
    client.post("/language/", {"language": "en"})
    assert "Your session has ended by itself" in client.get("/login/").content.decode()
    assert not is_open(client)


def test_twelve_hours_end_it_however_busy(client, ana, clock):
    type_password(client, "ana")
    for _time in range(12 * 3 - 1):
        clock.pass_(minutes=20)
        assert is_open(client)
    clock.pass_(minutes=20)
    assert not is_open(client)


@pytest.mark.parametrize("word", ["foo", "household-detail", "home"])
def test_a_word_to_go_on_to_is_an_address_and_no_name_of_a_page(client, ana, word):
    """Django's shortcut would look it up, and fail where there is no such page."""
    answer = client.post("/login/", {"username": "ana", "password": PASSWORD, "next": word})
    assert (answer.status_code, answer.url) == (302, word)
    assert client.get("/account/second-factor/", {"next": word}).url == word
    changed = client.post("/account/password/", NEW | {"old_password": PASSWORD, "next": word})
    assert (changed.status_code, changed.url) == (302, word)


def test_an_ended_session_is_gone_from_the_database(client, ana, clock):
    type_password(client, "ana")
    key = client.session.session_key
    clock.pass_(minutes=30)
    client.get("/households/")
    assert not client.session.exists(key)


def test_the_apis_session_ends_as_well(client, ana, clock):
    type_password(client, "ana")
    clock.pass_(minutes=30)
    assert client.get("/api/v1/areas/").status_code == 401


def test_a_busy_session_is_written_once_a_minute(client, ana, village, clock, django_assert_num_queries):
    client.force_login(ana)
    with django_assert_num_queries(4):  # session, user, areas, former codes
        client.get("/api/v1/areas/")
    clock.pass_(seconds=60)
    with django_assert_num_queries(7):  # and the session, in a savepoint
        client.get("/api/v1/areas/")


def test_signing_in_gives_the_session_a_new_key(client, ana):
    """Or whoever had planted the old one would come in too."""
    client.post("/language/", {"language": "en", "next": "/login/"})
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    type_password(client, "ana")
    assert client.session.session_key != before
