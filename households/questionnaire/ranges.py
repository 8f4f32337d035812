"""The lowest and highest number of each counted or measured answer, for the columns and the edit rules."""

from typing import NamedTuple


class Limits(NamedTuple):
    lowest: int
    highest: int


# The limits of the Regsosek edit rules where they give one (floor area, hours, workers, livestock);
# elsewhere wide enough for any true answer, so that only a slip of the keyboard is stopped.
RANGES: dict[str, Limits] = {
    "household_size": Limits(1, 99),
    "floor_area": Limits(1, 997),
    "bedrooms": Limits(0, 99),
    "protein_per_week": Limits(0, 7),
    "clothes_per_year": Limits(0, 97),
    "meals_per_day": Limits(0, 9),
    "farm_land_area": Limits(0, 99_999_999),
    "other_land_area": Limits(0, 99_999_999),
    "cattle": Limits(0, 999),
    "buffalo": Limits(0, 999),
    "horses": Limits(0, 999),
    "pigs": Limits(0, 999),
    "goats": Limits(0, 999),
    "poultry": Limits(0, 99_999),
    "work_hours": Limits(1, 99),
    "monthly_income": Limits(0, 999_999_999_999),
    "business_count": Limits(1, 99),
    "paid_workers": Limits(0, 999),
    "unpaid_workers": Limits(0, 99),
}
