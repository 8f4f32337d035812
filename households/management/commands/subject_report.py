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
from households.models import Member
from households.subject_report import report_on
from households.subject_text import lines
from registry.audit import log_reading, subject_of
from registry.management.officers import ask_who_and_why, officer
from registry.models import Shown, User

ROUTE = "manage.py subject_report"


class Command(BaseCommand):
    help = "Prints as JSON what is held of one person, from where, who received it, and who looked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--member", type=int, metavar="ID", help="instead of a NIK on the standard input")
        parser.add_argument("--text", action="store_true", help="text for paper instead of JSON")
        parser.add_argument("--full", action="store_true", help="identity numbers in full")
        ask_who_and_why(parser)

    def handle(
        self, *, member: int | None, text: bool, full: bool, by: str, why: str, **options: Any
    ) -> None:
        user = officer(by, "households.change_member" if full else "households.view_member")
        known = Member.objects.visible_to(user).select_related("household__area", "family").order_by("pk")
        people = list(known.filter(pk=member) if member is not None else known.with_nik(_asked_nik()))
        if not people:
            raise CommandError(_("No such person is known in the area of %(name)s.") % {"name": user})
        report = _report(people, user, why=why, full=full)
        if text:
            self.stdout.writelines(f"{line}\n" for line in lines(report))
        else:
            self.stdout.write(json.dumps(report, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))


def _report(people: list[Member], user: User, *, why: str, full: bool) -> dict[str, Any]:
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
    return {
        "made_at": timezone.now(),
        "made_by": str(user),
        "why": why,
        "people": [report_on(person, full=full) for person in people],
    }


def _asked_nik() -> str:
    typed = input("NIK: ") if sys.stdin.isatty() else sys.stdin.readline()
    checked = check_nik(typed.strip())
    if checked.errors:
        raise CommandError(" ".join(checked.errors))
    return checked.value
