import re
import subprocess
import sys
from fractions import Fraction

import pytest

from households.poverty import METHODS, Facts, ParameterError, Reason, Status, Verdict, judge, method_of


def test_every_method_is_registered_under_its_own_name():
    assert {name: method.name for name, method in METHODS.items()} == {
        "bps14": "bps14",
        "kepmensos262": "kepmensos262",
        "decile": "decile",
    }


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_every_method_says_where_it_comes_from(method):
    assert method.title
    assert method.source
    codes = [criterion.code for criterion in method.criteria]
    assert len(set(codes)) == len(codes)
    assert all(criterion.label for criterion in method.criteria)


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_local_choices_name_parameters_or_criteria(method):
    assert set(method.local_choices) <= {
        *method.parameters,
        *(criterion.code for criterion in method.criteria),
    }


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_parameters_can_be_stored_and_read_back(method):
    assert type(method).from_mapping(method.parameters) == method


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_method_misses_exactly_what_its_criteria_ask_for(method):
    asked = {fact for criterion in method.criteria for fact in criterion.asks}
    assert set(method.judge(Facts()).missing) == asked


def test_unknown_method_is_refused_by_name():
    with pytest.raises(ParameterError, match=re.escape("There is no method guesswork.")):
        judge(method="guesswork", facts=Facts())


def test_unknown_parameters_are_refused_by_name():
    with pytest.raises(ParameterError, match=re.escape("This method has no parameter cutoff, poor.")):
        method_of("bps14", {"poor": 9, "cutoff": 6, "poor_at": 9})


def test_refused_band_says_what_would_be_allowed():
    with pytest.raises(
        ParameterError, match=re.escape("very_poor_at is 9, but must be above 9 and at most 14.")
    ):
        method_of("bps14", {"very_poor_at": 9})


def test_statuses_stand_poorest_first():
    assert list(Status) == ["very_poor", "poor", "near_poor", "vulnerable", "not_poor", "unknown"]


def test_reason_translates_sentence_and_words_and_formats_numbers():
    catalogue = {"The floor is %(answer)s, %(area)s m².": "Lantai %(answer)s, %(area)s m².", "earth": "tanah"}
    reason = Reason("floor", True, "The floor is %(answer)s, %(area)s m².", {"answer": "earth", "area": 1200})
    assert reason.text(lambda message: catalogue[message], "{:,}".format) == "Lantai tanah, 1,200 m²."
    assert reason.text() == "The floor is earth, 1200 m²."


def test_score_may_be_an_exact_fraction():
    assert Verdict(Status.POOR, Fraction(1, 3), ()).score == Fraction(1, 3)


def test_judging_needs_no_framework():
    code = "import sys, households.poverty; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
