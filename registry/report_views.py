"""Every report as page, workbook and CSV, made from its declaration."""

import io
from collections.abc import Callable, Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from registry.parameters import takes
from registry.permissions import StaffRequest
from registry.reports import REPORTS, Column, Kind, Report, Row, plain
from registry.spreadsheets import Column as Heading
from registry.spreadsheets import SheetToWrite, write_csv, write_workbook
from registry.templatetags.simpul import number, percent, rupiah, wita

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WRITTEN: dict[Kind, Callable[[Any], str]] = {Kind.NUMBER: number, Kind.RATIO: percent, Kind.RUPIAH: rupiah}


def _parameters(slug: str, **kwargs: str) -> Collection[str]:
    return REPORTS[slug].form.base_fields if slug in REPORTS else ()


@takes(by=_parameters)
def report_page(request: StaffRequest, slug: str) -> HttpResponse:
    report = _report(request, slug)
    form = report.form(request.GET or None)
    parameters = form.cleaned_data if form.is_valid() else {}
    opens = request.user.has_perm(report.list_permission)
    rows = [] if form.errors else report.rows(request.user, parameters)
    context = {
        "report": report,
        "form": form,
        "rows": [[_cell(column, row, opens=opens) for column in report.columns] for row in rows],
    }
    return render(request, "registry/report.html", context)


@takes(by=_parameters)
def report_file(request: StaffRequest, slug: str, extension: str) -> HttpResponse:
    """The same rows as the page, with the same parameters in the address."""
    report = _report(request, slug)
    form = report.form(request.GET or None)
    if form.errors or extension not in ("csv", "xlsx"):
        raise Http404
    rows = report.rows(request.user, form.cleaned_data if form.is_valid() else {})
    heads = [str(column.heading) for column in report.columns]
    values = [[plain(row[column.name]) for column in report.columns] for row in rows]
    if extension == "csv":
        text = io.StringIO(newline="")
        write_csv(text, heads, values)
        response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    else:
        workbook = io.BytesIO()
        sheet = SheetToWrite(str(report.title), [Heading(head) for head in heads], values)
        write_workbook(workbook, [sheet], about=_about(request, report, form))
        response = HttpResponse(workbook.getvalue(), content_type=XLSX)
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}.{extension}"'
    return response


def _report(request: StaffRequest, slug: str) -> Report:
    report = REPORTS.get(slug)
    if report is None:
        raise Http404
    if not request.user.has_perm(report.permission):
        raise PermissionDenied
    return report


def _cell(column: Column, row: Row, *, opens: bool) -> dict[str, Any]:
    value = row[column.name]
    text = "–" if value is None else WRITTEN[column.kind](value) if column.kind in WRITTEN else value
    href = column.opens(row) if opens and column.opens and value else ""
    return {"text": text, "href": href, "is_number": column.is_number}


def _about(request: StaffRequest, report: Report, form: Form) -> list[tuple[str, str]]:
    return [
        (_("Report"), str(report.title)),
        *((str(field.label), str(field.value() or _("all"))) for field in form),
        (_("Made by"), str(request.user)),
        (_("Made at"), wita(timezone.now())),
        *((_("Note"), str(sentence)) for sentence in report.explanation),
    ]
