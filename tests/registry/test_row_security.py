"""The floor: what PostgreSQL itself shows a connection, whatever the code above it asks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import Count
from django.utils import timezone

from households.models import Household, ImportBatch, Member, PovertyStatus
from households.services import change_household
from registry import checks, scope, views
from registry.audit import deed, log_reading
from registry.changes import changes_of
from registry.models import AccessLog, ApiToken, AuditEvent, Shown
from registry.scope import NOBODY, chosen_rows, floor_of, whole_registry, working_for
from tests import factories
from tests.matrix.canaries import people_tables

# Tables whose rows are people, or point at one; also the heads of lists.
TRAILS = ("registry_accesslog", "registry_auditevent")  # of which one reads the own rows
ROWS_OF_PEOPLE = [*(model._meta.db_table for model in people_tables()), "programs_targetlist"]


@contextmanager
def serving(role: str = "simpul_web") -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        yield
        cursor.execute("RESET ROLE")


def ask(statement: str, *parameters: object) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


def test_the_list_of_tables_is_whole() -> None:
    assert {"households_member", "households_householdevent", "programs_targetrow"} <= set(ROWS_OF_PEOPLE)
    assert len(ROWS_OF_PEOPLE) >= 17


def test_every_table_of_people_and_no_other_is_under_row_security(db) -> None:
    secured = ask("SELECT array_agg(relname::text) FROM pg_class WHERE relrowsecurity OR relforcerowsecurity")
    assert set(secured) == {*ROWS_OF_PEOPLE, *TRAILS}


@pytest.mark.parametrize("table", ROWS_OF_PEOPLE)
def test_every_table_of_people_is_under_forced_row_security(db, table: str) -> None:
    where = "FROM pg_class WHERE oid = %s::regclass"
    assert ask(f"SELECT relrowsecurity AND relforcerowsecurity {where}", table) is True
    assert ask("SELECT count(*) FROM pg_policy WHERE polrelid = %s::regclass", table) == 1


@pytest.mark.parametrize("table", ROWS_OF_PEOPLE)
def test_a_connection_that_works_for_nobody_sees_no_row(household, table: str) -> None:
    with serving():
        assert ask(f"SELECT count(*) FROM {table}") == 0


def test_a_connection_sees_the_rows_of_whom_it_works_for(
    ana, ben, chi, dee, eka, village, next_village
) -> None:
    homes = [factories.household(place) for place in (village, next_village, next_village)]
    seen = {}
    for user in (ana, ben, chi, dee, eka):
        with serving():
            scope.set_floor(floor_of(user))
            seen[user.username] = ask("SELECT count(*) FROM households_household")
            scope.set_floor(NOBODY)
    assert seen == {"ana": 1, "ben": 2, "chi": len(homes), "dee": 0, "eka": 0}


def test_whoever_is_disabled_sees_nothing(ana, household) -> None:
    ana.is_active = False
    assert floor_of(ana) == NOBODY == floor_of(AnonymousUser())


def test_a_district_is_its_villages_and_no_neighbour(village, far_village) -> None:
    """64.02.06 must not reach into 64.02.060 or 64.02.07, nor leave out its own first and last village."""
    verifier = factories.user("hal", "district_verifier", area=factories.area("64.02.06", "Tenggarong"))
    last = factories.area("64.02.06.9999", "Terakhir")
    beyond = factories.area("64.02.07", "Muara Kaman")
    for place in (village, last, far_village, beyond):
        factories.household(place)
    with serving():
        scope.set_floor(floor_of(verifier))
        found = ask("SELECT array_agg(area_id::text ORDER BY area_id) FROM households_household")
        scope.set_floor(NOBODY)
    assert found == [village.code, last.code]


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO households_family (household_id, area_id, position, card_number_index)"
        " VALUES (%s, '64.02.06.1002', 9, '')",
        "UPDATE households_household SET area_id = '64.02.06.1002' WHERE id = %s",
    ],
)
def test_nothing_is_written_into_another_area(ana, household, next_village, statement: str) -> None:
    with serving():
        scope.set_floor(floor_of(ana))
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            ask(f"{statement} RETURNING 1", household.pk)
        scope.set_floor(NOBODY)


def test_whoever_moved_sees_no_upload_of_the_earlier_area(ana, next_village) -> None:
    ImportBatch.objects.create(file_name="desa.xlsx", sha256="0" * 64, uploaded_by=ana)
    assert ImportBatch.objects.visible_to(ana).count() == 1
    ana.area, ana.rights_changed_at = next_village, timezone.now()
    ana.save()
    assert not ImportBatch.objects.visible_to(ana).exists()
    with serving():
        scope.set_floor(floor_of(ana))
        assert ask("SELECT count(*) FROM households_importbatch") == 0
        scope.set_floor(NOBODY)
    later = ImportBatch.objects.create(file_name="desa.xlsx", sha256="0" * 64, uploaded_by=ana)
    assert ImportBatch.objects.visible_to(ana).get() == later


def test_another_areas_rows_cannot_be_changed_or_deleted(ben, household) -> None:
    with serving():
        scope.set_floor(floor_of(ben))
        with connection.cursor() as cursor:
            cursor.execute("UPDATE households_member SET name = 'x'")
            changed = cursor.rowcount
            cursor.execute("DELETE FROM households_member")
        scope.set_floor(NOBODY)
    assert (changed, cursor.rowcount) == (0, 0)


def test_a_part_cannot_be_of_another_area_than_its_household(household, next_village) -> None:
    family = household.families.get()
    family.area = next_village
    family.save()
    with pytest.raises(DatabaseError, match="same_area"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_every_table_of_parts_is_bound_to_household_and_area_together(db) -> None:
    """A history keeps what was, also of a household that is gone: nothing binds it."""
    columns = "FROM pg_attribute WHERE attrelid = pg_class.oid AND attname"
    parts = ask(
        "SELECT array_agg(relname::text ORDER BY relname) FROM pg_class WHERE relkind IN ('r', 'p')"
        f" AND EXISTS (SELECT {columns} = 'household_id') AND EXISTS (SELECT {columns} = 'area_id')"
        f" AND NOT EXISTS (SELECT {columns} = 'pgh_id')"
    )
    bound = ask(
        "SELECT array_agg(conrelid::regclass::text ORDER BY conrelid::regclass::text)"
        " FROM pg_constraint WHERE contype = 'f' AND convalidated AND pg_get_constraintdef(oid)"
        " LIKE 'FOREIGN KEY (household_id, area_id) REFERENCES households_household(id, area_id)%%'"
    )
    assert len(parts) >= 7
    assert bound == parts


@pytest.mark.parametrize("table", TRAILS)
def test_of_a_trail_everybody_reads_the_own_rows_and_few_all(ana, ben, chi, household, table: str) -> None:
    """Adding is open to all: what ben did before his rights were known is written down too."""
    rows = f"SELECT count(*) FROM {table}"
    with serving():
        for user in (ana, ben):
            scope.set_floor(floor_of(user))
            log_reading(user=user, route="x", purpose="x", shown=Shown.LINE, household_ids=[household.pk])
            with deed("try", by=user):
                pass
        with deed("sign_in_failed", by=None):
            pass
        nobodys = 1 if table == "registry_auditevent" else 0
        seen = {}
        for user in (ana, ben, chi):
            scope.set_floor(floor_of(user))
            seen[user] = ask(rows)
        scope.set_floor(NOBODY)
        assert ask(rows) == nobodys
        assert seen == {ana: 1 + nobodys, ben: 1 + nobodys, chi: 2 + nobodys}
    with serving("simpul_worker"):
        assert ask(rows) == 2 + nobodys
        scope.set_floor(floor_of(ben))
        assert ask(rows) == 1 + nobodys
        scope.set_floor(NOBODY)


@pytest.mark.parametrize("role", ["simpul_web", "simpul_worker"])
@pytest.mark.parametrize("verb", ["UPDATE", "DELETE", "TRUNCATE"])
@pytest.mark.parametrize(
    "table",
    [
        "registry_accesslog",
        "registry_auditevent",
        "households_memberevent",
        "households_assessment",
        "households_povertystatus",
        "programs_realisation",
    ],
)
def test_the_serving_roles_may_not_bend_what_is_only_added_to(db, role: str, verb: str, table: str) -> None:
    assert ask("SELECT has_table_privilege(%s, %s, %s)", role, table, verb) is False
    assert ask("SELECT has_table_privilege(%s, %s, 'INSERT')", role, table) is True


def test_the_role_for_published_figures_reads_no_person(db) -> None:
    readable = ask(
        "SELECT array_agg(relname::text ORDER BY relname) FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace AND has_table_privilege('simpul_public', oid, 'SELECT')"
    )
    assert readable == ["registry_area"]


def test_the_worker_cannot_read_tokens(db) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), serving("simpul_worker"):
        ApiToken.objects.count()


def test_only_a_role_that_is_bound_is_safe(db) -> None:
    assert checks.unsafe_in_database() == "role"
    for role in ("simpul_web", "simpul_worker"):
        with serving(role):
            assert checks.unsafe_in_database() == ""


def test_ready_is_red_with_a_role_that_is_not_bound(rf, settings, db) -> None:
    settings.IS_PRODUCTION = True
    asked = rf.get("/readyz")
    assert json.loads(views.readyz(asked).content) == {"ready": False, "reason": "role"}
    with serving():
        assert json.loads(views.readyz(asked).content) == {"ready": True}


# The layer above: registry.scope


def test_a_query_without_visible_to_raises_while_somebody_waits(ana, household) -> None:
    with working_for(ana):
        for ask_for in (
            Member.objects.all().__len__,
            Member.objects.count,
            Member.objects.exists,
            Member.objects.filter(name="x").first,
            Household.objects.order_by("pk").iterator,
            PovertyStatus.objects.values_list("pk").__len__,
            lambda: Member.objects.aggregate(),
            lambda: Member.objects.filter(pk=1).update(name="x"),
            lambda: Member.objects.filter(pk=1).delete(),
            lambda: Member.objects.get(pk=1),
        ):
            with pytest.raises(scope.UnscopedQuery):
                ask_for()
    assert Member.objects.count() == 1  # nobody waits: a command of the administrator


def test_what_is_seen_is_asked_as_of_any_table(ana, household) -> None:
    with working_for(ana):
        seen = Household.objects.visible_to(ana)
        assert seen.aggregate(Count("pk"), n=Count("pk")) == {"pk__count": 1, "n": 1}
        # With parts fetched along, Django wants to know how many rows at a time.
        assert list(seen.prefetch_related("members").iterator(5)) == [household]
        assert list(seen.prefetch_related("members").iterator(chunk_size=5)) == [household]


def test_nothing_is_joined_to_what_was_seen(ana, household, next_village) -> None:
    factories.household(next_village)
    with working_for(ana):
        mine = Household.objects.visible_to(ana)
        for both in (
            lambda: mine | Household.objects.all(),
            lambda: Household.objects.all() & mine,
            lambda: mine.union(Household.objects.all()),
        ):
            with pytest.raises(scope.UnscopedQuery):
                list(both())
        assert (mine | mine.active()).get() == household
        assert list(mine.union(mine.active(), all=True)) == [household, household]
        with pytest.raises(TypeError):  # Django's own look at both sides
            mine.values("id") | mine.values("number")


def test_the_past_of_people_is_scoped_as_they_are(ana, ben, household) -> None:
    change_household(household=household, by=ana, address="Jalan Baru")
    deed = AuditEvent.objects.latest("pk").deed
    with working_for(ana):
        assert [change.after for change in changes_of(deed, by=ana)] == ["Jalan Baru"]
        with pytest.raises(scope.UnscopedQuery):
            changes_of(deed)
        with whole_registry("the upper layer alone"):
            assert changes_of(deed, by=ben) == []


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("rotate_keys", ["--by", "gus", "--why", "yearly"]),
        ("judge", []),
        ("purge", ["--dry-run"]),
        ("replay_erasures", ["--by", "gus", "--why", "restored"]),
        ("subject_report", ["--member", "1", "--by", "ida", "--why", "asked"]),
    ],
)
def test_a_command_that_must_reach_everybody_refuses_a_role_that_sees_nobody(
    gus, ida, command: str, arguments: list[str]
) -> None:
    with serving("simpul_worker"), pytest.raises(CommandError, match="simpul"):
        call_command(command, *arguments)


def test_parts_of_what_was_seen_need_no_second_look(ana, household) -> None:
    with working_for(ana):
        home = Household.objects.visible_to(ana).get()
        assert home.members.count() == 1
        assert [
            len(each.members.all()) for each in Household.objects.visible_to(ana).prefetch_related("members")
        ] == [1]
        with pytest.raises(scope.UnscopedQuery):
            len(home.area.households.all())  # an area was never anybody's to see


def test_visible_to_nobody_is_nothing(household) -> None:
    with working_for(AnonymousUser()):
        assert list(Household.objects.visible_to(AnonymousUser())) == []


def test_an_api_token_says_who_asks_for_the_rest_of_the_request(ana, ben, household) -> None:
    with working_for(ben):
        scope.become(ana)
        assert ask("SELECT current_setting('simpul.area_from', true)") == ana.area_id
        assert ask("SELECT current_setting('simpul.account', true)") == str(ana.pk)
        with chosen_rows():
            assert Member.objects.count() == 1
        with pytest.raises(scope.UnscopedQuery, match="Member"):
            Member.objects.count()
    assert ask("SELECT current_setting('simpul.area_from', true)") == ""


def test_chosen_rows_opens_the_upper_layer_only(ana, ben, household) -> None:
    with working_for(ben), chosen_rows():
        assert Member.objects.count() == 0
    with working_for(ana), chosen_rows():
        assert Member.objects.count() == 1


def test_the_whole_registry_is_open_inside_and_closed_again_after(ben, household) -> None:
    with working_for(ben):
        with whole_registry("a test"):
            assert Member.objects.count() == 1
        with pytest.raises(scope.UnscopedQuery):
            Member.objects.count()
        with chosen_rows():
            assert Member.objects.count() == 0


def test_a_failure_inside_closes_both_layers_again(ben, household) -> None:
    with working_for(ben):
        with pytest.raises(ZeroDivisionError), transaction.atomic(), whole_registry("a test"):
            raise ZeroDivisionError
        with pytest.raises(DatabaseError), transaction.atomic(), whole_registry("a test"):
            ask("SELECT 1 / 0")
        with chosen_rows():
            assert Member.objects.count() == 0


def test_the_connection_is_nobodys_again_after_a_request(client, ana, household) -> None:
    client.force_login(ana)
    assert client.get("/households/").status_code == 200
    assert ask("SELECT current_setting('simpul.area_from', true)") == ""
    assert ask("SELECT current_setting('simpul.account', true)") == ""


@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_in_the_middle_stands_on_the_same_floor(ana) -> None:
    with working_for(ana):
        connection.close()
        assert ask("SELECT current_setting('simpul.area_from', true)") == ana.area_id


@pytest.mark.django_db(transaction=True)
def test_a_connection_whose_settings_cannot_be_taken_back_is_closed(ana, monkeypatch) -> None:
    connection.ensure_connection()

    def fails(_floor: scope.Floor) -> None:
        raise psycopg2.OperationalError

    with working_for(ana):
        monkeypatch.setattr(scope, "set_floor", fails)
    assert connection.connection is None  # and what failed before it is told, not this


def test_a_reading_is_written_under_the_readers_own_floor(client, ana, household) -> None:
    client.force_login(ana)
    client.get(household.get_absolute_url())
    assert AccessLog.objects.get().user == ana
