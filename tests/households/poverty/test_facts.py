from dataclasses import FrozenInstanceError

import pytest

from households.poverty import QUESTIONS, Facts, FactsError
from tests.households.poverty.answers import FACT_NAMES

# First and last answer that the questionnaire has.
LIMITS = {
    "floor_area": (1, 997),
    "floor": (1, 9),
    "wall": (1, 7),
    "roof": (1, 8),
    "water": (1, 11),
    "lighting": (1, 4),
    "power": (1, 5),
    "fuel": (1, 12),
    "toilet": (1, 6),
    "protein_per_week": (0, 7),
    "clothes_per_year": (0, 97),
    "meals_per_day": (0, 9),
    "head_sector": (1, 26),
    "head_work_status": (1, 8),
    "head_diploma": (1, 23),
    "decile": (1, 10),
}


@pytest.mark.parametrize(("fact", "first", "last"), [(fact, *ends) for fact, ends in LIMITS.items()])
def test_answers_outside_the_questionnaire_are_refused(fact, first, last):
    for answer in (first, last):
        assert getattr(Facts(**{fact: answer}), fact) == answer
    for answer in (first - 1, last + 1):
        with pytest.raises(FactsError):
            Facts(**{fact: answer})


@pytest.mark.parametrize(
    ("fact", "answer"),
    [
        ("household_size", 0), ("head_monthly_income", -1), ("farm_land_area", -1),
        ("floor", True), ("floor", "8"), ("floor", 8.0), ("has_dwelling", 1), ("has_dwelling", "yes"),
        ("decile_source", ""), ("decile_source", "  "), ("decile_source", 3),
        ("decile_as_of", "20250220"), ("decile_as_of", "2025-02-30"), ("decile_as_of", 2025),
    ],
)  # fmt: skip
def test_answers_of_the_wrong_kind_are_refused(fact, answer):
    with pytest.raises(FactsError):
        Facts(**{fact: answer})


@pytest.mark.parametrize(
    ("fact", "answer"), [("household_size", 1), ("head_monthly_income", 0), ("farm_land_area", 0)]
)
def test_smallest_sensible_answers_are_taken(fact, answer):
    assert getattr(Facts(**{fact: answer}), fact) == answer


def test_refusal_names_question_and_answer_in_the_readers_language():
    with pytest.raises(FactsError) as refusal:
        Facts(floor=99)
    assert str(refusal.value) == "Floor material: 99 is not a possible answer."
    catalogue = {
        "%(question)s: %(answer)s is not a possible answer.": "%(question)s: tidak ada jawaban %(answer)s.",
        "Floor material": "Bahan lantai",
    }
    assert refusal.value.text(lambda message: catalogue.get(message, message)) == (
        "Bahan lantai: tidak ada jawaban 99."
    )


def test_every_fact_has_a_question_in_the_order_of_the_form():
    assert tuple(QUESTIONS) == FACT_NAMES


def test_facts_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Facts().floor = 1
