"""``manage.py purge``: what has been kept long enough goes; with ``--dry-run`` it is only counted."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _

from households.rights.retention import EVERYTHING, PERIODS, Purged, purge, rehearse
from registry.checks import refuse_bound_database_role
from registry.management.officers import ask_who_and_why, officer
from registry.templatetags.simpul import wita

NAMED = 10  # of a class, in the sentence at the end


class Command(BaseCommand):
    help = "Removes what has been kept longer than the retention table allows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count only; nothing is removed.")
        ask_who_and_why(parser, is_required=False)

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_bound_database_role()
        done = self._rehearse() if options["dry_run"] else self._purge(options)
        if unfinished := [each for one in done for each in islice(_named(one), NAMED)]:
            classes = ", ".join(unfinished)
            raise CommandError(_("Not everything could be removed: %(classes)s.") % {"classes": classes})

    def _rehearse(self) -> list[Purged]:
        now = timezone.now()
        done = rehearse(now)
        for period, removed, _stuck in done:
            # With none to remove, the oldest goes along with another class.
            oldest = wita(period.found(now).oldest if removed else None)
            self._say(period.code, _("to remove"), removed, _("oldest: %(day)s") % {"day": oldest})
        self._say(_("in all"), _("to remove"), sum(each.removed for each in done))
        return done

    def _purge(self, options: dict[str, Any]) -> list[Purged]:
        by, why = officer(options, "households.purge_data")
        now = timezone.now()
        done = []
        for period in PERIODS:
            if period.keep:
                done.append(purge(period, now=now, by=by, why=why))
                left = _("left: %(count)s") % {"count": len(done[-1].stuck)}
                self._say(period.code, _("removed"), done[-1].removed, left)
        return done

    def _say(self, what: str, verb: str, rows: int, more: str = "") -> None:
        self.stdout.write(f"{what:22} {verb} {rows:>9}  {more}".rstrip())


def _named(done: Purged) -> Iterator[str]:
    """``closed-members 17 (ValueError)``, or the class alone where it could not be read."""
    for key, error in done.stuck.items():
        which = "" if key == EVERYTHING else f" {key}"
        yield f"{done.period.code}{which}" + (f" ({error})" if error else "")
