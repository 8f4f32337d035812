"""``manage.py verify_trail``: has anybody changed, removed or slipped in a row of the trails?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registry.errors import Conflict
from registry.trails import Finding, What, verify

SENTENCES = {
    What.CHANGED: gettext_lazy("%(trail)s, %(day)s: row %(row)s was changed."),
    What.REMOVED: gettext_lazy("%(trail)s, %(day)s: row %(row)s was removed."),
    What.ADDED: gettext_lazy("%(trail)s, %(day)s: row %(row)s was added after the day was sealed."),
    What.STRANGE: gettext_lazy("%(trail)s, %(day)s: row %(row)s has an id or a moment that cannot be true."),
    What.NO_SEAL: gettext_lazy("%(trail)s, %(day)s: the seal of this day is missing."),
    What.BROKEN_CHAIN: gettext_lazy("%(trail)s, %(day)s: the seal itself was changed, or the one before it."),
    What.NOT_AS_OUTSIDE: gettext_lazy("%(trail)s, %(day)s: the seal is not the one in the outside file."),
}


class Command(BaseCommand):
    help = (
        "Compares both trails with their seals and with SIMPUL_TRAIL_HEADS; exits with 1 on any difference."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = verify()
        except Conflict as conflict:
            raise CommandError(conflict.message) from conflict
        for finding in result.findings:
            self.stdout.write(_sentence(finding))
        numbers = {"rows": result.rows, "days": result.days, "unsealed": result.unsealed}
        if result.findings:
            self.stderr.write(_("Differences: %(count)s.") % {"count": len(result.findings)})
            sys.exit(1)
        sentence = _("%(rows)s rows in %(days)s days verified; %(unsealed)s rows are not sealed yet.")
        self.stdout.write(sentence % numbers)


def _sentence(finding: Finding) -> str:
    return str(SENTENCES[finding.what]) % {
        "trail": finding.trail,
        "day": finding.day.isoformat(),
        "row": finding.row,
    }
