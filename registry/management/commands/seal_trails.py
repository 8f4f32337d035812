"""``manage.py seal_trails``: seals the days that are over, as the worker does by itself every hour."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from registry.trails import seal_days


class Command(BaseCommand):
    help = "Seals both trails, a seal for each day that is over, and adds them to SIMPUL_TRAIL_HEADS."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_("New seals: %(count)s.") % {"count": len(seal_days())})
