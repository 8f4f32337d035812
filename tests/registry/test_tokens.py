"""Tokens: kept as a hash, bound to an agency and a purpose, good as Bearer and as Basic, and over in time."""

import re
from base64 import b64encode
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from registry.audit import log_reading
from registry.errors import Conflict
from registry.models import ApiToken, AuditEvent, Shown, User
from registry.roles import Role
from registry.services import issue_token, revoke_token
from tests import factories
from tests.admin_pages import page, send, sign_in

AREAS = "/api/v1/areas/"


@pytest.fixture(autouse=True)
def fresh_rates():
    cache.clear()


@pytest.fixture
def token(eka):
    return issue_token(
        by=eka, name="excel-rumah", purpose="Verifikasi lapangan", expires_on=timezone.localdate()
    )


def basic(name, key):
    return "Basic " + b64encode(f"{name}:{key}".encode()).decode()


def get(client, authorization):
    return client.get(AREAS, headers={"Authorization": authorization})


def test_only_the_hash_of_a_key_is_kept(token):
    stored, key = token
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(t)::text FROM registry_apitoken t WHERE id = %s", [stored.pk])
        (row,) = cursor.fetchone()
    assert key not in row
    assert ApiToken.digest_of(key) in row
    event = AuditEvent.objects.get(verb="issue_token")
    assert key not in str(event.details)
    assert event.details["purpose"] == "Verifikasi lapangan"


def test_a_bearer_token_opens_the_api(client, token):
    assert get(client, f"Bearer {token[1]}").status_code == 200


def test_excel_gets_in_after_it_is_asked_for_basic(client, token):
    """As "From Web" does it: first without credentials, then with name and key as Basic asks."""
    first = client.get(AREAS)
    assert first.status_code == 401
    assert "Basic" in first["WWW-Authenticate"]
    assert get(client, basic("excel-rumah", token[1])).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    [
        "Bearer",
        "Bearer simpul_wrong",
        "Bearer \xe9",
        "Basic",
        "Basic !!!",
        "Basic " + b64encode(b"no colon").decode(),
        "Basic " + b64encode(b"\xff\xfe:x").decode(),
        basic("excel-rumah", "simpul_wrong"),
        basic("eka", "a long password"),
    ],
)
def test_wrong_credentials_are_401_and_asked_for_again(client, token, authorization):
    answer = get(client, authorization)
    assert answer.status_code == 401
    assert "Basic" in answer["WWW-Authenticate"]


def test_another_tokens_name_does_not_go_with_the_key(client, token):
    assert get(client, basic("excel-lain", token[1])).status_code == 401


def test_a_token_works_to_the_end_of_its_last_day(client, token):
    stored, key = token
    ApiToken.objects.filter(pk=stored.pk).update(expires_on=timezone.localdate() - timedelta(days=1))
    assert get(client, f"Bearer {key}").status_code == 401


def test_a_revoked_token_is_refused_at_once(client, token, eka):
    stored, key = token
    revoke_token(token=stored, by=eka)
    assert get(client, f"Bearer {key}").status_code == 401
    assert AuditEvent.objects.filter(verb="revoke_token", subject=f"apitoken:{stored.pk}").exists()


def test_a_token_of_an_inactive_user_is_refused(client, token, eka):
    eka.is_active = False
    eka.save()
    assert get(client, f"Bearer {token[1]}").status_code == 401


def test_a_token_of_a_user_who_moved_to_another_agency_is_refused(client, token, eka, other_agency):
    eka.agency = other_agency
    eka.save()
    assert get(client, f"Bearer {token[1]}").status_code == 401


@pytest.mark.parametrize(
    ("column", "meanwhile"),
    [("is_active", False), ("role", Role.TKPK_MEMBER), ("agency_id", None), ("area_id", "64.02.06.1001")],
)
@pytest.mark.parametrize("door", ["save", "update"])
def test_a_right_given_back_does_not_revive_a_token(
    client, token, eka, other_agency, village, column, meanwhile, door
):
    before = getattr(eka, column)
    for value in (other_agency.pk if column == "agency_id" else meanwhile, before):
        if door == "save":
            setattr(eka, column, value)
            eka.save()
        else:
            User.objects.filter(pk=eka.pk).update(**{column: value})
    assert get(client, f"Bearer {token[1]}").status_code == 401
    token[0].refresh_from_db()
    assert token[0].revoked_at
    _later, key = issue_token(by=eka, name="baru", purpose="uji", expires_on=timezone.localdate())
    assert get(client, f"Bearer {key}").status_code == 200


def test_another_name_revokes_no_token(client, token, eka):
    eka.first_name = "Eka"
    eka.save()
    assert get(client, f"Bearer {token[1]}").status_code == 200


def test_a_second_factor_taken_away_revokes_the_tokens(client, token, eka, gus):
    """Whoever had stolen the phone may have made them."""
    send(sign_in(gus), page("registry_user_change", eka.pk), reset_second_factor="on")
    assert get(client, f"Bearer {token[1]}").status_code == 401


def test_a_password_from_somebody_else_revokes_the_tokens_and_an_own_one_does_not(client, token, eka, gus):
    client.force_login(eka)
    new = {"new_password1": "Jembatan tua 77", "new_password2": "Jembatan tua 77"}
    assert client.post("/account/password/", new | {"old_password": "a long password"}).status_code == 302
    assert get(client, f"Bearer {token[1]}").status_code == 200
    given = {"password1": "Perahu merah 99", "password2": "Perahu merah 99"}
    assert sign_in(gus).post(f"/admin/registry/user/{eka.pk}/password/", given).status_code == 302
    assert get(client, f"Bearer {token[1]}").status_code == 401


def test_the_administrator_revokes_all_tokens_of_a_user(client, token, eka, gus):
    office, url = sign_in(gus), page("registry_user_change", eka.pk)
    form = office.get(url).context["adminform"]
    assert form.model_admin.open_tokens(eka) == "1"
    send(office, url, revoke_tokens="on")
    assert get(client, f"Bearer {token[1]}").status_code == 401
    assert form.model_admin.open_tokens(eka) == "0"
    event = AuditEvent.objects.latest("pk")
    assert (event.verb, event.by, event.subject) == ("revoke_tokens", gus, f"user:{eka.pk}")
    assert event.details == {"tokens": [token[0].pk]}


def test_who_only_reads_users_revokes_no_token(client, token, eka, chi):
    office, url = sign_in(chi), page("registry_user_change", eka.pk)
    assert "revoke_tokens" not in office.get(url).content.decode()
    assert office.post(url, {"revoke_tokens": "on"}).status_code == 403
    assert get(client, f"Bearer {token[1]}").status_code == 200


def test_the_use_of_a_token_is_noted_once_a_minute(client, token, django_assert_num_queries):
    stored, key = token
    get(client, f"Bearer {key}")
    stored.refresh_from_db()
    assert timezone.now() - stored.last_used_at < timedelta(minutes=1)
    with django_assert_num_queries(2):  # the token, the areas
        get(client, f"Bearer {key}")
    earlier = timezone.now() - timedelta(minutes=1)
    ApiToken.objects.filter(pk=stored.pk).update(last_used_at=earlier)
    get(client, f"Bearer {key}")
    stored.refresh_from_db()
    assert stored.last_used_at > earlier


@pytest.mark.parametrize(("days", "is_issued"), [(-1, False), (0, True), (366, True), (367, False)])
def test_a_token_lasts_a_year_at_most(eka, days, is_issued):
    day = timezone.localdate() + timedelta(days=days)
    if is_issued:
        assert issue_token(by=eka, name="skrip", purpose="uji", expires_on=day)
    else:
        with pytest.raises(Conflict) as refused:
            issue_token(by=eka, name="skrip", purpose="uji", expires_on=day)
        assert refused.value.code == "expiry"


def test_two_working_tokens_do_not_share_a_name(eka, token):
    with pytest.raises(Conflict):
        issue_token(by=eka, name="excel-rumah", purpose="lain", expires_on=timezone.localdate())
    revoke_token(token=token[0], by=eka)
    assert issue_token(by=eka, name="excel-rumah", purpose="lain", expires_on=timezone.localdate())


def test_who_has_no_agency_gets_no_token(fia):
    with pytest.raises(PermissionDenied):
        issue_token(by=fia, name="skrip", purpose="uji", expires_on=timezone.localdate())


def test_the_key_is_shown_once_with_examples_to_copy(client, eka):
    client.force_login(eka)
    day = timezone.localdate() + timedelta(days=30)
    form = {"name": "excel", "purpose": "Verifikasi", "expires_on": f"{day:%d/%m/%Y}"}
    page = client.post("/access/new/", form).content.decode()
    (key,) = set(re.findall(r"simpul_[\w-]{43}", page))
    assert ApiToken.objects.get().digest == ApiToken.digest_of(key)
    assert "http://testserver/api/v1/areas/" in page
    for language in ("curl", "Excel", "Python", "PHP", "Power Query"):
        assert language in page
    listed = client.get("/access/").content.decode()
    assert key not in listed
    assert "Verifikasi" in listed


def test_a_form_with_a_date_too_far_says_so(client, eka):
    client.force_login(eka)
    form = {"name": "excel", "purpose": "Verifikasi", "expires_on": "01/01/2099"}
    assert "error-summary" in client.post("/access/new/", form).content.decode()
    assert not ApiToken.objects.exists()


def test_revoking_asks_before_it_acts(client, token, eka):
    stored, _key = token
    client.force_login(eka)
    address = f"/access/{stored.pk}/revoke/"
    assert stored.name in client.get(address).content.decode()
    assert ApiToken.objects.usable().count() == 1
    assert client.post(address).status_code == 302
    assert not ApiToken.objects.usable().exists()
    assert client.post(address).status_code == 404


def test_a_colleagues_tokens_are_neither_shown_nor_revoked(client, token, agency):
    """Nor what was read with them: they answer for it, and the auditors see it."""
    theirs = token[0]
    log_reading(
        user=theirs.user,
        route="api-target-row-list",
        purpose=theirs.purpose,
        shown=Shown.TARGET,
        household_ids=[1],
        token=theirs,
    )
    colleague = factories.user("eko", Role.AGENCY_OFFICE, agency=agency)
    client.force_login(colleague)
    context = client.get("/access/").context
    assert (context["tokens"], list(context["readings"])) == ([], [])
    with pytest.raises(PermissionDenied):
        revoke_token(token=theirs, by=colleague)
    client.force_login(theirs.user)
    context = client.get("/access/").context
    assert [each["token"] for each in context["tokens"]] == [theirs]
    assert [reading.token for reading in context["readings"]] == [theirs]


def test_another_offices_token_is_not_found(client, token, other_agency):
    client.force_login(factories.user("emi", Role.AGENCY_OFFICE, agency=other_agency))
    assert client.post(f"/access/{token[0].pk}/revoke/").status_code == 404
    assert ApiToken.objects.usable().count() == 1


@pytest.mark.parametrize("address", ["/access/", "/access/new/"])
def test_who_reads_no_target_lists_has_no_api_access_page(client, dee, address):
    client.force_login(dee)
    assert client.get(address).status_code == 403


def test_the_list_of_ten_tokens_costs_what_one_costs(client, eka, django_assert_max_num_queries):
    for number in range(10):
        issue_token(by=eka, name=f"skrip-{number}", purpose="uji", expires_on=date.today())
    client.force_login(eka)
    with django_assert_max_num_queries(4):  # session, user, tokens, readings
        client.get("/access/")
