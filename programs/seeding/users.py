"""One user for each role of the demonstration, all with one known password: never in production."""

from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from registry.audit import deed
from registry.errors import Conflict
from registry.models import Agency, Area, User
from registry.roles import Role
from registry.views import DEMO_ACCOUNTS

DEMO_PASSWORD = "simpul-contoh-2026"  # noqa: S105 - printed on the screen of the demonstration
VILLAGE, DISTRICT = "64.02.06.2012", "64.02.06"


class Login(NamedTuple):
    username: str
    role: Role
    name: str
    area: str = ""
    agency: str = ""


LOGINS = (
    Login("desa", Role.VILLAGE_OPERATOR, "Operator Desa", area=VILLAGE),
    Login("kecamatan", Role.DISTRICT_VERIFIER, "Verifikator Kecamatan", area=DISTRICT),
    Login("dinsos", Role.SOCIAL_OFFICE, "Petugas Dinas Sosial", agency="dinsos"),
    Login("bappeda", Role.SECRETARIAT, "Sekretariat TKPK", agency="bappeda"),
    Login("tkpk", Role.TKPK_MEMBER, "Anggota TKPK"),
    Login("disperkim", Role.AGENCY_OFFICE, "Petugas Disperkim", agency="disperkim"),
    Login("auditor", Role.AUDITOR, "Auditor"),
    Login("admin", Role.SUPERADMIN, "Administrator"),
)


def ensure_users() -> int:
    """Adds those that are missing, by username; returns how many. Raises Conflict in production."""
    if settings.IS_PRODUCTION:
        raise Conflict(_("The demonstration's users have a known password."), code="production")
    present = set(User.objects.values_list("username", flat=True))
    missing = [login for login in LOGINS if login.username not in present]
    agencies = {agency.code: agency for agency in Agency.objects.all()}
    areas = Area.objects.in_bulk([login.area for login in missing if login.area])
    for login in missing:
        with deed("add_user", by=None) as act:
            user = User.objects.create_user(
                login.username,
                DEMO_PASSWORD,
                role=login.role,
                first_name=login.name,
                area=areas.get(login.area),
                agency=agencies.get(login.agency),
            )
            act.about(user, role=login.role.value)
    return len(missing)


def show_logins() -> None:
    """On the sign-in page of the demo."""
    DEMO_ACCOUNTS[:] = [
        {"username": login.username, "password": DEMO_PASSWORD, "label": login.role.label} for login in LOGINS
    ]
