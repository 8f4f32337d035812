"""What a question and its conditions are: plain data, and the one function that reads them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache

from django.db import models
from django.utils.functional import Promise

from households.questionnaire.codes import Bitmask
from households.questionnaire.ranges import RANGES, Limits

Answers = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class AnswerIn:
    """The answer to ``field`` is one of ``values``. ``None`` among them lets an unanswered field pass."""

    field: str
    values: Collection[int | None]

    def holds(self, answers: Answers) -> bool | None:
        """``None`` when the field is not answered, so that nobody can tell."""
        answer = answers.get(self.field)
        if answer is None and None not in self.values:
            return None
        return answer in self.values


@dataclass(frozen=True, slots=True)
class Condition:
    """Every one of ``all_of`` and, if there are any, one of ``any_of``. The sentence says it to people."""

    sentence: Promise
    all_of: tuple[AnswerIn, ...] = ()
    any_of: tuple[AnswerIn, ...] = ()

    def holds(self, answers: Answers) -> bool | None:
        every = {test.holds(answers) for test in self.all_of}
        some = {test.holds(answers) for test in self.any_of} or {True}
        if False in every or some == {False}:
            return False
        return True if every <= {True} and True in some else None


@cache
def _possible(answers: type[models.IntegerChoices]) -> tuple[int, ...]:
    return tuple(answers.possible_values() if issubclass(answers, Bitmask) else answers.values)


@dataclass(frozen=True, slots=True)
class Question:
    """``code`` is the question's number in Regsosek 2022.K, ``bdt_column`` its columns in the BDT 2015 file
    joined by commas; empty where that form has no such question. A question with neither ``answers`` nor
    ``limits`` is a yes/no question. ``gate`` is what its whole block waits for."""

    field: str
    code: str = ""
    bdt_column: str = ""
    answers: type[models.IntegerChoices] | None = None
    asked_if: Condition | None = None
    gate: Condition | None = None

    @property
    def limits(self) -> Limits | None:
        return RANGES.get(self.field)

    @property
    def is_yes_no(self) -> bool:
        return self.answers is None and self.limits is None

    @property
    def codes(self) -> tuple[int, ...]:
        """Every number the column may hold; empty unless the answers are a list."""
        return _possible(self.answers) if self.answers else ()

    @property
    def depends_on(self) -> frozenset[str]:
        """The fields (and ``age``, ``sex``) that decide whether the question is asked."""
        conditions = [condition for condition in (self.gate, self.asked_if) if condition]
        tests = [test for condition in conditions for test in (*condition.all_of, *condition.any_of)]
        return frozenset(test.field for test in tests)

    def is_asked(self, answers: Answers) -> bool | None:
        """``None`` when that hangs on an answer not given yet."""
        verdicts = {condition.holds(answers) for condition in (self.gate, self.asked_if) if condition}
        if False in verdicts:
            return False
        return None if None in verdicts else True


@dataclass(frozen=True, slots=True)
class Block:
    name: str
    title: Promise
    questions: tuple[Question, ...]


def is_asked(question: Question, answers: Answers) -> bool:
    """Whether to show the question. ``answers`` may hold the member's ``age`` and ``sex`` beside the answers.

    A question that waits for another answer is not shown yet. An unknown age hides nothing: those without
    papers are often old or disabled, and must be asked.
    """
    verdict = question.is_asked(answers)
    if verdict is None and answers.get("age") is None:
        return "age" in question.depends_on
    return verdict is True
