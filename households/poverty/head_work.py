"""Criterion 12 of BPS: what the head of the household lives on. Any one line of the table is enough."""

from collections.abc import Mapping
from typing import NamedTuple

from households.poverty.criteria import Finding, unanswered
from households.poverty.facts import Facts
from households.poverty.text import gettext_noop as _

# Sectors (417), then statuses in work (418).
FOOD_CROPS, HORTICULTURE, PLANTATION, FISHERY, CONSTRUCTION = 1, 2, 3, 4, 11
OWN_ACCOUNT, WITH_FAMILY, EMPLOYER, FARM_CASUAL, OTHER_CASUAL, FAMILY_WORKER = 1, 2, 3, 6, 7, 8


class Line(NamedTuple):
    """Holds when every condition does. A condition bears its fact's name; None means not answered."""

    sentence: str
    conditions: Mapping[str, bool | None]


def head_work(facts: Facts, *, farm_land_limit: int, income_limit: int) -> Finding:
    """Open while no line holds but one still could.

    A head without work may live on a pension, so that then only the income tells.
    """
    answers = {"land": facts.farm_land_area, "income": facts.head_monthly_income}
    values = {name: answer for name, answer in answers.items() if answer is not None}
    values |= {"land_limit": farm_land_limit, "income_limit": income_limit}
    lines = _table(facts, farm_land_limit, income_limit)
    possible = [line for line in lines if False not in line.conditions.values()]
    for line in possible:
        if None not in line.conditions.values():
            return Finding(True, line.sentence, values)
    if possible:
        return unanswered(**{fact: holds for line in possible for fact, holds in line.conditions.items()})
    return Finding(
        False,
        _("The head of the household has none of the work that counts and earns Rp%(income)s a month."),
        values,
    )


def _table(facts: Facts, farm_land_limit: int, income_limit: int) -> tuple[Line, ...]:
    works, sector, status = facts.head_works, facts.head_sector, facts.head_work_status
    return (
        _line(
            _("The head of the household is a casual labourer on a farm or plantation."),
            head_works=works,
            head_work_status=_among(status, FARM_CASUAL),
        ),
        _line(
            _("The head of the household is a casual construction labourer."),
            head_works=works,
            head_sector=_among(sector, CONSTRUCTION),
            head_work_status=_among(status, OTHER_CASUAL),
        ),
        _line(
            _("The head of the household is a fisher."),
            head_works=works,
            head_sector=_among(sector, FISHERY),
            head_work_status=_among(status, OWN_ACCOUNT, WITH_FAMILY, FAMILY_WORKER),
        ),
        _line(
            _("The head of the household farms %(land)s m² of land, under %(land_limit)s m²."),
            head_works=works,
            head_sector=_among(sector, FOOD_CROPS, HORTICULTURE, PLANTATION),
            head_work_status=_among(status, OWN_ACCOUNT, WITH_FAMILY, EMPLOYER),
            farm_land_area=_under(facts.farm_land_area, farm_land_limit),
        ),
        _line(
            _("The head of the household earns Rp%(income)s a month, under Rp%(income_limit)s."),
            head_monthly_income=_under(facts.head_monthly_income, income_limit),
        ),
    )


def _line(sentence: str, **conditions: bool | None) -> Line:
    return Line(sentence, conditions)


def _among(answer: int | None, *codes: int) -> bool | None:
    return None if answer is None else answer in codes


def _under(answer: int | None, limit: int) -> bool | None:
    return None if answer is None else answer < limit
