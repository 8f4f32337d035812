from dataclasses import replace

import pytest

from households.poverty import METHODS, Facts, ParameterError, Reason, Status, judge
from tests.households.poverty.answers import COMFORTABLE, DESTITUTE

NEEDED = {
    "household_size", "floor_area", "floor", "wall", "wall_is_poor_quality", "toilet", "lighting", "water",
    "fuel", "protein_per_week", "clothes_per_year", "meals_per_day", "can_pay_health_care", "head_works",
    "head_sector", "head_work_status", "head_monthly_income", "farm_land_area", "head_diploma", "has_savings",
}  # fmt: skip

# One changed answer for each criterion, which meets that criterion and no other.
ONE_MET = {
    "floor_area": {"floor_area": 31},
    "floor": {"floor": 8},
    "wall": {"wall": 4},
    "toilet": {"toilet": 6},
    "lighting": {"lighting": 4},
    "water": {"water": 6},
    "fuel": {"fuel": 10},
    "protein": {"protein_per_week": 1},
    "clothes": {"clothes_per_year": 1},
    "meals": {"meals_per_day": 2},
    "health_care": {"can_pay_health_care": False},
    "head_work": {"head_monthly_income": 0},
    "head_education": {"head_diploma": 3},
    "savings": {"has_savings": False},
}


UNKNOWN_WORK = dict.fromkeys(
    ("head_works", "head_work_status", "head_sector", "farm_land_area", "head_monthly_income")
)


def household_meeting(count: int) -> Facts:
    facts = COMFORTABLE
    for changes in list(ONE_MET.values())[:count]:
        facts = replace(facts, **changes)
    return facts


def reason(code: str, facts: Facts, **parameters: object) -> Reason:
    verdict = judge(method="bps14", facts=facts, parameters=parameters)
    return next(reason for reason in verdict.reasons if reason.criterion == code)


def is_met(code: str, **changes: object) -> bool | None:
    return reason(code, replace(COMFORTABLE, **changes)).is_met


def missing(**changes: object) -> tuple[str, ...]:
    return judge(method="bps14", facts=replace(COMFORTABLE, **changes)).missing


def test_criteria_stand_in_the_order_of_the_source():
    criteria = METHODS["bps14"].criteria
    assert [criterion.code for criterion in criteria] == list(ONE_MET)
    assert [criterion.number for criterion in criteria] == [str(number) for number in range(1, 15)]


@pytest.mark.parametrize(("code", "changes"), ONE_MET.items())
def test_each_criterion_alone_scores_one(code, changes):
    verdict = judge(method="bps14", facts=replace(COMFORTABLE, **changes))
    assert verdict.score == 1
    assert [reason.criterion for reason in verdict.reasons if reason.is_met] == [code]


@pytest.mark.parametrize(
    ("count", "status"),
    [(0, "not_poor"), (8, "not_poor"), (9, "poor"), (10, "poor"), (14, "poor")],
)
def test_nine_of_fourteen_is_poor(count, status):
    verdict = judge(method="bps14", facts=household_meeting(count))
    assert (verdict.score, verdict.status) == (count, status)


@pytest.mark.parametrize(
    ("count", "status"),
    [(5, "not_poor"), (6, "near_poor"), (8, "near_poor"), (9, "poor"), (11, "poor"), (12, "very_poor")],
)
def test_local_grades_begin_exactly_where_they_are_set(count, status):
    parameters = {"near_poor_at": 6, "very_poor_at": 12}
    assert judge(method="bps14", facts=household_meeting(count), parameters=parameters).status == status


def test_destitute_household_meets_all_fourteen():
    assert judge(method="bps14", facts=DESTITUTE).score == 14


@pytest.mark.parametrize(
    ("area", "size", "met", "each"),
    [
        (7, 1, True, "7.0"), (8, 1, False, "8.0"), (9, 1, False, "9.0"),
        (31, 4, True, "7.7"), (32, 4, False, "8.0"), (33, 4, False, "8.2"),
        (199, 25, True, "7.9"),  # 7.96 rounds to 8.0, which would contradict "under 8"
    ],
)  # fmt: skip
def test_floor_area_counts_under_eight_square_metres_a_person(area, size, met, each):
    found = reason("floor_area", replace(COMFORTABLE, floor_area=area, household_size=size))
    assert found.is_met is met
    assert f"{each} m² each, {'under' if met else 'not under'} 8 m²" in found.text()


@pytest.mark.parametrize(
    ("code", "fact", "poor", "others"),
    [
        ("floor", "floor", [7, 8], [1, 2, 3, 4, 5, 6, 9]),
        ("wall", "wall", [4, 5, 6], [1, 2, 3, 7]),
        ("toilet", "toilet", [2, 3, 4, 5, 6], [1]),
        ("lighting", "lighting", [4], [1, 2, 3]),
        ("water", "water", [6, 8, 9, 10], [1, 2, 3, 4, 5, 7, 11]),
        ("fuel", "fuel", [7, 9, 10], [1, 2, 3, 4, 5, 6, 8, 11, 12]),
        ("head_education", "head_diploma", [1, 2, 3, 4, 5, 23], list(range(6, 23))),
        ("protein", "protein_per_week", [0, 1], [2, 7]),
        ("clothes", "clothes_per_year", [0, 1], [2, 3]),
        ("meals", "meals_per_day", [0, 1, 2], [3, 4]),
        ("health_care", "can_pay_health_care", [False], [True]),
        ("savings", "has_savings", [False], [True]),
    ],
)
def test_these_answers_count_and_no_others(code, fact, poor, others):
    assert [answer for answer in poor + others if is_met(code, **{fact: answer})] == poor
    assert [answer for answer in poor + others if is_met(code, **{fact: answer}) is False] == others


@pytest.mark.parametrize(
    ("meals", "sentence"),
    [(2, "Meals a day: 2 (2 or fewer count as poor)."), (3, "Meals a day: 3 (more than 2).")],
)
def test_count_is_shown_beside_its_limit(meals, sentence):
    assert reason("meals", replace(COMFORTABLE, meals_per_day=meals)).text() == sentence


def test_wood_floor_counts_only_where_the_regency_chose_so():
    wooden = replace(COMFORTABLE, floor=5)
    assert reason("floor", wooden).is_met is False
    assert reason("floor", wooden, counts_wood_floor=True).is_met is True
    assert reason("floor", replace(COMFORTABLE, floor=6), counts_wood_floor=True).is_met is False


@pytest.mark.parametrize("material", [1, 2, 3, 7, None])
def test_wall_of_poor_quality_counts_whatever_it_is_made_of(material):
    assert is_met("wall", wall=material, wall_is_poor_quality=True) is True


@pytest.mark.parametrize(
    ("material", "quality", "asked_for"),
    [
        (4, None, ()), (3, None, ("wall_is_poor_quality",)), (None, False, ("wall",)),
        (None, None, ("wall", "wall_is_poor_quality")),
    ],
)  # fmt: skip
def test_wall_quality_is_asked_only_when_the_material_does_not_settle_it(material, quality, asked_for):
    assert missing(wall=material, wall_is_poor_quality=quality) == asked_for


@pytest.mark.parametrize(
    ("sector", "status", "met"),
    [
        (1, 6, True), (3, 6, True), (3, 4, False),  # casual on a farm or plantation; an employee is not
        (11, 7, True), (11, 4, False), (12, 7, False),  # casual in construction, and elsewhere
        (4, 1, True), (4, 2, True), (4, 8, True),  # fisher
        (4, 3, False), (4, 4, False),  # employer of a crew, and crew on a wage
        (21, 5, False),
    ],
)  # fmt: skip
def test_kind_of_work_counts_whatever_it_earns(sector, status, met):
    assert is_met("head_work", head_sector=sector, head_work_status=status) is met


@pytest.mark.parametrize(("land", "met"), [(0, True), (499, True), (500, False), (501, False)])
@pytest.mark.parametrize("sector", [1, 2, 3])
@pytest.mark.parametrize("status", [1, 2, 3])
def test_farmer_counts_under_the_land_limit(land, met, sector, status):
    assert is_met("head_work", head_sector=sector, head_work_status=status, farm_land_area=land) is met


@pytest.mark.parametrize(("sector", "status"), [(4, 3), (5, 1), (1, 4), (12, 1)])
def test_land_matters_only_to_those_who_farm_their_own(sector, status):
    assert is_met("head_work", head_sector=sector, head_work_status=status, farm_land_area=100) is False


def test_land_limit_is_a_parameter():
    farmer = replace(COMFORTABLE, head_sector=1, head_work_status=1, farm_land_area=4_999)
    assert reason("head_work", farmer).is_met is False
    assert reason("head_work", farmer, farm_land_limit=5_000).is_met is True


@pytest.mark.parametrize(("income", "met"), [(0, True), (599_999, True), (600_000, False), (600_001, False)])
@pytest.mark.parametrize("works", [True, False])
def test_low_income_counts_with_or_without_work(income, met, works):
    assert is_met("head_work", head_monthly_income=income, head_works=works) is met


def test_income_limit_is_a_parameter():
    assert reason("head_work", COMFORTABLE, income_limit=4_500_001).is_met is True


@pytest.mark.parametrize(
    ("changes", "asked_for"),
    [
        # Enough is known, so nothing more is asked.
        (UNKNOWN_WORK | {"head_works": True, "head_work_status": 6}, ()),
        (UNKNOWN_WORK | {"head_monthly_income": 599_999}, ()),
        (UNKNOWN_WORK | {"head_works": False, "head_monthly_income": 600_000}, ()),
        ({"farm_land_area": None}, ()),
        ({"head_works": None}, ()),
        ({"head_work_status": 4, "head_sector": None}, ()),
        # Without work there may be a pension; "no work" is not "no income".
        (UNKNOWN_WORK | {"head_works": False}, ("head_monthly_income",)),
        ({"head_monthly_income": None}, ("head_monthly_income",)),
        ({"head_sector": 1, "head_work_status": 1, "farm_land_area": None}, ("farm_land_area",)),
        ({"head_sector": 4, "head_work_status": None}, ("head_work_status",)),
        ({"head_sector": None, "head_work_status": 7}, ("head_sector",)),
        ({"head_works": None, "head_work_status": 6}, ("head_works",)),
        (UNKNOWN_WORK, tuple(UNKNOWN_WORK)),
    ],
)
def test_work_asks_only_for_what_could_still_decide(changes, asked_for):
    assert missing(**changes) == asked_for


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"head_monthly_income": 599_999}, "earns Rp599999 a month, under Rp600000"),
        ({}, "has none of the work that counts and earns Rp4500000 a month"),
        (
            {"head_sector": 1, "head_work_status": 1, "farm_land_area": 499},
            "farms 499 m² of land, under 500 m²",
        ),
        ({"head_sector": 4, "head_work_status": 1, "head_monthly_income": None}, "is a fisher"),
        ({"head_monthly_income": None}, "No answer for: Head's monthly income."),
    ],
)
def test_reason_for_work_is_a_sentence_with_its_figures(changes, sentence):
    assert sentence in reason("head_work", replace(COMFORTABLE, **changes)).text()


def test_unanswered_criterion_names_the_question_and_counts_the_others():
    two_missing = replace(COMFORTABLE, floor_area=None, household_size=None)
    assert reason("floor_area", two_missing).text() == "No answer for: Floor area, and 1 more."


def test_nothing_answered_lists_every_fact_needed():
    verdict = judge(method="bps14", facts=Facts())
    assert (verdict.status, verdict.score) == (Status.UNKNOWN, None)
    assert set(verdict.missing) == NEEDED
    assert len(verdict.missing) == len(NEEDED)


def test_reasons_show_what_is_known_while_one_answer_is_missing():
    verdict = judge(method="bps14", facts=replace(DESTITUTE, toilet=None))
    assert verdict.missing == ("toilet",)
    assert [reason.is_met for reason in verdict.reasons].count(True) == 13


@pytest.mark.parametrize(
    "parameters",
    [
        {"poor_at": 0}, {"poor_at": 15}, {"poor_at": None},
        {"near_poor_at": 0}, {"near_poor_at": 9}, {"very_poor_at": 9}, {"very_poor_at": 15},
        {"near_poor_at": 10, "poor_at": 9, "very_poor_at": 12},
        {"farm_land_limit": 0}, {"farm_land_limit": 1_000_001},
        {"income_limit": 0}, {"income_limit": 100_000_001},
        {"poor_at": "9"}, {"poor_at": 9.0}, {"poor_at": True}, {"counts_wood_floor": 1}, {"poor": 9},
    ],
    ids=str,
)  # fmt: skip
def test_parameters_that_make_no_sense_are_refused(parameters):
    with pytest.raises(ParameterError):
        judge(method="bps14", facts=COMFORTABLE, parameters=parameters)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("poor_at", 1),
        ("poor_at", 14),
        ("farm_land_limit", 1),
        ("farm_land_limit", 1_000_000),
        ("income_limit", 1),
        ("income_limit", 100_000_000),
    ],
)
def test_parameters_may_go_as_far_as_their_ends(name, value):
    assert METHODS["bps14"].from_mapping({name: value}).parameters[name] == value
