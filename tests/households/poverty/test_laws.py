"""What must hold for any household whatever."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from households.poverty import Facts, Method, Status, method_of
from tests.households.poverty.answers import FACT_NAMES, answers_to, complete_facts, partial_facts

GRADED = {
    "bps14": {"near_poor_at": 6, "very_poor_at": 12},
    "kepmensos262": {"near_poor_at": 3},
    "decile": {},
}
# A busy machine must not make a law fail, so there is no deadline.
law = settings(deadline=None, max_examples=50)
each_method = pytest.mark.parametrize(
    "method", [method_of(name, parameters) for name, parameters in GRADED.items()], ids=list(GRADED)
)
counting_methods = pytest.mark.parametrize(
    "method",
    [method_of(name, GRADED[name]) for name in ("bps14", "kepmensos262")],
    ids=["bps14", "kepmensos262"],
)

# How poor an answer is in the eyes of a method: more is poorer. Sectors of work have no such order.
BPS14_POORNESS = {
    "household_size": lambda size: size,
    "floor_area": lambda area: -area,
    "floor": lambda code: code in {7, 8},
    "wall": lambda code: code in {4, 5, 6},
    "wall_is_poor_quality": bool,
    "toilet": lambda code: code > 1,
    "lighting": lambda code: code == 4,
    "water": lambda code: code in {6, 8, 9, 10},
    "fuel": lambda code: code in {7, 9, 10},
    "protein_per_week": lambda days: -days,
    "clothes_per_year": lambda sets: -sets,
    "meals_per_day": lambda meals: -meals,
    "can_pay_health_care": lambda can: not can,
    "head_work_status": lambda code: {4: -1, 5: -1, 6: 1}.get(code, 0),
    "head_monthly_income": lambda income: -income,
    "head_diploma": lambda code: code < 6 or code == 23,
    "farm_land_area": lambda area: -area,
    "has_savings": lambda has: not has,
}
KEPMENSOS262_POORNESS = {
    "has_dwelling": lambda has: not has,
    "head_works": lambda works: not works,
    "worried_about_food": bool,
    "food_over_half": bool,
    "bought_clothes": lambda bought: not bought,
    "floor": lambda code: code in {6, 8},
    "wall": lambda code: code > 1,
    "wall_is_poor_quality": bool,
    "toilet": lambda code: code > 3,
    "lighting": lambda code: {1: 0, 4: 1}.get(code, -1),
    "power": lambda code: code == 1,
}


@each_method
@law
@given(facts=partial_facts)
def test_same_facts_give_the_same_verdict(method: Method, facts: Facts):
    assert method.judge(facts) == method.judge(replace(facts))


@each_method
@law
@given(facts=partial_facts)
def test_verdict_is_unknown_exactly_when_something_is_missing(method: Method, facts: Facts):
    verdict = method.judge(facts)
    assert (verdict.status is Status.UNKNOWN) == bool(verdict.missing) == (verdict.score is None)
    assert all(getattr(facts, name) is None for name in verdict.missing)
    assert len(set(verdict.missing)) == len(verdict.missing)


@each_method
@law
@given(facts=complete_facts)
def test_complete_answers_always_give_a_verdict(method: Method, facts: Facts):
    assert method.judge(facts).status is not Status.UNKNOWN


@each_method
@law
@given(facts=partial_facts, complete=complete_facts)
def test_answering_what_is_missing_leads_to_a_verdict(method: Method, facts: Facts, complete: Facts):
    while missing := method.judge(facts).missing:
        facts = replace(facts, **{name: getattr(complete, name) for name in missing})
    assert method.judge(facts).score is not None


@each_method
@law
@given(facts=partial_facts, name=st.sampled_from(FACT_NAMES))
def test_removing_an_answer_changes_nothing_but_to_unknown(method: Method, facts: Facts, name: str):
    before, after = method.judge(facts), method.judge(replace(facts, **{name: None}))
    assert after.status in {before.status, Status.UNKNOWN}
    asking = {criterion.code for criterion in method.criteria if name in criterion.asks}
    found = {reason.criterion: reason for reason in after.reasons}
    for reason in before.reasons:
        if reason.criterion in asking:
            assert found[reason.criterion].is_met in {reason.is_met, None}
        else:
            assert found[reason.criterion] == reason


@each_method
@law
@given(facts=complete_facts, other=complete_facts)
def test_answers_nobody_asks_for_change_nothing(method: Method, facts: Facts, other: Facts):
    asked = {name for criterion in method.criteria for name in criterion.asks}
    unasked = {name: getattr(other, name) for name in FACT_NAMES if name not in asked}
    assert method.judge(replace(facts, **unasked)) == method.judge(facts)


@counting_methods
@law
@given(facts=complete_facts)
def test_score_is_the_number_of_reasons_met(method: Method, facts: Facts):
    verdict = method.judge(facts)
    assert verdict.score == [reason.is_met for reason in verdict.reasons].count(True)


@pytest.mark.parametrize(
    ("name", "fact", "poorness"),
    [("bps14", *row) for row in BPS14_POORNESS.items()]
    + [("kepmensos262", *row) for row in KEPMENSOS262_POORNESS.items()],
)
@law
@given(facts=complete_facts, data=st.data())
def test_poorer_answer_never_makes_a_household_less_poor(name, fact, poorness, facts, data):
    method, answers = method_of(name, GRADED[name]), st.tuples(answers_to(fact), answers_to(fact))
    richer, poorer = sorted(data.draw(answers), key=poorness)
    order = list(Status)
    before, after = (method.judge(replace(facts, **{fact: answer})).status for answer in (richer, poorer))
    assert poorness(richer) == poorness(poorer) or order.index(before) >= order.index(after)


@each_method
@law
@given(facts=partial_facts)
def test_every_reason_reads_and_stores(method: Method, facts: Facts):
    verdict = method.judge(facts)
    for reason in verdict.reasons:
        assert "%" not in reason.text()
        assert json.loads(json.dumps(reason.values)) == reason.values
