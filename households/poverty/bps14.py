"""The fourteen criteria of Statistics Indonesia (BPS), as in PSE05 and PPLS08: poor when nine are met."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from households.poverty import codes
from households.poverty.criteria import Criterion, Finding, at_most, coded, met, not_met, unanswered, yes_no
from households.poverty.dwelling import floor, wall
from households.poverty.facts import Facts
from households.poverty.head_work import head_work
from households.poverty.method import Method, check_rising, grade_by_count
from households.poverty.text import gettext_noop as _
from households.poverty.verdict import Status

AREA_PER_PERSON = 8  # m²


@dataclass(frozen=True, slots=True, kw_only=True)
class Bps14(Method):
    """Counts the criteria met. Without a dwelling the result is unknown: the source does not speak of that.

    Only ``poor_at`` stands in the source. ``very_poor_at`` and ``near_poor_at`` are local choices, and None
    leaves the grade unused.
    """

    name: ClassVar[str] = "bps14"
    title: ClassVar[str] = _("Fourteen criteria of BPS")
    source: ClassVar[str] = _("BPS, PSE05 (2005) and PPLS08 (2008)")
    local_choices: ClassVar[Mapping[str, str]] = {
        "very_poor_at": _("The source has no cut-off for very poor."),
        "near_poor_at": _("The source has no cut-off for near poor."),
        "farm_land_limit": _("Copies of the source differ: 500 m² or half a hectare."),
        "counts_wood_floor": _(
            "The source counts cheap wood; the questionnaire does not tell it from good wood."
        ),
        "wall": _(
            "Bamboo and logs count as they are, any other wall when it was seen to be of poor quality."
        ),
        "head_work": _(
            "Casual workers count as labourers. Employees are judged by income, as other work is."
        ),
    }

    very_poor_at: int | None = None
    poor_at: int = 9
    near_poor_at: int | None = None
    farm_land_limit: int = 500  # m²
    income_limit: int = 600_000  # rupiah a month
    counts_wood_floor: bool = False

    def check_bands(self) -> None:
        bounds = {
            "near_poor_at": self.near_poor_at,
            "poor_at": self.poor_at,
            "very_poor_at": self.very_poor_at,
        }
        check_rising(bounds, least=1, most=len(self.criteria))
        check_rising({"farm_land_limit": self.farm_land_limit}, least=1, most=1_000_000)
        check_rising({"income_limit": self.income_limit}, least=1, most=100_000_000)

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        by_floor = FLOOR_WITH_WOOD if self.counts_wood_floor else FLOOR
        by_work = Criterion(
            "12", "head_work", _("Head does work that counts as poor, or earns little"), self._head_work
        )
        return (FLOOR_AREA, by_floor, *WALL_TO_HEALTH_CARE, by_work, *EDUCATION_AND_SAVINGS)

    def grade(self, score: int) -> Status:
        least = {
            Status.VERY_POOR: self.very_poor_at,
            Status.POOR: self.poor_at,
            Status.NEAR_POOR: self.near_poor_at,
        }
        return grade_by_count(score, least)

    def _head_work(self, facts: Facts) -> Finding:
        return head_work(facts, farm_land_limit=self.farm_land_limit, income_limit=self.income_limit)


def _floor_area(facts: Facts) -> Finding:
    area, size = facts.floor_area, facts.household_size
    if area is None or size is None:
        return unanswered(floor_area=area, household_size=size)
    # Cut off, not rounded: 7.96 m² is shown as 7.9, so that the sentence never contradicts the finding.
    whole, tenths = divmod(area * 10 // size, 10)
    values = {"area": area, "size": size, "whole": whole, "tenths": tenths, "limit": AREA_PER_PERSON}
    if area < AREA_PER_PERSON * size:
        return met(
            _(
                "Floor area is %(area)s m² for a household of %(size)s: "
                "%(whole)s.%(tenths)s m² each, under %(limit)s m²."
            ),
            **values,
        )
    return not_met(
        _(
            "Floor area is %(area)s m² for a household of %(size)s: "
            "%(whole)s.%(tenths)s m² each, not under %(limit)s m²."
        ),
        **values,
    )


FLOOR_AREA = Criterion("1", "floor_area", _("Floor area under 8 m² a person"), _floor_area)

FLOOR, FLOOR_WITH_WOOD = (
    Criterion("2", "floor", _("Floor of earth, bamboo or cheap wood"), floor(poor=poor))
    for poor in ({7, 8}, {5, 7, 8})
)

WALL_TO_HEALTH_CARE = (
    Criterion("3", "wall", _("Walls of bamboo or of poor quality"), wall(poor={4, 5, 6})),
    Criterion(
        "4",
        "toilet",
        _("No toilet, or a shared one"),
        coded(
            "toilet",
            codes.TOILET,
            poor=(2, 3, 4, 5, 6),
            yes=_("The household has %(answer)s, which counts as poor."),
            no=_("The household has %(answer)s."),
        ),
    ),
    Criterion(
        "5",
        "lighting",
        _("No electric light"),
        coded(
            "lighting",
            codes.LIGHTING,
            poor=(4,),
            yes=_("Light comes from %(answer)s."),
            no=_("Light comes from %(answer)s."),
        ),
    ),
    Criterion(
        "6",
        "water",
        _("Drinking water from an unprotected source, river or rain"),
        coded(
            "water",
            codes.WATER,
            poor=(6, 8, 9, 10),
            yes=_("Drinking water comes from %(answer)s, which counts as poor."),
            no=_("Drinking water comes from %(answer)s."),
        ),
    ),
    Criterion(
        "7",
        "fuel",
        _("Cooks with firewood, charcoal or kerosene"),
        coded(
            "fuel",
            codes.FUEL,
            poor=(7, 9, 10),
            yes=_("The household cooks with %(answer)s, which counts as poor."),
            no=_("The household cooks with %(answer)s."),
        ),
    ),
    Criterion(
        "8",
        "protein",
        _("Meat, milk or chicken once a week at most"),
        at_most(
            "protein_per_week",
            1,
            yes=_("Days a week with meat, milk or chicken: %(answer)s (%(limit)s or fewer count as poor)."),
            no=_("Days a week with meat, milk or chicken: %(answer)s (more than %(limit)s)."),
        ),
    ),
    Criterion(
        "9",
        "clothes",
        _("One new set of clothes a year at most"),
        at_most(
            "clothes_per_year",
            1,
            yes=_(
                "New sets of clothes a year for each person: %(answer)s (%(limit)s or fewer count as poor)."
            ),
            no=_("New sets of clothes a year for each person: %(answer)s (more than %(limit)s)."),
        ),
    ),
    Criterion(
        "10",
        "meals",
        _("One or two meals a day at most"),
        at_most(
            "meals_per_day",
            2,
            yes=_("Meals a day: %(answer)s (%(limit)s or fewer count as poor)."),
            no=_("Meals a day: %(answer)s (more than %(limit)s)."),
        ),
    ),
    Criterion(
        "11",
        "health_care",
        _("Cannot pay for a health centre or clinic"),
        yes_no(
            "can_pay_health_care",
            poor=False,
            yes=_("The household cannot pay for a health centre or clinic."),
            no=_("The household can pay for a health centre or clinic."),
        ),
    ),
)

EDUCATION_AND_SAVINGS = (
    Criterion(
        "13",
        "head_education",
        _("Head has at most finished primary school"),
        coded(
            "head_diploma",
            codes.DIPLOMA,
            poor=(1, 2, 3, 4, 5, 23),
            yes=_("Highest diploma of the head of the household: %(answer)s, which counts as poor."),
            no=_("Highest diploma of the head of the household: %(answer)s."),
        ),
    ),
    Criterion(
        "14",
        "savings",
        _("No savings or things easily sold worth Rp500,000"),
        yes_no(
            "has_savings",
            poor=False,
            yes=_("The household has nothing easily sold that is worth Rp500,000 or more."),
            no=_("The household has savings or something easily sold worth Rp500,000 or more."),
        ),
    ),
)
