"""Checks of the dwelling that more than one method makes, each with its own list of poor materials."""

from collections.abc import Collection

from households.poverty import codes
from households.poverty.criteria import Check, Finding, coded, met, not_met, unanswered
from households.poverty.facts import Facts
from households.poverty.text import gettext_noop as _


def floor(*, poor: Collection[int]) -> Check:
    return coded(
        "floor",
        codes.FLOOR,
        poor=poor,
        yes=_("The floor is mostly %(answer)s, which counts as poor."),
        no=_("The floor is mostly %(answer)s."),
    )


def wall(*, poor: Collection[int]) -> Check:
    """A poor material counts whatever its state; any other counts when it was seen to be of poor quality."""

    def check(facts: Facts) -> Finding:
        material, is_poor = facts.wall, facts.wall_is_poor_quality
        if material is not None and material in poor:
            return met(
                _("The walls are mostly %(answer)s, which counts as poor."), answer=codes.WALL[material]
            )
        if is_poor:
            return met(_("The walls are of poor quality."))
        if material is None or is_poor is None:
            return unanswered(wall=material, wall_is_poor_quality=is_poor)
        return not_met(
            _("The walls are mostly %(answer)s, not of poor quality."), answer=codes.WALL[material]
        )

    return check
