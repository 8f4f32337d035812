"""What has been kept long enough goes, and nothing else; a dry run only counts."""

import os
import re
import time
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

import pgtrigger
import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from households.imports import confirm
from households.models import Household, ImportBatch, ImportRow, Member, SubjectRequest, Tombstone
from households.rights.erasure import erase_member
from households.rights.requests import decide_request, receive_request
from households.rights.retention import PERIODS, YEAR, purge, rehearse
from households.services import change_family, change_household, change_member
from programs.models import Criterion, Program, Realisation, TargetList, TargetRow
from programs.services import approve_target_list, build_target_list, report_realisation
from registry.audit import deed, log_reading
from registry.models import AccessLog, AuditEvent, Job, Shown
from registry.trail_models import EARLIEST
from tests import factories
from tests.households.imports import files as workbooks
from tests.households.rights.forgotten import decided

NOW = timezone.now()


def aged(rows, **columns):
    """Moves rows back in time, past the guards that keep anybody from doing so."""
    with pgtrigger.ignore():
        rows.update(**columns)


def long_ago(years=20):
    return NOW - years * YEAR


@pytest.fixture
def old_and_new(village, next_village, household, ana, hal, fia, agency, bps14, files):
    """Of every class that ends, one thing whose time is over and one whose time is not."""
    for serial, is_old in ((901, True), (902, False)):
        batch = files.check(files.write(workbooks.home(serial)), ana)
        confirm(batch, by=ana)
        waiting = files.check(files.write(workbooks.home(serial + 5)), ana)
        if is_old:
            ImportBatch.objects.filter(pk=batch.pk).update(confirmed_at=long_ago())
            ImportBatch.objects.filter(pk=waiting.pk).update(uploaded_at=long_ago())
    change_member(member=household.members.get(), by=ana, name="Nama Baru")
    frozen = approved_list(village, agency, fia)
    left = factories.household(village, closed_on=date.today(), closed_reason="died")
    for days in (20 * 365, 10):
        then = date.today() - timedelta(days=days)
        factories.household(village, closed_on=then, closed_reason="moved")
        factories.member(household, closed_on=then, name=f"Pindah {days}")
        asked = receive_request(household=household, kind="access", asker="Siti", asked="Minta", by=ana)
        decide_request(request=asked, is_granted=True, outcome="Sudah", by=hal)
        erasable = factories.member(left, name=f"Dihapus {days}")
        asked_out = receive_request(
            household=left, member=erasable, kind="erasure", asker="Siti", asked="Hapus", by=ana
        )
        if days > 365:
            decide_request(request=asked_out, is_granted=True, outcome="Sudah", by=hal)
            aged(SubjectRequest.objects.filter(pk=asked_out.pk), decided_at=NOW - timedelta(hours=1))
        Job.objects.create(name="rejudge", state=Job.State.DONE, finished_at=NOW - timedelta(days=days))
        Session.objects.create(session_key=f"s{days}", expire_date=NOW - timedelta(days=days - 11))
        if days > 365:
            aged(SubjectRequest.objects.filter(pk=asked.pk), decided_at=long_ago())
            aged(_events("member"), pgh_created_at=long_ago())
            aged(_events("household"), pgh_created_at=long_ago())
            aged(_events("family"), pgh_created_at=long_ago())
            aged(TargetList.objects.filter(pk=frozen.pk), approved_at=long_ago())
    change_member(member=household.members.active().first(), by=ana, name="Nama Lebih Baru")
    approved_list(village, agency, fia, version=2)
    for code in ("old", "new"):
        draft = draft_of(agency, fia, code)
        if code == "old":
            TargetList.objects.filter(pk=draft.pk).update(built_at=long_ago())
    left_over("old.sealed", timedelta(days=2))
    left_over("new.sealed", timedelta(hours=1))


def left_over(name, age):
    """A sealed workbook in the storage that no batch names."""
    storage = ImportBatch._meta.get_field("file").storage
    path = Path(storage.path(storage.save(f"imports/2026/10/{name}", ContentFile(b"rahasia"))))
    os.utime(path, times=(time.time() - age.total_seconds(),) * 2)
    return path


def draft_of(agency, fia, code):
    program, _is_new = Program.objects.get_or_create(
        code=code,
        defaults={
            "name": "P",
            "agency": agency,
            "cluster": Program.Cluster.FAMILY,
            "strategy": Program.Strategy.POCKETS,
            "unit": Program.Unit.HOUSEHOLD,
            "year": 2026,
        },
    )
    Criterion.objects.get_or_create(
        program=program, fact="status", comparison="one_of", value="poor,very_poor"
    )
    return build_target_list(program=program, by=fia, on=date(2026, 11, 1))


def approved_list(village, agency, fia, version=1):
    home = factories.household(village, status="poor")
    frozen = approve_target_list(target_list=draft_of(agency, fia, "p"), by=fia)
    row = frozen.rows.get(household=home)
    day, note = date(2026, 11, 2), {"outcome": "refused", "by": fia}
    report_realisation(target_row=row, realised_on=day, reference="1", **note)
    report_realisation(target_row=row, realised_on=day, reference="2", replaces="1", **note)
    return frozen


@pytest.fixture
def old_trails(ana):
    """A reading and a deed as old as a trail may hold."""
    with patch("django.utils.timezone.now", lambda: EARLIEST):
        log_reading(
            user=ana, route="household-list", purpose="household list", shown=Shown.LINE, household_ids=[1]
        )
        with deed("receive_request", by=ana):
            pass


def _events(name):
    return apps.get_model("households", f"{name}event").objects.all()


def everything():
    """Row counts and a fingerprint of every table, but for those that any command writes."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(
                f'SELECT count(*), md5(string_agg(r::text, chr(10) ORDER BY r::text)) FROM "{table}" r'
            )
            found[table] = cursor.fetchone()
    return found


def test_a_dry_run_counts_and_changes_nothing(old_and_new, capsys, settings):
    before = everything()
    files = sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file())
    call_command("purge", "--dry-run")
    assert everything() == before
    assert sorted(path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()) == files
    lines = capsys.readouterr().out.splitlines()
    told = {line.split()[0]: int(re.search(r" (\d+)(?:  .*)?$", line)[1]) for line in lines[:-1]}
    assert told == {done.period.code: done.removed for done in rehearse(NOW)}
    assert int(lines[-1].split()[-1]) == sum(told.values()) > 0


ENDING = [period for period in PERIODS if period.keep]
ONE_OLD = {
    "granted-erasures",
    "imports-open",
    "imports-confirmed",
    "imports-left-over",
    "closed-members",
    "closed-households",
    "requests",
    "sessions",
    "jobs",
    "target-list-drafts",
    "target-lists",
}


def test_the_purge_removes_as_many_as_the_dry_run_counted_and_leaves_the_rest(
    old_and_new, gus, django_capture_on_commit_callbacks
):
    counted = {done.period.code: done.removed for done in rehearse(NOW)}
    assert {code for code, rows in counted.items() if rows} >= ONE_OLD | {"history-member"}
    before = {period.code: period.rows().count() for period in ENDING if period.rows}
    with django_capture_on_commit_callbacks(execute=True):
        removed = {period.code: purge(period, now=NOW, by=gus, why="jadwal").removed for period in ENDING}
    assert removed == counted
    assert all(period.found(NOW).rows == 0 for period in ENDING)
    for period in ENDING:
        if period.code in ONE_OLD - {"granted-erasures", "imports-confirmed", "imports-left-over", "jobs"}:
            assert period.rows().count() == before[period.code] - counted[period.code] >= 1, period.code


def test_a_dry_run_counts_no_row_twice_that_another_class_takes_along(
    village, household, ana, hal, gus, files, settings
):
    """The history of who is erased, a second request of hers, and the job of an import that goes."""
    home = factories.household(village, closed_on=date(2000, 1, 1), closed_reason="moved")
    change_member(member=home.members.get(), by=ana, name="Nama Baru")
    aged(_events("member"), pgh_created_at=long_ago())
    person = factories.member(household)
    for _each in range(2):
        decided(household, person, ana, hal)
    waiting = files.check(files.write(workbooks.home(1)), ana)
    ImportBatch.objects.filter(pk=waiting.pk).update(uploaded_at=long_ago())
    Job.objects.update(state=Job.State.DONE, finished_at=long_ago())
    now = timezone.now()
    counted = {done.period.code: done.removed for done in rehearse(now)}
    assert not settings.ERASURES_FILE.exists()
    assert (counted["granted-erasures"], counted["history-member"], counted["jobs"]) == (1, 0, 1)
    removed = {period.code: purge(period, now=now, by=gus, why="jadwal").removed for period in ENDING}
    assert removed == counted


def test_a_dry_run_tells_what_could_not_be_removed(village, ana, hal, gus, capsys):
    person = factories.household(village).members.get()
    asked = decided(person.household, person, ana, hal)
    with (
        patch("households.rights.requests.erase_member", side_effect=ValueError),
        pytest.raises(CommandError, match=rf"granted-erasures {asked.pk} \(ValueError\)"),
    ):
        call_command("purge", "--dry-run")


def test_after_the_purge_closed_people_and_their_files_are_gone_and_the_newer_ones_stay(
    old_and_new, gus, settings, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        call_command("purge", "--by", "gus", "--why", "jadwal retensi", verbosity=0)
    assert not Member.objects.filter(name__in=["Pindah 7300", "Dihapus 7300"]).exists()
    assert Member.objects.filter(name="Dihapus 10").exists()
    assert Member.objects.filter(name="Pindah 10").exists()
    assert Household.objects.filter(closed_reason="moved").count() == 1
    assert (
        ImportBatch.objects.count() == 3
    )  # two confirmed, one still waiting; the old unconfirmed one is gone
    kept = {batch.file.path for batch in ImportBatch.objects.exclude(file="")}
    assert len(kept) == 2
    (young,) = settings.MEDIA_ROOT.rglob("new.sealed")
    kept.add(str(young))
    assert {str(path) for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()} == kept
    assert ImportRow.objects.values("batch").distinct().count() == 2
    assert (TargetList.objects.frozen().count(), Realisation.objects.count()) == (1, 2)
    assert TargetList.objects.exclude(state="frozen").get().program.code == "new"
    assert TargetRow.objects.filter(target_list__version=2).exists()


def test_each_removal_is_a_deed_with_class_and_count(old_and_new, gus):
    (period,) = [period for period in PERIODS if period.code == "jobs"]
    assert purge(period, now=NOW, by=gus, why="jadwal").removed == 1
    event = AuditEvent.objects.filter(verb="purge").get()
    assert (event.by, event.why, event.details) == (gus, "jadwal", {"class": "jobs", "rows": 1})


def test_a_purge_goes_through_many_rows_in_chunks(db, gus):
    Job.objects.bulk_create(
        Job(name="rejudge", state=Job.State.DONE, finished_at=long_ago()) for _each in range(4_500)
    )
    (period,) = [period for period in PERIODS if period.code == "jobs"]
    assert purge(period, now=NOW, by=gus, why="jadwal").removed == 4_500
    assert [event.details["rows"] for event in AuditEvent.objects.order_by("pk")] == [2_000, 2_000, 500]


def test_a_household_on_an_approved_list_stays_as_a_shell_and_is_not_found_again(village, agency, fia, gus):
    frozen = approved_list(village, agency, fia)
    home = frozen.rows.get().household
    Household.objects.filter(pk=home.pk).update(closed_on=date(2000, 1, 1), closed_reason="moved")
    (period,) = [period for period in PERIODS if period.code == "closed-households"]
    assert purge(period, now=NOW, by=gus, why="jadwal").removed == 1
    home.refresh_from_db()
    assert (home.closed_reason, home.closed_on) == ("erased", date(2000, 1, 1))
    assert period.due(NOW).count() == 0


def test_a_file_that_an_import_names_is_no_left_over_however_old(ana, files, gus):
    batch = files.upload(files.write(workbooks.home(1)), ana)
    lost = left_over("lost.sealed", timedelta(days=2))
    os.utime(batch.file.path, times=(0, 0))
    (period,) = [period for period in PERIODS if period.code == "imports-left-over"]
    assert (period.found(NOW).rows, period.time) == (1, "1 hari")
    assert purge(period, now=NOW, by=gus, why="jadwal").removed == 1
    assert (Path(batch.file.path).exists(), lost.exists()) == (True, False)
    assert AuditEvent.objects.get(verb="purge").details == {"class": "imports-left-over", "rows": 1}


def test_a_file_that_cannot_be_removed_is_told(gus, db, settings, capsys):
    lost = left_over("lost.sealed", timedelta(days=2))
    with (
        patch.object(type(ImportBatch._meta.get_field("file").storage), "delete"),
        pytest.raises(CommandError, match="imports-left-over"),
    ):
        call_command("purge", "--by", "gus", "--why", "jadwal")
    assert lost.exists()


def run():
    call_command("purge", "--by", "gus", "--why", "jadwal", verbosity=0)


def test_a_person_whose_sealed_nik_is_damaged_is_erased_and_nobody_waits_behind(
    village, ana, hal, gus, agency, fia
):
    """An approved list holds the row, so that it is emptied and not only deleted."""
    frozen = approved_list(village, agency, fia)
    broken = frozen.rows.get().household.members.get()
    other = factories.household(village).members.get()
    for person in (broken, other):
        decided(person.household, person, ana, hal)
    Member.objects.filter(pk=broken.pk).update(nik_sealed=b"\x01" + b"0" * 40)
    run()
    assert not Member.objects.exclude(name="").exists()
    indexes = {broken.nik_index, other.nik_index}
    assert set(Tombstone.objects.values_list("nik_index", flat=True)) == indexes


def test_an_imported_row_whose_seal_is_damaged_keeps_nobody_from_being_erased(files, ana, hal, gus, village):
    """It goes where its place says whose it is, and stays elsewhere: nobody can read whose it is."""
    home, away = (files.check(files.write(workbooks.home(serial)), ana) for serial in (1, 2))
    confirm(home, by=ana)
    ImportRow.objects.filter(sheet="Anggota").update(packed_sealed=b"\x01" + b"0" * 40)
    household = Household.objects.get(number="RT-001")
    decided(household, None, ana, hal)
    run()
    assert not Household.objects.exists()
    assert not home.rows.exclude(packed_sealed=None).exists()
    assert not away.rows.filter(packed_sealed=None).exists()


def test_what_cannot_be_removed_stops_nothing_else_and_is_named_without_its_data(
    village, ana, hal, gus, capsys
):
    stuck, other = (factories.household(village).members.get() for _each in range(2))
    asked = [decided(person.household, person, ana, hal) for person in (stuck, other)]
    shared = factories.household(village)
    left = [factories.member(shared, closed_on=date(2000, 1, 1)) for _each in range(3)]
    erase = erase_member

    def refuse(*, member, **details):
        if member in (stuck, left[1]):
            raise ValueError(f"Key (name)=({member.name}) already exists.")
        erase(member=member, **details)

    with (
        patch("households.rights.requests.erase_member", refuse),
        patch("households.rights.retention.erase_member", refuse),
        pytest.raises(CommandError) as error,
    ):
        run()
    told = str(error.value)
    assert f"granted-erasures {asked[0].pk} (ValueError)" in told
    assert f"closed-members {left[1].pk} (ValueError)" in told
    assert stuck.name not in told
    assert {stuck, left[1]} < set(Member.objects.all())
    assert not Member.objects.filter(pk__in=[other.pk, left[0].pk, left[2].pk]).exists()
    rows = AuditEvent.objects.filter(verb="purge").values_list("details__class", "details__rows")
    assert sorted(rows) == [("closed-members", 1), ("closed-members", 1), ("granted-erasures", 1)]


def test_a_class_that_cannot_be_read_stops_no_other(gus, settings):
    Job.objects.create(name="rejudge", state=Job.State.DONE, finished_at=long_ago())
    (period,) = [period for period in PERIODS if period.code == "imports-left-over"]
    with (
        patch.object(type(period), "_due", side_effect=PermissionError("/srv/rahasia")),
        pytest.raises(CommandError, match=r"imports-left-over \(PermissionError\)"),
    ):
        run()
    assert not Job.objects.exists()


def test_a_draft_approved_meanwhile_is_not_removed_as_a_draft(village, agency, fia, gus):
    factories.household(village, status="poor")
    draft = draft_of(agency, fia, "p")
    (period,) = [period for period in PERIODS if period.code == "target-list-drafts"]
    approve_target_list(target_list=draft, by=fia)
    period.remove([draft.pk], gus, "jadwal")
    assert TargetList.objects.filter(pk=draft.pk).exists()


def test_requests_go_with_the_history_that_holds_their_words(household, ana, hal, gus):
    asked = receive_request(household=household, kind="access", asker="Siti", asked="Minta", by=ana)
    decide_request(request=asked, is_granted=True, outcome="Sudah", by=hal)
    aged(SubjectRequest.objects.all(), decided_at=long_ago())
    assert _events("subjectrequest").exists()
    (period,) = [period for period in PERIODS if period.code == "requests"]
    purge(period, now=NOW, by=gus, why="jadwal")
    assert not SubjectRequest.objects.exists()
    assert not _events("subjectrequest").exists()


def test_the_purge_leaves_every_row_of_the_trails(old_and_new, old_trails, gus):
    before = {model: list(model.objects.order_by("pk").values()) for model in (AccessLog, AuditEvent)}
    call_command("purge", "--by", "gus", "--why", "jadwal retensi", verbosity=0)
    for model, rows in before.items():
        assert any(row["at"] == EARLIEST for row in rows)
        kept = model.objects.filter(pk__lte=rows[-1]["id"]).order_by("pk").values()
        assert list(kept) == rows


@pytest.mark.parametrize("model", [AccessLog, AuditEvent])
def test_not_even_a_purge_with_its_guards_lifted_removes_a_row_of_a_trail(old_trails, model):
    with (
        pgtrigger.ignore(),
        pytest.raises(DatabaseError, match="never changed or removed"),
        transaction.atomic(),
    ):
        model.objects.all().delete()
    assert model.objects.exists()


@pytest.mark.parametrize("name", ["household", "family", "member", "subjectrequest"])
def test_nothing_else_may_remove_what_only_a_purge_removes(household, ana, name):
    change_member(member=household.members.get(), by=ana, name="Nama Baru")
    change_household(household=household, by=ana, address="Gang Baru")
    change_family(family=household.families.get(), by=ana, card_number="9902060101200077")
    asked = receive_request(household=household, kind="access", asker="Siti", asked="Minta", by=ana)
    SubjectRequest.objects.filter(pk=asked.pk).update(asker="Sita")
    assert _events(name).exists()
    with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
        _events(name).delete()
    assert _events(name).exists()


@pytest.mark.parametrize(
    ("arguments", "by_whom"),
    [
        (["--why", "x"], "nobody"),
        (["--by", "hal", "--why", "x"], "a verifier"),
        (["--by", "gus"], "no reason"),
    ],
)
def test_a_purge_needs_somebody_who_answers_for_it_and_a_reason(old_and_new, gus, arguments, by_whom):
    before = everything()
    with pytest.raises(CommandError):
        call_command("purge", *arguments)
    assert everything() == before, by_whom


def test_the_years_of_closed_households_are_a_setting(village, settings):
    factories.household(village, closed_on=date.today() - timedelta(days=800), closed_reason="moved")
    (period,) = [period for period in PERIODS if period.code == "closed-households"]
    assert period.due(NOW).count() == 0
    settings.CLOSED_YEARS = 2
    assert period.due(NOW).count() == 1
