"""``manage.py lift_erasure``: whoever was erased may be registered again. The NIK is asked for, never an
argument: arguments are seen by every account of the machine.
"""

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from households.identifiers import check_nik
from households.rights.replay import lift
from registry.management.officers import ask_who_and_why, officer


class Command(BaseCommand):
    help = "Takes away the tombstone of a NIK, which is read from the terminal or from standard input."

    def add_arguments(self, parser: CommandParser) -> None:
        ask_who_and_why(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by, why = officer(options, "households.decide_request")
        typed = getpass("NIK: ") if sys.stdin.isatty() else sys.stdin.readline()
        nik = check_nik(typed.strip())
        if nik.errors:
            raise CommandError(" ".join(nik.errors))
        if not lift(nik=nik.value, by=by, why=why):
            raise CommandError(_("Nobody with this NIK was erased."))
        self.stdout.write(_("This person may be registered again."))
