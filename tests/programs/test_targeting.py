from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from households.models import Household
from households.poverty import Status
from programs.models import Program, TargetList, TargetRow
from programs.services import approve_target_list
from programs.targeting import Candidate, Rule, RuleError, allocate, eligible_households, explain
from programs.targeting.facts import FACTS, Kind
from tests import factories

DAY = date(2026, 11, 1)
SAMPLE_VALUES = {
    Kind.NUMBER: "3",
    Kind.YES_NO: "yes",
    Kind.AGE: "17",
    Kind.DISABILITY: "yes",
    Kind.AREA: "64.02.06",
    Kind.PROGRAM: "sembako",
}


@pytest.mark.django_db
@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.name)
def test_every_fact_filters_by_each_comparison_and_reads_as_a_sentence(fact):
    value = str(fact.choices.values[0]) if fact.choices else SAMPLE_VALUES[fact.kind]
    for comparison in fact.comparisons:
        rule = Rule(fact.name, comparison, value)
        assert list(eligible_households(Household.objects.all(), [rule], on=DAY)) == []
        assert str(rule)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (Rule("formula", "is", "yes"), "no fact"),
        (Rule("decile", "one_of", "1"), "at_least"),
        (Rule("decile", "at_most", "two"), "whole number"),
        (Rule("decile", "at_most", "-1"), "whole number"),
        (Rule("works", "is", "maybe"), "yes or no"),
        (Rule("toilet", "one_of", "1,99"), "99"),
        (Rule("toilet", "one_of", " , "), "not a code"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule, message, settings):
    settings.LANGUAGE_CODE = "en"
    with pytest.raises(RuleError, match=message):
        rule.q(DAY)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (Rule("status", "one_of", "poor,near_poor"), "poverty status is poor or near poor"),
        (Rule("toilet", "none_of", "1"), "toilet facility is not "),
        (Rule("household_size", "at_least", "5"), "household size is at least 5"),
        (Rule("decile", "at_most", "4"), "welfare decile is at most 4"),
        (Rule("owns_business", "is", "yes"), "owns a business: yes"),
        (Rule("disability", "is", "no"), "has a severe difficulty: no"),
        (Rule("area", "within", "64.02.12"), "lives in area 64.02.12"),
        (Rule("targeted", "not_targeted_by", "pkh"), "is not on a target list of pkh in the same year"),
    ],
)
def test_a_rule_is_a_sentence(rule, sentence):
    with translation.override("en"):
        assert str(rule).startswith(sentence)


@pytest.mark.parametrize(
    ("born", "at_least_60", "at_most_59"),
    [
        (date(1966, 11, 1), True, False),
        (date(1966, 11, 2), False, True),
        (date(1930, 1, 1), True, False),
        (date(2026, 10, 31), False, True),
    ],
)
def test_age_is_in_completed_years(ana, household, born, at_least_60, at_most_59):
    household.members.update(birth_date=born)
    factories.assessment(household, ana)
    assert _is_eligible(household, Rule("age", "at_least", "60")) is at_least_60
    assert _is_eligible(household, Rule("age", "at_most", "59")) is at_most_59


def test_a_birthday_on_29_february_is_kept_on_28_february(ana, household):
    household.members.update(birth_date=date(2008, 2, 28))
    factories.assessment(household, ana)
    rule = Rule("age", "at_least", "17")
    assert eligible_households(Household.objects.all(), [rule], on=date(2024 + 1, 2, 28)).exists()
    assert not eligible_households(Household.objects.all(), [rule], on=date(2024, 2, 29)).exists()


def test_an_unanswered_question_meets_no_rule(ana, household):
    factories.assessment(household, ana)
    assert not _is_eligible(household, Rule("toilet", "one_of", "1"))
    assert not _is_eligible(household, Rule("toilet", "none_of", "1"))
    assert not _is_eligible(household, Rule("disability", "is", "no"))


def test_member_rules_must_be_met_by_one_and_the_same_member(ana, household):
    head = household.members.get()
    child = factories.member(household, birth_date=date(2015, 1, 1))
    factories.assessment(household, ana)
    rules = [Rule("age", "at_most", "15"), Rule("relationship", "one_of", "1")]
    assert (child.age_on(DAY), head.age_on(DAY)) == (11, 46)
    assert all(_is_eligible(household, rule) for rule in rules)
    assert not eligible_households(Household.objects.all(), rules, on=DAY).exists()
    assert [line.is_met for line in explain(household, rules, on=DAY)] == [True, True, False]


def test_only_the_current_assessment_counts(ana, household):
    factories.assessment(household, ana, toilet=6)
    factories.assessment(household, ana, toilet=1)
    assert not _is_eligible(household, Rule("toilet", "one_of", "6"))


def test_no_rules_means_nobody(household):
    assert not eligible_households(Household.objects.all(), [], on=DAY).exists()


def test_why_and_who_agree(ana, household, django_assert_num_queries):
    factories.assessment(household, ana, toilet=6, head={"difficulty_seeing": 1})
    rules = [
        Rule("toilet", "one_of", "6"),
        Rule("toilet", "one_of", "1"),
        Rule("water", "one_of", "9"),
        Rule("disability", "is", "yes"),
        Rule("targeted", "not_targeted_by", "sembako"),
    ]
    with django_assert_num_queries(1):
        explained = explain(household, rules, on=DAY)
    assert [line.is_met for line in explained] == [True, False, None, True, True]
    assert [_is_eligible(household, rule) for rule in rules] == [True, False, False, True, True]


def test_a_household_already_targeted_this_year_is_left_out(ana, fia, household, agency):
    other = Program.objects.create(
        code="sembako", name="Sembako", agency=agency, cluster=1, strategy=1, unit="household", year=2026
    )
    for version in (1, 2):
        listed = TargetList.objects.create(program=other, version=version, row_count=1, built_by=fia)
        TargetRow.objects.create(
            target_list=listed, rank=1, household=household, area=household.area, name="x", status="poor"
        )
        approve_target_list(target_list=listed, by=fia)
    rule = Rule("targeted", "not_targeted_by", "sembako")
    assert not eligible_households(Household.objects.all(), [rule], on=DAY).exists()
    assert eligible_households(Household.objects.all(), [rule], on=date(2027, 3, 1)).exists()
    assert [line.is_met for line in explain(household, [rule], on=DAY)] == [False]


candidates = st.lists(
    st.builds(
        Candidate,
        household=st.integers(1, 1000),
        district=st.sampled_from(["64.02.06", "64.02.12", "64.02.01"]),
        status=st.sampled_from([status.value for status in Status]),
        decile=st.none() | st.integers(1, 10),
        score=st.none() | st.integers(0, 14).map(Decimal),
        size=st.integers(0, 12),
    ),
    unique_by=lambda candidate: candidate.household,
    max_size=30,
)


@given(
    candidates,
    st.none() | st.integers(0, 20),
    st.dictionaries(st.sampled_from(["64.02.06", "64.02.12"]), st.integers(0, 5)),
)
def test_quotas_are_never_exceeded_and_order_does_not_matter(people, quota, district_quotas):
    chosen = allocate(people, quota=quota, district_quotas=district_quotas)
    assert chosen == allocate(reversed(people), quota=quota, district_quotas=district_quotas)
    assert quota is None or len(chosen) <= quota
    for district in {person.district for person in people} if district_quotas else ():
        assert sum(person.district == district for person in chosen) <= district_quotas.get(district, 0)


@given(candidates)
def test_nobody_left_out_is_poorer_than_somebody_chosen(people):
    chosen = allocate(people, quota=5, district_quotas={})
    left = [person for person in people if person not in chosen]
    assert all(inside.order() < outside.order() for inside in chosen for outside in left)


def _is_eligible(household, rule):
    return eligible_households(Household.objects.filter(pk=household.pk), [rule], on=DAY).exists()
