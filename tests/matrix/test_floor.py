"""Beneath the pages' own 404: no service writes outside the area of whoever calls it, and of each table the
database shows a serving connection the own rows only, whatever it asks for.
"""

import ast
import inspect
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Model

from households import services
from households.models import Household, ImportBatch, ImportRow
from households.questionnaire.codes import Relationship, Sex
from registry import scope
from registry.models import AuditEvent, User
from tests import factories
from tests.matrix.canaries import people_tables, place_of
from tests.matrix.world import AREAS, World

SAMPLE = {
    "name": "Sampel",
    "nik_missing": "infant",
    "sex": Sex.MALE,
    "household_relationship": Relationship.CHILD,
    "family_relationship": Relationship.CHILD,
}
WRITES: dict[str, Callable[[Household, User], object]] = {
    "register_household": lambda home, by: services.register_household(area=home.area, number="BARU", by=by),
    "change_household": lambda home, by: services.change_household(household=home, by=by, address="Baru"),
    "close_household": lambda home, by: services.close_household(
        household=home, on=date(2026, 11, 1), reason="moved", evidence="Surat 1", by=by
    ),
    "add_family": lambda home, by: services.add_family(household=home, by=by),
    "change_family": lambda home, by: services.change_family(
        family=home.families.get(), by=by, card_number=""
    ),
    "add_member": lambda home, by: services.add_member(family=home.families.get(), by=by, **SAMPLE),
    "change_member": lambda home, by: services.change_member(member=home.members.get(), by=by, name="Baru"),
    "record_assessment": lambda home, by: services.record_assessment(
        household=home, assessed_on=date(2026, 11, 1), answers={"floor": 8}, member_answers={}, by=by
    ),
}


def test_every_service_that_asks_for_the_area_is_here():
    tree = ast.parse(inspect.getsource(services))
    asking = {
        function.name
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "_require_area"
    }
    assert asking == set(WRITES)


@pytest.mark.django_db
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_service_refuses_another_area(ana: User, ben: User, household: Household, write):
    """ben works in the next village; every write to ana's is refused, and nothing is written."""
    with pytest.raises(PermissionDenied):
        write(household, ben)
    assert Household.objects.get(pk=household.pk).address == household.address
    assert not AuditEvent.objects.exists()
    write(household, ana)
    assert AuditEvent.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["tkpk_member", "agency_office"])
def test_a_role_that_sees_nobody_registers_nobody(agency, village, role: str):
    stranger = factories.user("stranger", role, agency=agency)
    with pytest.raises(PermissionDenied):
        services.register_household(area=village, number="BARU", by=stranger)


@pytest.mark.canary
@pytest.mark.parametrize("table", people_tables(), ids=lambda table: table._meta.db_table)
def test_a_serving_connection_sees_the_own_rows_of_a_table_and_no_other(
    world: World, table: type[Model]
) -> None:
    operator, rows = world.users["village_operator"], list(table._base_manager.all())
    assert set(AREAS.values()) <= {place_of(row, world.area_of_batch) for row in rows}
    own = {row.pk for row in rows if _is_own(row, operator)}
    assert own
    assert _seen(table, operator) == own
    assert _seen(table, world.users["tkpk_member"]) == set()


def _is_own(row: Any, operator: User) -> bool:
    """Of the own village; an upload has no village, and is whose who uploaded it."""
    if isinstance(row, ImportBatch | ImportRow):
        return (row.batch if isinstance(row, ImportRow) else row).uploaded_by == operator
    return row.area_id == operator.area_id


def _seen(table: type[Model], user: User) -> set[object]:
    """The keys of the rows that the web's role sees while it works for ``user``."""
    scope.set_floor(scope.floor_of(user))
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE simpul_web")
        cursor.execute(f"SELECT {table._meta.pk.column} FROM {table._meta.db_table}")
        rows = {pk for (pk,) in cursor.fetchall()}
        cursor.execute("RESET ROLE")
    scope.set_floor(scope.NOBODY)
    return rows
