"""Citizens' requests: received with a clock, decided by a human who had no part in what is asked about."""

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from households.models import Household, Member, PovertyStatus, SubjectRequest, Tombstone
from households.models.rights import TIME_TO_ANSWER
from households.rights.erasure import erase_household, erase_member
from registry.audit import deed
from registry.errors import Conflict
from registry.models import User
from registry.permissions import scope_of

Kind = SubjectRequest.Kind
State = SubjectRequest.State
TWO_PEOPLE = (Kind.OBJECTION, Kind.ERASURE)


def receive_request(
    *,
    household: Household,
    kind: str,
    asker: str,
    asked: str,
    by: User,
    member: Member | None = None,
    now: datetime | None = None,
) -> SubjectRequest:
    """The clock starts here. An objection is to the verdict that sets the status; without one, Conflict."""
    if not scope_of(by).covers(household.area_id):
        raise PermissionDenied
    objected = _verdict(household) if kind == Kind.OBJECTION else None
    received_at = now or timezone.now()
    with deed("receive_request", by=by) as act:
        request = SubjectRequest.objects.create(
            kind=kind,
            household=household,
            member=member,
            area_id=household.area_id,
            objected=objected,
            asker=asker,
            asked=asked,
            received_at=received_at,
            received_by=by,
            due_at=received_at + TIME_TO_ANSWER,
        )
        act.about(request, kind=kind, household=household.pk)
    return request


def decide_request(*, request: SubjectRequest, is_granted: bool, outcome: str, by: User) -> SubjectRequest:
    """Raises Conflict when it is decided already or ``by`` may not be the one who decides.

    A granted erasure waits for the next ``manage.py purge``: nobody who serves pages can remove what was
    recorded. A granted objection changes no status: the household is assessed anew, judged as everyone is.
    """
    if not (by.has_perm("households.decide_request") and scope_of(by).covers(request.area_id)):
        raise PermissionDenied
    with deed("decide_request", by=by, about=request) as act:
        request = (
            SubjectRequest.objects.visible_to(by)
            .select_for_update(of=("self",))
            .select_related("household", "member__household", "objected__assessment")
            .get(pk=request.pk)
        )
        _refuse_unfit(request, by)
        if is_granted and request.kind == Kind.ERASURE and not request.asked:
            # Without its words the request is about somebody erased meanwhile: never grant it about the rest.
            raise Conflict(_("These data are already erased."), code="already_erased")
        request.state = State.GRANTED if is_granted else State.REFUSED
        request.outcome, request.decided_by, request.decided_at = outcome, by, timezone.now()
        request.save(update_fields=["state", "outcome", "decided_by", "decided_at"])
        act.details = {"kind": request.kind, "state": request.state}
    return request


def _verdict(household: Household) -> PovertyStatus:
    verdict = household.statuses.filter(scheme__sets_status=True).order_by("-pk").first()
    if verdict is None:
        raise Conflict(
            _("This household has no poverty status yet, so there is nothing to object to."),
            code="no_status",
            field="kind",
        )
    return verdict


def _refuse_unfit(request: SubjectRequest, by: User) -> None:
    if not request.is_open:
        raise Conflict(_("This request is already decided."), code="already_decided")
    if request.kind in TWO_PEOPLE and request.received_by_id == by.pk:
        raise Conflict(
            _("You received this request: somebody else must decide on it."), code="received_by_same"
        )
    seen = request.objected.assessment if request.objected else None
    if seen and seen.recorded_by_id == by.pk:
        raise Conflict(
            _("You recorded the assessment behind this status: somebody else must decide on it."),
            code="assessed_by_same",
        )


def carry_out(request: SubjectRequest, *, by: User) -> None:
    """A granted erasure, unless it is done already."""
    household, member = request.household, request.member
    if household is None or not request.is_to_carry_out:
        return
    ground, why = Tombstone.Ground.REQUEST, f"subjectrequest:{request.pk}"
    if member:
        erase_member(member=member, by=by, ground=ground, why=why)
    else:
        erase_household(household=household, by=by, ground=ground, why=why)
