"""What every method has in common: a name, a source, criteria, parameters, and a judgement."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import ClassVar, Self, get_args

from households.poverty.criteria import Criterion, weigh
from households.poverty.errors import ParameterError
from households.poverty.facts import Facts
from households.poverty.text import gettext_noop as _
from households.poverty.verdict import Status, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Method(ABC):
    """A method with its parameters. The fields of a subclass are the parameters, each with its default.

    ``local_choices`` tells, for a parameter's name or a criterion's code, what the source leaves open and how
    it was settled here, so that nobody takes a local choice for an official rule.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    source: ClassVar[str]
    local_choices: ClassVar[Mapping[str, str]]

    @property
    @abstractmethod
    def criteria(self) -> tuple[Criterion, ...]:
        """In the order of the source."""

    @abstractmethod
    def grade(self, score: int) -> Status:
        """The status that a score earns when nothing is missing."""

    @abstractmethod
    def check_bands(self) -> None:
        """Raises ParameterError when the grades overlap or cannot be reached."""

    def judge(self, facts: Facts) -> Verdict:
        """Unknown unless every answer it needs is there. The score is the number of criteria met."""
        reasons, missing = weigh(self.criteria, facts)
        if missing:
            return Verdict(Status.UNKNOWN, None, reasons, missing)
        score = [reason.is_met for reason in reasons].count(True)
        return Verdict(self.grade(score), score, reasons)

    @classmethod
    def from_mapping(cls, parameters: Mapping[str, object]) -> Self:
        """Defaults fill what is left out. Raises ParameterError for a name or value it cannot use."""
        unknown = sorted(parameters.keys() - {field.name for field in fields(cls)})
        if unknown:
            raise ParameterError(_("This method has no parameter %(name)s."), name=", ".join(unknown))
        return replace(cls(), **parameters)

    @property
    def parameters(self) -> dict[str, int | bool | None]:
        """As JSON can hold them; ``from_mapping`` reads them back."""
        return asdict(self)

    def __post_init__(self) -> None:
        for field in fields(self):
            value: object = getattr(self, field.name)
            kinds: tuple[object, ...] = get_args(field.type) or (field.type,)
            if type(value) not in kinds:
                raise ParameterError(_("%(name)s cannot be %(value)s."), name=field.name, value=repr(value))
        self.check_bands()


def check_rising(bounds: Mapping[str, int | None], *, least: int, most: int) -> None:
    """Each bound in use (not None) is above the one before it, and all lie from ``least`` to ``most``.

    Raises ParameterError.
    """
    previous = least - 1
    for name, bound in bounds.items():
        if bound is None:
            continue
        if not previous < bound <= most:
            raise ParameterError(
                _("%(name)s is %(bound)s, but must be above %(previous)s and at most %(most)s."),
                name=name,
                bound=bound,
                previous=previous,
                most=most,
            )
        previous = bound


def grade_by_count(count: int, least: Mapping[Status, int | None]) -> Status:
    """The first status, poorest first, whose least count is reached; not poor when none is."""
    for status, bound in least.items():
        if bound is not None and count >= bound:
            return status
    return Status.NOT_POOR
