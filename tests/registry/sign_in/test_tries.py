"""Guessing is slow, tells nothing about which names exist, and leaves a trail without what was typed."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db import connection, connections
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from registry import sign_in
from registry.models import AuditEvent, SignInTries
from registry.roles import Role
from registry.services import issue_token
from registry.tries import Rule, TooManyTries, attempt, client_address, for_address, for_name, locked_until
from tests.admin_pages import page, send
from tests.admin_pages import sign_in as staff
from tests.registry.sign_in.conftest import PASSWORD, type_password

pytestmark = pytest.mark.english
RULE = Rule(
    free=5,
    most=10,
    pause=timedelta(seconds=15),
    lock=timedelta(minutes=30),
    window=timedelta(minutes=15),
)
MOMENT = datetime(2026, 11, 24, 2, tzinfo=UTC)


def fail(client, username, times, clock):
    """As fast as the pauses allow."""
    for _time in range(times):
        while "Too many" in type_password(client, username, "wrong").content.decode():
            clock.pass_(seconds=5)


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 15), (6, 30), (9, 240), (10, 1800), (11, 1800)]
)
def test_each_further_failure_doubles_the_pause_until_the_lock(failures, seconds):
    assert RULE.wait(failures) == timedelta(seconds=seconds)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_more_failures_never_wait_less(one, other):
    fewer, more = sorted((one, other))
    assert RULE.wait(fewer) <= RULE.wait(more)


@given(st.integers(0, 100), st.integers(0, 10_000))
def test_nothing_is_forgotten_before_the_wait_is_over(failures, seconds):
    last = MOMENT + timedelta(seconds=seconds)
    for shared in (True, False):
        rule = Rule(5, 10, RULE.pause, RULE.lock, RULE.window, is_shared=shared)
        assert rule.forgotten_at(failures, MOMENT, last) >= last + rule.wait(failures)


def test_after_five_failures_the_right_password_waits_too(client, ana, clock):
    fail(client, "ana", 5, clock)
    answer = type_password(client, "ana", **{"Accept-Language": "en"}).content.decode()
    assert "Too many wrong tries. Try again in 15 seconds." in answer
    assert not is_in(client)
    clock.pass_(seconds=15)
    type_password(client, "ana")
    assert is_in(client)


def test_a_wait_does_not_grow_by_knocking(client, ana, clock):
    fail(client, "ana", 5, clock)
    for _time in range(20):
        type_password(client, "ana", "wrong")
    clock.pass_(seconds=15)
    type_password(client, "ana")
    assert is_in(client)


def test_ten_failures_lock_for_half_an_hour(client, ana, clock):
    fail(client, "ana", 10, clock)
    assert "30 minutes" in type_password(client, "ana", **{"Accept-Language": "en"}).content.decode()
    clock.pass_(minutes=29, seconds=59)
    type_password(client, "ana")
    assert not is_in(client)
    clock.pass_(seconds=1)
    type_password(client, "ana")
    assert is_in(client)


def test_a_success_and_a_quiet_quarter_of_an_hour_forget(client, ana, clock):
    fail(client, "ana", 4, clock)
    type_password(client, "ana")
    fail(client, "ana", 4, clock)
    clock.pass_(minutes=15)
    fail(client, "ana", 4, clock)
    type_password(client, "ana")
    assert is_in(client)


def test_slow_guessing_is_not_forgotten(client, ana, clock):
    for _time in range(5):
        type_password(client, "ana", "wrong")
        clock.pass_(minutes=5)
    clock.pass_(minutes=-5)
    type_password(client, "ana")
    assert not is_in(client)


def test_an_office_that_mistypes_all_day_is_not_stopped(client, ana, clock):
    for hour in range(4):
        for number in range(20):
            type_password(client, f"name-{hour}-{number}", "wrong")
        clock.pass_(minutes=10)
    type_password(client, "ana")
    assert is_in(client)


def test_a_name_that_does_not_exist_is_locked_the_same_and_told_the_same(client, ana, clock):
    answers = {}
    for name in ("ana", "nobody"):
        texts = []
        for _time in range(40):
            answer = type_password(client, name, "wrong", **{"Accept-Language": "en"})
            texts.append([str(error) for error in answer.context["form"].non_field_errors()])
            clock.pass_(seconds=16)
        answers[name] = texts
        SignInTries.objects.all().delete()
    assert answers["ana"] == answers["nobody"]
    assert any("minutes" in text for [text] in answers["nobody"])


def test_a_known_and_an_unknown_name_cost_the_same_hash_and_the_same_queries(client, ana, monkeypatch):
    costs, hashed, encode = {}, [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *given: hashed.append(1) or encode(*given))
    for name in ("ana", "nobody"):
        type_password(client, name, "warm-up")
        hashed.clear()
        with CaptureQueriesContext(connection) as queries:
            type_password(client, name, "wrong")
        costs[name] = [query["sql"].split()[0] for query in queries], len(hashed)
    assert costs["ana"] == costs["nobody"]
    assert costs["ana"][1] == 1


def test_what_was_typed_as_a_name_is_kept_nowhere(client, ana, clock):
    fail(client, "Rahasia-ku-77", 11, clock)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            assert not any("Rahasia" in row or "rahasia-ku" in row for (row,) in cursor.fetchall()), table


def test_fifty_failures_from_one_address_stop_it_for_every_name(client, ana, clock):
    for number in range(50):
        type_password(client, f"name-{number}", "wrong", **{"X-Forwarded-For": f"203.0.113.{number}"})
    type_password(client, "ana")
    assert not is_in(client)
    client.defaults["REMOTE_ADDR"] = "198.51.100.7"
    type_password(client, "ana")
    assert is_in(client)


def test_an_attackers_own_account_does_not_clear_his_address(client, ana, ben, clock):
    for number in range(50):
        type_password(client, "ben")
        type_password(client, f"name-{number}", "wrong")
    type_password(client, "ana")
    assert client.session["_auth_user_id"] == str(ben.pk)


@pytest.mark.parametrize(
    ("behind", "forwarded", "address"),
    [
        (False, "203.0.113.9", "127.0.0.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (True, "", "127.0.0.1"),
    ],
)
def test_the_address_is_what_our_own_proxy_wrote_last(behind, forwarded, address, settings):
    settings.BEHIND_PROXY = behind
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


def test_a_subscribers_whole_network_counts_as_one(settings):
    def limit(address):
        return for_address(RequestFactory().get("/", REMOTE_ADDR=address))

    assert limit("2001:db8::1") == limit("2001:db8::ffff:2")
    assert limit("2001:db8::1") != limit("2001:db8:0:1::1")
    assert limit("::ffff:203.0.113.9") == limit("203.0.113.9")
    assert limit("203.0.113.9") != limit("203.0.113.10")


@pytest.mark.django_db(transaction=True)
def test_forty_tries_at_once_are_not_more_than_five():
    """A try is counted before it is looked at."""
    looked_at, gate = [], Barrier(40)

    def guess():
        gate.wait()
        try:
            attempt(lambda: looked_at.append(1), for_name("ana"))
        except TooManyTries:
            pass
        finally:
            connections.close_all()

    guesses = [Thread(target=guess) for _each in range(40)]
    for one in guesses:
        one.start()
    for one in guesses:
        one.join()
    assert len(looked_at) == 5


def test_old_counts_are_swept_away(client, db, clock):
    type_password(client, "made-up", "wrong")
    clock.pass_(days=8)
    type_password(client, "another", "wrong")
    assert SignInTries.objects.filter(pk=for_name("made-up").key).count() == 0
    assert SignInTries.objects.filter(pk=for_name("another").key).count() == 1


def test_signing_in_and_out_failing_and_locking_are_deeds(client, ana, clock):
    type_password(client, "ana")
    client.post("/logout/")
    fail(client, "ana", 10, clock)
    fail(client, "nobody", 1, clock)
    events = list(AuditEvent.objects.order_by("pk").values_list("verb", "by", "subject"))
    mine = f"user:{ana.pk}"
    assert events == [
        ("sign_in", ana.pk, mine),
        ("sign_out", ana.pk, mine),
        *[("sign_in_failed", None, mine)] * 10,
        ("sign_in_locked", None, mine),
        ("sign_in_failed", None, ""),
    ]


def test_signing_out_of_the_forms_is_a_deed_too(gus):
    staff(gus).post("/admin/logout/")
    assert AuditEvent.objects.get().verb == "sign_out"


def test_the_administrator_unlocks(client, gus, ana, clock):
    fail(client, "ana", 10, clock)
    url = page("registry_user_change", ana.pk)
    assert "locked until" in staff(gus).get(url).content.decode().lower()
    send(staff(gus), url, unlock="on")
    assert AuditEvent.objects.latest("pk").verb == "unlock_sign_in"
    assert not AuditEvent.objects.filter(verb="change_user").exists()
    type_password(client, "ana")
    assert is_in(client)


def test_a_new_password_from_the_administrator_unlocks(client, gus, ana, clock):
    fail(client, "ana", 10, clock)
    new = {"password1": "Jembatan tua 77", "password2": "Jembatan tua 77"}
    staff(gus).post(f"/admin/registry/user/{ana.pk}/password/", new)
    type_password(client, "ana", "Jembatan tua 77")
    assert is_in(client)


def test_only_the_administrator_unlocks(chi, ana, clock, client):
    fail(client, "ana", 10, clock)
    assert "unlock" not in staff(chi).get(page("registry_user_change", ana.pk)).content.decode()
    staff(chi).post(page("registry_user_change", ana.pk), {"unlock": "on"})
    assert locked_until(for_name("ana"))


def test_an_inactive_user_is_told_what_a_wrong_password_is_told(client, ana):
    ana.is_active = False
    ana.save()
    wrong = type_password(client, "ana", "wrong").context["form"].errors
    assert type_password(client, "ana").context["form"].errors == wrong


def test_an_open_session_is_no_way_to_guess_its_password(client, ana, clock):
    client.force_login(ana)
    new = {"new_password1": "Jembatan tua 77", "new_password2": "Jembatan tua 77"}
    for _time in range(6):
        answer = client.post("/account/password/", new | {"old_password": "wrong"})
    assert "wait" in {error.code for error in answer.context["form"].errors.as_data()["old_password"]}
    answer = client.post("/account/password/", new | {"old_password": PASSWORD})
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)


def test_every_password_is_looked_at_in_one_place():
    """``authenticate`` asked anywhere else would not be counted."""
    root = Path(sign_in.__file__).parent.parent
    sources = [
        path for room in ("registry", "households", "programs") for path in (root / room).rglob("*.py")
    ]
    calls = re.compile(r"import authenticate\b|\bauth\.authenticate\(|LoginView\b")
    assert {path.name for path in sources if calls.search(path.read_text())} == {
        "sign_in.py",
        "sign_in_views.py",
    }


def wrong_token(client, **extra):
    return client.get("/api/v1/areas/", headers={"Authorization": "Bearer simpul_wrong"}, **extra)


def test_wrong_tokens_are_counted_by_address_and_right_ones_are_not(client, eka, village, clock):
    _token, key = issue_token(by=eka, name="skrip", purpose="uji", expires_on=timezone.localdate())
    assert [wrong_token(client).status_code for _time in range(50)] == [401] * 50
    refused = wrong_token(client)
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert 0 < int(refused["Retry-After"]) <= 900
    right = client.get("/api/v1/areas/", headers={"Authorization": f"Bearer {key}"})
    assert right.status_code == 200
    assert wrong_token(client, REMOTE_ADDR="198.51.100.7").status_code == 401
    clock.pass_(minutes=15)
    assert wrong_token(client).status_code == 401


def test_a_token_dies_with_the_role_that_made_it(client, eka, village):
    _token, key = issue_token(by=eka, name="skrip", purpose="uji", expires_on=timezone.localdate())
    eka.role = Role.TKPK_MEMBER
    eka.save()
    answer = client.get("/api/v1/areas/", headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 401


def test_the_page_asks_for_the_password_again_and_not_for_another_site(client, ana):
    answer = client.post(
        "/login/?next=//evil.example/", {"username": "ana", "password": PASSWORD, "next": "//evil.example/"}
    )
    assert answer.url == "/"


@pytest.mark.django_db(transaction=True)
def test_right_passwords_at_once_disturb_each_other_not():
    """Each success clears the count that the others are about to raise."""
    came_in, gate = [], Barrier(4)

    def come():
        gate.wait()
        try:
            for _time in range(10):
                came_in.append(attempt(lambda: True, for_name("ana")))
        finally:
            connections.close_all()

    colleagues = [Thread(target=come) for _each in range(4)]
    for one in colleagues:
        one.start()
    for one in colleagues:
        one.join()
    assert came_in == [True] * 40
