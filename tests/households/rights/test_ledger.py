"""The list of erasures outside the database: neither a full disk nor a torn line keeps it from being read."""

import errno
import os
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command

from households.models import Member, Tombstone
from households.rights import ledger
from households.rights.erasure import erase_member
from tests.households.rights.forgotten import NAME

FIRST, SECOND = {"lifted": "1"}, {"lifted": "2"}


def full_disk_after(count):
    """Writes that take ``count`` bytes and then no more."""
    write, left = os.write, [count]

    def refuse(descriptor, text):
        if not left[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = write(descriptor, text[: left[0]])
        left[0] -= taken
        return taken

    return patch("os.write", refuse)


def test_a_write_that_a_full_disk_cut_off_is_taken_back_whole(settings):
    ledger.append([FIRST])
    before = settings.ERASURES_FILE.read_bytes()
    with full_disk_after(20), pytest.raises(OSError, match="No space left"):
        ledger.append([SECOND, SECOND])
    assert settings.ERASURES_FILE.read_bytes() == before
    ledger.append([SECOND])
    assert ledger.read() == [FIRST, SECOND]


def test_what_a_full_disk_kept_from_the_list_is_not_erased(home, head, hal):
    with full_disk_after(20), pytest.raises(OSError, match="No space left"):
        erase_member(member=head, by=hal, ground=Tombstone.Ground.REQUEST)
    assert ledger.read() == []
    assert Member.objects.get(pk=head.pk).name == NAME


def test_a_line_begins_anew_behind_one_that_was_torn(settings):
    settings.ERASURES_FILE.write_bytes(b'{"lifted":"1"}\n{"lif')
    ledger.append([SECOND])
    assert settings.ERASURES_FILE.read_bytes() == b'{"lifted":"1"}\n{"lif\n{"lifted":"2"}\n'


@pytest.mark.parametrize("torn", [b'{"member":', b"\0\0\0\0", b"\xff\xfe{", b"17"])
def test_a_replay_names_the_line_it_cannot_read_and_erases_nobody(home, head, hal, gus, settings, torn):
    home.refresh_from_db()
    ledger.append(
        [
            {
                "erased_on": "2026-11-01",
                "ground": "request",
                "household": home.pk,
                "registered_at": home.created_at.isoformat(),
                "member": head.pk,
                "nik_index": head.nik_index,
            }
        ]
    )
    with settings.ERASURES_FILE.open("ab") as stream:
        stream.write(torn)
    with pytest.raises(CommandError, match=r"2.*erasures\.jsonl"):
        call_command("replay_erasures", "--by", "gus", "--why", "cadangan dipulihkan")
    assert Member.objects.get(pk=head.pk).name == NAME
    assert not Tombstone.objects.exists()
