from dataclasses import replace

import pytest

from households.poverty import METHODS, Facts, ParameterError, Reason, Status, judge
from tests.households.poverty.answers import COMFORTABLE, DESTITUTE

ONE_MET = {
    "head_not_working": {"head_works": False},
    "food_worry": {"worried_about_food": True},
    "food_share": {"food_over_half": True},
    "no_clothes": {"bought_clothes": False},
    "floor": {"floor": 8},
    "wall": {"wall": 4},
    "toilet": {"toilet": 6},
    "electricity": {"power": 1},
}

NEEDED = (
    "has_dwelling", "head_works", "worried_about_food", "food_over_half", "bought_clothes", "floor", "wall",
    "wall_is_poor_quality", "toilet", "lighting", "power",
)  # fmt: skip


def household_meeting(count: int) -> Facts:
    facts = COMFORTABLE
    for changes in list(ONE_MET.values())[:count]:
        facts = replace(facts, **changes)
    return facts


def reason(code: str, facts: Facts) -> Reason:
    verdict = judge(method="kepmensos262", facts=facts)
    return next(reason for reason in verdict.reasons if reason.criterion == code)


def missing(**changes: object) -> tuple[str, ...]:
    return judge(method="kepmensos262", facts=replace(COMFORTABLE, **changes)).missing


def test_criteria_bear_the_letters_of_the_decree():
    criteria = METHODS["kepmensos262"].criteria
    assert [criterion.number for criterion in criteria] == ["", *"abcdefgh"]
    assert [criterion.code for criterion in criteria] == ["no_dwelling", *ONE_MET]


@pytest.mark.parametrize(("code", "changes"), ONE_MET.items())
def test_each_criterion_alone_scores_one(code, changes):
    verdict = judge(method="kepmensos262", facts=replace(COMFORTABLE, **changes))
    assert verdict.score == 1
    assert [reason.criterion for reason in verdict.reasons if reason.is_met] == [code]


@pytest.mark.parametrize(
    "facts", [Facts(has_dwelling=False), replace(COMFORTABLE, has_dwelling=False)], ids=["bare", "full"]
)
def test_household_without_a_dwelling_is_poor_and_asked_nothing_else(facts):
    verdict = judge(method="kepmensos262", facts=facts)
    assert (verdict.status, verdict.score, verdict.missing) == (Status.POOR, 1, ())
    assert [reason.text() for reason in verdict.reasons] == [
        "The household has no dwelling, which makes it poor directly."
    ]


@pytest.mark.parametrize(
    ("count", "status"), [(0, "not_poor"), (5, "not_poor"), (6, "poor"), (7, "poor"), (8, "poor")]
)
def test_six_of_eight_is_poor_until_the_regency_sets_another_cut_off(count, status):
    verdict = judge(method="kepmensos262", facts=household_meeting(count))
    assert (verdict.score, verdict.status) == (count, status)


@pytest.mark.parametrize(
    ("count", "status"), [(1, "not_poor"), (2, "near_poor"), (3, "near_poor"), (4, "poor"), (8, "poor")]
)
def test_cut_offs_are_parameters(count, status):
    parameters = {"cut_off": 4, "near_poor_at": 2}
    assert (
        judge(method="kepmensos262", facts=household_meeting(count), parameters=parameters).status == status
    )


def test_destitute_household_meets_all_eight():
    assert judge(method="kepmensos262", facts=DESTITUTE).score == 8


@pytest.mark.parametrize(
    ("code", "fact", "poor", "others"),
    [
        ("head_not_working", "head_works", [False], [True]),
        ("food_worry", "worried_about_food", [True], [False]),
        ("food_share", "food_over_half", [True], [False]),
        ("no_clothes", "bought_clothes", [False], [True]),
        ("floor", "floor", [6, 8], [1, 2, 3, 4, 5, 7, 9]),
        ("wall", "wall", [2, 3, 4, 5, 6, 7], [1]),
        ("toilet", "toilet", [4, 5, 6], [1, 2, 3]),
        ("electricity", "lighting", [4], [1, 2, 3]),
        ("electricity", "power", [1], [2, 3, 4, 5]),
    ],
)
def test_these_answers_count_and_no_others(code, fact, poor, others):
    found = {answer: reason(code, replace(COMFORTABLE, **{fact: answer})).is_met for answer in poor + others}
    assert found == dict.fromkeys(poor, True) | dict.fromkeys(others, False)


@pytest.mark.parametrize(
    ("material", "quality", "met"),
    [
        (1, True, True),
        (1, False, False),
        (1, None, None),
        (3, None, True),
        (None, True, True),
        (None, False, None),
    ],
)
def test_masonry_counts_when_it_is_of_poor_quality(material, quality, met):
    assert reason("wall", replace(COMFORTABLE, wall=material, wall_is_poor_quality=quality)).is_met is met


@pytest.mark.parametrize(
    ("lighting", "power", "asked_for"),
    [
        (4, None, ()), (2, None, ()), (3, None, ()), (1, None, ("power",)), (None, 1, ("lighting",)),
        (None, None, ("lighting", "power")),
    ],
)  # fmt: skip
def test_power_is_asked_only_behind_a_meter(lighting, power, asked_for):
    assert missing(lighting=lighting, power=power) == asked_for


def test_power_without_a_meter_does_not_count():
    assert reason("electricity", replace(COMFORTABLE, lighting=2, power=1)).is_met is False


def test_nothing_answered_lists_every_fact_needed():
    verdict = judge(method="kepmensos262", facts=Facts())
    assert (verdict.status, verdict.score, verdict.missing) == (Status.UNKNOWN, None, NEEDED)


def test_dwelling_not_answered_leaves_even_a_clear_case_unknown():
    verdict = judge(method="kepmensos262", facts=replace(DESTITUTE, has_dwelling=None))
    assert (verdict.status, verdict.missing) == (Status.UNKNOWN, ("has_dwelling",))


def test_cut_off_is_shown_as_a_local_choice():
    assert "cut_off" in METHODS["kepmensos262"].local_choices


@pytest.mark.parametrize(
    "parameters",
    [
        {"cut_off": 0},
        {"cut_off": 9},
        {"near_poor_at": 6},
        {"near_poor_at": 0},
        {"cut_off": None},
        {"poor_at": 6},
    ],
    ids=str,
)
def test_parameters_that_make_no_sense_are_refused(parameters):
    with pytest.raises(ParameterError):
        judge(method="kepmensos262", facts=COMFORTABLE, parameters=parameters)
