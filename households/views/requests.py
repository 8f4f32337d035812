"""Citizens' requests: the list with its clock, recording one, and the human decision."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from households.models import Household, SubjectRequest
from households.rights.forms import DecideForm, ReceiveForm
from households.rights.requests import decide_request, receive_request
from registry.audit import record_reading
from registry.errors import conflicts_on
from registry.models import Shown
from registry.parameters import takes
from registry.permissions import StaffRequest

PAGE_SIZE = 50

# Who answers what must do next, apart from writing the answer.
TO_DO = {
    SubjectRequest.Kind.ACCESS: gettext_noop(
        "Have the report about this person printed (manage.py subject_report), hand it over, note it here."
    ),
    SubjectRequest.Kind.CORRECTION: gettext_noop(
        "Correct the data on the household's page, or say why they are right."
    ),
    SubjectRequest.Kind.OBJECTION: gettext_noop(
        "Look at the reasons and the answers yourself. If the objection is right, grant it and assess the "
        "household anew: a status is judged, never typed in."
    ),
    SubjectRequest.Kind.ERASURE: gettext_noop(
        "What you grant is carried out within the night, and for good. An approved target list keeps the "
        "name until its own time is over."
    ),
}


@takes("page", "show")
@permission_required("households.view_subjectrequest", raise_exception=True)
def request_list(request: StaffRequest) -> HttpResponse:
    shows_decided = request.GET.get("show") == "decided"
    visible = SubjectRequest.objects.visible_to(request.user)
    wanted = visible.decided() if shows_decided else visible.open()
    rows = wanted.select_related("household", "member", "area", "decided_by")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    _record(request, *page)
    now = timezone.now()
    context = {
        "page": page,
        "rows": [(ask, clock(ask, now)) for ask in page],
        "shows_decided": shows_decided,
    }
    return render(request, "households/request_list.html", context)


@permission_required("households.add_subjectrequest", raise_exception=True)
def request_create(request: StaffRequest, pk: int) -> HttpResponse:
    household = get_object_or_404(
        Household.objects.visible_to(request.user).exclude(closed_reason=Household.ClosedReason.ERASED), pk=pk
    )
    record_reading(
        request, purpose=gettext_noop("request form"), shown=Shown.LINE, household_ids=[household.pk]
    )
    form = ReceiveForm(request.POST or None, household=household)
    if form.is_valid():
        with conflicts_on(form):
            ask = receive_request(household=household, by=request.user, **form.cleaned_data)
            messages.success(request, _("Request recorded. The clock of 3 × 24 hours is running."))
            return redirect(ask)
    return render(request, "households/request_form.html", {"form": form, "household": household})


@permission_required("households.view_subjectrequest", raise_exception=True)
def request_detail(request: StaffRequest, pk: int) -> HttpResponse:
    may_decide = request.user.has_perm("households.decide_request")
    if request.method == "POST" and not may_decide:
        raise PermissionDenied
    asks = SubjectRequest.objects.visible_to(request.user).select_related(
        "household", "member", "area", "received_by", "decided_by", "objected__scheme"
    )
    ask = get_object_or_404(asks, pk=pk)
    _record(request, ask)
    form = DecideForm(request.POST or None)
    if form.is_valid():
        with conflicts_on(form):
            decide_request(
                request=ask,
                is_granted=form.is_granted,
                outcome=form.cleaned_data["outcome"],
                by=request.user,
            )
            messages.success(request, _("The decision is recorded. Now tell the person."))
            return redirect(ask)
    context = {
        "ask": ask,
        "clock": clock(ask, timezone.now()),
        "to_do": _(TO_DO[SubjectRequest.Kind(ask.kind)]),
        "form": form if may_decide and ask.is_open else None,
        "facts": _facts(ask),
    }
    return render(request, "households/request_detail.html", context)


def clock(ask: SubjectRequest, now: datetime) -> dict[str, Any]:
    """What is left of the 3 x 24 hours, in words; for a decided request whether it was in time."""
    moment = ask.decided_at or now
    hours = ask.hours_left(moment)
    is_late = moment > ask.due_at
    if not ask.is_open:
        words = _("answered late") if is_late else _("answered in time")
    elif is_late:
        late = -hours
        words = ngettext("overdue by %(hours)s hour", "overdue by %(hours)s hours", late) % {"hours": late}
    else:
        words = ngettext("%(hours)s hour left", "%(hours)s hours left", hours) % {"hours": hours}
    return {"words": words, "is_late": is_late}


def _facts(ask: SubjectRequest) -> list[dict[str, Any]]:
    facts: list[dict[str, Any]] = [{"term": _("About whom"), "value": _about(ask)}]
    if ask.asked:
        facts.append({"term": _("Who asks"), "value": ask.asker})
        facts.append({"term": _("What the person says"), "value": ask.asked})
    if ask.objected:
        verdict = f"{ask.objected.get_status_display()} ({ask.objected.scheme})"
        facts.append({"term": _("Status objected to"), "value": verdict})
    if not ask.is_open:
        facts.append({"term": _("Decision"), "value": ask.get_state_display(), "note": str(ask.decided_by)})
        facts.append({"term": _("Answer to the person"), "value": ask.outcome})
    return facts


def _about(ask: SubjectRequest) -> str:
    """Without its words a request is about somebody who was erased."""
    if not ask.asked:
        return _("Erased.")
    return ask.member.name if ask.member else _("the whole household")


def _record(request: StaffRequest, *asks: SubjectRequest) -> None:
    """One reading of persons and one of whole households: together, the others of these would be lost."""
    of_persons = [ask for ask in asks if ask.member_id]
    for some in (of_persons, [ask for ask in asks if not ask.member_id]):
        record_reading(
            request,
            purpose=gettext_noop("citizens' requests"),
            shown=Shown.RECORD,
            household_ids=dict.fromkeys(ask.household_id for ask in some if ask.household_id),
            member_ids=dict.fromkeys(ask.member_id for ask in some if ask.member_id),
        )
