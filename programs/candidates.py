"""From a programme's criteria to candidates: the bridge between the database and the ranking."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from households.models import Family, Household, Member, PovertyStatus
from programs.models import Program
from programs.targeting import Candidate, Rule, eligible_households, eligible_members
from programs.targeting.facts import FACTS, Fact, Kind, Level
from registry.scope import chosen_rows, whole_registry


def day_of(program: Program, today: date) -> date:
    """Ages and "same year" are counted on a day of the programme's own year: today, or its last day."""
    return today if today.year == program.year else date(program.year, 12, 31)


@whole_registry("who is eligible is asked of everybody; only keys and figures leave")
def candidates_of(program: Program, *, on: date) -> list[Candidate]:
    """Every eligible recipient, unranked. Reads the whole registry within the programme's criteria: two
    queries.
    """
    rules = program.rules()
    day = day_of(program, on)
    score = PovertyStatus.objects.filter(household=OuterRef("pk"), scheme__sets_status=True).order_by("-pk")
    households = eligible_households(Household.objects.active(), rules, on=day).annotate(
        score=Subquery(score.values("score")[:1])
    )
    found = {
        pk: Candidate(
            household=pk, district=area[:8], status=status, decile=decile, score=points, size=size or 0
        )
        for pk, area, status, decile, points, size in households.order_by().values_list(
            "pk", "area_id", "status", "decile", "score", "current_assessment__household_size"
        )
    }
    match program.unit:
        case Program.Unit.FAMILY:
            return [replace(found[pk], family=part) for pk, part in _parts(program, day) if pk in found]
        case Program.Unit.MEMBER:
            return [replace(found[pk], member=part) for pk, part in _parts(program, day) if pk in found]
        case _household:
            return list(found.values())


@chosen_rows()
def known_facts(rules: Sequence[Rule], households: Iterable[int]) -> dict[int, dict[str, Any]]:
    """For the record: what the household facts named by ``rules`` were, by household id. One query."""
    paths = {
        fact.name: fact.path
        for fact in (rule.subject() for rule in rules)
        if fact.level is Level.HOUSEHOLD and fact.kind is not Kind.PROGRAM
    }
    rows = Household.objects.filter(pk__in=list(households)).values_list("pk", *paths.values())
    return {pk: dict(zip(paths, values, strict=True)) for pk, *values in rows}


def in_words(facts: Mapping[str, Any]) -> list[str]:
    """The facts kept with a target, as a reader sees them: "poverty status: poor"."""
    return [f"{FACTS[name].label}: {_word(FACTS[name], value)}" for name, value in facts.items()]


def _word(fact: Fact, value: Any) -> str:
    if value is None:
        return _("not answered")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    labels = dict(fact.choices.choices) if fact.choices else {}
    return str(labels.get(value, value))


def _parts(program: Program, day: date) -> list[tuple[int, int]]:
    """(household, family) or (household, member): with member criteria, only whose member meets them all."""
    rules = program.rules()
    has_member_rules = any(rule.subject().level is Level.MEMBER for rule in rules)
    if has_member_rules:
        column = "member__family_id" if program.unit == Program.Unit.FAMILY else "member_id"
        met = eligible_members(rules, on=day)
        return list(met.order_by().values_list("household_id", column).distinct())
    if program.unit == Program.Unit.FAMILY:
        return list(Family.objects.order_by().values_list("household_id", "pk"))
    return list(Member.objects.active().order_by().values_list("household_id", "pk"))
