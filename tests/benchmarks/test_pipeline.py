"""Import, judging, target list and list page at 10,000 households, each beside its raw limit.

Ours runs under row security, as the role that serves; the limit runs as the owner, whom nothing binds.

.venv/bin/python -m pytest tests/benchmarks -m benchmark -s
"""

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from households import imports
from households.judging import judge_households
from households.models import Assessment, Household, ImportBatch, Member, PovertyStatus
from households.seeding.schemes import ensure_schemes
from programs.models import Criterion, Program, TargetRow
from programs.services import build_target_list
from registry.models import Area, User
from registry.roles import Role
from registry.scope import working_for
from tests import factories
from tests.benchmarks.harness import HEAD, Figure, best

# Committed rows: inside one long transaction the server plans and checks as it never does in use.
pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]

HOUSEHOLDS = 10_000
IMPORTED = 2_000
DAY = date(2026, 11, 1)
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def kukar(settings, tmp_path: Path) -> User:
    settings.MEDIA_ROOT = tmp_path / "files"
    call_command("load_areas", ROOT / "registry/data/kukar_areas.csv", verbosity=0)
    ensure_schemes()
    call_command("seed", households=HOUSEHOLDS, verbosity=0)
    _tidy()
    return factories.user("bappeda", Role.SUPERADMIN)


def test_figures_at_ten_thousand_households(
    kukar: User, client: Client, agency, tmp_path: Path, capsys
) -> None:
    figures = []
    for measure in (
        lambda: _judging(kukar),
        lambda: _target_list(kukar, agency),
        lambda: _list_page(client, kukar, agency),
        lambda: _import(kukar, tmp_path),
    ):
        _tidy()
        figures.append(measure())
    with capsys.disabled():
        print("\n" + HEAD)
        for figure in figures:
            print(figure)


def _judging(by: User) -> Figure:
    """Limit: COPY of as many finished verdicts into the same table."""
    verdicts = PovertyStatus.objects.count()

    def ours() -> None:
        with _undone():
            _empty(PovertyStatus)
            with working_for(by):
                assert judge_households(Household.objects.all(), on=DAY) == verdicts

    return Figure(
        "judging, three schemes", "COPY of the verdicts", verdicts, best(ours), _copy_again(PovertyStatus)
    )


def _target_list(by: User, agency: Any) -> Figure:
    """Limit: one INSERT of the same rows out of a SELECT."""
    program = Program.objects.create(
        code="limit", name="Limit", agency=agency, cluster=1, strategy=1, unit="household", year=DAY.year
    )
    Criterion.objects.create(program=program, fact="status", comparison="none_of", value="unknown")
    columns = ", ".join(
        f.column for f in TargetRow._meta.local_fields if f.column not in ("id", "target_list_id")
    )

    def limit() -> None:
        with _undone(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMP TABLE copied (LIKE programs_targetrow INCLUDING ALL) ON COMMIT DROP")
            cursor.execute(
                f"INSERT INTO copied (id, target_list_id, {columns})"
                f" SELECT id, target_list_id, {columns} FROM programs_targetrow"
                " WHERE target_list_id = %s ORDER BY rank",
                [built.pk],
            )

    def ours() -> None:
        with _undone(), working_for(by):
            build_target_list(program=program, by=by, on=DAY)

    seconds = best(ours)
    built = build_target_list(program=program, by=by, on=DAY)
    return Figure("target list", "INSERT ... SELECT of its rows", built.row_count, seconds, best(limit))


def _list_page(client: Client, by: User, agency: Any) -> Figure:
    """Limit: a page that asks the database nothing but who is signed in."""

    def ask(address: str) -> None:
        assert client.get(address).status_code == 200

    address = f"{reverse('household-list')}?status=poor"
    client.force_login(by)
    ours = best(lambda: ask(address), 5)
    client.force_login(factories.user("dinas", Role.AGENCY_OFFICE, agency=agency))
    limit = best(lambda: ask(reverse("token-list")), 5)
    return Figure("household list, one page of 50", "the token page, empty", 50, ours, limit)


def _import(by: User, folder: Path) -> Figure:
    """Check and confirm of a clean workbook. Limit: COPY of the rows that it becomes, without any check."""
    workbook = folder / "desa.xlsx"
    imports.fill_template(workbook, *_village())
    counts = []

    def ours() -> None:
        with _undone(), working_for(by):
            with workbook.open("rb") as file:
                batch = imports.upload(File(file), name="desa.xlsx", by=by)
            imports.check(batch)
            imports.confirm(batch, by=by)
            assert (batch.state, batch.rows_rejected) == (ImportBatch.State.CONFIRMED, 0), batch.refusal
            counts.append(batch.rows_read)

    seconds = best(ours, 1)
    limit = sum(_copy_again(model, IMPORTED) for model in (Household, Member, Assessment))
    return Figure("import, two sheets, read to judged", "COPY of bare rows", counts[0], seconds, limit)


def _village() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    homes, people = [], []
    village = Area.objects.villages().first()
    assert village is not None
    for place in range(IMPORTED):
        number = f"B-{place:05}"
        homes.append(
            factories.POOR_ANSWERS
            | {"household_number": number, "village": village.code, "assessed_on": DAY, "household_size": 2}
        )
        for position in (1, 2):
            person = {
                "household_number": number,
                "card_number": f"999999010120{place:04}",
                "member_number": position,
                "name": f"Sampel {place} {position}",
                "nik": f"9999{position:02}170580{place + 1:04}",
                "sex": 1,
                "birth_date": date(1980, 5, 17),
                "household_relationship": 1 if position == 1 else 3,
                "family_relationship": 1 if position == 1 else 3,
            }
            people.append(person | factories.POOR_HEAD)
    return homes, people


def _copy_again(model: Any, count: int | None = None) -> float:
    """Seconds to COPY the first ``count`` rows of ``model`` into an equal table with the same indexes."""
    table, limit = model._meta.db_table, f" LIMIT {count}" if count else ""
    buffer = io.StringIO()
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY (SELECT * FROM {table}{limit}) TO STDOUT", buffer)

    def copy() -> None:
        buffer.seek(0)
        with _undone(), connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE copied (LIKE {table} INCLUDING ALL) ON COMMIT DROP")
            cursor.copy_expert("COPY copied FROM STDIN", buffer)

    return best(copy)


def _tidy() -> None:
    """As the server's own housekeeping would have done by now; rolled-back rounds leave dead rows."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _empty(model: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {model._meta.db_table} CASCADE")


class _undone:
    """A transaction that is rolled back, so that each round begins alike."""

    def __enter__(self) -> None:
        self.atomic = transaction.atomic()
        self.atomic.__enter__()

    def __exit__(self, *error: Any) -> None:
        if error[0] is None:
            transaction.set_rollback(True)
        self.atomic.__exit__(*error)
