"""What this room shows on the household page: support received, and why (not) for each programme of the
year.
"""

from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from households.models import Household
from households.panels import PANELS, Panel
from programs.candidates import day_of
from programs.models import Program, Realisation, TargetRow
from programs.targeting import explain
from registry.models import User


def support(household: Household, user: User) -> dict[str, Any] | None:
    """Two queries and one for each programme of the year."""
    if not user.has_perm("programs.view_program"):
        return None
    today = timezone.localdate()
    rows = (
        TargetRow.objects.visible_to(user)
        .filter(household=household, target_list__state="frozen")
        .select_related("target_list__program__agency")
        .prefetch_related(Prefetch("realisations", Realisation.objects.current()))
        .order_by("-target_list__program__year", "target_list__program__name", "-target_list__version")
    )
    programs = Program.objects.visible_to(user).filter(year=today.year).prefetch_related("criteria")
    return {
        "rows": [(row, row.realisations.all()) for row in rows],
        "explained": [
            {
                "program": program,
                "reasons": reasons,
                "is_eligible": bool(reasons)
                and not household.is_closed
                and all(each.is_met for each in reasons),
            }
            for program in programs
            for reasons in [explain(household, program.rules(), on=day_of(program, today))]
        ],
    }


PANELS.append(Panel("programs/_household_panel.html", support))
