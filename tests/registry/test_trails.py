"""The trails: partitions by month, seals by day, and what ``verify_trail`` finds when somebody meddles."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from registry import jobs
from registry.models import AccessLog, AuditEvent, TrailSeal
from registry.trails import Finding, What, ensure_partitions, seal_days, verify
from tests.registry.meddling import LATER, TODAY, as_owner, at, execute, found, rewrite_first_seal

TABLES = ("registry_accesslog", "registry_auditevent")


def partition_of(row: AccessLog) -> str:
    [(name,)] = execute("SELECT tableoid::regclass::text FROM registry_accesslog WHERE id = %s", row.pk)
    return name


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET role = 'auditor'", "DELETE FROM {}"])
def test_a_row_is_neither_changed_nor_removed(statement, table, three_days):
    for ignored in ("{}", "{append_only,never_changed}"):
        execute("SELECT set_config('pgtrigger.ignore', %s, true)", ignored)
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            execute(statement.format(table))


def test_not_in_a_partition_either(three_days):
    for statement in ("UPDATE {} SET role = ''", "DELETE FROM {}"):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            execute(statement.format(partition_of(three_days[0])))


@pytest.mark.parametrize("part", ["", "_2026_11", "_default"])
@pytest.mark.parametrize("table", TABLES)
def test_a_trail_is_never_emptied(table, part, three_days):
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(f"ALTER TABLE {table}{part} ENABLE TRIGGER never_emptied")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        execute(f"TRUNCATE {table}{part}")


def test_seals_are_kept_like_the_trails(three_days):
    for statement in ("UPDATE registry_trailseal SET rows = 0", "DELETE FROM registry_trailseal"):
        with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
            execute(statement)


@pytest.mark.parametrize(
    ("moment", "partition"),
    [
        (datetime(2026, 11, 30, 15, 59, 59, 999_999, tzinfo=UTC), "registry_accesslog_2026_11"),
        (datetime(2026, 11, 30, 16, tzinfo=UTC), "registry_accesslog_2026_12"),  # midnight in Makassar
        (datetime(2026, 12, 1, 0, tzinfo=UTC), "registry_accesslog_2026_12"),  # midnight in Greenwich
        (datetime(2021, 1, 1, tzinfo=UTC), "registry_accesslog_default"),
    ],
)
def test_a_month_begins_at_midnight_in_makassar(moment, partition, read):
    ensure_partitions(date(2026, 12, 31))
    assert partition_of(read(moment)) == partition


def test_partitions_are_made_ahead_and_once(db):
    far = timezone.localdate() + timedelta(days=1000)
    assert ensure_partitions(timezone.localdate() + timedelta(days=700)) == 0, "the migration made two years"
    assert ensure_partitions(far) > 0
    assert ensure_partitions(far) == 0


def test_a_worker_that_owns_no_table_may_make_partitions(db):
    """The function works as the owner of the tables, and looks up names in one schema only."""
    statement = "SELECT prosecdef, proconfig FROM pg_proc WHERE proname = 'registry_ensure_partitions'"
    assert execute(statement) == [(True, ["search_path=public, pg_temp"])]


def test_a_month_whose_rows_lie_in_the_default_partition_stays_there(read):
    until = timezone.localdate().replace(day=15) + timedelta(days=31 * 40)
    row = read(datetime(until.year, until.month, 15, tzinfo=UTC))
    ensure_partitions(until)
    assert partition_of(row) == "registry_accesslog_default"
    assert AccessLog.objects.get(pk=row.pk).at == row.at


def test_a_day_is_sealed_an_hour_after_it_is_over(read):
    read(datetime(2026, 11, 24, 15, 59, tzinfo=UTC))  # 23.59 in Makassar
    read(datetime(2026, 11, 24, 16, 1, tzinfo=UTC))  # 00.01 of the next day
    assert seal_days(datetime(2026, 11, 24, 16, 59, tzinfo=UTC)) == []
    [seal] = seal_days(datetime(2026, 11, 24, 17, tzinfo=UTC))
    assert (seal.trail, seal.day, seal.rows) == ("access", TODAY, 1)


def test_sealing_twice_seals_once(three_days):
    assert seal_days(LATER) == []
    assert list(TrailSeal.objects.values_list("trail", "day", "rows").order_by("trail", "day")) == [
        *[("access", TODAY + timedelta(days=n), 2) for n in range(3)],
        *[("audit", TODAY + timedelta(days=n), 1) for n in range(3)],
    ]


def test_a_day_without_rows_is_sealed_too(read):
    read(datetime(2026, 11, 24, 1, tzinfo=UTC))
    seal_days(LATER)
    assert list(TrailSeal.objects.filter(trail="access").values_list("rows", flat=True)) == [1, 0, 0]
    assert found() == []


def test_untouched_trails_are_verified(three_days, read):
    read(LATER)
    with at(LATER):
        result = verify()
    assert (result.rows, result.days, result.unsealed, result.findings) == (9, 6, 1, [])


def test_one_changed_letter_is_named(three_days):
    row = three_days[2]
    as_owner("UPDATE registry_accesslog SET purpose = 'tesT' WHERE id = %s", row.pk)
    assert found() == [Finding("access", date(2026, 11, 25), What.CHANGED, row.pk)]


def test_a_changed_deed_is_named(three_days):
    row = AuditEvent.objects.earliest("pk")
    statement = """UPDATE registry_auditevent SET details = '{"count": 24}' WHERE id = %s"""
    as_owner(statement, row.pk, table="registry_auditevent")
    assert found() == [Finding("audit", TODAY, What.CHANGED, row.pk)]


def test_a_removed_row_is_named(three_days):
    row = three_days[5]
    as_owner("DELETE FROM registry_accesslog WHERE id = %s", row.pk)
    assert found() == [Finding("access", date(2026, 11, 26), What.REMOVED, row.pk)]


def test_a_row_moved_to_another_day_is_missed_there_and_found_here(three_days):
    row = three_days[0]
    as_owner("UPDATE registry_accesslog SET at = at + interval '1 day' WHERE id = %s", row.pk)
    assert found() == [
        Finding("access", TODAY, What.REMOVED, row.pk),
        Finding("access", date(2026, 11, 25), What.ADDED, row.pk),
    ]


@pytest.mark.parametrize("day", [23, 24, 25])
def test_a_row_slipped_into_a_sealed_day_is_named(day, three_days, read):
    row = read(datetime(2026, 11, day, 3, tzinfo=UTC))
    assert found() == [Finding("access", date(2026, 11, day), What.ADDED, row.pk)]


def test_a_second_row_of_the_same_id_is_named(three_days):
    row = three_days[0]
    columns = "user_id, role, purpose, route, subject, household_ids, member_ids, shown, record_count"
    execute(
        f"INSERT INTO registry_accesslog (id, at, {columns}, is_full, token_id, request_id) "
        f"SELECT id, at + interval '1 second', {columns}, is_full, token_id, request_id "
        "FROM registry_accesslog WHERE id = %s",
        row.pk,
    )
    assert found() == [Finding("access", TODAY, What.ADDED, row.pk)]


def test_a_seal_written_anew_breaks_the_chain(three_days):
    """The row and its own seal agree again; the seal of the next day does not follow from it."""
    rewrite_first_seal(three_days[0])
    assert found() == [Finding("access", date(2026, 11, 25), What.BROKEN_CHAIN)]


def test_a_missing_seal_is_named(three_days):
    as_owner("DELETE FROM registry_trailseal WHERE day = '2026-11-25'", table="registry_trailseal")
    assert Finding("access", date(2026, 11, 25), What.NO_SEAL) in found()
    assert Finding("access", date(2026, 11, 26), What.BROKEN_CHAIN) in found()


STRANGE = [
    (-1, "2026-11-25 04:00+00"),  # of a sealed day
    (-2, "2026-11-27 01:00+00"),  # of a day to be sealed
    (0, "2026-11-27 01:00+00"),
    (7000, "0044-03-15 12:00+00 BC"),
    (7001, "-infinity"),
    (7002, "infinity"),
    (7003, "20000-01-01 00:00+00"),
    (7004, "2019-12-31 23:59+00"),
]


def _copy_of_a_reading(pk: int, moment: str) -> None:
    columns = "user_id, role, purpose, route, subject, household_ids, member_ids, shown, record_count"
    execute(
        f"INSERT INTO registry_accesslog (id, at, {columns}, is_full, token_id, request_id) "
        f"SELECT %s, %s::timestamptz, {columns}, is_full, token_id, request_id "
        "FROM registry_accesslog LIMIT 1",
        pk,
        moment,
    )


@pytest.mark.parametrize(("pk", "moment"), STRANGE)
def test_a_row_that_cannot_be_true_is_refused(pk, moment, three_days):
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("SET LOCAL ROLE simpul_web")
    execute("SET LOCAL simpul.area_from = '0'")  # who sees all has a row to copy
    with pytest.raises(DatabaseError, match="access_can_be_true"), transaction.atomic():
        _copy_of_a_reading(pk, moment)
    execute("RESET ROLE")
    with pytest.raises(DatabaseError, match="audit_can_be_true"), transaction.atomic():
        execute(
            "INSERT INTO registry_auditevent SELECT %s, deed, %s::timestamptz, verb, by_id, role, why, "
            "subject, details, request_id FROM registry_auditevent LIMIT 1",
            pk,
            moment,
        )


@pytest.mark.parametrize(("pk", "moment"), STRANGE)
def test_one_that_is_there_all_the_same_is_named_and_stops_nothing(pk, moment, three_days):
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE registry_accesslog DROP CONSTRAINT access_can_be_true")
    _copy_of_a_reading(pk, moment)
    tomorrow = LATER + timedelta(days=1)
    assert (What.STRANGE, pk) in {(finding.what, finding.row) for finding in found()}
    assert len(seal_days(tomorrow)) == 2
    assert {finding.row for finding in found(tomorrow)} == {pk}
    with at(tomorrow), pytest.raises(SystemExit):
        call_command("verify_trail", stdout=StringIO(), stderr=StringIO())


def test_where_only_strange_rows_are_nothing_is_sealed(read):
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute("ALTER TABLE registry_accesslog DROP CONSTRAINT access_can_be_true")
    row = read(datetime(2026, 11, 24, 1, tzinfo=UTC))
    as_owner("UPDATE registry_accesslog SET at = '-infinity' WHERE id = %s", row.pk)
    assert seal_days(LATER) == []
    assert found() == [Finding("access", date(2020, 1, 1), What.STRANGE, row.pk)]


def test_a_row_of_the_future_is_named_until_its_day(three_days, read):
    row = read(LATER + timedelta(minutes=6))
    assert found() == [Finding("access", date(2026, 11, 27), What.STRANGE, row.pk)]
    assert found(LATER + timedelta(minutes=1)) == []


def test_days_that_nobody_sealed_are_named(three_days):
    """A worker that has stood still, or seals that were taken away from the end."""
    late = found(LATER + timedelta(days=3))
    assert {finding.day for finding in late} == {date(2026, 11, 27), date(2026, 11, 28)}
    assert {finding.what for finding in late} == {What.NO_SEAL}


def test_only_the_worker_seals(db):
    for role, may in (("simpul_web", False), ("simpul_worker", True)):
        assert execute("SELECT has_table_privilege(%s, 'registry_trailseal', 'INSERT')", role) == [(may,)]
        function = "registry_ensure_partitions(date, date)"
        assert execute("SELECT has_function_privilege(%s, %s, 'EXECUTE')", role, function) == [(may,)]


@pytest.mark.english
def test_the_command_names_the_row_and_fails(three_days, capsys):
    out, errors = StringIO(), StringIO()
    with at(LATER):
        call_command("verify_trail", stdout=out)
    assert out.getvalue() == "9 rows in 6 days verified; 0 rows are not sealed yet.\n"
    as_owner("DELETE FROM registry_accesslog WHERE id = %s", three_days[0].pk)
    out = StringIO()
    with at(LATER), pytest.raises(SystemExit) as stopped:
        call_command("verify_trail", stdout=out, stderr=errors)
    assert stopped.value.code == 1
    assert f"access, 2026-11-24: row {three_days[0].pk} was removed." in out.getvalue()


def test_the_worker_seals_and_a_failing_routine_does_not_stop_it(read, monkeypatch):
    def broken() -> None:
        raise ValueError

    monkeypatch.setattr(jobs, "ROUTINES", [broken, *jobs.ROUTINES])
    read(timezone.now() - timedelta(days=3))
    call_command("worker", "--once")
    assert TrailSeal.objects.filter(trail="access").count() >= 2


COLUMNS = {
    "purpose": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200),
    "is_full": st.booleans(),
    "household_ids": st.lists(st.integers(1, 2**62), max_size=5),
    "record_count": st.integers(0, 2**31 - 1),
}


@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_other_value_in_any_column_is_another_leaf(data, three_days):
    row = data.draw(st.sampled_from(three_days))
    row.refresh_from_db()
    name = data.draw(st.sampled_from(sorted(COLUMNS)))
    value = data.draw(COLUMNS[name])
    is_other = value != getattr(row, name)
    with transaction.atomic():
        as_owner(f"UPDATE registry_accesslog SET {name} = %s WHERE id = %s", value, row.pk)
        findings = found()
        transaction.set_rollback(True)
    day = timezone.localdate(row.at)
    assert findings == ([Finding("access", day, What.CHANGED, row.pk)] if is_other else [])
