"""What every answer carries, whoever asks and whatever the answer is; and what production adds to it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from registry import embedded_postgres
from registry.headers import ADMIN, OWN_PAGES, PERMISSIONS
from registry.roles import Role
from tests.registry.test_embedded_postgres import own_cluster
from tests.security.walk import addresses, unnamed

ROOT = Path(__file__).resolve().parent.parent.parent
EXPECTED = {
    "Content-Security-Policy": OWN_PAGES,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FEATURES = (
    "geolocation=(self), camera=(), microphone=(), display-capture=(), payment=(), usb=(), serial=(), "
    "hid=(), midi=(), accelerometer=(), gyroscope=(), magnetometer=(), browsing-topics=()"
)
INSIDE = re.compile(
    rf"ZeroDivision|division by zero|Traceback|\w+\.py\b|site-packages|{re.escape(str(ROOT))}"
)
NOBODY = ""
UNUSUAL = ["/no-such-page/", "/households/?no_such_parameter=1", "/api/v1/no-such-thing/", "/admin/nothing/"]


def words(header: str) -> set[str]:
    return {word.strip() for word in header.split(",")}


def wrong_headers(answer) -> dict[str, str | None]:
    """The headers of ``answer`` that are not as they should be."""
    match = answer.wsgi_request.resolver_match
    is_admin = bool(match and match.namespace == "admin")
    expected = EXPECTED | ({"Content-Security-Policy": ADMIN} if is_admin else {})
    got = {name: answer.headers.get(name) for name in expected}
    wrong = {name: value for name, value in got.items() if value != expected[name]}
    for name, wanted in (("Cache-Control", {"no-store", "private"}), ("Vary", {"Cookie", "Authorization"})):
        if not wanted <= words(answer.headers.get(name, "")):
            wrong[name] = answer.headers.get(name)
    if not answer.headers.get("X-Request-ID"):
        wrong["X-Request-ID"] = None
    return wrong


@pytest.mark.parametrize("role", [NOBODY, Role.VILLAGE_OPERATOR, Role.AGENCY_OFFICE, Role.SUPERADMIN])
def test_every_address_carries_every_header(world, role):
    wrong, codes = {}, set()
    for address in addresses():
        client = world.client(role)  # anew: one of the addresses signs out
        for method in (client.get, client.post):
            answer = method(address.url(world.known))
            codes.add(answer.status_code)
            if found := wrong_headers(answer):
                wrong[f"{method.__name__} {address.name}"] = found
    assert wrong == {}
    allowed = {NOBODY: {401}, Role.SUPERADMIN: set()}.get(role, {403})
    assert {200, 302, 405} | allowed <= codes


@pytest.mark.parametrize("role", [NOBODY, Role.SUPERADMIN])
def test_an_answer_that_no_view_gave_carries_them_too(world, role):
    client = world.client(role)
    answers = [client.get(path) for path in UNUSUAL]
    answers.append(client.get("/households/", headers={"host": "elsewhere.example"}))
    assert {answer.status_code for answer in answers} <= {302, 400, 404}
    assert [wrong_headers(answer) for answer in answers] == [{}] * len(answers)


@pytest.mark.parametrize(
    ("path", "breaks"),
    [
        ("/households/", "households.views.households.HouseholdFilter.qs"),
        ("/admin/households/household/", "households.admin.people.HouseholdAdmin.get_queryset"),
        ("/api/v1/households/", "households.api.viewsets.HouseholdViewSet.get_queryset"),
    ],
)
def test_a_failure_carries_them_too_and_tells_nothing_of_the_inside(world, monkeypatch, path, breaks):
    client = world.client(Role.VILLAGE_OPERATOR)
    client.raise_request_exception = False
    monkeypatch.setattr(breaks, property(lambda self: 1 / 0))
    answer = client.get(path)
    assert answer.status_code == 500
    assert wrong_headers(answer) == {}
    said = answer.content.decode() + str(answer.headers)
    assert INSIDE.findall(said) == []


@pytest.mark.parametrize(
    "path",
    [
        "css/app.css",
        "img/favicon.svg",
        "drf_spectacular_sidecar/swagger-ui-dist/oauth2-redirect.html",
    ],
)
def test_a_static_file_carries_them_too_and_is_for_our_own_pages(client, settings, path):
    """It is answered before most of the middleware; a package's HTML is a page like any other."""
    settings.WHITENOISE_USE_FINDERS = settings.WHITENOISE_AUTOREFRESH = True
    answer = client.get(f"/static/{path}")
    assert answer.status_code == 200
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_only_the_place_of_a_household_may_ever_be_asked_for():
    assert PERMISSIONS == FEATURES


def test_our_own_policy_allows_no_inline_code_and_no_other_host():
    assert OWN_PAGES == POLICY


def test_the_staffs_policy_is_ours_but_for_compiled_expressions():
    """Why stands in docs/security-checks.md."""
    assert set(ADMIN.split("; ")) - set(POLICY.split("; ")) == {"script-src 'self' 'unsafe-eval'"}


def test_addresses_without_a_name_are_the_admins_own():
    """They redirect, or are its 404; nothing else may do without a name, by which it would be tested."""
    assert [route for route in unnamed() if not route.startswith("admin/")] == []


SERVED = """
import json
import django
from django.conf import settings
from django.core.management import call_command
# The files need not be collected for what is looked at here.
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()
call_command("migrate", verbosity=0)
from django.test import Client
from registry.models import Area, User
from registry.roles import Role
village = Area.objects.create(code="64.02.06.1001", name="Timbau", level="village")
User.objects.create_user("gus", "a long password", role=Role.VILLAGE_OPERATOR, area=village)
client = Client(headers={"host": "simpul.test"})
plain, form = client.get("/login/"), client.get("/login/", secure=True)
entered = client.post("/login/", {"username": "gus", "password": "a long password"}, secure=True)
page = client.get("/households/", secure=True)
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location")],
    "statuses": [form.status_code, entered.status_code, page.status_code],
    "transport": [answer.headers.get("Strict-Transport-Security") for answer in (form, entered, page)],
    "cookies": {name: [morsel[key] for key in ("path", "domain", "secure", "httponly", "samesite")]
                for name, morsel in client.cookies.items()},
}))
"""


@pytest.fixture(scope="module")
def production():
    """What a browser gets from a production site of its own: see ``SERVED``."""
    with own_cluster() as cluster:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("SIMPUL_", "DATABASE_"))
        }
        environment |= {
            "DATABASE_URL": embedded_postgres.start(cluster),
            "DJANGO_SETTINGS_MODULE": "registry.settings",
            "SIMPUL_ALLOWED_HOSTS": "simpul.test",
            "SIMPUL_MODE": "production",
            "SIMPUL_SECRET_KEY": "a-key-of-our-own-" * 4,
            "SIMPUL_KEY_FILE": "/not/read/by/these/pages",
        }
        done = subprocess.run(
            [sys.executable, "-c", SERVED],
            env=environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        yield json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_production_speaks_tls_only_and_says_so_for_a_year(production):
    served, _log = production
    assert served["plain"] == [301, "https://simpul.test/login/"]
    assert served["statuses"] == [200, 302, 200]
    assert served["transport"] == ["max-age=31536000; includeSubDomains; preload"] * 3


def test_production_cookies_belong_to_this_very_host(production):
    """``__Host-``: secure, no domain, the whole site. Script reads the CSRF cookie only where it may."""
    served, _log = production
    assert set(served["cookies"]) == {"__Host-sessionid", "__Host-csrftoken"}
    for path, domain, is_secure, _is_http_only, same_site in served["cookies"].values():
        assert (path, domain, is_secure, same_site) == ("/", "", True, "Lax")
    assert served["cookies"]["__Host-sessionid"][3] is True
    assert served["cookies"]["__Host-csrftoken"][3] is True


def test_production_logs_one_line_of_json_for_each_request(production):
    _served, log = production
    lines = [json.loads(line) for line in log.splitlines() if '"simpul.requests"' in line]
    assert [(line["route"], line["method"], line["status"]) for line in lines] == [
        ("login", "GET", 200),
        ("login", "POST", 302),
        ("household-list", "GET", 200),
    ]
    assert lines[-1]["role"] == Role.VILLAGE_OPERATOR
