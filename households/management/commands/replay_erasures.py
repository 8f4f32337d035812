"""``manage.py replay_erasures``: after a backup was restored, before anybody signs in."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from households.rights.ledger import UnreadableLine
from households.rights.replay import replay
from registry.management.officers import ask_who_and_why, officer


class Command(BaseCommand):
    help = "Erases again whoever the list outside the database says was erased."

    def add_arguments(self, parser: CommandParser) -> None:
        ask_who_and_why(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by, why = officer(options, "households.purge_data")
        try:
            done = replay(by=by, why=why)
        except FileNotFoundError as error:
            raise CommandError(_("The list of erasures is not there: SIMPUL_ERASURES_FILE.")) from error
        except UnreadableLine as error:
            raise CommandError(
                _("Nobody was erased: line %(number)s of %(file)s cannot be read. Restore or remove it.")
                % {"number": error.number, "file": settings.ERASURES_FILE}
            ) from error
        self.stdout.write(
            _("Erased again: %(households)s households, %(members)s members; tombstones set: %(tombstones)s.")
            % {"households": done.households, "members": done.members, "tombstones": done.tombstones}
        )
