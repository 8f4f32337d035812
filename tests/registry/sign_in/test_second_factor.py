"""Roles that may take names away come in with a code of their own phone, through every door."""

import re
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, connections
from django.urls import get_resolver
from django.utils import timezone

from registry import second_factor
from registry.models import AuditEvent, SecondFactor
from registry.roles import GRANTS, Role
from registry.services import issue_token
from tests import factories
from tests.admin_pages import page, send
from tests.admin_pages import sign_in as staff
from tests.registry.sign_in.conftest import PASSWORD, type_password

pytestmark = pytest.mark.english
VERIFY, SETUP, AREAS = "/account/second-factor/", "/account/second-factor/setup/", "/api/v1/areas/"
NEED_ONE = {
    Role.SOCIAL_OFFICE,
    Role.SECRETARIAT,
    Role.AGENCY_OFFICE,
    Role.AUDITOR,
    Role.SUPERADMIN,
}


@pytest.fixture(autouse=True)
def obligatory(settings, clock):
    settings.SECOND_FACTOR = True


@pytest.fixture
def enrolled(client, fia, code_of, clock):
    """fia with an app, her ten recovery codes, and a session that is over."""
    type_password(client, "fia")
    client.get(SETUP)
    shown = client.post(SETUP, {"code": code_of(fia)})
    fia.recovery = re.findall(r"\d{4}-\d{4}-\d{4}", shown.content.decode())
    client.post("/logout/")
    clock.pass_(seconds=30)
    fia.refresh_from_db()
    return fia


def lands_on(client, address="/programs/"):
    answer = client.get(address)
    return answer.status_code, getattr(answer, "url", "").split("?")[0]


def errors(answer):
    return " ".join(str(error) for each in answer.context["form"].errors.values() for error in each)


def test_the_roles_that_may_take_names_away_need_one():
    assert {role for role in Role if GRANTS[role].exports_names} == NEED_ONE


@pytest.mark.parametrize("role", Role.values)
def test_each_role_is_sent_to_set_up_or_straight_in(client, role, village, agency):
    factories.user("hana", role, area=village, agency=agency)
    type_password(client, "hana")
    status = client.get(AREAS).status_code
    home = client.get("/")
    assert (home.url.startswith(SETUP), status) == ((True, 403) if role in NEED_ONE else (False, 200))


def test_set_up_shows_the_key_as_picture_and_text_and_asks_for_its_code(client, fia, code_of):
    type_password(client, "fia")
    shown = client.get(SETUP).content.decode()
    key = second_factor.typed_key(SecondFactor.objects.get())
    assert 'src="data:image/svg+xml' in shown
    assert key in shown
    assert f"secret={key.replace(' ', '')}" in shown
    assert client.get(SETUP).content.decode().count(key) == 1  # the same after a reload
    codes = client.post(SETUP, {"code": code_of(fia), "next": "/programs/"}).content.decode()
    assert len(set(re.findall(r"\d{4}-\d{4}-\d{4}", codes))) == 10
    assert 'href="/programs/"' in codes
    assert lands_on(client) == (200, "")


def test_a_wrong_code_sets_nothing_up(client, fia, code_of):
    type_password(client, "fia")
    client.get(SETUP)
    wrong = f"{(int(code_of(fia)) + 1) % 1_000_000:06}"
    assert "not the code" in errors(client.post(SETUP, {"code": wrong}, headers={"Accept-Language": "en"}))
    fia.refresh_from_db()
    assert fia.second_factor_at is None
    assert lands_on(client) == (302, SETUP)


def test_an_unconfirmed_key_is_forgotten_after_an_hour(client, fia, clock):
    type_password(client, "fia")
    client.get(SETUP)
    first = SecondFactor.objects.get().key
    clock.pass_(minutes=29)
    client.get(SETUP)
    assert SecondFactor.objects.get().key == first
    SecondFactor.objects.update(made_at=clock.now - timezone.timedelta(hours=1, seconds=1))
    client.get(SETUP)
    assert SecondFactor.objects.get().key != first


def test_another_session_with_the_password_sees_another_key(client, fia, code_of):
    """Or whoever knows the password too would hold the key that the owner is about to confirm."""
    type_password(client, "fia")
    client.get(SETUP)
    first, thief = SecondFactor.objects.get().key, type(client)()
    type_password(thief, "fia")
    assert second_factor.typed_key(SecondFactor.objects.get()) not in thief.get(SETUP).content.decode()
    seen = SecondFactor.objects.get().key
    assert seen != first
    assert "not the code" in errors(client.post(SETUP, {"code": code_of(fia)}))
    assert SecondFactor.objects.get().key not in (first, seen)
    assert client.post(SETUP, {"code": code_of(fia)}).status_code == 200
    fia.refresh_from_db()
    assert fia.second_factor_at is not None


def test_after_the_password_comes_the_code(client, enrolled, code_of):
    type_password(client, "fia")
    assert lands_on(client) == (302, VERIFY)
    answer = client.post(VERIFY, {"code": code_of(enrolled), "next": "/programs/"})
    assert answer.url == "/programs/"
    assert lands_on(client) == (200, "")
    verbs = list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["sign_in", "set_up_second_factor", "sign_out", "sign_in", "second_factor"]


def test_the_code_page_sends_nobody_to_another_site(client, enrolled, code_of):
    type_password(client, "fia")
    assert client.post(VERIFY, {"code": code_of(enrolled), "next": "https://evil.example/"}).url == "/"


def test_the_session_gets_a_new_key_with_the_code(client, enrolled, code_of):
    """Or whoever had planted the old one would come in too."""
    type_password(client, "fia")
    before = client.session.session_key
    client.post(VERIFY, {"code": code_of(enrolled)})
    assert client.session.session_key != before


@pytest.mark.django_db(transaction=True)
def test_a_code_is_good_once_even_for_two_at_the_same_time(fia, code_of):
    second_factor.new_factor(fia)
    SecondFactor.objects.update(is_confirmed=True)
    code, taken, gate = code_of(fia), [], Barrier(4)

    def type_it():
        gate.wait()
        try:
            taken.append(second_factor.verify(user=fia, code=code))
        finally:
            connections.close_all()

    thieves = [Thread(target=type_it) for _each in range(4)]
    for thief in thieves:
        thief.start()
    for thief in thieves:
        thief.join()
    assert sorted(taken) == [False, False, False, True]


def test_a_code_is_good_once(client, enrolled, code_of):
    code = code_of(enrolled)
    type_password(client, "fia")
    assert client.post(VERIFY, {"code": code}).status_code == 302
    type_password(client, "fia")
    assert lands_on(client) == (302, VERIFY)
    assert client.post(VERIFY, {"code": code}).status_code == 200
    assert lands_on(client) == (302, VERIFY)


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(-90, False), (-30, True), (0, True), (30, True), (90, False)]
)
def test_a_phones_clock_may_be_half_a_minute_wrong(client, enrolled, code_of, clock, seconds, is_taken):
    clock.pass_(minutes=10, seconds=seconds)
    code = code_of(enrolled)
    clock.pass_(seconds=-seconds)
    type_password(client, "fia")
    assert (client.post(VERIFY, {"code": code}).status_code == 302) is is_taken


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "١٢٣٤٥٦", "0" * 12, "0000-0000-0000", "1" * 21])
def test_what_is_no_code_is_refused(client, enrolled, typed):
    type_password(client, "fia")
    assert client.post(VERIFY, {"code": typed}).status_code == 200
    assert lands_on(client) == (302, VERIFY)


def test_codes_are_guessed_no_faster_than_passwords(client, enrolled, code_of, clock):
    type_password(client, "fia")
    wrong = {"code": f"{(int(code_of(enrolled)) + 7) % 1_000_000:06}"}
    for _time in range(5):
        client.post(VERIFY, wrong)
    code = {"code": code_of(enrolled)}
    assert "Too many" in errors(client.post(VERIFY, code, headers={"Accept-Language": "en"}))
    for _time in range(60):
        client.post(VERIFY, {"code": f"{(int(code_of(enrolled)) + 7) % 1_000_000:06}"})
        clock.pass_(seconds=10)
    assert AuditEvent.objects.filter(verb="second_factor_failed").count() == 10
    assert AuditEvent.objects.filter(verb="sign_in_locked").exists()
    assert client.post(VERIFY, {"code": code_of(enrolled)}).status_code == 200


def test_a_new_password_session_does_not_free_the_guesses(client, enrolled, code_of):
    type_password(client, "fia")
    for _time in range(5):
        client.post(VERIFY, {"code": "0" * 6 if code_of(enrolled) != "0" * 6 else "1" * 6})
    client.post("/logout/")
    type_password(client, "fia")
    assert client.post(VERIFY, {"code": code_of(enrolled)}).status_code == 200


def test_a_recovery_code_stands_in_once(client, enrolled):
    code, other = enrolled.recovery[:2]
    type_password(client, "fia")
    assert client.post(VERIFY, {"code": code}).status_code == 302
    assert second_factor.recovery_codes_left(enrolled) == 9
    assert AuditEvent.objects.latest("pk").details == {"way": "recovery_code"}
    type_password(client, "fia")
    assert client.post(VERIFY, {"code": code}).status_code == 200
    assert client.post(VERIFY, {"code": other.replace("-", " ")}).status_code == 302


def test_another_users_recovery_code_is_none(client, enrolled, gus, code_of):
    type_password(client, "gus")
    client.get(SETUP)
    client.post(SETUP, {"code": code_of(gus)})
    type_password(client, "gus")
    assert client.post(VERIFY, {"code": enrolled.recovery[0]}).status_code == 200


def test_recovery_codes_are_kept_as_hashes_only(enrolled):
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM registry_secondfactor t")
        (row,) = cursor.fetchone()
    assert not any(code.replace("-", "") in row or code in row for code in enrolled.recovery)


def test_new_recovery_codes_void_the_old_ones(client, enrolled, code_of, clock):
    type_password(client, "fia")
    client.post(VERIFY, {"code": code_of(enrolled)})
    assert client.get("/account/recovery-codes/").status_code == 405
    shown = client.post("/account/recovery-codes/", {"password": PASSWORD}).content.decode()
    fresh = re.findall(r"\d{4}-\d{4}-\d{4}", shown)
    assert len(set(fresh) - set(enrolled.recovery)) == 10
    type_password(client, "fia")
    assert client.post(VERIFY, {"code": enrolled.recovery[0]}).status_code == 200
    assert client.post(VERIFY, {"code": fresh[0]}).status_code == 302


def test_the_password_alone_sets_up_no_other_phone(client, enrolled, code_of):
    """Otherwise a stolen password would bring its own second factor."""
    type_password(client, "fia")
    assert lands_on(client, SETUP) == (302, VERIFY)
    answer = client.post(SETUP, {"code": code_of(enrolled)})
    assert (answer.status_code, answer.url.split("?")[0]) == (302, VERIFY)
    assert SecondFactor.objects.filter(user=enrolled).count() == 1


@pytest.mark.parametrize("name", ["password", "recovery-codes", ""])
def test_the_password_alone_opens_no_page_of_the_account(client, enrolled, name):
    type_password(client, "fia")
    address = f"/account/{name}/" if name else "/account/"
    new = {"old_password": PASSWORD, "new_password1": "Jembatan tua 77", "new_password2": "Jembatan tua 77"}
    assert client.post(address, new).url.startswith(VERIFY)
    enrolled.refresh_from_db()
    assert enrolled.check_password(PASSWORD)


def test_a_verified_session_moves_to_a_new_phone(client, enrolled, code_of, clock):
    type_password(client, "fia")
    client.post(VERIFY, {"code": code_of(enrolled)})
    old = SecondFactor.objects.get()
    client.get(SETUP)
    new = SecondFactor.objects.get(is_confirmed=False)
    clock.pass_(seconds=30)
    assert SecondFactor.objects.filter(is_confirmed=True).get() == old
    app = second_factor.TOTP(bytes.fromhex(new.key))
    app.time = clock.now.timestamp()
    code = {"code": f"{app.token():06}"}
    for wrong in ({}, {"password": "wrong"}):
        assert client.post(SETUP, code | wrong).status_code == 200
        assert SecondFactor.objects.get(is_confirmed=True) == old
    assert client.post(SETUP, code | {"password": PASSWORD}).status_code == 200
    assert SecondFactor.objects.get() == new
    assert lands_on(client) == (200, "")


@pytest.mark.parametrize("address", [SETUP, "/account/recovery-codes/"])
def test_an_open_session_is_no_way_to_guess_its_password_here_either(client, enrolled, code_of, address):
    type_password(client, "fia")
    client.post(VERIFY, {"code": code_of(enrolled)})
    hashes = SecondFactor.objects.get(is_confirmed=True).recovery_hashes
    for _time in range(6):
        answer = client.post(address, {"password": "wrong", "code": "000000"})
    assert "Too many" in errors(answer)
    answer = client.post(address, {"password": PASSWORD, "code": "000000"})
    assert not re.search(r"\d{4}-\d{4}-\d{4}", answer.content.decode())
    assert SecondFactor.objects.get(is_confirmed=True).recovery_hashes == hashes
    assert AuditEvent.objects.filter(verb="sign_in_failed").count() == 5


def test_every_page_but_the_way_itself_is_closed_until_the_code(client, enrolled, household):
    """All of the site's own addresses, whatever is added to them later."""
    type_password(client, "fia")
    open_pages = set()
    for address in addresses():
        answer = client.get(address)
        if answer.status_code not in (302, 403, 405) or (
            answer.status_code == 302 and not answer.url.startswith(VERIFY)
        ):
            open_pages.add(address)
    assert open_pages == {
        VERIFY,
        "/login/",
        "/healthz",
        "/readyz",
        "/language/",
        "/notice/",
        "/admin/login/",
    }


def addresses():
    """Every route of the site, each argument filled with 1."""

    def walk(patterns, prefix):
        for pattern in patterns:
            route = prefix + re.sub(r"\(\?P<[^>]+>[^)]*\)|<[^>]+>", "1", str(pattern.pattern))
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, route)
            else:
                yield "/" + re.sub(r"[\^$\\?]|\(.*?\)", "", route)

    return sorted(set(walk(get_resolver().url_patterns, "")))


def test_the_api_tells_a_session_without_the_code_so(client, enrolled):
    type_password(client, "fia")
    answer = client.get(AREAS)
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["code"] == "second_factor"


def test_a_token_is_not_asked(client, eka, village):
    _token, key = issue_token(by=eka, name="skrip", purpose="uji", expires_on=timezone.localdate())
    assert client.get(AREAS, headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_token_is_made_in_a_verified_session_only(client, eka):
    type_password(client, "eka")
    assert lands_on(client, "/access/new/") == (302, SETUP)


def test_who_need_not_may_and_is_asked_from_then_on(client, ana, code_of, clock):
    type_password(client, "ana")
    assert lands_on(client, "/households/") == (200, "")
    client.get(SETUP)
    client.post(SETUP, {"code": code_of(ana)})
    clock.pass_(seconds=30)
    type_password(client, "ana")
    assert lands_on(client, "/households/") == (302, VERIFY)
    client.post(VERIFY, {"code": code_of(ana)})
    assert lands_on(client, "/households/") == (200, "")


def test_signing_out_and_the_other_language_are_always_open(client, enrolled):
    type_password(client, "fia")
    assert client.post("/language/", {"language": "en", "next": VERIFY}).url == VERIFY
    assert client.post("/logout/").url == "/login/"


def verified(user, code_of):
    """A member of staff who has passed both steps."""
    browser = staff(user)
    browser.get(SETUP)
    browser.post(SETUP, {"code": code_of(user)})
    return browser


def test_the_administrator_takes_a_lost_one_away(client, enrolled, gus, code_of):
    type_password(client, "fia")
    client.post(VERIFY, {"code": code_of(enrolled)})
    office = verified(gus, code_of)
    send(office, page("registry_user_change", enrolled.pk), reset_second_factor="on")
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.by, event.subject) == ("reset_second_factor", gus, f"user:{enrolled.pk}")
    assert lands_on(client) == (302, "/login/")
    type_password(client, "fia")
    assert lands_on(client) == (302, SETUP)


def test_the_administrator_unlocks_wrong_codes_too(client, enrolled, gus, code_of):
    type_password(client, "fia")
    for _time in range(5):
        client.post(VERIFY, {"code": "0" * 6 if code_of(enrolled) != "0" * 6 else "1" * 6})
    assert client.post(VERIFY, {"code": code_of(enrolled)}).status_code == 200
    send(verified(gus, code_of), page("registry_user_change", enrolled.pk), unlock="on")
    assert client.post(VERIFY, {"code": code_of(enrolled)}).status_code == 302


def test_nobody_takes_their_own_away_in_the_forms(gus, code_of):
    office, url = verified(gus, code_of), page("registry_user_change", gus.pk)
    assert "reset_second_factor" not in office.get(url).content.decode()
    send(office, url, reset_second_factor="on", unlock="on")
    assert SecondFactor.objects.filter(user=gus, is_confirmed=True).exists()


def test_the_only_administrator_is_let_in_from_the_server(client, enrolled):
    with pytest.raises(CommandError):
        call_command("reset_second_factor", "nobody", why="lost")
    call_command("reset_second_factor", "fia", why="phone lost, asked for in person")
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.by, event.why) == (
        "reset_second_factor",
        None,
        "phone lost, asked for in person",
    )
    type_password(client, "fia")
    assert lands_on(client) == (302, SETUP)


def test_a_user_has_one_confirmed_factor(enrolled):
    with pytest.raises(IntegrityError):
        SecondFactor.objects.create(user=enrolled, key_sealed=b"x", is_confirmed=True)


def test_the_key_rests_sealed(enrolled):
    factor = SecondFactor.objects.get()
    assert bytes.fromhex(factor.key) not in bytes(factor.key_sealed)
    assert factor.key.encode() not in bytes(factor.key_sealed)


def test_the_key_is_on_no_page_but_the_one_that_gives_it(client, enrolled, code_of):
    key = second_factor.typed_key(SecondFactor.objects.get())
    type_password(client, "fia")
    client.post(VERIFY, {"code": code_of(enrolled)})
    for address in (SETUP, "/account/", VERIFY):
        assert key not in client.get(address, follow=True).content.decode()


def test_switched_off_nothing_is_asked(client, enrolled, settings):
    settings.SECOND_FACTOR = False
    type_password(client, "fia")
    assert lands_on(client) == (200, "")
