"""``manage.py prepare``: what a new registry of Kutai Kartanegara begins with, besides its areas."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from households.seeding.schemes import ensure_schemes
from programs.seeding.agencies import ensure_agencies


class Command(BaseCommand):
    help = "Adds the shipped schemes and Kukar's agencies where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = {"schemes": ensure_schemes(), "agencies": ensure_agencies()}
        self.stdout.write(_("Added: %(schemes)s schemes, %(agencies)s agencies.") % counts)
