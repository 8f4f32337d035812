from dataclasses import replace

import pytest

from households.poverty import Facts, ParameterError, Status, judge
from tests.households.poverty.answers import COMFORTABLE

BANDS = ("very_poor", "poor", "near_poor", "vulnerable", *["not_poor"] * 6)


@pytest.mark.parametrize(("decile", "status"), list(enumerate(BANDS, start=1)))
def test_each_decile_has_its_band(decile, status):
    verdict = judge(method="decile", facts=replace(COMFORTABLE, decile=decile))
    assert (verdict.status, verdict.score) == (status, decile)
    assert verdict.reasons[0].is_met is (status != "not_poor")


@pytest.mark.parametrize(
    ("decile", "status"), [(1, "poor"), (4, "poor"), (5, "vulnerable"), (6, "vulnerable"), (7, "not_poor")]
)
def test_bands_are_parameters_and_may_be_left_out(decile, status):
    parameters = {"very_poor_to": None, "poor_to": 4, "near_poor_to": None, "vulnerable_to": 6}
    facts = replace(COMFORTABLE, decile=decile)
    assert judge(method="decile", facts=facts, parameters=parameters).status == status


@pytest.mark.parametrize(
    ("decile", "sentence"),
    [
        (4, "Decile 4 of 10: DTSEN, 2025-02-20."),
        (5, "Decile 5 of 10, above those of the poor and vulnerable: DTSEN, 2025-02-20."),
    ],
)
def test_reason_names_source_and_date(decile, sentence):
    assert judge(method="decile", facts=replace(COMFORTABLE, decile=decile)).reasons[0].text() == sentence


@pytest.mark.parametrize("fact", ["decile", "decile_source", "decile_as_of"])
def test_decile_without_its_source_or_date_is_unknown(fact):
    verdict = judge(method="decile", facts=replace(COMFORTABLE, **{fact: None}))
    assert (verdict.status, verdict.score, verdict.missing) == (Status.UNKNOWN, None, (fact,))


def test_nothing_answered_lists_every_fact_needed():
    assert judge(method="decile", facts=Facts()).missing == ("decile", "decile_source", "decile_as_of")


@pytest.mark.parametrize(
    "parameters",
    [{"very_poor_to": 0}, {"very_poor_to": 2}, {"poor_to": 3}, {"vulnerable_to": 11}, {"vulnerable_to": 3}],
    ids=str,
)
def test_bands_that_overlap_or_run_off_the_scale_are_refused(parameters):
    with pytest.raises(ParameterError):
        judge(method="decile", facts=COMFORTABLE, parameters=parameters)
