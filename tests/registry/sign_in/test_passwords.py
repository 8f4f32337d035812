"""The rules of BSSN by default, those of ASVS by a setting, and sentences that say what is wrong."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from registry.models import AuditEvent, FormerPassword, User
from registry.passwords import (
    CharacterKindsValidator,
    ContextWordsValidator,
    LengthValidator,
    must_choose_password,
)
from registry.roles import Role
from registry.services import issue_token
from tests.admin_pages import page, send
from tests.admin_pages import sign_in as staff
from tests.registry.sign_in.conftest import PASSWORD, type_password

pytestmark = pytest.mark.english
ROOT = Path(__file__).resolve().parent.parent.parent.parent
GOOD = "Jembatan tua 77"


def refusals(password, user=None):
    try:
        validate_password(password, user)
    except ValidationError as refused:
        return {error.code for error in refused.error_list}
    return set()


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        (GOOD, set()),
        ("Perahu-merah-9", set()),
        ("Aa1! ünïcödé 界", set()),
        ("Ab1 " * 32, set()),
        ("Ab1 " * 32 + "x", {"password_length"}),
        ("Perahu-me-9", {"password_length"}),
        ("perahu merah 9", {"password_kinds"}),
        ("PERAHU MERAH 9", {"password_kinds"}),
        ("Perahu merah dua", {"password_kinds"}),
        ("PerahuMerah99", {"password_kinds"}),
        ("Simpul-merah-9", {"password_context"}),
        ("$1mpul-Merah-9", {"password_context"}),
        ("Ke KuK4r saja 9", {"password_context"}),
        ("Tenggarong #2026", {"password_context"}),
        ("password1234", {"password_kinds", "password_too_common"}),
    ],
)
def test_the_rules_of_bssn(password, codes):
    assert refusals(password) >= codes
    assert bool(refusals(password)) is bool(codes)


def test_the_place_of_the_installation_and_the_own_name_are_guessed_first(settings, db):
    settings.PLACE = "Kota Bontang"
    assert refusals("Di Bontang 1 rumah") == {"password_context"}
    assert refusals("Kota mana 1 rumah?") == set()
    assert "password_context" in refusals("xx Pelangi 99 yy", User(username="pelangi.12"))
    assert refusals("xx Pelangi 99 yy", User(username="ana")) == set()


def test_each_refusal_says_what_is_missing():
    with pytest.raises(ValidationError, match=r"a capital letter, a digit, a symbol"):
        CharacterKindsValidator().validate("perahumerahtua")
    with pytest.raises(ValidationError, match="tenggarong"):
        ContextWordsValidator().validate("Tenggarong #2026")


@given(st.text(min_size=1, max_size=200))
def test_only_the_length_decides_about_length(password):
    rule = LengthValidator(shortest=12, longest=128)
    if 12 <= len(password) <= 128:
        assert rule.validate(password) is None
    else:
        with pytest.raises(ValidationError):
            rule.validate(password)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=4, max_size=40))
def test_the_four_kinds_are_independent(password):
    lacks = [
        not any(map(str.isupper, password)),
        not any(map(str.islower, password)),
        not any(map(str.isdigit, password)),
        all(map(str.isalnum, password)),
    ]
    if any(lacks):
        with pytest.raises(ValidationError) as refused:
            CharacterKindsValidator().validate(password)
        assert refused.value.message.count(",") == sum(lacks) - 1
    else:
        assert CharacterKindsValidator().validate(password) is None


def test_the_last_five_are_not_chosen_again(ana):
    chosen = [f"Perahu merah {number}!" for number in range(7)]
    for password in chosen:
        assert refusals(password, ana) == set()
        ana.set_password(password)
        ana.save()
    assert [refusals(password, ana) for password in chosen] == [set()] * 2 + [{"password_former"}] * 5
    assert FormerPassword.objects.filter(user=ana).count() == 5


def test_the_present_one_is_not_chosen_again_even_without_history(ana):
    FormerPassword.objects.all().delete()
    ana.set_password(GOOD)
    User.objects.filter(pk=ana.pk).update(password=ana.password)
    assert refusals(GOOD, User.objects.get(pk=ana.pk)) == {"password_former"}


def test_the_history_is_one_users_own(ana, ben):
    ben.set_password(GOOD)
    ben.save()
    assert refusals(GOOD, ana) == set()


def test_a_password_lives_half_a_year(client, ana, clock):
    clock.pass_(days=179, hours=23)
    assert not must_choose_password(ana)
    type_password(client, "ana")
    assert client.get("/households/").status_code == 200
    clock.pass_(hours=1)
    type_password(client, "ana")
    answer = client.get("/households/?status=poor")
    assert answer.url == "/account/password/?next=/households/%3Fstatus%3Dpoor"
    assert client.get("/api/v1/areas/").json()["code"] == "password_expired"
    new = {"old_password": PASSWORD, "new_password1": GOOD, "new_password2": GOOD}
    assert client.post("/account/password/", new | {"next": "/households/"}).url == "/households/"
    assert client.get("/households/").status_code == 200


def test_the_page_of_a_due_password_offers_no_other(client, ana, clock):
    clock.pass_(days=181)
    type_password(client, "ana")
    shown = client.get("/account/password/").content.decode()
    assert "notice-warning" in shown
    assert "/households/" not in shown
    assert client.post("/logout/").status_code == 302


def test_what_the_administrator_thought_of_is_good_for_one_sign_in(client, gus, village):
    new = {"username": "hana", "password1": GOOD, "password2": GOOD, "role": Role.VILLAGE_OPERATOR}
    assert send(staff(gus), page("registry_user_add"), **new, area=village.code).status_code == 302
    type_password(client, "hana", GOOD)
    assert client.get("/households/").url.startswith("/account/password/")


def test_so_is_a_reset_one(client, gus, ana):
    staff(gus).post(f"/admin/registry/user/{ana.pk}/password/", {"password1": GOOD, "password2": GOOD})
    type_password(client, "ana", GOOD)
    assert client.get("/households/").url.startswith("/account/password/")


def test_so_is_one_set_on_the_server(client, eka, monkeypatch):
    _token, key = issue_token(by=eka, name="skrip", purpose="uji", expires_on=timezone.localdate())
    monkeypatch.setattr("getpass.getpass", lambda prompt: GOOD)
    call_command("changepassword", "eka")
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.by, event.subject) == ("set_password", None, f"user:{eka.pk}")
    type_password(client, "eka", GOOD)
    assert client.get("/programs/").url.startswith("/account/password/")
    bearer = type(client)(headers={"Authorization": f"Bearer {key}"})
    assert bearer.get("/api/v1/areas/").status_code == 401


def test_the_administrators_own_password_is_changed_where_the_old_one_is_asked(gus):
    office = staff(gus)
    for address in (f"/admin/registry/user/{gus.pk}/password/", "/admin/password_change/"):
        assert office.post(address, {"password1": GOOD, "password2": GOOD}).url == "/account/password/"
    gus.refresh_from_db()
    assert gus.check_password(PASSWORD)


def test_the_first_administrators_password_is_her_own(db, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", GOOD)
    call_command("createsuperuser", "--no-input", "--username", "kepala", "--email", "")
    assert not must_choose_password(User.objects.get(username="kepala"))


def test_the_demo_asks_for_none_of_this(ana, settings, clock):
    clock.pass_(days=400)
    User.objects.update(password_chosen_at=None)
    ana.refresh_from_db()
    assert must_choose_password(ana)
    settings.IS_DEMO = True
    assert not must_choose_password(ana)


def test_without_a_longest_life_a_password_stays(ana, settings, clock):
    settings.PASSWORD_LONGEST_LIFE = None
    clock.pass_(days=4000)
    assert not must_choose_password(ana)


def settings_of(**environment):
    """As another process reads them."""
    shown = (
        "from registry import settings as s; "
        "print(s.PASSWORD_LONGEST_LIFE, s.SECOND_FACTOR, "
        "*[v['NAME'].rpartition('.')[2] for v in s.AUTH_PASSWORD_VALIDATORS])"
    )
    unset = {name: value for name, value in os.environ.items() if not name.startswith("SIMPUL_")}
    answer = subprocess.run(
        [sys.executable, "-c", shown],
        env=unset | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout + answer.stderr


PRODUCTION = {
    "SIMPUL_MODE": "production",
    "SIMPUL_SECRET_KEY": "a-key-of-our-own-" * 4,
    "SIMPUL_KEY_FILE": "/not/read/by/the/settings",
}


def test_production_follows_bssn_and_asvs_when_asked():
    bssn = settings_of(**PRODUCTION)
    assert "CharacterKindsValidator" in bssn
    assert "FormerPasswordsValidator" in bssn
    assert bssn.startswith(f"{timedelta(days=180)} True")
    asvs = settings_of(**PRODUCTION, SIMPUL_PASSWORD_RULES="asvs")
    assert asvs.startswith("None True")
    assert "CharacterKinds" not in asvs
    assert "FormerPasswords" not in asvs
    assert "ContextWordsValidator" in asvs
    assert "must be bssn or asvs" in settings_of(**PRODUCTION, SIMPUL_PASSWORD_RULES="none")


def test_the_second_factor_cannot_be_switched_off_in_production():
    assert " True " in settings_of(**PRODUCTION, SIMPUL_SECOND_FACTOR="0")
    assert " False " in settings_of(SIMPUL_MODE="demo")
    assert " True " in settings_of(SIMPUL_MODE="demo", SIMPUL_SECOND_FACTOR="1")
