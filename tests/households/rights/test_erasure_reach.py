"""How far an erasure reaches: earlier numbers, waiting imports, former households, words about a household,
and the same again after a backup was restored.
"""

from datetime import date

import pytest
from django.core.management import call_command
from django.utils import timezone

from households.imports import confirm
from households.models import Household, ImportBatch, ImportRow, Member, SubjectRequest, Tombstone
from households.rights import ledger
from households.rights.erasure import erase_household, erase_member
from households.rights.requests import receive_request
from households.rights.retention import PERIODS, purge
from households.services import change_household, change_member
from registry.seals import blind_index
from tests import factories
from tests.households.imports import files as workbooks
from tests.households.rights.forgotten import (
    NAME,
    NIK,
    OLD_NAME,
    STREET,
    decided,
    granted,
    in_the_night,
    tables_holding,
)

REQUEST, RETENTION = Tombstone.Ground.REQUEST, Tombstone.Ground.RETENTION


def replay():
    call_command("replay_erasures", "--by", "gus", "--why", "cadangan dipulihkan")


def noted(*rows, ground):
    """Puts on the list what was erased of these rows, as if a backup had brought them back since."""
    lines = []
    for row in rows:
        is_person = isinstance(row, Member)
        home = Household.objects.get(pk=row.household_id if is_person else row.pk)
        lines.append(
            {
                "erased_on": "2026-11-01",
                "ground": ground,
                "household": home.pk,
                "registered_at": home.created_at.isoformat(),
                "member": row.pk if is_person else None,
                "nik_index": row.nik_index if is_person else "",
            }
        )
    ledger.append(lines)


# The whole household


@pytest.fixture
def former(next_village):
    """A household in which the person was alone, and has an old row."""
    home = Household.objects.create(area=next_village, number="ZQ-8", address="Gang Melati Lama 3")
    factories.member(home, name=NAME, nik=NIK, closed_on=date(2020, 1, 1), position=1)
    return home


def test_a_former_household_in_which_nobody_else_was_goes_along(home, head, former, ana, hal):
    granted(home, head, ana, hal)
    assert not Household.objects.filter(pk=former.pk).exists()
    assert tables_holding("Gang Melati Lama 3") == set()
    assert [line["member"] for line in ledger.read()][-1] is None
    assert home.members.get().name == "Anak Tinggal"


def test_a_former_household_in_which_somebody_else_is_stays(home, head, former, ana, hal):
    factories.member(former, name="Masih Di Sini")
    granted(home, head, ana, hal)
    assert former.members.get().name == "Masih Di Sini"


@pytest.fixture
def grown(home, next_village):
    """The child left long ago, and heads a household elsewhere that has nothing to do with the request."""
    child = home.members.get(name="Anak Tinggal")
    Member.objects.filter(pk=child.pk).update(closed_on=date(2020, 1, 1))
    own = Household.objects.create(area=next_village, number="ZQ-9", address="Jalan Baru 9")
    return factories.member(own, name="Anak Tinggal", nik=child.nik.reveal(), position=1)


def is_untouched(grown):
    grown.refresh_from_db()
    return (grown.name, grown.household.address) == ("Anak Tinggal", "Jalan Baru 9")


def test_a_household_that_is_erased_leaves_who_had_left_it_where_they_live_now(home, grown, ana, hal):
    granted(home, None, ana, hal)
    assert is_untouched(grown)
    assert not Tombstone.objects.filter(nik_index=grown.nik_index).exists()
    assert tables_holding(NAME, STREET) == set()
    assert tables_holding("Anak Tinggal") == {"households_member"}


def test_a_household_that_is_erased_takes_along_where_its_people_were_before(home, former, ana, hal):
    granted(home, None, ana, hal)
    assert not Household.objects.filter(pk=former.pk).exists()


def test_who_had_left_and_asks_for_herself_is_forgotten_everywhere(home, grown, ana, hal):
    granted(home, home.members.get(name="Anak Tinggal"), ana, hal)
    assert tables_holding("Anak Tinggal", "Jalan Baru 9") == set()


def test_rows_of_who_had_left_that_wait_elsewhere_stay(home, files, ana, hal):
    waiting = files.check(files.write(workbooks.home(5)), ana)
    factories.member(home, name="Sampel 5 3", nik=workbooks.nik(53), closed_on=date(2020, 1, 1))
    granted(home, None, ana, hal)
    assert not waiting.rows.filter(packed_sealed=None).exists()


def test_who_left_and_came_back_is_the_last_person_with_both_rows(village, ana, hal):
    home = factories.household(village)
    person = home.members.get()
    factories.member(home, name="Dulu", nik=person.nik.reveal(), closed_on=date(2020, 1, 1))
    granted(home, person, ana, hal)
    assert not Household.objects.filter(pk=home.pk).exists()


def test_retention_of_the_last_person_takes_the_household_along(village, next_village, gus):
    alone, shared = factories.household(village), factories.household(next_village)
    for home in (alone, shared):
        home.members.update(closed_on=date(2000, 1, 1), closed_reason=2)
    factories.member(shared, name="Masih Di Sini")
    (period,) = [period for period in PERIODS if period.code == "closed-members"]
    assert purge(period, now=timezone.now(), by=gus, why="jadwal").removed == 2
    assert list(Household.objects.all()) == [shared]


# Imports


@pytest.fixture
def other_number(imported, ana):
    """RT-001 got another number after its rows were imported."""
    home = Household.objects.get(number="RT-001")
    change_household(household=home, by=ana, number="RT-777")
    return home


def test_rows_imported_under_an_earlier_number_are_forgotten(imported, other_number, ana, hal):
    granted(other_number, None, ana, hal)
    assert tables_holding("Sampel 1 1", "Sampel 1 3", "Jalan Mawar 1") == set()
    assert not imported.rows.exclude(packed_sealed=None).exists()


def test_a_person_without_a_nik_is_known_under_an_earlier_number(imported, other_number, ana, hal):
    person = other_number.members.get(name="Sampel 1 3")
    for row in ImportRow.objects.filter(sheet=imported.rows.last().sheet):
        cells = row.packed.replace(workbooks.nik(13), "")
        ImportRow.objects.filter(pk=row.pk).update(packed_sealed=ImportRow.packed.seal(cells, row.pk))
    erase_member(member=person, by=hal, ground=RETENTION)
    assert tables_holding("Sampel 1 3") == set()
    assert tables_holding("Sampel 1 2") == {"households_member", "households_importrow"}


def test_rows_of_whoever_has_the_earlier_number_now_stay(other_number, files, ana, hal):
    people = [workbooks.person(9, 1, household_number="RT-001", name="Penghuni Baru")]
    row = workbooks.home(9)[0] | {"household_number": "RT-001", "household_size": 1}
    confirm(files.check(files.write((row, people)), ana), by=ana)
    assert Household.objects.filter(number="RT-001").exists()
    granted(other_number, None, ana, hal)
    assert tables_holding("Penghuni Baru") == {"households_member", "households_importrow"}
    assert tables_holding("Jalan Mawar 9") == {"households_household", "households_importrow"}
    assert tables_holding("Sampel 1 1", "Sampel 1 3") == set()


def test_rows_that_wait_for_confirmation_elsewhere_are_forgotten(home, files, ana, hal):
    """The workbook was checked before the person was registered in another household."""
    waiting = files.check(files.write(workbooks.home(5)), ana)
    person = factories.member(home, name="Sampel 5 3", nik=workbooks.nik(53))
    granted(home, person, ana, hal)
    assert tables_holding(workbooks.nik(53), "Sampel 5 3") == set()
    assert waiting.rows.exclude(packed_sealed=None).count() == 3
    confirm(waiting, by=ana)
    waiting.refresh_from_db()
    assert waiting.state == ImportBatch.State.CHECKED
    assert not Household.objects.filter(number="RT-005").exists()


@pytest.fixture
def slip(home, head, ana):
    """The NIK the head was once entered with by mistake is another person's."""
    change_member(member=head, by=ana, nik=workbooks.nik(53))
    change_member(member=head, by=ana, nik=NIK)
    assert tables_holding(workbooks.nik(53)) == {"households_memberevent"}


def test_a_waiting_row_of_who_really_has_the_mistyped_nik_stays(home, head, slip, files, ana, hal):
    waiting = files.check(files.write(workbooks.home(5)), ana)
    granted(home, head, ana, hal)
    waiting.refresh_from_db()
    assert waiting.file
    assert not waiting.rows.filter(packed_sealed=None).exists()


def test_a_waiting_row_with_the_mistyped_nik_and_an_earlier_name_of_hers_goes(
    home, head, slip, files, ana, hal
):
    row, people = workbooks.home(5, people=2)
    people.append(workbooks.person(5, 3, name=f" {OLD_NAME.upper()} "))
    waiting = files.check(files.write((row, people)), ana)
    granted(home, head, ana, hal)
    assert tables_holding(OLD_NAME, workbooks.nik(53)) == set()
    assert waiting.rows.filter(packed_sealed=None).count() == 1


# Words about the household


def test_the_words_of_who_asked_for_the_household_go_with_her(home, head, ana, hal):
    of_hers = {"household": home, "kind": "access", "by": ana}
    for asker in (NAME, f" {OLD_NAME.upper()} "):
        receive_request(asker=asker, asked=f"Data rumah {asker}", **of_hers)
    other = receive_request(asker="Anak Tinggal", asked="Data kami", **of_hers)
    granted(home, head, ana, hal)
    assert tables_holding(NAME, OLD_NAME) == set()
    other.refresh_from_db()
    assert (other.asker, other.asked) == ("Anak Tinggal", "Data kami")


def test_an_erasure_granted_for_the_household_keeps_its_words_until_it_is_carried_out(home, head, ana, hal):
    whole = decided(home, None, ana, hal)
    erase_member(member=head, by=hal, ground=REQUEST)
    assert SubjectRequest.objects.to_carry_out().get() == whole
    in_the_night()
    assert not Household.objects.filter(pk=home.pk).exists()
    assert tables_holding(NAME, STREET) == set()


# A restored backup


def test_a_replay_sets_no_tombstone_for_who_is_registered_elsewhere(home, head, former, hal, gus):
    Household.objects.filter(pk=former.pk).update(closed_on=date(2020, 1, 1), closed_reason="moved")
    erase_household(household=Household.objects.get(pk=former.pk), by=hal, ground=RETENTION)
    replay()
    assert not Tombstone.objects.exists()
    assert Member.objects.get(pk=head.pk).name == NAME


def test_a_replay_of_her_own_request_forgets_rejected_rows_elsewhere_again(imported, files, ana, gus):
    row, people = workbooks.home(5, people=1)
    people.append(workbooks.person(5, 2, name="Sampel 1 3", nik=workbooks.nik(13)))
    assert files.check(files.write((row, people)), ana).rows_rejected
    noted(Member.objects.get(name="Sampel 1 3"), ground=REQUEST)
    lines = ledger.read()
    replay()
    assert tables_holding("Sampel 1 3", workbooks.nik(13)) == set()
    assert ledger.read() == lines
    assert Tombstone.objects.get().ground == Tombstone.Ground.REPLAY


def test_a_replay_of_what_retention_erased_leaves_who_lives_elsewhere(home, head, former, gus):
    noted(former.members.get(), former, ground=RETENTION)
    replay()
    assert not Household.objects.filter(pk=former.pk).exists()
    assert Member.objects.get(pk=head.pk).name == NAME
    assert not Tombstone.objects.exists()


def test_a_replay_leaves_who_had_left_the_household_where_they_live_now(home, grown, ana, hal, gus):
    kept = Household.objects.filter(pk=home.pk).values().get() | {"current_assessment_id": None}
    left = home.members.get(name="Anak Tinggal")
    granted(home, None, ana, hal)
    Household.objects.bulk_create([Household(**kept)])
    Household.objects.filter(pk=home.pk).update(created_at=kept["created_at"])
    restored = Household.objects.get(pk=home.pk)
    left = factories.member(restored, pk=left.pk, name=left.name, nik=left.nik, closed_on=left.closed_on)
    replay()
    assert not Member.objects.filter(pk=left.pk).exists()
    assert is_untouched(grown)


def test_a_replay_counts_each_person_and_household_once(home, head, gus, capsys):
    noted(*home.members.all(), home, ground=REQUEST)
    replay()
    assert "1 rumah tangga, 2 anggota" in capsys.readouterr().out
    assert tables_holding(NAME, STREET) == set()
    assert Tombstone.objects.filter(nik_index=blind_index("nik", NIK)).exists()
    replay()
    assert "0 rumah tangga, 0 anggota" in capsys.readouterr().out
