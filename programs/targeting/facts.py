"""The facts a criterion may name. Only these reach the database: a criterion is data, never code."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import IntegerChoices, TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from households.models.household import StatusChoice
from households.questionnaire import codes


class Level(StrEnum):
    """Whose fact it is. All member criteria of a programme must be met by one and the same member."""

    HOUSEHOLD = "household"
    MEMBER = "member"


class Kind(StrEnum):
    CODE = "code"
    NUMBER = "number"
    YES_NO = "yes_no"
    AGE = "age"
    DISABILITY = "disability"
    AREA = "area"
    PROGRAM = "program"


COMPARISONS: Mapping[Kind, tuple[str, ...]] = {
    Kind.CODE: ("one_of", "none_of"),
    Kind.NUMBER: ("at_least", "at_most"),
    Kind.YES_NO: ("is",),
    Kind.AGE: ("at_least", "at_most"),
    Kind.DISABILITY: ("is",),
    Kind.AREA: ("within",),
    Kind.PROGRAM: ("not_targeted_by",),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """``path`` is the look-up from Household or MemberAssessment; ``choices`` the code list of a CODE
    fact.
    """

    name: str
    label: str | Promise
    level: Level
    kind: Kind
    path: str
    choices: type[IntegerChoices] | type[TextChoices] | None = None
    most: int = 2_147_483_647  # the largest number it can be compared with

    @property
    def comparisons(self) -> tuple[str, ...]:
        return COMPARISONS[self.kind]


def _home(name: str, label: Promise, kind: Kind, choices: type[IntegerChoices] | None = None) -> Fact:
    """A household answer of the current assessment."""
    return Fact(name, label, Level.HOUSEHOLD, kind, f"current_assessment__{name}", choices)


def _person(name: str, label: Promise, kind: Kind, choices: type[IntegerChoices] | None = None) -> Fact:
    """A member's answer in the household's current assessment."""
    return Fact(name, label, Level.MEMBER, kind, name, choices)


FACTS: Mapping[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("status", _("poverty status"), Level.HOUSEHOLD, Kind.CODE, "status", StatusChoice),
        Fact("decile", _("welfare decile"), Level.HOUSEHOLD, Kind.NUMBER, "decile", most=10),
        Fact("area", _("area"), Level.HOUSEHOLD, Kind.AREA, "area__code"),
        Fact(
            "targeted",
            _("programme of the same year"),
            Level.HOUSEHOLD,
            Kind.PROGRAM,
            "target_rows__target_list__program__code",
        ),
        _home("household_size", _("household size"), Kind.NUMBER),
        _home("tenure", _("dwelling tenure"), Kind.CODE, codes.DwellingTenure),
        _home("floor_area", _("floor area in m²"), Kind.NUMBER),
        _home("floor", _("floor material"), Kind.CODE, codes.Floor),
        _home("wall", _("wall material"), Kind.CODE, codes.Wall),
        _home("roof", _("roof material"), Kind.CODE, codes.Roof),
        _home("water", _("drinking-water source"), Kind.CODE, codes.WaterSource),
        _home("lighting", _("lighting source"), Kind.CODE, codes.Lighting),
        _home("power", _("power capacity"), Kind.CODE, codes.PowerCapacity),
        _home("fuel", _("cooking fuel"), Kind.CODE, codes.CookingFuel),
        _home("toilet", _("toilet facility"), Kind.CODE, codes.Toilet),
        _home("farm_land_area", _("farm land in m²"), Kind.NUMBER),
        _home("has_motorcycle", _("has a motorcycle"), Kind.YES_NO),
        _home("has_car", _("has a car"), Kind.YES_NO),
        _home("has_boat", _("has a boat"), Kind.YES_NO),
        _home("gets_pkh", _("receives PKH"), Kind.YES_NO),
        _home("gets_food_aid", _("receives Sembako"), Kind.YES_NO),
        _home("gets_village_cash", _("receives BLT Dana Desa"), Kind.YES_NO),
        Fact("age", _("age in years"), Level.MEMBER, Kind.AGE, "member__birth_date", most=150),
        Fact("sex", _("sex"), Level.MEMBER, Kind.CODE, "member__sex", codes.Sex),
        Fact(
            "relationship",
            _("relationship to the head of household"),
            Level.MEMBER,
            Kind.CODE,
            "member__household_relationship",
            codes.Relationship,
        ),
        _person("marital_status", _("marital status"), Kind.CODE, codes.MaritalStatus),
        _person("is_pregnant", _("is pregnant"), Kind.YES_NO),
        _person("school_attendance", _("school attendance"), Kind.CODE, codes.SchoolAttendance),
        _person("diploma", _("highest certificate"), Kind.CODE, codes.Diploma),
        _person("works", _("works"), Kind.YES_NO),
        _person("sector", _("sector of work"), Kind.CODE, codes.Sector),
        _person("owns_business", _("owns a business"), Kind.YES_NO),
        _person("chronic_illness", _("chronic illness"), Kind.CODE, codes.ChronicIllness),
        Fact("disability", _("has a severe difficulty"), Level.MEMBER, Kind.DISABILITY, "difficulty_seeing"),
    )
}

# The nine functional questions 428a-i; codes 1 and 2 are "cannot at all" and "much difficulty, needs help".
DIFFICULTIES = (
    "difficulty_seeing",
    "difficulty_hearing",
    "difficulty_walking",
    "difficulty_using_hands",
    "difficulty_learning",
    "difficulty_behaviour",
    "difficulty_speaking",
    "difficulty_self_care",
    "difficulty_remembering",
)
