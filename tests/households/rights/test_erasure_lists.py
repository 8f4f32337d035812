"""What an erasure does to target lists: an approved one keeps its row, a draft forgets."""

import pgtrigger
import pytest
from django.urls import reverse
from django.utils import timezone

from households.models import (
    Household,
    Member,
)
from programs.models import TargetRow
from programs.services import approve_target_list, build_target_list
from tests.households.rights.forgotten import (
    CARD,
    NAME,
    NIK,
    OLD_NAME,
    STREET,
    granted,
    tables_holding,
)

LIST_TABLES = {"programs_targetrow"}


def test_an_approved_list_keeps_its_row_and_the_rest_is_an_empty_shell(home, program, fia, ana, hal, client):
    frozen = build_target_list(program=program, by=fia, on=timezone.localdate())
    frozen = approve_target_list(target_list=frozen, by=fia)
    granted(home, None, ana, hal)
    assert tables_holding(NAME, OLD_NAME, NIK, CARD, STREET, "Gang Lama", "Anak Tinggal") == LIST_TABLES
    row = TargetRow.objects.get()
    assert (row.name, row.household_id) == (NAME, home.pk)
    shell = Household.objects.get(pk=home.pk)
    assert (shell.closed_reason, shell.address, shell.current_assessment) == ("erased", "", None)
    assert not shell.assessments.exists()
    assert not shell.statuses.exists()
    client.force_login(ana)
    page = client.get(shell.get_absolute_url())
    assert page.status_code == 200
    assert reverse("request-create", args=[shell.pk]) not in page.content.decode()
    assert client.get(reverse("request-create", args=[shell.pk])).status_code == 404


def test_a_draft_forgets_at_once(home, program, fia, ana, hal):
    draft = build_target_list(program=program, by=fia, on=timezone.localdate())
    assert draft.row_count == 1
    granted(home, None, ana, hal)
    draft.refresh_from_db()
    assert (draft.row_count, draft.rows.count()) == (0, 0)
    assert tables_holding(NAME, NIK, STREET) == set()


def test_a_draft_that_names_the_erased_head_forgets_her_place(home, head, program, fia, ana, hal):
    build_target_list(program=program, by=fia, on=timezone.localdate())
    granted(home, head, ana, hal)
    assert tables_holding(NAME, NIK) == set()


@pytest.mark.parametrize("is_other_name", [True, False], ids=["by the NIK", "by the name"])
def test_a_draft_knows_the_head_by_her_nik_or_her_earlier_name(
    home, head, program, fia, ana, hal, is_other_name
):
    if is_other_name:
        Member.objects.filter(pk=head.pk).update(name="Sementara")
    build_target_list(program=program, by=fia, on=timezone.localdate())
    with pgtrigger.ignore():
        if is_other_name:
            TargetRow.objects.update(name="Salah Ketik")
        else:
            TargetRow.objects.update(nik_sealed=None, nik_index="", name=OLD_NAME)
    granted(home, head, ana, hal)
    assert not TargetRow.objects.exists()


def test_a_draft_keeps_the_row_of_another_head(home, program, fia, ana, hal):
    """Neither of the two has a NIK: an empty one is no number to be known by."""
    child = home.members.get(name="Anak Tinggal")
    Member.objects.filter(household=home).update(nik_sealed=None, nik_index="", nik_missing="other")
    build_target_list(program=program, by=fia, on=timezone.localdate())
    granted(home, child, ana, hal)
    assert TargetRow.objects.get().name == NAME
