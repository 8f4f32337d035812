"""Who is poor, by which method, and why. Plain Python with exact numbers: no database, no clock.

    judge(method="bps14", facts=Facts(household_size=4, floor_area=30, ...)) -> Verdict

The same facts always give the same verdict, and an answer that is missing makes it unknown, never "not poor".
A new method is one file with a subclass of Method, and one line in METHODS.
"""

from collections.abc import Mapping

from households.poverty.bps14 import Bps14
from households.poverty.criteria import Criterion
from households.poverty.decile import Decile
from households.poverty.errors import FactsError, ParameterError, PovertyError
from households.poverty.facts import QUESTIONS, Facts
from households.poverty.kepmensos262 import Kepmensos262
from households.poverty.method import Method
from households.poverty.text import gettext_noop as _
from households.poverty.verdict import Reason, Status, Verdict

__all__ = [
    "METHODS",
    "QUESTIONS",
    "Criterion",
    "Facts",
    "FactsError",
    "Method",
    "ParameterError",
    "PovertyError",
    "Reason",
    "Status",
    "Verdict",
    "judge",
    "method_of",
]

METHODS: Mapping[str, Method] = {
    Bps14.name: Bps14(),
    Kepmensos262.name: Kepmensos262(),
    Decile.name: Decile(),
}


def method_of(name: str, parameters: Mapping[str, object] | None = None) -> Method:
    """Make it once to judge many households. Raises ParameterError for a name or parameters it cannot use."""
    if name not in METHODS:
        raise ParameterError(_("There is no method %(name)s."), name=name)
    return METHODS[name].from_mapping(parameters or {})


def judge(*, method: str, facts: Facts, parameters: Mapping[str, object] | None = None) -> Verdict:
    return method_of(method, parameters).judge(facts)
