"""The dashboard, and the lists of households behind its figures."""

from django import forms
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from households.models import Household
from households.models.household import StatusChoice
from programs import dashboard as figures
from programs.coverage import Measure, coverage
from programs.models import Program
from programs.reports import newest_year
from registry.audit import record_reading
from registry.models import Shown
from registry.parameters import takes
from registry.permissions import StaffRequest, scope_of

PAGE_SIZE = 50

MEASURES = {
    Measure.POOR: _("Poor households"),
    Measure.NEAR_POOR: _("Near-poor households"),
    Measure.ELIGIBLE: _("Eligible households"),
    Measure.TARGETED: _("Targeted households"),
    Measure.REALISED: _("Households reached"),
    Measure.UNSERVED: _("Poor or near poor, served by nothing"),
}


class CoverageQuery(forms.Form):
    """The address of a figure: which measure, of which programmes, where."""

    measure = forms.ChoiceField(choices=[(measure.value, label) for measure, label in MEASURES.items()])
    year = forms.IntegerField()
    area = forms.RegexField(r"^[0-9.]{2,13}$", required=False)
    program = forms.IntegerField(required=False)
    cluster = forms.IntegerField(required=False)


@permission_required("programs.view_coordination", raise_exception=True)
def dashboard(request: StaffRequest) -> HttpResponse:
    area = scope_of(request.user).area_code
    programs = list(
        Program.objects.filter(year=newest_year()).select_related("agency").prefetch_related("criteria")
    )
    counts = figures.status_counts(area)
    found = coverage(programs, on=timezone.localdate(), area=area)
    context = {
        "cards": figures.cards(counts, found, programs, area),
        "districts": figures.districts(counts),
        "lines": figures.program_lines(found, programs, area),
        "statuses": [{"label": status.label, "tone": status.value} for status in StatusChoice],
        "opens_lists": request.user.has_perm("households.view_household"),
    }
    return render(request, "programs/dashboard.html", context)


@takes("page", *CoverageQuery.base_fields)
@permission_required(["programs.view_coordination", "households.view_household"], raise_exception=True)
def coverage_list(request: StaffRequest) -> HttpResponse:
    """The households behind one figure of the dashboard or the report."""
    query = CoverageQuery(request.GET)
    if not query.is_valid():
        raise Http404
    asked = query.cleaned_data
    measure = Measure(asked["measure"])
    programs = Program.objects.filter(year=asked["year"]).prefetch_related("criteria")
    if asked["program"]:
        programs = programs.filter(pk=asked["program"])
    elif asked["cluster"]:
        programs = programs.filter(cluster=asked["cluster"])
    chosen = list(programs)
    found = coverage(chosen, on=timezone.localdate(), area=asked["area"])
    ids = found.households(measure, [program.pk for program in chosen])
    homes = Household.objects.visible_to(request.user).active().within(asked["area"]).filter(pk__in=ids)
    page = Paginator(homes.for_list(), PAGE_SIZE).get_page(request.GET.get("page"))
    record_reading(
        request,
        purpose=gettext_noop("households behind a figure"),
        shown=Shown.LINE,
        household_ids=[home.pk for home in page],
        subject=f"measure:{measure.value}",
    )
    context = {
        "title": MEASURES[measure],
        "programs": [] if measure in (Measure.POOR, Measure.NEAR_POOR) else chosen,
        "page": page,
        "area": asked["area"],
    }
    return render(request, "programs/coverage_list.html", context)
