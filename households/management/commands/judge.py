"""``manage.py judge``: every active household under the schemes in force today."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from households.models import Household
from households.services import rejudge
from registry.checks import refuse_bound_database_role


class Command(BaseCommand):
    help = "Judges every active household anew; verdicts that would repeat themselves are not written."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_bound_database_role()
        households: QuerySet[Household] = Household.objects.active()
        with tqdm(total=households.count(), desc=_("Judging"), disable=options["verbosity"] == 0) as bar:
            written = rejudge(by=None, on=timezone.localdate(), progress=bar.update)
        self.stdout.write(_("New verdicts: %(count)s.") % {"count": written})
