"""``manage.py reset_second_factor NAME``: when the only administrator has lost phone and recovery codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from registry import second_factor
from registry.models import User
from registry.tries import for_name, forget


class Command(BaseCommand):
    help = "Takes a user's second factor away and unlocks the sign-in; other users: do it in the user's form."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--why", required=True, help="stands in the audit trail")

    def handle(self, *, username: str, why: str, **options: Any) -> None:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(_("There is no user of this name."))
        second_factor.reset(user=user, by=None, why=why)
        forget(for_name(user.username))
        self.stdout.write(_("The next sign-in sets up a new second factor."))
