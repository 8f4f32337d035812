"""The steps of an import. Check writes nothing of people; confirm is one transaction and one deed."""

import hashlib
import json
import logging
import uuid
from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath
from typing import Any

from django.core.files import File
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from psycopg2.errors import UniqueViolation  # type: ignore[import-untyped]

from households.imports.known import Place
from households.imports.layout import layout_of
from households.imports.plan import Plan, make_plan
from households.imports.reading import WrongTemplate, read_workbook
from households.imports.rows import SheetRow, Verdict, cell_from_json
from households.imports.writing import write
from households.models import ImportBatch, ImportRow
from registry.audit import deed, log_reading, subject_of
from registry.bulk import copy_rows, new_ids
from registry.errors import Conflict
from registry.jobs import enqueue
from registry.models import Job, Shown, User
from registry.numbers import mask_numbers
from registry.permissions import scope_of
from registry.scope import chosen_rows
from registry.sealed_files import private_copy
from registry.spreadsheets import UnsafeFile

logger = logging.getLogger(__name__)

State = ImportBatch.State
Progress = Callable[[int, int], object]

# A village meets a few people who have moved; a list of numbers that is only asked about meets many.
ELSEWHERE_LIMIT = 50
CONFIRM_LOCK = 7_304_201  # one confirmation at a time: the next one sees what this one wrote
ROW_COLUMNS = (
    "id",
    "batch_id",
    "sheet",
    "number",
    "verdict",
    "household_number",
    "village_id",
    ImportRow.packed.sealed,
    "errors",
    "warnings",
    "changes",
)


def _silent(done: int, total: int) -> None:
    pass


def upload(file: File, *, name: str, by: User) -> ImportBatch:
    """Keeps the file, sealed, under a name nobody can guess, and asks the worker to check it."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    with deed("upload_import", by=by) as act:
        batch = ImportBatch(
            file_name=mask_numbers(PurePath(name).name)[:200], sha256=digest.hexdigest(), uploaded_by=by
        )
        batch.file.save(f"{uuid.uuid4().hex}.sealed", file, save=False)
        batch.job = enqueue("check_import", by=by, language=get_language())
        batch.save()
        batch.job.arguments["batch"] = batch.pk
        batch.job.save(update_fields=["arguments"])
        act.about(batch, sha256=batch.sha256)
    return batch


@chosen_rows()
def check(batch: ImportBatch, *, progress: Progress = _silent) -> ImportBatch:
    """Reads the workbook and stores the verdict on every row; what cannot be read is refused in a sentence.

    Safe to run again: the rows of an earlier check are replaced. A confirmed batch is left alone.
    """
    if batch.state == State.CONFIRMED:
        return batch
    try:
        with private_copy(batch.file) as path:
            rows = read_workbook(path)
    except (UnsafeFile, WrongTemplate) as refusal:
        return _refuse(batch, str(refusal))
    plan = _plan(batch, rows, progress=progress)
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.state != State.CONFIRMED:
            _store(locked, plan, by=batch.uploaded_by, sentence="")
    batch.refresh_from_db()
    return batch


@chosen_rows()
def request_confirm(batch: ImportBatch, *, by: User) -> Job:
    """Asks the worker to confirm; asked twice, returns the work under way. Conflict when nothing is to do."""
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update(of=("self",)).select_related("job").get(pk=batch.pk)
        job = batch.job
        if job and job.name == "confirm_import" and job.state in (Job.State.QUEUED, Job.State.RUNNING):
            return job
        if batch.state != State.CHECKED:
            raise Conflict(_("This file is not waiting for confirmation."), code="not_checked")
        if not batch.rows_new + batch.rows_changed:
            raise Conflict(_("There is nothing new and nothing changed to take in."), code="nothing_to_do")
        batch.job = enqueue("confirm_import", by=by, batch=batch.pk, language=get_language())
        batch.save(update_fields=["job"])
        return batch.job


@chosen_rows()
def confirm(batch: ImportBatch, *, by: User) -> ImportBatch:
    """Takes the accepted households in, all or none.

    A second confirmation does nothing. If the registry has changed so that the plan is no longer the one that
    was shown, nothing is taken in: the batch is checked anew and says so.
    """
    try:
        _confirm(batch.pk, by)
    except IntegrityError as error:
        if not isinstance(error.__cause__, UniqueViolation):
            raise
        # Somebody registered the same number between our look and our writing: look again.
        logger.exception("import %s met a row that was written meanwhile", batch.pk)
        _check_anew(batch, by)
    batch.refresh_from_db()
    return batch


@transaction.atomic
def _confirm(pk: int, by: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CONFIRM_LOCK])
    batch = ImportBatch.objects.select_for_update().get(pk=pk)
    if batch.state != State.CHECKED:
        return
    shown = _verdicts(batch)
    plan = _plan(batch, _stored_rows(batch, is_checked=True), by=by, is_locking=True)
    if [_verdict(row) for row in sorted(plan.rows, key=lambda row: (row.sheet, row.number))] != shown:
        _store(batch, _plan(batch, _stored_rows(batch), by=by), by=by, sentence=_changed_meanwhile())
        return
    counts = _counts(plan)
    with deed("confirm_import", by=by) as act:
        written = write(plan, batch=batch, by=by, today=timezone.localdate())
        batch.state, batch.confirmed_at, batch.refusal = State.CONFIRMED, timezone.now(), ""
        batch.save(update_fields=["state", "confirmed_at", "refusal"])
        act.about(batch, households=len(written.households), **counts)


def _check_anew(batch: ImportBatch, by: User) -> None:
    with transaction.atomic():
        locked = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if locked.state == State.CHECKED:
            _store(locked, _plan(locked, _stored_rows(locked)), by=by, sentence=_changed_meanwhile())


def _changed_meanwhile() -> str:
    return _(
        "The registry has changed since this file was checked. Nothing was taken in: look at the new result."
    )


def _plan(
    batch: ImportBatch,
    rows: Iterable[SheetRow],
    *,
    by: User | None = None,
    is_locking: bool = False,
    progress: Progress = _silent,
) -> Plan:
    """Under the rights of whoever uploaded the file and, on confirmation, of whoever confirms."""
    users = User.objects.filter(pk__in={batch.uploaded_by_id, by.pk if by else batch.uploaded_by_id})
    return make_plan(
        rows,
        scopes=[scope_of(user) for user in users],
        today=timezone.localdate(),
        is_locking=is_locking,
        progress=lambda done: progress(done, 0),
    )


def _refuse(batch: ImportBatch, sentence: str) -> ImportBatch:
    with transaction.atomic():
        ImportRow.objects.filter(batch=batch).delete()
        batch.state, batch.refusal = State.REFUSED, mask_numbers(sentence)
        batch.rows_read = batch.rows_new = batch.rows_changed = batch.rows_same = batch.rows_rejected = 0
        batch.save()
    return batch


def _store(batch: ImportBatch, plan: Plan, *, by: User, sentence: str) -> None:
    """The result for ``by`` to look at, and in the access log whom it tells of."""
    if plan.elsewhere > ELSEWHERE_LIMIT:
        _record_told(batch, by, nobody_named=plan.elsewhere)
        _refuse(batch, _too_many_elsewhere())
        return
    told = plan.known.told.values()
    people = [place for place in told if place and place.member]
    homes = [place for place in told if place and not place.member]
    _record_told(batch, by, people, nobody_named=sum(place is None for place in told))
    _record_told(batch, by, homes)
    ImportRow.objects.filter(batch=batch).delete()
    villages = {id(row): home.area_code for home in plan.homes if home.area_code for row in home.rows}
    copy_rows(ImportRow, ROW_COLUMNS, _row_columns(batch, plan, villages))
    for name, count in _counts(plan).items():
        setattr(batch, name, count)
    batch.state, batch.refusal = State.CHECKED, sentence
    batch.save()


def _record_told(
    batch: ImportBatch, by: User, places: Sequence[Place] = (), *, nobody_named: int = 0
) -> None:
    """That a number is registered elsewhere is told of whose it is: a reading, though no page shows them."""
    log_reading(
        user=by,
        route="check_import",
        purpose=gettext_noop("numbers of an import that are registered elsewhere"),
        shown=Shown.LINE,
        household_ids=[place.household for place in places],
        member_ids=[place.member for place in places if place.member],
        subject=subject_of(batch),
        count=len(places) + nobody_named,
    )


def _too_many_elsewhere() -> str:
    sentence = _(
        "More than %(limit)s NIK or family card numbers of this file are registered outside your area, or"
        " their data were erased. Such a file is not checked. Ask the district verifier or the social affairs"
        " office."
    )
    return sentence % {"limit": ELSEWHERE_LIMIT}


def _row_columns(batch: ImportBatch, plan: Plan, villages: dict[int, str]) -> Iterable[tuple[Any, ...]]:
    for pk, row in zip(new_ids(ImportRow, len(plan.rows)), plan.rows, strict=True):
        yield (
            pk,
            batch.pk,
            row.sheet,
            row.number,
            row.verdict.value,
            row.values["household_number"],
            villages.get(id(row)),
            ImportRow.packed.seal(row.packed, pk),
            json.dumps([problem.as_json() for problem in row.errors]),
            json.dumps([problem.as_json() for problem in row.warnings]),
            json.dumps(row.changes),
        )


def _counts(plan: Plan) -> dict[str, int]:
    counts = {f"rows_{verdict.value}": plan.count(verdict) for verdict in Verdict}
    return {"rows_read": len(plan.rows), **counts}


def _stored_rows(batch: ImportBatch, *, is_checked: bool = False) -> list[SheetRow]:
    """The rows as they were read from the file: the sheets in the template's order, each from the top.

    With ``is_checked`` the rows accepted before are not asked again for what the file says by itself.
    """
    found = []
    stored = (
        ImportRow.objects.filter(batch=batch)
        .order_by("pk")
        .values_list("pk", "sheet", "number", "verdict", ImportRow.packed.sealed)
    )
    for pk, sheet, number, verdict, sealed in stored:
        cells = json.loads(ImportRow.packed.unseal(sealed, pk) or "{}")
        values = {name: cell_from_json(cell) for name, cell in cells.items()}
        row = SheetRow(sheet, layout_of(sheet), number, values)
        row.is_checked = is_checked and verdict != Verdict.REJECTED
        found.append(row)
    return found


def _verdicts(batch: ImportBatch) -> list[tuple[Any, ...]]:
    rows = ImportRow.objects.filter(batch=batch).values_list("sheet", "number", "verdict", "changes")
    return sorted((tuple(row) for row in rows), key=lambda row: row[:2])


def _verdict(row: SheetRow) -> tuple[Any, ...]:
    return row.sheet, row.number, row.verdict.value, row.changes
