"""``manage.py subject_report``: all that is held of one person, for that person.

The NIK is asked for, or read from a pipe: among the arguments it would stand in the list of processes.
"""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from households.identifiers import check_nik
from households.models import Member, Tombstone
from households.subject_report import SECTIONS_OF_ERASED, Facts, report_on, shown
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
        ask_who_and_why(parser)

    def handle(self, *, member: int | None, text: bool, full: bool, **options: Any) -> None:
        user, why = officer(options, "households.reveal_number" if full else "households.view_member")
        nik = _asked_nik() if member is None else ""
        people = _rows_of(user, member, nik)
        found = _people(people, user, why=why, full=full) if people else _erased(nik, user, why=why)
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


def _people(people: list[Member], user: User, *, why: str, full: bool) -> Facts:
    """The reading is recorded first, so it stands at the end of the report itself."""
    log_reading(
        user=user,
        route=ROUTE,
        purpose=why,
        shown=Shown.REPORT,
        household_ids=[person.household_id for person in people],
        member_ids=[person.pk for person in people],
        subject=subject_of(people[-1]),
        is_full=full,
    )
    return {"people": [report_on(person, full=full) for person in people]}


def _erased(nik: str, user: User, *, why: str) -> Facts:
    """The tombstone and what other rooms keep, such as approved lists. Raises CommandError for whoever was
    never erased and is kept nowhere.
    """
    tombstone = Tombstone.objects.of_nik(nik).first()
    kept = [add(IdentityNumber(nik), user) for add in SECTIONS_OF_ERASED] if nik else []
    households = [pk for each in kept for pk in each.household_ids]
    if tombstone is None and not households:
        raise CommandError(_("No such person is known in the area of %(name)s.") % {"name": user})
    log_reading(
        user=user,
        route=ROUTE,
        purpose=why,
        shown=Shown.REPORT,
        household_ids=households,
        member_ids=[pk for each in kept for pk in each.member_ids],
        subject=subject_of(tombstone) if tombstone else "",
        count=max(1, len(households)),
    )
    found: Facts = {"people": []}
    if tombstone:
        found["erased"] = shown(tombstone, ("erased_on", "ground"))
    for each in kept:
        found |= each.facts
    return found


def _asked_nik() -> str:
    typed = input("NIK: ") if sys.stdin.isatty() else sys.stdin.readline()
    checked = check_nik(typed.strip())
    if checked.errors:
        raise CommandError(" ".join(checked.errors))
    return checked.value
