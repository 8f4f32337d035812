"""The shapes a criterion can take. A check finds it met, not met, or open for lack of an answer."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from households.poverty.codes import Names
from households.poverty.facts import QUESTIONS, Facts
from households.poverty.text import Values
from households.poverty.text import gettext_noop as _
from households.poverty.verdict import Reason


class Finding(NamedTuple):
    is_met: bool | None
    sentence: str
    values: Values
    missing: tuple[str, ...] = ()


Check = Callable[[Facts], Finding]


@dataclass(frozen=True, slots=True)
class Criterion:
    """``number`` is the one its source gives ("12", "h"); ``label`` is an English message."""

    number: str
    code: str
    label: str
    check: Check

    @property
    def asks(self) -> tuple[str, ...]:
        """Every fact it may need: those it lacks when nothing is answered."""
        return self.check(Facts()).missing


def weigh(criteria: Collection[Criterion], facts: Facts) -> tuple[tuple[Reason, ...], tuple[str, ...]]:
    """A reason for each criterion, and the names of the answers they lack, each once."""
    reasons: list[Reason] = []
    missing: dict[str, None] = {}
    for criterion in criteria:
        finding = criterion.check(facts)
        reasons.append(Reason(criterion.code, finding.is_met, finding.sentence, finding.values))
        if finding.missing:
            missing.update(dict.fromkeys(finding.missing))
    return tuple(reasons), tuple(missing)


def met(sentence: str, **values: str | int) -> Finding:
    return Finding(True, sentence, values)


def not_met(sentence: str, **values: str | int) -> Finding:
    return Finding(False, sentence, values)


def unanswered(**answers: object) -> Finding:
    """For those of ``answers``, named as the facts are, that are None."""
    missing = tuple(name for name, answer in answers.items() if answer is None)
    values: dict[str, str | int] = {"question": QUESTIONS[missing[0]]}
    if len(missing) == 1:
        return Finding(None, _("No answer for: %(question)s."), values, missing)
    values["more"] = len(missing) - 1
    return Finding(None, _("No answer for: %(question)s, and %(more)s more."), values, missing)


def coded(fact: str, names: Names, *, poor: Collection[int], yes: str, no: str) -> Check:
    """Met when the answer's code is among ``poor``. Both sentences may show ``%(answer)s``."""
    return _looked_up(
        fact,
        {
            code: Finding(code in poor, yes if code in poor else no, {"answer": name})
            for code, name in names.items()
        },
    )


def yes_no(fact: str, *, poor: bool, yes: str, no: str) -> Check:
    """Met when the answer is ``poor``. ``yes`` is the sentence for met, ``no`` for not met."""
    return _looked_up(fact, {poor: met(yes), not poor: not_met(no)})


def at_most(fact: str, limit: int, *, yes: str, no: str) -> Check:
    """Met up to and including ``limit``. Both sentences may show ``%(answer)s`` and ``%(limit)s``."""
    answer_of, none = attrgetter(fact), unanswered(**{fact: None})

    def check(facts: Facts) -> Finding:
        answer: int | None = answer_of(facts)
        if answer is None:
            return none
        return Finding(answer <= limit, yes if answer <= limit else no, {"answer": answer, "limit": limit})

    return check


def _looked_up(fact: str, findings: dict[int, Finding]) -> Check:
    answer_of, none = attrgetter(fact), unanswered(**{fact: None})

    def check(facts: Facts) -> Finding:
        answer: int | None = answer_of(facts)
        return none if answer is None else findings[answer]

    return check
