"""``manage.py demo``: an invented regency, filled once, then served; run again, it only serves."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from households.management.commands.seed import DEFAULT_ON, DEFAULT_SEED, fill
from households.models import Household
from households.seeding.schemes import ensure_schemes
from households.seeding.village_import import STEPS, import_village
from households.seeding.write import is_seeded
from programs.seeding import server
from programs.seeding.agencies import ensure_agencies
from programs.seeding.lists import ensure_realisations, ensure_target_lists
from programs.seeding.programmes import PLANS, ensure_programmes
from programs.seeding.users import DEMO_PASSWORD, LOGINS, ensure_users
from registry.errors import Conflict
from registry.models import User

AREAS = "registry/data/kukar_areas.csv"
HOUSEHOLDS = 4_000
SECRETARIAT, OPERATOR = "bappeda", "desa"


class Command(BaseCommand):
    help = "Fills the registry with an invented regency and serves it on this machine. Refuses in production."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--households", type=int, default=HOUSEHOLDS, metavar="N")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--no-serve", action="store_true", help="stop before serving")

    def handle(self, *, households: int, port: int, no_serve: bool, **options: object) -> None:
        if settings.IS_PRODUCTION:
            raise CommandError(_("The demonstration does not run in production."))
        self.is_quiet = options["verbosity"] == 0
        try:
            if not no_serve:
                server.require_free(port)
            self.prepare_database()
            self.fill_registry(households)
            self.fill_programmes()
            self.import_village()
            if not no_serve:
                self.serve(port)
        except Conflict as conflict:
            raise CommandError(conflict.message) from conflict

    def prepare_database(self) -> None:
        self.say(_("Preparing the database"))
        call_command("migrate", verbosity=0 if self.is_quiet else 1)
        if Household.objects.exists() and not is_seeded():
            raise CommandError(
                _("This database holds households that are not invented. The demonstration needs its own.")
            )
        call_command(
            "load_areas", str(Path(settings.BASE_DIR) / AREAS), stdout=self.stdout, stderr=self.stderr
        )

    def fill_registry(self, households: int) -> None:
        ensure_schemes()
        if not is_seeded():
            fill(households, random_seed=DEFAULT_SEED, on=DEFAULT_ON, is_quiet=self.is_quiet)

    def fill_programmes(self) -> None:
        ensure_agencies()
        ensure_programmes()
        ensure_users()
        secretariat = User.objects.get(username=SECRETARIAT)
        with tqdm(total=len(PLANS), desc=_("Target lists"), disable=self.is_quiet) as bar:
            ensure_target_lists(by=secretariat, on=timezone.localdate(), progress=bar.update)
        ensure_realisations(by=secretariat)

    def import_village(self) -> None:
        """As the operator of the village would; its errors are there to be looked at."""
        operator = User.objects.select_related("area").get(username=OPERATOR)
        if operator.area is None:
            return
        folder = Path(settings.MEDIA_ROOT).parent / "demo"
        with tqdm(total=STEPS, desc=_("Importing a village's workbook"), disable=self.is_quiet) as bar:
            import_village(
                village=operator.area, by=operator, on=DEFAULT_ON, folder=folder, progress=bar.update
            )

    def serve(self, port: int) -> None:
        with tqdm(desc=_("Collecting static files"), disable=self.is_quiet) as bar:
            server.collect_static(progress=bar.update)
        self.say(_("Starting the server"))
        server.serve(port, ready=lambda: self.show_logins(port))

    def show_logins(self, port: int) -> None:
        rows = [(_("Username"), _("Role"), _("Password"))]
        rows += [(login.username, str(login.role.label), DEMO_PASSWORD) for login in LOGINS]
        widths = [max(len(row[column]) for row in rows) for column in range(3)]
        self.stdout.write("")
        for row in rows:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
        self.stdout.write("")
        address = self.style.SUCCESS(f"http://{server.HOST}:{port}/")
        self.stdout.write(_("Open %(address)s – Ctrl-C stops it.") % {"address": address})
        self.stdout.flush()

    def say(self, sentence: str) -> None:
        if not self.is_quiet:
            self.stdout.write(f"{sentence} …")
            self.stdout.flush()
