"""Keys are rotated while the site is in use: stopped anywhere, gone on with, and nothing else is changed."""

from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from households.imports.batches import confirm
from households.models import Family, ImportBatch, ImportRow, Member
from programs.models import TargetRow
from programs.services import checksum
from registry import rotation
from registry.models import AuditEvent, SecondFactor
from registry.rotation import places, rotate
from registry.seals import add_key, make_key_file, version_of
from registry.second_factor import new_factor
from tests import factories
from tests.households.imports.files import Files, home

pytestmark = pytest.mark.django_db

COLUMNS = {
    "households_member.nik_sealed",
    "households_memberevent.nik_sealed",
    "households_family.card_number_sealed",
    "households_familyevent.card_number_sealed",
    "households_importrow.packed_sealed",
    "programs_targetrow.nik_sealed",
    "programs_targetrow.card_number_sealed",
    "registry_secondfactor.key_sealed",
}
FILES = "households_importbatch.file"


class Killed(BaseException):
    """As a process ends that is killed: nobody catches it."""


@pytest.fixture
def key_file(settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "files"
    path = tmp_path / "keys.json"
    make_key_file(path)
    settings.KEY_FILE = str(path)
    return path


@pytest.fixture
def filled(key_file, frozen, ana, tmp_path):
    """Rows in every sealed table: people with a past, a frozen list, an import and its file, a factor."""
    files = Files(tmp_path)
    batch = files.take_in(files.write(home(1), home(2)), ana)
    for member in Member.objects.filter(household__number="RT-001"):
        member.name = f"{member.name} kini"
        member.save()
    for family in Family.objects.exclude(card_number_index=""):
        family.position += 10
        family.save()
    new_factor(ana)
    return batch


def seals() -> dict[str, list[int]]:
    """The key versions in each column."""
    found = {}
    with connection.cursor() as cursor:
        for place in places():
            cursor.execute(
                f'SELECT "{place.held.sealed}" FROM "{place.model._meta.db_table}"'
                f' WHERE "{place.held.sealed}" IS NOT NULL'
            )
            found[str(place)] = [version_of(sealed) for (sealed,) in cursor.fetchall()]
    return found


def everything_revealed() -> list[object]:
    return [
        [member.nik.reveal() for member in Member.objects.order_by("pk")],
        [family.card_number.reveal() for family in Family.objects.order_by("pk")],
        [
            Member.nik.unseal(event.nik_sealed, event.pgh_obj_id)
            for event in Member.events.rel.related_model.objects.order_by("pgh_id")
        ],
        [
            Family.card_number.unseal(event.card_number_sealed, event.pgh_obj_id)
            for event in Family.events.rel.related_model.objects.order_by("pgh_id")
        ],
        [(row.nik.reveal(), row.card_number.reveal()) for row in TargetRow.objects.order_by("pk")],
        [row.cells for row in ImportRow.objects.order_by("pk")],
        [factor.key for factor in SecondFactor.objects.order_by("pk")],
        [batch.file.read() for batch in ImportBatch.objects.order_by("pk")],
    ]


def test_every_sealed_column_is_known_and_filled_here(filled):
    found = seals()
    assert set(found) == COLUMNS
    assert all(found.values())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name LIKE '%%\\_sealed'"
        )
        assert {name for (name,) in cursor.fetchall()} == COLUMNS


def test_everything_is_under_the_newest_key_and_says_what_it_said(filled, key_file, frozen, gus, capsys):
    before, rows = everything_revealed(), seals()
    events = {str(place): place.model.objects.count() for place in places()}
    deeds = AuditEvent.objects.count()
    add_key(key_file)
    call_command("rotate_keys", by="gus", why="tahunan")
    assert {version for versions in seals().values() for version in versions} == {2}
    assert {name: len(versions) for name, versions in seals().items()} == {
        name: len(versions) for name, versions in rows.items()
    }
    assert everything_revealed() == before
    assert {str(place): place.model.objects.count() for place in places()} == events
    assert AuditEvent.objects.count() == deeds + 1
    assert checksum(frozen) == frozen.sha256
    said = capsys.readouterr().out
    for name, versions in rows.items():
        assert f"{name}: {len(versions)} " in said
        assert f"{len(versions)} " in said
    assert FILES in said
    counts = rotate()
    assert set(counts) == COLUMNS | {FILES}
    for name, count in counts.items():
        assert (count.resealed, count.left, count.read) == (0, 0, count.current), name


@pytest.mark.parametrize("killed_after", [0, 1, 3, 6, 9, 15])
def test_it_goes_on_from_wherever_it_was_killed(killed_after, filled, key_file, monkeypatch):
    """Killed in the middle of a chunk: its statement has run, its transaction has not ended."""
    before, write, chunks = everything_revealed(), rotation._write, []
    add_key(key_file)

    def write_or_die(place, rows):
        write(place, rows)
        chunks.append(len(rows))
        if len(chunks) > killed_after:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_write", write_or_die)
        with pytest.raises(Killed):
            rotate(chunk=2)
    versions = [version for found in seals().values() for version in found]
    assert versions.count(2) == sum(chunks[:killed_after])
    assert everything_revealed() == before  # both keys open
    counts = rotate(chunk=2)
    assert sum(count.resealed for name, count in counts.items() if name != FILES) == versions.count(1)
    assert sum(count.current for name, count in counts.items() if name != FILES) == versions.count(2)
    for count in counts.values():
        assert (count.read, count.left) == (count.resealed + count.current, 0)
    assert {version for found in seals().values() for version in found} == {2}
    assert everything_revealed() == before


def test_a_frozen_list_is_as_protected_afterwards_as_before(filled, key_file, frozen):
    add_key(key_file)
    rotate()
    for change in ({"nik_sealed": None, "nik_index": ""}, {"name": "Lain"}):
        with pytest.raises(Exception, match="frozen"), transaction.atomic():
            frozen.rows.update(**change)
    event = Member.events.rel.related_model
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        event.objects.update(name="Lain")
    member = Member.objects.first()
    past = member.events.count()
    member.name = "Nama Lain"
    member.save()
    assert member.events.count() == past + 1


def test_a_seal_that_does_not_open_stops_the_rotation_and_is_named(filled, key_file):
    one, two = Member.objects.exclude(nik_index="")[:2]
    Member.objects.filter(pk=one.pk).update(nik_sealed=two.nik_sealed)
    add_key(key_file)
    with pytest.raises(ValueError, match=f"households_member.nik:{one.pk}"):
        rotate()


def test_rows_left_under_an_old_key_are_an_error(filled, key_file, gus, monkeypatch):
    add_key(key_file)
    monkeypatch.setattr(rotation, "_write", lambda place, rows: None)
    with pytest.raises(CommandError, match=r"again|lagi"):
        call_command("rotate_keys", by="gus", why="tahunan")
    assert deed_of_rotation().details["left"] > 0


def deed_of_rotation() -> AuditEvent:
    return AuditEvent.objects.filter(verb="rotate_keys").latest("pk")


def test_each_rotation_is_one_deed_with_its_counts(filled, key_file, gus):
    held = {name: len(versions) for name, versions in seals().items()} | {FILES: 1}
    add_key(key_file)
    call_command("rotate_keys", by="gus", why="tahunan")
    act = deed_of_rotation()
    assert (act.by, act.why, act.details) == (gus, "tahunan", {"version": 2, "resealed": held, "left": 0})
    call_command("rotate_keys", by="gus", why="tahunan")
    assert deed_of_rotation().details == {"version": 2, "resealed": {}, "left": 0}
    assert AuditEvent.objects.filter(verb="rotate_keys").count() == 2


def test_a_rotation_that_was_stopped_is_a_deed_too(filled, key_file, gus, monkeypatch):
    write, chunks = rotation._write, []
    add_key(key_file)

    def write_or_stop(place, rows):
        if len(chunks) == 2:
            raise KeyboardInterrupt
        write(place, rows)
        chunks.append((str(place), len(rows)))

    with monkeypatch.context() as patched:
        patched.setattr(rotation, "_write", write_or_stop)
        with pytest.raises(KeyboardInterrupt):
            call_command("rotate_keys", by="gus", why="tahunan")
    assert deed_of_rotation().details == {"version": 2, "resealed": dict(chunks), "left": None}
    call_command("rotate_keys", by="gus", why="tahunan, lanjutan")
    rest = deed_of_rotation()
    assert rest.why == "tahunan, lanjutan"
    assert rest.details["left"] == 0
    assert not set(dict(chunks)) & set(rest.details["resealed"])


@pytest.mark.parametrize("by", ["ana", "nobody"])
def test_who_is_no_administrator_rotates_nothing(by, filled, key_file, ana):
    add_key(key_file)
    with pytest.raises(CommandError):
        call_command("rotate_keys", by=by, why="tahunan")
    assert {version for versions in seals().values() for version in versions} == {1}


def test_a_file_that_is_gone_needs_no_key(filled, key_file):
    filled.file.storage.delete(filled.file.name)
    add_key(key_file)
    assert rotate()[FILES] == rotation.Count()


def test_an_import_checked_under_one_key_is_confirmed_under_the_next(key_file, ana, village, tmp_path):
    files = Files(tmp_path)
    batch = files.check(files.write(home(1)), ana)
    add_key(key_file)
    rotate()
    confirmed = confirm(batch, by=ana)
    assert confirmed.state == ImportBatch.State.CONFIRMED
    assert Member.objects.filter(household__number="RT-001").count() == 3
    assert factories.member(Member.objects.first().household, closed_on=date(2026, 1, 1)).nik
