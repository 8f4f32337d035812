"""The decree of the Minister of Social Affairs on criteria of the poor, 262/HUK/2022.

A household without a dwelling is poor directly. For all others the decree lists eight criteria, a to h,
joined by "and/or", and gives no cut-off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from households.poverty import codes
from households.poverty.criteria import Criterion, Finding, coded, met, not_met, unanswered, weigh, yes_no
from households.poverty.dwelling import floor, wall
from households.poverty.facts import Facts
from households.poverty.method import Method, check_rising, grade_by_count
from households.poverty.text import gettext_noop as _
from households.poverty.verdict import Status, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Kepmensos262(Method):
    """Counts the criteria met; without a dwelling nothing else is asked, and that one reason is the score."""

    name: ClassVar[str] = "kepmensos262"
    title: ClassVar[str] = _("Criteria of the Ministry of Social Affairs")
    source: ClassVar[str] = _("Keputusan Menteri Sosial 262/HUK/2022")
    local_choices: ClassVar[Mapping[str, str]] = {
        "cut_off": _("The decree has no cut-off. Six of eight is what the city of Bontang uses."),
        "near_poor_at": _("The decree does not speak of near poor."),
        "floor": _("Plaster is read as the answer “cement or red brick”."),
        "wall": _(
            "“Another material” counts, since it holds tarpaulin, cardboard, thatch and zinc. "
            "Masonry counts as unplastered when it was seen to be of poor quality."
        ),
        "toilet": _(
            "Toilets shared with particular households or in a communal block count as those of a community, "
            "public ones do not, and neither does a toilet that nobody uses."
        ),
    }

    cut_off: int = 6
    near_poor_at: int | None = None

    def check_bands(self) -> None:
        bounds = {"near_poor_at": self.near_poor_at, "cut_off": self.cut_off}
        check_rising(bounds, least=1, most=len(COUNTED))

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        return (NO_DWELLING, *COUNTED)

    def judge(self, facts: Facts) -> Verdict:
        if facts.has_dwelling is False:
            reasons, _missing = weigh((NO_DWELLING,), facts)
            return Verdict(Status.POOR, len(reasons), reasons)
        return Method.judge(self, facts)

    def grade(self, score: int) -> Status:
        return grade_by_count(score, {Status.POOR: self.cut_off, Status.NEAR_POOR: self.near_poor_at})


def _electricity(facts: Facts) -> Finding:
    """Only a metered connection has a capacity to ask for."""
    lighting, power = facts.lighting, facts.power
    if lighting is None:
        return unanswered(lighting=lighting, power=power)
    if lighting == 4:
        return met(_("Light comes from %(answer)s."), answer=codes.LIGHTING[lighting])
    if lighting != 1:
        return not_met(_("Light comes from %(answer)s."), answer=codes.LIGHTING[lighting])
    if power is None:
        return unanswered(power=power)
    if power == 1:
        return met(_("The electric meter allows only %(answer)s."), answer=codes.POWER[power])
    return not_met(_("The electric meter allows %(answer)s."), answer=codes.POWER[power])


NO_DWELLING = Criterion(
    "",
    "no_dwelling",
    _("No dwelling to live in"),
    yes_no(
        "has_dwelling",
        poor=False,
        yes=_("The household has no dwelling, which makes it poor directly."),
        no=_("The household has a dwelling."),
    ),
)

COUNTED = (
    Criterion(
        "a",
        "head_not_working",
        _("Head does not work"),
        yes_no(
            "head_works",
            poor=False,
            yes=_("The head of the household does not work."),
            no=_("The head of the household works."),
        ),
    ),
    Criterion(
        "b",
        "food_worry",
        _("Worried about food, or went without, in the past year"),
        yes_no(
            "worried_about_food",
            poor=True,
            yes=_("In the past year the household worried about food or went without."),
            no=_("In the past year the household neither worried about food nor went without."),
        ),
    ),
    Criterion(
        "c",
        "food_share",
        _("Food takes more than half of spending"),
        yes_no(
            "food_over_half",
            poor=True,
            yes=_("Food takes more than half of what the household spends."),
            no=_("Food takes half or less of what the household spends."),
        ),
    ),
    Criterion(
        "d",
        "no_clothes",
        _("Bought no clothes in the past year"),
        yes_no(
            "bought_clothes",
            poor=False,
            yes=_("In the past year the household bought no clothes."),
            no=_("In the past year the household bought clothes."),
        ),
    ),
    Criterion("e", "floor", _("Floor of earth or plaster"), floor(poor={6, 8})),
    Criterion(
        "f", "wall", _("Walls of bamboo, boards, zinc or unplastered masonry"), wall(poor={2, 3, 4, 5, 6, 7})
    ),
    Criterion(
        "g",
        "toilet",
        _("No toilet of its own or its community"),
        coded(
            "toilet",
            codes.TOILET,
            poor=(4, 5, 6),
            yes=_("The household has %(answer)s, which counts as poor."),
            no=_("The household has %(answer)s."),
        ),
    ),
    Criterion("h", "electricity", _("Electricity of 450 VA, or none"), _electricity),
)
