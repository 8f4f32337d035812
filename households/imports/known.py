"""What the registry holds of the file's households, people and numbers: eleven queries, whatever the size."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q

from households.imports.layout import HOUSEHOLDS, MEMBERS
from households.imports.rows import Home
from households.models import (
    Assessment,
    Family,
    Household,
    Member,
    MemberAssessment,
    Tombstone,
    WelfareDecile,
)
from registry.scope import chosen_rows, whole_registry

Record = Mapping[str, Any]

HOUSEHOLD_DETAILS = ("address", "hamlet", "rw", "rt", "latitude", "longitude")
MEMBER_DETAILS = (
    "name",
    "nik",
    "nik_missing",
    "sex",
    "birth_place",
    "birth_date",
    "household_relationship",
    "family_relationship",
)
HOUSEHOLD_QUESTIONS = [column.name for column in HOUSEHOLDS.questions]
MEMBER_QUESTIONS = [column.name for column in MEMBERS.questions]


class Place(NamedTuple):
    """Where a NIK or card is registered: with ``member`` the person's, else the whole family's."""

    household: int
    number: str
    area: str
    village: str
    family: int = 0
    member: int = 0


@dataclass(slots=True)
class Known:
    households: dict[tuple[str, str], Record] = field(default_factory=dict)  # by area code and number
    members: dict[int, list[Record]] = field(default_factory=dict)
    families: dict[int, dict[int, Record]] = field(default_factory=dict)  # by household, by family number
    niks: dict[str, Place] = field(default_factory=dict)
    cards: dict[str, Place] = field(default_factory=dict)
    erased: dict[str, str] = field(default_factory=dict)  # by NIK: the sentence that says so
    # The file's numbers of which the result tells that they are registered elsewhere; None: that they were.
    told: dict[str, Place | None] = field(default_factory=dict)
    same_day: dict[tuple[int, date], Record] = field(default_factory=dict)
    current: dict[int, Record] = field(default_factory=dict)  # by household
    answers: dict[tuple[int, int], Record] = field(default_factory=dict)  # by assessment and member
    deciles: dict[tuple[int, str, date], int] = field(default_factory=dict)


@chosen_rows()
def load(homes: Iterable[Home], *, is_locking: bool = False) -> Known:
    """``is_locking`` holds the households until the transaction ends: nobody changes them meanwhile."""
    homes = list(homes)
    known = Known()
    _load_households(known, homes, is_locking)
    ids = [record["id"] for record in known.households.values()]
    _load_people(known, ids)
    _load_numbers(known, homes)
    _load_assessments(known, homes, ids)
    for decile in WelfareDecile.objects.filter(household__in=ids).values_list(
        "household", "source", "as_of", "decile"
    ):
        known.deciles[decile[:3]] = decile[3]
    return known


def _load_households(known: Known, homes: list[Home], is_locking: bool) -> None:
    wanted = {(home.area_code, home.number) for home in homes if home.area_code}
    codes, numbers = {code for code, _number in wanted}, {number for _code, number in wanted}
    rows = Household.objects.filter(area__in=codes, number__in=numbers).order_by("pk")
    if is_locking:
        rows = rows.select_for_update()
    for row in rows.values(
        "id", "area_id", "number", "closed_on", "current_assessment_id", *HOUSEHOLD_DETAILS
    ):
        if (row["area_id"], row["number"]) in wanted:
            known.households[row["area_id"], row["number"]] = row


def _load_people(known: Known, ids: list[int]) -> None:
    members: defaultdict[int, list[Record]] = defaultdict(list)
    plain = (name for name in MEMBER_DETAILS if name != "nik")
    columns = ("id", "household_id", "position", "closed_on", "family__position", *Member.nik.columns, *plain)
    for row in Member.objects.filter(household__in=ids).order_by("position").values(*columns):
        row["nik"] = Member.nik.unseal(row["nik_sealed"], row["id"])
        members[row["household_id"]].append(row)
    families: defaultdict[int, dict[int, Record]] = defaultdict(dict)
    for row in (
        Family.objects.filter(household__in=ids)
        .order_by()
        .values("id", "household_id", "position", "card_number_sealed")
    ):
        card = Family.card_number.unseal(row["card_number_sealed"], row["id"])
        families[row["household_id"]][row["position"]] = {**row, "card_number": card}
    known.members, known.families = dict(members), dict(families)


@whole_registry("a number that is registered elsewhere is refused; where, is said to those who may see it")
def _load_numbers(known: Known, homes: list[Home]) -> None:
    place = ("household_id", "household__number", "area_id", "area__name")
    niks = {nik for home in homes for member in home.members if (nik := member.values["nik"])}
    by_index = {Member.nik.index_of(nik): nik for nik in niks}
    people = Member.objects.active().filter(nik_index__in=by_index)
    for index, pk, *rest in people.values_list("nik_index", "pk", *place):
        known.niks[by_index[index]] = Place(*rest)._replace(member=pk)
    for tombstone in Tombstone.objects.filter(nik_index__in=by_index):
        known.erased[by_index[tombstone.nik_index]] = tombstone.sentence
    cards = {card for home in homes for card in home.card_numbers.values()}
    by_index = {Family.card_number.index_of(card): card for card in cards}
    families = Family.objects.filter(card_number_index__in=by_index)
    for index, *rest in families.values_list("card_number_index", *place, "position"):
        known.cards[by_index[index]] = Place(*rest)


def _load_assessments(known: Known, homes: list[Home], ids: list[int]) -> None:
    days = {day for home in homes if (day := home.row.values["assessed_on"])}
    current = [pk for record in known.households.values() if (pk := record["current_assessment_id"])]
    rows = Assessment.objects.filter(household__in=ids).filter(Q(assessed_on__in=days) | Q(pk__in=current))
    currents = set(current)
    for row in rows.order_by("pk").values(
        "id", "household_id", "assessed_on", "enumerator", *HOUSEHOLD_QUESTIONS
    ):
        known.same_day[row["household_id"], row["assessed_on"]] = row  # the last one recorded of a day counts
        if row["id"] in currents:
            known.current[row["household_id"]] = row
    wanted = {row["id"] for row in (*known.same_day.values(), *known.current.values())}
    answers = MemberAssessment.objects.filter(assessment__in=wanted)
    for row in answers.order_by().values("assessment_id", "member_id", *MEMBER_QUESTIONS):
        known.answers[row["assessment_id"], row["member_id"]] = row
