"""An installation with plain numbers: sealed on the way forward, plain again on the way back."""

from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from households.models import Family, ImportBatch, Member
from programs.models import TargetList, TargetRow
from programs.services import approve_target_list, build_target_list, checksum
from registry.models import Agency
from registry.roles import Role
from tests import factories
from tests.households.imports.files import Files, home
from tests.programs.conftest import make_program

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("households", "0001_initial"), ("programs", "0001_initial")]


def migrate(targets) -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(targets)


@pytest.fixture
def latest():
    targets = [
        node for node in MigrationExecutor(connection).loader.graph.leaf_nodes() if node[0] in dict(BEFORE)
    ]
    yield targets
    migrate(targets)


def column(sql: str) -> list:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [value for (value,) in cursor.fetchall()]


def test_numbers_are_sealed_and_unsealed_with_their_history_lists_and_files(latest, settings, tmp_path: Path):
    settings.MEDIA_ROOT = tmp_path / "files"
    village = factories.area("64.02.06.1001", "Timbau")
    ana = factories.user("ana", Role.VILLAGE_OPERATOR, area=village)
    fia = factories.user("fia", Role.SECRETARIAT)
    files = Files(tmp_path)
    path = files.write(home(1), home(2))
    files.take_in(path, ana)
    member = Member.objects.order_by("pk").first()
    digits = member.nik.reveal()
    member.nik = factories.nik()
    member.save()
    agency = Agency.objects.create(code="disperkim", name="Dinas Perumahan", short_name="Disperkim")
    program = make_program(agency, "baiki-rumah")
    program.criteria.update(fact="household_size", comparison="at_least", value="1")
    frozen = approve_target_list(
        target_list=build_target_list(program=program, by=fia, on=date(2026, 11, 24)), by=fia
    )
    niks = [each.nik.reveal() for each in Member.objects.order_by("pk")]
    cards = [each.card_number.reveal() for each in Family.objects.order_by("pk")]
    snapshots = [each.nik.reveal() for each in TargetRow.objects.order_by("pk")]
    past = column("SELECT count(*) FROM households_memberevent")

    migrate(BEFORE)
    assert column("SELECT nik FROM households_member ORDER BY id") == niks
    assert column("SELECT card_number FROM households_family ORDER BY id") == cards
    assert column("SELECT nik FROM programs_targetrow ORDER BY id") == snapshots
    assert digits in column("SELECT nik FROM households_memberevent")
    assert digits in column("SELECT cells->>'nik' FROM households_importrow")
    (name,) = column("SELECT file FROM households_importbatch")
    assert (tmp_path / "files" / name).read_bytes() == path.read_bytes()
    with connection.cursor() as cursor:
        problem = '[{"column": "name", "code": "x", "message": "", "value": "Budi 9902061705800001"}]'
        cursor.execute("UPDATE households_importrow SET warnings = %s", [problem])

    migrate(latest)
    assert [each.nik.reveal() for each in Member.objects.order_by("pk")] == niks
    assert [each.card_number.reveal() for each in Family.objects.order_by("pk")] == cards
    assert [each.nik.reveal() for each in TargetRow.objects.order_by("pk")] == snapshots
    assert Member.objects.with_nik(niks[0]).get().pk == member.pk
    event = member.events.get()
    assert Member.nik.unseal(event.nik_sealed, member.pk) == digits
    assert column("SELECT count(*) FROM households_memberevent") == past
    frozen = TargetList.objects.get(pk=frozen.pk)
    assert checksum(frozen) == frozen.sha256
    batch = ImportBatch.objects.get()
    assert batch.file.read() == path.read_bytes()
    assert [each.suffix for each in (tmp_path / "files").rglob("*") if each.is_file()] == [".sealed"]
    assert digits in {row.cells.get("nik") for row in batch.rows.all()}
    assert {row.warnings[0]["value"] for row in batch.rows.all()} == {"Budi 990206******0001"}
