"""What this room adds to the report on a person: lists she stands on, what came of it, who fetched it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, Max, Min, Prefetch, Q, QuerySet

from households.models import Member
from households.subject_report import Facts, Kept, section, section_of_erased, shown
from programs.candidates import in_words
from programs.models import Realisation, TargetRow
from registry.audit import subject_of
from registry.models import AccessLog, User
from registry.numbers import IdentityNumber
from registry.permissions import scope_of

ROW = ("rank", "name", "address", "status", "decile", "score")
DELIVERY = ("outcome", "realised_on", "amount", "note", "reference", "reported_at")


@section
def support(member: Member) -> Facts:
    """Draft lists too, since they are held."""
    return _told(
        TargetRow.objects.filter(_of(member)), {member.household_id: _pulled(member.household_id, member.pk)}
    )


@section_of_erased
def approved(nik: IdentityNumber, user: User, people: Sequence[Member]) -> Kept:
    """An approved list outlives the person's own rows; it knows her by the NIK that it was signed with."""
    of_her = TargetRow.objects.filter(nik_index=TargetRow.nik.index_of(nik)).scoped(scope_of(user).q())
    for member in people:
        of_her = of_her.exclude(_of(member))
    places = set(of_her.values_list("household", "member"))
    pulled = {household: _pulled(household, member) for household, member in places}
    members = [member for _household, member in places if member]
    return Kept(
        facts=_told(of_her, pulled),
        household_ids=sorted(pulled),
        member_ids=members if len(members) == len(places) else [],
    )


def _of(member: Member) -> Q:
    """Rows for this person, her family or her whole household."""
    for_all_or_her = Q(member=None) | Q(member=member), Q(family=None) | Q(family=member.family_id)
    return Q(*for_all_or_her, household=member.household_id)


def _told(rows: QuerySet[TargetRow], pulled: dict[int, dict[str, list[Facts]]]) -> Facts:
    """``pulled`` by household, then by list."""
    rows = (
        rows.select_related("target_list__program__agency")
        .prefetch_related(Prefetch("realisations", Realisation.objects.select_related("reported_by")))
        .order_by("target_list_id", "rank")
    )
    return {
        "support": [
            _support(row, pulled[row.household_id].get(subject_of(row.target_list), [])) for row in rows
        ]
    }


def _support(row: TargetRow, pulled: list[Facts]) -> Facts:
    source = row.target_list
    return {
        "program": str(source.program),
        "agency": source.program.agency.name,
        **shown(source, ("version", "state", "approved_at")),
        **shown(row, ROW),
        "nik": str(row.nik),
        "card_number": str(row.card_number),
        "facts": in_words(row.facts),
        "realisations": [
            {**shown(report, DELIVERY), "reported_by": str(report.reported_by)}
            for report in row.realisations.all()
        ],
        "pulled": pulled,
    }


def _pulled(household: int, member: int | None) -> dict[str, list[Facts]]:
    """By list: with which tokens its rows were fetched, how often and when."""
    of_this_person = Q(member_ids=[]) | Q(member_ids__contains=[member]) if member else Q()
    readings = (
        AccessLog.objects.filter(of_this_person, household_ids__contains=[household], token__isnull=False)
        .order_by("subject", "token")
        .values("subject", "token__name", "token__agency__name")
        .annotate(times=Count("pk"), first=Min("at"), last=Max("at"))
    )
    found: dict[str, list[Any]] = {}
    for reading in readings:
        found.setdefault(reading["subject"], []).append(
            {
                "token": f"{reading['token__name']} ({reading['token__agency__name']})",
                **{name: reading[name] for name in ("times", "first", "last")},
            }
        )
    return found
