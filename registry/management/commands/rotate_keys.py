"""Re-seals what was sealed with an older key, while the site is in use."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.checks import refuse_bound_database_role
from registry.rotation import rotate
from registry.seals import newest_version


class Command(BaseCommand):
    help = "Seals everything with the newest key, in chunks; stopped at any point, it goes on from there."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_bound_database_role()
        self.stdout.write(_("Newest key: version %(version)s.") % {"version": newest_version()})
        left = 0
        for name, count in rotate().items():
            words = {
                "name": name,
                "read": count.read,
                "resealed": count.resealed,
                "current": count.current,
            }
            sentence = _("%(name)s: %(read)s read = %(resealed)s resealed + %(current)s current")
            self.stdout.write(sentence % words)
            left += count.left
        self.stdout.write(_("Left under old keys: %(count)s.") % {"count": left})
        if left:
            raise CommandError(_("Rows were written with an old key meanwhile: run rotate_keys again."))
