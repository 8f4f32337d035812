"""``manage.py changepassword NAME``: Django's, and a deed; docs/sign-in.md says what else."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword
from django.db import transaction

from registry.models import User
from registry.passwords import record_new_password


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> str | None:
        """Whoever sits at the server is not the owner: she chooses another at her next sign-in."""
        options["username"] = options["username"] or getpass.getuser()
        with transaction.atomic():
            said: str | None = super().handle(*args, **options)
            record_new_password(user=User.objects.get(username=options["username"]), by=None)
        return said
