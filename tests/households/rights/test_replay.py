"""A restored backup brings back whom the registry has forgotten; a replay of the list forgets again."""

import pytest
from django.core.management import CommandError, call_command

from households.models import (
    Family,
    Household,
    Member,
    Tombstone,
)
from households.rights import ledger
from registry.seals import blind_index
from tests.households.rights.forgotten import (
    CARD,
    NAME,
    NIK,
    STREET,
    Typed,
    granted,
    tables_holding,
)


def test_a_restored_backup_forgets_again(home, head, ana, hal, gus, capsys):
    """What a restore brings back is put back by hand: the same rows under the same ids."""
    kept_home = Household.objects.filter(pk=home.pk).values().get()
    granted(home, None, ana, hal)
    Tombstone.objects.all().delete()
    Household.objects.bulk_create([Household(**kept_home | {"current_assessment_id": None})])
    Household.objects.filter(pk=home.pk).update(created_at=kept_home["created_at"])
    restored = Household.objects.get(pk=home.pk)
    family = Family.objects.create(household=restored, area=restored.area, card_number=CARD)
    Member.objects.create(
        pk=head.pk,
        household=restored,
        family=family,
        area=restored.area,
        position=1,
        name=NAME,
        nik=NIK,
        household_relationship=1,
        family_relationship=1,
    )
    lines = ledger.read()
    call_command("replay_erasures", "--by", "gus", "--why", "cadangan dipulihkan")
    assert tables_holding(NAME, NIK, CARD, STREET) == set()
    assert Tombstone.objects.filter(nik_index=blind_index("nik", NIK)).exists()
    assert ledger.read() == lines
    capsys.readouterr()
    call_command("replay_erasures", "--by", "gus", "--why", "sekali lagi")
    assert "1" not in capsys.readouterr().out


def test_a_household_that_merely_has_the_same_id_is_left_alone(home, head, ana, hal, gus):
    ledger.append(
        {
            "erased_on": "2026-01-01",
            "ground": "request",
            "household": home.pk,
            "registered_at": "2020-01-01T00:00:00+00:00",
            "member": member,
            "nik_index": "",
        }
        for member in (head.pk, None)
    )
    call_command("replay_erasures", "--by", "gus", "--why", "cadangan dipulihkan")
    head.refresh_from_db()
    assert head.name == NAME


def test_a_lifted_tombstone_is_not_set_again(home, head, ana, hal, gus, monkeypatch):
    granted(home, head, ana, hal)
    monkeypatch.setattr("sys.stdin", Typed(f"{NIK}\n"))
    call_command("lift_erasure", "--by", "hal", "--why", "mendaftar lagi")
    call_command("replay_erasures", "--by", "gus", "--why", "cadangan dipulihkan")
    assert not Tombstone.objects.filter(nik_index=blind_index("nik", NIK)).exists()


@pytest.mark.parametrize("is_restored", [True, False], ids=["the person is back", "the tombstone is back"])
def test_a_tombstone_that_was_lifted_after_the_backup_does_not_come_back(
    home, head, ana, hal, gus, monkeypatch, is_restored
):
    kept = Member.objects.filter(pk=head.pk).values().get()
    granted(home, head, ana, hal)
    tombstone = Tombstone.objects.values().get()
    monkeypatch.setattr("sys.stdin", Typed(f"{NIK}\n"))
    call_command("lift_erasure", "--by", "hal", "--why", "mendaftar lagi")
    if is_restored:
        Member.objects.bulk_create([Member(**kept)])
    else:
        Tombstone.objects.create(**tombstone)
    call_command("replay_erasures", "--by", "gus", "--why", "cadangan dipulihkan")
    assert not Member.objects.filter(pk=head.pk).exists()
    assert not Tombstone.objects.exists()


def test_without_the_list_a_replay_refuses(gus):
    with pytest.raises(CommandError, match="SIMPUL_ERASURES_FILE"):
        call_command("replay_erasures", "--by", "gus", "--why", "cadangan dipulihkan")
