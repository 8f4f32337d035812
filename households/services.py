"""Every change to people's data. One verb each, one transaction, one audit row; forms, imports and the API
call these.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NoReturn, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Max, Model, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from households.judging import judge_households
from households.models import Assessment, Family, Household, Member, MemberAssessment, Tombstone
from households.questionnaire.codes import Relationship
from registry.audit import deed, log_reading, subject_of
from registry.errors import Conflict
from registry.models import Area, Shown, User
from registry.numbers import IdentityNumber
from registry.permissions import scope_of
from registry.scope import whole_registry

Q = TypeVar("Q", bound=QuerySet[Any])


class AlreadyRegistered(Conflict):
    """That a number belongs to somebody is told of that somebody: a ``reading``, wherever they live."""

    def __init__(self, message: str, *, code: str, field: str, **reading: Any) -> None:
        super().__init__(message, code=code, field=field)
        self.reading = reading

    def record(self) -> None:
        log_reading(
            route="",  # the page's own reading has the same request
            purpose=gettext_noop("number already registered"),
            shown=Shown.LINE,
            count=1,
            **self.reading,
        )


def register_household(*, area: Area, number: str, by: User, **details: Any) -> Household:
    """``details`` are the other columns of Household that a person may type."""
    _require_area(by, area.code)
    _refuse_taken_number(area, number, by=by)
    with deed("register_household", by=by) as act:
        household = Household.objects.create(area=area, number=number, **details)
        act.about(household, area=area.code)
    return household


def change_household(*, household: Household, by: User, why: str = "", **details: Any) -> Household:
    _require_area(by, household.area_id)
    _refuse_erased(household)
    if "number" in details:
        _refuse_taken_number(household.area, details["number"], by=by, besides=household)
    with deed("change_household", by=by, why=why, about=household):
        _set(household, details)
    return household


def close_household(
    *, household: Household, on: date, reason: str, evidence: str, by: User, why: str = ""
) -> Household:
    """People are closed, not deleted."""
    _require_area(by, household.area_id)
    if household.is_closed:
        raise Conflict(_("This household is already closed."), code="already_closed")
    with deed("close_household", by=by, why=why, about=household):
        _set(household, {"closed_on": on, "closed_reason": reason, "closed_evidence": evidence})
        # Its members close with it, so that a person who lives elsewhere now can be registered there.
        household.members.active().update(closed_on=on)
    return household


def add_family(*, household: Household, by: User, card_number: str = "") -> Family:
    _require_area(by, household.area_id)
    _refuse_closed(household)
    _refuse_taken_card(card_number, by=by)
    with deed("add_family", by=by, about=household):
        return Family.objects.create(
            household=household,
            area_id=household.area_id,
            position=_next_position(household, "families"),
            card_number=card_number,  # type: ignore[misc]  # sealed: the plugin knows columns only
        )


def change_family(*, family: Family, by: User, card_number: str, why: str = "") -> Family:
    _require_area(by, family.area_id)
    _refuse_erased(family.household)
    _refuse_taken_card(card_number, by=by, besides=family)
    with deed("change_family", by=by, why=why, about=family.household):
        _set(family, {"card_number": card_number})
    return family


def add_member(*, family: Family, by: User, **details: Any) -> Member:
    """``details`` are the columns of Member that a person may type. Raises Conflict on a taken NIK or
    second head.
    """
    household = family.household
    _require_area(by, household.area_id)
    _refuse_closed(household)
    _refuse_taken_nik(details.get("nik", ""), by=by)
    _refuse_second_head(household, details.get("household_relationship"))
    with deed("add_member", by=by, about=household):
        return Member.objects.create(
            household=household,
            family=family,
            area_id=household.area_id,
            position=_next_position(household, "members"),
            **details,
        )


def change_member(*, member: Member, by: User, why: str = "", **details: Any) -> Member:
    """A reason why the NIK is missing takes the registered one away."""
    _require_area(by, member.area_id)
    _refuse_erased(member.household)
    if details.get("nik_missing"):
        details["nik"] = ""
    _refuse_taken_nik(details.get("nik", member.nik), by=by, besides=member)
    _refuse_second_head(member.household, details.get("household_relationship"), besides=member)
    with deed("change_member", by=by, why=why, about=member.household):
        _set(member, details)
    return member


def record_assessment(
    *,
    household: Household,
    assessed_on: date,
    answers: Mapping[str, Any],
    member_answers: Mapping[int, Mapping[str, Any]],
    by: User,
    enumerator: str = "",
    source: str = Assessment.Source.FORM,
) -> Assessment:
    """What was seen on a day, then judged under every scheme in force today.

    ``member_answers`` maps the id of a member to that person's answers; active members left out get a row
    of unanswered questions. The newest assessment by date becomes the household's current one.
    """
    _require_area(by, household.area_id)
    _refuse_closed(household)
    with deed("record_assessment", by=by, about=household) as act:
        assessment = Assessment.objects.create(
            household=household,
            area_id=household.area_id,
            assessed_on=assessed_on,
            enumerator=enumerator,
            source=source,
            recorded_by=by,
            **answers,
        )
        MemberAssessment.objects.bulk_create(
            MemberAssessment(
                assessment=assessment,
                member=member,
                household=household,
                area_id=household.area_id,
                **member_answers.get(member.pk, {}),
            )
            for member in household.members.active()
        )
        act.about(household, assessment=assessment.pk)
        household.current_assessment = household.assessments.latest()
        household.save(update_fields=["current_assessment"])
        judge_households(Household.objects.filter(pk=household.pk), on=timezone.localdate())
    household.refresh_from_db()
    return assessment


def rejudge(
    *, by: User | None, on: date, why: str = "", progress: Callable[[int], object] | None = None
) -> int:
    """All active households under the schemes in force on ``on``; returns how many verdicts are new."""
    with deed("judge_households", by=by, why=why) as act:
        count = judge_households(Household.objects.active(), on=on, progress=progress)
        act.details = {"verdicts": count, "on": on.isoformat()}
    return count


def _require_area(user: User, code: str) -> None:
    """The floor beneath the pages' own 404: a service never writes outside the user's area."""
    if not scope_of(user).covers(code):
        raise PermissionDenied


def _set(thing: Household | Family | Member, details: Mapping[str, Any]) -> None:
    for name, value in details.items():
        setattr(thing, name, value)
    thing.save(update_fields=list(details))


def _next_position(household: Household, relation: str) -> int:
    return (getattr(household, relation).aggregate(last=Max("position"))["last"] or 0) + 1


def _refuse_closed(household: Household) -> None:
    if household.is_closed:
        raise Conflict(_("This household is closed: nothing is added to it."), code="closed")


def _refuse_erased(household: Household) -> None:
    """A closed household may be corrected; of an erased one nothing is held that could be wrong."""
    if household.closed_reason == Household.ClosedReason.ERASED:
        raise Conflict(_("This household's data were erased."), code="erased")


def _refuse_taken_number(area: Area, number: str, *, by: User, besides: Household | None = None) -> None:
    here = Household.objects.visible_to(by).filter(area=area, number=number)
    if _others(here, besides).exists():
        raise Conflict(
            _("Household number %(number)s is already in use in %(village)s.")
            % {"number": number, "village": area.name},
            code="number_taken",
            field="number",
        )


def _refuse_taken_card(card_number: str, *, by: User, besides: Family | None = None) -> None:
    if not card_number:
        return
    with whole_registry("a family card is registered once"):
        families = _others(Family.objects.with_card(card_number), besides)
        household = families.values_list("household_id", flat=True).first()
    if household:
        _refuse_as_registered(
            _("This family card number is already registered."),
            code="card_number_taken",
            field="card_number",
            user=by,
            household_ids=[household],
        )


def _refuse_taken_nik(nik: str | IdentityNumber, *, by: User, besides: Member | None = None) -> None:
    """Says where the NIK is only to someone who may see that household."""
    if not nik:
        return
    if erased := Tombstone.objects.of_nik(nik).first():
        _refuse_as_registered(
            erased.sentence,
            code="erased",
            field="nik",
            user=by,
            household_ids=(),
            subject=subject_of(erased),
        )
    taken = _others(Member.objects.active().with_nik(nik), besides)
    with whole_registry("a NIK is registered once"):
        owner = taken.values_list("household_id", "pk").first()
    if owner is None:
        return
    known = taken.visible_to(by).select_related("household__area").first()
    message = (
        _("This NIK is already registered: household %(number)s, %(village)s.")
        % {"number": known.household.number, "village": known.household.area.name}
        if known
        else _("This NIK is already registered in another area. Ask the district verifier.")
    )
    _refuse_as_registered(
        message, code="nik_taken", field="nik", user=by, household_ids=owner[:1], member_ids=owner[1:]
    )


def _refuse_as_registered(message: str, **details: Any) -> NoReturn:
    refusal = AlreadyRegistered(message, **details)
    refusal.record()
    raise refusal


def _refuse_second_head(
    household: Household, relationship: int | None, besides: Member | None = None
) -> None:
    if relationship != Relationship.HEAD:
        return
    if _others(household.members.active().heads(), besides).exists():
        raise Conflict(
            _("This household already has a head."), code="second_head", field="household_relationship"
        )


def _others(rows: Q, besides: Model | None) -> Q:
    return rows.exclude(pk=besides.pk) if besides else rows
