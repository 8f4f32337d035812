"""A frozen list stays as it was signed, whatever a serving connection asks and on whichever floor."""

import pytest
from django.db import DatabaseError, connection, transaction

from programs.models import TargetRow
from programs.services import build_target_list
from registry.scope import working_for
from tests.programs.conftest import DAY

REFUSED = "rows of a frozen target list never change"
COPY_OF_A_ROW = """
    INSERT INTO programs_targetrow
        (target_list_id, rank, household_id, area_id, name, nik_index, card_number_index, address, status,
         facts)
    SELECT target_list_id, 999, household_id, area_id, 'Diganti', '', '', '', status, facts
    FROM programs_targetrow WHERE id = %s
"""


def write(statement: str, *parameters: object) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.rowcount


@pytest.fixture
def settled(frozen, fia):
    """The approved list and a draft of the same programme, with no check left for the end of the test."""
    draft = build_target_list(program=frozen.program, by=fia, on=DAY)
    write("SET CONSTRAINTS ALL IMMEDIATE")
    return frozen, draft


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE programs_targetrow SET name = 'Diganti', rank = 999 WHERE id = %s",
        "DELETE FROM programs_targetrow WHERE id = %s",
        COPY_OF_A_ROW,
    ],
)
@pytest.mark.parametrize("who", ["ana", "fia", "eka"])
def test_no_floor_opens_a_frozen_list(request, settled, who, statement):
    """ana, on the floor of a village, does not see the list's head: the guard must, whoever asks."""
    row = settled[0].rows.first()
    with (
        working_for(request.getfixturevalue(who)),
        pytest.raises(DatabaseError, match=REFUSED),
    ):
        write(statement, row.pk)


@pytest.mark.parametrize(("here", "there"), [(0, 1), (1, 0)])
def test_no_row_moves_out_of_a_frozen_list_or_into_it(settled, fia, here, there):
    row = settled[here].rows.first()
    with working_for(fia), pytest.raises(DatabaseError, match=REFUSED):
        write(
            "UPDATE programs_targetrow SET target_list_id = %s, rank = 999 WHERE id = %s",
            settled[there].pk,
            row.pk,
        )


def test_a_draft_is_still_open(settled, fia):
    row = settled[1].rows.first()
    with working_for(fia):
        assert write("UPDATE programs_targetrow SET name = 'Diganti' WHERE id = %s", row.pk) == 1
        assert write("DELETE FROM programs_targetrow WHERE id = %s", row.pk) == 1
    assert not TargetRow.objects.filter(pk=row.pk).exists()


def test_a_table_of_ones_own_does_not_stand_in_for_the_lists(settled, fia):
    """What a connection makes for itself is found first where a name is not said in full."""
    row = settled[0].rows.first()
    with working_for(fia):
        write("CREATE TEMPORARY TABLE programs_targetlist (id bigint, state text)")
        write("INSERT INTO pg_temp.programs_targetlist VALUES (%s, 'draft')", settled[0].pk)
        with pytest.raises(DatabaseError, match=REFUSED):
            write("UPDATE programs_targetrow SET name = 'Diganti' WHERE id = %s", row.pk)


def test_only_those_who_serve_may_ask_the_guard(settled):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'simpul%%'"
            " AND has_function_privilege(rolname, %s, 'EXECUTE')",
            ["programs_list_is_draft(bigint)"],
        )
        assert {name for (name,) in cursor.fetchall()} == {"simpul", "simpul_web", "simpul_worker"}
