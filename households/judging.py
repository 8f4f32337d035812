"""From assessments to verdicts, in bulk: read a chunk, judge in plain Python, COPY the verdicts in.

One household and a quarter of a million take the same road, so they cannot be judged differently.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery

from households.models import (
    Assessment,
    Household,
    Member,
    MemberAssessment,
    PovertyStatus,
    Scheme,
    WelfareDecile,
)
from households.poverty import Facts, Verdict
from households.questionnaire.codes import Diploma, Relationship, SchoolAttendance
from registry.bulk import analyze, copy_rows
from registry.scope import chosen_rows

# Household id, area code, assessment id, facts.
Known = tuple[int, str, int | None, Facts]

CHUNK = 5_000
MANY = 1_000  # new verdicts, after which the server's statistics are out of date

HOUSEHOLD_FACTS = (
    "household_size",
    "has_dwelling",
    "floor_area",
    "floor",
    "wall",
    "wall_is_poor_quality",
    "roof",
    "water",
    "lighting",
    "power",
    "fuel",
    "toilet",
    "protein_per_week",
    "clothes_per_year",
    "meals_per_day",
    "can_pay_health_care",
    "worried_about_food",
    "food_over_half",
    "bought_clothes",
    "farm_land_area",
    "has_savings",
)
# Facts of the head, and the member's answer each is read from.
HEAD_FACTS = {
    "head_works": "works",
    "head_sector": "sector",
    "head_work_status": "work_status",
    "head_monthly_income": "monthly_income",
    "head_diploma": "diploma",
}

STATUS_COLUMNS = (
    "household_id",
    "area_id",
    "scheme_id",
    "assessment_id",
    "status",
    "score",
    "reasons",
    "missing",
    "judged_on",
)


@chosen_rows()
def judge_households(
    households: QuerySet[Household], *, on: date, progress: Callable[[int], object] | None = None
) -> int:
    """Judges ``households`` under every scheme in force on ``on``; returns how many verdicts are new.

    A household whose verdict would repeat its newest one is left alone, so running twice adds nothing.
    About five queries and one COPY for 5,000 households. Call inside a deed.
    """
    schemes = list(Scheme.objects.in_force(on))
    written = 0
    for ids in _chunks(households.order_by("pk").values_list("pk", flat=True)):
        known = list(facts_of(ids))
        written += sum(_judge_chunk(known, scheme, on) for scheme in schemes)
        _mirror(ids, schemes)
        if progress:
            progress(len(ids))
    if written > MANY:
        analyze(Household, Member, Assessment, MemberAssessment, PovertyStatus)
    return written


def facts_of(ids: Iterable[int]) -> Iterator[Known]:
    """``(household id, area code, assessment id, facts)`` of each household. Three queries, whatever the
    number.
    """
    ids = list(ids)
    heads = _head_facts(ids)
    deciles = _newest_deciles(ids)
    columns = [f"current_assessment__{name}" for name in HOUSEHOLD_FACTS]
    rows = Household.objects.filter(pk__in=ids).order_by("pk")
    for pk, area, assessment, *answers in rows.values_list(
        "pk", "area_id", "current_assessment_id", *columns
    ):
        known: dict[str, Any] = dict(zip(HOUSEHOLD_FACTS, answers, strict=True))
        known |= heads.get(pk, {}) | deciles.get(pk, {})
        yield pk, area, assessment, Facts(**known)


def _head_facts(ids: list[int]) -> dict[int, dict[str, Any]]:
    found = MemberAssessment.objects.filter(
        household__in=ids,
        assessment=F("household__current_assessment"),
        member__household_relationship=Relationship.HEAD,
        member__closed_on=None,
    )
    rows = found.order_by().values_list("household_id", "school_attendance", *HEAD_FACTS.values())
    heads = {}
    for pk, attendance, *answers in rows:
        head = dict(zip(HEAD_FACTS, answers, strict=True))
        if attendance == SchoolAttendance.NEVER and head["head_diploma"] is None:
            # Who never went to school is not asked for a certificate: the answer follows.
            head["head_diploma"] = Diploma.NONE.value
        heads[pk] = head
    return heads


def _newest_deciles(ids: list[int]) -> dict[int, dict[str, Any]]:
    rows = (
        WelfareDecile.objects.filter(household__in=ids)
        .order_by("household_id", "-as_of", "-pk")
        .distinct("household_id")
        .values_list("household_id", "decile", "source", "as_of")
    )
    return {
        pk: {"decile": decile, "decile_source": source, "decile_as_of": as_of.isoformat()}
        for pk, decile, source, as_of in rows
    }


def _judge_chunk(known: list[Known], scheme: Scheme, on: date) -> int:
    newest = _newest_verdicts([pk for pk, *_rest in known], scheme)
    method = scheme.judging_method()
    rows = []
    for pk, area, assessment, facts in known:
        if assessment is None and facts.decile is None:
            continue
        verdict = method.judge(facts)
        score = _decimal(verdict.score)
        reasons = _reasons(verdict)
        if newest.get(pk) == (assessment, verdict.status.value, score, reasons):
            continue
        rows.append(
            (
                pk,
                area,
                scheme.pk,
                assessment,
                verdict.status.value,
                score,
                json.dumps(reasons),
                json.dumps(list(verdict.missing)),
                on,
            )
        )
    copy_rows(PovertyStatus, STATUS_COLUMNS, rows)
    return len(rows)


def _newest_verdicts(ids: list[int], scheme: Scheme) -> Mapping[int, tuple[Any, ...]]:
    rows = (
        PovertyStatus.objects.filter(household__in=ids, scheme=scheme)
        .order_by("household_id", "-pk")
        .distinct("household_id")
        .values_list("household_id", "assessment_id", "status", "score", "reasons")
    )
    return {pk: tuple(rest) for pk, *rest in rows}


def _reasons(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "criterion": reason.criterion,
            "is_met": reason.is_met,
            "sentence": reason.sentence,
            "values": dict(reason.values),
        }
        for reason in verdict.reasons
    ]


def _decimal(score: Fraction | int | None) -> Decimal | None:
    """Scores of the shipped methods are whole; a fraction is kept to three places."""
    if score is None:
        return None
    return round(Decimal(score.numerator) / Decimal(score.denominator), 3)


def _mirror(ids: list[int], schemes: list[Scheme]) -> None:
    """Household.status, .status_on and .decile follow; only households that differ are written."""
    deciles = (
        WelfareDecile.objects.filter(household=OuterRef("pk")).order_by("-as_of", "-pk").values("decile")[:1]
    )
    chunk = Household.objects.filter(pk__in=ids)
    chunk.filter(deciles__isnull=False).exclude(decile=Subquery(deciles)).update(decile=Subquery(deciles))
    for scheme in schemes:
        if scheme.sets_status:
            verdicts = PovertyStatus.objects.filter(household=OuterRef("pk"), scheme=scheme).order_by("-pk")
            status = Subquery(verdicts.values("status")[:1])
            day = Subquery(verdicts.values("judged_on")[:1])
            chunk.filter(statuses__scheme=scheme).exclude(status=status, status_on=day).update(
                status=status, status_on=day
            )


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    chunk: list[int] = []
    for pk in ids:
        chunk.append(pk)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
