"""Poorest first, within the quotas; the tie-break is stated, total and the same everywhere."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from households.poverty import Status

TIE_BREAK: Sequence[object] = (
    _("poverty status, poorest first"),
    _("welfare decile, lowest first, unknown last"),
    _("criteria met under the scheme in force, most first"),
    _("household size, largest first"),
    _("order of registration"),
)

POORNESS: Mapping[str, int] = {status.value: place for place, status in enumerate(Status)}
AFTER_THE_LAST_DECILE = 11


@dataclass(frozen=True, slots=True)
class Candidate:
    """One eligible recipient: a household, or one of its families or members (the ids then set)."""

    household: int
    district: str
    status: str
    decile: int | None
    score: Decimal | None
    size: int
    family: int | None = None
    member: int | None = None

    def order(self) -> tuple[int, int, Decimal, int, int, int, int]:
        """As TIE_BREAK says; the ids at the end make it total."""
        return (
            POORNESS[self.status],
            self.decile or AFTER_THE_LAST_DECILE,
            -(self.score or Decimal(0)),
            -self.size,
            self.household,
            self.family or 0,
            self.member or 0,
        )


def allocate(
    candidates: Iterable[Candidate], *, quota: int | None, district_quotas: Mapping[str, int]
) -> list[Candidate]:
    """The recipients in rank order.

    ``quota`` is for the whole regency, None for no limit. When ``district_quotas`` is not empty a district
    that is not in it gets none; a place that a district cannot fill is not given to another.
    """
    taken: Counter[str] = Counter()
    chosen: list[Candidate] = []
    for candidate in sorted(candidates, key=Candidate.order):
        if quota is not None and len(chosen) >= quota:
            break
        if district_quotas and taken[candidate.district] >= district_quotas.get(candidate.district, 0):
            continue
        taken[candidate.district] += 1
        chosen.append(candidate)
    return chosen
