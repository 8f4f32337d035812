"""An assessment: what was seen on a day, for the household and each of its members, on one page."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from households.forms import AssessmentForm, member_forms
from households.models import Household
from households.services import record_assessment
from registry.audit import record_reading
from registry.errors import conflicts_on
from registry.models import Shown
from registry.permissions import StaffRequest


@permission_required("households.add_assessment", raise_exception=True)
def assessment_create(request: StaffRequest, pk: int) -> HttpResponse:
    household = get_object_or_404(
        Household.objects.visible_to(request.user).active().select_related("area"), pk=pk
    )
    people = list(household.members.active())
    record_reading(
        request,
        purpose=gettext_noop("assessment form"),
        shown=Shown.ANSWERS,
        household_ids=[household.pk],
        member_ids=[person.pk for person in people],
    )
    start = {"assessed_on": timezone.localdate(), "household_size": len(people), "has_dwelling": True}
    form = AssessmentForm(request.POST or None, initial=start)
    members = member_forms(people, request.POST or None)
    if form.is_valid() and all(member.is_valid() for member in members):
        with conflicts_on(form):
            record_assessment(
                household=household,
                assessed_on=form.cleaned_data["assessed_on"],
                enumerator=form.cleaned_data["enumerator"],
                answers=form.answers(),
                member_answers={member.member.pk: member.answers() for member in members},
                by=request.user,
            )
            messages.success(
                request,
                _("Assessment saved. Status: %(status)s.") % {"status": household.get_status_display()},
            )
            return redirect(household)
    context = {"form": form, "members": members, "household": household}
    return render(request, "households/assessment_form.html", context)
