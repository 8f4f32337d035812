"""The database of the suite, and the cast.

ana enters households in her village, ben in the next one; chi audits and reads all; dee is a TKPK member and
sees aggregates only; eka works at an agency's office; fia at the TKPK secretariat; gus administers the
system; hal verifies the district; ida works at the social affairs office.
"""

import os
from collections.abc import Iterator
from typing import Any

import dj_database_url
import pytest
from django.db import connection
from django.utils import translation

from households.models import Household, Scheme
from registry import embedded_postgres
from registry.models import Agency, Area, User
from registry.roles import Role
from tests import factories
from tests.factories import as_served


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """pytest-django makes the database when one test is marked. Those with one world for all are not:
    it would cost each a transaction, and thousands of cases a millisecond.
    """
    ours = [item for item in items if {"asker", "world"} & set(getattr(item, "fixturenames", ()))]
    for item in ours[:1]:
        item.add_marker("django_db")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Without DATABASE_URL the suite brings up its own throwaway server."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    with embedded_postgres.throwaway() as url:
        connection.settings_dict.update(dj_database_url.parse(url))
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """After a test of several connections every table is emptied, which the trails refuse. The test of that
    refusal puts the trigger back.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'never_emptied'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER never_emptied")


@pytest.fixture(autouse=True)
def fast_passwords(settings) -> None:
    quick = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [quick, *settings.PASSWORD_HASHERS]


@pytest.fixture(autouse=True)
def serving_role() -> Iterator[None]:
    with as_served():
        yield


@pytest.fixture(autouse=True)
def without_second_factor(settings) -> None:
    """As in the demo; what needs it switches it on."""
    settings.SECOND_FACTOR = False


@pytest.fixture(autouse=True)
def own_list_of_erasures(settings, tmp_path) -> None:
    settings.ERASURES_FILE = tmp_path / "erasures.jsonl"


@pytest.fixture(autouse=True)
def language(request: pytest.FixtureRequest) -> Iterator[None]:
    """Indonesian, as a new visitor reads it, unless the test quotes source strings (marker ``english``).

    Without it a page asked for in one test would decide the language of the next.
    """
    with translation.override("en" if request.node.get_closest_marker("english") else "id"):
        yield


@pytest.fixture
def village(db) -> Area:
    """Timbau, in Tenggarong."""
    return factories.area("64.02.06.1001", "Timbau")


@pytest.fixture
def next_village(village: Area) -> Area:
    return factories.area("64.02.06.1002", "Loa Ipuh")


@pytest.fixture
def far_village(village: Area) -> Area:
    """Sidomulyo, in Tabang: another district."""
    return factories.area("64.02.12.2001", "Sidomulyo")


@pytest.fixture
def agency(db) -> Agency:
    return Agency.objects.create(code="disperkim", name="Dinas Perumahan", short_name="Disperkim")


@pytest.fixture
def other_agency(db) -> Agency:
    return Agency.objects.create(code="dkp", name="Dinas Kelautan dan Perikanan", short_name="DKP")


@pytest.fixture
def ana(village: Area) -> User:
    return factories.user("ana", Role.VILLAGE_OPERATOR, area=village)


@pytest.fixture
def ben(next_village: Area) -> User:
    return factories.user("ben", Role.VILLAGE_OPERATOR, area=next_village)


@pytest.fixture
def chi(db) -> User:
    return factories.user("chi", Role.AUDITOR)


@pytest.fixture
def hal(village: Area) -> User:
    """Verifies the district in which ana and ben work."""
    return factories.user("hal", Role.DISTRICT_VERIFIER, area=Area.objects.get(code=village.district_code))


@pytest.fixture
def ida(db) -> User:
    """Works at the social affairs office."""
    return factories.user("ida", Role.SOCIAL_OFFICE)


@pytest.fixture
def dee(db) -> User:
    return factories.user("dee", Role.TKPK_MEMBER)


@pytest.fixture
def eka(agency: Agency) -> User:
    return factories.user("eka", Role.AGENCY_OFFICE, agency=agency)


@pytest.fixture
def fia(db) -> User:
    return factories.user("fia", Role.SECRETARIAT)


@pytest.fixture
def gus(db) -> User:
    return factories.user("gus", Role.SUPERADMIN)


@pytest.fixture
def household(village: Area) -> Household:
    return factories.household(village)


@pytest.fixture
def bps14(db) -> Scheme:
    return factories.scheme("bps14", parameters={"near_poor_at": 7, "very_poor_at": 12}, sets_status=True)
