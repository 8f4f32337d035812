"""Who is poor, eligible, targeted, realised, and served by nothing: the sets of households behind every
figure.

A figure and the list that it opens are taken from the same set, so they always agree.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from django.db.models import Max

from households.models import Household
from households.models.household import POOR, StatusChoice
from programs.candidates import day_of
from programs.models import Program, Realisation, TargetList, TargetRow
from programs.targeting import eligible_households
from registry.scope import whole_registry


class Measure(StrEnum):
    POOR = "poor"
    NEAR_POOR = "near_poor"
    ELIGIBLE = "eligible"
    TARGETED = "targeted"
    REALISED = "realised"
    UNSERVED = "unserved"


Ids = set[int]
EVERYWHERE = ""


@dataclass(slots=True)
class Coverage:
    """Household ids by measure; those of programmes by programme id. ``district_of`` knows every active
    household.
    """

    district_of: dict[int, str]
    poor: Ids
    near_poor: Ids
    eligible: dict[int, Ids] = field(default_factory=dict)
    targeted: dict[int, Ids] = field(default_factory=dict)
    realised: dict[int, Ids] = field(default_factory=dict)

    def households(self, measure: Measure, programs: Collection[int]) -> Ids:
        """Distinct households of ``measure`` over ``programs``: in two programmes is still one household.

        Unserved: poor or near poor, and on no approved target list of ``programs`` and reached by none.
        """
        match measure:
            case Measure.POOR:
                return self.poor
            case Measure.NEAR_POOR:
                return self.near_poor
            case Measure.UNSERVED:
                served = _union(self.targeted, programs) | _union(self.realised, programs)
                return (self.poor | self.near_poor) - served
            case _:
                return _union(getattr(self, measure), programs)

    def of(self, pairs: Iterable[tuple[int, int]]) -> dict[int, Ids]:
        """(programme, household) as sets; households outside the area or closed since are not counted."""
        households: defaultdict[int, Ids] = defaultdict(set)
        for program, household in pairs:
            if household in self.district_of:
                households[program].add(household)
        return dict(households)

    def by_district(self, households: Iterable[int]) -> Counter[str]:
        """Counts by district code, and of all of them under EVERYWHERE."""
        counts = Counter(self.district_of[pk] for pk in households)
        counts[EVERYWHERE] = counts.total()
        return counts

    def rates(self, programs: Collection[int]) -> dict[str, Fraction]:
        """Coverage by district: the reached among the eligible. Absent where nobody is eligible."""
        eligible = self.households(Measure.ELIGIBLE, programs)
        reached = self.by_district(eligible & self.households(Measure.REALISED, programs))
        counts = self.by_district(eligible)
        return {code: Fraction(reached[code], count) for code, count in counts.items() if count}


@whole_registry("figures; the lists behind them go through visible_to")
def coverage(programs: Collection[Program], *, on: date, area: str = "") -> Coverage:
    """Four queries and one for each programme's eligible households; memory of some 100 bytes a household."""
    homes = Household.objects.active().within(area)
    found = Coverage({}, set(), set())
    for pk, code, status in homes.values_list("pk", "area_id", "status"):
        found.district_of[pk] = code[:8]
        if status in POOR:
            found.poor.add(pk)
        elif status == StatusChoice.NEAR_POOR:
            found.near_poor.add(pk)
    for program in programs:
        rules = program.rules()
        eligible = eligible_households(homes, rules, on=day_of(program, on))
        found.eligible[program.pk] = set(eligible.values_list("pk", flat=True))
    targeted = TargetRow.objects.filter(target_list__in=newest_frozen(programs))
    realised = Realisation.objects.delivered().filter(target_list__program__in=programs)
    found.targeted = found.of(targeted.values_list("target_list__program_id", "household_id"))
    found.realised = found.of(realised.values_list("target_list__program_id", "household_id"))
    return found


def newest_frozen(programs: Collection[Program]) -> list[int]:
    """Ids of the last approved target list of each programme that has one."""
    newest = TargetList.objects.frozen().filter(program__in=programs).order_by().values("program")
    return list(newest.annotate(newest=Max("pk")).values_list("newest", flat=True))


def _union(by_program: dict[int, Ids], programs: Collection[int]) -> Ids:
    return set().union(*(by_program.get(pk, set()) for pk in programs))
