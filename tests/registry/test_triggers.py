"""History and guards hold against whatever a serving connection may set or make for itself."""

import pgtrigger
import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from registry import checks
from registry.scope import working_for
from tests import factories

EVENTS = "households_memberevent"


def execute(statement: str, *parameters: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def history(member) -> int:
    return apps.get_model("households", "memberevent").objects.filter(pgh_obj_id=member.pk).count()


@pytest.fixture
def member(household):
    found = household.members.get()
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    return found


def ignore_everything_on(table: str) -> None:
    execute(
        "SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true) FROM pg_trigger"
        " WHERE tgrelid = %s::regclass AND tgname LIKE 'pgtrigger%%'",
        table,
    )


def test_no_setting_of_a_serving_role_switches_history_off(ana, member) -> None:
    with working_for(ana):
        ignore_everything_on("households_member")
        execute("UPDATE households_member SET name = 'Diganti' WHERE id = %s", member.pk)
    assert history(member) == 1


def test_no_setting_of_a_serving_role_opens_what_never_changes(ana, household) -> None:
    seen = factories.assessment(household, ana)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("GRANT UPDATE ON households_assessment TO simpul_web")
    ignore_everything_on("households_assessment")
    with working_for(ana), pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        execute("UPDATE households_assessment SET floor_area = 1 WHERE id = %s", seen.pk)


def test_a_setting_that_is_no_list_of_names_writes_nothing(ana, member) -> None:
    execute("SELECT set_config('pgtrigger.ignore', 'everything', true)")
    with working_for(ana), pytest.raises(DatabaseError, match="malformed array"), transaction.atomic():
        execute("UPDATE households_member SET name = 'Diganti' WHERE id = %s", member.pk)


def test_the_owner_may_still_ignore_them(member) -> None:
    with pgtrigger.ignore():
        execute("UPDATE households_member SET name = 'Diganti' WHERE id = %s", member.pk)
    assert history(member) == 0
    execute("UPDATE households_member SET name = 'Lagi' WHERE id = %s", member.pk)
    assert history(member) == 1


def test_a_temporary_table_does_not_swallow_history(ana, member) -> None:
    with working_for(ana):
        execute(f"CREATE TEMPORARY TABLE {EVENTS} (LIKE public.{EVENTS} INCLUDING DEFAULTS)")
        execute("UPDATE households_member SET name = 'Diganti' WHERE id = %s", member.pk)
        execute(f"DROP TABLE pg_temp.{EVENTS}")
    assert history(member) == 1


def test_triggers_installed_anew_are_refused_until_the_next_migration(settings, member) -> None:
    settings.IS_PRODUCTION = True
    call_command("pgtrigger", "install", verbosity=0)
    execute("SET LOCAL ROLE simpul_web")
    with pytest.raises(ImproperlyConfigured, match=r"manage\.py migrate"):
        checks.refuse_unsafe_database()
    execute("RESET ROLE")
    call_command("migrate", verbosity=0)
    execute("SET LOCAL ROLE simpul_web")
    checks.refuse_unsafe_database()
    execute("RESET ROLE")
