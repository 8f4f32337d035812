"""What each role may do, and whose data it sees. Roles are code: a change is reviewed, tested and released.

``may`` holds Django permission names (``app.action_model``), so views, API and admin ask one question.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    VILLAGE_OPERATOR = "village_operator", _("Village operator")
    DISTRICT_VERIFIER = "district_verifier", _("District verifier")
    SOCIAL_OFFICE = "social_office", _("Social affairs office")
    SECRETARIAT = "secretariat", _("TKPK secretariat (Bappeda)")
    TKPK_MEMBER = "tkpk_member", _("TKPK member")
    AGENCY_OFFICE = "agency_office", _("Agency office")
    AUDITOR = "auditor", _("Auditor")
    SUPERADMIN = "superadmin", _("System administrator")


class Sees(StrEnum):
    """Whose households a role may read."""

    NOBODY = "nobody"
    OWN_AREA = "own_area"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Grant:
    sees: Sees
    may: frozenset[str]
    own_agency_only: bool = False
    # The length of the code of the widest area it may be given: 13 a village, 8 a district.
    widest_area: int = 0

    @property
    def exports_names(self) -> bool:
        """May take people's names away beyond one area: such a role signs in with a second factor.

        The others see one area, which is no wider than ``widest_area``.
        """
        return self.sees is Sees.EVERYBODY or "programs.view_targetrow" in self.may


READ_PEOPLE = {
    "registry.view_area",
    "households.view_household",
    "households.view_family",
    "households.view_member",
    "households.view_assessment",
    "households.view_scheme",
    "households.view_povertystatus",
}
ENTER_PEOPLE = READ_PEOPLE | {
    "registry.open_admin",
    "households.add_household",
    "households.change_household",
    "households.add_family",
    "households.change_family",
    "households.add_member",
    "households.change_member",
    "households.add_assessment",
    "households.view_importbatch",
    "households.add_importbatch",
}
# Whose work it is to compare a number with the card, one at a time and with a reason.
COMPARE_CARDS = {"households.reveal_number"}
RECEIVE_REQUESTS = {"households.view_subjectrequest", "households.add_subjectrequest"}
DECIDE_REQUESTS = RECEIVE_REQUESTS | {"households.decide_request"}
READ_PROGRAMS = {
    "registry.view_area",
    "registry.view_agency",
    "programs.view_program",
    "programs.view_targetlist",
    "programs.view_realisation",
    "programs.view_coordination",
}
READ_TARGETS = {"programs.view_targetrow"}
STEER_PROGRAMS = (
    READ_PROGRAMS
    | READ_TARGETS
    | {
        "registry.open_admin",
        "registry.add_agency",
        "registry.change_agency",
        "programs.add_program",
        "programs.change_program",
        "programs.add_targetlist",
        "programs.approve_targetlist",
        "programs.add_realisation",
    }
)
AUDIT = {"registry.open_admin", "registry.view_user", "registry.view_auditevent", "registry.view_accesslog"}


GRANTS: dict[str, Grant] = {
    Role.VILLAGE_OPERATOR: Grant(
        Sees.OWN_AREA, frozenset(ENTER_PEOPLE | COMPARE_CARDS | RECEIVE_REQUESTS), widest_area=13
    ),
    Role.DISTRICT_VERIFIER: Grant(
        Sees.OWN_AREA,
        frozenset(ENTER_PEOPLE | COMPARE_CARDS | DECIDE_REQUESTS | {"programs.view_coordination"}),
        widest_area=8,
    ),
    Role.SOCIAL_OFFICE: Grant(
        Sees.EVERYBODY,
        frozenset(ENTER_PEOPLE | COMPARE_CARDS | DECIDE_REQUESTS | READ_PROGRAMS | READ_TARGETS),
    ),
    Role.SECRETARIAT: Grant(
        Sees.EVERYBODY,
        frozenset(
            READ_PEOPLE
            | STEER_PROGRAMS
            | {
                "households.add_scheme",
                "households.change_scheme",
                "households.view_importbatch",
            }
        ),
    ),
    Role.TKPK_MEMBER: Grant(Sees.NOBODY, frozenset({"registry.view_area", "programs.view_coordination"})),
    Role.AGENCY_OFFICE: Grant(
        Sees.NOBODY,
        frozenset(
            (READ_PROGRAMS - {"programs.view_coordination"})
            | READ_TARGETS
            | {"programs.add_realisation", "registry.issue_token"}
        ),
        own_agency_only=True,
    ),
    Role.AUDITOR: Grant(
        Sees.EVERYBODY,
        frozenset(
            READ_PEOPLE
            | READ_PROGRAMS
            | READ_TARGETS
            | AUDIT
            | {"households.view_importbatch", "households.view_subjectrequest"}
        ),
    ),
    Role.SUPERADMIN: Grant(
        Sees.EVERYBODY,
        frozenset(
            ENTER_PEOPLE
            | STEER_PROGRAMS
            | AUDIT
            | RECEIVE_REQUESTS  # who keeps the accounts decides on nobody's rights
            | {
                "households.purge_data",
                "registry.add_area",
                "registry.change_area",
                "registry.add_user",
                "registry.change_user",
                "households.add_scheme",
                "households.change_scheme",
            }
        ),
    ),
}
