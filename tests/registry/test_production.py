"""What the product refuses to run with. Each case is a real start in a process of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.urls import reverse

from registry import embedded_postgres
from registry.embedded_postgres import Cluster
from registry.seals import make_key_file
from tests.registry.test_embedded_postgres import own_cluster

ROOT = Path(__file__).resolve().parent.parent.parent
KEYS = Path(tempfile.mkdtemp()) / "keys.json"
SAFE = {
    "SIMPUL_MODE": "production",
    "SIMPUL_SECRET_KEY": "a-key-of-our-own-" * 4,
    "SIMPUL_ALLOWED_HOSTS": "simpul.test",
    "SIMPUL_KEY_FILE": str(KEYS),
}
CLOSED_PAGES = ["home", "household-list", "dashboard", "program-list", "token-list", "import-list"]


WSGI = ["-c", "import registry.wsgi"]


def _start(database: str, command: list[str] = WSGI, **environment: str) -> subprocess.CompletedProcess[str]:
    """Imports the WSGI application, as a web server does, unless another ``command`` is given."""
    unset = {
        name: value for name, value in os.environ.items() if not name.startswith(("SIMPUL_", "DATABASE_"))
    }
    return subprocess.run(
        [sys.executable, *command],
        env=unset | SAFE | {"DATABASE_URL": database} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def _alter_web_role(cluster: Cluster, right: str) -> None:
    """As an administrator who takes a short cut would; PostgreSQL's single-user mode needs no password."""
    embedded_postgres.start(cluster)
    embedded_postgres.stop(cluster)
    account = embedded_postgres._account(cluster)
    single_user = ("postgres", "--single", "-D", cluster.data, "postgres")
    embedded_postgres._run(cluster, account, *single_user, script=f"ALTER ROLE simpul_web {right};\n")
    embedded_postgres.start(cluster)


@pytest.fixture(scope="session", autouse=True)
def keys() -> Iterator[None]:
    make_key_file(KEYS)
    yield
    shutil.rmtree(KEYS.parent)


@pytest.fixture(scope="module")
def cluster():
    with own_cluster() as made:
        yield made


def test_production_starts_with_a_safe_configuration_and_no_other(cluster: Cluster) -> None:
    embedded_postgres.start(cluster)
    url = embedded_postgres.address(cluster, "simpul_web")
    started = _start(url)
    assert started.returncode == 0, started.stderr
    for unsafe, complaint in (
        ({"SIMPUL_SECRET_KEY": ""}, "SIMPUL_SECRET_KEY"),
        ({"SIMPUL_SECRET_KEY": "only-for-development-and-demo"}, "SIMPUL_SECRET_KEY"),
        ({"SIMPUL_DEBUG": "1"}, "SIMPUL_DEBUG"),
        ({"DATABASE_URL": ""}, "DATABASE_URL"),
        ({"SIMPUL_KEY_FILE": ""}, "SIMPUL_KEY_FILE"),
        ({"SIMPUL_KEY_FILE": "/no/such/file"}, "SIMPUL_KEY_FILE"),
        ({"SIMPUL_MODE": "prodution"}, "SIMPUL_MODE"),
    ):
        refused = _start(url, **unsafe)
        assert refused.returncode != 0
        assert complaint in refused.stderr.splitlines()[-1]


def test_production_refuses_the_owner_of_the_tables(cluster: Cluster) -> None:
    refused = _start(embedded_postgres.start(cluster))
    assert refused.returncode != 0
    assert "owns the tables" in refused.stderr.splitlines()[-1]


@pytest.mark.parametrize("right", ["SUPERUSER", "BYPASSRLS"])
def test_production_refuses_a_role_that_row_security_does_not_bind(cluster: Cluster, right: str) -> None:
    _alter_web_role(cluster, right)
    try:
        for command in (WSGI, ["manage.py", "worker", "--once"]):
            refused = _start(embedded_postgres.address(cluster, "simpul_web"), command)
            assert refused.returncode != 0
            assert "bypasses row security" in refused.stderr.splitlines()[-1]
    finally:
        _alter_web_role(cluster, f"NO{right}")


@pytest.fixture
def sorted_by_language(monkeypatch) -> Iterator[str]:
    """A database as an installer of Debian with an English locale would make it; on a machine without the
    sources of that locale (package locales), one that compares texts as it would.
    """
    has_sources = Path("/usr/share/i18n/locales/en_US").exists()
    locale = "C.UTF-8"
    if has_sources:
        locale = "en_US.UTF-8"
        folder = Path(tempfile.mkdtemp(prefix="simpul-locale-"))
        folder.chmod(0o755)
        subprocess.run(["localedef", "-i", "en_US", "-f", "UTF-8", folder / locale], check=True)
        monkeypatch.setenv("LOCPATH", str(folder))
    with own_cluster() as cluster:
        _run(embedded_postgres.start(cluster), ENGLISH_DATABASE.format(locale=locale))
        if not has_sources:
            address = embedded_postgres.address(cluster).removesuffix("/simpul") + "/english"
            _run(address, *COMPARES_AS_ENGLISH)
        yield embedded_postgres.address(cluster, "simpul_web").removesuffix("/simpul") + "/english"
    if has_sources:
        shutil.rmtree(folder)


ENGLISH_DATABASE = "CREATE DATABASE english TEMPLATE template0 LOCALE_PROVIDER libc LOCALE '{locale}'"
# Points and slashes count last in English, so that an area's villages stand after its own code with a slash.
COMPARES_AS_ENGLISH = (
    "CREATE FUNCTION public.before(text, text) RETURNS bool IMMUTABLE LANGUAGE sql AS "
    "$$ SELECT translate($1, './', '') OPERATOR(pg_catalog.<) translate($2, './', '') $$",
    "CREATE OPERATOR public.< (LEFTARG = text, RIGHTARG = text, FUNCTION = public.before)",
    "ALTER DATABASE english SET search_path = public, pg_catalog",
)


def _run(address: str, *statements: str) -> None:
    connection = psycopg2.connect(address)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def test_production_refuses_a_database_in_which_an_area_would_hold_nothing(sorted_by_language: str) -> None:
    for command in (WSGI, ["manage.py", "worker", "--once"]):
        refused = _start(sorted_by_language, command)
        assert refused.returncode != 0
        assert "from template0 with --locale C.UTF-8" in refused.stderr.splitlines()[-1]
    ready = (
        "import django; django.setup();"
        "from django.test import RequestFactory; from registry.views import readyz;"
        "print(readyz(RequestFactory().get('/readyz')).content.decode())"
    )
    answer = _start(sorted_by_language, ["-c", ready], DJANGO_SETTINGS_MODULE="registry.settings")
    assert json.loads(answer.stdout) == {"ready": False, "reason": "order"}


def test_the_deployment_check_is_clean() -> None:
    checked = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=os.environ | SAFE | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr


def test_the_process_answers_without_a_database(client) -> None:
    assert client.get(reverse("healthz")).content == b"ok\n"


def test_ready_means_migrated(client, db) -> None:
    assert client.get(reverse("readyz")).json() == {"ready": True}


@pytest.mark.parametrize("name", CLOSED_PAGES)
def test_no_page_opens_without_signing_in(client, db, name) -> None:
    answer = client.get(reverse(name))
    assert (answer.status_code, answer.url.split("?")[0]) == (302, reverse("login"))


def test_a_page_of_a_signed_in_person_is_never_stored(client, ana) -> None:
    client.force_login(ana)
    answer = client.get(reverse("household-list"), headers={"x-request-id": "complaint-0017"})
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert answer.headers["X-Request-ID"] == "complaint-0017"
