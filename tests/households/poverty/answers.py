"""Two households at the ends of the scale, and ways to draw any household between them."""

from dataclasses import fields, replace

from hypothesis import strategies as st

from households.poverty import Facts

# Meets no criterion of any method.
COMFORTABLE = Facts(
    household_size=4,
    has_dwelling=True,
    floor_area=90,
    floor=2,
    wall=1,
    wall_is_poor_quality=False,
    roof=2,
    water=3,
    lighting=1,
    power=3,
    fuel=4,
    toilet=1,
    protein_per_week=4,
    clothes_per_year=3,
    meals_per_day=3,
    can_pay_health_care=True,
    worried_about_food=False,
    food_over_half=False,
    bought_clothes=True,
    head_works=True,
    head_sector=21,
    head_work_status=5,
    head_monthly_income=4_500_000,
    head_diploma=19,
    farm_land_area=20_000,
    has_savings=True,
    decile=8,
    decile_source="DTSEN",
    decile_as_of="2025-02-20",
)

# Has a dwelling, and meets every criterion of every method.
DESTITUTE = replace(
    COMFORTABLE,
    household_size=6,
    floor_area=20,
    floor=8,
    wall=6,
    wall_is_poor_quality=True,
    roof=7,
    water=9,
    lighting=4,
    power=1,
    fuel=10,
    toilet=6,
    protein_per_week=0,
    clothes_per_year=0,
    meals_per_day=1,
    can_pay_health_care=False,
    worried_about_food=True,
    food_over_half=True,
    bought_clothes=False,
    head_works=False,
    head_sector=1,
    head_work_status=1,
    head_monthly_income=150_000,
    head_diploma=23,
    farm_land_area=0,
    has_savings=False,
    decile=1,
)

FACT_NAMES = tuple(field.name for field in fields(Facts))

_ANSWERS: dict[str, st.SearchStrategy[object]] = {
    "household_size": st.integers(1, 15),
    "floor_area": st.integers(1, 150),
    "floor": st.integers(1, 9),
    "wall": st.integers(1, 7),
    "roof": st.integers(1, 8),
    "water": st.integers(1, 11),
    "lighting": st.integers(1, 4),
    "power": st.integers(1, 5),
    "fuel": st.integers(1, 12),
    "toilet": st.integers(1, 6),
    "protein_per_week": st.integers(0, 7),
    "clothes_per_year": st.integers(0, 5),
    "meals_per_day": st.integers(0, 4),
    "head_sector": st.integers(1, 26),
    "head_work_status": st.integers(1, 8),
    "head_monthly_income": st.integers(0, 1_200_000),
    "head_diploma": st.integers(1, 23),
    "farm_land_area": st.integers(0, 1_000),
    "decile": st.integers(1, 10),
    "decile_source": st.sampled_from(["DTSEN", "P3KE"]),
    "decile_as_of": st.dates().map(str),
}


def answers_to(name: str) -> st.SearchStrategy[object]:
    return _ANSWERS.get(name, st.booleans())


_changes = st.lists(
    st.one_of([st.tuples(st.just(name), answers_to(name)) for name in FACT_NAMES]), max_size=12
).map(dict)
_gaps = st.lists(st.sampled_from(FACT_NAMES), max_size=6).map(dict.fromkeys)

complete_facts = st.builds(
    lambda household, changes: replace(household, **changes),
    st.sampled_from([COMFORTABLE, DESTITUTE]),
    _changes,
)
# Either nearly everything is answered or nearly nothing.
partial_facts = st.one_of(
    st.builds(lambda facts, gaps: replace(facts, **gaps), complete_facts, _gaps),
    st.builds(lambda changes: Facts(**changes), _changes),
)
