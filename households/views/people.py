"""Families and members of a household."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from households.filters import MemberFilter
from households.forms import FamilyForm, MemberForm
from households.models import Family, Household, Member
from households.services import add_family, add_member, change_family, change_member
from registry.audit import record_reading
from registry.errors import conflicts_on
from registry.models import Shown
from registry.parameters import takes
from registry.permissions import StaffRequest

PAGE_SIZE = 50


@takes("page", *MemberFilter.base_filters)
@permission_required("households.view_member", raise_exception=True)
def member_list(request: StaffRequest) -> HttpResponse:
    people = Member.objects.visible_to(request.user).select_related("household__area")
    filtered = MemberFilter(request.GET, queryset=people.order_by("household__area", "household", "position"))
    found = filtered.qs if filtered.form.is_valid() else Member.objects.none()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    record_reading(
        request,
        purpose=gettext_noop("member list"),
        shown=Shown.PERSON,
        household_ids=[person.household_id for person in page],
        member_ids=[person.pk for person in page],
    )
    return render(request, "households/member_list.html", {"filter": filtered, "page": page})


@permission_required("households.add_family", raise_exception=True)
def family_create(request: StaffRequest, pk: int) -> HttpResponse:
    household = get_object_or_404(Household.objects.visible_to(request.user).active(), pk=pk)
    record_reading(
        request, purpose=gettext_noop("add a family"), shown=Shown.LINE, household_ids=[household.pk]
    )
    form = FamilyForm(request.POST or None)
    if form.is_valid():
        with conflicts_on(form):
            family = add_family(household=household, by=request.user, **form.cleaned_data)
            messages.success(request, _("Family saved. Now add its members, the head first."))
            return redirect("member-create", pk=family.pk)
    return render(request, "households/family_form.html", {"form": form, "household": household})


@permission_required("households.change_family", raise_exception=True)
def family_change(request: StaffRequest, pk: int) -> HttpResponse:
    family = get_object_or_404(Family.objects.visible_to(request.user).select_related("household"), pk=pk)
    record_reading(
        request,
        purpose=gettext_noop("change a family"),
        shown=Shown.PERSON,
        household_ids=[family.household_id],
    )
    form = FamilyForm(request.POST or None, family=family)
    if form.is_valid():
        with conflicts_on(form):
            change_family(family=family, by=request.user, **form.cleaned_data)
            messages.success(request, _("Changes saved."))
            return redirect(family.household)
    return render(
        request,
        "households/family_form.html",
        {"form": form, "family": family, "household": family.household},
    )


@permission_required("households.add_member", raise_exception=True)
def member_create(request: StaffRequest, pk: int) -> HttpResponse:
    families = Family.objects.visible_to(request.user).select_related("household__area")
    family = get_object_or_404(families, pk=pk)
    record_reading(
        request, purpose=gettext_noop("add a member"), shown=Shown.LINE, household_ids=[family.household_id]
    )
    form = MemberForm(request.POST or None)
    if form.is_valid():
        with conflicts_on(form):
            add_member(family=family, by=request.user, **form.cleaned_data)
            _say_warnings(request, form)
            messages.success(request, _("Member saved."))
            return (
                redirect("member-create", pk=family.pk)
                if "another" in request.POST
                else redirect(family.household)
            )
    context = {"form": form, "family": family, "household": family.household}
    return render(request, "households/member_form.html", context)


@permission_required("households.change_member", raise_exception=True)
def member_change(request: StaffRequest, pk: int) -> HttpResponse:
    people = Member.objects.visible_to(request.user).select_related("household__area", "family")
    member = get_object_or_404(people, pk=pk)
    record_reading(
        request,
        purpose=gettext_noop("change a member"),
        shown=Shown.PERSON,
        household_ids=[member.household_id],
        member_ids=[member.pk],
    )
    form = MemberForm(request.POST or None, instance=member)
    if form.is_valid():
        with conflicts_on(form):
            change_member(member=member, by=request.user, **form.cleaned_data)
            _say_warnings(request, form)
            messages.success(request, _("Changes saved."))
            return redirect(member.household)
    context = {"form": form, "member": member, "family": member.family, "household": member.household}
    return render(request, "households/member_form.html", context)


def _say_warnings(request: StaffRequest, form: MemberForm) -> None:
    for warning in form.warnings:
        messages.warning(request, warning)
