"""``manage.py subject_report``: all that is held of one person, for that person.

The NIK is asked for, or read from a pipe: among the arguments it would stand in the list of processes.
"""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from households.identifiers import check_nik
from households.models import ImportRow, Member, Tombstone
from households.subject_imports import SEARCHED, Loose, loose_rows
from households.subject_report import (
    SECTIONS_OF_ERASED,
    Facts,
    Kept,
    cells_of,
    import_rows,
    readings_of_imports,
    report_on,
    shown,
)
from households.subject_text import lines
from registry.audit import log_reading, subject_of
from registry.management.officers import ask_who_and_why, officer
from registry.models import Shown, User
from registry.numbers import IdentityNumber

ROUTE = "manage.py subject_report"


class Command(BaseCommand):
    help = "Prints as JSON what is held of one person, from where, who received it, and who looked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--member", type=int, metavar="ID", help="instead of a NIK on the standard input")
        parser.add_argument("--text", action="store_true", help="text for paper instead of JSON")
        parser.add_argument("--full", action="store_true", help="identity numbers in full")
        parser.add_argument(
            "--every-row", action="store_true", help="search all rows of workbooks, however long it takes"
        )
        ask_who_and_why(parser)

    def handle(self, *, member: int | None, text: bool, full: bool, every_row: bool, **options: Any) -> None:
        user, why = officer(options, "households.reveal_number" if full else "households.view_member")
        nik = _asked_nik() if member is None else ""
        people = _rows_of(user, member, nik)
        nik = nik or next((person.nik.reveal() for person in people), "")
        remains = _remains(nik, user, people)
        loose = loose_rows(nik, user, limit=None if every_row else SEARCHED) if nik else Loose([], 0)
        if not (people or remains or loose.rows):
            raise CommandError(_("No such person is known in the area of %(name)s.") % {"name": user})
        # All readings are recorded before anything is told, so that they stand in the report themselves.
        for about in _readings(people, remains, loose.rows, full=full):
            log_reading(user=user, route=ROUTE, purpose=why, **about)
        found = _told(people, remains, loose, full=full)
        report = {"made_at": timezone.now(), "made_by": str(user), "why": why} | found
        if text:
            self.stdout.writelines(f"{line}\n" for line in lines(report))
        else:
            self.stdout.write(json.dumps(report, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))


def _rows_of(user: User, member: int | None, nik: str) -> list[Member]:
    """Every row of the person, who may have moved. Raises CommandError where ``user`` sees only some."""
    everybody = Member.objects.select_related("household__area", "family").order_by("pk")
    if member is not None:
        index = everybody.visible_to(user).filter(pk=member).values_list("nik_index", flat=True).first()
        rows = everybody.filter(nik_index=index) if index else everybody.filter(pk=member)
    else:
        rows = everybody.with_nik(nik)
    seen = list(rows.visible_to(user))
    if seen and len(seen) < rows.count():
        sentence = _(
            "%(name)s does not see all of this person's rows: an officer who sees every area must ask."
        )
        raise CommandError(sentence % {"name": user})
    return seen


@dataclass(frozen=True, slots=True)
class Remains:
    """What is held of a NIK besides registered rows: its tombstone, and what other rooms keep."""

    tombstone: Tombstone | None
    kept: list[Kept]

    @property
    def household_ids(self) -> list[int]:
        return [pk for each in self.kept for pk in each.household_ids]

    def __bool__(self) -> bool:
        return bool(self.tombstone or self.household_ids)


def _remains(nik: str, user: User, people: list[Member]) -> Remains:
    if not nik:
        return Remains(None, [])
    kept = [add(IdentityNumber(nik), user, people) for add in SECTIONS_OF_ERASED]
    return Remains(Tombstone.objects.of_nik(nik).first(), kept)


def _readings(
    people: list[Member], remains: Remains, rows: list[ImportRow], *, full: bool
) -> Iterator[dict[str, Any]]:
    """Of whom the report tells, as ``log_reading`` takes it."""
    if people:
        yield {
            "shown": Shown.REPORT,
            "household_ids": [person.household_id for person in people],
            "member_ids": [person.pk for person in people],
            "subject": subject_of(people[-1]),
            "is_full": full,
        }
    if remains:
        yield {
            "shown": Shown.REPORT,
            "household_ids": remains.household_ids,
            "member_ids": [pk for each in remains.kept for pk in each.member_ids],
            "subject": subject_of(remains.tombstone) if remains.tombstone else "",
            "count": max(1, len(remains.household_ids)),
        }
    for batch, count in Counter(row.batch for row in rows).items():
        about = {"shown": Shown.IMPORT, "household_ids": [], "subject": subject_of(batch)}
        yield about | {"count": count, "is_full": full}


def _told(people: list[Member], remains: Remains, loose: Loose, *, full: bool) -> Facts:
    """What does not belong to one registered row of the person stands beside ``people``."""
    found: Facts = {"people": [report_on(person, full=full) for person in people]}
    if remains.tombstone:
        found["erased"] = shown(remains.tombstone, ("erased_on", "ground"))
    for each in remains.kept:
        if each.household_ids or not people:
            found |= each.facts
    if loose.rows:
        cells = [{"cells": cells_of(row, full=full)} for row in loose.rows]
        told = zip(import_rows(loose.rows), cells, strict=True)
        found["imports"] = [facts | typed for facts, typed in told]
        found["readings"] = list(readings_of_imports(loose.rows))
    if loose.left:
        found["not_searched"] = loose.left
    return found


def _asked_nik() -> str:
    typed = input("NIK: ") if sys.stdin.isatty() else sys.stdin.readline()
    checked = check_nik(typed.strip())
    if checked.errors:
        raise CommandError(" ".join(checked.errors))
    return checked.value
