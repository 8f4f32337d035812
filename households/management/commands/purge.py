"""``manage.py purge``: what has been kept long enough goes; with ``--dry-run`` it is only counted."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from households.rights.retention import purge, survey
from registry.checks import refuse_bound_database_role
from registry.management.officers import ask_who_and_why, officer
from registry.templatetags.simpul import wita


class Command(BaseCommand):
    help = "Removes what has been kept longer than the retention table allows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count only; nothing is removed.")
        ask_who_and_why(parser, is_required=False)

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_bound_database_role()
        now = timezone.now()
        found = survey(now)
        if options["dry_run"]:
            for period, rows, oldest in found:
                self._say(period.code, _("to remove"), rows, _("oldest: %(day)s") % {"day": wita(oldest)})
            self._say(_("in all"), _("to remove"), sum(each.rows for each in found))
            return
        by, why = officer(options, "households.purge_data")
        unfinished = []
        for period, _rows, _oldest in found:
            removed = purge(period, now=now, by=by, why=why)
            left = period.found(now).rows
            self._say(period.code, _("removed"), removed, _("left: %(count)s") % {"count": left})
            if left:
                unfinished.append(period.code)
        if unfinished:
            raise CommandError(_("Not everything could be removed: %(classes)s.") % {"classes": unfinished})

    def _say(self, what: str, verb: str, rows: int, more: str = "") -> None:
        self.stdout.write(f"{what:22} {verb} {rows:>9}  {more}".rstrip())
