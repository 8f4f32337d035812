"""``manage.py seal_trails``: seals the days that are over, as the worker does by itself every hour."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry.audit import deed
from registry.errors import Conflict
from registry.management.officers import ask_who_and_why, officer
from registry.trails import seal_days


class Command(BaseCommand):
    help = "Seals both trails, a seal for each day that is over, and adds them to SIMPUL_TRAIL_HEADS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--new-file",
            action="store_true",
            help="begin SIMPUL_TRAIL_HEADS anew; with --by and --why",
        )
        ask_who_and_why(parser, is_required=False)

    def handle(self, *args: Any, new_file: bool, **options: Any) -> None:
        try:
            seals = _begin_file(options) if new_file else seal_days()
        except Conflict as conflict:
            raise CommandError(conflict.message) from conflict
        self.stdout.write(_("New seals: %(count)s.") % {"count": len(seals)})


def _begin_file(options: dict[str, Any]) -> list[Any]:
    """A deed: from that day on the file vouches for what the database said of the days before."""
    by, why = officer(options, "registry.change_user")  # an administrator
    if settings.TRAIL_HEADS is None:
        raise CommandError(_("SIMPUL_TRAIL_HEADS names no file."))
    with deed("begin_trail_heads", by=by, why=why):
        return seal_days(new_file=True)
