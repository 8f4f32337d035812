"""A rule is a Q and a sentence, so "who?" and "why not?" cannot disagree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from households.models import Household, MemberAssessment
from programs.targeting.facts import DIFFICULTIES, FACTS, Fact, Kind, Level
from registry.scope import chosen_rows

SEVERE = (1, 2)


class RuleError(ValueError):
    """A criterion that names an unknown fact, or a comparison or value the fact does not take."""


@dataclass(frozen=True, slots=True)
class Rule:
    """``Rule("household_size", "at_least", "5")``: its Q for the database, its ``str`` for people."""

    fact: str
    comparison: str
    value: str

    def subject(self) -> Fact:
        fact = FACTS.get(self.fact)
        if fact is None:
            raise RuleError(_("There is no fact called “%(name)s”.") % {"name": self.fact})
        if self.comparison not in fact.comparisons:
            raise RuleError(
                _("“%(fact)s” can be compared by: %(comparisons)s.")
                % {"fact": fact.label, "comparisons": ", ".join(fact.comparisons)}
            )
        return fact

    def q(self, on: date) -> Q:
        """For Household or for MemberAssessment, as the fact's level says. Ages are completed years on the
        day ``on``.

        An unanswered question meets no rule, "none of" included. Raises RuleError.
        """
        fact = self.subject()
        match fact.kind:
            case Kind.CODE:
                chosen = Q(**{f"{fact.path}__in": self._codes(fact)})
                return (
                    chosen if self.comparison == "one_of" else ~chosen & Q(**{f"{fact.path}__isnull": False})
                )
            case Kind.NUMBER:
                return Q(
                    **{f"{fact.path}__{'gte' if self.comparison == 'at_least' else 'lte'}": self._number()}
                )
            case Kind.YES_NO:
                return Q(**{fact.path: self._yes_no()})
            case Kind.AGE:
                return self._age_q(fact.path, on)
            case Kind.DISABILITY:
                severe = Q()
                for difficulty in DIFFICULTIES:
                    severe |= Q(**{f"{difficulty}__in": SEVERE})
                return severe if self._yes_no() else ~severe & Q(**{f"{fact.path}__isnull": False})
            case Kind.AREA:
                return Q(**{f"{fact.path}__startswith": self.value.strip()})
            case _program:
                # By id, not by join: a household on two lists must still be one row.
                targeted = Household.objects.filter(
                    **{fact.path: self.value.strip()},
                    target_rows__target_list__program__year=on.year,
                    target_rows__target_list__state="frozen",
                )
                return ~Q(pk__in=targeted.values("pk"))

    def answered(self) -> Q:
        """Whether the fact is known at all; being on a list always is."""
        path = "pk" if self.subject().kind is Kind.PROGRAM else self.subject().path
        return Q(**{f"{path}__isnull": False})

    def __str__(self) -> str:
        fact = self.subject()
        words = {"fact": str(fact.label), "value": self._words(fact)}
        match self.comparison:
            case "one_of":
                return _("%(fact)s is %(value)s") % words
            case "none_of":
                return _("%(fact)s is not %(value)s") % words
            case "at_least":
                return _("%(fact)s is at least %(value)s") % words
            case "at_most":
                return _("%(fact)s is at most %(value)s") % words
            case "is":
                return _("%(fact)s: %(value)s") % words
            case "within":
                return _("lives in area %(value)s") % words
            case _other:
                return _("is not on a target list of %(value)s in the same year") % words

    def _age_q(self, path: str, on: date) -> Q:
        """At least n: born on or before the day n years ago. At most n: born after the day n + 1 years
        ago.
        """
        if self.comparison == "at_least":
            return Q(**{f"{path}__lte": _years_before(on, self._number())})
        return Q(**{f"{path}__gt": _years_before(on, self._number() + 1)})

    def _number(self) -> int:
        text = self.value.strip().replace(".", "")
        if not (text.isascii() and text.isdigit()):
            raise RuleError(_("“%(value)s” is not a whole number.") % {"value": self.value})
        most = self.subject().most
        if int(text) > most:
            raise RuleError(_("At most %(most)s makes sense here.") % {"most": most})
        return int(text)

    def _yes_no(self) -> bool:
        if self.value not in ("yes", "no"):
            raise RuleError(_("Write yes or no, not “%(value)s”.") % {"value": self.value})
        return self.value == "yes"

    def _codes(self, fact: Fact) -> list[str]:
        chosen = [part.strip() for part in self.value.split(",") if part.strip()]
        known = {str(value) for value in fact.choices.values} if fact.choices else set()
        unknown = [code for code in chosen if code not in known]
        if unknown or not chosen:
            raise RuleError(
                _("“%(value)s” is not a code of “%(fact)s”.")
                % {"value": ", ".join(unknown) or self.value, "fact": fact.label}
            )
        return chosen

    def _words(self, fact: Fact) -> str:
        if fact.kind is Kind.CODE and fact.choices:
            labels = {str(value): str(label) for value, label in fact.choices.choices}
            return _(" or ").join(labels[code] for code in self._codes(fact))
        if fact.kind in (Kind.YES_NO, Kind.DISABILITY):
            return _("yes") if self._yes_no() else _("no")
        return self.value


def _years_before(day: date, years: int) -> date:
    """29 February falls back to 28 February, as the civil registry counts birthdays."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _at_level(rules: Sequence[Rule], level: Level, on: date) -> list[Q]:
    return [rule.q(on) for rule in rules if rule.subject().level is level]


def _answers(member_rules: Sequence[Q]) -> QuerySet[MemberAssessment]:
    """Answers, in the outer household's current assessment, of active members who meet every Q."""
    return MemberAssessment.objects.filter(
        *member_rules, assessment=OuterRef("current_assessment"), member__closed_on=None
    )


def eligible_households(
    households: QuerySet[Household], rules: Sequence[Rule], *, on: date
) -> QuerySet[Household]:
    """Those of ``households`` that meet every rule on the day ``on``. No rules means nobody. Raises
    RuleError.
    """
    if not rules:
        return households.none()
    eligible = households.filter(*_at_level(rules, Level.HOUSEHOLD, on), closed_on=None)
    member_rules = _at_level(rules, Level.MEMBER, on)
    return eligible.filter(Exists(_answers(member_rules))) if member_rules else eligible


def eligible_members(rules: Sequence[Rule], *, on: date) -> QuerySet[MemberAssessment]:
    """The answers of those who meet every member rule, of all households; narrow by ``household__in``."""
    return MemberAssessment.objects.filter(
        *_at_level(rules, Level.MEMBER, on),
        assessment=F("household__current_assessment"),
        member__closed_on=None,
    )


@dataclass(frozen=True, slots=True)
class Explanation:
    """``is_met`` is None when the question was not answered: never eligible, and worth asking again."""

    sentence: str
    is_met: bool | None


@chosen_rows()
def explain(household: Household, rules: Sequence[Rule], *, on: date) -> list[Explanation]:
    """Each rule for one household, by the very Q that builds the list; with several rules for members also
    whether one of them meets all. One query.
    """
    columns: dict[str, Case] = {}
    for number, rule in enumerate(rules):
        columns[f"met_{number}"] = _truth(rule.q(on), rule.subject().level)
        columns[f"answered_{number}"] = _truth(rule.answered(), rule.subject().level)
    member_rules = _at_level(rules, Level.MEMBER, on)
    columns["met_by_one"] = _case(Exists(_answers(member_rules)))
    row = Household.objects.filter(pk=household.pk).annotate(**columns).values(*columns).get()
    explained = [
        Explanation(str(rule), row[f"met_{number}"] or (False if row[f"answered_{number}"] else None))
        for number, rule in enumerate(rules)
    ]
    if len(member_rules) > 1:
        explained.append(Explanation(_("all of it by one and the same member"), row["met_by_one"]))
    return explained


def _truth(q: Q, level: Level) -> Case:
    return _case(q if level is Level.HOUSEHOLD else Exists(_answers([q])))


def _case(condition: Q | Exists) -> Case:
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
