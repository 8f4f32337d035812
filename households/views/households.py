"""Households: the list, the page of one, and its entry forms."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import Max, OuterRef, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from households.filters import HouseholdFilter
from households.forms import CloseHouseholdForm, HouseholdForm
from households.models import Assessment, Household, PovertyStatus
from households.panels import panels_for
from households.poverty import METHODS, QUESTIONS
from households.poverty.text import fill
from households.questionnaire.blocks import HOUSEHOLD_BLOCKS
from households.services import change_household, close_household, register_household
from registry.audit import record_reading
from registry.errors import conflicts_on
from registry.models import Shown
from registry.parameters import takes
from registry.permissions import StaffRequest
from registry.templatetags.simpul import number

PAGE_SIZE = 50


@takes("page", *HouseholdFilter.base_filters)
@permission_required("households.view_household", raise_exception=True)
def household_list(request: StaffRequest) -> HttpResponse:
    filtered = HouseholdFilter(request.GET, queryset=Household.objects.visible_to(request.user))
    homes = filtered.qs if filtered.form.is_valid() else Household.objects.none()
    page = Paginator(homes.for_list(), PAGE_SIZE).get_page(request.GET.get("page"))
    record_reading(
        request,
        purpose=gettext_noop("household list"),
        shown=Shown.LINE,
        household_ids=[home.pk for home in page],
    )
    return render(request, "households/household_list.html", {"filter": filtered, "page": page})


@permission_required("households.view_household", raise_exception=True)
def household_detail(request: StaffRequest, pk: int) -> HttpResponse:
    homes = Household.objects.visible_to(request.user).select_related("area", "current_assessment")
    household = get_object_or_404(homes, pk=pk)
    record_reading(
        request,
        purpose=gettext_noop("household page"),
        shown=Shown.RECORD,
        household_ids=[household.pk],
    )
    context = {
        "household": household,
        "families": [
            (family, family.members.all()) for family in household.families.prefetch_related("members")
        ],
        "verdicts": _verdicts(household),
        "sections": _answered(household.current_assessment),
        "assessments": household.assessments.select_related("recorded_by"),
        "requests": household.requests.unfinished().select_related("member"),
        "panels": panels_for(household, request.user),
    }
    return render(request, "households/household_detail.html", context)


@permission_required("households.add_household", raise_exception=True)
def household_create(request: StaffRequest) -> HttpResponse:
    form = HouseholdForm(request.POST or None, user=request.user)
    if form.is_valid():
        with conflicts_on(form):
            household = register_household(by=request.user, **form.cleaned_data)
            messages.success(request, _("Household saved. Now add the family and its members."))
            return redirect(household)
    return render(request, "households/household_form.html", {"form": form})


@permission_required("households.change_household", raise_exception=True)
def household_change(request: StaffRequest, pk: int) -> HttpResponse:
    household = get_object_or_404(Household.objects.visible_to(request.user).active(), pk=pk)
    record_reading(
        request,
        purpose=gettext_noop("change a household"),
        shown=Shown.LINE,
        household_ids=[household.pk],
    )
    form = HouseholdForm(request.POST or None, instance=household, user=request.user)
    if form.is_valid():
        with conflicts_on(form):
            change_household(household=household, by=request.user, **form.cleaned_data)
            messages.success(request, _("Changes saved."))
            return redirect(household)
    return render(request, "households/household_form.html", {"form": form, "household": household})


@permission_required("households.change_household", raise_exception=True)
def household_close(request: StaffRequest, pk: int) -> HttpResponse:
    household = get_object_or_404(Household.objects.visible_to(request.user).active(), pk=pk)
    record_reading(
        request,
        purpose=gettext_noop("close a household"),
        shown=Shown.LINE,
        household_ids=[household.pk],
    )
    form = CloseHouseholdForm(request.POST or None)
    if form.is_valid():
        with conflicts_on(form):
            close_household(household=household, by=request.user, **form.cleaned_data)
            messages.success(request, _("The household is closed. Its record is kept."))
            return redirect(household)
    return render(request, "households/household_close.html", {"form": form, "household": household})


def _verdicts(household: Household) -> list[dict[str, Any]]:
    """The newest verdict of each scheme, its reasons as sentences in the reader's language."""
    newest = (
        PovertyStatus.objects.filter(household=OuterRef("household"), scheme=OuterRef("scheme"))
        .order_by()
        .values("scheme")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    verdicts = household.statuses.filter(pk=Subquery(newest)).select_related("scheme")
    return [
        {
            "verdict": verdict,
            "reasons": _reasons(verdict),
            "missing": [_(QUESTIONS[n]) for n in verdict.missing],
        }
        for verdict in verdicts.order_by("-scheme__sets_status", "scheme__code")
    ]


def _reasons(verdict: PovertyStatus) -> list[dict[str, Any]]:
    labels = {c.code: _(c.label) for c in METHODS[verdict.scheme.method].criteria}
    return [
        {
            "is_met": reason["is_met"],
            "label": labels.get(reason["criterion"], ""),
            "sentence": fill(reason["sentence"], reason["values"], _, number),
        }
        for reason in verdict.reasons
    ]


def _answered(assessment: Assessment | None) -> list[dict[str, Any]]:
    """The current answers by block, for reading."""
    if assessment is None:
        return []
    return [
        {
            "title": block.title,
            "answers": [
                {
                    "term": assessment._meta.get_field(question.field).verbose_name,  # type: ignore[union-attr]
                    "value": _shown(assessment, question.field),
                }
                for question in block.questions
            ],
        }
        for block in HOUSEHOLD_BLOCKS
    ]


def _shown(assessment: Assessment, field: str) -> str:
    value = getattr(assessment, field)
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    label = getattr(assessment, f"get_{field}_display", None)
    return str(label()) if label else number(value)
