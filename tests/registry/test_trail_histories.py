"""What was before a change of users, areas, agencies, schemes and programmes is sealed like the trails."""

from datetime import date, datetime, timedelta

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from registry import trails
from registry.audit import deed
from registry.models import TrailSeal, User
from registry.trail_sources import sources
from registry.trails import Finding, What, seal_days
from tests.registry.meddling import at, execute, found


def test_a_changed_row_of_a_history_is_named(settings, tmp_path, ana, gus):
    """What a user might do before: under the seal as the deed itself is."""
    settings.TRAIL_HEADS = tmp_path / "heads"
    with deed("change_user", by=gus, why="pindah tugas"):
        User.objects.filter(pk=ana.pk).update(role="auditor")
    event = apps.get_model("registry", "userevent")
    row, day = event.objects.get(pgh_obj=ana).pk, timezone.localdate()
    tomorrow = _after(day)
    with at(tomorrow):
        seal_days()
    assert found(tomorrow) == []
    assert f"{day} userevent 1 " in settings.TRAIL_HEADS.read_text()
    name = "userevent"
    assert _meddled("UPDATE registry_userevent SET role = 'auditor'", tomorrow) == [
        Finding(name, day, What.CHANGED, row)
    ]
    assert _meddled("UPDATE registry_userevent SET pgh_context = NULL", tomorrow) == [
        Finding(name, day, What.CHANGED, row)
    ]
    assert _meddled("DELETE FROM registry_userevent", tomorrow) == [Finding(name, day, What.REMOVED, row)]
    late = "UPDATE registry_userevent SET pgh_created_at = '-infinity'"
    assert {finding.what for finding in _meddled(late, tomorrow)} == {What.REMOVED, What.STRANGE}


def _after(day: date) -> datetime:
    """When its seal is made."""
    return trails._bounds(day)[1] + timedelta(hours=2)


def _meddled(statement: str, when: datetime) -> list[Finding]:
    """What is found after a statement of the tables' owner, which is taken back."""
    with transaction.atomic():
        execute("SET CONSTRAINTS ALL IMMEDIATE")
        execute("ALTER TABLE registry_userevent DISABLE TRIGGER USER")
        execute(statement)
        execute("ALTER TABLE registry_userevent ENABLE TRIGGER USER")
        findings = found(when)
        transaction.set_rollback(True)
    return findings


def test_histories_of_people_are_under_no_seal_and_all_others_are():
    """An erasure removes those: a new history is either of people, or sealed."""
    assert set(sources()) == {
        *("audit", "access", "areaevent", "agencyevent", "userevent", "schemeevent"),
        *("programevent", "criterionevent", "districtquotaevent"),
    }


def test_a_column_that_came_later_leaves_older_seals_whole(ana, monkeypatch):
    User.objects.filter(pk=ana.pk).update(role="auditor")
    source, tomorrow = sources()["userevent"], _after(timezone.localdate())
    older = [name for name in source.columns if name != "email"]
    with monkeypatch.context() as patched:
        patched.setattr(trails, "columns_named", lambda trail: older if trail == "userevent" else [])
        seal_days(tomorrow)
    seal_days(tomorrow + timedelta(days=1))
    kept = TrailSeal.objects.filter(trail="userevent").order_by("day")
    assert [len(seal.columns) for seal in kept] == [len(older), len(older) + 1]
    assert found(tomorrow + timedelta(days=1)) == []


def test_the_worker_seals_histories_too(ana):
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    User.objects.filter(pk=ana.pk).update(role="auditor")
    execute("SET LOCAL ROLE simpul_worker")
    seal_days(_after(timezone.localdate()))
    execute("RESET ROLE")
    assert TrailSeal.objects.get(trail="userevent").rows == 1
