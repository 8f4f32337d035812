"""The file outside the database: what it gets, what it tells, and that it is never filled up."""

import errno
import os
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from registry.errors import Conflict
from registry.models import AuditEvent, TrailSeal
from registry.trails import Finding, What, seal_days
from tests.registry.meddling import LATER, TODAY, as_owner, at, found, rewrite_first_seal


@pytest.fixture
def heads(settings, tmp_path, three_days) -> Path:
    """The file outside, with three days of both trails."""
    settings.TRAIL_HEADS = tmp_path / "heads"
    seal_days(LATER, new_file=True)
    return settings.TRAIL_HEADS


TOMORROW = LATER + timedelta(days=1)


def test_only_the_file_outside_tells_of_a_database_written_anew(settings, tmp_path, read):
    settings.TRAIL_HEADS = tmp_path / "heads"
    row = read(datetime(2026, 11, 24, 1, tzinfo=UTC))
    read(datetime(2026, 11, 25, 1, tzinfo=UTC))
    seal_days(LATER, new_file=True)
    assert found() == []
    rewrite_first_seal(row, and_later=True)
    assert found() == [Finding("access", TODAY + timedelta(days=n), What.NOT_AS_OUTSIDE) for n in range(3)], (
        "every later seal rests on the first"
    )
    settings.TRAIL_HEADS = None
    assert found() == []


def test_the_file_outside_gets_one_line_a_day(heads):
    lines = heads.read_text().splitlines()
    assert [line.rpartition(" ")[0] for line in lines[:2]] == ["2026-11-24 access 2", "2026-11-24 audit 1"]
    seal_days(TOMORROW)
    assert heads.read_text().splitlines()[:6] == lines
    assert len(heads.read_text().splitlines()) == 8
    assert heads.stat().st_mode & 0o777 == 0o600


def test_a_seal_taken_out_is_told_by_the_file(heads):
    as_owner("DELETE FROM registry_trailseal WHERE day = '2026-11-26'", table="registry_trailseal")
    assert found() == [
        Finding(trail, date(2026, 11, 26), What.NOT_AS_OUTSIDE) for trail in ("access", "audit")
    ]


def test_the_first_day_makes_the_file(settings, tmp_path, read):
    settings.TRAIL_HEADS = tmp_path / "heads"
    read(datetime(2026, 11, 24, 1, tzinfo=UTC))
    seal_days(datetime(2026, 11, 25, 4, tzinfo=UTC))
    assert settings.TRAIL_HEADS.read_text().startswith("2026-11-24 access 1 ")
    seal_days(LATER)
    assert found() == []


@pytest.mark.parametrize("left", [None, ""])
def test_a_file_that_is_gone_is_not_filled_from_the_database(left, heads, three_days):
    """The share is not mounted for an hour; meanwhile a row and every seal go."""
    kept = heads.read_text()
    heads.unlink()
    if left is not None:
        heads.write_text(left)
    as_owner("DELETE FROM registry_accesslog WHERE id = %s", three_days[0].pk)
    as_owner("DELETE FROM registry_trailseal", table="registry_trailseal")
    with pytest.raises(Conflict) as refused:
        seal_days(LATER)
    assert refused.value.code == "outside_file_missing"
    assert TrailSeal.objects.count() == 6, "the sealing goes on"
    assert left == (heads.read_text() if heads.exists() else None)
    heads.write_text(kept)
    assert Finding("access", TODAY, What.NOT_AS_OUTSIDE) in found()


def test_a_gap_in_the_file_is_not_filled_either(heads):
    lines = heads.read_text().splitlines(keepends=True)
    heads.write_text("".join(lines[:2] + lines[3:]))
    with pytest.raises(Conflict, match="2026-11-25") as refused:
        seal_days(TOMORROW)
    assert refused.value.code == "outside_file_gap"
    assert len(heads.read_text().splitlines()) == 5
    assert Finding("access", date(2026, 11, 25), What.NOT_AS_OUTSIDE) in found(TOMORROW)


def test_a_line_begins_anew_behind_one_without_an_end(heads):
    heads.write_text(heads.read_text().rstrip("\n"))
    seal_days(TOMORROW)
    assert len(heads.read_text().splitlines()) == 8
    assert found(TOMORROW) == []


def test_a_full_disk_leaves_no_half_line(heads, monkeypatch):
    write, before = os.write, heads.read_bytes()

    def refuse(descriptor, text):
        monkeypatch.setattr(os, "write", full)
        return write(descriptor, text[:9])

    def full(descriptor, text):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", refuse)
    with pytest.raises(OSError, match="No space left"):
        seal_days(TOMORROW)
    monkeypatch.undo()
    assert heads.read_bytes() == before
    seal_days(TOMORROW)
    assert found(TOMORROW) == []


def test_a_write_that_takes_a_part_is_gone_on_with(heads, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, text: write(descriptor, text[:7]))
    seal_days(TOMORROW)
    assert found(TOMORROW) == []


@pytest.mark.english
def test_a_new_file_is_begun_by_an_administrator_who_says_why(heads, gus):
    with at(TOMORROW):
        with pytest.raises(CommandError, match="move it away"):
            call_command("seal_trails", new_file=True, by="gus", why="salah")
        heads.rename(heads.with_name("old"))
        with pytest.raises(CommandError, match="--new-file"):
            call_command("seal_trails")
        for about in ({}, {"by": "ana", "why": "hilang"}):
            with pytest.raises(CommandError, match="--by"):
                call_command("seal_trails", new_file=True, **about)
        assert not heads.exists()
        call_command("seal_trails", new_file=True, by="gus", why="piringan rusak", stdout=StringIO())
    act = AuditEvent.objects.latest("pk")
    assert (act.verb, act.by, act.why) == ("begin_trail_heads", gus, "piringan rusak")
    assert len(heads.read_text().splitlines()) == 8
    assert found(TOMORROW) == []


@pytest.mark.english
def test_an_unreadable_line_outside_is_said(settings, tmp_path, three_days):
    settings.TRAIL_HEADS = tmp_path / "heads"
    settings.TRAIL_HEADS.write_text("2026-11-24 access two\n")
    with pytest.raises(CommandError, match="line 1"):
        call_command("verify_trail")
