"""The edit rules: what is wrong, or odd, in a form's answers. Nothing is corrected here."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from households.questionnaire.blocks import QUESTIONS
from households.questionnaire.codes import CookingFuel, Lighting, Sex
from households.questionnaire.questions import Answers, Question

Level = Literal["error", "warning"]

APPLIANCES = ("has_refrigerator", "has_air_conditioner", "has_water_heater", "has_television", "has_computer")
LARGE_CYLINDER_FUELS = (CookingFuel.GAS_5_KG, CookingFuel.GAS_12_KG)
# The form codes every higher age as 98. People do grow older, so a higher age is only odd.
HIGHEST_AGE = 98


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """``code`` names the rule: not_an_answer, out_of_range, not_asked, unanswered or contradiction."""

    field: str
    level: Level
    code: str
    sentence: Promise
    values: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return str(self.sentence) % self.values


def edit(
    answers: Answers, *, age: int | None = None, sex: int | None = None, is_complete: bool = False
) -> list[Finding]:
    """The findings on one household's or one member's answers, in the order of the form.

    A field that is not a key of ``answers`` is not on this form and is never reported as unanswered; ``None``
    is a blank. Follow-up questions left blank are warnings, and errors when the form ``is_complete``.
    """
    known = {**answers, "age": age, "sex": sex}
    findings = [
        finding
        for name, question in QUESTIONS.items()
        if name in answers
        for finding in (*_value(question, answers[name]), *_skips(question, known, is_complete))
    ]
    return [*findings, *_age(age), *_contradictions(known)]


def cleared(
    answers: Answers, *, age: int | None = None, sex: int | None = None
) -> tuple[dict[str, int | None], list[str]]:
    """The answers without those to questions that are not asked, and the names of the fields so emptied."""
    known = {**answers, "age": age, "sex": sex}
    emptied = []
    for name, question in QUESTIONS.items():
        if known.get(name) is not None and question.is_asked(known) is False:
            known[name] = None
            emptied.append(name)
    return {name: known[name] for name in answers}, emptied


def _value(question: Question, value: int | None) -> Iterator[Finding]:
    if value is None:
        return
    limits = question.limits
    if question.is_yes_no and not isinstance(value, bool):
        yield Finding(question.field, "error", "not_an_answer", _("Answer yes or no."))
    elif question.codes and value not in question.codes:
        sentence = _("%(value)s is not one of the answers to this question.")
        yield Finding(question.field, "error", "not_an_answer", sentence, {"value": value})
    elif limits and not limits.lowest <= value <= limits.highest:
        sentence = _("%(value)s is outside the range from %(lowest)s to %(highest)s.")
        yield Finding(question.field, "error", "out_of_range", sentence, {"value": value, **limits._asdict()})


def _skips(question: Question, known: Answers, is_complete: bool) -> Iterator[Finding]:
    condition = question.asked_if or question.gate
    if condition is None:
        return
    value = known[question.field]
    asked = question.is_asked(known)
    # "No" to a question that need not be asked does no harm: files carry it for men and "pregnant".
    if asked is False and value is not None and value is not False:
        broken = question.gate if question.gate and question.gate.holds(known) is False else condition
        sentence = _("Answered, although it need not be. %(condition)s")
        yield Finding(question.field, "warning", "not_asked", sentence, {"condition": broken.sentence})
    elif asked is True and value is None and question.asked_if and question.code:
        level: Level = "error" if is_complete else "warning"
        sentence = _("Not answered. %(condition)s")
        yield Finding(question.field, level, "unanswered", sentence, {"condition": condition.sentence})


def _age(age: int | None) -> Iterator[Finding]:
    if age is None or 0 <= age <= HIGHEST_AGE:
        return
    level: Level = "error" if age < 0 else "warning"
    sentence = _("An age of %(age)s years is outside 0 to %(highest)s: check the date of birth.")
    yield Finding("age", level, "out_of_range", sentence, {"age": age, "highest": HIGHEST_AGE})


def _contradictions(known: Answers) -> Iterator[Finding]:
    if known.get("lighting") == Lighting.NOT_ELECTRIC:
        sentence = _("This appliance needs electricity, but the main source of lighting is not electric.")
        for name in APPLIANCES:
            if known.get(name):
                yield Finding(name, "error", "contradiction", sentence)
    if known.get("is_pregnant") and known.get("sex") == Sex.MALE:
        yield Finding("is_pregnant", "error", "contradiction", _("A man cannot be pregnant: check the sex."))
    yield from _cylinder(known)


def _cylinder(known: Answers) -> Iterator[Finding]:
    """A family may own a cylinder and cook with wood, so a mismatch is odd but not wrong."""
    fuel, has_cylinder = known.get("fuel"), known.get("has_gas_cylinder")
    if fuel is None or has_cylinder is None or bool(has_cylinder) == (fuel in LARGE_CYLINDER_FUELS):
        return
    if has_cylinder:
        sentence = _("There is a gas cylinder of 5.5 kg or more, but the main cooking fuel is another.")
    else:
        sentence = _("The main cooking fuel comes in large cylinders (5.5 kg or more), but there is none.")
    yield Finding("has_gas_cylinder", "warning", "contradiction", sentence)
