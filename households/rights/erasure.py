"""Forgetting: the data of a person or of a household go from the registry, its history and its imports.

A row that a target list still points at stays as an empty shell, and an approved list keeps what it was
signed with until its own time is over (docs/rights.md); everything else is deleted. A tombstone with the
keyed index of the NIK remains, so that a later import or form is flagged.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pgtrigger
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import ProtectedError, Q, QuerySet
from django.utils import timezone

from households.imports.forgetting import Place, Traces, forget_rows
from households.models import (
    Assessment,
    Family,
    Household,
    Member,
    MemberAssessment,
    PovertyStatus,
    SubjectRequest,
    Tombstone,
    WelfareDecile,
)
from households.models.household import StatusChoice
from households.rights import ledger
from registry.audit import Deed, deed
from registry.models import User
from registry.permissions import scope_of

# Rows that nothing else may remove: lifted for the statements of an erasure only.
GUARDS = [
    f"households.{name}:append_only"
    for name in (
        "Assessment",
        "MemberAssessment",
        "PovertyStatus",
        "WelfareDecile",
        "HouseholdEvent",
        "FamilyEvent",
        "MemberEvent",
        "SubjectRequestEvent",
    )
]
MEMBER_SHELL: dict[str, Any] = {
    "name": "",
    "nik": "",
    "nik_missing": Member.NikMissing.OTHER,
    "sex": None,
    "birth_place": "",
    "birth_date": None,
}
HOUSEHOLD_SHELL: dict[str, Any] = {
    "address": "",
    "hamlet": "",
    "rw": "",
    "rt": "",
    "latitude": None,
    "longitude": None,
    "status": StatusChoice.UNKNOWN,
    "status_on": None,
    "decile": None,
    "closed_reason": Household.ClosedReason.ERASED,
    "closed_evidence": "",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is forgotten: ``people`` of the household; with ``is_whole`` all that is kept of the household.

    ``asking`` are those of them who are forgotten everywhere, on request: not who had left a household that
    goes as a whole, and lives elsewhere now. ``names`` and ``nik_indexes`` are also those of before, as the
    row history has them. ``is_again``: the list outside has it already, and ``ground`` is the one of then.
    """

    household: Household
    people: Collection[Member]
    asking: Collection[Member]
    is_whole: bool
    ground: str
    is_again: bool
    names: frozenset[str]
    nik_indexes: frozenset[str]


# What another room holds of people and can make anew, such as draft lists: it registers itself.
FORGETTERS: list[Callable[[Subject], object]] = []


def erase_household(
    *, household: Household, by: User, ground: str, why: str = "", is_again: bool = False
) -> None:
    """Everything of the household and its people. Raises PermissionDenied outside the user's area."""
    people = list(household.members.active())
    _erase(_subject(household, people, ground, is_again, is_whole=True), by, why)


def erase_member(*, member: Member, by: User, ground: str, why: str = "", is_again: bool = False) -> None:
    """One person; the last one takes the household along. Raises PermissionDenied outside the user's area."""
    people = [member]
    if ground == Tombstone.Ground.REQUEST and member.nik_index:
        # Somebody who left and came back has two rows in one household.
        twins = Member.objects.filter(nik_index=member.nik_index, household=member.household_id)
        people += twins.exclude(pk=member.pk)
    _erase(_subject(member.household, people, ground, is_again), by, why)


def _subject(
    household: Household, people: list[Member], ground: str, is_again: bool, *, is_whole: bool = False
) -> Subject:
    """With the last person goes the household, and with it the empty shells of those before."""
    asking = people if ground == Tombstone.Ground.REQUEST else []
    others = household.members.exclude(pk__in=[person.pk for person in people]).exclude(name="")
    is_whole = is_whole or not others.exists()
    if is_whole:
        people = list(household.members.all())
    rows = [*people, *_versions(people)]
    return Subject(
        household=household,
        people=people,
        asking=asking,
        is_whole=is_whole,
        ground=ground,
        is_again=is_again,
        names=frozenset(row.name for row in rows if row.name),
        nik_indexes=frozenset(row.nik_index for row in rows if row.nik_index),
    )


def _erase(subject: Subject, by: User, why: str) -> None:
    """On their own request people are also erased where they were registered before, or are now."""
    if not scope_of(by).covers(subject.household.area_id):
        raise PermissionDenied
    subjects = [subject, *_elsewhere(subject)]
    verb = "erase_household" if subject.is_whole else "erase_member"
    ground = Tombstone.Ground.REPLAY if subject.is_again else subject.ground
    with deed(verb, by=by, why=why, about=subject.household) as act, pgtrigger.ignore(*GUARDS):
        lines = [line for each in subjects for line in _ledger_lines(each)]
        for each in subjects:
            _forget(each)
        _bury(_indexes(subject.people), act, ground)
        act.details = {"people": sum(len(each.people) for each in subjects), "ground": ground}
        if not subject.is_again:
            ledger.append(lines)


def _elsewhere(subject: Subject) -> list[Subject]:
    others = Member.objects.filter(nik_index__in=_indexes(subject.asking))
    others = others.exclude(pk__in=[person.pk for person in subject.people])
    homes: dict[Household, list[Member]] = {}
    for person in others.select_related("household"):
        homes.setdefault(person.household, []).append(person)
    return [_subject(home, people, subject.ground, subject.is_again) for home, people in homes.items()]


def _forget(subject: Subject) -> None:
    """What refers to a row goes before the row, the row before its history."""
    forget_rows(_traces(subject))
    for forget in FORGETTERS:
        forget(subject)
    _forget_requests(subject)
    _forget_answers(subject)
    families = {person.family_id for person in subject.people}
    people = [person.pk for person in subject.people]
    for pk in people:
        _remove(Member, pk, MEMBER_SHELL)
    _versions(subject.people).delete()
    _forget_families(subject, families)
    if subject.is_whole:
        _forget_household(subject.household.pk)


def traces_of(member: Member) -> Traces:
    """As an erasure of this person alone would look for her in imports."""
    return _traces(_subject(member.household, [member], ground="", is_again=False))


def other_bearers(household: Household, places: Collection[Place]) -> set[Place]:
    """Those of ``places`` that another household bore before, as the row history has it."""
    areas, numbers = zip(*places, strict=True)
    theirs = _events("household").filter(area__in=areas, number__in=numbers).exclude(pgh_obj_id=household.pk)
    return set(places) & set(theirs.values_list("area", "number"))


def _traces(subject: Subject) -> Traces:
    """Under the household's earlier numbers too: its imported rows carry the one of then."""
    home = subject.household
    history = _events("household").filter(pgh_obj_id=home.pk).values_list("area", "number")
    places = {(home.area_id, home.number), *history}
    theirs = Household.objects.exclude(pk=home.pk).filter(number__in=[number for _area, number in places])
    return Traces(
        places=frozenset(places),
        taken=frozenset(places & set(theirs.values_list("area", "number"))),
        numbers=frozenset(person.position for person in subject.people),
        nik_indexes=subject.nik_indexes,
        names=frozenset(name.casefold() for name in subject.names),
        is_whole=subject.is_whole,
        anywhere=_indexes(subject.asking),
        anywhere_by_name=frozenset(pair for person in subject.asking for pair in _known_as(person)),
    )


def _known_as(person: Member) -> set[tuple[str, str]]:
    """Every NIK and name the person had, in pairs: a NIK of before may be a slip, and somebody else's."""
    rows = [person, *_versions([person])]
    return {(one.nik_index, other.name.casefold()) for one in rows for other in rows if one.nik_index}


def _forget_requests(subject: Subject) -> None:
    """The words go; that it was asked and answered in time stays, and what an erasure was granted with."""
    about = Q(member__in=subject.people) | Q(pk__in=_asked_for_all(subject))
    if subject.is_whole:
        about |= Q(household=subject.household)
    requests = list(SubjectRequest.objects.filter(about).values_list("pk", flat=True))
    rows = SubjectRequest.objects.filter(pk__in=requests)
    rows.exclude(pk__in=rows.to_carry_out()).update(outcome="")
    rows.update(asker="", asked="")
    _events("subjectrequest").filter(pgh_obj_id__in=requests).delete()


def _asked_for_all(subject: Subject) -> list[int]:
    """Requests about the household as a whole that one of ``people`` made, as the name on them says.

    Not an erasure that was granted and waits: without its words nobody would carry it out.
    """
    names = {name.casefold() for name in subject.names}
    asked = SubjectRequest.objects.filter(household=subject.household, member=None)
    asked = asked.exclude(pk__in=asked.to_carry_out())
    return [
        pk for pk, asker in asked.values_list("pk", "asker") if " ".join(asker.split()).casefold() in names
    ]


def _forget_answers(subject: Subject) -> None:
    answers = MemberAssessment.objects.filter(member__in=subject.people)
    if not subject.is_whole:
        # The household's verdicts stay without their reasons: these quote a person's work and income.
        seen = list(answers.values_list("assessment", flat=True))
        PovertyStatus.objects.filter(assessment__in=seen).update(reasons=[], missing=[])
        answers.delete()
        return
    answers.delete()
    Household.objects.filter(pk=subject.household.pk).update(current_assessment=None)
    PovertyStatus.objects.filter(household=subject.household).delete()
    WelfareDecile.objects.filter(household=subject.household).delete()
    Assessment.objects.filter(household=subject.household).delete()


def _forget_families(subject: Subject, families: Collection[int]) -> None:
    """A card goes with the last person on it."""
    rows = Family.objects.filter(household=subject.household)
    if not subject.is_whole:
        rows = rows.filter(pk__in=families)
    for pk in rows.values_list("pk", flat=True):
        if not Member.objects.filter(family=pk).exclude(name="").exists():
            _remove(Family, pk, {"card_number": ""})
            _events("family").filter(pgh_obj_id=pk).delete()


def _forget_household(pk: int) -> None:
    _remove(Household, pk, HOUSEHOLD_SHELL | {"number": f"erased-{pk}"})
    _events("household").filter(pgh_obj_id=pk).delete()


def _remove(model: type[models.Model], pk: int, shell: Mapping[str, Any]) -> None:
    """Deletes the row; one that a target list still points at is emptied and closed instead."""
    row: Any = model._default_manager.get(pk=pk)
    try:
        with transaction.atomic():
            row.delete()
    except ProtectedError:
        if getattr(row, "closed_on", timezone.localdate()) is None:
            shell = {**shell, "closed_on": timezone.localdate()}
        for name, value in shell.items():
            setattr(row, name, value)
        row.save(update_fields=list(shell))


def _bury(nik_indexes: Collection[str], act: Deed, ground: str) -> None:
    """Not whoever is registered elsewhere: only her old row's time was over, or its household's."""
    living = Member.objects.filter(nik_index__in=nik_indexes).values_list("nik_index", flat=True)
    today = timezone.localdate()
    Tombstone.objects.bulk_create(
        [
            Tombstone(nik_index=nik_index, erased_on=today, ground=ground, deed=act.id)
            for nik_index in set(nik_indexes).difference(living)
        ],
        ignore_conflicts=True,
    )


def _ledger_lines(subject: Subject) -> list[dict[str, Any]]:
    """One a person, and one for the household. ``registered_at`` tells the household from another's id,
    ``elsewhere`` whether the person was erased in other households too.
    """
    common = {
        "erased_on": timezone.localdate().isoformat(),
        "ground": subject.ground,
        "household": subject.household.pk,
        "registered_at": subject.household.created_at.isoformat(),
    }
    people = [
        {
            **common,
            "member": person.pk,
            "nik_index": person.nik_index,
            "elsewhere": person in subject.asking,
        }
        for person in subject.people
    ]
    return [*people, {**common, "member": None, "nik_index": ""}] if subject.is_whole else people


def _indexes(people: Collection[Member]) -> frozenset[str]:
    """Never the numbers themselves: a seal that was damaged must not keep anybody from being erased."""
    return frozenset(person.nik_index for person in people if person.nik_index)


def _versions(people: Collection[Member]) -> QuerySet[Any]:
    return _events("member").filter(pgh_obj_id__in=[person.pk for person in people])


def _events(name: str) -> QuerySet[Any]:
    return apps.get_model("households", f"{name}event")._default_manager.all()
