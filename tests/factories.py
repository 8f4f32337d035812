"""Rows for tests: required fields only, the rest on request. All people are invented."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any
from unittest import mock

from django.db import connection

from households.models import Assessment, Family, Household, Member, MemberAssessment, Scheme
from households.questionnaire.codes import Relationship, Sex
from registry import scope
from registry.models import Area, User

numbers = count(1)
LEVELS = {2: Area.Level.PROVINCE, 5: Area.Level.REGENCY, 8: Area.Level.DISTRICT, 13: Area.Level.VILLAGE}
NAMES_ABOVE = {
    "64": "Kalimantan Timur",
    "64.02": "Kutai Kartanegara",
    "64.02.06": "Tenggarong",
    "64.02.12": "Tabang",
}

# Seven of the BPS criteria hold: earth floor, wood walls in poor condition, shared toilet, river water,
# firewood, few clothes, primary school.
POOR_ANSWERS: dict[str, Any] = {
    "household_size": 4,
    "has_dwelling": True,
    "floor_area": 28,
    "floor": 8,
    "wall": 6,
    "wall_is_poor_quality": True,
    "roof": 7,
    "water": 9,
    "lighting": 4,
    "fuel": 10,
    "toilet": 6,
    "protein_per_week": 0,
    "clothes_per_year": 0,
    "meals_per_day": 2,
    "can_pay_health_care": False,
    "worried_about_food": True,
    "food_over_half": True,
    "bought_clothes": False,
    "farm_land_area": 0,
    "has_savings": False,
}
COMFORTABLE_ANSWERS: dict[str, Any] = {
    "household_size": 4,
    "has_dwelling": True,
    "floor_area": 90,
    "floor": 2,
    "wall": 1,
    "wall_is_poor_quality": False,
    "roof": 2,
    "water": 3,
    "lighting": 1,
    "power": 3,
    "fuel": 4,
    "toilet": 1,
    "closet": 1,
    "waste_disposal": 1,
    "protein_per_week": 5,
    "clothes_per_year": 3,
    "meals_per_day": 3,
    "can_pay_health_care": True,
    "worried_about_food": False,
    "food_over_half": False,
    "bought_clothes": True,
    "farm_land_area": 0,
    "has_savings": True,
}
POOR_HEAD: dict[str, Any] = {
    "works": True,
    "sector": 1,
    "work_status": 6,
    "monthly_income": 500_000,
    "school_attendance": 1,
}
COMFORTABLE_HEAD: dict[str, Any] = {
    "works": True,
    "sector": 20,
    "work_status": 5,
    "monthly_income": 6_000_000,
    "school_attendance": 3,
    "education_level": 19,
    "grade": 8,
    "diploma": 19,
}


@contextmanager
def as_served() -> Iterator[None]:
    """Requests and jobs run as the web's own database role, whom policies bind; the tests as the owner."""
    stand_on = scope._stand_on

    def stand_on_as_served(floor: scope.Floor | None) -> None:
        stand_on(floor)
        if connection.connection and not scope._is_broken():
            with connection.connection.cursor() as cursor:
                cursor.execute("RESET ROLE" if floor is None else "SET ROLE simpul_web")

    with mock.patch.object(scope, "_stand_on", stand_on_as_served):
        yield


def area(code: str, name: str, **fields: Any) -> Area:
    """With every area above it."""
    for end in (2, 5, 8):
        if end < len(code):
            above = code[:end]
            Area.objects.get_or_create(
                code=above, defaults={"name": NAMES_ABOVE.get(above, above), "level": LEVELS[end]}
            )
    return Area.objects.get_or_create(
        code=code, defaults={"name": name, "level": LEVELS[len(code)], **fields}
    )[0]


def user(username: str, role: str, **fields: Any) -> User:
    return User.objects.create_user(username, "a long password", role=role, **fields)


def nik(*, born: date = date(1980, 5, 17), sex: int = Sex.MALE) -> str:
    day = born.day + (40 if sex == Sex.FEMALE else 0)
    district, serial = divmod(next(numbers), 9_999)
    return f"99{206 + district:04}{day:02}{born:%m%y}{serial + 1:04}"


def household(village: Area, **fields: Any) -> Household:
    """One family and a head, so that every page has something to show."""
    home = Household.objects.create(**({"area": village, "number": f"KK-{next(numbers):04}"} | fields))
    member(home, household_relationship=Relationship.HEAD, family_relationship=Relationship.HEAD)
    return home


def family(home: Household, **fields: Any) -> Family:
    position = home.families.count() + 1
    return Family.objects.create(**({"household": home, "area": home.area, "position": position} | fields))


def member(home: Household, **fields: Any) -> Member:
    defaults = {
        "household": home,
        "family": home.families.first() or family(home),
        "area": home.area,
        "position": home.members.count() + 1,
        "name": f"Sampel {next(numbers)}",
        "sex": Sex.MALE,
        "birth_date": date(1980, 5, 17),
        "household_relationship": Relationship.CHILD,
        "family_relationship": Relationship.CHILD,
    }
    details = defaults | fields
    if "nik" not in details and "nik_missing" not in details:
        details["nik"] = nik(born=details["birth_date"], sex=details["sex"])
    return Member.objects.create(**details)


def assessment(
    home: Household, by: User, *, head: dict[str, Any] | None = None, **answers: Any
) -> Assessment:
    """Stored and made current, but not judged: services.record_assessment() does both."""
    seen = Assessment.objects.create(
        **(
            {"household": home, "area": home.area, "assessed_on": date(2026, 11, 1), "recorded_by": by}
            | answers
        )
    )
    for person in home.members.all():
        given = head if head and person.household_relationship == Relationship.HEAD else {}
        MemberAssessment.objects.create(
            assessment=seen, member=person, household=home, area=home.area, **(given or {})
        )
    home.current_assessment = seen
    home.save()
    return seen


def scheme(method: str, **fields: Any) -> Scheme:
    defaults = {
        "code": method,
        "name": method,
        "method": method,
        "legal_reference": "for tests",
        "valid_from": date(2020, 1, 1),
    }
    return Scheme.objects.create(**(defaults | fields))
