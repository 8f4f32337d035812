"""One village's workbook of the demonstration, taken in by the same road as any other."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from django.core.files import File

from households.imports import request_confirm, upload
from households.models import ImportBatch, Member
from households.seeding.workbook import write_workbook
from registry.jobs import run_pending
from registry.models import Area, User

STEPS = 3


def import_village(
    *, village: Area, by: User, on: date, folder: Path, progress: Callable[[int], object]
) -> ImportBatch | None:
    """Writes the workbook to ``folder``, uploads, checks and confirms it; None when that was done before.

    Calls ``progress(1)`` after each of its STEPS.

    Runs the queued jobs here and now. Raises Conflict when the check did not succeed.
    """
    path = folder / f"data-desa-{village.name.casefold().replace(' ', '-')}.xlsx"
    earlier = ImportBatch.objects.filter(
        file_name=path.name, uploaded_by=by, state=ImportBatch.State.CONFIRMED
    )
    if earlier.exists():
        return None
    elsewhere = Member.objects.active().exclude(area=village).exclude(nik_index="").order_by("pk").first()
    alias = village.aliases.order_by("pk").first()
    write_workbook(
        path,
        village=village,
        on=on,
        taken_nik=elsewhere.nik.reveal() if elsewhere else "",
        misspelling=alias.name if alias else "",
    )
    progress(1)
    with path.open("rb") as stream:
        batch = upload(File(stream), name=path.name, by=by)
    run_pending()
    progress(1)
    request_confirm(batch, by=by)
    run_pending()
    progress(1)
    batch.refresh_from_db()
    return batch
