"""The whole story: a village's workbook, its errors, their correction, the judged status, the target list
that an
agency pulls with a token, what it delivered, and the report that the meeting reads.
"""

import io
from base64 import b64encode
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from households.imports import fill_template
from households.models import Household, ImportBatch, ImportRow
from households.models.household import StatusChoice
from programs.models import Criterion, Program, TargetList
from registry import jobs
from registry.models import AccessLog, AuditEvent, User
from tests import factories

TODAY = timezone.localdate()
BORN = date(1980, 5, 17)
HOUSES = 5


@pytest.fixture(autouse=True)
def private_files(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def program(agency) -> Program:
    program = Program.objects.create(
        code="baiki-rumah",
        name="Yok Baiki Rumah",
        agency=agency,
        cluster=Program.Cluster.FAMILY,
        strategy=Program.Strategy.POCKETS,
        unit=Program.Unit.HOUSEHOLD,
        year=TODAY.year,
        quota=3,
    )
    Criterion.objects.create(program=program, fact="status", comparison="one_of", value="very_poor,poor")
    return program


def test_from_a_village_workbook_to_a_delivered_house(client, ana, fia, eka, bps14, program, tmp_path):
    # The village sends a workbook: five households, one with an impossible date and one with a NIK of 15
    # digits.
    rejected = _import(client, ana, _village_workbook(tmp_path, spoiled=True), new=3, rejected=2)
    assert [
        (row.sheet, row.number, error["column"])
        for row in rejected.rows.filter(verdict=ImportRow.Verdict.REJECTED)
        for error in row.errors
        if error["column"]
    ] == [("Anggota", 3, "birth_date"), ("Anggota", 4, "nik")]
    assert Household.objects.count() == 3

    # It gets exactly the rejected rows back, mends the two cells, and sends that file.
    mended = _mend(client.get(reverse("import-rejected", args=[rejected.pk])))
    _import(client, ana, mended, new=2, rejected=0)
    assert Household.objects.count() == HOUSES

    # Sending everything again changes nothing.
    _import(client, ana, _village_workbook(tmp_path, spoiled=False), new=0, rejected=0, same=HOUSES)

    # Every household was judged, with a reason for each of the fourteen criteria.
    statuses = Household.objects.order_by("number").values_list("status", flat=True)
    assert list(statuses) == [StatusChoice.VERY_POOR] * 4 + [StatusChoice.NOT_POOR]
    page = client.get(Household.objects.first().get_absolute_url())
    assert len(page.context["verdicts"][0]["reasons"]) == 14

    # The secretariat builds a target list within the quota, approves it, and it is frozen.
    client.force_login(fia)
    client.post(reverse("target-list-build", args=[program.pk]))
    jobs.run_pending()
    target_list = program.target_lists.get()
    assert (target_list.eligible_count, target_list.row_count) == (4, 3)
    client.post(reverse("target-list-approve", args=[target_list.pk]))
    target_list.refresh_from_db()
    assert target_list.is_frozen

    # The agency makes a token and pulls the list as JSON, and into Excel by the Basic sign-in that Excel
    # offers.
    key = _token(client, eka)
    office = Client(headers={"authorization": f"Bearer {key}"})
    rows = office.get(reverse("api-target-row-list", args=[target_list.pk])).json()["results"]
    assert [row["rank"] for row in rows] == [1, 2, 3]
    basic = b64encode(f"excel:{key}".encode()).decode()
    sheet = _sheet(Client(headers={"authorization": f"Basic {basic}"}), target_list)
    assert len(sheet) == 1 + len(rows)
    assert AccessLog.objects.filter(user=eka).count() == 2

    # It reports one house as done; the same report sent twice is one delivery.
    report = {
        "target_row": rows[0]["id"],
        "outcome": "delivered",
        "realised_on": TODAY.isoformat(),
        "amount": "20000000",
        "reference": "BAST-017",
    }
    answers = [office.post(reverse("api-realisation-list"), report, "application/json") for _twice in (1, 2)]
    assert [answer.status_code for answer in answers] == [201, 200]

    # The report says so, and the meeting sees whom nothing has reached.
    client.force_login(fia)
    lines = client.get(reverse("report-data", args=["coordination"]), {"level": "program"}).json()["rows"]
    line = next(row for row in lines if row["program"] == program.name and row["district"] == "Tenggarong")
    figures = [line[name] for name in ("poor", "eligible", "targeted", "realised", "coverage", "unserved")]
    assert figures == [4, 4, 3, 1, 0.25, 1]

    # Everything that happened has one line in the trail.
    assert list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True)) == [
        "upload_import",
        "confirm_import",
        "upload_import",
        "confirm_import",
        "upload_import",
        "build_target_list",
        "approve_target_list",
        "issue_token",
        "report_realisation",
    ]


def _village_workbook(folder: Path, *, spoiled: bool) -> bytes:
    """Four very poor households and a comfortable one. Spoiled: the second and third carry an error each."""
    homes, people = [], []
    for place in range(1, HOUSES + 1):
        is_poor = place < HOUSES
        answers = factories.POOR_ANSWERS if is_poor else factories.COMFORTABLE_ANSWERS
        home = {"household_number": f"RT-{place:03}", "village": "Timbau", "assessed_on": TODAY}
        homes.append(home | answers | {"household_size": 1})
        person: dict[str, Any] = {
            "household_number": f"RT-{place:03}",
            "card_number": f"990206010120{place:04}",
            "member_number": 1,
            "name": f"Sampel {place}",
            "nik": f"990206170580{place:04}",
            "sex": 1,
            "birth_date": BORN,
            "household_relationship": 1,
            "family_relationship": 1,
        }
        people.append(person | (factories.POOR_HEAD if is_poor else factories.COMFORTABLE_HEAD))
    if spoiled:
        people[1]["birth_date"] = "30 Februari 1980"
        people[2]["nik"] = "990206170580003"
    path = folder / f"desa-{spoiled}.xlsx"
    fill_template(path, homes, people)
    return path.read_bytes()


def _import(
    client: Client, by: User, workbook: bytes, *, new: int, rejected: int, same: int = 0
) -> ImportBatch:
    """Upload, check, confirm by the pages and the worker; each household is one row in each of the two
    sheets.
    """
    client.force_login(by)
    client.post(reverse("import-list"), {"workbook": SimpleUploadedFile("desa.xlsx", workbook)})
    jobs.run_pending()
    batch = ImportBatch.objects.first()
    assert batch is not None
    counts = (batch.rows_read, batch.rows_new, batch.rows_same, batch.rows_rejected)
    assert counts == (2 * (new + same + rejected), 2 * new, 2 * same, 2 * rejected), batch.refusal
    if new:
        client.post(reverse("import-confirm", args=[batch.pk]))
        jobs.run_pending()
        batch.refresh_from_db()
        assert batch.state == ImportBatch.State.CONFIRMED
    return batch


def _mend(response) -> bytes:
    """As a village would in Excel: only the cells that the two extra columns point at."""
    workbook = load_workbook(io.BytesIO(b"".join(response) if response.streaming else response.content))
    for row in workbook["Anggota"].iter_rows(min_row=2):
        for cell in row:
            if cell.value == "30 Februari 1980":
                cell.value = BORN
            elif cell.value == "990206170580003":
                cell.value = "9902061705800003"
    mended = io.BytesIO()
    workbook.save(mended)
    return mended.getvalue()


def _token(client: Client, by: User) -> str:
    client.force_login(by)
    details = {"name": "excel", "purpose": "penyaluran bantuan rumah", "expires_on": f"{TODAY:%d/%m/%Y}"}
    return client.post(reverse("token-create"), details).context["key"]


def _sheet(office: Client, target_list: TargetList) -> list[tuple[Any, ...]]:
    response = office.get(reverse("api-target-rows-xlsx", args=[target_list.pk]))
    content = b"".join(response) if response.streaming else response.content
    return list(load_workbook(io.BytesIO(content)).worksheets[0].iter_rows(values_only=True))
