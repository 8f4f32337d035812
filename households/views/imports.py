"""Imports: upload, check, preview, done; and the workbooks that go out."""

from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_GET, require_POST

from households.imports import request_confirm, template_workbook, upload
from households.imports.forms import UploadForm
from households.imports.rejected import rejected_workbook
from households.imports.results import (
    groups_of,
    held_back,
    household_ids,
    problem_lines,
    row_lines,
    rows_shown,
)
from households.models import ImportBatch, ImportRow
from households.views.numbers import too_many_full_views
from registry.audit import TooManyFullViews, full_views_left, record_reading, subject_of
from registry.errors import Conflict
from registry.jobs import is_open
from registry.models import Job, Shown
from registry.parameters import takes
from registry.permissions import StaffRequest

PAGE_SIZE = 50
BATCHES_SHOWN = 20
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWS = ("errors", "warnings", *ImportRow.Verdict.values)

State = ImportBatch.State


@takes("page")
@permission_required("households.view_importbatch", raise_exception=True)
def import_list(request: StaffRequest) -> HttpResponse:
    if request.method == "POST" and not request.user.has_perm("households.add_importbatch"):
        raise PermissionDenied
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        file = form.cleaned_data["workbook"]
        return redirect(upload(file, name=file.name, by=request.user))
    batches = ImportBatch.objects.visible_to(request.user).select_related("uploaded_by")
    page = Paginator(batches, BATCHES_SHOWN).get_page(request.GET.get("page"))
    return render(request, "households/import_list.html", {"form": form, "page": page})


@takes("page", "show")
@require_GET
@permission_required("households.view_importbatch", raise_exception=True)
def import_detail(request: StaffRequest, pk: int) -> HttpResponse:
    batches = ImportBatch.objects.visible_to(request.user)
    batch = get_object_or_404(batches.select_related("job", "uploaded_by"), pk=pk)
    context = {
        "batch": batch,
        "is_running": is_open(batch.job),
        "has_failed": batch.job is not None and batch.job.state == Job.State.FAILED,
        "steps": _steps(batch),
        "earlier": batches.filter(sha256=batch.sha256, pk__lt=batch.pk).first(),
    }
    if batch.state in (State.CHECKED, State.CONFIRMED):
        context |= _results(request, batch)
    return render(request, "households/import_detail.html", context)


@require_POST
@permission_required("households.add_importbatch", raise_exception=True)
def import_confirm(request: StaffRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(ImportBatch.objects.visible_to(request.user), pk=pk)
    try:
        request_confirm(batch, by=request.user)
    except Conflict as conflict:
        messages.error(request, conflict.message)
    return redirect(batch)


@require_GET
@permission_required("households.add_importbatch", raise_exception=True)
def import_template(request: StaffRequest) -> FileResponse:
    stream = cast(BinaryIO, TemporaryFile())  # noqa: SIM115 - the response closes it
    template_workbook(stream, request.user.area)
    name = slugify(_("household template"))
    return _download(stream, f"{name}.xlsx")


@require_GET
@permission_required("households.add_importbatch", raise_exception=True)
def import_rejected(request: StaffRequest, pk: int) -> FileResponse | HttpResponse:
    """For whoever uploaded it, with the identity numbers as they came: the file is meant to come back.

    The first of an hour comes whole, however long; further ones while the hour's full views last.
    """
    batches = ImportBatch.objects.visible_to(request.user).select_related("uploaded_by__area")
    batch = get_object_or_404(batches, pk=pk, rows_rejected__gt=0)
    if batch.uploaded_by_id != request.user.pk:
        raise PermissionDenied
    rejected = batch.rows.filter(verdict=ImportRow.Verdict.REJECTED)
    ids = household_ids(rejected.only("village_id", "household_number"), request.user)
    try:
        with full_views_left(request.user, first_of=Shown.IMPORT):
            record_reading(
                request,
                purpose=gettext_noop("rejected rows of an import"),
                shown=Shown.IMPORT,
                household_ids=ids,
                subject=subject_of(batch),
                is_full=True,
                count=batch.rows_rejected,
            )
    except TooManyFullViews:
        return too_many_full_views(request)
    stream = cast(BinaryIO, TemporaryFile())  # noqa: SIM115 - the response closes it
    rejected_workbook(stream, batch)
    return _download(
        stream, f"{slugify(_('rejected'))}-{slugify(batch.file_name.removesuffix('.xlsx'))}.xlsx"
    )


def _download(stream: BinaryIO, name: str) -> FileResponse:
    stream.seek(0)
    return FileResponse(stream, as_attachment=True, filename=name, content_type=SHEET_TYPE)


def _steps(batch: ImportBatch) -> list[dict[str, str]]:
    labels = (_("Upload"), _("Check"), _("Preview"), _("Done"))
    at = {State.UPLOADED: 1, State.REFUSED: 1, State.CHECKED: 2, State.CONFIRMED: 4}[State(batch.state)]
    states = ("done" if place < at else "current" if place == at else "todo" for place in range(len(labels)))
    return [{"label": label, "state": state, "url": ""} for label, state in zip(labels, states, strict=True)]


def _results(request: StaffRequest, batch: ImportBatch) -> dict[str, Any]:
    show = request.GET.get("show", "")
    if show not in SHOWS:
        show = "errors" if batch.rows_rejected else "changed" if batch.rows_changed else "new"
    page = Paginator(rows_shown(batch, show), PAGE_SIZE).get_page(request.GET.get("page"))
    is_problems = show in ("errors", "warnings")
    ids = household_ids(page.object_list, request.user)
    record_reading(
        request,
        purpose=gettext_noop("preview of an import"),
        shown=Shown.IMPORT,
        household_ids=ids,
        subject=subject_of(batch),
        count=len(page.object_list) or batch.rows_rejected,  # people not yet registered have no household
    )
    may_write = request.user.has_perm("households.add_importbatch")
    return {
        "error_groups": groups_of(batch, "errors"),
        "warning_groups": groups_of(batch, "warnings") if show == "warnings" else [],
        "has_warnings": batch.rows.exclude(warnings=[]).exists(),
        "held_back": held_back(batch),
        "may_confirm": batch.state == State.CHECKED
        and bool(batch.rows_new + batch.rows_changed)
        and may_write,
        "may_fetch_rejected": bool(batch.rows_rejected)
        and may_write
        and batch.uploaded_by_id == request.user.pk,
        "show": show,
        "tabs": _tabs(batch),
        "page": page,
        "is_problems": is_problems,
        "lines": problem_lines(page.object_list, show) if is_problems else row_lines(page.object_list),
    }


def _tabs(batch: ImportBatch) -> list[dict[str, Any]]:
    return [
        {"show": "errors", "label": _("Errors"), "total": None},
        {"show": "warnings", "label": _("Warnings"), "total": None},
        {"show": "new", "label": _("New"), "total": batch.rows_new},
        {"show": "changed", "label": _("Changed"), "total": batch.rows_changed},
        {"show": "same", "label": _("Same"), "total": batch.rows_same},
        {"show": "rejected", "label": _("Rejected"), "total": batch.rows_rejected},
    ]
