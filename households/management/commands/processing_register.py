"""``manage.py processing_register``: prints docs/register-of-processing.md."""

from typing import Any

from django.core.management.base import BaseCommand

from households.rights.register import as_markdown


class Command(BaseCommand):
    help = "Prints the register of processing, made from the lists of purposes and retention."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(as_markdown(), ending="")
