"""The welfare decile that the centre assigns (P3KE, DTSEN), imported as it is: 1 is the poorest tenth.

Its coefficients are not published, so that nobody can compute it here. Only the words for its bands are ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from households.poverty.criteria import Criterion, Finding, met, not_met, unanswered, weigh
from households.poverty.facts import Facts
from households.poverty.method import Method, check_rising
from households.poverty.text import gettext_noop as _
from households.poverty.verdict import Status, Verdict

BANDS_DIFFER = _("Authors differ in the words for the deciles.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decile(Method):
    """Each parameter is the last decile of its band; None leaves the band out. The score is the decile."""

    name: ClassVar[str] = "decile"
    title: ClassVar[str] = _("Welfare decile")
    source: ClassVar[str] = _("Imported ranking, such as P3KE or DTSEN")
    local_choices: ClassVar[Mapping[str, str]] = {
        "very_poor_to": BANDS_DIFFER,
        "poor_to": BANDS_DIFFER,
        "near_poor_to": BANDS_DIFFER,
        "vulnerable_to": BANDS_DIFFER,
    }

    very_poor_to: int | None = 1
    poor_to: int | None = 2
    near_poor_to: int | None = 3
    vulnerable_to: int | None = 4

    def check_bands(self) -> None:
        check_rising(self.parameters, least=1, most=10)

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return (
            Criterion("", "decile", _("Decile within the bands of the poor and vulnerable"), self._place),
        )

    def judge(self, facts: Facts) -> Verdict:
        reasons, missing = weigh(self.criteria, facts)
        if facts.decile is None or missing:
            return Verdict(Status.UNKNOWN, None, reasons, missing)
        return Verdict(self.grade(facts.decile), facts.decile, reasons)

    def grade(self, decile: int) -> Status:
        last = {
            Status.VERY_POOR: self.very_poor_to,
            Status.POOR: self.poor_to,
            Status.NEAR_POOR: self.near_poor_to,
            Status.VULNERABLE: self.vulnerable_to,
        }
        return next((status for status, bound in last.items() if bound and decile <= bound), Status.NOT_POOR)

    def _place(self, facts: Facts) -> Finding:
        decile, source, as_of = facts.decile, facts.decile_source, facts.decile_as_of
        if decile is None or source is None or as_of is None:
            return unanswered(decile=decile, decile_source=source, decile_as_of=as_of)
        if self.grade(decile) is Status.NOT_POOR:
            sentence = _(
                "Decile %(decile)s of 10, above those of the poor and vulnerable: %(source)s, %(as_of)s."
            )
            return not_met(sentence, decile=decile, source=source, as_of=as_of)
        return met(
            _("Decile %(decile)s of 10: %(source)s, %(as_of)s."), decile=decile, source=source, as_of=as_of
        )
