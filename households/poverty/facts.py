"""What is known about a household on the day it was visited."""

import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date

from households.poverty import codes
from households.poverty.errors import FactsError
from households.poverty.text import gettext_noop as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One household's answers; ``None`` means not answered. Codes are those of Regsosek 2022.

    Raises FactsError for an answer the questionnaire does not have, so that no method meets one.
    """

    household_size: int | None = None
    has_dwelling: bool | None = None
    floor_area: int | None = None  # m²
    floor: int | None = None
    wall: int | None = None
    wall_is_poor_quality: bool | None = None
    roof: int | None = None
    water: int | None = None
    lighting: int | None = None
    power: int | None = None
    fuel: int | None = None
    toilet: int | None = None
    protein_per_week: int | None = None  # days with meat, milk or chicken
    clothes_per_year: int | None = None  # new sets for each person
    meals_per_day: int | None = None
    can_pay_health_care: bool | None = None
    worried_about_food: bool | None = None  # in the past year
    food_over_half: bool | None = None  # of all spending
    bought_clothes: bool | None = None  # in the past year
    head_works: bool | None = None
    head_sector: int | None = None
    head_work_status: int | None = None
    head_monthly_income: int | None = None  # rupiah
    head_diploma: int | None = None
    farm_land_area: int | None = None  # m²
    has_savings: bool | None = None  # something easily sold, worth at least Rp500,000
    decile: int | None = None  # imported, never computed here
    decile_source: str | None = None
    decile_as_of: str | None = None  # ISO date

    def __post_init__(self) -> None:
        for name in QUESTIONS:
            answer: object = getattr(self, name)
            if answer is not None and not _is_possible(name, answer):
                raise FactsError(
                    _("%(question)s: %(answer)s is not a possible answer."),
                    question=QUESTIONS[name],
                    answer=repr(answer),
                )


# What an unanswered fact is called on screen, in the order of the form.
QUESTIONS: Mapping[str, str] = {
    "household_size": _("Number of people"),
    "has_dwelling": _("Has a dwelling"),
    "floor_area": _("Floor area"),
    "floor": _("Floor material"),
    "wall": _("Wall material"),
    "wall_is_poor_quality": _("Wall quality"),
    "roof": _("Roof material"),
    "water": _("Source of drinking water"),
    "lighting": _("Source of light"),
    "power": _("Electric power of the meter"),
    "fuel": _("Cooking fuel"),
    "toilet": _("Toilet"),
    "protein_per_week": _("Days a week with meat, milk or chicken"),
    "clothes_per_year": _("New sets of clothes a year"),
    "meals_per_day": _("Meals a day"),
    "can_pay_health_care": _("Can pay for health care"),
    "worried_about_food": _("Worried about food in the past year"),
    "food_over_half": _("Food is more than half of spending"),
    "bought_clothes": _("Bought clothes in the past year"),
    "head_works": _("Head works"),
    "head_sector": _("Head's sector of work"),
    "head_work_status": _("Head's status in work"),
    "head_monthly_income": _("Head's monthly income"),
    "head_diploma": _("Head's highest diploma"),
    "farm_land_area": _("Area of farm land"),
    "has_savings": _("Savings or things easily sold"),
    "decile": _("Decile"),
    "decile_source": _("Source of the decile"),
    "decile_as_of": _("Date of the decile"),
}

# Upper ends keep out the 98 and 99 that forms use for "does not know".
_INTEGERS: Mapping[str, Container[int]] = {
    "household_size": range(1, sys.maxsize),
    "floor_area": range(1, 998),
    "floor": codes.FLOOR,
    "wall": codes.WALL,
    "roof": range(1, 9),
    "water": codes.WATER,
    "lighting": codes.LIGHTING,
    "power": codes.POWER,
    "fuel": codes.FUEL,
    "toilet": codes.TOILET,
    "protein_per_week": range(8),
    "clothes_per_year": range(98),
    "meals_per_day": range(10),
    "head_sector": range(1, 27),
    "head_work_status": range(1, 9),
    "head_monthly_income": range(sys.maxsize),
    "head_diploma": codes.DIPLOMA,
    "farm_land_area": range(sys.maxsize),
    "decile": range(1, 11),
}


def _is_possible(name: str, answer: object) -> bool:
    if name in _INTEGERS:  # a bool is an int to Python, but "yes" is not code 1
        return type(answer) is int and answer in _INTEGERS[name]
    if name == "decile_source":
        return isinstance(answer, str) and bool(answer.strip())
    if name == "decile_as_of":
        return isinstance(answer, str) and _is_iso_date(answer)
    return isinstance(answer, bool)


def _is_iso_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
