"""Re-seals what was sealed with an older key, while the site is in use."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.management.officers import ask_who_and_why, officer
from registry.rotation import rotate_keys
from registry.seals import newest_version


class Command(BaseCommand):
    help = "Seals everything with the newest key, in chunks; stopped at any point, it goes on from there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        ask_who_and_why(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by, why = officer(options, "registry.change_user")  # an administrator
        self.stdout.write(_("Newest key: version %(version)s.") % {"version": newest_version()})
        left = 0
        for name, count in rotate_keys(by=by, why=why).items():
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
