"""Makes the key file of an installation, or adds a key to it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.seals import add_key, make_key_file


class Command(BaseCommand):
    help = "Makes the file of keys that seal identity numbers; --add adds the next version to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument("--add", action="store_true", help="add a key to this file; then run rotate_keys")

    def handle(self, *args: Any, path: Path, add: bool, **options: Any) -> None:
        try:
            if add:
                self.stdout.write(_("Key version %(version)s is added.") % {"version": add_key(path)})
                return
            make_key_file(path)
        except FileExistsError:
            raise CommandError(_("%(path)s exists: keys are never overwritten.") % {"path": path}) from None
        except (OSError, ValueError, KeyError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            _("The keys are in %(path)s. Keep a copy apart from the database and its backups.")
            % {"path": path}
        )
