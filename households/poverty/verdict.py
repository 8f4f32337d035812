"""What a method says about a household, and why."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from households.poverty.text import Values, fill


class Status(StrEnum):
    """Poorest first; unknown stands last because it has no place in that order."""

    VERY_POOR = "very_poor"
    POOR = "poor"
    NEAR_POOR = "near_poor"
    VULNERABLE = "vulnerable"
    NOT_POOR = "not_poor"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reason:
    """One criterion's finding: met, not met, or (``is_met`` is None) not to be told from the answers.

    ``sentence`` is an English message with ``%(name)s`` places for ``values``, which hold only JSON types.
    """

    criterion: str
    is_met: bool | None
    sentence: str
    values: Values

    def text(self, translate: Callable[[str], str] = str, number: Callable[[int], str] = str) -> str:
        """The sentence an official reads: ``reason.text(gettext, intcomma)``."""
        return fill(self.sentence, self.values, translate, number)


@dataclass(frozen=True, slots=True)
class Verdict:
    """``score`` is None exactly when ``status`` is unknown; then ``missing`` names the facts to ask for."""

    status: Status
    score: Fraction | int | None
    reasons: tuple[Reason, ...]
    missing: tuple[str, ...] = ()
