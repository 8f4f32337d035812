"""The file outside the database: a line for each seal of the trails, written once and never filled up again.

What the database says of days that the file should know proves nothing: it may have been written anew.
"""

import re
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from registry.appended_files import append
from registry.errors import Conflict
from registry.models import TrailSeal

HEAD = re.compile(r"(\d{4}-\d\d-\d\d) ([a-z]+) (\d+) ([0-9a-f]{64})")


class Head(NamedTuple):
    rows: int
    digest: str


Heads = dict[tuple[str, date], Head]  # by trail and day


def outside() -> Heads:
    """Empty where there is no file. Raises Conflict on a line that is none of ours."""
    if settings.TRAIL_HEADS is None or not settings.TRAIL_HEADS.exists():
        return {}
    heads: Heads = {}
    text = settings.TRAIL_HEADS.read_text(errors="replace")
    for number, line in enumerate(text.splitlines(), start=1):
        parts = HEAD.fullmatch(line)
        if parts is None:
            sentence = _("The outside file cannot be read: line %(number)s is not a seal.")
            raise Conflict(sentence % {"number": number}, code="outside_file")
        day, trail, rows, digest = parts.groups()
        # The first line of a day counts: later ones were not written by us.
        heads.setdefault((trail, date.fromisoformat(day)), Head(int(rows), digest))
    return heads


def inside() -> Heads:
    """Of every seal, the oldest day first."""
    seals = TrailSeal.objects.defer("leaves").order_by("day", "trail")
    return {(seal.trail, seal.day): Head(seal.rows, bytes(seal.digest).hex()) for seal in seals}


def tell(*, is_new: bool = False) -> None:
    """Appends the seals of later days than each trail's newest line.

    Raises Conflict where the file lacks older ones; a file that is not there begins with the first day, or
    where somebody who knows why says that it ``is_new``.
    """
    if settings.TRAIL_HEADS is None:
        return
    known, seals = outside(), inside()
    if known and is_new:
        sentence = _("The outside file holds seals: move it away before a new one is begun.")
        raise Conflict(sentence, code="outside_file_kept")
    if not known and not is_new and len({day for _trail, day in seals}) > 1:
        sentence = _(
            "The outside file is missing or empty, though days were sealed before: bring it back. "
            "If it is lost for good, begin a new one: manage.py seal_trails --new-file."
        )
        raise Conflict(sentence, code="outside_file_missing")
    newest = dict(sorted(known))  # of each trail the last day stays
    lacking = [key for key in seals if key not in known]
    gaps = [day for trail, day in lacking if day < newest.get(trail, date.min)]
    if gaps:
        sentence = _("The outside file lacks the seal of %(day)s, though it has later ones: bring it back.")
        raise Conflict(sentence % {"day": gaps[0].isoformat()}, code="outside_file_gap")
    lines = [f"{day} {trail} {seals[trail, day].rows} {seals[trail, day].digest}\n" for trail, day in lacking]
    if lines:
        append(settings.TRAIL_HEADS, "".join(lines).encode())
