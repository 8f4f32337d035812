"""``manage.py seed --households N``: fills an empty registry with invented people."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from households.seeding.homes import Twin
from households.seeding.schemes import ensure_schemes
from households.seeding.write import seed, write_truth
from registry.errors import Conflict

# Fixed, so that the same command gives the same rows on any day.
DEFAULT_ON = date(2026, 11, 1)
DEFAULT_SEED = 2011


class Command(BaseCommand):
    help = "Fills an empty registry with invented households and judges them. Refuses in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, required=True, metavar="N")
        parser.add_argument(
            "--seed", type=int, default=DEFAULT_SEED, help="another number gives other people"
        )
        parser.add_argument(
            "--on", type=date.fromisoformat, default=DEFAULT_ON, help="the day it is made for"
        )
        parser.add_argument("--truth", type=Path, help="CSV of the people who are recorded twice")

    def handle(
        self,
        *,
        households: int,
        truth: Path | None,
        on: date = DEFAULT_ON,
        seed: int = DEFAULT_SEED,
        **options: object,
    ) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError(_("Invented people do not belong in production."))
        if households < 1:
            raise CommandError(_("Give a number of households above zero."))
        ensure_schemes()
        pairs = fill(households, random_seed=seed, on=on, is_quiet=options["verbosity"] == 0)
        if truth:
            write_truth(truth, pairs)
        sentence = _("Households: %(households)s. People recorded twice: %(pairs)s.")
        self.stdout.write(sentence % {"households": households, "pairs": len(pairs)})


def fill(households: int, *, random_seed: int, on: date, is_quiet: bool = False) -> list[Twin]:
    """With a progress bar for writing and one for judging. Raises CommandError."""
    with (
        tqdm(total=households, desc=_("Writing"), disable=is_quiet, position=0) as written,
        tqdm(total=households, desc=_("Judging"), disable=is_quiet, position=1) as judged,
    ):
        try:
            return seed(
                count=households, random_seed=random_seed, on=on, written=written.update, judged=judged.update
            )
        except Conflict as conflict:
            raise CommandError(conflict.message) from conflict
