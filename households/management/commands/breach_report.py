"""``manage.py breach_report``: whom a stolen account or token was shown, and the draft of the notice."""

import os
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from households.breach import HEADINGS, Exposed, cells, exposed, imports_shown
from households.breach_notice import notice
from registry.audit import log_reading, subject_of
from registry.csv_files import write_csv
from registry.management.officers import ask_who_and_why, officer
from registry.models import ApiToken, Shown, User

ROUTE = "manage.py breach_report"


class Command(BaseCommand):
    help = "Lists everybody whose data a user or a token was shown in a period, and drafts the notice."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="since", required=True, type=date.fromisoformat, metavar="DAY")
        parser.add_argument("--to", dest="until", required=True, type=date.fromisoformat, metavar="DAY")
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--user", metavar="USERNAME")
        whose.add_argument("--token", metavar="NAME_OR_ID")
        parser.add_argument("--persons", type=Path, metavar="FILE", help="a new CSV file of the persons")
        ask_who_and_why(parser)

    def handle(
        self,
        *,
        since: date,
        until: date,
        user: str | None,
        token: str | None,
        persons: Path | None,
        **options: Any,
    ) -> None:
        asks, why = officer(options, "registry.view_accesslog")
        reader = _user(user) if user else _token(token or "")
        if until < since:
            raise CommandError(_("The last day lies before the first."))
        people = exposed(reader, since=since, until=until)
        files = imports_shown(reader, since=since, until=until)
        households = {person.household: None for person in people if person.household}
        log_reading(
            user=asks,
            route=ROUTE,
            purpose=why,
            shown=Shown.LINE,
            household_ids=households,
            subject=subject_of(reader),
            count=len(households) or len(files),
        )
        if persons:
            _write(persons, people)
        for paragraph in notice(people, files, reader, since=since, until=until, place=settings.PLACE):
            self.stdout.write(f"{paragraph}\n")


def _user(name: str) -> User:
    found = User.objects.filter(username=name).first()
    if found is None:
        raise CommandError(_("There is no user %(name)s.") % {"name": name})
    return found


def _token(name: str) -> ApiToken:
    """By id, or by a name that only one token ever bore."""
    by_key = {"pk": int(name)} if name.isascii() and name.isdigit() else {"name": name}
    found = list(ApiToken.objects.filter(**by_key).select_related("agency"))
    if not found:
        raise CommandError(_("There is no token %(name)s.") % {"name": name})
    if len(found) > 1:
        ids = ", ".join(str(token.pk) for token in found)
        raise CommandError(_("Several tokens bear this name; give the id of one: %(ids)s.") % {"ids": ids})
    return found[0]


def _write(path: Path, people: Sequence[Exposed]) -> None:
    """For the owner of the process only, and never over another file."""
    try:
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise CommandError(_("%(path)s is already there.") % {"path": path}) from error
    with open(file, "w", encoding="utf-8", newline="") as stream:
        write_csv(stream, [str(heading) for heading in HEADINGS], cells(people))
