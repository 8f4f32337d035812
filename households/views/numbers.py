"""A NIK or family card number in full: one at a time, with a reason, counted."""

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from households.models import Family, Member
from registry.audit import TooManyFullViews, record_full_view, record_reading, subject_of
from registry.models import Shown
from registry.numbers import IdentityNumber, no_identity_number
from registry.permissions import StaffRequest

HOUR = 60 * 60


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=10,
        max_length=200,
        validators=[no_identity_number],
        help_text=gettext_lazy(
            "Why you need the full number, such as: comparing it with the card at the visit."
            " It stands in the access log beside your name."
        ),
    )


@permission_required("households.reveal_number", raise_exception=True)
def member_number(request: StaffRequest, pk: int) -> HttpResponse:
    people = Member.objects.visible_to(request.user).select_related("household")
    member = get_object_or_404(people, pk=pk)
    back = reverse("member-change", args=[pk])
    return _ask_and_show(request, member.nik, member, label=_("NIK"), of=member.name, back=back)


@permission_required("households.reveal_number", raise_exception=True)
def family_number(request: StaffRequest, pk: int) -> HttpResponse:
    families = Family.objects.visible_to(request.user).select_related("household")
    family = get_object_or_404(families, pk=pk)
    of = _("Family %(position)s") % {"position": family.position}
    back = reverse("family-change", args=[pk])
    label = _("Family card number")
    return _ask_and_show(request, family.card_number, family, label=label, of=of, back=back)


def _ask_and_show(
    request: StaffRequest, number: IdentityNumber, thing: Member | Family, *, label: str, of: str, back: str
) -> HttpResponse:
    """The number itself only in the answer to a reason; where there is none, 404."""
    if not number:
        raise Http404
    household = thing.household
    record_reading(
        request,
        purpose=gettext_noop("before a full number"),
        shown=Shown.PERSON,
        household_ids=[household.pk],
        member_ids=[thing.pk] if isinstance(thing, Member) else (),
        subject=subject_of(thing),
    )
    form = ReasonForm(request.POST or None)
    context = {"form": form, "number": number, "household": household, "label": label, "of": of, "back": back}
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            record_full_view(
                request,
                reason=reason,
                household_id=household.pk,
                member_ids=[thing.pk] if isinstance(thing, Member) else (),
                subject=subject_of(thing),
            )
        except TooManyFullViews:
            return too_many_full_views(request)
        context["digits"] = number.reveal()
    return render(request, "households/number.html", context)


def too_many_full_views(request: StaffRequest) -> HttpResponse:
    context = {"limit": settings.FULL_VIEWS_PER_HOUR}
    answer = render(request, "429.html", context, status=429)
    answer.headers["Retry-After"] = str(HOUR)
    return answer
